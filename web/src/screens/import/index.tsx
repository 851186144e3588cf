// Import in three steps: a file is uploaded and looked at, nothing is written; what was found is shown, with every bad row; then it is
// imported, all or nothing. The address holds the import, so that a reload loses nothing. Export stands beside it.
import { useState } from 'preact/hooks';
import { nameOf, t, word } from '../../i18n/index';
import { go, href, place as address } from '../../base/router';
import { csvLine } from '../../base/csv';
import { address as apiAddress, upload } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useQuery } from '../../api/query';
import { can } from '../../api/session';
import { Button } from '../../kit/button';
import { Field, Select } from '../../kit/field';
import { Empty, Failure, Progress, Show } from '../../kit/state';
import { Upload } from '../../kit/upload';
import { Job } from './job';
import type { JobRow, KindRow } from './types';
import './import.css';

export default function ImportScreen() {
    const id = address.value.path[1];
    return (
        <>
            <p class="crumbs">{id ? <><a href={href('import')}>{t('import.title')}</a> / {t('import.check')}</> : null}</p>
            <div class="page-head"><h1 tabIndex={-1}>{id ? t('import.check') : t('import.title')}</h1></div>
            {id ? <Job key={id} id={id} /> : <Start />}
        </>
    );
}

function Start() {
    const kinds = useQuery<{ kinds: KindRow[] }>('/imports/kinds', undefined, { changes: () => false });
    return (
        <Show of={kinds} empty={(data) => (data.kinds.length === 0 ? <Empty title={t('import.none')} /> : null)}>
            {(data) => (
                <div class="stack">
                    {can('import.run') && <UploadForm kinds={data.kinds} />}
                    {can('export.run') && <ExportForm kinds={data.kinds} />}
                </div>
            )}
        </Show>
    );
}

function UploadForm({ kinds }: { kinds: KindRow[] }) {
    const [kind, setKind] = useState(address.value.query.kind ?? kinds[0]!.kind);
    const [file, setFile] = useState<File | null>(null);
    const [sent, setSent] = useState<[number, number] | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [tried, setTried] = useState(false);
    const row = kinds.find((k) => k.kind === kind) ?? kinds[0]!;

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (!file || sent) return;
        setProblem(null);
        setSent([0, file.size]);
        try {
            const job = await upload<JobRow>('/imports', { kind, name: file.name.slice(0, 200) }, file, (done, all) => setSent([done, all]));
            go(href(`import/${job.id}`));
        } catch (error) {
            setProblem(asProblem(error));
            setSent(null);
        }
    }

    return (
        <section class="panel" aria-labelledby="upload-title">
            <h2 id="upload-title">{t('import.upload')}</h2>
            <form class="form" onSubmit={submit}>
                {problem && <Failure problem={problem} />}
                <div class="form-row">
                    <Field label={t('import.kind')}>{(ids) => <Select {...ids} value={kind} onValue={setKind} options={kinds.map((k) => ({ value: k.kind, label: nameOf(k) }))} />}</Field>
                    <div class="field form-end"><Button icon="download" onClick={() => saveForm(row)}>{t('import.form')}</Button></div>
                </div>
                <Upload accept=".csv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" file={file} onFile={setFile} label={t('import.file')} hint={t('import.file.hint')} />
                {tried && !file && <p class="field-error" role="alert">{t('form.needed')}</p>}
                {sent ? <Progress value={sent[0]} max={sent[1]} label={sent[0] < sent[1] ? t('import.sending') : t('import.checking')} />
                    : <div class="actions"><Button kind="primary" type="submit" icon="upload">{t('import.go')}</Button></div>}
            </form>
            <details class="columns-help">
                <summary>{t('import.columns', { kind: nameOf(row) })}</summary>
                <div class="scroll-x" tabIndex={0} role="group" aria-label={t('import.columns', { kind: nameOf(row) })}>
                    <table class="plain-table">
                        <thead><tr><th scope="col">{t('import.column')}</th><th scope="col">{t('import.column.code')}</th><th scope="col">{t('import.column.type')}</th><th scope="col">{t('import.column.words')}</th></tr></thead>
                        <tbody>{row.columns.map((c) => (
                            <tr key={c.name}><td>{nameOf(c)}{c.required && <span class="must"> *</span>}</td><td><code>{c.name}</code></td><td>{word('column', c.type)}</td>
                                <td class="words">{c.words?.map((w) => nameOf(w)).join(', ') ?? ''}</td></tr>
                        ))}</tbody>
                    </table>
                </div>
            </details>
        </section>
    );
}

// An empty form with the headers of the kind, in the reader's language; a byte order mark, so that Excel shows Chinese right.
function saveForm(kind: KindRow): void {
    const blob = new Blob(['\ufeff', csvLine(kind.columns.map((c) => nameOf(c)))], { type: 'text/csv' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${nameOf(kind)}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function ExportForm({ kinds }: { kinds: KindRow[] }) {
    const [kind, setKind] = useState(kinds[0]!.kind);
    return (
        <section class="panel" aria-labelledby="export-title">
            <h2 id="export-title">{t('export.title')}</h2>
            <p class="hint">{t('export.words')}</p>
            <div class="filters">
                <Field label={t('import.kind')}>{(ids) => <Select {...ids} value={kind} onValue={setKind} options={kinds.map((k) => ({ value: k.kind, label: nameOf(k) }))} />}</Field>
                <div class="actions">
                    {(['csv', 'xlsx', 'json'] as const).map((format) => (
                        <a key={format} class="button" download href={apiAddress(`/exports/${kind}`, { format, headers: format === 'json' ? undefined : 'zh' })}>{format.toUpperCase()}</a>
                    ))}
                </div>
            </div>
        </section>
    );
}
