// Icons: drawn here, 24 x 24, one stroke. Decorative unless given a title.
const PATHS = {
    situation: 'M3 17l5-6 4 4 5-8 4 5M3 21h18',
    stock: 'M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9',
    transfer: 'M4 8h13l-3-3M20 16H7l3 3',
    upload: 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4',
    download: 'M12 4v12M7 11l5 5 5-5M4 16v4h16v-4',
    people: 'M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 010 6.5M18 14.5c2 .8 3.200 2.700 3.500 5.500',
    journal: 'M6 3h12v18H6zM9 8h6M9 12h6M9 16h3',
    search: 'M10.500 17a6.500 6.500 0 100-13 6.500 6.500 0 000 13zM15.500 15.500L21 21',
    close: 'M5 5l14 14M19 5L5 19',
    more: 'M5 12h.01M12 12h.01M19 12h.01',
    check: 'M4 12.500l5 5L20 6.500',
    chevron: 'M9 5l7 7-7 7',
    down: 'M5 9l7 7 7-7',
    calendar: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
    camera: 'M3 8h4l2-3h6l2 3h4v11H3zM12 16.500a3.500 3.500 0 100-7 3.500 3.500 0 000 7z',
    sun: 'M12 16a4 4 0 100-8 4 4 0 000 8zM12 2v2.500M12 19.500V22M2 12h2.500M19.500 12H22M5 5l1.700 1.700M17.300 17.300L19 19M5 19l1.700-1.700M17.300 6.700L19 5',
    moon: 'M20 14.500A8.500 8.500 0 019.500 4 8.500 8.500 0 1020 14.500z',
    user: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c.7-4.500 3.700-6.500 8-6.500s7.300 2 8 6.500',
    language: 'M4 6h9M8.500 3v3M11 6c-1 4-3.500 7-7 9M6 9c1.500 2.500 3.500 4.500 6 6M12 21l4.500-11L21 21M13.700 17h5.600',
    refresh: 'M20 11a8 8 0 10-2 6M20 4v7h-7',
    warn: 'M12 3l10 18H2zM12 10v5M12 18h.01',
    lock: 'M6 11h12v10H6zM8.500 11V7.500a3.500 3.500 0 017 0V11',
    proof: 'M12 3l8 3v6c0 5-3.500 8-8 9-4.500-1-8-4-8-9V6zM8.500 12l2.500 2.500 4.500-5',
    expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
    outbox: 'M4 13l2-8h12l2 8v6H4zM4 13h5l1 2.500h4l1-2.500h5',
    scan: 'M4 8V4h4M20 8V4h-4M4 16v4h4M20 16v4h-4M7 8v8M10 8v8M13.500 8v8M17 8v8',
    plus: 'M12 5v14M5 12h14',
    arrow: 'M5 12h14M13 6l6 6-6 6',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, title, size = 20 }: { name: IconName; title?: string; size?: number }) {
    const shape = <path d={PATHS[name]} />;
    if (title) return <svg class="icon" width={size} height={size} viewBox="0 0 24 24" role="img" aria-label={title}>{shape}</svg>;
    return <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">{shape}</svg>;
}
