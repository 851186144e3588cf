/* Private to cli (and its tests): the example city. Reference files (data/tianjin-2022, inside the program) become a model in
 * memory; the model is loaded into a database and then lived through day by day, by the same changes that people make, under a
 * clock that stands where the day stands.
 *
 * Dates: the model thinks in the dates of the source, 2021-12-01 to 2022-01-20. `shift` whole days are added on the way into the
 * database, so that the last day falls on the date the user wants (docs/example-city.md). Chance is a hash of seed, place, item
 * and day: no order of execution changes it, and the same seed gives the same city, ids included. Secrets are never made from it:
 * the environment has the machine's own randomness and only its clock is set. */
#ifndef BG_CLI_DEMO_H
#define BG_CLI_DEMO_H

#include "api/api.h"
#include "auth/auth.h"
#include "ledger/ledger.h"

/* --- the files inside the program (demo_table.c) --- */
struct demo_file {
    const char *name; /* "items.csv"; NULL ends the table */
    const char *at, *end;
};
extern const struct demo_file demo_files[];

struct demo_table {
    const bg_str *header, *cells;
    size_t rows, columns;
};
/* Texts live in the arena. BG_NOT_FOUND: no such file. */
bg_err demo_table_read(const char *name, struct bg_arena *arena, struct demo_table *ret);
/* One cell by the name of its column, which must exist. */
bg_str demo_cell(const struct demo_table *table, size_t row, const char *column);
/* The same as a whole number; 0 for an empty cell. The files are ours: anything else stops the program. */
int64_t demo_int(const struct demo_table *table, size_t row, const char *column);
bg_date demo_date(const struct demo_table *table, size_t row, const char *column);
/* Minute of the day of "2022-01-08T10:00:00". */
int demo_minute(bg_str moment);
/* The next word of *rest up to a blank, which moves behind it; empty at the end. */
bg_str demo_word(bg_str *rest);

/* --- chance (demo_table.c) --- */
uint64_t demo_hash(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
/* 0…bound-1 */
int64_t demo_below(uint64_t hash, int64_t bound);

/* --- the model (demo_model.c) --- */
enum demo_level { DEMO_LOW, DEMO_MIDDLE, DEMO_HIGH };
enum demo_driver {
    DEMO_RESIDENT,
    DEMO_AREA,
    DEMO_BED,
    DEMO_INPATIENT,
    DEMO_QUARANTINE,
    DEMO_SEALED,
    DEMO_CONTROLLED,
    DEMO_NEWLY,
    DEMO_SCREENING,
    DEMO_LABORATORY,
    DEMO_POST,
    DEMO_AGENCY,
    DEMO_DRIVERS
};

struct demo_item {
    bg_str code, name_zh, name_en, spec, unit, category, storage, gtin;
    bg_str pack_name[2];
    int64_t pack[2]; /* base units; 0: none */
    int64_t shelf_days, order_min;
    bool lotted, key;
    int64_t bin; /* at the dedicated depot */
    int64_t daily; /* output of all makers together at full capacity */
    int64_t id;
};
struct demo_district {
    bg_str name_zh, name_en;
    int64_t code, population, lat_udeg, lon_udeg;
    bool area;
};
struct demo_owner {
    bg_str code, name_zh, name_en;
    int kind;
    int64_t district, id;
};
struct demo_maker {
    bg_str code, name_zh, name_en, credit_code;
    bool key;
    size_t place; /* its own place */
    size_t products, item[8];
    int64_t daily[8];
};
struct demo_place {
    bg_str code, name_zh, name_en, organisation; /* kind of organisation; empty: none */
    bg_str credit_code;
    int kind;
    int64_t district, lat_udeg, lon_udeg, size;
    size_t owner, depot; /* depot: who supplies it; SIZE_MAX: it buys itself */
    bool designated; /* the hospital that takes COVID-19 patients */
    bg_date opens; /* BG_DATE_NONE: always there */
    int64_t id, org;
    int64_t actor; /* who reports there; 0: the system */
    bg_str actor_name;
};
struct demo_standard {
    size_t item;
    enum { DEMO_AIRPORT, DEMO_EACH_DISTRICT, DEMO_EACH_AREA } scope;
    enum { DEMO_QTY, DEMO_PER_100K, DEMO_DAYS } basis;
    int64_t level[5]; /* 1…4 */
};
struct demo_person {
    bg_str login, name, role, scope, scope_ref, organisation_kind;
    int64_t id;
};
struct demo_lot {
    size_t item, maker; /* maker SIZE_MAX: from outside the city */
    bg_date made, expiry; /* source dates; expiry BG_DATE_NONE: never */
    char batch[24];
    bool blocked;
    int64_t id;
};

/* The published course of the outbreak, by source date. */
struct demo_point {
    bg_date day;
    int64_t value;
};
struct demo_round {
    bg_date day;
    bg_str districts; /* codes, or "*" */
    int64_t share_permille;
};
struct demo_course {
    struct demo_point cases[40], observed[12], imported[8]; /* cumulative; observed contacts; imported in hospital */
    size_t case_count, observed_count, imported_count, round_count;
    struct demo_round rounds[16];
    int64_t district_cases[40], district_cases_all; /* by index of district, on one day: where the cases are */
};

struct demo_opts {
    uint64_t seed;
    int64_t scale;
    enum demo_level level; /* of the coefficients */
    bg_date until; /* the date that 2022-01-20 falls on */
};

struct demo_clock; /* demo_post.c: the clock the city lives under */
struct demo_stock; /* demo_stock.c: what is usable where, as the simulation believes */
struct demo_post; /* demo_post.c: documents of one moment */
struct demo_days; /* demo_days.c: what is under way */

struct demo {
    struct demo_opts opts;
    struct bg_arena *arena;
    int64_t shift; /* days */
    int64_t copies; /* of hospitals and isolation sites: 1 at scale 1 */
    bg_date begin, end; /* first and last day, source dates */
    bg_date source; /* first day of the source; what is before it only makes the history longer */

    struct demo_item *items;
    struct demo_district *districts;
    struct demo_owner *owners;
    struct demo_maker *makers;
    struct demo_place *places;
    struct demo_standard *standards;
    struct demo_person *people;
    size_t item_count, district_count, owner_count, maker_count, place_count, standard_count, person_count;
    size_t airport, forward, jinnan, channel, waste; /* indexes of places */
    int64_t coefficient[DEMO_DRIVERS][64]; /* by item; per `per` of the driver */
    int64_t per[DEMO_DRIVERS];
    struct demo_course course;
    int64_t sites_first, sites_all,
        laboratories; /* rooms of isolation sites that are always open, of all; number of laboratories */

    struct demo_lot *lots; /* heap */
    size_t lot_count, lot_room, lots_loaded;

    /* once a database is open */
    struct app *app;
    struct demo_clock *clock;
    int64_t city, rights;
    struct demo_stock *stock;
    struct demo_post *post;
    struct demo_days *days;
    bg_date today; /* source date the clock stands at */
    int64_t documents, lines, shortages; /* posted so far; needs that a place could not meet */
};

/* Reads every file and scales: `scale` times the history, partly by more hospitals and isolation sites, partly by an earlier
 * beginning. */
bg_err demo_model_open(const struct demo_opts *opts, struct bg_arena *arena, struct demo *ret);
void demo_model_close(struct demo *demo);
size_t demo_item_of(const struct demo *demo, bg_str code); /* the code must exist */
size_t demo_place_of(const struct demo *demo, bg_str code);
const struct demo_district *demo_district_of(const struct demo *demo, int64_t code); /* NULL: the whole city */
/* What a standard asks of a place at a level, 1…4; -1 when it does not speak of the place. */
int64_t demo_standard_qty(const struct demo *demo, const struct demo_standard *standard, size_t place, int level);
/* How much of a driver a place has on a day. */
int64_t demo_amount(const struct demo *demo, enum demo_driver driver, size_t place, bg_date day);
/* Base units a place needs of an item on a day by stated coefficients, before chance. In thousandths. */
int64_t demo_need_milli(const struct demo *demo, size_t place, size_t item, bg_date day);
/* Local cases by the end of a day, cumulative. */
int64_t demo_cases(const struct demo *demo, bg_date day);

/* --- time and posting (demo_post.c) --- */
/* The environment of the city: the machine's, but for the clock. */
bg_err demo_clock_open(struct demo_clock **ret);
void demo_clock_close(struct demo_clock *clock); /* accepts NULL */
struct bg_env demo_clock_env(struct demo_clock *clock);
/* Source date and minute of the city's day as a moment in the database. */
bg_ms demo_at(const struct demo *demo, bg_date day, int minute);
bg_date demo_shifted(const struct demo *demo, bg_date day); /* BG_DATE_NONE stays */
void demo_set_clock(struct demo *demo, bg_date day, int minute);

struct demo_doc;
bg_err demo_post_open(struct demo *demo);
void demo_post_close(struct demo *demo);
/* A document of the present moment that is posted by the next demo_flush, in the order of beginning; without lines it is
 * forgotten. `place` says who reports. `ret_id` (may be NULL) is set by the flush. */
bg_err demo_doc(struct demo *demo, int kind, int reason, size_t place, int64_t *ret_id, struct demo_doc **ret);
bg_err demo_doc_line(struct demo *demo, struct demo_doc *doc, const struct ledger_line *line);
/* Happened at another moment than now; a note; the paper's number; the sending that an arrival answers. Texts are copied. */
void demo_doc_at(struct demo_doc *doc, bg_ms at);
bg_err demo_doc_words(struct demo *demo, struct demo_doc *doc, bg_str reference, bg_str note);
void demo_doc_answers(struct demo_doc *doc, int64_t shipment, bool final);
/* The same for a document that waits for demo_release: a report that comes late. */
bg_err demo_doc_kept(struct demo *demo, int kind, int reason, size_t place, struct demo_doc **ret);
bg_err demo_release(struct demo *demo);
/* Posts everything begun, in batches that depend on nothing but the order. */
bg_err demo_flush(struct demo *demo);
/* One change of any other kind, waited for; the reply may be NULL. `actor` 0: the system. */
bg_err demo_change(struct demo *demo, const struct change_kind *kind, const void *in, int64_t actor, bg_str name, bg_str reason,
                   struct bg_buf *reply);
/* The number behind the first `"id":"` of a reply. */
int64_t demo_reply_id(bg_str reply);

/* --- stock (demo_stock.c) --- */
#define DEMO_NO_LOT SIZE_MAX
bg_err demo_stock_open(struct demo *demo);
void demo_stock_close(struct demo *demo);
bg_err demo_put(struct demo *demo, size_t place, size_t item, size_t lot, size_t owner, int64_t qty);
int64_t demo_have(const struct demo *demo, size_t place, size_t item); /* without what belongs to the nation */
/* Takes up to `qty`, first expiry first, as lines of `doc` made from `line`, of which item, lot, owner and bin of `from` are
 * filled in, and the owner of `to` when it is 0. `taken` (may be NULL) is called for each part. Returns what was taken in
 * *ret_taken. */
typedef bg_err (*demo_taken)(void *ctx, size_t item, size_t lot, size_t owner, int64_t qty);
bg_err demo_take(struct demo *demo, struct demo_doc *doc, size_t place, size_t item, int64_t qty, struct ledger_line line,
                 demo_taken taken, void *ctx, int64_t *ret_taken);
/* The parts of what a place has, first expiry first; until the next change. */
struct demo_part {
    size_t lot, owner;
    int64_t qty;
};
const struct demo_part *demo_parts(const struct demo *demo, size_t place, size_t item, size_t *ret_count);
/* What a count found or missed, or a person mislaid: changes one part. */
void demo_correct(struct demo *demo, size_t place, size_t item, size_t part, int64_t delta);
/* Forgets what has expired before `day`, and every piece of a lot that is blocked now. */
void demo_expire(struct demo *demo, bg_date day);
/* The lot in which an item is sold in the week of `day`; `choice` chooses among the makers. DEMO_NO_LOT for an item without lots.
 */
bg_err demo_lot_sold(struct demo *demo, size_t item, bg_date day, uint64_t choice, size_t *ret);
/* A new lot of one maker. */
bg_err demo_lot_make(struct demo *demo, size_t item, size_t maker, bg_date made, size_t *ret);
/* Enters the lots that the database does not have yet. */
bg_err demo_lots_load(struct demo *demo);
/* An account. Its lot is a negative number that the flush turns into the lot's id. */
struct ledger_key demo_key(const struct demo *demo, size_t place, size_t item, size_t lot, size_t owner, int status);

/* --- the database (demo_load.c) --- */
/* City, people, catalogue, places; the clock stands at the beginning. */
bg_err demo_load(struct demo *demo);
/* One-time links for everybody: one line of JSON each into `out`. Under the machine's clock. */
bg_err demo_people_links(struct app *app, const struct demo *demo, struct bg_buf *out);

/* --- goods on the move (demo_supply.c) --- */
struct demo_run { /* goods that a maker makes for the city */
    size_t item, maker, lot;
    int64_t qty;
    int stage; /* days since they were begun */
};
struct demo_transit { /* goods on their way */
    int64_t shipment;
    size_t from, to;
    bg_date due;
    int minute, status; /* of the day; status they arrive in */
    bool handed_over; /* they become the receiver's */
    int64_t missing; /* pieces of the first part that do not arrive */
    struct demo_part *parts; /* heap; with item */
    size_t *items;
    size_t count, room;
};
struct demo_calendar {
    struct demo_table batches, timeline;
};
struct demo_days {
    struct demo_run *runs;
    size_t run_count, run_room;
    struct demo_transit **transits; /* heap, each on its own */
    size_t transit_count, transit_room;
    int64_t order[64]; /* city orders not yet begun, by item */
    int64_t forward_left[64]; /* what the forward depot could not do today */
    int64_t *quiet_milli, *round_milli; /* place × item: need of a quiet day, and of a day of a screening round */
    int level; /* reserve level that depots buy for: in force or prepared */
    bool uplifted;
    const struct demo_calendar *calendar; /* while the days run */
    bg_date outbreak; /* first day of it */
    bg_date counts; /* first day of the counts; BG_DATE_NONE: not yet */
};
bg_err demo_supply_open(struct demo *demo);
void demo_supply_close(struct demo *demo);
bg_err demo_opening(struct demo *demo); /* the stock of the first morning */
bg_err demo_buy(struct demo *demo, bg_date day); /* what places buy themselves */
bg_err demo_send_sites(struct demo *demo, bg_date day); /* depots to their isolation sites */
/* Begins a sending; lines are added with demo_send_line; the flush of `doc` makes it a shipment. */
bg_err demo_send(struct demo *demo, size_t from, size_t to, bg_date due, int minute, int status, struct demo_doc **ret_doc,
                 struct demo_transit **ret);
bg_err demo_send_line(struct demo *demo, struct demo_doc *doc, struct demo_transit *transit, size_t item, int64_t qty);
bg_err demo_send_run(struct demo *demo, struct demo_doc *doc, struct demo_transit *transit, const struct demo_run *run);
bg_err demo_arrive(struct demo *demo, bg_date day, int minute); /* everything due by then */
int64_t demo_standard_of(const struct demo *demo, size_t place, size_t item, int level); /* 0: none */

/* --- what the city does (demo_city.c) --- */
bg_err demo_make(struct demo *demo, bg_date day); /* makers: one more day's stage of each run, and new runs */
bg_err demo_ship_made(struct demo *demo, bg_date day);
bg_err demo_accept(struct demo *demo, bg_date day); /* receiving -> usable at the dedicated depot */
bg_err demo_order(struct demo *demo); /* orders up to the standard that is prepared or in force, uplift included */
bg_err demo_batch(struct demo *demo, const struct demo_table *batches, size_t row);

/* --- what planners, the scheduler and counters do (demo_staff.c) --- */
bg_err demo_standards(struct demo *demo);
bg_err demo_uplift(struct demo *demo, const struct demo_table *timeline);
bg_err demo_level_set(struct demo *demo, int level, bool in_force, bg_str why);
bg_err demo_night_upkeep(struct demo *demo); /* what expired yesterday; today's requirements */
bg_err demo_month_upkeep(struct demo *demo); /* the snapshot of the month */
bg_err demo_count_day(struct demo *demo, int64_t number); /* the depots that are counted on the number-th day */
bg_err demo_recount(struct demo *demo, size_t place); /* a count that stays to be reviewed */
bg_err demo_block(struct demo *demo, size_t item, bool recall); /* a lot that many have */
bg_err demo_short_use(struct demo *demo, size_t item, int64_t more); /* a report of use beyond what the ledger has */
bg_err demo_settle(struct demo *demo, size_t place, int64_t found); /* what was missing of a batch */
bg_err demo_reserve(struct demo *demo, size_t item, int64_t qty); /* for a batch to come */

/* --- the days (demo_days.c) --- */
/* Opens the database, loads the city and lives through its days; closes it again. A failure leaves a part of the city in it. */
bg_err demo_live(struct demo *demo, const struct app_config *config, const struct bg_log *log);

/* --- chains (demo_chain.c) --- */
/* Writes the reference files as they are, and firms.csv, links.csv and essential.csv of the twelve chains, `scale` times as many
 * firms. */
bg_err demo_files_write(const struct demo_opts *opts, const char *folder);

/* --- figures of the outbreak (demo_figures.c) --- */
bg_err demo_residents(struct demo *demo);
/* What is published on the evening of a day, and the rounds ordered for the next. */
bg_err demo_figures(struct demo *demo, bg_date day);

#endif
