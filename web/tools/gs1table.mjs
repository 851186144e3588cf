// Writes src/scan/gs1_table.ts from the table of the C codec: node gs1table.mjs. The twin in the browser must know the same identifiers;
// a test fails when the two differ. Rules that the twin does not know are marked "?", and it then leaves the judgement to the server.
import { readFileSync, writeFileSync } from 'node:fs';

const source = readFileSync(new URL('../../src/codec/gs1_ai.def', import.meta.url), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
const KNOWN = { CSUM: 'c', GCPPOS1: 'p', GCPPOS2: 'q', YYMMD0: 'd', YYMMDD: 'D', HHMI: 'h', NONZERO: 'z' };

const rows = [];
for (const match of source.matchAll(/GS1_AI\("(\d+)", "(\d+)", (\w+), (\w+), "([^"]*)", "([^"]*)", "([^"]*)", "[^"]*", "[^"]*",\s*([\s\S]*?)\)\n(?=GS1_AI|$|\s*$)/g)) {
    const [, first, last, end, attribute, key, need, never, parts] = match;
    const components = [...parts.matchAll(/(MUST|MAY)\((\w), (\d+), (\d+)((?:, RULE_\w+)*)\)/g)].map(([, must, set, min, max, rules]) => {
        const letters = [...rules.matchAll(/RULE_(\w+)/g)].map((r) => KNOWN[r[1]] ?? '?').join('');
        return `${must === 'MAY' ? '~' : ''}${set}${min}${max === min ? '' : `-${max}`}${letters}`;
    });
    rows.push([first === last ? first : `${first}:${last}`, `${end === 'FIXED' ? 'F' : ''}${attribute === 'ATTRIBUTE' ? 'A' : ''}`, components.join('+'), key, need, never].join(';'));
}
const count = (source.match(/GS1_AI\(/g) ?? []).length;
if (rows.length !== count) throw new Error(`read ${rows.length} of ${count} rows`);

const text = `// Made by tools/gs1table.mjs from src/codec/gs1_ai.def (facts of the GS1 Barcode Syntax Dictionary, release 2026-01-27, GS1 AISBL,
// Apache License 2.0). One row a line: first[:last];F fixed, A attribute;components;qualifiers ("-": no key);needs;never.
export const TABLE = \`${rows.join('\n')}\`;
`;
const target = new URL('../src/scan/gs1_table.ts', import.meta.url);
if (process.argv[2] === '--check') process.exit(readFileSync(target, 'utf8') === text ? 0 : 1);
writeFileSync(target, text);
