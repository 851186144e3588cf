#!/usr/bin/env node
// The journal on the screen: list, entry, and its proof checked in the browser; a proof that was tampered with is seen.
import { auditAll, firstAdmin, ok, openPage, run, settle, show, signIn } from './lib.mjs';

await run(async ({ server, browser }) => {
    const city = await server();
    const admin = await firstAdmin(city);
    for (let i = 0; i < 7; i++) await admin.api.post('/accounts', { login: `person${i}`, name: `人员${i}` });
    const made = await browser();
    const { page, noted } = await openPage(made);
    await signIn(page, city.url, admin);

    await show(page, '#/journal');
    ok((await page.locator('table tbody tr:not(.spacer)').count()) > 7, 'the journal lists what was done, newest first');
    await auditAll(page, 'the journal');
    await page.locator('table tbody tr:not(.spacer) a').first().click();
    await settle(page);
    await page.waitForSelector('.proof-steps');
    ok((await page.textContent('section[aria-labelledby=proof-title]')).includes('完好'), 'the proof of an entry holds in the browser');
    ok((await page.locator('.proof-steps .status.ok').count()) === 2, 'both the leaf and its place in the tree are checked');
    await auditAll(page, 'an entry of the journal');

    await page.route('**/proof', async (route) => {
        const response = await route.fetch();
        const reply = await response.json();
        reply.body = reply.body.replace('"actor":"', '"actor":"9');
        await route.fulfill({ response, json: reply });
    });
    await page.click('button:has-text("重新验证")');
    await page.waitForSelector('.proof-steps .status.critical');
    ok((await page.textContent('section[aria-labelledby=proof-title]')).includes('不符'), 'an altered body is seen');

    ok(noted.csp.length === 0, 'no violation of the content security policy', noted.csp.join('\n'));
    ok(noted.errors.length === 0, 'no script error', noted.errors.join('\n'));
});
