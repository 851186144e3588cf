// When to try the outbox again: when the link is back, when the machine says it is online, and every half minute while something waits.
import { effect } from '@preact/signals';
import { drain } from './client';
import { link } from './live';
import { refreshWaiting, waiting } from './outbox';
import { loadMe, offlineSession, sessionState } from './session';

const EVERY_MS = 30_000;

export function startDrain(): void {
    void refreshWaiting();
    const again = (): void => {
        if (sessionState.value === 'unreachable' || offlineSession.value) void loadMe();
        else if (sessionState.value === 'in' && waiting.value.some((o) => !o.refused)) void drain();
    };
    addEventListener('online', again);
    setInterval(again, EVERY_MS);
    effect(() => {
        if (link.value === 'live') setTimeout(again, 0);
    });
}
