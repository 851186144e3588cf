// Where a lot is and was, in one answer; and the order to block or recall it everywhere at once.
import { useState } from 'preact/hooks';
import { nameOf, t } from '../../i18n/index';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import type { Lot } from '../../api/ledger';
import { named } from '../../api/names';
import { useQuery } from '../../api/query';
import { Button } from '../../kit/button';
import { Dialog } from '../../kit/dialog';
import { Checkbox, Field, TextInput } from '../../kit/field';
import { PlaceLink } from '../../kit/record';
import { Failure, Num, Show } from '../../kit/state';
import { Table } from '../../kit/table';
import { toast } from '../../kit/toast';

interface RecallRow {
    place: string;
    left: number;
    transit: number;
    used: number;
    lost: number;
    unexplained: number;
    produced?: number;
}

interface RecallReport {
    entered: number;
    left: number;
    transit: number;
    used: number;
    lost: number;
    unexplained: number;
    places: RecallRow[];
}

const COLUMNS = ['left', 'transit', 'used', 'lost', 'unexplained'] as const;

export function Recall({ lot, may }: { lot: Lot; may: boolean }) {
    const answer = useQuery<RecallReport>(`/lots/${lot.id}/places`);
    const [open, setOpen] = useState(false);
    const unit = named('items', lot.item)?.unit;
    return (
        <Show of={answer}>
            {(report) => (
                <div class="stack">
                    <section class="panel">
                        <dl class="figures">
                            <div><dt>{t('recall.entered')}</dt><dd><Num value={report.entered} full unit={unit} /></dd></div>
                            {COLUMNS.map((key) => <div key={key}><dt>{t(`recall.${key}`)}</dt><dd><Num value={report[key]} full /></dd></div>)}
                        </dl>
                        {may && lot.state !== 'recalled' && <div class="actions"><Button kind="danger" onClick={() => setOpen(true)}>{t('recall.order')}</Button></div>}
                    </section>
                    <Table label={t('tab.recall')} rows={report.places} rowKey={(r) => r.place} columns={[
                        { key: 'place', head: t('kind.place'), phone: 'title', cell: (r) => <PlaceLink id={r.place} /> },
                        ...COLUMNS.map((key) => ({ key, head: t(`recall.${key}`), number: true, cell: (r: RecallRow) => <Num value={r[key]} full /> })),
                    ]} />
                    {open && <RecallDialog lot={lot} onClose={() => setOpen(false)} onDone={answer.refresh} />}
                </div>
            )}
        </Show>
    );
}

function RecallDialog({ lot, onClose, onDone }: { lot: Lot; onClose: () => void; onDone: () => void }) {
    const [why, setWhy] = useState('');
    const [blockOnly, setBlockOnly] = useState(false);
    const [busy, setBusy] = useState(false);
    const [tried, setTried] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    async function submit(event: Event): Promise<void> {
        event.preventDefault();
        setTried(true);
        if (why.trim() === '' || busy) return;
        setBusy(true);
        try {
            await write('POST', `/lots/${lot.id}/recall`, { recall: !blockOnly, reason: why.trim() });
            toast('good', t('recall.done', { batch: lot.batch }));
            onDone();
            onClose();
        } catch (error) {
            setProblem(asProblem(error));
            setBusy(false);
        }
    }
    return (
        <Dialog title={t('recall.title', { item: nameOf(named('items', lot.item)), batch: lot.batch })} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                <p>{t('recall.words')}</p>
                {problem && <Failure problem={problem} />}
                <Field label={t('recall.why')} required error={tried && why.trim() === '' ? t('form.needed') : null}>
                    {(ids) => <TextInput {...ids} value={why} onValue={setWhy} maxLength={200} />}
                </Field>
                <Checkbox label={t('recall.block')} checked={blockOnly} onValue={setBlockOnly} />
                <div class="actions"><Button kind="danger" type="submit" busy={busy}>{t('recall.order')}</Button><Button onClick={onClose}>{t('cancel')}</Button></div>
            </form>
        </Dialog>
    );
}
