// Who is using this browser, what the server allows him, and in which city.
import { computed, signal } from '@preact/signals';
import { drain, get, setClient, writeSecret } from './client';
import { Problem, asProblem } from './problem';
import { startLive, stopLive } from './live';
import { forgetNames } from './names';
import { forgetKept, keep, kept } from './outbox';

export interface Grant {
    id?: string;
    role: string;
    scope_kind: string;
    scope_id?: string | null;
    scope_name?: string | null;
    scope_name_en?: string | null;
    waits?: boolean; // counts only after a second factor
}

export interface Me {
    account: { id: string; login: string; name: string };
    city: { id: string; code: string; name_zh: string; name_en: string };
    grants: Grant[];
    rights: string[];
    needs_factor?: boolean;
    session?: { id: string; second_factor: boolean; must_change: boolean };
}

export type SessionState = 'unknown' | 'out' | 'in' | 'unreachable';

export const me = signal<Me | null>(null);
export const sessionState = signal<SessionState>('unknown');
// True while the figures shown come from this browser because the server could not be asked who we are.
export const offlineSession = signal(false);
const rights = computed(() => new Set(me.value?.rights ?? []));

export function can(right: string): boolean {
    return rights.value.has(right);
}

export function canAny(...wanted: string[]): boolean {
    return wanted.some((right) => rights.value.has(right));
}

// The one place in which one's roles hold; undefined when there are several or they hold wider.
export function ownPlace(): string | undefined {
    const grants = me.value?.grants ?? [];
    const places = new Set(grants.filter((g) => g.scope_kind === 'place').map((g) => g.scope_id ?? ''));
    return places.size === 1 && grants.every((g) => g.scope_kind === 'place') ? [...places][0] : undefined;
}

function enter(who: Me, offline = false): void {
    me.value = who;
    offlineSession.value = offline;
    sessionState.value = 'in';
    setClient({ account: who.account.id });
    startLive();
    if (!offline) void drain();
}

function leave(): void {
    stopLive();
    setClient({ account: '' });
    me.value = null;
    sessionState.value = 'out';
}

export async function loadMe(): Promise<void> {
    try {
        const who = await get<Me>('/me');
        void keep('me', who);
        enter(who);
    } catch (error) {
        const problem = asProblem(error);
        if (problem.status === 401) {
            leave();
            return;
        }
        const last = await kept<Me>('me');
        if (last && problem.passing) enter(last.data, true);
        else sessionState.value = 'unreachable';
    }
}

export interface LoginReply {
    second_factor?: boolean;
}

export async function login(name: string, password: string, code?: string): Promise<'in' | 'code'> {
    const body: Record<string, string> = { login: name, password };
    if (code) body.code = code;
    try {
        const reply = await writeSecret<LoginReply | undefined>('POST', '/session', body);
        if (reply?.second_factor) return 'code';
    } catch (error) {
        if (error instanceof Problem && error.code === 'auth.second-factor') return 'code';
        throw error;
    }
    await loadMe();
    return 'in';
}

export async function logout(): Promise<void> {
    try {
        await writeSecret('DELETE', '/session', undefined);
    } finally {
        await forgetKept();
        forgetNames();
        leave();
    }
}

setClient({
    onUnauthorized: () => {
        if (sessionState.value === 'in') leave();
    },
});
