// Documents of calculations go as they are: the body is the file that `baogong solve` reads.
import { address, get, type Query } from './client';
import { Problem, type ProblemBody } from './problem';
import { operationId } from '../base/opid';

export async function post<T>(path: string, query: Query, document: unknown, signal?: AbortSignal): Promise<T> {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'Idempotency-Key': operationId() };
    let response: Response;
    try {
        response = await fetch(address(path, query), { method: 'POST', headers, body: JSON.stringify(document), credentials: 'same-origin', signal: signal ?? null });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new Problem(0, { code: 'web.offline' });
    }
    const body: unknown = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem(response.status, body as ProblemBody);
    return body as T;
}

interface State {
    run: { state: string };
    refusal: ProblemBody | null;
}

// Waits for the end of a run; a refusal is thrown like any other.
export async function untilDone(id: string): Promise<void> {
    for (let i = 0; i < 240; i++) {
        const { run, refusal } = await get<State>(`/runs/${id}`);
        if (run.state === 'done') return;
        if (run.state === 'refused' || run.state === 'cancelled') throw new Problem(422, refusal ?? { code: 'web.timeout' });
        await new Promise((done) => setTimeout(done, i < 10 ? 100 : 500));
    }
    throw new Problem(0, { code: 'web.timeout' });
}
