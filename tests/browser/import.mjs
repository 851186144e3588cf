#!/usr/bin/env node
// Importing a file with errors: what was found, every bad row, the error file; corrected, it imports as it is. Export beside it.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditAll, ok, openPage, run, settle, show, signIn } from './lib.mjs';
import { seed } from './seed.mjs';

await run(async ({ server, browser, stops }) => {
    const city = await server({ args: ['--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin'] });
    const s = await seed(city);
    const folder = mkdtempSync(join(process.env.BAOGONG_TEST_TMP ?? tmpdir(), 'import-'));
    stops.push(async () => (await import('node:fs')).rmSync(folder, { recursive: true, force: true }));
    const made = await browser();
    const { page, noted } = await openPage(made);
    await signIn(page, city.url, s.planner);
    await show(page, '#/import');
    await auditAll(page, 'import');
    ok((await page.locator('#upload-title').count()) === 1 && (await page.locator('#export-title').count()) === 1, 'import and export stand on one screen');

    const header = 'code,name_zh,name_en,unit,shelf_life_days';
    const good = Array.from({ length: 60 }, (_, i) => `IM-${String(i).padStart(3, '0')},导入物资${i},Imported ${i},件,365`);
    const file = join(folder, 'items.csv');
    writeFileSync(file, [header, ...good.slice(0, 30), 'BAD-1,,No Chinese name,件,365', 'BAD-2,天数不对,Bad days,件,三百天', ...good.slice(30)].join('\n'));
    await page.selectOption('main select', 'items');
    await page.setInputFiles('input[type=file]', file);
    await page.click('main form button[type=submit]');
    await page.waitForFunction(() => /#\/import\/\d+/.test(location.hash));
    await page.waitForSelector('.rows td.wrong');
    ok((await page.textContent('main')).includes('2 行有错误'), 'the bad rows are counted', await page.textContent('main'));
    ok((await page.locator('section[aria-labelledby=errors-title] tbody tr').count()) === 2, 'and shown one by one, with what is wrong');
    ok((await page.locator('section[aria-labelledby=preview-title] tbody tr').count()) === 50, 'the first fifty rows are shown');
    await auditAll(page, 'what was found in a file');
    ok((await s.planner.api.get('/search?q=IM-001')).rows.length === 0, 'nothing is written yet');

    const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[download]:has-text("下载错误文件")')]);
    const errors = join(folder, 'errors.csv');
    await download.saveAs(errors);
    const text = readFileSync(errors, 'utf8');
    ok(text.includes('BAD-1') && text.includes('BAD-2') && !text.includes('IM-001'), 'the error file holds the bad rows alone', text);

    await page.click('button:has-text("略过错误行")');
    await page.waitForFunction(() => document.querySelector('main').textContent.includes('已导入'));
    ok((await page.textContent('main')).includes('60'), 'the good rows are imported, the others left out', await page.textContent('main'));

    // Corrected, the error file goes in as it is.
    writeFileSync(errors, text.replace('BAD-1,,', 'BAD-1,补上的名称,').replaceAll('三百天', '300'));
    await show(page, '#/import');
    await page.selectOption('main select', 'items');
    await page.setInputFiles('input[type=file]', errors);
    await page.click('main form button[type=submit]');
    await page.waitForFunction(() => document.querySelector('main').textContent.includes('没有错误'));
    await page.click('button:has-text("导入 2 行")');
    await page.waitForFunction(() => document.querySelector('main .status.ok')?.textContent.includes('已导入'));
    const found = (await s.planner.api.get('/items?q=BAD-1')).rows[0];
    ok(found?.name_zh === '补上的名称', 'the corrected error file imports unchanged', found);

    const [exported] = await Promise.all([page.waitForEvent('download'), (async () => {
        await show(page, '#/import');
        await page.locator('section[aria-labelledby=export-title] select').selectOption('items');
        await page.click('section[aria-labelledby=export-title] a:has-text("CSV")');
    })()]);
    const out = join(folder, 'out.csv');
    await exported.saveAs(out);
    ok(readFileSync(out, 'utf8').includes('补上的名称'), 'the export holds what was imported');
    await settle(page);

    ok(noted.csp.length === 0, 'no violation of the content security policy', noted.csp.join('\n'));
    ok(noted.errors.length === 0, 'no script error', noted.errors.join('\n'));
});
