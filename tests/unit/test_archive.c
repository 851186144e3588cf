/* The archive of SQLite's log, against what was recorded after each commit: restored to random moments after kill -9 at random moments,
 * clean stops, resets of the log; full disks, holes, damage and pruning. BAOGONG_ARCHIVE_KILLS: kills (25). */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "store_bed.h"
#include "store_catalogue.h"
#include "tap.h"

static const struct bg_log silent = { .fd = -1, .least = BG_ALERT, .env = &bg_env_real };

struct spot {
    int64_t begun, done; /* milliseconds around the commit */
    int64_t count, sum;  /* what the tables held behind it */
};

struct world {
    struct bed bed;
    char folder[300];
    struct store_opts opts;
    struct bg_env_sim dice_state;
    struct bg_env dice;
};

static void world_make(struct world *w, uint64_t seed)
{
    w->bed = bed_make(BED_SQLITE);
    (void)snprintf(w->folder, sizeof w->folder, "%s/archive", w->bed.folder);
    w->opts = (struct store_opts){ .address = w->bed.address, .env = &bg_env_real, .log = &silent, .catalogue = &test_catalogue,
                                   .archive = w->folder, .archive_every_ms = 20, .wal_max_bytes = 200000 };
    w->dice = bg_env_seeded(&w->dice_state, seed, 0);
}

static void pause_ms(int64_t ms)
{
    struct timespec rest = { ms / 1000, (ms % 1000) * 1000000 };
    (void)nanosleep(&rest, NULL);
}

/* --- writes --- */

/* Adds and changes some rows; now and then large ones. */
static bg_err change_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    struct world *w = jobs[0]->ctx;
    static char body[30000];
    (void)count;
    size_t size = bg_random_below(&w->dice, 8) == 0 ? sizeof body : 1 + bg_random_below(&w->dice, 300);
    bg_random(&w->dice, body, size);
    for (size_t i = 1 + bg_random_below(&w->dice, 5); i > 0; i--) {
        int64_t id = 1 + (int64_t)bg_random_below(&w->dice, 400);
        BG_TRY(store_run_text(tx,
                              "INSERT INTO thing (city, id, body, qty) VALUES (1, ?1, ?2, ?3) ON CONFLICT (city, id) DO UPDATE"
                              " SET body = excluded.body, qty = thing.qty + excluded.qty",
                              ARGS(V_INT(id), V_BYTES(body, size), V_INT((int64_t)bg_random_below(&w->dice, 1000))), NULL));
    }
    return store_run_text(tx, "INSERT INTO entry SELECT 1, coalesce(max(id), 0) + 1, 'words' FROM entry", NO_ARGS, NULL);
}
static const struct store_class change_class = { .name = "change", .rare = true, .run = change_run };

static bool look(struct store *store, struct spot *spot)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false;
    if (bg_failed(store_read_begin(store, 0, &tx)) ||
        bg_failed(store_query_text(tx,
                                   "SELECT (SELECT count(*) FROM entry), coalesce(sum(qty * id + length(body) * 31 +"
                                   " unicode(hex(substr(body, 1, 1))) * id), 0) FROM thing",
                                   NO_ARGS, &rows)) ||
        bg_failed(store_next(rows, &more)) || !more) {
        return false;
    }
    spot->count = store_int(rows, 0);
    spot->sum = store_int(rows, 1);
    return true;
}

static bool change(struct world *w, struct store *store, struct spot *spot)
{
    spot->begun = bg_now(&bg_env_real);
    if (bg_failed(store_write(store, &change_class, NULL, NULL, w))) {
        return false;
    }
    spot->done = bg_now(&bg_env_real);
    return look(store, spot);
}

/* A process that writes until it is killed or has written enough, telling each commit through the pipe. */
static void child(struct world *w, int pipe_, int64_t most)
{
    struct store *store = NULL;
    struct spot spot;
    if (bg_failed(store_open(&w->opts, &store)) || !look(store, &spot)) {
        _exit(3);
    }
    for (int64_t i = 0; i < most; i++) {
        if (!change(w, store, &spot) || write(pipe_, &spot, sizeof spot) != (ssize_t)sizeof spot) {
            _exit(4);
        }
        if (bg_random_below(&w->dice, 3) == 0) {
            pause_ms((int64_t)bg_random_below(&w->dice, 6));
        }
    }
    store_close(store);
    _exit(0);
}

/* --- restoring --- */

static bg_err restore(struct world *w, int64_t at, struct spot *ret, struct store_moment *moment)
{
    char from[600], to[600], command[2000];
    struct store_position place;
    BG_TRY(store_archive_base(w->folder, at, from, sizeof from, &place, moment));
    (void)snprintf(to, sizeof to, "%s/restored.db", w->bed.folder);
    (void)snprintf(command, sizeof command, "rm -f %s*; cp %s %s", to, from, to);
    if (system(command) != 0) {
        return BG_FAIL(BG_STORE_OPEN);
    }
    BG_TRY(store_archive_replay(w->folder, &place, to, at, moment));
    struct store_opts opts = w->opts;
    struct store *store = NULL;
    BG_SCOPED_BUF words = bg_buf_init(65536);
    bool sound = false;
    opts.address = to;
    opts.archive = NULL;
    opts.read_only = true;
    BG_TRY(store_open(&opts, &store));
    bg_err err = store_check(store, true, &words, &sound);
    bool looked = look(store, ret);
    store_close(store);
    BG_TRY(err);
    return sound && looked ? BG_DONE : BG_FAIL(BG_STORE_DAMAGED);
}

struct trail {
    struct spot spots[40000];
    int64_t life[40000]; /* the process that made it */
    size_t count;
    int64_t killed[400]; /* when a process was killed; 0: it stopped by itself */
    int64_t lives;
};

/* One process; what it told before it ended is kept. */
static bool live(struct world *w, struct trail *trail, int64_t kill_after_ms, int64_t most)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        bg_random(&w->dice, &w->dice_state.state, sizeof w->dice_state.state);
        child(w, ends[1], most);
    }
    (void)close(ends[1]);
    bg_random(&w->dice, &w->dice_state.state, sizeof w->dice_state.state);
    w->dice_state.state[0] ^= (uint64_t)trail->lives;
    if (kill_after_ms > 0) {
        pause_ms(kill_after_ms);
        (void)kill(pid, SIGKILL);
    }
    trail->killed[trail->lives] = kill_after_ms > 0 ? bg_now(&bg_env_real) : 0;
    struct spot spot;
    size_t before = trail->count;
    while (read(ends[0], &spot, sizeof spot) == (ssize_t)sizeof spot && trail->count < 40000) {
        trail->life[trail->count] = trail->lives;
        trail->spots[trail->count++] = spot;
    }
    (void)close(ends[0]);
    int status = 0;
    (void)waitpid(pid, &status, 0);
    trail->lives++;
    return (kill_after_ms > 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) && (trail->count > before || kill_after_ms > 0);
}

/* Whether a restore to just behind spot i gives what was recorded there. What a killed process had not archived yet bears the time at which
 * the log was last written: within that last moment an earlier commit may come out. */
static bool holds(struct world *w, const struct trail *trail, size_t i)
{
    struct spot got;
    struct store_moment moment;
    const struct spot *want = &trail->spots[i];
    bg_err err = restore(w, want->done, &got, &moment);
    if (bg_failed(err)) {
        printf("# %s %s\n", bg_errors[err.code].slug, err.facts != NULL ? err.facts : "");
        return false;
    }
    if (got.count == want->count && got.sum == want->sum) {
        return true;
    }
    int64_t killed = trail->killed[trail->life[i]];
    bool tail = killed > 0 && killed - want->done < 400 && got.count < want->count;
    for (size_t j = i; tail && j > 0; j--) {
        if (trail->spots[j - 1].count == got.count) {
            return trail->spots[j - 1].sum == got.sum && killed - trail->spots[j - 1].done < 500;
        }
    }
    printf("# at %lld: got %lld of %lld\n", (long long)want->done, (long long)got.count, (long long)want->count);
    return tail;
}

static size_t files_of(const char *folder, const char *ending)
{
    DIR *dir = opendir(folder);
    size_t count = 0;
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        const char *found = strstr(entry->d_name, ending);
        count += found != NULL && strlen(found) == strlen(ending);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return count;
}

static struct trail trail;

static void test_kills(void)
{
    struct world w;
    const char *wanted = getenv("BAOGONG_ARCHIVE_KILLS");
    int64_t kills = wanted != NULL ? strtol(wanted, NULL, 10) : 25;
    const char *seed = getenv("BAOGONG_SEED");
    world_make(&w, seed != NULL ? strtoull(seed, NULL, 10) : 11);
    bool good = live(&w, &trail, 0, 30);
    pause_ms(30);
    for (int64_t i = 0; i < kills && i < 380 && good; i++) {
        bool clean = bg_random_below(&w.dice, 5) == 0;
        int64_t after_ms = clean ? 0 : 1 + (int64_t)bg_random_below(&w.dice, 250);
        good = live(&w, &trail, after_ms, clean ? 1 + (int64_t)bg_random_below(&w.dice, 50) : 100000);
    }
    good = good && live(&w, &trail, 0, 20);
    OK(good, "%zu commits in %lld processes, most of them killed", trail.count, (long long)trail.lives);
    size_t bad = 0, tried = 0, first = 0;
    for (size_t k = 0; k < 120; k++) {
        size_t i = k == 0 ? trail.count - 1 : (size_t)bg_random_below(&w.dice, trail.count);
        if (i < trail.count - 1 && trail.spots[i + 1].begun <= trail.spots[i].done) {
            continue; /* the next one may bear the same millisecond */
        }
        if (i < trail.count - 1 && trail.life[i + 1] != trail.life[i]) {
            continue; /* a commit may follow that the process did not live to tell */
        }
        char path[600];
        struct store_position place;
        struct store_moment moment;
        if (store_archive_base(w.folder, trail.spots[i].done, path, sizeof path, &place, &moment).code == BG_STORE_ARCHIVE_RANGE) {
            first++; /* before the first base */
            continue;
        }
        tried++;
        bad += !holds(&w, &trail, i);
    }
    OK(bad == 0 && tried > 30 && first < 30, "%zu of %zu restores to a moment give what was recorded then (%zu lie before the first base)",
       tried - bad, tried, first);
    struct stat info;
    (void)stat(w.bed.address, &info);
    OK(files_of(w.folder, ".base") == 1, "no kill broke the chain: %zu base, %zu segments", files_of(w.folder, ".base"),
       files_of(w.folder, ".seg"));
    bed_done(&w.bed);
}

/* --- one process, step by step --- */

static bool wait_for(struct store *store, bool failing)
{
    for (int i = 0; i < 400; i++) {
        struct store_stats stats = store_stats(store);
        if (stats.archive_failing == failing && (failing || stats.archived_at > 0)) {
            return true;
        }
        pause_ms(10);
    }
    return false;
}

static bool wait_for_bases(struct world *w, size_t count)
{
    for (int i = 0; i < 400 && files_of(w->folder, ".base") < count; i++) {
        pause_ms(10);
    }
    return files_of(w->folder, ".base") >= count;
}

/* Until this commit is in the archive. */
static void settle(struct store *store, const struct spot *spot)
{
    for (int i = 0; i < 400 && store_stats(store).archived_at < spot->done; i++) {
        pause_ms(5);
    }
    pause_ms(30);
}

static void test_breaks(void)
{
    struct world w;
    struct store *store = NULL;
    struct spot a, b, c, d, got;
    struct store_moment moment;
    world_make(&w, 5);
    OK(!bg_failed(store_open(&w.opts, &store)) && wait_for_bases(&w, 1), "a base is made at once");
    OK(store_stats(store).archive && !store_stats(store).archive_failing, "and the store says that it archives");
    OK(change(&w, store, &a), "a");
    pause_ms(5);
    OK(change(&w, store, &b), "b");
    store_close(store);
    w.opts.archive = NULL;
    OK(!bg_failed(store_open(&w.opts, &store)) && store_stats(store).archive, "an opener that says nothing archives where it was archived");
    OK(change(&w, store, &c), "c");
    store_close(store);
    OK(!bg_failed(restore(&w, c.done, &got, &moment)) && got.count == c.count && got.sum == c.sum, "and its commits can be restored");
    OK(files_of(w.folder, ".base") == 1, "without another base");
    w.opts.archive = "";
    OK(!bg_failed(store_open(&w.opts, &store)) && !store_stats(store).archive, "archiving can be ended");
    pause_ms(5);
    OK(change(&w, store, &d), "d, not archived");
    store_close(store);
    w.opts.archive = w.folder;
    pause_ms(5);
    OK(!bg_failed(store_open(&w.opts, &store)) && wait_for_bases(&w, 2), "begun again, it makes a new base by itself");
    pause_ms(5);
    OK(change(&w, store, &d), "e");
    settle(store, &d);
    OK(!bg_failed(restore(&w, d.done, &got, &moment)) && got.count == d.count && got.sum == d.sum, "from which it restores");
    OK(!bg_failed(restore(&w, b.done, &got, &moment)) && got.count == b.count, "as it does before the hole");
    char path[600];
    struct store_position place;
    OK(!bg_failed(store_archive_base(w.folder, b.done, path, sizeof path, &place, &moment)), "the first base");
    bg_err err = store_archive_replay(w.folder, &place, path, d.done, &moment);
    OK(err.code == BG_STORE_ARCHIVE_HOLE && strstr(err.facts, "good_until") != NULL, "over the hole it does not go: %s", err.facts);
    err = restore(&w, a.begun - 100000, &got, &moment);
    OK(err.code == BG_STORE_ARCHIVE_RANGE && strstr(err.facts, "earliest") != NULL, "a moment too early: %s", err.facts);
    (void)snprintf(path, sizeof path, "%s/copy", w.bed.folder);
    OK(!bg_failed(store_backup(store, path, &place)) && place.chain != 0, "a copy knows where it stands");
    pause_ms(5);
    OK(change(&w, store, &c), "f");
    settle(store, &c);
    OK(!bg_failed(store_archive_replay(w.folder, &place, path, c.done, &moment)) && moment.commits == 1 && moment.frames > 0,
       "and is brought on from there");
    store_close(store);
    bed_done(&w.bed);
}

static void newest_segment(const struct world *w, bool oldest, char out[700])
{
    DIR *dir = opendir(w->folder);
    out[0] = '\0';
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[700];
        (void)snprintf(path, sizeof path, "%s/%s", w->folder, entry->d_name);
        int order = strcmp(path, out);
        if (strstr(entry->d_name, ".seg") != NULL && (out[0] == '\0' || (oldest ? order < 0 : order > 0))) {
            memcpy(out, path, sizeof path);
        }
    }
    (void)closedir(dir);
}

/* A byte of a segment altered: named, and what lies before it can still be restored. */
static void test_damage(void)
{
    struct world w;
    struct store *store = NULL;
    struct spot spots[60], got;
    struct store_moment moment;
    char path[700];
    world_make(&w, 6);
    OK(!bg_failed(store_open(&w.opts, &store)) && wait_for_bases(&w, 1), "archives");
    for (int i = 0; i < 60; i++) {
        pause_ms(3);
        OK(change(&w, store, &spots[i]), "commit %d", i);
    }
    store_close(store);
    newest_segment(&w, false, path);
    struct stat info;
    OK(stat(path, &info) == 0 && info.st_size > 10000, "a segment");
    int fd = open(path, O_RDWR);
    uint8_t byte;
    off_t at = info.st_size / 2;
    OK(pread(fd, &byte, 1, at) == 1, "a byte");
    byte ^= 0x10;
    OK(pwrite(fd, &byte, 1, at) == 1, "altered");
    (void)close(fd);
    bg_err err = restore(&w, spots[59].done, &got, &moment);
    OK((err.code == BG_STORE_ARCHIVE_DAMAGED || err.code == BG_STORE_ARCHIVE_HOLE) && strstr(err.facts, "segment") != NULL, "is named: %s",
       err.facts);
    OK(!bg_failed(restore(&w, spots[5].done, &got, &moment)) && got.count == spots[5].count, "what lies before it is restored");
    OK(unlink(path) == 0, "the segment is taken away");
    w.opts.archive = NULL;
    OK(!bg_failed(store_open(&w.opts, &store)) && store_stats(store).archive, "the store opens");
    OK(change(&w, store, &got) && wait_for(store, false) && wait_for_bases(&w, 1), "and goes on");
    store_close(store);
    bed_done(&w.bed);
}

/* Small segments and a short range: what is older goes, what is needed stays. */
static void test_prune(void)
{
    struct world w;
    struct store *store = NULL;
    struct spot spots[40], got;
    struct store_moment moment;
    world_make(&w, 8);
    w.opts.archive_keep_ms = 600;
    w.opts.archive_base_ms = 100;
    OK(!bg_failed(store_open(&w.opts, &store)) && wait_for_bases(&w, 1), "archives");
    bool good = true, old = false;
    size_t most = 0;
    for (int i = 0; i < 40 && good; i++) {
        good = change(&w, store, &spots[i]);
        pause_ms(50);
        settle(store, &spots[i]);
        most = files_of(w.folder, ".base") > most ? files_of(w.folder, ".base") : most;
        for (int j = i; j >= 0 && spots[i].done - spots[j].done < 500 && good && i % 4 == 3; j -= 3) {
            bg_err err = restore(&w, spots[j].done, &got, &moment);
            good = !bg_failed(err) && got.count == spots[j].count && got.sum == spots[j].sum;
            if (!good) {
                printf("# %d of %d: %s %s\n", j, i, bg_errors[err.code].slug, err.facts != NULL ? err.facts : "");
            }
        }
    }
    old = restore(&w, spots[0].done, &got, &moment).code == BG_STORE_ARCHIVE_RANGE;
    OK(good, "every moment of the range is there while old ones go");
    OK(old && most < 12, "and old ones are gone (%zu bases at most)", most);
    store_close(store);
    bed_done(&w.bed);
}

/* The archive on a full disk of its own: commits go on, it is told, and it takes itself up again. */
static void test_full(void)
{
    struct world w;
    struct store *store = NULL;
    struct spot spot = { 0 }, got;
    struct store_moment moment;
    world_make(&w, 9);
    w.opts.wal_max_bytes = 20000000;
    if (mkdir(w.folder, 0700) != 0 || mount("none", w.folder, "tmpfs", 0, "size=600k") != 0) {
        SKIP("no file system may be mounted here");
        bed_done(&w.bed);
        return;
    }
    bool good = !bg_failed(store_open(&w.opts, &store)) && wait_for_bases(&w, 1), told = false;
    for (int i = 0; i < 400 && good && !told; i++) {
        good = change(&w, store, &spot);
        told = store_stats(store).archive_failing;
    }
    OK(good && told, "with a full archive disk commits go on, and it is told");
    for (int i = 0; i < 10 && good; i++) {
        good = change(&w, store, &spot);
    }
    OK(good && store_stats(store).archive_breaks == 0, "the chain waits in the log");
    OK(mount("none", w.folder, "tmpfs", MS_REMOUNT, "size=60m") == 0 && wait_for(store, false), "with room again it goes on");
    pause_ms(5);
    good = good && change(&w, store, &spot);
    settle(store, &spot);
    bg_err err = restore(&w, spot.done, &got, &moment);
    OK(good && !bg_failed(err) && got.count == spot.count && got.sum == spot.sum, "without a hole (%s)", bg_errors[err.code].slug);
    OK(mount("none", w.folder, "tmpfs", MS_REMOUNT, "size=4k") == 0 || true, "full again");
    for (int i = 0; i < 3000 && good && store_stats(store).archive_breaks == 0; i++) {
        good = change(&w, store, &spot);
    }
    store_close(store);
    (void)umount(w.folder);
    OK(good, "for long: commits go on");
    bed_done(&w.bed);
}

int main(void)
{
    test_breaks();
    test_damage();
    test_prune();
    test_full();
    test_kills();
    return TAP_DONE();
}
