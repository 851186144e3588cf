// A small city for the browser tests, made over the API alone: depots in three districts, four items with codes, standards, people.
import { Api, firstAdmin, PASSWORD, totp } from './lib.mjs';

export const SUIT_GTIN = '09521234543213';

// An account with a role, signed in. Approver roles get a second factor.
export async function person(city, admin, login, name, grants, factor = false) {
    const made = await admin.api.post('/accounts', { login, name });
    for (const grant of grants) await admin.api.post('/grants', { account: made.account.id, reason: '测试', ...grant });
    const api = new Api(city.url);
    await api.post('/invitations/accept', { token: made.link, password: PASSWORD });
    let secret = null;
    if (factor) {
        secret = (await api.call('POST', '/totp')).secret;
        await api.post('/totp/confirm', { code: totp(secret) });
    }
    return { api, secret, login, password: PASSWORD, id: made.account.id, name };
}

export async function seed(city) {
    const admin = await firstAdmin(city);
    const me = await admin.api.get('/me');
    const whole = { scope_kind: 'city', scope_id: me.city.id };
    for (const [id, zh, en] of [['120110', '东丽区', 'Dongli'], ['120112', '津南区', 'Jinnan'], ['120104', '南开区', 'Nankai']]) {
        await admin.api.put(`/districts/${id}`, { name_zh: zh, name_en: en });
    }
    const owner = await admin.api.post('/owners', { code: 'CITY', name_zh: '市级', name_en: 'City', kind: 'city' });
    const place = (code, zh, en, kind, division) => admin.api.post('/places', { code, name_zh: zh, name_en: en, kind, division, owner: owner.id });
    const places = {
        airport: await place('KG', '空港应急物资专库', 'Airport depot', 'reserve', '120110'),
        jinnan: await place('JN', '津南区级库', 'Jinnan depot', 'district', '120112'),
        nankai: await place('NK', '南开区级库', 'Nankai depot', 'district', '120104'),
        supplier: await place('GYS', '天津某防护用品厂', 'A supplier', 'supplier', ''),
    };
    const item = (code, zh, en, unit, key = true) => admin.api.post('/items', { code, name_zh: zh, name_en: en, unit, key_item: key, lotted: true, storage: 'normal' });
    const items = {
        suit: await item('YF-001', '医用防护服', 'Medical protective suit', '件'),
        mask: await item('YF-002', '医用防护口罩', 'Medical protective mask', '只'),
        shield: await item('YF-003', '隔离面罩', 'Isolation face shield', '个'),
        goggles: await item('YF-004', '隔离眼罩', 'Isolation goggles', '个'),
    };
    await admin.api.post(`/items/${items.suit.id}/codes`, { scheme: 'gtin', code: SUIT_GTIN, units: 50 });
    const planner = await person(city, admin, 'jihua', '李计划', [{ role: 'planner', ...whole }], true);
    const commander = await person(city, admin, 'zhihui', '张指挥', [{ role: 'commander', ...whole }], true);
    const deputy = await person(city, admin, 'fuzhi', '刘副指挥', [{ role: 'commander', ...whole }], true);
    const keeper = await person(city, admin, 'baoguan', '王保管', [
        { role: 'keeper', scope_kind: 'place', scope_id: places.airport.id }, { role: 'depot', scope_kind: 'place', scope_id: places.airport.id },
    ]);
    const lines = [];
    for (const p of [places.airport, places.jinnan, places.nankai]) {
        for (const i of Object.values(items)) lines.push({ item: i.id, place: p.id, level: 4, from: '2020-01-01', basis: 'quantity', quantity: p === places.airport ? 1000 : 200 });
    }
    const asked = await planner.api.post('/standards', { standards: lines, reason: '测试标准' });
    await deputy.api.post(`/proposals/${asked.id}/decision`, { agrees: true });
    return { admin, planner, commander, deputy, keeper, owner, places, items };
}
