// The clerk's work as a pure state: readings come in, lines come out, and every refusal says why. Used for receiving and issuing alike.
import { Conflict, merge, NOTHING, type Candidate, type Reading } from './candidate';

// What the catalogue says about a code.
export interface Known {
    item: string;
    unit: string;
    lotted: boolean;
    units: number; // base units that one scan of the code stands for
}

// A lot that stands at the place, for issuing.
export interface Stocked {
    item: string;
    lot: string;
    batch: string;
    expiry: string | null;
    available: number;
    blocked: boolean;
}

export interface Line {
    key: string;
    item: string;
    batch: string;
    expiry: string;
    made: string;
    serials: string[];
    quantity: number;
    scanned: boolean; // false: typed
}

export interface Work {
    mode: 'receive' | 'issue';
    today: string;
    pending: Candidate;
    pendingKnown: Known | null;
    lines: Line[];
}

export type Outcome =
    | { kind: 'line'; line: Line; added: number }
    | { kind: 'more'; missing: ('code' | 'lot' | 'expiry')[] }
    | { kind: 'refused'; why: Refusal; facts: Record<string, string | number> };

export type Refusal = 'unknown-code' | 'conflict' | 'expired' | 'not-here' | 'blocked' | 'too-many' | 'serial-twice' | 'sscc';

export function startWork(mode: Work['mode'], today: string): Work {
    return { mode, today, pending: NOTHING, pendingKnown: null, lines: [] };
}

function missing(c: Candidate, known: Known | null): ('code' | 'lot' | 'expiry')[] {
    if (!known) return ['code'];
    if (!known.lotted) return [];
    const list: ('lot' | 'expiry')[] = [];
    if (c.lot === '') list.push('lot');
    if (c.expiry === '' && c.bestBefore === '') list.push('expiry');
    return list;
}

function refuse(work: Work, why: Refusal, facts: Record<string, string | number> = {}): [Work, Outcome] {
    return [work, { kind: 'refused', why, facts }];
}

// Takes one reading. `known` is what the catalogue says of the code in it (null: it holds no code, or the code is unknown); `stocked`
// the lots of the place when issuing.
export function take(work: Work, reading: Reading, known: Known | null, stocked: Stocked[] | null): [Work, Outcome] {
    const c = reading.candidate;
    const hasCode = c.gtin !== '' || c.other !== '';
    if (hasCode && !known) return refuse(work, 'unknown-code', { code: c.gtin || c.other });
    if (!hasCode && c.lot === '' && c.expiry === '' && c.sscc !== '') return refuse(work, 'sscc', { sscc: c.sscc });

    let merged: Candidate;
    try {
        merged = merge(work.pending, c);
    } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        return refuse(work, 'conflict', { field: error.field, known: error.known, scanned: error.scanned });
    }
    const now: Work = { ...work, pending: merged, pendingKnown: known ?? work.pendingKnown };
    const lacks = missing(merged, now.pendingKnown);

    // When issuing, the ledger knows the lot's expiry: the batch alone is enough.
    const enough = lacks.length === 0 || (work.mode === 'issue' && lacks.length === 1 && lacks[0] === 'expiry' && merged.lot !== '');
    if (!enough) return [now, { kind: 'more', missing: lacks }];
    return complete(now, work, stocked, true);
}

// What is pending becomes a line, or adds to one.
function complete(now: Work, before: Work, stocked: Stocked[] | null, scanned: boolean): [Work, Outcome] {
    const c = now.pending;
    const known = now.pendingKnown!;
    const cleared: Work = { ...before, pending: NOTHING, pendingKnown: null };
    let expiry = c.expiry || c.bestBefore;
    const key = `${known.item}/${c.lot}`;
    const line = before.lines.find((l) => l.key === key);
    const added = known.units * (c.count ?? 1);

    if (before.mode === 'issue' && stocked) {
        const lots = stocked.filter((s) => s.item === known.item);
        const lot = lots.find((s) => s.batch === c.lot);
        if (!lot) return refuse(cleared, 'not-here', { batch: c.lot || '—', here: lots.map((s) => s.batch).join(' ') || '—' });
        if (lot.blocked) return refuse(cleared, 'blocked', { batch: c.lot });
        expiry = lot.expiry ?? expiry;
        if ((line?.quantity ?? 0) + added > lot.available) return refuse(cleared, 'too-many', { available: lot.available, wanted: (line?.quantity ?? 0) + added });
    }
    if (expiry !== '' && expiry < before.today) return refuse(cleared, 'expired', { batch: c.lot, expiry });
    if (line && expiry !== '' && line.expiry !== '' && line.expiry !== expiry) {
        return refuse(cleared, 'conflict', { field: 'expiry', known: line.expiry, scanned: expiry });
    }
    if (c.serial !== '' && before.lines.some((l) => l.item === known.item && l.serials.includes(c.serial))) {
        return refuse(cleared, 'serial-twice', { serial: c.serial });
    }
    const next: Line = line
        ? {
            ...line,
            quantity: line.quantity + added,
            expiry: line.expiry || expiry,
            made: line.made || c.made,
            serials: c.serial ? [...line.serials, c.serial] : line.serials,
        }
        : { key, item: known.item, batch: c.lot, expiry, made: c.made, serials: c.serial ? [c.serial] : [], quantity: added, scanned };
    const lines = line ? before.lines.map((l) => (l.key === key ? next : l)) : [...before.lines, next];
    return [{ ...cleared, lines }, { kind: 'line', line: next, added }];
}

// The clerk fills in by hand what the codes left open.
export function fillIn(work: Work, fields: { lot?: string; expiry?: string; made?: string; known?: Known; count?: number }, stocked: Stocked[] | null): [Work, Outcome] {
    const pending: Candidate = {
        ...work.pending,
        lot: fields.lot?.trim() || work.pending.lot,
        expiry: fields.expiry || work.pending.expiry,
        made: fields.made || work.pending.made,
        count: fields.count ?? work.pending.count,
    };
    const now = { ...work, pending, pendingKnown: fields.known ?? work.pendingKnown };
    const lacks = missing(pending, now.pendingKnown);
    if (lacks.includes('code') || lacks.includes('lot')) return [now, { kind: 'more', missing: lacks }];
    return complete(now, work, stocked, false);
}

export function setQuantity(work: Work, key: string, quantity: number): Work {
    return { ...work, lines: work.lines.map((l) => (l.key === key ? { ...l, quantity } : l)) };
}

export function dropLine(work: Work, key: string): Work {
    return { ...work, lines: work.lines.filter((l) => l.key !== key) };
}

export function dropPending(work: Work): Work {
    return { ...work, pending: NOTHING, pendingKnown: null };
}
