// Receiving and issuing: choose what is done and where, scan or type, look at the lines, confirm. What is on the screen is kept in this
// browser until it is posted, so that a dead battery loses nothing.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { nameOf, t, word, type Key } from '../../i18n/index';
import { cityDate } from '../../base/format';
import { place as address, setQuery, unsaved } from '../../base/router';
import { asProblem, type Problem } from '../../api/problem';
import { lookUpCode, postWork, stockedAt, TASKS, type Posted } from '../../api/ledger';
import { keep, kept } from '../../api/outbox';
import { ownPlace } from '../../api/session';
import { named } from '../../api/names';
import { read } from '../../scan/candidate';
import { Gs1Error } from '../../scan/gs1';
import { announce } from '../../scan/signal';
import { listenWedge } from '../../scan/wedge';
import { dropLine, dropPending, fillIn, setQuantity, startWork, take, type Known, type Stocked, type Work } from '../../scan/session';
import { Button } from '../../kit/button';
import { Field, Select, TextInput } from '../../kit/field';
import { PlacePicker, type Place } from '../../kit/pickers';
import { Failure } from '../../kit/state';
import { Icon } from '../../kit/icons';
import { useNarrow } from '../../kit/table';
import { toast } from '../../kit/toast';
import { recordLink } from '../../shell/search';
import { ArriveForm } from './arrive';
import { Lines } from './lines';
import { ManualDialog } from './manual';
import { ScanBar, type Said } from './scanbar';
import './work.css';

export default function WorkScreen() {
    const asked = address.value.query.task ?? '';
    const task = TASKS[asked] || asked === 'arrive' ? asked : 'receive';
    const tasks: [string, Key][] = Object.entries(TASKS).map(([key, row]) => [key, row.title]);
    tasks.splice(1, 0, ['arrive', 'work.arrive']);
    return (
        <>
            <div class="page-head"><h1 tabIndex={-1}>{t('work.title')}</h1></div>
            <div class="segmented work-tasks" role="group" aria-label={t('work.title')}>
                {tasks.map(([key, title]) => (
                    <button key={key} type="button" aria-pressed={key === task} onClick={() => setQuery({ task: key }, false)}>{t(title)}</button>
                ))}
            </div>
            {task === 'arrive' ? <ArriveForm /> : <TaskForm key={task} task={task} />}
        </>
    );
}

// On a phone the head folds away once it is filled in: the clerk looks at the scan, not at the form.
function Head({ title, open, children }: { title: string; open: boolean; children: ComponentChildren }) {
    if (!useNarrow()) return <section class="panel work-head" aria-label={t('work.head')}>{children}</section>;
    return <details class="panel work-head" open={open}><summary>{title}</summary>{children}</details>;
}

interface Draft {
    work: Work;
    place: Place | null;
    other: Place | null;
    reason: string;
    reference: string;
    note: string;
    status: string;
}

function TaskForm({ task }: { task: string }) {
    const rule = TASKS[task]!;
    const today = cityDate(new Date());
    const [draft, setDraft] = useState<Draft>({ work: startWork(rule.mode, today), place: null, other: null, reason: rule.reasons[0]!, reference: '', note: '', status: 'usable' });
    const [said, setSaid] = useState<Said | null>(null);
    const [manual, setManual] = useState(false);
    const [busy, setBusy] = useState(false);
    const [tried, setTried] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [done, setDone] = useState<Posted | null>(null);
    const stocked = useRef<Stocked[] | null>(null);
    const latest = useRef(draft);
    latest.current = draft;
    const storeKey = `draft/${task}`;

    // One's own depot, where one's role is that of a single place.
    const own = named('places', ownPlace());
    useEffect(() => {
        if (own && !latest.current.place) change({ place: own });
    }, [own]);

    const change = useCallback((part: Partial<Draft>): void => {
        setDraft((was) => {
            const next = { ...was, ...part };
            latest.current = next;
            unsaved.value = next.work.lines.length > 0;
            void keep(storeKey, next);
            return next;
        });
    }, [storeKey]);

    useEffect(() => {
        void kept<Draft>(storeKey).then((found) => {
            if (found && found.data.work?.lines.length > 0) {
                change({ ...found.data, work: { ...found.data.work, today } });
                toast('note', t('work.draft.found', { n: found.data.work.lines.length }));
            }
        });
        return () => {
            unsaved.value = false;
        };
    }, []);

    const placeId = draft.place?.id ?? '';
    useEffect(() => {
        stocked.current = null;
        if (rule.mode !== 'issue' || placeId === '') return;
        let gone = false;
        stockedAt(placeId).then((rows) => {
            if (!gone) stocked.current = rows;
        }).catch(() => {
            // Without network the server judges at posting.
        });
        return () => {
            gone = true;
        };
    }, [placeId, rule.mode]);

    const queue = useRef<Promise<void>>(Promise.resolve());
    const onRaw = useCallback((raw: string): void => {
        queue.current = queue.current.then(async () => {
            setDone(null);
            try {
                const reading = read(raw, today);
                const code = reading.candidate.gtin || reading.candidate.other;
                let known: Known | null = null;
                if (code !== '') {
                    setSaid({ raw, outcome: { kind: 'busy' } });
                    known = await lookUpCode(code);
                }
                const [work, outcome] = take(latest.current.work, reading, known, stocked.current);
                change({ work });
                setSaid({ raw, outcome });
                announce(outcome.kind);
            } catch (error) {
                announce('refused');
                if (error instanceof Gs1Error) setSaid({ raw, outcome: { kind: 'bad', title: t('scan.bad'), detail: word('gs1', error.code.replace('gs1.', '')) } });
                else {
                    const p = asProblem(error);
                    setSaid({ raw, outcome: { kind: 'bad', title: p.title, detail: p.remedy } });
                }
            }
        });
    }, [today, change]);

    useEffect(() => listenWedge(onRaw, () => toast('bad', t('scan.ime'), t('scan.ime.remedy'))), [onRaw]);

    const lacksPlace = !draft.place;
    const lacksOther = rule.other === 'must' && !draft.other;

    async function submit(): Promise<void> {
        setTried(true);
        setProblem(null);
        if (busy || lacksPlace || lacksOther || draft.work.lines.length === 0) return;
        setBusy(true);
        try {
            const label = t('work.label', { task: t(rule.title), place: nameOf(draft.place), n: draft.work.lines.length });
            const reply = await postWork({ task, place: draft.place!.id, other: draft.other?.id ?? null, reason: draft.reason, reference: draft.reference.trim(), note: draft.note.trim(),
                status: draft.status }, draft.work.lines, stocked.current, label);
            setDone(reply);
            finish();
            toast('good', t('work.done', { number: reply.document.number }));
        } catch (error) {
            const p = asProblem(error);
            setProblem(p);
            if (p.code === 'web.kept') finish();
        } finally {
            setBusy(false);
        }
    }

    function finish(): void {
        change({ work: startWork(rule.mode, today), reference: '', note: '' });
        setSaid(null);
        setTried(false);
        if (rule.mode === 'issue' && placeId) void stockedAt(placeId).then((rows) => (stocked.current = rows)).catch(() => {});
    }

    const lineErrors = new Map<number, string>();
    const badLine = problem?.body.facts?.line;
    if (problem && typeof badLine === 'number') lineErrors.set(badLine - 1, problem.title);
    return (
        <div class="work" data-submits="1">
            <Head title={[draft.place ? nameOf(draft.place) : t('work.place'), word('reason', draft.reason), draft.other ? nameOf(draft.other) : ''].filter(Boolean).join(' · ')}
                open={lacksPlace || lacksOther}>
                <div class="form-row">
                    <Field label={t('work.place')} required error={tried && lacksPlace ? t('form.needed') : null}>
                        {(ids) => <PlacePicker ids={ids} value={draft.place} onValue={(place) => change({ place })} />}
                    </Field>
                    {rule.other !== 'none' && (
                        <Field label={t(rule.mode === 'receive' ? 'work.from' : 'work.to')} required={rule.other === 'must'} error={tried && lacksOther ? t('form.needed') : null}>
                            {(ids) => <PlacePicker ids={ids} value={draft.other} onValue={(other) => change({ other })} />}
                        </Field>
                    )}
                    <Field label={t('work.reason')}>
                        {(ids) => <Select {...ids} value={draft.reason} onValue={(reason) => change({ reason })} options={rule.reasons.map((r) => ({ value: r, label: word('reason', r) }))} />}
                    </Field>
                    {rule.mode === 'receive' && (
                        <Field label={t('work.status')}>
                            {(ids) => <Select {...ids} value={draft.status} onValue={(status) => change({ status })}
                                options={['usable', 'receiving', 'inspecting'].map((s) => ({ value: s, label: word('status', s) }))} />}
                        </Field>
                    )}
                    <Field label={t('work.reference')}>{(ids) => <TextInput {...ids} value={draft.reference} onValue={(reference) => change({ reference })} maxLength={64} />}</Field>
                </div>
            </Head>
            <ScanBar work={draft.work} said={said} onRaw={onRaw} onManual={() => setManual(true)} onDropPending={() => change({ work: dropPending(draft.work) })} />
            <section class="panel" aria-labelledby="lines-title">
                <h2 id="lines-title">{t('work.lines')} · {draft.work.lines.length}</h2>
                {problem && <Failure problem={problem} />}
                {done && <p class="notice ok" role="status"><Icon name="check" size={18} /> {t('work.done', { number: done.document.number })}
                    <a href={recordLink('document', done.document.id)}>{t('work.open')}</a>
                    {(done.reviews?.length ?? 0) > 0 && <span>{t('work.reviews', { n: done.reviews!.length })}</span>}</p>}
                <Lines lines={draft.work.lines} errors={lineErrors} onQuantity={(key, n) => change({ work: setQuantity(draft.work, key, n) })}
                    onDrop={(key) => change({ work: dropLine(draft.work, key) })} />
                <div class="work-foot">
                    <Button kind="primary" class="submits" big busy={busy} disabled={draft.work.lines.length === 0} onClick={() => void submit()}>
                        {t('work.submit', { task: t(rule.title), n: draft.work.lines.length })}</Button>
                </div>
            </section>
            {manual && <ManualDialog work={draft.work} onClose={() => setManual(false)} onAdd={({ known, ...fields }) => {
                const [work, outcome] = fillIn({ ...draft.work, pendingKnown: known }, { ...fields, known }, stocked.current);
                change({ work });
                setSaid({ raw: '', outcome });
                announce(outcome.kind);
                if (outcome.kind !== 'more') setManual(false);
            }} />}
        </div>
    );
}
