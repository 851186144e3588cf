// The list: totals (seven numbers a row) or lots (one balance a row), filtered by item, place and status.
import { t, word } from '../../i18n/index';
import { day } from '../../base/format';
import { go, href, place as address, setQuery } from '../../base/router';
import { useList } from '../../api/query';
import { named } from '../../api/names';
import type { Balance, StockCell } from '../../api/ledger';
import { Field, Select } from '../../kit/field';
import { ItemPicker, PlacePicker } from '../../kit/pickers';
import { ItemLink, LotLink, OwnerName, PlaceLink } from '../../kit/record';
import { DataTime, Empty, Failure, Num, Skeleton, Tag, type StockState } from '../../kit/state';
import { Table, type Column } from '../../kit/table';
import { asOf, AsOfFields, isPast, PastNotice } from './asof';

const STATUSES = ['usable', 'receiving', 'inspecting', 'hold', 'damaged', 'expired', 'recalled', 'transit', 'producing'];

export const STATUS_TONES: Record<string, StockState> = {
    usable: 'ok', receiving: 'low', inspecting: 'low', transit: 'low', hold: 'critical', damaged: 'critical', expired: 'critical', recalled: 'critical', discrepancy: 'critical',
};

export function StatusWord({ status }: { status: string }) {
    return <Tag tone={STATUS_TONES[status] ?? 'none'}>{word('status', status)}</Tag>;
}

// The rows behind one figure of a cell.
export function rowsOf(cell: { item: string; place: string }, status: string): string {
    const { at, known } = address.value.query;
    return href('stock', { view: 'lots', item: cell.item, place: cell.place, status, at, known });
}

const NUMBERS = ['on_hand', 'usable', 'allocated', 'on_hold', 'in_transit', 'available', 'deficit'] as const;
const BEHIND: Record<(typeof NUMBERS)[number], string | null> = {
    on_hand: '', usable: 'usable', allocated: 'usable', on_hold: 'hold', in_transit: 'transit', available: 'usable', deficit: null,
};

export function cellColumns(leave: 'item' | 'place' | null): Column<StockCell>[] {
    const unit = (c: StockCell): string => named('items', c.item)?.unit ?? '';
    const columns: Column<StockCell>[] = [];
    if (leave !== 'item') columns.push({ key: 'item', head: t('kind.item'), phone: 'title', cell: (c) => <ItemLink id={c.item} /> });
    if (leave !== 'place') columns.push({ key: 'place', head: t('kind.place'), phone: leave === 'item' ? 'title' : undefined, cell: (c) => <PlaceLink id={c.place} /> });
    for (const key of NUMBERS) {
        const status = BEHIND[key];
        columns.push({
            key,
            head: t(`seven.${key}`),
            number: true,
            cell: (c) => <Num value={c[key]} full to={status === null ? undefined : rowsOf(c, status)} />,
            sort: (a, b) => a[key] - b[key],
            phone: key === 'on_hold' || key === 'deficit' ? 'hide' : undefined,
        });
    }
    columns.push({ key: 'unit', head: t('item.unit'), phone: 'hide', cell: (c) => (unit(c) ? word('unit', unit(c)) : '') });
    return columns;
}

export function balanceColumns(leave: ('item' | 'place' | 'lot')[]): Column<Balance>[] {
    const all: Column<Balance>[] = [
        { key: 'item', head: t('kind.item'), phone: 'title', cell: (b) => <ItemLink id={b.item} /> },
        { key: 'place', head: t('kind.place'), phone: leave.includes('item') ? 'title' : undefined, cell: (b) => <PlaceLink id={b.place} /> },
        { key: 'lot', head: t('kind.lot'), cell: (b) => <LotLink id={b.lot} batch={b.batch} /> },
        { key: 'expiry', head: t('lot.expiry'), cell: (b) => day(b.expiry), sort: (a, b) => (a.expiry ?? '9').localeCompare(b.expiry ?? '9') },
        { key: 'status', head: t('stock.status'), cell: (b) => <StatusWord status={b.status} /> },
        { key: 'owner', head: t('stock.owner'), cell: (b) => <OwnerName id={b.owner} />, phone: 'hide' },
        { key: 'qty', head: t('work.quantity'), number: true, cell: (b) => <Num value={b.qty} full to={href('stock/movements', { item: b.item, place: b.place, lot: b.lot })} />,
            sort: (a, b) => a.qty - b.qty },
        { key: 'held', head: t('seven.allocated'), number: true, cell: (b) => <Num value={b.held} full />, phone: 'hide' },
    ];
    return all.filter((c) => !leave.includes(c.key as never));
}

export function StockList() {
    const query = address.value.query;
    const lots = query.view === 'lots' || Boolean(query.status);
    const item = query.item ? { ...(named('items', query.item) ?? { code: query.item }), id: query.item } : null;
    const place = query.place ? { ...(named('places', query.place) ?? { code: query.place }), id: query.place } : null;
    return (
        <>
            <div class="page-head">
                <h1 tabIndex={-1}>{t('stock.title')}</h1>
                <div class="segmented" role="group" aria-label={t('stock.view')}>
                    <button type="button" aria-pressed={!lots} onClick={() => setQuery({ view: null, status: null })}>{t('stock.totals')}</button>
                    <button type="button" aria-pressed={lots} onClick={() => setQuery({ view: 'lots' })}>{t('stock.lots')}</button>
                </div>
                <span class="spacer" />
                <a href={href('stock/movements', { item: query.item, place: query.place })}>{t('movements.title')}</a>
                <a href={href('stock/reviews')}>{t('reviews.title')}</a>
            </div>
            <div class="filters">
                <Field label={t('kind.item')}>{(ids) => <ItemPicker ids={ids} value={item} onValue={(v) => setQuery({ item: v?.id ?? null })} placeholder={t('filter.all')} />}</Field>
                <Field label={t('kind.place')}>{(ids) => <PlacePicker ids={ids} value={place} onValue={(v) => setQuery({ place: v?.id ?? null })} placeholder={t('filter.all')} />}</Field>
                {lots && <Field label={t('stock.status')}>
                    {(ids) => <Select {...ids} value={query.status ?? ''} placeholder={t('filter.all')} options={STATUSES.map((s) => ({ value: s, label: word('status', s) }))}
                        onValue={(v) => setQuery({ status: v || null, view: 'lots' })} />}
                </Field>}
                <AsOfFields />
            </div>
            <PastNotice />
            {lots ? <Balances item={query.item} place={query.place} status={query.status} /> : <Cells item={query.item} place={query.place} />}
        </>
    );
}

export function Cells({ item, place, leave = null }: { item?: string; place?: string; leave?: 'item' | 'place' | null }) {
    const past = isPast();
    const list = useList<StockCell>('/stock', { item, place, ...asOf(), limit: 500 }, { changes: () => !past });
    return (
        <>
            <p class="table-note"><DataTime at={list.at} receivedAt={list.receivedAt} old={list.old} /></p>
            {list.problem && <Failure problem={list.problem} onRetry={list.refresh} />}
            {!list.receivedAt && !list.problem ? <Skeleton rows={8} />
                : list.rows.length === 0 && !list.problem ? <Empty title={t('stock.empty')} why={t('stock.empty.why')}><a class="button" href={href('work')}>{t('screen.work')}</a></Empty>
                    : list.rows.length > 0 && <Table label={t('stock.title')} columns={cellColumns(leave)} rows={list.rows} rowKey={(c) => `${c.item}/${c.place}`} hasMore={list.hasMore} more={list.more}
                        open={(c) => go(rowsOf(c, ''))} />}
        </>
    );
}

export function Balances({ item, place, lot, status, leave = [] }: { item?: string; place?: string; lot?: string; status?: string; leave?: ('item' | 'place' | 'lot')[] }) {
    const past = isPast();
    const list = useList<Balance>('/balances', { item, place, lot, status, ...asOf(), limit: 500 }, { changes: () => !past });
    const sum = list.rows.reduce((total, b) => total + b.qty, 0);
    const one = item ?? (list.rows.every((b) => b.item === list.rows[0]?.item) ? list.rows[0]?.item : undefined);
    return (
        <>
            <p class="table-note">
                {one && !list.hasMore && list.rows.length > 1 && <span>{t('stock.sum')} <b><Num value={sum} full unit={named('items', one)?.unit} /></b></span>}
                <DataTime at={list.at} receivedAt={list.receivedAt} old={list.old} />
            </p>
            {list.problem && <Failure problem={list.problem} onRetry={list.refresh} />}
            {!list.receivedAt && !list.problem ? <Skeleton rows={6} />
                : list.rows.length === 0 && !list.problem ? <Empty title={t('stock.empty')} why={t('stock.empty.why')} />
                    : list.rows.length > 0 && <Table label={t('stock.lots')} columns={balanceColumns(leave)} rows={list.rows} rowKey={(b) => b.id} hasMore={list.hasMore} more={list.more}
                        open={(b) => go(href('stock/movements', { item: b.item, place: b.place, lot: b.lot ?? undefined }))} />}
        </>
    );
}

