/* Feeds the archive from a running SQLite store. Frames of the log are copied before a checkpoint lets them be written over: a reader pins
 * the log where it stands, what is new is archived and on the disk, and only then checkpoints run, which the pin keeps from going
 * further. The thread that does so once a second is in nobody's way; a commit waits only while the pin is moved, and the writer makes a
 * round itself only when it resets a log past its limit. What the archive's disk does never holds up a commit: while it fails the log
 * grows, up to its limit; past it the chain is given up, loudly, and a new one with a base of its own begins as soon as the disk works. */
#include "store/sqlite_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_HEAD 32
#define FRAME_HEAD 24
#define SAY_AGAIN_MS 60000
#define SMALL_FRAMES 256 /* a round of so many is packed by zlib: some 10 ms a second */

/* --- the log --- */

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

struct log_head {
    bool there, big;
    uint32_t salt[2], sum[2];
};

static sqlite3_file *log_file(struct lite *lite)
{
    sqlite3_file *log = NULL;
    int rc = sqlite3_file_control(lite->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    return rc == SQLITE_OK && log != NULL && log->pMethods != NULL ? log : NULL;
}

static bool read_head(sqlite3_file *log, struct log_head *ret)
{
    uint8_t head[LOG_HEAD];
    sqlite3_int64 size = 0;
    *ret = (struct log_head){ 0 };
    if (log == NULL || log->pMethods->xFileSize(log, &size) != SQLITE_OK) {
        return false;
    }
    if (size < LOG_HEAD) {
        return true;
    }
    if (log->pMethods->xRead(log, head, LOG_HEAD, 0) != SQLITE_OK) {
        return false;
    }
    *ret = (struct log_head){ true, (big_endian(head) & 1) != 0, { big_endian(head + 16), big_endian(head + 20) },
                              { big_endian(head + 24), big_endian(head + 28) } };
    return true;
}

/* Reads `count` frames from `first` (1…) on and checks that they continue the checksum. Of what this process has committed itself only the
 * ends of a long run are compared: summing it costs as much as all the rest, and whoever restores does it. */
static bool read_frames(struct lite_archive *a, sqlite3_file *log, const struct log_head *head, uint32_t first, uint32_t count,
                        uint32_t sum[2])
{
    size_t frame = FRAME_HEAD + (size_t)a->page_size;
    sqlite3_int64 from = LOG_HEAD + (sqlite3_int64)(first - 1) * (sqlite3_int64)frame;
    if (log->pMethods->xRead(log, a->raw, (int)(count * frame), from) != SQLITE_OK) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *at = a->raw + i * frame;
        if (a->trusts && i > 0 && i + 1 < count) {
            sum[0] = big_endian(at + 16);
            sum[1] = big_endian(at + 20);
        } else {
            if (a->trusts && i > 0) {
                sum[0] = big_endian(at - frame + 16);
                sum[1] = big_endian(at - frame + 20);
            }
            archive_sum(head->big, sum, at, 8);
            archive_sum(head->big, sum, at + FRAME_HEAD, (size_t)a->page_size);
        }
        if (big_endian(at + 8) != head->salt[0] || big_endian(at + 12) != head->salt[1] || big_endian(at + 16) != sum[0] ||
            big_endian(at + 20) != sum[1]) {
            return false;
        }
        a->record.numbers[i] = big_endian(at);
        a->record.sizes[i] = big_endian(at + 4);
    }
    return true;
}

/* --- commits as they happen --- */

static bool push(struct lite_archive *a, const struct archive_commit *commit)
{
    if (a->fresh_count == a->fresh_room) {
        size_t room = a->fresh_room == 0 ? 256 : 2 * a->fresh_room;
        struct archive_commit *fresh = bg_heap_get(room * sizeof *fresh);
        if (fresh == NULL) {
            return false;
        }
        if (a->fresh_count > 0) {
            memcpy(fresh, a->fresh, a->fresh_count * sizeof *fresh);
        }
        bg_heap_free(a->fresh);
        a->fresh = fresh;
        a->fresh_room = room;
    }
    a->fresh[a->fresh_count++] = *commit;
    return true;
}

void lite_archive_committed(struct lite_archive *a, int frames)
{
    struct lite *writer = lite_file(a->store)->writer;
    struct log_head head;
    bool good = read_head(log_file(writer), &head) && head.there;
    if (good && memcmp(head.salt, a->salt, sizeof a->salt) != 0) {
        memcpy(a->salt, head.salt, sizeof a->salt);
        a->round_lsn = a->lsn;
    }
    bg_ms now = bg_now(a->store->opts.env);
    a->at = now > a->at ? now : a->at;
    a->frame = (uint32_t)frames;
    a->lsn = a->round_lsn + frames;
    if (!a->lost && (!good || !push(a, &(struct archive_commit){ a->lsn, a->at, 0 }))) {
        a->lost = true;
    }
    if (a->lost) {
        a->fresh_count = 0; /* nobody asks any more: the chain ends */
    }
}

/* Moves what was committed since to the end of what waits to be archived. Under `commits`. */
static bool take_fresh(struct lite_archive *a)
{
    if (a->waiting_count + a->fresh_count > a->waiting_room) {
        size_t room = 2 * (a->waiting_count + a->fresh_count);
        struct archive_commit *waiting = bg_heap_get(room * sizeof *waiting);
        if (waiting == NULL) {
            return false;
        }
        if (a->waiting_count > 0) {
            memcpy(waiting, a->waiting, a->waiting_count * sizeof *waiting);
        }
        bg_heap_free(a->waiting);
        a->waiting = waiting;
        a->waiting_room = room;
    }
    if (a->fresh_count > 0) {
        memcpy(a->waiting + a->waiting_count, a->fresh, a->fresh_count * sizeof *a->fresh);
    }
    a->waiting_count += a->fresh_count;
    a->fresh_count = 0;
    return true;
}

void lite_archive_lock(struct store *store)
{
    struct lite_archive *a = lite_file(store)->archive;
    if (a != NULL) {
        pthread_mutex_lock(&a->commits);
    }
}

void lite_archive_unlock(struct store *store)
{
    struct lite_archive *a = lite_file(store)->archive;
    if (a != NULL) {
        pthread_mutex_unlock(&a->commits);
    }
}

/* --- a round: what is new goes into the archive --- */

struct round {
    uint32_t salt[2];
    int64_t round_lsn, lsn;
    bool lost;
    bg_ms begun_at; /* no commit before it is missing */
};

static void unpin(struct lite_archive *a)
{
    if (a->reader != NULL && !sqlite3_get_autocommit(a->reader->db)) {
        bg_ignore(lite_exec(a->reader, "ROLLBACK"));
    }
}

/* Pins the log where it stands between two commits. */
static bg_err pin(struct lite_archive *a, struct round *ret)
{
    struct lite_file *file = lite_file(a->store);
    int64_t tables;
    if (a->reader == NULL) {
        BG_TRY(lite_connect(a->store, LITE_READER, &a->reader));
    }
    pthread_mutex_lock(&file->mutex);
    a->hold = ARCHIVE_HELD;
    unpin(a);
    pthread_mutex_lock(&a->commits);
    bg_err err = lite_exec(a->reader, "BEGIN");
    if (!bg_failed(err)) {
        err = lite_pragma_int(a->reader, "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)", &tables);
    }
    a->lost |= !take_fresh(a);
    *ret = (struct round){ { a->salt[0], a->salt[1] }, a->round_lsn, a->lsn, a->lost, bg_now(a->store->opts.env) };
    pthread_mutex_unlock(&a->commits);
    pthread_mutex_unlock(&file->mutex);
    return err;
}

static void set_hold(struct lite_archive *a, enum archive_hold hold)
{
    struct lite_file *file = lite_file(a->store);
    pthread_mutex_lock(&file->mutex);
    a->hold = hold;
    if (hold == ARCHIVE_FREE) {
        unpin(a);
    }
    pthread_mutex_unlock(&file->mutex);
}

void lite_archive_let_go(struct lite_archive *a)
{
    if (a->hold == ARCHIVE_SAFE) {
        unpin(a);
    }
}

void lite_archive_rest(struct lite_archive *a)
{
    struct lite_file *file = lite_file(a->store);
    pthread_mutex_lock(&file->mutex);
    pthread_mutex_lock(&a->commits);
    if (a->hold == ARCHIVE_SAFE && a->lsn == a->out.kept.lsn && a->chain == a->out.kept.chain) {
        unpin(a);
        a->hold = ARCHIVE_HELD; /* without a pin a checkpoint could go further than the archive */
    }
    pthread_mutex_unlock(&a->commits);
    pthread_mutex_unlock(&file->mutex);
}

/* --- pages as they were --- */

/* The last archived state of a page is its last archived frame in this round of the log, else what the file holds: into the file comes
 * nothing that is not archived. The index tells the frames. */
static bool index_put(struct lite_archive *a, uint32_t page, uint32_t frame);

static bool index_grow(struct lite_archive *a)
{
    size_t room = a->index_room == 0 ? 4096 : 2 * a->index_room, before = a->index_room;
    struct page_frame *old = a->index, *index = bg_heap_get(room * sizeof *index);
    if (index == NULL) {
        return false;
    }
    memset(index, 0, room * sizeof *index);
    a->index = index;
    a->index_room = room;
    a->index_count = 0;
    for (size_t i = 0; i < before; i++) {
        if (old[i].page != 0) {
            (void)index_put(a, old[i].page, old[i].frame);
        }
    }
    bg_heap_free(old);
    return true;
}

static struct page_frame *index_at(const struct lite_archive *a, uint32_t page)
{
    size_t at = (page * 0x9E3779B1U) & (a->index_room - 1);
    while (a->index[at].page != 0 && a->index[at].page != page) {
        at = (at + 1) & (a->index_room - 1);
    }
    return &a->index[at];
}

static bool index_put(struct lite_archive *a, uint32_t page, uint32_t frame)
{
    if (2 * a->index_count >= a->index_room && !index_grow(a)) {
        return false;
    }
    struct page_frame *at = index_at(a, page);
    a->index_count += at->page == 0;
    *at = (struct page_frame){ page, frame };
    return true;
}

/* Makes the index tell of the frames up to `frame` of the present round, and of no others. */
static bool index_log(struct lite_archive *a, sqlite3_file *log, const struct log_head *head, uint32_t frame)
{
    uint8_t number[4];
    if (a->index != NULL && a->indexed == frame && memcmp(a->index_salt, head->salt, sizeof head->salt) == 0) {
        return true;
    }
    if (a->index != NULL) {
        memset(a->index, 0, a->index_room * sizeof *a->index);
    } else if (!index_grow(a)) {
        return false;
    }
    a->index_count = 0;
    a->indexed = UINT32_MAX;
    for (uint32_t i = 1; i <= frame; i++) {
        sqlite3_int64 at = LOG_HEAD + (sqlite3_int64)(i - 1) * (FRAME_HEAD + a->page_size);
        if (log->pMethods->xRead(log, number, sizeof number, at) != SQLITE_OK || !index_put(a, big_endian(number), i)) {
            return false;
        }
    }
    memcpy(a->index_salt, head->salt, sizeof a->index_salt);
    a->indexed = frame;
    return true;
}

static bool page_before(void *ctx, uint32_t number, uint8_t *out, size_t size)
{
    struct lite_archive *a = ctx;
    const struct page_frame *last = index_at(a, number);
    sqlite3_file *file = log_file(a->reader);
    sqlite3_int64 at = LOG_HEAD + (sqlite3_int64)(last->frame - 1) * (FRAME_HEAD + a->page_size) + FRAME_HEAD;
    if (last->page == 0) {
        at = (sqlite3_int64)(number - 1) * a->page_size;
        if (sqlite3_file_control(a->reader->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) {
            return false;
        }
    }
    int rc = file != NULL && file->pMethods != NULL ? file->pMethods->xRead(file, out, (int)size, at) : SQLITE_IOERR;
    return rc == SQLITE_OK || (rc == SQLITE_IOERR_SHORT_READ && last->page == 0); /* behind the file's end it fills with zeros */
}

/* One record of at most `count` frames behind the archive's mark. */
static bg_err copy_part(struct lite_archive *a, const struct round *round, const struct log_head *head, uint32_t count)
{
    size_t past = 0; /* of what waits, what earlier records of this round took */
    while (past < a->waiting_count && a->waiting[past].lsn <= a->out.mark.lsn) {
        past++;
    }
    struct archive_mark mark = a->out.mark;
    sqlite3_file *log = log_file(a->reader);
    bool same = memcmp(mark.salt, round->salt, sizeof mark.salt) == 0;
    uint32_t first = (uint32_t)(mark.lsn - round->round_lsn) + 1;
    uint32_t sum[2] = { same && first > 1 ? mark.sum[0] : head->sum[0], same && first > 1 ? mark.sum[1] : head->sum[1] };
    struct archive_record *record = &a->record;
    memcpy(record->begun, sum, sizeof sum);
    record->big = head->big;
    record->before = page_before;
    record->before_ctx = a;
    if (log == NULL || !read_frames(a, log, head, first, count, sum)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "log");
    }
    if (!index_log(a, log, head, first - 1)) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    record->frames = count;
    record->commits = a->waiting + past;
    record->commit_count = 0;
    mark.kind = ARCHIVE_FRAMES;
    mark.lsn += count;
    mark.frame = first + count - 1;
    memcpy(mark.salt, round->salt, sizeof mark.salt);
    memcpy(mark.sum, sum, sizeof mark.sum);
    mark.identity = (struct archive_identity){ 0 };
    while (past + record->commit_count < a->waiting_count && record->commits[record->commit_count].lsn <= mark.lsn) {
        struct archive_commit *commit = &record->commits[record->commit_count++];
        commit->pages = record->sizes[commit->lsn - (mark.lsn - count) - 1];
        mark.at = commit->at;
        if (commit->pages == 0) {
            return BG_FAIL_AT(BG_NOT_FOUND, "log"); /* no commit ends there: we have lost count */
        }
    }
    record->mark = mark;
    BG_TRY(archive_append(&a->out, record));
    a->indexed = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (!index_put(a, record->numbers[i], first + i)) {
            return BG_DONE; /* made anew for the next record */
        }
    }
    a->indexed = first + count - 1;
    return BG_DONE;
}

/* Forgets the commits that are surely archived. */
static void drop_kept(struct lite_archive *a)
{
    size_t done = 0;
    while (done < a->waiting_count && a->waiting[done].lsn <= a->out.kept.lsn) {
        done++;
    }
    if (done > 0) {
        memmove(a->waiting, a->waiting + done, (a->waiting_count - done) * sizeof *a->waiting);
        a->waiting_count -= done;
    }
}

/* BG_NOT_FOUND: the chain cannot go on. Leaves the log pinned. */
static bg_err copy_new(struct lite_archive *a)
{
    struct round round;
    struct log_head head;
    BG_TRY(pin(a, &round));
    if (round.lost || round.round_lsn > a->out.mark.lsn) {
        return BG_FAIL_AT(BG_NOT_FOUND, "log"); /* frames were written over before they were copied */
    }
    if (round.lsn > a->out.mark.lsn &&
        (!read_head(log_file(a->reader), &head) || !head.there || memcmp(head.salt, round.salt, sizeof head.salt) != 0)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "log");
    }
    a->record.small = round.lsn - a->out.mark.lsn <= SMALL_FRAMES;
    a->trusts = !a->record.small;
    while (a->out.mark.lsn < round.lsn) {
        int64_t left = round.lsn - a->out.mark.lsn;
        BG_TRY(copy_part(a, &round, &head, left < ARCHIVE_RECORD_FRAMES ? (uint32_t)left : ARCHIVE_RECORD_FRAMES));
    }
    BG_TRY(archive_sync(&a->out));
    drop_kept(a);
    a->good_at = round.begun_at;
    return BG_DONE;
}

/* --- chains --- */

static uint64_t next_chain(const struct lite_archive *a)
{
    struct archive_list list;
    uint64_t newest = 0, chain = (uint64_t)bg_now(a->store->opts.env) << 16;
    uint8_t tail[2];
    bg_random(a->store->opts.env, tail, sizeof tail);
    chain |= (uint64_t)tail[0] << 8 | tail[1];
    if (!bg_failed(archive_list(a->out.folder, &list))) {
        newest = list.count > 0 ? list.files[list.count - 1].chain : 0;
        archive_list_done(&list);
    }
    return chain > newest ? chain : newest + 0x10000;
}

void lite_archive_identify(const struct store *store, struct archive_identity *ret)
{
    struct stat info;
    *ret = (struct archive_identity){ 0 };
    if (store->opts.vfs == NULL && stat(lite_file(store)->path, &info) == 0) {
        *ret = (struct archive_identity){ (int64_t)info.st_ino, (int64_t)info.st_size,
                                          (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
                                          (int64_t)info.st_ctim.tv_sec * 1000000000 + info.st_ctim.tv_nsec };
    }
}

/* The checksum behind a frame of the present round. */
static bool sum_behind(struct lite_archive *a, sqlite3_file *log, uint32_t frame, uint32_t ret[2])
{
    struct log_head head;
    uint8_t words[8];
    sqlite3_int64 at = LOG_HEAD + (sqlite3_int64)(frame - 1) * (FRAME_HEAD + a->page_size) + 16;
    if (!read_head(log, &head)) {
        return false;
    }
    memcpy(ret, head.sum, sizeof head.sum);
    if (frame > 0) {
        if (log->pMethods->xRead(log, words, sizeof words, at) != SQLITE_OK) {
            return false;
        }
        ret[0] = big_endian(words);
        ret[1] = big_endian(words + 4);
    }
    return true;
}

/* Starts a chain at what is committed now; its base is made by lite_archive_base. */
static bg_err begin_chain(struct lite_archive *a, struct lite *lite)
{
    lite_archive_drop_base(a);
    archive_writer_close(&a->out);
    BG_TRY(archive_folder(a->out.folder));
    pthread_mutex_lock(&a->commits);
    struct archive_mark mark = { .kind = ARCHIVE_BEGIN, .chain = next_chain(a), .frame = a->frame, .page_size = (uint32_t)a->page_size };
    mark.at = bg_now(a->store->opts.env) > a->at ? bg_now(a->store->opts.env) : a->at;
    memcpy(mark.salt, a->salt, sizeof mark.salt);
    bool known = sum_behind(a, log_file(lite), a->frame, mark.sum);
    a->lost = false;
    a->fresh_count = a->waiting_count = 0;
    a->lsn = 0;
    a->round_lsn = -(int64_t)a->frame;
    a->at = mark.at;
    a->chain = mark.chain;
    pthread_mutex_unlock(&a->commits);
    if (!known) {
        return BG_FAIL_AT(BG_STORE_OPEN, "log");
    }
    if (a->frame == 0) {
        lite_archive_identify(a->store, &mark.identity);
    }
    memset(a->out.mark.hash, 0, sizeof a->out.mark.hash);
    a->record.frames = 0;
    a->record.commit_count = 0;
    a->record.mark = mark;
    BG_TRY(archive_append(&a->out, &a->record));
    BG_TRY(archive_sync(&a->out));
    a->chained = true;
    a->based = false;
    return BG_DONE;
}

/* --- before a checkpoint --- */

static void say(struct lite_archive *a, const char *message)
{
    bg_ms now = bg_now(a->store->opts.env);
    if (now - a->said_at >= SAY_AGAIN_MS || now < a->said_at) {
        a->said_at = now;
        store_log(a->store, BG_ALERT, "store.archive", a->out.folder, message);
    }
}

static void give_up(struct lite_archive *a, const char *why)
{
    if (a->chained) {
        a->chained = false;
        pthread_mutex_lock(&a->commits);
        a->chain = 0;
        pthread_mutex_unlock(&a->commits);
        a->said_at = 0;
        atomic_fetch_add(&a->breaks, 1);
        say(a, why);
    }
}

void lite_archive_ahead(struct lite_archive *a)
{
    struct lite_file *file = lite_file(a->store);
    bg_err err = a->chained ? copy_new(a) : BG_FAIL_AT(BG_NOT_FOUND, "log");
    if (err.code == BG_NOT_FOUND) {
        give_up(a, "the archive has lost its thread: what was committed from here to the next base cannot be restored to");
        struct round round;
        err = pin(a, &round);
        err = bg_failed(err) ? err : begin_chain(a, a->reader);
    }
    bool failing = bg_failed(err);
    if (failing) {
        say(a, err.code == BG_STORE_FULL ? "the disk of the archive is full: nothing is archived" : "the archive cannot be written");
    } else if (atomic_load(&a->failing)) {
        a->said_at = 0;
        store_log(a->store, BG_INFO, "store.archive", a->out.folder, "the archive is written again");
    }
    atomic_store(&a->failing, failing);
    atomic_store(&a->archived_at, a->good_at);
    if (failing && a->chained && atomic_load(&file->wal_bytes) > a->store->opts.wal_max_bytes) {
        give_up(a, "the archive has failed for so long that the log had to go: a new base is needed");
    }
    set_hold(a, !a->chained ? ARCHIVE_FREE : failing ? ARCHIVE_HELD : ARCHIVE_SAFE);
}

/* --- opening --- */

/* Counts the frames of the log that are committed, remembering where commits end behind `after`. */
static bool scan_log(struct lite_archive *a, struct lite *lite, int64_t after, bg_ms at)
{
    sqlite3_file *log = log_file(lite);
    struct log_head head;
    sqlite3_int64 size = 0;
    if (!read_head(log, &head)) {
        return false;
    }
    memcpy(a->salt, head.salt, sizeof a->salt);
    uint32_t frame = 0, sum[2] = { head.sum[0], head.sum[1] };
    if (!head.there || log->pMethods->xFileSize(log, &size) != SQLITE_OK) {
        return !head.there;
    }
    int64_t most = (size - LOG_HEAD) / (FRAME_HEAD + a->page_size);
    while (frame < most && read_frames(a, log, &head, frame + 1, 1, sum)) {
        frame++;
        if (a->record.sizes[0] != 0) {
            a->frame = frame;
            if (frame > after && !push(a, &(struct archive_commit){ frame, at, 0 })) {
                return false;
            }
        }
    }
    return true;
}

/* Whether the log goes on where the archive ends; *ret_round: what a frame's number in it has to be added to for its LSN. */
static bool goes_on(struct lite_archive *a, struct lite *lite, bool same_place, int64_t *ret_round)
{
    const struct archive_mark *mark = &a->out.mark;
    uint32_t sum[2];
    struct archive_identity none = { 0 };
    if (mark->page_size != (uint32_t)a->page_size) {
        return false;
    }
    if (mark->kind == ARCHIVE_END || (mark->frame == 0 && mark->salt[0] == 0 && mark->salt[1] == 0)) {
        *ret_round = mark->lsn;
        bool known = memcmp(&mark->identity, &none, sizeof none) != 0;
        if (known || a->frame == 0) { /* killed while it ended: whether the log was emptied or not, all that was in it is archived */
            return known ? memcmp(&mark->identity, &a->found, sizeof none) == 0 : same_place && !a->out.spoilt;
        }
    }
    if (memcmp(mark->salt, a->salt, sizeof mark->salt) == 0) {
        *ret_round = mark->lsn - mark->frame;
        return a->frame >= mark->frame && sum_behind(a, log_file(lite), mark->frame, sum) && memcmp(sum, mark->sum, sizeof sum) == 0;
    }
    /* The next round of the same log: it began when all of this one was archived and checkpointed. A last record that is there but not good
     * may have been of this round. */
    *ret_round = mark->lsn;
    return same_place && !a->out.spoilt && a->salt[0] == mark->salt[0] + 1;
}

/* Says that everything committed is archived; `known`: and in the file as it is now, not only about to come there. */
static bg_err put_end(struct lite_archive *a, bool known)
{
    struct archive_mark mark = a->out.mark;
    mark.kind = ARCHIVE_END;
    mark.identity = (struct archive_identity){ 0 };
    if (known) {
        lite_archive_identify(a->store, &mark.identity);
    }
    a->record.frames = 0;
    a->record.commit_count = 0;
    a->record.mark = mark;
    BG_TRY(archive_append(&a->out, &a->record));
    return archive_sync(&a->out);
}

/* Takes up the newest chain, or says that there is none to take up. */
static bool resume(struct lite_archive *a, struct lite *lite, bool same_place)
{
    bool found = false;
    int64_t round = 0;
    if (bg_failed(archive_resume(&a->out, &found)) || !found) {
        return false;
    }
    a->at = a->out.mark.at > a->written_at ? a->out.mark.at : a->written_at;
    if (!scan_log(a, lite, 0, a->at) || !goes_on(a, lite, same_place, &round)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < a->fresh_count; i++) {
        if (round + a->fresh[i].lsn > a->out.mark.lsn) {
            a->fresh[kept++] = (struct archive_commit){ round + a->fresh[i].lsn, a->at, 0 };
        }
    }
    a->fresh_count = kept;
    a->round_lsn = round;
    a->lsn = round + a->frame;
    a->chain = a->out.mark.chain;
    a->chained = true;
    struct archive_identity none = { 0 };
    if (a->out.mark.kind == ARCHIVE_END && memcmp(&a->out.mark.identity, &none, sizeof none) == 0 && a->frame == 0) {
        bg_ignore(put_end(a, true)); /* the log that begins now will be known by the file being as it is */
    }
    return true;
}

static bg_err make_rooms(struct lite_archive *a)
{
    size_t page = (size_t)a->page_size;
    a->raw = bg_heap_get(ARCHIVE_RECORD_FRAMES * (page + FRAME_HEAD));
    a->record.pages = a->raw + FRAME_HEAD;
    a->record.stride = page + FRAME_HEAD;
    a->record.numbers = bg_heap_get(2 * ARCHIVE_RECORD_FRAMES * sizeof *a->record.numbers);
    if (a->raw == NULL || a->record.numbers == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    a->record.sizes = a->record.numbers + ARCHIVE_RECORD_FRAMES;
    return BG_DONE;
}

bg_err lite_archive_start(struct store *store, struct lite *lite)
{
    struct lite_file *file = lite_file(store);
    struct lite_archive *a = file->archive;
    int64_t tables;
    BG_TRY(lite_pragma_int(lite, "SELECT count(*) FROM sqlite_schema", &tables)); /* opens the log */
    a->page_size = file->page_size;
    BG_TRY(make_rooms(a));
    if (bg_failed(archive_folder(a->out.folder))) {
        say(a, "the archive cannot be written");
        atomic_store(&a->failing, true);
    }
    if (!resume(a, lite, a->same_place)) {
        bool had = a->out.mark.chain != 0;
        archive_writer_close(&a->out);
        a->fresh_count = 0;
        a->frame = 0;
        if (!scan_log(a, lite, INT64_MAX, 0)) {
            return BG_FAIL_AT(BG_STORE_FAILED, "log");
        }
        if (had) {
            store_log(store, BG_WARN, "store.archive", a->out.folder, "the archive does not go on from its end: a new base is made");
        }
        atomic_store(&a->failing, bg_failed(begin_chain(a, lite)));
    }
    a->started = true;
    return BG_DONE;
}

/* --- closing --- */

void lite_archive_ending(struct store *store)
{
    struct lite_archive *a = lite_file(store)->archive;
    if (a == NULL || !a->started) {
        return;
    }
    lite_archive_drop_base(a); /* it would keep the log from being emptied */
    lite_archive_ahead(a);
    if (a->chained && a->out.mark.lsn == a->lsn) {
        bg_ignore(put_end(a, false));
    }
}

void lite_archive_stop(struct store *store, bool emptied)
{
    struct lite_archive *a = lite_file(store)->archive;
    if (a != NULL && a->started && a->chained && emptied && a->out.mark.lsn == a->lsn) {
        bg_ignore(put_end(a, true)); /* without it the next start compares the log with the archive */
    }
}

void lite_archive_free(struct lite_archive *a)
{
    if (a == NULL) {
        return;
    }
    lite_archive_drop_base(a);
    lite_disconnect(a->reader);
    archive_writer_close(&a->out);
    bg_heap_free(a->raw);
    bg_heap_free(a->index);
    bg_heap_free(a->record.numbers);
    bg_heap_free(a->fresh);
    bg_heap_free(a->waiting);
    pthread_mutex_destroy(&a->commits);
    pthread_mutex_destroy(&a->rounds);
    bg_heap_free(a);
}
