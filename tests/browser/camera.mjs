#!/usr/bin/env node
// The camera as a scanner: a GS1 DataMatrix held before it becomes a line. The decoder's WebAssembly runs in a worker under a policy of
// its own, so that the page's policy stays strict; without a camera the screen says what to do instead.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ok, openPage, run, show, signIn } from './lib.mjs';
import { seed, SUIT_GTIN } from './seed.mjs';

// One still picture as a video that Chromium takes for its camera (YUV4MPEG2, grey).
async function video(file, text) {
    const root = new URL('../../web/node_modules/zxing-wasm', import.meta.url).pathname;
    const writer = await import(pathToFileURL(join(root, 'dist/es/writer/index.js')));
    const wasm = readFileSync(join(root, 'dist/writer/zxing_writer.wasm'));
    writer.prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) } });
    const { symbol, error } = await writer.writeBarcode(text, { format: 'DataMatrix', options: 'gs1', scale: 1 });
    if (error) throw new Error(error);
    const [width, height, scale] = [640, 480, 14];
    const luma = Buffer.alloc(width * height, 235);
    const left = Math.floor((width - symbol.width * scale) / 2);
    const top = Math.floor((height - symbol.height * scale) / 2);
    for (let y = 0; y < symbol.height * scale; y++) {
        for (let x = 0; x < symbol.width * scale; x++) {
            if (symbol.data[Math.floor(y / scale) * symbol.width + Math.floor(x / scale)] === 0) luma[(top + y) * width + left + x] = 16;
        }
    }
    const chroma = Buffer.alloc((width * height) / 2, 128);
    const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
    writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array(10).fill(frame)]));
}

await run(async ({ server, browser, stops }) => {
    const city = await server();
    const s = await seed(city);
    const folder = mkdtempSync(join(process.env.BAOGONG_TEST_TMP ?? tmpdir(), 'camera-'));
    stops.push(async () => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'code.y4m');
    await video(file, `(01)${SUIT_GTIN}(17)281231(10)L7`);

    const seeing = await browser(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`]);
    const { page, noted } = await openPage(seeing, { width: 390, height: 800 });
    await signIn(page, city.url, s.keeper);
    await show(page, '#/work?task=receive');
    const fetched = [];
    page.on('response', (r) => fetched.push(r.url()));
    ok(!(await page.evaluate(() => performance.getEntriesByType('resource').some((r) => r.name.endsWith('.wasm')))), 'the decoder is not loaded before somebody scans');
    await page.click('button:has-text("摄像头")');
    await page.waitForSelector('video');
    await page.waitForSelector('.work-lines li', { timeout: 60_000 });
    const line = await page.textContent('.work-lines li');
    ok(line.includes('医用防护服') && line.includes('L7') && line.includes('2028-12-31'), 'a DataMatrix before the camera becomes a line with lot and expiry', line);
    ok(fetched.some((u) => /scan-worker/.test(u)), 'the decoder runs in its own worker', fetched.join('\n'));
    await page.click('button:has-text("关闭摄像头")');
    ok((await page.locator('video').count()) === 0, 'the camera is closed again');
    ok(noted.csp.length === 0, 'no violation of the content security policy', noted.csp.join('\n'));
    ok(noted.errors.length === 0, 'no script error', noted.errors.join('\n'));

    const blind = await browser();
    const other = await openPage(blind, { width: 390, height: 800 });
    await signIn(other.page, city.url, s.keeper);
    await show(other.page, '#/work?task=receive');
    await other.page.click('button:has-text("摄像头")');
    await other.page.waitForSelector('.camera .notice');
    ok(/摄像头/.test(await other.page.textContent('.camera .notice')), 'without a camera the screen says what to do instead');
});
