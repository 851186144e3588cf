// The page behind a one-time link: choose a password, and enter. The secret stands after '#', so that it reaches no log on the way.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { writeSecret } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { loadMe } from '../api/session';
import { go, href, place } from '../base/router';
import { Button } from '../kit/button';
import { Field, PasswordInput, TextInput } from '../kit/field';
import { Failure } from '../kit/state';
import { toast } from '../kit/toast';
import { Gate } from './gate';

interface Look {
    purpose: string;
    login: string;
    name: string;
    least: number;
}

export default function Invite() {
    const token = place.value.path[1] ?? '';
    const [password, setPassword] = useState('');
    const [again, setAgain] = useState('');
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [look, setLook] = useState<Look | null>(null);
    const [dead, setDead] = useState<Problem | null>(null);
    const [code, setCode] = useState('');
    const [askCode, setAskCode] = useState(false);
    const least = look?.least ?? 8;
    const shortBy = Math.max(0, least - Array.from(password).length);
    const differ = again !== '' && again !== password;

    useEffect(() => {
        writeSecret<Look>('POST', '/invitations/look', { token }).then(setLook, (error: unknown) => setDead(asProblem(error)));
    }, [token]);

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (busy || shortBy > 0 || again !== password) return;
        setBusy(true);
        setProblem(null);
        try {
            const reply = await writeSecret<{ login?: string } | undefined>('POST', '/invitations/accept', code ? { token, password, code: code.replace(/\s/g, '') } : { token, password });
            if (reply?.login) localStorage.setItem('baogong.login', reply.login);
            go(href(''), true);
            toast('good', t('invite.done'));
            await loadMe();
        } catch (error) {
            const p = asProblem(error);
            if (p.code === 'auth.second-factor') setAskCode(true);
            else setProblem(p);
        } finally {
            setBusy(false);
        }
    }

    return (
        <Gate title={t('invite.title')}>
            {dead && <Failure problem={dead} />}
            {dead && <p><a href={href('')}>{t('login.title')}</a></p>}
            {look && <p>{t('invite.for', { name: look.name, login: look.login })}</p>}
            {!dead && <p>{t('invite.words')}</p>}
            <form class="form" onSubmit={submit} hidden={dead !== null}>
                <input type="text" name="username" autocomplete="username" value={look?.login ?? ''} hidden readOnly />
                {problem && <Failure problem={problem} />}
                <Field label={t('invite.password')} hint={t('invite.password.hint', { n: least })} required
                    error={tried && shortBy > 0 ? t('invite.password.short', { n: shortBy }) : null}>
                    {(ids) => <PasswordInput {...ids} value={password} onValue={setPassword} autocomplete="new-password" name="password" />}
                </Field>
                <Field label={t('invite.again')} required error={differ || (tried && again === '') ? t('invite.differ') : null}>
                    {(ids) => <PasswordInput {...ids} value={again} onValue={setAgain} autocomplete="new-password" name="again" />}
                </Field>
                {askCode && <Field label={t('login.code')} hint={t('login.code.hint')} required>
                    {(ids) => <TextInput {...ids} value={code} onValue={setCode} inputMode="numeric" autocomplete="one-time-code" maxLength={16} name="code" />}
                </Field>}
                <Button kind="primary" type="submit" busy={busy}>{t('invite.go')}</Button>
            </form>
        </Gate>
    );
}
