// The districts as a map: fill and shape say the state, the figure says how much. Small inner districts are drawn again in an inset.
// Every district can be reached with the arrow keys and chosen with Enter or a click.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lang, nameOf, t, word } from '../i18n/index';
import type { StockState } from '../kit/state';
import { fit, neighbour, outline, readRegion, type District, type Point, type Region } from './topology';
import './map.css';

export interface DistrictValue {
    state: StockState;
    text: string; // "41%"
}

const packs = new Map<string, Promise<Region | null>>();

// The pack of a city, by its division code; null when the city has none: the screen then shows a list instead.
export function loadRegion(code: string): Promise<Region | null> {
    let found = packs.get(code);
    if (!found) {
        found = fetch(`regions/${encodeURIComponent(code)}.json`)
            .then(async (response) => (response.ok && response.headers.get('content-type')?.includes('json') ? readRegion(await response.json()) : null))
            .catch(() => {
                packs.delete(code);
                return null;
            });
        packs.set(code, found);
    }
    return found;
}

export function useRegion(code: string | undefined): Region | null | undefined {
    const [region, setRegion] = useState<Region | null | undefined>(undefined);
    useEffect(() => {
        if (code) void loadRegion(code).then(setRegion);
    }, [code]);
    return region;
}

// A depot that is no district's: a functional area, the city's own reserve, a forward depot.
export interface Marker {
    key: string;
    at: Point; // longitude, latitude
    name: string;
    state: StockState;
    chosen: boolean;
}

interface Props {
    region: Region;
    markers?: Marker[];
    onMarker?: (key: string) => void;
    values: Map<string, DistrictValue>;
    chosen: string | null;
    onChoose: (adcode: string | null) => void;
    label: string;
}

const GLYPHS: Record<StockState, (x: number, y: number) => string> = {
    ok: (x, y) => `M${x - 4} ${y}a4 4 0 108 0a4 4 0 10-8 0z`,
    low: (x, y) => `M${x} ${y - 4.6}l5 8.600h-10z`,
    critical: (x, y) => `M${x - 4} ${y - 4}h8v8h-8z`,
    unreported: (x, y) => `M${x} ${y - 5}l5 5l-5 5l-5-5z`,
    none: (x, y) => `M${x - 4} ${y - 1}h8v2h-8z`,
};

export function CityMap({ region, values, markers = [], onMarker, chosen, onChoose, label }: Props) {
    const box = useRef<HTMLDivElement>(null);
    const [size, setSize] = useState<[number, number]>([0, 0]);
    const [active, setActive] = useState<string>(() => region.districts[0]?.adcode ?? '');
    useLayoutEffect(() => {
        const watcher = new ResizeObserver(([entry]) => setSize([entry!.contentRect.width, entry!.contentRect.height]));
        watcher.observe(box.current!);
        return () => watcher.disconnect();
    }, []);

    const [width, height] = size;
    const small = region.districts.filter((d) => d.inset);
    const { project, inset: insetBox } = useMemo(() => arrange(region, width, height), [region, width, height]);
    const projectInset = insetBox ? shift(fit(small, insetBox.w, insetBox.h - 18, 6), insetBox.x, insetBox.y + 18) : null;

    const points = markers.map((m) => project(m.at));

    function onKeyDown(event: KeyboardEvent): void {
        const district = region.districts.find((d) => d.adcode === active);
        if (!district) return;
        if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            onChoose(chosen === active ? null : active);
            return;
        }
        const next = neighbour(project(district.label), region.districts.filter((d) => d !== district).map((d) => ({ key: d.adcode, at: project(d.label) })), event.key);
        if (!next) return;
        event.preventDefault();
        setActive(next);
        box.current?.querySelector<SVGElement>(`[data-district="${next}"]`)?.focus();
    }

    const draw = (d: District, place: (p: Point) => Point, main: boolean) => (
        <Shape key={d.adcode} district={d} path={outline(d, place)} value={values.get(d.adcode)} chosen={chosen === d.adcode} tabStop={main && d.adcode === active}
            hidden={!main} onChoose={() => {
                setActive(d.adcode);
                onChoose(chosen === d.adcode ? null : d.adcode);
            }} />
    );
    return (
        <div class="city-map" ref={box}>
            {width > 0 && (
                <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={label} onKeyDown={onKeyDown}>
                    <defs>
                        <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                            <rect width="7" height="7" class="hatch-ground" /><rect width="2" height="7" class="hatch-line" />
                        </pattern>
                    </defs>
                    {region.districts.map((d) => draw(d, project, true))}
                    {chosen && <path class="chosen-line" d={region.districts.filter((d) => d.adcode === chosen).map((d) => outline(d, project)).join('')} />}
                    {markers.map((m) => <MarkerShape key={m.key} marker={m} at={project(m.at)} onChoose={() => onMarker?.(m.key)} />)}
                    {spread(region.districts.filter((d) => !d.inset), project, points, false).map(([d, at]) => <Label key={d.adcode} district={d} at={at} value={values.get(d.adcode)} />)}
                    {insetBox && projectInset && (
                        <g aria-hidden="true">
                            <rect class="inset-frame" x={insetBox.x} y={insetBox.y} width={insetBox.w} height={insetBox.h} rx="6" />
                            <text class="inset-title" x={insetBox.x + insetBox.w / 2} y={insetBox.y + 14}>{lang.value === 'zh' ? region.inset_zh : region.inset_en}</text>
                            {small.map((d) => draw(d, projectInset, false))}
                            {chosen && <path class="chosen-line" d={small.filter((d) => d.adcode === chosen).map((d) => outline(d, projectInset)).join('')} />}
                            {spread(small, projectInset, [], insetBox.w < 200).map(([d, at]) => <Label key={d.adcode} district={d} at={at} value={values.get(d.adcode)} short={insetBox.w < 200} />)}
                        </g>
                    )}
                </svg>
            )}
        </div>
    );
}

function Shape({ district, path, value, chosen, tabStop, hidden, onChoose }: {
    district: District;
    path: string;
    value: DistrictValue | undefined;
    chosen: boolean;
    tabStop: boolean;
    hidden: boolean;
    onChoose: () => void;
}) {
    const state = value?.state ?? 'none';
    const name = nameOf(district);
    if (hidden) return <path class={`district ${state}`} d={path} onClick={onChoose} />;
    return (
        <path class={`district ${state}`} d={path} data-district={district.adcode} role="button" tabIndex={tabStop ? 0 : -1} aria-pressed={chosen}
            aria-label={`${name} ${word('state', state)} ${value?.text ?? ''}`} onClick={onChoose}>
            <title>{`${name} · ${word('state', state)} ${value?.text ?? ''}`}</title>
        </path>
    );
}

function districtName(district: District): string {
    return lang.value === 'zh' ? district.name_zh.replace(/(新区|[区县市])$/, '') : district.name_en;
}

function Label({ district, at, value, short }: { district: District; at: Point; value: DistrictValue | undefined; short?: boolean }) {
    const [x, y] = at;
    const name = districtName(district);
    const state = value?.state ?? 'none';
    if (short) {
        return (
            <g class="map-label short" aria-hidden="true">
                <text x={x} y={y}>{name}</text>
                <path class={`map-glyph ${state}`} d={GLYPHS[state](x, y + 10)} />
            </g>
        );
    }
    return (
        <g class="map-label" aria-hidden="true">
            <text x={x} y={y - 3}>{name}</text>
            <path class={`map-glyph ${state}`} d={GLYPHS[state](x - (value ? 17 : 0), y + 9)} />
            {value && <text class="figure" x={x + 5} y={y + 14}>{value.text}</text>}
        </g>
    );
}

// Every marker can also be chosen in the matrix; here it is for the pointer.
function MarkerShape({ marker, at: [x, y], onChoose }: { marker: Marker; at: Point; onChoose: () => void }) {
    return (
        <g class={`marker ${marker.state}${marker.chosen ? ' chosen' : ''}`} aria-hidden="true" onClick={onChoose}>
            <title>{`${marker.name} · ${word('state', marker.state)}`}</title>
            <circle cx={x} cy={y} r="9" />
            <path d={GLYPHS[marker.state](x, y)} />
        </g>
    );
}

// Labels move out of the way of markers and of each other: each takes the nearest place that is free, else the one that hides least.
function spread(districts: District[], project: (p: Point) => Point, points: Point[], short: boolean): [District, Point][] {
    const placed: { at: Point; half: number }[] = [];
    const height = short ? 24 : 32;
    const hidden = ([x, y]: Point, half: number): number =>
        points.filter(([px, py]) => Math.abs(px - x) < half + 10 && Math.abs(py - y - 2) < 26).length * 400
        + placed.reduce((sum, p) => sum + Math.max(0, half + p.half - Math.abs(p.at[0] - x)) * Math.max(0, height - Math.abs(p.at[1] - y)), 0);
    return districts.map((d) => {
        const [x, y] = project(d.label);
        const half = Math.max(short ? 8 : 24, districtName(d).length * (lang.value === 'zh' ? 6.5 : short ? 2.8 : 3.4));
        const step = short ? 9 : 13;
        const places: Point[] = [0, 1, 2, 3].flatMap((r) => (r === 0 ? [[0, 0]] : [[0, -r], [0, r], [-r, 0], [r, 0], [-r, -r], [r, -r], [-r, r], [r, r]])
            .map(([dx, dy]): Point => [x + dx! * step * 1.4, y + dy! * step]));
        const at = places.reduce((best, p) => (hidden(p, half) < hidden(best, half) ? p : best));
        placed.push({ at, half });
        return [d, at];
    });
}

function shift(project: (p: Point) => Point, dx: number, dy: number): (p: Point) => Point {
    return (p) => {
        const [x, y] = project(p);
        return [x + dx, y + dy];
    };
}

interface Layout {
    project: (p: Point) => Point;
    inset: { x: number; y: number; w: number; h: number } | null;
}

const INSET_WISH = 190;

// Finds room for the inset: the largest square that covers nothing of the city, the map made a little smaller or moved aside if need be.
function arrange(region: Region, width: number, height: number): Layout {
    const whole = fit(region.districts, width, height, 6);
    if (!region.districts.some((d) => d.inset)) return { project: whole, inset: null };
    let best: Layout & { size: number } = { project: whole, inset: null, size: 0 };
    for (const part of [1, 0.94, 0.88, 0.82]) {
        for (const [right, low] of [[0, 0.5], [1, 0.5], [0, 1], [1, 0]] as const) {
            const project = shift(fit(region.districts, width * part, height * part, 6), width * (1 - part) * right, height * (1 - part) * low);
            const found = largestSquare(region, project, width, height);
            if (found.w > best.size + 12) best = { project, inset: { ...found, h: found.w }, size: found.w };
            if (best.size >= INSET_WISH) return best;
        }
    }
    return best;
}

const STEP = 10;

// The largest empty square of the box, on a coarse grid of what the districts and their labels cover (the usual dynamic programme).
function largestSquare(region: Region, project: (p: Point) => Point, width: number, height: number): { x: number; y: number; w: number } {
    const columns = Math.floor(width / STEP);
    const rows = Math.floor(height / STEP);
    const taken = new Uint8Array(columns * rows);
    const mark = (x: number, y: number): void => {
        const c = Math.floor(x / STEP);
        const r = Math.floor(y / STEP);
        if (c >= 0 && c < columns && r >= 0 && r < rows) taken[r * columns + c] = 1;
    };
    for (const d of region.districts) {
        for (const ring of d.rings) fill(ring.map(project), mark);
    }
    const side = new Uint16Array(columns * rows);
    let best = { x: 0, y: 0, w: 0 };
    for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
            const i = r * columns + c;
            if (taken[i]) continue;
            side[i] = r === 0 || c === 0 ? 1 : 1 + Math.min(side[i - 1]!, side[i - columns]!, side[i - columns - 1]!);
            const w = Math.min(side[i]! * STEP, 260);
            if (w > best.w) best = { x: (c + 1) * STEP - w, y: (r + 1) * STEP - w, w };
        }
    }
    return best;
}

// Marks every grid row of a ring from its left to its right edge, edge by edge: enough for "is there something here".
function fill(ring: Point[], mark: (x: number, y: number) => void): void {
    const spans = new Map<number, [number, number]>();
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [ax, ay] = ring[j]!;
        const [bx, by] = ring[i]!;
        const steps = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / (STEP / 2)));
        for (let k = 0; k <= steps; k++) {
            const x = ax + ((bx - ax) * k) / steps;
            const y = ay + ((by - ay) * k) / steps;
            mark(x, y);
            const row = Math.floor(y / STEP);
            const span = spans.get(row);
            spans.set(row, span ? [Math.min(span[0], x), Math.max(span[1], x)] : [x, x]);
        }
    }
    for (const [row, [from, to]] of spans) for (let x = from; x < to; x += STEP / 2) mark(x, row * STEP + 1);
}

export function MapLegend() {
    const rows: [StockState, string][] = [['ok', t('legend.ok')], ['low', t('legend.low')], ['critical', t('legend.critical')], ['unreported', t('legend.unreported')]];
    return (
        <ul class="legend">
            {rows.map(([state, text]) => (
                <li key={state}><svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true" class={`shape ${state}`}><path d={GLYPHS[state](0, 0)} /></svg>{text}</li>
            ))}
        </ul>
    );
}
