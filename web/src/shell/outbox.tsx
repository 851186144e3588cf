// What was done here and has not reached the server, and what the server refused after it had been put by: nothing is ever dropped in silence.
import { lang, t } from '../i18n/index';
import { ago, moment } from '../base/format';
import { drain } from '../api/client';
import { dropOperation, waiting } from '../api/outbox';
import { me } from '../api/session';
import { Button } from '../kit/button';
import { Dialog } from '../kit/dialog';
import { Empty, now, StatusTag } from '../kit/state';

export function OutboxDialog({ onClose }: { onClose: () => void }) {
    const rows = waiting.value;
    return (
        <Dialog title={t('outbox.title')} onClose={onClose} side foot={<Button kind="primary" icon="refresh" onClick={() => void drain()}>{t('outbox.send')}</Button>}>
            <p class="hint">{t('outbox.words')}</p>
            {rows.length === 0 ? <Empty title={t('outbox.empty')} /> : (
                <ul class="stack">
                    {rows.map((o) => (
                        <li key={o.id} class="card">
                            <div class="card-title">{o.label || `${o.method} ${o.path}`}
                                <StatusTag state={o.refused ? 'critical' : 'low'} label={o.refused ? t('outbox.refused') : t('outbox.waiting')} /></div>
                            <p class="muted">{moment(new Date(o.madeAt).toISOString(), true)} · {ago(now.value - o.madeAt)}
                                {o.account !== me.value?.account.id && ` · ${t('outbox.other')}`}</p>
                            {o.refused && <p>{lang.value === 'zh' ? o.refused.title : o.refused.title_en}</p>}
                            {o.refused && <Button onClick={() => void dropOperation(o.id)}>{t('outbox.seen')}</Button>}
                        </li>
                    ))}
                </ul>
            )}
        </Dialog>
    );
}
