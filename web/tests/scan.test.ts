// The scan pipeline without a scanner: merging codes of one pack, dates, keyboards that are scanners.
import { describe, expect, it } from 'vitest';
import { candidateOf, Conflict, gs1Date, merge, NOTHING, read } from '../src/scan/candidate';
import { Gs1Error, parseScan } from '../src/scan/gs1';
import { QUIET, wedgeKey, type WedgeState } from '../src/scan/wedge';

const TODAY = '2022-01-12';

function type(text: string, gapMs: number, end = 'Enter'): string | undefined {
    let state: WedgeState = QUIET;
    let at = 1000;
    for (const key of [...text, end]) {
        at += gapMs;
        const result = wedgeKey(state, { key: key === '\x1d' ? 'F8' : key, ctrl: false, keyCode: 65, at });
        state = result.state;
        if (result.scan !== undefined) return result.scan;
    }
    return undefined;
}

describe('candidate', () => {
    it('reads GTIN, lot and dates from one code', () => {
        const c = candidateOf(parseScan(']d201095212345432131723123110L7\x1d2199'), TODAY);
        expect(c).toEqual({ ...NOTHING, gtin: '09521234543213', lot: 'L7', expiry: '2023-12-31', serial: '99' });
    });
    it('takes day 00 as the last of the month and settles the century', () => {
        expect(gs1Date('240200', TODAY)).toBe('2024-02-29');
        expect(gs1Date('730101', TODAY)).toBe('1973-01-01');
        expect(gs1Date('720101', TODAY)).toBe('2072-01-01');
        expect(gs1Date('231301', TODAY)).toBe('');
    });
    it('merges two codes of one pack and never overwrites what is known', () => {
        const first = candidateOf(parseScan('0109521234543213'), TODAY);
        const second = { ...NOTHING, lot: 'L7', expiry: '2023-12-31' };
        const both = merge(first, second);
        expect(both).toMatchObject({ gtin: '09521234543213', lot: 'L7', expiry: '2023-12-31' });
        expect(merge(both, first)).toEqual(both);
        expect(() => merge(both, { ...NOTHING, lot: 'L8' })).toThrow(Conflict);
        expect(both.lot).toBe('L7');
    });
    it('keeps foreign codes whole and refuses wrong GS1', () => {
        expect(read('MA.156.M0.100001.1231', TODAY).candidate.other).toBe('MA.156.M0.100001.1231');
        expect(() => read('0109521234543214', TODAY)).toThrow(Gs1Error);
        expect(() => read(']d2019521', TODAY)).toThrow(Gs1Error);
    });
});

describe('wedge', () => {
    it('takes fast keys as a scan and leaves a typist alone', () => {
        expect(type('010952123454321310L7\x1d2199', 3)).toBe('010952123454321310L7\x1d2199');
        expect(type('0109521234543213', 120)).toBeUndefined();
        expect(type('12345', 3)).toBeUndefined();
    });
    it('sees an input method swallowing the keys', () => {
        expect(wedgeKey(QUIET, { key: 'Process', ctrl: false, keyCode: 229, at: 5 }).ime).toBe(true);
    });
});
