/* Batches of operations: what is drawn, how it is sent, what has to come back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sim.h"

#define REPLY_BYTES ((size_t)1 << 20)
#define IDS_MAX 64

/* --- drawing --- */

static const struct change_kind *kind_of(const struct model_op *op, const void **ret_in)
{
    switch (op->what) {
    case MODEL_REVERSE: *ret_in = &op->reverse; return &ledger_reversing;
    case MODEL_RESERVE: *ret_in = &op->reserve; return &ledger_reserving;
    case MODEL_RELEASE: *ret_in = &op->release; return &ledger_releasing;
    case MODEL_SNAPSHOT: *ret_in = NULL; return &ledger_snapshotting;
    case MODEL_LOT: *ret_in = &op->put; return &ledger_lot_put;
    case MODEL_EXPIRE: *ret_in = NULL; return &ledger_expiring;
    case MODEL_RECALL: *ret_in = &op->recall; return &ledger_recalling;
    case MODEL_COUNT_OPEN: *ret_in = &op->count_open; return &ledger_count_opening;
    case MODEL_COUNT_SCAN: *ret_in = &op->scans; return &ledger_count_scanning;
    case MODEL_COUNT_MOVE: *ret_in = &op->count_move; return &ledger_count_moving;
    case MODEL_SETTLE: *ret_in = &op->settle; return &ledger_settling;
    case MODEL_POST:
    case MODEL_WHAT_COUNT: break;
    }
    *ret_in = &op->post;
    return &ledger_posting;
}

static void draw_role(struct sim *sim, struct sim_op *one, size_t index)
{
    size_t draw = sim_below(sim, 100);
    one->role = SIM_FRESH;
    if (sim->history_count > 0 && (sim->replays_due > 0 || draw < 8)) {
        sim->replays_due -= sim->replays_due > 0;
        one->role = SIM_AGAIN;
        one->of = sim_below(sim, sim->history_count);
    } else if (sim->history_count > 0 && draw < 10) {
        one->role = SIM_OTHER;
        one->of = sim_below(sim, sim->history_count);
    } else if (index > 0 && draw < 13) {
        one->of = sim_below(sim, index);
        one->role = sim->batch[one->of].role == SIM_FRESH ? SIM_TWIN : SIM_FRESH;
    }
}

/* The change that carries an operation. Its reply buffer stays from batch to batch. */
static void prepare(struct sim *sim, struct sim_op *one, bg_op_id id, const uint8_t body[32])
{
    struct bg_buf reply = one->change.reply;
    if (reply.max == 0) {
        reply = bg_buf_init(REPLY_BYTES);
    }
    bg_buf_clear(&reply);
    one->change = (struct change){
        .arena = sim->arena,
        .op = id,
        .city = SIM_CITY,
        .actor = { .account = one->op.actor, .rights = one->op.actor != 0, .name = BG_STR("sim"), .origin = BG_STR("cli") },
        .occurred_at = one->op.at,
        .reason = BG_STR("simulated"),
        .reply = reply,
        .done = sim_answered,
        .user = sim,
    };
    one->change.kind = kind_of(&one->op, &one->change.in);
    memcpy(one->change.body_hash, body, 32);
}

/* What was answered is kept with it: the history may forget it before this one is judged. */
static void take_past(struct sim *sim, struct sim_op *one, const uint8_t other_body[32])
{
    const struct sim_past *past = &sim->history[one->of];
    one->past_code = past->code;
    one->past_status = past->status;
    memcpy(one->past_reply, past->reply, sizeof past->reply);
    model_op_copy(&past->op, &one->op);
    prepare(sim, one, past->id, one->role == SIM_AGAIN ? past->body : other_body);
}

static void draw_fresh(struct sim *sim, struct model_op *op)
{
    if (!sim_chance(sim, 10)) {
        model_op_random(&sim->model, &sim->dice, op);
        return;
    }
    model_op_rare(&sim->model, &sim->dice, op);
    if (op->what == MODEL_LOT) {
        sim_lot_again(sim, sim_below(sim, sim->model.world.item_count * sim->model.world.lots), op);
    }
}

static void draw_one(struct sim *sim, size_t index)
{
    struct sim_op *one = &sim->batch[index];
    uint8_t body[32];
    draw_role(sim, one, index);
    bg_random(&sim->dice, body, sizeof body);
    if (one->role == SIM_AGAIN || one->role == SIM_OTHER) {
        take_past(sim, one, body);
    } else if (one->role == SIM_TWIN) {
        const struct sim_op *first = &sim->batch[one->of];
        model_op_copy(&first->op, &one->op);
        prepare(sim, one, first->change.op, first->change.body_hash);
    } else {
        draw_fresh(sim, &one->op);
        prepare(sim, one, bg_op_id_make(&sim->dice), body);
    }
}

static bg_err expect_one(struct sim *sim, struct sim_op *one)
{
    one->answer = (struct model_answer){ 0 };
    return one->role == SIM_FRESH ? model_apply(&sim->model, &one->op, &one->answer) : BG_DONE;
}

bg_err sim_expect(struct sim *sim)
{
    sim->model.now = sim->clock.now;
    for (size_t i = 0; i < sim->batch_count; i++) {
        BG_TRY(expect_one(sim, &sim->batch[i]));
    }
    return BG_DONE;
}

static bg_ms to_midnight(bg_ms now)
{
    return bg_date_start(bg_date_at(now, BG_CITY_OFFSET_MIN) + 1, BG_CITY_OFFSET_MIN) - now;
}

static bg_ms to_next_month(bg_ms now)
{
    int year, month, day;
    bg_date next = 0;
    bg_date_parts(bg_date_at(now, BG_CITY_OFFSET_MIN), &year, &month, &day);
    bg_ignore(bg_date_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1, &next));
    return bg_date_start(next, BG_CITY_OFFSET_MIN) - now;
}

/* Mostly seconds, sometimes to a midnight, to the end of a month, or days on. */
static void move_clock(struct sim *sim)
{
    size_t draw = sim_below(sim, 1000);
    bg_ms now = sim->clock.now, step;
    if (draw < 550) {
        step = (bg_ms)sim_below(sim, 90000);
    } else if (draw < 850) {
        step = (bg_ms)sim_below(sim, 3600000);
    } else if (draw < 920) {
        step = to_midnight(now) - 60000 + (bg_ms)sim_below(sim, 120000);
    } else if (draw < 950) {
        step = (bg_ms)sim_below(sim, (size_t)(3 * SIM_DAY));
    } else if (draw < 962) {
        step = to_next_month(now) - 60000 + (bg_ms)sim_below(sim, 3 * 3600000);
    } else {
        step = (bg_ms)sim_below(sim, 3);
    }
    sim->clock.now += step > 0 ? step : 0;
    sim->dice_state.now = sim->clock.now;
}

/* --- sending --- */

void sim_send(struct sim *sim)
{
    int waiting = 0;
    sim_park(sim);
    for (size_t i = 0; i < sim->batch_count; i++) {
        struct sim_op *one = &sim->batch[i];
        one->submitted = change_submit(sim->journal, &one->change);
        waiting += !bg_failed(one->submitted);
        if (bg_failed(one->submitted)) {
            one->change.err = one->submitted;
        }
    }
    if (waiting > 0) {
        sim->turn.left = waiting;
        sim_unpark(sim);
        sim_wait_parked(sim);
    }
}

/* --- judging --- */

/* The ids in front of `behind` in an answer: {"id":"1","from"… Returns how many there are. */
static size_t ids_in(const char *reply, const char *behind, int64_t *ret, size_t max)
{
    size_t count = 0;
    for (const char *at = reply; (at = strstr(at, "{\"id\":\"")) != NULL;) {
        char *end;
        int64_t id = strtoll(at + 7, &end, 10);
        if (strncmp(end, behind, strlen(behind)) == 0) {
            if (count < max) {
                ret[count] = id;
            }
            count++;
        }
        at = end;
    }
    return count;
}

static const char *slug_of(enum bg_code code)
{
    return code == BG_OK ? "ok" : bg_errors[code].slug;
}

static void hash_reply(const struct change *change, uint8_t ret[32])
{
    bg_str reply = bg_buf_str(&change->reply);
    (void)crypto_hash_sha256(ret, (const unsigned char *)reply.at, reply.len);
}

struct ids {
    int64_t documents[IDS_MAX], movements[IDS_MAX], holds[IDS_MAX], reviews[IDS_MAX];
    size_t document_count, movement_count, hold_count, review_count;
};

/* What a posting says it has made. Documents and reviews both begin with id and kind; the document comes first. */
static void read_made(const struct model_op *op, const char *reply, struct ids *ret)
{
    int64_t both[IDS_MAX + 1];
    size_t count = ids_in(reply, "\",\"kind\"", both, IDS_MAX + 1);
    bool document = op->what == MODEL_POST || op->what == MODEL_REVERSE;
    ret->movement_count = ids_in(reply, "\",\"from\"", ret->movements, IDS_MAX);
    ret->hold_count = op->what == MODEL_RESERVE ? ids_in(reply, "\",\"account\"", ret->holds, IDS_MAX) : 0;
    for (size_t i = 0; document && i < count && i <= IDS_MAX; i++) {
        if (i == 0) {
            ret->documents[ret->document_count++] = both[i];
        } else {
            ret->reviews[ret->review_count++] = both[i];
        }
    }
}

static bg_err read_ids(struct store_tx *tx, enum sql_id sql, const struct store_val key, int64_t *ids, size_t *count)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, sql, ARGS(V_INT(SIM_CITY), key), &rows));
    BG_TRY(store_next(rows, &more));
    while (more && *count < IDS_MAX) {
        ids[(*count)++] = store_int(rows, 0);
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

/* What a rarer change has posted it does not tell: it is looked up. */
static bg_err look_up_made(struct sim *sim, const struct sim_op *one, struct ids *ret)
{
    STORE_SCOPED_READ tx = NULL;
    sim_spare_reads(sim);
    BG_TRY(store_read_begin(sim->store, 0, &tx));
    BG_TRY(read_ids(tx, SQL_SIM_DOCUMENT_OF, V_BYTES(one->change.op.bytes, sizeof one->change.op.bytes), ret->documents,
                    &ret->document_count));
    for (size_t i = 0; i < ret->document_count; i++) {
        BG_TRY(read_ids(tx, SQL_SIM_REVIEW_OF, V_INT(ret->documents[i]), ret->reviews, &ret->review_count));
    }
    ret->movement_count = one->answer.movement_count; /* checked by their balances */
    return BG_DONE;
}

/* The numbers behind `"expected":`, in order; a blind count does not show them. */
static void check_expected(struct sim *sim, const struct sim_op *one, const char *reply)
{
    const char *at = reply;
    for (size_t i = 0; i < one->op.scans.count && (at = strstr(at, "\"expected\":")) != NULL; i++) {
        at += strlen("\"expected\":");
        if (strtoll(at, NULL, 10) != one->answer.expected[i]) {
            sim_break(sim, "a scan expects %lld; expected %lld", strtoll(at, NULL, 10), (long long)one->answer.expected[i]);
        }
    }
}

static bool is_rare(const struct model_op *op)
{
    return op->what >= MODEL_SNAPSHOT;
}

/* What the model made gets the ids it has in the database; both have made as much. */
static bg_err learn(struct sim *sim, struct sim_op *one, const char *reply)
{
    struct ids made = { 0 };
    const struct model_answer *answer = &one->answer;
    if (!is_rare(&one->op)) {
        read_made(&one->op, reply, &made);
    } else {
        BG_TRY(look_up_made(sim, one, &made));
    }
    if (made.document_count != answer->document_count || made.movement_count != answer->movement_count ||
        made.hold_count != answer->hold_count || made.review_count != answer->review_count) {
        sim_break(sim, "%s made %zu documents, %zu movements, %zu holds, %zu reviews; expected %zu, %zu, %zu, %zu: %.2000s",
                  model_op_name(&one->op), made.document_count, made.movement_count, made.hold_count, made.review_count,
                  answer->document_count, answer->movement_count, answer->hold_count, answer->review_count, reply);
        return BG_DONE;
    }
    if (one->op.what == MODEL_COUNT_SCAN) {
        check_expected(sim, one, reply);
    }
    const char *id = strstr(reply, "\"id\":\""), *expired = strstr(reply, "\"expired\":");
    if (one->op.what == MODEL_EXPIRE && (expired == NULL || strtoll(expired + 10, NULL, 10) != answer->number)) {
        sim_break(sim, "%s; %lld accounts hold expired stock", reply, (long long)answer->number);
    }
    model_learn(&sim->model, answer,
                &(struct model_ids){ .documents = made.documents,
                                     .movements = is_rare(&one->op) ? NULL : made.movements,
                                     .holds = made.holds,
                                     .reviews = made.reviews,
                                     .sheet = id == NULL ? 0 : strtoll(id + 6, NULL, 10) });
    return BG_DONE;
}

static void remember(struct sim *sim, const struct sim_op *one)
{
    size_t slot = sim->history_count < SIM_HISTORY ? sim->history_count++ : sim_below(sim, SIM_HISTORY);
    struct sim_past *past = &sim->history[slot];
    model_op_copy(&one->op, &past->op);
    past->id = one->change.op;
    past->code = one->change.err.code;
    past->status = one->change.status;
    memcpy(past->body, one->change.body_hash, sizeof past->body);
    hash_reply(&one->change, past->reply);
}

static bg_err judge_fresh(struct sim *sim, struct sim_op *one, bool replayed)
{
    struct change *change = &one->change;
    if (change->err.code != one->answer.code) {
        sim_break(sim, "%s answered %s, expected %s: %.*s", model_op_name(&one->op), slug_of(change->err.code),
                  slug_of(one->answer.code), (int)(change->reply.len < 300 ? change->reply.len : 300),
                  change->reply.at != NULL ? change->reply.at : "");
        return BG_DONE;
    }
    if (change->replayed != replayed) {
        sim_break(sim, "%s was %s", model_op_name(&one->op),
                  replayed ? "there and is not told as replayed" : "told as replayed but is new");
        return BG_DONE;
    }
    bg_buf_byte(&change->reply, '\0');
    change->reply.len--;
    if (change->err.code == BG_OK) {
        BG_TRY(learn(sim, one, change->reply.at));
    } else {
        sim->counts.refused++;
    }
    remember(sim, one);
    return BG_DONE;
}

static void judge_again(struct sim *sim, const struct sim_op *one)
{
    uint8_t reply[32];
    const struct change *change = &one->change;
    hash_reply(change, reply);
    if (change->err.code != one->past_code || change->status != one->past_status || !change->replayed ||
        memcmp(reply, one->past_reply, 32) != 0) {
        sim_break(sim, "%s sent again answered %s (%sreplayed), the first time %s: %.*s", model_op_name(&one->op),
                  slug_of(change->err.code), change->replayed ? "" : "not ", slug_of(one->past_code),
                  (int)(change->reply.len < 300 ? change->reply.len : 300), change->reply.at != NULL ? change->reply.at : "");
    }
}

static bg_err judge_one(struct sim *sim, struct sim_op *one, bool replayed)
{
    switch (one->role) {
    case SIM_FRESH: return judge_fresh(sim, one, replayed);
    case SIM_AGAIN: judge_again(sim, one); return BG_DONE;
    case SIM_TWIN:
        one->past_code = sim->batch[one->of].change.err.code;
        one->past_status = sim->batch[one->of].change.status;
        hash_reply(&sim->batch[one->of].change, one->past_reply);
        judge_again(sim, one);
        return BG_DONE;
    case SIM_OTHER:
    case SIM_ROLES_COUNT: break;
    }
    if (one->change.err.code != BG_OP_REUSED) {
        sim_break(sim, "the id of a %s with another body answered %s", model_op_name(&one->op), slug_of(one->change.err.code));
    }
    sim->counts.refused++;
    return BG_DONE;
}

bg_err sim_judge(struct sim *sim, bool replayed)
{
    for (size_t i = 0; i < sim->batch_count && !sim_broken(sim); i++) {
        struct sim_op *one = &sim->batch[i];
        BG_TRY(judge_one(sim, one, replayed)); /* may move the reply */
        bg_str reply = bg_buf_str(&one->change.reply);
        const int64_t head[] = { (int64_t)one->change.err.code, one->change.status };
        (void)crypto_hash_sha256_update(&sim->digest, (const unsigned char *)head, sizeof head);
        (void)crypto_hash_sha256_update(&sim->digest, (const unsigned char *)reply.at, reply.len);
        sim->counts.ops++;
        sim->counts.by_role[one->role]++;
        if (one->role == SIM_FRESH) {
            sim->counts.by_kind[one->op.what][one->op.what == MODEL_POST ? one->op.post.kind : 0]++;
        }
    }
    return BG_DONE;
}

/* --- a batch --- */

/* A failure that is neither an answer nor a refusal: nobody knows what became of it. */
static bool in_doubt(const struct sim *sim)
{
    for (size_t i = 0; i < sim->batch_count; i++) {
        if (bg_failed(sim->batch[i].change.err) && bg_errors[sim->batch[i].change.err.code].status >= 500) {
            return true;
        }
    }
    return sim->halted;
}

bg_err sim_batch(struct sim *sim)
{
    int64_t left = sim->opts->ops - sim->counts.ops;
    size_t most = left > 0 && left < SIM_BATCH_MAX ? (size_t)left : SIM_BATCH_MAX;
    move_clock(sim);
    sim->model.now = sim->clock.now;
    bg_arena_reset(sim->arena);
    model_forget(&sim->model);
    sim->mark = model_mark(&sim->model);
    sim->batch_count = sim_chance(sim, 25) ? 1 : 1 + sim_below(sim, most);
    for (size_t i = 0; i < sim->batch_count; i++) {
        draw_one(sim, i);
        BG_TRY(expect_one(sim, &sim->batch[i]));
    }
    sim_send(sim);
    if (in_doubt(sim)) {
        BG_TRY(sim_recover(sim));
    } else {
        BG_TRY(sim_judge(sim, false));
    }
    for (size_t i = 0; i < sim->batch_count && !sim_broken(sim); i++) {
        BG_TRY(sim_plant_after(sim, &sim->batch[i]));
    }
    return BG_DONE;
}

bg_err sim_again(struct sim *sim)
{
    sim->batch_count = sim->history_count < SIM_BATCH_MAX ? sim->history_count : SIM_BATCH_MAX;
    bg_arena_reset(sim->arena);
    for (size_t i = 0; i < sim->batch_count; i++) {
        struct sim_op *one = &sim->batch[i];
        one->role = SIM_AGAIN;
        one->of = i * sim->history_count / sim->batch_count;
        take_past(sim, one, NULL);
    }
    sim_send(sim);
    for (size_t i = 0; i < sim->batch_count && !sim_broken(sim); i++) {
        judge_again(sim, &sim->batch[i]);
    }
    return BG_DONE;
}
