// Form fields: label above, hint and error below, both tied to the input for screen readers.
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { exact } from '../base/format';

export interface FieldIds {
    id: string;
    'aria-describedby'?: string;
    'aria-invalid'?: boolean;
    'aria-required'?: boolean; // not `required`: the browser's own complaints speak its language, not the user's
}

interface FieldProps {
    label: string;
    hint?: ComponentChildren;
    error?: string | null;
    required?: boolean;
    children: (ids: FieldIds) => ComponentChildren;
}

export function Field({ label, hint, error, required, children }: FieldProps) {
    const id = useId();
    const described = [hint ? `${id}-h` : '', error ? `${id}-e` : ''].filter(Boolean).join(' ');
    const ids: FieldIds = { id };
    if (described) ids['aria-describedby'] = described;
    if (error) ids['aria-invalid'] = true;
    if (required) ids['aria-required'] = true;
    return (
        <div class={`field${error ? ' bad' : ''}`}>
            <label for={id}>
                {label}
                {required && <span class="must" aria-hidden="true"> *</span>}
            </label>
            {children(ids)}
            {hint && <p class="hint" id={`${id}-h`}>{hint}</p>}
            {error && <p class="field-error" id={`${id}-e`} role="alert">{error}</p>}
        </div>
    );
}

// What our inputs take; few enough to be listed.
interface InputProps extends Partial<FieldIds> {
    value: string;
    onValue: (value: string) => void;
    name?: string;
    class?: string;
    placeholder?: string;
    autocomplete?: 'off' | 'username' | 'current-password' | 'new-password' | 'one-time-code' | 'name' | 'tel';
    autocapitalize?: 'none';
    inputMode?: 'text' | 'numeric' | 'decimal' | 'search' | 'none' | 'tel';
    maxLength?: number;
    disabled?: boolean;
    'aria-label'?: string;
    onKeyDown?: (event: KeyboardEvent) => void;
}

export function TextInput({ value, onValue, class: extra, ...rest }: InputProps) {
    return <input type="text" autocomplete="off" spellcheck={false} {...rest} class={`input ${extra ?? ''}`} value={value}
        onInput={(event) => onValue(event.currentTarget.value)} />;
}

// Reads "1200", "1,200", "1.2万", "3亿", "5k" as whole base units; null when it is not such a number.
export function readQuantity(text: string): number | null {
    const match = /^(-?\d+(?:\.\d+)?)\s*(万|亿|[kKmM])?$/.exec(text.replace(/[,，\s]/g, ''));
    if (!match) return null;
    const factor = { 万: 1e4, 亿: 1e8, k: 1e3, K: 1e3, m: 1e6, M: 1e6 }[match[2] ?? ''] ?? 1;
    const value = Math.round(Number(match[1]) * factor * 1e6) / 1e6;
    return Number.isSafeInteger(value) && Math.abs(value) <= 1e15 ? value : null;
}

// A quantity, typed freely; what it was understood as stands beneath as soon as it differs from what was typed.
export function NumberInput({ value, onValue, unit, ...rest }: InputProps & { unit?: string }) {
    const read = value.trim() === '' ? null : readQuantity(value);
    const plain = read !== null && String(read) === value.trim();
    return (
        <span class="input-with-unit">
            <TextInput {...rest} value={value} onValue={onValue} inputMode="decimal" class="number" />
            {unit && <span class="unit">{unit}</span>}
            {read !== null && !plain && <span class="understood">= {exact(read)}</span>}
        </span>
    );
}

export interface Option {
    value: string;
    label: string;
}

export function Select({ value, onValue, options, placeholder, ...rest }: Partial<FieldIds> & {
    value: string;
    onValue: (value: string) => void;
    options: Option[];
    placeholder?: string;
    disabled?: boolean;
    'aria-label'?: string;
}) {
    return (
        <select {...rest} class="input select" value={value} onChange={(event) => onValue(event.currentTarget.value)}>
            {placeholder !== undefined && <option value="">{placeholder}</option>}
            {options.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}
        </select>
    );
}

export function Checkbox({ label, checked, onValue, disabled }: {
    label: string;
    checked: boolean;
    onValue: (on: boolean) => void;
    disabled?: boolean;
}) {
    return (
        <label class="check">
            <input type="checkbox" disabled={disabled} checked={checked} onChange={(event) => onValue(event.currentTarget.checked)} />
            <span>{label}</span>
        </label>
    );
}

export function PasswordInput({ value, onValue, ...rest }: InputProps) {
    const [shown, setShown] = useState(false);
    return (
        <span class="input-with-unit">
            {shown ? <input type="text" spellcheck={false} {...rest} class="input" value={value} onInput={(event) => onValue(event.currentTarget.value)} />
                : <input type="password" {...rest} class="input" value={value} onInput={(event) => onValue(event.currentTarget.value)} />}
            <button type="button" class="button quiet show" aria-pressed={shown} onClick={() => setShown(!shown)}>
                {shown ? t('password.hide') : t('password.show')}
            </button>
        </span>
    );
}
