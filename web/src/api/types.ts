// Made by `baogong openapi --typescript` from the table of routes; `make types` makes it again.
export type Id = string; // 64-bit, decimal
export type DateText = string; // 2022-01-08
export type TimeText = string; // 2022-01-08T01:30:00.000Z
export interface Page<Row> { rows: Row[]; next: string | null; at: TimeText }

export interface Routes {
    /** 接口说明（OpenAPI 3.1） / description of the API (OpenAPI 3.1) */
    'GET /openapi.json': {
        query: undefined;
        body: undefined;
        reply: unknown;
    };
    /** 实时事件流：每个事件说明什么变了；事件号即日志位置，可断点续传 / live events: each says what changed; ids are journal positions, so a stream can be resumed */
    'GET /events': {
        query: { last_event_id?: number };
        body: undefined;
        reply: string;
    };
    /** 物资目录 / items */
    'GET /items': {
        query: { q?: string; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; code: string; name_zh: string; name_en: string; spec: string; unit: string; category: string; class_code: string; storage: string; shelf_life_days: number; order_min: number; lotted: boolean; key_item: boolean; active: boolean; version: number }>;
    };
    /** 一个品种 / one item */
    'GET /items/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; code: string; name_zh: string; name_en: string; spec: string; unit: string; category: string; class_code: string; storage: string; shelf_life_days: number; order_min: number; lotted: boolean; key_item: boolean; active: boolean; version: number };
    };
    /** 新增品种 / add an item */
    'POST /items': {
        query: undefined;
        body: { code: string; name_zh: string; name_en?: string; spec?: string; unit: string; category?: string; class_code?: string; storage?: 'normal' | 'cool' | 'cold' | 'frozen' | 'flammable' | 'controlled'; shelf_life_days?: number; order_min?: number; lotted?: boolean; key_item?: boolean; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; code: string; name_zh: string; name_en: string; spec: string; unit: string; category: string; class_code: string; storage: string; shelf_life_days: number; order_min: number; lotted: boolean; key_item: boolean; active: boolean; version: number };
    };
    /** 更正品种 / correct an item */
    'PUT /items/{id}': {
        query: undefined;
        body: { code: string; name_zh: string; name_en?: string; spec?: string; unit: string; category?: string; class_code?: string; storage?: 'normal' | 'cool' | 'cold' | 'frozen' | 'flammable' | 'controlled'; shelf_life_days?: number; order_min?: number; lotted?: boolean; key_item?: boolean; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; code: string; name_zh: string; name_en: string; spec: string; unit: string; category: string; class_code: string; storage: string; shelf_life_days: number; order_min: number; lotted: boolean; key_item: boolean; active: boolean; version: number };
    };
    /** 品种的条码 / codes of an item */
    'GET /items/{id}/codes': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ scheme: string; code: string; original: string; item: Id; units: number }>;
    };
    /** 登记条码 / register a code */
    'POST /items/{id}/codes': {
        query: undefined;
        body: { scheme: 'gtin' | 'ma' | 'ahm' | 'other'; code: string; units?: number; reason?: string };
        reply: { scheme: string; code: string; original: string; item: Id; units: number };
    };
    /** 取消条码 / drop a code */
    'DELETE /items/{id}/codes': {
        query: { scheme: 'gtin' | 'ma' | 'ahm' | 'other'; code: string };
        body: undefined;
        reply: unknown;
    };
    /** 包装规格 / packs of an item */
    'GET /items/{id}/packs': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ unit: string; units: number }>;
    };
    /** 设定包装 / set a pack */
    'PUT /items/{id}/packs': {
        query: undefined;
        body: { unit: string; units: number; reason?: string };
        reply: unknown;
    };
    /** 库点 / places */
    'GET /places': {
        query: { q?: string; kind?: 'reserve' | 'forward' | 'district' | 'area' | 'hospital' | 'receiver' | 'maker' | 'zone' | 'site' | 'supplier' | 'consumption' | 'loss' | 'discrepancy' | 'transit'; division?: string; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number }>;
    };
    /** 一个库点 / one place */
    'GET /places/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number };
    };
    /** 新增库点 / add a place */
    'POST /places': {
        query: undefined;
        body: { code: string; name_zh: string; name_en?: string; kind: 'reserve' | 'forward' | 'district' | 'area' | 'hospital' | 'receiver' | 'maker' | 'zone' | 'site' | 'supplier' | 'consumption' | 'loss' | 'discrepancy' | 'transit'; division?: string; address?: string; parent?: Id; organisation?: Id; owner?: Id; lat_udeg?: number; lon_udeg?: number; binned?: boolean; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number };
    };
    /** 更正库点 / correct a place */
    'PUT /places/{id}': {
        query: undefined;
        body: { code: string; name_zh: string; name_en?: string; kind: 'reserve' | 'forward' | 'district' | 'area' | 'hospital' | 'receiver' | 'maker' | 'zone' | 'site' | 'supplier' | 'consumption' | 'loss' | 'discrepancy' | 'transit'; division?: string; address?: string; parent?: Id; organisation?: Id; owner?: Id; lat_udeg?: number; lon_udeg?: number; binned?: boolean; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number };
    };
    /** 货位 / bins of a place */
    'GET /places/{id}/bins': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; place: Id; code: string; name: string; version: number }>;
    };
    /** 新增货位 / add a bin */
    'POST /places/{id}/bins': {
        query: undefined;
        body: { code: string; name?: string; storage?: 'normal' | 'cool' | 'cold' | 'frozen' | 'flammable' | 'controlled'; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; place: Id; code: string; name: string; version: number };
    };
    /** 更正货位 / correct a bin */
    'PUT /places/{id}/bins/{bin_id}': {
        query: undefined;
        body: { code: string; name?: string; storage?: 'normal' | 'cool' | 'cold' | 'frozen' | 'flammable' | 'controlled'; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; place: Id; code: string; name: string; version: number };
    };
    /** 权属 / owners */
    'GET /owners': {
        query: { q?: string; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number }>;
    };
    /** 一个权属 / one owner */
    'GET /owners/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number };
    };
    /** 新增权属 / add an owner */
    'POST /owners': {
        query: undefined;
        body: { code: string; name_zh: string; name_en?: string; kind: 'city' | 'district' | 'nation' | 'donor' | 'firm'; division?: string; organisation?: Id; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number };
    };
    /** 更正权属 / correct an owner */
    'PUT /owners/{id}': {
        query: undefined;
        body: { code: string; name_zh: string; name_en?: string; kind: 'city' | 'district' | 'nation' | 'donor' | 'firm'; division?: string; organisation?: Id; active?: boolean; version?: number; reason?: string };
        reply: { id: Id; code: string; name_zh: string; name_en: string; kind: string; version: number };
    };
    /** 批号 / lots */
    'GET /lots': {
        query: { item?: Id; batch?: string; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; item: Id; batch: string; expiry: DateText | null; state: string; version: number }>;
    };
    /** 一个批号 / one lot */
    'GET /lots/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; item: Id; batch: string; expiry: DateText | null; state: string; version: number };
    };
    /** 登记批号 / register a lot */
    'POST /lots': {
        query: undefined;
        body: { item: Id; batch: string; maker?: string; made?: DateText | null; expiry?: DateText | null; certificate?: string; state?: 'open' | 'blocked' | 'recalled'; state_note?: string; version?: number; reason?: string };
        reply: { id: Id; item: Id; batch: string; expiry: DateText | null; state: string; version: number };
    };
    /** 更正批号 / correct a lot */
    'PUT /lots/{id}': {
        query: undefined;
        body: { item: Id; batch: string; maker?: string; made?: DateText | null; expiry?: DateText | null; certificate?: string; state?: 'open' | 'blocked' | 'recalled'; state_note?: string; version?: number; reason?: string };
        reply: { id: Id; item: Id; batch: string; expiry: DateText | null; state: string; version: number };
    };
    /** 七个数，按品种和库点，可查任意时点 / the seven numbers by item and place, as of any moment */
    'GET /stock': {
        query: { item?: Id; place?: Id; owner?: Id; at?: TimeText; known_at?: TimeText; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ item: Id; place: Id; on_hand: number; usable: number; allocated: number; on_hold: number; in_transit: number; available: number; deficit: number }>;
    };
    /** 逐日可用与使用 / usable stock and use by day */
    'GET /stock/days': {
        query: { item: Id; place?: Id; from: DateText; to: DateText; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ date: DateText; closing: number; used: number }>;
    };
    /** 账户余额 / balances of accounts */
    'GET /balances': {
        query: { item?: Id; place?: Id; lot?: Id; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy'; outside?: boolean; at?: TimeText; known_at?: TimeText; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; place: Id; bin: Id | null; owner: Id | null; item: Id; lot: Id | null; status: string; qty: number; held: number; version: number; batch: string; expiry: DateText | null }>;
    };
    /** 流水 / movements */
    'GET /movements': {
        query: { place?: Id; item?: Id; lot?: Id; document?: Id; account?: Id; reason?: 'purchase' | 'donation' | 'requisition' | 'return' | 'opening' | 'production' | 'allocation' | 'handover' | 'use' | 'move' | 'accepted' | 'rejected' | 'quarantine' | 'release' | 'damage' | 'expiry' | 'recall' | 'disposal' | 'loss' | 'found' | 'count' | 'unexplained' | 'correction' | 'ownership' | 'reversal' | 'extra' | 'sample'; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy'; since?: TimeText; until?: TimeText; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; document: Id; qty: number; reason: string; occurred_at: TimeText; recorded_at: TimeText }>;
    };
    /** 一笔流水 / one movement */
    'GET /movements/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; document: Id; qty: number; reason: string; occurred_at: TimeText; recorded_at: TimeText };
    };
    /** 一张单据及其流水 / a document with its movements */
    'GET /documents/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; kind: string; number: string; occurred_at: TimeText; recorded_at: TimeText };
    };
    /** 先到期先出的拣货建议 / what to pick, first expiry first */
    'POST /pick': {
        query: undefined;
        body: { place: Id; arrives?: DateText; life_min_days?: number; wants: Array<{ item: Id; quantity: number }> };
        reply: unknown;
    };
    /** 一个批号在哪里、用了多少 / where a lot is and was */
    'GET /lots/{id}/places': {
        query: undefined;
        body: undefined;
        reply: unknown;
    };
    /** 在途 / shipments on their way */
    'GET /shipments': {
        query: { origin?: Id; target?: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; origin: Id; target: Id; state: string; sent_at: TimeText }>;
    };
    /** 差异单 / reviews */
    'GET /reviews': {
        query: { place?: Id; state?: 'open' | 'closed'; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: string; qty: number; due_at: TimeText }>;
    };
    /** 扫描内容是什么品种 / what a code means */
    'GET /scan': {
        query: { code: string };
        body: undefined;
        reply: unknown;
    };
    /** 记一张单据：入库、出库、发运、签收、使用…… / post a document: receipt, issue, sending, arrival, use, … */
    'POST /documents': {
        query: undefined;
        body: { kind: 'receive' | 'issue' | 'transfer' | 'send' | 'arrive' | 'status' | 'adjust' | 'use' | 'make' | 'owner'; reason?: 'purchase' | 'donation' | 'requisition' | 'return' | 'opening' | 'production' | 'allocation' | 'handover' | 'use' | 'move' | 'accepted' | 'rejected' | 'quarantine' | 'release' | 'damage' | 'expiry' | 'recall' | 'disposal' | 'loss' | 'found' | 'count' | 'unexplained' | 'correction' | 'ownership' | 'reversal' | 'extra' | 'sample'; place?: Id; other?: Id; reference?: string; note?: string; fact?: boolean; override?: boolean; occurred_at?: TimeText; shipment?: Id; final?: boolean; lines: Array<{ from?: { place: Id; bin?: Id; owner?: Id; item?: Id; lot?: Id; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy' }; to: { place: Id; bin?: Id; owner?: Id; item?: Id; lot?: Id; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy' }; qty: number; hold?: Id; reason?: 'purchase' | 'donation' | 'requisition' | 'return' | 'opening' | 'production' | 'allocation' | 'handover' | 'use' | 'move' | 'accepted' | 'rejected' | 'quarantine' | 'release' | 'damage' | 'expiry' | 'recall' | 'disposal' | 'loss' | 'found' | 'count' | 'unexplained' | 'correction' | 'ownership' | 'reversal' | 'extra' | 'sample'; paid?: 'paid' | 'free'; note?: string }> };
        reply: { document: unknown; movements: unknown; reviews: unknown };
    };
    /** 冲正整张单据 / reverse a document */
    'POST /documents/{id}/reverse': {
        query: undefined;
        body: { note?: string; reason: string; occurred_at?: TimeText };
        reply: { document: unknown; movements: unknown; reviews: unknown };
    };
    /** 冲正一笔流水 / reverse a movement */
    'POST /movements/{id}/reverse': {
        query: undefined;
        body: { note?: string; reason: string; occurred_at?: TimeText };
        reply: { document: unknown; movements: unknown; reviews: unknown };
    };
    /** 预占 / reserve stock */
    'POST /holds': {
        query: undefined;
        body: { lines: Array<{ place: Id; bin?: Id; owner?: Id; item?: Id; lot?: Id; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy'; qty: number }>; purpose?: string; target?: Id; due_at?: TimeText; reason?: string };
        reply: { holds: unknown };
    };
    /** 解除预占 / release a hold */
    'POST /holds/{id}/void': {
        query: undefined;
        body: { reason?: string };
        reply: { holds: unknown };
    };
    /** 盘点单 / count sheets */
    'GET /counts': {
        query: { place?: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; place: Id; state: string }>;
    };
    /** 开盘点单 / open a count */
    'POST /counts': {
        query: undefined;
        body: { place: Id; title: string; blind?: boolean };
        reply: { id: Id; place: Id; state: string };
    };
    /** 一张盘点单 / one count sheet */
    'GET /counts/{id}': {
        query: undefined;
        body: undefined;
        reply: unknown;
    };
    /** 录入实盘 / record what was counted */
    'POST /counts/{id}/lines': {
        query: undefined;
        body: { lines: Array<{ item: Id; lot?: Id; owner?: Id; bin?: Id; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy'; counted: number; counted_at?: TimeText; reason?: 'purchase' | 'donation' | 'requisition' | 'return' | 'opening' | 'production' | 'allocation' | 'handover' | 'use' | 'move' | 'accepted' | 'rejected' | 'quarantine' | 'release' | 'damage' | 'expiry' | 'recall' | 'disposal' | 'loss' | 'found' | 'count' | 'unexplained' | 'correction' | 'ownership' | 'reversal' | 'extra' | 'sample'; recount?: boolean; note?: string }> };
        reply: { lines: unknown };
    };
    /** 盘点送审或作废 / send a count to review, or drop it */
    'POST /counts/{id}/move': {
        query: undefined;
        body: { to: 'review' | 'dropped'; note?: string };
        reply: { id: Id; place: Id; state: string };
    };
    /** 复核盘点：过账或退回（非盘点人） / review a count: post it or send it back (not the counter) */
    'POST /counts/{id}/judge': {
        query: undefined;
        body: { to: 'posted' | 'counting'; note?: string };
        reply: { id: Id; place: Id; state: string };
    };
    /** 召回或冻结批号 / recall or block a lot */
    'POST /lots/{id}/recall': {
        query: undefined;
        body: { recall?: boolean; open?: boolean; reason: string };
        reply: unknown;
    };
    /** 处理差异单 / settle a review */
    'POST /reviews/{id}/settle': {
        query: undefined;
        body: { lines?: Array<{ from?: { place: Id; bin?: Id; owner?: Id; item?: Id; lot?: Id; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy' }; to: { place: Id; bin?: Id; owner?: Id; item?: Id; lot?: Id; status?: 'producing' | 'inspecting' | 'receiving' | 'usable' | 'hold' | 'damaged' | 'expired' | 'recalled' | 'transit' | 'source' | 'used' | 'lost' | 'discrepancy' }; qty: number; hold?: Id; reason?: 'purchase' | 'donation' | 'requisition' | 'return' | 'opening' | 'production' | 'allocation' | 'handover' | 'use' | 'move' | 'accepted' | 'rejected' | 'quarantine' | 'release' | 'damage' | 'expiry' | 'recall' | 'disposal' | 'loss' | 'found' | 'count' | 'unexplained' | 'correction' | 'ownership' | 'reversal' | 'extra' | 'sample'; paid?: 'paid' | 'free'; note?: string }>; note: string; reason?: string };
        reply: unknown;
    };
    /** 上报使用量或剩余量，不必知道批号 / report use, or what remains, without knowing lots */
    'POST /uses': {
        query: undefined;
        body: { place: Id; remaining?: boolean; reference?: string; note?: string; occurred_at?: TimeText; lines: Array<{ item: Id; lot?: Id; owner?: Id; qty: number }> };
        reply: { document: unknown; movements: unknown; reviews: unknown };
    };
    /** 预占 / holds */
    'GET /holds': {
        query: { place?: Id; item?: Id; for?: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; account: unknown; qty: number; posted: number; state: string; due_at: TimeText | null }>;
    };
    /** 一项预占 / one hold */
    'GET /holds/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; account: unknown; qty: number; posted: number; state: string; due_at: TimeText | null };
    };
    /** 一张发运单及其在途 / one sending and what is still on its way */
    'GET /shipments/{id}': {
        query: undefined;
        body: undefined;
        reply: unknown;
    };
    /** 一张差异单 / one review */
    'GET /reviews/{id}': {
        query: undefined;
        body: undefined;
        reply: unknown;
    };
    /** 账务设置：可补记期间等 / settings of the ledger: the open period and others */
    'GET /ledger': {
        query: undefined;
        body: undefined;
        reply: { offset_min: number; open_days: number; open_from: DateText | null; review_hours: number; version: number };
    };
    /** 更改账务设置（结账） / change the settings of the ledger (close a period) */
    'PUT /ledger': {
        query: undefined;
        body: { open_days: number; open_from?: DateText | null; review_hours: number; version?: number; reason: string };
        reply: { offset_min: number; open_days: number; open_from: DateText | null; review_hours: number; version: number };
    };
    /** 各库点各品种的达标情况，可查任意时点 / readiness of every item at every place, as of any moment */
    'GET /readiness': {
        query: { item?: Id; place?: Id; level?: number; at?: TimeText; known_at?: TimeText; key?: boolean; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ item: { id: Id; code: string; name_zh: string; name_en: string; unit: string }; place: { id: Id; code: string; name_zh: string; name_en: string; kind: string; division: string }; on_hand: number; usable: number; allocated: number; on_hold: number; in_transit: number; available: number; deficit: number; counted: number; standard: number | null; base: number | null; uplift_ppm: number | null; basis: string | null; ratio_ppm: number | null; gap: number; lead_days: number; use_per_day_milli: number | null; use_days: number; use_gaps: number; days_cover_milli: number | null; stockout_date: DateText | null; expiring_30: number; expiring_90: number; pipeline: number; order: number; state: string }>;
    };
    /** 态势：级别、关键数字、各区、矩阵、用尽排名、今日应订 / the situation: level, key figures, districts, matrix, ranking, orders */
    'GET /situation': {
        query: { item?: Id; place?: Id; level?: number; at?: TimeText; known_at?: TimeText; key?: boolean };
        body: undefined;
        reply: unknown;
    };
    /** 今日应订及理由 / what to order today, and why */
    'GET /orders-today': {
        query: { item?: Id; place?: Id; level?: number; at?: TimeText; known_at?: TimeText; key?: boolean };
        body: undefined;
        reply: unknown;
    };
    /** 储备标准的各版本 / versions of the standards */
    'GET /standards': {
        query: { item?: Id; place?: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; item: Id; place: Id; level: number; from: DateText; basis: string; quantity: number; cover_milli: number; lead_days: number; note: string; recorded_at: TimeText; recorded_by: Id | null }>;
    };
    /** 一个标准的测算依据：来自哪个版本、出库、哪些上浮，及算式 / where a standard comes from: version, draw, uplifts, and the formula */
    'GET /standards/basis': {
        query: { item: Id; place: Id; level?: number };
        body: undefined;
        reply: unknown;
    };
    /** 提请制定储备标准（另一人批准后生效） / propose standards; another person approves */
    'POST /standards': {
        query: undefined;
        body: { standards: Array<{ item: Id; place: Id; level: number; from: DateText; basis: 'quantity' | 'cover'; quantity?: number; cover_milli?: number; lead_days?: number; note?: string }>; reason: string; legal_basis?: string; leader?: string; papers_hours?: number };
        reply: { id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string };
    };
    /** 储备级别的历史 / history of the reserve level */
    'GET /levels': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id | null; level: number; state: string; from: TimeText | null; why: string; legal_basis: string; proposal: Id | null; requested_name: string | null; decided_name: string | null; leader: string | null; paper: string | null }>;
    };
    /** 提请准备或执行一个储备级别（须另一人批准；电话指令先行） / propose to prepare a reserve level or put it in force; another approves (a telephone order acts at once) */
    'POST /levels': {
        query: undefined;
        body: { level: number; state: 'prepared' | 'in_force'; reason: string; legal_basis?: string; leader?: string; papers_hours?: number };
        reply: { id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string };
    };
    /** 提请事项：待批准、待补手续及历史 / proposals: waiting for approval or papers, and their history */
    'GET /proposals': {
        query: { kind?: 'level' | 'uplift' | 'uplift_end' | 'standards'; open?: boolean; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string }>;
    };
    /** 批准或否决他人的提请；批准即生效 / approve (and put in effect) or refuse what somebody else proposed */
    'POST /proposals/{id}/decision': {
        query: undefined;
        body: { agrees: boolean; note?: string };
        reply: { id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string };
    };
    /** 补录电话指令的文号 / supply the document number of a telephone order */
    'POST /proposals/{id}/paper': {
        query: undefined;
        body: { paper: string };
        reply: { id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string };
    };
    /** 撤回自己的提请 / withdraw one's own proposal */
    'DELETE /proposals/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string };
    };
    /** 上浮记录 / uplifts */
    'GET /uplifts': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; factor_permille: number; from: DateText; due: DateText; why: string; recorded_at: TimeText; ended_at: TimeText | null; items: number; places: number }>;
    };
    /** 提请上浮储备标准（须另一人批准） / propose to raise standards; another person approves */
    'POST /uplifts': {
        query: undefined;
        body: { places: Array<Id>; items: Array<Id>; factor_permille: number; from: DateText; due: DateText; reason: string; legal_basis?: string; leader?: string; papers_hours?: number };
        reply: { id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string };
    };
    /** 提请结束一项上浮 / propose to end an uplift */
    'POST /uplifts/{id}/end': {
        query: undefined;
        body: { reason: string; legal_basis?: string; leader?: string; papers_hours?: number };
        reply: { id: Id; kind: string; state: string; approval: Id; level: number | null; step: string | null; uplift: Id | null; factor_permille: number | null; from: DateText | null; due: DateText | null; lines: number; why: string; legal_basis: string; requested_by: Id | null; requested_name: string; requested_at: TimeText; ends_at: TimeText | null; leader: string; papers_due_at: TimeText | null; overdue: boolean; chased: number; paper: string; decided_by: Id | null; decided_name: string; decided_at: TimeText | null; note: string };
    };
    /** 疫情数字：病例、三区、隔离点、人口，可查任意时点所知 / figures of the outbreak: cases, zones, isolation sites, residents, as known at any moment */
    'GET /figures': {
        query: { kind?: 'cases' | 'asymptomatic' | 'imported' | 'sampled' | 'positive' | 'residents' | 'sealed' | 'controlled' | 'prevention' | 'quarantine' | 'contacts' | 'driver'; from?: DateText; to?: DateText; known_at?: TimeText; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: 'cases' | 'asymptomatic' | 'imported' | 'sampled' | 'positive' | 'residents' | 'sealed' | 'controlled' | 'prevention' | 'quarantine' | 'contacts' | 'driver'; district: string; date: DateText; name: string; value: number; mark: 'reported' | 'derived' | 'recalled'; note: string; recorded_at: TimeText; recorded_by: Id | null }>;
    };
    /** 登记记录，含更正，最新在前 / everything that was entered, corrections too, newest first */
    'GET /figures/history': {
        query: { kind?: 'cases' | 'asymptomatic' | 'imported' | 'sampled' | 'positive' | 'residents' | 'sealed' | 'controlled' | 'prevention' | 'quarantine' | 'contacts' | 'driver'; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: 'cases' | 'asymptomatic' | 'imported' | 'sampled' | 'positive' | 'residents' | 'sealed' | 'controlled' | 'prevention' | 'quarantine' | 'contacts' | 'driver'; district: string; date: DateText; name: string; value: number; mark: 'reported' | 'derived' | 'recalled'; note: string; recorded_at: TimeText; recorded_by: Id | null }>;
    };
    /** 登记或更正疫情数字 / enter or correct figures */
    'POST /figures': {
        query: undefined;
        body: { figures: Array<{ kind: 'cases' | 'asymptomatic' | 'imported' | 'sampled' | 'positive' | 'residents' | 'sealed' | 'controlled' | 'prevention' | 'quarantine' | 'contacts' | 'driver'; district?: string; date: DateText; name?: string; value: number; mark?: 'reported' | 'derived' | 'recalled'; note?: string }>; reason?: string };
        reply: { figures: number };
    };
    /** 大筛轮次 / test rounds */
    'GET /rounds': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ round: Id; id: Id; name: string; date: DateText; state: 'planned' | 'ordered' | 'done' | 'off'; share_permille: number; districts: Array<string>; sampled: number | null; positive: number | null; mark: 'reported' | 'derived' | 'recalled'; note: string; recorded_at: TimeText }>;
    };
    /** 登记、更正或取消一轮大筛 / enter, correct or call off a test round */
    'POST /rounds': {
        query: undefined;
        body: { round?: Id; name: string; date: DateText; state: 'planned' | 'ordered' | 'done' | 'off'; share_permille?: number; districts?: Array<string>; sampled?: number | null; positive?: number | null; mark?: 'reported' | 'derived' | 'recalled'; note?: string; reason?: string };
        reply: { round: Id; id: Id; name: string; date: DateText; state: 'planned' | 'ordered' | 'done' | 'off'; share_permille: number; districts: Array<string>; sampled: number | null; positive: number | null; mark: 'reported' | 'derived' | 'recalled'; note: string; recorded_at: TimeText };
    };
    /** 登录 / sign in */
    'POST /session': {
        query: undefined;
        body: { login: string; password: string; code?: string; city?: string };
        reply: { account: { id: Id; login: string; name: string }; session: Id; ends_at: TimeText; before: TimeText | null; failures: number; needs_factor: boolean };
    };
    /** 退出登录 / sign out */
    'DELETE /session': {
        query: undefined;
        body: undefined;
        reply: unknown;
    };
    /** 我是谁、有哪些授权和权限 / who am I, with which grants and rights */
    'GET /me': {
        query: undefined;
        body: undefined;
        reply: { account: { id: Id; login: string; name: string }; city: { id: Id; code: string; name_zh: string; name_en: string; offset_min: number }; grants: Array<{ id: Id; role: string; role_zh: string; role_en: string; scope_kind: string; scope_id: Id; scope_name: string; scope_name_en: string; to: TimeText | null; waits: boolean }>; rights: Array<string>; needs_factor: boolean; session: { id: Id; kind: string; second_factor: boolean; must_change: boolean; device: Id | null; ends_at: TimeText } };
    };
    /** 修改本人口令 / change one's own password */
    'POST /password': {
        query: undefined;
        body: { old: string; new: string; end_others?: boolean };
        reply: { done: boolean };
    };
    /** 开始设置两步验证 / begin to set up a second factor */
    'POST /totp': {
        query: undefined;
        body: undefined;
        reply: { secret: string; address: string };
    };
    /** 确认两步验证，取得恢复码 / confirm the second factor and get recovery codes */
    'POST /totp/confirm': {
        query: undefined;
        body: { code: string };
        reply: { codes: Array<string>; ends_at: TimeText };
    };
    /** 取消两步验证，结束本人全部会话 / take the second factor away; ends all one's sessions */
    'POST /totp/remove': {
        query: undefined;
        body: { password: string };
        reply: { done: boolean };
    };
    /** 查看一次性链接的用途 / what a one-time link is for */
    'POST /invitations/look': {
        query: undefined;
        body: { token: string };
        reply: { purpose: string; login: string; name: string; device: string; least: number; rules: string };
    };
    /** 用一次性链接设置口令并登录 / set a password by a one-time link and sign in */
    'POST /invitations/accept': {
        query: undefined;
        body: { token: string; password: string; code?: string };
        reply: { login: string; account: { id: Id; login: string; name: string }; session: Id; ends_at: TimeText; before: TimeText | null; failures: number; needs_factor: boolean };
    };
    /** 用一次性登记码登记本设备 / register this device by a one-time code */
    'POST /devices/accept': {
        query: undefined;
        body: { code: string };
        reply: { name: string };
    };
    /** 为何可以或不可以，依据哪项授权，找谁授权 / why may I or may I not, through which grant, and whom to ask */
    'GET /why': {
        query: { right: string; place?: Id; district?: Id; org?: Id; account?: Id };
        body: undefined;
        reply: { may: boolean; right: string; right_zh: string; right_en: string; reason: string; words: string; words_en: string; grant: { id: Id; role: string; scope_kind: string; scope_id: Id } | null; roles: Array<{ role: string; name_zh: string; name_en: string }>; account: Id; granted_by: Array<{ account: Id; name: string }> };
    };
    /** 角色及其权限 / roles and their rights */
    'GET /roles': {
        query: undefined;
        body: undefined;
        reply: { roles: Array<{ role: string; name_zh: string; name_en: string; scopes: Array<string>; approver: boolean; rights: Array<string> }> };
    };
    /** 权限一览 / all rights */
    'GET /rights': {
        query: undefined;
        body: undefined;
        reply: { rights: Array<{ right: string; name_zh: string; name_en: string; reach: string }> };
    };
    /** 账号列表 / accounts */
    'GET /accounts': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; login: string; name: string; phone: string; organisation: Id | null; district: Id | null; state: string; must_change: boolean; second_factor: boolean; created_at: TimeText; signed_in_at: TimeText | null }>;
    };
    /** 建立账号，取得一次性链接 / open an account and get its one-time link */
    'POST /accounts': {
        query: undefined;
        body: { login: string; name: string; phone?: string; organisation?: Id | null; district?: Id | null; reason?: string };
        reply: { account: { id: Id; login: string; name: string; phone: string; organisation: Id | null; district: Id | null; state: string; must_change: boolean; second_factor: boolean; created_at: TimeText; signed_in_at: TimeText | null }; link: string | null; url: string | null };
    };
    /** 查看账号 / one account */
    'GET /accounts/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; login: string; name: string; phone: string; organisation: Id | null; district: Id | null; state: string; must_change: boolean; second_factor: boolean; created_at: TimeText; signed_in_at: TimeText | null };
    };
    /** 更正账号资料 / correct an account */
    'PUT /accounts/{id}': {
        query: undefined;
        body: { name: string; phone: string; organisation: Id | null; district: Id | null; reason?: string };
        reply: { id: Id; login: string; name: string; phone: string; organisation: Id | null; district: Id | null; state: string; must_change: boolean; second_factor: boolean; created_at: TimeText; signed_in_at: TimeText | null };
    };
    /** 停用或恢复账号 / disable or enable an account */
    'POST /accounts/{id}/state': {
        query: undefined;
        body: { disabled: boolean; reason?: string };
        reply: { id: Id; login: string; name: string; phone: string; organisation: Id | null; district: Id | null; state: string; must_change: boolean; second_factor: boolean; created_at: TimeText; signed_in_at: TimeText | null };
    };
    /** 签发重置或邀请链接 / make a reset or invitation link */
    'POST /accounts/{id}/link': {
        query: undefined;
        body: { clear_factor?: boolean; reason?: string };
        reply: { made: { account: Id; purpose: string; ends_at: TimeText }; link: string | null; url: string | null };
    };
    /** 机构名录 / organisations */
    'GET /organisations': {
        query: { kind?: 'office' | 'receiver' | 'agency' | 'team' | 'enterprise'; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: string; name_zh: string; name_en: string; credit_code: string | null; district: Id | null; state: string }>;
    };
    /** 登记机构 / register an organisation */
    'POST /organisations': {
        query: undefined;
        body: { kind: 'office' | 'receiver' | 'agency' | 'team' | 'enterprise'; name_zh: string; name_en?: string; credit_code?: string | null; district?: Id | null; closed?: boolean; reason?: string };
        reply: { id: Id; kind: string; name_zh: string; name_en: string; credit_code: string | null; district: Id | null; state: string };
    };
    /** 更正机构 / correct an organisation */
    'PUT /organisations/{id}': {
        query: undefined;
        body: { kind: 'office' | 'receiver' | 'agency' | 'team' | 'enterprise'; name_zh: string; name_en?: string; credit_code?: string | null; district?: Id | null; closed?: boolean; reason?: string };
        reply: { id: Id; kind: string; name_zh: string; name_en: string; credit_code: string | null; district: Id | null; state: string };
    };
    /** 区划与功能区 / districts and functional areas */
    'GET /districts': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: string; name_zh: string; name_en: string }>;
    };
    /** 登记或更正区划 / register or correct a district */
    'PUT /districts/{id}': {
        query: undefined;
        body: { name_zh: string; name_en?: string; reason?: string };
        reply: { id: Id; kind: string; name_zh: string; name_en: string };
    };
    /** 更正本市资料 / correct the city itself */
    'PUT /city': {
        query: undefined;
        body: { code: string; name_zh: string; name_en: string; offset_min: number; reason?: string };
        reply: { id: Id; code: string; name_zh: string; name_en: string; offset_min: number };
    };
    /** 授权列表（本人，或有权查看的人） / grants: one's own and those of people one may see */
    'GET /grants': {
        query: { account?: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; account: Id; role: string; scope_kind: string; scope_id: Id; scope_name: string; scope_name_en: string; from: TimeText; to: TimeText | null; granted_by: Id | null; granted_at: TimeText; reason: string; ended_at: TimeText | null }>;
    };
    /** 授予角色 / grant a role */
    'POST /grants': {
        query: undefined;
        body: { account: Id; role: string; scope_kind: 'city' | 'district' | 'place' | 'receiver' | 'agency' | 'team' | 'enterprise'; scope_id: Id; from?: TimeText; to?: TimeText | null; reason?: string };
        reply: { id: Id; account: Id; role: string; scope_kind: string; scope_id: Id; scope_name: string; from: TimeText; to: TimeText | null; reason: string };
    };
    /** 收回授权 / take a grant away */
    'DELETE /grants/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; account: Id; role: string; scope_kind: string; scope_id: Id; scope_name: string; from: TimeText; to: TimeText | null; reason: string };
    };
    /** 会话列表（默认本人） / sessions, one's own when no account is given */
    'GET /sessions': {
        query: { account?: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; account: Id; device: Id | null; second_factor: boolean; origin: string; agent: string; created_at: TimeText; seen_at: TimeText; ends_at: TimeText; present: boolean }>;
    };
    /** 结束会话 / end a session */
    'DELETE /sessions/{id}': {
        query: undefined;
        body: undefined;
        reply: { account: Id; ended: number };
    };
    /** 结束某账号全部会话（本人则保留当前会话） / end all sessions of an account; of one's own, all but this */
    'POST /sessions/end': {
        query: undefined;
        body: { account: Id; reason?: string };
        reply: { account: Id; ended: number };
    };
    /** 登记设备 / registered devices */
    'GET /devices': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; name: string; place: Id | null; state: string; created_at: TimeText; seen_at: TimeText | null }>;
    };
    /** 签发设备登记码 / make a one-time code for a device */
    'POST /devices': {
        query: undefined;
        body: { name: string; place?: Id | null; reason?: string };
        reply: { device: { id: Id; name: string; place: Id | null; ends_at: TimeText }; code: string | null };
    };
    /** 停用设备，结束其会话 / retire a device and end its sessions */
    'DELETE /devices/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; state: string };
    };
    /** 接口密钥 / API keys */
    'GET /keys': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; account: Id; name: string; rights: Array<string>; created_at: TimeText; created_by: Id | null; ends_at: TimeText; ended_at: TimeText | null }>;
    };
    /** 签发接口密钥 / make an API key */
    'POST /keys': {
        query: undefined;
        body: { account: Id; name: string; rights: Array<string>; ends_at: TimeText; reason?: string };
        reply: { key: { id: Id; account: Id; name: string; rights: Array<string>; created_at: TimeText; created_by: Id | null; ends_at: TimeText; ended_at: TimeText | null }; secret: string | null };
    };
    /** 吊销接口密钥（本人的，或有权管理的） / revoke an API key, one's own or with the right key.write */
    'DELETE /keys/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; account: Id; name: string; rights: Array<string>; created_at: TimeText; created_by: Id | null; ends_at: TimeText; ended_at: TimeText | null };
    };
    /** 审批（本人申请的，或有权查看的） / approvals: those one asked for, or may read */
    'GET /approvals': {
        query: { state?: 'open' | 'approved' | 'refused' | 'withdrawn' | 'lapsed'; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: string; object: string; object_id: Id; summary_zh: string; summary_en: string; needed: number; state: string; requested_by: Id | null; requested_at: TimeText; ends_at: TimeText; decided_at: TimeText | null; used_at: TimeText | null; votes: Array<{ account: Id; agrees: boolean; note: string; voted_at: TimeText }> }>;
    };
    /** 审批他人的申请 / agree or refuse what somebody else asks */
    'POST /approvals/{id}/vote': {
        query: undefined;
        body: { agrees: boolean; note?: string };
        reply: { id: Id; kind: string; object: string; object_id: Id; summary_zh: string; summary_en: string; needed: number; state: string; requested_by: Id | null; requested_at: TimeText; ends_at: TimeText; decided_at: TimeText | null; used_at: TimeText | null; votes: Array<{ account: Id; agrees: boolean; note: string; voted_at: TimeText }> };
    };
    /** 撤回本人申请 / withdraw what one asked for */
    'DELETE /approvals/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; kind: string; object: string; object_id: Id; summary_zh: string; summary_en: string; needed: number; state: string; requested_by: Id | null; requested_at: TimeText; ends_at: TimeText; decided_at: TimeText | null; used_at: TimeText | null; votes: Array<{ account: Id; agrees: boolean; note: string; voted_at: TimeText }> };
    };
    /** 口令与会话策略 / policy of passwords and sessions */
    'GET /policy': {
        query: undefined;
        body: undefined;
        reply: { password: 'nist' | 'dengbao'; second_factor: boolean; idle_min: number; device_idle_min: number; session_min: number };
    };
    /** 设定口令与会话策略 / set the policy of passwords and sessions */
    'PUT /policy': {
        query: undefined;
        body: { password: 'nist' | 'dengbao'; second_factor: boolean; idle_min: number; device_idle_min: number; session_min: number };
        reply: { password: 'nist' | 'dengbao'; second_factor: boolean; idle_min: number; device_idle_min: number; session_min: number };
    };
    /** 邀请一人：机构、账号、授权和链接 / invite one person: organisation, account, grant and link */
    'POST /invitations': {
        query: undefined;
        body: { kind: 'office' | 'receiver' | 'agency' | 'team' | 'enterprise'; role: string; login: string; name: string; phone?: string; organisation: string; organisation_en?: string; credit_code?: string; district?: Id | null; reason?: string };
        reply: { invited: { rows: Array<{ account: Id; login: string; organisation: Id }> }; link: string | null; url: string | null };
    };
    /** 按文件（CSV、XLSX）邀请，最多两万行 / invite by a file (CSV, XLSX) of at most 20,000 rows */
    'POST /invitations/file': {
        query: { kind: 'office' | 'receiver' | 'agency' | 'team' | 'enterprise'; role: string; dry_run?: boolean; format?: 'json' | 'csv' };
        body: Blob;
        reply: { rows: number; bad: number; invited: number; errors: Array<{ line: number; column: string; code: string; words: string; words_en: string }>; links: Array<{ login: string; name: string; organisation: string; url: string }> };
    };
    /** 按名称、编码、批号、拼音首字母查找 / find by name, code, lot or pinyin initials */
    'GET /search': {
        query: { q: string; kind?: string; limit?: number };
        body: undefined;
        reply: { rows: Array<{ kind: string; kind_zh: string; kind_en: string; id: Id; title_zh: string; title_en: string; code: string; note: string; path: string | null }>; more: boolean };
    };
    /** 记录种类 / kinds of record */
    'GET /kinds': {
        query: undefined;
        body: undefined;
        reply: { kinds: Array<{ kind: string; name_zh: string; name_en: string; path: string; files: boolean }> };
    };
    /** 记录的附件 / files on a record */
    'GET /files': {
        query: { kind: string; object: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; kind: string; object: Id; name: string; note: string; media: string; size: number; hash: string; attached_by: Id; attached_at: TimeText }>;
    };
    /** 附加文件（请求体为文件内容） / attach a file; the body is its content */
    'POST /files': {
        query: { kind: string; object: Id; name: string; note?: string };
        body: Blob;
        reply: { id: Id; kind: string; object: Id; name: string; note: string; media: string; size: number; hash: string; attached_by: Id; attached_at: TimeText };
    };
    /** 下载附件 / download a file */
    'GET /files/{id}': {
        query: undefined;
        body: undefined;
        reply: string;
    };
    /** 移除附件 / take a file off its record */
    'DELETE /files/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; kind: string; object: Id; name: string; note: string; media: string; size: number; hash: string; attached_by: Id; attached_at: TimeText };
    };
    /** 日志，新的在前 / entries of the journal, newest first */
    'GET /journal': {
        query: { object?: string; id?: Id; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ position: Id; at: TimeText; kind: string; object: string; id: Id | null; actor: Id | null; erased: boolean }>;
    };
    /** 签名的树头 / the newest head, signed */
    'GET /journal/head': {
        query: undefined;
        body: undefined;
        reply: { version: number; log: string; hash: string; size: number; root: string; chain: string; at: TimeText; key: string; signature: string };
    };
    /** 后来的日志延续了先前的 / proof that a later head continues an earlier one */
    'GET /journal/consistency': {
        query: { from: number; to: number };
        body: undefined;
        reply: { from: number; to: number; from_root: string; to_root: string; proof: Array<string> };
    };
    /** 一条日志 / one entry */
    'GET /journal/{position}': {
        query: undefined;
        body: undefined;
        reply: { position: Id; at: TimeText; kind: string; object: string; id: Id | null; actor: Id | null; erased: boolean; body: unknown | null };
    };
    /** 一条日志在树中的证明 / proof that an entry lies in the tree of a signed head */
    'GET /journal/{position}/proof': {
        query: undefined;
        body: undefined;
        reply: { position: Id; size: number; leaf: string; salt: string | null; body: string | null; proof: Array<string>; head: { version: number; log: string; hash: string; size: number; root: string; chain: string; at: TimeText; key: string; signature: string } };
    };
    /** 可导入导出的数据及其列 / kinds that can be imported and exported, with their columns */
    'GET /imports/kinds': {
        query: undefined;
        body: undefined;
        reply: { kinds: Array<{ kind: string; name_zh: string; name_en: string; columns: Array<{ name: string; name_zh: string; name_en: string; type: string; required: boolean; words: unknown | null }> }> };
    };
    /** 上传表格并检查（请求体为文件内容），不写入数据 / upload a table (the body is its content) and look at it; nothing is imported yet */
    'POST /imports': {
        query: { kind: string; name?: string; map?: string };
        body: Blob;
        reply: { id: Id; kind: string; name: string; digest: string; state: string; rows_done: number | null; found: unknown; result: unknown | null; has_errors: boolean; made_at: TimeText };
    };
    /** 一次导入的状态与进度 / state and progress of an import */
    'GET /imports/{id}': {
        query: undefined;
        body: undefined;
        reply: { id: Id; kind: string; name: string; digest: string; state: string; rows_done: number | null; found: unknown; result: unknown | null; has_errors: boolean; made_at: TimeText };
    };
    /** 错误文件，改正后可原样再上传 / the error file, which can be uploaded again once corrected */
    'GET /imports/{id}/errors': {
        query: undefined;
        body: undefined;
        reply: string;
    };
    /** 导入所检查的内容 / import what was looked at */
    'POST /imports/{id}/commit': {
        query: undefined;
        body: { digest: string; skip_bad?: boolean };
        reply: unknown;
    };
    /** 导出一类数据 / download a kind of record as a file */
    'GET /exports/{kind}': {
        query: { format?: 'csv' | 'xlsx' | 'json'; headers?: 'columns' | 'zh' | 'en' };
        body: undefined;
        reply: string;
    };
    /** 测算方法 / methods of calculation */
    'GET /methods': {
        query: undefined;
        body: undefined;
        reply: { methods: Array<{ name: string; name_zh: string; name_en: string; doc: string }> };
    };
    /** 发起测算（202 排队），请求体为输入文件；相同输入给出已有结果（200） / ask for a calculation (202: it waits), the body is its input; 200 with the answer that is kept for the same input */
    'POST /runs': {
        query: { method: string; title?: string; seconds?: number; base?: Id; again?: boolean };
        body: Blob;
        reply: { id: Id; method: string; method_zh: string; method_en: string; title: string; state: string; inputs: string; version: string; solver: string; seed: number | null; gap: number | null; seconds: number | null; seconds_granted: number; base: Id | null; tries: number; decisions: number; asked_by: { id: Id; name: string }; asked_at: TimeText; started_at: TimeText | null; ended_at: TimeText | null };
    };
    /** 测算列表，最新在前 / calculations, newest first */
    'GET /runs': {
        query: { method?: string; state?: 'queued' | 'running' | 'done' | 'refused' | 'cancelled'; mine?: boolean; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; method: string; method_zh: string; method_en: string; title: string; state: string; inputs: string; version: string; solver: string; seed: number | null; gap: number | null; seconds: number | null; seconds_granted: number; base: Id | null; tries: number; decisions: number; asked_by: { id: Id; name: string }; asked_at: TimeText; started_at: TimeText | null; ended_at: TimeText | null }>;
    };
    /** 一次测算：输入、结果、理由、决定 / a calculation: input, answer, reasons, decisions */
    'GET /runs/{id}': {
        query: undefined;
        body: undefined;
        reply: { run: { id: Id; method: string; method_zh: string; method_en: string; title: string; state: string; inputs: string; version: string; solver: string; seed: number | null; gap: number | null; seconds: number | null; seconds_granted: number; base: Id | null; tries: number; decisions: number; asked_by: { id: Id; name: string }; asked_at: TimeText; started_at: TimeText | null; ended_at: TimeText | null }; input: unknown; answer: unknown | null; refusal: unknown | null; decisions: Array<{ id: Id; run: Id; part: string; verdict: 'adopted' | 'rejected'; use: 'none' | 'order' | 'draft' | 'standard'; item: Id | null; place: Id | null; level: number; quantity: number; date: DateText | null; reason: string; by: { id: Id; name: string }; at: TimeText }> };
    };
    /** 输入文件，供 baogong solve 复算 / its input as a file, for baogong solve to compute it again */
    'GET /runs/{id}/input': {
        query: undefined;
        body: undefined;
        reply: unknown;
    };
    /** 取消测算 / cancel a calculation */
    'POST /runs/{id}/cancel': {
        query: undefined;
        body: undefined;
        reply: { id: Id; method: string; method_zh: string; method_en: string; title: string; state: string; inputs: string; version: string; solver: string; seed: number | null; gap: number | null; seconds: number | null; seconds_granted: number; base: Id | null; tries: number; decisions: number; asked_by: { id: Id; name: string }; asked_at: TimeText; started_at: TimeText | null; ended_at: TimeText | null };
    };
    /** 采纳或否决测算结果 / adopt or reject a part of the answer */
    'POST /runs/{id}/decisions': {
        query: undefined;
        body: { part?: string; verdict: 'adopted' | 'rejected'; use?: 'none' | 'order' | 'draft' | 'standard'; item?: Id; place?: Id; level?: number; quantity?: number; date?: DateText; reason: string };
        reply: { id: Id; run: Id; part: string; verdict: 'adopted' | 'rejected'; use: 'none' | 'order' | 'draft' | 'standard'; item: Id | null; place: Id | null; level: number; quantity: number; date: DateText | null; reason: string; by: { id: Id; name: string }; at: TimeText };
    };
    /** 对测算的决定，最新在前 / decisions on calculations, newest first */
    'GET /decisions': {
        query: { use?: 'none' | 'order' | 'draft' | 'standard'; cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; run: Id; part: string; verdict: 'adopted' | 'rejected'; use: 'none' | 'order' | 'draft' | 'standard'; item: Id | null; place: Id | null; level: number; quantity: number; date: DateText | null; reason: string; by: { id: Id; name: string }; at: TimeText }>;
    };
    /** 情景推演：立即计算一个小规模测算，不保存 / what if: a small calculation at once, kept nowhere */
    'POST /what-if': {
        query: { method: string };
        body: Blob;
        reply: unknown;
    };
    /** 测算依据：由本市数据生成的输入文件、库存、参数表 / basis of the live plan: input documents made from the city's own data, stock, tables */
    'GET /basis': {
        query: { days?: number; paths?: number };
        body: undefined;
        reply: { standard: unknown; demand: unknown; items: number; level: number; today: DateText; date: DateText; cases: string; stale: boolean; cases_7: number; residents: number; rounds: number; stocks: Array<{ id: Id; code: string; name_zh: string; name_en: string; unit: string; stock: number; standard: number; receiving: number; inspecting: number; producing: number; lead_days: number }>; tables: unknown; at: TimeText };
    };
    /** 本市修改过的参数表版本，最新在前 / the city's versions of a table of coefficients, newest first */
    'GET /tables/{name}': {
        query: { cursor?: string; limit?: number };
        body: undefined;
        reply: Page<{ id: Id; name: string; content: string; reason: string; by: { id: Id; name: string }; at: TimeText }>;
    };
    /** 修改参数表：drivers、staffing、kits、direct、items / change a table: drivers, staffing, kits, direct, items */
    'PUT /tables/{name}': {
        query: undefined;
        body: { content: string; reason: string };
        reply: { id: Id; name: string; content: string; reason: string; by: { id: Id; name: string }; at: TimeText };
    };
    /** 批号标签（PDF 或 ZPL），可扫描 / label of a lot (PDF or ZPL), to be scanned */
    'GET /lots/{id}/label': {
        query: { quantity?: number; copies?: number; place?: Id; format?: 'pdf' | 'zpl'; dpi?: number };
        body: undefined;
        reply: string;
    };
}
