#!/usr/bin/env node
// Whose stock it is, over HTTP: nobody acts at a place that is not his, whatever the second line or a hold says. And use without lots,
// single holds, shipments and reviews, the open period.
import { join } from 'node:path';
import { ok, Person, person, run } from './lib.mjs';

const good = (answer, name) => (ok(answer.status >= 200 && answer.status < 300, name, `${answer.status} ${answer.text}`), answer.json);
const refused = (answer, status, name) => ok(answer.status === status, name, `${answer.status} ${answer.text}`);

async function catalogue(planner) {
    const c = {};
    c.owner = good(await planner.call('POST', '/owners', { code: 'CITY', kind: 'city', name_zh: '市级' }), 'an owner').id;
    c.item = good(await planner.call('POST', '/items', { code: 'MASK', name_zh: '口罩', unit: '只', lotted: true }), 'an item').id;
    const place = async (code, kind) => good(await planner.call('POST', '/places', { code, kind, name_zh: code, owner: c.owner }), `a place: ${kind}`).id;
    c.mine = await place('MINE', 'reserve');
    c.yours = await place('YOURS', 'district');
    return c;
}

const account = (c, place, status) => ({ place, owner: c.owner, item: c.item, lot: c.lot, status });
const receipt = (c, place, qty) => ({ from: account(c, place, 'source'), to: account(c, place, 'usable'), qty });

async function foreign(mine, yours, c) {
    good(await yours.call('POST', '/documents', { kind: 'receive', reason: 'purchase', lines: [receipt(c, c.yours, 50)] }), 'yours receives');
    good(await mine.call('POST', '/documents', { kind: 'receive', reason: 'purchase', lines: [receipt(c, c.mine, 80)] }), 'mine receives');
    refused(await mine.call('POST', '/documents', { kind: 'receive', reason: 'purchase', lines: [receipt(c, c.mine, 1), receipt(c, c.yours, 1)] }), 400,
        'a second line does not receive elsewhere');
    const hold = good(await yours.call('POST', '/holds', { lines: [{ ...account(c, c.yours, 'usable'), qty: 20 }], purpose: 'test' }), 'yours reserves').holds[0].id;
    refused(await mine.call('POST', '/documents', { kind: 'issue', reason: 'handover', place: c.mine, lines: [{ hold, to: { place: c.mine, status: 'usable' }, qty: 20 }] }), 400,
        'what another place reserved is not taken by naming the hold');
    refused(await mine.call('GET', `/holds/${hold}`), 404, 'nor seen');
    good(await yours.call('GET', `/holds/${hold}`), 'GET /holds/{id}');
    const list = await yours.call('GET', `/holds?place=${c.yours}`);
    ok(list.json?.rows?.length === 1 && list.json.rows[0].qty === 20, 'GET /holds', list.text);
    const sent = good(await yours.call('POST', '/documents', { kind: 'send', reason: 'allocation', lines: [{ from: account(c, c.yours, 'usable'), to: { place: c.mine, status: 'transit' }, qty: 10 }] }), 'yours sends to mine');
    const shipment = good(await mine.call('GET', `/shipments/${sent.document.id}`), 'GET /shipments/{id}');
    ok(shipment.lines[0].on_the_way === 10, 'ten are on their way', shipment);
    const nothing = good(await mine.call('POST', '/documents', { kind: 'arrive', reason: 'allocation', place: c.mine, shipment: sent.document.id, final: true, lines: [] }), 'nothing arrived');
    const review = good(await mine.call('GET', `/reviews/${nothing.reviews[0].id}`), 'GET /reviews/{id}');
    ok(review.kind === 'missing' && review.qty === 10 && review.open, 'it is missing', review);
    refused(await yours.call('GET', `/reviews/${review.id}`), 404, 'a review of another place is not seen');
}

async function uses(yours, c) {
    const used = good(await yours.call('POST', '/uses', { place: c.yours, lines: [{ item: c.item, qty: 7 }] }), 'POST /uses: seven were used, of whatever lot');
    ok(used.movements[0].qty === 7 && used.movements[0].note === 'used 7' && used.movements[0].from.lot === c.lot, 'of the lot that is there', used);
    const left = good(await yours.call('POST', '/uses', { place: c.yours, remaining: true, lines: [{ item: c.item, qty: 30 }] }), 'POST /uses: thirty remain');
    ok(left.movements[0].qty === 3 && left.movements[0].note === 'remaining 30', 'so three more were used', left);
}

// Page by page comes the same as in one go: of the city, of a place, of a status, of the past.
async function balances(planner, c) {
    const pages = async (query, limit) => {
        const rows = [];
        for (let cursor = ''; ;) {
            const { json } = await planner.call('GET', `/balances?${query}&limit=${limit}${cursor}`);
            rows.push(...json.rows);
            if (!json.next) return rows;
            cursor = `&cursor=${json.next}`;
        }
    };
    const now = new Date().toISOString(), whole = await pages('', 500);
    const same = async (query, name, fits = () => true) => {
        const [one, many] = [await pages(query, 1), await pages(query, 500)];
        ok(many.length > 0 && JSON.stringify(one) === JSON.stringify(many) && many.length === whole.filter(fits).length, name, many);
    };
    ok(whole.every((r) => r.qty !== 0 && !['source', 'used', 'lost', 'discrepancy'].includes(r.status)), 'GET /balances: what is in stock', whole);
    await same('', 'balances of the city');
    await same('status=usable', 'of a status', (r) => r.status === 'usable');
    await same(`item=${c.item}`, 'of an item', (r) => r.item === c.item);
    await same(`place=${c.yours}`, 'of a place', (r) => r.place === c.yours);
    await same(`place=${c.yours}&status=usable`, 'of a place in a status', (r) => r.place === c.yours && r.status === 'usable');
    await same(`at=${now}`, 'as of a moment');
    await same(`at=${now}&place=${c.yours}`, 'of a place as of a moment', (r) => r.place === c.yours);
    const outside = await pages('outside=true', 1);
    ok(outside.length > whole.length && outside.reduce((sum, r) => sum + r.qty, 0) === 0, 'with the outside accounts everything adds up to zero', outside);
}

// A place of more accounts than are merged one by one: the walk through the city's movements finds the same.
async function many(yours, planner, c) {
    const lots = [];
    for (let i = 0; i < 70; i++) lots.push((await yours.call('POST', '/lots', { item: c.item, batch: `M${i}`, expiry: '2099-01-01' })).json.id);
    const line = (lot) => ({ from: { ...account(c, c.yours, 'source'), lot }, to: { ...account(c, c.yours, 'usable'), lot }, qty: 2 });
    for (const part of [lots.slice(0, 40), lots.slice(40)]) {
        good(await yours.call('POST', '/documents', { kind: 'receive', reason: 'purchase', lines: part.map(line) }), 'many lots come');
    }
    const pages = async (query, limit) => {
        const rows = [];
        for (let cursor = ''; ;) {
            const { json } = await planner.call('GET', `/movements?${query}&limit=${limit}${cursor}`);
            rows.push(...json.rows);
            if (!json.next) return rows;
            cursor = `&cursor=${json.next}`;
        }
    };
    const whole = await pages('', 500), fits = (m) => m.from.place === c.yours || m.to.place === c.yours;
    const expected = JSON.stringify(whole.filter(fits)), others = whole.filter((m) => !fits(m)).length;
    ok(others > 0 && JSON.stringify(await pages(`place=${c.yours}`, 500)) === expected, 'GET /movements of a place of many accounts');
    ok(JSON.stringify(await pages(`place=${c.yours}`, 1)) === expected, 'one by one');
    ok(JSON.stringify(await pages(`place=${c.yours}`, 7)) === expected, 'seven by seven');
    ok(JSON.stringify(await pages(`place=${c.yours}&reason=use`, 3)) === JSON.stringify(whole.filter((m) => fits(m) && m.reason === 'use')), 'of one reason');
}

async function settings(admin, planner, mine, c) {
    const now = good(await planner.call('GET', '/ledger'), 'GET /ledger');
    refused(await planner.call('PUT', '/ledger', { open_days: 1, review_hours: 12, reason: '结账' }), 403, 'the planner does not close periods');
    const closed = good(await admin.call('PUT', '/ledger', { open_days: 1, review_hours: 12, version: now.version, reason: '结账' }), 'PUT /ledger');
    ok(closed.open_days === 1 && closed.version === now.version + 1, 'the period is closed', closed);
    refused(await admin.call('PUT', '/ledger', { open_days: 9, review_hours: 12, version: now.version, reason: '重开' }), 412, 'not on a version that has changed');
    const late = { kind: 'transfer', reason: 'move', occurred_at: new Date(Date.now() - 5 * 86400000).toISOString(),
        lines: [{ from: account(c, c.mine, 'usable'), to: { place: c.mine, bin: c.bin, status: 'usable' }, qty: 1 }] };
    refused(await mine.call('POST', '/documents', late), 409, 'what lies in a closed period is refused');
}

await run(async (bed) => {
    const server = await bed.start(['--db', join(bed.folder, 'l.db'), '--rates', 'off', '--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin']);
    const admin = await new Person(server.url).accept(server.first_run);
    const city = (await admin.call('GET', '/me')).json.city.id;
    const planner = await person(admin, 'planner', 'planner', 'city', city);
    const c = await catalogue(planner);
    c.bin = good(await planner.call('POST', `/places/${c.mine}/bins`, { code: 'A-01' }), 'a bin').id;
    const mine = await person(admin, 'mine', 'depot', 'place', c.mine);
    const yours = await person(admin, 'yours', 'depot', 'place', c.yours);
    c.lot = good(await mine.call('POST', '/lots', { item: c.item, batch: 'L1', expiry: '2099-01-01' }), 'a lot').id;
    await foreign(mine, yours, c);
    await uses(yours, c);
    await balances(planner, c);
    await many(yours, planner, c);
    await settings(admin, planner, mine, c);
    await server.stop();
    ok(!server.log().includes('request.failed'), 'no request failed inside the server', server.log());
});
