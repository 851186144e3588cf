// The figures behind what is chosen: one cell in full (each figure leads to its rows), or how to choose one.
import { nameOf, t } from '../../i18n/index';
import { day, days, percent } from '../../base/format';
import { href } from '../../base/router';
import { useQuery, type ListPage } from '../../api/query';
import { Num, Show, StatusTag, stateOf } from '../../kit/state';
import { formula, type ItemRef, type PlaceRef, type ReadinessRow } from './types';

export function CellPanel({ item, place, asOf, at }: { item: ItemRef | null; place: PlaceRef | null; asOf: string; at: string }) {
    if (!item || !place) {
        return <p class="cell-panel muted">{item ? t('cell.choose.place', { item: nameOf(item) }) : place ? t('cell.choose.item', { place: nameOf(place) }) : t('cell.choose')}</p>;
    }
    return <Cell key={`${item.id}/${place.id}`} item={item} place={place} asOf={asOf} at={at} />;
}

function Cell({ item, place, asOf, at }: { item: ItemRef; place: PlaceRef; asOf: string; at: string }) {
    const answer = useQuery<ListPage<ReadinessRow>>('/readiness', { item: item.id, place: place.id, at: asOf ? `${asOf}T23:59:59.999+08:00` : undefined }, {
        changes: () => !asOf,
    });
    return (
        <div class="cell-panel" aria-live="polite" data-at={at}>
            <Show of={answer} rows={2} empty={(data) => (data.rows.length === 0 ? <p class="muted">{t('cell.none')}</p> : null)}>
                {(data) => <CellFigures row={data.rows[0]!} asOf={asOf} />}
            </Show>
        </div>
    );
}

function CellFigures({ row, asOf }: { row: ReadinessRow; asOf: string }) {
    const unit = row.item.unit;
    const rows = (status: string): string => href('stock', { view: 'lots', item: row.item.id, place: row.place.id, status, at: asOf });
    const figures: [string, number | null, string | undefined][] = [
        [t('seven.on_hand'), row.on_hand, rows('')],
        [t('seven.usable'), row.usable, rows('usable')],
        [t('seven.allocated'), row.allocated, rows('usable')],
        [t('seven.on_hold'), row.on_hold, rows('hold')],
        [t('seven.in_transit'), row.in_transit, rows('transit')],
        [t('seven.available'), row.available, rows('usable')],
        [t('readiness.counted'), row.counted, undefined],
        [t('readiness.standard'), row.standard, undefined],
        [t('readiness.gap'), row.gap, undefined],
        [t('readiness.order'), row.order, undefined],
        [t('readiness.expiring_30'), row.expiring_30, rows('usable')],
    ];
    return (
        <>
            <p class="cell-head">
                <a href={href('readiness', { item: row.item.id, place: row.place.id })}><strong>{nameOf(row.item)}</strong> · {nameOf(row.place)}</a>
                <StatusTag state={stateOf(row.state)} />
                <span>{t('readiness.ratio')} <b>{percent(row.ratio_ppm)}</b></span>
                <span>{t('readiness.cover')} <b>{t('days.n', { n: days(row.days_cover_milli) })}</b></span>
                <span title={t('readiness.basis', { days: row.use_days, gaps: row.use_gaps })}>{t('readiness.use')} <b><Num value={row.use_per_day_milli === null ? null : Math.round(row.use_per_day_milli / 1000)} unit={unit} /></b></span>
                {row.uplift_ppm && <span>{t('readiness.uplift')} <b>{formula(row)}</b></span>}
                <span>{t('readiness.stockout')} <b>{day(row.stockout_date)}</b></span>
            </p>
            <dl class="figures">
                {figures.map(([label, value, to]) => (
                    <div key={label}><dt>{label}</dt><dd>{to ? <Num value={value} to={to} label={label} unit={unit} /> : <Num value={value} />}</dd></div>
                ))}
            </dl>
        </>
    );
}
