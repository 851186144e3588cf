// Flow and location beside others; `node bench/flows.mjs` runs these bars alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bar, bin, json, median, say, tools } from './lib.mjs';

function generate(path, shape, nodes, arcs, seed) {
    const out = openSync(path, 'w');
    spawnSync(`${tools}/netshape`, [shape, nodes, arcs, seed].map(String), { stdio: ['ignore', out, 'inherit'] });
    closeSync(out);
}

// Both solvers in turn, three times: the ratio of medians, so that a busy machine slows both.
export function flows(folder) {
    const lemon = existsSync(`${tools}/lemon_flow`);
    for (const [name, shape, nodes, arcs] of [['262,144 arcs, netgen 8_15a shape', 'net', 32768, 262144], ['262,144 arcs, gridgen shape', 'grid', 32768, 262144]]) {
        const path = join(folder, `${shape}.min`);
        generate(path, shape, nodes, arcs, 1);
        const ours = [], theirs = [];
        let same = true;
        for (let i = 0; i < 3; i++) {
            const a = json(bin, ['solve', 'flow', path]);
            ours.push(a.seconds);
            if (!lemon) continue;
            const b = json(`${tools}/lemon_flow`, [path]);
            theirs.push(b.seconds);
            same &&= a.optimum === b.optimum;
        }
        if (lemon) {
            const ratio = median(ours) / median(theirs);
            bar(`min-cost flow, ${name}: ours ${median(ours).toFixed(3)} s, LEMON ${median(theirs).toFixed(3)} s`, `${ratio.toFixed(2)} x, ${same ? 'same optimum' : 'ANOTHER OPTIMUM'}`, ratio <= 1.2 && same, '<= 1.2 x');
        } else {
            say(`min-cost flow, ${name}: ${median(ours).toFixed(3)} s CPU; not compared, liblemon-dev is not installed`);
        }
    }
    const d = json(`${tools}/dispatch`, []);
    bar(`dispatch of a city as a flow, ${d.arcs} arcs, CPU`, `${d.cold.toFixed(3)} s; again after a change ${(d.again * 1000).toFixed(0)} ms`, d.good && d.cold <= 0.3 && d.again <= 0.05, '<= 0.3 s; <= 50 ms');
    say(`the whole allocation of it, tiers, floors, lowest rate first: ${d.allocation.toFixed(2)} s CPU`);
}

// Published optima of the large OR-Library files; BENCH_CAP_DIR names the folder with capa.txt, capb.txt, capc.txt.
const optima = {
    a: [[8000, 19240822.449], [10000, 18438046.543], [12000, 17765201.949], [14000, 17160439.012]],
    b: [[5000, 13656379.578], [6000, 13361927.449], [7000, 13198556.434], [8000, 13082516.496]],
    c: [[5000, 11646596.974], [5750, 11570340.289], [6500, 11518743.744], [7250, 11505767.394]],
};
export function locations() {
    const folder = process.env.BENCH_CAP_DIR;
    if (!folder || !existsSync(join(folder, 'capa.txt'))) {
        say('location capa, capb, capc: not measured, BENCH_CAP_DIR names no folder with these files of the OR-Library');
        return;
    }
    for (const [set, list] of Object.entries(optima)) {
        for (const [capacity, optimum] of list) {
            const a = json(bin, ['solve', 'location', join(folder, `cap${set}.txt`), '--capacity', String(capacity), '--seconds', '9.5']);
            const off = a.cost / optimum - 1;
            bar(`location cap${set}-${capacity}`, `${a.cost.toFixed(3)}, ${(off * 100).toFixed(4)} % above the published optimum, proved within ${(a.gap * 100).toFixed(3)} %, ${a.seconds.toFixed(1)} s CPU`,
                off <= 0.001 && a.seconds <= 10, '<= 0.1 %, <= 10 s');
        }
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'bench-'));
    execFileSync('make', ['-s', 'bench-tools']);
    flows(folder);
    locations();
    rmSync(folder, { recursive: true, force: true });
}
