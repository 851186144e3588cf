#!/usr/bin/env node
// People and rights over HTTP, every route of theirs: links, sessions, second factor, accounts, organisations, grants, devices, keys,
// approvals, policy, why.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { call, ok, PASSWORD, Person, person, run, totp } from './lib.mjs';

const good = (answer, name) => ok(answer.status >= 200 && answer.status < 300, name, `${answer.status} ${answer.text}`);
const refused = (answer, status, name) => ok(answer.status === status, `${name}: ${status}`, `${answer.status} ${answer.text}`);

async function signingIn(url, admin) {
    const opened = await admin.call('POST', '/accounts', { login: 'li.na', name: '李娜', phone: '13800000001', reason: '入职' });
    good(opened, 'POST /accounts');
    const id = opened.json.account.id;
    const nobody = new Person(url);
    const token = opened.json.link.split('/').pop();
    const look = await nobody.call('POST', '/invitations/look', { token });
    ok(look.json?.purpose === 'invite' && look.json.login === 'li.na', 'POST /invitations/look tells whose it is, and does not use it up', look.text);
    refused(await nobody.call('POST', '/invitations/accept', { token, password: 'short' }), 400, 'POST /invitations/accept with a short password');
    const li = new Person(url);
    li.login = 'li.na';
    good(await li.call('POST', '/invitations/accept', { token, password: PASSWORD }), 'POST /invitations/accept');
    ok((await nobody.call('POST', '/invitations/accept', { token, password: PASSWORD })).status >= 400, 'a link works once');
    const wrong = await nobody.call('POST', '/session', { login: 'li.na', password: 'not the password at all' });
    const unknown = await nobody.call('POST', '/session', { login: 'nobody.here', password: 'not the password at all' });
    ok(wrong.status === 401 && unknown.status === 401 && wrong.json.code === unknown.json.code, 'POST /session: a wrong password and an unknown name look alike');
    const begun = await li.call('POST', '/totp');
    good(begun, 'POST /totp');
    refused(await li.call('POST', '/totp/confirm', { code: '000000' }), 400, 'POST /totp/confirm with a wrong code');
    li.secret = begun.json.secret;
    const confirmed = await li.call('POST', '/totp/confirm', { code: totp(li.secret) });
    ok(confirmed.json?.codes?.length === 10, 'POST /totp/confirm gives ten recovery codes', confirmed.text);
    const second = new Person(url);
    const without = await second.call('POST', '/session', { login: 'li.na', password: PASSWORD });
    ok(without.json?.code === 'auth.second-factor' || without.json?.second_factor === true, 'POST /session asks for the code', without.text);
    second.secret = li.secret;
    good(await second.signIn('li.na'), 'POST /session with the code');
    const sessions = await li.call('GET', '/sessions');
    ok(sessions.json?.rows.length >= 2 && sessions.json.rows.filter((s) => s.present).length === 1, 'GET /sessions shows both', sessions.text);
    good(await li.call('POST', '/sessions/end', { account: id }), 'POST /sessions/end ends the others');
    refused(await second.call('GET', '/me'), 401, 'GET /me in an ended session');
    good(await li.call('GET', '/me'), 'GET /me in one\'s own');
    refused(await li.call('POST', '/password', { old: 'wrong wrong wrong', new: 'eight boxes of gowns' }), 400, 'POST /password with a wrong old one');
    good(await li.call('POST', '/password', { old: PASSWORD, new: 'eight boxes of gowns', end_others: true }), 'POST /password');
    good(await li.call('POST', '/password', { old: 'eight boxes of gowns', new: PASSWORD }), 'and back');
    good(await li.call('POST', '/totp/remove', { password: PASSWORD }), 'POST /totp/remove');
    li.secret = undefined;
    refused(await li.call('GET', '/me'), 401, 'which ends every session');
    good(await li.signIn('li.na'), 'signing in without a code again');
    const gone = await li.call('DELETE', '/session');
    ok(gone.status < 300, 'DELETE /session', gone.text);
    refused(await li.call('GET', '/me'), 401, 'GET /me after signing out');
    good(await li.signIn('li.na'), 'and in again');
    return { li, id };
}

async function accounts(admin, li, id) {
    ok((await admin.call('GET', '/accounts')).json?.rows.some((row) => row.id === id), 'GET /accounts');
    const mine = await li.call('GET', `/accounts/${id}`);
    const theirs = await admin.call('GET', `/accounts/${id}`);
    ok(mine.status === 200 && theirs.status === 200, 'GET /accounts/{id}: one\'s own, and by who manages it', mine.text);
    good(await admin.call('PUT', `/accounts/${id}`, { name: '李娜（储备科）', phone: '13800000002', organisation: null, district: null }), 'PUT /accounts/{id}');
    good(await admin.call('POST', `/accounts/${id}/state`, { disabled: true, reason: '离岗' }), 'POST /accounts/{id}/state: disabled');
    refused(await li.call('GET', '/me'), 401, 'a disabled account is out at once');
    good(await admin.call('POST', `/accounts/${id}/state`, { disabled: false }), 'POST /accounts/{id}/state: enabled');
    const link = await admin.call('POST', `/accounts/${id}/link`, { clear_factor: true, reason: '忘记口令' });
    ok(link.status < 300 && link.json.link && link.json.made.purpose === 'reset', 'POST /accounts/{id}/link', link.text);
    good(await li.call('POST', '/invitations/accept', { token: link.json.link.split('/').pop(), password: PASSWORD }), 'a reset link sets a password');
}

async function directory(admin) {
    good(await admin.call('PUT', '/city', { code: '120000', name_zh: '天津市', name_en: 'Tianjin', offset_min: 480 }), 'PUT /city');
    good(await admin.call('PUT', '/districts/120112', { name_zh: '津南区', name_en: 'Jinnan' }), 'PUT /districts/{id}');
    ok((await admin.call('GET', '/districts')).json?.rows.some((row) => row.id === '120112'), 'GET /districts');
    const made = await admin.call('POST', '/organisations', { kind: 'receiver', name_zh: '市卫生健康委', district: '120112' });
    good(made, 'POST /organisations');
    good(await admin.call('PUT', `/organisations/${made.json.id}`, { kind: 'receiver', name_zh: '市卫健委', district: null }), 'PUT /organisations/{id}');
    ok((await admin.call('GET', '/organisations?kind=receiver')).json?.rows[0].name_zh === '市卫健委', 'GET /organisations');
    return made.json.id;
}

async function rights(admin, li, id, receiver) {
    const city = (await admin.call('GET', '/me')).json.city.id;
    ok((await li.call('GET', '/roles')).json?.roles.length >= 16 && (await li.call('GET', '/rights')).json?.rights.length > 30, 'GET /roles, GET /rights');
    refused(await li.call('GET', '/accounts'), 403, 'GET /accounts without the right');
    const why = await li.call('GET', '/why?right=account.read');
    ok(why.json?.may === false && why.json.roles.length > 0 && why.json.words && why.json.words_en, 'GET /why says why not, and whom to ask', why.text);
    const grant = await admin.call('POST', '/grants', { account: id, role: 'auditor', scope_kind: 'city', scope_id: city, reason: '审计' });
    good(grant, 'POST /grants');
    ok((await li.call('GET', '/why?right=account.read')).json?.may === true && (await li.call('GET', '/accounts')).status === 200, 'a grant works at once');
    ok((await li.call('GET', '/grants')).json?.rows.some((row) => row.id === grant.json.id), 'GET /grants: one\'s own');
    good(await admin.call('DELETE', `/grants/${grant.json.id}`), 'DELETE /grants/{id}');
    refused(await li.call('GET', '/accounts'), 403, 'taken away it is gone at once');
    const wrong = await admin.call('POST', '/grants', { account: id, role: 'receiver', scope_kind: 'city', scope_id: city });
    ok(wrong.status >= 400 && wrong.status < 500, 'POST /grants: a scope the role may not have', wrong.text);
    good(await admin.call('POST', '/grants', { account: id, role: 'receiver', scope_kind: 'receiver', scope_id: receiver, to: '2099-01-01T00:00:00Z' }), 'POST /grants with an end');
}

async function machines(url, admin, li, id) {
    const device = await admin.call('POST', '/devices', { name: '一号扫描枪' });
    good(device, 'POST /devices');
    const scanner = new Person(url);
    const accepted = await scanner.call('POST', '/devices/accept', { code: device.json.code });
    ok(accepted.json?.name === '一号扫描枪' && scanner.cookies.size === 1, 'POST /devices/accept', accepted.text);
    const kept = (await admin.call('GET', '/devices')).json?.rows.find((row) => row.name === '一号扫描枪');
    ok(kept !== undefined, 'GET /devices');
    good(await admin.call('DELETE', `/devices/${kept.id}`), 'DELETE /devices/{id}');
    const soon = new Date(Date.now() + 30 * 86_400_000).toISOString();
    const key = await admin.call('POST', '/keys', { account: id, name: '报表程序', rights: ['city.read'], ends_at: soon });
    good(key, 'POST /keys');
    const bearer = { Authorization: `Bearer ${key.json?.secret}` };
    ok((await call(url, { path: '/api/v1/districts', headers: bearer })).status === 200, 'a key reads what it was given');
    const beyond = await call(url, { path: '/api/v1/items', headers: bearer });
    ok(beyond.status === 403 && beyond.json.code === 'auth.denied', 'and nothing else', beyond.text);
    const foreign = await call(url, { method: 'PUT', path: '/api/v1/city', headers: { ...bearer, Origin: 'https://elsewhere.test', 'Idempotency-Key': randomUUID() }, body: {} });
    ok(foreign.json?.code === 'auth.denied', 'a key is no cookie: its origin is not asked, its rights are', foreign.text);
    ok((await li.call('GET', '/keys')).json?.rows.some((row) => row.id === key.json.key.id), 'GET /keys');
    good(await li.call('DELETE', `/keys/${key.json.key.id}`), 'DELETE /keys/{id}: one\'s own');
    ok((await call(url, { path: '/api/v1/districts', headers: bearer })).status === 401, 'a revoked key is nobody');
    const other = (await li.call('GET', '/sessions')).json.rows.find((s) => s.present).id;
    good(await admin.call('DELETE', `/sessions/${other}`), 'DELETE /sessions/{id}');
    refused(await li.call('GET', '/me'), 401, 'and the session is over');
}

async function invitations(url, admin) {
    const one = await admin.call('POST', '/invitations', { kind: 'enterprise', role: 'enterprise', login: 'mask.maker', name: '王厂', organisation: '津南口罩厂' });
    good(one, 'POST /invitations');
    const maker = await new Person(url).accept(one.json.link);
    ok((await maker.call('GET', '/me')).json?.grants[0].scope_kind === 'enterprise', 'the invited firm sees itself');
    const file = (rows) => Buffer.from(['登录名,姓名,机构名称', ...rows].join('\r\n'));
    const target = '/invitations/file?kind=enterprise&role=enterprise';
    const bad = await admin.upload(target, file(['gown.maker,刘厂,防护服厂', 'x,,无名厂']), 'text/csv');
    ok(bad.json?.bad === 1 && bad.json.invited === 0 && bad.json.errors[0].words && bad.json.errors[0].words_en, 'POST /invitations/file with a bad row invites nobody', bad.text);
    const sent = await admin.upload(target, file(['gown.maker,刘厂,防护服厂', 'shield.maker,陈厂,面罩厂']), 'text/csv');
    ok(sent.json?.invited === 2 && sent.json.links.length === 2, 'POST /invitations/file', sent.text);
}

async function policy(admin) {
    const before = (await admin.call('GET', '/policy')).json;
    ok(before?.session_min > 0, 'GET /policy');
    good(await admin.call('PUT', '/policy', { ...before, idle_min: 20 }), 'PUT /policy');
    ok((await admin.call('GET', '/policy')).json?.idle_min === 20, 'is changed');
}

await run(async (bed) => {
    const server = await bed.start(['--db', join(bed.folder, 'p.db'), '--rates', 'off']);
    const admin = await new Person(server.url).accept(server.first_run);
    const { li, id } = await signingIn(server.url, admin);
    await accounts(admin, li, id);
    const receiver = await directory(admin);
    await rights(admin, li, id, receiver);
    await machines(server.url, admin, li, id);
    await invitations(server.url, admin);
    await policy(admin);
    const city = (await admin.call('GET', '/me')).json.city.id;
    const commander = await person(admin, 'wang.jun', 'commander', 'city', city);
    ok((await commander.call('GET', '/approvals')).status === 200, 'GET /approvals');
    refused(await commander.call('POST', '/approvals/1/vote', { agrees: true }), 404, 'POST /approvals/{id}/vote on nothing');
    refused(await commander.call('DELETE', '/approvals/1'), 404, 'DELETE /approvals/{id} of nothing');
    ok(!server.log().includes('request.failed'), 'no request failed inside the server', server.log());
});
