// Which screen: the pages before logging in, else the shell around the screen that the address names.
import { useEffect } from 'preact/hooks';
import { place } from './base/router';
import { sessionState } from './api/session';
import { t } from './i18n/index';
import { Shell } from './shell/shell';
import { Login } from './shell/login';
import { lazy } from './kit/lazy';
import { Toasts } from './kit/toast';
import { Button } from './kit/button';
import { loadMe } from './api/session';

const Invite = lazy(() => import('./shell/invite'));

export function App() {
    const state = sessionState.value;
    const publicPage = place.value.path[0] === 'invite';
    useEffect(() => {
        document.title = t('product');
    }, [state]);
    return (
        <>
            {publicPage ? <Invite />
                : state === 'in' ? <Shell />
                    : state === 'out' ? <Login />
                        : state === 'unreachable' ? <Unreachable />
                            : <div aria-busy="true" />}
            <Toasts />
        </>
    );
}

function Unreachable() {
    return (
        <main class="gate-form">
            <h1>{t('problem.offline')}</h1>
            <p>{t('problem.offline.remedy')}</p>
            <div><Button kind="primary" icon="refresh" onClick={() => void loadMe()}>{t('retry')}</Button></div>
        </main>
    );
}
