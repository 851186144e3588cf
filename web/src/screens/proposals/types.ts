// A proposal as the API tells it, and its name in words.
import { t } from '../../i18n/index';

export interface Proposal {
    id: string;
    kind: string;
    state: 'proposed' | 'done' | 'refused' | 'withdrawn' | 'owed' | 'lapsed';
    level: number | null;
    step: 'prepared' | 'in_force' | null;
    uplift: string | null;
    factor_permille?: number;
    due?: string;
    lines: number;
    why: string;
    legal_basis: string;
    requested_by: string | null;
    requested_name: string;
    requested_at: string;
    ends_at: string | null;
    leader: string;
    papers_due_at: string | null;
    overdue: boolean;
    chased: number;
    paper: string;
    decided_name: string;
    decided_at: string | null;
    note: string;
}

export interface LevelRow {
    id: string | null;
    level: number;
    state: 'prepared' | 'in_force';
    from: string | null;
    why: string;
    legal_basis: string;
    requested_name?: string;
    decided_name?: string;
    leader?: string;
    paper?: string;
}

export interface Uplift {
    id: string;
    factor_permille: number;
    from: string;
    due: string;
    why: string;
    ended_at: string | null;
    items: number;
    places: number;
}

export const percentOf = (permille: number): string => String(permille / 10 - 100);

export function nameOfProposal(p: Proposal): string {
    if (p.kind === 'uplift') return t('uplift.name', { n: percentOf(p.factor_permille ?? 1000), due: p.due ?? '' });
    if (p.kind === 'standards') return t('standards.name', { n: p.lines });
    if (p.kind === 'uplift_end') return t('uplift.end.name');
    return t(p.step === 'prepared' ? 'proposals.prepare' : 'proposals.level', { n: p.level ?? 0 });
}
