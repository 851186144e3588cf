// People and rights: who is there, what each may do where, and why.
import { useState } from 'preact/hooks';
import { t, word } from '../../i18n/index';
import { moment } from '../../base/format';
import { go, href, place as address, setQuery } from '../../base/router';
import { useList, useQuery } from '../../api/query';
import { endSessions, linkAddress, moveAccount, newLink, openAccount, type Account, type Linked } from '../../api/people';
import { asProblem, type Problem } from '../../api/problem';
import { can, me } from '../../api/session';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, TextInput } from '../../kit/field';
import { DataTime, Empty, Failure, Show, Skeleton, Tag, type StockState } from '../../kit/state';
import { Table } from '../../kit/table';
import { Tabs } from '../../kit/tabs';
import { toast, toastProblem } from '../../kit/toast';
import { Grants } from './grants';
import { InvitePage } from './invite';
import { Sessions } from './sessions';
import { WhyForm } from './why';

const TONES: Record<string, StockState> = { active: 'ok', invited: 'low', disabled: 'critical' };

export default function PeopleScreen() {
    const [, kind, id] = address.value.path;
    if (kind === 'invitations') return <InvitePage />;
    return kind === 'accounts' && id ? <AccountPage key={id} id={id} /> : <AccountList />;
}

function AccountList() {
    const list = useList<Account>('/accounts', {}, { changes: (e) => /^(account|grant|session)\b/.test(e.kind) });
    const [adding, setAdding] = useState(false);
    return (
        <>
            <div class="page-head">
                <h1 tabIndex={-1}>{t('people.title')}</h1>
                <span class="spacer" />
                <DataTime at={list.at} receivedAt={list.receivedAt} />
                {can('invitation.write') && <a class="button" href={href('people/invitations')}>{t('invites.title')}</a>}
                {can('account.write') && <Button icon="plus" kind="primary" onClick={() => setAdding(true)}>{t('people.add')}</Button>}
            </div>
            {list.problem && <Failure problem={list.problem} onRetry={list.refresh} />}
            {!list.receivedAt && !list.problem ? <Skeleton rows={8} />
                : list.rows.length === 0 && !list.problem ? <Empty title={t('people.empty')} />
                    : list.rows.length > 0 && <Table label={t('people.title')} rows={list.rows} rowKey={(a) => a.id} hasMore={list.hasMore} more={list.more} open={(a) => go(href(`people/accounts/${a.id}`))} columns={[
                        { key: 'name', head: t('people.name'), phone: 'title', cell: (a) => <a href={href(`people/accounts/${a.id}`)}>{a.name}</a>, sort: (a, b) => a.name.localeCompare(b.name, 'zh') },
                        { key: 'login', head: t('login.name'), cell: (a) => <code>{a.login}</code>, sort: (a, b) => a.login.localeCompare(b.login) },
                        { key: 'state', head: t('people.state'), cell: (a) => <Tag tone={TONES[a.state] ?? 'none'}>{word('account.state', a.state)}</Tag>, sort: (a, b) => a.state.localeCompare(b.state) },
                        { key: 'phone', head: t('people.phone'), cell: (a) => a.phone || '—' },
                        { key: 'factor', head: t('factor.short'), cell: (a) => (a.second_factor ? t('yes') : t('no')) },
                        { key: 'seen', head: t('people.signed-in'), cell: (a) => moment(a.signed_in_at), sort: (a, b) => (a.signed_in_at ?? '').localeCompare(b.signed_in_at ?? '') },
                    ]} />}
            {adding && <NewAccount onClose={() => setAdding(false)} onDone={list.refresh} />}
        </>
    );
}

function LinkShown({ linked, name }: { linked: Linked; name: string }) {
    const address = linkAddress(linked);
    return (
        <div class="stack">
            <p>{t('link.words', { name })}</p>
            <p><code class="secret">{address}</code></p>
            <div class="actions"><Button icon="check" onClick={() => {
                navigator.clipboard?.writeText(address).then(() => toast('good', t('link.copied')), () => toast('bad', t('link.copy-failed')));
            }}>{t('link.copy')}</Button></div>
        </div>
    );
}

function NewAccount({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
    const [login, setLogin] = useState('');
    const [name, setName] = useState('');
    const [phone, setPhone] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [made, setMade] = useState<({ account: Account } & Linked) | null>(null);
    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || login.trim() === '' || name.trim() === '') return;
        setBusy(true);
        setProblem(null);
        try {
            const fields: Record<string, string> = { login: login.trim(), name: name.trim() };
            if (phone.trim()) fields.phone = phone.trim();
            setMade(await openAccount(fields));
            onDone();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    if (made) {
        return (
            <Dialog title={t('people.made', { name: made.account.name })} onClose={onClose}
                foot={<a class="button primary" href={href(`people/accounts/${made.account.id}`)} onClick={onClose}>{t('people.then-grant')}</a>}>
                <LinkShown linked={made} name={made.account.name} />
            </Dialog>
        );
    }
    const of = (field: string): string | null => (problem?.field === field ? `${problem.title} ${problem.remedy}` : null);
    return (
        <Dialog title={t('people.add')} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                {problem && !['login', 'name', 'phone'].includes(problem.field ?? '') && <Failure problem={problem} />}
                <Field label={t('people.name')} required error={of('name') ?? (tried && name.trim() === '' ? t('form.needed') : null)}>{(ids) => <TextInput {...ids} value={name} onValue={setName} maxLength={60} />}</Field>
                <Field label={t('login.name')} required hint={t('people.login.hint')} error={of('login') ?? (tried && login.trim() === '' ? t('form.needed') : null)}>
                    {(ids) => <TextInput {...ids} value={login} onValue={setLogin} maxLength={60} autocapitalize="none" />}</Field>
                <Field label={t('people.phone')} error={of('phone')}>{(ids) => <TextInput {...ids} value={phone} onValue={setPhone} inputMode="tel" maxLength={20} />}</Field>
                <div class="actions"><Button kind="primary" type="submit" busy={busy}>{t('people.add')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}

function AccountPage({ id }: { id: string }) {
    const answer = useQuery<Account>(`/accounts/${id}`, undefined, { changes: (e) => /^(account|grant)\b/.test(e.kind) });
    const tab = address.value.query.tab ?? 'grants';
    const [linked, setLinked] = useState<Linked | null>(null);
    const [busy, setBusy] = useState(false);
    const write = can('account.write');

    async function run(what: () => Promise<unknown>, done: string): Promise<void> {
        setBusy(true);
        try {
            await what();
            toast('good', done);
            answer.refresh();
        } catch (error) {
            toastProblem(error);
        } finally {
            setBusy(false);
        }
    }

    return (
        <>
            <p class="crumbs"><a href={href('people')}>{t('people.title')}</a> / {t('kind.account')}</p>
            <Show of={answer}>
                {(a) => (
                    <>
                        <div class="page-head"><h1 tabIndex={-1}>{a.name}</h1><Tag tone={TONES[a.state] ?? 'none'}>{word('account.state', a.state)}</Tag><span class="spacer" />
                            {write && a.id !== me.value?.account.id && (
                                <>
                                    <Button busy={busy} onClick={() => void run(async () => setLinked(await newLink(id)), t('link.made'))}>{t('link.new')}</Button>
                                    {a.state === 'disabled' ? <Button busy={busy} onClick={() => void run(() => moveAccount(id, false), t('people.enabled'))}>{t('people.enable')}</Button>
                                        : <Button kind="danger" busy={busy} onClick={() => void run(() => moveAccount(id, true), t('people.disabled'))}>{t('people.disable')}</Button>}
                                </>
                            )}
                        </div>
                        <section class="panel">
                            <dl class="facts">
                                <dt>{t('login.name')}</dt><dd><code>{a.login}</code></dd>
                                <dt>{t('people.phone')}</dt><dd>{a.phone || '—'}</dd>
                                <dt>{t('factor.short')}</dt><dd>{a.second_factor ? t('yes') : t('no')}</dd>
                                <dt>{t('people.created')}</dt><dd>{moment(a.created_at)}</dd>
                                <dt>{t('people.signed-in')}</dt><dd>{moment(a.signed_in_at)}</dd>
                            </dl>
                        </section>
                        <br />
                        <Tabs label={a.name} value={tab} onValue={(v) => setQuery({ tab: v })} tabs={[{ key: 'grants', label: t('grant.title') }, { key: 'sessions', label: t('session.title') },
                            ...(can('why.others') ? [{ key: 'why', label: t('why.title') }] : [])]}>
                            {tab === 'grants' && <Grants account={id} mayGrant={can('grant.write') && id !== me.value?.account.id} />}
                            {tab === 'sessions' && (
                                <>
                                    {can('session.end') && id !== me.value?.account.id && <div class="actions table-note"><Button onClick={() => void run(() => endSessions(id), t('session.ended'))}>{t('session.end-all')}</Button></div>}
                                    <Sessions account={id} mayEnd={can('session.end')} />
                                </>
                            )}
                            {tab === 'why' && <WhyForm account={id} />}
                        </Tabs>
                        {linked && <Dialog title={t('link.made')} onClose={() => setLinked(null)}><LinkShown linked={linked} name={a.name} /></Dialog>}
                    </>
                )}
            </Show>
        </>
    );
}
