#!/usr/bin/env node
// Who may do what, for every route of the table and every role: not signed in, without the right, with the right; and whose objects.
import { join } from 'node:path';
import { ok, Person, person, routes, run, Stream } from './lib.mjs';

// Routes whose call would end the caller's own session, or start something of his own account.
const own = new Set(['DELETE /session', 'POST /totp', 'POST /totp/confirm', 'POST /totp/remove']);

async function everyRoute(server, people, rightsOf) {
    const nobody = new Person(server.url);
    let cells = 0;
    for (const { method, path, right } of await routes()) {
        const target = path.replace(/\{[^}]+\}/g, '1');
        const body = method === 'GET' ? undefined : {};
        const name = `${method} ${path}`;
        const wrong = [];
        if (right === 'public') {
            const answer = await nobody.call(method, target, body);
            ok(answer.status !== 401 || answer.json?.code === 'auth.bad-login', `${name}: open to everybody`, answer.text);
            continue;
        }
        const stranger = await nobody.call(method, target, body);
        if (stranger.status !== 401) wrong.push(`nobody: ${stranger.status} ${stranger.text}`);
        for (const someone of people) {
            if (right === 'signed-in' && own.has(name)) continue;
            let status;
            let code;
            if (path === '/events') {
                const stream = new Stream(server.url, someone.cookie);
                await stream.open;
                ({ status } = stream);
                code = status === 403 ? 'auth.denied' : undefined;
                stream.end();
            } else {
                const answer = await someone.call(method, target, body);
                ({ status } = answer);
                code = answer.json?.code;
            }
            const may = right === 'signed-in' || rightsOf(someone.role).has(right);
            const good = may ? status !== 401 && (status !== 403 || right === 'signed-in') && status < 500 : status === 403 && code === 'auth.denied';
            if (!good) wrong.push(`${someone.role} (${may ? 'may' : 'may not'}): ${status} ${code ?? ''}`);
            cells++;
        }
        ok(wrong.length === 0, `${name}: ${right}`, wrong.join('\n'));
    }
    return cells;
}

// The auditor writes nothing, the administrator touches no stock, whatever the table says.
async function rolesApart(rightsOf) {
    const writes = (await routes()).filter((r) => r.method !== 'GET' && !['public', 'signed-in'].includes(r.right));
    const reading = new Set(['POST /pick', 'POST /what-if']);
    ok(writes.every((r) => reading.has(`${r.method} ${r.path}`) || !rightsOf('auditor').has(r.right)), 'the auditor has the right to no route that writes',
        writes.filter((r) => rightsOf('auditor').has(r.right)).map((r) => `${r.method} ${r.path}`));
    ok(!['ledger.post', 'ledger.reverse', 'count.review', 'hold.write', 'level.change'].some((right) => rightsOf('admin').has(right)),
        'the administrator has no right to change stock or level');
    ok(!['grant.write', 'account.write', 'policy.write'].some((right) => [...['commander', 'planner', 'keeper', 'auditor']].some((role) => rightsOf(role).has(right))),
        'nobody but the administrator manages people');
}

// One keeper's objects are not another's.
async function whoseObjects(server, admin, places, itemId) {
    const [north, south] = places;
    const a = await person(admin, 'keeper-a', 'keeper', 'place', north);
    const b = await person(admin, 'keeper-b', 'keeper', 'place', south);
    const lot = await b.call('POST', '/lots', { item: itemId, batch: 'S-1', expiry: '2030-01-01' });
    ok(lot.status === 201, 'POST /lots by the keeper of the south', lot.text);
    const supplier = (await admin.call('GET', '/places?kind=supplier')).json.rows[0].id;
    const owner = (await admin.call('GET', '/owners')).json.rows[0].id;
    const receipt = await b.call('POST', '/documents', { kind: 'receive', reason: 'purchase', place: south, lines: [
        { from: { place: supplier, owner, item: itemId, lot: lot.json.id, status: 'source' }, to: { place: south, owner, item: itemId, lot: lot.json.id, status: 'usable' }, qty: 100 }] });
    ok(receipt.status < 300, 'POST /documents: the south receives', receipt.text);
    const document = receipt.json?.document?.id;
    const movement = receipt.json?.movements?.[0]?.id;
    const count = await b.call('POST', '/counts', { place: south, title: '日盘' });
    ok(count.status < 300, 'POST /counts: the south counts', count.text);
    const reads = [`/documents/${document}`, `/movements/${movement}`, `/counts/${count.json?.id}`];
    for (const path of reads) {
        const mine = await b.call('GET', path);
        const yours = await a.call('GET', path);
        ok(mine.status === 200 && [403, 404].includes(yours.status), `GET ${path.replace(/\d+/, '{id}')}: its keeper sees it, another does not`,
            `${mine.status} ${mine.text.slice(0, 200)}\n${yours.status} ${yours.text.slice(0, 200)}`);
    }
    for (const path of ['/balances', '/movements', '/counts', `/balances?place=${south}`, `/stock?place=${south}`, `/movements?place=${south}`]) {
        const mine = await b.call('GET', path);
        const yours = await a.call('GET', path);
        const rows = yours.json?.rows ?? [];
        ok(mine.status === 200 && mine.json.rows.length > 0 && ([403, 404].includes(yours.status) || rows.length === 0),
            `GET ${path.replace(/\d+/, '{id}')}: lists obey the scope`, `${mine.text.slice(0, 200)}\n${yours.text.slice(0, 300)}`);
    }
    const writes = [
        ['POST', '/documents', { kind: 'issue', reason: 'handover', place: south, lines: [{ to: { place: south, item: itemId, lot: lot.json.id, status: 'used' }, qty: 1 }] }],
        ['POST', '/counts', { place: south, title: '代盘' }],
        ['POST', `/counts/${count.json?.id}/lines`, { lines: [{ item: itemId, lot: lot.json.id, counted: 1 }] }],
        ['POST', `/counts/${count.json?.id}/move`, { to: 'dropped' }],
    ];
    for (const [method, path, body] of writes) {
        const yours = await a.call(method, path, body);
        ok([403, 404].includes(yours.status), `${method} ${path.replace(/\d+/, '{id}')}: another's place is not worked on`, `${yours.status} ${yours.text.slice(0, 300)}`);
    }
    const account = await a.call('GET', `/accounts/${b.account}`);
    ok([403, 404].includes(account.status), 'GET /accounts/{id}: a colleague\'s account is not shown', account.text);
}

await run(async (bed) => {
    const server = await bed.start(['--db', join(bed.folder, 'm.db'), '--rates', 'off', '--city-code', '120000', '--city-name', '天津市', '--city-name-en', 'Tianjin']);
    const admin = await new Person(server.url).accept(server.first_run);
    const city = (await admin.call('GET', '/me')).json.city.id;
    await admin.call('PUT', '/districts/120101', { name_zh: '和平区', name_en: 'Heping' });
    const place = async (code, kind) => (await admin.call('POST', '/places', { code, kind, name_zh: code, division: '120101' })).json;
    const north = await place('NORTH', 'reserve');
    const south = await place('SOUTH', 'reserve');
    await place('MAKER', 'supplier');
    await admin.call('POST', '/owners', { code: 'CITY', kind: 'city', name_zh: '市级' });
    const item = await admin.call('POST', '/items', { code: 'MASK', name_zh: '口罩', unit: '只', lotted: true });
    ok(north?.id && south?.id && item.status === 201, 'a small city', item.text);
    const organisation = async (kind) => (await admin.call('POST', '/organisations', { kind, name_zh: `机构 ${kind}` })).json.id;
    const scopes = { city, district: '120101', place: north.id };
    for (const kind of ['receiver', 'agency', 'team', 'enterprise']) scopes[kind] = await organisation(kind);
    const { roles } = (await admin.call('GET', '/roles')).json;
    const rights = new Map(roles.map((role) => [role.role, new Set(role.rights)]));
    const everybody = new Set((await admin.call('GET', '/rights')).json.rights.filter((r) => r.reach === 'self').map((r) => r.right));
    const rightsOf = (role) => new Set([...rights.get(role), ...everybody]);
    const people = [];
    for (const { role, scopes: kinds } of roles) people.push(await person(admin, `the-${role}`, role, kinds[0], scopes[kinds[0]]));
    ok(people.length === roles.length && people.length >= 16, `${people.length} people, one of each role`);
    const cells = await everyRoute(server, people, rightsOf);
    ok(cells > 1000, `${cells} cells of the matrix`);
    await rolesApart(rightsOf);
    await whoseObjects(server, admin, [north.id, south.id], item.json.id);
    ok(!server.log().includes('request.failed'), 'no request failed inside the server', server.log());
});
