// The table. Rows of one height are drawn only where they can be seen, so that 100,000 rows scroll as well as ten; the head stays;
// arrows move, Enter opens. On a phone each row is a card. Sorting is the caller's (most lists are sorted by the server).
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { exact } from '../base/format';
import { Button } from './button';

export interface Column<T> {
    key: string;
    head: string;
    cell: (row: T) => ComponentChildren;
    number?: boolean; // right-aligned, tabular figures
    width?: string;
    sort?: (a: T, b: T) => number; // makes the head a button
    phone?: 'title' | 'hide'; // on a card: the heading, or left out
}

interface Props<T> {
    label: string;
    columns: Column<T>[];
    rows: T[];
    rowKey: (row: T) => string;
    open?: (row: T) => void;
    chosen?: string | null;
    total?: number;
    hasMore?: boolean;
    more?: () => void;
    height?: string; // of the scrolling part; by default the table is as long as its rows, up to most of the screen
}

const ROW_PX = 40;
const OVERSCAN = 8;
const STEP = 4; // the drawn window moves by whole steps, so that most scroll events draw nothing
const SETTLE_MS = 60;
const narrow = typeof matchMedia === 'undefined' ? null : matchMedia('(max-width: 640px)');

export function useNarrow(): boolean {
    const [is, setIs] = useState(narrow?.matches ?? false);
    useEffect(() => {
        const onChange = (event: MediaQueryListEvent): void => setIs(event.matches);
        narrow?.addEventListener('change', onChange);
        return () => narrow?.removeEventListener('change', onChange);
    }, []);
    return is;
}

export function Table<T>(props: Props<T>) {
    const { label, columns, rows, rowKey, open, chosen, total, hasMore, more, height } = props;
    const [sort, setSort] = useState<{ key: string; down: boolean } | null>(null);
    const phone = useNarrow();
    const sorter = sort ? columns.find((c) => c.key === sort.key)?.sort : undefined;
    const shown = sorter ? [...rows].sort((a, b) => (sort!.down ? -1 : 1) * sorter(a, b)) : rows;
    const foot = (
        <div class="pager">
            <span>{total !== undefined ? t('pager.total', { n: exact(total) }) : t(hasMore ? 'pager.some' : 'pager.total', { n: exact(rows.length) })}</span>
            {hasMore && more && <Button kind="quiet" onClick={more}>{t('pager.more')}</Button>}
        </div>
    );
    if (phone) return <Cards {...props} rows={shown} foot={foot} />;
    return (
        <div class="table-frame">
            <Grid label={label} columns={columns} rows={shown} rowKey={rowKey} open={open} chosen={chosen} height={height} more={hasMore ? more : undefined}
                total={total ?? rows.length} sort={sort} onSort={(key) => setSort(sort?.key === key ? (sort.down ? null : { key, down: true }) : { key, down: false })} />
            {foot}
        </div>
    );
}

interface GridProps<T> extends Pick<Props<T>, 'label' | 'columns' | 'rows' | 'rowKey' | 'open' | 'chosen' | 'height' | 'more'> {
    total: number;
    sort: { key: string; down: boolean } | null;
    onSort: (key: string) => void;
}

function Grid<T>({ label, columns, rows, rowKey, open, chosen, height, more, total, sort, onSort }: GridProps<T>) {
    const scroller = useRef<HTMLDivElement>(null);
    const [view, setView] = useState({ step: 0, height: 600 });
    const [active, setActive] = useState(0);
    const wantFocus = useRef(false);

    useLayoutEffect(() => {
        const element = scroller.current!;
        let last = element.scrollTop;
        let settle: ReturnType<typeof setTimeout> | undefined;
        const measure = (): void => {
            const step = Math.floor(element.scrollTop / ROW_PX / STEP);
            const height = element.clientHeight;
            setView((old) => (old.step === step && old.height === height ? old : { step, height }));
        };
        // Somebody who drags the bar through a long list reads nothing on the way; rows come when he slows down.
        const onScroll = (): void => {
            const far = Math.abs(element.scrollTop - last) > element.clientHeight;
            last = element.scrollTop;
            clearTimeout(settle);
            if (far) settle = setTimeout(measure, SETTLE_MS);
            else measure();
        };
        measure();
        const watcher = new ResizeObserver(measure);
        watcher.observe(element);
        element.addEventListener('scroll', onScroll, { passive: true });
        return () => {
            clearTimeout(settle);
            watcher.disconnect();
            element.removeEventListener('scroll', onScroll);
        };
    }, []);

    const top = view.step * STEP;
    const from = Math.max(0, Math.min(top, rows.length) - OVERSCAN);
    const to = Math.min(rows.length, top + Math.ceil(view.height / ROW_PX) + STEP + OVERSCAN);

    useEffect(() => {
        if (more && to >= rows.length - 5) more();
    }, [to, rows.length, more]);

    useEffect(() => {
        if (!wantFocus.current) return;
        wantFocus.current = false;
        scroller.current?.querySelector<HTMLElement>(`[data-row="${active}"]`)?.focus({ preventScroll: true });
    });

    function move(index: number): void {
        const next = Math.max(0, Math.min(rows.length - 1, index));
        const element = scroller.current!;
        const top = next * ROW_PX;
        if (top < element.scrollTop) element.scrollTop = top;
        else if (top + 2 * ROW_PX > element.scrollTop + element.clientHeight) element.scrollTop = top + 2 * ROW_PX - element.clientHeight;
        wantFocus.current = true;
        setActive(next);
    }

    function onKeyDown(event: KeyboardEvent): void {
        if (!(event.target instanceof HTMLElement) || event.target.dataset.row === undefined) return;
        const page = Math.max(1, Math.floor(view.height / ROW_PX) - 2);
        const target: Record<string, number> = {
            ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1,
        };
        if (event.key in target) {
            event.preventDefault();
            move(target[event.key]!);
        } else if (event.key === 'Enter' && open && rows[active]) {
            event.preventDefault();
            open(rows[active]!);
        }
    }

    const first = Math.min(active, rows.length - 1);
    const tabStop = first >= from && first < to ? first : from;
    return (
        <div class="table-scroll" ref={scroller} style={height ? { height } : undefined} onKeyDown={onKeyDown}>
            <table role="grid" aria-label={label} aria-rowcount={total + 1}>
                <thead>
                    <tr aria-rowindex={1}>
                        {columns.map((c) => (
                            <th key={c.key} scope="col" class={c.number ? 'number' : undefined} style={c.width ? { width: c.width } : undefined}
                                aria-sort={sort?.key === c.key ? (sort.down ? 'descending' : 'ascending') : undefined}>
                                {c.sort ? <button type="button" class="sorter" onClick={() => onSort(c.key)}>{c.head}
                                    <span aria-hidden="true">{sort?.key === c.key ? (sort.down ? ' ↓' : ' ↑') : ''}</span></button> : c.head}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody onFocusIn={(event) => {
                    const index = (event.target as HTMLElement).dataset.row;
                    if (index !== undefined) setActive(Number(index));
                }} onClick={open ? (event) => {
                    const target = event.target as HTMLElement;
                    const row = rows[Number(target.closest<HTMLElement>('tr[data-row]')?.dataset.row ?? -1)];
                    if (row && !target.closest('a,button,input,select')) open(row);
                } : undefined}>
                    {from > 0 && <tr class="spacer" aria-hidden="true"><td colSpan={columns.length} style={{ height: `${from * ROW_PX}px` }} /></tr>}
                    {rows.slice(from, to).map((row, i) => {
                        const key = rowKey(row);
                        return <Line key={key} row={row} columns={columns} index={from + i} stop={from + i === tabStop} opens={Boolean(open)}
                            chosen={chosen === undefined ? undefined : chosen === key} />;
                    })}
                    {to < rows.length && <tr class="spacer" aria-hidden="true"><td colSpan={columns.length} style={{ height: `${(rows.length - to) * ROW_PX}px` }} /></tr>}
                </tbody>
            </table>
        </div>
    );
}

interface LineProps<T> {
    row: T;
    columns: Column<T>[];
    index: number;
    stop: boolean;
    opens: boolean;
    chosen: boolean | undefined;
}

// One row; scrolling past it does not draw it again.
class Line<T> extends Component<LineProps<T>> {
    override shouldComponentUpdate(next: LineProps<T>): boolean {
        const now = this.props;
        return next.row !== now.row || next.columns !== now.columns || next.index !== now.index || next.stop !== now.stop
            || next.opens !== now.opens || next.chosen !== now.chosen;
    }

    override render({ row, columns, index, stop, opens, chosen }: LineProps<T>) {
        return (
            <tr data-row={index} aria-rowindex={index + 2} tabIndex={stop ? 0 : -1} class={`${opens ? 'opens' : ''}${chosen ? ' chosen' : ''}`} aria-selected={chosen}>
                {columns.map((c) => <td key={c.key} class={c.number ? 'number' : undefined}>{c.cell(row)}</td>)}
            </tr>
        );
    }
}

// A hundred cards at a time; nobody scrolls a thousand cards on a phone, he searches.
function Cards<T>({ label, columns, rows, rowKey, open, foot, hasMore }: Props<T> & { foot: ComponentChildren }) {
    const [limit, setLimit] = useState(100);
    const title = columns.find((c) => c.phone === 'title') ?? columns[0]!;
    const rest = columns.filter((c) => c !== title && c.phone !== 'hide');
    return (
        <div class="cards">
            <ul aria-label={label}>
                {rows.slice(0, limit).map((row) => (
                    <li key={rowKey(row)} class="card">
                        <div class="card-title">{title.cell(row)}
                            {open && <button type="button" class="button quiet only" aria-label={t('open')} onClick={() => open(row)}>
                                <svg class="icon" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true"><path d="M9 5l7 7-7 7" /></svg></button>}</div>
                        <dl>
                            {rest.map((c) => <div key={c.key}><dt>{c.head}</dt><dd>{c.cell(row)}</dd></div>)}
                        </dl>
                    </li>
                ))}
            </ul>
            {rows.length > limit ? <Button onClick={() => setLimit(limit + 100)}>{t('pager.more')}</Button> : (hasMore || rows.length > 0) && foot}
        </div>
    );
}
