// The dictionaries: same keys, same places to fill, nothing empty, and no key that nothing uses.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { en as enCore } from '../src/i18n/en';
import { enMore } from '../src/i18n/en_more';
import { zh as zhCore } from '../src/i18n/zh';
import { zhMore } from '../src/i18n/zh_more';

const zh = { ...zhCore, ...zhMore };
const en = { ...enCore, ...enMore };

function files(folder: string): string[] {
    return readdirSync(folder).flatMap((name) => {
        const path = `${folder}/${name}`;
        return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) && !path.includes('/i18n/') ? [path] : [];
    });
}

describe('words', () => {
    it('have the same places to fill in both languages', () => {
        for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
            const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort();
            expect(places(en[key]), key).toEqual(places(zh[key]));
            expect(en[key].trim()).not.toBe('');
        }
    });
    it('are at hand where they are used: the shell needs none of the later ones', () => {
        const late = /\/screens\/(stock|work|import|people|account|journal|basis|runs|figures|proposals)\/|\/scan\//;
        const source = files(new URL('../src', import.meta.url).pathname).filter((f) => !late.test(f)).map((f) => readFileSync(f, 'utf8')).join('\n');
        expect(Object.keys(zhMore).filter((key) => source.includes(`'${key}'`))).toEqual([]);
        expect(Object.keys(zhCore).filter((key) => key in zhMore)).toEqual([]);
    });
    it('are all used', () => {
        const source = files(new URL('../src', import.meta.url).pathname).map((f) => readFileSync(f, 'utf8')).join('\n');
        const prefixes = [...source.matchAll(/word\('([\w.]+)'/g), ...source.matchAll(/t\(`([\w.]+)\.\$\{/g)].map((m) => `${m[1]}.`);
        const unused = Object.keys(zh).filter((key) => !source.includes(`'${key}'`) && !prefixes.some((p) => key.startsWith(p)));
        expect(unused).toEqual([]);
    });
});
