// Addresses live after '#': nothing on the server has to know the screens, a kept page works without network, and a secret in an
// invitation never reaches a log. "#/stock/items/42?at=2022-01-08" -> path ["stock","items","42"], query {at}.
import { signal, computed } from '@preact/signals';

export interface Place {
    path: string[];
    query: Record<string, string>;
}

export function parsePlace(hash: string): Place {
    const text = hash.replace(/^#\/?/, '');
    const mark = text.indexOf('?');
    const pathText = mark < 0 ? text : text.slice(0, mark);
    const query: Record<string, string> = {};
    for (const [name, value] of new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1))) query[name] = value;
    return { path: pathText.split('/').filter(Boolean).map(safeDecode), query };
}

function safeDecode(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

export function href(path: string, query?: Record<string, string | number | null | undefined>): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
        if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
    }
    const tail = search.toString();
    return `#/${path.replace(/^\//, '')}${tail ? `?${tail}` : ''}`;
}

const hash = signal(typeof location === 'undefined' ? '' : location.hash);
export const place = computed(() => parsePlace(hash.value));

// Set while a form holds work that is not sent; leaving the screen then asks first.
export const unsaved = signal(false);

export function startRouter(mayLeave: () => boolean): void {
    addEventListener('hashchange', (event) => {
        if (unsaved.value && !mayLeave()) {
            history.replaceState(null, '', new URL(event.oldURL).hash || '#/');
            return;
        }
        unsaved.value = false;
        hash.value = location.hash;
    });
    addEventListener('beforeunload', (event) => {
        if (unsaved.value) event.preventDefault();
    });
}

export function go(target: string, replace = false): void {
    if (target === location.hash) return;
    if (replace) {
        history.replaceState(null, '', target);
        hash.value = location.hash;
    } else {
        location.hash = target;
    }
}

// Changes only the query of the present screen: filters belong into the address, so that a link shows the same rows.
export function setQuery(changes: Record<string, string | null>, replace = true): void {
    const now = place.value;
    const query: Record<string, string | null> = { ...now.query, ...changes };
    go(href(now.path.map(encodeURIComponent).join('/'), query), replace);
}
