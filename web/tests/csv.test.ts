// Reading an error file.
import { describe, expect, it } from 'vitest';
import { csvLine, readCsv } from '../src/base/csv';

describe('csv', () => {
    it('reads quotes, commas, line ends and the byte order mark', () => {
        expect(readCsv('\ufeffa,"b ""x"", y",c\r\n1,"two\nlines",3\r\n', 10)).toEqual([['a', 'b "x", y', 'c'], ['1', 'two\nlines', '3']]);
        expect(readCsv('a,b\n1,2\n3,4', 2)).toEqual([['a', 'b'], ['1', '2']]);
        expect(readCsv('a,b\n1,', 9)).toEqual([['a', 'b'], ['1', '']]);
    });
    it('writes what it reads', () => {
        const cells = ['plain', 'with, comma', 'with "quotes"', '中文'];
        expect(readCsv(csvLine(cells), 1)).toEqual([cells]);
    });
});
