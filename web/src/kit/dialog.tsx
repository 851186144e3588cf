// Dialogs and drawers on the browser's own <dialog>: it keeps the focus inside, closes on Escape and gives the focus back.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n/index';
import { IconButton } from './button';

interface Props {
    title: string;
    onClose: () => void;
    children: ComponentChildren;
    foot?: ComponentChildren;
    side?: boolean; // a drawer from the right, full height
    wide?: boolean;
}

export function Dialog({ title, onClose, children, foot, side, wide }: Props) {
    const element = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const dialog = element.current!;
        if (!dialog.open) dialog.showModal();
        return () => dialog.close();
    }, []);
    return (
        <dialog ref={element} class={`dialog${side ? ' drawer' : ''}${wide ? ' wide' : ''}`} aria-labelledby={id}
            onCancel={(event) => {
                if (event.target !== event.currentTarget) return;
                event.preventDefault();
                onClose();
            }}
            onMouseDown={(event) => {
                if (event.target === element.current) onClose();
            }}>
            <div class="dialog-body">
                <header>
                    <h2 id={id}>{title}</h2>
                    <IconButton icon="close" label={t('close')} onClick={onClose} />
                </header>
                <div class="dialog-content" tabIndex={-1}>{children}</div>
                {foot && <footer>{foot}</footer>}
            </div>
        </dialog>
    );
}
