/* Two people for tests of the reserve: one proposes, another approves. */
#ifndef RESERVE_BED_H
#define RESERVE_BED_H

#include "ledger_bed.h"
#include "reserve/reserve.h"

#define BED_PLANNER 71
#define BED_COMMANDER 72

static inline bg_err bed_propose(struct ledger_bed *lb, const struct reserve_proposal *what, int64_t *ret_id)
{
    const struct reserve_propose_in in = { .what = *what };
    lb->actor = BED_PLANNER;
    bg_err err = bed_change(lb, &reserve_proposing, &in, BG_TIME_NONE, NULL);
    lb->actor = 0;
    *ret_id = bg_failed(err) ? 0 : bed_id_of(lb, "id");
    return err;
}

static inline bg_err bed_decide(struct ledger_bed *lb, int64_t id, int64_t who, bool agrees)
{
    const struct auth_session session = auth_system(BED_CITY, lb->sim.now);
    const struct reserve_decide_in in = { .by = { NULL, &session }, .id = id, .agrees = agrees, .note = BG_STR("") };
    lb->actor = who;
    bg_err err = bed_change(lb, &reserve_deciding, &in, BG_TIME_NONE, NULL);
    lb->actor = 0;
    return err;
}

static inline bg_err bed_two(struct ledger_bed *lb, const struct reserve_proposal *what)
{
    int64_t id;
    BG_TRY(bed_propose(lb, what, &id));
    return bed_decide(lb, id, BED_COMMANDER, true);
}

#endif
