/* The strategic reserve: standards, the level in force, readiness, and what to order today.
 *
 * STANDARD (储备标准): what a place should hold of an item at a reserve level, as a quantity or as days of cover of its recent
 * draw. Versions have dates and are never changed. LEVEL (储备级别): 4 everyday … 1 highest; prepared, then in force; without any
 * record: 4.
 *
 * The formulas, one definition everywhere (docs/readiness.md). For an item at a place at a moment, with d its city date:
 *   draw       what left the usable stock for use, for a receiver or for another place on a date
 *   mean draw  u = sum of the draw / n over the last n ≤ 7 full days before d on which the place recorded any draw, looking back
 * at most 28 days; days without a record between them are `gaps`: they say nothing and are not taken for zero. n = 0: unknown
 *   standard   S = the quantity, or ceil(days x u), of the version in force at d for the level in force; while uplifts are in force
 * ceil(that x their factors)
 *   counted    usable stock that the deciding authority may use: owned by the city, a donor, a firm holding it on contract, or
 * the district in which the place lies; never the nation's readiness  counted / S gap        max(0, S - counted) cover available
 * / u in days; the stock-out date is d + floor(cover): the first day that cannot be served whole pipeline   what is producing,
 * inspecting, receiving or in transit to the place order      what today's order must bring so that the standard is met when it
 * arrives after `lead` days: max(0, S + ceil(lead x u) + expiring within lead - available - pipeline), rounded up to the smallest
 * order State: critical when counted < S/2 or the cover is under 3 days; low when counted < S or the cover is under 7 days;
 * unreported when neither a standard nor a draw is known; ok otherwise. */
#ifndef BG_RESERVE_H
#define BG_RESERVE_H

#include "auth/auth.h"
#include "ledger/ledger.h"

#define RESERVE_LEVELS 4
#define RESERVE_EVERYDAY 4
#define RESERVE_DRAW_DAYS 7
#define RESERVE_LOOK_BACK_DAYS 28
#define RESERVE_CRITICAL_COVER_DAYS 3
#define RESERVE_LOW_COVER_DAYS 7
#define RESERVE_LEAD_DAYS 7 /* where a standard names none */
#define RESERVE_LINES_MAX 2000

enum reserve_basis { RESERVE_QUANTITY = 1, RESERVE_COVER = 2 };
enum reserve_level_state { RESERVE_PREPARED = 1, RESERVE_IN_FORCE = 2 };
enum reserve_state { RESERVE_UNREPORTED, RESERVE_OK, RESERVE_LOW, RESERVE_CRITICAL };
extern const char *const reserve_state_slugs[]; /* by enum reserve_state: "unreported", "ok", "low", "critical" */
extern const char *const reserve_basis_slugs[]; /* "quantity", "cover", NULL */
extern const char *const reserve_level_state_slugs[]; /* "prepared", "in_force", NULL */

/* --- standards --- */
struct reserve_standard {
    int64_t id, item, place;
    int level;
    bg_date from;
    enum reserve_basis basis;
    int64_t qty; /* quantity in base units; 0 with basis quantity ends the standard */
    int64_t cover_milli; /* thousandths of a day */
    int64_t lead_days; /* 0: RESERVE_LEAD_DAYS */
    bg_str note;
    bg_ms recorded_at;
    int64_t recorded_by;
};
struct reserve_standards {
    const struct reserve_standard *lines; /* 1…RESERVE_LINES_MAX; id, recorded_… are set by the change */
    size_t count;
};
/* Input: struct reserve_standards. All or none. Answer 201 {"standards":n}. BG_BAD_INPUT names the line's field; unknown items
 * and places too. */
extern const struct change_kind reserve_standard_putting;
bg_err reserve_standard_put_in(struct change_tx *tx, const struct change *change, const struct reserve_standards *in);
/* Every version, in the order of ids after `after`; item, place 0: all. */
bg_err reserve_standard_list(struct store_tx *tx, int64_t city, int64_t item, int64_t place, int64_t after, size_t max,
                             struct bg_arena *arena, struct reserve_standard **ret, size_t *ret_count);

/* --- level --- */
struct reserve_level {
    int64_t id;
    int level;
    enum reserve_level_state state;
    bg_ms from_at, recorded_at;
    int64_t recorded_by;
    bg_str why, legal_basis;
    int64_t proposal; /* the proposal it came from; 0: none. In lists only, with what follows */
    bg_str requested_name, decided_name, leader, paper; /* who asked, who approved; of a telephone order its leader and document number */
};
/* The level in force at a moment as known at a moment (BG_TIME_NONE: now), and a level prepared after it (*ret_prepared_level 0:
 * none). */
bg_err reserve_level_get(struct store_tx *tx, int64_t city, bg_ms at, bg_ms known_at, struct bg_arena *arena,
                         struct reserve_level *ret, struct reserve_level *ret_prepared);
bg_err reserve_level_list(struct store_tx *tx, int64_t city, int64_t before, size_t max, struct bg_arena *arena,
                          struct reserve_level **ret, size_t *ret_count);
void reserve_level_json(const struct reserve_level *level, struct bg_buf *out);

/* --- two people decide (提请与批准) ---
 * What changes how the reserve is worked is proposed by one person and takes effect when another, with the right approval.decide
 * and a second factor, approves it. On a telephone order of the leader on duty (先调拨、后补手续: proposal.leader is set) it takes
 * effect at once; second approval and document number (文号) are owed by papers_due_at, and the scheduler chases them: an event
 * "proposal.overdue" once a day. A telephone order that is not confirmed stays in the history as refused; going back is a decision
 * of its own. */
#define RESERVE_PAPERS_HOURS 24
#define RESERVE_PROPOSAL_DAYS 7 /* an approval that nobody gave lapses */
enum reserve_proposal_kind {
    RESERVE_PROPOSE_LEVEL = 1,
    RESERVE_PROPOSE_UPLIFT,
    RESERVE_PROPOSE_UPLIFT_END,
    RESERVE_PROPOSE_STANDARDS,
    RESERVE_PROPOSAL_KINDS = RESERVE_PROPOSE_STANDARDS
};
enum reserve_proposal_state { RESERVE_PROPOSED = 1, RESERVE_DONE, RESERVE_REFUSED, RESERVE_WITHDRAWN, RESERVE_OWED };
extern const char *const reserve_proposal_kind_slugs[]; /* "level", "uplift", "uplift_end", "standards", NULL */
extern const char *const reserve_proposal_state_slugs[]; /* "proposed", "done", "refused", "withdrawn", "owed", NULL */
#define RESERVE_FACTOR_MAX 10000
struct reserve_uplift_cell {
    int64_t item, place;
    int64_t uplift, factor_permille; /* these and the next two: in force only */
    bg_date due;
    bg_str why;
};
struct reserve_proposal {
    int64_t id;
    enum reserve_proposal_kind kind;
    enum reserve_proposal_state state;
    int64_t approval;
    int level; /* kind level, with `step` */
    enum reserve_level_state step;
    int64_t object; /* kind uplift_end: the uplift */
    int64_t factor_permille; /* kind uplift: 1001…RESERVE_FACTOR_MAX, with the next four */
    bg_date from, due;
    const struct reserve_uplift_cell *cells; /* 1…RESERVE_LINES_MAX; not in lists */
    size_t cell_count;
    const struct reserve_standard *drafts; /* kind standards: versions, in force from their dates once approved; not in lists */
    size_t draft_count;
    int64_t line_count; /* in lists: of cells or drafts */
    bg_str why, legal_basis;
    int64_t requested_by;
    bg_str requested_name;
    bg_ms requested_at;
    bg_str leader; /* who gave the order by telephone; empty: not a telephone order */
    bg_ms papers_due_at; /* 0: none are owed */
    bg_str paper;
    int64_t decided_by; /* 0: nobody yet */
    bg_str decided_name;
    bg_ms decided_at; /* 0: not yet */
    bg_str note;
    int64_t made; /* what came of it; 0: nothing yet */
    int64_t chased;
};
struct reserve_propose_in {
    struct reserve_proposal what; /* kind and its fields, why, legal_basis, leader */
    int64_t papers_hours; /* telephone order: 1…168; 0: RESERVE_PAPERS_HOURS */
};
/* Answer 201 the proposal. BG_BAD_INPUT names the field. */
extern const struct change_kind reserve_proposing; /* input struct reserve_propose_in */
struct reserve_decide_in {
    struct auth_by by;
    int64_t id;
    bool agrees;
    bg_str note;
};
/* Approves (and puts in effect) or refuses. BG_AUTH_SELF for the one who asked, BG_AUTH_DENIED without right or second factor,
 * BG_CONFLICT at "state" when it is no longer open. Answer the proposal, as of the two below. */
extern const struct change_kind reserve_deciding;
struct reserve_paper_in {
    int64_t id;
    bg_str paper;
};
/* The document number of a telephone order; once. */
extern const struct change_kind reserve_papering;
/* Input: the id. By the one who asked, before anybody decided; else BG_NOT_FOUND or BG_CONFLICT. */
extern const struct change_kind reserve_withdrawing;
bg_err reserve_proposal_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct reserve_proposal *ret);
/* Newest first, before an id (0: newest), of a kind (0: all); `open`: only those that wait for an approval or for papers. */
bg_err reserve_proposal_list(struct store_tx *tx, int64_t city, int kind, bool open, int64_t before, size_t max, struct bg_arena *arena,
                             struct reserve_proposal **ret, size_t *ret_count);
void reserve_proposal_json(const struct reserve_proposal *proposal, bg_ms now, struct bg_buf *out);

/* --- uplift (上浮) ---
 * Multiplies whatever standard the level in force gives in its cells, from a date until it is ended; several multiply each other.
 * Begun and ended by two people as above. The result is rounded up to a base unit. */
struct reserve_uplift {
    int64_t id, factor_permille;
    bg_date from, due;
    bg_str why;
    bg_ms recorded_at, ended_at; /* ended_at 0: in force */
    int64_t items, places;
};
/* Newest first, before an id (0: newest). */
bg_err reserve_uplift_list(struct store_tx *tx, int64_t city, int64_t before, size_t max, struct bg_arena *arena,
                           struct reserve_uplift **ret, size_t *ret_count);
/* Where the standard of an item at a place comes from: the version that gives it, the draw when it is in days of cover, the uplifts that
 * multiply it, and the formula in words ("100,000 × 1.4 = 140,000"), as one object. `which`: of one item at one place. BG_NOT_FOUND at
 * "item" when no standard is in force there. */
struct reserve_which;
bg_err reserve_basis_json(struct store_tx *tx, const struct reserve_which *which, struct bg_arena *arena, struct bg_buf *out);

/* --- readiness --- */
struct reserve_cell {
    struct ledger_cell stock; /* all owners: the seven numbers */
    int64_t counted;
    int64_t standard; /* S; -1: none */
    int64_t base; /* S before uplifts; -1: none */
    int64_t uplift_ppm; /* what the uplifts in force multiply it by, in millionths; 0: none is in force */
    int64_t standard_id; /* the version it comes from */
    enum reserve_basis basis;
    int64_t lead_days;
    int64_t draw_sum, draw_days, draw_gaps; /* of the mean draw */
    int64_t ratio_ppm; /* readiness in millionths; -1: no standard */
    int64_t gap;
    int64_t cover_milli; /* -1: unknown or no draw */
    bg_date stockout; /* BG_DATE_NONE: unknown or no draw */
    int64_t expiring_30, expiring_90, expiring_lead; /* usable, by their last day of use */
    int64_t pipeline;
    int64_t order_qty;
    enum reserve_state state;
};
struct reserve_which {
    int64_t city, item, place; /* item, place 0: all */
    int level; /* what if this level were in force; 0: the one in force */
    bg_ms at, known_at; /* BG_TIME_NONE: now */
    bg_ms now;
    bool key_only; /* key items only */
};
struct reserve_view {
    bg_ms at;
    bg_date date;
    int offset_min;
    struct reserve_level level, prepared; /* prepared.level 0: none */
    struct ledger_item *items; /* ascending id; those of the cells and of the standards */
    size_t item_count;
    struct ledger_place *places;
    size_t place_count;
    struct reserve_cell *cells; /* by item, then place */
    size_t cell_count;
};
/* Everything that can be said of the cells asked for, from one snapshot. A few milliseconds for a city. All memory in the arena.
 */
bg_err reserve_view_get(struct store_tx *tx, const struct reserve_which *which, struct bg_arena *arena, struct reserve_view *ret);
const struct ledger_item *reserve_view_item(const struct reserve_view *view, int64_t id);
const struct ledger_place *reserve_view_place(const struct reserve_view *view, int64_t id);
/* One cell as the API's row. */
void reserve_cell_json(const struct reserve_view *view, const struct reserve_cell *cell, struct bg_buf *out);
/* The situation: level, key figures, districts, items, matrix, ranking of stock-outs, what to order; `may` (NULL: all) says which
 * places may be seen. */
typedef bool (*reserve_may)(void *ctx, const struct ledger_place *place);
void reserve_situation_json(const struct reserve_view *view, reserve_may may, void *ctx, struct bg_buf *out);
/* The orders of today, most urgent first: {"item":…,"place":…,"quantity":…,"by_date":…,"reason_zh":…,"reason_en":…}, as an array.
 */
void reserve_orders_json(const struct reserve_view *view, reserve_may may, void *ctx, struct bg_buf *out);

/* Writes today's standards into the ledger's requirements (deficit). As a change of its own, once a day and after each change of
 * standards or level. Input NULL. Answer {"required":n}. */
extern const struct change_kind reserve_requiring;
/* Has it run daily, ten minutes after midnight: standards in days of cover change with the draw; and chases papers that are owed. */
bg_err reserve_register(struct work *work);

/* --- the view shared by many readers --- */
struct reserve_cache;
struct reserve_shared;
bg_err reserve_cache_open(struct journal *journal, struct reserve_cache **ret);
void reserve_cache_close(struct reserve_cache *cache); /* accepts NULL; nobody may hold a view any more */
/* The view of the whole city as of now (which: city, level, key_only and now count; item, place, at and known_at must be unset), made at
 * most once for each journal position and date, on a snapshot of its own. The view is read-only and stays until it is given back. */
bg_err reserve_cache_take(struct reserve_cache *cache, const struct reserve_which *which, struct reserve_shared **ret,
                          const struct reserve_view **ret_view);
void reserve_cache_give(struct reserve_cache *cache, struct reserve_shared *shared); /* accepts NULL */

/* --- figures of the outbreak: what the epidemic officer enters --- */
#define RESERVE_FIGURES_MAX 2000 /* of one change, and of a day */

/* Kinds up to RESERVE_FIGURE_DAILY_LAST are counts of their day; the others hold from their day on until a later day says otherwise (0: the
 * zone is lifted). */
enum reserve_figure_kind {
    RESERVE_FIGURE_CASES = 1,    /* local confirmed cases of the day 新增本土确诊 */
    RESERVE_FIGURE_ASYMPTOMATIC, /* local infections without symptoms of the day */
    RESERVE_FIGURE_IMPORTED,     /* imported cases of the day */
    RESERVE_FIGURE_SAMPLED,      /* people sampled on the day */
    RESERVE_FIGURE_POSITIVE,     /* positives found on the day */
    RESERVE_FIGURE_DAILY_LAST = RESERVE_FIGURE_POSITIVE,
    RESERVE_FIGURE_RESIDENTS, /* residents of the district 常住人口 */
    RESERVE_FIGURE_SEALED,    /* residents of a sealed zone 封控区 */
    RESERVE_FIGURE_CONTROLLED, /* of a controlled zone 管控区 */
    RESERVE_FIGURE_PREVENTION, /* of a prevention zone 防范区 */
    RESERVE_FIGURE_QUARANTINE, /* people in an isolation site 隔离点 */
    RESERVE_FIGURE_CONTACTS,  /* contacts under observation */
    RESERVE_FIGURE_DRIVER,    /* amount of a driver of need that is named: "post", "port", "key" … */
    RESERVE_FIGURE_KINDS = RESERVE_FIGURE_DRIVER
};
extern const char *const reserve_figure_slugs[]; /* by enum - 1: "cases", "asymptomatic", … "driver", NULL */
enum reserve_figure_mark { RESERVE_REPORTED = 1, RESERVE_DERIVED, RESERVE_RECALLED };
extern const char *const reserve_mark_slugs[]; /* "reported", "derived", "recalled", NULL */
struct reserve_figure {
    int64_t id;
    enum reserve_figure_kind kind;
    int64_t district; /* 0: the city as a whole */
    bg_date day;
    bg_str name; /* of zone, site or driver; empty: the district as a whole */
    int64_t value;
    enum reserve_figure_mark mark;
    bg_str note;
    bg_ms recorded_at;
    int64_t recorded_by;
};
struct reserve_figures {
    const struct reserve_figure *lines; /* 1…RESERVE_FIGURES_MAX */
    size_t count;
};
/* Input: struct reserve_figures. All or none; a later version for the same day, district, kind and name takes the place of the earlier.
 * Answer 201 {"figures":n}. BG_BAD_INPUT names the line's field. */
extern const struct change_kind reserve_figure_putting;
bg_err reserve_figure_put_in(struct change_tx *tx, const struct change *change, const struct reserve_figures *in);
/* The figures of days from…to (a kind, or 0) as known by a moment (BG_TIME_NONE: now), the last version of each; by kind, district, day,
 * name. */
bg_err reserve_figure_list(struct store_tx *tx, int64_t city, int kind, bg_date from, bg_date to, bg_ms known_at, struct bg_arena *arena,
                           struct reserve_figure **ret, size_t *ret_count);
/* Every version, newest first, before an id (0: newest). */
bg_err reserve_figure_history(struct store_tx *tx, int64_t city, int kind, int64_t before, size_t max, struct bg_arena *arena,
                              struct reserve_figure **ret, size_t *ret_count);
void reserve_figure_json(const struct reserve_figure *figure, struct bg_buf *out);

/* --- test rounds --- */
enum reserve_round_state { RESERVE_ROUND_PLANNED = 1, RESERVE_ROUND_ORDERED, RESERVE_ROUND_DONE, RESERVE_ROUND_OFF };
extern const char *const reserve_round_slugs[]; /* "planned", "ordered", "done", "off", NULL */
struct reserve_round {
    int64_t round, id; /* round 0: a new one */
    bg_str name;
    bg_date day;
    enum reserve_round_state state;
    int share_permille;
    bg_str districts; /* codes with blanks between them; empty: the whole city */
    int64_t sampled, positive; /* -1: not known */
    enum reserve_figure_mark mark;
    bg_str note;
    bg_ms recorded_at;
    int64_t recorded_by;
};
/* Input: struct reserve_round. Answer 201 the round. BG_NOT_FOUND for a round that is not there. */
extern const struct change_kind reserve_round_putting;
bg_err reserve_round_put_in(struct change_tx *tx, const struct change *change, const struct reserve_round *in, int64_t *ret_round);
/* Last versions, by date, as known by a moment (BG_TIME_NONE: now). */
bg_err reserve_round_list(struct store_tx *tx, int64_t city, bg_ms known_at, struct bg_arena *arena, struct reserve_round **ret,
                          size_t *ret_count);
void reserve_round_json(const struct reserve_round *round, struct bg_buf *out);

#endif
