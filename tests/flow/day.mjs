#!/usr/bin/env node
// One day of a city over HTTP, every route of catalogue, stock, ledger, readiness, records and journal: goods are bought, inspected,
// stored, sent, signed for, used, counted, recalled; the seven numbers and the proofs agree at the end.
import { join } from 'node:path';
import { ok, Person, person, run } from './lib.mjs';

const good = (answer, name) => (ok(answer.status >= 200 && answer.status < 300, name, `${answer.status} ${answer.text}`), answer.json);
const rows = (answer, name, test = (r) => r.length > 0) => ok(answer.status === 200 && test(answer.json.rows), name, answer.text.slice(0, 600));

async function catalogue(admin, planner) {
    const c = {};
    c.item = good(await planner.call('POST', '/items', { code: 'GOWN', name_zh: '医用防护服', name_en: 'Protective suit', unit: '件', lotted: true, key_item: true, shelf_life_days: 730 }), 'POST /items').id;
    const seen = good(await planner.call('GET', `/items/${c.item}`), 'GET /items/{id}');
    good(await planner.call('PUT', `/items/${c.item}`, { code: 'GOWN', name_zh: '医用一次性防护服', unit: '件', lotted: true, key_item: true, shelf_life_days: 730, version: seen.version }), 'PUT /items/{id}');
    const stale = await planner.call('PUT', `/items/${c.item}`, { code: 'GOWN', name_zh: '旧名', unit: '件', lotted: true, version: seen.version });
    ok(stale.status === 412, 'PUT /items/{id} on a version that has changed is refused', stale.text);
    rows(await planner.call('GET', '/items?q=%E9%98%B2%E6%8A%A4'), 'GET /items finds by a part of the name');
    good(await planner.call('POST', `/items/${c.item}/codes`, { scheme: 'gtin', code: '06901234567892', units: 1 }), 'POST /items/{id}/codes');
    rows(await planner.call('GET', `/items/${c.item}/codes`), 'GET /items/{id}/codes');
    const scan = await planner.call('GET', `/scan?code=${encodeURIComponent('(01)06901234567892(17)270101(10)B22')}`);
    ok(scan.status === 200 && scan.text.includes(c.item), 'GET /scan knows the item of a code', scan.text);
    good(await planner.call('POST', `/items/${c.item}/codes`, { scheme: 'other', code: 'OLD-7' }), 'another code');
    ok((await planner.call('DELETE', `/items/${c.item}/codes?scheme=other&code=OLD-7`)).status < 300, 'DELETE /items/{id}/codes');
    good(await planner.call('PUT', `/items/${c.item}/packs`, { unit: '箱', units: 50 }), 'PUT /items/{id}/packs');
    rows(await planner.call('GET', `/items/${c.item}/packs`), 'GET /items/{id}/packs');
    const place = async (code, kind, more = {}) => good(await planner.call('POST', '/places', { code, kind, name_zh: code, ...more }), `POST /places: ${kind}`).id;
    const owner = good(await planner.call('POST', '/owners', { code: 'CITY', kind: 'city', name_zh: '市级储备' }), 'POST /owners');
    c.owner = owner.id;
    good(await planner.call('PUT', `/owners/${c.owner}`, { code: 'CITY', kind: 'city', name_zh: '市级', version: owner.version }), 'PUT /owners/{id}');
    good(await planner.call('GET', `/owners/${c.owner}`), 'GET /owners/{id}');
    rows(await planner.call('GET', '/owners'), 'GET /owners');
    c.maker = await place('MAKER', 'supplier');
    c.depot = await place('AIRPORT', 'reserve', { owner: c.owner });
    c.district = await place('JINNAN', 'district', { owner: c.owner, division: '120112' });
    c.hospital = await place('HOSPITAL', 'hospital', { owner: c.owner });
    c.used = await place('USED', 'consumption');
    const depot = good(await planner.call('GET', `/places/${c.depot}`), 'GET /places/{id}');
    good(await planner.call('PUT', `/places/${c.depot}`, { code: 'AIRPORT', kind: 'reserve', name_zh: '空港专库', owner: c.owner, version: depot.version }), 'PUT /places/{id}');
    rows(await planner.call('GET', '/places?kind=reserve'), 'GET /places');
    const bin = good(await planner.call('POST', `/places/${c.depot}/bins`, { code: 'A-01' }), 'POST /places/{id}/bins');
    good(await planner.call('PUT', `/places/${c.depot}/bins/${bin.id}`, { code: 'A-01', name: '甲区一号', version: bin.version }), 'PUT /places/{id}/bins/{bin_id}');
    rows(await planner.call('GET', `/places/${c.depot}/bins`), 'GET /places/{id}/bins');
    return c;
}

async function lots(depot, c) {
    const lot = good(await depot.call('POST', '/lots', { item: c.item, batch: 'B22', made: '2026-01-02', expiry: '2028-01-01' }), 'POST /lots');
    c.lot = lot.id;
    c.late = good(await depot.call('POST', '/lots', { item: c.item, batch: 'B23', made: '2026-02-02', expiry: '2028-06-01' }), 'a second lot').id;
    good(await depot.call('PUT', `/lots/${c.lot}`, { item: c.item, batch: 'B22', made: '2026-01-02', expiry: '2028-01-01', certificate: '检-2026-1', version: lot.version }), 'PUT /lots/{id}');
    good(await depot.call('GET', `/lots/${c.lot}`), 'GET /lots/{id}');
    rows(await depot.call('GET', `/lots?item=${c.item}`), 'GET /lots', (r) => r.length === 2);
}

const account = (place, c, status, lot = c.lot) => ({ place, owner: c.owner, item: c.item, lot, status });

async function work(depot, district, c) {
    const post = (who, body, name) => who.call('POST', '/documents', body).then((answer) => good(answer, `POST /documents: ${name}`));
    const bought = await post(depot, { kind: 'receive', reason: 'purchase', place: c.depot, reference: '采-001', lines: [
        { from: account(c.maker, c, 'source'), to: account(c.depot, c, 'inspecting'), qty: 1000 },
        { from: account(c.maker, c, 'source', c.late), to: account(c.depot, c, 'usable', c.late), qty: 500 }] }, 'a purchase comes in');
    c.document = bought.document.id;
    c.movement = bought.movements[0].id;
    good(await depot.call('GET', `/documents/${c.document}`), 'GET /documents/{id}');
    good(await depot.call('GET', `/movements/${c.movement}`), 'GET /movements/{id}');
    await post(depot, { kind: 'status', reason: 'accepted', place: c.depot, lines: [{ from: account(c.depot, c, 'inspecting'), to: account(c.depot, c, 'usable'), qty: 1000 }] }, 'inspection accepts');
    const pick = await depot.call('POST', '/pick', { place: c.depot, wants: [{ item: c.item, quantity: 1200 }] });
    ok(pick.status === 200 && pick.text.indexOf(c.lot) >= 0 && pick.text.indexOf(c.lot) < pick.text.indexOf(c.late), 'POST /pick takes the first expiry first', pick.text);
    const held = good(await depot.call('POST', '/holds', { lines: [{ ...account(c.depot, c, 'usable'), qty: 100 }], purpose: '津南', reason: '预占' }), 'POST /holds');
    const stock = await depot.call('GET', `/stock?item=${c.item}&place=${c.depot}`);
    const seven = stock.json?.rows?.[0];
    ok(seven?.on_hand === 1500 && seven.usable === 1500 && seven.allocated === 100 && seven.available === 1400, 'GET /stock: seven numbers', stock.text);
    const hold = (Array.isArray(held.holds) ? held.holds[0] : held.holds).id;
    good(await depot.call('POST', `/holds/${hold}/void`, { reason: '不再需要' }), 'POST /holds/{id}/void');
    const short = await depot.call('POST', '/documents', { kind: 'issue', reason: 'handover', place: c.depot, lines: [{ from: account(c.depot, c, 'usable'), to: account(c.used, c, 'used'), qty: 1001 }] });
    ok(short.status === 409 && short.json.facts && short.json.title_en, 'POST /documents beyond the stock is refused with the proof', short.text);
    const sent = await post(depot, { kind: 'send', reason: 'allocation', place: c.depot, other: c.district, lines: [{ from: account(c.depot, c, 'usable'), to: account(c.district, c, 'transit'), qty: 300 }] }, 'a batch is sent');
    rows(await depot.call('GET', '/shipments'), 'GET /shipments', (r) => r.some((s) => s.id === sent.document.id));
    await post(district, { kind: 'arrive', reason: 'allocation', place: c.district, shipment: sent.document.id, lines: [{ from: account(c.district, c, 'transit'), to: account(c.district, c, 'usable'), qty: 300 }] }, 'it is signed for');
    await post(district, { kind: 'use', reason: 'use', place: c.district, lines: [{ from: account(c.district, c, 'usable'), to: account(c.used, c, 'used'), qty: 40 }] }, 'some is used');
    const lost = await post(depot, { kind: 'adjust', reason: 'loss', place: c.depot, note: '破损', lines: [{ from: account(c.depot, c, 'usable'), to: account(c.depot, c, 'lost'), qty: 5 }] }, 'some is lost');
    good(await depot.call('POST', `/movements/${lost.movements[0].id}/reverse`, { reason: '查实未损' }), 'POST /movements/{id}/reverse');
    const twice = await depot.call('POST', `/movements/${lost.movements[0].id}/reverse`, { reason: '再次' });
    ok(twice.status === 409, 'a movement is reversed once', twice.text);
    const wrong = await post(depot, { kind: 'receive', reason: 'donation', place: c.depot, lines: [{ from: account(c.maker, c, 'source', c.late), to: account(c.depot, c, 'usable', c.late), qty: 7 }] }, 'a mistake');
    good(await depot.call('POST', `/documents/${wrong.document.id}/reverse`, { reason: '记错' }), 'POST /documents/{id}/reverse');
    rows(await depot.call('GET', `/balances?place=${c.depot}`), 'GET /balances', (r) => r.filter((b) => b.status === 'usable').reduce((sum, b) => sum + b.qty, 0) === 1200);
    rows(await depot.call('GET', `/movements?place=${c.depot}&item=${c.item}`), 'GET /movements');
    const days = await district.call('GET', `/stock/days?item=${c.item}&place=${c.district}&from=2026-01-01&to=2026-01-03`);
    ok(days.status === 200, 'GET /stock/days', days.text);
}

async function counting(depot, planner, district, c) {
    const count = good(await depot.call('POST', '/counts', { place: c.depot, title: '月盘', blind: true }), 'POST /counts');
    good(await depot.call('POST', `/counts/${count.id}/lines`, { lines: [{ item: c.item, lot: c.lot, owner: c.owner, status: 'usable', counted: 699 }] }), 'POST /counts/{id}/lines');
    good(await depot.call('GET', `/counts/${count.id}`), 'GET /counts/{id}');
    rows(await depot.call('GET', `/counts?place=${c.depot}`), 'GET /counts');
    good(await depot.call('POST', `/counts/${count.id}/move`, { to: 'review' }), 'POST /counts/{id}/move');
    const self = await depot.call('POST', `/counts/${count.id}/judge`, { to: 'posted' });
    ok(self.status >= 403 && self.status < 500, 'POST /counts/{id}/judge by who counted is refused', self.text);
    good(await planner.call('POST', `/counts/${count.id}/judge`, { to: 'posted', note: '同意' }), 'POST /counts/{id}/judge by another');
    const over = good(await district.call('POST', '/documents', { kind: 'use', reason: 'use', place: c.district, fact: true, note: '先用后记', lines: [
        { from: account(c.district, c, 'usable'), to: account(c.used, c, 'used'), qty: 300 }] }), 'POST /documents: a fact beyond the book is recorded');
    ok(JSON.stringify(over.reviews).length > 2, 'and opens a review', over);
    const reviews = await planner.call('GET', '/reviews?state=open');
    rows(reviews, 'GET /reviews');
    const settled = await planner.call('POST', `/reviews/${reviews.json.rows[0].id}/settle`, { note: '核实为漏记', reason: '核实' });
    ok(settled.status < 300, 'POST /reviews/{id}/settle', `${settled.status} ${settled.text}`);
    const recall = await planner.call('POST', `/lots/${c.lot}/recall`, { recall: true, reason: '监管部门通知' });
    ok(recall.status < 300, 'POST /lots/{id}/recall', recall.text);
    const where = await planner.call('GET', `/lots/${c.lot}/places`);
    ok(where.status === 200 && where.text.includes(c.depot), 'GET /lots/{id}/places', where.text);
}

async function readiness(planner, commander, deputy, c) {
    const set = await planner.call('POST', '/standards', { standards: [4, 3, 2, 1].map((level) => ({ item: c.item, place: c.depot, level, from: '2026-01-01', basis: 'quantity', quantity: 1000 * (5 - level), lead_days: 3 })), reason: '年度标准' });
    good(set, 'POST /standards');
    ok(set.json.state === 'proposed' && set.json.lines === 4, 'standards are proposed', set.text);
    rows(await planner.call('GET', `/standards?item=${c.item}`), 'and none is in force before another approves', (r) => r.length === 0);
    good(await deputy.call('POST', `/proposals/${set.json.id}/decision`, { agrees: true }), 'standards are approved');
    rows(await planner.call('GET', `/standards?item=${c.item}`), 'GET /standards', (r) => r.length === 4);
    const level = await commander.call('POST', '/levels', { level: 3, state: 'prepared', reason: '首例本土病例' });
    good(level, 'POST /levels');
    ok(level.json.state === 'proposed', 'a level is proposed', level.text);
    const own = await commander.call('POST', `/proposals/${level.json.id}/decision`, { agrees: true });
    ok(own.status === 409 || own.status === 403, 'who asked does not approve', own.text);
    rows(await planner.call('GET', '/proposals?open=true'), 'GET /proposals', (r) => r.some((row) => row.id === level.json.id));
    const agreed = good(await deputy.call('POST', `/proposals/${level.json.id}/decision`, { agrees: true, note: '同意' }), 'POST /proposals/{id}/decision');
    ok(agreed.state === 'done' && agreed.decided_name !== agreed.requested_name, 'another approves', agreed);
    const order = good(await planner.call('POST', '/levels', { level: 2, state: 'prepared', reason: '电话指令', leader: '带班领导' }), 'a telephone order');
    ok(order.state === 'owed' && order.papers_due_at, 'a telephone order owes its papers', order);
    good(await planner.call('POST', `/proposals/${order.id}/paper`, { paper: '津指〔2026〕2号' }), 'POST /proposals/{id}/paper');
    good(await deputy.call('POST', `/proposals/${order.id}/decision`, { agrees: true }), 'and its approval');
    const undone = good(await planner.call('POST', '/levels', { level: 1, state: 'prepared', reason: '误报' }), 'another proposal');
    ok((await planner.call('DELETE', `/proposals/${undone.id}`)).json.state === 'withdrawn', 'DELETE /proposals/{id}');
    rows(await planner.call('GET', '/levels'), 'GET /levels', (r) => r.some((row) => row.level === 3 && row.state === 'prepared'));
    const ready = await planner.call('GET', `/readiness?item=${c.item}`);
    rows(ready, 'GET /readiness', (r) => r.some((row) => row.standard === 1000));
    const raise = { places: [c.depot], items: [c.item], factor_permille: 1400, from: '2026-01-01', due: '2026-01-12', reason: '防范输入风险' };
    const asked = good(await planner.call('POST', '/uplifts', raise), 'POST /uplifts');
    const raised = good(await deputy.call('POST', `/proposals/${asked.id}/decision`, { agrees: true }), 'an uplift is approved');
    rows(await planner.call('GET', `/readiness?item=${c.item}`), 'an uplift multiplies the standard', (r) => r.some((row) => row.standard === 1400 && row.base === 1000 && row.uplift_ppm === 1400000));
    const why = good(await planner.call('GET', `/standards/basis?item=${c.item}&place=${c.depot}`), 'GET /standards/basis');
    ok(why.formula === '1,000 × 1.4 = 1,400' && why.uplifts[0].id === raised.uplift, 'the basis names the uplift and its formula', why);
    rows(await planner.call('GET', '/uplifts'), 'GET /uplifts', (r) => r[0].id === raised.uplift && r[0].ended_at === null);
    const stop = good(await planner.call('POST', `/uplifts/${raised.uplift}/end`, { reason: '解除' }), 'POST /uplifts/{id}/end');
    good(await deputy.call('POST', `/proposals/${stop.id}/decision`, { agrees: true }), 'its end is approved');
    rows(await planner.call('GET', `/readiness?item=${c.item}`), 'ended, it multiplies no more', (r) => r.some((row) => row.standard === 1000 && row.uplift_ppm === null));
    const situation = await planner.call('GET', '/situation');
    ok(situation.status === 200, 'GET /situation', situation.text.slice(0, 300));
    const orders = await planner.call('GET', '/orders-today');
    ok(orders.status === 200, 'GET /orders-today', orders.text.slice(0, 300));
}

async function records(planner, depot, c) {
    const kinds = good(await planner.call('GET', '/kinds'), 'GET /kinds');
    if (!kinds.kinds.some((kind) => kind.kind === 'item')) return;
    const found = await planner.call('GET', `/search?q=${encodeURIComponent('防护服')}`);
    rows(found, 'GET /search', (r) => r.some((row) => row.id === c.item));
    const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    const send = (bytes, name) => new Promise((resolve) => resolve(planner.upload(`/files?kind=item&object=${c.item}&name=${encodeURIComponent(name)}`, bytes)));
    const file = good(await send(picture, '合格证.png'), 'POST /files');
    rows(await planner.call('GET', `/files?kind=item&object=${c.item}`), 'GET /files');
    const got = await planner.call('GET', `/files/${file.id}`);
    ok(got.status === 200 && got.raw.equals(picture) && /attachment|inline/.test(got.headers['content-disposition'] ?? '') && got.headers['x-content-type-options'] === 'nosniff',
        'GET /files/{id}: the same bytes, not to be guessed at', got.headers);
    ok((await planner.call('DELETE', `/files/${file.id}`)).status < 300, 'DELETE /files/{id}');
}

async function journal(admin, c) {
    const list = await admin.call('GET', `/journal?object=item&id=${c.item}`);
    rows(list, 'GET /journal');
    const position = Number(list.json.rows[0].position);
    good(await admin.call('GET', `/journal/${position}`), 'GET /journal/{position}');
    const head = good(await admin.call('GET', '/journal/head'), 'GET /journal/head');
    const proof = await admin.call('GET', `/journal/${position}/proof`);
    ok(proof.status === 200 && proof.json.proof.length > 0 && proof.json.size >= position, 'GET /journal/{position}/proof', proof.text.slice(0, 300));
    const consistency = await admin.call('GET', `/journal/consistency?from=1&to=${head.size}`);
    ok(consistency.status === 200 && consistency.json.to_root === head.root, 'GET /journal/consistency', consistency.text.slice(0, 300));
}

await run(async (bed) => {
    const db = join(bed.folder, 'd.db');
    const server = await bed.start(['--db', db, '--rates', 'off', '--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin']);
    const admin = await new Person(server.url).accept(server.first_run);
    const city = (await admin.call('GET', '/me')).json.city.id;
    const planner = await person(admin, 'planner', 'planner', 'city', city);
    const commander = await person(admin, 'commander', 'commander', 'city', city);
    const deputy = await person(admin, 'deputy', 'commander', 'city', city);
    const c = await catalogue(admin, planner);
    const depot = await person(admin, 'airport', 'depot', 'place', c.depot);
    const district = await person(admin, 'jinnan', 'depot', 'place', c.district);
    await lots(depot, c);
    await work(depot, district, c);
    await counting(depot, planner, district, c);
    await readiness(planner, commander, deputy, c);
    await records(planner, depot, c);
    await journal(admin, c);
    await server.stop();
    const verify = await bed.command(['verify', '--db', 'd.db']);
    if (!verify.err.includes('no such command')) ok(verify.code === 0 && verify.json().differences === 0 && verify.json().journal === 'intact', 'verify: the ledger adds up, the journal is intact', verify.out + verify.err);
    ok(!server.log().includes('request.failed'), 'no request failed inside the server', server.log());
});
