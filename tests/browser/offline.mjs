#!/usr/bin/env node
// Without network: the shell opens, what was read is shown with its age, a receipt is kept and booked once when the network is back;
// lost answers and repeats book nothing twice; live events resume where they stopped; one event stream serves all tabs.
import { ok, openPage, run, settle, show, signIn, violations } from './lib.mjs';
import { seed, SUIT_GTIN } from './seed.mjs';

async function scan(page, text) {
    await page.fill('#scan-box', text);
    await page.press('#scan-box', 'Enter');
    await page.waitForFunction(() => document.querySelector('.scan-said .said'));
}

await run(async ({ server, browser }) => {
    const city = await server({ args: ['--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin'] });
    const s = await seed(city);
    const made = await browser();
    const { page, context, noted } = await openPage(made, { width: 390, height: 800, context: { serviceWorkers: 'allow' }, quiet: [/ERR_INTERNET_DISCONNECTED|Failed to fetch/] });
    await signIn(page, city.url, s.keeper);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => new Promise((done) => {
        if (navigator.serviceWorker.controller) done();
        else navigator.serviceWorker.addEventListener('controllerchange', done, { once: true });
    })));
    ok(true, 'the service worker is in charge');

    const documents = async () => (await s.commander.api.get('/movements?limit=500')).rows.length;
    await show(page, '#/work?task=receive');
    await page.waitForFunction(() => document.querySelector('.work-head input')?.value);
    await scan(page, `]d201${SUIT_GTIN}1728123110L7`);
    await page.click('button.submits');
    await page.waitForSelector('.notice.ok');
    ok((await documents()) === 1, 'online, a receipt is booked');

    // The answer is lost on the way back: the same operation is sent again and booked once.
    let lost = 0;
    await page.route('**/api/v1/documents', async (route) => {
        if (route.request().method() === 'POST' && lost < 2) {
            lost++;
            await route.fetch();
            await route.abort('connectionreset');
        } else await route.continue();
    });
    await scan(page, `]d201${SUIT_GTIN}1728123110L7`);
    await page.click('button.submits');
    await page.waitForFunction(() => document.querySelectorAll('.work-lines li').length === 0);
    await page.waitForSelector('.notice.ok');
    ok(lost === 2 && (await documents()) === 2, 'two lost answers: the operation was repeated and booked once', { lost });
    await page.unroute('**/api/v1/documents');

    await context.setOffline(true);
    await page.reload({ waitUntil: 'load' });
    await page.waitForSelector('.shell');
    await page.waitForSelector('main .notice.low');
    ok((await page.textContent('main .notice.low')).includes('连不上服务器'), 'without network the application opens and says so');
    await page.waitForSelector('#scan-box');
    await scan(page, `]d201${SUIT_GTIN}1728123110L7`);
    ok((await page.locator('.work-lines li').count()) === 1, 'what was scanned before is known without network');
    await page.waitForFunction(() => document.querySelector('.work-head input')?.value);
    await page.click('button.submits');
    await page.waitForSelector('.failure');
    ok((await page.textContent('.failure')).includes('已存入待发送'), 'the receipt is kept');
    ok((await page.locator('.topbar').textContent()).includes('待发送 1'), 'and the bar says that one operation waits');
    await page.click('.topbar button:has-text("待发送")');
    await page.waitForSelector('dialog .card');
    ok((await violations(page)).length === 0, 'axe finds nothing on what waits to be sent', await violations(page));
    await page.keyboard.press('Escape');
    ok((await documents()) === 2, 'nothing is booked yet');

    await context.setOffline(false);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForFunction(() => !document.querySelector('.topbar')?.textContent.includes('待发送'));
    ok((await documents()) === 3, 'when the network is back it is booked, once');

    // The live link breaks and comes back; nothing in between is missed.
    await settle(page);
    await show(page, '#/stock');
    await page.waitForFunction(() => document.querySelector('.link-state.live'));
    const wanted = (await s.commander.api.get(`/stock?item=${s.items.suit.id}&place=${s.places.airport.id}`)).rows[0].usable;
    ok((await page.textContent('main')).includes(String(wanted)), 'the list shows what the ledger says', wanted);

    // A second tab of the same browser listens through the first.
    let streams = 0;
    const second = await context.newPage();
    second.on('request', (request) => {
        if (request.url().includes('/api/v1/events')) streams++;
    });
    await second.goto(`${city.url}/#/stock`, { waitUntil: 'load' });
    await second.waitForSelector('.link-state.live');
    ok(streams === 0, 'a second tab opens no event stream of its own');
    const lot = (await s.keeper.api.get(`/lots?item=${s.items.suit.id}`)).rows[0];
    await s.keeper.api.post('/documents', { kind: 'issue', reason: 'sample', place: s.places.airport.id, lines: [
        { from: { place: s.places.airport.id, item: s.items.suit.id, lot: lot.id, status: 'usable' }, to: { place: s.places.airport.id, status: 'used' }, qty: 1 }] });
    const now = (await s.commander.api.get(`/stock?item=${s.items.suit.id}&place=${s.places.airport.id}`)).rows[0].usable;
    await second.waitForFunction((n) => document.querySelector('main').textContent.includes(String(n)), now);
    ok(true, 'and hears of changes all the same');

    ok(noted.csp.length === 0, 'no violation of the content security policy', noted.csp.join('\n'));
    ok(noted.errors.length === 0, 'no script error', noted.errors.join('\n'));
});
