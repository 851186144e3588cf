// The browser's check of Merkle proofs against the shared vectors.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inclusionHolds, leafOf, toHex } from '../src/screens/journal/proof';

describe('proof', () => {
    const lines = readFileSync(new URL('../../tests/data/merkle_proofs.txt', import.meta.url), 'utf8').split('\n').filter((l) => l.startsWith('inclusion '));
    it('judges every shared inclusion proof as its verdict says', async () => {
        expect(lines.length).toBeGreaterThan(50);
        for (const line of lines) {
            const [, verdict, name, index, size, leaf, root, proof] = line.split(' ') as string[];
            const hashes = proof === '.' ? [] : proof!.split(',').map((p) => (p === '-' ? '' : p));
            expect(await inclusionHolds(leaf!, Number(index), Number(size), hashes, root === '-' ? '' : root!), name).toBe(verdict === 'good');
        }
    });
    it('makes a leaf of salt and body', async () => {
        // printf '\0saltsaltsaltsalt{}' | sha256sum
        expect(toHex(await leafOf(new TextEncoder().encode('saltsaltsaltsalt'), '{}'))).toBe('15f0b6b9c7963e07ac69db6f467496c2f68a230f14bd3b9078be4170e7c58239');
    });
});
