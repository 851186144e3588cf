// Readiness: usable stock against the standard in force, per item and place, with what it is made of. Filters are the address.
import { nameOf, t, word } from '../../i18n/index';
import { cityDate, day, days, percent } from '../../base/format';
import { href, place as address, setQuery } from '../../base/router';
import { useList } from '../../api/query';
import { DateField } from '../../kit/date';
import { Field, Select } from '../../kit/field';
import { ItemPicker, PlacePicker } from '../../kit/pickers';
import { DataTime, Empty, Failure, Num, Skeleton, StatusTag, stateOf } from '../../kit/state';
import { Table, type Column } from '../../kit/table';
import { formula, type ReadinessRow } from '../situation/types';

const STATES = ['critical', 'low', 'ok', 'unreported'] as const;

function columns(asOf: string): Column<ReadinessRow>[] {
    const rows = (r: ReadinessRow, status: string): string => href('stock', { view: 'lots', item: r.item.id, place: r.place.id, status, at: asOf });
    const number = (key: string, head: string, value: (r: ReadinessRow) => number | null, to?: (r: ReadinessRow) => string, phone?: 'hide'): Column<ReadinessRow> => ({
        key,
        head,
        number: true,
        cell: (r) => <Num value={value(r)} full to={to?.(r)} />,
        sort: (a, b) => (value(a) ?? -1) - (value(b) ?? -1),
        phone,
    });
    return [
        { key: 'item', head: t('kind.item'), phone: 'title', cell: (r) => <a href={href(`stock/items/${r.item.id}`)}>{nameOf(r.item)}</a>,
            sort: (a, b) => a.item.code.localeCompare(b.item.code) },
        { key: 'place', head: t('kind.place'), cell: (r) => <a href={href(`stock/places/${r.place.id}`)}>{nameOf(r.place)}</a>,
            sort: (a, b) => a.place.code.localeCompare(b.place.code) },
        { key: 'state', head: t('readiness.state'), cell: (r) => <StatusTag state={stateOf(r.state)} />,
            sort: (a, b) => STATES.indexOf(a.state as never) - STATES.indexOf(b.state as never) },
        { key: 'ratio', head: t('readiness.ratio'), number: true, cell: (r) => percent(r.ratio_ppm), sort: (a, b) => (a.ratio_ppm ?? -1) - (b.ratio_ppm ?? -1) },
        number('usable', t('seven.usable'), (r) => r.usable, (r) => rows(r, 'usable')),
        number('counted', t('readiness.counted'), (r) => r.counted, undefined, 'hide'),
        { key: 'standard', head: t('readiness.standard'), number: true, sort: (a, b) => (a.standard ?? -1) - (b.standard ?? -1),
            cell: (r) => <span title={formula(r)}><Num value={r.standard} full />{r.uplift_ppm ? <span class="muted"> ×{r.uplift_ppm / 1e6}</span> : null}</span> },
        number('gap', t('readiness.gap'), (r) => r.gap),
        { key: 'cover', head: t('readiness.cover.long'), number: true, cell: (r) => t('days.n', { n: days(r.days_cover_milli) }),
            sort: (a, b) => (a.days_cover_milli ?? 1e15) - (b.days_cover_milli ?? 1e15) },
        { key: 'out', head: t('readiness.stockout'), cell: (r) => day(r.stockout_date), sort: (a, b) => (a.stockout_date ?? '9').localeCompare(b.stockout_date ?? '9') },
        number('use', t('readiness.use'), (r) => (r.use_per_day_milli === null ? null : Math.round(r.use_per_day_milli / 1000))),
        number('hand', t('seven.on_hand'), (r) => r.on_hand, (r) => rows(r, ''), 'hide'),
        number('allocated', t('seven.allocated'), (r) => r.allocated, undefined, 'hide'),
        number('hold', t('seven.on_hold'), (r) => r.on_hold, (r) => rows(r, 'hold'), 'hide'),
        number('transit', t('seven.in_transit'), (r) => r.in_transit, (r) => rows(r, 'transit')),
        number('available', t('seven.available'), (r) => r.available, undefined, 'hide'),
        number('deficit', t('seven.deficit'), (r) => r.deficit, undefined, 'hide'),
        number('order', t('readiness.order'), (r) => r.order),
        number('exp30', t('readiness.expiring_30'), (r) => r.expiring_30, (r) => rows(r, 'usable'), 'hide'),
        number('exp90', t('readiness.expiring_90'), (r) => r.expiring_90, (r) => rows(r, 'usable'), 'hide'),
    ];
}

export default function ReadinessScreen() {
    const query = address.value.query;
    const asOf = query.at ?? '';
    const list = useList<ReadinessRow>('/readiness', { item: query.item, place: query.place, level: query.level, at: asOf ? `${asOf}T23:59:59.999+08:00` : undefined, limit: 500 },
        { changes: () => !asOf });
    const shown = list.rows.filter((r) => (!query.state || r.state === query.state) && (!query.short || r.gap > 0));
    const first = list.rows[0];
    const item = query.item ? (first?.item.id === query.item ? first.item : { id: query.item, code: query.item }) : null;
    const place = query.place ? (first?.place.id === query.place ? first.place : { id: query.place, code: query.place }) : null;
    return (
        <>
            <div class="page-head">
                <h1 tabIndex={-1}>{t('readiness.title')}</h1>
                <span class="spacer" />
                <DataTime at={list.at} receivedAt={list.receivedAt} old={list.old} />
            </div>
            <div class="filters">
                <Field label={t('kind.item')}>{(ids) => <ItemPicker ids={ids} value={item} onValue={(v) => setQuery({ item: v?.id ?? null })} placeholder={t('filter.all')} />}</Field>
                <Field label={t('kind.place')}>{(ids) => <PlacePicker ids={ids} value={place} onValue={(v) => setQuery({ place: v?.id ?? null })} placeholder={t('filter.all')} />}</Field>
                <Field label={t('readiness.state')}>
                    {(ids) => <Select {...ids} value={query.short ? 'short' : (query.state ?? '')} placeholder={t('filter.all')}
                        options={[{ value: 'short', label: t('readiness.short') }, ...STATES.map((s) => ({ value: s, label: word('state', s) }))]}
                        onValue={(v) => setQuery(v === 'short' ? { short: '1', state: null } : { short: null, state: v || null })} />}
                </Field>
                <Field label={t('readiness.level')}>
                    {(ids) => <Select {...ids} value={query.level ?? ''} placeholder={t('readiness.level.now')} options={[4, 3, 2, 1].map((n) => ({ value: String(n), label: t('level.reserve', { n }) }))}
                        onValue={(v) => setQuery({ level: v || null })} />}
                </Field>
                <Field label={t('as.of')}>{(ids) => <DateField ids={ids} value={asOf} max={cityDate(new Date())} onValue={(v) => setQuery({ at: v || null })} />}</Field>
            </div>
            {list.problem && <Failure problem={list.problem} onRetry={list.refresh} />}
            {!list.receivedAt && !list.problem ? <Skeleton rows={8} />
                : shown.length === 0 && !list.problem ? <Empty title={t('readiness.empty')} why={t('readiness.empty.why')} />
                    : shown.length > 0 && <Table label={t('readiness.title')} columns={columns(asOf)} rows={shown} rowKey={(r) => `${r.item.id}/${r.place.id}`}
                        hasMore={list.hasMore} more={list.more} />}
        </>
    );
}
