// Proposing a change of the reserve level: prepared (orders open, nothing in force) or in force. Another person approves; on a telephone
// order of the leader on duty it takes effect at once and the papers follow.
import { useState } from 'preact/hooks';
import { t } from '../../i18n/index';
import { href } from '../../base/router';
import { write } from '../../api/client';
import { useList } from '../../api/query';
import { asProblem, type Problem } from '../../api/problem';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, Select, TextInput } from '../../kit/field';
import { Failure } from '../../kit/state';
import { toast } from '../../kit/toast';

// How much waits for an approval or for papers, as a link to it.
export function Waiting() {
    const list = useList<{ overdue: boolean }>('/proposals', { open: true }, { changes: (event) => event.kind.startsWith('proposal.') });
    if (list.rows.length === 0) return null;
    const late = list.rows.filter((p) => p.overdue).length;
    return <a class={`level-badge waiting${late > 0 ? ' l1' : ''}`} href={href('proposals')}>{late > 0 ? t('level.overdue', { n: late }) : t('level.waiting', { n: list.rows.length })}</a>;
}

export function LevelDialog({ now, onClose, onDone }: { now: number; onClose: () => void; onDone: () => void }) {
    const [level, setLevel] = useState(String(Math.max(1, now - 1)));
    const [state, setState] = useState('prepared');
    const [how, setHow] = useState('two');
    const [leader, setLeader] = useState('');
    const [reason, setReason] = useState('');
    const [paper, setPaper] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const phone = how === 'phone';

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || reason.trim() === '' || (phone && leader.trim() === '')) return;
        setBusy(true);
        setProblem(null);
        try {
            const body: Record<string, unknown> = { level: Number(level), state, reason: reason.trim() };
            if (paper.trim()) body.legal_basis = paper.trim();
            if (phone) body.leader = leader.trim();
            await write('POST', '/levels', body);
            toast('good', t(phone ? 'level.done.phone' : 'level.done.proposed', { n: level }));
            onDone();
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
            setBusy(false);
        }
    }

    return (
        <Dialog title={t('level.change')} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <p>{t('level.words', { n: now })}</p>
                {problem && <Failure problem={problem} />}
                <div class="form-row">
                    <Field label={t('level.to')}>{(ids) => <Select {...ids} value={level} onValue={setLevel} options={[4, 3, 2, 1].map((n) => ({ value: String(n), label: t('level.reserve', { n }) }))} />}</Field>
                    <Field label={t('level.state')}>
                        {(ids) => <Select {...ids} value={state} onValue={setState} options={[{ value: 'prepared', label: t('level.state.prepared') }, { value: 'in_force', label: t('level.state.in-force') }]} />}
                    </Field>
                </div>
                <Field label={t('level.reason')} required error={tried && reason.trim() === '' ? t('form.needed') : null}>{(ids) => <TextInput {...ids} value={reason} onValue={setReason} maxLength={500} />}</Field>
                <Field label={t('level.paper')}>{(ids) => <TextInput {...ids} value={paper} onValue={setPaper} maxLength={200} />}</Field>
                <Field label={t('level.how')} hint={phone ? t('level.how.phone.hint') : undefined}>
                    {(ids) => <Select {...ids} value={how} onValue={setHow} options={[{ value: 'two', label: t('level.how.two') }, { value: 'phone', label: t('level.how.phone') }]} />}
                </Field>
                {phone && <Field label={t('level.leader')} required error={tried && leader.trim() === '' ? t('form.needed') : null}>{(ids) => <TextInput {...ids} value={leader} onValue={setLeader} maxLength={100} />}</Field>}
                <div class="actions"><Button kind="primary" type="submit" busy={busy}>{t(phone ? 'level.order' : 'level.propose')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}
