// My account: what I may do and why, password, second factor, where I am signed in.
import { useState } from 'preact/hooks';
import { lang, nameOf, t, word } from '../../i18n/index';
import { place as address, setQuery } from '../../base/router';
import { changePassword, endFactor, type RightRow } from '../../api/people';
import { useQuery } from '../../api/query';
import { asProblem, type Problem } from '../../api/problem';
import { loadMe, me } from '../../api/session';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, PasswordInput } from '../../kit/field';
import { Failure, Tag } from '../../kit/state';
import { Tabs } from '../../kit/tabs';
import { toast } from '../../kit/toast';
import { Sessions } from '../people/sessions';
import { WhyForm } from '../people/why';
import { FactorDialog } from './factor';

export default function AccountScreen() {
    const who = me.value;
    const tab = address.value.query.tab ?? 'rights';
    const rights = useQuery<{ rights: RightRow[] }>('/rights', undefined, { changes: () => false });
    const [dialog, setDialog] = useState<'password' | 'factor' | 'end-factor' | null>(null);
    if (!who) return null;
    const factor = who.session?.second_factor === true;
    return (
        <>
            <div class="page-head"><h1 tabIndex={-1}>{t('account.title')}</h1></div>
            <div class="stack">
                {who.needs_factor && <p class="notice low"><span>{t('factor.waits')}</span><Button kind="quiet" onClick={() => setDialog('factor')}>{t('factor.begin')}</Button></p>}
                <section class="panel">
                    <dl class="facts">
                        <dt>{t('people.name')}</dt><dd>{who.account.name}</dd>
                        <dt>{t('login.name')}</dt><dd><code>{who.account.login}</code></dd>
                        <dt>{t('account.city')}</dt><dd>{lang.value === 'zh' ? who.city.name_zh : who.city.name_en}</dd>
                        <dt>{t('factor.short')}</dt><dd>{factor ? t('factor.proved') : t('factor.not')}</dd>
                    </dl>
                    <div class="actions">
                        <Button icon="lock" onClick={() => setDialog('password')}>{t('password.change')}</Button>
                        <Button icon="proof" onClick={() => setDialog('factor')}>{t('factor.begin')}</Button>
                        {factor && <Button kind="quiet" onClick={() => setDialog('end-factor')}>{t('factor.end')}</Button>}
                    </div>
                </section>
                <Tabs label={t('account.title')} value={tab} onValue={(v) => setQuery({ tab: v })}
                    tabs={[{ key: 'rights', label: t('account.rights') }, { key: 'why', label: t('why.title') }, { key: 'sessions', label: t('session.title') }]}>
                    {tab === 'rights' && (
                        <div class="columns">
                            <section class="panel">
                                <h2>{t('grant.title')}</h2>
                                {who.grants.length === 0 ? <p class="muted">{t('menu.empty.why')}</p> : (
                                    <ul class="stack">{who.grants.map((g) => <li key={g.id ?? `${g.role}${g.scope_id}`}><b>{word('role', g.role)}</b> · {word('scope', g.scope_kind)} {lang.value === 'zh' ? g.scope_name : g.scope_name_en || g.scope_name}
                                        {g.waits && <> <Tag tone="low">{t('factor.needed')}</Tag></>}</li>)}</ul>
                                )}
                            </section>
                            <section class="panel">
                                <h2>{t('account.rights')}</h2>
                                <ul class="rights">{(rights.data?.rights ?? []).filter((r) => who.rights.includes(r.right)).map((r) => <li key={r.right}>{nameOf(r)}</li>)}</ul>
                            </section>
                        </div>
                    )}
                    {tab === 'why' && <WhyForm />}
                    {tab === 'sessions' && <Sessions mayEnd />}
                </Tabs>
            </div>
            {dialog === 'password' && <PasswordDialog onClose={() => setDialog(null)} />}
            {dialog === 'factor' && <FactorDialog onClose={() => setDialog(null)} />}
            {dialog === 'end-factor' && <EndFactor onClose={() => setDialog(null)} />}
        </>
    );
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
    const [old, setOld] = useState('');
    const [next, setNext] = useState('');
    const [again, setAgain] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || old === '' || next === '' || next !== again) return;
        setBusy(true);
        setProblem(null);
        try {
            await changePassword(old, next);
            toast('good', t('password.changed'));
            await loadMe();
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    return (
        <Dialog title={t('password.change')} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                {problem && <Failure problem={problem} />}
                <input type="text" name="username" autocomplete="username" value={me.value?.account.login ?? ''} hidden readOnly />
                <Field label={t('password.old')} required error={tried && old === '' ? t('form.needed') : null}>{(ids) => <PasswordInput {...ids} value={old} onValue={setOld} autocomplete="current-password" />}</Field>
                <Field label={t('invite.password')} hint={t('password.others')} required error={tried && next === '' ? t('form.needed') : null}>
                    {(ids) => <PasswordInput {...ids} value={next} onValue={setNext} autocomplete="new-password" />}</Field>
                <Field label={t('invite.again')} required error={tried && next !== again ? t('invite.differ') : null}>{(ids) => <PasswordInput {...ids} value={again} onValue={setAgain} autocomplete="new-password" />}</Field>
                <div class="actions"><Button kind="primary" type="submit" busy={busy}>{t('password.change')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}

function EndFactor({ onClose }: { onClose: () => void }) {
    const [password, setPassword] = useState('');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        if (busy || password === '') return;
        setBusy(true);
        setProblem(null);
        try {
            await endFactor(password);
            toast('good', t('factor.ended'));
            await loadMe();
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    return (
        <Dialog title={t('factor.end')} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                {problem && <Failure problem={problem} />}
                <p>{t('factor.end.words')}</p>
                <Field label={t('login.password')} required>{(ids) => <PasswordInput {...ids} value={password} onValue={setPassword} autocomplete="current-password" />}</Field>
                <div class="actions"><Button kind="danger" type="submit" busy={busy}>{t('factor.end')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}
