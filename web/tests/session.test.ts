// The clerk's work: two codes of one pack, wrong scans, counting up, issuing from what stands there.
import { describe, expect, it } from 'vitest';
import { read } from '../src/scan/candidate';
import { dropLine, fillIn, setQuantity, startWork, take, type Known, type Stocked, type Work } from '../src/scan/session';

const TODAY = '2022-01-12';
const SUIT: Known = { item: '7', unit: '件', lotted: true, units: 1 };
const CARTON: Known = { ...SUIT, units: 50 };
const GTIN = '0109521234543213';
const WHOLE = `]d2${GTIN}1723123110L7`;

function scan(work: Work, raw: string, known: Known | null = SUIT, stocked: Stocked[] | null = null) {
    return take(work, read(raw, TODAY), known, stocked);
}

describe('receiving', () => {
    it('makes a line of one whole code and counts up', () => {
        const [one, outcome] = scan(startWork('receive', TODAY), WHOLE, CARTON);
        expect(outcome).toMatchObject({ kind: 'line', added: 50 });
        const [two] = scan(one, WHOLE, CARTON);
        expect(two.lines).toHaveLength(1);
        expect(two.lines[0]).toMatchObject({ batch: 'L7', expiry: '2023-12-31', quantity: 100, scanned: true });
    });
    it('merges two codes, in either order', () => {
        const [a, more] = scan(startWork('receive', TODAY), GTIN);
        expect(more).toEqual({ kind: 'more', missing: ['lot', 'expiry'] });
        const second = read(']C11723123110L7', TODAY);
        const [b, done] = take(a, second, null, null);
        expect(done.kind).toBe('line');
        expect(b.lines[0]).toMatchObject({ item: '7', batch: 'L7' });
        const [c, wait] = take(startWork('receive', TODAY), second, null, null);
        expect(wait).toEqual({ kind: 'more', missing: ['code'] });
        expect(scan(c, GTIN)[1].kind).toBe('line');
    });
    it('refuses the code of another pack and keeps what it had', () => {
        const [a] = scan(startWork('receive', TODAY), GTIN);
        const [b, refused] = scan(a, ']d20195012345678903' + '10X', { ...SUIT, item: '8' });
        expect(refused).toMatchObject({ kind: 'refused', why: 'conflict', facts: { field: 'gtin' } });
        expect(b.pending.gtin).toBe('09521234543213');
        expect(b.lines).toEqual([]);
    });
    it('refuses unknown codes, expired goods and a serial number twice', () => {
        expect(scan(startWork('receive', TODAY), GTIN, null)[1]).toMatchObject({ kind: 'refused', why: 'unknown-code' });
        expect(scan(startWork('receive', TODAY), `]d2${GTIN}1721123110L7`)[1]).toMatchObject({ kind: 'refused', why: 'expired' });
        const serial = `]d2${GTIN}1723123110L7\x1d21S1`;
        const [one] = scan(startWork('receive', TODAY), serial);
        expect(scan(one, serial)[1]).toMatchObject({ kind: 'refused', why: 'serial-twice' });
    });
    it('lets the clerk type what the codes leave open', () => {
        const [a] = scan(startWork('receive', TODAY), GTIN);
        const [b, outcome] = fillIn(a, { lot: 'L9', expiry: '2024-06-30', count: 12 }, null);
        expect(outcome).toMatchObject({ kind: 'line', added: 12 });
        expect(b.lines[0]).toMatchObject({ batch: 'L9', scanned: false });
        expect(dropLine(setQuantity(b, '7/L9', 5), '7/L9').lines).toEqual([]);
    });
});

describe('issuing', () => {
    const here: Stocked[] = [
        { item: '7', lot: '1', batch: 'L7', expiry: '2023-12-31', available: 60, blocked: false },
        { item: '7', lot: '2', batch: 'L6', expiry: '2022-01-01', available: 60, blocked: false },
        { item: '7', lot: '3', batch: 'L5', expiry: '2023-01-01', available: 60, blocked: true },
    ];
    const issue = (raw: string, known = CARTON) => scan(startWork('issue', TODAY), raw, known, here);
    it('takes a lot that stands here, its expiry from the ledger', () => {
        const [work, outcome] = issue(`]d2${GTIN}10L7`);
        expect(outcome).toMatchObject({ kind: 'line', added: 50 });
        expect(work.lines[0]!.expiry).toBe('2023-12-31');
        expect(scan(work, `]d2${GTIN}10L7`, CARTON, here)[1]).toMatchObject({ kind: 'refused', why: 'too-many', facts: { available: 60, wanted: 100 } });
    });
    it('refuses what is not here, blocked or expired', () => {
        expect(issue(`]d2${GTIN}10L1`)[1]).toMatchObject({ kind: 'refused', why: 'not-here' });
        expect(issue(`]d2${GTIN}10L5`)[1]).toMatchObject({ kind: 'refused', why: 'blocked' });
        expect(issue(`]d2${GTIN}10L6`)[1]).toMatchObject({ kind: 'refused', why: 'expired' });
    });
});
