#!/usr/bin/env node
// One day in short: a lot is received by scanned codes, the situation changes live on the wall, every figure opens down to the journal
// entry, wrong scans are refused with the reason, goods are sent and signed for.
import { auditAll, follow, ok, openPage, run, settle, show, signIn, violations } from './lib.mjs';
import { person, seed, SUIT_GTIN } from './seed.mjs';

// Keys as a scanner types them: all at once, GS as F8, Enter at the end.
async function wedge(page, text) {
    await page.evaluate((t) => {
        document.activeElement?.blur();
        for (const c of [...t, 'Enter']) dispatchEvent(new KeyboardEvent('keydown', { key: c === '\x1d' ? 'F8' : c, bubbles: true, cancelable: true }));
    }, text);
}

const said = (page) => page.locator('.scan-said .said');

await run(async ({ server, browser }) => {
    const city = await server({ args: ['--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin'] });
    const s = await seed(city);
    const made = await browser();

    // The wall.
    const wall = await openPage(made, { width: 1920, height: 1080, theme: 'dark' });
    await signIn(wall.page, city.url, s.commander);
    await show(wall.page, '#/situation');
    await wall.page.waitForSelector('.district[data-district="120112"]');
    ok((await wall.page.locator('.district[data-district]').count()) === 16, 'the map shows the sixteen districts of the region pack');
    const size = await wall.page.evaluate(() => [document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]);
    ok(size[0] <= size[1] && size[2] <= size[3], 'the situation fits 1920 x 1080 without scrolling', size);
    const cell = wall.page.locator(`[aria-label^="医用防护服 空港应急物资专库"]`);
    ok((await cell.getAttribute('aria-label')).includes('告急'), 'an empty depot is critical');
    await wall.page.locator('.district[data-district="120110"]').click();
    ok((await wall.page.locator('thead th.on').textContent()).includes('空港'), 'choosing a district chooses its depot in the matrix');

    // Finding an item: by pinyin initials, from anywhere.
    await wall.page.keyboard.press('Escape');
    await wall.page.evaluate(() => document.activeElement?.blur());
    await wall.page.waitForTimeout(150); // keys closer together than a person's are taken for a scanner's
    await wall.page.keyboard.press('/');
    await wall.page.keyboard.type('yyfhf', { delay: 60 });
    await wall.page.waitForSelector('.topbar [role=option] >> text=医用防护服');
    await wall.page.keyboard.press('Enter');
    await wall.page.waitForFunction(() => location.hash.startsWith('#/stock/items/'));
    await settle(wall.page);
    ok((await wall.page.textContent('h1')) === '医用防护服', 'the slash key and pinyin initials find an item');
    await show(wall.page, '#/situation');

    // Receiving.
    const hand = await openPage(made, { width: 390, height: 800 });
    await signIn(hand.page, city.url, s.keeper);
    await show(hand.page, '#/work?task=receive');
    await hand.page.waitForFunction(() => document.querySelector('.work-head input')?.value);
    ok((await hand.page.inputValue('.work-head input')) === '空港应急物资专库', 'who keeps one depot need not choose it');
    await wedge(hand.page, `]d201${SUIT_GTIN}1728123110L7`);
    await hand.page.waitForFunction(() => document.querySelector('.work-lines li'));
    ok((await said(hand.page).textContent()).includes('+50'), 'one code with everything makes a line of a whole carton', await said(hand.page).textContent());
    await hand.page.fill('#scan-box', `01${SUIT_GTIN}`);
    await hand.page.press('#scan-box', 'Enter');
    await hand.page.waitForSelector('.said.low');
    ok((await said(hand.page).textContent()).includes('批号'), 'a code without lot and expiry asks for the second code');
    await hand.page.fill('#scan-box', ']C1019501234567890310L9');
    await hand.page.press('#scan-box', 'Enter');
    await hand.page.waitForSelector('.said.critical');
    ok(/未登记|不是同一包装/.test(await said(hand.page).textContent()), 'the code of another pack is refused with the reason', await said(hand.page).textContent());
    await wedge(hand.page, ']C11728063010L8');
    await hand.page.waitForSelector('.said.ok');
    ok((await hand.page.locator('.work-lines li').count()) === 2, 'the second label of the same pack completes it');
    await wedge(hand.page, `]d201${SUIT_GTIN.slice(0, 13)}41728123110L7`);
    await hand.page.waitForFunction(() => document.querySelector('.said.critical')?.textContent.includes('校验'));
    ok((await hand.page.locator('.work-lines li').count()) === 2, 'a wrong check digit is refused and changes nothing');
    await hand.page.locator('.work-lines li').first().locator('input').fill('600');
    ok((await violations(hand.page)).length === 0, 'axe finds nothing on a receipt with lines, on a phone', await violations(hand.page));

    const before = Date.now();
    await hand.page.click('button.submits');
    await hand.page.waitForSelector('.notice.ok');
    const number = (await hand.page.textContent('.notice.ok')).match(/RK\d{4}-\d+/)?.[0];
    ok(Boolean(number), 'the receipt is booked under a number', await hand.page.textContent('.notice.ok'));
    await wall.page.waitForFunction(() => /偏低|充足/.test(document.querySelector('[aria-label^="医用防护服 空港应急物资专库"]').getAttribute('aria-label')));
    console.log(`# from pressing the button on the phone to the changed cell on the wall: ${Date.now() - before} ms`);
    ok(true, 'the wall shows the new stock without being asked');

    // Down to the journal: cell, lots, movement, document, entry, proof.
    await cell.click();
    const usable = wall.page.locator('.figures div', { has: wall.page.locator('dt', { hasText: /^可用$/ }) }).locator('a', { hasText: '650' });
    await usable.waitFor();
    ok(true, 'the chosen cell shows its figures, and the usable stock is a link');
    await follow(wall.page, usable, '#/stock?');
    ok((await wall.page.locator('tbody tr:not(.spacer)').count()) === 2, 'the figure opens its two lots');
    await follow(wall.page, wall.page.locator('tr', { hasText: 'L7' }).locator('td.number a'), '#/stock/movements?');
    ok((await wall.page.textContent('tbody')).includes('采购'), 'the lot opens its movements');
    await follow(wall.page, wall.page.locator('tbody tr:not(.spacer) td a').first(), '#/stock/movements/');
    await follow(wall.page, wall.page.locator('a', { hasText: '查看日志与证明' }), '#/journal?');
    await follow(wall.page, wall.page.locator('tbody tr:not(.spacer) td a').first(), '#/journal/entries/');
    await wall.page.waitForSelector('.proof-steps');
    ok((await wall.page.textContent('section[aria-labelledby=proof-title]')).includes('完好'), 'and the movement its journal entry, whose proof holds');
    ok((await wall.page.textContent('.body')).includes('"qty": 600'), 'the entry holds the quantity that was typed');

    // Issuing.
    await show(hand.page, '#/work?task=send');
    await hand.page.locator('.work-head input').nth(1).fill('津南');
    await hand.page.locator('[role=option]', { hasText: '津南区级库' }).click();
    await wedge(hand.page, `]d201${SUIT_GTIN}10L99`);
    await hand.page.waitForSelector('.said.critical');
    ok((await said(hand.page).textContent()).includes('L7'), 'a lot that is not here is refused, and what is here is named');
    await wedge(hand.page, `]d201${SUIT_GTIN}10L8`);
    await hand.page.waitForSelector('.said.ok');
    await wedge(hand.page, `]d201${SUIT_GTIN}10L8`);
    await hand.page.waitForSelector('.said.critical');
    ok((await said(hand.page).textContent()).includes('超过可用数量'), 'more than there is is refused');
    await hand.page.click('button.submits');
    await hand.page.waitForSelector('.notice.ok');
    ok(/FY\d{4}-\d+/.test(await hand.page.textContent('.notice.ok')), 'the goods are sent');

    const jinnan = await person(city, s.admin, 'jinnan', '赵津南', [{ role: 'depot', scope_kind: 'place', scope_id: s.places.jinnan.id }]);
    const other = await openPage(made, { width: 390, height: 800, theme: 'dark' });
    await signIn(other.page, city.url, jinnan);
    await show(other.page, '#/work?task=arrive');
    await other.page.locator('.shipments button').first().click();
    await other.page.locator('.work-lines input').first().fill('48');
    ok((await other.page.textContent('.work-lines')).includes('少 2'), 'what is missing is said at once');
    ok((await violations(other.page)).length === 0, 'axe finds nothing on signing for a shipment', await violations(other.page));
    await other.page.click('button.submits');
    await other.page.waitForSelector('.toast.good, .failure');
    if (await other.page.locator('.failure').count()) console.log('# ' + await other.page.textContent('.failure'));
    ok((await other.page.textContent('.toast.good')).includes('差异'), 'the arrival is booked and the difference has its review');

    // The commander prepares a level; the wall says so.
    await show(wall.page, '#/situation');
    await wall.page.click('button:has-text("变更级别")');
    await wall.page.waitForSelector('dialog form');
    ok((await violations(wall.page)).length === 0, 'axe finds nothing on changing the level', await violations(wall.page));
    await wall.page.click('dialog button[type=submit]');
    ok((await wall.page.locator('dialog .field-error').count()) === 1, 'a level needs a reason');
    await wall.page.locator('dialog input[type=text]').first().fill('首例本土病例');
    await wall.page.click('dialog button[type=submit]');
    await wall.page.waitForSelector('.level-badge.waiting');
    ok(!(await wall.page.textContent('.levels')).includes('准备'), 'what is proposed waits for another person');
    const [open] = (await s.deputy.api.get('/proposals?open=true')).rows;
    await s.deputy.api.post(`/proposals/${open.id}/decision`, { agrees: true });
    await wall.page.waitForFunction(() => document.querySelector('.levels')?.textContent.includes('准备 3 级'));
    ok((await wall.page.textContent('.levels')).includes('储备 4 级'), 'level 3 is prepared, level 4 stays in force');

    // Every screen of the stock, in two languages and two themes.
    const desk = await openPage(made);
    await signIn(desk.page, city.url, s.planner);
    for (const [hash, name] of [['#/situation', 'the situation'], ['#/readiness', 'readiness'], ['#/stock', 'the stock'], ['#/stock?view=lots', 'the lots'],
        [`#/stock/items/${s.items.suit.id}`, 'the page of an item'], [`#/stock/items/${s.items.suit.id}?tab=history`, 'the history of an item'],
        [`#/stock/places/${s.places.airport.id}`, 'the page of a place'], ['#/stock/movements', 'the movements']]) {
        await show(desk.page, hash);
        await auditAll(desk.page, name);
    }
    await show(desk.page, '#/stock/movements');
    await desk.page.locator('tbody tr:not(.spacer) td a[href*="/lots/"]').first().click();
    await settle(desk.page);
    await auditAll(desk.page, 'the page of a lot');
    await show(desk.page, '#/stock/reviews');
    ok((await desk.page.textContent('tbody')).includes('少到'), 'the difference of the arrival waits with its clock');
    await auditAll(desk.page, 'the differences');
    await desk.page.locator('tbody button', { hasText: '说明并办结' }).first().click();
    await desk.page.fill('dialog input', '途中破损两件，承运人已确认');
    await desk.page.click('dialog button[type=submit]');
    await desk.page.waitForSelector('.toast.good, dialog .failure');
    if (await desk.page.locator('dialog .failure').count()) throw new Error(await desk.page.textContent('dialog .failure'));
    await desk.page.waitForFunction(() => !document.querySelector('tbody') || !document.querySelector('tbody').textContent.includes('少到'));
    ok(true, 'explained, it is closed');
    await show(hand.page, '#/work?task=receive');
    await auditAll(hand.page, 'receiving');

    for (const [name, p] of Object.entries({ wall, hand, other, desk })) {
        ok(p.noted.csp.length === 0, `no violation of the content security policy (${name})`, p.noted.csp.join('\n'));
        ok(p.noted.errors.length === 0, `no script error (${name})`, p.noted.errors.join('\n'));
    }
});
