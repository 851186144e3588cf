/* The example city: its reference files against the facts they stand for and our own checks of codes, the city in a database
 * against what the files say, and the promise that the same seed gives the same city, ids included. */
#include <string.h>

#include "cli/demo.h"
#include "codec/chinese.h"
#include "codec/gs1.h"
#include "reserve/reserve.h"
#include "store_bed.h"
#include "tap.h"

static bg_date date(const char *text)
{
    bg_date ret = BG_DATE_NONE;
    bg_ignore(bg_date_parse(bg_str_of(text), &ret));
    return ret;
}

static struct bg_arena *arena_open(void)
{
    return bg_arena_open((size_t)1 << 30);
}

/* --- the files --- */

static bool table(const char *name, struct bg_arena *arena, struct demo_table *ret)
{
    bg_err err = demo_table_read(name, arena, ret);
    OK(!bg_failed(err), "%s can be read", name);
    return !bg_failed(err);
}

static size_t rows_with(const struct demo_table *t, const char *column, const char *value)
{
    size_t count = 0;
    for (size_t i = 0; i < t->rows; i++) {
        count += bg_str_is(demo_cell(t, i, column), value);
    }
    return count;
}

static void test_codes(struct bg_arena *arena)
{
    struct demo_table t;
    const char *const files[] = { "makers.csv", "distributors.csv" };
    for (size_t f = 0; f < 2 && table(files[f], arena, &t); f++) {
        size_t good = 0, plain = 0;
        for (size_t i = 0; i < t.rows; i++) {
            char normal[19];
            bg_str code = demo_cell(&t, i, "credit_code");
            good += !bg_failed(chinese_credit_code_read(code, normal));
            plain += code.len == 18 && memcmp(code.at + 8, "EXMP", 4) == 0;
        }
        OK(good == t.rows && plain == t.rows, "%s: %zu credit codes, all valid and all plainly fictional", files[f], good);
    }
    if (table("items.csv", arena, &t)) {
        size_t good = 0;
        for (size_t i = 0; i < t.rows; i++) {
            char normal[19];
            bg_str gtin = demo_cell(&t, i, "gtin");
            good += !bg_failed(gs1_key_read(GS1_GTIN, gtin, normal)) && bg_str_starts(gtin, BG_STR("952"));
        }
        OK(good == t.rows, "items.csv: %zu GTINs, all valid and with GS1's prefix for examples", good);
    }
    if (table("vehicles.csv", arena, &t)) {
        size_t good = 0;
        for (size_t i = 0; i < t.rows; i++) {
            struct chinese_plate plate;
            good += !bg_failed(chinese_plate_read(demo_cell(&t, i, "plate"), &plate)) &&
                    bg_str_is(demo_cell(&t, i, "class"), chinese_plate_class_name(plate.class));
        }
        OK(good == t.rows, "vehicles.csv: %zu plates, all valid and of the class that they say", good);
    }
    if (table("districts.csv", arena, &t)) {
        size_t good = 0;
        int64_t people = 0;
        for (size_t i = 0; i < t.rows; i++) {
            struct chinese_division division;
            bool area = bg_str_is(demo_cell(&t, i, "kind"), "area");
            good += area || (!bg_failed(chinese_division_read(demo_cell(&t, i, "code"), &division)) && division.in_use &&
                             bg_str_eq(bg_str_of(division.name), demo_cell(&t, i, "name_zh")));
            people += demo_int(&t, i, "population");
        }
        OK(good == t.rows && rows_with(&t, "kind", "district") == 16, "districts.csv: 16 districts with the names of GB/T 2260");
        OK(people == 13866009, "districts.csv: the residents add up to those of the census");
    }
}

static void test_course(struct bg_arena *arena)
{
    struct demo_table t;
    if (table("cases.csv", arena, &t)) {
        int64_t sum = 0;
        bool stated = true;
        for (size_t i = 0; i < t.rows; i++) {
            sum += demo_int(&t, i, "local_confirmed");
            int64_t says = demo_int(&t, i, "cum_local_stated");
            stated &= says == 0 || says == sum;
            stated &= demo_int(&t, i, "local_confirmed") + demo_int(&t, i, "imported_confirmed") == demo_int(&t, i, "jhu_total");
        }
        OK(sum == 348 && stated,
           "cases.csv: 348 local cases, every stated total met on the way, and the sum with imports is JHU's");
    }
    if (table("timeline.csv", arena, &t)) {
        static const struct {
            const char *event, *day;
        } facts[] = { { "uplift", "2021-12-16" }, { "uplift-due", "2021-12-27" }, { "prepare", "2022-01-08" } };
        for (size_t f = 0; f < 3; f++) {
            bool found = false;
            for (size_t i = 0; i < t.rows; i++) {
                found |= bg_str_is(demo_cell(&t, i, "event"), facts[f].event) && demo_date(&t, i, "at") == date(facts[f].day);
            }
            OK(found, "timeline.csv: %s on %s", facts[f].event, facts[f].day);
        }
    }
    if (table("batches.csv", arena, &t)) {
        bool all = true;
        static const char *const receivers[] = { "D09", "F01", "G01", "G03", "G04" };
        for (size_t i = 0; i < t.rows; i++) {
            bool known = false;
            for (size_t r = 0; r < 5; r++) {
                known |= bg_str_is(demo_cell(&t, i, "receiver"), receivers[r]);
            }
            all &= known && demo_int(&t, i, "number") == (int64_t)i + 1;
        }
        OK(t.rows == 15 && all, "batches.csv: 15 batches to Jinnan, the health commission, police and customs");
    }
    if (table("chains.csv", arena, &t)) {
        int64_t firms = 0;
        for (size_t i = 0; i < t.rows; i++) {
            firms += demo_int(&t, i, "firms");
        }
        OK(t.rows == 12 && firms == 1500, "chains.csv: 12 chains with 1,500 firms");
    }
}

static void test_model(struct bg_arena *arena)
{
    struct demo demo;
    const struct demo_opts opts = { .seed = 1, .scale = 1, .level = DEMO_MIDDLE, .until = date("2022-01-20") };
    if (bg_failed(demo_model_open(&opts, arena, &demo))) {
        OK(false, "the model opens");
        return;
    }
    size_t keys = 0, key_items = 0, made = 0, standards = 0;
    for (size_t i = 0; i < demo.maker_count; i++) {
        keys += demo.makers[i].key;
    }
    OK(demo.maker_count == 84 && keys == 22, "84 makers, 22 of them key enterprises");
    for (size_t i = 0; i < demo.item_count; i++) {
        bool airport = false, district = false;
        for (size_t s = 0; s < demo.standard_count; s++) {
            const struct demo_standard *standard = &demo.standards[s];
            bool rises = standard->level[4] > 0 && standard->level[4] <= standard->level[3] &&
                         standard->level[3] <= standard->level[2] && standard->level[2] <= standard->level[1];
            airport |= standard->item == i && standard->scope == DEMO_AIRPORT && rises;
            district |= standard->item == i && standard->scope == DEMO_EACH_DISTRICT && rises;
        }
        key_items += demo.items[i].key;
        standards += demo.items[i].key && airport && district;
        made += demo.items[i].daily > 0;
    }
    OK(key_items >= 12 && standards == key_items, "%zu key items, each with standards 4 to 1 for the airport and district depots",
       key_items);
    OK(made == demo.item_count, "every item has a maker");
    static const char *const four[] = { "医用防护服", "医用防护口罩", "隔离面罩", "隔离眼罩" };
    for (size_t f = 0; f < 4; f++) {
        bool found = false;
        for (size_t i = 0; i < demo.item_count; i++) {
            found |= bg_str_is(demo.items[i].name_zh, four[f]) && demo.items[i].key;
        }
        OK(found, "%s is a key item", four[f]);
    }
    /* Golden figures of the replay, docs/example-city.md. */
    int64_t people = 0;
    for (size_t p = 0; p < demo.place_count; p++) {
        people +=
            demo_amount(&demo, DEMO_SCREENING, p, date("2022-01-09")) + demo_amount(&demo, DEMO_SCREENING, p, date("2022-01-10"));
    }
    OK(people > 11800000 && people < 11950000, "round 1 samples 11.9 million people (%lld)", (long long)people);
    OK(demo_cases(&demo, date("2022-01-07")) == 0 && demo_cases(&demo, date("2022-01-17")) == 312, "cases by day");
    demo_model_close(&demo);
}

/* --- the city in a database --- */

struct city {
    uint64_t digest, ids; /* of what the movements say, and with ids */
    int64_t movements, documents, unbalanced, negative, late, key_short, sheets, review_kinds, blocked, holds, expired, snapshots;
    int prepared, level;
    bg_date prepared_at;
    struct ledger_report ledger;
    struct journal_report journal;
};

static bg_err text_int(struct store_tx *tx, const char *sql, int64_t a, int64_t *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_text(tx, sql, ARGS(V_INT(a)), &rows));
    BG_TRY(store_next(rows, &more));
    *ret = more ? store_int(rows, 0) : -1;
    return BG_DONE;
}

/* Columns 0 to 5 are ids. On PostgreSQL another thread draws ids too, so that only the rest is the same each time. */
static bg_err digest(struct store_tx *tx, int from, uint64_t *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    uint64_t sum = 0;
    BG_TRY(store_query_text(
        tx,
        "SELECT id, document, from_account, to_account, actor, city, line, qty, reason, occurred_at, recorded_at, late "
        "FROM movement WHERE city > ?1 ORDER BY id",
        ARGS(V_INT(0)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        for (int column = from; column < 12; column++) {
            sum = demo_hash(sum, (uint64_t)store_int(rows, column), (uint64_t)column, 0);
        }
        BG_TRY(store_next(rows, &more));
    }
    *ret = sum;
    return BG_DONE;
}

/* Key items of the dedicated depot that had less than `percent` of their standard of level 4 at the end of a day. */
static bg_err count_short(struct store_tx *tx, const struct demo *demo, bg_date day, int percent, int64_t *ret)
{
    *ret = 0;
    for (size_t s = 0; s < demo->standard_count; s++) {
        const struct demo_standard *standard = &demo->standards[s];
        const struct demo_item *item = &demo->items[standard->item];
        if (standard->scope != DEMO_AIRPORT || !item->key) {
            continue;
        }
        STORE_SCOPED_ROWS rows = NULL;
        bool more;
        BG_TRY(store_query_text(
            tx,
            "SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM total_day WHERE city = ?1 AND place = ?2 AND item = ?3 "
            "AND status = 4 AND owner <> ?4 AND day <= ?5",
            ARGS(V_INT(demo->city), V_INT(demo->places[demo->airport].id), V_INT(item->id), V_INT(demo->owners[1].id),
                 V_INT(demo_shifted(demo, day))),
            &rows));
        BG_TRY(store_next(rows, &more));
        *ret += !more || store_int(rows, 0) * 100 < standard->level[4] * percent;
    }
    return BG_DONE;
}

/* Counts, reviews, lots, holds: that something of each is there. */
static bg_err look_work(struct store_tx *tx, struct city *ret)
{
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM count_sheet WHERE city > ?1 AND state = 3", 0, &ret->sheets));
    BG_TRY(text_int(tx, "SELECT COUNT(DISTINCT kind) FROM ledger_review WHERE city > ?1", 0, &ret->review_kinds));
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM lot WHERE city > ?1 AND state <> 1", 0, &ret->blocked));
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM hold WHERE city > ?1 AND state = 1", 0, &ret->holds));
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM stock_account WHERE city > ?1 AND status = 7 AND qty > 0", 0, &ret->expired));
    return text_int(tx, "SELECT COUNT(*) FROM total_snap_day WHERE city > ?1", 0, &ret->snapshots);
}

/* The reserve level at noon of 9 January and when the data end. */
static bg_err look_level(struct store_tx *tx, const struct demo *demo, struct city *ret)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    struct reserve_level level, prepared;
    BG_TRY(bg_need(arena));
    BG_TRY(reserve_level_get(tx, demo->city, demo_at(demo, date("2022-01-09"), 720), BG_TIME_NONE, arena, &level, &prepared));
    ret->prepared = level.level == 4 ? prepared.level : -1;
    ret->prepared_at = bg_date_at(prepared.from_at, BG_CITY_OFFSET_MIN) - (bg_date)demo->shift;
    BG_TRY(reserve_level_get(tx, demo->city, BG_TIME_NONE, BG_TIME_NONE, arena, &level, &prepared));
    ret->level = level.level;
    return BG_DONE;
}

static bg_err look(struct store *store, const struct demo *demo, struct city *ret)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(ledger_verify(store, &ret->ledger));
    BG_TRY(journal_verify(store, NULL, &ret->journal));
    BG_TRY(store_read_begin(store, 0, &tx));
    BG_TRY(look_work(tx, ret));
    BG_TRY(look_level(tx, demo, ret));
    BG_TRY(digest(tx, 6, &ret->digest));
    BG_TRY(digest(tx, 0, &ret->ids));
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM movement WHERE city > ?1", 0, &ret->movements));
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM ledger_document WHERE city > ?1", 0, &ret->documents));
    BG_TRY(text_int(
        tx, "SELECT COUNT(*) FROM (SELECT item FROM stock_account WHERE city > ?1 GROUP BY item HAVING SUM(qty) <> 0) AS x", 0,
        &ret->unbalanced));
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM stock_account WHERE city > ?1 AND outside = 0 AND qty < 0", 0, &ret->negative));
    BG_TRY(text_int(tx, "SELECT COUNT(*) FROM movement WHERE city > ?1 AND late = 1", 0, &ret->late));
    return count_short(tx, demo, date("2021-12-26"), 140, &ret->key_short);
}

/* Loads the city, in part when `from` is given, and looks at it. */
static bg_err load(struct bed *bed, uint64_t seed, const char *until, const char *from, struct city *ret)
{
    BG_SCOPED_ARENA arena = arena_open();
    struct bg_log log = { .fd = 2, .least = BG_WARN, .env = &bg_env_real };
    const struct app_config config = { .db = bed_fresh(bed), .keys = bed->folder };
    const struct demo_opts opts = { .seed = seed, .scale = 1, .level = DEMO_MIDDLE, .until = date(until) };
    struct demo demo;
    struct app *app = NULL;
    BG_TRY(bg_need(arena));
    BG_TRY(demo_model_open(&opts, arena, &demo));
    demo.begin = from != NULL ? date(from) : demo.begin;
    bg_err err = demo_live(&demo, &config, &log);
    if (!bg_failed(err)) {
        err = app_open(&config, &bg_env_real, &log, &app);
        err = bg_failed(err) ? err : look(app->store, &demo, ret);
        app_close(app);
    }
    if (bg_failed(err)) {
        printf("# %s %s %s\n", bg_errors[err.code].slug, err.field != NULL ? err.field : "", err.facts != NULL ? err.facts : "");
    }
    demo_model_close(&demo);
    return err;
}

static void test_city(struct bed *bed)
{
    struct city whole = { 0 }, one = { 0 }, two = { 0 }, other = { 0 };
    OK(!bg_failed(load(bed, 20220108, "2022-01-20", NULL, &whole)), "%s: the city loads", bed->name);
    OK(whole.movements > 30000 && whole.movements < 100000, "%s: %lld movements", bed->name, (long long)whole.movements);
    OK(whole.unbalanced == 0 && whole.negative == 0, "%s: every item adds up to zero, nothing is below zero", bed->name);
    OK(whole.late > 0, "%s: some reports came late (%lld lines)", bed->name, (long long)whole.late);
    OK(whole.key_short == 0, "%s: on 26 December the airport depot has 140 %% of level 4 of every key item", bed->name);
    OK(whole.ledger.differences == 0 && whole.ledger.movements == whole.movements,
       "%s: verify recomputes every balance without difference", bed->name);
    OK(whole.journal.intact && whole.journal.entries > whole.documents, "%s: the journal is intact", bed->name);
    OK(whole.prepared == 3 && whole.prepared_at == date("2022-01-08") && whole.level == 3,
       "%s: level 3 prepared on 8 January, then in force", bed->name);
    OK(whole.sheets == 23, "%s: all 23 depots were counted", bed->name);
    OK(whole.review_kinds >= 3 && whole.blocked == 2 && whole.holds == 1 && whole.expired > 0 && whole.snapshots == 1,
       "%s: reviews, blocked lots, a reservation, expired goods and the month's snapshot are there", bed->name);
    OK(!bg_failed(load(bed, 7, "2024-03-01", "2022-01-06", &one)) && !bg_failed(load(bed, 7, "2024-03-01", "2022-01-06", &two)),
       "%s: a part of the city loads, twice", bed->name);
    OK(one.digest == two.digest && one.movements > 0, "%s: the same seed gives the same movements", bed->name);
    if (bed->kind == BED_SQLITE) {
        OK(one.ids == two.ids, "%s: ids included", bed->name);
    }
    OK(!bg_failed(load(bed, 8, "2024-03-01", "2022-01-06", &other)) && other.digest != one.digest,
       "%s: another seed gives others", bed->name);
}

int main(void)
{
    struct bg_arena *arena = arena_open();
    test_codes(arena);
    test_course(arena);
    test_model(arena);
    bg_arena_close(arena);
    struct bed sqlite = bed_make(BED_SQLITE);
    test_city(&sqlite);
    bed_done(&sqlite);
    if (bed_has_postgres()) {
        struct bed postgres = bed_make(BED_POSTGRES);
        test_city(&postgres);
        bed_done(&postgres);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
