// The ledger as the screens use it: types of its answers, and the few calls that more than one screen makes.
import { get, write } from './client';
import { keep, kept } from './outbox';
import { asProblem } from './problem';
import type { Key } from '../i18n/index';
import type { Known, Line, Stocked } from '../scan/session';

export interface AccountKey {
    place: string;
    bin?: string | null;
    owner?: string | null;
    item: string;
    lot?: string | null;
    status: string;
}

export interface Balance extends AccountKey {
    id: string;
    qty: number;
    held: number;
    batch?: string | null;
    expiry?: string | null;
}

export interface Seven {
    on_hand: number;
    usable: number;
    allocated: number;
    on_hold: number;
    in_transit: number;
    available: number;
    deficit: number;
}

export interface StockCell extends Seven {
    item: string;
    place: string;
}

export interface Movement {
    id: string;
    document: string;
    line: number;
    from: AccountKey;
    to: AccountKey;
    qty: number;
    reason: string;
    occurred_at: string;
    recorded_at: string;
    late?: boolean;
    actor?: string | null;
    reverses?: string | null;
    reversed_by?: string | null;
    note?: string | null;
}

export interface Document {
    id: string;
    kind: string;
    number: string;
    place: string;
    other?: string | null;
    reference?: string | null;
    note?: string | null;
    occurred_at: string;
    recorded_at: string;
    actor?: string | null;
    lines?: number;
}

export interface Posted {
    document: Document;
    movements: Movement[];
    reviews?: { id: string; kind: string; qty: number }[];
}

export interface Lot {
    id: string;
    item: string;
    batch: string;
    maker?: string;
    made?: string | null;
    expiry?: string | null;
    certificate?: string;
    state: string;
}

// Asks the server, and without network answers what it said last time.
async function orKept<T>(key: string, ask: () => Promise<T>): Promise<T> {
    try {
        const answer = await ask();
        void keep(key, answer);
        return answer;
    } catch (error) {
        const last = asProblem(error).passing ? await kept<T>(key) : null;
        if (last) return last.data;
        throw error;
    }
}

// The item behind a code as scanned or typed; null when no item has it.
export function lookUpCode(code: string): Promise<Known | null> {
    return orKept(`scan/${code}`, async () => {
        const found = await get<{ item: { id: string; unit: string; lotted: boolean } | null; units: number }>('/scan', { code });
        return found.item ? { item: found.item.id, unit: found.item.unit, lotted: found.item.lotted, units: found.units || 1 } : null;
    });
}

// What may be taken from a place: its usable lots; a lot of which only blocked goods stand there is named as such.
export function stockedAt(place: string): Promise<Stocked[]> {
    return orKept(`stocked/${place}`, () => readStocked(place));
}

async function readStocked(place: string): Promise<Stocked[]> {
    const lots = new Map<string, Stocked>();
    let cursor: string | null = null;
    do {
        const page: { rows: Balance[]; next: string | null } = await get('/balances', { place, limit: 500, cursor });
        for (const b of page.rows) {
            if (b.status !== 'usable' && b.status !== 'hold' && b.status !== 'recalled') continue;
            const key = `${b.item}/${b.lot ?? ''}`;
            const lot = lots.get(key) ?? { item: b.item, lot: b.lot ?? '', batch: b.batch ?? '', expiry: b.expiry ?? null, available: 0, blocked: true };
            if (b.status === 'usable') {
                lot.available += b.qty - b.held;
                lot.blocked = false;
            }
            lots.set(key, lot);
        }
        cursor = page.next;
    } while (cursor);
    return [...lots.values()];
}

export interface Task {
    mode: 'receive' | 'issue';
    kind: string;
    reasons: string[];
    other: 'none' | 'may' | 'must';
    title: Key;
}

export const TASKS: Record<string, Task> = {
    receive: { mode: 'receive', kind: 'receive', reasons: ['purchase', 'donation', 'requisition', 'return', 'opening'], other: 'may', title: 'work.receive' },
    send: { mode: 'issue', kind: 'send', reasons: ['allocation', 'return'], other: 'must', title: 'work.send' },
    issue: { mode: 'issue', kind: 'issue', reasons: ['handover', 'allocation'], other: 'must', title: 'work.issue' },
    use: { mode: 'issue', kind: 'use', reasons: ['use', 'sample'], other: 'none', title: 'work.use' },
};

export interface PostHead {
    task: string;
    place: string;
    other: string | null;
    reason: string;
    reference: string;
    note: string;
    status: string;
}

// The lot of each line: found, or registered where goods come in with a batch nobody has seen before.
async function lotOf(line: Line, stocked: Stocked[] | null, register: boolean): Promise<string | null> {
    if (line.batch === '') return null;
    const here = stocked?.find((s) => s.item === line.item && s.batch === line.batch);
    if (here) return here.lot;
    const found = await orKept(`lot/${line.item}/${line.batch}`, async () => (await get<{ rows: Lot[] }>('/lots', { item: line.item, batch: line.batch, limit: 2 })).rows[0]?.id ?? null);
    if (found) return found;
    if (!register) return null;
    const body: Record<string, unknown> = { item: line.item, batch: line.batch };
    if (line.expiry) body.expiry = line.expiry;
    if (line.made) body.made = line.made;
    const made = await write<Lot>('POST', '/lots', body);
    void keep(`lot/${line.item}/${line.batch}`, made.id);
    return made.id;
}

// Posts the clerk's lines as one document.
export async function postWork(head: PostHead, lines: Line[], stocked: Stocked[] | null, label: string): Promise<Posted> {
    const task = TASKS[head.task]!;
    const incoming = task.mode === 'receive';
    const posted = [];
    for (const line of lines) {
        const lot = await lotOf(line, stocked, incoming);
        const goods = lot ? { item: line.item, lot } : { item: line.item };
        const from = incoming ? { ...goods, place: head.other ?? head.place, status: 'source' } : { ...goods, place: head.place, status: 'usable' };
        const to = incoming ? { place: head.place, status: head.status } : task.kind === 'use' ? { place: head.place, status: 'used' } : { place: head.other! };
        posted.push({ from, to, qty: line.quantity });
    }
    const body: Record<string, unknown> = { kind: task.kind, reason: head.reason, place: head.place, lines: posted };
    if (head.other) body.other = head.other;
    if (head.reference) body.reference = head.reference;
    if (head.note) body.note = head.note;
    return write<Posted>('POST', '/documents', body, { label, keep: true });
}
