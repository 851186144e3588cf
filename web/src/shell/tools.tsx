// Language and theme, wherever one is.
import { lang, t, useLang } from '../i18n/index';
import { dark, setTheme } from '../base/theme';
import { IconButton } from '../kit/button';

export function LanguageButton() {
    const other = lang.value === 'zh' ? 'en' : 'zh';
    return (
        <button type="button" class="button quiet lang" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => void useLang(other)}
            title={t('language.switch')}>
            {other === 'zh' ? '中文' : 'English'}
        </button>
    );
}

export function ThemeButton() {
    return <IconButton icon={dark.value ? 'sun' : 'moon'} label={dark.value ? t('theme.light') : t('theme.dark')}
        onClick={() => setTheme(dark.value ? 'light' : 'dark')} />;
}
