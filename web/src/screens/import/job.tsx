// One uploaded file: what was found in it, its first rows, its bad rows, and the import itself.
import { useEffect, useState } from 'preact/hooks';
import { lang, t } from '../../i18n/index';
import { exact } from '../../base/format';
import { href } from '../../base/router';
import { readCsv } from '../../base/csv';
import { address as apiAddress, get, write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useQuery } from '../../api/query';
import { Button } from '../../kit/button';
import { Failure, Progress, Show, StatusTag } from '../../kit/state';
import { Icon } from '../../kit/icons';
import type { Counts, JobRow } from './types';

const LONG_MS = 15 * 60_000;
const POLL_MS = 500;
const ERRORS_SHOWN = 200;

export function Job({ id }: { id: string }) {
    const answer = useQuery<JobRow>(`/imports/${id}`, undefined, { changes: (e) => e.kind.startsWith('import') });
    return <Show of={answer}>{(job) => <JobView job={job} refresh={answer.refresh} />}</Show>;
}

function JobView({ job, refresh }: { job: JobRow; refresh: () => void }) {
    const [busy, setBusy] = useState(false);
    const [done, setDone] = useState(0);
    const [problem, setProblem] = useState<Problem | null>(null);
    const counts = job.found.counts;
    const running = busy || job.state === 'running';

    useEffect(() => {
        if (!running) return;
        const timer = setInterval(() => {
            get<JobRow>(`/imports/${job.id}`).then((now) => {
                if (now.rows_done !== null) setDone(now.rows_done);
                if (!busy && now.state !== 'running') refresh();
            }).catch(() => {
                // The next look will tell.
            });
        }, POLL_MS);
        return () => clearInterval(timer);
    }, [running]);

    async function commit(skip: boolean): Promise<void> {
        setBusy(true);
        setProblem(null);
        try {
            await write<Counts>('POST', `/imports/${job.id}/commit`, skip ? { digest: job.digest, skip_bad: true } : { digest: job.digest }, { timeoutMs: LONG_MS });
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
            refresh();
        }
    }

    return (
        <div class="stack">
            <section class="panel">
                <p><b>{job.name || job.kind}</b> <span class="muted">{fileFacts(counts)}</span></p>
                {job.result ? <Result counts={job.result} /> : <Found counts={counts} />}
                {problem && <Failure problem={problem} />}
                {running && <Progress value={done} max={Math.max(counts.rows, done)} label={t('import.running', { n: exact(done) })} />}
                {!job.result && !running && (
                    <div class="actions">
                        {counts.errors === 0 && <Button kind="primary" icon="check" onClick={() => void commit(false)}>{t('import.commit', { n: exact(counts.rows) })}</Button>}
                        {counts.errors > 0 && counts.rows > counts.errors && <Button onClick={() => void commit(true)}>{t('import.skip', { n: exact(counts.rows - counts.errors) })}</Button>}
                        <a class="button" href={href('import', { kind: job.kind })}>{t('import.other')}</a>
                    </div>
                )}
                {job.result && <div class="actions"><a class="button" href={href('import', { kind: job.kind })}>{t('import.another')}</a></div>}
            </section>
            {job.has_errors && <Errors id={job.id} total={(job.result ?? counts).errors} />}
            {!job.result && job.found.headers && <Preview job={job} />}
        </div>
    );
}

function fileFacts(counts: Counts): string {
    const file = counts.file ?? {};
    return [file.format, file.encoding, file.sheet].filter((x) => typeof x === 'string' && x !== '').join(' · ');
}

function Found({ counts }: { counts: Counts }) {
    const good = counts.errors === 0;
    return (
        <>
            <p role="status"><StatusTag state={good ? 'ok' : 'critical'} label={good ? t('import.good') : t('import.bad', { n: exact(counts.errors) })} /></p>
            <dl class="figures">
                <div><dt>{t('import.rows')}</dt><dd>{exact(counts.rows)}</dd></div>
                <div><dt>{t('import.unchanged')}</dt><dd>{exact(counts.unchanged)}</dd></div>
                <div><dt>{t('import.errors')}</dt><dd>{exact(counts.errors)}</dd></div>
            </dl>
        </>
    );
}

function Result({ counts }: { counts: Counts }) {
    return (
        <>
            <p role="status"><StatusTag state="ok" label={t('import.done')} /></p>
            <dl class="figures">
                <div><dt>{t('import.imported')}</dt><dd>{exact(counts.imported)}</dd></div>
                <div><dt>{t('import.unchanged')}</dt><dd>{exact(counts.unchanged)}</dd></div>
                <div><dt>{t('import.skipped')}</dt><dd>{exact(counts.errors)}</dd></div>
                {counts.seconds !== undefined && <div><dt>{t('import.seconds')}</dt><dd>{counts.seconds.toFixed(1)}</dd></div>}
            </dl>
        </>
    );
}

// The error file as a table; the whole of it is for download, to be corrected and uploaded again as it is.
function Errors({ id, total }: { id: string; total: number }) {
    const [rows, setRows] = useState<string[][] | null>(null);
    const url = apiAddress(`/imports/${id}/errors`);
    useEffect(() => {
        fetch(url, { credentials: 'same-origin' }).then(async (r) => (r.ok ? setRows(readCsv(await r.text(), ERRORS_SHOWN + 1)) : undefined)).catch(() => {});
    }, [url, total]);
    const head = rows?.[0] ?? [];
    return (
        <section class="panel" aria-labelledby="errors-title">
            <div class="panel-head"><h2 id="errors-title">{t('import.errors')} · {exact(total)}</h2>
                <a class="button" download href={url}><Icon name="download" /><span>{t('import.errors.file')}</span></a></div>
            <p class="hint">{t('import.errors.words')}</p>
            {rows && rows.length > 1 && (
                <div class="scroll-x rows" tabIndex={0} role="group" aria-labelledby="errors-title">
                    <table class="plain-table" aria-labelledby="errors-title">
                        <thead><tr>{head.map((h, i) => <th key={i} scope="col">{h}</th>)}</tr></thead>
                        <tbody>{rows.slice(1).map((row, i) => <tr key={i}>{row.map((cell, k) => <td key={k} class={k === 2 ? 'wrong' : undefined}>{cell}</td>)}</tr>)}</tbody>
                    </table>
                </div>
            )}
            {rows && total > rows.length - 1 && <p class="muted">{t('import.errors.more', { n: exact(rows.length - 1) })}</p>}
        </section>
    );
}

function Preview({ job }: { job: JobRow }) {
    const { headers = [], columns = [], preview = [] } = job.found;
    return (
        <section class="panel" aria-labelledby="preview-title">
            <h2 id="preview-title">{t('import.preview', { n: preview.length })}</h2>
            <div class="scroll-x rows" tabIndex={0} role="group" aria-labelledby="preview-title">
                <table class="plain-table" aria-labelledby="preview-title" lang={lang.value === 'zh' ? 'zh-CN' : undefined}>
                    <thead><tr><th scope="col">{t('import.line')}</th>{headers.map((h, i) => (
                        <th key={i} scope="col">{h}{!columns[i] && <span class="ignored"> {t('import.ignored')}</span>}</th>
                    ))}</tr></thead>
                    <tbody>{preview.map((row) => <tr key={row.line}><td class="muted">{row.line}</td>{headers.map((_, i) => <td key={i} class={columns[i] ? undefined : 'muted'}>{row.cells[i] ?? ''}</td>)}</tr>)}</tbody>
                </table>
            </div>
        </section>
    );
}
