// A chart of daily figures: uPlot, drawn with the theme's colours. The same figures stand beneath as a table for those who cannot see it.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { lang, t } from '../i18n/index';
import { exact, short } from '../base/format';
import { dark } from '../base/theme';

export interface Series {
    label: string;
    values: (number | null)[];
    tone: 'accent' | 'low' | 'critical' | 'ok';
    dash?: boolean;
    bars?: boolean;
}

export function Chart({ dates, series, height = 260, label }: { dates: string[]; series: Series[]; height?: number; label: string }) {
    const box = useRef<HTMLDivElement>(null);
    const theme = dark.value;
    const language = lang.value;
    useEffect(() => {
        const element = box.current!;
        const style = getComputedStyle(document.documentElement);
        const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
        const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: `12px ${colour('font')}` };
        const bars = uPlot.paths.bars?.({ size: [0.6, 40] });
        const chart = new uPlot({
            width: element.clientWidth,
            height,
            tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), 'UTC'),
            cursor: { y: false },
            legend: { show: true },
            scales: { x: { time: true }, y: { range: (_u, min, max) => [Math.min(0, min), max <= 0 ? 1 : max * 1.08] } },
            series: [
                { label: t('chart.date'), value: (_u, v) => (v === null ? '—' : new Date(v * 1000).toISOString().slice(0, 10)) },
                ...series.map((s): uPlot.Series => ({
                    label: s.label,
                    stroke: colour(s.tone),
                    width: 2,
                    points: { show: false },
                    value: (_u, v) => (v === null ? '—' : exact(v)),
                    ...(s.dash ? { dash: [6, 4] } : {}),
                    ...(s.bars && bars ? { paths: bars, fill: colour(`${s.tone}-soft`), width: 1 } : {}),
                })),
            ],
            axes: [
                { ...axis, values: (_u, splits) => splits.map((v) => new Date(v * 1000).toISOString().slice(5, 10)), space: 60 },
                { ...axis, values: (_u, splits) => splits.map((v) => short(v, language)), size: 64 },
            ],
        }, [dates.map((d) => Date.parse(`${d}T00:00:00Z`) / 1000), ...series.map((s) => s.values)] as uPlot.AlignedData, element);
        const watcher = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
        watcher.observe(element);
        return () => {
            watcher.disconnect();
            chart.destroy();
        };
    }, [dates, series, height, theme, language]);
    return <div class="chart" ref={box} role="img" aria-label={label} />;
}
