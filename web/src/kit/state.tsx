// The states a screen can be in, and the state a stock can be in. A state is always a shape and a word; colour only helps.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { t, word } from '../i18n/index';
import { ago, exact, isShortened, moment, short } from '../base/format';
import { link } from '../api/live';
import type { Problem } from '../api/problem';
import type { Loaded } from '../api/query';
import { Button } from './button';
import { Icon } from './icons';

export type StockState = 'ok' | 'low' | 'critical' | 'unreported' | 'none';

const SHAPES: Record<StockState, string> = {
    ok: 'M8 2a6 6 0 100 12A6 6 0 008 2z',
    low: 'M8 1.500L15.500 14.500H.5z',
    critical: 'M2 2h12v12H2z',
    unreported: 'M8 1l7 7-7 7-7-7z',
    none: 'M2 7h12v2H2z',
};

export function stateOf(text: string | null | undefined): StockState {
    return text === 'ok' || text === 'low' || text === 'critical' || text === 'unreported' ? text : 'none';
}

export function Shape({ state, size = 12 }: { state: StockState; size?: number }) {
    return (
        <svg class={`shape ${state}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
            <path d={SHAPES[state]} />
        </svg>
    );
}

export function StatusTag({ state, label }: { state: StockState; label?: string }) {
    return (
        <span class={`status ${state}`}>
            <Shape state={state} />
            {label ?? word('state', state)}
        </span>
    );
}

// Any other state (of a lot, an account, an import): a word in a frame, with a tone.
export function Tag({ tone = 'none', children }: { tone?: StockState; children: ComponentChildren }) {
    return <span class={`tag ${tone}`}>{children}</span>;
}

// A figure: short on the screen, exact on hover and for screen readers, a link to its rows where it has some.
export function Num({ value, unit: rawUnit, to, full = false, label }: {
    value: number | null | undefined;
    unit?: string | null;
    to?: string;
    full?: boolean;
    label?: string;
}) {
    if (value === null || value === undefined) return <span class="num none">—</span>;
    const unit = rawUnit ? word('unit', rawUnit) : '';
    const shown = full ? exact(value) : short(value);
    const cut = !full && isShortened(value);
    const whole = `${label ? `${label} ` : ''}${exact(value)}${unit ? ` ${unit}` : ''}`;
    const inner = (
        <>
            {shown}
            {unit && <small class="unit"> {unit}</small>}
        </>
    );
    // The spoken name holds what is seen, and after it the exact figure.
    const spoken = `${label ? `${label} ` : ''}${shown}${unit ? ` ${unit}` : ''}${cut ? ` (${exact(value)})` : ''}`;
    if (to) return <a class="num" href={to} title={whole} aria-label={cut || label ? spoken : undefined}>{inner}</a>;
    return cut ? <data class="num" value={value} title={whole}>{inner}</data> : <span class="num" title={label ? whole : undefined}>{inner}</span>;
}

export function Skeleton({ rows = 4 }: { rows?: number }) {
    const [shown, setShown] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => setShown(true), 200); // nothing flickers when the answer is quick
        return () => clearTimeout(timer);
    }, []);
    return (
        <div class="skeleton" role="status" aria-label={t('loading')}>
            {shown && Array.from({ length: rows }, (_, i) => <span key={i} />)}
        </div>
    );
}

// `page`: it is all there is on the screen, so its title is the heading.
export function Empty({ title, why, page, children }: { title: string; why?: string; page?: boolean; children?: ComponentChildren }) {
    return (
        <div class="empty">
            {page ? <h1 tabIndex={-1}>{title}</h1> : <p class="empty-title">{title}</p>}
            {why && <p>{why}</p>}
            {children && <div class="actions">{children}</div>}
        </div>
    );
}

// What failed, what to do, a way to try again, and the id under which the server's log has it.
export function Failure({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
    return (
        <div class="failure" role="alert">
            <Icon name={problem.status === 403 ? 'lock' : 'warn'} />
            <div>
                <strong>{problem.title}</strong>
                {problem.detail && <p>{problem.detail}</p>}
                {problem.remedy && <p>{problem.remedy}</p>}
                {problem.body.id && <p class="muted">{t('problem.id', { id: problem.body.id })}</p>}
                {onRetry && problem.status !== 403 && <Button icon="refresh" onClick={onRetry}>{t('retry')}</Button>}
            </div>
        </div>
    );
}

// One clock for everything that shows an age.
export const now = signal(Date.now());
setInterval(() => {
    if (document.visibilityState === 'visible') now.value = Date.now();
}, 5000);

const STALE_MS = 15 * 60_000;

// "数据时间 2022-01-12 08:00", and a warning once the figures can no longer be trusted to be the newest.
export function DataTime({ at, receivedAt, old }: { at: string | undefined; receivedAt: number; old?: boolean }) {
    if (!receivedAt) return null;
    const age = now.value - receivedAt;
    const stale = old || (link.value === 'lost' && age > 20_000) || age > STALE_MS;
    return (
        <span class={`data-time${stale ? ' stale' : ''}`}>
            {t('data.time')} <time dateTime={at ?? new Date(receivedAt).toISOString()}>{moment(at ?? new Date(receivedAt).toISOString())}</time>
            {stale && <span class="warn-text"> <Icon name="warn" size={14} /> {t('data.stale', { age: ago(age) })}</span>}
        </span>
    );
}

// The common frame of a screen's part: loading, failed, empty, or the content with what is wrong above it.
export function Show<T>({ of, empty, rows, children }: {
    of: Loaded<T>;
    empty?: (data: T) => ComponentChildren | null;
    rows?: number;
    children: (data: T) => ComponentChildren;
}) {
    if (of.data === undefined) {
        return of.problem ? <Failure problem={of.problem} onRetry={of.refresh} /> : <Skeleton rows={rows ?? 4} />;
    }
    const nothing = empty?.(of.data);
    return (
        <>
            {of.problem && <p class="notice low" role="status"><Icon name="warn" size={16} /> {of.problem.title} · {t('data.kept')}
                <Button kind="quiet" onClick={of.refresh}>{t('retry')}</Button></p>}
            {nothing ?? children(of.data)}
        </>
    );
}

export function Progress({ value, max, label }: { value: number; max: number; label: string }) {
    const part = max > 0 ? Math.min(100, Math.floor((value / max) * 100)) : 0;
    return (
        <div class="progress">
            <progress value={max > 0 ? value : undefined} max={max > 0 ? max : undefined} aria-label={label} />
            <span>{label} · {part}%</span>
        </div>
    );
}
