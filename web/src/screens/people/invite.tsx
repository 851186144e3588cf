// Inviting thousands of firms by one file: looked at first, then everybody or nobody; the one-time links are given once, as a file.
import { useState } from 'preact/hooks';
import { lang, t, word } from '../../i18n/index';
import { exact } from '../../base/format';
import { csvLine } from '../../base/csv';
import { href } from '../../base/router';
import { upload } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { Button } from '../../kit/button';
import { Field, Select } from '../../kit/field';
import { Failure, Progress, StatusTag } from '../../kit/state';
import { Upload } from '../../kit/upload';

interface Reply {
    rows: number;
    bad: number;
    invited: number;
    errors: { line: number; column: string; code: string; words: string; words_en: string }[];
    links: { login: string; name: string; organisation: string; url: string }[];
}

const ROLES: Record<string, string> = { enterprise: 'enterprise', receiver: 'receiver', agency: 'agency', team: 'caseworker' };

export function InvitePage() {
    const [kind, setKind] = useState('enterprise');
    const [file, setFile] = useState<File | null>(null);
    const [looked, setLooked] = useState<Reply | null>(null);
    const [done, setDone] = useState<Reply | null>(null);
    const [busy, setBusy] = useState<[number, number] | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);

    async function send(dry: boolean): Promise<void> {
        if (!file || busy) return;
        setProblem(null);
        setBusy([0, file.size]);
        try {
            const reply = await upload<Reply>('/invitations/file', { kind, role: ROLES[kind], dry_run: dry }, file, (sent, all) => setBusy([sent, all]));
            if (dry) setLooked(reply);
            else setDone(reply);
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(null);
        }
    }

    return (
        <>
            <p class="crumbs"><a href={href('people')}>{t('people.title')}</a> / {t('invites.title')}</p>
            <div class="page-head"><h1 tabIndex={-1}>{t('invites.title')}</h1></div>
            <section class="panel form">
                <p class="hint">{t('invites.words')} <code>login, name, phone, organisation, organisation_en, credit_code, district</code></p>
                {problem && <Failure problem={problem} />}
                <div class="form-row">
                    <Field label={t('invites.kind')}>{(ids) => <Select {...ids} value={kind} onValue={(v) => {
                        setKind(v);
                        setLooked(null);
                    }} options={Object.keys(ROLES).map((k) => ({ value: k, label: word('scope', k) }))} />}</Field>
                </div>
                <Upload accept=".csv,.xlsx" file={file} label={t('import.file')} hint={t('import.file.hint')} onFile={(f) => {
                    setFile(f);
                    setLooked(null);
                    setDone(null);
                }} />
                {busy && <Progress value={busy[0]} max={busy[1]} label={t('import.checking')} />}
                {looked && !done && <p role="status">{looked.bad === 0 ? <StatusTag state="ok" label={t('invites.good', { n: exact(looked.rows) })} /> : <StatusTag state="critical" label={t('import.bad', { n: exact(looked.bad) })} />}</p>}
                {looked && looked.errors.length > 0 && (
                    <ul class="stack">{looked.errors.map((e, i) => <li key={i}><b>{t('import.line')} {e.line}</b> {e.column} · {lang.value === 'zh' ? e.words : e.words_en}</li>)}</ul>
                )}
                {done ? (
                    <div class="stack">
                        <p role="status"><StatusTag state="ok" label={t('invites.done', { n: exact(done.invited) })} /></p>
                        <p>{t('invites.links')}</p>
                        <div class="actions"><Button icon="download" kind="primary" onClick={() => saveLinks(done)}>{t('invites.save')}</Button></div>
                    </div>
                ) : (
                    <div class="actions">
                        <Button disabled={!file} onClick={() => void send(true)}>{t('import.go')}</Button>
                        <Button kind="primary" disabled={!looked || looked.bad > 0 || looked.rows === 0} onClick={() => void send(false)}>{t('invites.go')}</Button>
                    </div>
                )}
            </section>
        </>
    );
}

function saveLinks(reply: Reply): void {
    const lines = reply.links.map((l) => csvLine([l.organisation, l.name, l.login, l.url]));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['\ufeff', csvLine([t('invites.organisation'), t('people.name'), t('login.name'), t('link.new')]), ...lines], { type: 'text/csv' }));
    link.download = 'links.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
