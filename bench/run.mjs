// The bars of speed and size. Prints the machine and the versions, then one line a bar: what was measured, the bar, and whether it holds.
// Rates on shared machines drift, so what counts is a ratio of two things measured in the same minute, CPU time, bytes or counts.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, bar, bin, cpuOf, json, load, machine, median, missedBars, pause, people, quiet, ratio, receipt, rounds, rssMb, say, seconds, serve, tools } from './lib.mjs';
import { flows, locations } from './flows.mjs';
import { imports } from './imports.mjs';
import { screens } from './screens.mjs';
import { decisions } from './decisions.mjs';

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'bench-'));
const scale = Number(process.env.BENCH_SCALE ?? 1);

// The HTTP library alone, with a static answer.
function bare() {
    const child = spawn(`${tools}/static_http`, [], { stdio: ['ignore', 'pipe', 'ignore'] });
    return new Promise((resolve) => child.stdout.on('data', (data) => resolve({ child, url: `http://127.0.0.1:${JSON.parse(data).port}` })));
}

async function main() {
    machine();
    const db = join(folder, 'city.db'), list = join(folder, 'people.jsonl');
    const made = process.hrtime.bigint();
    execFileSync(bin, ['demo', '--db', db, '--scale', String(scale), '--people', list], { stdio: 'ignore' });
    say(`example city, scale ${scale}: ${(Number(process.hrtime.bigint() - made) / 1e9).toFixed(1)} s, ${(statSync(db).size / 1e6).toFixed(1)} MB`);
    copyFileSync(db, join(folder, 'raw.db'));
    const server = await serve(db);
    say(`engine: ${server.said.engine}`);
    const { keeper, keeperHeads: heads, planner, plannerHeads } = await people(server, list, folder);

    // Durable posts: receipts of one line over all lots that the depot holds.
    const rows = await all(keeper, '/balances?status=usable');
    const bodies = join(folder, 'bodies');
    writeFileSync(bodies, Array.from({ length: 5000 }, () => receipt(rows)).join('\n'));
    load(server, 'post', heads, bodies, 64, 1); // warm
    const posts = [], raws = [], syncs = [];
    for (let i = 0; i < rounds; i++) {
        syncs.push(json(`${tools}/raw_commit`, ['fdatasync', join(folder, 'sync'), '1']));
        raws.push(json(`${tools}/raw_commit`, [join(folder, 'raw.db'), '64', String(seconds), '800', '700']));
        posts.push(load(server, 'post', heads, bodies));
    }
    const postRate = posts.map((p) => p.per_s);
    say(`fdatasync ${Math.round(median(syncs.map((s) => s.per_s)))}/s; raw group commit ${Math.round(median(raws.map((r) => r.per_s)))}/s, p99 ${median(raws.map((r) => r.p99_us))} us; ` +
        `HTTP posts ${Math.round(median(postRate))}/s, p50 ${median(posts.map((p) => p.p50_us))} us, p99 ${median(posts.map((p) => p.p99_us))} us, ` +
        `${median(posts.map((p) => p.cpu_us)).toFixed(0)} us CPU, ${posts.reduce((sum, p) => sum + p.bad, 0)} refused`);
    const overRaw = ratio(postRate, raws.map((r) => r.per_s));
    bar('durable posts over HTTP, 64 clients, against raw group commit', `${(overRaw * 100).toFixed(0)} %`, overRaw >= 0.7, '>= 70 %, stretch 85 %');
    const overSync = ratio(postRate, syncs.map((s) => s.per_s));
    bar('durable posts against append + fdatasync', `${overSync.toFixed(2)} x`, overSync >= 2.2, '>= 2.2 x');
    const tail = ratio(posts.map((p) => p.p99_us), raws.map((r) => r.p99_us));
    bar("their p99 against raw group commit's", `${tail.toFixed(2)} x`, tail <= 2, '<= 2 x');

    // Reads, by CPU of the server.
    const b = rows[0];
    const balance = [], fixed = [];
    const floor = await bare();
    await quiet(server);
    for (let i = 0; i < rounds; i++) {
        fixed.push(load(floor, 'get', plannerHeads, '/', 64, 2).cpu_us);
        balance.push(load(server, 'get', heads, `/api/v1/balances?place=${b.place}&item=${b.item}&lot=${b.lot}&status=usable`, 64, 2).cpu_us);
    }
    floor.child.kill();
    const read = ratio(balance, fixed);
    bar('read of one balance, CPU, against a static answer', `${read.toFixed(2)} x (${median(balance).toFixed(1)} / ${median(fixed).toFixed(1)} us)`, read <= 2, '<= 2 x');
    const cost = (path, as = plannerHeads, connections = 2) => load(server, 'get', as, path, connections, 2).cpu_us / 1000;
    const situation = cost('/api/v1/situation');
    bar('situation, CPU', `${situation.toFixed(2)} ms`, situation <= 5, '<= 5 ms at 10 million movements');
    const day = new Date(Date.now() - 20 * 86400e3).toISOString().slice(0, 10) + 'T15:59:59.999Z';
    const cell = cost(`/api/v1/stock?place=${b.place}&item=${b.item}&at=${day}`), depot = cost(`/api/v1/stock?place=${b.place}&at=${day}`);
    const city = cost(`/api/v1/stock?at=${day}&limit=500`);
    bar('as of a date: cell, depot, city, CPU', `${cell.toFixed(2)}, ${depot.toFixed(2)}, ${city.toFixed(1)} ms`, cell <= 1 && depot <= 15 && city <= 1500, '<= 1, 15, 1,500 ms');
    const wants = [...new Set(rows.filter((r) => r.place === b.place).map((r) => r.item))].slice(0, 50).map((item) => ({ item, quantity: 10 }));
    while (wants.length < 50) wants.push(wants[wants.length % 7]);
    const before = cpuOf(server.child.pid);
    for (let i = 0; i < 400; i++) await keeper.call('POST', '/pick', { place: b.place, wants });
    const pick = ((cpuOf(server.child.pid) - before) * 1000) / 400;
    bar('first-expiry pick for 50 lines, CPU', `${pick.toFixed(2)} ms`, pick <= 2, '<= 2 ms');
    await server.stop();
    restoring(db);

    // Start and memory.
    const again = await serve(db);
    bar('start, CPU', `${again.cpu_ms.toFixed(0)} ms (${again.ms.toFixed(0)} ms by the clock)`, again.cpu_ms <= 50, '<= 50 ms');
    await pause(1000);
    bar('memory, idle', `${rssMb(again.child.pid).toFixed(1)} MB`, rssMb(again.child.pid) <= 24, '<= 24 MB');
    keeper.url = planner.url = again.url;
    await screens(again, planner, () => keeper.call('POST', '/documents', JSON.parse(receipt(rows))));
    await again.stop();

    await imports(folder);

    // Engines: CPU of whole commands.
    engines();
    rmSync(folder, { recursive: true, force: true });
    console.log(`${missedBars()} bars missed`);
}

// A restore checks the copy's hash and opens it; a plain copy of the same file, as durable, takes turns with it. What reading everything
// again costs (`verify`, which may follow while the server runs) is said apart.
function restoring(db) {
    const at = (name) => join(folder, name), copied = [], restored = [];
    const ms = (command, args) => {
        const begun = process.hrtime.bigint();
        execFileSync(command, args, { stdio: 'ignore' });
        return Number(process.hrtime.bigint() - begun) / 1e6;
    };
    execFileSync(bin, ['backup', at('backup.db'), '--db', db], { stdio: 'ignore' });
    for (let i = 0; i < rounds; i++) {
        copied.push(ms('sh', ['-c', 'cp "$0" "$1" && sync "$1"', at('backup.db'), at('copied.db')]));
        restored.push(ms(bin, ['restore', at('backup.db'), '--db', at(`restored${i}.db`)]));
        rmSync(at('copied.db'));
    }
    const verify = ms(bin, ['verify', '--db', at('restored0.db')]);
    const slower = ratio(restored, copied);
    bar(`restore of ${(statSync(at('backup.db')).size / 1e6).toFixed(0)} MB against a copy of the file`,
        `${slower.toFixed(2)} x (${median(restored).toFixed(0)} / ${median(copied).toFixed(0)} ms; verify afterwards ${verify.toFixed(0)} ms)`, slower <= 2, '<= 2 x');
    for (let i = 0; i < rounds; i++) rmSync(at(`restored${i}.db`));
}

function commandCpu(args) {
    const answer = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$0" "$@" > /dev/null', bin, ...args], { encoding: 'utf8' });
    const [user, system] = answer.stderr.trim().split('\n').pop().split(' ').map(Number);
    return user + system;
}

// A network of firms made from a seed: the small congruential generator keeps it the same everywhere.
function firms(count, links) {
    let state = 12345n;
    const below = (n) => Number((state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n)) >> 33n) % n;
    writeFileSync(join(folder, 'firms.csv'), 'firm,sector\n' + Array.from({ length: count }, (_, i) => `${i},${below(616)}`).join('\n') + '\n');
    const rows = ['supplier,buyer,amount'];
    for (let e = 0; e < links; e++) rows.push(`${below(1 + below(count))},${below(count)},${1 + below(100000)}`);
    writeFileSync(join(folder, 'links.csv'), rows.join('\n') + '\n');
    // Shares of negligible, substitutable and essential inputs as in the published 616-sector matrix: 71, 12 and 17 %.
    const sectors = Array.from({ length: 616 }, (_, k) => k);
    const kind = () => { const r = below(100); return r < 71 ? 0 : r < 83 ? 1 : 2; };
    writeFileSync(join(folder, 'essential.csv'), [`input,${sectors.join(',')}`, ...sectors.map((k) => `${k},${sectors.map(kind).join(',')}`)].join('\n') + '\n');
}

// Paths given; the forecaster's own time is its own bar.
function fan() {
    const answer = json(`${tools}/fan`, []);
    bar('demand fan: 10,000 paths, 60 days, 50 items, 17 places, CPU', `${answer.cpu_ms} ms on one thread, ${answer.two_threads_cpu_ms} on two, ${(answer.bytes / 1e6).toFixed(0)} MB`, answer.cpu_ms <= 300, '<= 300 ms');
    bar('what-if with 2,000 paths, CPU', `${answer.what_if_cpu_ms} ms`, answer.what_if_cpu_ms <= 80, '<= 80 ms');
}

function engines() {
    firms(10000, 80000);
    const cascade = commandCpu(['solve', 'cascade', '--firms', join(folder, 'firms.csv'), '--links', join(folder, 'links.csv'), '--essential', join(folder, 'essential.csv')]);
    bar('cascade of every firm, 10,000 firms / 80,000 links, CPU', `${cascade.toFixed(1)} s`, cascade <= 15, '<= 15 s');
    firms(100000, 1000000);
    const large = commandCpu(['solve', 'cascade', '--firms', join(folder, 'firms.csv'), '--links', join(folder, 'links.csv'), '--essential', join(folder, 'essential.csv'), '--screen', '1e-4']);
    bar('cascade of every firm, 100,000 firms / 1 million links, screened, top 2,000 exact, CPU', `${large.toFixed(0)} s`, large <= 200, '<= 200 s');
    decisions(folder);
    fan();
    flows(folder);
    locations();
}

await main();
