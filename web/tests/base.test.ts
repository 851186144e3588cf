// Numbers, dates, ids, addresses, map: the small things every screen stands on.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { days, exact, percent, short, addDays, daysBetween, moment } from '../src/base/format';
import { operationId } from '../src/base/opid';
import { href, parsePlace } from '../src/base/router';
import { readQuantity } from '../src/kit/field';
import { readDate } from '../src/kit/date';
import { fit, neighbour, outline, readRegion } from '../src/map/topology';

describe('format', () => {
    it('shortens by 10^4 and 10^8, K and M, and never below ten thousand', () => {
        expect(short(9999, 'zh')).toBe('9,999');
        expect(short(12345, 'zh')).toBe('1.23万');
        expect(short(472000, 'zh')).toBe('47.2万');
        expect(short(99_994_999, 'zh')).toBe('9999万');
        expect(short(123_456_789, 'zh')).toBe('1.23亿');
        expect(short(10_000, 'en')).toBe('10K');
        expect(short(472_000, 'en')).toBe('472K');
        expect(short(-1_500_000, 'en')).toBe('-1.5M');
        expect(exact(1_234_567)).toBe('1,234,567');
    });
    it('never calls a shortage a hundred per cent', () => {
        expect(percent(999_999)).toBe('99%');
        expect(percent(1_000_000)).toBe('100%');
        expect(percent(412_000)).toBe('41%');
        expect(percent(null)).toBe('—');
    });
    it('rounds days of cover down', () => {
        expect(days(6490)).toBe('6.4');
        expect(days(26_900)).toBe('26');
        expect(days(null)).toBe('—');
    });
    it('shows moments in the city zone', () => {
        expect(moment('2022-01-07T16:30:00.000Z')).toBe('2022-01-08 00:30');
        expect(addDays('2022-02-28', 1)).toBe('2022-03-01');
        expect(daysBetween('2021-12-16', '2021-12-27')).toBe(11);
    });
});

describe('input', () => {
    it('reads quantities as people write them', () => {
        expect(readQuantity('1,200')).toBe(1200);
        expect(readQuantity('1.2万')).toBe(12000);
        expect(readQuantity('3亿')).toBe(300_000_000);
        expect(readQuantity('0.00001万')).toBeNull();
        expect(readQuantity('1e5')).toBeNull();
        expect(readQuantity('')).toBeNull();
    });
    it('reads dates as people write them, and only real ones', () => {
        for (const text of ['2022-01-08', '2022/1/8', '20220108', '2022年1月8日', '2022.01.08']) expect(readDate(text)).toBe('2022-01-08');
        expect(readDate('2022-02-29')).toBeNull();
        expect(readDate('01/08/2022')).toBeNull();
    });
});

describe('ids', () => {
    it('makes UUIDs of version 7 in the order of making', () => {
        const ids = Array.from({ length: 5000 }, () => operationId());
        expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect([...ids].sort()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
    });
});

describe('addresses', () => {
    it('go there and back', () => {
        const address = href('stock/items/42', { at: '2022-01-08', q: '口罩 & 手套', none: null });
        expect(parsePlace(address)).toEqual({ path: ['stock', 'items', '42'], query: { at: '2022-01-08', q: '口罩 & 手套' } });
        expect(parsePlace('#/invite/%E0%A4%A')).toEqual({ path: ['invite', '%E0%A4%A'], query: {} });
    });
});

describe('map', () => {
    const file = new URL('../../data/regions/120000.json', import.meta.url);
    it('reads the region pack that ships', () => {
        expect(existsSync(file)).toBe(true);
        const region = readRegion(JSON.parse(readFileSync(file, 'utf8')) as never);
        expect(region.districts.map((d) => d.adcode)).toHaveLength(16);
        expect(region.districts.filter((d) => d.inset)).toHaveLength(6);
        const project = fit(region.districts, 600, 800, 6);
        for (const d of region.districts) {
            const [x, y] = project(d.label);
            expect(x > 0 && x < 600 && y > 0 && y < 800).toBe(true);
            expect(outline(d, project)).toMatch(/^M[\d.]+ [\d.]+L/);
        }
    });
    it('finds the neighbour in the direction of an arrow', () => {
        const others = [{ key: 'east', at: [10, 0] as [number, number] }, { key: 'far', at: [30, 1] as [number, number] }, { key: 'south', at: [0, 9] as [number, number] }];
        expect(neighbour([0, 0], others, 'ArrowRight')).toBe('east');
        expect(neighbour([0, 0], others, 'ArrowDown')).toBe('south');
        expect(neighbour([0, 0], others, 'ArrowLeft')).toBeNull();
    });
});
