// The menu: one row a screen, in the order of the menu, with the rights any one of which opens it.
import type { ComponentType } from 'preact';
import type { Key } from '../i18n/index';
import type { IconName } from '../kit/icons';
import { canAny } from '../api/session';

export interface ScreenRow {
    path: string;
    key: string; // after "g"
    title: Key;
    icon: IconName;
    rights: string[];
    hidden?: boolean; // reached otherwise than by the menu
    screen: ComponentType;
}

export const SCREENS: ScreenRow[] = [
];

export function allowedScreens(): ScreenRow[] {
    return SCREENS.filter((s) => !s.hidden && (s.rights.length === 0 || canAny(...s.rights)));
}
