#!/usr/bin/env node
// The byte budgets: what a browser must load for the shell and for each screen, gzip, in the larger of the two languages.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const top = new URL('../..', import.meta.url).pathname;
const file = `${top}build/web-manifest.json`;
if (!existsSync(file)) {
    console.log('1..0 # SKIP the web application was not built');
    process.exit(0);
}
const manifest = JSON.parse(readFileSync(file, 'utf8'));
const sizes = new Map();
const gz = (path) => {
    if (!sizes.has(path)) sizes.set(path, gzipSync(readFileSync(`${top}web/dist/${path}`), { level: 9 }).length);
    return sizes.get(path);
};

// A chunk with everything that comes with it.
function closure(key, into = new Set()) {
    const chunk = manifest[key];
    if (!chunk || into.has(chunk.file)) return into;
    into.add(chunk.file);
    for (const css of chunk.css ?? []) into.add(css);
    for (const next of chunk.imports ?? []) closure(next, into);
    return into;
}
const sum = (files) => [...files].reduce((total, f) => total + gz(f), 0);
const kB = (bytes) => (bytes / 1000).toFixed(1);

let count = 0;
let failed = 0;
function within(bytes, limit, name) {
    count++;
    const good = bytes <= limit * 1000;
    if (!good) failed++;
    console.log(`${good ? 'ok' : 'not ok'} ${count} - ${name}: ${kB(bytes)} of ${limit} kB`);
}

const entry = Object.keys(manifest).find((k) => manifest[k].isEntry);
const words = ['src/i18n/zh.ts', 'src/i18n/en.ts'].sort((a, b) => gz(manifest[b].file) - gz(manifest[a].file))[0];
const later = ['src/i18n/zh_more.ts', 'src/i18n/en_more.ts'].sort((a, b) => gz(manifest[b].file) - gz(manifest[a].file))[0];
const shell = closure(words, closure(entry, new Set(['index.html'])));
within(sum(shell), 45, 'the shell');
const css = Object.values(manifest).flatMap((c) => c.css ?? []);
within(sum(new Set(css.filter((f) => !f.includes('history')))), 15, 'all style sheets');
for (const key of Object.keys(manifest).filter((k) => /^src\/screens\/\w+\/index\.tsx$/.test(k))) {
    const name = key.split('/')[2];
    const files = closure(key, new Set(shell));
    if (!['situation', 'readiness'].includes(name)) closure(later, files);
    if (name === 'situation') files.add('regions/120000.json');
    within(gz(manifest[key].file), 20, `the code of ${name}`);
    within(sum(files), name === 'situation' ? 95 : 120, `first load of ${name}`);
}
const history = closure('src/screens/stock/history.tsx', closure('src/screens/stock/index.tsx', closure(later, new Set(shell))));
within(sum(history), 120, 'first load of a history with its chart');
for (const f of readdirSync(`${top}web/dist/assets`).filter((f) => f.endsWith('.wasm'))) within(gz(`assets/${f}`), 420, 'the decoder of the camera, loaded only where one scans');
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
