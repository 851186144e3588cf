// Both time axes: what was true at the end of a date, as we knew it at the end of another.
import { t } from '../../i18n/index';
import { cityDate } from '../../base/format';
import { href, place as address, setQuery } from '../../base/router';
import { DateField } from '../../kit/date';
import { Field } from '../../kit/field';

export interface AsOf {
    at: string | undefined;
    known_at: string | undefined;
}

function endOf(date: string | undefined): string | undefined {
    return date ? `${date}T23:59:59.999+08:00` : undefined;
}

export function asOf(): AsOf {
    const { at, known } = address.value.query;
    return { at: endOf(at), known_at: endOf(known) };
}

export function isPast(): boolean {
    return Boolean(address.value.query.at || address.value.query.known);
}

export function AsOfFields() {
    const { at, known } = address.value.query;
    const today = cityDate(new Date());
    return (
        <>
            <Field label={t('as.of')}>{(ids) => <DateField ids={ids} value={at ?? ''} max={today} onValue={(v) => setQuery({ at: v || null })} />}</Field>
            <Field label={t('known.at')}>{(ids) => <DateField ids={ids} value={known ?? ''} max={today} onValue={(v) => setQuery({ known: v || null })} />}</Field>
        </>
    );
}

export function PastNotice() {
    const { at, known } = address.value.query;
    if (!at && !known) return null;
    return (
        <p class="notice low">
            {at && known ? t('as.of.both', { at, known }) : at ? t('as.of.notice', { date: at }) : t('as.of.known', { date: known! })}
            <a href={href(address.value.path.map(encodeURIComponent).join('/'), { ...address.value.query, at: null, known: null })}>{t('as.of.back')}</a>
        </p>
    );
}
