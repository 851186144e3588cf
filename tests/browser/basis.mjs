#!/usr/bin/env node
// 测算依据 in the example city: an official reads what will run out and why, asks what if, adopts and rejects; the numbers on the screen are
// those of the command on the exported document. The epidemic officer enters a day in the form and by file.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, auditAll, ok, openPage, PASSWORD, run, settle, show, signIn, totp, violations } from './lib.mjs';

const bin = process.env.BAOGONG_BIN ?? new URL('../../build/baogong', import.meta.url).pathname;
const digits = (text) => Number(text.replace(/[^\d]/g, ''));

async function enter(city, role, factor) {
    const person = city.people.find((p) => p.role === role && p.scope === 'city');
    const api = new Api(city.url);
    await api.post('/invitations/accept', { token: person.link.split('/invite/')[1], password: PASSWORD });
    if (!factor) return { login: person.login, password: PASSWORD, api };
    const { secret } = await api.call('POST', '/totp');
    await api.post('/totp/confirm', { code: totp(secret) });
    return { login: person.login, password: PASSWORD, secret, api };
}

// Enters tomorrow's figures: form, then file.
async function epidemic(made, city, officer) {
    const { page, noted } = await openPage(made, { width: 1280, height: 800 });
    await signIn(page, city.url, officer);
    await show(page, '#/figures');
    await page.locator('form .input.number').fill('12');
    await page.locator('form button[type=submit]').click();
    await page.waitForSelector('.toast.good');
    await page.waitForFunction(() => /新增本土确诊.*12/.test(document.querySelector('tbody tr:not(.spacer)')?.textContent ?? ''));
    ok(true, 'the cases of a day are entered with one number and one press');
    const folder = mkdtempSync(join(tmpdir(), 'basis-'));
    const file = join(folder, 'day.csv');
    writeFileSync(file, '\ufeffdate,district,kind,name,value,mark,note\r\n2022-01-20,120112,sealed,辛庄镇,"12,000",reported,通报\r\n2022-01-20,120112,controlled,,358000,,\r\n');
    await page.locator('input[type=file]').setInputFiles(file);
    await page.waitForFunction(() => document.querySelector('tbody')?.textContent.includes('辛庄镇'));
    ok((await page.textContent('tbody')).includes('12,000'), 'and a file of zones, as it comes from a spreadsheet');
    await page.locator('[role=tab]').nth(1).click();
    await page.locator('form input[type=text]').first().fill('第五轮');
    await page.locator('form select').first().selectOption('ordered');
    await page.locator('form button[type=submit]').click();
    await page.waitForFunction(() => document.querySelector('tbody')?.textContent.includes('第五轮'));
    ok(true, 'a test round is ordered');
    await auditAll(page, 'the figures');
    ok(noted.csp.length === 0 && noted.errors.length === 0, 'no violation, no script error among the figures', [...noted.csp, ...noted.errors].join('\n'));
    await page.context().close();
    rmSync(folder, { recursive: true, force: true });
}

async function reads(page) {
    await show(page, '#/basis');
    await page.waitForSelector('.fan svg path.b95', { timeout: 20_000 });
    const sentences = await page.locator('.sentences li').allTextContents();
    ok(sentences.length === 14 && sentences.every((s) => /够用|可用至/.test(s)), 'one sentence for each key item', sentences.join('\n'));
    ok(sentences.some((s) => /下一轮筛查/.test(s)), 'and each tells of the next test round', sentences[0]);
    await page.locator('.sentences a', { hasText: '医用防护服' }).first().click();
    await page.waitForFunction(() => document.querySelector('#fan-title')?.textContent === '医用防护服');
    ok((await page.locator('.fan .band').count()) === 3 && (await page.locator('.fan path.have').count()) === 1 && (await page.locator('.fan line.standard').count()) === 1,
        'the fan has its three bands against stock, arrivals and standard');
    const shares = (await page.locator('.strip .strip-share').allTextContents()).filter(Boolean);
    ok(shares.length > 0, 'when it runs out is a distribution over days', shares);
    const parts = await page.locator('.bars').first().locator('li').allTextContents();
    ok(parts.length > 1 && parts.some((p) => p.includes('大筛')), 'what needs it is shown by driver', parts);
    await page.locator('.derivation summary').click();
    ok(/×/.test(await page.textContent('.derivation')) && /来源/.test(await page.textContent('.derivation')), 'every number opens into driver, coefficient and source');
}

async function asks(page) {
    const side = page.locator('.side');
    const before = digits(await side.nth(0).locator('dd').last().textContent());
    await page.locator('.what-if .slider').nth(0).fill('3');
    await page.waitForSelector('.what-seconds');
    await page.waitForFunction(() => document.querySelectorAll('.side')[1].querySelector('dd'));
    const after = digits(await side.nth(1).locator('dd').last().textContent());
    ok(after > before, 'what if one more round: the standard grows, side by side with the base', [before, after]);
    const ms = digits((await page.textContent('.what-seconds')).replace(/[^\d]*(\d+) 毫秒.*/, '$1'));
    console.log(`# engine time of the what-if: ${ms} ms`);
    await page.locator('.what-if .slider').nth(1).fill('100000');
    await page.waitForFunction((n) => Number(document.querySelectorAll('.side')[1].querySelector('dl dd:last-child').textContent.replace(/\D/g, '')) > n, after);
    ok(true, 'and with a hundred thousand more residents sealed it grows again');
    await page.locator('.what-if select').first().selectOption('crisis');
    await page.waitForFunction((n) => Number(document.querySelectorAll('.side')[1].querySelector('dl dd:last-child').textContent.replace(/\D/g, '')) < n, after);
    ok(true, 'in crisis use it shrinks');
    const uplift = await page.textContent('.uplift');
    ok(/保障率/.test(uplift) && /元/.test(uplift), 'an uplift says what it buys: service, days, money');
}

async function decides(page, planner) {
    const shown = digits(await page.locator('dl.facts dt', { hasText: '测算标准（' }).first().locator('xpath=following-sibling::dd[1]').locator('.num').textContent());
    await page.locator('.decisions button').first().click();
    await page.waitForSelector('dialog[open]');
    await page.locator('dialog [role=combobox]').fill('空港');
    await page.locator('dialog [role=option]').first().click();
    await page.locator('dialog input[type=text]').last().fill('按测算补货');
    ok((await violations(page)).length === 0, 'axe finds nothing on the decision', await violations(page));
    await page.locator('dialog footer button').last().click();
    await page.waitForSelector('.toast.good .button, .toast.good button', { timeout: 20_000 });
    const list = (await planner.api.get('/decisions?use=order')).rows;
    ok(list.length === 1 && list[0].part === 'FH01' && list[0].reason === '按测算补货', 'adopted as an order proposal, with its reason', list);
    const { run: kept, answer } = await planner.api.get(`/runs/${list[0].run}`);
    const folder = mkdtempSync(join(tmpdir(), 'basis-'));
    const file = join(folder, 'input.json');
    writeFileSync(file, JSON.stringify((await planner.api.get(`/runs/${list[0].run}/input`))));
    const solved = JSON.parse(execFileSync(bin, ['solve', kept.method, file], { encoding: 'utf8', maxBuffer: 1 << 26 }));
    rmSync(folder, { recursive: true, force: true });
    const standard = (a) => a.items.find((i) => i.item === 'FH01').levels.find((l) => l.level === a.level).standard;
    ok(standard(solved) === shown && standard(answer) === shown, 'the number on the screen is the command\'s number on the exported document', [shown, standard(solved), standard(answer)]);
    return list[0].run;
}

async function runs(page, id) {
    await show(page, '#/runs');
    ok((await page.locator('tbody tr:not(.spacer)').count()) >= 1, 'the run is in the list');
    await auditAll(page, 'the list of runs');
    await show(page, `#/runs/${id}`);
    await page.waitForSelector('.reasons li');
    ok((await page.textContent('.decision-list')).includes('按测算补货'), 'a run shows its answer\'s reasons and who decided what on it');
    await auditAll(page, 'a run');
    await page.locator('button', { hasText: '修改后重算' }).click();
    const text = await page.inputValue('textarea');
    await page.fill('textarea', text.replace('"seed": 1', '"seed": 2'));
    await page.locator('dialog footer button').last().click();
    await page.waitForFunction((old) => location.hash.startsWith('#/runs/') && !location.hash.includes(old), id);
    await page.waitForSelector('.reasons li', { timeout: 20_000 });
    ok((await page.textContent('dl.facts')).includes(id), 'asked again with changes: a new run that names the one it varies');
}

// A table is changed with a reason; what is wrong is named with its row and column.
async function tables(page) {
    await show(page, '#/basis/tables?table=kits');
    const text = await page.inputValue('textarea');
    await page.fill('textarea', text.replace(/\nL1,FH05,1,/, '\nL1,FH05,one,'));
    await page.locator('section input[type=text]').fill('本市口罩定额');
    await page.locator('section .button.primary').click();
    await page.waitForSelector('.notice.critical');
    ok(/第 2 行.*pieces.*one/.test(await page.textContent('.notice.critical')), 'a bad cell of a table is named', await page.textContent('.notice.critical'));
    await page.fill('textarea', text.replace(/\nL1,FH05,1,/, '\nL1,FH05,2,'));
    await page.locator('section .button.primary').click();
    await page.waitForFunction(() => document.querySelector('section[aria-labelledby=versions-title]').textContent.includes('本市口罩定额'));
    await page.waitForFunction(() => document.querySelector('textarea').value.includes('L1,FH05,2,'));
    ok(true, 'a good one is a new version, with who and why beneath');
    await auditAll(page, 'the tables');
}

await run(async ({ server, browser }) => {
    const city = await server({ demo: true });
    const made = await browser();
    const officer = await enter(city, 'epidemic', false);
    const planner = await enter(city, 'planner', true);
    const backtest = await planner.api.post('/runs?method=backtest', { paths: 1000, seed: 1 }); // some seconds of one core at low priority
    await epidemic(made, city, officer);
    const { page, noted } = await openPage(made, { width: 1920, height: 1080 });
    await signIn(page, city.url, planner);
    await reads(page);
    await asks(page);
    const id = await decides(page, planner);
    await show(page, '#/basis?item=CY01');
    await page.waitForSelector('.fan svg');
    await auditAll(page, 'the basis of calculation');
    await runs(page, id);
    await tables(page);
    for (let i = 0; i < 600 && (await planner.api.get(`/runs/${backtest.id}`)).run.state !== 'done'; i++) await page.waitForTimeout(500);
    await show(page, '#/basis/good');
    await page.waitForSelector('.flat-line', { timeout: 90_000 });
    const ratio = Number(await page.locator('tbody tr').first().locator('td').first().textContent());
    ok(ratio < 1 && (await page.textContent('.flat-line')).includes('1.00'), 'how good were we: beside the flat line, and better on the whole', ratio);
    ok(/不胜持平线/.test(await page.locator('tbody').nth(1).textContent()), 'and where it was not');
    await auditAll(page, 'how good were we');
    ok(noted.csp.length === 0 && noted.errors.length === 0, 'no violation, no script error', [...noted.csp, ...noted.errors].join('\n'));
    const phone = await openPage(made, { width: 360, height: 740, theme: 'dark' });
    await signIn(phone.page, city.url, planner);
    for (const hash of ['basis', 'runs', `runs/${id}`, 'figures']) {
        await show(phone.page, `#/${hash}`);
        if (hash === 'basis') await phone.page.waitForSelector('.fan svg', { timeout: 20_000 });
        await settle(phone.page);
        const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
        const found = await violations(phone.page);
        ok(wide <= 360 && found.length === 0, `${hash.replace(/\d{9,}/, 'ID')} on a phone (${wide} px)`, found.join('\n'));
    }
});
