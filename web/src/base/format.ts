// Numbers and dates as people read them. Quantities are whole base units; 万 and 亿 (K, M in English) exist on the screen only and
// the exact figure is always one hover away. Moments are shown in the city's zone whatever the machine's zone is.
import { lang, t } from '../i18n/index';

export const CITY_ZONE = 'Asia/Shanghai';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

// Every digit, in groups of three: 1234567 -> "1,234,567".
export function exact(n: number): string {
    return grouped.format(n);
}

function trimmed(value: number): string {
    const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    const text = value.toFixed(digits);
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

// Short form: Chinese counts in 万 and 亿, English in K, M, B; below 10,000 nothing is shortened in either.
export function short(n: number, language: 'zh' | 'en' = lang.value): string {
    const size = Math.abs(n);
    if (size < 10_000) return exact(n);
    if (language === 'zh') {
        return size < 99_995_000 ? `${trimmed(n / 1e4)}万` : `${trimmed(n / 1e8)}亿`;
    }
    if (size < 999_500) return `${trimmed(n / 1e3)}K`;
    if (size < 999_500_000) return `${trimmed(n / 1e6)}M`;
    return `${trimmed(n / 1e9)}B`;
}

export function isShortened(n: number): boolean {
    return Math.abs(n) >= 10_000;
}

// Parts per million as per cent: 412000 -> "41%". Never rounds up to 100 what is below it.
export function percent(ppm: number | null | undefined): string {
    if (ppm === null || ppm === undefined) return '—';
    const whole = ppm < 1_000_000 ? Math.min(99, Math.round(ppm / 10_000)) : Math.round(ppm / 10_000);
    return whole > 999 ? '>999%' : `${whole}%`;
}

// Thousandths of a day: 6400 -> "6.4".
export function days(milli: number | null | undefined): string {
    if (milli === null || milli === undefined) return '—';
    const value = milli / 1000;
    if (value >= 365) return '>365';
    return value < 10 ? (Math.floor(value * 10) / 10).toFixed(1) : String(Math.floor(value));
}

interface Parts {
    year: string;
    month: string;
    day: string;
    hour: string;
    minute: string;
    second: string;
}

const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone: CITY_ZONE,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
});

function partsOf(when: Date): Parts {
    const found: Record<string, string> = {};
    for (const part of clock.formatToParts(when)) found[part.type] = part.value;
    return found as unknown as Parts;
}

// "2022-01-08 09:30" in the city's zone; seconds only where asked.
export function moment(iso: string | null | undefined, seconds = false): string {
    if (!iso) return '—';
    const when = new Date(iso);
    if (Number.isNaN(when.getTime())) return iso;
    const p = partsOf(when);
    return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}${seconds ? `:${p.second}` : ''}`;
}

// The city date of a moment, "2022-01-08".
export function cityDate(when: Date): string {
    const p = partsOf(when);
    return `${p.year}-${p.month}-${p.day}`;
}

// A date as it is written everywhere here; a moment is cut to its city date.
export function day(text: string | null | undefined): string {
    if (!text) return '—';
    return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : moment(text).slice(0, 10);
}

// "01-12": inside a matrix or a chart, where the year is plain from the heading.
export function monthDay(text: string | null | undefined): string {
    return text ? day(text).slice(5) : '—';
}

// Whole days from one ISO date to another.
export function daysBetween(from: string, to: string): number {
    return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

export function addDays(date: string, count: number): string {
    return new Date(Date.parse(`${date}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

// "3 min ago"; precise enough to judge whether a figure can be trusted.
export function ago(ms: number): string {
    const seconds = Math.max(0, Math.round(ms / 1000));
    if (seconds < 60) return t('time.seconds', { n: seconds });
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return t('time.minutes', { n: minutes });
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return t('time.hours', { n: hours });
    return t('time.days', { n: Math.floor(hours / 24) });
}

// The moment at which a city date begins or ends, for as-of questions: the end of the day is the start of the next one.
export function startOfDay(date: string): string {
    return `${date}T00:00:00+08:00`;
}

export function bytes(n: number): string {
    if (n < 1024) return `${n} B`;
    if (n < 1024 * 1024) return `${(n / 1024).toFixed(n < 10 * 1024 ? 1 : 0)} kB`;
    return `${(n / 1024 / 1024).toFixed(1)} MB`;
}
