// What the flow tests share: the real binary on a database of its own, raw sockets, people signed in over the API, TAP.
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const top = new URL('../..', import.meta.url).pathname;
export const bin = process.env.BAOGONG_BIN ?? join(top, 'build/baogong');
export const PASSWORD = 'seven boxes of masks';

let count = 0;
let failed = 0;
export function ok(good, name, detail) {
    count++;
    if (!good) failed++;
    console.log(`${good ? 'ok' : 'not ok'} ${count} - ${name}`);
    if (!good && detail !== undefined) console.log((typeof detail === 'string' ? detail : JSON.stringify(detail)).replace(/^/gm, '# '));
    return good;
}

// Runs one test file; what it started is stopped again, whatever happens.
export async function run(test) {
    const folder = mkdtempSync(join(process.env.BAOGONG_TEST_TMP ?? tmpdir(), 'flow-'));
    const children = new Set();
    const bed = { folder, start: (args) => start(children, args), command: (args) => command(args, folder) };
    try {
        await test(bed);
    } catch (error) {
        ok(false, `no error on the way: ${error.message}`, error.stack);
    }
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    console.log(`1..${count}`);
    process.exit(failed ? 1 : 0);
}

// Starts `baogong serve`; resolves with its line of JSON, or with {code, log} when it ended instead.
function start(children, args) {
    const child = spawn(bin, ['serve', '--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let out = '';
    let log = '';
    child.stderr.on('data', (data) => (log += data));
    const ended = new Promise((done) => child.on('close', (code, signal) => (children.delete(child), done({ code, signal }))));
    return new Promise((resolve) => {
        child.stdout.on('data', (data) => {
            out += data;
            if (out.includes('\n')) {
                const said = JSON.parse(out.slice(0, out.indexOf('\n')));
                resolve({ ...said, child, ended, log: () => log, stop: () => (child.kill('SIGTERM'), ended) });
            }
        });
        ended.then(({ code }) => resolve({ ready: false, code, log: () => log }));
    });
}

// Runs a command to its end.
export function command(args, cwd) {
    return new Promise((resolve) => {
        const child = spawn(bin, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
        child.stdout.setEncoding('utf8'); // a character may be cut between two parts
        let out = '';
        let err = '';
        child.stdout.on('data', (data) => (out += data));
        child.stderr.on('data', (data) => (err += data));
        child.on('close', (code) => resolve({ code, out, err, json: () => JSON.parse(out.trim().split('\n').pop()) }));
    });
}

// Sends bytes on a connection of its own and hears until it is closed, or until `enough(text)`.
export function raw(url, bytes, enough = () => false) {
    const { hostname, port } = new URL(url);
    return new Promise((resolve) => {
        const socket = net.connect(Number(port), hostname);
        let text = '';
        const done = () => (socket.destroy(), resolve(text));
        socket.setTimeout(20_000, done);
        socket.on('data', (data) => {
            text += data.toString('latin1');
            if (enough(text)) done();
        });
        socket.on('error', done);
        socket.on('close', done);
        socket.write(bytes);
    });
}

export const status = (answer) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

// One request; headers as sent, the answer whole.
export function call(url, { method = 'GET', path = '/', headers = {}, body, bytes: file, agent } = {}) {
    return new Promise((resolve, reject) => {
        const client = url.startsWith('https:') ? https : http;
        const text = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined ? body : JSON.stringify(body);
        const bytes = file ?? (text === undefined ? undefined : Buffer.from(text));
        const request = client.request(url + path, { method, agent, rejectUnauthorized: false,
            headers: bytes ? { 'Content-Length': bytes.length, 'Content-Type': 'application/json', ...headers } : headers }, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('error', reject);
            answer.on('end', () => {
                const raw = Buffer.concat(parts);
                const text = raw.toString();
                let json;
                try { json = JSON.parse(text); } catch { json = undefined; }
                resolve({ status: answer.statusCode, headers: answer.headers, text, raw, json });
            });
        });
        request.on('error', reject);
        request.end(bytes);
    });
}

const usedSteps = new Map();
export function totp(secret) {
    const step = Math.max(Math.floor(Date.now() / 30_000), (usedSteps.get(secret) ?? 0) + 1);
    usedSteps.set(secret, step);
    const bits = [...secret.replace(/[\s=]/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(counter).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// A person who uses the API: keeps cookies, makes operation ids.
export class Person {
    constructor(url) {
        this.url = url;
        this.cookies = new Map();
        this.agent = new (url.startsWith('https:') ? https : http).Agent({ keepAlive: true, rejectUnauthorized: false });
    }

    async call(method, path, body, headers = {}) {
        const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const write = method !== 'GET' ? { 'Idempotency-Key': randomUUID() } : {};
        const answer = await call(this.url, { method, path: `/api/v1${path}`, body, agent: this.agent,
            headers: { ...(cookie ? { Cookie: cookie } : {}), ...write, ...headers } });
        for (const line of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            if (value === '' || /Max-Age=0/i.test(line)) this.cookies.delete(name);
            else this.cookies.set(name, value);
        }
        return answer;
    }

    // A file as it is, with a media type of its own.
    async upload(path, bytes, media = 'application/octet-stream') {
        return call(this.url, { method: 'POST', path: `/api/v1${path}`, agent: this.agent, bytes,
            headers: { Cookie: this.cookie, 'Content-Type': media, 'Idempotency-Key': randomUUID() } });
    }

    get cookie() {
        return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    }

    // By the one-time link of a first run or an invitation; with a second factor, so that approvers' rights count.
    async accept(link) {
        const token = link.split('/').pop();
        this.accepted = await this.call('POST', '/invitations/accept', { token, password: PASSWORD });
        const begun = await this.call('POST', '/totp');
        this.secret = begun.json.secret;
        await this.call('POST', '/totp/confirm', { code: totp(this.secret) });
        return this;
    }

    async signIn(login) {
        return this.call('POST', '/session', { login, password: PASSWORD, ...(this.secret ? { code: totp(this.secret) } : {}) });
    }
}

// A live stream: `next(test)` resolves with the first event not yet taken that passes, `closed` when the server ends it.
export class Stream {
    constructor(url, cookie, lastId) {
        this.events = [];
        this.waiting = [];
        this.closed = new Promise((done) => {
            const headers = { Cookie: cookie, ...(lastId ? { 'Last-Event-ID': lastId } : {}) };
            this.request = http.get(`${url}/api/v1/events`, { headers }, (answer) => {
                this.status = answer.statusCode;
                this.opened();
                let text = '';
                answer.setEncoding('utf8');
                answer.on('data', (part) => {
                    text += part;
                    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) this.take(text.slice(0, end));
                });
                answer.on('end', () => done(true));
                answer.on('error', () => done(false));
            });
            this.request.on('error', () => done(false));
        });
        this.open = new Promise((done) => (this.opened = done));
    }

    take(block) {
        const data = /^data: (.*)$/m.exec(block);
        if (!data) return;
        this.events.push({ id: /^id: (.*)$/m.exec(block)?.[1], ...{ data: JSON.parse(data[1]) } });
        this.waiting = this.waiting.filter((wait) => !wait());
    }

    next(test) {
        return new Promise((done) => {
            const wait = () => {
                const at = this.events.findIndex(test);
                if (at < 0) return false;
                done(this.events.splice(0, at + 1)[at]);
                return true;
            };
            if (!wait()) this.waiting.push(wait);
        });
    }

    end() {
        this.request.destroy();
    }
}

// A new account with one grant, signed in with a second factor.
export async function person(admin, login, role, scopeKind, scopeId) {
    const opened = await admin.call('POST', '/accounts', { login, name: login });
    if (opened.status !== 201) throw new Error(`POST /accounts: ${opened.status} ${opened.text}`);
    const granted = await admin.call('POST', '/grants', { account: opened.json.account.id, role, scope_kind: scopeKind, scope_id: scopeId });
    if (granted.status >= 300) throw new Error(`POST /grants ${role}: ${granted.status} ${granted.text}`);
    const made = await new Person(admin.url).accept(opened.json.link);
    made.account = opened.json.account.id;
    made.login = login;
    made.role = role;
    return made;
}

// The routes as the program itself lists them: [{method, path, right, body}].
export async function routes() {
    const api = JSON.parse((await command(['openapi'])).out);
    return Object.entries(api.paths).flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) =>
        ({ method: method.toUpperCase(), path: path.replace('/api/v1', ''), right: operation['x-right'], operation })));
}
