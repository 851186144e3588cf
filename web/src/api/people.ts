// People and rights as the screens use them.
import { get, write, writeSecret } from './client';

export interface Account {
    id: string;
    login: string;
    name: string;
    phone?: string | null;
    organisation?: string | null;
    district?: string | null;
    state: 'invited' | 'active' | 'disabled';
    must_change: boolean;
    second_factor: boolean;
    created_at: string;
    signed_in_at: string | null;
}

export interface GrantRow {
    id: string;
    account: string;
    role: string;
    scope_kind: string;
    scope_id: string;
    scope_name: string;
    scope_name_en: string;
    from: string | null;
    to: string | null;
    granted_by?: string | null;
    granted_at?: string | null;
    reason: string;
    ended_at: string | null;
}

export interface SessionRow {
    id: string;
    account: string;
    device: string | null;
    second_factor: boolean;
    origin: string;
    agent: string;
    created_at: string;
    seen_at: string;
    ends_at: string;
    present: boolean;
}

export interface Why {
    may: boolean;
    right: string;
    reason: string;
    words: string;
    words_en: string;
    grant: { role: string; scope_kind: string; scope_id: string } | null;
    right_zh: string;
    right_en: string;
    roles: { role: string; name_zh: string; name_en: string }[];
    account: string;
    granted_by: { account: string; name: string }[];
}

export interface RoleRow {
    role: string;
    name_zh: string;
    name_en: string;
    scopes: string[];
    approver: boolean;
    rights: string[];
}

export interface RightRow {
    right: string;
    name_zh: string;
    name_en: string;
}

// A one-time link, shown once: `url` where the server knows its own address, else the secret to be put behind ours.
export interface Linked {
    link: string | null;
    url: string | null;
}

export function linkAddress({ link, url }: Linked): string {
    if (url && /^https?:/.test(url)) return url;
    return link ? `${location.origin}${location.pathname}#/invite/${encodeURIComponent(link)}` : '';
}

export function openAccount(fields: Record<string, string>): Promise<{ account: Account } & Linked> {
    return write('POST', '/accounts', fields);
}

export function newLink(account: string): Promise<Linked> {
    return write('POST', `/accounts/${account}/link`, {});
}

export function moveAccount(account: string, disabled: boolean): Promise<Account> {
    return write('POST', `/accounts/${account}/state`, { disabled });
}

export function openGrant(fields: Record<string, string>): Promise<GrantRow> {
    return write('POST', '/grants', fields);
}

export function endGrant(grant: string): Promise<GrantRow> {
    return write('DELETE', `/grants/${grant}`, undefined);
}

export function endSession(session: string): Promise<unknown> {
    return write('DELETE', `/sessions/${session}`, undefined);
}

export function endSessions(account: string): Promise<unknown> {
    return write('POST', '/sessions/end', { account });
}

export function askWhy(query: { right: string; account?: string; place?: string; district?: string }): Promise<Why> {
    return get<Why>('/why', query);
}

export function changePassword(old: string, next: string): Promise<void> {
    return writeSecret('POST', '/password', { old, new: next, end_others: true });
}

export function beginFactor(): Promise<{ secret: string; address: string }> {
    return writeSecret('POST', '/totp', undefined);
}

export function confirmFactor(code: string): Promise<{ codes: string[] }> {
    return writeSecret('POST', '/totp/confirm', { code });
}

// Ends every session of the account, this one too.
export function endFactor(password: string): Promise<void> {
    return writeSecret('POST', '/totp/remove', { password });
}
