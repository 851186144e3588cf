#!/usr/bin/env node
// Import and export over HTTP: upload and look, commit the same content, error file, progress, replay; and the commands through the
// socket of the server that holds the database.
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, ok, Person, run } from './lib.mjs';

const items = '物资编码,物资名称,基本单位,保质期天数\nFHF-001,医用防护服,件,"1,095"\nKZ-002,医用防护口罩,个,1825\n';
const bad = '物资编码,物资名称,基本单位,保质期天数\nGZ-003,隔离面罩,个,many\nYZ-004,隔离眼罩,,10\nST-005,手套,双,1\n';
const csv = { 'Content-Type': 'text/csv' };

async function upload(person, kind, body, more = '') {
    return person.call('POST', `/imports?kind=${kind}&name=${encodeURIComponent('物资.csv')}${more}`, body, csv);
}

async function good(person) {
    const kinds = await person.call('GET', '/imports/kinds');
    ok(kinds.status === 200 && kinds.json.kinds.map((k) => k.kind).join() === 'owners,items,packs,codes,places,bins,lots,movements,standards' &&
        kinds.json.kinds[1].columns[0].name_zh === '物资编码', 'GET /imports/kinds', kinds.text.slice(0, 300));
    const job = await upload(person, 'items', items);
    ok(job.status === 201 && job.json.state === 'ready' && job.json.found.counts.rows === 2 && job.json.found.counts.would_import === 2 &&
        job.json.found.columns.join() === 'code,name_zh,unit,shelf_life_days' && job.json.found.preview[0].cells[1] === '医用防护服' &&
        job.json.found.preview[1].line === 3, 'POST /imports looks and imports nothing', job.text);
    const none = await person.call('GET', '/items');
    ok(none.json.rows.length === 0, 'there are no items yet');
    const other = await person.call('POST', `/imports/${job.json.id}/commit`, { digest: '0'.repeat(64) });
    ok(other.status === 409 && other.json.code === 'import.digest', 'other content is not committed', other.text);
    const key = { 'Idempotency-Key': randomUUID() };
    const done = await person.call('POST', `/imports/${job.json.id}/commit`, { digest: job.json.digest }, key);
    ok(done.status === 200 && done.json.imported === 2 && done.json.errors === 0, 'POST /imports/{id}/commit', done.text);
    const again = await person.call('POST', `/imports/${job.json.id}/commit`, { digest: job.json.digest }, key);
    ok(again.status === 200 && again.json.imported === 2, 'a repeated commit answers the same', again.text);
    const state = await person.call('GET', `/imports/${job.json.id}`);
    ok(state.json.state === 'done' && state.json.result.imported === 2 && !state.json.has_errors, 'GET /imports/{id}', state.text);
    const rows = await person.call('GET', '/items');
    ok(rows.json.rows.length === 2 && rows.json.rows.some((r) => r.code === 'FHF-001' && r.shelf_life_days === 1095), 'the items are in', rows.text);
}

async function wrong(person) {
    const job = await upload(person, 'items', bad);
    ok(job.status === 201 && job.json.found.counts.errors === 2 && job.json.has_errors && job.json.found.counts.first_error.line === 2,
        'bad rows are counted', job.text);
    const errors = await person.call('GET', `/imports/${job.json.id}/errors`);
    ok(errors.status === 200 && errors.headers['content-type'].startsWith('text/csv') && errors.text.split('\r\n').length === 4 &&
        errors.text.includes('保质期天数'), 'GET /imports/{id}/errors', errors.text);
    const refused = await person.call('POST', `/imports/${job.json.id}/commit`, { digest: job.json.digest });
    ok(refused.status === 422 && refused.json.code === 'import.bad-rows' && refused.json.facts.errors === 2, 'and nothing is imported', refused.text);
    const fixed = await upload(person, 'items', errors.text.replace(',many', ',30').replace(',隔离眼罩,,', ',隔离眼罩,个,'));
    const done = await person.call('POST', `/imports/${fixed.json.id}/commit`, { digest: fixed.json.digest });
    ok(done.status === 200 && done.json.rows === 2 && done.json.imported === 2, 'the corrected error file is imported', done.text);
    const skip = await upload(person, 'items', bad);
    const some = await person.call('POST', `/imports/${skip.json.id}/commit`, { digest: skip.json.digest, skip_bad: true });
    ok(some.status === 200 && some.json.imported === 1 && some.json.errors === 2, 'bad rows can be left out', some.text);
    const unknown = await upload(person, 'items', 'colour\nred\n');
    ok(unknown.status === 400 && unknown.json.code === 'table.header-unknown' && unknown.json.facts.headers[0] === 'colour', 'an unknown header', unknown.text);
    const mapped = await upload(person, 'items', 'sku,what\nA-1,x\n',
        `&map=${encodeURIComponent(JSON.stringify({ columns: { sku: 'code', what: 'name_zh' }, fixed: { unit: '个' } }))}`);
    ok(mapped.status === 201 && mapped.json.found.counts.would_import === 1, 'a mapping', mapped.text);
    const xls = await upload(person, 'items', Buffer.from('d0cf11e0a1b11ae1', 'hex'));
    ok(xls.status === 400 && xls.json.code === 'xlsx.old', 'an old .xls', xls.text);
    const missing = await person.call('GET', '/imports/1');
    ok(missing.status === 404, 'an import that is not there');
}

async function exported(person) {
    const text = await person.call('GET', '/exports/items');
    ok(text.status === 200 && text.text.startsWith('\ufeff物资编码,') && text.headers['content-disposition'].includes('items.csv'), 'GET /exports/{kind}', text.text.slice(0, 200));
    const back = await upload(person, 'items', text.raw);
    ok(back.json.found.counts.unchanged === back.json.found.counts.rows && back.json.found.counts.rows > 4, 'an export changes nothing', back.text.slice(0, 300));
    const book = await person.call('GET', '/exports/items?format=xlsx&headers=en');
    const again = await upload(person, 'items', book.raw);
    ok(book.raw.subarray(0, 2).toString() === 'PK' && again.json.found.counts.unchanged === back.json.found.counts.rows, 'nor does a workbook', again.text.slice(0, 300));
    const unknown = await person.call('GET', '/exports/people');
    ok(unknown.status === 404, 'a kind that there is not');
}

async function strangers(server, admin) {
    const nobody = new Person(server.url);
    ok((await upload(nobody, 'items', items)).status === 401 && (await nobody.call('GET', '/exports/items')).status === 401, 'nobody signed in');
    const invited = await admin.call('POST', '/accounts', { login: 'keeper', name: '张敏' });
    const keeper = await new Person(server.url).accept(invited.json.url ?? invited.json.link);
    ok((await upload(keeper, 'items', items)).status === 403, 'who has no right', invited.text);
    // A depot's manager imports movements of his own place, and exports what concerns it.
    const places = await upload(admin, 'places', 'code,name_zh,kind,owner\nK1,一库,reserve,CITY\nK2,二库,reserve,CITY\n');
    ok(places.json.found.counts.errors === 2, 'owners come first', places.text.slice(0, 300));
    for (const [kind, text] of [['owners', 'code,name_zh,kind\nCITY,市级,city\n'], ['places', 'code,name_zh,kind,owner\nK1,一库,reserve,CITY\nK2,二库,reserve,CITY\n']]) {
        const job = await upload(admin, kind, text);
        await admin.call('POST', `/imports/${job.json.id}/commit`, { digest: job.json.digest });
    }
    const k1 = (await admin.call('GET', '/places')).json.rows.find((r) => r.code === 'K1');
    const account = invited.json.account.id;
    const granted = await admin.call('POST', '/grants', { account, role: 'depot', scope_kind: 'place', scope_id: k1.id });
    ok(granted.status < 300, 'the depot has a manager', granted.text);
    const at = new Date(Date.now() - 3600_000).toISOString();
    const moves = (place) => `kind,occurred_at,item,qty,place,reason\nreceive,${at},M-0,5,${place},opening\n`;
    const goods = await upload(admin, 'items', 'code,name_zh,unit\nM-0,x,个\n');
    await admin.call('POST', `/imports/${goods.json.id}/commit`, { digest: goods.json.digest });
    const own = await upload(keeper, 'movements', moves('K1'));
    ok(own.status === 201 && own.json.found.counts.would_import === 1, 'movements of his own place', own.text);
    const taken = await keeper.call('POST', `/imports/${own.json.id}/commit`, { digest: own.json.digest });
    ok(taken.status === 200 && taken.json.imported === 1, 'are imported', taken.text);
    const others = await upload(keeper, 'movements', moves('K2'));
    ok(others.json.found.counts.errors === 1 && others.json.found.counts.first_error.code === 'auth.denied', 'those of another are refused', others.text);
    ok((await upload(keeper, 'items', items)).status === 403, 'and the catalogue is not his to import');
    const mine = await keeper.call('GET', '/exports/movements?headers=columns');
    ok(mine.status === 200 && mine.text.split('\r\n').length === 3 && mine.text.includes('K1'), 'he exports his movements', mine.text);
    ok((await keeper.call('GET', `/imports/${goods.json.id}`)).status === 403, 'the uploads of others are not his');
}

async function commands(server, bed, db) {
    const file = join(bed.folder, 'more.csv');
    writeFileSync(file, 'code,name_zh,unit\nM-1,x,个\nM-2,,个\n');
    const refused = await command(['import', 'items', file, '--db', db]);
    ok(refused.code === 1 && refused.json().errors === 1 && readFileSync(`${file}.errors.csv`, 'utf8').includes('M-2'), 'a command works through the server', refused.err + refused.out);
    const skipped = await command(['import', 'items', file, '--db', db, '--skip-bad']);
    ok(skipped.code === 1 && skipped.json().imported === 1, 'with its options', skipped.err + skipped.out);
    const out = await command(['export', 'items', '--db', db]);
    ok(out.code === 0 && out.out.startsWith('code,name_zh') && out.out.includes('M-1,x'), 'and exports', out.err);
}

await run(async (bed) => {
    const db = join(bed.folder, 'city.db');
    const server = await bed.start(['--db', db, '--rates', 'off']);
    if (!ok(server.ready, 'the server starts', server.log())) return;
    const person = await new Person(server.url).accept(server.first_run);
    await good(person);
    await wrong(person);
    await exported(person);
    await strangers(server, person);
    await commands(server, bed, db);
    await server.stop();
});
