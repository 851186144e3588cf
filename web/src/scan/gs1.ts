// Reads GS1 scans in the browser: the twin of src/codec/gs1 for work without network and for an answer at once. Same table, same rules,
// same error codes, except that rules no depot meets (coupons, bank accounts, latitudes …) are left to the server: `sure` is then false.
import { TABLE } from './gs1_table';

export const SEPARATOR = '\x1d';
const MAX_BYTES = 8191;
const MAX_AIS = 64;

export interface Element {
    ai: string;
    value: string;
}

export interface Scan {
    form: 'plain' | 'elements' | 'link' | 'primary';
    symbology: string;
    elements: Element[];
    plain: string;
    sure: boolean;
}

export class Gs1Error extends Error {
    constructor(readonly code: string, readonly facts: Record<string, string | number> = {}) {
        super(code);
    }
}

interface Component {
    optional: boolean;
    set: string;
    min: number;
    max: number;
    rules: string;
}

interface Row {
    fixed: boolean;
    attribute: boolean;
    components: Component[];
    min: number;
    max: number;
    key: string;
    need: string;
    never: string;
}

const rows = new Map<string, Row>();

function load(): void {
    for (const line of TABLE.split('\n')) {
        const [ais, flags, parts, key, need, never] = line.split(';') as [string, string, string, string, string, string];
        const components = parts.split('+').map((text): Component => {
            const m = /^(~?)([NXYZ])(\d+)(?:-(\d+))?(.*)$/.exec(text)!;
            return { optional: m[1] === '~', set: m[2]!, min: Number(m[3]), max: Number(m[4] ?? m[3]), rules: m[5]! };
        });
        const row: Row = {
            fixed: flags.includes('F'),
            attribute: flags.includes('A'),
            components,
            min: components.reduce((sum, c) => sum + (c.optional ? 0 : c.min), 0),
            max: components.reduce((sum, c) => sum + c.max, 0),
            key,
            need,
            never,
        };
        const [first, last] = ais.split(':') as [string, string | undefined];
        for (let n = Number(first); n <= Number(last ?? first); n++) rows.set(String(n).padStart(first.length, '0'), row);
    }
}

function rowOf(ai: string): Row | undefined {
    if (rows.size === 0) load();
    return rows.get(ai);
}

const SETS: Record<string, RegExp> = {
    N: /^\d*$/,
    X: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/,
    Y: /^[0-9A-Z#\-/]*$/,
    Z: /^[0-9A-Za-z\-_]*={0,2}$/,
};

export function checkDigit(body: string): string {
    let sum = 0;
    for (let i = 0; i < body.length; i++) sum += Number(body[body.length - 1 - i]) * (i % 2 === 0 ? 3 : 1);
    return String((10 - (sum % 10)) % 10);
}

export function checkDigitRight(digits: string): boolean {
    return /^\d{2,}$/.test(digits) && checkDigit(digits.slice(0, -1)) === digits.slice(-1);
}

function dateExists(year: number, month: number, day: number): boolean {
    return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

// A rule by its letter in the table: the error code when it is broken, "" when it holds, "?" when it is not known here.
function judge(rule: string, piece: string): string {
    const two = (at: number): number => Number(piece.slice(at, at + 2));
    switch (rule) {
        case 'c': return checkDigitRight(piece) ? '' : 'gs1.check';
        case 'p': return /^\d{4}/.test(piece) ? '' : 'gs1.value';
        case 'q': return /^.\d{4}/s.test(piece) ? '' : 'gs1.value';
        case 'd': return piece.length === 6 && dateExists(2000 + two(0), two(2), two(4) || 1) ? '' : 'gs1.date';
        case 'D': return piece.length === 6 && dateExists(2000 + two(0), two(2), two(4)) ? '' : 'gs1.date';
        case 'h': return piece.length === 4 && two(0) < 24 && two(2) < 60 ? '' : 'gs1.date';
        case 'z': return /[1-9]/.test(piece) ? '' : 'gs1.value';
        default: return '?';
    }
}

class Reader {
    elements: Element[] = [];
    used = 0;
    sure = true;

    value(row: Row, ai: string, value: string): void {
        const fail = (): never => {
            throw new Gs1Error('gs1.length', { ai, length: value.length, least: row.min, most: row.max });
        };
        if (value.length < row.min || value.length > row.max || value.length === 0) fail();
        let from = 0;
        for (const c of row.components) {
            const piece = value.slice(from, from + c.max);
            if (c.optional && piece === '') continue;
            if (piece.length < c.min) fail();
            if (!SETS[c.set]!.test(piece)) throw new Gs1Error('gs1.character', { ai });
            if (c.set === 'Z') this.sure = false; // whether the padding is right is for the server to say
            for (const rule of c.rules) {
                const broken = judge(rule, piece);
                if (broken === '?') this.sure = false;
                else if (broken) throw new Gs1Error(broken, { ai });
            }
            from += piece.length;
        }
        if (from !== value.length) fail();
        if (this.used >= MAX_AIS) throw new Gs1Error('gs1.too-many', { most: MAX_AIS });
        this.used++;
        this.elements.push({ ai, value });
    }

    // An element string behind its leading FNC1; one separator behind a value is passed over even where none is needed.
    elementString(data: string): void {
        if (data === '') throw new Gs1Error('gs1.empty');
        let rest = data;
        while (rest !== '') {
            const length = [2, 3, 4].find((n) => n <= rest.length && rowOf(rest.slice(0, n)) !== undefined);
            if (length === undefined) throw new Gs1Error('gs1.unknown-ai', { ai: rest.slice(0, 4).replace(/[^0-9A-Za-z]/g, '?') });
            const ai = rest.slice(0, length);
            const row = rowOf(ai)!;
            rest = rest.slice(length);
            let end = rest.indexOf(SEPARATOR);
            if (end < 0) end = rest.length;
            if (row.fixed && end > row.max) end = row.max;
            this.value(row, ai, rest.slice(0, end));
            rest = rest.slice(end);
            if (rest.startsWith(SEPARATOR)) rest = rest.slice(1);
        }
    }

    brackets(text: string): void {
        if (text === '') throw new Gs1Error('gs1.empty');
        let rest = text;
        while (rest !== '') {
            const close = rest.indexOf(')');
            if (rest[0] !== '(' || close < 0) throw new Gs1Error('gs1.brackets');
            const ai = rest.slice(1, close);
            const row = rowOf(ai);
            if (!row) throw new Gs1Error('gs1.unknown-ai', { ai: ai.slice(0, 4).replace(/[^0-9A-Za-z]/g, '?') });
            const match = /^(?:\\\(|[^(])*/.exec(rest.slice(close + 1))![0];
            rest = rest.slice(close + 1 + match.length);
            this.value(row, ai, match.replace(/\\\(/g, '('));
        }
    }

    find(ai: string): string {
        return this.elements.find((e) => e.ai === ai)?.value ?? '';
    }

    // `partial`: one code of several on the same pack; what it needs may stand in the other.
    pairs(partial = false): void {
        const other = (pattern: string, self: string): Element | undefined => {
            const match = new RegExp(`^${pattern.replace(/n/g, '\\d')}$`);
            return this.elements.find((e) => e.ai !== self && match.test(e.ai));
        };
        for (const e of this.elements) {
            for (const pattern of split(rowOf(e.ai)!.never, ',')) {
                const found = other(pattern, e.ai);
                if (found) throw new Gs1Error('gs1.exclusive', { ai: e.ai, with: found.ai });
            }
        }
        for (const e of partial ? [] : this.elements) {
            for (const clause of split(rowOf(e.ai)!.need, ' ')) {
                const holds = split(clause, ',').some((choice) => split(choice, '+').every((pattern) => other(pattern, e.ai)));
                if (!holds) throw new Gs1Error('gs1.required', { ai: e.ai, needs: clause });
            }
        }
        for (const a of this.elements) {
            if (this.elements.some((b) => b.ai === a.ai && b.value !== a.value)) throw new Gs1Error('gs1.repeated', { ai: a.ai });
        }
        if (this.find('8030') && ['253', '255', '8003'].some((key) => this.find(key).length === rowOf(key)!.min)) {
            throw new Gs1Error('gs1.no-serial');
        }
    }

    scan(form: Scan['form'], symbology = '', plain = ''): Scan {
        return { form, symbology, elements: this.elements, plain, sure: this.sure };
    }
}

function split(text: string, by: string): string[] {
    return text.split(by).filter((part) => part !== '');
}

const MODES: Record<string, 'elements' | 'plain' | 13 | 8> = {
    C1: 'elements', e0: 'elements', d2: 'elements', Q3: 'elements', J1: 'elements', d1: 'plain', Q1: 'plain', J0: 'plain', E0: 13, E4: 8,
};
const COMPOSITE = '|]e0';
const LINK = /^(?:https?|HTTPS?):\/\//;

function readPrimary(data: string, size: number, symbology: string): Scan {
    const reader = new Reader();
    const digits = data.slice(0, size);
    const rest = data.slice(size);
    if (digits.length < size || (rest !== '' && !rest.startsWith(COMPOSITE))) throw new Gs1Error('gs1.length', { ai: '01', length: data.length });
    if (rest !== '') {
        reader.elementString(rest.slice(COMPOSITE.length));
        reader.pairs();
    }
    reader.elements.unshift({ ai: '01', value: gtin(digits) });
    return reader.scan('primary', symbology);
}

function gtin(digits: string): string {
    if (!/^\d+$/.test(digits)) throw new Gs1Error('gs1.character', { ai: '01' });
    if (!checkDigitRight(digits)) throw new Gs1Error('gs1.check', { ai: '01' });
    return digits.padStart(14, '0');
}

export function parseScan(scan: string, partial = false): Scan {
    if (new TextEncoder().encode(scan).length > MAX_BYTES) throw new Gs1Error('base.too-large');
    if (scan === '') throw new Gs1Error('gs1.empty');
    const reader = new Reader();
    if (scan[0] === ']') {
        const symbology = scan.slice(1, 3);
        const mode = MODES[symbology];
        const data = scan.slice(3);
        if (scan.length < 3 || mode === undefined) throw new Gs1Error('gs1.symbology');
        if (mode === 'plain') {
            if (LINK.test(data)) return { ...parseLink(data), symbology };
            return reader.scan('plain', symbology, data);
        }
        if (typeof mode === 'number') return readPrimary(data, mode, symbology);
        reader.elementString(data);
        reader.pairs(partial);
        return reader.scan('elements', symbology);
    }
    if (scan[0] === '(') return parseBrackets(scan, partial);
    if (scan.includes('://')) return parseLink(scan);
    if ([8, 12, 13, 14].includes(scan.length) && checkDigitRight(scan)) {
        reader.elements.push({ ai: '01', value: gtin(scan) });
        return reader.scan('primary');
    }
    reader.elementString(scan[0] === SEPARATOR ? scan.slice(1) : scan);
    reader.pairs(partial);
    return reader.scan('elements');
}

export function parseBrackets(text: string, partial = false): Scan {
    const reader = new Reader();
    if (text === '') throw new Gs1Error('gs1.empty');
    const bar = text.indexOf('|');
    reader.brackets(bar < 0 ? text : text.slice(0, bar));
    if (bar >= 0) {
        if (reader.used >= MAX_AIS) throw new Gs1Error('gs1.too-many', { most: MAX_AIS });
        reader.used++; // the bar takes a place
        reader.brackets(text.slice(bar + 1));
    }
    reader.pairs(partial);
    return reader.scan('elements');
}

// --- Digital Link ---

function decode(ai: string, text: string, query: boolean): string {
    const plain = query ? text.replace(/\+/g, ' ') : text;
    return plain.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => {
        if (hex === '00') throw new Gs1Error('gs1.character', { ai });
        return String.fromCharCode(parseInt(hex, 16));
    });
}

function sequenceHolds(ais: string[]): boolean {
    const key = rowOf(ais[0]!)!.key;
    if (key === '-') return false;
    if (ais.length === 1) return true;
    return split(key, '|').some((alternative) => {
        let matched = 1;
        for (const qualifier of split(alternative, ',')) if (matched < ais.length && ais[matched] === qualifier) matched++;
        return matched === ais.length;
    });
}

export function parseLink(uri: string): Scan {
    const bad = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/.exec(uri);
    if (bad) throw new Gs1Error('gs1.uri', { part: 'character', at: bad.index });
    const parts = /^(?:https?|HTTPS?):\/\/([A-Za-z0-9\-.:/[\]]*?)(\/[^?#]*)(?:\?([^#]*))?(?:#.*)?$/.exec(uri);
    const domain = /^(?:https?|HTTPS?):\/\/[A-Za-z0-9\-.:[\]]+\//.test(uri);
    if (!parts || !domain) throw new Gs1Error('gs1.uri', { part: LINK.test(uri) ? 'domain' : 'scheme', at: 0 });
    const reader = new Reader();
    const pieces = uri.replace(LINK, '').replace(/[?#].*$/s, '').split('/').slice(1);
    // Walks back over pairs to the rightmost key.
    let start = -1;
    for (let i = pieces.length - 2; i >= 0; i -= 2) {
        const row = rowOf(pieces[i]!);
        if (!row) break;
        if (row.key !== '-') {
            start = i;
            break;
        }
    }
    if (start < 0) throw new Gs1Error('gs1.no-key');
    for (let i = start; i < pieces.length; i += 2) reader.value(rowOf(pieces[i]!)!, pieces[i]!, decode(pieces[i]!, pieces[i + 1]!, false));
    const path = reader.elements.map((e) => e.ai);
    for (const parameter of split(parts[3] ?? '', '&')) {
        const equals = parameter.indexOf('=');
        const name = equals < 0 ? '' : parameter.slice(0, equals);
        if (!/^\d*$/.test(name) || equals < 0) {
            if (reader.used >= MAX_AIS) throw new Gs1Error('gs1.too-many', { most: MAX_AIS });
            reader.used++;
            continue;
        }
        const row = rowOf(name);
        if (!row) throw new Gs1Error('gs1.unknown-ai', { ai: name.slice(0, 4) });
        reader.value(row, name, decode(name, parameter.slice(equals + 1), true));
    }
    if (path.length > 8 || !sequenceHolds(path)) throw new Gs1Error('gs1.sequence');
    reader.elements.forEach((a, i) => {
        if (reader.elements.some((b, j) => j > i && a.ai === b.ai)) throw new Gs1Error('gs1.twice', { ai: a.ai });
    });
    for (const { ai } of reader.elements.slice(path.length)) {
        if (!rowOf(ai)!.attribute) throw new Gs1Error('gs1.attribute', { ai });
        for (let place = 1; place <= path.length; place++) {
            if (sequenceHolds([...path.slice(0, place), ai, ...path.slice(place)])) throw new Gs1Error('gs1.in-path', { ai });
        }
    }
    reader.pairs();
    return reader.scan('link');
}
