// Movements, the documents they belong to, and from there the journal entry that proves them: three clicks from any figure.
import { t, word } from '../../i18n/index';
import { moment } from '../../base/format';
import { go, href, place as address, setQuery } from '../../base/router';
import { useList, useQuery } from '../../api/query';
import { named } from '../../api/names';
import { can } from '../../api/session';
import type { AccountKey, Document, Movement, Posted } from '../../api/ledger';
import { Field, Select } from '../../kit/field';
import { ItemPicker, PlacePicker } from '../../kit/pickers';
import { ItemLink, LotLink, PersonName, PlaceLink } from '../../kit/record';
import { DataTime, Empty, Failure, Num, Show, Skeleton, Tag } from '../../kit/state';
import { Table, type Column } from '../../kit/table';
import { StatusWord } from './list';
import { ReverseButton } from './reverse';

const REASONS = ['purchase', 'donation', 'requisition', 'return', 'opening', 'production', 'allocation', 'handover', 'use', 'move', 'accepted', 'rejected', 'quarantine', 'release',
    'damage', 'expiry', 'recall', 'disposal', 'loss', 'found', 'count', 'unexplained', 'correction', 'ownership', 'reversal', 'extra', 'sample'];

function Side({ of }: { of: AccountKey }) {
    return <span class="side"><PlaceLink id={of.place} /> <StatusWord status={of.status} /></span>;
}

export function movementColumns(leave: string[] = []): Column<Movement>[] {
    const all: Column<Movement>[] = [
        { key: 'occurred', head: t('movement.occurred'), cell: (m) => <a href={href(`stock/movements/${m.id}`)}>{moment(m.occurred_at)}</a> },
        { key: 'item', head: t('kind.item'), phone: 'title', cell: (m) => <ItemLink id={m.from.item ?? m.to.item} /> },
        { key: 'lot', head: t('kind.lot'), cell: (m) => <LotLink id={m.from.lot ?? m.to.lot} /> },
        { key: 'from', head: t('movement.from'), cell: (m) => <Side of={m.from} /> },
        { key: 'to', head: t('movement.to'), cell: (m) => <Side of={m.to} /> },
        { key: 'qty', head: t('work.quantity'), number: true, cell: (m) => <Num value={m.qty} full /> },
        { key: 'reason', head: t('work.reason'), cell: (m) => <>{word('reason', m.reason)}{m.reverses && <Tag tone="low">{t('movement.is-reversal')}</Tag>}
            {m.reversed_by && <Tag tone="low">{t('movement.reversed')}</Tag>}</> },
        { key: 'recorded', head: t('movement.recorded'), phone: 'hide', cell: (m) => <>{moment(m.recorded_at)} {m.late && <Tag tone="low">{t('movement.late')}</Tag>}</> },
    ];
    return all.filter((c) => !leave.includes(c.key));
}

export function MovementTable({ query, leave }: { query: Record<string, string | undefined>; leave?: string[] }) {
    const list = useList<Movement>('/movements', query);
    return (
        <>
            <p class="table-note"><DataTime at={list.at} receivedAt={list.receivedAt} old={list.old} /></p>
            {list.problem && <Failure problem={list.problem} onRetry={list.refresh} />}
            {!list.receivedAt && !list.problem ? <Skeleton rows={6} />
                : list.rows.length === 0 && !list.problem && !list.hasMore ? <Empty title={t('movements.empty')} />
                    : <Table label={t('movements.title')} columns={movementColumns(leave)} rows={list.rows} rowKey={(m) => m.id} hasMore={list.hasMore} more={list.more}
                        open={(m) => go(href(`stock/movements/${m.id}`))} />}
        </>
    );
}

export function MovementsPage() {
    const query = address.value.query;
    const item = query.item ? { ...(named('items', query.item) ?? { code: query.item }), id: query.item } : null;
    const place = query.place ? { ...(named('places', query.place) ?? { code: query.place }), id: query.place } : null;
    return (
        <>
            <p class="crumbs"><a href={href('stock')}>{t('stock.title')}</a> / {t('movements.title')}</p>
            <div class="page-head"><h1 tabIndex={-1}>{t('movements.title')}</h1></div>
            <div class="filters">
                <Field label={t('kind.item')}>{(ids) => <ItemPicker ids={ids} value={item} onValue={(v) => setQuery({ item: v?.id ?? null })} placeholder={t('filter.all')} />}</Field>
                <Field label={t('kind.place')}>{(ids) => <PlacePicker ids={ids} value={place} onValue={(v) => setQuery({ place: v?.id ?? null })} placeholder={t('filter.all')} />}</Field>
                <Field label={t('work.reason')}>{(ids) => <Select {...ids} value={query.reason ?? ''} placeholder={t('filter.all')}
                    options={REASONS.map((r) => ({ value: r, label: word('reason', r) }))} onValue={(v) => setQuery({ reason: v || null })} />}</Field>
                {query.lot && <a class="button" href={href('stock/movements', { ...query, lot: null })}>{t('kind.lot')} {named('lots', query.lot)?.batch ?? '…'} ✕</a>}
            </div>
            <MovementTable query={{ item: query.item, place: query.place, lot: query.lot, reason: query.reason }} />
        </>
    );
}

function Account({ of, label }: { of: AccountKey; label: string }) {
    return (
        <section class="panel">
            <h2>{label}</h2>
            <dl class="facts">
                <dt>{t('kind.place')}</dt><dd><PlaceLink id={of.place} /></dd>
                <dt>{t('stock.status')}</dt><dd><StatusWord status={of.status} /></dd>
            </dl>
        </section>
    );
}

export function MovementPage({ id }: { id: string }) {
    const answer = useQuery<Movement>(`/movements/${id}`);
    return (
        <>
            <p class="crumbs"><a href={href('stock/movements')}>{t('movements.title')}</a> / {t('kind.movement')}</p>
            <Show of={answer}>
                {(m) => (
                    <>
                        <div class="page-head"><h1 tabIndex={-1}>{t('kind.movement')} · {word('reason', m.reason)}</h1><span class="spacer" /><DataTime at={undefined} receivedAt={answer.receivedAt} /></div>
                        <div class="stack">
                            <section class="panel">
                                <dl class="facts">
                                    <dt>{t('kind.item')}</dt><dd><ItemLink id={m.from.item ?? m.to.item} /></dd>
                                    <dt>{t('kind.lot')}</dt><dd><LotLink id={m.from.lot ?? m.to.lot} /></dd>
                                    <dt>{t('work.quantity')}</dt><dd><b><Num value={m.qty} full unit={named('items', m.from.item ?? m.to.item)?.unit} /></b></dd>
                                    <dt>{t('movement.occurred')}</dt><dd>{moment(m.occurred_at, true)}</dd>
                                    <dt>{t('movement.recorded')}</dt><dd>{moment(m.recorded_at, true)} {m.late && <Tag tone="low">{t('movement.late')}</Tag>}</dd>
                                    <dt>{t('movement.actor')}</dt><dd><PersonName id={m.actor} /></dd>
                                    <dt>{t('kind.document')}</dt><dd><a href={href(`stock/documents/${m.document}`)}>{t('movement.document.open')}</a></dd>
                                    {m.reverses && <><dt>{t('movement.reverses')}</dt><dd><a href={href(`stock/movements/${m.reverses}`)}>{t('movement.open')}</a></dd></>}
                                    {m.reversed_by && <><dt>{t('movement.reversed')}</dt><dd><a href={href(`stock/movements/${m.reversed_by}`)}>{t('movement.open')}</a></dd></>}
                                    {can('journal.read') && <><dt>{t('kind.journal')}</dt>
                                        <dd><a href={href('journal', { object: 'document', id: m.document })}>{t('journal.of')}</a></dd></>}
                                </dl>
                            </section>
                            <div class="columns"><Account of={m.from} label={t('movement.from')} /><Account of={m.to} label={t('movement.to')} /></div>
                        </div>
                    </>
                )}
            </Show>
        </>
    );
}

export function DocumentPage({ id }: { id: string }) {
    const answer = useQuery<Document & Partial<Posted>>(`/documents/${id}`);
    return (
        <>
            <p class="crumbs"><a href={href('stock/movements')}>{t('movements.title')}</a> / {t('kind.document')}</p>
            <Show of={answer}>
                {(data) => {
                    const d = data.document ?? data;
                    return (
                        <>
                            <div class="page-head"><h1 tabIndex={-1}>{word('document', d.kind)} {d.number}</h1><span class="spacer" />
                                {can('ledger.reverse') && d.kind !== 'reverse' && <ReverseButton document={d} />}</div>
                            <div class="stack">
                                <section class="panel">
                                    <dl class="facts">
                                        <dt>{t('kind.place')}</dt><dd><PlaceLink id={d.place} /></dd>
                                        {d.other && d.other !== '0' && <><dt>{t('document.other')}</dt><dd><PlaceLink id={d.other} /></dd></>}
                                        <dt>{t('movement.occurred')}</dt><dd>{moment(d.occurred_at, true)}</dd>
                                        <dt>{t('movement.recorded')}</dt><dd>{moment(d.recorded_at, true)}</dd>
                                        <dt>{t('movement.actor')}</dt><dd><PersonName id={d.actor} /></dd>
                                        {d.reference && <><dt>{t('work.reference')}</dt><dd>{d.reference}</dd></>}
                                        {d.note && <><dt>{t('note')}</dt><dd>{d.note}</dd></>}
                                        {can('journal.read') && <><dt>{t('kind.journal')}</dt><dd><a href={href('journal', { object: 'document', id: d.id })}>{t('journal.of')}</a></dd></>}
                                    </dl>
                                </section>
                                <MovementTable query={{ document: id }} leave={['recorded']} />
                            </div>
                        </>
                    );
                }}
            </Show>
        </>
    );
}
