#!/usr/bin/env node
// Other programs' demonstration data through the importer: BAOGONG_PEERS names a folder with openlmis/ and openboxes/, whose licences do not
// let them ship here. Figures and error files as expected; the ledger verifies afterwards.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, ok, run } from '../flow/lib.mjs';

const peers = process.env.BAOGONG_PEERS ?? '';
const maps = new URL('../../data/maps/', import.meta.url).pathname;

// Rows of a plain CSV as objects; enough for these files.
function rows(file) {
    const [head, ...lines] = readFileSync(file, 'utf8').split(/\r?\n/).filter(Boolean);
    const cells = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => m[1] ?? m[2]);
    const names = cells(head);
    return lines.map((line) => Object.fromEntries(cells(line).map((cell, i) => [names[i], cell])));
}

// Stock card lines joined with their cards: facility, product, quantity, the day it happened.
function movements(folder) {
    const key = (list, value) => new Map(list.map((row) => [row.id, value(row)]));
    const cards = key(rows(join(folder, 'stockmanagement.stock_cards.csv')), (row) => row);
    const places = key(rows(join(folder, 'referencedata.facilities.csv')), (row) => row.code);
    const items = key(rows(join(folder, 'referencedata.orderables.csv')), (row) => row.code);
    const lines = rows(join(folder, 'stockmanagement.stock_card_line_items.csv')).map((row) => {
        const card = cards.get(row.stockCardId);
        return [row.id, 'receive', row.occurredDate, items.get(card.orderableId), row.quantity, places.get(card.facilityId), 'opening'].join();
    });
    return ['ref,kind,occurred_at,item,qty,place,reason', ...lines].join('\n') + '\n';
}

await run(async (bed) => {
    const folder = join(peers, 'openlmis');
    if (!existsSync(join(folder, 'referencedata.facilities.csv'))) {
        ok(true, 'peers # SKIP BAOGONG_PEERS does not name their data');
        return;
    }
    const db = join(bed.folder, 'peers.db');
    const put = (name, text) => (writeFileSync(join(bed.folder, name), text), join(bed.folder, name));
    const take = async (kind, file, ...more) => {
        const answer = await command(['import', kind, file, '--db', db, ...more]);
        const { rows: all, imported, unchanged, errors } = answer.out ? answer.json() : {};
        return `${all} ${imported} ${unchanged} ${errors} ${answer.code}`;
    };
    const copy = (name) => put(name, readFileSync(join(folder, name)));
    await take('owners', put('owners.csv', 'code,name_zh,kind\nCITY,市级,city\n'));
    ok(await take('places', copy('referencedata.facilities.csv'), '--map', `${maps}openlmis-places.json`) === '2734 2734 0 0 0', '2,734 places');
    const products = copy('referencedata.orderables.csv');
    ok(await take('items', products, '--map', `${maps}openlmis-items.json`) === '10234 0 0 2 1', '10,234 items, one without a name, one twice');
    ok(/^4033,/m.test(readFileSync(`${products}.errors.csv`, 'utf8')), 'the first is named');
    ok(await take('items', products, '--map', `${maps}openlmis-items.json`, '--skip-bad') === '10234 10232 0 2 1', 'the others are imported');
    ok(await take('items', products, '--map', `${maps}openlmis-items.json`, '--skip-bad') === '10234 0 10232 2 1', 'and again change nothing');
    const lines = put('lines.csv', movements(folder));
    ok(await take('movements', lines) === '4760 0 0 29 1', '4,760 stock card lines, 29 of nothing');
    ok(await take('movements', lines, '--skip-bad') === '4760 4731 0 29 1', 'the others are imported, most of them years back');
    ok(await take('movements', lines, '--skip-bad') === '4760 0 4731 29 1', 'and again change nothing');
    const out = join(bed.folder, 'out.csv');
    await command(['export', 'movements', '--db', db, '--output', out]);
    ok(await take('movements', out) === '4731 0 4731 0 0', 'an export changes nothing');
    const verified = await command(['verify', '--db', db]);
    ok(verified.code === 0 && verified.json().differences === 0 && verified.json().movements === 4731, 'the ledger verifies', verified.out);
    const old = await command(['import', 'items', join(peers, 'openboxes/inventory.xls'), '--db', db]);
    ok(old.code === 1 && old.err.includes('xlsx.old') && old.err.includes('.xlsx'), 'the .xls is refused with a hint', old.err);
});
