// Signing for what was sent here: each line of the shipment against what really came. What is missing or too many opens a review by itself.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { nameOf, t, word } from '../../i18n/index';
import { cityDate, exact, moment } from '../../base/format';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { lookUpCode, type Posted } from '../../api/ledger';
import { named } from '../../api/names';
import { useList } from '../../api/query';
import { ownPlace } from '../../api/session';
import { read } from '../../scan/candidate';
import { Gs1Error } from '../../scan/gs1';
import { announce } from '../../scan/signal';
import { listenWedge } from '../../scan/wedge';
import { Button } from '../../kit/button';
import { Checkbox, Field, NumberInput, readQuantity } from '../../kit/field';
import { PlacePicker, type Place } from '../../kit/pickers';
import { LotLink, PlaceLink } from '../../kit/record';
import { Empty, Failure, Num, Skeleton } from '../../kit/state';
import { toast } from '../../kit/toast';
import { recordLink } from '../../shell/search';

interface ShipmentLine {
    item: string;
    lot: string | null;
    owner: string | null;
    sent: number;
    arrived: number;
    missing: number;
    settled: number;
}

interface Shipment {
    id: string;
    origin: string;
    target: string;
    state: string;
    sent_at: string;
    lines: ShipmentLine[];
}

export function ArriveForm() {
    const [place, setPlace] = useState<Place | null>(null);
    const [chosen, setChosen] = useState<string | null>(null);
    const own = named('places', ownPlace());
    useEffect(() => {
        if (own && !place) setPlace(own);
    }, [own]);
    const list = useList<Shipment>('/shipments', { target: place?.id });
    const shipment = list.rows.find((s) => s.id === chosen);
    return (
        <div class="work">
            <section class="panel work-head">
                <Field label={t('work.place')}>{(ids) => <PlacePicker ids={ids} value={place} onValue={setPlace} placeholder={t('filter.all')} />}</Field>
            </section>
            <section class="panel" aria-labelledby="shipments-title">
                <h2 id="shipments-title">{t('arrive.open')}</h2>
                {list.problem ? <Failure problem={list.problem} onRetry={list.refresh} /> : !list.receivedAt ? <Skeleton />
                    : list.rows.length === 0 ? <Empty title={t('arrive.none')} why={t('arrive.none.why')} /> : (
                        <ul class="shipments">
                            {list.rows.map((s) => (
                                <li key={s.id}><button type="button" aria-pressed={s.id === chosen} onClick={() => setChosen(s.id)}>
                                    <span><b>{nameOf(named('places', s.origin))}</b> → {nameOf(named('places', s.target))}</span>
                                    <span class="muted">{moment(s.sent_at)} · {t('arrive.lines', { n: s.lines.length })}</span>
                                </button></li>
                            ))}
                        </ul>
                    )}
            </section>
            {shipment && <ShipmentForm key={shipment.id} shipment={shipment} onDone={() => {
                setChosen(null);
                list.refresh();
            }} />}
        </div>
    );
}

function rest(line: ShipmentLine): number {
    return Math.max(0, line.sent - line.arrived - line.missing);
}

function ShipmentForm({ shipment, onDone }: { shipment: Shipment; onDone: () => void }) {
    const [came, setCame] = useState<string[]>(() => shipment.lines.map(() => ''));
    const [final, setFinal] = useState(true);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [said, setSaid] = useState('');
    const latest = useRef(came);
    latest.current = came;
    const today = cityDate(new Date());

    const set = (index: number, value: string): void => setCame((was) => was.map((v, i) => (i === index ? value : v)));

    // A scan counts one pack up on the line it belongs to; anything else is refused with the reason.
    const onRaw = useCallback((raw: string): void => {
        void (async () => {
            try {
                const { candidate } = read(raw, today);
                const known = await lookUpCode(candidate.gtin || candidate.other);
                const lines = shipment.lines;
                const index = known ? lines.findIndex((l) => l.item === known.item && (!candidate.lot || !l.lot || named('lots', l.lot)?.batch === candidate.lot)) : -1;
                if (index < 0 || !known) {
                    announce('refused');
                    setSaid(t('arrive.not-in', { code: candidate.gtin || candidate.other || raw, batch: candidate.lot || '—' }));
                    return;
                }
                const next = (readQuantity(latest.current[index]!) ?? 0) + known.units * (candidate.count ?? 1);
                set(index, String(next));
                announce('line');
                setSaid(`${nameOf(named('items', known.item))} = ${exact(next)}`);
            } catch (error) {
                announce('refused');
                setSaid(error instanceof Gs1Error ? word('gs1', error.code.replace('gs1.', '')) : asProblem(error).title);
            }
        })();
    }, [shipment.id]);
    useEffect(() => listenWedge(onRaw, () => toast('bad', t('scan.ime'), t('scan.ime.remedy'))), [onRaw]);
    for (const line of shipment.lines) named('lots', line.lot); // their batches are needed when a scan comes

    const quantities = came.map((v) => (v.trim() === '' ? 0 : readQuantity(v)));
    const wrong = quantities.some((q) => q === null || q < 0);
    const total = quantities.reduce<number>((sum, q) => sum + (q ?? 0), 0);

    async function submit(): Promise<void> {
        if (busy || wrong || total === 0) return;
        setBusy(true);
        setProblem(null);
        try {
            const lines = shipment.lines.flatMap((l, i) => {
                const goods = { item: l.item, ...(l.lot ? { lot: l.lot } : {}), ...(l.owner ? { owner: l.owner } : {}) };
                return quantities[i]! > 0 ? [{ from: { place: shipment.target, status: 'transit', ...goods }, to: { place: shipment.target, status: 'usable' }, qty: quantities[i]! }] : [];
            });
            const reply = await write<Posted>('POST', '/documents', { kind: 'arrive', reason: 'allocation', place: shipment.target, shipment: shipment.id, final, lines },
                { label: t('work.arrive'), keep: true });
            toast('good', t('work.done', { number: reply.document.number }), (reply.reviews?.length ?? 0) > 0 ? t('work.reviews', { n: reply.reviews!.length }) : undefined,
                { label: t('work.open'), run: () => (location.hash = recordLink('document', reply.document.id)) });
            onDone();
        } catch (error) {
            setProblem(asProblem(error));
            setBusy(false);
        }
    }

    return (
        <section class="panel" aria-labelledby="arrive-title" data-submits="1">
            <div class="panel-head"><h2 id="arrive-title">{t('work.arrive')} · <PlaceLink id={shipment.origin} /></h2>
                <Button onClick={() => setCame(shipment.lines.map((l) => String(rest(l))))}>{t('arrive.all')}</Button></div>
            <p role="status" class="muted">{said || t('arrive.scan')}</p>
            {problem && <Failure problem={problem} />}
            <ol class="work-lines">
                {shipment.lines.map((l, i) => {
                    const item = named('items', l.item);
                    const read = quantities[i];
                    const off = read !== null && read !== undefined && came[i] !== '' && read !== rest(l);
                    return (
                        <li key={`${l.item}/${l.lot}`} class={off ? 'bad' : undefined}>
                            <div class="line-what"><strong>{nameOf(item)}</strong>
                                <span class="muted">{t('kind.lot')} <LotLink id={l.lot} /> · {t('arrive.sent')} <Num value={rest(l)} full unit={item?.unit} /></span>
                                {off && <span class="field-error">{read! < rest(l) ? t('arrive.less', { n: exact(rest(l) - read!) }) : t('arrive.more', { n: exact(read! - rest(l)) })}</span>}</div>
                            <NumberInput aria-label={t('work.quantity.of', { item: nameOf(item) })} value={came[i]!} onValue={(v) => set(i, v)} unit={item?.unit ? word('unit', item.unit) : ''} />
                        </li>
                    );
                })}
            </ol>
            <Checkbox label={t('arrive.final')} checked={final} onValue={setFinal} />
            <div class="work-foot"><Button kind="primary" class="submits" big busy={busy} disabled={wrong || total === 0} onClick={() => void submit()}>{t('arrive.submit', { n: exact(total) })}</Button></div>
        </section>
    );
}
