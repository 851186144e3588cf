/* The double-entry ledger of goods.
 *
 * An ACCOUNT is (place, bin, owner, item, lot, status). A MOVEMENT takes a quantity from one account to another of the same
 * item and is never changed or deleted; a mistake is taken back by a reversal. Everything that enters comes from a `source`
 * account, everything that leaves goes to `used` or `lost`, what nobody can explain stands in `discrepancy`: so all accounts of
 * an item add up to zero, at any moment, on both time axes (occurred_at: when it happened; recorded_at: when we knew). Only
 * those four outside statuses may go below zero. Each place has its own outside accounts, so that use, loss and discrepancy
 * always say where; places that are outside as a whole (suppliers, points of consumption, disposal) hold nothing else.
 *
 * A DOCUMENT is 1…500 movements posted together, all or nothing. It is an INTENT (refused when stock is short: BG_STOCK_SHORT)
 * or a FACT (goods received, handed over, used, counted: always recorded; what the account does not have is taken from the
 * place's discrepancy account, and a REVIEW with a clock is opened). Dates may lie back within the open period; no account may
 * have been below zero at the end of any past day because of it. A HOLD reserves a quantity of one account until it is posted,
 * voided or lapses.
 *
 * Every change is a change of the journal (journal.h); an entry "document.posted" holds the movements exactly as they are in
 * the table, so ledger_verify can compare the two. Ids are the server's; `city` is the owner of every row. Quantities are base
 * units of the item.
 *
 * THE SEVEN NUMBERS, with one definition everywhere (docs/ledger.md), of one item at one place, over all lots, bins and the
 * owners asked for:
 *   on_hand    在库    all that is physically there: inspecting, receiving, usable, hold, damaged, expired, recalled
 *   usable     可用    status usable
 *   allocated  已分配  of the usable, reserved by open holds
 *   on_hold    冻结    status hold or recalled
 *   in_transit 在途    sent to the place and not yet accounted for
 *   available  可调拨  usable − allocated
 *   deficit    缺口    max(0, required − available − in_transit); `required` is what the place must still be able to give or keep,
 *                      not counting what is allocated already; it comes from the modules above (ledger_require)
 */
#ifndef BG_LEDGER_H
#define BG_LEDGER_H

#include "journal/journal.h"

/* --- words (words.def) --- */
enum ledger_status {
    LEDGER_NO_STATUS = 0,
#define LEDGER_STATUS(name, number, slug, zh, en, outside, present) LEDGER_##name = (number),
#include "ledger/words.def"
#undef LEDGER_STATUS
    LEDGER_STATUS_COUNT
};
enum ledger_can {
    LEDGER_CAN_STORE = 1,    /* holds stock of its own */
    LEDGER_CAN_RECEIVE = 2,  /* receipts from sources and from transit */
    LEDGER_CAN_ISSUE = 4,    /* sends and hands over */
    LEDGER_CAN_COUNT = 8,    /* is counted */
    LEDGER_CAN_USE = 16,     /* reports use */
    LEDGER_CAN_MAKE = 32,    /* produces */
    LEDGER_OUTSIDE = 64,     /* every account is an outside account; set by the kind alone */
    LEDGER_BINNED = 128,     /* stock needs a bin */
};
enum ledger_place_kind {
    LEDGER_NO_PLACE = 0,
#define LEDGER_PLACE(name, number, slug, zh, en, status, flags) LEDGER_PLACE_##name = (number),
#include "ledger/words.def"
#undef LEDGER_PLACE
};
enum ledger_owner_kind {
    LEDGER_NO_OWNER = 0,
#define LEDGER_OWNER(name, number, slug, zh, en) LEDGER_OWNER_##name = (number),
#include "ledger/words.def"
#undef LEDGER_OWNER
};
enum ledger_kind {
    LEDGER_NO_KIND = 0,
#define LEDGER_KIND(name, number, slug, prefix, zh, en) LEDGER_KIND_##name = (number),
#include "ledger/words.def"
#undef LEDGER_KIND
    LEDGER_KINDS_COUNT
};
enum ledger_reason {
    LEDGER_NO_REASON = 0,
#define LEDGER_REASON(name, number, slug, zh, en) LEDGER_REASON_##name = (number),
#include "ledger/words.def"
#undef LEDGER_REASON
    LEDGER_REASONS_COUNT
};
enum ledger_paid { LEDGER_PAID_NONE, LEDGER_PAID, LEDGER_FREE };
enum ledger_lot_state { LEDGER_LOT_OPEN = 1, LEDGER_LOT_BLOCKED, LEDGER_LOT_RECALLED };
enum ledger_hold_state { LEDGER_HOLD_OPEN = 1, LEDGER_HOLD_POSTED, LEDGER_HOLD_VOIDED, LEDGER_HOLD_LAPSED };
enum ledger_shipment_state { LEDGER_SHIPMENT_SENT = 1, LEDGER_SHIPMENT_DISPUTED, LEDGER_SHIPMENT_CLOSED };
enum ledger_review_kind {
    LEDGER_REVIEW_SHORT = 1, /* a fact took more than the ledger had */
    LEDGER_REVIEW_MISSING,   /* less arrived than was sent */
    LEDGER_REVIEW_EXTRA,     /* more arrived than was sent */
    LEDGER_REVIEW_PERIOD,    /* a fact of a closed period was recorded at its end */
    LEDGER_REVIEW_EXPIRED,   /* expired, blocked or recalled goods were handed over or used */
};
enum ledger_count_state { LEDGER_COUNT_OPEN = 1, LEDGER_COUNT_REVIEW, LEDGER_COUNT_POSTED, LEDGER_COUNT_DROPPED };

/* One word: its number, slug and names. Lists end with an empty slug. `extra` is the prefix of a document kind. */
struct ledger_word {
    int number;
    const char *slug, *zh, *en, *extra;
};
extern const struct ledger_word ledger_statuses[], ledger_place_kinds[], ledger_owner_kinds[], ledger_kinds[], ledger_reasons[],
    ledger_lot_states[], ledger_hold_states[], ledger_shipment_states[], ledger_review_kinds[], ledger_count_states[], ledger_paids[];
/* The number of a slug, 0 when unknown; the slug of a number, "" when unknown. */
int ledger_word_of(const struct ledger_word *words, bg_str slug);
const char *ledger_slug(const struct ledger_word *words, int number);
/* The same words as a NULL-ended list of slugs for route schemas. */
extern const char *const ledger_status_slugs[], *const ledger_place_slugs[], *const ledger_owner_slugs[], *const ledger_kind_slugs[],
    *const ledger_reason_slugs[];
bool ledger_status_outside(int status);
bool ledger_status_present(int status);      /* counts as on hand */
int ledger_place_status(int place_kind);     /* the one status of an outside place's accounts; 0: an inside place */
unsigned ledger_place_flags(int place_kind); /* default capability flags */
unsigned ledger_flag_of(bg_str slug);        /* "store", "receive", "issue", "count", "use", "make", "binned"; 0: unknown */
/* "RK2022-000123" */
void ledger_number_text(int kind, int year, int64_t number, char out[32]);

/* --- settings of a city --- */
struct ledger_city {
    int offset_min;       /* default BG_CITY_OFFSET_MIN */
    int open_days;        /* default 31: how far back a movement may be dated */
    bg_date open_from;    /* default BG_DATE_NONE: nothing may be dated before it */
    int review_hours;     /* default 24 */
    int late_max_days;    /* kept by the ledger */
    int64_t version;      /* 0: defaults */
};
bg_err ledger_city_get(struct store_tx *tx, int64_t city, struct ledger_city *ret);
void ledger_city_json(const struct ledger_city *city, struct bg_buf *out);

/* --- catalogue --- */
struct ledger_item {
    int64_t id;
    bg_str code, name_zh, name_en, spec, unit, category, class_code, storage;
    int64_t shelf_life_days, order_min;
    bool lotted, key_item, active;
    int64_t version;
};
struct ledger_place {
    int64_t id;
    bg_str code, name_zh, name_en, address;
    int kind;
    unsigned flags;       /* 0 in a put: the kind's defaults */
    int64_t parent, district, org, owner;
    int64_t lat_udeg, lon_udeg;
    bool active;
    int64_t version;
};
struct ledger_bin {
    int64_t id, place;
    bg_str code, name, storage;
    bool active;
    int64_t version;
};
struct ledger_owner {
    int64_t id;
    bg_str code, name_zh, name_en;
    int kind;
    int64_t district, org;
    bool active;
    int64_t version;
};
struct ledger_lot {
    int64_t id, item;
    bg_str batch, maker, certificate, state_note;
    bg_date made, expiry; /* BG_DATE_NONE: unknown; expiry: never or unknown */
    int state;
    int64_t version;
};
struct ledger_code {
    bg_str scheme, code, original; /* code: normalised */
    int64_t item, units;
};
struct ledger_pack {
    int64_t item, units;
    bg_str unit;
};

/* Creates (id 0) or replaces one row. `if_version` < 0: any; else BG_VERSION_CONFLICT unless the row has it. The answer is the
 * row as JSON. Unknown references and bad values name their field. Inputs: struct ledger_put. */
struct ledger_put {
    int64_t if_version;
    union {
        struct ledger_item item;
        struct ledger_place place;
        struct ledger_bin bin;
        struct ledger_owner owner;
        struct ledger_lot lot;
        struct ledger_code code;
        struct ledger_pack pack;
        struct ledger_city city;
    };
};
extern const struct change_kind ledger_item_put, ledger_place_put, ledger_bin_put, ledger_owner_put, ledger_lot_put, ledger_city_put;
extern const struct change_kind ledger_code_put, ledger_code_drop; /* drop: scheme and code only */
extern const struct change_kind ledger_pack_put;                   /* units 0 removes the pack */
/* The same as parts of another rare change (imports, the example city). *ret_id: the row's id. */
bg_err ledger_item_put_in(struct change_tx *tx, const struct change *change, const struct ledger_item *item, int64_t *ret_id);
bg_err ledger_place_put_in(struct change_tx *tx, const struct change *change, const struct ledger_place *place, int64_t *ret_id);
bg_err ledger_bin_put_in(struct change_tx *tx, const struct change *change, const struct ledger_bin *bin, int64_t *ret_id);
bg_err ledger_owner_put_in(struct change_tx *tx, const struct change *change, const struct ledger_owner *owner, int64_t *ret_id);
bg_err ledger_lot_put_in(struct change_tx *tx, const struct change *change, const struct ledger_lot *lot, int64_t *ret_id);
bg_err ledger_code_put_in(struct change_tx *tx, const struct change *change, const struct ledger_code *code);
bg_err ledger_pack_put_in(struct change_tx *tx, const struct change *change, const struct ledger_pack *pack);

/* Reading the catalogue. Texts live in the arena. get: BG_NOT_FOUND; find: *ret_found. */
bg_err ledger_item_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_item *ret);
bg_err ledger_place_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_place *ret);
bg_err ledger_bin_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_bin *ret);
bg_err ledger_owner_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_owner *ret);
bg_err ledger_lot_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_lot *ret);
bg_err ledger_item_find(struct store_tx *tx, int64_t city, bg_str code, int64_t *ret_id, bool *ret_found);
bg_err ledger_place_find(struct store_tx *tx, int64_t city, bg_str code, int64_t *ret_id, bool *ret_found);
bg_err ledger_bin_find(struct store_tx *tx, int64_t city, int64_t place, bg_str code, int64_t *ret_id, bool *ret_found);
bg_err ledger_owner_find(struct store_tx *tx, int64_t city, bg_str code, int64_t *ret_id, bool *ret_found);
bg_err ledger_lot_find(struct store_tx *tx, int64_t city, int64_t item, bg_str batch, bg_str maker, int64_t *ret_id, bool *ret_found);
/* The item behind a code as scanned or typed, whatever its scheme; a GTIN of 8, 12, 13 or 14 digits is normalised first. */
bg_err ledger_code_find(struct store_tx *tx, int64_t city, bg_str code, struct bg_arena *arena, struct ledger_code *ret,
                        bool *ret_found);
/* Rows after id `after` in the order of ids, at most `max`. */
bg_err ledger_item_list(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena,
                        struct ledger_item **ret,
                        size_t *ret_count);
bg_err ledger_place_list(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena,
                         struct ledger_place **ret,
                         size_t *ret_count);
bg_err ledger_bin_list(struct store_tx *tx, int64_t city, int64_t place, int64_t after, size_t max, struct bg_arena *arena,
                       struct ledger_bin **ret, size_t *ret_count);
bg_err ledger_owner_list(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena,
                         struct ledger_owner **ret,
                         size_t *ret_count);
/* item 0: of every item. */
bg_err ledger_lot_list(struct store_tx *tx, int64_t city, int64_t item, int64_t after, size_t max, struct bg_arena *arena,
                       struct ledger_lot **ret, size_t *ret_count);
bg_err ledger_code_list(struct store_tx *tx, int64_t city, int64_t item, struct bg_arena *arena, struct ledger_code **ret,
                        size_t *ret_count);
bg_err ledger_pack_list(struct store_tx *tx, int64_t city, int64_t item, struct bg_arena *arena, struct ledger_pack **ret,
                        size_t *ret_count);
/* Registers items, places and lots as kinds of record: search finds them by code, name, any carrier's code, batch. */
struct record;
bg_err ledger_records(struct record *record);
/* Where a place lies and what it is called, for grants: auth_set_places(auth, ledger_auth_place). */
struct auth_place;
bg_err ledger_auth_place(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct auth_place *ret);
/* Rows as JSON objects of the API's form. */
void ledger_item_json(const struct ledger_item *item, struct bg_buf *out);
void ledger_place_json(const struct ledger_place *place, struct bg_buf *out);
void ledger_bin_json(const struct ledger_bin *bin, struct bg_buf *out);
void ledger_owner_json(const struct ledger_owner *owner, struct bg_buf *out);
void ledger_lot_json(const struct ledger_lot *lot, struct bg_buf *out);
void ledger_code_json(const struct ledger_code *code, struct bg_buf *out);

/* --- posting --- */
#define LEDGER_LINES_MAX 500

struct ledger_key {
    int64_t place, bin, owner, item, lot; /* bin 0: none; owner 0: the place's default owner; lot 0: goods without a lot */
    int status;                           /* enum ledger_status */
};
struct ledger_line {
    struct ledger_key from, to;  /* item and, when 0, lot, owner and bin of `to` are taken from `from` */
    int64_t qty;                 /* 1…BG_QTY_MAX base units */
    int64_t hold;                /* the hold this line uses up, in part or whole; 0: none. `from` may then be all zero */
    int reason;                  /* enum ledger_reason; 0: the document's */
    int paid;                    /* enum ledger_paid: must be said when the owner changes */
    bg_str note;
};
struct ledger_post {
    int kind;                    /* enum ledger_kind: RECEIVE … OWNER; decides which lines are allowed (docs/ledger.md, "Kinds") */
    bool fact;                   /* always recorded; for RECEIVE, ARRIVE, USE and MAKE always so */
    bool override;               /* expired or blocked goods may leave; the change has a reason (intents) */
    int reason;                  /* of lines that name none */
    bg_str reference;            /* the paper's own number */
    bg_str note;
    int64_t place, other;        /* the place that acts: every line leaves or, when goods come in, reaches it; 0: from the first line */
    int64_t shipment;            /* ARRIVE: the sending document */
    bool final;                  /* ARRIVE: nothing more will come; what is left over is missing */
    const struct ledger_line *lines;
    size_t count;
};
/* Input: struct ledger_post; change->occurred_at dates it. Answer 201:
 * {"document":{…},"movements":[{…}],"reviews":[{…}]}. Errors: see errors.def, ledger. */
extern const struct change_kind ledger_posting;

/* A report of use by somebody who knows items, not lots (hospital, testing site): always a fact, first expiry first over the
 * usable stock of the place. Each line states either what was USED since the last report, or what REMAINS now (`snapshot`):
 * then the use is what the ledger has less what remains, and more than the ledger has is taken from discrepancy, with a
 * review. Which of the two it was stays on the movements ("used 12", "remaining 30"). A report of what remains is made on its
 * day. Answer like a posting, kind "use". */
struct ledger_use_line {
    int64_t item, lot, owner;    /* lot 0: any; owner 0: any */
    int64_t qty;                 /* used 1…, or remaining 0… */
};
struct ledger_use {
    int64_t place;
    bool snapshot;
    bg_str reference, note;
    const struct ledger_use_line *lines;
    size_t count;                /* 1…500; an item and lot once */
};
extern const struct change_kind ledger_using;

/* Takes movements back: every line of a document (movement 0) or one movement. Once only. Dated like the original while its
 * period is open,
 * else now, unless change->occurred_at says otherwise. Not for arrivals and sendings that have been answered: settle or return
 * those. */
struct ledger_reverse {
    int64_t document, movement;
    bg_str note;
};
extern const struct change_kind ledger_reversing;

/* --- holds --- */
struct ledger_hold_line {
    struct ledger_key account;
    int64_t qty;
};
struct ledger_reserve {
    const struct ledger_hold_line *lines; /* 1…500; one hold each, all or none */
    size_t count;
    bg_str purpose;
    int64_t purpose_id, target;
    bg_ms due_at;                         /* when they lapse; BG_TIME_NONE: never */
};
extern const struct change_kind ledger_reserving;       /* struct ledger_reserve → 201 {"holds":[{…}]} */
struct ledger_release {
    const int64_t *holds;
    size_t count;
    bool lapse;                           /* the system found them overdue; only those that are */
};
extern const struct change_kind ledger_releasing;       /* struct ledger_release → {"holds":[{…}]}; a closed hold: BG_HOLD_CLOSED */
/* A hold is posted by a line of a document that names it: what is left of it is given back at once. */

struct ledger_hold {
    int64_t id, account, qty, posted, purpose_id, target, made_by;
    struct ledger_key key;
    int state;
    bg_str purpose;
    bg_ms due_at, made_at, closed_at;
};
bg_err ledger_hold_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_hold *ret);
void ledger_hold_json(const struct ledger_hold *hold, struct bg_buf *out);
/* With a purpose_id: all holds of that record; else the open ones, of a place and item (0: any). In the order of ids after
 * `after`. */
struct ledger_holds {
    int64_t city, place, item, purpose_id, after;
    size_t max;
};
bg_err ledger_hold_list(struct store_tx *tx, const struct ledger_holds *which, struct bg_arena *arena, struct ledger_hold **ret,
                        size_t *ret_count);
/* Open holds whose due_at has passed; the scheduler gives them to ledger_releasing. */
bg_err ledger_hold_due(struct store_tx *tx, int64_t city, bg_ms now, size_t max, struct bg_arena *arena, int64_t **ret,
                       size_t *ret_count);

/* --- postings inside other changes --- */
/* What the modules above put into a rare change of their own (hand-over of a batch, settlement, import): posts at once, on the
 * change's
 * transaction. `at` BG_TIME_NONE: change->occurred_at. *ret_document: its id. */
bg_err ledger_post_in(struct change_tx *tx, const struct change *change, const struct ledger_post *post, bg_ms at,
                      int64_t *ret_document);
/* Several documents in their order, each all or nothing and each judged for itself: ret_errs[i] is its refusal, and the others are
 * posted. Only what ends the whole change is returned. At most 500 lines in all. */
bg_err ledger_posts_in(struct change_tx *tx, const struct change *change, const struct ledger_post *posts, const bg_ms *at,
                       size_t count, bg_err *ret_errs, int64_t *ret_documents);
bg_err ledger_reserve_in(struct change_tx *tx, const struct change *change, const struct ledger_reserve *reserve, int64_t *ret_holds);
bg_err ledger_release_in(struct change_tx *tx, const struct change *change, const struct ledger_release *release);

/* --- reading: the seven numbers --- */
struct ledger_seven {
    int64_t on_hand, usable, allocated, on_hold, in_transit, available, deficit;
};
/* Sums of one item at one place over the owners asked for. by_status[s]: quantity in each status; `held`: of the usable,
 * reserved. */
struct ledger_cell {
    int64_t item, place;
    int64_t owner;           /* by_owner only; else 0 */
    int64_t by_status[LEDGER_STATUS_COUNT];
    int64_t held;
    int64_t required;
};
/* THE definition. */
struct ledger_seven ledger_seven_of(const struct ledger_cell *cell);
/* The seven numbers and the statuses, as members of an object. */
void ledger_seven_json(const struct ledger_cell *cell, struct bg_buf *out);

/* Which cells. 0 and NULL: all. */
struct ledger_cells {
    int64_t city, item, place;
    const int64_t *owners;   /* only these owners; NULL: all */
    size_t owner_count;
    bool by_owner;           /* one cell for each owner, ordered by owner last; requirements stand in a cell of owner 0 */
    /* As of. BG_TIME_NONE both: now. `at`: what was true then; `known_at`: as we knew it then (BG_TIME_NONE: now). Moments inside
     * a day are exact too; the end of a date is cheaper. Reservations and requirements have no past: held and required are 0. */
    bg_ms at, known_at;
};
/* Cells that are not all zero, ordered by item, then place. */
bg_err ledger_cell_list(struct store_tx *tx, const struct ledger_cells *which, struct bg_arena *arena, struct ledger_cell **ret,
                        size_t *ret_count);

/* Balances of single accounts: of a place, an item, a lot or all three; empty ones are left out. As of `at`, `known_at` like cells.
 * Pages: after account `after` in the order of (place, item, status, lot, owner, bin). */
struct ledger_account {
    int64_t id;
    struct ledger_key key;
    int64_t qty, held, version;
    bg_str batch;            /* of the lot */
    bg_date expiry;
};
struct ledger_accounts {
    int64_t city, item, place, lot;
    int status;              /* 0: every */
    bool outside;            /* also source, used, lost, discrepancy */
    bg_ms at, known_at;
    const struct ledger_key *after;
    size_t max;
};
bg_err ledger_account_list(struct store_tx *tx, const struct ledger_accounts *which, struct bg_arena *arena,
                           struct ledger_account **ret,
                           size_t *ret_count);

/* What was used of an item per city date, [from, to], missing days 0: the base of burn and days of cover. place 0: at all
 * places. Unused goods given back count against it. ret has to - from + 1 places. */
bg_err ledger_use_days(struct store_tx *tx, int64_t city, int64_t item, int64_t place, bg_date from, bg_date to, int64_t *ret);
/* Closing balances per city date of one cell and status, [from, to]. */
bg_err ledger_closing_days(struct store_tx *tx, int64_t city, int64_t item, int64_t place, int status, bg_date from, bg_date to,
                           int64_t *ret);

/* Draw (出库): what left the usable stock of a place for use, for a receiver or for another place on a city date, less what
 * was taken back: documents of the kinds issue, send and use. Days and cells without a draw have no row. Ordered by day,
 * place, item. */
struct ledger_draw {
    bg_date day;
    int64_t place, item, qty;
};
struct ledger_draws {
    int64_t city, place, item; /* place, item 0: all */
    bg_date from, to;
    bg_ms known_at;            /* as known at the end of that city date; BG_TIME_NONE: now */
};
bg_err ledger_draw_list(struct store_tx *tx, const struct ledger_draws *which, struct bg_arena *arena, struct ledger_draw **ret,
                        size_t *ret_count);
/* Usable stock by its last day of use, up to `until`; goods without one are left out. As of `at`, `known_at` like cells. Ordered by
 * item, place, expiry where it is of now. */
struct ledger_expiry {
    int64_t item, place, qty;
    bg_date expiry;
};
struct ledger_expiries {
    int64_t city, item, place; /* item, place 0: all */
    bg_date until;
    bg_ms at, known_at;
};
bg_err ledger_expiry_list(struct store_tx *tx, const struct ledger_expiries *which, struct bg_arena *arena,
                          struct ledger_expiry **ret,
                          size_t *ret_count);

/* --- reading: movements --- */
struct ledger_movement {
    int64_t id, document, line;
    int64_t from_account, to_account;
    struct ledger_key from, to;
    int64_t qty, actor, reverses, reversed_by;
    int reason, paid;
    bool late;
    bg_ms occurred_at, recorded_at;
    bg_str note;
};
struct ledger_movements {
    int64_t city, place, item, lot, document, account; /* 0: any */
    int reason;              /* 0: any */
    int status;              /* either side has it; 0: any */
    bg_ms since, until;      /* occurred in [since, until]; BG_TIME_NONE: open */
    bg_ms before_at;         /* cursor: strictly older than (before_at, before_id); BG_TIME_NONE: from the newest */
    int64_t before_id;
    size_t max;
};
/* Newest first by (occurred_at, id). *ret_before_*: where the next page starts (0: no more). With narrow filters a page may be
 * short or empty
 * and still not be the last: at most 20,000 movements are looked at for a page. */
bg_err ledger_movement_list(struct store_tx *tx, const struct ledger_movements *which, struct bg_arena *arena,
                            struct ledger_movement **ret,
                            size_t *ret_count, bg_ms *ret_before_at, int64_t *ret_before_id);
bg_err ledger_movement_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_movement *ret);
/* Every movement of the city in the order in which they were recorded, after id `after` (exports); `reversed_by` is not filled. */
bg_err ledger_movement_after(struct store_tx *tx, int64_t city, int64_t after, size_t max, struct bg_arena *arena,
                             struct ledger_movement **ret, size_t *ret_count);
void ledger_movement_json(const struct ledger_movement *movement, struct bg_buf *out);
void ledger_key_json(const struct ledger_key *key, struct bg_buf *out); /* all six members */

struct ledger_document {
    int64_t id, number, place, other, shipment, lines, first_movement, last_movement, actor;
    int kind, year;
    bg_str reference, note;
    bg_ms occurred_at, recorded_at, stated_at;
};
bg_err ledger_document_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_document *ret);
void ledger_document_json(const struct ledger_document *document, struct bg_buf *out);

/* --- picking --- */
struct ledger_pick_want {
    int64_t item, qty;
};
struct ledger_pick {
    int64_t city, place;
    const int64_t *owners;   /* who may be drawn on, in this order of preference among equal expiry; NULL: any */
    size_t owner_count;
    bg_date arrives;         /* the day the goods arrive */
    int64_t life_min_days;   /* they must be usable for at least this many days then; lots without expiry always are */
    const struct ledger_pick_want *wants;
    size_t count;            /* 1…500 */
};
struct ledger_pick_line {
    int64_t want;            /* index of the want */
    int64_t account;
    struct ledger_key key;
    int64_t qty;             /* to take */
    bg_str batch;
    bg_date expiry;
};
/* First expiry first; among the same expiry the smaller remainder first, so that bins empty. Lots that are blocked, recalled or
 * too short of life
 * are passed over. *ret_short[i]: what of want i cannot be served (arena, `count` places). */
bg_err ledger_pick_list(struct store_tx *tx, const struct ledger_pick *pick, struct bg_arena *arena, struct ledger_pick_line **ret,
                        size_t *ret_count, int64_t **ret_short);

/* --- recall --- */
struct ledger_recall_place {
    int64_t place;
    int64_t left;            /* physically there, in whatever status */
    int64_t transit, used, lost, unexplained, produced;
};
struct ledger_recall_report {
    struct ledger_lot lot;
    int64_t entered;         /* what came from sources, all told */
    int64_t left, transit, used, lost, unexplained;
    struct ledger_recall_place *places;
    size_t count;
};
/* Where a lot is and was: every place, in one answer. */
bg_err ledger_recall_get(struct store_tx *tx, int64_t city, int64_t lot, struct bg_arena *arena, struct ledger_recall_report *ret);
void ledger_recall_json(const struct ledger_recall_report *report, struct bg_buf *out);
/* Input: struct ledger_recall. Blocks or recalls a lot: everything of it that is usable, receiving or inspecting (recall: or
 * on hold) goes to `hold` or `recalled` at every place in one change, and its open holds are voided. What is on its way is
 * moved when it arrives. Or opens a blocked lot again: its goods stay on hold until they are released place by place. Answer:
 * the report. */
struct ledger_recall {
    int64_t lot;
    int state;               /* enum ledger_lot_state */
    bg_str why;
};
extern const struct change_kind ledger_recalling;

/* --- counts --- */
struct ledger_count_open {
    int64_t place;
    bool blind;
    bg_str title;
};
struct ledger_count_scan {
    struct ledger_key key;   /* place: the sheet's */
    int64_t counted;
    bg_ms counted_at;        /* when it was scanned; BG_TIME_NONE: now */
    int reason;              /* of a difference, when known */
    bool recount;            /* a new round; else the same account counted again corrects the last round */
    bg_str note;
};
struct ledger_count_scans {
    int64_t sheet;
    const struct ledger_count_scan *lines; /* 1…500 */
    size_t count;
};
/* Ends the count. POST: the reviewer, who has counted nothing on the sheet, accepts; differences against the ledger at the moment
 * of each scan are
 * posted as facts, dated like the scan. Goods too many come from the place's discrepancy account, goods missing go there, or to
 * `lost` when
 * the line's reason says loss or damage. */
struct ledger_count_move {
    int64_t sheet;
    int to;                  /* enum ledger_count_state: REVIEW (counter), OPEN (back for a recount), POSTED (reviewer), DROPPED */
    bg_str note;
};
extern const struct change_kind ledger_count_opening;   /* struct ledger_count_open → 201 the sheet */
extern const struct change_kind ledger_count_scanning;  /* struct ledger_count_scans → {"lines":[…]}; blind: without expected */
extern const struct change_kind ledger_count_moving;    /* struct ledger_count_move → the sheet */
struct ledger_count {
    int64_t id, place, opened_by, reviewed_by, document, version;
    int state;
    bool blind;
    bg_str title, note;
    bg_ms opened_at, closed_at;
};
struct ledger_count_line {
    struct ledger_key key;
    int round, reason;
    int64_t counted, expected, expected_now, counted_by, account_version;
    bg_ms counted_at;
    bool last;               /* the round that counts */
    bg_str note;
};
bg_err ledger_count_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_count *ret);
/* expected_now: what the ledger has for the moment of the scan as known now; the difference that will be posted is counted −
 * expected_now. */
bg_err ledger_count_lines(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_count_line **ret,
                          size_t *ret_count);
/* place 0: every; newest first, before id `before` (0: from the newest). */
bg_err ledger_count_list(struct store_tx *tx, int64_t city, int64_t place, int64_t before, size_t max, struct bg_arena *arena,
                         struct ledger_count **ret, size_t *ret_count);
void ledger_count_json(const struct ledger_count *count, struct bg_buf *out);
void ledger_count_line_json(const struct ledger_count_line *line, bool blind, struct bg_buf *out);
extern const struct bg_machine ledger_count_machine;

/* --- shipments --- */
struct ledger_shipment_line {
    int64_t item, lot, owner;
    int64_t sent, arrived, missing, settled;
};
struct ledger_shipment {
    int64_t id, origin, target;
    int state;
    bg_ms sent_at, closed_at;
    struct ledger_shipment_line *lines;
    size_t count;
};
bg_err ledger_shipment_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_shipment *ret);
/* Not yet closed: to `target` or from `origin` (0: any). */
bg_err ledger_shipment_list(struct store_tx *tx, int64_t city, int64_t origin, int64_t target, int64_t after, size_t max,
                            struct bg_arena *arena, struct ledger_shipment **ret, size_t *ret_count);

void ledger_shipment_json(const struct ledger_shipment *shipment, struct bg_buf *out);

/* --- reviews --- */
struct ledger_review {
    int64_t id, place, account, document, movement, qty, settled, closed_by;
    int kind, state;         /* state: 1 open, 2 closed */
    struct ledger_key key;   /* of the account */
    bg_ms opened_at, due_at, closed_at;
    bg_str note;
};
/* Settles a review, in part or whole: posts the lines (which must touch its account and move `qty` in all) and closes it when
 * nothing is left. No
 * lines: closed as explained, with a note. */
struct ledger_settle {
    int64_t review;
    const struct ledger_line *lines;
    size_t count;
    bg_str note;
};
extern const struct change_kind ledger_settling;
bg_err ledger_review_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct ledger_review *ret);
/* place 0: every; state 0: both. In the order of ids after `after`. */
bg_err ledger_review_list(struct store_tx *tx, int64_t city, int64_t place, int state, int64_t after, size_t max,
                          struct bg_arena *arena,
                          struct ledger_review **ret, size_t *ret_count);
void ledger_review_json(const struct ledger_review *review, struct bg_buf *out);

/* --- requirements --- */
/* What a place must hold or get of an item, as a part of the change that sets it; qty 0 removes it. */
bg_err ledger_require(struct change_tx *tx, int64_t city, int64_t item, int64_t place, int64_t qty, bg_str basis);

/* --- upkeep, called by the scheduler; each may run twice without harm --- */
/* Takes the monthly snapshots that are due (the month's first moment has passed by an hour). Input NULL. Answer {"taken":n}. */
extern const struct change_kind ledger_snapshotting;
/* Moves what has expired by the city's date to status `expired`, at most 500 accounts a run. Input NULL. Answer
 * {"expired":n,"more":bool}. */
extern const struct change_kind ledger_expiring;

/* Registers the ledger's kinds of work: both of the above daily in every city, holds that lapse, reviews whose clock has run
 * out (an event "review.overdue" for whoever notifies people). Before work_start. */
struct work;
bg_err ledger_register(struct work *work);
/* Registers `kind` to run in every city once a day, `daily_min` minutes after its midnight, under `name`. Its input is NULL; an answer
 * that ends in "more":true has it run again. `kind` must outlive the work. */
bg_err ledger_register_daily(struct work *work, const char *name, const struct change_kind *kind, int daily_min);

/* --- verify --- */
struct ledger_report {
    int64_t movements, accounts, documents, entries;
    int64_t differences;
    /* the first damage: */
    char table[32], key[96], kind[48];
};
/* Recomputes every balance, hold, total, day and snapshot from the movements, the zero sum of every item, and holds each movement
 * against the
 * journal entry of its document. Reads only; BG_DONE with differences > 0 is damage. */
bg_err ledger_verify(struct store *store, struct ledger_report *ret);

#endif
