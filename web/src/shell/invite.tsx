// The page behind a one-time link: choose a password, and enter. The secret stands after '#', so that it reaches no log on the way.
import { useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { writeSecret } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { loadMe } from '../api/session';
import { go, href, place } from '../base/router';
import { Button } from '../kit/button';
import { Field, PasswordInput } from '../kit/field';
import { Failure } from '../kit/state';
import { toast } from '../kit/toast';
import { Gate } from './gate';

const LEAST = 12;

export default function Invite() {
    const token = place.value.path[1] ?? '';
    const [password, setPassword] = useState('');
    const [again, setAgain] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const shortBy = Math.max(0, LEAST - Array.from(password).length);
    const differ = again !== '' && again !== password;

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || shortBy > 0 || again !== password) return;
        setBusy(true);
        setProblem(null);
        try {
            const reply = await writeSecret<{ login?: string } | undefined>('POST', '/invitations/accept', { token, password });
            if (reply?.login) localStorage.setItem('baogong.login', reply.login);
            go(href(''), true);
            toast('good', t('invite.done'));
            await loadMe();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }

    return (
        <Gate title={t('invite.title')}>
            <p>{t('invite.words')}</p>
            <form class="form" onSubmit={submit}>
                {problem && <Failure problem={problem} />}
                <Field label={t('invite.password')} hint={t('invite.password.hint', { n: LEAST })} required
                    error={tried && shortBy > 0 ? t('invite.password.short', { n: shortBy }) : null}>
                    {(ids) => <PasswordInput {...ids} value={password} onValue={setPassword} autocomplete="new-password" name="password" />}
                </Field>
                <Field label={t('invite.again')} required error={differ || (tried && again === '') ? t('invite.differ') : null}>
                    {(ids) => <PasswordInput {...ids} value={again} onValue={setAgain} autocomplete="new-password" name="again" />}
                </Field>
                <Button kind="primary" type="submit" busy={busy}>{t('invite.go')}</Button>
            </form>
        </Gate>
    );
}
