// What the ledger could not explain, each with its clock: what differs, by when it must be settled, and the explanation.
import { useState } from 'preact/hooks';
import { t, word } from '../../i18n/index';
import { moment } from '../../base/format';
import { href, place as address, setQuery } from '../../base/router';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useList } from '../../api/query';
import { can } from '../../api/session';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, Select, TextInput } from '../../kit/field';
import { PlaceLink } from '../../kit/record';
import { DataTime, Empty, Failure, Num, now, Skeleton, StatusTag } from '../../kit/state';
import { Table } from '../../kit/table';
import { toast } from '../../kit/toast';

interface ReviewRow {
    id: string;
    kind: string;
    place: string;
    account: { place: string; bin: string | null; owner: string; item: string; lot: string | null; status: string };
    document: string;
    qty: number;
    settled: number;
    opened_at: string;
    due_at: string;
    open: boolean;
    closed_at: string | null;
    note: string;
}

export function ReviewsPage() {
    const state = address.value.query.state ?? 'open';
    const list = useList<ReviewRow>('/reviews', { state: state === 'all' ? undefined : state });
    const [settling, setSettling] = useState<ReviewRow | null>(null);
    return (
        <>
            <p class="crumbs"><a href={href('stock')}>{t('stock.title')}</a> / {t('reviews.title')}</p>
            <div class="page-head"><h1 tabIndex={-1}>{t('reviews.title')}</h1><span class="spacer" /><DataTime at={list.at} receivedAt={list.receivedAt} /></div>
            <div class="filters">
                <Field label={t('stock.status')}>{(ids) => <Select {...ids} value={state} onValue={(v) => setQuery({ state: v })}
                    options={[{ value: 'open', label: t('reviews.open') }, { value: 'closed', label: t('reviews.closed') }, { value: 'all', label: t('filter.all') }]} />}</Field>
            </div>
            {list.problem ? <Failure problem={list.problem} onRetry={list.refresh} /> : !list.receivedAt ? <Skeleton />
                : list.rows.length === 0 ? <Empty title={t('reviews.none')} why={t('reviews.none.why')} />
                    : <Table label={t('reviews.title')} rows={list.rows} rowKey={(r) => r.id} hasMore={list.hasMore} more={list.more} columns={[
                        { key: 'kind', head: t('reviews.kind'), phone: 'title', cell: (r) => word('review', r.kind) },
                        { key: 'place', head: t('kind.place'), cell: (r) => <PlaceLink id={r.place} /> },
                        { key: 'qty', head: t('work.quantity'), number: true, cell: (r) => <Num value={r.qty - r.settled} full /> },
                        { key: 'document', head: t('kind.document'), cell: (r) => <a href={href(`stock/documents/${r.document}`)}>{t('movement.document.open')}</a> },
                        { key: 'opened', head: t('reviews.opened'), cell: (r) => moment(r.opened_at) },
                        { key: 'due', head: t('reviews.due'), cell: (r) => (r.open && Date.parse(r.due_at) < now.value ? <StatusTag state="critical" label={`${moment(r.due_at)} ${t('reviews.late')}`} /> : moment(r.due_at)),
                            sort: (a, b) => a.due_at.localeCompare(b.due_at) },
                        { key: 'note', head: t('note'), cell: (r) => r.note || '—' },
                        ...(can('count.review') ? [{ key: 'settle', head: t('actions'), cell: (r: ReviewRow) => (r.open ? <Button kind="quiet" onClick={() => setSettling(r)}>{t('reviews.settle')}</Button> : null) }] : []),
                    ]} />}
            {settling && <SettleDialog review={settling} onClose={() => setSettling(null)} onDone={list.refresh} />}
        </>
    );
}

// What stands in transit has to go somewhere: given up as lost, come broken, or come after all.
const OUTCOMES: Record<string, { status: string; reason: string }> = {
    lost: { status: 'lost', reason: 'loss' },
    damaged: { status: 'damaged', reason: 'damage' },
    usable: { status: 'usable', reason: 'found' },
};

function SettleDialog({ review, onClose, onDone }: { review: ReviewRow; onClose: () => void; onDone: () => void }) {
    const missing = review.kind === 'missing';
    const [outcome, setOutcome] = useState('lost');
    const [note, setNote] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || note.trim() === '') return;
        setBusy(true);
        setProblem(null);
        try {
            const body: Record<string, unknown> = { note: note.trim() };
            if (missing) {
                const { place, owner, item, lot, status } = review.account;
                const goods = { place, owner, item, ...(lot ? { lot } : {}) };
                const to = OUTCOMES[outcome]!;
                body.lines = [{ from: { ...goods, status }, to: { ...goods, status: to.status }, qty: review.qty - review.settled, reason: to.reason }];
            }
            await write('POST', `/reviews/${review.id}/settle`, body);
            toast('good', t('reviews.done'));
            onDone();
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
            setBusy(false);
        }
    }
    return (
        <Dialog title={`${t('reviews.settle')} · ${word('review', review.kind)}`} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <p>{t(missing ? 'reviews.words.missing' : 'reviews.words')}</p>
                {problem && <Failure problem={problem} />}
                {missing && <Field label={t('reviews.outcome')}>{(ids) => <Select {...ids} value={outcome} onValue={setOutcome} options={Object.keys(OUTCOMES).map((o) => ({ value: o, label: word('outcome', o) }))} />}</Field>}
                <Field label={t('reviews.note')} required error={tried && note.trim() === '' ? t('form.needed') : null}>{(ids) => <TextInput {...ids} value={note} onValue={setNote} maxLength={500} />}</Field>
                <div class="actions"><Button kind="primary" type="submit" busy={busy}>{t('reviews.settle')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}
