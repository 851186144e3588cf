// Names for ids. Rows of stock and movements say which item, place, lot and owner by id; what they are called is asked for once and kept.
// The catalogue is small next to the movements, so its first pages come together and only rare ids are asked for one by one.
import { signal } from '@preact/signals';
import { get } from './client';

export interface NameRow {
    id: string;
    code?: string;
    name_zh?: string;
    name_en?: string;
    name?: string;
    unit?: string;
    batch?: string;
    expiry?: string | null;
    kind?: string;
    lotted?: boolean;
    item?: string;
    spec?: string;
}

type Kind = 'items' | 'places' | 'owners' | 'lots' | 'accounts';

const known = new Map<string, NameRow | null>();
const version = signal(0);
const asked = new Set<string>();
let queue: { kind: Kind; id: string }[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
const listed = new Set<Kind>();

export function learn(kind: Kind, rows: NameRow[]): void {
    for (const row of rows) known.set(`${kind}/${row.id}`, row);
    version.value++;
}

export function forgetNames(): void {
    known.clear();
    asked.clear();
    listed.clear();
}

async function fetchQueue(): Promise<void> {
    const wanted = queue;
    queue = [];
    for (const kind of new Set(wanted.map((w) => w.kind))) {
        if (kind === 'lots' || kind === 'accounts' || listed.has(kind)) continue;
        listed.add(kind);
        try {
            learn(kind, (await get<{ rows: NameRow[] }>(`/${kind}`, { limit: 500 })).rows);
        } catch {
            // One by one, then.
        }
    }
    for (const { kind, id } of wanted) {
        const key = `${kind}/${id}`;
        if (known.has(key)) continue;
        try {
            learn(kind, [await get<NameRow>(`/${kind}/${id}`)]);
        } catch {
            known.set(key, null); // may not be seen: the id has to do
            version.value++;
        }
    }
}

// The record behind an id, undefined until it is known.
export function named(kind: Kind, id: string | null | undefined): NameRow | undefined {
    void version.value; // whoever reads a name draws again when it comes
    if (!id || id === '0') return undefined;
    const key = `${kind}/${id}`;
    const found = known.get(key);
    if (found === undefined && !known.has(key) && !asked.has(key)) {
        asked.add(key);
        queue.push({ kind, id });
        clearTimeout(timer);
        timer = setTimeout(() => void fetchQueue(), 10);
    }
    return found ?? undefined;
}
