/* Defects planted around the product, to see that each is caught. None of them lies in the product: they change rows behind its
 * back, lie about the disk, or ask another question than was meant. */
#include "cli/sim.h"

/* What is planted, by number; docs and --plant follow this order. */
enum plant {
    PLANT_REPLAY_TWICE = 1, /* an operation sent again takes effect again */
    PLANT_REFUSAL_EFFECT, /* a refused operation leaves something behind */
    PLANT_BARE_MOVEMENT, /* a movement is written and no balance changes */
    PLANT_HOLD_KEPT, /* a voided or lapsed hold goes on reserving */
    PLANT_DAY_SIGN, /* a day's change has the wrong sign */
    PLANT_OP_FORGOTTEN, /* answers are forgotten by a restart */
    PLANT_LYING_DISK, /* syncs are skipped and the power goes */
    PLANT_BARE_ENTRY, /* the journal tells of a document that was not posted */
    PLANT_REVERSED_TWICE, /* a reversal takes back twice */
    PLANT_DAY_OFF, /* as of is answered for the day before */
};

static bool wanted(const struct sim *sim, enum plant plant)
{
    return sim->opts->plant == (int)plant && !sim->planted;
}

static bg_err tamper(struct sim *sim, const char *sql, const struct store_val *args, size_t count)
{
    int64_t changed;
    BG_TRY(sim_run_text(sim, sql, args, count, &changed));
    sim->planted = changed > 0;
    return BG_DONE;
}

/* Moves one movement's quantity once more, in the balances only: from and to stay in sum. */
static bg_err move_again(struct sim *sim, int64_t id)
{
    BG_TRY(tamper(
        sim,
        "UPDATE stock_account SET qty = qty + (SELECT m.qty FROM movement m WHERE m.city = ?1 AND m.id = ?2) WHERE city = ?1 "
        "AND id = (SELECT to_account FROM movement WHERE city = ?1 AND id = ?2)",
        ARGS(V_INT(SIM_CITY), V_INT(id))));
    return tamper(
        sim,
        "UPDATE stock_account SET qty = qty - (SELECT m.qty FROM movement m WHERE m.city = ?1 AND m.id = ?2) WHERE city = ?1 "
        "AND outside = 1 AND id = (SELECT from_account FROM movement WHERE city = ?1 AND id = ?2)",
        ARGS(V_INT(SIM_CITY), V_INT(id)));
}

static bg_err bare_movement(struct sim *sim, int64_t id)
{
    return tamper(
        sim,
        "INSERT INTO movement (city, id, document, line, from_account, to_account, qty, reason, occurred_at, recorded_at, late, "
        "actor, paid, reverses, note) SELECT city, id - 1, document, line, from_account, to_account, qty, reason, occurred_at, "
        "recorded_at, late, actor, paid, NULL, note FROM movement WHERE city = ?1 AND id = ?2",
        ARGS(V_INT(SIM_CITY), V_INT(id)));
}

/* A change of the simulator's own that journals and does nothing. */
static bg_err decide_bare_entry(struct change_tx *tx, struct change *change)
{
    bg_json_object(&change->reply);
    bg_json_object_end(&change->reply);
    return change_record(tx, change,
                         &(struct journal_entry){ .kind = "document.posted",
                                                  .object = "document",
                                                  .id = change_id(tx),
                                                  .city = change->city,
                                                  .after = bg_buf_str(&change->reply) });
}
static const struct change_kind bare_entry = { .name = "sim.bare", .decide = decide_bare_entry };

static int64_t first_movement(const struct sim *sim, const struct sim_op *op)
{
    return op->answer.movement_count == 0 ? 0 : sim->model.movements[op->answer.movement_first].id;
}

bg_err sim_plant_after(struct sim *sim, const struct sim_op *op)
{
    bool done = op->change.err.code == BG_OK, fresh = op->role == SIM_FRESH;
    int64_t movement = fresh ? first_movement(sim, op) : 0;
    if (sim->planted || sim->opts->plant == 0) {
        return BG_DONE;
    }
    if (wanted(sim, PLANT_REPLAY_TWICE) && op->role == SIM_AGAIN && done && sim->model.movement_count > 0) {
        return move_again(sim, sim->model.movements[sim_below(sim, sim->model.movement_count)].id);
    }
    if (wanted(sim, PLANT_REFUSAL_EFFECT) && fresh && op->answer.code == BG_STOCK_SHORT) {
        return tamper(sim, "UPDATE stock_account SET qty = qty + 1 WHERE city = ?1 AND id = (SELECT MIN(id) FROM stock_account)",
                      ARGS(V_INT(SIM_CITY)));
    }
    if (wanted(sim, PLANT_BARE_MOVEMENT) && movement != 0) {
        return bare_movement(sim, movement);
    }
    if (wanted(sim, PLANT_HOLD_KEPT) && fresh && done && op->op.what == MODEL_RELEASE) {
        return tamper(
            sim,
            "UPDATE stock_account SET held = held + 1 WHERE city = ?1 AND held < qty AND id = (SELECT account FROM hold "
            "WHERE city = ?1 AND id = ?2)",
            ARGS(V_INT(SIM_CITY), V_INT(op->op.release.holds[0])));
    }
    if (wanted(sim, PLANT_DAY_SIGN) && movement != 0) {
        return tamper(sim,
                      "UPDATE total_day SET delta = -delta WHERE city = ?1 AND delta <> 0 AND status = 4 AND day = "
                      "(SELECT MAX(day) FROM total_day WHERE city = ?1 AND delta <> 0 AND status = 4)",
                      ARGS(V_INT(SIM_CITY)));
    }
    if (wanted(sim, PLANT_BARE_ENTRY) && movement != 0) {
        sim->planted = true;
        return sim_change(sim, &bare_entry, NULL, NULL);
    }
    if (wanted(sim, PLANT_REVERSED_TWICE) && fresh && done && op->op.what == MODEL_REVERSE) {
        return move_again(sim, movement);
    }
    return BG_DONE;
}

bg_err sim_plant_start(struct sim *sim)
{
    if (wanted(sim, PLANT_OP_FORGOTTEN)) {
        return tamper(sim, "DELETE FROM op WHERE city = ?1", ARGS(V_INT(SIM_CITY)));
    }
    return BG_DONE;
}

bg_ms sim_plant_at(struct sim *sim, bg_ms at)
{
    bool off = sim->opts->plant == PLANT_DAY_OFF && at != BG_TIME_NONE;
    /* Whether it shows depends on what happened that day, so it is put to every question until it does. */
    return off ? at - SIM_DAY : at;
}
