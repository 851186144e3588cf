/* From a copy and the archive to any moment: chooses a base, finds the last commit at or before the moment, writes the pages up to it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/archive.h"

/* --- errors with their facts --- */

static bg_err fail_time(enum bg_code code, struct store_moment *moment, const char *name, bg_ms at)
{
    char text[25];
    bg_time_text(at, text);
    (void)snprintf(moment->facts, sizeof moment->facts, "\"%s\":\"%s\"", name, text);
    return BG_FAIL_WITH(code, "--at", moment->facts);
}

static bg_err fail_segment(enum bg_code code, struct store_moment *moment, const char *segment, int64_t byte, bg_ms after)
{
    char text[25];
    bg_time_text(after, text);
    (void)snprintf(moment->facts, sizeof moment->facts, "\"segment\":\"%s\",\"byte\":%" PRId64 ",\"good_until\":\"%s\"", segment, byte,
                   text);
    return BG_FAIL_WITH(code, "archive", moment->facts);
}

/* --- the base --- */

bg_err store_archive_base(const char *folder, bg_ms at, char *ret_path, size_t size, struct store_position *ret,
                          struct store_moment *moment)
{
    struct archive_list list;
    const struct archive_file *best = NULL, *first = NULL;
    bg_err err = archive_list(folder, &list);
    if (bg_failed(err)) {
        (void)snprintf(moment->facts, sizeof moment->facts, "\"folder\":\"%.300s\"", folder);
        return BG_FAIL_WITH(BG_STORE_ARCHIVE_NONE, "archive", moment->facts);
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct archive_file *file = &list.files[i];
        first = first == NULL && file->base ? file : first;
        best = file->base && file->at <= at ? file : best;
    }
    if (best != NULL) {
        (void)snprintf(ret_path, size, "%s/%s", folder, best->name);
        *ret = (struct store_position){ best->chain, best->lsn, best->at };
    } else if (first != NULL) {
        err = fail_time(BG_STORE_ARCHIVE_RANGE, moment, "earliest", first->at);
    } else {
        (void)snprintf(moment->facts, sizeof moment->facts, "\"folder\":\"%.300s\"", folder);
        err = BG_FAIL_WITH(BG_STORE_ARCHIVE_NONE, "archive", moment->facts);
    }
    archive_list_done(&list);
    return err;
}

/* --- walking a chain --- */

struct walk {
    const char *folder;
    const struct archive_list *list;
    const struct store_position *from;
    bg_ms at;
    struct store_moment *moment;
    int64_t lsn;   /* reached */
    bg_ms reached; /* its time */
    int64_t target;
    uint32_t target_pages, page_size; /* 0: nothing was written */
    uint8_t hash[32]; /* of the record before */
    bool hashed;
    int fd; /* the copy; -1: only looking for the target */
};

/* Looks for the last commit at or before the moment; true once the walk is past it. */
static bool look_for_target(struct walk *walk, const struct archive_record *record)
{
    for (size_t i = 0; i < record->commit_count; i++) {
        if (record->commits[i].lsn > walk->from->lsn && record->commits[i].at > walk->at) {
            return true;
        }
        if (record->commits[i].lsn > walk->from->lsn) {
            walk->target = record->commits[i].lsn;
            walk->target_pages = record->commits[i].pages;
            walk->moment->at = record->commits[i].at;
            walk->moment->commits++;
        }
    }
    return false;
}

/* The page in the copy; zeros where it ends. */
static bool page_of_copy(void *ctx, uint32_t number, uint8_t *out, size_t size)
{
    const struct walk *walk = ctx;
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(walk->fd, out + done, size - done, ((int64_t)number - 1) * (int64_t)size + (int64_t)done);
        if (got == 0) {
            memset(out + done, 0, size - done);
            return true;
        }
        if (got < 0) {
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

static bg_err write_pages(struct walk *walk, const struct archive_record *record)
{
    int64_t first = record->mark.lsn - record->frames + 1;
    size_t size = record->mark.page_size;
    for (uint32_t i = 0; i < record->frames; i++) {
        if (first + i <= walk->from->lsn || first + i > walk->target) {
            continue;
        }
        const uint8_t *page = record->pages + i * size;
        int64_t at = ((int64_t)record->numbers[i] - 1) * (int64_t)size;
        for (size_t done = 0; done < size;) {
            ssize_t put = pwrite(walk->fd, page + done, size - done, at + (int64_t)done);
            if (put <= 0) {
                return BG_FAIL_AT(put < 0 && errno != ENOSPC ? BG_STORE_OPEN : BG_STORE_FULL, "db");
            }
            done += (size_t)put;
        }
        walk->moment->frames++;
    }
    walk->page_size = record->mark.page_size;
    return BG_DONE;
}

/* Whether the record belongs behind the one before it. */
static bool fits(struct walk *walk, const struct archive_record *record, const uint8_t before[32])
{
    int64_t first = record->mark.lsn - record->frames + 1;
    bool follows = first <= walk->lsn + 1 && (!walk->hashed || memcmp(before, walk->hash, 32) == 0);
    memcpy(walk->hash, record->mark.hash, 32);
    walk->hashed = true;
    return follows && record->mark.chain == walk->from->chain;
}

static bg_err walk_segment(struct walk *walk, const struct archive_file *file, bool last, bool *ret_done)
{
    struct archive_reader reader;
    bool whole = walk->fd >= 0;
    BG_TRY(archive_reader_open(walk->folder, file->name, &reader));
    bg_err err = BG_DONE;
    reader.before = whole ? page_of_copy : NULL;
    reader.before_ctx = walk;
    while (!bg_failed(err) && !*ret_done) {
        enum archive_read got = ARCHIVE_AT_END;
        uint8_t before[32];
        int64_t at = reader.at;
        err = archive_read(&reader, whole, before, &got);
        if (bg_failed(err) || got == ARCHIVE_AT_END || (got == ARCHIVE_TORN && last)) {
            break; /* the end of the last segment may be in the making */
        }
        if (got != ARCHIVE_READ) {
            err = fail_segment(BG_STORE_ARCHIVE_DAMAGED, walk->moment, file->name, at, walk->reached);
        } else if (!fits(walk, &reader.record, before)) {
            err = fail_segment(BG_STORE_ARCHIVE_HOLE, walk->moment, file->name, at, walk->reached);
        } else if (whole && reader.record.mark.lsn - reader.record.frames >= walk->from->lsn && !archive_whole(&reader.record)) {
            err = fail_segment(BG_STORE_ARCHIVE_DAMAGED, walk->moment, file->name, at, walk->reached); /* it does not belong to this copy */
        } else if (whole) {
            err = write_pages(walk, &reader.record);
            *ret_done = reader.record.mark.lsn >= walk->target;
        } else {
            *ret_done = look_for_target(walk, &reader.record);
        }
        walk->lsn = reader.record.mark.lsn > walk->lsn ? reader.record.mark.lsn : walk->lsn;
        walk->reached = reader.record.mark.at > walk->reached ? reader.record.mark.at : walk->reached;
    }
    archive_reader_close(&reader);
    return err;
}

/* Every segment of the chain that holds something behind the copy, in order. */
static bg_err walk_chain(struct walk *walk, bool *ret_done)
{
    const struct archive_list *list = walk->list;
    bool any = false;
    walk->lsn = walk->from->lsn;
    walk->reached = walk->from->at;
    walk->hashed = false;
    *ret_done = false;
    for (size_t i = 0; i < list->count && !*ret_done; i++) {
        const struct archive_file *file = &list->files[i], *next = NULL;
        if (file->base || file->chain != walk->from->chain) {
            continue;
        }
        for (size_t j = i + 1; j < list->count && next == NULL && list->files[j].chain == file->chain; j++) {
            next = list->files[j].base ? NULL : &list->files[j];
        }
        if (next != NULL && next->lsn <= walk->from->lsn + 1) {
            continue; /* all of it is in the copy */
        }
        if (file->lsn > walk->lsn + 1) {
            return fail_segment(BG_STORE_ARCHIVE_HOLE, walk->moment, file->name, 0, walk->reached);
        }
        any = true;
        BG_TRY(walk_segment(walk, file, next == NULL, ret_done));
    }
    if (!any) {
        (void)snprintf(walk->moment->facts, sizeof walk->moment->facts, "\"chain\":\"%016" PRIx64 "\"", walk->from->chain);
        return BG_FAIL_WITH(BG_STORE_ARCHIVE_NONE, "archive", walk->moment->facts);
    }
    return BG_DONE;
}

/* When a later chain began before the moment, this one ended in a break: what lies between is not archived. */
static bg_err check_break(const struct walk *walk)
{
    for (size_t i = 0; i < walk->list->count; i++) {
        const struct archive_file *file = &walk->list->files[i];
        if (file->chain > walk->from->chain && (bg_ms)(file->chain >> 16) <= walk->at) {
            return fail_segment(BG_STORE_ARCHIVE_HOLE, walk->moment, file->name, 0, walk->reached);
        }
    }
    return BG_DONE;
}

/* --- the copy --- */

/* The copy stands alone, without a log: so its head says. */
static bg_err finish(struct walk *walk)
{
    static const uint8_t alone[2] = { 1, 1 };
    bool good = walk->page_size == 0 || ftruncate(walk->fd, (int64_t)walk->target_pages * walk->page_size) == 0;
    good = good && pwrite(walk->fd, alone, sizeof alone, 18) == (ssize_t)sizeof alone && fsync(walk->fd) == 0;
    return good ? BG_DONE : BG_FAIL_AT(BG_STORE_FULL, "db");
}

static bg_err replay(struct walk *walk, const char *path)
{
    bool past = false;
    BG_TRY(walk_chain(walk, &past));
    if (!past) {
        BG_TRY(check_break(walk));
    }
    walk->fd = open(path, O_RDWR | O_CLOEXEC);
    if (walk->fd < 0) {
        return BG_FAIL_AT(BG_STORE_OPEN, "db");
    }
    bg_err err = walk->target > walk->from->lsn ? walk_chain(walk, &past) : BG_DONE;
    if (!bg_failed(err) && walk->target > walk->from->lsn && !past) {
        err = fail_time(BG_STORE_ARCHIVE_HOLE, walk->moment, "good_until", walk->reached);
    }
    err = bg_failed(err) ? err : finish(walk);
    (void)close(walk->fd);
    return err;
}

bg_err store_archive_replay(const char *folder, const struct store_position *from, const char *path, bg_ms at, struct store_moment *ret)
{
    struct archive_list list;
    *ret = (struct store_moment){ .at = from->at };
    if (from->at > at) {
        return fail_time(BG_STORE_ARCHIVE_RANGE, ret, "earliest", from->at);
    }
    if (bg_failed(archive_list(folder, &list))) {
        (void)snprintf(ret->facts, sizeof ret->facts, "\"folder\":\"%.300s\"", folder);
        return BG_FAIL_WITH(BG_STORE_ARCHIVE_NONE, "archive", ret->facts);
    }
    struct walk walk = { .folder = folder, .list = &list, .from = from, .at = at, .moment = ret, .target = from->lsn, .fd = -1 };
    bg_err err = replay(&walk, path);
    archive_list_done(&list);
    return err;
}
