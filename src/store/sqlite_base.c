/* The archive's bases: where the archive is, whole copies made while the store runs, and removing what is older than the kept range. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_archive.h"

#define BASE_STEP_PAGES 512
#define PRUNE_EVERY_MS 60000
#define CLOCK_COARSE_MS 10 /* file times are those of the last tick of the kernel's clock */

/* --- where --- */

static bool marker_path(const struct lite_file *file, char out[ARCHIVE_PATH_MAX])
{
    return snprintf(out, ARCHIVE_PATH_MAX, "%s.archived", file->path) < ARCHIVE_PATH_MAX;
}

bool store_archive_of(const char *db, char *ret, size_t size)
{
    char path[ARCHIVE_PATH_MAX];
    bg_str s = bg_str_of(db);
    int fd = -1;
    if (snprintf(path, sizeof path, "%.*s.archived", BG_STR_FMT(s)) < (int)sizeof path) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    ssize_t got = fd >= 0 ? read(fd, ret, size - 1) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (got <= 0 || (size_t)got >= size) {
        return false;
    }
    ret[got] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
    return ret[0] != '\0';
}

/* Remembers the folder beside the file, so that every command that writes to it archives too. */
static bg_err write_marker(const char *path, const char *folder)
{
    char text[ARCHIVE_PATH_MAX + 2];
    int len = snprintf(text, sizeof text, "%s\n", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, text, (size_t)len) == len && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_STORE_OPEN, "archive");
}

static bool absolute(const char *folder, char out[ARCHIVE_PATH_MAX])
{
    char here[ARCHIVE_PATH_MAX];
    int len = folder[0] == '/'                       ? snprintf(out, ARCHIVE_PATH_MAX, "%s", folder)
              : getcwd(here, sizeof here) != NULL ? snprintf(out, ARCHIVE_PATH_MAX, "%s/%s", here, folder)
                                                     : ARCHIVE_PATH_MAX;
    return len < ARCHIVE_PATH_MAX;
}

bg_err lite_archive_choose(struct store *store)
{
    struct lite_file *file = lite_file(store);
    char marker[ARCHIVE_PATH_MAX], before[ARCHIVE_PATH_MAX] = "", folder[ARCHIVE_PATH_MAX], log[ARCHIVE_PATH_MAX];
    const char *wanted = store->opts.archive;
    if (store->opts.read_only || (wanted == NULL && store->opts.vfs != NULL) || !marker_path(file, marker)) {
        return BG_DONE;
    }
    bool had = store_archive_of(file->path, before, sizeof before);
    if (wanted != NULL && *wanted == '\0') {
        return unlink(marker) == 0 || errno == ENOENT ? BG_DONE : BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    if ((wanted == NULL && !had) || !absolute(wanted != NULL ? wanted : before, folder)) {
        return wanted == NULL ? BG_DONE : BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    struct lite_archive *a = bg_heap_get(sizeof *a);
    BG_TRY(bg_need(a));
    a->store = store;
    a->out.fd = -1;
    pthread_mutex_init(&a->commits, NULL);
    pthread_mutex_init(&a->rounds, NULL);
    file->archive = a;
    memcpy(a->out.folder, folder, sizeof folder);
    a->same_place = had && strcmp(before, folder) == 0;
    lite_archive_identify(store, &a->found);
    struct stat info;
    if (snprintf(log, sizeof log, "%s-wal", file->path) < (int)sizeof log && stat(log, &info) == 0 && info.st_size > 0) {
        a->written_at = (bg_ms)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000 + CLOCK_COARSE_MS;
    }
    return a->same_place ? BG_DONE : write_marker(marker, folder);
}

/* --- copies that know where they stand --- */

bg_err lite_archive_snapshot(struct store *store, struct lite *from, struct store_position *ret)
{
    struct lite_archive *a = lite_file(store)->archive;
    int64_t tables;
    *ret = (struct store_position){ 0 };
    lite_archive_lock(store);
    bg_err err = lite_exec(from, "BEGIN");
    if (!bg_failed(err)) {
        err = lite_pragma_int(from, "SELECT count(*) FROM sqlite_schema", &tables); /* fixes the snapshot */
    }
    if (a != NULL && a->chain != 0 && !a->lost) {
        *ret = (struct store_position){ a->chain, a->lsn, a->at };
    }
    lite_archive_unlock(store);
    return err;
}

void lite_archive_drop_base(struct lite_archive *a)
{
    char path[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX];
    if (a->base_copy != NULL) {
        (void)sqlite3_backup_finish(a->base_copy);
        a->base_copy = NULL;
    }
    if (a->base_to != NULL) {
        (void)sqlite3_close(a->base_to);
        a->base_to = NULL;
        (void)snprintf(path, sizeof path, "%s/base.partial", a->out.folder);
        (void)unlink(path);
    }
    lite_disconnect(a->base_from);
    a->base_from = NULL;
}

static bg_err start_base(struct lite_archive *a)
{
    char path[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX];
    (void)snprintf(path, sizeof path, "%s/base.partial", a->out.folder);
    (void)unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    (void)close(fd);
    BG_TRY(lite_connect(a->store, LITE_READER, &a->base_from));
    BG_TRY(lite_archive_snapshot(a->store, a->base_from, &a->base_place));
    int rc = sqlite3_open_v2(path, &a->base_to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(a->base_to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL); /* one sync at the end */
    }
    if (rc == SQLITE_OK) {
        a->base_copy = sqlite3_backup_init(a->base_to, "main", a->base_from->db, "main");
    }
    return a->base_copy != NULL ? BG_DONE : BG_FAIL_AT(BG_STORE_OPEN, "archive");
}

/* Gives the finished copy its name, durably. */
static bg_err end_base(struct lite_archive *a)
{
    char from[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX], to[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX];
    int rc = sqlite3_backup_finish(a->base_copy);
    a->base_copy = NULL;
    (void)snprintf(from, sizeof from, "%s/base.partial", a->out.folder);
    (void)snprintf(to, sizeof to, "%s/%016" PRIx64 "-%019" PRId64 "-%015" PRId64 ".base", a->out.folder, a->base_place.chain,
                   a->base_place.lsn, a->base_place.at);
    (void)sqlite3_close(a->base_to);
    a->base_to = NULL;
    lite_disconnect(a->base_from);
    a->base_from = NULL;
    int fd = rc == SQLITE_OK ? open(from, O_RDWR | O_CLOEXEC) : -1;
    static const uint8_t alone[2] = { 1, 1 }; /* no log belongs to it */
    bool good = fd >= 0 && pwrite(fd, alone, sizeof alone, 18) == (ssize_t)sizeof alone && fsync(fd) == 0 && rename(from, to) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (!good || bg_failed(archive_folder(a->out.folder))) {
        (void)unlink(from);
        return BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    a->based = true;
    a->base_at = bg_now(a->store->opts.env);
    a->base_total = a->out.total_bytes;
    return BG_DONE;
}

/* True when the newest base has become old: a day, and what it would take to replay has grown to the file's size, or three days. */
static bool base_due(const struct lite_archive *a)
{
    const struct store_opts *opts = &a->store->opts;
    int64_t every = opts->archive_base_ms > 0 ? opts->archive_base_ms : ARCHIVE_BASE_MS;
    int64_t age = bg_now(opts->env) - a->base_at, grown = a->out.total_bytes - a->base_total;
    struct stat info;
    if (!a->based || age < 0) {
        return true;
    }
    return age >= every && grown > 0 &&
           (age >= 3 * every || stat(lite_file(a->store)->path, &info) != 0 || grown >= (int64_t)info.st_size);
}

/* What is there already, once a start. */
static void find_base(struct lite_archive *a)
{
    struct archive_list list;
    if (bg_failed(archive_list(a->out.folder, &list))) {
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (list.files[i].base && list.files[i].chain == a->out.mark.chain) {
            a->based = true;
            a->base_at = list.files[i].at;
        }
    }
    archive_list_done(&list);
}

/* --- what is old --- */

/* Removes what no moment of the kept range needs: everything before the newest base that is older than it. */
static void prune(struct lite_archive *a)
{
    const struct store_opts *opts = &a->store->opts;
    bg_ms before = bg_now(opts->env) - (opts->archive_keep_ms > 0 ? opts->archive_keep_ms : ARCHIVE_KEEP_MS);
    struct archive_list list;
    const struct archive_file *base = NULL;
    if (bg_failed(archive_list(a->out.folder, &list))) {
        return;
    }
    for (size_t i = 0; i < list.count; i++) {
        base = list.files[i].base && list.files[i].at <= before ? &list.files[i] : base;
    }
    for (size_t i = 0; base != NULL && &list.files[i] != base && i < list.count; i++) {
        const struct archive_file *file = &list.files[i], *next = NULL;
        for (size_t j = i + 1; j < list.count && next == NULL && list.files[j].chain == file->chain; j++) {
            next = list.files[j].base ? NULL : &list.files[j];
        }
        char path[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", a->out.folder, file->name);
        if (file->base || file->chain < base->chain || (next != NULL && next->lsn <= base->lsn + 1)) {
            (void)unlink(path);
        }
    }
    archive_list_done(&list);
}

void lite_archive_tend(struct lite_archive *a, bool *ret_busy)
{
    *ret_busy = false;
    bg_ms now = bg_now(a->store->opts.env);
    if (!a->chained || atomic_load(&a->failing)) {
        lite_archive_drop_base(a);
        return;
    }
    if (a->pruned_at == 0 && !a->based) {
        find_base(a);
    }
    if (now - a->pruned_at >= PRUNE_EVERY_MS || now < a->pruned_at || a->store->opts.archive_keep_ms > 0) {
        a->pruned_at = now;
        prune(a);
    }
    bg_err err = BG_DONE;
    if (a->base_copy == NULL && base_due(a)) {
        err = start_base(a);
    }
    if (!bg_failed(err) && a->base_copy != NULL) {
        int rc = sqlite3_backup_step(a->base_copy, BASE_STEP_PAGES);
        *ret_busy = rc == SQLITE_OK;
        err = rc == SQLITE_DONE ? end_base(a) : rc == SQLITE_OK ? BG_DONE : BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    if (bg_failed(err)) {
        lite_archive_drop_base(a);
        store_log(a->store, BG_ALERT, "store.archive", a->out.folder, "no base could be made: nothing of this chain can be restored yet");
        atomic_store(&a->failing, true);
    }
}
