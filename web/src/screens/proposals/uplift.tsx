// Uplifts: what multiplies the standards of depots until it is ended; proposing one and proposing its end.
import { useState } from 'preact/hooks';
import { addDays, cityDate, moment } from '../../base/format';
import { t } from '../../i18n/index';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useList } from '../../api/query';
import { can } from '../../api/session';
import { Button } from '../../kit/button';
import { DateField } from '../../kit/date';
import { Dialog } from '../../kit/dialog';
import { Field, NumberInput, readQuantity, TextInput } from '../../kit/field';
import { PlacePicker, type Place } from '../../kit/pickers';
import { Empty, Failure, Skeleton, Tag } from '../../kit/state';
import { Table, type Column } from '../../kit/table';
import { toast } from '../../kit/toast';
import { percentOf, type Uplift } from './types';

export function Uplifts() {
    const list = useList<Uplift>('/uplifts', {}, { changes: (event) => event.kind.startsWith('uplift.') });
    const [form, setForm] = useState<Uplift | 'new' | null>(null);
    const columns: Column<Uplift>[] = [
        { key: 'factor', head: t('proposals.what'), phone: 'title', cell: (u) => t('uplift.name', { n: percentOf(u.factor_permille), due: u.due }) },
        { key: 'state', head: t('readiness.state'), cell: (u) => <Tag tone={u.ended_at ? 'none' : 'low'}>{u.ended_at ? t('uplift.ended', { at: moment(u.ended_at) }) : t('uplift.in-force')}</Tag> },
        { key: 'where', head: t('uplift.where'), cell: (u) => t('uplift.cells', { places: u.places, items: u.items }) },
        { key: 'from', head: t('proposals.from'), cell: (u) => u.from },
        { key: 'why', head: t('level.reason'), cell: (u) => u.why },
        ...(can('level.change') ? [{ key: 'do', head: t('proposals.do'), cell: (u: Uplift) => (u.ended_at ? '—' : <Button kind="quiet" onClick={() => setForm(u)}>{t('uplift.end')}</Button>) }] : []),
    ];
    return (
        <div class="stack">
            {can('level.change') && <p class="actions"><Button kind="primary" onClick={() => setForm('new')}>{t('uplift.new')}</Button></p>}
            {list.rows.length > 0 ? <Table label={t('proposals.uplifts')} columns={columns} rows={list.rows} rowKey={(u) => u.id} hasMore={list.hasMore} more={list.more} />
                : list.problem ? <Failure problem={list.problem} onRetry={list.refresh} />
                    : list.loading ? <Skeleton /> : <Empty title={t('uplift.empty')} why={t('uplift.empty.why')} />}
            {form && <Form of={form === 'new' ? null : form} onClose={() => setForm(null)} />}
        </div>
    );
}

function Form({ of, onClose }: { of: Uplift | null; onClose: () => void }) {
    const keys = useList<{ id: string; key_item: boolean }>(of ? null : '/items', { limit: 500 }, { changes: () => false });
    const items = keys.rows.filter((i) => i.key_item).map((i) => i.id);
    const [place, setPlace] = useState<Place | null>(null);
    const [percent, setPercent] = useState('40');
    const [due, setDue] = useState(addDays(cityDate(new Date()), 11));
    const [reason, setReason] = useState('');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const ready = reason.trim() !== '' && (of !== null || (place && items.length > 0 && due && (readQuantity(percent) ?? 0) > 0));
    async function send(): Promise<void> {
        setBusy(true);
        setProblem(null);
        try {
            if (of) await write('POST', `/uplifts/${of.id}/end`, { reason: reason.trim() });
            else await write('POST', '/uplifts', { places: [place!.id], items, factor_permille: 1000 + 10 * readQuantity(percent)!, from: cityDate(new Date()), due, reason: reason.trim() });
            toast('good', t('uplift.done'));
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
            setBusy(false);
        }
    }
    return (
        <Dialog title={of ? t('uplift.end') : t('uplift.new')} onClose={onClose}
            foot={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="primary" busy={busy} disabled={!ready} onClick={() => void send()}>{t('level.propose')}</Button></>}>
            <div class="form">
                {!of && (
                    <>
                        <Field label={t('kind.place')} required>{(ids) => <PlacePicker ids={ids} value={place} onValue={setPlace} />}</Field>
                        <Field label={t('uplift.percent')} hint={t('uplift.items', { n: items.length })} required>{(ids) => <NumberInput {...ids} value={percent} onValue={setPercent} />}</Field>
                        <Field label={t('uplift.due')} required>{(ids) => <DateField ids={ids} value={due} onValue={setDue} />}</Field>
                    </>
                )}
                <Field label={t('level.reason')} required>{(ids) => <TextInput {...ids} value={reason} onValue={setReason} maxLength={500} />}</Field>
                {problem && <Failure problem={problem} />}
            </div>
        </Dialog>
    );
}
