// Talks to /api/v1. Reads throw a Problem on any failure. Writes carry an operation id, are stored before they are sent, repeated
// under the same id while the failure is a passing one, and put by in the outbox when it does not pass.
import { Problem, asProblem, type ProblemBody } from './problem';
import { dropOperation, putOperation, refreshWaiting, waiting, type Operation } from './outbox';
import { operationId } from '../base/opid';

const ROOT = '/api/v1';
const READ_TIMEOUT_MS = 20_000;
const WRITE_TIMEOUT_MS = 20_000;
const RETRY_AFTER_MS = [400, 1500];

let account = '';
let onUnauthorized: () => void = () => {};

export function setClient(options: { account?: string; onUnauthorized?: () => void }): void {
    if (options.account !== undefined) account = options.account;
    if (options.onUnauthorized) onUnauthorized = options.onUnauthorized;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function address(path: string, query?: Query): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
        if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
    }
    const tail = search.toString();
    return `${ROOT}${path}${tail ? `?${tail}` : ''}`;
}

async function send(url: string, init: RequestInit, timeoutMs: number): Promise<Response> {
    const timer = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, timer]) : timer;
    try {
        return await fetch(url, { ...init, signal, credentials: 'same-origin', cache: 'no-store' });
    } catch (error) {
        if (init.signal?.aborted) throw error;
        throw new Problem(0, { code: timer.aborted ? 'web.timeout' : 'web.offline' });
    }
}

async function answer<T>(response: Response): Promise<T> {
    if (response.ok) {
        if (response.status === 204) return undefined as T;
        const text = await response.text();
        return (text === '' ? undefined : JSON.parse(text)) as T;
    }
    let body: ProblemBody = {};
    try {
        body = (await response.json()) as ProblemBody;
    } catch {
        // A proxy's own page: the status has to do.
    }
    if (response.status === 401) onUnauthorized();
    throw new Problem(response.status, body);
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    const init: RequestInit = { headers: { Accept: 'application/json' } };
    if (signal) init.signal = signal;
    return answer<T>(await send(address(path, query), init, READ_TIMEOUT_MS));
}

function pause(ms: number): Promise<void> {
    return new Promise((done) => setTimeout(done, ms));
}

async function sendOperation<T>(operation: Operation, timeoutMs: number = WRITE_TIMEOUT_MS): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json', 'Idempotency-Key': operation.id };
    const init: RequestInit = { method: operation.method, headers };
    if (operation.body !== undefined) {
        headers['Content-Type'] = 'application/json';
        init.body = JSON.stringify(operation.body);
    }
    return answer<T>(await send(address(operation.path), init, timeoutMs));
}

// One change. `keep` (scans and stock work) leaves it in the outbox when the network fails, and it is sent later; without it the
// user is told that nothing was kept and decides himself.
export async function write<T>(
    method: Operation['method'],
    path: string,
    body: unknown,
    options: { label?: string; keep?: boolean; timeoutMs?: number } = {},
): Promise<T> {
    const operation: Operation = {
        id: operationId(),
        account,
        method,
        path,
        body,
        label: options.label ?? '',
        madeAt: Date.now(),
        tries: 0,
        refused: null,
    };
    if (options.keep) await putOperation(operation);
    for (let attempt = 0; ; attempt++) {
        try {
            const result = await sendOperation<T>(operation, options.timeoutMs);
            if (options.keep) await dropOperation(operation.id);
            return result;
        } catch (error) {
            const problem = asProblem(error);
            const again = problem.passing && attempt < RETRY_AFTER_MS.length;
            if (again) {
                await pause(RETRY_AFTER_MS[attempt]!);
                continue;
            }
            if (options.keep && (problem.passing || problem.status === 401)) throw new Problem(0, { code: 'web.kept' });
            if (options.keep) await dropOperation(operation.id);
            throw problem;
        }
    }
}

// A secret (password, code, link) is never stored: one try, no repeat.
export async function writeSecret<T>(method: Operation['method'], path: string, body: unknown): Promise<T> {
    return sendOperation<T>({ id: operationId(), account, method, path, body, label: '', madeAt: 0, tries: 0, refused: null });
}

let draining = false;

// Sends what was put by, strictly in the order it was made; stops at the first passing failure. What the server refuses stays, with
// the reason, until the user has seen it.
export async function drain(): Promise<void> {
    if (draining || account === '') return;
    draining = true;
    try {
        await refreshWaiting();
        for (const operation of waiting.value) {
            if (operation.account !== account || operation.refused) continue;
            try {
                await sendOperation(operation);
                await dropOperation(operation.id);
            } catch (error) {
                const problem = asProblem(error);
                if (problem.passing || problem.status === 401) {
                    await putOperation({ ...operation, tries: operation.tries + 1 });
                    break;
                }
                const title = problem.body.title ?? problem.code;
                await putOperation({ ...operation, refused: { code: problem.code, title, title_en: problem.body.title_en ?? title } });
            }
        }
    } finally {
        draining = false;
    }
}

// Sends a file as it is, with progress; XMLHttpRequest because fetch cannot tell how much has gone.
export function upload<T>(
    path: string,
    query: Query,
    file: Blob,
    onProgress: (sent: number, total: number) => void,
    operation: string = operationId(),
): Promise<T> {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('POST', address(path, query));
        request.setRequestHeader('Idempotency-Key', operation);
        request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
        request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
        request.onerror = () => reject(new Problem(0, { code: 'web.offline' }));
        request.onload = () => {
            answer<T>(new Response(request.status === 204 ? null : request.responseText, { status: request.status })).then(resolve, reject);
        };
        request.send(file);
    });
}
