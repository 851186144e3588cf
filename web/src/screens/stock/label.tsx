// The label of a lot for a carton without a usable code: a PDF for any printer, ZPL for a label printer.
import { useState } from 'preact/hooks';
import { t } from '../../i18n/index';
import { Field } from '../../kit/field';

export function LotLabel({ lot }: { lot: string }) {
    const [quantity, setQuantity] = useState('');
    const [copies, setCopies] = useState('1');
    const query = new URLSearchParams();
    if (/^[1-9]\d{0,7}$/.test(quantity)) query.set('quantity', quantity);
    if (/^[1-9]\d{0,2}$/.test(copies)) query.set('copies', String(Math.min(Number(copies), 200)));
    const address = (format: string): string => `/api/v1/lots/${lot}/label?${new URLSearchParams([...query, ['format', format]])}`;
    return (
        <section class="panel">
            <p class="muted">{t('label.why')}</p>
            <div class="filters">
                <Field label={t('label.quantity')}>{(ids) => <input {...ids} inputMode="numeric" size={8} value={quantity} onInput={(e) => setQuantity(e.currentTarget.value.trim())} />}</Field>
                <Field label={t('label.copies')}>{(ids) => <input {...ids} inputMode="numeric" size={4} value={copies} onInput={(e) => setCopies(e.currentTarget.value.trim())} />}</Field>
                <a class="button primary" href={address('pdf')} target="_blank" rel="noopener">{t('label.pdf')}</a>
                <a class="button" href={address('zpl')} download="label.zpl">{t('label.zpl')}</a>
            </div>
        </section>
    );
}
