// The engines of linear programs and of chains, by CPU of whole commands on generated inputs (children of the solver included):
// portfolio, production start, prepositioning, positive list, and the cascade of a large country.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bar, bin, say } from './lib.mjs';

// The same small congruential generator everywhere.
let state = 20220108n;
const unit = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
    return Number(state >> 33n) / 2 ** 31;
};
const list = (n, f) => Array.from({ length: n }, (_, i) => f(i));

function solve(folder, method, input) {
    const file = join(folder, `${method}.json`);
    writeFileSync(file, JSON.stringify(input));
    const run = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$0" solve "$1" "$2" --seconds 600', bin, method, file],
        { encoding: 'utf8', maxBuffer: 1 << 28 });
    const [user, system] = run.stderr.trim().split('\n').pop().split(' ').map(Number);
    return { cpu: user + system, answer: run.status === 0 ? JSON.parse(run.stdout) : null, words: run.stderr };
}

// 10 items x 8 sources (7 contracts and spot) x 60 days x 100 scenarios.
function backstop(points) {
    state = 20220108n;
    return {
        days: 60, points, cvar_max: 400,
        items: list(10, (k) => ({ id: `i${k}`, shortage_cost: 60, mean_need: 400 * (1 + k), spot_price: 9 + unit() * 8, spot_cap: 500, spot_from: 3 })),
        sources: list(70, (n) => {
            const j = n % 7, k = (n - j) / 7;
            return { id: `s${n}`, item: `i${k}`, kind: j === 0 ? 'stock' : j === 6 ? 'framework' : 'reserved', fee: j === 0 ? 1.2 : j === 6 ? 0.4 : 8 + 6 * unit() - j / 2,
                price: j === 0 ? 4 : 5 + 3 * unit(), unused: j === 0 ? 1 : 0, max: (j === 0 || j === 6 ? 1e5 : 1500) * (1 + k), lead_days: 2 * j, ramp_days: 7, deliver_days: 10 };
        }),
        scenarios: list(100, (s) => {
            const size = Math.exp(2.4 * (unit() + unit() + unit() - 1.5)), peak = 15 + 30 * unit();
            return { id: `c${s}`, needs: list(10, (k) => ({ item: `i${k}`,
                need: list(60, (t) => Math.floor(1000 * (1 + k) * size * Math.exp(-((t - peak) ** 2) / 200) * (0.8 + 0.4 * unit()))) })) };
        }),
    };
}

// 22 firms, 4 products, 6 materials, 14 days, 200 interventions.
function start(interventions) {
    state = 20220108n;
    const kinds = ['line', 'crew', 'material', 'stock'];
    return {
        days: 14, trucks: 70, sterile: 5000,
        products: list(4, (p) => ({ id: `p${p}`, value: 1 + p, load: 0.001, sterile: p === 0 ? 1 : 0 })),
        materials: list(6, (m) => ({ id: `m${m}`, load: 0.002, supply: list(14, () => 3000 + 3000 * unit()) })),
        bom: list(24, (n) => ({ product: `p${n % 4}`, material: `m${n >> 2}`, amount: unit() < 0.5 ? 0.1 + unit() : 0 })),
        firms: list(22, (f) => ({ id: `f${f}`, line_hours: 160, open_day: f % 5 === 0 ? 2 : 0, crew_hours: 300 * unit(), crew_a_day: 60 * unit(), crew_max: 900,
            makes: list(4, (p) => p).filter((p) => p === f % 4 || unit() < 0.5).map((p) => ({ product: `p${p}`, line_hours: 0.05 + 0.1 * unit(), crew_hours: 0.1 + 0.3 * unit() })),
            stock: list(6, (m) => ({ material: `m${m}`, amount: 2000 * unit() })) })),
        interventions: list(interventions, (a) => {
            const kind = kinds[a % 4], one = { id: `a${a}`, kind, amount: Math.floor(10 + 500 * unit()), from_day: Math.floor(unit() * 5), cost: 1 + Math.floor(9 * unit()) };
            if (kind !== 'material') one.firm = `f${Math.floor(unit() * 22)}`;
            if (kind === 'material' || kind === 'stock') one.material = `m${Math.floor(unit() * 6)}`;
            return one;
        }),
    };
}

// A city's 12 chains: 1,500 firms, 4,500 links, 150 passes.
function chains() {
    state = 20220108n;
    return {
        limit: 150, flow: 0.2, function: 'leontief',
        firms: list(1500, (i) => ({ id: `f${i}`, sector: `k${Math.floor(unit() * 120)}`, weight: 1 + Math.floor(unit() * 100), buffer_days: Math.floor(unit() * 10) })),
        links: list(4500, () => {
            const b = 1 + Math.floor(unit() * 1499);
            return { supplier: `f${Math.floor(unit() * b)}`, buyer: `f${b}`, amount: 1 + Math.floor(unit() * 1000) };
        }),
    };
}

export function decisions(folder) {
    const one = solve(folder, 'portfolio', backstop(0));
    bar('portfolio, 10 items x 8 sources x 60 days x 100 scenarios, CPU', `${one.cpu.toFixed(2)} s, gap ${one.answer?.gap?.toExponential(1)}`, one.answer?.gap <= 1e-4 && one.cpu < 10, '< 10 s');
    const line = solve(folder, 'portfolio', backstop(7));
    bar('its frontier of 7 points, CPU', `${line.cpu.toFixed(2)} s, ${line.answer?.frontier?.length} points`, line.answer?.frontier?.length === 7 && line.cpu < 60, '< 60 s');
    const without = solve(folder, 'activation', start(0)), ranked = solve(folder, 'activation', start(200));
    say(`production start without interventions: ${without.cpu.toFixed(2)} s for ${without.answer?.programs} programs`);
    const extra = ranked.cpu - without.cpu;
    bar('ranking of 200 interventions by solving again, CPU', `${extra.toFixed(2)} s`, ranked.answer?.interventions?.length === 200 && extra < 2, '< 2 s');
    const choice = solve(folder, 'positive-list', chains());
    say(`positive list, 1,500 firms, 150 passes: ${choice.cpu.toFixed(1)} s, ${choice.answer?.lists_tried} lists, loss ${choice.answer?.loss_without?.toFixed(3)} -> ${choice.answer?.value?.toFixed(3)}`);
}
