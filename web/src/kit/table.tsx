// The table. Rows of one height are drawn only where they can be seen, so that 100,000 rows scroll as well as ten; the head stays;
// arrows move, Enter opens. On a phone each row is a card. Sorting is the caller's (most lists are sorted by the server).
import type { ComponentChildren } from 'preact';
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
    const [view, setView] = useState({ top: 0, height: 600 });
    const [active, setActive] = useState(0);
    const wantFocus = useRef(false);

    useLayoutEffect(() => {
        const element = scroller.current!;
        const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
        measure();
        const watcher = new ResizeObserver(measure);
        watcher.observe(element);
        element.addEventListener('scroll', measure, { passive: true });
        return () => {
            watcher.disconnect();
            element.removeEventListener('scroll', measure);
        };
    }, []);

    const from = Math.max(0, Math.floor(view.top / ROW_PX) - OVERSCAN);
    const to = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW_PX) + OVERSCAN);

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
                <tbody>
                    {from > 0 && <tr class="spacer" aria-hidden="true"><td colSpan={columns.length} style={{ height: `${from * ROW_PX}px` }} /></tr>}
                    {rows.slice(from, to).map((row, i) => {
                        const index = from + i;
                        const key = rowKey(row);
                        return (
                            <tr key={key} data-row={index} aria-rowindex={index + 2} tabIndex={index === tabStop ? 0 : -1}
                                class={`${open ? 'opens' : ''}${chosen === key ? ' chosen' : ''}`} aria-selected={chosen === undefined ? undefined : chosen === key}
                                onFocus={(event) => event.target === event.currentTarget && setActive(index)}
                                onClick={open ? (event) => {
                                    if (!(event.target as HTMLElement).closest('a,button,input,select')) open(row);
                                } : undefined}>
                                {columns.map((c) => <td key={c.key} class={c.number ? 'number' : undefined}>{c.cell(row)}</td>)}
                            </tr>
                        );
                    })}
                    {to < rows.length && <tr class="spacer" aria-hidden="true"><td colSpan={columns.length} style={{ height: `${(rows.length - to) * ROW_PX}px` }} /></tr>}
                </tbody>
            </table>
        </div>
    );
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
