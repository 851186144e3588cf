// What an outlook says in one sentence.
import { addDays } from '../../base/format';
import { lang, nameOf, t } from '../../i18n/index';
import type { StockState } from '../../kit/state';
import type { Document, Spot, StandardItem, Trial } from './types';

// The last day that is met: the day before the first that is not.
export function until(spot: Spot | null): string {
    if (!spot) return '';
    return spot.date ? addDays(spot.date, -1) : t('basis.day', { n: spot.day - 1 });
}

// "1月23日", "23 Jan": a date as it is spoken.
export function spoken(date: string): string {
    const match = /^\d{4}-(\d{2})-(\d{2})$/.exec(date);
    if (!match) return date;
    const [month, day] = [Number(match[1]), Number(match[2])];
    return lang.value === 'zh' ? `${month}月${day}日` : `${day} ${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][month - 1]}`;
}

export function roundsWords(trial: Trial, document: Document): string {
    const { rounds_covered_90: met, rounds_to_come: all } = trial;
    // Cases, but no round is ordered yet: the engine reckons with some that may come.
    if (all === 0) return t(document.rounds ? 'basis.rounds.open' : 'basis.rounds.none');
    if (met >= all) return t(all === 1 ? 'basis.rounds.next' : 'basis.rounds.all', { n: all });
    return met === 0 ? t('basis.rounds.zero') : met === 1 ? t('basis.rounds.one') : t('basis.rounds.some', { n: met });
}

export function sentence(item: StandardItem, document: Document, name: string = nameOf(item)): string {
    const days = document.days;
    const outlook = item.outlook;
    if (!outlook) return t('basis.no-stock', { name });
    const sure = outlook.enough_until_90;
    const half = outlook.out_half_sure;
    const cover = !sure ? t('basis.enough', { name, days })
        : !half ? t('basis.likely', { name, sure: spoken(until(sure)) })
            : t('basis.until', { name, half: spoken(until(half)), sure: spoken(until(sure)) });
    // Without a round to come the page says so once, not in each sentence.
    return outlook.rounds_to_come === 0 ? t('basis.plain', { cover }) : t('basis.sentence', { cover, rounds: roundsWords(outlook, document) });
}

export function stateOfOutlook(outlook: Trial | undefined): StockState {
    if (!outlook) return 'unreported';
    if (!outlook.enough_until_90) return 'ok';
    return outlook.enough_until_90.day <= 3 ? 'critical' : 'low';
}

export function percentOf(share: number): string {
    if (share > 0 && share < 0.005) return '<1%';
    return `${share > 0.995 && share < 1 ? 99 : Math.round(share * 100)}%`;
}
