// Changing the reserve level: prepared (orders open, nothing in force) or in force, with the reason and the paper it rests on.
import { useState } from 'preact/hooks';
import { t } from '../../i18n/index';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, Select, TextInput } from '../../kit/field';
import { Failure } from '../../kit/state';
import { toast } from '../../kit/toast';

export function LevelDialog({ now, onClose, onDone }: { now: number; onClose: () => void; onDone: () => void }) {
    const [level, setLevel] = useState(String(Math.max(1, now - 1)));
    const [state, setState] = useState('prepared');
    const [reason, setReason] = useState('');
    const [paper, setPaper] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || reason.trim() === '') return;
        setBusy(true);
        setProblem(null);
        try {
            const body: Record<string, unknown> = { level: Number(level), state, reason: reason.trim() };
            if (paper.trim()) body.legal_basis = paper.trim();
            await write('POST', '/levels', body);
            toast('good', t(state === 'prepared' ? 'level.done.prepared' : 'level.done.in-force', { n: level }));
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
                <div class="actions"><Button kind="primary" type="submit" busy={busy}>{t('level.change')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}
