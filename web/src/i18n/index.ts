// Two languages, no library. The Chinese files are the source of the keys; the English ones are typed by them, so a missing word does
// not compile. Only the language in use is loaded, and the words of most screens only with the first of them. A key may hold {name},
// filled from the arguments.
import { signal } from '@preact/signals';
import type { zh } from './zh';
import type { zhMore } from './zh_more';

export type Key = keyof typeof zh | keyof typeof zhMore;
export type Lang = 'zh' | 'en';
type Words = Partial<Record<Key, string>>;

export const lang = signal<Lang>('zh');
const words = signal<Words | null>(null);

export function preferredLang(): Lang {
    const kept = localStorage.getItem('baogong.lang');
    if (kept === 'zh' || kept === 'en') return kept;
    return navigator.language.toLowerCase().startsWith('zh') || !navigator.language ? 'zh' : 'en';
}

let wantsMore = false;

async function core(language: Lang): Promise<Words> {
    return language === 'zh' ? (await import('./zh')).zh : (await import('./en')).en;
}

async function rest(language: Lang): Promise<Words> {
    return language === 'zh' ? (await import('./zh_more')).zhMore : (await import('./en_more')).enMore;
}

export async function useLang(next: Lang): Promise<void> {
    const [first, second] = await Promise.all([core(next), wantsMore ? rest(next) : {}]);
    words.value = { ...first, ...second };
    lang.value = next;
    localStorage.setItem('baogong.lang', next);
    document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
}

// The words of the other screens; kept for both languages from then on.
export async function moreWords(): Promise<void> {
    if (wantsMore) return;
    const found = await rest(lang.value);
    wantsMore = true;
    words.value = { ...words.value, ...found };
}

export function t(key: Key, args?: Record<string, string | number>): string {
    const text = words.value?.[key] ?? key;
    if (!args) return text;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole));
}

// For words that a table gives (a state, a kind): the key when the dictionary has it, else the raw code.
export function word(prefix: string, code: string): string {
    const key = `${prefix}.${code}` as Key;
    return words.value?.[key] ?? code;
}

export interface Named {
    name_zh?: string | null;
    name_en?: string | null;
    name?: string | null;
    code?: string | null;
}

// The name of a record in the user's language, the other language where one is missing.
export function nameOf(thing: Named | null | undefined): string {
    if (!thing) return '—';
    const pick = lang.value === 'zh' ? thing.name_zh || thing.name_en : thing.name_en || thing.name_zh;
    return pick || thing.name || thing.code || '—';
}
