// Reads a region pack: TopoJSON whose object "districts" names each district (see data/regions). Small enough that no library is needed.
export interface District {
    adcode: string;
    name_zh: string;
    name_en: string;
    inset: boolean;
    label: Point;
    rings: Point[][];
}

export type Point = [number, number]; // longitude, latitude

export interface Region {
    code: string;
    inset_zh: string;
    inset_en: string;
    districts: District[];
}

interface Pack {
    region: { code: string; inset_zh?: string; inset_en?: string };
    transform?: { scale: Point; translate: Point };
    arcs: Point[][];
    objects: { districts: { geometries: { type: string; arcs: number[][] | number[][][]; properties: Record<string, unknown> }[] } };
}

export function readRegion(pack: Pack): Region {
    const [sx, sy] = pack.transform?.scale ?? [1, 1];
    const [tx, ty] = pack.transform?.translate ?? [0, 0];
    const arcs = pack.arcs.map((arc) => {
        let x = 0;
        let y = 0;
        return arc.map(([dx, dy]): Point => {
            // With a transform each point is a step from the one before; without, it stands for itself.
            if (!pack.transform) return [dx, dy];
            x += dx;
            y += dy;
            return [x * sx + tx, y * sy + ty];
        });
    });
    const ring = (indexes: number[]): Point[] => indexes.flatMap((index, n) => {
        const points = index < 0 ? [...arcs[~index]!].reverse() : arcs[index]!;
        return n === 0 ? points : points.slice(1); // neighbours share their end point
    });
    const districts = pack.objects.districts.geometries.map((g): District => {
        const polygons = (g.type === 'Polygon' ? [g.arcs] : g.arcs) as number[][][];
        const p = g.properties;
        return {
            adcode: String(p.adcode),
            name_zh: String(p.name_zh),
            name_en: String(p.name_en ?? p.name_zh),
            inset: p.inset === true,
            label: [Number(p.label_x), Number(p.label_y)],
            rings: polygons.flat().map(ring),
        };
    });
    return { code: pack.region.code, inset_zh: pack.region.inset_zh ?? '', inset_en: pack.region.inset_en ?? '', districts };
}

// Longitude and latitude onto a box of pixels: equirectangular, true at the middle latitude, which is exact enough for one city.
export function fit(districts: District[], width: number, height: number, margin: number): (p: Point) => Point {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const d of districts) {
        for (const ring of d.rings) {
            for (const [x, y] of ring) {
                if (x < x0) x0 = x;
                if (x > x1) x1 = x;
                if (y < y0) y0 = y;
                if (y > y1) y1 = y;
            }
        }
    }
    const squeeze = Math.cos((((y0 + y1) / 2) * Math.PI) / 180);
    const w = (x1 - x0) * squeeze;
    const h = y1 - y0;
    const scale = Math.min((width - 2 * margin) / w, (height - 2 * margin) / h);
    const left = (width - w * scale) / 2;
    const top = (height - h * scale) / 2;
    return ([x, y]) => [left + (x - x0) * squeeze * scale, top + (y1 - y) * scale];
}

export function outline(district: District, project: (p: Point) => Point): string {
    return district.rings.map((ring) => `M${ring.map((p) => project(p).map((v) => v.toFixed(1)).join(' ')).join('L')}Z`).join('');
}

// The nearest district in the direction of an arrow key; distance across the direction counts double.
export function neighbour(from: Point, others: { key: string; at: Point }[], arrow: string): string | null {
    const dirs: Record<string, Point> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const dir = dirs[arrow];
    if (!dir) return null;
    let best: string | null = null;
    let least = Infinity;
    for (const other of others) {
        const dx = other.at[0] - from[0];
        const dy = other.at[1] - from[1];
        const along = dx * dir[0] + dy * dir[1];
        if (along <= 1) continue;
        const cost = along + 2 * Math.abs(dx * dir[1] + dy * dir[0]);
        if (cost < least) [least, best] = [cost, other.key];
    }
    return best;
}
