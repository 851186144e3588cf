// After vite: copies the region packs, takes vite's manifest out of what is served (the test of the byte budgets reads it), and writes
// the service worker's list of files.
import { readFileSync, readdirSync, writeFileSync, statSync, existsSync, mkdirSync, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';

const top = new URL('../..', import.meta.url).pathname;
const dist = join(top, 'web/dist');

mkdirSync(join(top, 'build'), { recursive: true });
renameSync(join(dist, '.vite/manifest.json'), join(top, 'build/web-manifest.json'));
rmSync(join(dist, '.vite'), { recursive: true });

const regions = join(top, 'data/regions');
if (existsSync(regions)) {
    mkdirSync(join(dist, 'regions'), { recursive: true });
    for (const file of readdirSync(regions)) if (file.endsWith('.json')) copyFileSync(join(regions, file), join(dist, 'regions', file));
}

function walk(folder, prefix = '') {
    return readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        return statSync(path).isDirectory() ? walk(path, `${prefix}${name}/`) : [`${prefix}${name}`];
    });
}

// The worker keeps the shell and every screen; the scanner's wasm and the maps are kept when they are first used.
const files = walk(dist).sort();
const kept = files.filter((f) => f !== 'sw.js' && !f.endsWith('.wasm') && !f.startsWith('regions/'));
const worker = join(dist, 'sw.js');
if (existsSync(worker)) {
    const digest = createHash('sha256');
    for (const f of kept) digest.update(f).update(readFileSync(join(dist, f)));
    const text = readFileSync(worker, 'utf8')
        .replace('"__VERSION__"', JSON.stringify(digest.digest('hex').slice(0, 16)))
        .replace('["__FILES__"]', JSON.stringify(kept.map((f) => (f === 'index.html' ? './' : f))));
    writeFileSync(worker, text);
}

let total = 0;
for (const f of files) {
    const raw = readFileSync(join(dist, f));
    const gz = gzipSync(raw, { level: 9 }).length;
    total += gz;
    if (process.env.VERBOSE) console.log(String(raw.length).padStart(8), String(gz).padStart(8), f);
}
console.log(`web: ${files.length} files, ${(total / 1000).toFixed(0)} kB gzip`);
