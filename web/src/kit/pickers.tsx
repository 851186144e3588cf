// Choosing an item or a place: the comboboxes that most forms and filters use.
import { nameOf, word } from '../i18n/index';
import { get } from '../api/client';
import { Combobox, type Choice } from './combobox';
import type { FieldIds } from './field';

export interface Picked {
    id: string;
    code?: string;
    name_zh?: string;
    name_en?: string;
}

interface Found {
    id: string;
    code: string;
    title_zh: string;
    title_en: string;
}

// Nothing typed: the first of the list. Else the search, which knows pinyin initials, too.
function picker<T extends Picked>(path: string, kind: string, note: (row: T) => string) {
    return async (typed: string, signal: AbortSignal): Promise<Choice<T>[]> => {
        const text = typed.trim();
        if (text === '') {
            const first = await get<{ rows: T[] }>(path, { limit: 20 }, signal);
            return first.rows.map((row) => ({ key: row.id, label: nameOf(row), note: note(row), value: row }));
        }
        const found = await get<{ rows: Found[] }>('/search', { q: text, kind, limit: 20 }, signal);
        return found.rows.map((row) => {
            const value = { id: row.id, code: row.code, name_zh: row.title_zh, name_en: row.title_en } as T;
            return { key: row.id, label: nameOf(value), note: row.code, value };
        });
    };
}

interface Props<T> {
    ids?: FieldIds;
    label?: string;
    value: T | null;
    onValue: (value: T | null) => void;
    placeholder?: string;
}

export type Item = Picked;

export interface Place extends Picked {
    kind?: string;
}

const findItems = picker<Item>('/items', 'item', (row) => row.code ?? '');
const findPlaces = picker<Place>('/places', 'place', (row) => (row.kind ? word('place', row.kind) : ''));

export function ItemPicker({ value, onValue, ...rest }: Props<Item>) {
    return <Combobox {...rest} text={value ? nameOf(value) : ''} find={findItems} onChoose={(c) => onValue(c.value)} onClear={() => onValue(null)} />;
}

export function PlacePicker({ value, onValue, ...rest }: Props<Place>) {
    return <Combobox {...rest} text={value ? nameOf(value) : ''} find={findPlaces} onChoose={(c) => onValue(c.value)} onClear={() => onValue(null)} />;
}
