// Where an account is signed in, and ending it: at once, on live screens too.
import { t } from '../../i18n/index';
import { moment } from '../../base/format';
import { useList } from '../../api/query';
import { endSession, type SessionRow } from '../../api/people';
import { Button } from '../../kit/button';
import { Empty, Failure, Skeleton, Tag } from '../../kit/state';
import { Table } from '../../kit/table';
import { toast, toastProblem } from '../../kit/toast';

// "Chrome 120 · Windows" from what browsers say of themselves; the whole text is on hover.
export function agentName(agent: string): string {
    const browser = /(Edg|OPR|MicroMessenger|Firefox|Chrome|Safari)\/(\d+)/.exec(agent.replace(/^.*?(Edg|OPR|MicroMessenger|Firefox)/, '$1')) ?? /(Chrome|Safari)\/(\d+)/.exec(agent);
    const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux|HarmonyOS/.exec(agent);
    const parts = [browser ? `${browser[1]!.replace('Edg', 'Edge').replace('MicroMessenger', 'WeChat')} ${browser[2]}` : '', system?.[0] ?? ''].filter(Boolean);
    return parts.join(' · ') || agent.slice(0, 40) || '—';
}

export function Sessions({ account, mayEnd }: { account?: string; mayEnd: boolean }) {
    const list = useList<SessionRow>('/sessions', { account }, { changes: (e) => /^(session|account)\b/.test(e.kind) });
    async function end(row: SessionRow): Promise<void> {
        try {
            await endSession(row.id);
            toast('good', t('session.ended'));
            list.refresh();
        } catch (error) {
            toastProblem(error);
        }
    }
    if (list.problem) return <Failure problem={list.problem} onRetry={list.refresh} />;
    if (!list.receivedAt) return <Skeleton />;
    if (list.rows.length === 0) return <Empty title={t('session.none')} />;
    return (
        <Table label={t('session.title')} rows={list.rows} rowKey={(s) => s.id} hasMore={list.hasMore} more={list.more} columns={[
            { key: 'agent', head: t('session.agent'), phone: 'title', cell: (s) => <span title={s.agent}>{agentName(s.agent)} {s.present && <Tag tone="ok">{t('session.present')}</Tag>}</span> },
            { key: 'origin', head: t('session.origin'), cell: (s) => <code>{s.origin}</code> },
            { key: 'created', head: t('session.created'), cell: (s) => moment(s.created_at) },
            { key: 'seen', head: t('session.seen'), cell: (s) => moment(s.seen_at) },
            { key: 'factor', head: t('factor.short'), cell: (s) => (s.second_factor ? t('yes') : t('no')) },
            ...(mayEnd ? [{ key: 'end', head: t('actions'), cell: (s: SessionRow) => (s.present ? null : <Button kind="quiet" onClick={() => void end(s)}>{t('session.end')}</Button>) }] : []),
        ]} />
    );
}
