// One box for everything: items by name, code or pinyin initials, lots, places, documents. What it offers obeys the rights of the asker.
import { t } from '../i18n/index';
import { get } from '../api/client';
import { go, href } from '../base/router';
import { nameOf } from '../i18n/index';
import { Combobox, type Choice } from '../kit/combobox';

export interface SearchRow {
    kind: string;
    id: string;
    kind_zh: string;
    kind_en: string;
    title_zh: string;
    title_en: string;
    code: string;
    note: string;
}

const PATHS: Record<string, string> = {
    item: 'stock/items',
    place: 'stock/places',
    lot: 'stock/lots',
    document: 'stock/documents',
    movement: 'stock/movements',
    account: 'people/accounts',
    journal: 'journal/entries',
};

// The page of a record, or "" for kinds that have none.
export function recordLink(kind: string, id: string): string {
    const path = PATHS[kind];
    return path ? href(`${path}/${encodeURIComponent(id)}`) : '';
}

async function find(typed: string, signal: AbortSignal): Promise<Choice<SearchRow>[]> {
    if (typed.trim() === '') return [];
    const found = await get<{ rows: SearchRow[] }>('/search', { q: typed.trim(), limit: 12 }, signal);
    return found.rows.map((row) => ({
        key: `${row.kind}-${row.id}`,
        label: nameOf({ name_zh: row.title_zh, name_en: row.title_en, code: row.code }),
        note: [nameOf({ name_zh: row.kind_zh, name_en: row.kind_en }), row.code, row.note].filter(Boolean).join(' · '),
        value: row,
    }));
}

export function Search({ inDialog = false, onDone }: { inDialog?: boolean; onDone?: () => void }) {
    return (
        <div role="search" class={inDialog ? 'search-dialog' : undefined}>
            <Combobox label={t('search')} text="" placeholder={t('search.hint')} find={find} autoFocus={inDialog}
                onChoose={(choice) => {
                    const to = recordLink(choice.value.kind, choice.value.id);
                    if (to) go(to);
                    onDone?.();
                }} />
        </div>
    );
}
