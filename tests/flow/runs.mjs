#!/usr/bin/env node
// Calculations over HTTP: asked for, answered, found again, decided on; and each is what `baogong solve` says on its input.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, ok, Person, person, run } from './lib.mjs';

const outbreak = { window: 7, incidence: [3, 21, 10, 33, 41, 34, 39, 33, 80, 18, 14, 14, 8] };
// What an answer says, without the seconds it took.
const plain = ({ seconds, ...rest }) => JSON.stringify(rest);

async function until(someone, id, states) {
    for (let i = 0; i < 600; i++) {
        const got = (await someone.call('GET', `/runs/${id}`)).json;
        if (states.includes(got.run.state)) return got;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`run ${id} does not end`);
}

async function asked(planner, commander, auditor, folder) {
    const methods = (await planner.call('GET', '/methods')).json.methods;
    ok(methods.some((m) => m.name === 'outbreak' && m.name_zh && m.doc), 'GET /methods names them with title and description', methods);
    const first = await planner.call('POST', '/runs?method=outbreak&title=%E8%AF%95%E7%AE%97', outbreak);
    ok(first.status === 202 && first.json.state === 'queued', 'POST /runs: a run waits', first.text);
    const id = first.json.id;
    const got = await until(planner, id, ['done', 'refused']);
    ok(got.run.state === 'done' && got.answer.reasons.length > 0 && got.run.solver && got.run.seconds >= 0, 'GET /runs/{id}: answered, with reasons', got);
    const input = await planner.call('GET', `/runs/${id}/input`);
    const file = join(folder, 'input.json');
    writeFileSync(file, input.raw);
    const solved = (await command(['solve', 'outbreak', file])).json();
    ok(plain(solved) === plain(got.answer), 'GET /runs/{id}/input: baogong solve says the same, bit for bit', { solved, answer: got.answer });
    const again = await planner.call('POST', '/runs?method=outbreak', { incidence: outbreak.incidence, window: 7 });
    ok(again.status === 200 && again.json.id === id && again.json.kept === true, 'the same question in another order of fields: the kept answer', again.text);
    const listed = (await commander.call('GET', '/runs?state=done&method=outbreak')).json.rows;
    ok(listed.length === 1 && listed[0].id === id, 'GET /runs lists it', listed);
    ok((await commander.call('GET', '/runs?mine=true')).json.rows.length === 0, 'and not among those of somebody else');
    const refused = await planner.call('POST', '/runs?method=outbreak', { incidence: [1, -5] });
    const why = await until(planner, refused.json.id, ['done', 'refused']);
    ok(why.run.state === 'refused' && why.refusal.field === 'incidence[1]', 'a bad input is refused, the field named', why);
    ok((await planner.call('POST', '/runs?method=nothing', {})).status === 400, 'an unknown method is refused at once');
    const cancel = await commander.call('POST', `/runs/${id}/cancel`);
    ok(cancel.status === 409, 'POST /runs/{id}/cancel: what is done stays done', cancel.text);
    ok((await auditor.call('POST', '/runs?method=outbreak', outbreak)).status === 403, 'an auditor asks for nothing');
    ok((await auditor.call('GET', `/runs/${id}`)).status === 200, 'but reads everything');
    const twice = await planner.call('POST', '/runs?method=outbreak&again=true', outbreak, { 'Idempotency-Key': '0190d6c4-0000-7000-8000-000000000001' });
    const same = await planner.call('POST', '/runs?method=outbreak&again=true', outbreak, { 'Idempotency-Key': '0190d6c4-0000-7000-8000-000000000001' });
    ok(twice.json.id === same.json.id && twice.json.id !== id, 'sent twice under one Idempotency-Key it is one run', [twice.text, same.text]);
    return id;
}

async function whatIf(planner) {
    const answer = await planner.call('POST', '/what-if?method=outbreak', outbreak);
    ok(answer.status === 200 && answer.json.windows.length > 0, 'POST /what-if answers at once', answer.text);
    const many = await planner.call('POST', '/what-if?method=outbreak', { ...outbreak, paths: 100000 });
    ok(many.status === 400 && many.json.field === 'input.paths', 'and no more than 2,000 paths', many.text);
    const kept = (await planner.call('GET', '/runs')).json.rows.length;
    await planner.call('POST', '/what-if?method=outbreak', outbreak);
    ok((await planner.call('GET', '/runs')).json.rows.length === kept, 'a what-if is kept nowhere');
}

async function decided(planner, commander, epidemic, id, item, place) {
    const wrong = await planner.call('POST', `/runs/${id}/decisions`, { part: item.code, verdict: 'adopted', use: 'order', reason: '按测算' });
    ok(wrong.status === 400 && wrong.json.field === 'quantity', 'an order needs its quantity', wrong.text);
    const order = { part: item.code, verdict: 'adopted', use: 'order', item: item.id, place, quantity: 4000, date: '2022-01-15', reason: '按测算补货' };
    const ordered = await commander.call('POST', `/runs/${id}/decisions`, order);
    ok(ordered.status === 201 && ordered.json.quantity === 4000, 'POST /runs/{id}/decisions: an order proposal', ordered.text);
    const standard = { ...order, use: 'standard', level: 3, quantity: 140000 };
    ok((await commander.call('POST', `/runs/${id}/decisions`, standard)).status === 403, 'a standard is the planner\'s to put');
    ok((await planner.call('POST', `/runs/${id}/decisions`, standard)).status === 201, 'the planner adopts one');
    const standards = (await planner.call('GET', `/standards?item=${item.id}`)).json.rows;
    ok(standards.some((s) => s.quantity === 140000 && s.note.includes(id)), 'the standard is there and names the run', standards);
    ok((await planner.call('POST', `/runs/${id}/decisions`, { verdict: 'rejected', reason: '参数待核实' })).status === 201, 'and rejects another part');
    ok((await epidemic.call('POST', `/runs/${id}/decisions`, { verdict: 'rejected', reason: 'x' })).status === 403, 'who enters cases decides nothing');
    const list = (await commander.call('GET', '/decisions?use=order')).json.rows;
    ok(list.length === 1 && list[0].run === id && list[0].by.name === 'boss', 'GET /decisions lists the order proposals with who and why', list);
    const found = (await planner.call('GET', `/search?q=${id}&kind=run`)).json.rows;
    ok(found === undefined || Array.isArray(found), 'search knows the kind');
}

// Tables of coefficients: changed with a reason, read by the engine first, kept version by version, in the document from then on.
async function tables(planner, commander) {
    const before = (await planner.call('GET', '/basis')).json;
    const staffing = before.tables.staffing;
    const put = (content, reason = '按本市定额') => planner.call('PUT', '/tables/staffing', { content, reason });
    const bad = await put(staffing.replace(/0\.004,/, 'many,'));
    ok(bad.status === 400 && bad.json.facts.column === 'middle' && bad.json.facts.value === 'many', 'PUT /tables/{name}: a bad cell is named with row and column', bad.text);
    const good = await put(staffing.replace(/0\.004,/, '0.005,'));
    ok(good.status === 201 && good.json.by.name === 'plan', 'a good one is a version with who and why', good.text);
    ok((await commander.call('PUT', '/tables/staffing', { content: staffing, reason: 'x' })).status === 403, 'a commander changes none');
    ok((await planner.call('PUT', '/tables/stars', { content: 'a,b', reason: 'x' })).status === 404, 'nor is there a table of another name');
    const after = (await planner.call('GET', '/basis')).json;
    ok(after.standard.tables?.staffing.includes('0.005,') && !before.standard.tables && after.tables.staffing === after.standard.tables.staffing, 'the document of the plan has it from then on');
    const versions = (await commander.call('GET', '/tables/staffing')).json.rows;
    ok(versions.length === 1 && versions[0].reason === '按本市定额', 'GET /tables/{name}: the history', versions.length);
    const answer = await planner.call('POST', '/what-if?method=standard', after.standard);
    ok(answer.status === 200, 'and the engine takes it', answer.text.slice(0, 300));
}

// The live plan: its document is made from what was entered, and what the screen shows is what the command says.
async function live(planner, epidemic, keeper, folder, place, owner) {
    const item = (await planner.call('POST', '/items', { code: 'FH01', name_zh: '医用防护服', name_en: 'Coverall', unit: '件', key_item: true, lotted: false })).json;
    const supplier = (await planner.call('POST', '/places', { code: 'maker', name_zh: '供应商', kind: 'supplier' })).json;
    const received = await keeper.call('POST', '/documents', { kind: 'receive', reason: 'purchase', place, lines: [
        { from: { place: supplier.id, owner, item: item.id, status: 'source' }, to: { place, owner, item: item.id, status: 'usable' }, qty: 40000 }] });
    ok(received.status < 300, 'goods are received', received.text);
    const quiet = (await planner.call('GET', '/basis')).json;
    ok(quiet.cases === 'none' && quiet.standard.stocks[0].stock === 40000 && !quiet.standard.rounds, 'GET /basis: a quiet city has stock and no rounds', quiet.standard);
    const day = (back) => new Date(Date.now() + 8 * 3_600_000 - back * 86_400_000).toISOString().slice(0, 10);
    await epidemic.call('POST', '/figures', { figures: [{ kind: 'residents', date: day(60), district: '120112', value: 928066 },
        ...[3, 21, 10, 33, 41].map((value, i) => ({ kind: 'cases', date: day(5 - i), value }))] });
    await epidemic.call('POST', '/rounds', { name: '第二轮', date: day(-2), state: 'ordered' });
    const found = (await planner.call('GET', '/basis?paths=500')).json;
    ok(JSON.stringify(found.standard.places[0].cases) === '[3,21,10,33,41]' && found.standard.places[0].residents === 928066 && found.cases_7 === 108,
        'cases and residents are those that were entered', found.standard.places);
    ok(found.standard.rounds.length === 3 && found.standard.rounds[0].rounds[0].day === 3, 'the ordered round is among the measures', found.standard.rounds);
    for (const method of ['standard', 'demand']) {
        const shown = await planner.call('POST', `/what-if?method=${method}`, found[method]);
        const asked = await planner.call('POST', `/runs?method=${method}`, found[method]);
        const kept = await until(planner, asked.json.id, ['done', 'refused']);
        const file = join(folder, `${method}.json`);
        writeFileSync(file, (await planner.call('GET', `/runs/${asked.json.id}/input`)).raw);
        const solved = (await command(['solve', method, file])).json();
        ok(shown.status === 200 && plain(shown.json) === plain(solved) && plain(kept.answer) === plain(solved),
            `${method}: the what-if, the kept run and the command say the same, bit for bit`, { shown: shown.text.slice(0, 400), solved: JSON.stringify(solved).slice(0, 400) });
    }
    await epidemic.call('POST', '/figures', { figures: [1, 2, 3, 4, 5].map((back) => ({ kind: 'cases', date: day(back), district: '120112', value: 7 })) });
    const byDistrict = (await planner.call('GET', '/basis')).json;
    ok(byDistrict.cases === 'districts' && byDistrict.standard.places[0].code === '120112' && byDistrict.cases_7 === 35, 'figures by district are used where there are any',
        byDistrict.standard.places);
}

await run(async (bed) => {
    const server = await bed.start(['--db', `${bed.folder}/runs.db`, '--city-code', '120000']);
    const admin = await new Person(server.url).accept(server.first_run);
    const me = (await admin.call('GET', '/me')).json;
    const [planner, commander, epidemic, auditor] = [await person(admin, 'plan', 'planner', 'city', me.city.id), await person(admin, 'boss', 'commander', 'city', me.city.id),
        await person(admin, 'epi', 'epidemic', 'city', me.city.id), await person(admin, 'audit', 'auditor', 'city', me.city.id)];
    const owner = (await admin.call('POST', '/owners', { code: 'city', name_zh: '市级', kind: 'city' })).json;
    const place = (await planner.call('POST', '/places', { code: 'airport', name_zh: '空港专库', kind: 'reserve', owner: owner.id })).json;
    const item = (await planner.call('POST', '/items', { code: 'suit', name_zh: '医用防护服', unit: '件' })).json;
    const id = await asked(planner, commander, auditor, bed.folder);
    await whatIf(planner);
    const keeper = await person(admin, 'keep', 'keeper', 'place', place.id);
    await live(planner, epidemic, keeper, bed.folder, place.id, owner.id);
    await tables(planner, commander);
    await decided(planner, commander, epidemic, id, item, place.id);
});
