// Just enough CSV to show an error file of the server (RFC 4180), and to write an empty form with headers.
export function readCsv(text: string, most: number): string[][] {
    const rows: string[][] = [];
    let row: string[] = [];
    let cell = '';
    let quoted = false;
    const source = text.replace(/^\ufeff/, '');
    for (let i = 0; i < source.length && rows.length < most; i++) {
        const c = source[i]!;
        if (quoted) {
            if (c !== '"') cell += c;
            else if (source[i + 1] === '"') {
                cell += '"';
                i++;
            } else quoted = false;
        } else if (c === '"') quoted = true;
        else if (c === ',') {
            row.push(cell);
            cell = '';
        } else if (c === '\n') {
            row.push(cell.replace(/\r$/, ''));
            rows.push(row);
            row = [];
            cell = '';
        } else cell += c;
    }
    if (rows.length < most && (cell !== '' || row.length > 0)) rows.push([...row, cell]);
    return rows;
}

export function csvLine(cells: string[]): string {
    return `${cells.map((c) => (/[",\r\n]/.test(c) ? `"${c.replace(/"/g, '""')}"` : c)).join(',')}\r\n`;
}
