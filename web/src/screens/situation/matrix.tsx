// Items x places. A cell is shape, figure and ground colour; arrows move, Enter chooses; row and column heads choose too.
import { useMemo, useRef, useState } from 'preact/hooks';
import { lang, nameOf, t, word } from '../../i18n/index';
import { days, percent } from '../../base/format';
import { Shape, stateOf } from '../../kit/state';
import { briefNames } from './brief';
import type { Chosen } from './index';
import type { MatrixCell, Picture } from './types';

export type Measure = 'ratio' | 'days';

function figure(cell: MatrixCell | undefined, measure: Measure): string {
    if (!cell || stateOf(cell.state) === 'unreported') return '';
    return measure === 'ratio' ? percent(cell.ratio_ppm).replace('%', '') : days(cell.days_cover_milli);
}

interface Props {
    data: Picture;
    measure: Measure;
    chosen: Chosen;
    onChoose: (item: string | null, place: string | null) => void;
}

export function Matrix({ data, measure, chosen, onChoose }: Props) {
    const cells = useMemo(() => new Map(data.matrix.map((c) => [`${c.item_id}/${c.place_id}`, c])), [data.matrix]);
    const briefs = useMemo(() => briefNames(data.places.map(nameOf)), [data.places, lang.value]);
    const [active, setActive] = useState<[number, number]>([0, 0]);
    const table = useRef<HTMLTableElement>(null);

    function onKeyDown(event: KeyboardEvent): void {
        const step: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
        const move = step[event.key];
        if (!move || !(event.target as HTMLElement).dataset.cell) return;
        event.preventDefault();
        const row = Math.max(0, Math.min(data.items.length - 1, active[0] + move[0]));
        const column = Math.max(0, Math.min(data.places.length - 1, active[1] + move[1]));
        setActive([row, column]);
        table.current?.querySelector<HTMLElement>(`[data-cell="${row}/${column}"]`)?.focus();
    }

    return (
        <div class="matrix-scroll">
            <table class={`matrix${data.places.length > 18 ? ' dense' : ''}`} ref={table} onKeyDown={onKeyDown} aria-labelledby="matrix-title">
                <thead>
                    <tr>
                        <th scope="col" class="corner">{t('matrix.corner')}</th>
                        {data.places.map((p, j) => (
                            <th key={p.id} scope="col" class={chosen.place === p.id ? 'on' : undefined}>
                                <button type="button" aria-pressed={chosen.place === p.id} title={nameOf(p)} onClick={() => onChoose(chosen.item, chosen.place === p.id ? null : p.id)}>
                                    <span>{briefs[j]}</span></button>
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {data.items.map((row, i) => (
                        <tr key={row.item.id} class={chosen.item === row.item.id ? 'on' : undefined}>
                            <th scope="row">
                                <button type="button" aria-pressed={chosen.item === row.item.id} title={nameOf(row.item)}
                                    onClick={() => onChoose(chosen.item === row.item.id ? null : row.item.id, chosen.place)}>
                                    <Shape state={stateOf(row.state)} /><span>{nameOf(row.item)}</span>
                                    <span class="hidden-text">{word('state', stateOf(row.state))}</span></button>
                            </th>
                            {data.places.map((p, j) => {
                                const cell = cells.get(`${row.item.id}/${p.id}`);
                                const state = stateOf(cell?.state);
                                const on = chosen.item === row.item.id && chosen.place === p.id;
                                return (
                                    <td key={p.id} class={chosen.place === p.id ? 'on' : undefined}>
                                        <button type="button" class={`cell ${state}`} data-cell={`${i}/${j}`} aria-pressed={on}
                                            tabIndex={active[0] === i && active[1] === j ? 0 : -1}
                                            aria-label={`${nameOf(row.item)} ${nameOf(p)} ${word('state', state)} ${figure(cell, measure)}${measure === 'ratio' ? '%' : ''}`}
                                            onFocus={() => setActive([i, j])} onClick={() => onChoose(row.item.id, p.id)}>
                                            <Shape state={state} size={10} />{figure(cell, measure)}
                                        </button>
                                    </td>
                                );
                            })}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
