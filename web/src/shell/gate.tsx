// The frame of the pages before logging in.
import type { ComponentChildren } from 'preact';
import { t } from '../i18n/index';
import { Ornament } from './ornament';
import { LanguageButton, ThemeButton } from './tools';

export function Gate({ title, children }: { title: string; children: ComponentChildren }) {
    return (
        <div class="gate">
            <section class="gate-side" aria-label={t('product')}>
                <p class="motto">{t('gate.motto')}</p>
                <Ornament />
                <p>{t('gate.words')}</p>
            </section>
            <main class="gate-form">
                <div class="tools"><LanguageButton /><ThemeButton /></div>
                <h1>{title}</h1>
                {children}
            </main>
        </div>
    );
}
