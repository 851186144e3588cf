// The situation: what runs out, where, when, and what to order now. Map and matrix are one pair: choosing in one chooses in the other.
// 1920 x 1080 shows all of it without scrolling; a phone shows it in one column, the worst first.
import { useMemo, useState } from 'preact/hooks';
import { lang, nameOf, t } from '../../i18n/index';
import { cityDate, day, days, percent } from '../../base/format';
import { href, place as address, setQuery } from '../../base/router';
import { useQuery } from '../../api/query';
import { can, me } from '../../api/session';
import { DataTime, Empty, Num, Show, StatusTag, stateOf, Tag } from '../../kit/state';
import { DateField } from '../../kit/date';
import { IconButton } from '../../kit/button';
import { CityMap, MapLegend, useRegion, type DistrictValue, type Marker } from '../../map/map';
import type { Region } from '../../map/topology';
import { LevelDialog, Waiting } from './level';
import { Matrix, type Measure } from './matrix';
import { CellPanel } from './cell';
import type { OrderRow, Picture, RankingRow, Situation } from './types';
import './situation.css';

export interface Chosen {
    item: string | null;
    place: string | null;
    district: string | null;
}

// Any change of stock, standard or level can change the picture; sign-ins and the like cannot.
const touches = (event: { kind: string }): boolean => !/^(session|account|grant|invitation|device|key)\b/.test(event.kind);

export default function SituationScreen() {
    const asOf = address.value.query.at ?? '';
    const answer = useQuery<Situation>('/situation', { at: asOf ? `${asOf}T23:59:59.999+08:00` : undefined }, { changes: touches, offline: !asOf });
    const [wall, setWall] = useState(false);
    const [changing, setChanging] = useState(false);
    const toggleWall = (): void => {
        if (document.fullscreenElement) void document.exitFullscreen();
        else document.documentElement.requestFullscreen().catch(() => {});
        setWall(!wall);
    };
    return (
        <div class="situation">
            <div class="page-head">
                <h1 tabIndex={-1}>{t('situation.title')}</h1>
                {answer.data && <Levels of={answer.data} />}
                {!asOf && can('standard.read') && <Waiting />}
                {answer.data && !asOf && can('level.change') && <button type="button" class="button quiet" onClick={() => setChanging(true)}>{t('level.change')}</button>}
                <span class="spacer" />
                <DataTime at={asOf ? answer.data?.as_of : answer.data?.at} receivedAt={answer.receivedAt} old={answer.old} />
                <label class="as-of"><span>{t('as.of')}</span>
                    <DateField value={asOf} max={cityDate(new Date())} onValue={(value) => setQuery({ at: value || null })} label={t('as.of')} /></label>
                <span class="hide-phone"><IconButton icon="expand" label={t('situation.wall')} onClick={toggleWall} /></span>
            </div>
            {changing && answer.data && <LevelDialog now={answer.data.level.level} onClose={() => setChanging(false)} onDone={answer.refresh} />}
            {asOf && <p class="notice low">{t('as.of.notice', { date: asOf })} <a href={href('situation')}>{t('as.of.back')}</a></p>}
            <Show of={answer} rows={10} empty={(data) => (data.items.length === 0 ? <Empty title={t(asOf ? 'situation.empty.past' : 'situation.empty')} why={t(asOf ? 'situation.empty.past.why' : 'situation.empty.why')}><a class="button" href={href('readiness')}>{t('readiness.title')}</a></Empty> : null)}>{(data) => <Screen raw={data} asOf={asOf} />}</Show>
        </div>
    );
}

function Levels({ of: { level, prepared } }: { of: Situation }) {
    return (
        <span class="levels">
            <span class={`level-badge l${level.level}`} title={level.from ? t('level.since', { date: day(level.from) }) : undefined}>{t('level.reserve', { n: level.level })}</span>
            {prepared && <span class="level-badge prepared" title={prepared.why}>{t('level.prepared', { n: prepared.level })}</span>}
        </span>
    );
}

function Screen({ raw, asOf }: { raw: Situation; asOf: string }) {
    const data = useMemo((): Picture => ({ ...raw, places: raw.places.map((p) => ({ ...p.place, at: p.lat_udeg || p.lon_udeg ? [p.lon_udeg / 1e6, p.lat_udeg / 1e6] : null })) }), [raw]);
    const [chosen, setChosen] = useState<Chosen>({ item: null, place: null, district: null });
    const [measure, setMeasure] = useState<Measure>('ratio');
    const region = useRegion(me.value?.city.code);
    const placeDistrict = useMemo(() => new Map(data.places.map((p) => [p.id, p.division])), [data.places]);

    const chooseDistrict = (adcode: string | null): void => {
        const depot = data.places.find((p) => p.division === adcode && p.kind === 'district') ?? data.places.find((p) => p.division === adcode);
        setChosen({ item: chosen.item, place: adcode ? (depot?.id ?? null) : null, district: adcode });
    };
    const choose = (item: string | null, place: string | null): void => {
        setChosen({ item, place, district: place ? (placeDistrict.get(place) ?? null) : null });
    };

    const values = useMemo(() => districtValues(data, chosen.item, measure), [data, chosen.item, measure]);
    const markers = useMemo(() => (region ? markersOf(data, region, chosen) : []), [data, region, chosen]);
    const chosenItem = data.items.find((row) => row.item.id === chosen.item);
    const chosenPlace = data.places.find((p) => p.id === chosen.place);
    return (
        <div class="picture">
            <Kpis data={data} />
            <section class="panel map-panel" aria-labelledby="map-title">
                <div class="panel-head">
                    <h2 id="map-title">{chosenItem ? t('map.title.item', { item: nameOf(chosenItem.item) }) : t('map.title')}</h2>
                    {chosenItem && <button type="button" class="button quiet" onClick={() => choose(null, chosen.place)}>{t('map.all')}</button>}
                </div>
                {region ? <CityMap region={region} values={values} markers={markers} onMarker={(key) => choose(chosen.item, chosen.place === key ? null : key)} chosen={chosen.district} onChoose={chooseDistrict}
                    label={t('map.title')} />
                    : region === null ? <DistrictTiles data={data} values={values} chosen={chosen.district} onChoose={chooseDistrict} /> : <div class="city-map" />}
                <MapLegend />
            </section>
            <section class="panel matrix-panel" aria-labelledby="matrix-title">
                <div class="panel-head">
                    <h2 id="matrix-title">{t('matrix.title')}</h2>
                    <div class="segmented" role="group" aria-label={t('matrix.measure')}>
                        {(['ratio', 'days'] as const).map((m) => (
                            <button key={m} type="button" aria-pressed={measure === m} onClick={() => setMeasure(m)}>{t(`matrix.${m}`)}</button>
                        ))}
                    </div>
                </div>
                <Matrix data={data} measure={measure} chosen={chosen} onChoose={choose} />
                <CellPanel item={chosenItem?.item ?? null} place={chosenPlace ?? null} asOf={asOf} at={data.at} />
            </section>
            <section class="panel ranking-panel" aria-labelledby="ranking-title">
                <h2 id="ranking-title">{t('ranking.title')}</h2>
                <Ranking rows={data.ranking} chosen={chosen} onChoose={choose} />
            </section>
            <section class="panel orders-panel" aria-labelledby="orders-title">
                <div class="panel-head">
                    <h2 id="orders-title">{t('orders.title')}</h2>
                    <span class="muted">{t('pager.total', { n: data.orders.length })}</span>
                </div>
                <Orders rows={data.orders} />
            </section>
        </div>
    );
}

function Kpis({ data }: { data: Picture }) {
    const k = data.kpis;
    const readiness = k.readiness_ppm;
    const first = k.first_stockout;
    return (
        <ul class="kpis">
            <li class={`kpi ${k.items_short > 0 ? 'critical' : 'ok'}`}>
                <span class="kpi-label">{t('kpi.items')}</span>
                <a class="kpi-value" href={href('readiness', { short: 1 })}>{k.items_short}<small>/{data.items.length} {t('kpi.items.unit')}</small></a>
                <span class="kpi-note">{shortNames(data)}</span>
            </li>
            <li class={`kpi ${k.places_short > 0 ? 'critical' : 'ok'}`}>
                <span class="kpi-label">{t('kpi.places')}</span>
                <a class="kpi-value" href={href('readiness', { short: 1, by: 'place' })}>{k.places_short}<small>/{data.places.length} {t('kpi.places.unit')}</small></a>
                <span class="kpi-note">{t('kpi.places.note')}</span>
            </li>
            <li class={`kpi wide ${first ? 'critical' : 'ok'}`}>
                <span class="kpi-label">{t('kpi.first')}</span>
                {first ? (
                    <>
                        <a class="kpi-value" href={href('readiness', { item: first.item.id, place: first.place.id })}>{day(first.date).slice(5)}
                            {first.days_cover_milli !== null && <small> {first.days_cover_milli < 1000 ? t('days.today') : t('days.left', { n: days(first.days_cover_milli) })}</small>}</a>
                        <span class="kpi-note">{nameOf(first.place)} · {nameOf(first.item)}</span>
                    </>
                ) : <><span class="kpi-value">—</span><span class="kpi-note">{t('kpi.first.none')}</span></>}
            </li>
            <li class="kpi">
                <span class="kpi-label">{t('kpi.transit')}</span>
                <span class="kpi-value"><Num value={k.in_transit} to={href('stock', { status: 'transit' })} label={t('kpi.transit')} /></span>
                <span class="kpi-note">{t('kpi.transit.note')}</span>
            </li>
            <li class={`kpi ${readiness === null ? 'none' : readiness >= 900_000 ? 'ok' : readiness >= 600_000 ? 'low' : 'critical'}`}>
                <span class="kpi-label">{t('kpi.readiness')}</span>
                <a class="kpi-value" href={href('readiness')}>{percent(readiness)}</a>
                <span class="kpi-note">{t('kpi.readiness.note')}</span>
            </li>
        </ul>
    );
}

function shortNames(data: Picture): string {
    const names = data.items.filter((row) => row.places_short > 0).map((row) => nameOf(row.item));
    return names.length === 0 ? t('kpi.items.none') : names.join(lang.value === 'zh' ? '、' : ', ');
}

// What a district shows: all its items together, or the chosen item (its worst place there).
function districtValues(data: Picture, item: string | null, measure: Measure): Map<string, DistrictValue> {
    const values = new Map<string, DistrictValue>();
    if (item === null) {
        for (const d of data.districts) values.set(d.division, { state: stateOf(d.state), text: percent(d.readiness_ppm) });
        return values;
    }
    const order = ['critical', 'low', 'unreported', 'ok', 'none'];
    const division = new Map(data.places.filter((p) => p.kind !== 'forward').map((p) => [p.id, p.division])); // forward depots have a point of their own
    const worst = new Map<string, (typeof data.matrix)[number]>();
    for (const cell of data.matrix) {
        const adcode = division.get(cell.place_id);
        if (cell.item_id !== item || !adcode) continue;
        const before = worst.get(adcode);
        if (!before || order.indexOf(stateOf(cell.state)) < order.indexOf(stateOf(before.state))) worst.set(adcode, cell);
    }
    for (const [adcode, cell] of worst) {
        values.set(adcode, { state: stateOf(cell.state), text: measure === 'ratio' ? percent(cell.ratio_ppm) : t('days.n', { n: days(cell.days_cover_milli) }) });
    }
    return values;
}

// Depots that belong to no district on the map stand on it as points: the worst of their items, or the chosen item.
function markersOf(data: Picture, region: Region, chosen: Chosen): Marker[] {
    const districts = new Set(region.districts.map((d) => d.adcode));
    const order = ['critical', 'low', 'unreported', 'ok', 'none'];
    return data.places.filter((p) => p.at && (!districts.has(p.division ?? '') || p.kind === 'forward')).map((p) => {
        const cells = data.matrix.filter((c) => c.place_id === p.id && (chosen.item === null || c.item_id === chosen.item));
        const state = cells.map((c) => stateOf(c.state)).sort((a, b) => order.indexOf(a) - order.indexOf(b))[0] ?? 'none';
        return { key: p.id, at: p.at!, name: nameOf(p), state, chosen: chosen.place === p.id };
    });
}

// For a city without a map: the same choice as a list.
function DistrictTiles({ data, values, chosen, onChoose }: {
    data: Picture;
    values: Map<string, DistrictValue>;
    chosen: string | null;
    onChoose: (adcode: string | null) => void;
}) {
    const names = new Map(data.places.map((p) => [p.division, nameOf(p)]));
    return (
        <ul class="tiles">
            {data.districts.map((d) => (
                <li key={d.division}>
                    <button type="button" aria-pressed={chosen === d.division} onClick={() => onChoose(chosen === d.division ? null : d.division)}>
                        <span>{names.get(d.division) ?? d.division}</span>
                        <StatusTag state={values.get(d.division)?.state ?? 'none'} label={values.get(d.division)?.text ?? '—'} />
                    </button>
                </li>
            ))}
        </ul>
    );
}

function Ranking({ rows, chosen, onChoose }: { rows: RankingRow[]; chosen: Chosen; onChoose: (item: string, place: string) => void }) {
    if (rows.length === 0) return <p class="muted">{t('ranking.none')}</p>;
    const longest = Math.max(14_000, ...rows.slice(0, 12).map((r) => r.days_cover_milli ?? 0));
    return (
        <ol class="ranking" tabIndex={0} aria-label={t('ranking.title')}>
            {rows.map((r) => {
                const state = stateOf(r.state);
                const on = chosen.item === r.item.id && chosen.place === r.place.id;
                return (
                    <li key={`${r.item.id}-${r.place.id}`}>
                        <button type="button" aria-pressed={on} onClick={() => onChoose(r.item.id, r.place.id)}>
                            <StatusTag state={state} label={nameOf(r.item)} />
                            <span class="where">{nameOf(r.place)}</span>
                            <span class={`bar ${state}`} aria-hidden="true"><i style={{ width: `${Math.min(100, ((r.days_cover_milli ?? 0) / longest) * 100)}%` }} /></span>
                            <span class="when"><b>{t('days.n', { n: days(r.days_cover_milli) })}</b> {r.stockout_date ? day(r.stockout_date).slice(5) : '—'}</span>
                        </button>
                    </li>
                );
            })}
        </ol>
    );
}

function Orders({ rows }: { rows: OrderRow[] }) {
    if (rows.length === 0) return <p class="muted">{t('orders.none')}</p>;
    return (
        <ul class="orders" tabIndex={0} aria-label={t('orders.title')}>
            {rows.map((o, i) => (
                <li key={i}>
                    <span class="what"><a href={href('readiness', { item: o.item.id, place: o.place?.id })}>{nameOf(o.item)}</a> <b><Num value={o.quantity} unit={o.item.unit} /></b></span>
                    <span class="by">{o.late && <Tag tone="critical">{t('orders.late')}</Tag>} {o.by_date && t('orders.by', { date: day(o.by_date).slice(5) })}</span>
                    {o.place && <span class="to">→ {nameOf(o.place)}</span>}
                    <span class="why">{nameOf({ name_zh: o.reason_zh, name_en: o.reason_en })}</span>
                </li>
            ))}
        </ul>
    );
}
