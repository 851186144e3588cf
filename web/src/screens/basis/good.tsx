// How good were we? The forecasts of past outbreaks, scored with what was known on each day, always beside the flat line and never without
// the outbreaks in which we did not win. Computed once a version of the program and kept as a run.
import { useEffect, useState } from 'preact/hooks';
import { href } from '../../base/router';
import { lang, t, word } from '../../i18n/index';
import { get } from '../../api/client';
import { post, untilDone } from '../../api/compute';
import { asProblem, type Problem } from '../../api/problem';
import { Button } from '../../kit/button';
import { Failure, Skeleton, Tag } from '../../kit/state';
import type { Answer } from './types';
import { percentOf } from './words';

interface Score {
    model: string;
    ratio: number;
    cover50: number;
    cover95: number;
    above95: number;
}
interface Outbreak {
    column: string;
    name_zh: string;
    from: string;
    to: string;
    named: boolean;
    horizons: { days: number; origins: number; models: Score[] }[];
}
interface Table extends Answer {
    outbreaks: Outbreak[];
}

const MODELS = ['calibrated', 'flat', 'burn_rate', 'log_linear', 'constant_r'];
const scoreOf = (outbreak: Outbreak, horizon: number, model: string): Score | undefined => outbreak.horizons[horizon]?.models.find((m) => m.model === model);
const geometric = (values: number[]): number => Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / Math.max(1, values.length));
const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);

export function Good() {
    const [table, setTable] = useState<{ run: string; answer: Table } | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [tries, setTries] = useState(0);
    useEffect(() => {
        let live = true;
        void (async () => {
            try {
                const run = await post<{ id: string }>('/runs', { method: 'backtest', title: t('good.title') }, { paths: 1000, seed: 1 });
                await untilDone(run.id);
                const whole = await get<{ answer: Table }>(`/runs/${run.id}`);
                if (live) setTable({ run: run.id, answer: whole.answer });
            } catch (error) {
                if (live) setProblem(asProblem(error));
            }
        })();
        return () => {
            live = false;
        };
    }, [tries]);
    return (
        <div class="body basis">
            <header class="page-head">
                <h1 tabIndex={-1}>{t('good.title')}</h1>
                <span class="actions"><a class="button" href={href('basis')}>{t('screen.basis')}</a><Button onClick={() => print()}>{t('print')}</Button></span>
            </header>
            {problem ? <Failure problem={problem} onRetry={() => (setProblem(null), setTries(tries + 1))} />
                : !table ? <><p class="muted" role="status">{t('good.wait')}</p><Skeleton rows={8} /></>
                    : <Scores answer={table.answer} run={table.run} />}
        </div>
    );
}

function Scores({ answer, run }: { answer: Table; run: string }) {
    const named = answer.outbreaks.filter((o) => o.named);
    const horizons = named[0]?.horizons.map((h) => h.days) ?? [];
    const all = (h: number, model: string, pick: (s: Score) => number): number[] => named.map((o) => scoreOf(o, h, model)).filter((s) => s !== undefined).map(pick);
    return (
        <div class="stack">
            <section class="panel" aria-labelledby="mean-title">
                <h2 id="mean-title">{t('good.mean', { n: named.length })}</h2>
                <ul class="reasons">{answer.reasons.map((r, i) => <li key={i}>{lang.value === 'zh' ? r.zh : r.en}</li>)}</ul>
                <div class="scroll-x" tabIndex={0} role="region" aria-label={t('good.title')}>
                    <table class="plain-table">
                        <thead><tr><th scope="col">{t('good.model')}</th>{horizons.map((d) => <th key={d} scope="col" class="number">{t('good.ratio', { n: d })}</th>)}
                            <th scope="col" class="number">{t('good.cover95')}</th><th scope="col" class="number">{t('good.above95')}</th></tr></thead>
                        <tbody>{MODELS.map((model) => (
                            <tr key={model} class={model === 'flat' ? 'flat-line' : ''}>
                                <th scope="row">{word('model', model)}</th>
                                {horizons.map((d, h) => <td key={d} class="number">{geometric(all(h, model, (s) => s.ratio)).toFixed(2)}</td>)}
                                <td class="number">{percentOf(mean(horizons.flatMap((_, h) => all(h, model, (s) => s.cover95))))}</td>
                                <td class="number">{(100 * mean(horizons.flatMap((_, h) => all(h, model, (s) => s.above95)))).toFixed(1)}%</td>
                            </tr>
                        ))}</tbody>
                    </table>
                </div>
                <p class="muted">{t('good.words')} <a href={href(`runs/${run}`)}>{t('good.run')}</a></p>
            </section>
            <section class="panel" aria-labelledby="each-title">
                <h2 id="each-title">{t('good.each', { n: answer.outbreaks.length })}</h2>
                <div class="scroll-x" tabIndex={0} role="region" aria-label={t('good.outbreak')}>
                    <table class="plain-table">
                        <thead><tr><th scope="col">{t('good.outbreak')}</th><th scope="col" class="number">{t('good.origins')}</th>{horizons.map((d) => <th key={d} scope="col" class="number">{t('good.days', { n: d })}</th>)}<th scope="col">{t('readiness.state')}</th></tr></thead>
                        <tbody>{[...answer.outbreaks].sort((a, b) => Number(b.named) - Number(a.named)).map((o) => {
                            const ratios = o.horizons.map((_, h) => scoreOf(o, h, 'calibrated')?.ratio ?? 1);
                            const lost = ratios.filter((r) => r >= 0.995).length;
                            return (
                                <tr key={o.column + o.from}>
                                    <th scope="row">{lang.value === 'zh' ? o.name_zh : o.column} <small class="muted">{o.from} – {o.to}</small></th>
                                    <td class="number">{o.horizons[0]?.origins}</td>
                                    {ratios.map((r, h) => <td key={h} class="number">{r.toFixed(2)}</td>)}
                                    <td>{lost === 0 ? <Tag tone="ok">{t('good.won')}</Tag> : <Tag tone="low">{t('good.lost', { n: lost })}</Tag>}</td>
                                </tr>
                            );
                        })}</tbody>
                    </table>
                </div>
            </section>
        </div>
    );
}
