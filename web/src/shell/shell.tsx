// The frame around every screen: menu, search, live state, outbox, language, theme, account.
import { useEffect, useRef, useState } from 'preact/hooks';
import { nameOf, t } from '../i18n/index';
import { go, href, place } from '../base/router';
import { link } from '../api/live';
import { logout, me, offlineSession } from '../api/session';
import { waiting } from '../api/outbox';
import { Boundary } from '../kit/lazy';
import { Icon } from '../kit/icons';
import { IconButton } from '../kit/button';
import { Menu } from '../kit/menu';
import { Empty } from '../kit/state';
import { Dialog } from '../kit/dialog';
import { allowedScreens, SCREENS } from './screens';
import { LanguageButton, ThemeButton } from './tools';
import { OutboxDialog } from './outbox';
import { Search } from './search';
import { startKeys } from './keys';

const LogoMark = () => <img src="icon.svg" width="36" height="36" alt="" />;

export function Shell() {
    const main = useRef<HTMLElement>(null);
    const [outboxOpen, setOutboxOpen] = useState(false);
    const [searchOpen, setSearchOpen] = useState(false);
    const [helpOpen, setHelpOpen] = useState(false);
    const entries = allowedScreens();
    const first = place.value.path[0] ?? '';
    const row = SCREENS.find((s) => s.path === first);
    const name = place.value.path.join('/');

    useEffect(() => {
        // The commander starts with the situation, the keeper with his work.
        const start = entries.find((s) => s.path === 'situation') ?? entries.find((s) => s.path === 'work') ?? entries[0];
        if (first === '' && start) go(href(start.path), true);
    }, [first, entries]);
    useEffect(() => startKeys({ onSearch: () => setSearchOpen(true), onHelp: () => setHelpOpen(true) }), []);
    useEffect(() => {
        document.title = `${row ? `${t(row.title)} · ` : ''}${t('product')}`;
    });
    const before = useRef(name);
    useEffect(() => {
        // After a change of screen the reader starts at its heading, not at the link that was pressed.
        if (before.current === name) return;
        before.current = name;
        scrollTo(0, 0);
        main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    }, [name]);

    const Screen = row?.screen;
    return (
        <div class="shell">
            <nav class="rail" aria-label={t('menu')}>
                <a class="skip" href={location.hash || '#/'} onClick={(event) => {
                    event.preventDefault();
                    main.current?.focus();
                }}>{t('skip')}</a>
                <span class="brand"><LogoMark /></span>
                {entries.map((s) => (
                    <a key={s.path} class="entry" href={href(s.path)} aria-current={s.path === first ? 'page' : undefined}>
                        <Icon name={s.icon} size={24} />{t(s.title)}
                    </a>
                ))}
            </nav>
            <header class="topbar">
                <span class="title">{nameOf(me.value?.city)} <span class="hide-phone">{t('product.short')}</span></span>
                <div class="search"><Search /></div>
                <LinkState />
                <div class="tools">
                    <span class="only-phone"><IconButton icon="search" label={t('search')} onClick={() => setSearchOpen(true)} /></span>
                    {waiting.value.length > 0 && (
                        <button type="button" class="button quiet" onClick={() => setOutboxOpen(true)} title={t('outbox.title')}>
                            <Icon name="outbox" /> <span>{t('outbox.count', { n: waiting.value.length })}</span>
                        </button>
                    )}
                    <span class="hide-phone"><LanguageButton /></span>
                    <span class="hide-phone"><ThemeButton /></span>
                    <Menu label={t('account.menu')} icon="user">
                        <p class="muted">{me.value?.account.name}</p>
                        <span class="only-phone"><LanguageButton /><ThemeButton /></span>
                        <a class="button" href={href('account')}>{t('account.title')}</a>
                        <button type="button" class="button" onClick={() => setHelpOpen(true)}>{t('keys.title')}</button>
                        <button type="button" class="button" onClick={() => void logout()}>{t('logout')}</button>
                    </Menu>
                </div>
            </header>
            <main ref={main} tabIndex={-1} id="main">
                {offlineSession.value && <p class="notice low" role="status"><Icon name="warn" size={16} /> {t('offline.session')}</p>}
                {me.value?.needs_factor && first !== 'account' && <p class="notice low">{t('factor.waits')} <a href={href('account')}>{t('factor.begin')}</a></p>}
                {me.value?.session?.must_change && first !== 'account' && <p class="notice critical">{t('password.must')} <a href={href('account')}>{t('password.change')}</a></p>}
                <Boundary name={name}>
                    {Screen && (row.rights.length === 0 || entries.includes(row) || row.hidden) ? <Screen />
                        : row ? <Empty page title={t('denied.title')} why={t('denied.why')} />
                            : first !== '' ? <Empty page title={t('unknown.screen')}><a class="button" href={href('')}>{t('home')}</a></Empty>
                                : entries.length === 0 ? <Empty page title={t('menu.empty')} why={t('menu.empty.why')} /> : null}
                </Boundary>
            </main>
            <BottomBar first={first} />
            {outboxOpen && <OutboxDialog onClose={() => setOutboxOpen(false)} />}
            {searchOpen && <Dialog title={t('search')} onClose={() => setSearchOpen(false)}><Search inDialog onDone={() => setSearchOpen(false)} /></Dialog>}
            {helpOpen && <KeysDialog onClose={() => setHelpOpen(false)} />}
        </div>
    );
}

function LinkState() {
    const state = link.value;
    return (
        <span class={`link-state ${state}`} role="status">
            <i aria-hidden="true" />
            <span>{state === 'live' ? t('link.live') : state === 'lost' ? t('link.lost') : t('link.starting')}</span>
        </span>
    );
}

// On a phone: at most four entries, the rest behind "more".
function BottomBar({ first }: { first: string }) {
    // The thumb's first places: what the day is made of.
    const order = ['situation', 'work', 'stock', 'readiness'];
    const rank = (path: string): number => (order.includes(path) ? order.indexOf(path) : order.length);
    const entries = [...allowedScreens()].sort((a, b) => rank(a.path) - rank(b.path));
    const shown = entries.length > 4 ? entries.slice(0, 3) : entries;
    const rest = entries.slice(shown.length);
    const [open, setOpen] = useState(false);
    return (
        <nav class="bottom-bar" aria-label={t('menu')}>
            {shown.map((s) => (
                <a key={s.path} href={href(s.path)} aria-current={s.path === first ? 'page' : undefined}><Icon name={s.icon} size={22} />{t(s.title)}</a>
            ))}
            {rest.length > 0 && <button type="button" onClick={() => setOpen(true)} aria-current={rest.some((s) => s.path === first) ? 'page' : undefined}>
                <Icon name="more" size={22} />{t('menu.more')}</button>}
            {open && (
                <Dialog title={t('menu')} onClose={() => setOpen(false)}>
                    <div class="stack">
                        {rest.map((s) => <a key={s.path} class="button" href={href(s.path)} onClick={() => setOpen(false)}><Icon name={s.icon} />{t(s.title)}</a>)}
                    </div>
                </Dialog>
            )}
        </nav>
    );
}

function KeysDialog({ onClose }: { onClose: () => void }) {
    const rows: [string, string][] = [
        ['/', t('keys.search')],
        ...allowedScreens().map((s): [string, string] => [`g ${s.key}`, t('keys.go', { name: t(s.title) })]),
        ['↑ ↓ Home End', t('keys.rows')],
        ['Enter', t('keys.open')],
        ['Esc', t('keys.close')],
        ['Ctrl Enter', t('keys.submit')],
        ['?', t('keys.help')],
    ];
    return (
        <Dialog title={t('keys.title')} onClose={onClose}>
            <dl class="facts">{rows.map(([keys, what]) => [<dt key={keys}><code>{keys}</code></dt>, <dd>{what}</dd>])}</dl>
        </Dialog>
    );
}
