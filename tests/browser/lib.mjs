// What the browser tests share: the real binary on a database of its own, people signed in over the API, Chromium, axe, TAP.
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const top = new URL('../..', import.meta.url).pathname;
const require = createRequire(join(top, 'web/package.json'));
const bin = process.env.BAOGONG_BIN ?? join(top, 'build/baogong');
const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

let count = 0;
let failed = 0;

export function ok(good, name, detail) {
    count++;
    if (!good) failed++;
    console.log(`${good ? 'ok' : 'not ok'} ${count} - ${name}`);
    if (!good && detail !== undefined) console.log(String(typeof detail === 'string' ? detail : JSON.stringify(detail, null, 1)).replace(/^/gm, '# '));
    return good;
}

export function skipAll(reason) {
    console.log(`1..0 # SKIP ${reason}`);
    process.exit(0);
}

function finish() {
    if (count) console.log(`1..${count}`);
    return failed ? 1 : 0;
}

// Runs one test file: everything started is stopped again, whatever happens.
export async function run(test) {
    if (!chromiumPath) skipAll('there is no Chromium');
    if (!existsSync(join(top, 'web/node_modules/playwright-core'))) skipAll('the web packages are not installed');
    const stops = [];
    let code = 1;
    const watchdog = setTimeout(() => {
        console.log('Bail out! nothing moved for five minutes');
        process.exit(1);
    }, 300_000);
    try {
        await test({ stops, server: (options) => server(stops, options), browser: (args) => browser(stops, args) });
        code = finish();
    } catch (error) {
        ok(false, `no error on the way: ${String(error.message ?? error).split('\n')[0]}`, error.stack);
        code = finish();
    } finally {
        clearTimeout(watchdog);
        for (const stop of stops.reverse()) await stop().catch(() => {});
    }
    process.exit(code);
}

// --- the server ---

async function server(stops, { demo = false, args = [] } = {}) {
    const folder = mkdtempSync(join(process.env.BAOGONG_TEST_TMP ?? tmpdir(), 'browser-'));
    stops.push(async () => rmSync(folder, { recursive: true, force: true }));
    const db = join(folder, 'city.db');
    const loaded = demo ? await command(['demo', '--db', db]) : '';
    const people = loaded.split('\n').filter((l) => l.includes('"link"')).map((l) => JSON.parse(l));
    const child = spawn(bin, ['serve', '--db', db, '--listen', '127.0.0.1:0', '--rates', 'off', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    child.stderr.on('data', (data) => (log += data));
    stops.push(() => stop(child));
    const line = await firstLine(child, () => log);
    return { ...JSON.parse(line), people, db, child, log: () => log };
}

function command(args) {
    return new Promise((resolve, reject) => {
        const child = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        let out = '';
        child.stdout.on('data', (data) => (out += data));
        child.stderr.on('data', (data) => (out += data));
        child.on('error', reject);
        child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${args[0]} ended with ${code}: ${out.slice(0, 500)}`))));
    });
}

function stop(child) {
    return new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        const kill = setTimeout(() => child.kill('SIGKILL'), 8000);
        child.on('close', () => {
            clearTimeout(kill);
            resolve();
        });
        child.kill('SIGTERM');
    });
}

function firstLine(child, log) {
    return new Promise((resolve, reject) => {
        let text = '';
        child.stdout.on('data', (data) => {
            text += data;
            const end = text.indexOf('\n');
            if (end >= 0) resolve(text.slice(0, end));
        });
        child.on('close', (code) => reject(new Error(`the server ended with ${code}: ${log().slice(0, 1000)}`)));
        child.on('error', reject);
    });
}

// --- the API, as a program uses it ---

export class Api {
    constructor(url) {
        this.url = url;
        this.cookies = new Map();
    }

    async call(method, path, body, { expect = [200, 201, 202, 204] } = {}) {
        const headers = { Accept: 'application/json' };
        if (this.cookies.size) headers.Cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
        if (method !== 'GET') headers['Idempotency-Key'] = randomUUID();
        if (body !== undefined) headers['Content-Type'] = 'application/json';
        const response = await fetch(`${this.url}/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
        for (const cookie of response.headers.getSetCookie()) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
            if (value) this.cookies.set(name, value);
            else this.cookies.delete(name);
        }
        const text = await response.text();
        if (!expect.includes(response.status)) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 600)}`);
        return text ? JSON.parse(text) : undefined;
    }

    get(path) {
        return this.call('GET', path);
    }

    post(path, body) {
        return this.call('POST', path, body);
    }

    put(path, body) {
        return this.call('PUT', path, body);
    }
}

const usedSteps = new Map();

// RFC 6238, as an authenticator does it. A code works once, so a second one within half a minute is that of the next step.
export function totp(secret) {
    const step = Math.max(Math.floor(Date.now() / 30_000), (usedSteps.get(secret) ?? 0) + 1);
    usedSteps.set(secret, step);
    const bits = [...secret.replace(/[\s=]/g, '').toUpperCase()].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', key).update(counter).digest();
    const offset = mac[19] & 15;
    return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export const PASSWORD = 'sixteen brave warehouse lamps';

// The first administrator, through the one-time link, with a second factor, as an API session. Returns the TOTP secret, too.
export async function firstAdmin(serverInfo, password = PASSWORD) {
    const api = new Api(serverInfo.url);
    const token = serverInfo.first_run.split('/#/invite/')[1];
    const opened = await api.post('/invitations/accept', { token, password });
    const { secret } = await api.call('POST', '/totp');
    await api.post('/totp/confirm', { code: totp(secret) });
    return { api, secret, login: opened.login, password };
}

// --- the browser ---

async function browser(stops, extra = []) {
    const { chromium } = require('playwright-core');
    const made = await chromium.launch({
        executablePath: chromiumPath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...extra],
    });
    stops.push(() => made.close());
    return made;
}

// A page that notes what must not happen: policy violations, script errors, errors on the console.
export async function openPage(made, { lang = 'zh', theme = 'light', width = 1280, height = 800, context: options = {}, quiet = [] } = {}) {
    const context = await made.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width, height }, reducedMotion: 'reduce', serviceWorkers: 'block', ...options });
    const page = await context.newPage();
    const noted = { csp: [], errors: [] };
    await page.addInitScript(([l, t]) => {
        if (!localStorage.getItem('baogong.lang')) localStorage.setItem('baogong.lang', l);
        if (!localStorage.getItem('baogong.theme')) localStorage.setItem('baogong.theme', t);
        addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
    }, [lang, theme]);
    page.on('pageerror', (error) => noted.errors.push(error.stack ?? error.message));
    page.on('console', (message) => {
        const text = message.text();
        if (/Content Security Policy|^CSP /.test(text)) noted.csp.push(text);
        else if (message.type() === 'error' && !/Failed to load resource|Service Worker registration/.test(text) && !quiet.some((q) => q.test(text))) noted.errors.push(text);
    });
    return { page, context, noted };
}

const axe = () => readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// Violations of WCAG A and AA (2.0 to 2.2) and of axe's good practice, as short lines.
export async function violations(page) {
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axe() });
    const { result } = await session.send('Runtime.evaluate', {
        awaitPromise: true,
        returnByValue: true,
        expression: `axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => v.id + ' (' + v.impact + '): '
            + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + ((n.any[0] || n.all[0] || n.none[0] || {}).message || '')).join(' | ')))`,
    });
    await session.detach();
    return result.value ?? [];
}

// The screen in both languages and both themes: no violation in any of them.
export async function auditAll(page, name) {
    const found = [];
    for (const lang of ['zh', 'en']) {
        for (const theme of ['light', 'dark']) {
            await setLook(page, lang, theme);
            for (const line of await violations(page)) found.push(`${lang} ${theme}: ${line}`);
        }
    }
    await setLook(page, 'zh', 'light');
    ok(found.length === 0, `axe finds nothing on ${name}, in two languages and two themes`, found.join('\n'));
}

async function setLook(page, lang, theme) {
    const now = await page.evaluate(() => ({ lang: document.documentElement.lang, theme: document.documentElement.dataset.theme }));
    if ((now.lang === 'zh-CN' ? 'zh' : 'en') !== lang || now.theme !== theme) {
        await page.evaluate(([l, t]) => {
            localStorage.setItem('baogong.lang', l);
            localStorage.setItem('baogong.theme', t);
        }, [lang, theme]);
        await page.reload({ waitUntil: 'load' });
        await settle(page);
    }
}

// Until the screen has its heading and nothing is being read.
export async function settle(page) {
    await page.waitForSelector('h1');
    await page.waitForFunction(() => !document.querySelector('.skeleton') && !document.querySelector('[aria-busy="true"]'), null, { timeout: 15_000 });
    await page.waitForTimeout(80);
}

// Presses a link and waits for the screen it leads to.
export async function follow(page, locator, part) {
    await locator.click();
    await page.waitForFunction((p) => location.hash.includes(p), part);
    await page.waitForTimeout(100);
    await settle(page);
}

export async function show(page, hash) {
    await page.evaluate((h) => {
        location.hash = h;
    }, hash);
    await page.waitForTimeout(100);
    await settle(page);
}

export async function signIn(page, url, { login, password, secret }) {
    await page.goto(`${url}/`, { waitUntil: 'load' });
    await page.waitForSelector('input[name=login]');
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', password);
    await page.click('button[type=submit]');
    if (secret) {
        await page.waitForSelector('input[name=code]');
        await page.fill('input[name=code]', totp(secret));
        await page.click('button[type=submit]');
    }
    await page.waitForSelector('.shell');
    await settle(page);
}
