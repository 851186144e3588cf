// Taking a document back: nothing is deleted, a second document with the opposite movements is posted, and both stay visible.
import { useState } from 'preact/hooks';
import { t } from '../../i18n/index';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import type { Document, Posted } from '../../api/ledger';
import { go, href } from '../../base/router';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Field, TextInput } from '../../kit/field';
import { Failure } from '../../kit/state';
import { toast } from '../../kit/toast';

export function ReverseButton({ document }: { document: Document }) {
    const [open, setOpen] = useState(false);
    const [note, setNote] = useState('');
    const [busy, setBusy] = useState(false);
    const [tried, setTried] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (note.trim() === '' || busy) return;
        setBusy(true);
        setProblem(null);
        try {
            const reply = await write<Posted>('POST', `/documents/${document.id}/reverse`, { reason: note.trim() });
            toast('good', t('work.done', { number: reply.document.number }));
            setOpen(false);
            go(href(`stock/documents/${reply.document.id}`));
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    return (
        <>
            <Button onClick={() => setOpen(true)}>{t('reverse.title')}</Button>
            {open && (
                <Dialog title={t('reverse.of', { number: document.number })} onClose={() => setOpen(false)}>
                    <form class="form" onSubmit={submit}>
                        <p>{t('reverse.words')}</p>
                        {problem && <Failure problem={problem} />}
                        <Field label={t('reverse.why')} required error={tried && note.trim() === '' ? t('form.needed') : null}>
                            {(ids) => <TextInput {...ids} value={note} onValue={setNote} maxLength={200} />}
                        </Field>
                        <div class="actions"><Button kind="danger" type="submit" busy={busy}>{t('reverse.title')}</Button><Button onClick={() => setOpen(false)}>{t('cancel')}</Button></div>
                    </form>
                </Dialog>
            )}
        </>
    );
}
