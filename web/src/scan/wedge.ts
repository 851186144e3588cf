// A USB or handheld scanner types like a keyboard, only faster. Keys less than 50 ms apart that end in Enter or Tab and are at least six
// are a scan; what a person types is left alone. The separator GS arrives as F8, Ctrl+] or the bare character.
import { SEPARATOR } from './gs1';

const GAP_MS = 50;
const LEAST = 6;

export interface WedgeState {
    text: string;
    lastAt: number;
    startAt: number;
}

export type WedgeKey = { key: string; ctrl: boolean; keyCode: number; at: number };

export type WedgeResult = { state: WedgeState; scan?: string; ime?: boolean; swallow: boolean };

export const QUIET: WedgeState = { text: '', lastAt: 0, startAt: 0 };

// One key more. Pure, so that it can be tested without a keyboard.
export function wedgeKey(state: WedgeState, key: WedgeKey): WedgeResult {
    const quick = state.text !== '' && key.at - state.lastAt <= GAP_MS;
    const before = quick ? state : { ...QUIET, startAt: key.at };
    // With a Chinese input method on, every key arrives as 229 and its text is gone: the user has to be told.
    if (key.keyCode === 229) return { state: { ...before, lastAt: key.at }, ime: true, swallow: false };
    if (key.key === 'Enter' || key.key === 'Tab') {
        if (quick && state.text.length >= LEAST) return { state: QUIET, scan: state.text, swallow: true };
        return { state: QUIET, swallow: false };
    }
    const separator = key.key === 'F8' || (key.ctrl && (key.key === ']' || key.key === '5')) || key.key === SEPARATOR;
    const character = separator ? SEPARATOR : key.key.length === 1 && !key.ctrl ? key.key : '';
    if (character === '') return { state: key.key === 'Shift' ? { ...before, lastAt: key.at } : QUIET, swallow: false };
    return { state: { text: before.text + character, lastAt: key.at, startAt: before.startAt }, swallow: separator };
}

export function listenWedge(onScan: (raw: string) => void, onIme: () => void): () => void {
    let state = QUIET;
    let imeCount = 0;
    const onKey = (event: KeyboardEvent): void => {
        const result = wedgeKey(state, { key: event.key, ctrl: event.ctrlKey, keyCode: event.keyCode, at: event.timeStamp });
        state = result.state;
        if (result.ime) {
            imeCount++;
            if (imeCount === LEAST) onIme();
        } else imeCount = 0;
        if (result.swallow) {
            event.preventDefault();
            event.stopPropagation();
        }
        if (result.scan === undefined) return;
        // What the scanner typed into a field meanwhile is taken out of it again.
        const target = event.target;
        if (target instanceof HTMLInputElement && !target.dataset.scan) {
            const typed = result.scan.replaceAll(SEPARATOR, '');
            if (target.value.endsWith(typed)) {
                target.value = target.value.slice(0, -typed.length);
                target.dispatchEvent(new Event('input', { bubbles: true }));
            }
        }
        onScan(result.scan);
    };
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
}
