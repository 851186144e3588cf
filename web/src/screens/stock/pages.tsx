// One item, one place, one lot: what it is, where it stands, how it came there.
import type { ComponentChildren } from 'preact';
import { nameOf, t, word } from '../../i18n/index';
import { day } from '../../base/format';
import { href, place as address, setQuery } from '../../base/router';
import { useQuery, type ListPage } from '../../api/query';
import { named } from '../../api/names';
import { can } from '../../api/session';
import type { Lot } from '../../api/ledger';
import { ItemLink } from '../../kit/record';
import { Show, Tag } from '../../kit/state';
import { lazyPart } from '../../kit/lazy';
import { Tabs } from '../../kit/tabs';
import { AsOfFields, PastNotice } from './asof';
import { LotLabel } from './label';
import { Balances, Cells } from './list';
import { MovementTable } from './movements';
import { Recall } from './recall';

interface ItemRow {
    id: string;
    code: string;
    name_zh: string;
    name_en: string;
    spec?: string;
    unit: string;
    category?: string;
    storage?: string;
    shelf_life_days?: number;
    key_item?: boolean;
    lotted?: boolean;
    active?: boolean;
}

interface PlaceRow {
    id: string;
    code: string;
    name_zh: string;
    name_en: string;
    kind: string;
    address?: string;
    district?: string | number | null;
    active?: boolean;
}

// The chart's library is half of this screen's bytes and seldom looked at.
const History = lazyPart(() => import('./history').then((m) => m.History));

type TabKey = 'stock' | 'lots' | 'history' | 'movements' | 'recall' | 'label';

function Page({ kind, title, tags, facts, tabs }: {
    kind: string;
    title: ComponentChildren;
    tags?: ComponentChildren;
    facts: [string, ComponentChildren][];
    tabs: [TabKey, () => ComponentChildren][];
}) {
    const open = tabs.find(([key]) => key === address.value.query.tab)?.[0] ?? tabs[0]![0];
    return (
        <>
            <p class="crumbs"><a href={href('stock')}>{t('stock.title')}</a> / {kind}</p>
            <div class="page-head"><h1 tabIndex={-1}>{title}</h1>{tags}</div>
            <div class="stack">
                <section class="panel">
                    <dl class="facts wide-facts">{facts.filter(([, value]) => value !== '' && value !== null && value !== undefined).map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
                </section>
                {open !== 'movements' && open !== 'history' && open !== 'recall' && open !== 'label' && <div class="filters"><AsOfFields /></div>}
                <PastNotice />
                <Tabs label={kind} value={open} onValue={(tab) => setQuery({ tab })} tabs={tabs.map(([key]) => ({ key, label: t(`tab.${key}`) }))}>
                    {tabs.find(([key]) => key === open)![1]()}
                </Tabs>
            </div>
        </>
    );
}

export function ItemPage({ id }: { id: string }) {
    const answer = useQuery<ItemRow>(`/items/${id}`, undefined, { changes: (e) => e.kind.startsWith('item') });
    const codes = useQuery<ListPage<{ code: string; units: number }>>(`/items/${id}/codes`, undefined, { changes: (e) => e.kind.startsWith('item') });
    const packs = useQuery<ListPage<{ unit: string; units: number }>>(`/items/${id}/packs`, undefined, { changes: (e) => e.kind.startsWith('item') });
    return (
        <Show of={answer}>
            {(item) => (
                <Page kind={t('kind.item')} title={nameOf(item)} tags={<>{item.key_item && <Tag tone="ok">{t('item.key')}</Tag>}{item.active === false && <Tag tone="critical">{t('inactive')}</Tag>}</>}
                    facts={[
                        [t('code'), <code>{item.code}</code>],
                        [t('item.spec'), item.spec],
                        [t('item.unit'), word('unit', item.unit)],
                        [t('item.category'), item.category],
                        [t('item.storage'), item.storage ? word('storage', item.storage) : ''],
                        [t('item.codes'), codes.data?.rows.length ? codes.data.rows.map((c) => <code key={c.code}>{c.code}{c.units > 1 ? ` ×${c.units}` : ''} </code>) : ''],
                        [t('item.packs'), packs.data?.rows.map((p) => `${p.unit} = ${p.units}`).join(', ') ?? ''],
                    ]}
                    tabs={[
                        ['stock', () => <Cells item={id} leave="item" />],
                        ['lots', () => <Balances item={id} leave={['item']} />],
                        ['history', () => <History item={id} unit={item.unit} />],
                        ['movements', () => <MovementTable query={{ item: id }} leave={['item']} />],
                    ]} />
            )}
        </Show>
    );
}

export function PlacePage({ id }: { id: string }) {
    const answer = useQuery<PlaceRow>(`/places/${id}`, undefined, { changes: (e) => e.kind.startsWith('place') });
    return (
        <Show of={answer}>
            {(place) => (
                <Page kind={t('kind.place')} title={nameOf(place)} tags={<><Tag>{word('place', place.kind)}</Tag>{place.active === false && <Tag tone="critical">{t('inactive')}</Tag>}</>}
                    facts={[[t('code'), <code>{place.code}</code>], [t('place.address'), place.address], [t('place.division'), place.district ? String(place.district) : '']]}
                    tabs={[
                        ['stock', () => <Cells place={id} leave="place" />],
                        ['lots', () => <Balances place={id} leave={['place']} />],
                        ['movements', () => <MovementTable query={{ place: id }} />],
                    ]} />
            )}
        </Show>
    );
}

export function LotPage({ id }: { id: string }) {
    const answer = useQuery<Lot>(`/lots/${id}`);
    return (
        <Show of={answer}>
            {(lot) => (
                <Page kind={t('kind.lot')} title={<>{nameOf(named('items', lot.item))} · {lot.batch}</>}
                    tags={lot.state && lot.state !== 'open' && <Tag tone="critical">{word('lot.state', lot.state)}</Tag>}
                    facts={[
                        [t('kind.item'), <ItemLink id={lot.item} />],
                        [t('lot.batch'), <code>{lot.batch}</code>],
                        [t('lot.expiry'), lot.expiry ? day(lot.expiry) : ''],
                        [t('lot.made'), lot.made ? day(lot.made) : ''],
                        [t('lot.maker'), lot.maker],
                        [t('lot.certificate'), lot.certificate],
                    ]}
                    tabs={[
                        ['stock', () => <Balances lot={id} leave={['item', 'lot']} />],
                        ['recall', () => <Recall lot={lot} may={can('recall.order')} />],
                        ['movements', () => <MovementTable query={{ lot: id }} leave={['item', 'lot']} />],
                        ['label', () => <LotLabel lot={id} />],
                    ]} />
            )}
        </Show>
    );
}
