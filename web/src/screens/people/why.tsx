// "Why may I, why may I not": the answer in words, the grant that decides, and whom to ask.
import { useState } from 'preact/hooks';
import { lang, nameOf, t, word } from '../../i18n/index';
import { askWhy, type RightRow, type Why } from '../../api/people';
import { useQuery } from '../../api/query';
import { asProblem, type Problem } from '../../api/problem';
import { Button } from '../../kit/button';
import { Field, Select } from '../../kit/field';
import { PlacePicker, type Place } from '../../kit/pickers';
import { Failure, StatusTag } from '../../kit/state';

export function WhyForm({ account }: { account?: string }) {
    const rights = useQuery<{ rights: RightRow[] }>('/rights', undefined, { changes: () => false });
    const [right, setRight] = useState('stock.read');
    const [place, setPlace] = useState<Place | null>(null);
    const [answer, setAnswer] = useState<Why | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [busy, setBusy] = useState(false);

    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setBusy(true);
        setProblem(null);
        try {
            const query: Parameters<typeof askWhy>[0] = { right };
            if (account) query.account = account;
            if (place) query.place = place.id;
            setAnswer(await askWhy(query));
        } catch (error) {
            setAnswer(null);
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }

    return (
        <div class="stack">
            <form class="filters" onSubmit={submit}>
                <Field label={t('why.right')}>{(ids) => <Select {...ids} value={right} onValue={setRight} options={(rights.data?.rights ?? []).map((r) => ({ value: r.right, label: nameOf(r) }))} />}</Field>
                <Field label={t('why.place')}>{(ids) => <PlacePicker ids={ids} value={place} onValue={setPlace} placeholder={t('why.city')} />}</Field>
                <Button type="submit" kind="primary" busy={busy}>{t('why.ask')}</Button>
            </form>
            {problem && <Failure problem={problem} />}
            {answer && (
                <div class="panel" role="status">
                    <p><StatusTag state={answer.may ? 'ok' : 'critical'} label={answer.may ? t('why.may') : t('why.may-not')} /> {lang.value === 'zh' ? answer.words : answer.words_en}</p>
                    {answer.grant && <p class="muted">{t('why.through', { role: word('role', answer.grant.role), scope: word('scope', answer.grant.scope_kind) })}</p>}
                    {!answer.may && answer.roles.length > 0 && <p>{t('why.roles')} {answer.roles.map(nameOf).join(lang.value === 'zh' ? '、' : ', ')}</p>}
                    {!answer.may && answer.granted_by.length > 0 && <p>{t('why.givers')} {answer.granted_by.map((g) => g.name).join(lang.value === 'zh' ? '、' : ', ')}</p>}
                </div>
            )}
        </div>
    );
}
