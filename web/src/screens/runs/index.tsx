// Runs: what was calculated, from what, with what answer, and what was decided on it; each can be asked again with changes.
import { useState } from 'preact/hooks';
import { exact, moment } from '../../base/format';
import { go, href, place as address, setQuery } from '../../base/router';
import { lang, nameOf, t, word } from '../../i18n/index';
import { write } from '../../api/client';
import { post } from '../../api/compute';
import { asProblem, type Problem } from '../../api/problem';
import { useList, useQuery } from '../../api/query';
import { can } from '../../api/session';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, Select } from '../../kit/field';
import { ItemLink, PlaceLink } from '../../kit/record';
import { DataTime, Empty, Failure, Num, Show, Skeleton, Tag, type StockState } from '../../kit/state';
import { Table, type Column } from '../../kit/table';
import { toastProblem } from '../../kit/toast';
import type { Reason } from '../basis/types';
import './runs.css';

interface Run {
    id: string;
    method: string;
    method_zh: string;
    method_en: string;
    title: string;
    state: string;
    inputs: string;
    version: string;
    solver: string;
    seed: number | null;
    gap: number | null;
    seconds: number | null;
    base: string | null;
    decisions: number;
    asked_by: { id: string; name: string };
    asked_at: string;
    ended_at: string | null;
}
interface Decision {
    id: string;
    run: string;
    part: string;
    verdict: string;
    use: string;
    item: string | null;
    place: string | null;
    level: number;
    quantity: number;
    date: string | null;
    reason: string;
    by: { name: string };
    at: string;
}
interface Whole {
    run: Run;
    input: unknown;
    answer: (Record<string, unknown> & { reasons?: Reason[] }) | null;
    refusal: { title?: string; title_en?: string; field?: string; remedy?: string; remedy_en?: string } | null;
    decisions: Decision[];
}

const STATES = ['queued', 'running', 'done', 'refused', 'cancelled'];
const TONES: Record<string, StockState> = { done: 'ok', refused: 'critical', running: 'low' };
const methodName = (r: Run): string => nameOf({ name_zh: r.method_zh, name_en: r.method_en });
const changes = (event: { kind: string }): boolean => event.kind.startsWith('run.');

export default function RunsScreen() {
    const [, id] = address.value.path;
    return id ? <RunPage key={id} id={id} /> : <RunList />;
}

function RunList() {
    const { state = '', method = '' } = address.value.query;
    const list = useList<Run>('/runs', { state, method }, { changes });
    const methods = useQuery<{ methods: { name: string; name_zh: string; name_en: string }[] }>('/methods', undefined, { changes: () => false });
    const columns: Column<Run>[] = [
        { key: 'title', head: t('runs.about'), phone: 'title', cell: (r) => <a href={href(`runs/${r.id}`)}>{r.title || methodName(r)}</a> },
        { key: 'method', head: t('runs.method'), cell: methodName },
        { key: 'state', head: t('readiness.state'), cell: (r) => <Tag tone={TONES[r.state] ?? 'none'}>{word('run', r.state)}</Tag> },
        { key: 'by', head: t('runs.by'), cell: (r) => r.asked_by.name },
        { key: 'at', head: t('runs.at'), cell: (r) => moment(r.asked_at) },
        { key: 'seconds', head: t('runs.seconds'), number: true, cell: (r) => (r.seconds === null ? '—' : r.seconds.toFixed(3)), phone: 'hide' },
        { key: 'decisions', head: t('runs.decisions'), number: true, cell: (r) => exact(r.decisions) },
    ];
    return (
        <div class="body">
            <header class="page-head">
                <h1 tabIndex={-1}>{t('screen.runs')}</h1>
                <DataTime at={list.at} receivedAt={list.receivedAt} old={list.old} />
            </header>
            <div class="filters">
                <Field label={t('runs.method')}>{(ids) => <Select {...ids} value={method} onValue={(v) => setQuery({ method: v || null })} placeholder={t('filter.all')} options={(methods.data?.methods ?? []).map((m) => ({ value: m.name, label: nameOf(m) }))} />}</Field>
                <Field label={t('readiness.state')}>{(ids) => <Select {...ids} value={state} onValue={(v) => setQuery({ state: v || null })} placeholder={t('filter.all')} options={STATES.map((s) => ({ value: s, label: word('run', s) }))} />}</Field>
            </div>
            {list.problem && list.rows.length === 0 ? <Failure problem={list.problem} onRetry={list.refresh} />
                : list.loading && list.rows.length === 0 ? <Skeleton />
                    : list.rows.length === 0 ? <Empty title={t('runs.empty')} why={t('runs.empty.why')}><a class="button" href={href('basis')}>{t('screen.basis')}</a></Empty>
                        : <Table label={t('screen.runs')} columns={columns} rows={list.rows} rowKey={(r) => r.id} open={(r) => go(href(`runs/${r.id}`))} hasMore={list.hasMore} more={list.more} />}
        </div>
    );
}

function RunPage({ id }: { id: string }) {
    const whole = useQuery<Whole>(`/runs/${id}`, undefined, { changes });
    return (
        <div class="body run-page">
            <Show of={whole} rows={8}>{(data) => <RunView whole={data} refresh={whole.refresh} />}</Show>
        </div>
    );
}

function RunView({ whole, refresh }: { whole: Whole; refresh: () => void }) {
    const { run, answer, refusal } = whole;
    const [asking, setAsking] = useState(false);
    const open = run.state === 'queued' || run.state === 'running';
    return (
        <>
            <header class="page-head">
                <h1 tabIndex={-1}>{run.title || methodName(run)}</h1>
                <Tag tone={TONES[run.state] ?? 'none'}>{word('run', run.state)}</Tag>
                <span class="actions">
                    <a class="button" href={href('runs')}>{t('screen.runs')}</a>
                    <a class="button" href={`/api/v1/runs/${run.id}/input`} download={`${run.method}-${run.id}.json`}>{t('runs.download')}</a>
                    {can('run.ask') && !open && <Button onClick={() => setAsking(true)}>{t('runs.again')}</Button>}
                    {can('run.ask') && open && <Button onClick={() => void write('POST', `/runs/${run.id}/cancel`, undefined).then(refresh, toastProblem)}>{t('runs.cancel')}</Button>}
                </span>
            </header>
            <div class="run-grid">
                <section class="panel" aria-labelledby="reasons-title">
                    <h2 id="reasons-title">{t('runs.reasons')}</h2>
                    {open && <p role="status" class="muted">{t('runs.waiting')}</p>}
                    {refusal && <div class="failure" role="alert"><div><strong>{lang.value === 'zh' ? refusal.title : refusal.title_en}</strong>
                        {refusal.field && <p><code>{refusal.field}</code></p>}<p>{lang.value === 'zh' ? refusal.remedy : refusal.remedy_en}</p></div></div>}
                    {answer && <ul class="reasons">{(answer.reasons ?? []).map((r, i) => <li key={i}>{lang.value === 'zh' ? r.zh : r.en}</li>)}</ul>}
                </section>
                <section class="panel" aria-labelledby="facts-title">
                    <h2 id="facts-title">{t('runs.facts')}</h2>
                    <dl class="facts">
                        <dt>{t('runs.method')}</dt><dd>{methodName(run)}</dd>
                        <dt>{t('runs.by')}</dt><dd>{run.asked_by.name} · {moment(run.asked_at)}</dd>
                        <dt>{t('runs.solver')}</dt><dd>{run.solver || '—'}</dd>
                        <dt>{t('runs.seed')}</dt><dd>{run.seed ?? '—'}</dd>
                        <dt>{t('runs.gap')}</dt><dd>{run.gap === null ? '—' : `${(run.gap * 100).toFixed(2)}%`}</dd>
                        <dt>{t('runs.seconds')}</dt><dd>{run.seconds === null ? '—' : run.seconds.toFixed(3)}</dd>
                        <dt>{t('runs.version')}</dt><dd>{run.version}</dd>
                        <dt>{t('runs.inputs')}</dt><dd><code class="hash">{run.inputs}</code></dd>
                        {run.base && <><dt>{t('runs.base')}</dt><dd><a href={href(`runs/${run.base}`)}>{run.base}</a></dd></>}
                    </dl>
                    <p class="muted">{t('runs.reproduce', { method: run.method })}</p>
                </section>
                <section class="panel" aria-labelledby="decisions-title">
                    <h2 id="decisions-title">{t('runs.decisions')}</h2>
                    {whole.decisions.length === 0 ? <p class="muted">{t('runs.no-decision')}</p> : (
                        <ul class="decision-list">{whole.decisions.map((d) => (
                            <li key={d.id}>
                                <Tag tone={d.verdict === 'adopted' ? 'ok' : 'critical'}>{word('verdict', d.verdict)}</Tag> {d.use !== 'none' && <strong>{word('use', d.use)}</strong>} {d.item ? <ItemLink id={d.item} /> : d.part}
                                {d.quantity > 0 && <> <Num value={d.quantity} full /></>} {d.place && <PlaceLink id={d.place} />} {d.date && <time>{d.date}</time>}
                                <p>{d.reason}</p><p class="muted">{d.by.name} · {moment(d.at)}</p>
                            </li>
                        ))}</ul>
                    )}
                </section>
                <section class="panel run-json" aria-labelledby="input-title">
                    <h2 id="input-title">{t('runs.input')}</h2>
                    <Json value={whole.input} label={t('runs.input')} />
                    {answer && <><h2>{t('runs.answer')}</h2><Json value={answer} label={t('runs.answer')} /></>}
                </section>
            </div>
            {asking && <Again run={run} input={whole.input} onClose={() => setAsking(false)} />}
        </>
    );
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 1).replace(/\n\s+(?=[-\d.]+[,\n\]])/g, ' ').replace(/(?<=\d)\n\s*\]/g, ' ]');

function Json({ value, label }: { value: unknown; label: string }) {
    return (
        <details>
            <summary>{t('runs.show')}</summary>
            <pre class="json" tabIndex={0} role="region" aria-label={label}>{pretty(value)}</pre>
        </details>
    );
}

// The document as text: whoever knows it changes what he likes; the server says which field is wrong.
function Again({ run, input, onClose }: { run: Run; input: unknown; onClose: () => void }) {
    const [text, setText] = useState(pretty(input));
    const [problem, setProblem] = useState<Problem | null>(null);
    const [wrong, setWrong] = useState<string | null>(null);
    const [busy, setBusy] = useState(false);
    async function send(): Promise<void> {
        let document: unknown;
        try {
            document = JSON.parse(text);
        } catch (error) {
            setWrong((error as Error).message);
            return;
        }
        setBusy(true);
        try {
            const next = await post<{ id: string }>('/runs', { method: run.method, title: run.title, base: run.id }, document);
            go(href(`runs/${next.id}`));
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    return (
        <Dialog wide title={t('runs.again')} onClose={onClose} foot={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="primary" busy={busy} onClick={() => void send()}>{t('runs.ask')}</Button></>}>
            <Field label={t('runs.input')} hint={t('runs.again.hint')} error={wrong}>
                {(ids) => <textarea {...ids} class="input json-edit" spellcheck={false} rows={18} value={text} onInput={(event) => {
                    setWrong(null);
                    setText(event.currentTarget.value);
                }} />}
            </Field>
            {problem && <Failure problem={problem} />}
        </Dialog>
    );
}
