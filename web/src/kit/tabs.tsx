// Tabs (APG, automatic activation): arrows move, the panel follows.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Tab {
    key: string;
    label: ComponentChildren;
}

export function Tabs({ tabs, value, onValue, label, children }: {
    tabs: Tab[];
    value: string;
    onValue: (key: string) => void;
    label: string;
    children: ComponentChildren;
}) {
    const id = useId();
    function onKeyDown(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
        const index = tabs.findIndex((tab) => tab.key === value);
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const target = event.key === 'Home' ? 0 : event.key === 'End' ? tabs.length - 1
            : step ? (index + step + tabs.length) % tabs.length : -1;
        if (target < 0) return;
        event.preventDefault();
        onValue(tabs[target]!.key);
        event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')[target]?.focus();
    }
    return (
        <div class="tabs">
            <div role="tablist" aria-label={label} onKeyDown={onKeyDown}>
                {tabs.map((tab) => (
                    <button key={tab.key} type="button" role="tab" id={`${id}-${tab.key}`} aria-selected={tab.key === value} aria-controls={`${id}-panel`}
                        tabIndex={tab.key === value ? 0 : -1} onClick={() => onValue(tab.key)}>
                        {tab.label}
                    </button>
                ))}
            </div>
            <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>{children}</div>
        </div>
    );
}
