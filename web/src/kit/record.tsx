// A record by name, as a link to its page.
import { nameOf } from '../i18n/index';
import { href } from '../base/router';
import { named } from '../api/names';

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

export function PersonName({ id }: { id: string | null | undefined }) {
    if (!id || id === '0') return <span class="muted">system</span>;
    return <>{named('accounts', id)?.name ?? named('accounts', id)?.name_zh ?? `#${id}`}</>;
}
