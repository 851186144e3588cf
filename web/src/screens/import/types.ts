// The answers of /imports.
export interface ColumnRow {
    name: string;
    name_zh: string;
    name_en: string;
    type: string;
    required: boolean;
    words?: { word: string; name_zh: string; name_en: string }[] | null;
}

export interface KindRow {
    kind: string;
    name_zh: string;
    name_en: string;
    columns: ColumnRow[];
}

export interface Counts {
    kind: string;
    rows: number;
    imported: number;
    unchanged: number;
    errors: number;
    seconds?: number;
    file?: Record<string, unknown>;
    first_error?: { line: number; code: string; title: string; title_en: string; field?: string };
}

export interface JobRow {
    id: string;
    kind: string;
    name: string;
    digest: string;
    state: 'ready' | 'running' | 'done';
    rows_done: number | null;
    found: { counts: Counts; headers?: string[]; columns?: (string | null)[]; preview?: { line: number; cells: string[] }[] };
    result: Counts | null;
    has_errors: boolean;
    made_at: string;
}
