#!/usr/bin/env node
// The web application's own logic (vitest), as TAP for prove.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const web = new URL('../../web', import.meta.url).pathname;
if (!existsSync(`${web}/node_modules/vitest`)) {
    console.log('1..0 # SKIP the web packages are not installed');
    process.exit(0);
}
const run = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--reporter=tap-flat'], { cwd: web, encoding: 'utf8' });
process.stdout.write(run.stdout);
process.stderr.write(run.stderr);
process.exit(run.status ?? 1);
