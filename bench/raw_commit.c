/* Raw SQLite group commit: THREADS blocking clients, one writer, a savepoint a request, at most 256 a commit, synchronous=FULL:
 * the limit that durable posts over HTTP are held against. Every request writes the same rows, with the same indexes, as one
 * posted document of one line in baogong: document, movement, two accounts, two totals, two days, counter, answer, journal entry,
 * body, tree node. raw_commit DATABASE THREADS SECONDS BODY_BYTES REPLY_BYTES DATABASE is a copy of a baogong database (its
 * schema and accounts are used). Prints {"posts","per_s","p50_us","p99_us"}. raw_commit fdatasync FILE SECONDS      append 4 KiB
 * and fdatasync: {"per_s"}. raw_commit hold DATABASE reads and keeps its snapshot until its input ends, so that the log grows. */
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MAX 256
#define TIMES_MAX 20000000

struct request {
    struct request *next;
    pthread_mutex_t lock;
    pthread_cond_t done;
    int finished;
    uint64_t random;
};

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static struct request *queue_first, **queue_end = &queue_first;
static int stopping;
static double end_at;
static uint32_t *times;
static size_t time_count;
static sqlite3 *db;
static int64_t (*accounts)[8];
static size_t account_count;
static int64_t body_bytes, reply_bytes, serial;

static const char *const texts[] = {
    "INSERT INTO ledger_document VALUES(?1,?2,2,2090,?3,'',?4,?5,0,1,?6,?6,?7,?7,NULL,1,?8,'')",
    "INSERT INTO "
    "movement(city,id,document,line,from_account,to_account,qty,reason,occurred_at,recorded_at,late,actor,paid,reverses,note) "
    "VALUES(?1,?2,?3,1,?4,?5,1,8,?6,?6,0,1,0,NULL,NULL)",
    "UPDATE stock_account SET qty=qty+?8,version=version+1 WHERE city=?1 AND place=?2 AND item=?3 AND status=?4 AND lot=?5 AND "
    "owner=?6 AND bin=?7",
    "INSERT INTO stock_total VALUES(?1,?2,?3,?4,?5,?6,0) ON CONFLICT(city,item,place,status,owner) DO UPDATE SET "
    "qty=qty+excluded.qty",
    "INSERT INTO total_day VALUES(?1,?2,?3,?4,?5,?6,?2,?7) ON CONFLICT(city,day,place,item,status,owner,known_day) DO UPDATE SET "
    "delta=delta+excluded.delta",
    "INSERT INTO ledger_counter VALUES(?1,2,2090,?2) ON CONFLICT(city,kind,year) DO UPDATE SET last=excluded.last",
    "INSERT INTO op(city,op,account,body,status,code,reply,at,position,device,device_seq) VALUES(?1,?2,1,?3,201,'',?4,?5,?6,0,0)",
    "INSERT INTO journal_entry(position,city,kind,object,object_id,actor,at,persons,leaf,chain) "
    "VALUES(?1,?2,'document.posted','document',?3,1,?4,0,?5,?5)",
    "INSERT INTO journal_body(position,salt,body) VALUES(?1,?2,?3)",
    "INSERT INTO journal_node(level,number,hash) VALUES(?1,?2,?3)",
};
enum { DOCUMENT, MOVEMENT, ACCOUNT, TOTAL, DAY, COUNTER, OP, ENTRY, BODY, NODE, TEXT_COUNT };
static sqlite3_stmt *statements[TEXT_COUNT];

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int code, const char *what)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
        exit(1);
    }
}

static void step(int which)
{
    must(sqlite3_step(statements[which]), texts[which]);
    sqlite3_reset(statements[which]);
}

static void ints(int which, int count, const int64_t *values)
{
    for (int i = 0; i < count; i++) {
        sqlite3_bind_int64(statements[which], i + 1, values[i]);
    }
}

static void one_side(const int64_t *account, int64_t sign, int64_t day)
{
    /* account: city, place, item, status, lot, owner, bin, id */
    ints(ACCOUNT, 8,
         (const int64_t[]){ account[0], account[1], account[2], account[3], account[4], account[5], account[6], sign });
    step(ACCOUNT);
    ints(TOTAL, 6, (const int64_t[]){ account[0], account[2], account[1], account[3], account[5], sign });
    step(TOTAL);
    ints(DAY, 7, (const int64_t[]){ account[0], day, account[1], account[2], account[3], account[5], sign });
    step(DAY);
}

static void write_one(uint64_t random)
{
    static const char text[4096];
    uint8_t hash[32];
    const int64_t *from = accounts[random % account_count],
                  *to = accounts[(random % account_count + 1 + (random >> 20) % (account_count - 1)) % account_count];
    int64_t id = ++serial, at = 4000000000000 + id, city = from[0], day = 46000;
    memset(hash, (int)(random & 255), sizeof hash);
    memcpy(hash, &id, sizeof id);
    ints(DOCUMENT, 7, (const int64_t[]){ city, id + (1ll << 62), id, from[1], to[1], id + (1ll << 62), at });
    sqlite3_bind_blob(statements[DOCUMENT], 8, hash, 16, SQLITE_STATIC);
    step(DOCUMENT);
    ints(MOVEMENT, 6, (const int64_t[]){ city, id + (1ll << 62), id + (1ll << 62), from[7], to[7], at });
    step(MOVEMENT);
    one_side(from, -1, day);
    one_side(to, 1, day);
    ints(COUNTER, 2, (const int64_t[]){ city, id });
    step(COUNTER);
    sqlite3_bind_int64(statements[OP], 1, city);
    uint8_t op[16];
    for (int i = 0; i < 8; i++) {
        op[i] = (uint8_t)((uint64_t)at >> (56 - 8 * i));
    }
    memcpy(op + 8, &random, 8);
    sqlite3_bind_blob(statements[OP], 2, op, 16, SQLITE_STATIC);
    sqlite3_bind_blob(statements[OP], 3, hash, 32, SQLITE_STATIC);
    sqlite3_bind_text(statements[OP], 4, text, (int)reply_bytes, SQLITE_STATIC);
    sqlite3_bind_int64(statements[OP], 5, at);
    sqlite3_bind_int64(statements[OP], 6, id + (1ll << 40));
    step(OP);
    ints(ENTRY, 4, (const int64_t[]){ id + (1ll << 40), city, id + (1ll << 62), at });
    sqlite3_bind_blob(statements[ENTRY], 5, hash, 32, SQLITE_STATIC);
    step(ENTRY);
    sqlite3_bind_int64(statements[BODY], 1, id + (1ll << 40));
    sqlite3_bind_blob(statements[BODY], 2, hash, 16, SQLITE_STATIC);
    sqlite3_bind_text(statements[BODY], 3, text, (int)body_bytes, SQLITE_STATIC);
    step(BODY);
    ints(NODE, 2, (const int64_t[]){ 1, id + (1ll << 40) });
    sqlite3_bind_blob(statements[NODE], 3, hash, 32, SQLITE_STATIC);
    step(NODE);
}

static void *writer(void *ctx)
{
    (void)ctx;
    for (;;) {
        struct request *batch[BATCH_MAX];
        int count = 0;
        pthread_mutex_lock(&queue_lock);
        while (queue_first == NULL && !stopping) {
            pthread_cond_wait(&queue_filled, &queue_lock);
        }
        while (queue_first != NULL && count < BATCH_MAX) {
            batch[count++] = queue_first;
            queue_first = queue_first->next;
        }
        if (queue_first == NULL) {
            queue_end = &queue_first;
        }
        pthread_mutex_unlock(&queue_lock);
        if (count == 0) {
            return NULL;
        }
        must(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), "begin");
        for (int i = 0; i < count; i++) {
            must(sqlite3_exec(db, "SAVEPOINT s", NULL, NULL, NULL), "savepoint");
            write_one(batch[i]->random);
            must(sqlite3_exec(db, "RELEASE s", NULL, NULL, NULL), "release");
        }
        must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), "commit");
        for (int i = 0; i < count; i++) {
            pthread_mutex_lock(&batch[i]->lock);
            batch[i]->finished = 1;
            pthread_cond_signal(&batch[i]->done);
            pthread_mutex_unlock(&batch[i]->lock);
        }
    }
}

static void *checkpointer(void *ctx)
{
    sqlite3 *own;
    if (sqlite3_open(ctx, &own) != SQLITE_OK) {
        return NULL;
    }
    while (!stopping) {
        usleep(200000);
        sqlite3_wal_checkpoint_v2(own, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    sqlite3_close(own);
    return NULL;
}

static void *client(void *ctx)
{
    struct request r = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
    uint64_t state = (uint64_t)(uintptr_t)ctx * 0x9E3779B97F4A7C15u + 1;
    double t;
    while ((t = now_s()) < end_at) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        r.random = state >> 11;
        r.finished = 0;
        r.next = NULL;
        pthread_mutex_lock(&queue_lock);
        *queue_end = &r;
        queue_end = &r.next;
        pthread_cond_signal(&queue_filled);
        pthread_mutex_unlock(&queue_lock);
        pthread_mutex_lock(&r.lock);
        while (!r.finished) {
            pthread_cond_wait(&r.done, &r.lock);
        }
        pthread_mutex_unlock(&r.lock);
        size_t at = __atomic_fetch_add(&time_count, 1, __ATOMIC_RELAXED);
        if (at < TIMES_MAX) {
            times[at] = (uint32_t)((now_s() - t) * 1e6);
        }
    }
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int fdatasync_rate(const char *path, double seconds)
{
    static const char block[4096];
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    double start = now_s(), end = start + seconds;
    long count = 0;
    while (now_s() < end) {
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block || fdatasync(fd) != 0) {
            perror(path);
            return 1;
        }
        count++;
    }
    printf("{\"per_s\":%.1f}\n", (double)count / (now_s() - start));
    close(fd);
    unlink(path);
    return 0;
}

static void load_accounts(void)
{
    sqlite3_stmt *s;
    accounts = calloc(1000000, sizeof *accounts);
    must(sqlite3_prepare_v2(db, "SELECT city,place,item,status,lot,owner,bin,id FROM stock_account WHERE status=4 AND qty>1000",
                            -1, &s, NULL),
         "accounts");
    while (sqlite3_step(s) == SQLITE_ROW && account_count < 1000000) {
        for (int i = 0; i < 8; i++) {
            accounts[account_count][i] = sqlite3_column_int64(s, i);
        }
        account_count++;
    }
    sqlite3_finalize(s);
    if (account_count < 2) {
        fprintf(stderr, "the database has too few accounts\n");
        exit(1);
    }
}

static int hold(const char *path)
{
    must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), path);
    must(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM city", NULL, NULL, NULL), "hold");
    puts("{}");
    fflush(stdout);
    while (getchar() != EOF) {
        /* until the other side closes it */
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "hold") == 0) {
        return hold(argv[2]);
    }
    if (argc == 4 && strcmp(argv[1], "fdatasync") == 0) {
        return fdatasync_rate(argv[2], atof(argv[3]));
    }
    if (argc != 6) {
        fprintf(stderr, "raw_commit DATABASE THREADS SECONDS BODY_BYTES REPLY_BYTES | raw_commit fdatasync FILE SECONDS\n");
        return 2;
    }
    body_bytes = atoi(argv[4]) < 4096 ? atoi(argv[4]) : 4096;
    reply_bytes = atoi(argv[5]) < 4096 ? atoi(argv[5]) : 4096;
    must(sqlite3_open(argv[1], &db), argv[1]);
    must(sqlite3_exec(db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-64000",
                      NULL, NULL, NULL),
         "pragmas");
    load_accounts();
    serial = (int64_t)(time(NULL) - 1700000000) * 1000000; /* a second run on the same file goes on behind the first */
    for (int i = 0; i < TEXT_COUNT; i++) {
        must(sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL), texts[i]);
    }
    times = malloc(TIMES_MAX * sizeof *times);
    int threads = atoi(argv[2]);
    pthread_t all[1024], one, keeper;
    double seconds = atof(argv[3]), start = now_s();
    end_at = start + seconds;
    pthread_create(&one, NULL, writer, NULL);
    pthread_create(&keeper, NULL, checkpointer, argv[1]);
    for (int i = 0; i < threads && i < 1024; i++) {
        pthread_create(&all[i], NULL, client, (void *)(uintptr_t)(i + 1));
    }
    for (int i = 0; i < threads && i < 1024; i++) {
        pthread_join(all[i], NULL);
    }
    double took = now_s() - start;
    pthread_mutex_lock(&queue_lock);
    stopping = 1;
    pthread_cond_signal(&queue_filled);
    pthread_mutex_unlock(&queue_lock);
    pthread_join(one, NULL);
    pthread_join(keeper, NULL);
    size_t count = time_count < TIMES_MAX ? time_count : TIMES_MAX;
    qsort(times, count, sizeof *times, by_time);
    printf("{\"posts\":%zu,\"per_s\":%.1f,\"p50_us\":%u,\"p99_us\":%u}\n", time_count, (double)time_count / took,
           count ? times[count / 2] : 0, count ? times[count * 99 / 100] : 0);
    return 0;
}
