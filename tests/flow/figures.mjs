#!/usr/bin/env node
// The epidemic officer's figures over HTTP: entered, corrected, as known then; rounds ordered and called off; whose districts.
import { ok, Person, person, run } from './lib.mjs';

await run(async (bed) => {
    const server = await bed.start(['--db', `${bed.folder}/figures.db`, '--city-code', '120000']);
    const admin = await new Person(server.url).accept(server.first_run);
    const me = (await admin.call('GET', '/me')).json;
    await admin.call('PUT', '/districts/120112', { name_zh: '津南区' });
    const epidemic = await person(admin, 'epi', 'epidemic', 'city', me.city.id);
    const jinnan = await person(admin, 'jinnan', 'epidemic', 'district', '120112');
    const planner = await person(admin, 'plan', 'planner', 'city', me.city.id);
    const day = (figures, who = epidemic) => who.call('POST', '/figures', { figures });
    const entered = await day([{ kind: 'cases', date: '2022-01-08', value: 3 }, { kind: 'cases', date: '2022-01-09', value: 21 },
        { kind: 'residents', date: '2021-12-01', district: '120112', value: 928066 }]);
    ok(entered.status === 201 && entered.json.figures === 3, 'POST /figures enters a day in one go', entered.text);
    const known = new Date().toISOString();
    await new Promise((done) => setTimeout(done, 20));
    ok((await day([{ kind: 'cases', date: '2022-01-09', value: 20, note: '更正' }])).status === 201, 'a correction is a new version');
    const now = (await planner.call('GET', '/figures?kind=cases')).json.rows;
    ok(now.length === 2 && now[1].value === 20, 'GET /figures gives the last version', now);
    const then = (await planner.call('GET', `/figures?kind=cases&known_at=${encodeURIComponent(known)}`)).json.rows;
    ok(then.length === 2 && then[1].value === 21, 'and what was known then', then);
    const history = (await planner.call('GET', '/figures/history?kind=cases')).json.rows;
    ok(history.length === 3 && history[0].note === '更正', 'GET /figures/history keeps all versions', history);
    const zone = { kind: 'sealed', date: '2022-01-08', district: '120112', name: '辛庄镇', value: 12000 };
    ok((await day([zone], jinnan)).status === 201, 'a district enters its zones');
    ok((await day([{ ...zone, district: '120104' }], jinnan)).status === 403, 'and nobody else\'s');
    ok((await day([{ kind: 'cases', date: '2022-01-10', value: 1 }], jinnan)).status === 403, 'nor the whole city\'s');
    ok((await day([zone], planner)).status === 403, 'a planner enters none');
    const bad = await day([{ kind: 'cases', date: '2022-01-10', name: 'x', value: 1 }]);
    ok(bad.status === 400 && bad.json.field === 'name' && bad.json.facts.line === 1, 'a bad line is named', bad.text);
    const round = await epidemic.call('POST', '/rounds', { name: '第一轮', date: '2022-01-09', state: 'ordered', districts: ['120112'] });
    ok(round.status === 201 && round.json.share_permille === 857, 'POST /rounds orders a round', round.text);
    const done = await epidemic.call('POST', '/rounds', { round: round.json.round, name: '第一轮', date: '2022-01-09', state: 'done', districts: ['120112'], sampled: 800000, positive: 77 });
    ok(done.status === 201 && done.json.round === round.json.round, 'and says what it found', done.text);
    const rounds = (await planner.call('GET', '/rounds')).json.rows;
    ok(rounds.length === 1 && rounds[0].state === 'done' && rounds[0].positive === 77 && rounds[0].districts[0] === '120112', 'GET /rounds: one round, last version', rounds);
    ok((await epidemic.call('POST', '/rounds', { round: '4711', name: 'x', date: '2022-01-09', state: 'off' })).status === 404, 'a round that is not there');
    ok((await jinnan.call('POST', '/rounds', { name: 'x', date: '2022-01-09', state: 'planned' })).status === 403, 'a district orders no round of the city');
});
