// What a scan says about goods, and how two codes of one pack come together: what is known stays when the other code is silent, and
// what both say must agree. The twin of gs1_candidate in src/codec/gs1_goods.c.
import { Gs1Error, parseScan, type Scan } from './gs1';

export interface Candidate {
    gtin: string; // 14 digits
    lot: string;
    serial: string;
    sscc: string;
    gln: string;
    made: string; // ISO dates; "" unknown
    bestBefore: string;
    expiry: string;
    count: number | null;
    other: string; // a code that is not GS1 (MA, AHM, a firm's own), kept as it is
}

export const NOTHING: Candidate = { gtin: '', lot: '', serial: '', sscc: '', gln: '', made: '', bestBefore: '', expiry: '', count: null, other: '' };

// YYMMDD with the century rule: a year 51 or more ahead belongs to the last century, 50 or more back to the next. Day 00 is the last.
export function gs1Date(text: string, today: string): string {
    const match = /^(\d\d)(\d\d)(\d\d)/.exec(text);
    if (!match) return '';
    const now = Number(today.slice(0, 4));
    const ahead = Number(match[1]) - (now % 100);
    const year = now - (now % 100) + Number(match[1]) + (ahead >= 51 ? -100 : ahead <= -50 ? 100 : 0);
    const month = Number(match[2]);
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const day = Number(match[3]) || last;
    if (month < 1 || month > 12 || day > last) return '';
    return `${year}-${match[2]}-${String(day).padStart(2, '0')}`;
}

export function candidateOf(scan: Scan, today: string): Candidate {
    const find = (ai: string): string => scan.elements.find((e) => e.ai === ai)?.value ?? '';
    if (!find('01') && find('91').startsWith('BG')) {
        // A label printed here for goods without a GTIN: GS1's AIs for internal use.
        return { ...NOTHING, other: find('91').slice(2), lot: find('92'), expiry: gs1Date(find('93'), today), count: find('94') === '' ? null : Number(find('94')) };
    }
    const count = find('37') || find('30');
    return {
        gtin: find('01') || find('02'),
        lot: find('10'),
        serial: find('21'),
        sscc: find('00'),
        gln: find('414'),
        made: gs1Date(find('11'), today) || gs1Date(find('8008'), today),
        bestBefore: gs1Date(find('15'), today),
        expiry: gs1Date(find('17'), today) || gs1Date(find('7003'), today),
        count: count === '' ? null : Number(count),
        other: scan.form === 'plain' ? scan.plain : '',
    };
}

export class Conflict extends Error {
    constructor(readonly field: keyof Candidate, readonly known: string, readonly scanned: string) {
        super(`${field}: ${known} / ${scanned}`);
    }
}

// Neither candidate is changed; throws Conflict when they contradict each other.
export function merge(into: Candidate, from: Candidate): Candidate {
    const merged = { ...into };
    for (const field of Object.keys(NOTHING) as (keyof Candidate)[]) {
        const known = into[field];
        const scanned = from[field];
        if (scanned === '' || scanned === null || scanned === known) continue;
        if (known !== '' && known !== null) throw new Conflict(field, String(known), String(scanned));
        (merged as Record<string, unknown>)[field] = scanned;
    }
    return merged;
}

export interface Reading {
    raw: string;
    scan: Scan | null; // null: not GS1; the raw text is then looked up as it is
    candidate: Candidate;
    sure: boolean;
}

// A scanner's text as one reading. Text that is no GS1 at all (an MA or AHM code, a firm's own) is kept whole; text that is GS1 but
// wrong (a check digit, a date) is refused, because it will be wrong on paper too.
export function read(raw: string, today: string): Reading {
    try {
        const scan = parseScan(raw);
        return { raw, scan, candidate: candidateOf(scan, today), sure: scan.sure };
    } catch (error) {
        if (!(error instanceof Gs1Error)) throw error;
        if (error.code === 'gs1.required') {
            // Lot and expiry on a label of their own: right only together with the code of the goods, which is scanned before or after.
            const scan = parseScan(raw, true);
            return { raw, scan, candidate: candidateOf(scan, today), sure: scan.sure };
        }
        const foreign = (error.code === 'gs1.unknown-ai' || error.code === 'gs1.length' || error.code === 'gs1.character' || error.code === 'gs1.uri') && !looksGs1(raw);
        if (!foreign) throw error;
        return { raw, scan: null, candidate: { ...NOTHING, other: raw.replace(/^\][A-Za-z]\d/, '') }, sure: false };
    }
}

// What can only be meant as GS1: its symbology identifier or separator, brackets, or a GTIN behind 01.
function looksGs1(raw: string): boolean {
    return /^\](C1|e0|d2|Q3|J1|E0|E4)/.test(raw) || raw.includes('\x1d') || raw.startsWith('(') || /^01\d{14}/.test(raw);
}
