// The menu: one row a screen, in the order of the menu, with the rights any one of which opens it.
import type { ComponentType } from 'preact';
import { moreWords, type Key } from '../i18n/index';
import type { IconName } from '../kit/icons';
import { canAny } from '../api/session';
import { lazy } from '../kit/lazy';

export interface ScreenRow {
    path: string;
    key: string; // after "g"
    title: Key;
    icon: IconName;
    rights: string[];
    hidden?: boolean; // reached otherwise than by the menu
    screen: ComponentType;
}

// A screen whose words are not among those of the shell.
function worded(load: () => Promise<{ default: ComponentType }>): ComponentType {
    return lazy(() => Promise.all([load(), moreWords()]).then(([module]) => module));
}

export const SCREENS: ScreenRow[] = [
    { path: 'situation', key: 's', title: 'screen.situation', icon: 'situation', rights: ['situation.read'], screen: lazy(() => import('../screens/situation/index')) },
    { path: 'readiness', key: 'r', title: 'screen.readiness', icon: 'proof', rights: ['standard.read'], screen: lazy(() => import('../screens/readiness/index')) },
    { path: 'proposals', key: 'd', title: 'screen.proposals', icon: 'check', rights: ['level.change', 'approval.read'], screen: worded(() => import('../screens/proposals/index')) },
    { path: 'basis', key: 'b', title: 'screen.basis', icon: 'calendar', rights: ['run.read'], screen: worded(() => import('../screens/basis/index')) },
    { path: 'runs', key: 'c', title: 'screen.runs', icon: 'journal', rights: ['run.read'], hidden: true, screen: worded(() => import('../screens/runs/index')) },
    { path: 'figures', key: 'f', title: 'screen.figures', icon: 'plus', rights: ['figure.read'], screen: worded(() => import('../screens/figures/index')) },
    { path: 'stock', key: 'k', title: 'screen.stock', icon: 'stock', rights: ['stock.read'], screen: worded(() => import('../screens/stock/index')) },
    { path: 'work', key: 'w', title: 'screen.work', icon: 'scan', rights: ['ledger.post', 'use.report'], screen: worded(() => import('../screens/work/index')) },
    { path: 'import', key: 'i', title: 'screen.import', icon: 'upload', rights: ['import.run', 'export.run'], screen: worded(() => import('../screens/import/index')) },
    { path: 'people', key: 'p', title: 'screen.people', icon: 'people', rights: ['account.read'], screen: worded(() => import('../screens/people/index')) },
    { path: 'journal', key: 'j', title: 'screen.journal', icon: 'journal', rights: ['journal.read'], screen: worded(() => import('../screens/journal/index')) },
    { path: 'account', key: 'm', title: 'account.title', icon: 'user', rights: [], hidden: true, screen: worded(() => import('../screens/account/index')) },
];

export function allowedScreens(): ScreenRow[] {
    return SCREENS.filter((s) => !s.hidden && (s.rights.length === 0 || canAny(...s.rights)));
}
