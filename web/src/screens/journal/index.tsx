// The journal: who did what and when, entry by entry, with the proof that nothing was altered, checked in this browser.
import { t } from '../../i18n/index';
import { moment } from '../../base/format';
import { go, href, place as address, setQuery } from '../../base/router';
import { useList, useQuery } from '../../api/query';
import { can } from '../../api/session';
import { Field, Select } from '../../kit/field';
import { DataTime, Empty, Failure, Show, Skeleton } from '../../kit/state';
import { PersonName } from '../../kit/record';
import { Table } from '../../kit/table';
import { recordLink } from '../../shell/search';
import { word } from '../../i18n/index';
import { Proof } from './check';
import './journal.css';

export interface Entry {
    position: string;
    at: string;
    kind: string;
    object: string;
    id: string | null;
    actor: string | null;
    body?: unknown;
    erased?: boolean;
}

const OBJECTS = ['document', 'item', 'place', 'lot', 'hold', 'count', 'review', 'standard', 'level', 'account', 'grant', 'session', 'organisation', 'district'];

// "document.posted" in words where there are some.
export function kindWord(kind: string): string {
    const [object, verb] = kind.split('.');
    return verb ? `${word('kind', object!)} · ${word('verb', verb)}` : word('kind', kind);
}

function ObjectLink({ of: { object, id }, short }: { of: Entry; short?: boolean }) {
    const text = `${word('kind', object)} ${id ? (short ? id.slice(-6) : id) : ''}`;
    const to = id ? recordLink(object, id) : '';
    return to ? <a href={to}>{text}</a> : <span>{text}</span>;
}

export default function JournalScreen() {
    const [, kind, id] = address.value.path;
    return kind === 'entries' && id ? <EntryPage key={id} position={id} /> : <EntryList />;
}

function EntryList() {
    const query = address.value.query;
    const list = useList<Entry>('/journal', { object: query.object, id: query.id });
    return (
        <>
            <div class="page-head"><h1 tabIndex={-1}>{t('journal.title')}</h1><span class="spacer" /><DataTime at={list.at} receivedAt={list.receivedAt} /></div>
            {can('journal.prove') && <Head />}
            <div class="filters">
                <Field label={t('journal.object')}>
                    {(ids) => <Select {...ids} value={query.object ?? ''} placeholder={t('filter.all')} options={OBJECTS.map((o) => ({ value: o, label: word('kind', o) }))}
                        onValue={(v) => setQuery({ object: v || null, id: null })} />}
                </Field>
                {query.id && <a class="button" href={href('journal', { object: query.object })}>{t('journal.one')} {query.id} ✕</a>}
            </div>
            {list.problem && <Failure problem={list.problem} onRetry={list.refresh} />}
            {!list.receivedAt && !list.problem ? <Skeleton rows={8} />
                : list.rows.length === 0 && !list.problem ? <Empty title={t('journal.empty')} />
                    : list.rows.length > 0 && <Table label={t('journal.title')} rows={list.rows} rowKey={(e) => e.position} hasMore={list.hasMore} more={list.more}
                        open={(e) => go(href(`journal/entries/${e.position}`))} columns={[
                            { key: 'position', head: t('journal.position'), number: true, phone: 'title', cell: (e) => <a href={href(`journal/entries/${e.position}`)}>{e.position}</a> },
                            { key: 'at', head: t('movement.recorded'), cell: (e) => moment(e.at, true) },
                            { key: 'kind', head: t('journal.what'), cell: (e) => kindWord(e.kind) },
                            { key: 'id', head: t('journal.object'), cell: (e) => <ObjectLink of={e} short /> },
                            { key: 'actor', head: t('movement.actor'), cell: (e) => <PersonName id={e.actor} /> },
                        ]} />}
        </>
    );
}

interface HeadRow {
    size: number;
    root: string;
    at: string;
    key: string;
    hash: string;
}

function Head() {
    const head = useQuery<HeadRow>('/journal/head');
    return (
        <section class="panel journal-head">
            <Show of={head} rows={1}>
                {(h) => (
                    <dl class="facts wide-facts">
                        <div><dt>{t('journal.size')}</dt><dd>{h.size}</dd></div>
                        <div><dt>{t('journal.head.at')}</dt><dd>{moment(h.at, true)}</dd></div>
                        <div><dt>{t('journal.root')}</dt><dd><code class="hash" title={h.root}>{h.root.slice(0, 16)}…</code></dd></div>
                        <div><dt>{t('journal.key')}</dt><dd><code class="hash" title={h.key}>{h.key.slice(0, 16)}…</code></dd></div>
                    </dl>
                )}
            </Show>
        </section>
    );
}

function EntryPage({ position }: { position: string }) {
    const answer = useQuery<Entry>(`/journal/${position}`, undefined, { changes: () => false });
    return (
        <>
            <p class="crumbs"><a href={href('journal')}>{t('journal.title')}</a> / {position}</p>
            <Show of={answer}>
                {(e) => (
                    <>
                        <div class="page-head"><h1 tabIndex={-1}>{t('journal.entry', { position: e.position })} · {kindWord(e.kind)}</h1></div>
                        <div class="stack">
                            <section class="panel">
                                <dl class="facts">
                                    <dt>{t('movement.recorded')}</dt><dd>{moment(e.at, true)}</dd>
                                    <dt>{t('movement.actor')}</dt><dd><PersonName id={e.actor} /></dd>
                                    <dt>{t('journal.object')}</dt><dd><ObjectLink of={e} /></dd>
                                </dl>
                            </section>
                            {can('journal.prove') && <Proof position={position} />}
                            <section class="panel">
                                <h2>{t('journal.body')}</h2>
                                {e.erased || e.body === undefined || e.body === null ? <p class="muted">{t('journal.erased')}</p>
                                    : <pre class="body" tabIndex={0}>{JSON.stringify(typeof e.body === 'string' ? safeParse(e.body) : e.body, null, 2)}</pre>}
                            </section>
                        </div>
                    </>
                )}
            </Show>
        </>
    );
}

function safeParse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
