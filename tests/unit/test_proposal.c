/* Two people decide: proposals of a level, telephone orders and the papers they owe, on both engines. */
#include "reserve_bed.h"
#include "work/work.h"

static const struct reserve_proposal level_three = {
    .kind = RESERVE_PROPOSE_LEVEL, .level = 3, .step = RESERVE_IN_FORCE, .why = { "首例本土病例", 18 }
};

static struct reserve_level level_now(struct ledger_bed *lb)
{
    STORE_SCOPED_READ tx = NULL;
    struct reserve_level level, prepared;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("level", reserve_level_get(tx, BED_CITY, BG_TIME_NONE, BG_TIME_NONE, lb->arena, &level, &prepared));
    return level;
}

static struct reserve_proposal proposal_now(struct ledger_bed *lb, int64_t id)
{
    STORE_SCOPED_READ tx = NULL;
    struct reserve_proposal proposal;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("proposal", reserve_proposal_get(tx, BED_CITY, id, lb->arena, &proposal));
    return proposal;
}

static void two_people(struct ledger_bed *lb)
{
    const char *e = lb->bed.name;
    int64_t id, other;
    bed_must("propose", bed_propose(lb, &level_three, &id));
    OK(level_now(lb).level == 4, "%s: what is proposed is not in force", e);
    OK(bed_decide(lb, id, BED_PLANNER, true).code == BG_AUTH_SELF, "%s: who asked does not approve", e);
    OK(level_now(lb).level == 4, "%s: and nothing came of it", e);
    OK(!bg_failed(bed_decide(lb, id, BED_COMMANDER, true)) && level_now(lb).level == 3, "%s: another approves, and it is in force", e);
    OK(bed_decide(lb, id, BED_COMMANDER, true).code == BG_CONFLICT, "%s: once", e);
    bed_must("propose", bed_propose(lb, &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_LEVEL, .level = 1, .step = RESERVE_IN_FORCE,
                                                                    .why = BG_STR("一步到位") },
                                    &other));
    OK(!bg_failed(bed_decide(lb, other, BED_COMMANDER, false)) && proposal_now(lb, other).state == RESERVE_REFUSED &&
           level_now(lb).level == 3,
       "%s: a refusal changes nothing", e);
    bed_must("propose", bed_propose(lb, &level_three, &other));
    lb->actor = BED_COMMANDER;
    OK(bed_change(lb, &reserve_withdrawing, &other, BG_TIME_NONE, NULL).code == BG_NOT_FOUND, "%s: nobody withdraws another's", e);
    lb->actor = BED_PLANNER;
    OK(!bg_failed(bed_change(lb, &reserve_withdrawing, &other, BG_TIME_NONE, NULL)), "%s: one's own", e);
    lb->actor = 0;
    bed_must("propose", bed_propose(lb, &level_three, &other));
    lb->sim.now += RESERVE_PROPOSAL_DAYS * BED_DAY + 1;
    OK(bed_decide(lb, other, BED_COMMANDER, true).code == BG_AUTH_UNAPPROVED, "%s: an approval comes too late after seven days", e);
    STORE_SCOPED_READ tx = NULL;
    struct reserve_level *list;
    size_t count;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("history", reserve_level_list(tx, BED_CITY, 0, 10, lb->arena, &list, &count));
    OK(count == 1 && list[0].proposal == id && list[0].requested_name.len > 0 && list[0].decided_name.len > 0,
       "%s: the history says who asked and who approved", e);
}

static void telephone(struct ledger_bed *lb, struct work *work)
{
    const char *e = lb->bed.name;
    struct reserve_propose_in in = { .what = level_three, .papers_hours = 12 };
    struct reserve_paper_in paper = { .paper = BG_STR("津指〔2022〕2号") };
    size_t ran;
    in.what.level = 2;
    in.what.leader = BG_STR("带班领导王某");
    lb->actor = BED_PLANNER;
    bed_must("order", bed_change(lb, &reserve_proposing, &in, BG_TIME_NONE, NULL));
    int64_t id = paper.id = bed_id_of(lb, "id");
    OK(level_now(lb).level == 2 && proposal_now(lb, id).state == RESERVE_OWED, "%s: an order by telephone is in force at once", e);
    OK(bed_change(lb, &reserve_withdrawing, &id, BG_TIME_NONE, NULL).code == BG_CONFLICT, "%s: and is not withdrawn", e);
    lb->actor = 0;
    bed_must("work", work_step(work, &ran));
    OK(proposal_now(lb, id).chased == 0, "%s: nothing is chased before its time", e);
    lb->sim.now += 12 * 3600000;
    bed_must("work", work_step(work, &ran));
    OK(proposal_now(lb, id).chased == 1, "%s: after twelve hours the papers are chased", e);
    lb->sim.now += BED_DAY;
    bed_must("work", work_step(work, &ran));
    OK(proposal_now(lb, id).chased == 2, "%s: and again a day later", e);
    OK(bed_decide(lb, id, BED_PLANNER, true).code == BG_AUTH_SELF, "%s: the second approval is another's", e);
    OK(!bg_failed(bed_decide(lb, id, BED_COMMANDER, true)) && proposal_now(lb, id).state == RESERVE_OWED,
       "%s: approved, the number is still owed", e);
    OK(bed_decide(lb, id, BED_COMMANDER, true).code == BG_CONFLICT, "%s: approved once", e);
    bed_must("paper", bed_change(lb, &reserve_papering, &paper, BG_TIME_NONE, NULL));
    OK(proposal_now(lb, id).state == RESERVE_DONE, "%s: with approval and number it is settled", e);
    OK(bed_change(lb, &reserve_papering, &paper, BG_TIME_NONE, NULL).code == BG_CONFLICT, "%s: one number", e);
    lb->sim.now += 2 * BED_DAY;
    bed_must("work", work_step(work, &ran));
    OK(proposal_now(lb, id).chased == 2 && level_now(lb).level == 2, "%s: nobody chases what is settled", e);
}

/* --- uplift --- */
static int64_t standard_now(struct ledger_bed *lb, int64_t place, bg_ms at)
{
    STORE_SCOPED_READ tx = NULL;
    struct reserve_view view;
    struct reserve_which which = { .city = BED_CITY, .item = lb->mask, .place = place, .at = at, .known_at = BG_TIME_NONE,
                                   .now = lb->sim.now };
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("view", reserve_view_get(tx, &which, lb->arena, &view));
    return view.cell_count == 1 ? view.cells[0].standard : -1;
}

static bool basis_says(struct ledger_bed *lb, int level, const char *words)
{
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_BUF out = bg_buf_init(1 << 16);
    struct reserve_which which = { .city = BED_CITY, .item = lb->mask, .place = lb->airport, .level = level, .at = BG_TIME_NONE,
                                   .known_at = BG_TIME_NONE, .now = lb->sim.now };
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("basis", reserve_basis_json(tx, &which, lb->arena, &out));
    bg_buf_byte(&out, '\0');
    return strstr(out.at, words) != NULL;
}

static bg_err set_level(struct ledger_bed *lb, int level)
{
    return bed_two(lb, &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_LEVEL, .level = level, .step = RESERVE_IN_FORCE,
                                                   .why = BG_STR("研判") });
}

static void uplift(struct ledger_bed *lb, bool level_first)
{
    const char *e = lb->bed.name, *order = level_first ? "level first" : "uplift first";
    bg_date today = bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN);
    const struct reserve_uplift_cell cell = { .item = lb->mask, .place = lb->airport };
    struct reserve_proposal raise = { .kind = RESERVE_PROPOSE_UPLIFT, .factor_permille = 1400, .from = today, .due = today + 11,
                                      .cells = &cell, .cell_count = 1, .why = BG_STR("防范输入风险") };
    bed_must("level", set_level(lb, level_first ? 3 : 4));
    lb->sim.now += 60000;
    int64_t id;
    bed_must("propose", bed_propose(lb, &raise, &id));
    OK(standard_now(lb, lb->airport, BG_TIME_NONE) == (level_first ? 200000 : 100000), "%s, %s: a proposed uplift raises nothing", e,
       order);
    bed_must("approve", bed_decide(lb, id, BED_COMMANDER, true));
    OK(standard_now(lb, lb->airport, BG_TIME_NONE) == (level_first ? 280000 : 140000), "%s, %s: 40 %% more", e, order);
    OK(standard_now(lb, lb->jinnan, BG_TIME_NONE) == (level_first ? 2000 : 1000), "%s, %s: and exactly there", e, order);
    bed_must("level", set_level(lb, 3));
    OK(standard_now(lb, lb->airport, BG_TIME_NONE) == 280000, "%s, %s: both orders give the same", e, order);
    OK(basis_says(lb, 4, "\"formula\":\"100,000 × 1.4 = 140,000\"") && basis_says(lb, 0, "200,000 × 1.4 = 280,000"),
       "%s, %s: the basis says so", e, order);
    lb->sim.now += 60000;
    int64_t made = proposal_now(lb, id).made;
    bed_must("end", bed_two(lb, &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_UPLIFT_END, .object = made, .why = BG_STR("解除") }));
    OK(standard_now(lb, lb->airport, BG_TIME_NONE) == 200000, "%s, %s: ended, it multiplies no more", e, order);
    OK(standard_now(lb, lb->airport, lb->sim.now - 30000) == 280000, "%s, %s: as of a moment ago it did", e, order);
    OK(bed_two(lb, &(struct reserve_proposal){ .kind = RESERVE_PROPOSE_UPLIFT_END, .object = made, .why = BG_STR("再次") }).code ==
           BG_NOT_FOUND,
       "%s, %s: it ends once", e, order);
    raise.factor_permille = 1000;
    OK(bed_propose(lb, &raise, &id).code == BG_BAD_INPUT, "%s, %s: a factor that raises nothing is refused", e, order);
    lb->sim.now += 60000;
}

static void standards(struct ledger_bed *lb)
{
    const bg_date from = bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN);
    const struct reserve_standard lines[] = {
        { .item = lb->mask, .place = lb->airport, .level = 4, .from = from, .basis = RESERVE_QUANTITY, .qty = 100000, .note = BG_STR("") },
        { .item = lb->mask, .place = lb->airport, .level = 3, .from = from, .basis = RESERVE_QUANTITY, .qty = 200000, .note = BG_STR("") },
        { .item = lb->mask, .place = lb->jinnan, .level = 4, .from = from, .basis = RESERVE_QUANTITY, .qty = 1000, .note = BG_STR("") },
        { .item = lb->mask, .place = lb->jinnan, .level = 3, .from = from, .basis = RESERVE_QUANTITY, .qty = 2000, .note = BG_STR("") },
    };
    int64_t id;
    const struct reserve_proposal what = { .kind = RESERVE_PROPOSE_STANDARDS, .drafts = lines, .draft_count = 4, .why = BG_STR("年度") };
    bed_must("propose", bed_propose(lb, &what, &id));
    OK(standard_now(lb, lb->jinnan, BG_TIME_NONE) == -1, "%s: a proposed standard is not in force", lb->bed.name);
    OK(bed_decide(lb, id, BED_PLANNER, true).code == BG_AUTH_SELF, "%s: nor approved by who asked", lb->bed.name);
    bed_must("approve", bed_decide(lb, id, BED_COMMANDER, true));
    bed_must("level", set_level(lb, 4));
    OK(standard_now(lb, lb->jinnan, BG_TIME_NONE) == 1000, "%s: approved, it is", lb->bed.name);
}

static void run(enum bed_kind kind)
{
    struct ledger_bed *lb = bed_ledger(kind, 5);
    struct work *work;
    bed_must("work", work_open(&(struct work_opts){ .journal = lb->journal, .no_thread = true }, &work));
    bed_must("register", reserve_register(work));
    two_people(lb);
    telephone(lb, work);
    standards(lb);
    uplift(lb, false);
    uplift(lb, true);
    work_close(work);
    bed_ledger_done(lb);
}

int main(void)
{
    run(BED_SQLITE);
    if (bed_has_postgres()) {
        run(BED_POSTGRES);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
