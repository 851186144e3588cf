// Documents and answers of the live plan, as far as the screens read them; docs/methods has them whole.
export interface Reason {
    zh: string;
    en: string;
}
export interface Spot {
    day: number;
    date?: string;
}
export interface Trial {
    stock: number;
    service: number;
    unmet: number;
    out_half_sure: Spot | null;
    enough_until_90: Spot | null;
    rounds_covered_90: number;
    rounds_to_come: number;
    expires_unused: number;
}
export interface LevelCell {
    level: number;
    standard: number;
    service: number;
    horizon: number;
    binds: 'floor' | 'quantile';
    certified: boolean;
    without_rounds?: number;
    without_inflow?: number;
}
export interface StandardItem {
    item: string;
    name_zh: string;
    name_en: string;
    pack: number;
    round_need: number;
    quiet_day: number;
    levels: LevelCell[];
    outlook?: Trial & { out_by_day: number[] };
    uplifts?: (Trial & { uplift: number; money: number })[];
}
export interface Answer {
    method: string;
    reasons: Reason[];
    seconds: number;
    inputs: string;
    solver?: string;
    seed?: number;
    gap?: number;
}
export interface StandardAnswer extends Answer {
    level: number;
    library: boolean;
    items: StandardItem[];
}
export interface Contribution {
    driver: string;
    name_zh: string;
    name_en: string;
    amount: number;
    unit_zh: string;
    unit_en: string;
    pieces_a_unit: number;
    pieces: number;
    share: number;
    driver_source: string;
    from: { zh: string; en: string; pieces: number; source: string }[];
}
export interface DemandItem {
    item: string;
    horizons: { day: number; date?: string; mean: number; quantiles: number[] }[];
    contributions: Contribution[];
    variance: { sd: number; virus: number; measures: number; coefficients: number };
}
export interface DemandAnswer extends Answer {
    items: DemandItem[];
}
export interface RoundPlan {
    day: number;
    share: number;
}
export interface Document {
    date: string;
    days: number;
    paths: number;
    mode: string | number;
    scenario?: string;
    level?: number;
    rounds?: { name: string; weight: number; rounds: RoundPlan[] }[];
    stocks?: { item: string; stock: number; base: number; inflow?: number[] }[];
    items: string[];
    tables?: Record<string, string>;
}
export interface StockRow {
    id: string;
    code: string;
    name_zh: string;
    name_en: string;
    unit: string;
    stock: number;
    standard: number;
    receiving: number;
    inspecting: number;
    producing: number;
    lead_days: number;
}
export interface Live {
    standard: Document;
    demand: Document;
    items: number;
    level: number;
    today: string;
    date: string;
    cases: 'none' | 'city' | 'districts';
    stale: boolean;
    cases_7: number;
    residents: number;
    rounds: number;
    stocks: StockRow[];
    tables: Record<string, string>;
    at: string;
}
