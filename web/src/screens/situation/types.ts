// The answer of GET /situation. Every figure is as of `at`.
export interface ItemRef {
    id: string;
    code: string;
    name_zh: string;
    name_en: string;
    unit: string;
}

export interface PlaceRef {
    id: string;
    code: string;
    name_zh: string;
    name_en: string;
    kind: string;
    division: string | null;
}

export interface Level {
    level: number;
    state: 'prepared' | 'in_force';
    from: string | null;
    why: string;
}

export interface MatrixCell {
    item_id: string;
    place_id: string;
    state: string;
    ratio_ppm: number | null;
    days_cover_milli: number | null;
    usable: number;
    standard: number | null;
}

export interface DistrictRow {
    division: string;
    state: string;
    readiness_ppm: number | null;
    items_short: number;
    stockout_date: string | null;
}

export interface ItemRow {
    item: ItemRef;
    readiness_ppm: number | null;
    days_cover_milli: number | null;
    stockout_date: string | null;
    places_short: number;
    state: string;
}

export interface ReadinessRow {
    item: ItemRef;
    place: PlaceRef;
    on_hand: number;
    usable: number;
    uplift_ppm: number | null;
    base: number | null;
    counted: number; // of the usable, what the deciding authority may use
    allocated: number;
    on_hold: number;
    in_transit: number;
    available: number;
    deficit: number;
    standard: number | null;
    ratio_ppm: number | null;
    gap: number;
    use_per_day_milli: number | null;
    days_cover_milli: number | null;
    stockout_date: string | null;
    expiring_30: number;
    expiring_90: number;
    lead_days: number;
    use_days: number; // days with records that the mean is taken over
    use_gaps: number;
    pipeline: number;
    order: number;
    state: string;
}

export type RankingRow = Pick<ReadinessRow, 'item' | 'place' | 'state' | 'days_cover_milli' | 'stockout_date'>;

export interface OrderRow {
    item: ItemRef;
    place: PlaceRef | null;
    quantity: number;
    reason_zh: string;
    reason_en: string;
    by_date: string | null; // ordered today, it is there by then
    late: boolean; // stock runs out before that
    state: string;
}

export interface Situation {
    at: string; // when it was read
    as_of: string; // the moment it shows
    date: string;
    level: Level;
    prepared: Level | null;
    kpis: {
        items_short: number;
        places_short: number;
        first_stockout: { item: ItemRef; place: PlaceRef; date: string | null; days_cover_milli: number | null } | null;
        in_transit: number;
        readiness_ppm: number | null;
    };
    districts: DistrictRow[];
    items: ItemRow[];
    places: { place: PlaceRef; lat_udeg: number; lon_udeg: number }[];
    matrix: MatrixCell[];
    ranking: RankingRow[];
    orders: OrderRow[];
}

// The picture works with the places themselves.
export type Picture = Omit<Situation, 'places'> & { places: (PlaceRef & { at: [number, number] | null })[] };

// How an uplift in force makes the standard: 100,000 × 1.4 = 140,000.
export function formula(row: ReadinessRow): string | undefined {
    if (!row.uplift_ppm || row.base === null || row.standard === null) return undefined;
    return `${row.base.toLocaleString('en')} × ${row.uplift_ppm / 1e6} = ${row.standard.toLocaleString('en')}`;
}
