/* What goes wrong, and what has to be true afterwards: every acknowledged operation is there exactly once, of the others all or
 * nothing. */
#include <string.h>

#include "cli/sim.h"

#define STEP_BACK_MS 3000000 /* a clock that is set back by up to 50 minutes */

/* --- starting again --- */

/* Opens; now and then the power goes again while it recovers. */
static bg_err open_again(struct sim *sim)
{
    bool again = sim->disk != NULL && (sim->opts->faults & SIM_CRASH) != 0;
    for (int i = 0; i < 3 && again && sim_chance(sim, 20); i++) {
        store_disk_faults(sim->disk)->cut_in = 1 + (int64_t)sim_below(sim, 12);
        bg_err err = sim_open(sim);
        bool cut = store_disk_is_cut(sim->disk);
        store_disk_faults(sim->disk)->cut_in = 0;
        if (!cut) {
            return err;
        }
        sim_close(sim);
        store_disk_power(sim->disk);
        sim->counts.cuts++;
    }
    return sim_open(sim);
}

static bg_err check_pages(struct sim *sim)
{
    BG_SCOPED_BUF words = bg_buf_init(65536);
    bool sound = true;
    BG_TRY(store_check(sim->store, false, &words, &sound));
    if (!sound) {
        sim_break(sim, "the file is damaged: %.*s", (int)(words.len < 300 ? words.len : 300), words.at);
    }
    return BG_DONE;
}

bg_err sim_restart(struct sim *sim, bool cut)
{
    sim_close(sim);
    if (cut) {
        store_disk_power(sim->disk);
        sim->counts.cuts++;
    }
    sim->armed = 0;
    if (sim->disk != NULL) {
        *store_disk_faults(sim->disk) =
            (struct store_disk_faults){ .room_bytes = -1, .no_sync = store_disk_faults(sim->disk)->no_sync };
    }
    sim->clock.now += 1000 + (bg_ms)sim_below(sim, 20000); /* a process takes its time to start */
    sim->dice_state.now = sim->clock.now;
    bg_err err = open_again(sim);
    if (bg_failed(err) && sim->disk != NULL) {
        sim_break(sim, "after a %s the database does not open: %s", cut ? "power cut" : "stop", bg_errors[err.code].slug);
        return BG_DONE;
    }
    BG_TRY(err);
    sim->replays_due = 3;
    BG_TRY(sim_plant_start(sim));
    sim_park(sim);
    return sim->disk != NULL ? check_pages(sim) : BG_DONE;
}

/* --- a batch that failed --- */

/* How many of the batch's own operations have an answer in the database. */
static bg_err count_present(struct sim *sim, size_t *ret_present, size_t *ret_own)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(sim->store, 0, &tx));
    *ret_present = *ret_own = 0;
    for (size_t i = 0; i < sim->batch_count; i++) {
        const struct sim_op *one = &sim->batch[i];
        int64_t there = 0;
        if (one->role == SIM_FRESH) {
            BG_TRY(store_get_int(tx, SQL_SIM_OP_COUNT, ARGS(V_INT(SIM_CITY), V_BYTES(one->change.op.bytes, 16)), &there, NULL));
            *ret_present += there != 0;
            *ret_own += 1;
        }
    }
    return BG_DONE;
}

static bool failed_whole(const struct sim *sim)
{
    for (size_t i = 0; i < sim->batch_count; i++) {
        const struct change *change = &sim->batch[i].change;
        if (!bg_failed(change->err) || bg_errors[change->err.code].status < 500) {
            return false;
        }
    }
    return true;
}

/* Nothing of the batch is there: the database is as it was before. Then the clients try again, or give up. */
static bg_err absent(struct sim *sim)
{
    model_back(&sim->model, &sim->mark);
    BG_TRY(sim_check(sim));
    if (sim_broken(sim)) {
        return BG_DONE;
    }
    if (sim_chance(sim, 25)) {
        sim->batch_count = 0;
        return BG_DONE;
    }
    BG_TRY(sim_expect(sim));
    sim_send(sim);
    return sim_judge(sim, false);
}

/* All of the batch is there, though nobody was told: the same ids give the answers. */
static bg_err present(struct sim *sim)
{
    sim_send(sim);
    BG_TRY(sim_judge(sim, true));
    return sim_broken(sim) ? BG_DONE : sim_check(sim);
}

bg_err sim_recover(struct sim *sim)
{
    size_t there, own;
    bool cut = sim->disk != NULL && store_disk_is_cut(sim->disk);
    sim->counts.recovered++;
    if (sim->armed == 0) {
        sim_break(sim, "%s failed with nothing wrong: %s", model_op_name(&sim->batch[0].op),
                  bg_errors[sim->batch[0].change.err.code].slug);
        return BG_DONE;
    }
    bool acknowledged = !failed_whole(sim);
    if (acknowledged && !sim->halted) {
        sim_break(sim, "some of a batch failed and some did not");
        return BG_DONE;
    }
    if (acknowledged) { /* the fault came after the answers */
        BG_TRY(sim_judge(sim, false));
        sim->batch_count = 0;
    }
    if (sim->halted) {
        /* The process ends. Its machine may lose power too before it is back. */
        BG_TRY(sim_restart(sim, cut || (sim->armed == SIM_FSYNC && sim_chance(sim, 30))));
    } else {
        store_disk_faults(sim->disk)->room_bytes = -1;
        store_disk_faults(sim->disk)->write_fail_in = store_disk_faults(sim->disk)->read_fail_in = 0;
        sim->armed = 0;
    }
    if (sim_broken(sim) || acknowledged) {
        return sim_broken(sim) ? BG_DONE : sim_check(sim);
    }
    sim_park(sim);
    BG_TRY(count_present(sim, &there, &own));
    if (there != 0 && there != own) {
        sim_break(sim, "of %zu operations of one batch %zu are there", own, there);
        return BG_DONE;
    }
    return there > 0 ? present(sim) : absent(sim);
}

/* --- arming --- */

void sim_spare_reads(struct sim *sim)
{
    if (sim->disk != NULL) {
        store_disk_faults(sim->disk)->read_fail_in = 0;
    }
}

static void step_clock(struct sim *sim)
{
    sim->clock.now += sim_chance(sim, 50) ? -(bg_ms)sim_below(sim, STEP_BACK_MS) : (bg_ms)sim_below(sim, (size_t)(5 * SIM_DAY));
    sim->dice_state.now = sim->clock.now;
}

static void arm(struct sim *sim, unsigned fault)
{
    struct store_disk_faults *faults = store_disk_faults(sim->disk);
    switch (fault) {
    case SIM_CRASH: faults->cut_in = 1 + (int64_t)sim_below(sim, 90); break;
    case SIM_FULL: faults->room_bytes = (int64_t)sim_below(sim, 120000); break;
    case SIM_FSYNC: faults->sync_fail_in = 1 + (int64_t)sim_below(sim, 4); break;
    case SIM_IO:
        faults->write_fail_in = sim_chance(sim, 50) ? 1 + (int64_t)sim_below(sim, 60) : 0;
        faults->read_fail_in = faults->write_fail_in == 0 ? 1 + (int64_t)sim_below(sim, 20) : 0;
        break;
    default: break;
    }
    sim->armed = fault;
    sim->armed_batches = 0;
}

static void disarm(struct sim *sim)
{
    *store_disk_faults(sim->disk) =
        (struct store_disk_faults){ .room_bytes = -1, .no_sync = store_disk_faults(sim->disk)->no_sync };
    sim->armed = 0;
}

/* One of the faults asked for; 0 when none may be. */
static unsigned draw_fault(struct sim *sim)
{
    unsigned usable = sim->opts->faults & (sim->disk != NULL ? ~0u : (unsigned)(SIM_CLOCK | SIM_RESTART));
    unsigned bits[SIM_FAULTS_COUNT];
    size_t count = 0;
    for (unsigned i = 0; i < SIM_FAULTS_COUNT; i++) {
        if ((usable >> i & 1) != 0) {
            bits[count++] = i;
        }
    }
    if (count == 0) {
        return 0;
    }
    unsigned bit = bits[sim_below(sim, count)];
    sim->counts.faults[bit]++;
    return 1u << bit;
}

bg_err sim_fault(struct sim *sim)
{
    if (sim->armed != 0) {
        if (++sim->armed_batches > 12) {
            disarm(sim);
        }
        return BG_DONE;
    }
    if (sim->counts.ops < sim->fault_at) {
        return BG_DONE;
    }
    sim->fault_at = sim->counts.ops + 30 + (int64_t)sim_below(sim, 150);
    unsigned fault = draw_fault(sim);
    switch (fault) {
    case 0: return BG_DONE;
    case SIM_CLOCK: step_clock(sim); return BG_DONE;
    case SIM_RESTART: BG_TRY(sim_restart(sim, false)); return sim_broken(sim) ? BG_DONE : sim_check(sim);
    default: arm(sim, fault); return BG_DONE;
    }
}
