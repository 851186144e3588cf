// What the epidemic officer enters in under a minute: the figures of a day by form or by file, rounds; below, everything entered so far.
import { useState } from 'preact/hooks';
import { cityDate, exact, moment } from '../../base/format';
import { csvLine, readCsv } from '../../base/csv';
import { nameOf, t, word, type Key } from '../../i18n/index';
import { write } from '../../api/client';
import { asProblem, type Problem } from '../../api/problem';
import { useList } from '../../api/query';
import { can } from '../../api/session';
import { Button } from '../../kit/button';
import { DateField } from '../../kit/date';
import { Field, NumberInput, readQuantity, Select, TextInput } from '../../kit/field';
import { DataTime, Empty, Failure, Skeleton, Tag } from '../../kit/state';
import { Table, type Column } from '../../kit/table';
import { Tabs } from '../../kit/tabs';
import { toast } from '../../kit/toast';

interface Figure {
    id: string;
    kind: string;
    district: string;
    date: string;
    name: string;
    value: number;
    mark: string;
    note: string;
    recorded_at: string;
}
interface Round {
    round: string;
    name: string;
    date: string;
    state: string;
    share_permille: number;
    districts: string[];
    sampled: number | null;
    positive: number | null;
    mark: string;
    note: string;
}
interface District {
    id: string;
    name_zh: string;
    name_en: string;
}

const KINDS = ['cases', 'asymptomatic', 'imported', 'sampled', 'positive', 'residents', 'sealed', 'controlled', 'prevention', 'quarantine', 'contacts', 'driver'];
const NAMED = ['sealed', 'controlled', 'prevention', 'quarantine', 'driver'];
const HEAD = ['date', 'district', 'kind', 'name', 'value', 'mark', 'note'];

export default function FiguresScreen() {
    const [tab, setTab] = useState('figures');
    const districts = useList<District>('/districts', { limit: 500 }, { changes: () => false });
    const nameOfDistrict = (id: string): string => (id === '' ? t('figures.city') : nameOf(districts.rows.find((d) => d.id === id) ?? { code: id }));
    const options = [{ value: '', label: t('figures.city') }, ...districts.rows.map((d) => ({ value: d.id, label: nameOf(d) }))];
    return (
        <div class="body">
            <header class="page-head"><h1 tabIndex={-1}>{t('screen.figures')}</h1></header>
            <Tabs label={t('screen.figures')} value={tab} onValue={setTab} tabs={[{ key: 'figures', label: t('figures.tab') }, { key: 'rounds', label: t('figures.rounds') }]}>
                {tab === 'figures' ? <Figures options={options} nameOfDistrict={nameOfDistrict} /> : <Rounds options={options} nameOfDistrict={nameOfDistrict} />}
            </Tabs>
        </div>
    );
}

interface Parts {
    options: { value: string; label: string }[];
    nameOfDistrict: (id: string) => string;
}

function Figures({ options, nameOfDistrict }: Parts) {
    const list = useList<Figure>('/figures/history', {}, { changes: (e) => e.kind.startsWith('figure.') });
    const columns: Column<Figure>[] = [
        { key: 'date', head: t('chart.date'), cell: (f) => f.date },
        { key: 'kind', head: t('figures.kind'), phone: 'title', cell: (f) => `${word('figure', f.kind)}${f.name ? ` · ${f.name}` : ''}` },
        { key: 'district', head: t('figures.district'), cell: (f) => nameOfDistrict(f.district) },
        { key: 'value', head: t('figures.value'), number: true, cell: (f) => exact(f.value) },
        { key: 'mark', head: t('figures.mark'), cell: (f) => <Tag tone={f.mark === 'recalled' ? 'low' : 'none'}>{word('mark', f.mark)}</Tag> },
        { key: 'note', head: t('figures.note'), cell: (f) => f.note, phone: 'hide' },
        { key: 'at', head: t('figures.recorded'), cell: (f) => moment(f.recorded_at), phone: 'hide' },
    ];
    return (
        <div class="stack">
            {can('figure.write') && <Enter options={options} onDone={list.refresh} />}
            <DataTime at={list.at} receivedAt={list.receivedAt} old={list.old} />
            {list.problem && list.rows.length === 0 ? <Failure problem={list.problem} onRetry={list.refresh} />
                : list.loading && list.rows.length === 0 ? <Skeleton />
                    : list.rows.length === 0 ? <Empty title={t('figures.empty')} why={t('figures.empty.why')} />
                        : <Table label={t('figures.tab')} columns={columns} rows={list.rows} rowKey={(f) => f.id} hasMore={list.hasMore} more={list.more} />}
        </div>
    );
}

function Enter({ options, onDone }: { options: Parts['options']; onDone: () => void }) {
    const [date, setDate] = useState(cityDate(new Date()));
    const [district, setDistrict] = useState('');
    const [kind, setKind] = useState('cases');
    const [name, setName] = useState('');
    const [value, setValue] = useState('');
    const [note, setNote] = useState('');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    async function send(figures: unknown[]): Promise<void> {
        setBusy(true);
        setProblem(null);
        try {
            await write('POST', '/figures', { figures });
            toast('good', t('figures.done', { n: figures.length }));
            setValue('');
            onDone();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    async function file(chosen: File): Promise<void> {
        const rows = readCsv(await chosen.text(), 1001);
        const head = rows[0] ?? [];
        const at = (row: string[], column: string): string => row[head.indexOf(column)]?.trim() ?? '';
        const figures = rows.slice(1).filter((row) => row.some((c) => c.trim() !== '')).map((row) => Object.fromEntries(
            HEAD.map((column) => [column, column === 'value' ? readQuantity(at(row, column)) ?? at(row, column) : at(row, column)]).filter(([column, v]) => v !== '' || column === 'district')));
        await send(figures);
    }
    return (
        <form class="panel stack" onSubmit={(event) => {
            event.preventDefault();
            void send([{ date, district, kind, value: readQuantity(value), ...(name ? { name } : {}), ...(note ? { note } : {}) }]);
        }}>
            <div class="filters">
                <Field label={t('chart.date')}>{(ids) => <DateField ids={ids} value={date} onValue={setDate} />}</Field>
                <Field label={t('figures.district')}>{(ids) => <Select {...ids} value={district} onValue={setDistrict} options={options} />}</Field>
                <Field label={t('figures.kind')}>{(ids) => <Select {...ids} value={kind} onValue={setKind} options={KINDS.map((k) => ({ value: k, label: word('figure', k) }))} />}</Field>
                {NAMED.includes(kind) && <Field label={t('figures.name')}>{(ids) => <TextInput {...ids} value={name} onValue={setName} maxLength={100} />}</Field>}
                <Field label={t('figures.value')} required>{(ids) => <NumberInput {...ids} value={value} onValue={setValue} />}</Field>
                <Field label={t('figures.note')}>{(ids) => <TextInput {...ids} value={note} onValue={setNote} maxLength={500} />}</Field>
                <Button type="submit" kind="primary" busy={busy} disabled={!date || readQuantity(value) === null}>{t('figures.enter')}</Button>
            </div>
            <p class="actions">
                <label class="button"><span>{t('figures.file')}</span><input class="hidden-text" type="file" accept=".csv,text/csv" onChange={(event) => {
                    const chosen = event.currentTarget.files?.[0];
                    event.currentTarget.value = '';
                    if (chosen) void file(chosen);
                }} /></label>
                <a href={`data:text/csv;charset=utf-8,%EF%BB%BF${encodeURIComponent(csvLine(HEAD) + csvLine([date, '', 'cases', '', '0', 'reported', '']))}`} download="figures.csv">{t('figures.form')}</a>
                <span class="muted">{t('figures.hint')}</span>
            </p>
            {problem && <Failure problem={problem} />}
        </form>
    );
}

const STATES = ['planned', 'ordered', 'done', 'off'];

function Rounds({ options, nameOfDistrict }: Parts) {
    const list = useList<Round>('/rounds', {}, { changes: (e) => e.kind.startsWith('round.') });
    const [round, setRound] = useState<Round | null>(null);
    const columns: Column<Round>[] = [
        { key: 'name', head: t('figures.round'), phone: 'title', cell: (r) => r.name },
        { key: 'date', head: t('chart.date'), cell: (r) => r.date },
        { key: 'state', head: t('readiness.state'), cell: (r) => <Tag tone={r.state === 'ordered' ? 'low' : r.state === 'done' ? 'ok' : 'none'}>{word('round', r.state)}</Tag> },
        { key: 'where', head: t('figures.district'), cell: (r) => (r.districts.length === 0 ? t('figures.city') : r.districts.map(nameOfDistrict).join('、')) },
        { key: 'share', head: t('figures.share'), number: true, cell: (r) => `${(r.share_permille / 10).toFixed(1)}%` },
        { key: 'sampled', head: t('figures.sampled'), number: true, cell: (r) => (r.sampled === null ? '—' : exact(r.sampled)) },
        ...(can('figure.write') ? [{ key: 'edit', head: t('figures.edit'), cell: (r: Round) => <Button kind="quiet" onClick={() => setRound(r)}>{t('figures.edit')}</Button> }] : []),
    ];
    return (
        <div class="stack">
            {can('figure.write') && <EnterRound key={round?.round ?? 'new'} round={round} options={options} onDone={() => (setRound(null), list.refresh())} />}
            {list.problem && list.rows.length === 0 ? <Failure problem={list.problem} onRetry={list.refresh} />
                : list.loading && list.rows.length === 0 ? <Skeleton />
                    : list.rows.length === 0 ? <Empty title={t('figures.rounds.empty')} />
                        : <Table label={t('figures.rounds')} columns={columns} rows={list.rows} rowKey={(r) => r.round} />}
        </div>
    );
}

function EnterRound({ round, options, onDone }: { round: Round | null; options: Parts['options']; onDone: () => void }) {
    const [name, setName] = useState(round?.name ?? '');
    const [date, setDate] = useState(round?.date ?? cityDate(new Date(Date.now() + 86_400_000)));
    const [state, setState] = useState(round?.state ?? 'planned');
    const [district, setDistrict] = useState(round?.districts[0] ?? '');
    const [sampled, setSampled] = useState(round?.sampled ? String(round.sampled) : '');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem | null>(null);
    async function send(): Promise<void> {
        setBusy(true);
        setProblem(null);
        const districts = round && round.districts.length > 1 ? round.districts : district ? [district] : [];
        try {
            await write('POST', '/rounds', { name, date, state, districts, ...(round ? { round: round.round, share_permille: round.share_permille, note: round.note, mark: round.mark } : {}),
                ...(readQuantity(sampled) !== null ? { sampled: readQuantity(sampled) } : {}) });
            toast('good', t('figures.round.done'));
            onDone();
        } catch (error) {
            setProblem(asProblem(error));
        } finally {
            setBusy(false);
        }
    }
    return (
        <form class="panel stack" onSubmit={(event) => {
            event.preventDefault();
            void send();
        }}>
            <div class="filters">
                <Field label={t('figures.round')} required>{(ids) => <TextInput {...ids} value={name} onValue={setName} maxLength={100} />}</Field>
                <Field label={t('chart.date')}>{(ids) => <DateField ids={ids} value={date} onValue={setDate} />}</Field>
                <Field label={t('readiness.state')}>{(ids) => <Select {...ids} value={state} onValue={setState} options={STATES.map((s) => ({ value: s, label: word('round', s) }))} />}</Field>
                <Field label={t('figures.district')}>{(ids) => <Select {...ids} value={district} onValue={setDistrict} options={options} />}</Field>
                <Field label={t('figures.sampled')}>{(ids) => <NumberInput {...ids} value={sampled} onValue={setSampled} />}</Field>
                <Button type="submit" kind="primary" busy={busy} disabled={!name || !date}>{t((round ? 'figures.correct' : 'figures.enter') as Key)}</Button>
            </div>
            {problem && <Failure problem={problem} />}
        </form>
    );
}
