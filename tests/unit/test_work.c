/* Work on both engines: items run once when due, again after a crash but without double effect, recur, are set aside; events are
 * handed out in order, at least once, by one of several processes. */
#include "toy.h"
#include "work/work.h"

static bg_err put_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)count;
    return work_put(tx, jobs[0]->in, 1);
}
static const struct store_class put_class = { "toy.put", true, put_run, NULL };

static void put(struct toy_world *w, int64_t id, bg_ms due_at, const char *payload)
{
    const struct work_put put = { 1, id, "toy.due", due_at, bg_str_of(payload) };
    OK(!bg_failed(store_write(w->store, &put_class, &put, NULL, NULL)), "put %s", payload);
}

static bg_err drop_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)jobs;
    (void)count;
    return work_drop(tx, 1, "toy.due", 3);
}
static const struct store_class drop_class = { "toy.drop", true, drop_run, NULL };

/* --- a handler that makes a change under the item's operation id --- */

struct seen {
    struct toy_world *w;
    int runs, daily;
    char last[64];
    enum bg_code fail; /* after the change was made: as if the process had died before the item was taken away */
};

static bg_err run_toy(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    struct seen *seen = ctx;
    seen->runs++;
    (void)snprintf(seen->last, sizeof seen->last, "%.*s", BG_STR_FMT(item->payload));
    const struct toy_in in = { .id = item->id, .add = 1 };
    struct change change;
    toy_change(&change, &toy_hot, &in, 0);
    change.op = work_op(item, 0);
    change.actor = work_actor();
    change.arena = arena;
    bg_err err = change_run(work_journal(work), &change);
    bg_buf_done(&change.reply);
    if (bg_failed(err)) {
        return err;
    }
    return seen->fail != BG_OK ? BG_FAIL(seen->fail) : BG_DONE;
}

static bg_err run_daily(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)work;
    (void)item;
    (void)arena;
    ((struct seen *)ctx)->daily++;
    return BG_DONE;
}

static struct work *open_work(struct toy_world *w, struct seen *seen)
{
    struct work *work = NULL;
    bg_err err = work_open(&(struct work_opts){ .journal = w->journal, .no_thread = true }, &work);
    err = bg_failed(err) ? err : work_register(work, &(struct work_kind){ .name = "toy.due", .run = run_toy, .ctx = seen });
    err = bg_failed(err)
              ? err
              : work_register(work, &(struct work_kind){
                                        .name = "toy.daily", .run = run_daily, .ctx = seen, .daily = true, .daily_min = 8 * 60 });
    OK(!bg_failed(err), "opens");
    return work;
}

static void step(struct work *work)
{
    size_t done;
    do {
        done = 0;
        bg_ignore(work_step(work, &done));
    } while (done > 0);
}

static void items(struct toy_world *w)
{
    struct seen seen = { .w = w };
    struct work *work = open_work(w, &seen);
    put(w, 1, w->sim.now + 5000, "a");
    put(w, 2, w->sim.now + 5000, "b");
    put(w, 3, w->sim.now + 5000, "c");
    put(w, 2, w->sim.now + 9000, "later");
    OK(!bg_failed(store_write(w->store, &drop_class, NULL, NULL, NULL)), "one is dropped");
    bg_ms next;
    OK(!bg_failed(work_next(work, &next)) && next <= w->sim.now + 5000, "the next moment is known");
    step(work);
    OK(seen.runs == 0, "nothing runs before it is due");
    w->sim.now += 5000;
    step(work);
    OK(seen.runs == 1 && strcmp(seen.last, "a") == 0, "what is due runs, with its payload");
    w->sim.now += 4000;
    step(work);
    OK(seen.runs == 2 && strcmp(seen.last, "later") == 0, "what was moved runs then");
    w->sim.now += 100000;
    step(work);
    OK(seen.runs == 2, "and once");
    work_close(work);
}

/* A process that died in the middle: its lease ends, the next runs the item again, the change is not made twice. */
static void crash(struct toy_world *w)
{
    struct seen seen = { .w = w, .fail = BG_INTERNAL };
    struct work *work = open_work(w, &seen);
    put(w, 5, w->sim.now, "once");
    size_t done;
    bg_ignore(work_step(work, &done));
    int runs = seen.runs;
    seen.fail = BG_OK;
    w->sim.now += 60000;
    step(work);
    OK(runs == 1 && seen.runs == 2 && toy_int(w, "SELECT qty FROM toy WHERE id = 5") == 1, "run twice, done once");
    seen.fail = BG_BAD_MOVE;
    put(w, 6, w->sim.now, "refused");
    for (int i = 0; i < 30; i++) {
        w->sim.now += 3600000;
        bg_ignore(work_step(work, &done));
    }
    OK(seen.runs == 12, "a refusal is tried ten times (%d)", seen.runs - 2);
    int64_t stuck = 0;
    STORE_SCOPED_READ tx = NULL;
    bg_ignore(store_read_begin(w->store, 0, &tx));
    OK(!bg_failed(work_stuck(tx, &stuck)) && stuck == 1, "then set aside, and counted");
    work_close(work);
}

static void recurring(struct toy_world *w)
{
    struct seen seen = { .w = w };
    struct work *work = open_work(w, &seen);
    step(work);
    seen.daily = 0;
    for (int hour = 0; hour < 72; hour++) {
        w->sim.now += 3600000;
        step(work);
    }
    OK(seen.daily == 3, "a daily kind runs once a day (%d in three days)", seen.daily);
    w->sim.now += INT64_C(10) * 86400000;
    step(work);
    OK(seen.daily == 4, "after a long stop once, not for each day missed");
    OK(toy_int(w, "SELECT count(*) FROM journal_head") > 0, "heads are signed by themselves");
    work_close(work);
}

/* Two processes on one database: each item runs in one of them. */
static void two_processes(struct toy_world *w)
{
    struct seen one = { .w = w }, two = { .w = w };
    struct work *first = open_work(w, &one), *second = open_work(w, &two);
    for (int64_t i = 0; i < 40; i++) {
        const struct work_put put = { 1, 20 + i, "toy.due", w->sim.now, BG_STR("x") };
        bg_ignore(store_write(w->store, &put_class, &put, NULL, NULL));
    }
    for (int i = 0; i < 10; i++) {
        size_t done;
        bg_ignore(work_step(first, &done));
        bg_ignore(work_step(second, &done));
    }
    OK(one.runs + two.runs == 40 && one.runs > 0 && two.runs > 0, "40 items: %d here, %d there", one.runs, two.runs);
    OK(toy_int(w, "SELECT sum(qty) FROM toy WHERE id >= 20") == 40, "each done once");
    work_close(first);
    work_close(second);
}

/* --- events --- */

struct heard {
    int64_t positions[64];
    int count, fail_at;
};

static bg_err hear(struct work *work, const struct journal_event *event, struct bg_arena *arena, void *ctx)
{
    (void)work;
    (void)arena;
    struct heard *heard = ctx;
    if (heard->count == heard->fail_at) {
        heard->fail_at = -1;
        return BG_FAIL(BG_BUSY);
    }
    if (heard->count < 64) {
        heard->positions[heard->count++] = event->position;
    }
    return BG_DONE;
}

static struct work *open_hearing(struct toy_world *w, struct heard *heard, const char *prefix)
{
    struct work *work = NULL;
    bg_err err = work_open(&(struct work_opts){ .journal = w->journal, .no_thread = true }, &work);
    err = bg_failed(err)
              ? err
              : work_subscribe(work,
                               &(struct work_subscription){ .name = "toy.hearing", .prefix = prefix, .run = hear, .ctx = heard });
    OK(!bg_failed(err), "subscribed");
    return work;
}

static void move_some(struct toy_world *w, int count, uint64_t op)
{
    for (int i = 0; i < count; i++) {
        bg_ignore(toy_run(w, &toy_hot, (struct toy_in){ .id = 7, .add = 1 }, op + (uint64_t)i, NULL));
    }
    bg_ignore(journal_sequence(w->journal));
}

static void events(struct toy_world *w)
{
    struct heard heard = { .fail_at = 2 }, other = { .fail_at = -1 };
    bg_ignore(journal_sequence(w->journal)); /* what the tests before have left waiting */
    struct work *work = open_hearing(w, &heard, "toy.");
    int64_t start = journal_head_position(w->journal);
    move_some(w, 5, 70000);
    step(work);
    OK(heard.count == 2, "a failing handler holds the later entries back (%d)", heard.count);
    struct work *second = open_hearing(w, &other, "toy.");
    step(second);
    OK(other.count == 0, "another process waits for the lease");
    w->sim.now += 10000;
    step(work);
    OK(heard.count == 5 && heard.positions[0] == start + 1 && heard.positions[4] == start + 5, "then all come, in order");
    work_close(work);
    move_some(w, 3, 71000);
    w->sim.now += 120000;
    step(second);
    OK(other.count == 3 && other.positions[0] == start + 6, "after the first is gone the second goes on where it stopped");
    work_close(second);
}

/* The thread, by the real clock. */
static void thread(struct toy_world *w)
{
    struct heard heard = { .fail_at = -1 };
    struct work *work = NULL;
    w->sim.now += 120000;
    bg_ignore(journal_sequence(w->journal));
    bg_err err = work_open(&(struct work_opts){ .journal = w->journal }, &work);
    err = bg_failed(err)
              ? err
              : work_subscribe(work,
                               &(struct work_subscription){ .name = "toy.thread", .prefix = "toy.", .run = hear, .ctx = &heard });
    err = bg_failed(err) ? err : work_start(work);
    OK(!bg_failed(err), "the thread starts");
    move_some(w, 4, 72000);
    static const char cursor[] = "SELECT position FROM work_cursor WHERE name = 'toy.thread'";
    for (int i = 0; i < 400 && toy_int(w, cursor) < journal_head_position(w->journal); i++) {
        (void)usleep(25000);
    }
    work_close(work);
    OK(heard.count == 4, "and hands out what happens");
}

static void on_engine(const char *server)
{
    struct toy_world w;
    bool begun = toy_begin(&w, server);
    OK(begun, "%s opens", server == NULL ? "SQLite" : "PostgreSQL");
    if (begun) {
        items(&w);
        crash(&w);
        recurring(&w);
        two_processes(&w);
        events(&w);
        thread(&w);
    }
    toy_end(&w);
}

int main(void)
{
    const struct work_item item = { .city = 1, .id = 2, .kind = BG_STR("toy.due"), .due_at = TOY_START };
    struct work_item later = item;
    later.due_at++;
    bg_op_id a = work_op(&item, 0), again = work_op(&item, 0), b = work_op(&item, 1), c = work_op(&later, 0);
    OK(memcmp(&a, &again, sizeof a) == 0 && memcmp(&a, &b, sizeof a) != 0 && memcmp(&a, &c, sizeof a) != 0,
       "operation ids are the same for the same run only");
    on_engine(NULL);
    if (getenv("BAOGONG_TEST_PG") != NULL) {
        on_engine(getenv("BAOGONG_TEST_PG"));
    } else {
        SKIP("PostgreSQL: BAOGONG_TEST_PG is not set");
    }
    return TAP_DONE();
}
