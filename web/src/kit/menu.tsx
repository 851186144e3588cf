// A menu behind a button, on the browser's popover: outside clicks and Escape close it. Its entries are ordinary links and buttons.
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons';

export function Menu({ label, icon, text, children }: { label: string; icon: IconName; text?: string; children: ComponentChildren }) {
    const id = useId().replace(/[^\w-]/g, '');
    const button = useRef<HTMLButtonElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const [open, setOpen] = useState(false);
    return (
        <>
            <button ref={button} type="button" class={`button quiet${text ? '' : ' only'}`} aria-label={text ? undefined : label} title={label} aria-haspopup="true"
                aria-expanded={open} popovertarget={id}>
                <Icon name={icon} />
                {text && <span>{text}</span>}
            </button>
            <div id={id} ref={box} popover="auto" class="menu" role="group" aria-label={label}
                onToggle={(event) => {
                    const shown = (event as unknown as { newState: string }).newState === 'open';
                    setOpen(shown);
                    if (!shown || !button.current || !box.current) return;
                    const at = button.current.getBoundingClientRect();
                    const height = box.current.offsetHeight;
                    const top = at.bottom + 4 + height < innerHeight ? at.bottom + 4 : Math.max(8, at.top - height - 4);
                    box.current.style.top = `${top}px`;
                    box.current.style.left = `${Math.max(8, Math.min(at.right - box.current.offsetWidth, innerWidth - box.current.offsetWidth - 8))}px`;
                    box.current.querySelector<HTMLElement>('a,button')?.focus();
                }}
                onClick={(event) => {
                    if ((event.target as HTMLElement).closest('a,button')) box.current?.hidePopover();
                }}>
                {children}
            </div>
        </>
    );
}
