// Decisions on an item: adopt as an order proposal, as a draft standard or as the standard, or reject. The run is kept first, so that the
// decision hangs on what it was made from.
import { useState } from 'preact/hooks';
import { addDays } from '../../base/format';
import { href } from '../../base/router';
import { nameOf, t } from '../../i18n/index';
import { write } from '../../api/client';
import { post, untilDone } from '../../api/compute';
import { can } from '../../api/session';
import { asProblem, type Problem } from '../../api/problem';
import { Button } from '../../kit/button';
import { DateField } from '../../kit/date';
import { Dialog } from '../../kit/dialog';
import { Field, NumberInput, readQuantity, TextInput } from '../../kit/field';
import { PlacePicker, type Place } from '../../kit/pickers';
import { Failure } from '../../kit/state';
import { toast } from '../../kit/toast';
import type { LevelCell, Live, StandardItem, StockRow } from './types';

type Use = 'order' | 'draft' | 'standard' | 'none';

export function Decide({ item, row, live, cell }: { item: StandardItem; row: StockRow | undefined; live: Live; cell: LevelCell }) {
    const [use, setUse] = useState<Use | null>(null);
    if (!can('run.decide') || !row) return null;
    return (
        <>
            <p class="actions decisions">
                <Button kind="primary" onClick={() => setUse('order')}>{t('decide.order')}</Button>
                <Button onClick={() => setUse('draft')}>{t('decide.draft')}</Button>
                {can('standard.write') && <Button onClick={() => setUse('standard')}>{t('decide.standard')}</Button>}
                <Button kind="quiet" onClick={() => setUse('none')}>{t('decide.reject')}</Button>
            </p>
            {use && <Form use={use} item={item} row={row} live={live} cell={cell} onClose={() => setUse(null)} />}
        </>
    );
}

function Form({ use, item, row, live, cell, onClose }: { use: Use; item: StandardItem; row: StockRow; live: Live; cell: LevelCell; onClose: () => void }) {
    const gap = Math.max(0, cell.standard - row.stock - row.receiving - row.inspecting - row.producing);
    const packed = Math.ceil(gap / item.pack) * item.pack;
    const [quantity, setQuantity] = useState(String(use === 'order' ? packed || item.pack : cell.standard));
    const [place, setPlace] = useState<Place | null>(null);
    const [date, setDate] = useState(addDays(live.today, use === 'order' ? row.lead_days : 0));
    const [reason, setReason] = useState('');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const adopt = use !== 'none';
    const ready = reason.trim() !== '' && (!adopt || (place && date && (readQuantity(quantity) ?? 0) > 0));
    async function send(): Promise<void> {
        setBusy(true);
        setProblem(null);
        try {
            const run = await post<{ id: string }>('/runs', { method: 'standard', title: t('screen.basis') }, live.standard);
            await untilDone(run.id);
            await write('POST', `/runs/${run.id}/decisions`, {
                part: item.item, verdict: adopt ? 'adopted' : 'rejected', use, reason,
                ...(adopt ? { item: row.id, place: place!.id, quantity: readQuantity(quantity), date, ...(use === 'order' ? {} : { level: cell.level }) } : {}),
            });
            toast('good', t('decide.done'), undefined, { label: t('decide.open'), run: () => { location.hash = href(`runs/${run.id}`).slice(1); } });
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    return (
        <Dialog title={`${t(`decide.${use === 'none' ? 'reject' : use}`)} · ${nameOf(row)}`} onClose={onClose}
            foot={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="primary" busy={busy} disabled={!ready} onClick={() => void send()}>{t('decide.go')}</Button></>}>
            <div class="form">
                {adopt && (
                    <>
                        <Field label={t('decide.quantity')} required hint={use === 'order' ? t('decide.gap', { n: gap }) : t('basis.computed', { n: cell.level })}>
                            {(ids) => <NumberInput {...ids} value={quantity} onValue={setQuantity} unit={row.unit} />}</Field>
                        <Field label={t('kind.place')} required>{(ids) => <PlacePicker ids={ids} value={place} onValue={setPlace} />}</Field>
                        <Field label={t(use === 'order' ? 'decide.by' : 'decide.from')} required>{(ids) => <DateField ids={ids} value={date} onValue={setDate} />}</Field>
                    </>
                )}
                <Field label={t('decide.reason')} required>{(ids) => <TextInput {...ids} value={reason} onValue={setReason} maxLength={500} />}</Field>
                {problem && <Failure problem={problem} />}
            </div>
        </Dialog>
    );
}
