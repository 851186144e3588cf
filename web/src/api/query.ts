// What a screen reads: asked for when its address changes and again when a live event says that something changed. The last figures
// stay on the screen while newer ones are on their way and when they cannot be had, with their age.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, type Query } from './client';
import { asProblem, Problem } from './problem';
import { listen, type LiveEvent } from './live';
import { keep, kept } from './outbox';

export interface Loaded<T> {
    data: T | undefined;
    problem: Problem | null;
    loading: boolean;
    receivedAt: number; // by this machine's clock; 0 before the first answer
    old: boolean; // true when the data comes from the store of this browser, not from the server
    refresh: () => void;
}

export interface QueryOptions {
    // Whether this event can have changed the answer; every event by default.
    changes?: (event: LiveEvent) => boolean;
    // Kept in the browser for reading without network.
    offline?: boolean;
}

const GAP_MS = 400; // at most this often, however many events come; well inside the second in which a change must be seen

export function useQuery<T>(path: string | null, query?: Query, options: QueryOptions = {}): Loaded<T> {
    const key = path === null ? '' : `${path}?${JSON.stringify(query ?? {})}`;
    const [state, setState] = useState<Omit<Loaded<T>, 'refresh'> & { key: string }>({
        key,
        data: undefined,
        problem: null,
        loading: path !== null,
        receivedAt: 0,
        old: false,
    });
    const running = useRef<AbortController | null>(null);
    const again = useRef(false);
    const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    const lastAsked = useRef(0);

    const ask = useCallback(async (): Promise<void> => {
        if (path === null) return;
        if (running.current) {
            again.current = true;
            return;
        }
        const control = new AbortController();
        running.current = control;
        lastAsked.current = Date.now();
        setState((s) => (s.key === key ? { ...s, loading: true } : { ...s, key, data: undefined, problem: null, loading: true, receivedAt: 0 }));
        try {
            const data = await get<T>(path, query, control.signal);
            if (control.signal.aborted) return;
            setState({ key, data, problem: null, loading: false, receivedAt: Date.now(), old: false });
            if (options.offline) void keep(key, data);
        } catch (error) {
            if (control.signal.aborted) return;
            const problem = asProblem(error);
            const found = options.offline && problem.passing ? await kept<T>(key) : null;
            if (control.signal.aborted) return;
            setState((s) => {
                if (s.key === key && s.data !== undefined) return { ...s, problem, loading: false };
                return found
                    ? { key, data: found.data, problem, loading: false, receivedAt: found.at, old: true }
                    : { key, data: undefined, problem, loading: false, receivedAt: 0, old: false };
            });
        } finally {
            if (running.current === control) running.current = null;
            if (again.current && !control.signal.aborted) {
                again.current = false;
                schedule();
            }
        }
    }, [key]);

    const schedule = useCallback((): void => {
        clearTimeout(timer.current);
        const wait = Math.max(0, lastAsked.current + GAP_MS - Date.now());
        timer.current = setTimeout(() => void ask(), wait);
    }, [ask]);

    useEffect(() => {
        void ask();
        const stop = path === null ? () => {} : listen((event) => {
            if (event.kind === 'link.restored' || event.kind === 'events.reset' || !options.changes || options.changes(event)) schedule();
        });
        return () => {
            stop();
            clearTimeout(timer.current);
            running.current?.abort();
            running.current = null;
            again.current = false;
        };
    }, [ask, schedule]);

    const current = state.key === key ? state : { ...state, data: undefined, problem: null, loading: path !== null, receivedAt: 0 };
    return { ...current, refresh: schedule };
}

export interface ListPage<T> {
    rows: T[];
    next: string | null;
    at?: string;
    total?: number;
}

export interface LoadedList<T> extends Omit<Loaded<ListPage<T>>, 'data'> {
    rows: T[];
    at: string | undefined;
    total: number | undefined;
    hasMore: boolean;
    more: () => void;
}

// A list of the server: the first page is live, further pages are added as the reader goes down.
export function useList<T>(path: string | null, query: Query = {}, options: QueryOptions = {}): LoadedList<T> {
    const first = useQuery<ListPage<T>>(path, { limit: 100, ...query }, options);
    const key = `${path}?${JSON.stringify(query)}`;
    const [tail, setTail] = useState<{ from: ListPage<T> | undefined; rows: T[]; next: string | null; problem: Problem | null }>({
        from: undefined,
        rows: [],
        next: null,
        problem: null,
    });
    const asking = useRef(false);
    const valid = tail.from !== undefined && tail.from === first.data;
    const next = valid ? tail.next : (first.data?.next ?? null);

    const more = useCallback(() => {
        if (asking.current || next === null || path === null || !first.data) return;
        asking.current = true;
        const base = first.data;
        get<ListPage<T>>(path, { limit: 100, ...query, cursor: next })
            .then((page) => {
                setTail((was) => ({
                    from: base,
                    rows: was.from === base ? [...was.rows, ...page.rows] : page.rows,
                    next: page.next ?? null,
                    problem: null,
                }));
            })
            .catch((error: unknown) => setTail((was) => ({ ...was, problem: asProblem(error) })))
            .finally(() => {
                asking.current = false;
            });
    }, [key, next, first.data]);

    return {
        rows: valid ? [...(first.data?.rows ?? []), ...tail.rows] : (first.data?.rows ?? []),
        at: first.data?.at,
        total: first.data?.total,
        problem: first.problem ?? (valid ? tail.problem : null),
        loading: first.loading,
        receivedAt: first.receivedAt,
        old: first.old,
        refresh: first.refresh,
        hasMore: next !== null,
        more,
    };
}
