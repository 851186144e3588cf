/* What only a SQLite file has: its lock, its identity, copies of it, crashes, failing and full disks. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "fault_vfs.h"
#include "store_bed.h"
#include "store_catalogue.h"
#include "tap.h"

static const struct bg_log silent = { .fd = -1, .least = BG_ALERT, .env = &bg_env_real };

static struct store_opts options(const char *address)
{
    return (struct store_opts){ .address = address, .env = &bg_env_real, .log = &silent, .catalogue = &test_catalogue };
}

static bg_err open_at(const char *address, struct store **ret)
{
    struct store_opts opts = options(address);
    return store_open(&opts, ret);
}

/* --- writes by id --- */

static bg_err run_insert(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        BG_TRY(store_run(tx, TSQL(T_ENTRY), ARGS(V_INT(1), V_INT(*(const int64_t *)jobs[i]->in), V_TEXT(BG_STR("words"))), NULL));
    }
    return BG_DONE;
}
static const struct store_class insert_class = { .name = "insert", .run = run_insert };

static enum bg_code insert(struct store *store, int64_t id)
{
    return store_write(store, &insert_class, &id, NULL, NULL).code;
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

/* --- the lock and who the file belongs to --- */

static void test_lock(struct bed *bed)
{
    struct store *store = NULL, *other = NULL;
    OK(!bg_failed(open_at(bed_fresh(bed), &store)), "a file opens");
    OK(open_at(bed->address, &other).code == BG_STORE_LOCKED, "a second opener is refused");
    struct store_opts opts = options(bed->address);
    opts.read_only = true;
    OK(!bg_failed(store_open(&opts, &other)), "but may read");
    OK(insert(store, 1) == BG_OK && number(other, "SELECT count(*) FROM entry") == 1, "and sees what is committed");
    store_close(other);
    OK(!store_stats(store).unclean, "the first start is clean");
    OK(store_stats(store).db_bytes > 0 && store_stats(store).wal_bytes > 0, "the sizes are told");
    struct stat info;
    OK(stat(bed->address, &info) == 0 && (info.st_mode & 077) == 0, "the file is its owner's only");
    store_close(store);
    char wal[1100];
    (void)snprintf(wal, sizeof wal, "%s-wal", bed->address);
    OK(stat(wal, &info) != 0 || info.st_size == 0, "closing empties the log");
    OK(!bg_failed(open_at(bed->address, &store)) && !store_stats(store).unclean, "it opens again, clean");
    store_close(store);
    char uri[1100];
    (void)snprintf(uri, sizeof uri, "file:%s?cache=private", bed->address);
    OK(!bg_failed(open_at(uri, &store)) && number(store, "SELECT count(*) FROM entry") == 1, "also as file:…");
    OK(open_at(bed->address, &other).code == BG_STORE_LOCKED, "under the same lock");
    store_close(store);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    OK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size, "wrote %s", path);
    close(fd);
}

static void sql(const char *path, const char *text)
{
    sqlite3 *db = NULL;
    OK(sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, "%s", text);
    sqlite3_close(db);
}

static void test_identity(struct bed *bed)
{
    struct store *store = NULL;
    char noise[8192];
    memset(noise, 'x', sizeof noise);
    write_file(bed_fresh(bed), noise, sizeof noise);
    OK(open_at(bed->address, &store).code == BG_STORE_FOREIGN, "noise is not our file");
    bed_fresh(bed);
    sql(bed->address, "CREATE TABLE theirs (a); PRAGMA user_version = 3");
    OK(open_at(bed->address, &store).code == BG_STORE_FOREIGN, "another program's database is not ours");
    sql(bed->address, "INSERT INTO theirs VALUES (1)");
    struct stat info;
    char wal[1100];
    (void)snprintf(wal, sizeof wal, "%s-wal", bed->address);
    OK(stat(wal, &info) != 0, "and was left as it was");
    bed_fresh(bed);
    OK(!bg_failed(open_at(bed->address, &store)), "ours");
    store_close(store);
    sql(bed->address, "PRAGMA user_version = 9");
    OK(open_at(bed->address, &store).code == BG_STORE_FUTURE, "made by a newer version");
    OK(open_at("/nonexistent/folder/file.db", &store).code == BG_STORE_OPEN, "a path that is not there");
    bed_fresh(bed);
    OK(!bg_failed(open_at(bed->address, &store)), "another");
    for (int64_t i = 0; i < 2000; i++) {
        if (insert(store, i) != BG_OK) {
            OK(false, "insert");
        }
    }
    store_close(store);
    int fd = open(bed->address, O_RDWR);
    OK(pwrite(fd, noise, 4096, 4 * 4096) == 4096, "a page is overwritten");
    close(fd);
    char lock[1100];
    (void)snprintf(lock, sizeof lock, "%s.lock", bed->address);
    write_file(lock, "123\n", 4);
    OK(open_at(bed->address, &store).code == BG_STORE_DAMAGED, "after a crash the damage is seen at the start");
    write_file(lock, "", 0);
    BG_SCOPED_BUF words = bg_buf_init(1 << 20);
    bool ok = true;
    bg_err err = open_at(bed->address, &store);
    if (!bg_failed(err)) {
        OK(!bg_failed(store_check(store, true, &words, &ok)) && !ok && words.len > 2, "else by the check");
        store_close(store);
    } else {
        OK(err.code == BG_STORE_DAMAGED, "or when opening reads the page");
    }
}

/* --- copies --- */

struct load {
    struct store *store;
    int64_t first;
    _Atomic int stop, written;
};
static void *write_on(void *arg)
{
    struct load *load = arg;
    for (int64_t id = load->first; !atomic_load(&load->stop); id++) {
        if (insert(load->store, id) != BG_OK) {
            break;
        }
        atomic_fetch_add(&load->written, 1);
    }
    return NULL;
}

static void test_backup(struct bed *bed)
{
    struct store *store = NULL, *copy = NULL;
    char path[1100];
    OK(!bg_failed(open_at(bed_fresh(bed), &store)), "a store");
    struct load loads[3] = { { store, 1000000, 0, 0 }, { store, 2000000, 0, 0 }, { store, 3000000, 0, 0 } };
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, write_on, &loads[i]);
    }
    while (atomic_load(&loads[2].written) < 50) {
        (void)usleep(1000);
    }
    (void)snprintf(path, sizeof path, "%s.backup", bed->address);
    int64_t before = loads[0].written + loads[1].written + loads[2].written;
    OK(!bg_failed(store_backup(store, path, NULL)), "a copy while it is written to");
    int64_t after = loads[0].written + loads[1].written + loads[2].written + 3;
    OK(store_backup(store, path, NULL).code == BG_CONFLICT, "never over another file");
    OK(store_backup(store, "/nonexistent/folder/copy", NULL).code == BG_STORE_OPEN, "nor into no folder");
    OK(!bg_failed(store_upkeep(store)), "upkeep while it is written to");
    for (int i = 0; i < 3; i++) {
        loads[i].stop = 1;
        pthread_join(threads[i], NULL);
    }
    int64_t all = loads[0].written + loads[1].written + loads[2].written;
    OK(number(store, "SELECT count(*) FROM entry") == all, "everything written is there");
    store_close(store);
    struct store_opts opts = options(path);
    opts.read_only = true;
    OK(chmod(path, 0400) == 0 && !bg_failed(store_open(&opts, &copy)), "the copy opens read-only");
    int64_t held = number(copy, "SELECT count(*) FROM entry");
    OK(held >= before && held <= after, "and holds a moment of the writing: %lld in %lld…%lld", (long long)held, (long long)before,
       (long long)after);
    bool ok = false;
    BG_SCOPED_BUF words = bg_buf_init(65536);
    OK(!bg_failed(store_check(copy, true, &words, &ok)) && ok, "the check finds nothing in it");
    store_close(copy);
    struct stat info;
    char beside[1200];
    (void)snprintf(beside, sizeof beside, "%s-wal", path);
    OK(stat(beside, &info) != 0, "no log stands beside it");
    (void)snprintf(beside, sizeof beside, "%s.partial", path);
    OK(stat(beside, &info) != 0, "nor a half copy");
    OK(chmod(path, 0600) == 0 && !bg_failed(open_at(path, &copy)) && insert(copy, 1) == BG_OK, "and it can be served");
    store_close(copy);
}

/* --- the checkpointing writer --- */

static void test_writer_checkpoints(struct bed *bed)
{
    struct store *store = NULL;
    struct store_opts opts = options(bed_fresh(bed));
    opts.writer_checkpoints = true;
    OK(!bg_failed(store_open(&opts, &store)), "a store whose writer checkpoints");
    struct load load = { store, 0, 0, 0 };
    pthread_t thread;
    pthread_create(&thread, NULL, write_on, &load);
    while (atomic_load(&load.written) < 3000) {
        (void)usleep(1000);
    }
    load.stop = 1;
    pthread_join(thread, NULL);
    OK(store_stats(store).wal_bytes < (INT64_C(8) << 20), "its log stays short: %lld", (long long)store_stats(store).wal_bytes);
    OK(number(store, "SELECT count(*) FROM entry") == load.written, "all is there");
    store_close(store);
}

static void test_long_log(struct bed *bed)
{
    struct store *store = NULL;
    struct store_tx *tx = NULL;
    struct store_opts opts = options(bed_fresh(bed));
    opts.wal_max_bytes = 400000;
    OK(!bg_failed(store_open(&opts, &store)) && insert(store, 1) == BG_OK, "a store whose log is short");
    OK(!bg_failed(store_read_begin(store, 0, &tx)), "a reader");
    STORE_SCOPED_ROWS rows = NULL;
    OK(!bg_failed(store_query_text(tx, "SELECT count(*) FROM entry", NO_ARGS, &rows)), "holds a snapshot");
    bool more = false;
    OK(!bg_failed(store_next(rows, &more)) && store_int(rows, 0) == 1, "of one row");
    int64_t id = 2;
    while (id < 5000 && store_stats(store).wal_bytes <= 1000000 && insert(store, id) == BG_OK) {
        id++;
    }
    OK(store_stats(store).wal_bytes > 1000000, "the log grows past its limit while it is read");
    store_rows_done(rows);
    rows = NULL;
    store_read_end(tx);
    int64_t last = id + 20000;
    while (id < last && store_stats(store).wal_bytes > 400000 && insert(store, id) == BG_OK) {
        id++;
    }
    OK(store_stats(store).wal_bytes <= 400000, "and starts anew when it no longer is");
    OK(number(store, "SELECT count(*) FROM entry") == id - 1, "nothing is lost by it");
    store_close(store);
}

/* --- snapshots kept behind their readers --- */

struct watch {
    struct store *store;
    _Atomic int64_t *seen, *written;
    int *const stop;
    int64_t reads, old;
};

/* Whoever asks sees at least what anybody has seen before and what was answered. */
static void *watch_on(void *arg)
{
    struct watch *watch = arg;
    while (!__atomic_load_n(watch->stop, __ATOMIC_RELAXED)) {
        int64_t before = atomic_load(watch->seen), written = atomic_load(watch->written);
        int64_t count = number(watch->store, "SELECT count(*) FROM entry");
        watch->old += count < before || count < written;
        watch->reads++;
        while (count > before && !atomic_compare_exchange_weak(watch->seen, &before, count)) {
            /* somebody else saw something; tried again */
        }
    }
    return NULL;
}

static void test_kept(struct bed *bed)
{
    struct store *store = NULL;
    struct store_opts opts = options(bed_fresh(bed));
    opts.wal_max_bytes = 400000;
    OK(!bg_failed(store_open(&opts, &store)), "a store that is read while it is written");
    _Atomic int64_t seen = 0, written = 0;
    int stop = 0;
    struct watch watches[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        memcpy(&watches[i], &(struct watch){ store, &seen, &written, &stop, 0, 0 }, sizeof watches[i]);
        pthread_create(&threads[i], NULL, watch_on, &watches[i]);
    }
    for (int64_t id = 1; id <= 600 && insert(store, id) == BG_OK; id++) {
        atomic_store(&written, id);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    int64_t reads = 0, old = 0;
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        reads += watches[i].reads;
        old += watches[i].old;
    }
    OK(written == 600 && old == 0, "none of %lld reads was older than another or than an answer", (long long)reads);
    int64_t id = 601;
    bool same = true;
    while (id < 30000 && (id < 900 || store_stats(store).wal_bytes > 400000)) {
        same = insert(store, id) == BG_OK && number(store, "SELECT count(*) FROM entry") == id && same;
        id++;
    }
    OK(same, "each write is seen by the next read");
    OK(store_stats(store).wal_bytes <= 400000, "readers that have read and wait do not hold the log: %lld bytes",
       (long long)store_stats(store).wal_bytes);
    store_close(store);
}

/* --- crashes --- */

/* In a child: writes ids and acknowledges each on the pipe until it is killed. */
static void serve_until_killed(const char *address, int out)
{
    struct store *store = NULL;
    if (bg_failed(open_at(address, &store))) {
        _exit(1);
    }
    int64_t id = number(store, "SELECT coalesce(max(id), 0) FROM entry");
    for (;;) {
        id++;
        if (insert(store, id) != BG_OK || write(out, &id, sizeof id) != sizeof id) {
            _exit(2);
        }
    }
}

static void test_kill(struct bed *bed)
{
    int64_t acknowledged = 0;
    (void)bed_fresh(bed);
    for (int round = 0; round < 5; round++) {
        int ends[2];
        OK(pipe(ends) == 0, "round %d", round);
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            serve_until_killed(bed->address, ends[1]);
        }
        close(ends[1]);
        int64_t id;
        for (int i = 0; i < 100 + round * 37 && read(ends[0], &id, sizeof id) == sizeof id; i++) {
            acknowledged = id;
        }
        OK(kill(child, SIGKILL) == 0, "kill -9");
        while (read(ends[0], &id, sizeof id) == sizeof id) {
            acknowledged = id;
        }
        close(ends[0]);
        (void)waitpid(child, NULL, 0);
    }
    struct store *store = NULL;
    OK(!bg_failed(open_at(bed->address, &store)) && store_stats(store).unclean, "it opens, and knows of the crash");
    int64_t count = number(store, "SELECT count(*) FROM entry"), last = number(store, "SELECT max(id) FROM entry");
    OK(count == last && last >= acknowledged, "no acknowledged write is lost: %lld acknowledged, %lld there", (long long)acknowledged,
       (long long)count);
    store_close(store);
    OK(!bg_failed(open_at(bed->address, &store)) && !store_stats(store).unclean, "after a clean stop it does not");
    store_close(store);
}

/* --- failing disks --- */

struct halts {
    _Atomic int count;
};
static void count_halt(void *ctx)
{
    atomic_fetch_add(&((struct halts *)ctx)->count, 1);
}

static void test_failed_sync(struct bed *bed, struct fault_plan *plan, bool in_write)
{
    struct store *store = NULL;
    struct halts halts = { 0 };
    struct store_opts opts = options(bed_fresh(bed));
    opts.vfs = "fault";
    opts.halt = count_halt;
    opts.halt_ctx = &halts;
    opts.writer_checkpoints = true;
    OK(!bg_failed(store_open(&opts, &store)), "a store on a disk that will fail");
    OK(insert(store, 1) == BG_OK && insert(store, 2) == BG_OK, "two rows");
    *(in_write ? &plan->writes_left : &plan->syncs_left) = 1;
    OK(insert(store, 3) != BG_OK, "the write is not acknowledged when the %s fails", in_write ? "write" : "sync");
    OK(halts.count >= 1, "and the process would stop");
    plan->syncs_left = plan->writes_left = 0;
    OK(insert(store, 4) == BG_STORE_CLOSED, "nothing goes on after it, though the disk is well again");
    struct store_tx *tx = NULL;
    OK(store_read_begin(store, 0, &tx).code == BG_STORE_CLOSED, "not even reading");
    int failed = plan->failed;
    store_close(store);
    OK(plan->failed == failed, "closing touches nothing");
    OK(!bg_failed(store_open(&opts, &store)) && store_stats(store).unclean, "opening again recovers");
    int64_t count = number(store, "SELECT count(*) FROM entry");
    OK(count >= 2 && number(store, "SELECT count(*) FROM entry WHERE id <= 2") == 2, "what was acknowledged is there (%lld)",
       (long long)count);
    OK(number(store, "SELECT count(*) FROM entry WHERE id = 4") == 0, "what was refused is not");
    store_close(store);
}

static void test_stop(struct bed *bed, struct fault_plan *plan)
{
    (void)bed_fresh(bed);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = NULL;
        struct store_opts opts = options(bed->address);
        opts.vfs = "fault";
        if (bg_failed(store_open(&opts, &store)) || insert(store, 1) != BG_OK) {
            _exit(1);
        }
        plan->syncs_left = 1;
        (void)insert(store, 2);
        _exit(2);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    OK(WIFEXITED(status) && WEXITSTATUS(status) == EX_IOERR, "without a harness the process ends (%d)", WEXITSTATUS(status));
    struct store *store = NULL;
    OK(!bg_failed(open_at(bed->address, &store)) && number(store, "SELECT count(*) FROM entry WHERE id = 1") == 1, "and comes back");
    store_close(store);
}

static void test_full_disk(struct bed *bed, struct fault_plan *plan)
{
    struct store *store = NULL;
    struct halts halts = { 0 };
    struct store_opts opts = options(bed_fresh(bed));
    opts.vfs = "fault";
    opts.halt = count_halt;
    opts.halt_ctx = &halts;
    OK(!bg_failed(store_open(&opts, &store)), "a store on a disk that will be full");
    OK(insert(store, 1) == BG_OK, "a row");
    plan->full = 1;
    OK(insert(store, 2) == BG_STORE_FULL, "no room is told");
    OK(insert(store, 2) == BG_STORE_FULL, "again and again");
    OK(number(store, "SELECT count(*) FROM entry") == 1, "reading goes on");
    plan->full = 0;
    OK(insert(store, 2) == BG_OK, "and writing, once there is room");
    OK(halts.count == 0, "a full disk stops nobody");
    OK(plan->opened >= 3, "every connection goes through the given VFS (%d)", plan->opened);
    store_close(store);
}

int main(void)
{
    struct bed bed = bed_make(BED_SQLITE);
    static struct fault_plan plan;
    fault_register(&plan);
    test_kill(&bed); /* first: it forks, and no thread should run then */
    test_stop(&bed, &plan);
    test_lock(&bed);
    test_identity(&bed);
    test_backup(&bed);
    test_writer_checkpoints(&bed);
    test_long_log(&bed);
    test_kept(&bed);
    test_failed_sync(&bed, &plan, false);
    test_failed_sync(&bed, &plan, true);
    test_full_disk(&bed, &plan);
    bed_done(&bed);
    return TAP_DONE();
}
