// The roles of an account and where they hold; granting and taking away.
import { useState } from 'preact/hooks';
import { lang, nameOf, t, word } from '../../i18n/index';
import { day, moment } from '../../base/format';
import { useList, useQuery, type ListPage } from '../../api/query';
import { endGrant, openGrant, type GrantRow, type RoleRow } from '../../api/people';
import { asProblem, type Problem } from '../../api/problem';
import { me } from '../../api/session';
import { Button } from '../../kit/button';
import { DateField } from '../../kit/date';
import { Dialog } from '../../kit/dialog';
import { Field, Select, TextInput } from '../../kit/field';
import { PlacePicker, type Place } from '../../kit/pickers';
import { Empty, Failure, Skeleton, Tag } from '../../kit/state';
import { Table } from '../../kit/table';
import { toast, toastProblem } from '../../kit/toast';

export function scopeName(g: { scope_kind: string; scope_name: string; scope_name_en?: string; scope_id?: string }): string {
    const name = lang.value === 'zh' ? g.scope_name : g.scope_name_en || g.scope_name;
    return `${word('scope', g.scope_kind)} · ${name || g.scope_id || ''}`;
}

export function Grants({ account, mayGrant }: { account: string; mayGrant: boolean }) {
    const list = useList<GrantRow>('/grants', { account }, { changes: (e) => /^(grant|account)\b/.test(e.kind) });
    const [adding, setAdding] = useState(false);
    async function end(row: GrantRow): Promise<void> {
        try {
            await endGrant(row.id);
            toast('good', t('grant.ended'));
            list.refresh();
        } catch (error) {
            toastProblem(error);
        }
    }
    const rows = list.rows.filter((g) => !g.ended_at);
    return (
        <>
            {mayGrant && <div class="actions table-note"><Button icon="plus" onClick={() => setAdding(true)}>{t('grant.add')}</Button></div>}
            {list.problem ? <Failure problem={list.problem} onRetry={list.refresh} /> : !list.receivedAt ? <Skeleton />
                : rows.length === 0 ? <Empty title={t('grant.none')} why={t('grant.none.why')} />
                    : <Table label={t('grant.title')} rows={rows} rowKey={(g) => g.id} hasMore={list.hasMore} more={list.more} columns={[
                        { key: 'role', head: t('grant.role'), phone: 'title', cell: (g) => <b>{word('role', g.role)}</b> },
                        { key: 'scope', head: t('grant.scope'), cell: scopeName },
                        { key: 'time', head: t('grant.time'), cell: (g) => <>{day(g.from)} – {g.to ? day(g.to) : t('grant.no-end')}{g.to && g.to < new Date().toISOString() && <Tag tone="low">{t('grant.over')}</Tag>}</> },
                        { key: 'at', head: t('grant.at'), cell: (g) => moment(g.granted_at) },
                        { key: 'reason', head: t('grant.reason'), cell: (g) => g.reason || '—' },
                        ...(mayGrant ? [{ key: 'end', head: t('actions'), cell: (g: GrantRow) => <Button kind="quiet" onClick={() => void end(g)}>{t('grant.end')}</Button> }] : []),
                    ]} />}
            {adding && <GrantDialog account={account} onClose={() => setAdding(false)} onDone={list.refresh} />}
        </>
    );
}

interface Named {
    id: string;
    name_zh: string;
    name_en: string;
    kind: string;
}

function GrantDialog({ account, onClose, onDone }: { account: string; onClose: () => void; onDone: () => void }) {
    const [role, setRole] = useState('keeper');
    const roles = useQuery<{ roles: RoleRow[] }>('/roles', undefined, { changes: () => false });
    const scopes = roles.data?.roles.find((r) => r.role === role)?.scopes ?? ['place'];
    const [kind, setKind] = useState<string>(scopes[0]!);
    const scope = scopes.includes(kind) ? kind : scopes[0]!;
    const [place, setPlace] = useState<Place | null>(null);
    const [other, setOther] = useState('');
    const [to, setTo] = useState('');
    const [reason, setReason] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const districts = useQuery<ListPage<Named>>(scope === 'district' ? '/districts' : null, { limit: 500 });
    const organisations = useQuery<ListPage<Named>>(['receiver', 'agency', 'team', 'enterprise'].includes(scope) ? '/organisations' : null, { kind: scope, limit: 500 });
    const choices = scope === 'district' ? districts.data?.rows : organisations.data?.rows;
    const scopeId = scope === 'city' ? (me.value?.city.id ?? '') : scope === 'place' ? (place?.id ?? '') : other;

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || !scopeId || reason.trim() === '') return;
        setBusy(true);
        setProblem(null);
        try {
            const fields: Record<string, string> = { account, role, scope_kind: scope, scope_id: scopeId, reason: reason.trim() };
            if (to) fields.to = `${to}T23:59:59+08:00`;
            await openGrant(fields);
            toast('good', t('grant.done'));
            onDone();
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }

    const need = (bad: boolean): string | null => (tried && bad ? t('form.needed') : null);
    return (
        <Dialog title={t('grant.add')} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                {problem && <Failure problem={problem} />}
                <Field label={t('grant.role')}>{(ids) => <Select {...ids} value={role} onValue={(v) => {
                    setRole(v);
                    setOther('');
                }} options={(roles.data?.roles ?? []).map((r) => ({ value: r.role, label: nameOf(r) }))} />}</Field>
                <Field label={t('grant.scope')}>{(ids) => <Select {...ids} value={scope} onValue={(v) => {
                    setKind(v);
                    setOther('');
                }} options={scopes.map((s) => ({ value: s, label: word('scope', s) }))} />}</Field>
                {scope === 'place' && <Field label={t('kind.place')} required error={need(!place)}>{(ids) => <PlacePicker ids={ids} value={place} onValue={setPlace} />}</Field>}
                {scope !== 'place' && scope !== 'city' && <Field label={word('scope', scope)} required error={need(other === '')}>
                    {(ids) => <Select {...ids} value={other} onValue={setOther} placeholder={t('choose')}
                        options={(choices ?? []).map((c) => ({ value: c.id, label: lang.value === 'zh' ? c.name_zh : c.name_en || c.name_zh }))} />}</Field>}
                <Field label={t('grant.to')} hint={t('grant.to.hint')}>{(ids) => <DateField ids={ids} value={to} onValue={setTo} />}</Field>
                <Field label={t('grant.reason')} required error={need(reason.trim() === '')}>{(ids) => <TextInput {...ids} value={reason} onValue={setReason} maxLength={200} />}</Field>
                <div class="actions"><Button kind="primary" type="submit" busy={busy}>{t('grant.add')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}
