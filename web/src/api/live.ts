// Live events. One tab of the browser holds the stream and tells the others: HTTP/1.1 gives six connections a host, and twenty open
// tabs must not use them up. An event says what changed, not the new figures; screens then ask for the small JSON they show.
import { signal } from '@preact/signals';

export interface LiveEvent {
    id: string; // position in the journal
    kind: string; // "ledger.movement.posted", …
    data: Record<string, unknown>;
}

export type LinkState = 'starting' | 'live' | 'lost';

export const link = signal<LinkState>('starting');
// When the link was last known to be good; figures older than this are shown as possibly out of date.
export const lastHeard = signal(0);
export const eventCount = signal(0);

type Listener = (event: LiveEvent) => void;
const listeners = new Set<Listener>();

export function listen(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

type Message = { kind: 'event'; event: LiveEvent } | { kind: 'state'; state: LinkState; lastId: string } | { kind: 'hello' };

let channel: BroadcastChannel | null = null;
let source: EventSource | null = null;
let lastId = '';
let stopped = true;
let releaseLeader: (() => void) | null = null;
let queued: AbortController | null = null;
let retryMs = 1000;

function deliver(event: LiveEvent): void {
    lastId = event.id;
    lastHeard.value = Date.now();
    eventCount.value += 1;
    for (const listener of listeners) listener(event);
}

function setState(state: LinkState): void {
    const was = link.value;
    link.value = state;
    if (state === 'live') {
        lastHeard.value = Date.now();
        // What happened while the link was down may be missing: every screen asks again.
        if (was === 'lost') for (const listener of listeners) listener({ id: lastId, kind: 'link.restored', data: {} });
    }
}

function parse(message: MessageEvent<string>): LiveEvent {
    let data: Record<string, unknown> = {};
    try {
        const read: unknown = JSON.parse(message.data);
        if (read && typeof read === 'object') data = read as Record<string, unknown>;
    } catch {
        // An event we cannot read still means that something changed.
    }
    return { id: message.lastEventId, kind: String(data.kind ?? data.topic ?? message.type), data };
}

function open(): void {
    if (stopped) return;
    const from = lastId ? `?last_event_id=${encodeURIComponent(lastId)}` : '';
    source = new EventSource(`/api/v1/events${from}`);
    source.onopen = () => {
        retryMs = 1000;
        setState('live');
        channel?.postMessage({ kind: 'state', state: 'live', lastId } satisfies Message);
    };
    source.onmessage = (message: MessageEvent<string>) => {
        const event = parse(message);
        deliver(event);
        channel?.postMessage({ kind: 'event', event } satisfies Message);
    };
    source.onerror = () => {
        setState('lost');
        channel?.postMessage({ kind: 'state', state: 'lost', lastId } satisfies Message);
        // The browser tries again by itself unless the answer was an error; then we do, ever slower.
        if (source?.readyState === EventSource.CLOSED) {
            source = null;
            setTimeout(open, retryMs);
            retryMs = Math.min(retryMs * 2, 30_000);
        }
    };
}

function lead(): Promise<void> {
    open();
    return new Promise((release) => {
        releaseLeader = () => {
            source?.close();
            source = null;
            release();
        };
    });
}

export function startLive(): void {
    if (!stopped) return;
    stopped = false;
    link.value = 'starting';
    if (typeof BroadcastChannel === 'undefined' || !navigator.locks) {
        void lead(); // plain http in a local network: no locks there, each tab holds its own stream
        return;
    }
    channel = new BroadcastChannel('baogong.live');
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data.kind === 'event') deliver(data.event);
        else if (data.kind === 'state') {
            if (data.lastId) lastId = data.lastId;
            setState(data.state);
        } else if (source) channel?.postMessage({ kind: 'state', state: link.value, lastId } satisfies Message);
    };
    channel.postMessage({ kind: 'hello' } satisfies Message);
    queued = new AbortController();
    navigator.locks.request('baogong.live', { signal: queued.signal }, lead).catch(() => {});
}

export function stopLive(): void {
    stopped = true;
    releaseLeader?.();
    releaseLeader = null;
    queued?.abort();
    queued = null;
    channel?.close();
    channel = null;
    link.value = 'starting';
}
