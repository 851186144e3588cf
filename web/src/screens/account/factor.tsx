// Setting up the second factor: scan the picture with an authenticator, type the first code, keep the recovery codes.
import { useEffect, useState } from 'preact/hooks';
import { encode } from 'uqr';
import { t } from '../../i18n/index';
import { beginFactor, confirmFactor } from '../../api/people';
import { asProblem, type Problem } from '../../api/problem';
import { loadMe } from '../../api/session';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, TextInput } from '../../kit/field';
import { Failure, Skeleton } from '../../kit/state';
import { toast } from '../../kit/toast';

// A QR code as one path; dark on white in both themes, because scanners want it so.
export function QrCode({ text, label }: { text: string; label: string }) {
    const { data, size } = encode(text, { ecc: 'M', border: 3 });
    const path = data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ''))).join('');
    return (
        <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
            <rect width={size} height={size} fill="#fff" /><path d={path} fill="#000" />
        </svg>
    );
}

export function FactorDialog({ onClose }: { onClose: () => void }) {
    const [begun, setBegun] = useState<{ secret: string; address: string } | null>(null);
    const [code, setCode] = useState('');
    const [codes, setCodes] = useState<string[] | null>(null);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    useEffect(() => {
        beginFactor().then(setBegun, (error: unknown) => setProblem(asProblem(error)));
    }, []);

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        if (busy || code.trim() === '') return;
        setBusy(true);
        setProblem(null);
        try {
            const reply = await confirmFactor(code.replace(/\s/g, ''));
            setCodes(reply.codes);
            await loadMe();
        } catch (error) {
            setProblem(asProblem(error));
            setCode('');
        } finally {
            setBusy(false);
        }
    }

    if (codes) {
        const text = codes.join('\n');
        return (
            <Dialog title={t('factor.codes')} onClose={onClose} foot={<Button kind="primary" onClick={onClose}>{t('factor.codes.kept')}</Button>}>
                <p>{t('factor.codes.words')}</p>
                <ul class="codes">{codes.map((c) => <li key={c}><code>{c}</code></li>)}</ul>
                <Button icon="check" onClick={() => {
                    navigator.clipboard?.writeText(text).then(() => toast('good', t('link.copied')), () => toast('bad', t('link.copy-failed')));
                }}>{t('link.copy')}</Button>
            </Dialog>
        );
    }
    return (
        <Dialog title={t('factor.begin')} onClose={onClose}>
            {problem && <Failure problem={problem} />}
            {!begun && !problem && <Skeleton />}
            {begun && (
                <form class="form" onSubmit={submit}>
                    <p>{t('factor.words')}</p>
                    <QrCode text={begun.address} label={t('factor.qr')} />
                    <p class="hint">{t('factor.secret')} <code class="secret">{begun.secret.replace(/(.{4})/g, '$1 ').trim()}</code></p>
                    <Field label={t('login.code')} required>{(ids) => <TextInput {...ids} value={code} onValue={setCode} inputMode="numeric" autocomplete="one-time-code" maxLength={8} />}</Field>
                    <div class="actions"><Button kind="primary" type="submit" busy={busy}>{t('factor.confirm')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
                </form>
            )}
        </Dialog>
    );
}
