#!/usr/bin/env node
// Labels printed by the server, rendered by Poppler and read by ZXing: what is scanned says item, lot, expiry and quantity again.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ok, Person, person, run } from './lib.mjs';

const zxing = new URL('../../web/node_modules/zxing-wasm', import.meta.url).pathname;

async function scanned(folder, pdf) {
    const reader = await import(pathToFileURL(join(zxing, 'dist/es/reader/index.js')));
    const wasm = readFileSync(join(zxing, 'dist/reader/zxing_reader.wasm'));
    reader.prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) } });
    writeFileSync(join(folder, 'label.pdf'), pdf);
    execFileSync('pdftoppm', ['-r', '203', '-png', join(folder, 'label.pdf'), join(folder, 'page')]);
    const pages = readdirSync(folder).filter((f) => /^page.*png$/.test(f)).sort();
    const said = [];
    for (const page of pages) {
        const [found] = await reader.readBarcodes(new Blob([readFileSync(join(folder, page))]), { formats: ['DataMatrix'], textMode: 'HRI' });
        said.push(found?.text ?? '');
    }
    return said;
}

await run(async (bed) => {
    const server = await bed.start(['--db', join(bed.folder, 'city.db'), '--rates', 'off']);
    const first_run = await new Person(server.url).accept(server.first_run);
    const city = (await first_run.call('GET', '/me')).json.city.id;
    const admin = await person(first_run, 'planner', 'planner', 'city', city);
    const item = async (code) => (await admin.call('POST', '/items', { code, name_zh: '医用防护服', name_en: 'Coverall', unit: '件', lotted: true, shelf_life_days: 730 })).json.id;
    const lot = async (of, batch) => (await admin.call('POST', '/lots', { item: of, batch, made: '2022-01-01', expiry: '2024-12-31' })).json.id;
    const suit = await item('GOWN');
    await admin.call('POST', `/items/${suit}/codes`, { scheme: 'gtin', code: '06901234567892', units: 1 });
    const plain = await item('BOOT-7');
    const [first, second] = [await lot(suit, '20220108A'), await lot(plain, 'B/22-1')];
    const pdf = await admin.call('GET', `/lots/${first}/label?quantity=50&copies=2`);
    ok(pdf.status === 200 && pdf.text.startsWith('%PDF'), 'GET /lots/{id}/label', pdf.text.slice(0, 300));
    const zpl = await admin.call('GET', `/lots/${first}/label?format=zpl&dpi=300`);
    ok(zpl.status === 200 && /^\^XA\^PW\d+\^LL\d+\^FO0,0\^GFA,/.test(zpl.text) && zpl.text.trim().endsWith('^XZ'), 'for a label printer, too', zpl.text.slice(0, 100));
    ok((await admin.call('GET', `/lots/${first}/label?dpi=90`)).status === 400, 'a resolution that no printer has is refused');
    ok((await admin.call('GET', '/lots/123/label')).status === 404, 'a lot that is not there is not found');
    if (!existsSync(zxing) || spawnSync('pdftoppm', ['-v']).error) return ok(true, 'the labels are read back # SKIP no ZXing or Poppler here');
    const said = await scanned(bed.folder, pdf.raw);
    ok(said.length === 2 && said.every((s) => s === '(01)06901234567892(17)241231(10)20220108A(30)50'), 'two labels, each read back whole', said);
    const own = await admin.call('GET', `/lots/${second}/label?quantity=12`);
    const [text] = await scanned(bed.folder, own.raw);
    ok(text === '(91)BGBOOT-7(93)241231(92)B/22-1(94)12', 'goods without a GTIN get our own elements', text);
    const known = await admin.call('GET', `/scan?code=${encodeURIComponent(text)}`);
    ok(known.json?.item?.code === 'BOOT-7' && known.json.units === 1, 'and a scan of them finds the item', known.text);
});
