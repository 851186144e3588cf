// Small helpers of the situation.
import { describe, expect, it } from 'vitest';
import { briefNames } from '../src/screens/situation/brief';

describe('short names', () => {
    it('leave out what most names end in alike', () => {
        const zh = ['市应急物资储备仓库（空港专库）', '和平区应急物资储备库', '河东区应急物资储备库', '滨海新区应急物资储备库', '空港经济区应急物资储备库', '津南区前置库（辛庄）'];
        expect(briefNames(zh)).toEqual(['市应急物资储备仓库（空港专库）', '和平', '河东', '滨海新', '空港经济', '津南区前置库（辛庄）'].map((x, i) => (i > 0 && i < 5 ? `${x}区` : x)));
        expect(briefNames(['Heping district depot', 'Hedong district depot', 'Hexi district depot'])).toEqual(['Heping', 'Hedong', 'Hexi']);
        expect(briefNames(['甲库', '乙库'])).toEqual(['甲库', '乙库']);
    });
});
