// A record by name, as a link to its page.
import { nameOf, t } from '../i18n/index';
import { href } from '../base/router';
import { named } from '../api/names';
import { can, me } from '../api/session';

export function ItemLink({ id }: { id: string }) {
    return <a href={href(`stock/items/${id}`)}>{nameOf(named('items', id) ?? { code: '…' })}</a>;
}

export function PlaceLink({ id }: { id: string | null | undefined }) {
    if (!id || id === '0') return <span class="muted">—</span>;
    return <a href={href(`stock/places/${id}`)}>{nameOf(named('places', id) ?? { code: '…' })}</a>;
}

export function LotLink({ id, batch }: { id: string | null | undefined; batch?: string | null }) {
    if (!id || id === '0') return <span class="muted">—</span>;
    return <a href={href(`stock/lots/${id}`)}>{batch || named('lots', id)?.batch || '…'}</a>;
}

export function OwnerName({ id }: { id: string | null | undefined }) {
    if (!id || id === '0') return <span class="muted">—</span>;
    return <>{nameOf(named('owners', id) ?? { code: '…' })}</>;
}

// Names of people are for those who may read accounts; others see their own name and otherwise the number.
export function PersonName({ id }: { id: string | null | undefined }) {
    if (!id || id === '0') return <span class="muted">{t('person.system')}</span>;
    if (id === me.value?.account.id) return <>{me.value.account.name}</>;
    const person = can('account.read') ? named('accounts', id) : undefined;
    return person ? <a href={href(`people/accounts/${id}`)}>{person.name}</a> : <span title={id}>#{id.slice(-6)}</span>;
}
