// The browser's GS1 reader against the vectors it shares with the C codec.
import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Gs1Error, parseBrackets, parseScan } from '../src/scan/gs1';

interface Vector {
    form: 'scan' | 'brackets';
    in: string;
    ok: boolean;
    want?: 'link';
    ai?: [string, string][];
    error?: string;
}

const file = new URL(process.env.GS1_VECTORS ?? '../../tests/vectors/gs1.json', import.meta.url);
const vectors: Vector[] = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors : [];

describe('gs1', () => {
    it('knows the identifiers of the C table', () => {
        execFileSync('node', [new URL('../tools/gs1table.mjs', import.meta.url).pathname, '--check']);
    });
    it('judges every shared vector as the server does, or leaves it to the server', () => {
        let sure = 0;
        for (const v of vectors) {
            // Vectors that ask for a link judge the writing of one, too; only their reading is ours.
            let got: string;
            let isSure = true;
            try {
                const scan = v.form === 'scan' ? parseScan(v.in) : parseBrackets(v.in);
                isSure = scan.sure;
                got = 'ok';
                if (v.ok && v.ai) expect(scan.elements.map((e) => [e.ai, e.value]), v.in).toEqual(v.ai);
            } catch (error) {
                if (!(error instanceof Gs1Error)) throw error;
                got = error.code;
            }
            if (got !== 'ok') expect(v.ok, `${v.in} refused with ${got}`).toBe(false);
            else if (isSure && !v.want) expect(v.ok, `${v.in} accepted, want ${v.error}`).toBe(true);
            if (got === (v.ok ? 'ok' : v.error)) sure++;
        }
        expect(sure).toBeGreaterThanOrEqual(vectors.length * 0.75);
    });
});
