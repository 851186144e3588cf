// Posts over HTTP on PostgreSQL against a set-based function in plain SQL on the same cluster, in the same minutes, for batches of at most
// 100 movements: documents of one line from 64 clients against calls of 64 documents, and documents of 100 lines from 8 clients against
// calls of one such document.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, bar, bin, load, machine, median, people, ratio, receipt, rounds, say, seconds, serve } from './lib.mjs';

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'bench-pg-'));
chmodSync(folder, 0o755);
const sql = join(folder, 'pg');
const run = (command, args) => execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });

function called(docs, lines, clients) {
    const script = join(folder, 'call.sql');
    writeFileSync(script, `SELECT bench_post(${docs}, ${lines}, 800, 700);\n`);
    const out = run('/usr/lib/postgresql/15/bin/pgbench', ['-h', sql, '-U', 'postgres', '-n', '-M', 'prepared', '-f', script, '-c', String(clients), '-j', '1', '-T', String(seconds), 'baogong']);
    return Number(/tps = ([\d.]+)/.exec(out)[1]) * docs * lines;
}

async function main() {
    machine();
    const address = run('tools/pg.sh', ['start', sql, 'fsync=on', 'full_page_writes=on', 'shared_buffers=256MB']).trim();
    try {
        execFileSync(bin, ['demo', '--db', address, '--people', join(folder, 'people.jsonl'), '--keys', folder], { stdio: 'ignore' });
        const server = await serve(address, ['--keys', folder]);
        say(`engine: ${server.said.engine}`);
        run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-h', sql, '-U', 'postgres', '-d', 'baogong', '-f', 'bench/postgres.sql']);
        const { keeper, keeperHeads } = await people(server, join(folder, 'people.jsonl'), folder);
        const rows = await all(keeper, '/balances?status=usable');
        for (const [lines, clients, docs] of [[1, 64, 64], [100, 8, 1]]) {
            const bodies = join(folder, `bodies-${lines}`);
            writeFileSync(bodies, Array.from({ length: lines > 1 ? 200 : 5000 }, () => receipt(rows, lines)).join('\n'));
            load(server, 'post', keeperHeads, bodies, clients, 1); // warm
            called(docs, lines, 1);
            const ours = [], plain = [], cpu = [];
            for (let i = 0; i < rounds; i++) {
                plain.push(Math.max(called(docs, lines, 1), called(docs, lines, 2)));
                const posted = load(server, 'post', keeperHeads, bodies, clients);
                ours.push(posted.per_s * lines);
                cpu.push(posted.cpu_us / lines);
            }
            const part = ratio(ours, plain);
            say(`documents of ${lines} lines: ${Math.round(median(ours))} movements/s over HTTP (${median(cpu).toFixed(0)} us CPU of the server each), ${Math.round(median(plain))}/s by the function, ${docs * lines} a call`);
            bar(`PostgreSQL, documents of ${lines}, against a set-based function`, `${(part * 100).toFixed(0)} %`, part >= 0.6, '>= 60 %');
        }
        await server.stop();
    } finally {
        run('tools/pg.sh', ['stop', sql]);
        rmSync(folder, { recursive: true, force: true });
    }
}

await main();
