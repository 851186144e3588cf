// Entering goods by hand: for packs without a code, and for what the codes leave open.
import { useState } from 'preact/hooks';
import { t, word } from '../../i18n/index';
import { named } from '../../api/names';
import type { Known, Work } from '../../scan/session';
import { Button } from '../../kit/button';
import { DateField } from '../../kit/date';
import { Dialog } from '../../kit/dialog';
import { Field, NumberInput, readQuantity, TextInput } from '../../kit/field';
import { ItemPicker, type Item } from '../../kit/pickers';

export function ManualDialog({ work, onAdd, onClose }: {
    work: Work;
    onAdd: (fields: { known: Known; lot: string; expiry: string; made: string; count: number }) => void;
    onClose: () => void;
}) {
    const start = work.pendingKnown ? (named('items', work.pendingKnown.item) as Item | undefined) ?? null : null;
    const [item, setItem] = useState<Item | null>(start);
    const [lot, setLot] = useState(work.pending.lot);
    const [expiry, setExpiry] = useState(work.pending.expiry || work.pending.bestBefore);
    const [made, setMade] = useState(work.pending.made);
    const [count, setCount] = useState(work.pending.count ? String(work.pending.count) : '');
    const [tried, setTried] = useState(false);
    const full = named('items', item?.id); // unit and whether it is kept by lot
    const quantity = readQuantity(count);
    const needLot = item !== null && full?.lotted !== false;
    const bad = { item: !item, lot: needLot && lot.trim() === '', expiry: needLot && expiry === '' && work.mode === 'receive', count: !quantity || quantity <= 0 };

    function submit(event: Event): void {
        event.preventDefault();
        setTried(true);
        if (bad.item || bad.lot || bad.expiry || bad.count) return;
        const known: Known = { item: item!.id, unit: full?.unit ?? '', lotted: full?.lotted !== false, units: 1 };
        onAdd({ known, lot: lot.trim(), expiry, made, count: quantity! });
    }

    const need = (on: boolean): string | null => (tried && on ? t('form.needed') : null);
    return (
        <Dialog title={t('scan.manual')} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <Field label={t('kind.item')} required error={need(bad.item)}>
                    {(ids) => <ItemPicker ids={ids} value={item} onValue={setItem} />}
                </Field>
                <div class="form-row">
                    <Field label={t('kind.lot')} required={needLot} error={need(bad.lot)}>{(ids) => <TextInput {...ids} value={lot} onValue={setLot} />}</Field>
                    <Field label={t('work.quantity')} required error={need(bad.count)}>
                        {(ids) => <NumberInput {...ids} value={count} onValue={setCount} unit={full?.unit ? word('unit', full.unit) : ''} />}
                    </Field>
                </div>
                <div class="form-row">
                    <Field label={t('lot.expiry')} required={needLot && work.mode === 'receive'} error={need(bad.expiry)}>
                        {(ids) => <DateField ids={ids} value={expiry} onValue={setExpiry} />}
                    </Field>
                    <Field label={t('lot.made')}>{(ids) => <DateField ids={ids} value={made} onValue={setMade} />}</Field>
                </div>
                <div class="actions"><Button kind="primary" type="submit">{t('work.add')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}
