/* The five plants. Their SQL is here and not among the named statements, because the program itself can not run it: movements and
 * entries may only be added. */
#include "cli/plant.h"

#define DAY_MS INT64_C(86400000)

/* One row of up to `count` integers. */
static bg_err row_get(struct store_tx *tx, const char *sql, const struct store_val *args, size_t arg_count, int64_t *ret,
                      int count)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_text(tx, sql, args, arg_count, &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL(BG_NOT_FOUND);
    }
    for (int i = 0; i < count; i++) {
        ret[i] = store_int(rows, i);
    }
    return BG_DONE;
}

static bg_err middle_entry(struct store_tx *tx, int64_t *ret)
{
    int64_t size;
    BG_TRY(row_get(tx, "SELECT size FROM journal_state", NO_ARGS, &size, 1));
    *ret = size / 2;
    return size >= 4 ? BG_DONE : BG_FAIL(BG_NOT_FOUND);
}

static bg_err run_at(struct store_tx *tx, const char *sql, int64_t position)
{
    int64_t changed;
    BG_TRY(store_run_text(tx, sql, ARGS(V_INT(position)), &changed));
    return changed > 0 ? BG_DONE : BG_FAIL(BG_NOT_FOUND);
}

/* --- a changed quantity, with every balance, total and snapshot made to match --- */

struct side {
    int64_t city, account, delta, day, known_day;
};

static bg_err match_side(struct store_tx *tx, const struct side *side)
{
    int64_t at[4]; /* place, item, status, owner */
    BG_TRY(row_get(tx, "SELECT place, item, status, owner FROM stock_account WHERE city = ?1 AND id = ?2",
                   ARGS(V_INT(side->city), V_INT(side->account)), at, 4));
    BG_TRY(store_run_text(tx, "UPDATE stock_account SET qty = qty + ?3 WHERE city = ?1 AND id = ?2",
                          ARGS(V_INT(side->city), V_INT(side->account), V_INT(side->delta)), NULL));
    const struct store_val cell[] = { V_INT(side->city), V_INT(at[0]),       V_INT(at[1]),     V_INT(at[2]),
                                      V_INT(at[3]),      V_INT(side->delta), V_INT(side->day), V_INT(side->known_day) };
    BG_TRY(store_run_text(tx,
                          "UPDATE stock_total SET qty = qty + ?6 WHERE city = ?1 AND place = ?2 AND item = ?3 AND status = ?4 AND"
                          " owner = ?5",
                          cell, 6, NULL));
    BG_TRY(
        store_run_text(tx,
                       "UPDATE total_day SET delta = delta + ?6 WHERE city = ?1 AND place = ?2 AND item = ?3 AND status = ?4 AND"
                       " owner = ?5 AND day = ?7 AND known_day = ?8",
                       cell, 8, NULL));
    return store_run_text(tx,
                          "UPDATE total_snap SET qty = qty + ?6 WHERE city = ?1 AND place = ?2 AND item = ?3 AND status = ?4 AND"
                          " owner = ?5 AND day > ?7 AND day > ?8",
                          cell, 8, NULL);
}

static bg_err plant_quantity(struct store_tx *tx)
{
    int64_t count, m[6], offset_min = 0; /* city, id, from, to, occurred_at, recorded_at */
    BG_TRY(row_get(tx,
                   "SELECT count(*) FROM movement m JOIN stock_account a ON a.city = m.city AND a.id = m.from_account"
                   " WHERE a.outside = 1",
                   NO_ARGS, &count, 1));
    BG_TRY(row_get(tx,
                   "SELECT m.city, m.id, m.from_account, m.to_account, m.occurred_at, m.recorded_at FROM movement m"
                   " JOIN stock_account a ON a.city = m.city AND a.id = m.from_account WHERE a.outside = 1"
                   " ORDER BY m.city, m.id LIMIT 1 OFFSET ?1",
                   ARGS(V_INT(count / 2)), m, 6));
    bg_err no_settings = row_get(tx, "SELECT offset_min FROM ledger_city WHERE city = ?1", ARGS(V_INT(m[0])), &offset_min, 1);
    offset_min = bg_failed(no_settings) ? BG_CITY_OFFSET_MIN : offset_min;
    BG_TRY(store_run_text(tx, "UPDATE movement SET qty = qty + 1 WHERE city = ?1 AND id = ?2", ARGS(V_INT(m[0]), V_INT(m[1])),
                          NULL));
    struct side side = { m[0], m[2], -1, (m[4] + offset_min * INT64_C(60000)) / DAY_MS,
                         (m[5] + offset_min * INT64_C(60000)) / DAY_MS };
    BG_TRY(match_side(tx, &side));
    side.account = m[3];
    side.delta = 1;
    return match_side(tx, &side);
}

/* --- the journal --- */

/* In the column and in the body. */
static bg_err plant_actor(struct store_tx *tx)
{
    int64_t position;
    BG_TRY(middle_entry(tx, &position));
    BG_TRY(run_at(
        tx,
        "UPDATE journal_body SET body = replace(body, '\"actor\":\"' || (SELECT actor FROM journal_entry WHERE position = ?1)"
        " || '\"', '\"actor\":\"' || (SELECT actor + 1 FROM journal_entry WHERE position = ?1) || '\"') WHERE position = ?1",
        position));
    return run_at(tx, "UPDATE journal_entry SET actor = actor + 1 WHERE position = ?1", position);
}

static bg_err plant_deletion(struct store_tx *tx)
{
    int64_t position;
    BG_TRY(middle_entry(tx, &position));
    BG_TRY(run_at(tx, "DELETE FROM journal_body WHERE position = ?1", position));
    return run_at(tx, "DELETE FROM journal_entry WHERE position = ?1", position);
}

static bg_err plant_tail(struct store_tx *tx)
{
    int64_t position, size;
    BG_TRY(middle_entry(tx, &position));
    BG_TRY(row_get(tx, "SELECT size FROM journal_state", NO_ARGS, &size, 1));
    position = size - (size > 8 ? 3 : 1);
    BG_TRY(run_at(tx, "DELETE FROM journal_body WHERE position > ?1", position));
    return run_at(tx, "DELETE FROM journal_entry WHERE position > ?1", position);
}

static bg_err plant_swap(struct store_tx *tx)
{
    int64_t position;
    BG_TRY(middle_entry(tx, &position));
    static const char *const steps[] = {
        "UPDATE journal_entry SET position = -1 WHERE position = ?1",
        "UPDATE journal_entry SET position = ?1 WHERE position = ?1 + 1",
        "UPDATE journal_entry SET position = ?1 + 1 WHERE position = -1",
        "UPDATE journal_body SET position = -1 WHERE position = ?1",
        "UPDATE journal_body SET position = ?1 WHERE position = ?1 + 1",
        "UPDATE journal_body SET position = ?1 + 1 WHERE position = -1",
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        BG_TRY(run_at(tx, steps[i], position));
    }
    return BG_DONE;
}

const struct plant plants[] = {
    { "changed quantity with matching balance", plant_quantity },
    { "changed actor", plant_actor },
    { "deleted middle entry", plant_deletion },
    { "cut tail", plant_tail },
    { "two swapped entries", plant_swap },
    { NULL, NULL },
};

static bg_err class_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)count;
    const struct plant *plant = jobs[0]->in;
    return plant->run(tx);
}
static const struct store_class plant_class = { .name = "plant", .rare = true, .run = class_run };

bg_err plant_run(struct store *store, const struct plant *plant)
{
    return store_write(store, &plant_class, plant, NULL, NULL);
}
