/* What the store promises, tried on both engines by the same code. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "store_bed.h"
#include "store_catalogue.h"
#include "tap.h"

#define CITY INT64_C(330100)

static struct store *open_with(struct bed *bed, const struct sql_catalogue *catalogue, bg_err *ret_err)
{
    static struct bg_log silent = { .fd = -1, .least = BG_INFO, .env = &bg_env_real };
    silent.fd = getenv("STORE_TEST_LOG") != NULL ? 2 : -1;
    struct store *store = NULL;
    *ret_err = store_open(&(struct store_opts){ .address = bed->address, .env = &bg_env_real, .log = &silent, .catalogue = catalogue,
                                                .queue_max = 64 },
                          &store);
    return store;
}

static struct store *open_fresh(struct bed *bed)
{
    bg_err err;
    (void)bed_fresh(bed);
    struct store *store = open_with(bed, &test_catalogue, &err);
    OK(store != NULL, "%s: a fresh store opens (%s)", bed->name, bg_errors[err.code].slug);
    return store;
}

/* --- small writes: a rare class whose `in` is a function --- */

struct act {
    bg_err (*fn)(struct store_tx *tx);
};
static bg_err run_act(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    OK(count == 1, "a rare class gets one job");
    jobs[0]->err = ((const struct act *)jobs[0]->in)->fn(tx);
    return BG_DONE;
}
static const struct store_class act_class = { .name = "act", .rare = true, .run = run_act };

static enum bg_code act(struct store *store, bg_err (*fn)(struct store_tx *tx))
{
    return store_write(store, &act_class, &(struct act){ fn }, NULL, NULL).code;
}

static int64_t number(struct store *store, const char *sql)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false;
    int64_t value = -1;
    if (!bg_failed(store_read_begin(store, 0, &tx)) && !bg_failed(store_query_text(tx, sql, NO_ARGS, &rows)) &&
        !bg_failed(store_next(rows, &more)) && more) {
        value = store_int(rows, 0);
    }
    return value;
}

/* --- types --- */

static const char bytes[] = { 0, 1, (char)0xff, 'x', 0 };

static bg_err put_types(struct store_tx *tx)
{
    int64_t changed = -1;
    BG_TRY(store_run(tx, TSQL(T_PUT),
                     ARGS(V_INT(CITY), V_INT(INT64_MAX), V_TEXT(BG_STR("防护服 'a\\b")), V_BYTES(bytes, sizeof bytes), V_INT(7)),
                     &changed));
    OK(changed == 1, "one row changed");
    BG_TRY(store_run(tx, TSQL(T_PUT), ARGS(V_INT(CITY), V_INT(INT64_MIN), V_TEXT(BG_STR("")), V_BYTES("", 0), V_INT(0)), NULL));
    return store_run(tx, TSQL(T_PUT), ARGS(V_INT(-1), V_INT(0), V_NULL, V_NULL, V_INT(INT64_MAX)), NULL);
}

static void test_types(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    OK(act(store, put_types) == BG_OK, "%s: values of every type are stored", bed->name);
    STORE_SCOPED_READ tx = NULL;
    struct store_rows *rows = NULL;
    bool more = false;
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "a reader");
    OK(!bg_failed(store_query(tx, TSQL(T_GET), ARGS(V_INT(CITY), V_INT(INT64_MAX)), &rows)), "query");
    OK(!bg_failed(store_next(rows, &more)) && more, "a row");
    OK(bg_str_is(store_text(rows, 0), "防护服 'a\\b"), "text comes back");
    OK(store_text(rows, 1).len == sizeof bytes && memcmp(store_text(rows, 1).at, bytes, sizeof bytes) == 0, "bytes come back");
    OK(store_int(rows, 2) == 7 && !store_is_null(rows, 2) && store_int(rows, 3) == CITY, "integers come back");
    OK(bg_str_is(store_text(rows, 3), "330100") && bg_str_is(store_text(rows, 2), "7"), "an integer read as text is decimal");
    OK(!bg_failed(store_next(rows, &more)) && !more, "and no second row");
    store_rows_done(rows);
    OK(!bg_failed(store_query(tx, TSQL(T_GET), ARGS(V_INT(CITY), V_INT(INT64_MIN)), &rows)), "query again");
    OK(!bg_failed(store_next(rows, &more)) && more && !store_is_null(rows, 0) && !store_is_null(rows, 1), "empty is not NULL");
    OK(store_text(rows, 0).len == 0 && store_text(rows, 1).len == 0, "empty is empty");
    store_rows_done(rows);
    OK(!bg_failed(store_query(tx, TSQL(T_GET), ARGS(V_INT(-1), V_INT(0)), &rows)), "query NULLs");
    OK(!bg_failed(store_next(rows, &more)) && more && store_is_null(rows, 0) && store_is_null(rows, 1), "NULL is NULL");
    OK(store_int(rows, 0) == 0 && store_text(rows, 0).len == 0, "NULL reads as 0 and empty");
    OK(store_int(rows, 2) == INT64_MAX, "the largest integer");
    store_rows_done(rows);
    int64_t sum = -1;
    OK(!bg_failed(store_get_int(tx, TSQL(T_SUM), ARGS(V_INT(-1)), &sum, NULL)) && sum == INT64_MAX, "a sum is an integer");
    OK(!bg_failed(store_get_int(tx, TSQL(T_SUM), ARGS(V_INT(-2)), &sum, NULL)) && sum == 0, "a sum of nothing is NULL, so 0");
    bool found = true;
    OK(!bg_failed(store_get_int(tx, TSQL(T_GET), ARGS(V_INT(1), V_INT(1)), &sum, &found)) && !found, "not found is told");
    OK(store_get_int(tx, TSQL(T_GET), ARGS(V_INT(1), V_INT(1)), &sum, NULL).code == BG_NOT_FOUND, "or is an error");
    OK(!bg_failed(store_query_text(tx, "SELECT CAST(?2 AS TEXT), CAST(?1 AS BIGINT), '?1'", ARGS(V_INT(5), V_TEXT(BG_STR("甲"))), &rows)),
       "text with parameters");
    OK(!bg_failed(store_next(rows, &more)) && more && bg_str_is(store_text(rows, 0), "甲") && store_int(rows, 1) == 5, "in any order");
    OK(bg_str_is(store_text(rows, 2), "?1"), "a quoted ?1 is no parameter");
    store_read_end(tx);
    tx = NULL;
    store_close(store);
}

/* --- many --- */

#define MANY 1000
static bg_err put_many(struct store_tx *tx)
{
    static struct store_val values[MANY * 5];
    static char names[MANY][16];
    for (int i = 0; i < MANY; i++) {
        int len = snprintf(names[i], sizeof names[i], "n%d", i);
        values[i * 5] = V_INT(CITY);
        values[i * 5 + 1] = V_INT(i);
        values[i * 5 + 2] = V_TEXT(((bg_str){ names[i], (size_t)len }));
        values[i * 5 + 3] = i % 3 == 0 ? V_NULL : V_BYTES(bytes, (size_t)(i % 5));
        values[i * 5 + 4] = V_INT(i * 10);
    }
    BG_TRY(store_run_many(tx, TSQL(T_PUT), values, 5, MANY));
    for (int i = 0; i < MANY; i++) {
        values[i * 3] = V_INT(CITY);
        values[i * 3 + 1] = V_INT(i);
        values[i * 3 + 2] = V_INT(1);
    }
    BG_TRY(store_run_many(tx, TSQL(T_ADD_MANY), values, 3, MANY));
    return store_run_many(tx, TSQL(T_ADD_MANY), values, 3, 0);
}

static void test_many(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    OK(act(store, put_many) == BG_OK, "%s: many rows in one call", bed->name);
    OK(number(store, "SELECT sum(qty) FROM thing") == 999 * 500 * 10 + 1000, "all are there, each added to once");
    OK(number(store, "SELECT count(*) FROM thing WHERE body IS NULL") == 334, "NULLs among them");
    STORE_SCOPED_READ tx = NULL;
    struct store_rows *rows = NULL;
    bool more = false;
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "a reader");
    char name[8] = "n900";
    struct store_val keys[] = { V_INT(CITY), V_INT(5), V_NULL, V_INT(CITY), V_INT(-1), V_NULL, V_INT(CITY), V_INT(7),
                                V_TEXT(((bg_str){ name, 4 })), V_INT(CITY), V_INT(5), V_NULL };
    OK(!bg_failed(store_query_many(tx, TSQL(T_FIND), keys, 3, 4, &rows)), "many keys");
    memset(name, 'z', sizeof name); /* the values need not live on */
    static const struct {
        size_t key;
        int64_t id;
    } expected[] = { { 0, 5 }, { 2, 7 }, { 2, 900 }, { 3, 5 } };
    size_t seen = 0;
    for (; !bg_failed(store_next(rows, &more)) && more && seen < 4; seen++) {
        OK(store_key(rows) == expected[seen].key && store_int(rows, 0) == expected[seen].id, "row %zu answers key %zu", seen,
           expected[seen].key);
        OK(store_int(rows, 1) == expected[seen].id * 10 + 1 && store_text(rows, 2).at[0] == 'n', "its columns start behind the key");
    }
    OK(seen == 4 && !more, "every key was answered, the missing one by no row");
    store_rows_done(rows);
    OK(!bg_failed(store_query_many(tx, TSQL(T_FIND), keys, 3, 0, &rows)), "no keys");
    OK(!bg_failed(store_next(rows, &more)) && !more, "no rows");
    store_rows_done(rows);
    /* the same statement twice at once */
    struct store_rows *inner = NULL;
    int64_t pairs = 0;
    bool inner_more;
    OK(!bg_failed(store_query(tx, TSQL(T_LIST), ARGS(V_INT(CITY), V_INT(3)), &rows)), "outer");
    while (!bg_failed(store_next(rows, &more)) && more) {
        if (bg_failed(store_query(tx, TSQL(T_LIST), ARGS(V_INT(CITY), V_INT(4)), &inner))) {
            break;
        }
        while (!bg_failed(store_next(inner, &inner_more)) && inner_more) {
            pairs++;
        }
        store_rows_done(inner);
    }
    OK(pairs == 12, "one statement may be read twice at the same time");
    store_read_end(tx); /* closes what is open */
    tx = NULL;
    store_close(store);
}

/* --- constraints --- */

static bg_err put_one(struct store_tx *tx, int64_t id, const char *name, int64_t qty)
{
    return store_run(tx, TSQL(T_PUT), ARGS(V_INT(CITY), V_INT(id), V_TEXT(bg_str_of(name)), V_NULL, V_INT(qty)), NULL);
}
static bg_err put_a(struct store_tx *tx)
{
    return put_one(tx, 1, "a", 10);
}
static bg_err put_twice(struct store_tx *tx)
{
    BG_TRY(put_one(tx, 2, "b", 10));
    return put_one(tx, 1, "c", 10);
}
static bg_err put_below(struct store_tx *tx)
{
    BG_TRY(put_one(tx, 3, "d", 10));
    return store_run(tx, TSQL(T_ADD), ARGS(V_INT(CITY), V_INT(3), V_INT(-11)), NULL);
}
static bg_err pass_over(struct store_tx *tx)
{
    BG_TRY(put_one(tx, 4, "e", 1));
    bg_ignore(put_one(tx, 1, "f", 1));
    bg_err after = put_one(tx, 5, "g", 1);
    OK(after.code == BG_CONFLICT, "after a failed statement nothing runs");
    return BG_DONE;
}
static bg_err fail_inside(struct store_tx *tx, void *ctx)
{
    (void)ctx;
    BG_TRY(put_one(tx, 7, "h", 1));
    return put_one(tx, 1, "i", 1);
}
static bg_err succeed_inside(struct store_tx *tx, void *ctx)
{
    (void)ctx;
    return put_one(tx, 8, "j", 1);
}
static bg_err attempt_both(struct store_tx *tx)
{
    BG_TRY(put_one(tx, 6, "k", 1));
    bg_err err = store_attempt(tx, fail_inside, NULL);
    OK(err.code == BG_CONFLICT, "an attempt's error is returned");
    return store_attempt(tx, succeed_inside, NULL);
}
static bg_err change_entry(struct store_tx *tx)
{
    return store_run_text(tx, "UPDATE entry SET words = 'other'", NO_ARGS, NULL);
}
static bg_err delete_entry(struct store_tx *tx)
{
    return store_run_text(tx, "DELETE FROM entry WHERE id = ?1", ARGS(V_INT(1)), NULL);
}
static bg_err replace_entry(struct store_tx *tx)
{
    return store_run_text(tx,
                          "INSERT INTO entry (city, id, words) VALUES (1, 1, 'other')"
                          " ON CONFLICT (city, id) DO UPDATE SET words = excluded.words",
                          NO_ARGS, NULL);
}
static bg_err add_entry(struct store_tx *tx)
{
    return store_run(tx, TSQL(T_ENTRY), ARGS(V_INT(1), V_INT(1), V_TEXT(BG_STR("first"))), NULL);
}

static void test_constraints(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    OK(act(store, put_a) == BG_OK, "%s: a row", bed->name);
    OK(act(store, put_twice) == BG_CONFLICT, "its key again is a conflict");
    OK(act(store, put_below) == BG_STORE_CHECK, "a check refuses");
    OK(number(store, "SELECT count(*) FROM thing") == 1, "and both left nothing behind");
    OK(act(store, pass_over) == BG_CONFLICT, "a failed statement fails the job although it was passed over");
    OK(number(store, "SELECT count(*) FROM thing") == 1, "with all it did");
    OK(act(store, attempt_both) == BG_OK, "an attempt fails alone");
    OK(number(store, "SELECT sum(id) FROM thing") == 1 + 6 + 8, "what stays is the rest");
    OK(act(store, add_entry) == BG_OK, "a table that may only grow grows");
    OK(act(store, change_entry) == BG_STORE_CHECK, "its rows are not changed");
    OK(act(store, delete_entry) == BG_STORE_CHECK, "nor deleted");
    OK(act(store, replace_entry) == BG_STORE_CHECK, "nor written over");
    OK(number(store, "SELECT count(*) FROM entry WHERE words = 'first'") == 1, "it is as it was");
    STORE_SCOPED_READ tx = NULL;
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "a reader");
    OK(bg_failed(store_run_text(tx, "DELETE FROM thing", NO_ARGS, NULL)), "a reader writes nothing");
    store_read_end(tx);
    tx = NULL;
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "a reader");
    OK(bg_failed(store_run_text(tx, "DELETE FROM thing WHERE id > ?1", ARGS(V_INT(0)), NULL)), "nor by a parameter");
    store_read_end(tx);
    tx = NULL;
    OK(number(store, "SELECT count(*) FROM thing") == 3, "indeed");
    store_close(store);
}

/* --- snapshots --- */

static bg_err add_ten(struct store_tx *tx)
{
    int64_t changed = 0;
    BG_TRY(store_run(tx, TSQL(T_ADD), ARGS(V_INT(CITY), V_INT(1), V_INT(10)), &changed));
    return changed == 1 ? BG_DONE : BG_FAIL(BG_NOT_FOUND);
}

static void test_snapshots(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    int64_t first = 0, second = 0;
    OK(act(store, put_a) == BG_OK, "%s: a row", bed->name);
    struct store_tx *tx = NULL;
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "a snapshot");
    OK(store_of(tx) == store, "knows its store");
    OK(!bg_failed(store_get_int(tx, TSQL(T_SUM), ARGS(V_INT(CITY)), &first, NULL)) && first == 10, "sees the row");
    OK(act(store, add_ten) == BG_OK, "a write beside it");
    OK(!bg_failed(store_get_int(tx, TSQL(T_SUM), ARGS(V_INT(CITY)), &second, NULL)) && second == 10, "is not seen in it");
    store_read_end(tx);
    OK(number(store, "SELECT sum(qty) FROM thing") == 20, "but after it");
    struct store_tx *all[4];
    for (int i = 0; i < 4; i++) {
        OK(!bg_failed(store_read_begin(store, 0, &all[i])), "reader %d", i);
    }
    OK(store_read_begin(store, 0, &tx).code == BG_BUSY, "a fifth waits and is told busy");
    for (int i = 0; i < 4; i++) {
        store_read_end(all[i]);
    }
    OK(!bg_failed(store_read_begin(store, 50, &tx)), "a reader with a budget");
    bg_err slow = store_get_int(tx, TSQL(T_SLOW), ARGS(V_INT(INT64_C(100000000000))), &first, NULL);
    OK(slow.code == BG_STORE_SLOW, "a slow query is interrupted");
    store_read_end(tx);
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "the reader again");
    OK(!bg_failed(store_get_int(tx, TSQL(T_SLOW), ARGS(V_INT(20000)), &first, NULL)) && first == 20000, "works on without one");
    store_read_end(tx);
    store_close(store);
}

/* --- batches --- */

#define JOBS 60
struct tally {
    _Atomic int order, committed, runs;
    int seen[JOBS], largest;
    _Atomic int done;
    sem_t all, gate, held;
    bool fail_whole;
};
struct one {
    struct store_job job;
    struct tally *tally;
    int64_t id, qty;
    int committed_at;
};

/* A batch: refuses odd quantities, writes the others set-based. */
static bg_err run_batch(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    struct store_val values[256 * 5];
    size_t rows = 0;
    struct tally *tally = jobs[0]->ctx;
    tally->runs++;
    tally->largest = (int)count > tally->largest ? (int)count : tally->largest;
    for (size_t i = 0; i < count; i++) {
        const struct one *one = jobs[i]->in;
        tally->seen[one->id] = tally->order++;
        if (one->qty % 2 != 0) {
            jobs[i]->err = BG_FAIL(BG_BAD_INPUT);
            continue;
        }
        values[rows * 5] = V_INT(CITY);
        values[rows * 5 + 1] = V_INT(one->id);
        values[rows * 5 + 2] = V_NULL;
        values[rows * 5 + 3] = V_NULL;
        values[rows * 5 + 4] = V_INT(one->qty);
        rows++;
    }
    BG_TRY(store_run_many(tx, TSQL(T_PUT), values, 5, rows));
    return tally->fail_whole ? BG_FAIL(BG_NO_MEMORY) : BG_DONE;
}
static void note_committed(struct store_job **jobs, size_t count)
{
    struct tally *tally = jobs[0]->ctx;
    for (size_t i = 0; i < count; i++) {
        OK(tally->done == 0, "committed comes before any done");
        tally->committed++;
    }
}
static void note_done(struct store_job *job)
{
    struct tally *tally = job->ctx;
    if (++tally->done == JOBS) {
        sem_post(&tally->all);
    }
}
static bg_err run_gate(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)tx;
    (void)count;
    sem_post(&((struct tally *)jobs[0]->ctx)->held);
    while (sem_wait(&((struct tally *)jobs[0]->ctx)->gate) != 0) {
    }
    return BG_DONE;
}
static void note_nothing(struct store_job *job)
{
    (void)job;
}
static const struct store_class batch_class = { .name = "batch", .run = run_batch, .committed = note_committed };
static const struct store_class gate_class = { .name = "gate", .rare = true, .run = run_gate };

/* Holds the writer inside a job of its own, so that what is submitted then comes in one batch. */
static void hold_writer(struct store *store, struct tally *tally, struct store_job *gate, void (*done)(struct store_job *job))
{
    sem_init(&tally->all, 0, 0);
    sem_init(&tally->gate, 0, 0);
    sem_init(&tally->held, 0, 0);
    *gate = (struct store_job){ .class = &gate_class, .ctx = tally, .done = done };
    OK(!bg_failed(store_submit(store, gate)), "the writer is held");
    while (sem_wait(&tally->held) != 0) {
    }
}

static void submit_all(struct store *store, struct tally *tally, struct one *ones, int count)
{
    struct store_job gate;
    hold_writer(store, tally, &gate, note_nothing);
    for (int i = 0; i < count; i++) {
        ones[i].job = (struct store_job){ .class = &batch_class, .in = &ones[i], .ctx = tally, .done = note_done };
        if (bg_failed(store_submit(store, &ones[i].job))) {
            OK(false, "submit %d", i);
        }
    }
    OK(store_stats(store).waiting == count, "they wait");
    sem_post(&tally->gate);
    while (sem_wait(&tally->all) != 0) {
    }
}

static void test_batches(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    struct tally tally = { 0 };
    struct one ones[JOBS];
    for (int i = 0; i < JOBS; i++) {
        ones[i] = (struct one){ .id = i, .qty = i };
    }
    submit_all(store, &tally, ones, JOBS);
    bool ordered = true, answered = true;
    for (int i = 0; i < JOBS; i++) {
        ordered &= tally.seen[i] == i;
        answered &= ones[i].job.err.code == (i % 2 != 0 ? BG_BAD_INPUT : BG_OK);
    }
    OK(ordered, "%s: jobs run in the order they were queued", bed->name);
    OK(answered, "each has its own answer");
    OK(tally.runs == 1 && tally.largest == JOBS, "what waits is one batch (%d runs)", tally.runs);
    OK(tally.committed == JOBS, "committed saw them all");
    OK(number(store, "SELECT count(*) FROM thing") == JOBS / 2, "refusals had no effects");
    struct store_stats stats = store_stats(store);
    OK(stats.jobs == JOBS + 1 && stats.commits >= 1 && stats.waiting == 0, "the counters count");
    tally = (struct tally){ .fail_whole = true };
    for (int i = 0; i < JOBS; i++) {
        ones[i] = (struct one){ .id = i, .qty = 1000 };
    }
    submit_all(store, &tally, ones, JOBS);
    OK(ones[0].job.err.code == BG_CONFLICT && ones[JOBS - 1].job.err.code == BG_CONFLICT, "a failed statement fails the whole batch");
    OK(tally.committed == 0, "which is not committed");
    store_close(store);
}

/* --- classes side by side --- */

static bg_err run_other(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        BG_TRY(store_run(tx, TSQL(T_ENTRY), ARGS(V_INT(2), V_INT(*(const int64_t *)jobs[i]->in), V_TEXT(BG_STR("x"))), NULL));
    }
    return *(const int64_t *)jobs[0]->in >= 100 ? BG_FAIL(BG_STORE_SLOW) : BG_DONE;
}
static void post_all(struct store_job *job)
{
    sem_post(&((struct tally *)job->ctx)->all);
}
static const struct store_class other_class = { .name = "other", .run = run_other };
static const struct store_class third_class = { .name = "third", .run = run_other };

static void test_classes(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    struct tally tally = { 0 };
    struct store_job gate;
    hold_writer(store, &tally, &gate, note_nothing);
    static const int64_t numbers[] = { 1, 100, 2, 101 };
    struct act a = { put_a }, twice = { put_twice };
    struct store_job jobs[] = {
        { .class = &other_class, .in = &numbers[0], .ctx = &tally, .done = post_all },
        { .class = &third_class, .in = &numbers[1], .ctx = &tally, .done = post_all },
        { .class = &other_class, .in = &numbers[2], .ctx = &tally, .done = post_all },
        { .class = &act_class, .in = &a, .ctx = &tally, .done = post_all },
        { .class = &act_class, .in = &twice, .ctx = &tally, .done = post_all },
        { .class = &third_class, .in = &numbers[3], .ctx = &tally, .done = post_all },
    };
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        OK(!bg_failed(store_submit(store, &jobs[i])), "submit");
    }
    sem_post(&tally.gate);
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        while (sem_wait(&tally.all) != 0) {
        }
    }
    OK(!bg_failed(jobs[0].err) && !bg_failed(jobs[2].err), "%s: one class succeeds", bed->name);
    OK(jobs[1].err.code == BG_STORE_SLOW && jobs[5].err.code == BG_STORE_SLOW, "another beside it fails as a whole");
    OK(!bg_failed(jobs[3].err) && jobs[4].err.code == BG_CONFLICT, "a rare job fails alone");
    OK(number(store, "SELECT sum(id) FROM entry") == 3, "only what succeeded is there");
    OK(number(store, "SELECT count(*) FROM thing") == 1, "and of the rare ones too");
    store_close(store);
}

/* --- running again --- */

static bg_err ask_again(struct store_tx *tx, void *ctx)
{
    (void)ctx;
    store_again(tx);
    return BG_FAIL(BG_CONFLICT);
}
static bg_err run_again(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)count;
    struct tally *tally = jobs[0]->ctx;
    BG_TRY(put_one(tx, 50, "again", 1));
    switch (tally->runs++) {
    case 0:
        store_again(tx);
        return BG_FAIL(BG_CONFLICT);
    case 1:
        store_again(tx);
        jobs[0]->err = BG_FAIL(BG_CONFLICT);
        return BG_DONE;
    case 2:
        jobs[0]->err = store_attempt(tx, ask_again, NULL);
        return BG_DONE;
    default:
        return BG_DONE;
    }
}
static bg_err run_always(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)count;
    ((struct tally *)jobs[0]->ctx)->runs++;
    BG_TRY(put_one(tx, 51, "always", 1));
    store_again(tx);
    return BG_FAIL(BG_CONFLICT);
}
static const struct store_class again_class = { .name = "again", .rare = true, .run = run_again };
static const struct store_class always_class = { .name = "always", .run = run_always };

static void test_again(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    struct tally tally = { 0 };
    OK(!bg_failed(store_write(store, &again_class, NULL, NULL, &tally)) && tally.runs == 4, "%s: a job may ask to run again", bed->name);
    OK(number(store, "SELECT count(*) FROM thing") == 1, "and is done once");
    tally.runs = 0;
    OK(store_write(store, &always_class, NULL, NULL, &tally).code == BG_CONFLICT && tally.runs == 6, "but five times at most");
    OK(number(store, "SELECT count(*) FROM thing") == 1, "and then has done nothing");
    store_close(store);
}

/* --- memory that runs out --- */

/* Opens, reads, closes with the n-th allocation of this thread failing. True when all went well because fewer were made. */
static bool survive(struct bed *bed, uint64_t n)
{
    bg_err err;
    int64_t found = 0;
    bg_heap_fail_after(n);
    struct store *store = open_with(bed, &test_catalogue, &err);
    if (store != NULL) {
        struct store_tx *tx = NULL;
        err = store_read_begin(store, 0, &tx);
        if (!bg_failed(err)) {
            err = store_get_int(tx, TSQL(T_SUM), ARGS(V_INT(CITY)), &found, NULL);
        }
        store_read_end(tx);
        store_close(store);
    }
    bg_heap_fail_after(0);
    if (bg_failed(err) && err.code != BG_NO_MEMORY && err.code != BG_TOO_LARGE) {
        OK(false, "allocation %d: %s", (int)n, bg_errors[err.code].slug);
    }
    return !bg_failed(err) && found == 10;
}

static void test_memory(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    OK(act(store, put_a) == BG_OK, "%s: a row", bed->name);
    store_close(store);
    uint64_t n = 1;
    while (n < 1000 && !survive(bed, n)) {
        n++;
    }
    OK(n > 5 && n < 1000, "each of %d allocations may fail: a clean error, nothing lost, nothing leaked", (int)n - 1);
}

/* --- the queue --- */

static void test_queue(struct bed *bed)
{
    struct store *store = open_fresh(bed);
    struct tally tally = { 0 };
    struct store_job gate, jobs[80];
    hold_writer(store, &tally, &gate, post_all);
    int64_t numbers[80];
    for (int i = 0; i < 80; i++) {
        numbers[i] = i;
    }
    int accepted = 0;
    bg_err last = BG_DONE;
    for (int i = 0; i < 80 && !bg_failed(last); i++) {
        jobs[i] = (struct store_job){ .class = &other_class, .in = &numbers[i], .ctx = &tally, .done = post_all };
        last = store_submit(store, &jobs[i]);
        accepted += !bg_failed(last);
    }
    OK(last.code == BG_BUSY && accepted == 64, "%s: a full queue is busy (%d accepted)", bed->name, accepted);
    sem_post(&tally.gate);
    store_close(store); /* drains */
    int done = 0;
    while (sem_trywait(&tally.all) == 0) {
        done++;
    }
    OK(done == accepted + 1, "closing answers everything that was accepted");
    bg_err err;
    store = open_with(bed, &test_catalogue, &err);
    OK(store != NULL && number(store, "SELECT count(*) FROM entry") == accepted, "and it is all there after opening again");
    store_close(store);
}

/* --- migrations --- */

static void test_upgrades(struct bed *bed)
{
    bg_err err;
    BG_SCOPED_BUF words = bg_buf_init(4096);
    struct store *store = open_fresh(bed);
    OK(!bg_failed(store_schema(store, &words)), "%s: the schema as JSON", bed->name);
    OK(bg_str_is(bg_buf_str(&words), "{\"base\":1,\"store\":1}"), "names each module's number: %.*s", BG_STR_FMT(bg_buf_str(&words)));
    OK(strstr(store_engine(store), bed->kind == BED_SQLITE ? "SQLite 3." : "PostgreSQL 1") != NULL, "the engine names itself: %s",
       store_engine(store));
    OK(store_is_postgres(store) == (bed->kind == BED_POSTGRES), "and knows which it is");
    OK(act(store, put_a) == BG_OK, "a row");
    store_close(store);
    struct store_opts opts = { .address = bed->address, .env = &bg_env_real, .catalogue = &test_catalogue_next, .no_migrate = true };
    OK(store_open(&opts, &store).code == BG_STORE_OLD, "an older schema is left alone when told so");
    opts = (struct store_opts){ .address = bed->address, .env = &bg_env_real, .catalogue = &test_catalogue_next, .read_only = true };
    OK(store_open(&opts, &store).code == BG_STORE_OLD, "and by a reader");
    store = open_with(bed, &test_catalogue_broken, &err);
    OK(store == NULL && bg_failed(err), "a broken migration does not open");
    store = open_with(bed, &test_catalogue, &err);
    OK(store != NULL, "and none of the upgrade is left: the old program opens");
    store_close(store);
    store = open_with(bed, &test_catalogue_next, &err);
    OK(store != NULL && number(store, "SELECT count(*) FROM thing WHERE colour IS NULL") == 1, "an upgrade keeps the rows");
    store_close(store);
    store = open_with(bed, &test_catalogue_next, &err);
    OK(store != NULL, "opening again changes nothing");
    store_close(store);
    store = open_with(bed, &test_catalogue, &err);
    OK(store == NULL && err.code == BG_STORE_FUTURE, "an older program refuses a newer database");
    struct sql_migration changed[3];
    memcpy(changed, test_migrations, sizeof changed);
    changed[1].source = "CREATE TABLE entry differently";
    struct sql_catalogue other = { test_statements, T_COUNT, changed, 3 };
    store = open_with(bed, &other, &err);
    OK(store == NULL && err.code == BG_STORE_FOREIGN, "an applied migration may not change");
    opts = (struct store_opts){ .address = bed->address, .env = &bg_env_real, .catalogue = &test_catalogue_next, .read_only = true };
    OK(!bg_failed(store_open(&opts, &store)) && number(store, "SELECT count(*) FROM thing") == 1, "a read-only store reads");
    struct store_job job = { .class = &batch_class, .done = note_nothing };
    OK(store_submit(store, &job).code == BG_STORE_CLOSED, "and takes no jobs");
    bool ok = false;
    bg_buf_clear(&words);
    OK(!bg_failed(store_check(store, true, &words, &ok)) && ok, "the check finds nothing: %.*s", BG_STR_FMT(bg_buf_str(&words)));
    OK(!bg_failed(store_upkeep(store)), "upkeep of a read-only store does nothing");
    store_close(store);
    store_close(NULL);
}

/* --- every statement of the program --- */

static void test_catalogue_whole(struct bed *bed)
{
    static const struct bg_log log = { .fd = 1, .least = BG_WARN, .env = &bg_env_real };
    struct store *store = NULL;
    (void)bed_fresh(bed);
    bg_err err = store_open(&(struct store_opts){ .address = bed->address, .env = &bg_env_real, .log = &log }, &store);
    OK(!bg_failed(err), "%s: the program's schema is made (%s)", bed->name, bg_errors[err.code].slug);
    if (store == NULL) {
        return;
    }
    BG_SCOPED_BUF words = bg_buf_init(1 << 20);
    bool ok = false;
    err = store_prepare_all(store, &words, &ok);
    OK(!bg_failed(err) && ok, "%s: %d statements prepare with the right parameters: %.*s", bed->name, (int)SQL_COUNT,
       BG_STR_FMT(bg_buf_str(&words)));
    ok = false;
    bg_buf_clear(&words);
    OK(!bg_failed(store_check(store, false, &words, &ok)) && ok, "%s: and the check finds nothing: %.*s", bed->name,
       BG_STR_FMT(bg_buf_str(&words)));
    store_close(store);
}

static void suite(enum bed_kind kind)
{
    struct bed bed = bed_make(kind);
    test_types(&bed);
    test_many(&bed);
    test_constraints(&bed);
    test_snapshots(&bed);
    test_batches(&bed);
    test_classes(&bed);
    test_again(&bed);
    test_memory(&bed);
    test_queue(&bed);
    test_upgrades(&bed);
    test_catalogue_whole(&bed);
    bed_done(&bed);
}

int main(void)
{
    suite(BED_SQLITE);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES);
    } else {
        SKIP("BAOGONG_TEST_PG is not set: PostgreSQL was not tried");
    }
    return TAP_DONE();
}
