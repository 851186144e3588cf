#!/usr/bin/env node
// Two people decide: the planner proposes a level, a commander approves, the situation changes; an order by telephone owes its papers.
import { auditAll, ok, openPage, run, settle, show, signIn, violations } from './lib.mjs';
import { seed } from './seed.mjs';

await run(async ({ server, browser }) => {
    const city = await server({ args: ['--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin'] });
    const s = await seed(city);
    const made = await browser();

    const desk = (await openPage(made)).page;
    await signIn(desk, city.url, s.planner);
    await show(desk, '#/situation');
    await desk.click('button:has-text("变更级别")');
    await desk.locator('dialog select').nth(1).selectOption('in_force');
    await desk.locator('dialog input[type=text]').first().fill('首例本土病例');
    await desk.click('dialog button[type=submit]');
    await desk.waitForSelector('.level-badge.waiting');
    ok((await desk.textContent('.levels')).includes('储备 4 级'), 'what is proposed is not in force');
    await desk.click('.level-badge.waiting');
    await desk.waitForSelector('text=须由另一人批准');
    ok((await desk.locator('button:has-text("批准")').count()) === 0, 'who asked is offered no approval');

    const chief = (await openPage(made, { width: 360, height: 740 })).page;
    await signIn(chief, city.url, s.commander);
    await show(chief, '#/proposals');
    await chief.waitForSelector('button:has-text("否决")');
    ok((await violations(chief)).length === 0, 'axe finds nothing on proposals at 360 pixels', await violations(chief));
    ok(await chief.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing hangs over the edge at 360 pixels');
    await chief.locator('button.primary:has-text("批准")').first().click();
    await chief.waitForSelector('dialog form');
    ok((await violations(chief)).length === 0, 'axe finds nothing on approving', await violations(chief));
    await chief.locator('dialog input[type=text]').fill('同意');
    await chief.click('dialog button[type=submit]');
    await chief.waitForSelector('.toast.good');
    await show(desk, '#/situation');
    await desk.waitForFunction(() => document.querySelector('.levels')?.textContent.includes('储备 3 级'));
    ok(true, 'another person approves, and the situation changes');

    await desk.click('button:has-text("变更级别")');
    await desk.locator('dialog select').last().selectOption('phone');
    await desk.locator('dialog input[type=text]').first().fill('辛庄镇聚集疫情');
    await desk.click('dialog button[type=submit]');
    ok((await desk.locator('dialog .field-error').count()) === 1, 'a telephone order names its leader');
    await desk.locator('dialog input[type=text]').last().fill('王某');
    await desk.waitForTimeout(400); // the pressed button fades back
    ok((await violations(desk)).length === 0, 'axe finds nothing on a telephone order', await violations(desk));
    await desk.click('dialog button[type=submit]');
    await desk.waitForFunction(() => document.querySelector('.levels')?.textContent.includes('准备 2 级'));
    await show(desk, '#/proposals');
    await desk.waitForSelector('button:has-text("补录文号")');
    ok((await desk.textContent('main')).includes('待补批准、文号'), 'a telephone order is in effect and owes approval and number');
    await desk.click('button:has-text("补录文号")');
    await desk.locator('dialog input[type=text]').fill('津指〔2022〕2号');
    await desk.click('dialog button[type=submit]');
    await settle(desk);
    await desk.waitForFunction(() => !document.querySelector('main').textContent.includes('、文号'));
    ok((await desk.textContent('main')).includes('待补批准'), 'with its number only the approval is owed');
    await desk.click('[role=tab]:has-text("级别历史")');
    await desk.waitForSelector('td:has-text("张指挥")');
    ok((await desk.textContent('main')).includes('李计划'), 'the history names who asked and who approved');
    await auditAll(desk, 'proposals');

    await desk.click('[role=tab]:has-text("上浮")');
    await desk.click('button:has-text("提请上浮")');
    await desk.waitForSelector('dialog form, dialog .form');
    ok((await violations(desk)).length === 0, 'axe finds nothing on proposing an uplift', await violations(desk));
    const today = (await s.planner.api.get('/situation')).as_of.slice(0, 10);
    const asked = await s.planner.api.post('/uplifts', { places: [s.places.airport.id], items: [s.items.suit.id], factor_permille: 1400, from: '2020-01-01', due: today, reason: '防范输入风险' });
    await s.deputy.api.post(`/proposals/${asked.id}/decision`, { agrees: true });
    await desk.keyboard.press('Escape');
    await desk.waitForSelector('td:has-text("标准上浮 40%")');
    await show(desk, `#/readiness?item=${s.items.suit.id}&level=4`);
    await desk.waitForSelector(`td:has-text("×1.4")`, { timeout: 8000 }).catch(() => {});
    ok((await desk.locator('td:has-text("×1.4")').count()) >= 1, 'readiness shows what an uplift makes of the standard', await desk.textContent('main'));
});
