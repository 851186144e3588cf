// A text box with a list to choose from (APG combobox, list autocomplete): for items, places, lots, people. Options come from the
// server as one types; the server matches by name, code and pinyin initials.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import type { FieldIds } from './field';

export interface Choice<T> {
    key: string;
    label: string;
    note?: string;
    value: T;
}

interface Props<T> {
    ids?: FieldIds;
    label?: string;
    text: string; // what stands in the box while nothing is being typed
    find: (typed: string, signal: AbortSignal) => Promise<Choice<T>[]>;
    onChoose: (choice: Choice<T>) => void;
    onClear?: () => void;
    placeholder?: string;
    autoFocus?: boolean;
}

const WAIT_MS = 150;

export function Combobox<T>({ ids, label, text, find, onChoose, onClear, placeholder, autoFocus }: Props<T>) {
    const listId = useId();
    const [typed, setTyped] = useState<string | null>(null);
    const [choices, setChoices] = useState<Choice<T>[]>([]);
    const [active, setActive] = useState(0);
    const [state, setState] = useState<'idle' | 'busy' | 'done' | 'failed'>('idle');
    const [open, setOpen] = useState(false);
    const asked = useRef<AbortController | null>(null);
    const list = useRef<HTMLUListElement>(null);

    useEffect(() => {
        if (!open) return;
        const control = new AbortController();
        asked.current = control;
        setState('busy');
        const timer = setTimeout(() => {
            find(typed ?? '', control.signal)
                .then((found) => {
                    if (control.signal.aborted) return;
                    setChoices(found);
                    setActive(0);
                    setState('done');
                })
                .catch(() => {
                    if (!control.signal.aborted) setState('failed');
                });
        }, typed ? WAIT_MS : 0);
        return () => {
            clearTimeout(timer);
            control.abort();
        };
    }, [typed, open]);

    useEffect(() => {
        list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    }, [active]);

    function choose(choice: Choice<T>): void {
        onChoose(choice);
        setTyped(null);
        setOpen(false);
    }

    function close(): void {
        setTyped(null);
        setOpen(false);
    }

    function onKeyDown(event: KeyboardEvent): void {
        if (event.isComposing) return; // the Enter that ends a pinyin input chooses nothing
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            if (!open) setOpen(true);
            else if (choices.length) setActive((active + (event.key === 'ArrowDown' ? 1 : choices.length - 1)) % choices.length);
        } else if (event.key === 'Enter' && open) {
            event.preventDefault();
            const choice = choices[active];
            if (choice && state === 'done') choose(choice);
        } else if (event.key === 'Escape' && open) {
            event.preventDefault();
            event.stopPropagation();
            close();
        }
    }

    const activeId = open && choices[active] ? `${listId}-${active}` : undefined;
    return (
        <span class="combobox">
            <input type="text" class="input" role="combobox" aria-expanded={open} aria-controls={listId} aria-autocomplete="list" autocomplete="off"
                spellcheck={false} aria-activedescendant={activeId} aria-label={ids ? undefined : label} placeholder={placeholder} autofocus={autoFocus}
                {...(ids ?? {})} value={typed ?? text}
                onInput={(event) => {
                    setTyped(event.currentTarget.value);
                    setOpen(true);
                    if (event.currentTarget.value === '') onClear?.();
                }}
                onClick={() => setOpen(true)} onKeyDown={onKeyDown} onBlur={close} />
            <ul id={listId} role="listbox" ref={list} class="options" aria-label={label ?? placeholder ?? t('combobox.choices')} hidden={!open}>
                {open && state === 'done' && choices.map((choice, i) => (
                    <li key={choice.key} id={`${listId}-${i}`} role="option" aria-selected={i === active}
                        onMouseDown={(event) => event.preventDefault()} onClick={() => choose(choice)} onMouseMove={() => setActive(i)}>
                        <span>{choice.label}</span>
                        {choice.note && <small>{choice.note}</small>}
                    </li>
                ))}
                {open && state !== 'done' && <li class="note" role="option" aria-disabled="true" aria-selected="false">
                    {state === 'failed' ? t('combobox.failed') : t('combobox.busy')}</li>}
                {open && state === 'done' && choices.length === 0 && <li class="note" role="option" aria-disabled="true" aria-selected="false">
                    {t('combobox.none')}</li>}
            </ul>
        </span>
    );
}
