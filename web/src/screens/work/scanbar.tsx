// The part one looks at while scanning: what was read last and what became of it, what the present pack still lacks, camera, typing.
import { useState } from 'preact/hooks';
import { lang, nameOf, t } from '../../i18n/index';
import { exact } from '../../base/format';
import { named } from '../../api/names';
import type { Candidate } from '../../scan/candidate';
import type { Outcome, Work } from '../../scan/session';
import { Camera } from '../../scan/camera';
import { Button } from '../../kit/button';
import { Icon } from '../../kit/icons';

export interface Said {
    outcome: Outcome | { kind: 'bad'; title: string; detail: string } | { kind: 'busy' };
    raw: string;
}

export function ScanBar({ work, said, onRaw, onManual, onDropPending }: {
    work: Work;
    said: Said | null;
    onRaw: (raw: string) => void;
    onManual: () => void;
    onDropPending: () => void;
}) {
    const [camera, setCamera] = useState(false);
    const [typed, setTyped] = useState('');
    return (
        <section class="scan-bar panel" aria-label={t('scan.title')}>
            {camera && <Camera onScan={onRaw} onClose={() => setCamera(false)} />}
            <form class="scan-entry" onSubmit={(event) => {
                event.preventDefault();
                if (typed.trim() === '') return;
                onRaw(typed.trim());
                setTyped('');
            }}>
                <label class="hidden-text" for="scan-box">{t('scan.box')}</label>
                <input id="scan-box" class="input big" data-scan="1" autocomplete="off" spellcheck={false} autocapitalize="none" placeholder={t('scan.box')} value={typed}
                    onInput={(event) => setTyped(event.currentTarget.value)} />
                <Button type="submit" icon="check">{t('scan.enter')}</Button>
                <Button icon="camera" aria-pressed={camera} onClick={() => setCamera(!camera)}>{t('scan.camera')}</Button>
                <Button icon="plus" onClick={onManual}>{t('scan.manual')}</Button>
            </form>
            <div class="scan-said" role="status" aria-live="assertive">{said ? <SaidText said={said} /> : <p class="muted">{t(`scan.ready.${work.mode}`)}</p>}</div>
            <Pending work={work} onDrop={onDropPending} />
        </section>
    );
}

function SaidText({ said: { outcome, raw } }: { said: Said }) {
    const shown = raw.replaceAll('\x1d', '␝').slice(0, 90);
    if (outcome.kind === 'busy') return <p class="muted">{t('scan.busy')} <code>{shown}</code></p>;
    if (outcome.kind === 'line') {
        const { line, added } = outcome;
        return (
            <p class="said ok"><Icon name="check" size={28} /><span><strong>{nameOf(named('items', line.item))}</strong> {line.batch && `${t('kind.lot')} ${line.batch}`}
                {line.expiry && ` · ${t('lot.expiry')} ${line.expiry}`} · +{exact(added)} = {exact(line.quantity)}</span></p>
        );
    }
    if (outcome.kind === 'more') {
        return <p class="said low"><Icon name="scan" size={28} /><span><strong>{t('scan.more')}</strong> {outcome.missing.map((m) => t(`scan.missing.${m}`)).join(lang.value === 'zh' ? '、' : ', ')}</span></p>;
    }
    const [title, detail] = outcome.kind === 'bad' ? [outcome.title, outcome.detail] : [t(`scan.refused.${outcome.why}`), t(`scan.refused.${outcome.why}.why`, outcome.facts)];
    return <p class="said critical"><Icon name="warn" size={28} /><span><strong>{title}</strong> {detail} <code>{shown}</code></span></p>;
}

const FIELDS: [keyof Candidate, 'scan.field.gtin' | 'scan.field.other' | 'scan.field.lot' | 'scan.field.expiry' | 'scan.field.made' | 'scan.field.serial'][] = [
    ['gtin', 'scan.field.gtin'], ['other', 'scan.field.other'], ['lot', 'scan.field.lot'], ['expiry', 'scan.field.expiry'], ['made', 'scan.field.made'], ['serial', 'scan.field.serial'],
];

// What is known of the pack in hand while its codes are still coming.
function Pending({ work, onDrop }: { work: Work; onDrop: () => void }) {
    const known = FIELDS.filter(([field]) => work.pending[field] !== '' && work.pending[field] !== null);
    if (known.length === 0) return null;
    return (
        <div class="pending">
            <strong>{work.pendingKnown ? nameOf(named('items', work.pendingKnown.item)) : t('scan.pending')}</strong>
            {known.map(([field, label]) => <span key={field} class="tag">{t(label)} {String(work.pending[field])}</span>)}
            <Button kind="quiet" icon="close" onClick={onDrop}>{t('scan.pending.drop')}</Button>
        </div>
    );
}
