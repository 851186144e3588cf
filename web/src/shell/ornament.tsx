// The city as a chain of depots: the only decoration there is, on the page before logging in.
const DOTS: [number, number, number][] = [
    [60, 120, 9], [150, 60, 6], [240, 110, 13], [330, 50, 6], [420, 95, 9], [150, 180, 6], [240, 220, 8], [350, 175, 10], [440, 215, 6],
];
const LINES: [number, number][] = [[0, 1], [1, 2], [2, 3], [3, 4], [2, 5], [5, 0], [2, 6], [2, 7], [7, 8], [7, 4], [6, 5]];

export function Ornament() {
    return (
        <svg class="ornament" viewBox="0 0 500 270" width="500" height="270" aria-hidden="true">
            {LINES.map(([a, b]) => (
                <line key={`${a}-${b}`} x1={DOTS[a]![0]} y1={DOTS[a]![1]} x2={DOTS[b]![0]} y2={DOTS[b]![1]} stroke="#5d8fd6" stroke-width="1.6" opacity=".7" />
            ))}
            {DOTS.map(([x, y, r], i) => <circle key={i} cx={x} cy={y} r={r} fill={i === 2 ? '#ffd479' : '#9cc3ff'} />)}
        </svg>
    );
}
