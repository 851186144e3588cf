// 测算依据: the live plan. One sentence a key item, and behind each: need against stock, when it runs out, what drives it, what if, and who
// decides what on it. The page computes on the city's own data now; what is decided on is kept as a run first.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { exact, short } from '../../base/format';
import { place as address, href, setQuery } from '../../base/router';
import { nameOf, t } from '../../i18n/index';
import { post } from '../../api/compute';
import { asProblem, type Problem } from '../../api/problem';
import { useQuery } from '../../api/query';
import { can } from '../../api/session';
import { Button } from '../../kit/button';
import { DataTime, Empty, Failure, Num, Shape, Show, Skeleton, StatusTag, Tag } from '../../kit/state';
import { Bars, Fan, Rounds, Strip } from './charts';
import { Decide } from './decide';
import { Good } from './good';
import type { DemandAnswer, Live, StandardAnswer, StockRow } from './types';
import { Tables } from './tables';
import { WhatIf } from './whatif';
import { percentOf, sentence, stateOfOutlook } from './words';
import './basis.css';

export default function BasisScreen() {
    const part = address.value.path[1];
    return part === 'good' ? <Good /> : part === 'tables' ? <Tables /> : <LivePlan />;
}

function LivePlan() {
    const live = useQuery<Live>('/basis', undefined, { changes: (e) => /^(figure|round|standard|level|table)\./.test(e.kind) });
    return (
        <div class="body basis">
            <header class="page-head">
                <h1 tabIndex={-1}>{t('screen.basis')}</h1>
                <DataTime at={live.data?.at} receivedAt={live.receivedAt} old={live.old} />
                <span class="actions">
                    <a class="button" href={href('runs')}>{t('screen.runs')}</a>
                    {can('run.ask') && <a class="button" href={href('basis/good')}>{t('good.title')}</a>}
                    <Button onClick={() => print()}>{t('print')}</Button>
                    <Button icon="refresh" onClick={live.refresh}>{t('basis.again')}</Button>
                </span>
            </header>
            <Show of={live} rows={8} empty={(d) => (d.items === 0 ? <Empty title={t('basis.empty')} why={t('basis.empty.why')} /> : null)}>
                {(data) => (can('run.ask') ? <Computed live={data} /> : <Empty title={t('basis.reader')} why={t('basis.reader.why')}><a class="button" href={href('runs')}>{t('screen.runs')}</a></Empty>)}
            </Show>
        </div>
    );
}

function Computed({ live }: { live: Live }) {
    const [standard, setStandard] = useState<StandardAnswer | null>(null);
    const [demand, setDemand] = useState<DemandAnswer | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [tries, setTries] = useState(0);
    const key = JSON.stringify(live.standard);
    useEffect(() => {
        const control = new AbortController();
        Promise.all([
            post<StandardAnswer>('/what-if', { method: 'standard' }, live.standard, control.signal),
            post<DemandAnswer>('/what-if', { method: 'demand' }, live.demand, control.signal),
        ]).then(([s, d]) => {
            setStandard(s);
            setDemand(d);
            setProblem(null);
        }).catch((error: unknown) => {
            if (!control.signal.aborted) setProblem(asProblem(error));
        });
        return () => control.abort();
    }, [key, tries]);
    if (problem) return <Failure problem={problem} onRetry={() => setTries(tries + 1)} />;
    if (!standard || !demand) return <Skeleton rows={10} />;
    return <Plan live={live} standard={standard} demand={demand} />;
}

function Plan({ live, standard, demand }: { live: Live; standard: StandardAnswer; demand: DemandAnswer }) {
    const order = { critical: 0, low: 1, unreported: 2, ok: 3, none: 4 };
    const items = useMemo(() => [...standard.items].sort((a, b) => order[stateOfOutlook(a.outlook)] - order[stateOfOutlook(b.outlook)]
        || (a.outlook?.enough_until_90?.day ?? 999) - (b.outlook?.enough_until_90?.day ?? 999)), [standard]);
    const wanted = address.value.query.item;
    const chosen = items.find((i) => i.item === wanted) ?? items[0]!;
    const row = (code: string): StockRow | undefined => live.stocks.find((s) => s.code === code);
    const need = demand.items.find((i) => i.item === chosen.item);
    return (
        <>
            <Facts live={live} seconds={standard.seconds + demand.seconds} />
            <div class="basis-grid">
                <section class="panel sentences" aria-labelledby="sentences-title">
                    <h2 id="sentences-title">{t('basis.sentences')}</h2>
                    <ul>
                        {items.map((item) => (
                            <li key={item.item}>
                                <a href={href('basis', { item: item.item })} aria-current={item.item === chosen.item ? 'true' : undefined}
                                    onClick={(event) => {
                                        event.preventDefault();
                                        setQuery({ item: item.item });
                                        if (innerWidth <= 900) setTimeout(() => document.getElementById('fan-title')?.scrollIntoView({ block: 'start' }), 60);
                                    }}>
                                    <Shape state={stateOfOutlook(item.outlook)} />
                                    <span>{sentence(item, live.standard, nameOf(row(item.item) ?? item))}</span>
                                </a>
                            </li>
                        ))}
                    </ul>
                </section>
                {need && <Detail key={chosen.item} live={live} standard={standard} item={chosen} row={row(chosen.item)} need={need} />}
            </div>
        </>
    );
}

// What the figures rest on, in one line; a warning where that is weak.
function Facts({ live, seconds }: { live: Live; seconds: number }) {
    return (
        <>
            {live.cases === 'none' && <p class="notice low">{t(live.stale ? 'basis.stale' : 'basis.no-cases')} {can('figure.write') && <a href={href('figures')}>{t('basis.enter')}</a>}</p>}
            {live.cases !== 'none' && live.date < live.today && <p class="notice">{t('basis.until-date', { date: live.date })} {can('figure.write') && <a href={href('figures')}>{t('basis.enter')}</a>}</p>}
            <p class="basis-facts">
                <Tag>{t('basis.level', { n: live.level })}</Tag>
                {live.cases !== 'none' && <Tag>{t('basis.cases7', { n: exact(live.cases_7) })}</Tag>}
                <Tag>{live.rounds === 0 && live.standard.rounds ? t('basis.rounds.open') : t('basis.rounds-set', { n: live.rounds })}</Tag>
                <Tag>{t('basis.residents', { n: short(live.residents) })}</Tag>
                <Tag>{t('basis.paths', { n: exact(live.standard.paths), ms: Math.round(seconds * 1000) })}</Tag>
                <a href={href('figures')}>{t('screen.figures')}</a>
                <a href={href('basis/tables')}>{t('tables.title')}</a>
            </p>
        </>
    );
}

function Detail({ live, standard, item, row, need }: {
    live: Live;
    standard: StandardAnswer;
    item: StandardAnswer['items'][number];
    row: StockRow | undefined;
    need: DemandAnswer['items'][number];
}) {
    const name = nameOf(row ?? item);
    const stock = live.standard.stocks?.find((s) => s.item === item.item);
    const cell = item.levels.find((l) => l.level === standard.level) ?? item.levels[0]!;
    return (
        <div class="basis-detail">
            <div class="column">
            <section class="panel" aria-labelledby="fan-title">
                <div class="panel-head">
                    <h2 id="fan-title">{name}</h2>
                    <StatusTag state={stateOfOutlook(item.outlook)} />
                    <span class="muted">{t('basis.scenario')} {t('scenario.controlled')}</span>
                </div>
                <p class="basis-lead">{sentence(item, live.standard, name)}</p>
                <Fan item={need} stock={stock?.stock ?? 0} inflow={stock?.inflow ?? []} standard={row?.standard ?? 0} label={t('basis.fan.label', { name })} />
            </section>
            <section class="panel" aria-labelledby="why-title">
                <h2 id="why-title">{t('basis.why')}</h2>
                <div class="two">
                    <div>
                        <h3>{t('basis.drivers')}</h3>
                        <Bars label={t('basis.drivers')} rows={[...need.contributions].sort((a, b) => b.share - a.share).slice(0, 8).map((c) => ({ key: c.driver, name: nameOf(c), share: c.share, value: c.pieces }))} />
                    </div>
                    <div>
                        <h3>{t('basis.doubt')}</h3>
                        <Bars label={t('basis.doubt')} rows={(['virus', 'measures', 'coefficients'] as const).map((k) => ({ key: k, name: t(`basis.doubt.${k}`), share: need.variance[k] }))} />
                    </div>
                </div>
                <Derivation need={need} />
            </section>
            </div>
            <div class="column">
            {item.outlook && (
                <section class="panel" aria-labelledby="strip-title">
                    <h2 id="strip-title">{t('basis.strip')}</h2>
                    <Strip outByDay={item.outlook.out_by_day} document={live.standard} />
                    <h3>{t('basis.rounds')}</h3>
                    <Rounds trial={item.outlook} document={live.standard} />
                    <dl class="facts">
                        <dt>{t('seven.usable')}</dt><dd><Num value={row?.stock} unit={row?.unit} full to={row ? href('stock', { view: 'lots', item: row.id, status: 'usable' }) : undefined} /></dd>
                        <dt>{t('basis.arrivals')}</dt><dd>{t('basis.arrivals.words', { soon: exact(row?.receiving ?? 0), inspecting: exact(row?.inspecting ?? 0), producing: exact(row?.producing ?? 0) })}</dd>
                        <dt>{t('basis.round-need')}</dt><dd><Num value={Math.round(item.round_need)} full /></dd>
                        <dt>{t('basis.service')}</dt><dd>{percentOf(item.outlook.service)}</dd>
                        <dt>{t('basis.unmet')}</dt><dd><Num value={Math.round(item.outlook.unmet)} full /></dd>
                        <dt>{t('basis.in-force')}</dt><dd><Num value={row?.standard} full to={row ? href('readiness', { item: row.id }) : undefined} /></dd>
                        <dt>{t('basis.computed', { n: cell.level })}</dt><dd><Num value={cell.standard} full /> <span class="muted">{t(cell.binds === 'floor' ? 'basis.by-floor' : 'basis.by-quantile', { p: percentOf(cell.service), days: cell.horizon })}</span></dd>
                    </dl>
                    <Decide item={item} row={row} live={live} cell={cell} />
                </section>
            )}
            <WhatIf live={live} base={standard} item={item} name={name} />
            </div>
        </div>
    );
}

// Driver × coefficient × source, for each number.
function Derivation({ need }: { need: DemandAnswer['items'][number] }) {
    return (
        <details class="derivation">
            <summary>{t('basis.derivation', { days: need.horizons.length })}</summary>
            <ul>
                {[...need.contributions].sort((a, b) => b.pieces - a.pieces).map((c) => (
                    <li key={c.driver}>
                        <p><strong>{nameOf(c)}</strong> {t('basis.product', { amount: exact(Math.round(c.amount)), unit: nameOf({ name_zh: c.unit_zh, name_en: c.unit_en }), rate: c.pieces_a_unit.toPrecision(3), pieces: exact(Math.round(c.pieces)) })}</p>
                        <p class="muted">{t('basis.source')} {c.driver_source}</p>
                        {c.from.length > 0 && <ul>{c.from.map((f, i) => <li key={i}>{nameOf({ name_zh: f.zh, name_en: f.en })} <span class="muted">· {f.source}</span></li>)}</ul>}
                    </li>
                ))}
            </ul>
        </details>
    );
}
