// Buttons and links that look like buttons. A busy button keeps its width and cannot be pressed twice.
import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons';

type Kind = 'plain' | 'primary' | 'danger' | 'quiet';

interface ButtonProps extends Omit<JSX.IntrinsicElements['button'], 'icon'> {
    kind?: Kind;
    icon?: IconName;
    busy?: boolean;
    big?: boolean;
    children?: ComponentChildren;
}

export function Button({ kind = 'plain', icon, busy = false, big = false, children, class: extra, type = 'button', disabled, ...rest }: ButtonProps) {
    return (
        <button {...rest} type={type} class={`button ${kind}${big ? ' big' : ''} ${extra ?? ''}`} aria-busy={busy || undefined}
            disabled={disabled || busy}>
            {busy ? <span class="spinner" aria-hidden="true" /> : icon ? <Icon name={icon} /> : null}
            {children !== undefined && <span>{children}</span>}
        </button>
    );
}

export function IconButton({ icon, label, ...rest }: Omit<ButtonProps, 'children'> & { icon: IconName; label: string }) {
    return (
        <button type="button" {...rest} class={`button quiet only ${rest.class ?? ''}`} aria-label={label} title={label}>
            <Icon name={icon} />
        </button>
    );
}

export function LinkButton({ kind = 'plain', icon, children, ...rest }: JSX.IntrinsicElements['a'] & { kind?: Kind; icon?: IconName }) {
    return (
        <a {...rest} class={`button ${kind} ${rest.class ?? ''}`}>
            {icon ? <Icon name={icon} /> : null}
            <span>{children}</span>
        </a>
    );
}
