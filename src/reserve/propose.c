/* Proposing, deciding, papers that follow a telephone order, and chasing them. */
#include <sodium.h>

#include "reserve/impl.h"
#include "work/work.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)

/* --- what is approved --- */
/* Exactly what is to be done; the approval is good for nothing else. */
static bg_err digest_of(const struct reserve_proposal *p, uint8_t ret[32])
{
    BG_SCOPED_BUF text = bg_buf_init((size_t)32 << 20);
    bg_json_array(&text);
    bg_json_int(&text, p->id);
    bg_json_int(&text, p->kind);
    bg_json_int(&text, p->level);
    bg_json_int(&text, p->step);
    bg_json_int(&text, p->object);
    bg_json_int(&text, p->factor_permille);
    bg_json_int(&text, p->from);
    bg_json_int(&text, p->due);
    for (size_t i = 0; i < p->cell_count; i++) {
        bg_json_int(&text, p->cells[i].item);
        bg_json_int(&text, p->cells[i].place);
    }
    for (size_t i = 0; i < p->draft_count; i++) {
        const struct reserve_standard *d = &p->drafts[i];
        const int64_t parts[] = { d->item, d->place, d->level, d->from, d->basis, d->basis == RESERVE_COVER ? d->cover_milli : d->qty,
                                  d->lead_days };
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
            bg_json_int(&text, parts[k]);
        }
        bg_json_str(&text, d->note);
    }
    bg_json_str(&text, p->why);
    bg_json_str(&text, p->legal_basis);
    bg_json_str(&text, p->leader);
    bg_json_array_end(&text);
    BG_TRY(bg_buf_check(&text));
    (void)crypto_hash_sha256(ret, (const uint8_t *)text.at, text.len);
    return BG_DONE;
}

static bg_err summary_of(struct change_tx *tx, const struct reserve_proposal *p, bg_str *ret_zh, bg_str *ret_en)
{
    if (p->kind == RESERVE_PROPOSE_STANDARDS) {
        const char *lines = bg_arena_text(change_arena(tx), "制定 %zu 条储备标准", p->draft_count);
        const char *lines_en = bg_arena_text(change_arena(tx), "set %zu standards", p->draft_count);
        BG_TRY(bg_need(lines));
        BG_TRY(bg_need(lines_en));
        *ret_zh = bg_str_of(lines);
        *ret_en = bg_str_of(lines_en);
        return BG_DONE;
    }
    if (p->kind != RESERVE_PROPOSE_LEVEL) {
        bool end = p->kind == RESERVE_PROPOSE_UPLIFT_END;
        long long percent = (long long)(p->factor_permille / 10 - 100);
        const char *raise = bg_arena_text(change_arena(tx), "储备标准上浮 %lld%%", percent);
        const char *raise_en = bg_arena_text(change_arena(tx), "raise standards by %lld %%", percent);
        BG_TRY(bg_need(raise));
        BG_TRY(bg_need(raise_en));
        *ret_zh = end ? BG_STR("结束上浮") : bg_str_of(raise);
        *ret_en = end ? BG_STR("end an uplift") : bg_str_of(raise_en);
        return BG_DONE;
    }
    const char *zh = bg_arena_text(change_arena(tx), "%s %d 级储备", p->step == RESERVE_PREPARED ? "准备" : "执行", p->level);
    bool prepared = p->step == RESERVE_PREPARED;
    const char *en = bg_arena_text(change_arena(tx), "%s reserve level %d%s", prepared ? "prepare" : "put", p->level,
                                   prepared ? "" : " in force");
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    *ret_zh = bg_str_of(zh);
    *ret_en = bg_str_of(en);
    return BG_DONE;
}

static bg_err check(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p)
{
    if (p->kind < 1 || p->kind > RESERVE_PROPOSAL_KINDS) {
        return BG_FAIL_AT(BG_BAD_INPUT, "kind");
    }
    if (bg_str_trim(p->why).len == 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "reason");
    }
    if (p->kind == RESERVE_PROPOSE_STANDARDS) {
        return reserve_standard_check(tx, change, p->drafts, p->draft_count);
    }
    return p->kind == RESERVE_PROPOSE_LEVEL ? reserve_level_check(tx, p->level, p->step) : reserve_uplift_check(tx, change, p);
}

static bg_err apply(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p, int64_t *ret_made)
{
    if (p->kind == RESERVE_PROPOSE_STANDARDS) {
        *ret_made = p->id;
        return reserve_standard_put_in(tx, change, &(struct reserve_standards){ p->drafts, p->draft_count });
    }
    if (p->kind != RESERVE_PROPOSE_LEVEL) {
        return p->kind == RESERVE_PROPOSE_UPLIFT ? reserve_uplift_begin_in(tx, change, p, ret_made)
                                                 : reserve_uplift_end_in(tx, change, p, ret_made);
    }
    const struct reserve_level level = { .level = p->level, .state = p->step, .why = p->why, .legal_basis = p->legal_basis };
    return reserve_level_set_in(tx, change, &level, ret_made);
}

/* --- answers --- */
static bg_err answer(struct change_tx *tx, struct change *change, int64_t id, const char *entry)
{
    struct reserve_proposal now;
    BG_TRY(reserve_proposal_get(change_store(tx), change->city, id, change_arena(tx), &now));
    reserve_proposal_json(&now, change_now(tx), &change->reply);
    BG_TRY(bg_buf_check(&change->reply));
    return change_record(tx, change,
                         &(struct journal_entry){ .kind = entry, .object = "proposal", .id = id, .city = change->city,
                                                  .after = bg_buf_str(&change->reply) });
}

static bg_err open_one(struct change_tx *tx, int64_t city, int64_t id, struct reserve_proposal *ret)
{
    BG_TRY(reserve_proposal_get(change_store(tx), city, id, change_arena(tx), ret));
    BG_TRY(reserve_uplift_cells(change_store(tx), city, id, change_arena(tx), ret));
    BG_TRY(reserve_standard_drafts(change_store(tx), city, id, change_arena(tx), ret));
    if (ret->state == RESERVE_PROPOSED || ret->state == RESERVE_OWED) {
        return BG_DONE;
    }
    return BG_FAIL_WITH(BG_CONFLICT, "state",
                        bg_arena_text(change_arena(tx), "\"state\":\"%s\"", reserve_proposal_state_slugs[ret->state - 1]));
}

/* --- proposing --- */
static bg_err insert(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p)
{
    return store_run(change_store(tx), SQL_RESERVE_PROPOSAL_INSERT,
                     ARGS(V_INT(change->city), V_INT(p->id), V_INT(p->kind), V_INT(p->state), V_INT(p->approval), V_INT(p->object),
                          V_INT(p->level), V_INT(p->step), V_INT(0), V_INT(0), V_INT(p->factor_permille), V_INT(p->from), V_INT(p->due),
                          V_TEXT(p->why), V_TEXT(p->legal_basis),
                          V_INT(p->requested_by), V_TEXT(p->requested_name), V_INT(p->requested_at), V_TEXT(p->leader),
                          V_INT(p->papers_due_at), V_INT(p->made)),
                     NULL);
}

static bg_err open_approval(struct change_tx *tx, const struct change *change, struct reserve_proposal *p)
{
    bg_ms lives = p->papers_due_at != 0 ? 366 * DAY_MS : RESERVE_PROPOSAL_DAYS * DAY_MS; /* late papers are better than none */
    struct auth_approval approval = { .kind = "reserve.proposal", .object = "proposal", .object_id = p->id, .needed = 1,
                                      .ends_at = p->requested_at + lives };
    BG_TRY(summary_of(tx, p, &approval.summary_zh, &approval.summary_en));
    BG_TRY(digest_of(p, approval.digest));
    BG_TRY(auth_approval_open(tx, change, &approval));
    p->approval = approval.id;
    return BG_DONE;
}

static bg_err decide_propose(struct change_tx *tx, struct change *change)
{
    const struct reserve_propose_in *in = change->in;
    struct reserve_proposal p = in->what;
    bool telephone = bg_str_trim(p.leader).len > 0;
    BG_TRY(check(tx, change, &p));
    p.id = change_id(tx);
    p.state = telephone ? RESERVE_OWED : RESERVE_PROPOSED;
    p.requested_by = change->actor.account;
    p.requested_name = change->actor.name;
    p.requested_at = change_now(tx);
    p.made = 0;
    p.papers_due_at = telephone ? p.requested_at + (in->papers_hours == 0 ? RESERVE_PAPERS_HOURS : in->papers_hours) * HOUR_MS : 0;
    BG_TRY(open_approval(tx, change, &p));
    if (telephone) {
        BG_TRY(apply(tx, change, &p, &p.made));
        BG_TRY(work_put(change_store(tx),
                        &(struct work_put){ .city = change->city, .id = p.id, .kind = RESERVE_WORK_PAPERS, .due_at = p.papers_due_at }, 1));
    }
    BG_TRY(insert(tx, change, &p));
    BG_TRY(reserve_uplift_draft(tx, change, &p));
    BG_TRY(reserve_standard_draft(tx, change, &p));
    change->status = 201;
    return answer(tx, change, p.id, telephone ? "proposal.ordered" : "proposal.made");
}
const struct change_kind reserve_proposing = { .name = "proposal.make", .decide = decide_propose, .recheck = auth_recheck };

/* --- deciding --- */
static bg_err move(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p, enum reserve_proposal_state to,
                   bg_str note)
{
    int64_t changed;
    BG_TRY(store_run(change_store(tx), SQL_RESERVE_PROPOSAL_MOVE,
                     ARGS(V_INT(change->city), V_INT(p->id), V_INT(to), V_INT(change->actor.account), V_TEXT(change->actor.name),
                          V_INT(change_now(tx)), V_TEXT(note), V_INT(p->made)),
                     &changed));
    return changed == 1 ? BG_DONE : BG_FAIL_AT(BG_CONFLICT, "state");
}

static bg_err decide_decide(struct change_tx *tx, struct change *change)
{
    const struct reserve_decide_in *in = change->in;
    struct reserve_proposal p;
    uint8_t digest[32];
    BG_TRY(open_one(tx, change->city, in->id, &p));
    if (p.decided_by != 0) {
        return BG_FAIL_WITH(BG_CONFLICT, "state", "\"waits_for\":\"paper\""); /* approved before; only the number is owed */
    }
    BG_TRY(auth_approval_vote_in(tx, change, &(struct auth_vote_in){ in->by, p.approval, in->agrees, in->note }));
    enum reserve_proposal_state to = RESERVE_REFUSED;
    if (in->agrees) {
        BG_TRY(digest_of(&p, digest));
        BG_TRY(auth_approval_use(tx, change, p.approval, digest));
        to = p.state == RESERVE_OWED && p.paper.len == 0 ? RESERVE_OWED : RESERVE_DONE;
        if (p.state == RESERVE_PROPOSED) {
            BG_TRY(apply(tx, change, &p, &p.made));
        }
    }
    if (p.state == RESERVE_OWED && to != RESERVE_OWED) {
        BG_TRY(work_drop(change_store(tx), change->city, RESERVE_WORK_PAPERS, p.id));
    }
    BG_TRY(move(tx, change, &p, to, in->note));
    return answer(tx, change, p.id, in->agrees ? "proposal.approved" : "proposal.refused");
}
const struct change_kind reserve_deciding = { .name = "proposal.decide", .decide = decide_decide, .recheck = auth_recheck };

static bg_err decide_withdraw(struct change_tx *tx, struct change *change)
{
    const int64_t *id = change->in;
    struct reserve_proposal p;
    BG_TRY(open_one(tx, change->city, *id, &p));
    if (p.requested_by != change->actor.account) {
        return BG_FAIL_AT(BG_NOT_FOUND, "id");
    }
    if (p.state != RESERVE_PROPOSED) {
        return BG_FAIL_WITH(BG_CONFLICT, "state", "\"state\":\"owed\""); /* it is in effect */
    }
    BG_TRY(move(tx, change, &p, RESERVE_WITHDRAWN, BG_STR("")));
    return answer(tx, change, p.id, "proposal.withdrawn");
}
const struct change_kind reserve_withdrawing = { .name = "proposal.withdraw", .decide = decide_withdraw, .recheck = auth_recheck };

/* --- papers --- */
static bg_err decide_paper(struct change_tx *tx, struct change *change)
{
    const struct reserve_paper_in *in = change->in;
    struct reserve_proposal p;
    bg_str paper = bg_str_trim(in->paper);
    int64_t changed;
    if (paper.len == 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "paper");
    }
    BG_TRY(reserve_proposal_get(change_store(tx), change->city, in->id, change_arena(tx), &p));
    bool done = p.state == RESERVE_OWED && p.decided_by != 0;
    BG_TRY(store_run(change_store(tx), SQL_RESERVE_PROPOSAL_PAPER,
                     ARGS(V_INT(change->city), V_INT(p.id), V_TEXT(paper), V_INT(done ? RESERVE_DONE : p.state)), &changed));
    if (changed != 1) {
        return BG_FAIL_AT(BG_CONFLICT, "paper"); /* no telephone order, or it has one */
    }
    if (done) {
        BG_TRY(work_drop(change_store(tx), change->city, RESERVE_WORK_PAPERS, p.id));
    }
    return answer(tx, change, p.id, "proposal.paper");
}
const struct change_kind reserve_papering = { .name = "proposal.paper", .decide = decide_paper, .recheck = auth_recheck };

static bg_err decide_chase(struct change_tx *tx, struct change *change)
{
    const int64_t *id = change->in;
    int64_t changed;
    BG_TRY(store_run(change_store(tx), SQL_RESERVE_PROPOSAL_CHASE, ARGS(V_INT(change->city), V_INT(*id)), &changed));
    if (changed == 0) {
        return BG_DONE; /* settled meanwhile */
    }
    BG_TRY(work_put(
        change_store(tx),
        &(struct work_put){ .city = change->city, .id = *id, .kind = RESERVE_WORK_PAPERS, .due_at = change_now(tx) + DAY_MS }, 1));
    return answer(tx, change, *id, "proposal.overdue");
}
static const struct change_kind chasing = { .name = "proposal.chase", .decide = decide_chase };

static bg_err chase(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)ctx;
    struct change change = { .kind = &chasing, .in = &item->id, .arena = arena, .op = work_op(item, 0), .city = item->city,
                             .actor = work_actor(), .occurred_at = BG_TIME_NONE, .reply = bg_buf_init(1 << 16) };
    bg_err err = change_run(work_journal(work), &change);
    bg_buf_done(&change.reply);
    return err.code == BG_NOT_FOUND ? BG_DONE : err;
}

bg_err reserve_register_chase(struct work *work)
{
    return work_register(work, &(struct work_kind){ .name = RESERVE_WORK_PAPERS, .run = chase });
}
