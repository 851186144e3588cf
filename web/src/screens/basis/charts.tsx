// Pictures of an outlook, drawn as SVG in the theme's colours; each has its figures in words or a table beside it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { exact, monthDay, short } from '../../base/format';
import { lang, t } from '../../i18n/index';
import type { DemandItem, Document, Trial } from './types';
import { percentOf, roundsWords } from './words';

function useWidth(): [{ current: HTMLDivElement | null }, number] {
    const box = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(0);
    useEffect(() => {
        const watcher = new ResizeObserver(() => setWidth(Math.floor(box.current?.clientWidth ?? 0)));
        watcher.observe(box.current!);
        return () => watcher.disconnect();
    }, []);
    return [box, width];
}

// Round steps of an axis.
function ticks(most: number, count: number): number[] {
    const raw = most / count;
    const power = 10 ** Math.floor(Math.log10(raw || 1));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? power;
    return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

const LEFT = 58;
const BOTTOM = 26;
const TOP = 10;
const RIGHT = 12;

// Need since today as a fan against what there is: stock, and the steps by which arrivals raise it.
export function Fan({ item, stock, inflow, standard, label, height = 280 }: {
    item: DemandItem;
    stock: number;
    inflow: number[];
    standard: number;
    label: string;
    height?: number;
}) {
    const [box, width] = useWidth();
    const language = lang.value;
    const days = item.horizons.length;
    const have: number[] = [];
    for (let d = 0, sum = stock; d < days; d++) have.push((sum += inflow[d] ?? 0));
    const most = Math.max(1, ...have, standard, item.horizons[days - 1]?.quantiles[5] ?? 0) * 1.08;
    const w = Math.max(10, width - LEFT - RIGHT);
    const h = height - TOP - BOTTOM;
    const x = (day: number): number => LEFT + (w * day) / days;
    const y = (value: number): number => TOP + h * (1 - Math.min(value, most) / most);
    const band = (low: number, high: number): string =>
        `M${x(0)} ${y(0)}${item.horizons.map((p) => `L${x(p.day)} ${y(p.quantiles[high]!)}`).join('')}${[...item.horizons].reverse().map((p) => `L${x(p.day)} ${y(p.quantiles[low]!)}`).join('')}Z`;
    const line = `M${x(0)} ${y(0)}${item.horizons.map((p) => `L${x(p.day)} ${y(p.quantiles[3]!)}`).join('')}`;
    const steps = `M${x(0)} ${y(stock)}${have.map((v, d) => `L${x(d)} ${y(v)}L${x(d + 1)} ${y(v)}`).join('')}`;
    const crossing = (q: number): number | null => {
        const p = item.horizons.find((point) => point.quantiles[q]! > have[point.day - 1]!);
        return p ? p.day : null;
    };
    const [early, late] = [crossing(6), crossing(0)];
    const every = Math.max(1, Math.ceil(days / Math.max(2, Math.floor(w / 52))));
    return (
        <div class="fan" ref={box}>
            {width > 0 && (
                <svg width={width} height={height} role="img" aria-label={label}>
                    {ticks(most, 4).map((v) => (
                        <g key={v}>
                            <line class="grid" x1={LEFT} x2={LEFT + w} y1={y(v)} y2={y(v)} />
                            <text class="tick" x={LEFT - 6} y={y(v) + 4} text-anchor="end">{short(v, language)}</text>
                        </g>
                    ))}
                    {early !== null && <rect class="crossing" x={x(early - 1)} y={TOP} width={Math.max(3, x(late ?? days) - x(early - 1))} height={h} />}
                    <path class="band b95" d={band(0, 6)} />
                    <path class="band b80" d={band(1, 5)} />
                    <path class="band b50" d={band(2, 4)} />
                    <path class="median" d={line} />
                    {standard > 0 && <line class="standard" x1={LEFT} x2={LEFT + w} y1={y(standard)} y2={y(standard)} />}
                    <path class="have" d={steps} />
                    {item.horizons.filter((p) => (p.day - 1) % every === 0).map((p) => (
                        <text key={p.day} class="tick" x={x(p.day)} y={height - 8} text-anchor="middle">{p.date ? monthDay(p.date) : p.day}</text>
                    ))}
                </svg>
            )}
            <ul class="legend">
                <li><i class="key b50" />50%</li><li><i class="key b80" />80%</li><li><i class="key b95" />95%</li>
                <li><i class="key median" />{t('basis.median')}</li><li><i class="key have" />{t('basis.have')}</li>
                {standard > 0 && <li><i class="key standard" />{t('readiness.standard')} {short(standard)}</li>}
                {early !== null && <li><i class="key crossing" />{t('basis.crossing')}</li>}
            </ul>
        </div>
    );
}

// When the stock is out: a probability for each day, and for "not within the days looked at".
export function Strip({ outByDay, document }: { outByDay: number[]; document: Document }) {
    const parts = outByDay.map((p, d) => p - (d > 0 ? outByDay[d - 1]! : 0));
    const never = 1 - (outByDay[outByDay.length - 1] ?? 0);
    const most = Math.max(...parts, never, 0.01);
    const start = Date.parse(`${document.date}T00:00:00Z`);
    const date = (d: number): string => new Date(start + (d + 1) * 86_400_000).toISOString().slice(0, 10);
    const bar = (p: number, name: string, key: string | number, last = false) => (
        <li key={key} class={last ? 'never' : p >= 0.005 ? 'some' : ''} title={`${name} ${percentOf(p)}`}>
            <span class="pillar" style={{ height: `${Math.max(p > 0 ? 2 : 0, Math.round((p / most) * 56))}px` }} />
            <span class="strip-day">{last ? t('basis.later') : monthDay(name)}</span>
            <span class="strip-share">{p >= 0.005 ? percentOf(p) : ''}</span>
        </li>
    );
    return (
        <ol class="strip" aria-label={t('basis.strip.label')} tabIndex={0}>
            {parts.map((p, d) => bar(p, date(d), d))}
            {bar(never, t('basis.later'), 'never', true)}
        </ol>
    );
}

export function Bars({ rows, label }: { rows: { key: string; name: string; share: number; value?: number; unit?: string }[]; label: string }) {
    const most = Math.max(...rows.map((r) => r.share), 0.01);
    return (
        <ul class="bars" aria-label={label}>
            {rows.map((r) => (
                <li key={r.key}>
                    <span class="bar-name">{r.name}</span>
                    <span class="track" aria-hidden="true"><i style={{ width: `${(r.share / most) * 100}%` }} /></span>
                    <span class="number">{percentOf(r.share)}{r.value !== undefined && <small class="muted" title={exact(Math.round(r.value))}> {short(Math.round(r.value))}</small>}</span>
                </li>
            ))}
        </ul>
    );
}

export function Rounds({ trial, document }: { trial: Trial; document: Document }) {
    const { rounds_covered_90: met, rounds_to_come: all } = trial;
    if (all === 0) return <p class="muted">{roundsWords(trial, document)}</p>;
    return (
        <p class="rounds">
            <span class="rounds-dots" aria-hidden="true">{Array.from({ length: all }, (_, i) => <i key={i} class={i < met ? 'met' : ''} />)}</span>
            <strong>{t('basis.rounds.count', { met, all })}</strong>
        </p>
    );
}
