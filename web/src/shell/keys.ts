// Keys that work on every screen: "/" searches, "g" and a letter goes to a screen, "?" explains, Ctrl+Enter sends the form one is in.
import { go, href } from '../base/router';
import { allowedScreens } from './screens';

const WAIT_MS = 1500;
const SCANNER_MS = 50; // keys this close together come from a scanner, not from fingers

function typing(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
}

export function startKeys({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }): () => void {
    let goingSince = 0;
    let lastKey = -Infinity;
    const onKey = (event: KeyboardEvent): void => {
        const quick = event.timeStamp - lastKey < SCANNER_MS;
        lastKey = event.timeStamp;
        if (quick && event.key !== 'Enter') return;
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target instanceof HTMLElement) {
            const form = event.target.closest('form');
            if (form) form.requestSubmit();
            else event.target.closest('[data-submits]')?.querySelector<HTMLButtonElement>('button.submits')?.click();
            return;
        }
        if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || document.querySelector('dialog[open]')) return;
        if (event.key === '/') {
            event.preventDefault();
            const box = document.querySelector<HTMLInputElement>('.topbar .search input');
            if (box && box.offsetParent) box.focus();
            else onSearch();
        } else if (event.key === '?') onHelp();
        else if (event.key === 'g') goingSince = Date.now();
        else if (goingSince && Date.now() - goingSince < WAIT_MS) {
            goingSince = 0;
            const screen = allowedScreens().find((s) => s.key === event.key);
            if (screen) go(href(screen.path));
        }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
}
