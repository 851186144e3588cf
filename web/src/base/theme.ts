// Light, dark, or as the machine says. The choice is the browser's, not the account's: a wall screen is dark whoever uses it.
import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark' | 'auto';

const KEY = 'baogong.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>('auto');
export const dark = signal(false);

function apply(): void {
    dark.value = theme.value === 'dark' || (theme.value === 'auto' && system.matches);
    document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
    document.querySelector('meta[name=theme-color]')?.setAttribute('content', dark.value ? '#101c2a' : '#ffffff');
}

export function setTheme(next: Theme): void {
    theme.value = next;
    localStorage.setItem(KEY, next);
    apply();
}

export function startTheme(): void {
    const kept = localStorage.getItem(KEY);
    theme.value = kept === 'light' || kept === 'dark' ? kept : 'auto';
    system.addEventListener('change', apply);
    apply();
}
