#!/usr/bin/env node
// From the one-time link of the first run to an account of one's own: password, second factor, roles, sessions, why.
import { auditAll, ok, openPage, PASSWORD, run, settle, show, totp, violations } from './lib.mjs';

await run(async ({ server, browser }) => {
    const city = await server({ args: ['--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin'] });
    const made = await browser();
    const { page, noted } = await openPage(made);

    await page.goto(city.first_run, { waitUntil: 'load' });
    await settle(page);
    ok((await page.textContent('h1')) === '设置口令', 'the link of the first run leads to the page that sets a password');
    await auditAll(page, 'the invitation');
    await page.fill('input[name=password]', 'short');
    await page.click('button[type=submit]');
    ok((await page.locator('.field-error').first().textContent()).includes('还差'), 'a short password is told how much is missing');
    await page.fill('input[name=password]', PASSWORD);
    await page.fill('input[name=again]', PASSWORD);
    await page.click('button[type=submit]');
    await page.waitForSelector('.shell');
    ok(true, 'a password is set and one is in');

    await page.goto(city.first_run, { waitUntil: 'load' });
    await page.waitForSelector('.failure');
    ok(true, 'the link works once');

    await page.goto(`${city.url}/#/account`, { waitUntil: 'load' });
    await page.waitForSelector('.shell');
    await settle(page);
    ok((await page.locator('.notice').count()) > 0, 'an administrator is told to set up a second factor');
    await page.locator('main .actions button', { hasText: '设置第二重验证' }).click();
    await page.waitForSelector('.qr');
    ok((await violations(page)).length === 0, 'axe finds nothing on the dialog of the second factor', await violations(page));
    const secret = (await page.textContent('dialog .secret')).replace(/\s/g, '');
    await page.fill('dialog input[autocomplete="one-time-code"]', totp(secret));
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('.codes li');
    ok((await page.locator('.codes li').count()) >= 8, 'recovery codes are shown once');
    await page.locator('dialog footer button').click();
    await page.waitForFunction(() => document.querySelectorAll('.rail a.entry').length > 0);
    ok((await page.locator('.rail a[href="#/people"]').count()) === 1, 'with the second factor the menu shows what an administrator may do');
    await settle(page);
    await auditAll(page, 'the own account');
    await show(page, '#/account?tab=why');
    await page.selectOption('select', 'ledger.post');
    await page.click('main form button[type=submit]');
    await page.waitForSelector('main .panel[role=status]');
    ok((await page.textContent('main .panel[role=status]')).includes('不可以'), 'why may I not post stock: the administrator has no such role');

    await show(page, '#/people');
    await page.click('button:has-text("新建账号")');
    await page.fill('dialog input >> nth=0', '王保管');
    await page.fill('dialog input >> nth=1', 'wang');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog .secret');
    const link = await page.textContent('dialog .secret');
    ok(link.includes('/#/invite/'), 'a new account comes with a one-time link');
    await page.click('dialog footer a');
    await settle(page);
    ok((await page.textContent('h1')) === '王保管', 'and leads to its page');
    await auditAll(page, 'the page of an account');
    await show(page, '#/people');
    await auditAll(page, 'people and rights');
    await show(page, '#/people/invitations');
    await auditAll(page, 'inviting by file');
    await page.setInputFiles('input[type=file]', { name: 'firms.csv', mimeType: 'text/csv', buffer: Buffer.from('login,name,organisation\nfirm1,张三,示例防护用品有限公司\nfirm2,,示例二厂\n') });
    await page.click('button:has-text("上传并检查")');
    await page.waitForSelector('.status.critical');
    ok((await page.textContent('main')).includes('1 行有错误'), 'a file of invitations is looked at first', await page.textContent('main'));
    await page.setInputFiles('input[type=file]', { name: 'firms.csv', mimeType: 'text/csv', buffer: Buffer.from('login,name,organisation\nfirm1,张三,示例防护用品有限公司\nfirm2,李四,示例二厂\n') });
    await page.click('button:has-text("上传并检查")');
    await page.waitForSelector('.status.ok');
    await page.click('button:has-text("发出邀请")');
    await page.waitForSelector('button:has-text("下载链接文件")');
    ok((await page.textContent('main')).includes('已邀请 2 家'), 'and two firms are invited, their links given once');

    const second = await openPage(made, { width: 390, height: 780 });
    await second.page.goto(link, { waitUntil: 'load' });
    await settle(second.page);
    await second.page.fill('input[name=password]', `${PASSWORD} two`);
    await second.page.fill('input[name=again]', `${PASSWORD} two`);
    await second.page.click('button[type=submit]');
    await second.page.waitForSelector('.shell');
    await settle(second.page);
    ok((await second.page.textContent('main')).includes('还没有任何权限'), 'an account without a role sees nothing and is told whom to ask');
    ok((await violations(second.page)).length === 0, 'axe finds nothing on the empty start', await violations(second.page));

    await page.locator('.topbar button[aria-haspopup]').click();
    await page.locator('.menu button', { hasText: '退出登录' }).click();
    await page.waitForSelector('input[name=login]');
    await page.fill('input[name=login]', 'admin');
    await page.fill('input[name=password]', 'wrong');
    await page.click('button[type=submit]');
    await page.waitForSelector('.failure');
    ok((await page.textContent('.failure')).includes('不正确'), 'a wrong password is refused in words');
    await auditAll(page, 'the login page');
    await page.evaluate(() => localStorage.clear());
    const third = await openPage(made, { lang: 'en', theme: 'dark' });
    await third.page.goto(city.url, { waitUntil: 'load' });
    await third.page.fill('input[name=login]', 'admin');
    await third.page.fill('input[name=password]', PASSWORD);
    await third.page.click('button[type=submit]');
    await third.page.waitForSelector('input[name=code]');
    ok(true, 'the second factor is asked for when signing in');

    for (const p of [{ noted }, second, third]) {
        ok(p.noted.csp.length === 0, 'no violation of the content security policy', p.noted.csp.join('\n'));
        ok(p.noted.errors.length === 0, 'no script error', p.noted.errors.join('\n'));
    }
});
