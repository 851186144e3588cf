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

function picker<T extends Picked>(path: string, note: (row: T) => string) {
    return async (typed: string, signal: AbortSignal): Promise<Choice<T>[]> => {
        const found = await get<{ rows: T[] }>(path, { q: typed.trim() || undefined, limit: 20 }, signal);
        return found.rows.map((row) => ({ key: row.id, label: nameOf(row), note: note(row), value: row }));
    };
}

interface Props<T> {
    ids?: FieldIds;
    label?: string;
    value: T | null;
    onValue: (value: T | null) => void;
    placeholder?: string;
}

export interface Item extends Picked {
    unit?: string;
    spec?: string;
    lotted?: boolean;
}

export interface Place extends Picked {
    kind?: string;
}

const findItems = picker<Item>('/items', (row) => row.code ?? '');
const findPlaces = picker<Place>('/places', (row) => (row.kind ? word('place', row.kind) : ''));

export function ItemPicker({ value, onValue, ...rest }: Props<Item>) {
    return <Combobox {...rest} text={value ? nameOf(value) : ''} find={findItems} onChoose={(c) => onValue(c.value)} onClear={() => onValue(null)} />;
}

export function PlacePicker({ value, onValue, ...rest }: Props<Place>) {
    return <Combobox {...rest} text={value ? nameOf(value) : ''} find={findPlaces} onChoose={(c) => onValue(c.value)} onClear={() => onValue(null)} />;
}
