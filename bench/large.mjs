// The bars at ten million movements. Makes the example city at a scale of some 132 in BENCH_LARGE_DIR (about 9 GB, kept there and used
// again by the next run) or in a temporary folder.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, bar, bin, cpuOf, load, loadBeside, machine, median, missedBars, pause, peakMb, people, Person, quiet, ratio, receipt, rounds, rssMb, say, seconds, serve, tools }
    from './lib.mjs';

const kept = process.env.BENCH_LARGE_DIR;
const folder = kept ?? mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'bench-large-'));
mkdirSync(folder, { recursive: true });
const scale = Number(process.env.BENCH_LARGE_SCALE ?? 132);
const size = (path) => (existsSync(path) ? statSync(path).size : 0);
// What the depot that posts has in stock, and what it might take in: every lot there ever was of those items.
async function stock(who) {
    const depot = (await all(who.planner, '/places')).find((p) => p.code === 'R01');
    const here = await all(who.keeper, `/balances?status=usable&place=${depot.id}`);
    const byItem = new Map(here.map((row) => [row.item, row]));
    const lots = (await all(who.planner, '/lots', 100_000)).filter((lot) => byItem.get(lot.item)?.lot);
    return { here, wide: lots.map((lot) => ({ ...byItem.get(lot.item), lot: lot.id })) };
}

function made(db, list, times) {
    if (existsSync(list)) return;
    const begun = Date.now();
    const said = execFileSync(bin, ['demo', '--db', db, '--scale', String(times), '--people', list], { encoding: 'utf8' });
    say(`example city, scale ${times}: ${((Date.now() - begun) / 1000).toFixed(0)} s, ${(size(db) / 1e9).toFixed(2)} GB, ${JSON.parse(said.trim().split('\n').pop()).movements} movements`);
}

// The one-time links work once: who came in by them comes in by password the next time.
async function signedIn(server, list) {
    const file = `${list}.used`;
    const used = {};
    if (existsSync(file)) {
        for (const [role, { login, secret }] of Object.entries(JSON.parse(readFileSync(file, 'utf8')))) {
            used[role] = new Person(server.url);
            used[role].secret = secret;
            await used[role].signIn(login);
        }
    }
    const who = await people(server, list, folder, used);
    const login = (role) => JSON.parse(readFileSync(list, 'utf8').split('\n').find((line) => line.includes(`"role":"${role}"`) && (role !== 'keeper' || line.includes('R01')))).login;
    writeFileSync(file, JSON.stringify(Object.fromEntries(['keeper', 'planner'].map((role) => [role, { login: login(role), secret: who[role].secret }]))));
    return who;
}

// Writes: bodies spread over all rows, and four fifths of them over a hundred rows.
function bodies({ here, wide }, name) {
    const rows = wide.length > 1000 ? wide : here, hot = here.slice(0, 100);
    const uniform = join(folder, `${name}-uniform`), skewed = join(folder, `${name}-hot`);
    writeFileSync(uniform, Array.from({ length: 20_000 }, () => receipt(rows)).join('\n'));
    writeFileSync(skewed, Array.from({ length: 20_000 }, (_, i) => receipt(i % 5 === 0 ? rows : hot)).join('\n'));
    return { uniform, skewed };
}

function reads(server, who, place, item, lot) {
    const cost = (path, connections = 2) => load(server, 'get', who.plannerHeads, path, connections, 2);
    const ms = (answer) => answer.cpu_us / 1000;
    const idle = cost('/api/v1/situation');
    bar('situation while nothing is recorded, CPU', `${ms(idle).toFixed(2)} ms`, ms(idle) <= 5, '<= 5 ms');
    for (const days of [20, 400]) {
        const day = new Date(Date.now() - days * 86400e3).toISOString().slice(0, 10) + 'T15:59:59.999Z';
        const [cell, depot, city] = [`place=${place}&item=${item}&`, `place=${place}&`, ''].map((which) => ms(cost(`/api/v1/stock?${which}at=${day}&limit=500`)));
        bar(`as of ${days} days ago: cell, depot, city, CPU`, `${cell.toFixed(2)}, ${depot.toFixed(2)}, ${city.toFixed(1)} ms`, cell <= 1 && depot <= 15 && city <= 1500, '<= 1, 15, 1,500 ms');
    }
    const balance = cost(`/api/v1/balances?place=${place}&item=${item}&lot=${lot}&status=usable`, 64), list = cost('/api/v1/balances?status=usable&limit=500');
    say(`read of one balance: ${balance.cpu_us.toFixed(1)} us CPU; the city's first 500 balances ${ms(list).toFixed(1)} ms`);
    const recall = cost(`/api/v1/lots/${lot}/places`);
    bar('recall of a lot, CPU', `${ms(recall).toFixed(2)} ms`, ms(recall) <= 200, '<= 200 ms');
    return idle;
}

// The picture made anew: the first who asks after a record.
async function anew(server, who, rows) {
    const costs = [];
    for (let i = 0; i < 8; i++) {
        await who.keeper.call('POST', '/documents', JSON.parse(receipt(rows)));
        await pause(200);
        const before = cpuOf(server.pid);
        await who.planner.call('GET', '/situation');
        costs.push((cpuOf(server.pid) - before) * 1000);
    }
    bar('situation after a record, CPU', `${median(costs).toFixed(1)} ms`, median(costs) <= 5, '<= 5 ms');
}

async function lists(server, who) {
    const costs = [];
    const places = (await all(who.planner, '/places')).map((p) => p.id), every = Math.ceil(places.length / 40);
    for (const place of places.filter((_, i) => i % every === 0)) {
        const before = cpuOf(server.pid);
        for (let i = 0; i < 2; i++) await who.planner.call('GET', `/movements?place=${place}&limit=50`);
        costs.push(((cpuOf(server.pid) - before) * 1000) / 2);
    }
    bar('movements of a place, newest 50, CPU: median and worst of forty places', `${median(costs).toFixed(2)}, ${Math.max(...costs).toFixed(2)} ms`, Math.max(...costs) <= 5, '<= 5 ms');
}

async function picks(server, who, rows) {
    const wants = [...new Set(rows.map((r) => r.item))].slice(0, 50).map((item) => ({ item, quantity: 10 }));
    const before = cpuOf(server.pid), kinds = wants.length;
    while (wants.length < 50) wants.push(wants[wants.length % kinds]);
    for (let i = 0; i < 200; i++) await who.keeper.call('POST', '/pick', { place: rows[0].place, wants });
    const pick = ((cpuOf(server.pid) - before) * 1000) / 200;
    bar(`first-expiry pick for 50 lines (${kinds} items), CPU`, `${pick.toFixed(2)} ms`, pick <= 2, '<= 2 ms');
}

async function writes(server, who, idle, goods) {
    const small = join(folder, 'small.db');
    made(small, join(folder, 'small.jsonl'), 1);
    const other = await serve(small);
    const its = await signedIn(other, join(folder, 'small.jsonl'));
    const here = bodies(goods, 'large'), there = bodies(await stock(its), 'small');
    load(server, 'post', who.keeperHeads, here.uniform, 64, 2); // warm
    load(other, 'post', its.keeperHeads, there.uniform, 64, 2);
    for (const [kind, least] of [['uniform', 0.4], ['skewed', 0.6]]) {
        const large = [], empty = [];
        for (let i = 0; i < rounds; i++) {
            empty.push(load(other, 'post', its.keeperHeads, there[kind]));
            large.push(load(server, 'post', who.keeperHeads, here[kind]));
        }
        const part = ratio(large.map((l) => l.per_s), empty.map((e) => e.per_s)), cpu = ratio(large.map((l) => l.cpu_us), empty.map((e) => e.cpu_us));
        say(`${kind}: ${Math.round(median(large.map((l) => l.per_s)))} against ${Math.round(median(empty.map((e) => e.per_s)))} posts/s, p99 ${median(large.map((l) => l.p99_us))} against ${median(empty.map((e) => e.p99_us))} us; CPU of a post x ${cpu.toFixed(2)}`);
        bar(`writes against a small database, ${kind === 'uniform' ? 'uniform' : 'four fifths on a hundred accounts'}`, `${(part * 100).toFixed(0)} %`, part >= least, `>= ${least * 100} %`);
    }
    await other.stop();
    const beside = loadBeside(server, 'post', who.keeperHeads, here.uniform, 16, seconds);
    const busy = load(server, 'get', who.plannerHeads, '/api/v1/situation', 2, seconds - 1);
    await beside;
    bar('situation under writes, p99 against its idle p99', `${(busy.p99_us / idle.p99_us).toFixed(2)} x (${busy.p99_us} / ${idle.p99_us} us)`, busy.p99_us <= 3 * idle.p99_us, '<= 3 x, reported');
    return here;
}

// A log of 1 GB, as a reader that stays for ever leaves it; then the end without warning.
async function crash(server, db, heads, what) {
    const holder = spawn(`${tools}/raw_commit`, ['hold', db], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((done) => holder.stdout.once('data', done));
    const begun = Date.now();
    while (size(`${db}-wal`) < 1 << 30 && Date.now() - begun < 300_000) load(server, 'post', heads, what, 64, 5);
    await server.stop('SIGKILL');
    holder.stdin.end();
    await new Promise((done) => holder.on('close', done));
    const bytes = size(`${db}-wal`);
    const again = await serve(db);
    bar(`start after kill -9 with ${(bytes / 2 ** 30).toFixed(2)} GB of log, CPU`, `${again.cpu_ms.toFixed(0)} ms (${again.ms.toFixed(0)} ms by the clock)`, again.cpu_ms <= (1000 * bytes) / 2 ** 30 && bytes >= 1 << 30, '<= 1 s a GB');
    await again.stop();
}

async function main() {
    machine();
    const db = join(folder, 'city.db'), list = join(folder, 'people.jsonl');
    made(db, list, scale);
    let server = await serve(db);
    await server.stop(); // migrations and what else the first start does
    server = await serve(db);
    say(`engine: ${server.said.engine}; ${(size(db) / 1e9).toFixed(2)} GB`);
    bar('start, CPU', `${server.cpu_ms.toFixed(0)} ms (${server.ms.toFixed(0)} ms by the clock)`, server.cpu_ms <= 50, '<= 50 ms');
    await pause(1000);
    bar('memory, idle', `${rssMb(server.pid).toFixed(1)} MB`, rssMb(server.pid) <= 24, '<= 24 MB');
    const who = await signedIn(server, list);
    const goods = await stock(who), rows = goods.here, cell = rows.find((r) => r.lot) ?? rows[0];
    say(`${rows.length} usable balances at the depot that posts, ${goods.wide.length} lots of its items`);
    await quiet(server);
    const idle = reads(server, who, cell.place, cell.item, cell.lot);
    await anew(server, who, rows);
    await picks(server, who, rows);
    const what = await writes(server, who, idle, goods);
    await lists(server, who);
    bar('memory at its highest, after all that', `${peakMb(server.pid).toFixed(0)} MB`, peakMb(server.pid) <= 128, '<= 128 MB');
    await crash(server, db, who.keeperHeads, what.uniform);
    const begun = Date.now();
    const verdict = execFileSync(bin, ['verify', '--db', db], { encoding: 'utf8' }).trim().split('\n').pop();
    say(`verify: ${((Date.now() - begun) / 1000).toFixed(0)} s, ${verdict.slice(0, 200)}`);
    if (!kept) rmSync(folder, { recursive: true, force: true });
    console.log(`${missedBars()} bars missed`);
}

await main();
