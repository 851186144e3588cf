// A date as yyyy-mm-dd, typed or picked. The browser's own date input shows 01/12/2022 to a Chinese reader whatever the page's
// language, so it is not used. The calendar follows the APG date grid: arrows, Page keys, Home, End, Enter, Escape; weeks start on Monday.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { lang, t } from '../i18n/index';
import { addDays, cityDate } from '../base/format';
import { Icon } from './icons';
import type { FieldIds } from './field';

// Accepts 2022-01-08, 2022/1/8, 2022.1.8, 20220108 and 2022年1月8日; null when there is no such day.
export function readDate(text: string): string | null {
    const trimmed = text.trim();
    const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(trimmed) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(trimmed);
    if (!match) return null;
    const iso = `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`;
    const when = new Date(`${iso}T00:00:00Z`);
    return !Number.isNaN(when.getTime()) && when.toISOString().slice(0, 10) === iso ? iso : null;
}

function monthStart(date: string): string {
    return `${date.slice(0, 7)}-01`;
}

function addMonths(date: string, count: number): string {
    const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + count;
    const year = Math.floor(index / 12);
    const month = (index % 12) + 1;
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const dayOfMonth = Math.min(Number(date.slice(8)), last);
    return `${year}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

function weekday(date: string): number {
    return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7; // Monday is 0
}

interface Props {
    ids?: FieldIds;
    value: string;
    onValue: (value: string) => void;
    min?: string;
    max?: string;
    label?: string;
}

export function DateField({ ids, value, onValue, min, max, label }: Props) {
    const own = useId();
    const popup = useRef<HTMLDivElement>(null);
    const box = useRef<HTMLSpanElement>(null);
    const [text, setText] = useState(value);
    const [cursor, setCursor] = useState(value || cityDate(new Date()));
    const [open, setOpen] = useState(false);
    useEffect(() => setText(value), [value]);

    const within = (date: string): boolean => (!min || date >= min) && (!max || date <= max);

    function show(): void {
        const start = readDate(text) ?? cityDate(new Date());
        setCursor(max && start > max ? max : start);
        const element = popup.current;
        if (!element || !box.current) return;
        element.showPopover();
        const at = box.current.getBoundingClientRect();
        const height = element.offsetHeight;
        const below = at.bottom + height + 8 < innerHeight;
        element.style.left = `${Math.max(8, Math.min(at.left, innerWidth - element.offsetWidth - 8))}px`;
        element.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
    }

    useEffect(() => {
        if (open) popup.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    }, [open, cursor]);

    function pick(date: string): void {
        if (!within(date)) return;
        onValue(date);
        popup.current?.hidePopover();
        box.current?.querySelector('input')?.focus();
    }

    function commit(): void {
        if (text.trim() === '') onValue('');
        else {
            const read = readDate(text);
            if (read && within(read)) onValue(read);
            else setText(value);
        }
    }

    function onGridKey(event: KeyboardEvent): void {
        const moves: Record<string, () => string> = {
            ArrowLeft: () => addDays(cursor, -1),
            ArrowRight: () => addDays(cursor, 1),
            ArrowUp: () => addDays(cursor, -7),
            ArrowDown: () => addDays(cursor, 7),
            Home: () => addDays(cursor, -weekday(cursor)),
            End: () => addDays(cursor, 6 - weekday(cursor)),
            PageUp: () => addMonths(cursor, event.shiftKey ? -12 : -1),
            PageDown: () => addMonths(cursor, event.shiftKey ? 12 : 1),
        };
        const move = moves[event.key];
        if (!move) return;
        event.preventDefault();
        setCursor(move());
    }

    const first = monthStart(cursor);
    const gridStart = addDays(first, -weekday(first));
    const weeks = Array.from({ length: 6 }, (_, w) => Array.from({ length: 7 }, (_unused, d) => addDays(gridStart, w * 7 + d)));
    const names = Array.from({ length: 7 }, (_, d) =>
        new Intl.DateTimeFormat(lang.value === 'zh' ? 'zh-CN' : 'en', { weekday: 'narrow', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, 1 + d))));
    const title = lang.value === 'zh' ? `${Number(cursor.slice(0, 4))}年${Number(cursor.slice(5, 7))}月` : cursor.slice(0, 7);

    return (
        <span class="date-field" ref={box}>
            <input type="text" class="input date" inputMode="numeric" placeholder="yyyy-mm-dd" autocomplete="off" maxLength={11}
                aria-label={ids ? undefined : label} {...(ids ?? { id: own })} value={text} onInput={(e) => setText(e.currentTarget.value)}
                onBlur={commit} onKeyDown={(e) => e.key === 'Enter' && commit()} />
            <button type="button" class="button quiet only" aria-label={t('date.open')} title={t('date.open')} onClick={show}>
                <Icon name="calendar" />
            </button>
            <div popover="auto" class="calendar" ref={popup} role="dialog" aria-label={t('date.open')}
                onToggle={(event) => setOpen((event as unknown as { newState: string }).newState === 'open')}>
                {open && (
                    <>
                        <div class="calendar-head">
                            <button type="button" class="button quiet only back" aria-label={t('date.previous')} onClick={() => setCursor(addMonths(cursor, -1))}>
                                <Icon name="chevron" />
                            </button>
                            <strong aria-live="polite">{title}</strong>
                            <button type="button" class="button quiet only" aria-label={t('date.next')} onClick={() => setCursor(addMonths(cursor, 1))}>
                                <Icon name="chevron" />
                            </button>
                        </div>
                        <table role="grid" onKeyDown={onGridKey} aria-label={title}>
                            <thead><tr>{names.map((n, i) => <th key={i} scope="col">{n}</th>)}</tr></thead>
                            <tbody>
                                {weeks.map((week) => (
                                    <tr key={week[0]}>
                                        {week.map((date) => (
                                            <td key={date} role="gridcell" aria-selected={date === value}>
                                                <button type="button" tabIndex={date === cursor ? 0 : -1} aria-label={date} disabled={!within(date)}
                                                    class={`${date.slice(0, 7) === cursor.slice(0, 7) ? '' : 'outside'}${date === value ? ' chosen' : ''}`}
                                                    onClick={() => pick(date)}>
                                                    {Number(date.slice(8))}
                                                </button>
                                            </td>
                                        ))}
                                    </tr>
                                ))}
                            </tbody>
                        </table>
                    </>
                )}
            </div>
        </span>
    );
}
