/* Settings of a city's ledger. */
#include "auth/auth.h"
#include "ledger/catalogue.h"

bg_err ledger_city_get(struct store_tx *tx, int64_t city, struct ledger_city *ret)
{
    struct ledger_city found = { .offset_min = BG_CITY_OFFSET_MIN, .open_days = 31, .open_from = BG_DATE_NONE, .review_hours = 24 };
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_LEDGER_CITY_GET, ARGS(V_INT(city)), &rows));
    BG_TRY(store_next(rows, &more));
    if (more) {
        found = (struct ledger_city){ .offset_min = (int)store_int(rows, 0), .open_days = (int)store_int(rows, 1),
                                      .open_from = (bg_date)store_int(rows, 2), .review_hours = (int)store_int(rows, 3),
                                      .late_max_days = (int)store_int(rows, 4), .version = store_int(rows, 5) };
    }
    *ret = found;
    return BG_DONE;
}

void ledger_city_json(const struct ledger_city *city, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_int(out, "offset_min", city->offset_min);
    bg_json_put_int(out, "open_days", city->open_days);
    put_date(out, "open_from", city->open_from);
    bg_json_put_int(out, "review_hours", city->review_hours);
    bg_json_put_int(out, "version", city->version);
    bg_json_object_end(out);
}

static bg_err show_city(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct bg_buf *out, int64_t *ret_version)
{
    struct ledger_city row;
    (void)id;
    (void)arena;
    BG_TRY(ledger_city_get(tx, city, &row));
    ledger_city_json(&row, out);
    *ret_version = row.version;
    return BG_DONE;
}

static bg_err write_city(struct store_tx *tx, int64_t city, int64_t id, const void *row)
{
    const struct ledger_city *settings = row;
    (void)id;
    return store_run(tx, SQL_LEDGER_CITY_PUT,
                     ARGS(V_INT(city), V_INT(settings->offset_min), V_INT(settings->open_days), V_INT(settings->open_from),
                          V_INT(settings->review_hours)), NULL);
}

/* The days of total_day are the city's dates, so its offset stays once anything was posted. A closed period that is opened again shows in
 * the journal, with before and after. */
static bg_err decide_city(struct change_tx *tx, struct change *change)
{
    const struct ledger_put *put = change->in;
    const struct ledger_city *city = &put->city;
    struct ledger_city was;
    int64_t one, id;
    bool found;
    BG_TRY(check_range(change, "offset_min", city->offset_min, -720, 840));
    BG_TRY(check_range(change, "open_days", city->open_days, 0, 36500));
    BG_TRY(check_range(change, "review_hours", city->review_hours, 1, 24 * 365));
    BG_TRY(ledger_city_get(change_store(tx), change->city, &was));
    BG_TRY(store_get_int(change_store(tx), SQL_LEDGER_POSTED, ARGS(V_INT(change->city)), &one, &found));
    if (found && was.offset_min != city->offset_min) {
        return BG_FAIL_WITH(BG_BAD_INPUT, "offset_min", "\"rule\":\"the offset stays once anything was posted\"");
    }
    return put_row(tx, change, &(struct put_row){ .object = "ledger", .id = change->city, .if_version = put->if_version, .show = show_city,
                                                  .write = write_city, .row = city }, &change->reply, &id);
}
const struct change_kind ledger_city_put = { .name = "ledger.city", .decide = decide_city, .recheck = auth_recheck };
