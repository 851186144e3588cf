// A refusal as the server words it (RFC 9457), in the user's language, with what to do about it. What went wrong before any answer
// came (no network, no answer in time) takes the same form, so that a screen shows every failure in one way.
import { lang, t } from '../i18n/index';

export interface ProblemBody {
    status?: number;
    code?: string;
    title?: string;
    title_en?: string;
    detail?: string;
    detail_en?: string;
    field?: string;
    facts?: Record<string, unknown>;
    remedy?: string;
    remedy_en?: string;
    id?: string;
}

export class Problem extends Error {
    readonly status: number;
    readonly code: string;
    readonly body: ProblemBody;

    constructor(status: number, body: ProblemBody) {
        super(body.code ?? String(status));
        this.name = 'Problem';
        this.status = status;
        this.code = body.code ?? 'web.unknown';
        this.body = body;
    }

    // The server's detail often repeats the title and says more; then it stands for both.
    get title(): string {
        const title = this.plainTitle;
        const detail = this.plainDetail;
        return detail.startsWith(title) ? detail : title;
    }

    get detail(): string {
        return this.plainDetail.startsWith(this.plainTitle) ? '' : this.plainDetail;
    }

    private get plainTitle(): string {
        const b = this.body;
        if (this.code === 'web.offline') return t('problem.offline');
        if (this.code === 'web.timeout') return t('problem.timeout');
        if (this.code === 'web.kept') return t('problem.kept');
        return (lang.value === 'zh' ? b.title || b.title_en : b.title_en || b.title) || t('problem.unknown', { status: this.status });
    }

    private get plainDetail(): string {
        const b = this.body;
        return (lang.value === 'zh' ? b.detail || b.detail_en : b.detail_en || b.detail) || '';
    }

    get remedy(): string {
        const b = this.body;
        if (this.code === 'web.offline' || this.code === 'web.timeout') return t('problem.offline.remedy');
        if (this.code === 'web.kept') return t('problem.kept.remedy');
        return (lang.value === 'zh' ? b.remedy || b.remedy_en : b.remedy_en || b.remedy) || '';
    }

    get field(): string | null {
        return this.body.field ?? null;
    }

    // True when sending the same operation again may succeed without the user changing anything.
    get passing(): boolean {
        return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504 || this.code === 'auth.changed';
    }
}

export function asProblem(error: unknown): Problem {
    if (error instanceof Problem) return error;
    const detail = error instanceof Error ? error.message : String(error);
    return new Problem(0, { code: 'web.unknown', detail, detail_en: detail });
}
