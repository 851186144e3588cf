// Receive and issue beside Tryton on the same machine in the same minutes: CPU a line of our whole server (HTTP, rights, journal, database)
// against that of Tryton's process alone (called in process, its database's CPU left out).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, bar, bin, issue, load, people, receipt, say, serve } from './lib.mjs';

const theirs = spawnSync('bench/tryton.sh', process.argv.slice(2), { encoding: 'utf8' });
if (theirs.status === 3) {
    say(`Tryton: not measured, ${theirs.stderr.trim()}`);
    process.exit(0);
}
if (theirs.status !== 0) throw new Error(theirs.stderr);
const tryton = JSON.parse(theirs.stdout.trim().split('\n').pop());

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'bench-tryton-'));
const db = join(folder, 'city.db'), list = join(folder, 'people.jsonl');
execFileSync(bin, ['demo', '--db', db, '--people', list], { stdio: 'ignore' });
const server = await serve(db);
const { keeper, keeperHeads } = await people(server, list, folder);
const rows = (await all(keeper, '/balances?status=usable')).filter((r) => r.qty > 1000);
const bodies = (name, list) => (writeFileSync(join(folder, name), list.join('\n')), join(folder, name));
const receipts = bodies('receipts', Array.from({ length: 200 }, () => receipt(rows, 100)));
const issues = bodies('issues', Array.from({ length: 5000 }, () => issue(rows)));
load(server, 'post', keeperHeads, receipts, 4, 1); // warm
load(server, 'post', keeperHeads, issues, 4, 1);
const receive = load(server, 'post', keeperHeads, receipts, 4).cpu_us / 100;
const one = load(server, 'post', keeperHeads, issues, 64).cpu_us;
await server.stop();
rmSync(folder, { recursive: true, force: true });
const times = ((tryton.receive_ms + tryton.issue_ms) * 1000) / (receive + one);
say(`Tryton 6.0: receive ${tryton.receive_ms.toFixed(1)}, issue ${tryton.issue_ms.toFixed(1)} ms CPU a line; ours ${receive.toFixed(1)} and ${one.toFixed(1)} us`);
bar("receive + issue, CPU a line, against Tryton's", `${Math.round(times)} x less`, times >= 500, '>= 500 x less');
