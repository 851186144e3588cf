// What two people decide: what waits for an approval or for the papers of a telephone order, and the history of levels with who asked and who
// approved.
import { useState } from 'preact/hooks';
import { moment } from '../../base/format';
import { t, word, type Key } from '../../i18n/index';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useList, type LoadedList } from '../../api/query';
import { can, me } from '../../api/session';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, TextInput } from '../../kit/field';
import { DataTime, Empty, Failure, Skeleton, Tag, type StockState } from '../../kit/state';
import { Table, type Column } from '../../kit/table';
import { Tabs } from '../../kit/tabs';
import { toast } from '../../kit/toast';
import { Uplifts } from './uplift';
import { nameOfProposal, type LevelRow, type Proposal } from './types';

const touches = (event: { kind: string }): boolean => /^(proposal|level)\./.test(event.kind);
const TABS = ['open', 'all', 'levels', 'uplifts'] as const;

export default function ProposalsScreen() {
    const [tab, setTab] = useState<string>('open');
    return (
        <div class="body">
            <header class="page-head"><h1 tabIndex={-1}>{t('screen.proposals')}</h1></header>
            <Tabs label={t('screen.proposals')} value={tab} onValue={setTab} tabs={TABS.map((key) => ({ key, label: t(`proposals.${key}` as Key) }))}>
                {tab === 'uplifts' ? <Uplifts /> : tab === 'levels' ? <Levels /> : <Proposals key={tab} open={tab === 'open'} />}
            </Tabs>
        </div>
    );
}

const tone = (p: Proposal): StockState => (p.overdue ? 'critical' : p.state === 'proposed' || p.state === 'owed' ? 'low' : p.state === 'done' ? 'ok' : 'none');
// A telephone order says what is still missing and by when.
function stateWords(p: Proposal): string {
    if (p.state !== 'owed') return word('proposal', p.state);
    const missing = [p.decided_at ? '' : t('proposals.owes.approval'), p.paper ? '' : t('proposals.owes.paper')].filter(Boolean).join('、');
    return t(p.overdue ? 'proposals.overdue' : 'proposals.owes', { what: missing, at: moment(p.papers_due_at!) });
}

function Proposals({ open }: { open: boolean }) {
    const list = useList<Proposal>('/proposals', open ? { open: true } : {}, { changes: touches });
    const [chosen, setChosen] = useState<{ of: Proposal; what: What } | null>(null);
    const columns: Column<Proposal>[] = [
        { key: 'what', head: t('proposals.what'), phone: 'title', cell: (p) => nameOfProposal(p) },
        { key: 'state', head: t('readiness.state'), cell: (p) => <Tag tone={tone(p)}>{stateWords(p)}</Tag> },
        { key: 'why', head: t('level.reason'), cell: (p) => p.why },
        { key: 'paper', head: t('level.paper'), cell: (p) => p.legal_basis || p.paper || '—', phone: 'hide' },
        { key: 'who', head: t('proposals.requested'), cell: (p) => `${p.leader ? t('proposals.by-phone', { leader: p.leader, name: p.requested_name }) : p.requested_name} · ${moment(p.requested_at)}` },
        { key: 'decided', head: t('proposals.decided'), cell: (p) => (p.decided_at ? `${p.decided_name} · ${moment(p.decided_at)}${p.note ? ` · ${p.note}` : ''}` : '—'), phone: open ? 'hide' : undefined },
        { key: 'do', head: t('proposals.do'), cell: (p) => <Actions of={p} onChoose={(what) => setChosen({ of: p, what })} /> },
    ];
    return (
        <div class="stack">
            <DataTime at={list.at} receivedAt={list.receivedAt} old={list.old} />
            <Rows list={list} label={t(open ? 'proposals.open' : 'proposals.all')} columns={columns} rowKey={(p) => p.id} />
            {chosen && <Act {...chosen} onClose={() => setChosen(null)} onDone={list.refresh} />}
        </div>
    );
}

function Rows<T>({ list, label, columns, rowKey }: { list: LoadedList<T>; label: string; columns: Column<T>[]; rowKey: (row: T) => string }) {
    if (list.rows.length > 0) return <Table label={label} columns={columns} rows={list.rows} rowKey={rowKey} hasMore={list.hasMore} more={list.more} />;
    if (list.problem) return <Failure problem={list.problem} onRetry={list.refresh} />;
    return list.loading ? <Skeleton /> : <Empty title={t('proposals.empty')} why={t('proposals.empty.why')} />;
}

type What = 'approve' | 'refuse' | 'paper' | 'withdraw';

function Actions({ of: p, onChoose }: { of: Proposal; onChoose: (what: What) => void }) {
    const own = p.requested_by === me.value?.account.id;
    const waits = p.state === 'proposed' || (p.state === 'owed' && !p.decided_at);
    return (
        <span class="actions">
            {waits && !own && can('approval.decide') && <Button kind="primary" onClick={() => onChoose('approve')}>{t('proposals.approve')}</Button>}
            {waits && !own && can('approval.decide') && <Button onClick={() => onChoose('refuse')}>{t('proposals.refuse')}</Button>}
            {p.state === 'owed' && !p.paper && can('level.change') && <Button onClick={() => onChoose('paper')}>{t('proposals.paper')}</Button>}
            {p.state === 'proposed' && own && <Button kind="quiet" onClick={() => onChoose('withdraw')}>{t('proposals.withdraw')}</Button>}
            {waits && own && <span class="muted">{t('proposals.other')}</span>}
        </span>
    );
}

function Act({ of: p, what, onClose, onDone }: { of: Proposal; what: What; onClose: () => void; onDone: () => void }) {
    const [text, setText] = useState('');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        if (busy || (what === 'paper' && text.trim() === '')) return;
        setBusy(true);
        setProblem(null);
        try {
            if (what === 'withdraw') await write('DELETE', `/proposals/${p.id}`, undefined);
            else if (what === 'paper') await write('POST', `/proposals/${p.id}/paper`, { paper: text.trim() });
            else await write('POST', `/proposals/${p.id}/decision`, { agrees: what === 'approve', ...(text.trim() ? { note: text.trim() } : {}) });
            toast('good', t(`proposals.done.${what}` as Key));
            onDone();
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
            setBusy(false);
        }
    }
    return (
        <Dialog title={`${t(`proposals.${what}` as Key)} · ${nameOfProposal(p)}`} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <p>{p.why}{p.legal_basis ? `（${p.legal_basis}）` : ''}</p>
                <p class="muted">{p.requested_name} · {moment(p.requested_at)}</p>
                {problem && <Failure problem={problem} />}
                {what !== 'withdraw' && <Field label={t(what === 'paper' ? 'level.paper' : 'proposals.note')} required={what === 'paper'}>
                    {(ids) => <TextInput {...ids} value={text} onValue={setText} maxLength={what === 'paper' ? 200 : 500} />}</Field>}
                <div class="actions"><Button kind={what === 'refuse' ? 'danger' : 'primary'} type="submit" busy={busy} disabled={what === 'paper' && text.trim() === ''}>{t(`proposals.${what}` as Key)}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}

function Levels() {
    const list = useList<LevelRow>('/levels', {}, { changes: touches });
    const columns: Column<LevelRow>[] = [
        { key: 'level', head: t('proposals.what'), phone: 'title', cell: (l) => t(l.state === 'prepared' ? 'level.prepared' : 'level.reserve', { n: l.level }) },
        { key: 'from', head: t('proposals.from'), cell: (l) => (l.from ? moment(l.from) : '—') },
        { key: 'why', head: t('level.reason'), cell: (l) => l.why },
        { key: 'paper', head: t('level.paper'), cell: (l) => l.legal_basis || l.paper || '—' },
        { key: 'who', head: t('proposals.requested'), cell: (l) => (l.leader ? t('proposals.by-phone', { leader: l.leader, name: l.requested_name ?? '' }) : l.requested_name || '—') },
        { key: 'by', head: t('proposals.decided'), cell: (l) => l.decided_name || '—' },
    ];
    return <Rows list={list} label={t('proposals.levels')} columns={columns} rowKey={(l) => l.id ?? ''} />;
}
