// What the parts of the bench share: the program started and stopped, its processor time and memory, the load client, people, one line a bar.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { bin, Person } from '../tests/flow/lib.mjs';

export { bin, Person };
export const tools = 'build/release/bench';
export const seconds = Number(process.env.BENCH_SECONDS ?? 5);
export const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
export const ratio = (a, b) => median(a.map((x, i) => x / b[i]));
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const json = (command, args, env) => JSON.parse(execFileSync(command, args,
    { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, ...env } }).trim().split('\n').pop());

let missed = 0;
export function bar(name, value, holds, target) {
    if (!holds) missed++;
    console.log(`${holds ? 'holds ' : 'MISSED'}  ${name}: ${value}   (bar ${target})`);
}
export const say = (text) => console.log(`        ${text}`);
export const missedBars = () => missed;

export function machine() {
    const words = (command, args) => execFileSync(command, args, { encoding: 'utf8' }).trim();
    console.log(`machine: ${cpus().length} x ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${words('uname', ['-sr'])}`);
    console.log(`program: ${words(bin, ['version'])}, ${statSync(bin).size} bytes`);
}

// CPU seconds of a process: of the threads it has now, to the nanosecond, where the kernel counts them; else in ticks of 10 ms.
export function cpuOf(pid) {
    try {
        return readdirSync(`/proc/${pid}/task`).reduce((sum, t) => sum + Number(readFileSync(`/proc/${pid}/task/${t}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e9;
    } catch {
        const part = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
        return (Number(part[11]) + Number(part[12])) / 100;
    }
}
const statusMb = (pid, name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
export const rssMb = (pid) => statusMb(pid, 'VmRSS');
export const peakMb = (pid) => statusMb(pid, 'VmHWM');

// Nothing is left running when a part fails.
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export function serve(db, more = []) {
    const child = spawn(bin, ['serve', '--db', db, '--listen', '127.0.0.1:0', '--rates', 'off', ...more], { stdio: ['ignore', 'pipe', 'ignore'] });
    const begun = process.hrtime.bigint();
    running.add(child);
    const ended = new Promise((done) => child.on('close', (code) => (running.delete(child), done(code))));
    return new Promise((resolve, reject) => {
        let out = '';
        child.on('close', (code) => reject(new Error(`the server ended with ${code}`)));
        child.stdout.on('data', (data) => {
            out += data;
            if (out.includes('\n')) {
                const said = JSON.parse(out.slice(0, out.indexOf('\n')));
                resolve({ child, pid: child.pid, url: said.url, said, db, ms: Number(process.hrtime.bigint() - begun) / 1e6, cpu_ms: cpuOf(child.pid) * 1000,
                    stop: (signal = 'SIGTERM') => (child.kill(signal), ended) });
            }
        });
    });
}

// Waits until the server has done what fell due and rests, a minute at most.
export async function quiet(server) {
    for (let i = 0; i < 120; i++) {
        const before = cpuOf(server.pid);
        await pause(500);
        if (cpuOf(server.pid) - before < 0.005) return;
    }
}

// What each request of a kind costs, how long it takes, how many a second there are.
export function load(server, kind, heads, what, connections = 64, time = seconds) {
    const { hostname, port } = new URL(server.url);
    const before = cpuOf(server.child.pid);
    const answer = json(`${tools}/load`, [hostname, port, String(connections), String(time), kind, heads, what]);
    if (answer.bad > 0) throw new Error(`${answer.bad} of ${answer.requests} requests to ${what} were refused`);
    return { ...answer, cpu_us: ((cpuOf(server.child.pid) - before) * 1e6) / Math.max(1, answer.requests) };
}

// The same beside other work: resolves when the load ends.
export function loadBeside(server, kind, heads, what, connections, time) {
    const { hostname, port } = new URL(server.url);
    const child = spawn(`${tools}/load`, [hostname, port, String(connections), String(time), kind, heads, what], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data) => (out += data));
    return new Promise((done) => child.on('close', () => done(JSON.parse(out.trim().split('\n').pop()))));
}

// Keeper of the first depot and planner of the city by the one-time links of `baogong demo`, with the head lines of their requests in files.
export async function people(server, list, folder, used = {}) {
    const all = readFileSync(list, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const made = {};
    for (const role of ['keeper', 'planner']) {
        const one = all.find((p) => p.role === role && (role !== 'keeper' || p.scope_ref === 'R01'));
        made[role] = used[role] ?? await new Person(server.url).accept(one.link);
        made[`${role}Heads`] = join(folder, `${role}-heads-${new URL(server.url).port}`);
        const type = role === 'keeper' ? 'Content-Type: application/json\r\n' : '';
        writeFileSync(made[`${role}Heads`], `Host: ${new URL(server.url).host}\r\n${type}Cookie: ${made[role].cookie}\r\n`);
    }
    return made;
}

// Everything a person may see of a list.
export async function all(person, path, most = Infinity) {
    const rows = [];
    for (let cursor = null; rows.length < most;) {
        const answer = await person.call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=500${cursor ? `&cursor=${cursor}` : ''}`);
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
        rows.push(...answer.json.rows);
        if (!(cursor = answer.json.next)) break;
    }
    return rows;
}

// Bodies of documents over some rows of balances: `lines` lines each.
const goods = (b) => ({ item: b.item, ...(b.lot ? { lot: b.lot } : {}) });
const at = (b) => ({ place: b.place, status: 'usable', owner: b.owner, ...(b.bin ? { bin: b.bin } : {}) });
export const receipt = (rows, lines = 1) => JSON.stringify({ kind: 'receive', reason: 'purchase', place: rows[0].place, lines: Array.from({ length: lines }, () => {
    const b = rows[Math.floor(Math.random() * rows.length)];
    return { from: { ...goods(b), place: b.place, status: 'source' }, to: at(b), qty: 1 };
}) });
export const issue = (rows) => {
    const b = rows[Math.floor(Math.random() * rows.length)];
    return JSON.stringify({ kind: 'issue', reason: 'handover', place: b.place, lines: [{ from: { ...at(b), ...goods(b) }, to: { place: b.place, status: 'used' }, qty: 1 }] });
};
