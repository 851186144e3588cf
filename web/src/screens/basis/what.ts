// What-ifs: a changed copy of the document. Everything that is changed stands in it, so that a kept run says what was asked.
import { csvLine, readCsv } from '../../base/csv';
import type { Document } from './types';

export interface Change {
    round: number; // an extra round on this day; 0: none
    sealed: number; // more residents of sealed zones
    sampler: number; // people a sampler takes in a day; 250 as in the tables
    mode: string;
    scenario: string;
    supplierOut: boolean;
}
export const UNCHANGED: Change = { round: 0, sealed: 0, sampler: 250, mode: 'normal', scenario: 'controlled', supplierOut: false };
export const SHARE = 0.857;

export function isChanged(change: Change): boolean {
    return JSON.stringify(change) !== JSON.stringify(UNCHANGED);
}

// Copies what hangs on one driver to a new one: its staff, its direct items, and the drivers that follow it.
export function withMore(tables: Record<string, string>, driver: string, more: string): Record<string, string> {
    const sheets = Object.fromEntries(Object.entries(tables).map(([name, text]) => [name, readCsv(text, 5000)]));
    const drivers = sheets.drivers!;
    const head = drivers[0]!;
    const at = (name: string): number => head.indexOf(name);
    const names = new Map([[driver, more]]);
    for (const row of drivers.slice(1)) {
        if (names.has(row[at('of')]!)) names.set(row[at('driver')]!, `${row[at('driver')]}_more`);
    }
    for (const row of drivers.slice(1)) {
        const name = names.get(row[at('driver')]!);
        if (!name) continue;
        const copy = [...row];
        copy[at('driver')] = name;
        copy[at('cap')] = '';
        copy[at('of')] = names.get(row[at('of')]!) ?? '';
        if (row[at('driver')] === driver) {
            copy[at('rule')] = 'fixed';
            copy[at('days')] = '';
            for (const column of ['low', 'middle', 'high']) copy[at(column)] = '1';
        }
        drivers.push(copy);
    }
    for (const sheet of ['staffing', 'direct']) {
        const rows = sheets[sheet]!;
        const column = rows[0]!.indexOf('driver');
        for (const row of rows.slice(1)) {
            const name = names.get(row[column]!);
            if (name) rows.push(row.map((cell, i) => (i === column ? name : cell)));
        }
    }
    return Object.fromEntries(Object.entries(sheets).map(([name, rows]) => [name, rows.map(csvLine).join('')]));
}

// Samplers take more or fewer people a day: the shifts of those who sample in rounds.
export function withSampler(tables: Record<string, string>, people: number): Record<string, string> {
    const rows = readCsv(tables.staffing!, 5000);
    const head = rows[0]!;
    const [driver, level] = [head.indexOf('driver'), head.indexOf('level')];
    for (const row of rows.slice(1)) {
        if (row[driver] !== 'sampling' || row[level] !== 'SA') continue;
        for (const column of ['low', 'middle', 'high']) row[head.indexOf(column)] = (1 / people).toPrecision(6);
    }
    return { ...tables, staffing: rows.map(csvLine).join('') };
}

export function changed(document: Document, tables: Record<string, string>, change: Change): Document {
    const next: Document = structuredClone(document);
    let sheets = tables;
    next.mode = change.mode;
    if (next.scenario) next.scenario = change.scenario;
    if (change.round > 0) {
        const scenarios = next.rounds ?? [{ name: 'what-if', weight: 1, rounds: [] }];
        for (const scenario of scenarios) scenario.rounds = [...scenario.rounds, { day: change.round, share: SHARE }].sort((a, b) => a.day - b.day);
        next.rounds = scenarios;
    }
    if (change.sampler !== UNCHANGED.sampler) sheets = withSampler(sheets, change.sampler);
    if (change.sealed > 0) {
        sheets = withMore(sheets, 'sealed', 'sealed_more');
        const first = (next as unknown as { places: { amounts?: Record<string, number> }[] }).places[0]!;
        first.amounts = { ...first.amounts, sealed_more: change.sealed };
    }
    if (sheets !== tables) next.tables = sheets;
    if (change.supplierOut) for (const stock of next.stocks ?? []) if (stock.inflow) stock.inflow = stock.inflow.map((q, day) => (day === 0 ? q : 0));
    return next;
}
