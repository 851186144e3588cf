// Choosing a file: a button that is a file input, and a place to drop one.
import { useId, useState } from 'preact/hooks';
import { t } from '../i18n/index';
import { bytes } from '../base/format';
import { Icon } from './icons';

export function Upload({ accept, file, onFile, hint, label }: {
    accept: string;
    file: File | null;
    onFile: (file: File) => void;
    hint?: string;
    label: string;
}) {
    const id = useId();
    const [over, setOver] = useState(false);
    return (
        <div class={`upload${over ? ' over' : ''}`}
            onDragOver={(event) => {
                event.preventDefault();
                setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
                event.preventDefault();
                setOver(false);
                const dropped = event.dataTransfer?.files[0];
                if (dropped) onFile(dropped);
            }}>
            <Icon name="upload" size={28} />
            <div>
                {/* The browser's own button speaks the browser's language; ours lies over it. */}
                <input id={id} type="file" accept={accept} class="hidden-text" onChange={(event) => {
                    const chosen = event.currentTarget.files?.[0];
                    if (chosen) onFile(chosen);
                }} />
                <label for={id} class="button">{label}</label>
                <p class="hint">{file ? <b>{file.name} · {bytes(file.size)}</b> : (hint ?? t('upload.hint'))}</p>
            </div>
        </div>
    );
}
