// The tables of coefficients: each row with its source. A change needs a reason; the engine reads the table before it is taken, and every
// version is kept.
import { useState } from 'preact/hooks';
import { moment } from '../../base/format';
import { href, place as address, setQuery } from '../../base/router';
import { t, word } from '../../i18n/index';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useList, useQuery } from '../../api/query';
import { can } from '../../api/session';
import { Button } from '../../kit/button';
import { Field, Select, TextInput } from '../../kit/field';
import { DataTime, Failure, Show, Tag } from '../../kit/state';
import { toast } from '../../kit/toast';
import type { Live } from './types';

interface Version {
    id: string;
    content: string;
    reason: string;
    by: { name: string };
    at: string;
}
const NAMES = ['staffing', 'kits', 'direct', 'drivers', 'items'];

export function Tables() {
    const live = useQuery<Live>('/basis', undefined, { changes: (e) => e.kind.startsWith('table.') });
    const name = NAMES.includes(address.value.query.table ?? '') ? address.value.query.table! : 'staffing';
    const versions = useList<Version>(`/tables/${name}`, {}, { changes: (e) => e.kind.startsWith('table.') });
    return (
        <div class="body basis">
            <header class="page-head">
                <h1 tabIndex={-1}>{t('tables.title')}</h1>
                <DataTime at={live.data?.at} receivedAt={live.receivedAt} old={live.old} />
                <span class="actions"><a class="button" href={href('basis')}>{t('screen.basis')}</a></span>
            </header>
            <div class="filters"><Field label={t('tables.which')}>{(ids) => <Select {...ids} value={name} onValue={(table) => setQuery({ table })} options={NAMES.map((n) => ({ value: n, label: word('table', n) }))} />}</Field></div>
            <Show of={live} rows={10}>{(data) => <Editor key={`${name}:${data.tables[name]}`} name={name} content={data.tables[name] ?? ''} onDone={() => (live.refresh(), versions.refresh())} />}</Show>
            <section class="panel" aria-labelledby="versions-title">
                <h2 id="versions-title">{t('tables.history')}</h2>
                {versions.problem && <Failure problem={versions.problem} onRetry={versions.refresh} />}
                <ul class="reasons">
                    {versions.rows.map((v) => <li key={v.id}>{v.reason} <span class="muted">· {v.by.name} · {moment(v.at)}</span></li>)}
                    <li><Tag>{t('tables.shipped')}</Tag></li>
                </ul>
            </section>
        </div>
    );
}

function Editor({ name, content, onDone }: { name: string; content: string; onDone: () => void }) {
    const [text, setText] = useState(content);
    const [reason, setReason] = useState('');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const facts = problem?.body.facts as { row?: number; column?: string; value?: string } | undefined;
    async function save(): Promise<void> {
        setBusy(true);
        setProblem(null);
        try {
            await write('PUT', `/tables/${name}`, { content: text, reason });
            toast('good', t('tables.done'));
            onDone();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    const may = can('standard.write');
    return (
        <section class="panel stack">
            <Field label={word('table', name)} hint={t('tables.hint')}>
                {(ids) => <textarea {...ids} class="input table-edit" readOnly={!may} spellcheck={false} rows={18} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
            </Field>
            {facts?.row !== undefined && <p class="notice critical">{t('tables.wrong', { row: facts.row, column: facts.column ?? '', value: facts.value ?? '' })}</p>}
            {problem && facts?.row === undefined && <Failure problem={problem} />}
            {may && (
                <div class="filters">
                    <Field label={t('decide.reason')} required>{(ids) => <TextInput {...ids} value={reason} onValue={setReason} maxLength={500} />}</Field>
                    <Button kind="primary" busy={busy} disabled={text === content || reason.trim() === ''} onClick={() => void save()}>{t('tables.save')}</Button>
                </div>
            )}
        </section>
    );
}
