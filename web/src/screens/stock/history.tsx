// How the stock of an item went: closing balance and use by day, at one place or over all of them.
import { useMemo, useState } from 'preact/hooks';
import { t, word } from '../../i18n/index';
import { addDays, cityDate } from '../../base/format';
import { useQuery } from '../../api/query';
import { DateField } from '../../kit/date';
import { Chart, type Series } from '../../kit/chart';
import { Field } from '../../kit/field';
import { PlacePicker, type Place } from '../../kit/pickers';
import { Empty, Num, Show } from '../../kit/state';
import { Table } from '../../kit/table';

interface DayRow {
    date: string;
    closing: number;
    used: number;
}

export function History({ item, unit }: { item: string; unit: string }) {
    const today = cityDate(new Date());
    const [place, setPlace] = useState<Place | null>(null);
    const [from, setFrom] = useState(addDays(today, -30));
    const [to, setTo] = useState(today);
    const answer = useQuery<{ rows: DayRow[] }>('/stock/days', { item, place: place?.id, from, to });
    return (
        <>
            <div class="filters">
                <Field label={t('kind.place')}>{(ids) => <PlacePicker ids={ids} value={place} onValue={setPlace} placeholder={t('filter.all')} />}</Field>
                <Field label={t('from.date')}>{(ids) => <DateField ids={ids} value={from} max={to} onValue={(v) => v && setFrom(v)} />}</Field>
                <Field label={t('to.date')}>{(ids) => <DateField ids={ids} value={to} min={from} max={today} onValue={(v) => v && setTo(v)} />}</Field>
            </div>
            <Show of={answer} empty={(data) => (data.rows.length === 0 ? <Empty title={t('history.empty')} /> : null)}>
                {(data) => <HistoryChart rows={data.rows} unit={unit} />}
            </Show>
        </>
    );
}

function HistoryChart({ rows, unit }: { rows: DayRow[]; unit: string }) {
    const dates = useMemo(() => rows.map((r) => r.date), [rows]);
    const series = useMemo((): Series[] => [
        { label: t('history.closing'), values: rows.map((r) => r.closing), tone: 'accent' },
        { label: t('history.used'), values: rows.map((r) => r.used), tone: 'low', bars: true },
    ], [rows]);
    return (
        <div class="stack">
            <section class="panel"><h2>{t('history.title')} · {word('unit', unit)}</h2><Chart dates={dates} series={series} label={t('history.title')} /></section>
            <Table label={t('history.title')} rows={[...rows].reverse()} rowKey={(r) => r.date} height="280px" columns={[
                { key: 'date', head: t('chart.date'), phone: 'title', cell: (r) => r.date },
                { key: 'closing', head: t('history.closing'), number: true, cell: (r) => <Num value={r.closing} full /> },
                { key: 'used', head: t('history.used'), number: true, cell: (r) => <Num value={r.used} full /> },
            ]} />
        </div>
    );
}
