// The service worker keeps the shell for work without network. It exists only over HTTPS or on this machine itself; without it
// everything else works. A new version is offered, never forced: a half-filled form must not vanish.
import { t } from '../i18n/index';
import { toast } from '../kit/toast';

export function registerWorker(): void {
    if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
    navigator.serviceWorker.register('./sw.js').then((registration) => {
        registration.addEventListener('updatefound', () => {
            const next = registration.installing;
            next?.addEventListener('statechange', () => {
                if (next.state !== 'installed' || !navigator.serviceWorker.controller) return;
                toast('note', t('update.ready'), undefined, {
                    label: t('update.now'),
                    run: () => {
                        navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
                        next.postMessage('take-over');
                    },
                });
            });
        });
    }).catch(() => {
        // No worker (plain http in a local network): the application needs the network then, and says so when it is gone.
    });
}
