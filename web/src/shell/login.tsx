// Logging in: name and password, then the six digits of the second factor where the account has one.
import { useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { login } from '../api/session';
import { asProblem, type Problem } from '../api/problem';
import { Button } from '../kit/button';
import { Field, PasswordInput, TextInput } from '../kit/field';
import { Failure } from '../kit/state';
import { Gate } from './gate';

export function Login() {
    const [name, setName] = useState(() => localStorage.getItem('baogong.login') ?? '');
    const [password, setPassword] = useState('');
    const [code, setCode] = useState('');
    const [step, setStep] = useState<'password' | 'code'>('password');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const form = useRef<HTMLFormElement>(null);

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        if (busy) return;
        setBusy(true);
        setProblem(null);
        try {
            const result = await login(name.trim(), password, step === 'code' ? code.replace(/\s/g, '') : undefined);
            if (result === 'code') {
                setStep('code');
                setTimeout(() => form.current?.querySelector<HTMLInputElement>('[autocomplete="one-time-code"]')?.focus());
            } else localStorage.setItem('baogong.login', name.trim());
        } catch (error) {
            setProblem(asProblem(error));
            setCode('');
        } finally {
            setBusy(false);
        }
    }

    return (
        <Gate title={step === 'password' ? t('login.title') : t('login.code.title')}>
            <form class="form" ref={form} onSubmit={submit}>
                {problem && <Failure problem={problem} />}
                {step === 'password' ? (
                    <>
                        <Field label={t('login.name')} required>
                            {(ids) => <TextInput {...ids} value={name} onValue={setName} autocomplete="username" autocapitalize="none" name="login" />}
                        </Field>
                        <Field label={t('login.password')} required>
                            {(ids) => <PasswordInput {...ids} value={password} onValue={setPassword} autocomplete="current-password" name="password" />}
                        </Field>
                    </>
                ) : (
                    <Field label={t('login.code')} hint={t('login.code.hint')} required>
                        {(ids) => <TextInput {...ids} value={code} onValue={setCode} inputMode="numeric" autocomplete="one-time-code" maxLength={16} name="code" />}
                    </Field>
                )}
                <Button kind="primary" type="submit" busy={busy}>{t('login.go')}</Button>
                {step === 'code' && <Button kind="quiet" onClick={() => {
                    setStep('password');
                    setProblem(null);
                }}>{t('login.back')}</Button>}
            </form>
            <p class="hint">{t('login.help')}</p>
        </Gate>
    );
}
