// Short messages at the edge. Good news leaves by itself; a failure stays until it is put away, because it may be read late.
import { signal } from '@preact/signals';
import { t } from '../i18n/index';
import { asProblem } from '../api/problem';
import { IconButton } from './button';
import { Icon } from './icons';

interface Toast {
    id: number;
    kind: 'good' | 'bad' | 'note';
    text: string;
    more?: string;
    action?: { label: string; run: () => void };
}

const toasts = signal<Toast[]>([]);
let nextId = 1;

export function dropToast(id: number): void {
    toasts.value = toasts.value.filter((x) => x.id !== id);
}

export function toast(kind: Toast['kind'], text: string, more?: string, action?: Toast['action']): void {
    const id = nextId++;
    const made: Toast = { id, kind, text };
    if (more) made.more = more;
    if (action) made.action = action;
    toasts.value = [...toasts.value.slice(-3), made];
    if (kind === 'good') setTimeout(() => dropToast(id), 5000);
}

export function toastProblem(error: unknown): void {
    const problem = asProblem(error);
    toast('bad', problem.title, [problem.detail, problem.remedy].filter(Boolean).join(' '));
}

export function Toasts() {
    return (
        <div class="toasts" role="region" aria-label={t('toast.region')} aria-live="polite">
            {toasts.value.map((x) => (
                <div key={x.id} class={`toast ${x.kind}`} role={x.kind === 'bad' ? 'alert' : undefined}>
                    <Icon name={x.kind === 'good' ? 'check' : 'warn'} />
                    <div>
                        <strong>{x.text}</strong>
                        {x.more && <p>{x.more}</p>}
                        {x.action && <button type="button" class="button quiet" onClick={() => {
                            x.action!.run();
                            dropToast(x.id);
                        }}>{x.action.label}</button>}
                    </div>
                    <IconButton icon="close" label={t('close')} onClick={() => dropToast(x.id)} />
                </div>
            ))}
        </div>
    );
}
