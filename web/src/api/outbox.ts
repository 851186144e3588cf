// Operations are stored here before they are sent and leave when the server has answered: an answer that was lost on the way back is
// asked for again under the same id, and the server then repeats the first answer instead of doing the work twice.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { signal } from '@preact/signals';

export interface Operation {
    id: string; // UUID version 7; the order of ids is the order of making
    account: string; // only its maker may send it
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    path: string;
    body: unknown;
    label: string; // what the user did, in the words of the screen
    madeAt: number;
    tries: number;
    // null while it is simply waiting; else why the server refused it after it had been put by
    refused: { code: string; title: string; title_en: string } | null;
}

interface Schema extends DBSchema {
    operations: { key: string; value: Operation };
    kept: { key: string; value: { key: string; at: number; data: unknown } };
}

let opening: Promise<IDBPDatabase<Schema> | null> | null = null;

// Null where the browser gives no storage (some private windows): then an operation lives only as long as the page.
function database(): Promise<IDBPDatabase<Schema> | null> {
    opening ??= openDB<Schema>('baogong', 1, {
        upgrade(db) {
            db.createObjectStore('operations', { keyPath: 'id' });
            db.createObjectStore('kept', { keyPath: 'key' });
        },
    }).catch(() => null);
    return opening;
}

// What waits, oldest first; shown in the header so that nobody believes a thing sent that is not.
export const waiting = signal<Operation[]>([]);

export async function refreshWaiting(): Promise<void> {
    const db = await database();
    if (db) waiting.value = await db.getAll('operations');
}

export async function putOperation(operation: Operation): Promise<void> {
    const db = await database();
    if (db) await db.put('operations', operation);
    await refreshWaiting();
}

export async function dropOperation(id: string): Promise<void> {
    const db = await database();
    if (db) await db.delete('operations', id);
    await refreshWaiting();
}

// A last answer kept for reading without network, with the time it was true.
export async function keep(key: string, data: unknown): Promise<void> {
    const db = await database();
    if (db) await db.put('kept', { key, at: Date.now(), data });
}

export async function kept<T>(key: string): Promise<{ at: number; data: T } | null> {
    const db = await database();
    const found = db ? await db.get('kept', key) : undefined;
    return found ? { at: found.at, data: found.data as T } : null;
}

// On logging out nothing that one person read may stay for the next one; operations not yet sent stay, under their maker's name.
export async function forgetKept(): Promise<void> {
    const db = await database();
    if (db) await db.clear('kept');
}
