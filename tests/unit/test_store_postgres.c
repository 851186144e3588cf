/* What only PostgreSQL has: several servers on one database, retries, a server that goes away, its own types. */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store_bed.h"
#include "store_catalogue.h"
#include "tap.h"

#define CITY INT64_C(1)

static const struct bg_log silent = { .fd = -1, .least = BG_ALERT, .env = &bg_env_real };

static bg_err open_at(const char *address, int lanes, struct store **ret)
{
    return store_open(&(struct store_opts){ .address = address, .env = &bg_env_real, .log = &silent, .catalogue = &test_catalogue,
                                            .lanes = lanes },
                      ret);
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

/* --- writes --- */

static bg_err put_rows(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)jobs;
    (void)count;
    for (int64_t id = 1; id <= 2; id++) {
        BG_TRY(store_run(tx, TSQL(T_PUT), ARGS(V_INT(CITY), V_INT(id), V_NULL, V_NULL, V_INT(0)), NULL));
    }
    return BG_DONE;
}
static const struct store_class put_class = { .name = "put", .run = put_rows };

/* Reads, thinks, writes: two of these at once cannot both be right unless one runs again. */
static bg_err read_and_write(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)jobs;
    (void)count;
    int64_t qty = 0;
    BG_TRY(store_get_int(tx, TSQL(T_SUM), ARGS(V_INT(CITY)), &qty, NULL));
    (void)usleep(1000);
    return store_run_text(tx, "UPDATE thing SET qty = ?2 + 1 WHERE city = ?1 AND id = 1", ARGS(V_INT(CITY), V_INT(qty)), NULL);
}
static const struct store_class rare_class = { .name = "rare", .rare = true, .run = read_and_write };

/* Touches two rows in the order of `in`, so that two servers can lock each other out. */
static bg_err touch_both(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    (void)count;
    int64_t first = *(const int64_t *)jobs[0]->in;
    BG_TRY(store_run(tx, TSQL(T_ADD), ARGS(V_INT(CITY), V_INT(first), V_INT(1)), NULL));
    (void)usleep(50000);
    return store_run(tx, TSQL(T_ADD), ARGS(V_INT(CITY), V_INT(3 - first), V_INT(1)), NULL);
}
static const struct store_class touch_class = { .name = "touch", .run = touch_both };

struct worker {
    struct store *store;
    const struct store_class *class;
    int64_t in;
    int times, succeeded, failed;
};
static void *work(void *arg)
{
    struct worker *worker = arg;
    for (int i = 0; i < worker->times; i++) {
        bg_err err = store_write(worker->store, worker->class, &worker->in, NULL, NULL);
        worker->succeeded += !bg_failed(err);
        worker->failed += bg_failed(err) && err.code != BG_BUSY;
    }
    return NULL;
}
static void work_side_by_side(struct worker *a, struct worker *b)
{
    pthread_t other;
    pthread_create(&other, NULL, work, b);
    (void)work(a);
    pthread_join(other, NULL);
}

static void test_two_servers(struct bed *bed)
{
    struct store *a = NULL, *b = NULL;
    OK(!bg_failed(open_at(bed_fresh(bed), 1, &a)) && !bg_failed(open_at(bed->address, 1, &b)), "two servers on one database");
    OK(!bg_failed(store_write(a, &put_class, NULL, NULL, NULL)), "rows");
    struct worker one = { a, &rare_class, 0, 20, 0, 0 }, two = { b, &rare_class, 0, 20, 0, 0 };
    work_side_by_side(&one, &two);
    OK(one.failed + two.failed == 0, "rare changes that collide run again (%d and %d of 20)", one.succeeded, two.succeeded);
    OK(number(a, "SELECT qty FROM thing WHERE id = 1") == one.succeeded + two.succeeded, "and none is lost");
    int64_t before = number(a, "SELECT sum(qty) FROM thing");
    one = (struct worker){ a, &touch_class, 1, 2, 0, 0 };
    two = (struct worker){ b, &touch_class, 2, 2, 0, 0 };
    work_side_by_side(&one, &two);
    OK(one.failed + two.failed == 0, "so do batches that lock each other out (%d and %d of 2)", one.succeeded, two.succeeded);
    OK(number(b, "SELECT sum(qty) FROM thing") == before + 2 * (one.succeeded + two.succeeded), "and none is lost or doubled");
    store_close(a);
    store_close(b);
}

struct opener {
    const char *address;
    struct store *store;
    bg_err err;
};
static void *open_one(void *arg)
{
    struct opener *opener = arg;
    opener->err = open_at(opener->address, 1, &opener->store);
    return NULL;
}

static void test_open_together(struct bed *bed)
{
    struct opener openers[3];
    pthread_t threads[3];
    bool all = true;
    (void)bed_fresh(bed);
    for (int i = 0; i < 3; i++) {
        openers[i] = (struct opener){ bed->address, NULL, BG_DONE };
        pthread_create(&threads[i], NULL, open_one, &openers[i]);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        all &= openers[i].store != NULL;
        printf("# opener %d: %s\n", i, bg_errors[openers[i].err.code].slug);
    }
    OK(all, "three servers start on an empty database at once");
    OK(number(openers[0].store, "SELECT count(*) FROM schema_migration") == 2, "each migration runs once");
    for (int i = 0; i < 3; i++) {
        store_close(openers[i].store);
    }
}

/* --- the application's role --- */

static void test_role(struct bed *bed)
{
    struct store *store = NULL;
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false, ok = false;
    OK(!bg_failed(open_at(bed_fresh(bed), 1, &store)), "a store");
    OK(!bg_failed(store_read_begin(store, 0, &tx)) &&
           !bg_failed(store_query_text(tx, "SELECT CAST(current_user AS TEXT), CAST(session_user AS TEXT)", NO_ARGS, &rows)) &&
           !bg_failed(store_next(rows, &more)) && more,
       "who am I?");
    OK(bg_str_is(store_text(rows, 0), "baogong_app") && !bg_str_is(store_text(rows, 1), "baogong_app"), "the application, not the owner");
    store_rows_done(rows);
    rows = NULL;
    store_read_end(tx);
    tx = NULL;
    PGconn *owner = PQconnectdb(bed->address);
    BG_SCOPED_BUF words = bg_buf_init(4096);
    OK(!bg_failed(store_check(store, true, &words, &ok)) && ok, "the check finds nothing");
    PQclear(PQexec(owner, "GRANT UPDATE ON entry TO baogong_app"));
    OK(!bg_failed(store_check(store, true, &words, &ok)) && !ok && strstr(words.at, "append-only") != NULL,
       "but sees that somebody gave the application more rights: %.*s", BG_STR_FMT(bg_buf_str(&words)));
    PQfinish(owner);
    store_close(store);
}

/* --- types --- */

static void test_types(struct bed *bed)
{
    static const int64_t expected[] = { -12345678901234, 1000000000000000, 0, 0, 1, 5, -5, 2, -3, 10000, INT64_MAX, INT64_MIN, INT64_MAX,
                                        0 };
    struct store *store = NULL;
    struct store_tx *tx = NULL;
    struct store_rows *rows = NULL;
    bool more = false;
    OK(!bg_failed(open_at(bed_fresh(bed), 1, &store)) && !bg_failed(store_read_begin(store, 0, &tx)), "a store");
    OK(!bg_failed(store_query_text(tx,
                                   "SELECT -12345678901234::numeric, 1e15::numeric, 0.5::numeric, -0.99::numeric, true, 5::int4, -5::int2,"
                                   " 2.7::float8, -3.9::float4, 10000::numeric, 9223372036854775807::numeric,"
                                   " -9223372036854775808::numeric, 1e30::numeric, 0::numeric, 'x'::name, '17'::text",
                                   NO_ARGS, &rows)) &&
           !bg_failed(store_next(rows, &more)) && more,
       "values of PostgreSQL's types");
    for (int i = 0; i < 14; i++) {
        OK(store_int(rows, i) == expected[i], "column %d is %lld", i, (long long)expected[i]);
    }
    OK(bg_str_is(store_text(rows, 14), "x") && store_int(rows, 15) == 17, "a name is text, and digits are a number");
    OK(bg_str_is(store_text(rows, 0), "-12345678901234") && bg_str_is(store_text(rows, 6), "-5"), "numbers read as text");
    store_rows_done(rows);
    OK(!bg_failed(store_query_text(tx, "SELECT ?1::int4 + 1, ?2::numeric * 2, ?3::bool, ?4::float8",
                                   ARGS(V_INT(7), V_INT(-8), V_INT(1), V_INT(9)), &rows)) &&
           !bg_failed(store_next(rows, &more)) && more && store_int(rows, 0) == 8 && store_int(rows, 1) == -16 && store_int(rows, 2) == 1 &&
           store_int(rows, 3) == 9,
       "integers go into every type of number");
    store_rows_done(rows);
    OK(store_query_text(tx, "SELECT ?1::int4", ARGS(V_INT(INT64_C(1) << 40)), &rows).code == BG_QTY_RANGE, "or are refused as too large");
    store_read_end(tx);
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "anew");
    OK(bg_failed(store_query_text(tx, "SELECT ?1::int8", ARGS(V_TEXT(BG_STR("7"))), &rows)), "a text for a number is refused");
    store_read_end(tx);
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "anew");
    OK(store_query_text(tx, "SELECT ?1::text", ARGS(V_TEXT(BG_STR("a\0b"))), &rows).code == BG_BAD_UTF8, "a NUL in a text is refused");
    store_read_end(tx);
    store_close(store);
}

/* --- a server that goes away --- */

static bool cluster(const char *what, const char *folder, char *address, size_t size)
{
    char command[1024];
    const char *top = getenv("BAOGONG_TOP");
    (void)snprintf(command, sizeof command, "%s/tools/pg.sh %s %s", top != NULL ? top : ".", what, folder);
    FILE *out = popen(command, "r");
    if (out == NULL) {
        return false;
    }
    if (fgets(address, (int)size, out) != NULL) {
        address[strcspn(address, "\n")] = '\0';
    }
    return pclose(out) == 0;
}

static void test_cut_connections(struct bed *bed)
{
    /* A server of its own: other tests run beside this one, and their connections are not for us to cut. */
    char folder[512], address[512] = "", none[64];
    struct store *store = NULL;
    (void)snprintf(folder, sizeof folder, "%s/cut", bed->folder);
    (void)chmod(bed->folder, 0755);
    if (access("tools/pg.sh", X_OK) != 0 && getenv("BAOGONG_TOP") == NULL) {
        SKIP("tools/pg.sh is not here: no server of its own");
        return;
    }
    OK(cluster("start", folder, address, sizeof address), "a server of its own");
    OK(!bg_failed(open_at(address, 2, &store)) && !bg_failed(store_write(store, &put_class, NULL, NULL, NULL)), "a store");
    OK(number(store, "SELECT count(*) FROM thing") == 2, "a reader is connected");
    PGconn *owner = PQconnectdb(address);
    PGresult *result = PQexec(owner, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                     " WHERE usename = session_user AND pid <> pg_backend_pid() AND application_name = 'baogong'");
    OK(PQresultStatus(result) == PGRES_TUPLES_OK, "all connections are cut: %s", PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(owner);
    OK(number(store, "SELECT count(*) FROM thing") == 2, "reading goes on over a new one");
    OK(!bg_failed(store_write(store, &rare_class, NULL, NULL, NULL)), "so does writing");
    store_close(store);
    OK(cluster("stop", folder, none, sizeof none), "stopped");
}

static void test_restart(struct bed *bed)
{
    char folder[512], address[512] = "", none[64];
    struct store *store = NULL;
    struct store_tx *tx = NULL;
    (void)snprintf(folder, sizeof folder, "%s/pg", bed->folder);
    (void)chmod(bed->folder, 0755);
    if (access("tools/pg.sh", X_OK) != 0 && getenv("BAOGONG_TOP") == NULL) {
        SKIP("tools/pg.sh is not here: no server to stop");
        return;
    }
    OK(cluster("start", folder, address, sizeof address), "a server of its own: %s", address);
    OK(!bg_failed(open_at(address, 1, &store)) && !bg_failed(store_write(store, &put_class, NULL, NULL, NULL)), "a store on it");
    OK(cluster("stop", folder, none, sizeof none), "the server stops");
    OK(store_write(store, &rare_class, NULL, NULL, NULL).code == BG_BUSY, "writing is told to come back");
    OK(store_read_begin(store, 0, &tx).code == BG_BUSY, "reading too");
    OK(cluster("start", folder, address, sizeof address), "it starts again");
    bg_err err = BG_FAIL(BG_BUSY);
    for (int i = 0; i < 100 && err.code == BG_BUSY; i++) {
        (void)usleep(20000);
        err = store_write(store, &rare_class, NULL, NULL, NULL);
    }
    OK(!bg_failed(err), "and writing goes on");
    OK(number(store, "SELECT qty FROM thing WHERE id = 1") == 1, "reading too");
    store_close(store);
    OK(cluster("stop", folder, none, sizeof none), "stopped");
    OK(open_at(address, 1, &store).code == BG_STORE_OPEN, "nothing opens where no server is");
}

static void test_unsupported(struct bed *bed)
{
    struct store *store = NULL;
    OK(!bg_failed(open_at(bed_fresh(bed), 1, &store)), "a store");
    OK(store_backup(store, "/tmp/none", NULL).code == BG_STORE_UNSUPPORTED, "a copy is pg_dump's work");
    OK(!bg_failed(store_upkeep(store)), "upkeep is autovacuum's");
    store_close(store);
}

int main(void)
{
    if (!bed_has_postgres()) {
        SKIP("BAOGONG_TEST_PG is not set: PostgreSQL was not tried");
        return TAP_DONE();
    }
    struct bed bed = bed_make(BED_POSTGRES);
    test_types(&bed);
    test_role(&bed);
    test_open_together(&bed);
    test_two_servers(&bed);
    test_unsupported(&bed);
    test_restart(&bed);
    test_cut_connections(&bed);
    bed_done(&bed);
    return TAP_DONE();
}
