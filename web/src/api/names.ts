// Names for ids. Rows of stock and movements say which item, place, lot and owner by id; what they are called is asked for once and kept.
// The catalogue is small next to the movements, so its first pages come together and only rare ids are asked for one by one.
import { signal } from '@preact/signals';
import { get } from './client';
import { keep, kept } from './outbox';
import { asProblem } from './problem';

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

const AGAIN_MS = 10_000;
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
            const { rows } = await get<{ rows: NameRow[] }>(`/${kind}`, { limit: 500 });
            learn(kind, rows);
            void keep(`names/${kind}`, rows);
        } catch (error) {
            // Without network the names of last time; else one by one.
            const last = asProblem(error).passing ? await kept<NameRow[]>(`names/${kind}`) : null;
            if (last) learn(kind, last.data);
            listed.delete(kind);
        }
    }
    for (const { kind, id } of wanted) {
        const key = `${kind}/${id}`;
        if (known.has(key)) continue;
        try {
            learn(kind, [await get<NameRow>(`/${kind}/${id}`)]);
        } catch (error) {
            if (!asProblem(error).passing) known.set(key, null); // may not be seen: the id has to do
            else setTimeout(() => asked.delete(key), AGAIN_MS); // asked again when somebody draws it and the network is back
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
