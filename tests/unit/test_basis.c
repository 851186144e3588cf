/* Runs that are kept: asked, computed, found again, cancelled, interrupted, decided on; on both engines. */
#include "basis/basis.h"

#include <time.h>

#include "ledger_bed.h"

static const char *const question = "{\"incidence\":[3,21,10,33,41,34,39,33,80,18,14,14,8],\"window\":7}";

static struct basis *open_basis(struct ledger_bed *lb, const char *version)
{
    struct basis *basis = NULL;
    bed_must("basis", basis_open(&(struct basis_opts){ .journal = lb->journal, .version = version }, &basis));
    return basis;
}

static bg_err ask(struct ledger_bed *lb, struct basis *basis, const char *method, const char *input, bool again)
{
    struct basis_ask in = {
        .basis = basis, .method = bg_str_of(method), .title = BG_STR("试算"), .input = bg_str_of(input), .again = again
    };
    return bed_change(lb, &basis_run_asking, &in, BG_TIME_NONE, NULL);
}

static struct basis_run run_of(struct ledger_bed *lb, int64_t id)
{
    STORE_SCOPED_READ tx = NULL;
    struct basis_run run;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("run", basis_run_get(tx, BED_CITY, id, lb->arena, &run));
    return run;
}

static bg_str document_of(struct ledger_bed *lb, int64_t id, enum basis_part part)
{
    STORE_SCOPED_READ tx = NULL;
    bg_str content = BG_STR("");
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bg_ignore(basis_document_get(tx, BED_CITY, id, part, lb->arena, &content));
    return content;
}

static void step(struct basis *basis, size_t wanted, const char *name)
{
    size_t done = 0;
    bed_must("step", basis_step(basis, &done));
    OK(done == wanted, "%s: %zu run", name, wanted);
}

static int64_t asked(struct ledger_bed *lb)
{
    struct basis *basis = open_basis(lb, "1.0");
    const char *e = lb->bed.name;
    lb->actor = 77;
    bed_must("ask", ask(lb, basis, "outbreak", question, false));
    int64_t id = bed_id_of(lb, "id");
    OK(lb->status == 202 && run_of(lb, id).state == BASIS_QUEUED && strstr(lb->reply, "\"kept\":false") != NULL,
       "%s: a run waits", e);
    bed_must("ask", ask(lb, basis, "outbreak", question, false));
    OK(lb->status == 200 && bed_id_of(lb, "id") == id, "%s: the same question while it waits is the same run", e);
    step(basis, 1, e);
    struct basis_run run = run_of(lb, id);
    OK(run.state == BASIS_ANSWERED && run.used_us >= 0 && run.tries == 1 && run.asked_by == 77, "%s: it is answered", e);
    BG_SCOPED_BUF out = bg_buf_init(1 << 20);
    bed_must("solve", solve_run(solve_find(BG_STR("outbreak")), bg_str_of(question), 10, lb->arena, &out));
    bg_str kept = document_of(lb, id, BASIS_ANSWER), fresh = bg_buf_str(&out);
    const char *end = strstr(kept.at, "\"seconds\"");
    size_t same = end != NULL ? (size_t)(end - kept.at) : 0;
    OK(same > 100 && fresh.len > same && memcmp(kept.at, fresh.at, same) == 0, "%s: bit for bit what the method says on its own",
       e);
    bed_must("ask", ask(lb, basis, "outbreak", question, false));
    OK(lb->status == 200 && bed_id_of(lb, "id") == id && strstr(lb->reply, "\"kept\":true") != NULL,
       "%s: the answer is kept and offered", e);
    bed_must("ask", ask(lb, basis, "outbreak", question, true));
    OK(lb->status == 202 && bed_id_of(lb, "id") != id, "%s: asked again on purpose it is computed again", e);
    step(basis, 1, e);
    OK(ask(lb, basis, "horoscope", question, false).code == BG_BAD_INPUT, "%s: an unknown method is refused", e);
    basis_close(basis);
    struct basis *newer = open_basis(lb, "1.1");
    bed_must("ask", ask(lb, newer, "outbreak", question, false));
    OK(lb->status == 202, "%s: another version computes again", e);
    step(newer, 1, e);
    basis_close(newer);
    return id;
}

static void refused(struct ledger_bed *lb)
{
    const char *e = lb->bed.name;
    struct basis *basis = open_basis(lb, "1.0");
    bed_must("ask", ask(lb, basis, "outbreak", "{\"incidence\":[1,-2]}", false));
    int64_t id = bed_id_of(lb, "id");
    step(basis, 1, e);
    OK(run_of(lb, id).state == BASIS_REFUSED && strstr(document_of(lb, id, BASIS_REFUSAL).at, "incidence[1]") != NULL,
       "%s: a bad input is refused and the field named", e);
    basis_close(basis);
}

static void cancelled(struct ledger_bed *lb, int64_t answered)
{
    const char *e = lb->bed.name;
    struct basis *basis = open_basis(lb, "1.0");
    bed_must("ask", ask(lb, basis, "outbreak", "{\"incidence\":[1,2,3],\"window\":2}", false));
    int64_t id = bed_id_of(lb, "id");
    struct basis_cancel in = { .basis = basis, .id = id };
    lb->actor = 78;
    OK(bed_change(lb, &basis_run_cancelling, &in, BG_TIME_NONE, NULL).code == BG_AUTH_DENIED, "%s: nobody else cancels it", e);
    lb->actor = 77;
    OK(!bg_failed(bed_change(lb, &basis_run_cancelling, &in, BG_TIME_NONE, NULL)) && run_of(lb, id).state == BASIS_CANCELLED,
       "%s: who asked cancels it", e);
    step(basis, 0, e);
    in.id = answered;
    OK(bed_change(lb, &basis_run_cancelling, &in, BG_TIME_NONE, NULL).code == BG_CONFLICT, "%s: what is done stays done", e);
    char input[64];
    for (int i = 0; i < BASIS_QUEUE_EACH; i++) {
        (void)snprintf(input, sizeof input, "{\"incidence\":[1,2,%d]}", i);
        bed_must("ask", ask(lb, basis, "outbreak", input, false));
    }
    OK(ask(lb, basis, "outbreak", "{\"incidence\":[9,9,9]}", false).code == BG_BASIS_FULL, "%s: one person fills no queue", e);
    step(basis, BASIS_QUEUE_EACH, e);
    basis_close(basis);
}

static bg_err break_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)count;
    return store_run_text(tx, jobs[0]->in, NO_ARGS, NULL);
}

/* The process stopped while a run was under way: what the row looks like afterwards. */
static void interrupted(struct ledger_bed *lb)
{
    static const struct store_class class = { .name = "test.break", .rare = true, .run = break_run };
    const char *e = lb->bed.name;
    struct basis *basis = open_basis(lb, "1.0");
    for (int tries = 1; tries <= BASIS_TRIES_MAX; tries++) {
        char sql[200];
        bed_must("ask", ask(lb, basis, "outbreak", "{\"incidence\":[4,5,6,7],\"window\":2}", true));
        int64_t id = bed_id_of(lb, "id");
        (void)snprintf(sql, sizeof sql, "UPDATE basis_run SET state = 2, tries = %d, lease_until = 1 WHERE id = %lld", tries,
                       (long long)id);
        bed_must("break", store_write(lb->store, &class, sql, NULL, NULL));
        step(basis, 1, e);
        OK(run_of(lb, id).state == (tries < BASIS_TRIES_MAX ? BASIS_ANSWERED : BASIS_REFUSED), "%s: interrupted %d times", e,
           tries);
    }
    basis_close(basis);
}

static void decided(struct ledger_bed *lb, int64_t run)
{
    const char *e = lb->bed.name;
    struct basis_decision in = { .run = run,
                                 .part = BG_STR("mask"),
                                 .verdict = BASIS_ADOPTED,
                                 .use = BASIS_STANDARD,
                                 .item = lb->mask,
                                 .place = lb->airport,
                                 .level = 3,
                                 .qty = 140000,
                                 .day = bg_date_at(lb->sim.now, BG_CITY_OFFSET_MIN) };
    OK(bed_change(lb, &basis_deciding, &in, BG_TIME_NONE, NULL).code == BG_BAD_INPUT, "%s: a decision needs a reason", e);
    struct change change = { .kind = &basis_deciding,
                             .in = &in,
                             .arena = lb->arena,
                             .op = bg_op_id_make(&lb->env),
                             .city = BED_CITY,
                             .actor = { .name = BG_STR("test"), .origin = BG_STR("cli") },
                             .occurred_at = BG_TIME_NONE,
                             .reason = BG_STR("按测算"),
                             .reply = bg_buf_init(1 << 16) };
    struct change_kind unchecked = basis_deciding;
    unchecked.recheck = NULL;
    change.kind = &unchecked;
    bg_err err = change_run(lb->journal, &change);
    bg_buf_done(&change.reply);
    OK(!bg_failed(err), "%s: the planner adopts a standard", e);
    STORE_SCOPED_READ tx = NULL;
    struct reserve_standard *list;
    struct basis_decision *decisions;
    size_t count;
    bed_must("read", store_read_begin(lb->store, 0, &tx));
    bed_must("standards", reserve_standard_list(tx, BED_CITY, lb->mask, lb->airport, 0, 10, lb->arena, &list, &count));
    char note[40];
    (void)snprintf(note, sizeof note, "%lld", (long long)run);
    OK(count == 1 && list[0].qty == 140000 && strstr(list[0].note.at, note) != NULL,
       "%s: the standard is there and names the run", e);
    bed_must("decisions", basis_decision_list(tx, BED_CITY, run, -1, 0, 10, lb->arena, &decisions, &count));
    OK(count == 1 && decisions[0].use == BASIS_STANDARD && bg_str_is(decisions[0].why, "按测算"),
       "%s: the decision hangs on the run", e);
    OK(bed_int(lb, "SELECT COUNT(*) FROM basis_decision") == 1, "%s: one decision", e);
}

static void worked(struct ledger_bed *lb)
{
    const char *e = lb->bed.name;
    struct basis *basis = open_basis(lb, "2.0");
    bed_must("start", basis_start(basis, 2));
    bed_must("ask", ask(lb, basis, "outbreak", question, false));
    int64_t id = bed_id_of(lb, "id");
    for (int i = 0; i < 3000 && run_of(lb, id).state < BASIS_ANSWERED; i++) {
        bg_arena_reset(lb->arena);
        (void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    }
    OK(run_of(lb, id).state == BASIS_ANSWERED, "%s: the workers take it by themselves", e);
    basis_close(basis);
}

static void what_if(void)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)64 << 20);
    BG_SCOPED_BUF out = bg_buf_init(1 << 20);
    OK(!bg_failed(basis_what_if(BG_STR("outbreak"), bg_str_of(question), arena, &out)) && out.len > 100,
       "a what-if is answered at once");
    OK(basis_what_if(BG_STR("outbreak"), BG_STR("{\"incidence\":[1,2],\"paths\":2001}"), arena, &out).code == BG_BAD_INPUT,
       "a what-if of many paths is refused");
}

static void all(enum bed_kind kind)
{
    struct ledger_bed *lb = bed_ledger(kind, 5);
    int64_t id = asked(lb);
    refused(lb);
    cancelled(lb, id);
    interrupted(lb);
    decided(lb, id);
    worked(lb);
    bed_ledger_done(lb);
}

int main(void)
{
    json_init();
    what_if();
    all(BED_SQLITE);
    if (bed_has_postgres()) {
        all(BED_POSTGRES);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
