#!/usr/bin/env node
// The server as its clients and its operator meet it: start, refusals, replay, live events, slow clients, stop under load, errands, TLS.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { call, command, ok, PASSWORD, Person, raw, run, status, Stream, totp } from './lib.mjs';

const item = (code, more = {}) => ({ code, name_zh: '医用防护口罩', name_en: 'Medical protective mask', unit: '只', ...more });

async function refusals(url) {
    const cases = [
        ['TRACE', 'TRACE /api/v1/me HTTP/1.1\r\nHost: h\r\n\r\n', 405],
        ['a length and a coding', 'POST /api/v1/session HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: h\r\n\r\n', 400],
        ['two lengths', 'POST /api/v1/session HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\nGET /evil HTTP/1.1\r\nHost: h\r\n\r\n', 400],
        ['a bare LF', 'GET /api/v1/me HTTP/1.1\nHost: h\r\n\r\n', 400],
        ['a folded line', 'GET /api/v1/me HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n', 400],
        ['a chunked body', 'POST /api/v1/session HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 411],
        ['a gigabyte', 'POST /api/v1/session HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n', 413],
        ['a long target', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 414],
        ['a large head', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(17000)}\r\n\r\n`, 431],
    ];
    for (const [name, bytes, want] of cases) {
        const answer = await raw(url, bytes);
        ok(status(answer) === want && !answer.includes('HTTP/1.1 404') && (answer.match(/HTTP\/1\.1 /g) ?? []).length === 1,
            `${name}: ${want}, one answer, the connection closed`, answer.slice(0, 300));
    }
    const wrong = await call(url, { method: 'POST', path: '/api/v1/session', headers: { 'Content-Type': 'text/plain' }, body: '{}' });
    ok(wrong.status === 415 && wrong.json.code === 'api.media-type', 'POST /session with another content type');
    const foreign = await call(url, { method: 'POST', path: '/api/v1/session', headers: { Origin: 'https://evil.test' }, body: {} });
    ok(foreign.status === 403 && foreign.json.code === 'api.cross-site', 'POST /session from a foreign page');
    const unknown = await call(url, { path: '/api/v1/nothing' });
    ok(unknown.status === 404 && unknown.json.title_en && /[\u4e00-\u9fff]/.test(unknown.json.title) && unknown.headers['content-type'] === 'application/problem+json',
        'no route: a problem in two languages');
    const api = await call(url, { path: '/api/v1/openapi.json' });
    ok(api.status === 200 && api.json.openapi === '3.1.0' && api.headers['x-content-type-options'] === 'nosniff', 'GET /openapi.json');
}

async function pages(url) {
    const page = await call(url, { path: '/' });
    const policy = page.headers['content-security-policy'] ?? '';
    ok(page.status === 200 && policy.includes("default-src 'none'") && policy.includes("script-src 'self'") && !policy.includes('unsafe') &&
        page.headers['referrer-policy'] === 'no-referrer' && page.headers['cross-origin-opener-policy'] === 'same-origin' &&
        page.headers['cache-control'] === 'no-cache', 'the page has the strict policy', policy);
    const script = /(?:src|href)="\.?(\/assets\/[^"]+\.js)"/.exec(page.text)?.[1];
    if (script) {
        const asset = await call(url, { path: script, headers: { 'Accept-Encoding': 'gzip, br' } });
        ok(asset.headers['content-encoding'] === 'br' && asset.headers['cache-control'].includes('immutable') && brotliDecompressSync(asset.raw).length > 0,
            'a hashed asset comes in brotli, for ever');
        const again = await call(url, { path: script, headers: { 'Accept-Encoding': 'gzip, br', 'If-None-Match': asset.headers.etag } });
        ok(again.status === 304 && again.raw.length === 0, 'and is not sent twice');
    }
    for (const path of ['/../etc/passwd', '/assets/../../etc/passwd', '/%2e%2e/etc/passwd', '/assets/%00', '/metrics', '/healthz']) {
        const answer = await raw(url, `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
        ok(status(answer) === 404, `${path} leads nowhere`, answer.slice(0, 200));
    }
}

async function writing(person) {
    const key = randomUUID();
    const first = await person.call('POST', '/items', item('MASK-1'), { 'Idempotency-Key': key });
    const second = await person.call('POST', '/items', item('MASK-1'), { 'Idempotency-Key': key });
    ok(first.status === 201 && second.status === 201 && second.text === first.text && second.headers['idempotency-replayed'] === 'true',
        'POST /items twice with one key: done once, answered alike', first.text);
    const other = await person.call('POST', '/items', item('MASK-2'), { 'Idempotency-Key': key });
    ok(other.status === 422 && other.json.code === 'journal.op-reused', 'one key for two bodies is refused');
    const same = await person.call('POST', '/items', item('MASK-1'));
    ok(same.status === 409, 'the same code again is a conflict', same.text);
    const without = await person.call('POST', '/items', item('MASK-3'), { 'Idempotency-Key': '' });
    ok(without.status === 400 && without.json.code === 'journal.op-missing', 'a write needs a key');
    const list = await person.call('GET', '/items');
    const again = await person.call('GET', '/items', undefined, { 'If-None-Match': list.headers.etag });
    ok(list.status === 200 && list.json.rows.length === 1 && again.status === 304, 'GET /items, then 304 while nothing changed');
    ok(list.headers['cache-control'] === 'no-store', 'data is not kept by caches');
}

async function events(url, person) {
    const stream = new Stream(url, person.cookie);
    await stream.open;
    ok(stream.status === 200, 'GET /events opens');
    await new Promise((done) => setTimeout(done, 300)); // the hub takes it in at its next tick
    const made = await person.call('POST', '/items', item('GOWN-1'));
    const event = await stream.next((e) => e.data.object === 'item' && e.data.id === made.json.id);
    ok(Number(event.id) > 0, 'a change is told under its journal position');
    stream.end();
    const missed = [];
    for (let i = 0; i < 3; i++) missed.push((await person.call('POST', '/items', item(`GOWN-2${i}`))).json.id);
    const resumed = new Stream(url, person.cookie, event.id);
    const got = [];
    for (let i = 0; i < 3; i++) got.push(await resumed.next((e) => e.data.object === 'item'));
    ok(got.every((e, i) => e.data.id === missed[i]) && got.every((e, i) => i === 0 || Number(e.id) > Number(got[i - 1].id)),
        'Last-Event-ID brings what was missed, in order, once');
    const refused = new Stream(url, 'sid=nobody');
    await refused.open;
    ok(refused.status === 401, 'GET /events needs a session');
    await person.call('DELETE', '/session');
    ok(await resumed.closed, 'DELETE /session ends the stream too');
    await person.signIn('admin');
}

// Many clients that never finish their heads take nothing from the others.
async function slowClients(url, metrics, person) {
    const { hostname, port } = new URL(url);
    const sockets = [];
    for (let i = 0; i < 400; i++) {
        const socket = net.connect(Number(port), hostname);
        socket.on('error', () => {});
        socket.write('GET / HTTP/1.1\r\nHost: h\r\nX-');
        sockets.push(socket);
    }
    const open = async () => Number(/^baogong_http_connections (\d+)/m.exec((await call(metrics, { path: '/metrics' })).text)?.[1]);
    let most = 0;
    for (let i = 0; i < 100 && most < 400; i++) most = Math.max(most, await open());
    let good = 0;
    for (let i = 0; i < 50; i++) good += (await person.call('GET', '/me')).status === 200;
    ok(most >= 400 && good === 50, `GET /me is answered while ${most} connections stand half open`);
    for (const socket of sockets) socket.destroy();
}

// Writers that never pause while the server is told to stop: what was acknowledged is there afterwards, and nothing else.
async function stopUnderLoad(bed, server, person) {
    const acknowledged = new Set();
    const writers = [...Array(16).keys()].map(async (n) => {
        const writer = new Person(server.url);
        writer.cookies = person.cookies;
        for (let i = 0; ; i++) {
            const code = `L${n}-${i}`;
            try {
                const answer = await writer.call('POST', '/items', item(code));
                if (answer.status === 201) acknowledged.add(code);
                if (answer.headers.connection === 'close') return;
            } catch {
                return;
            }
        }
    });
    await new Promise((done) => setTimeout(done, 600));
    const { code } = await server.stop();
    await Promise.all(writers);
    ok(code === 0, 'TERM under load: the server ends well', server.log());
    const next = await bed.start(['--db', join(bed.folder, 'a.db'), '--rates', 'off', '--metrics', '127.0.0.1:0']);
    const reader = new Person(next.url);
    reader.cookies = person.cookies;
    const found = new Set();
    let cursor = '';
    do {
        const page = (await reader.call('GET', `/items?limit=500${cursor && `&cursor=${cursor}`}`)).json;
        for (const row of page.rows) if (/^L\d+-/.test(row.code)) found.add(row.code);
        cursor = page.next;
    } while (cursor);
    ok(acknowledged.size > 0 && found.size === acknowledged.size && [...acknowledged].every((c) => found.has(c)),
        `all ${acknowledged.size} acknowledged writes are there, and no other (${found.size})`);
    return next;
}

async function errands(bed, server) {
    const db = join(bed.folder, 'a.db');
    const second = await bed.start(['--db', db]);
    ok(second.code === 3 && second.log().includes('store.locked'), 'a second server on the same database does not start', second.log?.());
    ok((await call(server.metrics, { path: '/healthz' })).text === 'ok\n' && (await call(server.metrics, { path: '/readyz' })).text === 'ready\n', 'healthz, readyz');
    ok((await call(server.metrics, { method: 'POST', path: '/backup?to=/tmp/x', body: '{}' })).status !== 200, 'the metrics listener does no errands');
    ok((statSync(`${db}.sock`).mode & 0o777) === 0o600, 'the socket of errands is for its owner only');
    const backup = await bed.command(['backup', 'b.db', '--db', 'a.db']);
    ok(backup.code === 0 && existsSync(join(bed.folder, 'b.db')), 'backup while the server runs', backup.err);
    ok((await bed.command(['backup', 'b.db', '--db', 'a.db'])).code === 3, 'a backup does not overwrite another');
    const doctor = await bed.command(['doctor', '--db', 'a.db']);
    ok(doctor.code === 0 && doctor.json().ok === true && doctor.out.includes('"check":"server"'), 'doctor asks the running server', doctor.out);
    ok((await bed.command(['restore', 'b.db', '--db', 'a.db'])).code === 3, 'a database in use is not restored over');
    const restored = await bed.command(['restore', 'b.db', '--db', 'c.db']);
    ok(restored.code === 0 && (await bed.command(['doctor', '--db', 'c.db'])).code === 0, 'restore to another place', restored.err);
    const at = await bed.command(['restore', 'b.db', '--db', 'd.db', '--at', '2022-01-08T09:00:00+08:00']);
    ok(at.code === 3 && at.err.includes('restore.no-archive') && !existsSync(join(bed.folder, 'd.db')), 'a moment without an archive is refused');
    ok((await command(['serve', '--listen'])).code === 2 && (await command(['serve', '--nonsense'])).code === 2, 'wrong usage is 2');
}

// Limits of requests, and whose word about addresses is believed.
async function limitsAndProxies(bed) {
    const strict = await bed.start(['--db', join(bed.folder, 'l.db'), '--rates', '5,5']);
    const answers = [];
    for (let i = 0; i < 40; i++) answers.push(await call(strict.url, { path: '/api/v1/me' }));
    const refused = answers.find((answer) => answer.status === 429);
    ok(refused?.json.code === 'api.rate' && Number(refused.headers['retry-after']) >= 1 && answers[0].status === 401, 'too many requests: 429 with Retry-After');
    await strict.stop();
    for (const [args, believed] of [[['--trusted-proxy', '127.0.0.1'], true], [[], false]]) {
        const server = await bed.start(['--db', join(bed.folder, `x${believed}.db`), '--rates', 'off', ...args]);
        const someone = await new Person(server.url).accept(server.first_run);
        await someone.call('DELETE', '/session');
        await someone.call('POST', '/session', { login: 'admin', password: PASSWORD, code: totp(someone.secret) }, { 'X-Forwarded-For': '6.6.6.6, 203.0.113.9' });
        const origin = (await someone.call('GET', '/sessions')).json.rows.find((row) => row.present).origin;
        ok(origin === (believed ? '203.0.113.9' : '127.0.0.1'), `X-Forwarded-For is ${believed ? 'believed from a trusted proxy, its last word only' : 'ignored from strangers'}`, origin);
        await server.stop();
    }
}

async function overTls(bed) {
    const key = join(bed.folder, 'key.pem');
    const cert = join(bed.folder, 'cert.pem');
    try {
        execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert,
            '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' });
    } catch {
        ok(true, '# SKIP there is no openssl command');
        return;
    }
    const server = await bed.start(['--db', join(bed.folder, 't.db'), '--tls-cert', cert, '--tls-key', key]);
    ok(server.ready && server.url.startsWith('https://'), 'serves over TLS', server.log());
    const person = await new Person(server.url).accept(server.first_run);
    const line = person.accepted.headers['set-cookie']?.join() ?? '';
    ok(line.startsWith('__Host-sid=') && /Secure/.test(line) && /HttpOnly/.test(line) && /SameSite=(Strict|Lax)/.test(line), 'the cookie is bound to the host', line);
    const me = await person.call('GET', '/me');
    ok(me.status === 200 && /max-age=\d{8}/.test(me.headers['strict-transport-security']), 'GET /me over TLS, with HSTS');
    const { hostname, port } = new URL(server.url);
    const old = (version) => {
        try {
            execFileSync('openssl', ['s_client', '-connect', `${hostname}:${port}`, version, '-cipher', 'ALL:@SECLEVEL=0'], { input: '', stdio: ['pipe', 'ignore', 'ignore'], timeout: 10_000 });
            return true;
        } catch {
            return false;
        }
    };
    ok(!old('-tls1_1') && old('-tls1_2'), 'TLS 1.1 is refused, 1.2 is not');
    const wrong = await bed.start(['--db', join(bed.folder, 'u.db'), '--tls-cert', cert, '--tls-key', join(bed.folder, 'none.pem')]);
    ok(wrong.code === 3 && wrong.log().includes('http.tls'), 'a key that is not there is named');
    await server.stop();
}

await run(async (bed) => {
    const args = ['--db', join(bed.folder, 'a.db'), '--rates', 'off', '--metrics', '127.0.0.1:0'];
    let server = await bed.start([...args, '--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin']);
    ok(server.ready && /^http:\/\/127\.0\.0\.1:\d+$/.test(server.url) && server.first_run.startsWith(server.url), 'one line of JSON when ready, with the one-time link', server.log?.());
    await refusals(server.url);
    await pages(server.url);
    const person = await new Person(server.url).accept(server.first_run);
    ok(person.accepted.status === 200, 'POST /invitations/accept: the first administrator signs in', person.accepted.text);
    await writing(person);
    await events(server.url, person);
    await slowClients(server.url, server.metrics, person);
    server = await stopUnderLoad(bed, server, person);
    await errands(bed, server);
    ok((await server.stop()).code === 0, 'INT and TERM end it well');
    await limitsAndProxies(bed);
    await overTls(bed);
});
