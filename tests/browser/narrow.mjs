#!/usr/bin/env node
// The example city on a phone of 360 pixels: nothing hangs over the edge, axe finds nothing, every screen of every role opens.
import { Api, ok, openPage, PASSWORD, run, show, signIn, totp, violations } from './lib.mjs';

async function enter(city, login, factor) {
    const api = new Api(city.url);
    await api.post('/invitations/accept', { token: city.people.find((p) => p.login === login).link.split('/invite/')[1], password: PASSWORD });
    if (!factor) return { login, password: PASSWORD, api };
    const { secret } = await api.call('POST', '/totp');
    await api.post('/totp/confirm', { code: totp(secret) });
    return { login, password: PASSWORD, secret, api };
}

await run(async ({ server, browser }) => {
    const city = await server({ demo: true });
    const made = await browser();
    const first = (role) => city.people.find((p) => p.role === role && p.scope !== 'district').login;
    const commander = await enter(city, first('commander'), true);
    const keeper = await enter(city, first('keeper'), false);
    const planner = await enter(city, first('planner'), true);
    const item = (await commander.api.get('/items?limit=1')).rows[0].id;
    const place = (await commander.api.get('/places?limit=1')).rows[0].id;
    const lot = (await commander.api.get(`/lots?item=${item}&limit=1`)).rows[0].id;
    const rounds = [
        [commander, ['situation', 'readiness', 'stock', 'stock?view=lots', `stock/items/${item}`, `stock/items/${item}?tab=history`, `stock/places/${place}`, `stock/lots/${lot}`,
            `stock/lots/${lot}?tab=recall`, 'stock/movements', 'people', 'journal', 'account', 'account?tab=why', 'account?tab=sessions']],
        [keeper, ['work?task=receive', 'work?task=arrive', 'work?task=send', 'work?task=issue', 'work?task=use']],
        [planner, ['import']],
    ];
    for (const [who, screens] of rounds) {
        const { page, noted } = await openPage(made, { width: 360, height: 740, theme: 'dark' });
        await signIn(page, city.url, who);
        for (const hash of screens) {
            await show(page, `#/${hash}`);
            const [wide, words] = await page.evaluate(() => [document.documentElement.scrollWidth, document.querySelector('h1').textContent]);
            const found = await violations(page);
            ok(wide <= 360 && found.length === 0, `${hash.replace(/\d{9,}/, 'ID')} (${wide} px)`, [words, ...found].join('\n'));
        }
        ok(noted.csp.length === 0 && noted.errors.length === 0, `no violation, no script error (${who.login})`, [...noted.csp, ...noted.errors].join('\n'));
        await page.context().close();
    }
});
