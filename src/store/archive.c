/* Segments of the log's archive: names, records, appending, reading. */
#include "store/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define HEAD_BYTES 192
#define HASHED_BYTES 160 /* of the head: all but its own hash */
#define COMMIT_BYTES 20
#define FRAME_BYTES 16 /* before a frame's blocks */
#define RECORD_MAX_BYTES (INT64_C(1) << 30)

static const char magic[8] = "BGLOG02\n";

/* --- bytes --- */

static void put_int(uint8_t *at, uint64_t value, int size)
{
    for (int i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get_int(const uint8_t *at, int size)
{
    uint64_t value = 0;
    for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | at[i];
    }
    return value;
}

/* What a record's body holds: commits, then `plain` bytes of frames in `stored` − commits bytes. */
struct body {
    size_t stored, plain;
    bool packed; /* by zlib */
};

static void put_head(uint8_t head[HEAD_BYTES], const struct archive_record *record, const struct body *body, const uint8_t before[32])
{
    const struct archive_mark *mark = &record->mark;
    const struct archive_identity *identity = &mark->identity;
    memset(head, 0, HEAD_BYTES);
    memcpy(head, magic, sizeof magic);
    put_int(head + 8, mark->chain, 8);
    put_int(head + 16, (uint64_t)mark->lsn, 8);
    put_int(head + 24, record->frames, 4);
    put_int(head + 28, mark->page_size, 4);
    put_int(head + 32, mark->salt[0], 4);
    put_int(head + 36, mark->salt[1], 4);
    put_int(head + 40, mark->frame, 4);
    put_int(head + 44, (uint64_t)mark->kind, 4);
    put_int(head + 48, mark->sum[0], 4);
    put_int(head + 52, mark->sum[1], 4);
    put_int(head + 56, record->commit_count, 4);
    put_int(head + 60, (body->packed ? 1U : 0) | (record->big ? 2U : 0), 4);
    put_int(head + 64, (uint64_t)mark->at, 8);
    put_int(head + 72, body->stored, 8);
    put_int(head + 80, (uint64_t)identity->inode, 8);
    put_int(head + 88, (uint64_t)identity->size, 8);
    put_int(head + 96, (uint64_t)identity->modified_ns, 8);
    put_int(head + 104, (uint64_t)identity->changed_ns, 8);
    put_int(head + 112, body->plain, 8);
    put_int(head + 120, record->begun[0], 4);
    put_int(head + 124, record->begun[1], 4);
    memcpy(head + 128, before, 32);
}

/* False when it is none of ours. */
static bool get_head(const uint8_t head[HEAD_BYTES], struct archive_record *record, struct body *ret)
{
    struct archive_mark *mark = &record->mark;
    uint64_t kind = get_int(head + 44, 4), frames = get_int(head + 24, 4), page = get_int(head + 28, 4);
    uint64_t commits = get_int(head + 56, 4), stored = get_int(head + 72, 8);
    uint64_t plain = get_int(head + 112, 8), packed = get_int(head + 60, 4);
    if (memcmp(head, magic, sizeof magic) != 0 || kind < ARCHIVE_BEGIN || kind > ARCHIVE_END || frames > ARCHIVE_RECORD_FRAMES ||
        page < 512 || page > 65536 || (page & (page - 1)) != 0 || commits > frames || stored > (uint64_t)RECORD_MAX_BYTES ||
        stored < commits * COMMIT_BYTES || packed > 3 || plain > frames * (page + FRAME_BYTES) ||
        ((packed & 1) == 0 && plain != stored - commits * COMMIT_BYTES)) {
        return false;
    }
    *mark = (struct archive_mark){
        .kind = (enum archive_kind)kind,
        .chain = get_int(head + 8, 8),
        .lsn = (int64_t)get_int(head + 16, 8),
        .salt = { (uint32_t)get_int(head + 32, 4), (uint32_t)get_int(head + 36, 4) },
        .frame = (uint32_t)get_int(head + 40, 4),
        .sum = { (uint32_t)get_int(head + 48, 4), (uint32_t)get_int(head + 52, 4) },
        .page_size = (uint32_t)page,
        .at = (bg_ms)get_int(head + 64, 8),
        .identity = { (int64_t)get_int(head + 80, 8), (int64_t)get_int(head + 88, 8), (int64_t)get_int(head + 96, 8),
                      (int64_t)get_int(head + 104, 8) },
    };
    memcpy(mark->hash, head + HASHED_BYTES, 32);
    record->frames = (uint32_t)frames;
    record->commit_count = (size_t)commits;
    *ret = (struct body){ (size_t)stored, (size_t)plain, (packed & 1) != 0 };
    record->big = (packed & 2) != 0;
    record->begun[0] = (uint32_t)get_int(head + 120, 4);
    record->begun[1] = (uint32_t)get_int(head + 124, 4);
    return mark->lsn >= 0 && mark->lsn >= (int64_t)frames;
}

static void hash_record(const uint8_t head[HEAD_BYTES], const void *body, size_t size, uint8_t ret[32])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, 32);
    (void)crypto_generichash_update(&state, head, HASHED_BYTES);
    (void)crypto_generichash_update(&state, body, size);
    (void)crypto_generichash_final(&state, ret, 32);
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void archive_sum(bool big, uint32_t sum[2], const uint8_t *at, size_t size)
{
    uint32_t a = sum[0], b = sum[1];
    for (size_t i = 0; i < size; i += 8) {
        a += (big ? big_endian(at + i) : (uint32_t)get_int(at + i, 4)) + b;
        b += (big ? big_endian(at + i + 4) : (uint32_t)get_int(at + i + 4, 4)) + a;
    }
    sum[0] = a;
    sum[1] = b;
}

bool archive_whole(const struct archive_record *record)
{
    uint32_t sum[2] = { record->begun[0], record->begun[1] };
    for (uint32_t i = 0; i < record->frames; i++) {
        uint8_t words[8];
        for (int k = 0; k < 4; k++) {
            words[k] = (uint8_t)(record->numbers[i] >> (24 - 8 * k));
            words[4 + k] = (uint8_t)(record->sizes[i] >> (24 - 8 * k));
        }
        archive_sum(record->big, sum, words, sizeof words);
        archive_sum(record->big, sum, record->pages + i * record->stride, record->mark.page_size);
    }
    return record->frames == 0 || memcmp(sum, record->mark.sum, sizeof sum) == 0;
}

static uint8_t *page_at(const struct archive_record *record, uint32_t i)
{
    return record->pages + i * record->stride;
}

/* The page before frame i: the one of the same number in the record, else what was there before the record; into `out`. */
static bool page_before(const struct archive_record *record, uint32_t i, uint8_t *out)
{
    size_t size = record->mark.page_size;
    for (uint32_t j = i; j-- > 0;) {
        if (record->numbers[j] == record->numbers[i]) {
            memcpy(out, page_at(record, j), size);
            return true;
        }
    }
    if (record->numbers[i] == 1 || record->before == NULL) {
        memset(out, 0, size);
        return true;
    }
    return record->before(record->before_ctx, record->numbers[i], out, size);
}

/* A frame: its page's number, the file's pages, which blocks follow, the blocks. `out` has room for FRAME_BYTES and twice the page; the
 * page before comes into its end. 0: that could not be read. */
static size_t put_frame(const struct archive_record *record, uint32_t i, uint8_t *out)
{
    size_t block = record->mark.page_size / 64, size = FRAME_BYTES;
    const uint8_t *page = page_at(record, i);
    uint8_t *before = out + FRAME_BYTES + record->mark.page_size;
    uint64_t mask = 0;
    if (!page_before(record, i, before)) {
        return 0;
    }
    for (size_t k = 0; k < 64; k++) {
        if (memcmp(page + k * block, before + k * block, block) != 0) {
            mask |= UINT64_C(1) << k;
            memcpy(out + size, page + k * block, block);
            size += block;
        }
    }
    put_int(out, record->numbers[i], 4);
    put_int(out + 4, record->sizes[i], 4);
    put_int(out + 8, mask, 8);
    return size;
}

/* The bytes of the frame at `in`; 0 when it is none. */
static size_t get_frame(struct archive_record *record, uint32_t i, const uint8_t *in, size_t left)
{
    size_t page_size = record->mark.page_size, block = page_size / 64, size = FRAME_BYTES;
    if (left < FRAME_BYTES) {
        return 0;
    }
    record->numbers[i] = (uint32_t)get_int(in, 4);
    record->sizes[i] = (uint32_t)get_int(in + 4, 4);
    uint64_t mask = get_int(in + 8, 8);
    if (record->numbers[i] == 0 || left < FRAME_BYTES + (size_t)__builtin_popcountll(mask) * block) {
        return 0;
    }
    uint8_t *page = page_at(record, i);
    if (!page_before(record, i, page)) {
        return 0;
    }
    for (size_t k = 0; k < 64; k++) {
        if ((mask >> k & 1) != 0) {
            memcpy(page + k * block, in + size, block);
            size += block;
        }
    }
    return size;
}

/* --- names --- */

static int by_place(const void *a, const void *b)
{
    const struct archive_file *x = a, *y = b;
    if (x->chain != y->chain) {
        return x->chain < y->chain ? -1 : 1;
    }
    return x->lsn != y->lsn ? (x->lsn < y->lsn ? -1 : 1) : (int)x->base - (int)y->base;
}

/* The decimal number that fills s; the names are ours, so its width is fixed. */
static bool read_number(bg_str s, int64_t *ret)
{
    while (s.len > 1 && s.at[0] == '0') {
        s = bg_str_cut(s, 1, s.len);
    }
    return bg_str_int(s, ret) && *ret >= 0;
}

static bool read_name(const char *name, struct archive_file *ret)
{
    bg_str s = bg_str_of(name);
    uint8_t chain[8];
    bool segment = s.len == 16 + 1 + 19 + 4 && bg_str_is(bg_str_cut(s, 36, 40), ".seg");
    bool base = s.len == 16 + 1 + 19 + 1 + 15 + 5 && bg_str_is(bg_str_cut(s, 52, 57), ".base") && name[36] == '-';
    if (!(segment || base) || name[16] != '-' || !bg_str_hex(bg_str_cut(s, 0, 16), chain, 8) ||
        !read_number(bg_str_cut(s, 17, 36), &ret->lsn)) {
        return false;
    }
    ret->chain = 0;
    for (size_t i = 0; i < 8; i++) {
        ret->chain = ret->chain << 8 | chain[i];
    }
    memcpy(ret->name, name, s.len + 1);
    ret->base = base;
    ret->at = 0;
    return segment || read_number(bg_str_cut(s, 37, 52), &ret->at);
}

static bg_err list_add(struct archive_list *list, const struct archive_file *file)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 256 : 2 * list->room;
        struct archive_file *files = bg_heap_get(room * sizeof *files);
        BG_TRY(bg_need(files));
        if (list->count > 0) {
            memcpy(files, list->files, list->count * sizeof *files);
        }
        bg_heap_free(list->files);
        list->files = files;
        list->room = room;
    }
    list->files[list->count++] = *file;
    return BG_DONE;
}

bg_err archive_list(const char *folder, struct archive_list *ret)
{
    struct archive_list list = { 0 };
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    bg_err err = BG_DONE;
    for (const struct dirent *entry; !bg_failed(err) && (entry = readdir(dir)) != NULL;) {
        struct archive_file file;
        struct stat info;
        if (read_name(entry->d_name, &file) && fstatat(dirfd(dir), entry->d_name, &info, 0) == 0) {
            file.bytes = (int64_t)info.st_size;
            err = list_add(&list, &file);
        }
    }
    (void)closedir(dir);
    if (bg_failed(err)) {
        archive_list_done(&list);
        return err;
    }
    if (list.count > 0) {
        qsort(list.files, list.count, sizeof list.files[0], by_place);
    }
    *ret = list;
    return BG_DONE;
}

void archive_list_done(struct archive_list *list)
{
    bg_heap_free(list->files);
    *list = (struct archive_list){ 0 };
}

/* --- writing --- */

static bg_err disk_failed(void)
{
    return errno == ENOSPC || errno == EDQUOT ? BG_FAIL_AT(BG_STORE_FULL, "archive") : BG_FAIL_AT(BG_STORE_OPEN, "archive");
}

static bg_err sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    bg_err err = good ? BG_DONE : disk_failed();
    if (fd >= 0) {
        (void)close(fd);
    }
    return err;
}

bg_err archive_folder(const char *folder)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return disk_failed();
    }
    return sync_folder(folder);
}

static void close_segment(struct archive_writer *writer)
{
    if (writer->fd >= 0) {
        (void)close(writer->fd);
        writer->fd = -1;
    }
}

void archive_writer_close(struct archive_writer *writer)
{
    close_segment(writer);
    bg_heap_free(writer->room);
    writer->room = NULL;
    writer->room_bytes = 0;
    writer->behind = writer->fresh = false;
}

bg_err archive_sync(struct archive_writer *writer)
{
    if (writer->behind && (fdatasync(writer->fd) != 0 || (writer->fresh && bg_failed(sync_folder(writer->folder))))) {
        bg_err err = disk_failed();
        /* What did not reach the disk counts as written from now on: it is written once more. */
        writer->mark = writer->kept;
        writer->total_bytes -= writer->bytes - writer->kept_bytes;
        writer->bytes = writer->kept_bytes;
        writer->torn = true;
        return err;
    }
    writer->behind = writer->fresh = false;
    writer->kept = writer->mark;
    writer->kept_bytes = writer->bytes;
    return BG_DONE;
}

/* The segment the next record goes into. */
static bg_err open_segment(struct archive_writer *writer, const struct archive_record *record)
{
    struct stat info;
    if (writer->fd >= 0 && (fstat(writer->fd, &info) != 0 || info.st_nlink == 0)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "archive"); /* somebody took the segment away: the chain ends */
    }
    if (writer->fd >= 0 && writer->torn && ftruncate(writer->fd, writer->bytes) != 0) {
        return disk_failed();
    }
    writer->torn = false;
    if (writer->fd >= 0 && writer->bytes < ARCHIVE_SEGMENT_BYTES) {
        return BG_DONE;
    }
    if (writer->fd >= 0) {
        BG_TRY(archive_sync(writer));
    }
    char path[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX];
    int64_t first = record->mark.lsn - record->frames + 1;
    (void)snprintf(path, sizeof path, "%s/%016" PRIx64 "-%019" PRId64 ".seg", writer->folder, record->mark.chain, first);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); /* of that name only what a failed try left */
    if (fd < 0) {
        return disk_failed();
    }
    close_segment(writer);
    writer->fd = fd;
    writer->bytes = writer->kept_bytes = 0;
    writer->fresh = true;
    return BG_DONE;
}

static bg_err write_all(int fd, const void *bytes, size_t size, int64_t at)
{
    const uint8_t *from = bytes;
    while (size > 0) {
        ssize_t put = pwrite(fd, from, size, at);
        if (put <= 0) {
            errno = put == 0 ? ENOSPC : errno;
            return disk_failed();
        }
        from += put;
        at += put;
        size -= (size_t)put;
    }
    return BG_DONE;
}

static bg_err room_for(struct archive_writer *writer, size_t bytes)
{
    if (writer->room_bytes < bytes) {
        bg_heap_free(writer->room);
        writer->room_bytes = 0;
        writer->room = bg_heap_get(bytes);
        BG_TRY(bg_need(writer->room));
        writer->room_bytes = bytes;
    }
    return BG_DONE;
}

/* Commits, then the frames, behind the room's first HEAD_BYTES. */
static bg_err pack(struct archive_writer *writer, const struct archive_record *record, struct body *ret)
{
    size_t commits = record->commit_count * COMMIT_BYTES, most = record->frames * ((size_t)record->mark.page_size + FRAME_BYTES);
    uLongf packed = record->small ? compressBound((uLong)most) : 0;
    BG_TRY(room_for(writer, HEAD_BYTES + commits + packed + most + record->mark.page_size + FRAME_BYTES));
    uint8_t *out = writer->room + HEAD_BYTES, *plain = out + commits + packed;
    for (size_t i = 0; i < record->commit_count; i++) {
        put_int(out + i * COMMIT_BYTES, (uint64_t)record->commits[i].lsn, 8);
        put_int(out + i * COMMIT_BYTES + 8, (uint64_t)record->commits[i].at, 8);
        put_int(out + i * COMMIT_BYTES + 16, record->commits[i].pages, 4);
    }
    size_t size = 0;
    for (uint32_t i = 0; i < record->frames; i++) {
        size_t frame = put_frame(record, i, plain + size);
        if (frame == 0) {
            return BG_FAIL_AT(BG_STORE_OPEN, "db");
        }
        size += frame;
    }
    bool small = record->small && size > 0;
    if (small && compress2(out + commits, &packed, plain, (uLong)size, 1) != Z_OK) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    if (!small) {
        memmove(out + commits, plain, size); /* at the same place unless nothing is there */
    }
    *ret = (struct body){ commits + (small ? (size_t)packed : size), size, small };
    return BG_DONE;
}

bg_err archive_append(struct archive_writer *writer, struct archive_record *record)
{
    struct body body;
    BG_TRY(open_segment(writer, record));
    BG_TRY(pack(writer, record, &body));
    uint8_t *head = writer->room;
    put_head(head, record, &body, writer->mark.hash);
    hash_record(head, head + HEAD_BYTES, body.stored, head + HASHED_BYTES);
    writer->torn = true;
    BG_TRY(write_all(writer->fd, head, HEAD_BYTES + body.stored, writer->bytes));
    writer->torn = false;
    writer->behind = true;
    writer->bytes += (int64_t)(HEAD_BYTES + body.stored);
    writer->total_bytes += (int64_t)(HEAD_BYTES + body.stored);
    memcpy(record->mark.hash, head + HASHED_BYTES, 32);
    writer->mark = record->mark;
    return BG_DONE;
}

/* --- reading --- */

bg_err archive_reader_open(const char *folder, const char *name, struct archive_reader *reader)
{
    char path[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    *reader = (struct archive_reader){ .fd = open(path, O_RDONLY | O_CLOEXEC),
                                       .bytes = bg_buf_init((size_t)RECORD_MAX_BYTES),
                                       .raw = bg_buf_init((size_t)RECORD_MAX_BYTES) };
    if (reader->fd < 0 || fstat(reader->fd, &info) != 0) {
        archive_reader_close(reader);
        return BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    reader->size = (int64_t)info.st_size;
    return BG_DONE;
}

void archive_reader_close(struct archive_reader *reader)
{
    if (reader->fd >= 0) {
        (void)close(reader->fd);
        reader->fd = -1;
    }
    bg_buf_done(&reader->bytes);
    bg_buf_done(&reader->raw);
    bg_heap_free(reader->record.commits);
    bg_heap_free(reader->record.numbers);
    reader->record = (struct archive_record){ 0 };
}

static bool read_at(int fd, void *to, size_t size, int64_t at)
{
    uint8_t *bytes = to;
    while (size > 0) {
        ssize_t got = pread(fd, bytes, size, at);
        if (got <= 0) {
            return false;
        }
        bytes += got;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

/* `size` bytes of the buffer, whatever they hold. */
static bg_err make_room(struct bg_buf *buf, size_t size)
{
    static const char nothing[4096];
    bg_buf_clear(buf);
    while (buf->len < size && !buf->failed) {
        bg_buf_add(buf, (bg_str){ nothing, size - buf->len < sizeof nothing ? size - buf->len : sizeof nothing });
    }
    return bg_buf_check(buf);
}

static bg_err read_commits(struct archive_reader *reader, const uint8_t *bytes)
{
    struct archive_record *record = &reader->record;
    bg_heap_free(record->commits);
    record->commits = bg_heap_get((record->commit_count + 1) * sizeof *record->commits);
    BG_TRY(bg_need(record->commits));
    for (size_t i = 0; i < record->commit_count; i++, bytes += COMMIT_BYTES) {
        record->commits[i] = (struct archive_commit){ (int64_t)get_int(bytes, 8), (bg_ms)get_int(bytes + 8, 8),
                                                      (uint32_t)get_int(bytes + 16, 4) };
    }
    return BG_DONE;
}

/* Makes the pages from the frames; *ret_good false when they are not what they claim to be. */
static bg_err unpack(struct archive_reader *reader, const uint8_t *stored, size_t size, const struct body *body, bool *ret_good)
{
    struct archive_record *record = &reader->record;
    size_t pages = record->frames * (size_t)record->mark.page_size, at = 0;
    uLongf got = (uLongf)body->plain;
    BG_TRY(make_room(&reader->raw, pages + (body->packed ? body->plain : 0) + 1));
    bg_heap_free(record->numbers);
    record->numbers = bg_heap_get((2 * record->frames + 1) * sizeof *record->numbers);
    BG_TRY(bg_need(record->numbers));
    record->sizes = record->numbers + record->frames;
    record->pages = (uint8_t *)reader->raw.at;
    record->stride = record->mark.page_size;
    record->before = reader->before;
    record->before_ctx = reader->before_ctx;
    const uint8_t *plain = body->packed ? record->pages + pages : stored;
    *ret_good = !body->packed || (uncompress(record->pages + pages, &got, stored, (uLong)size) == Z_OK && got == body->plain);
    for (uint32_t i = 0; i < record->frames && *ret_good; i++) {
        size_t frame = get_frame(record, i, plain + at, body->plain - at);
        at += frame;
        *ret_good = frame > 0;
    }
    *ret_good = *ret_good && at == body->plain;
    return BG_DONE;
}

bg_err archive_read(struct archive_reader *reader, bool whole, uint8_t before[32], enum archive_read *ret)
{
    uint8_t head[HEAD_BYTES], hash[32];
    struct body body;
    bool good = true;
    if (reader->at == reader->size) {
        *ret = ARCHIVE_AT_END;
        return BG_DONE;
    }
    if (reader->size - reader->at < HEAD_BYTES || !read_at(reader->fd, head, sizeof head, reader->at)) {
        *ret = ARCHIVE_TORN;
        return BG_DONE;
    }
    if (!get_head(head, &reader->record, &body)) {
        *ret = ARCHIVE_DAMAGED;
        return BG_DONE;
    }
    size_t stored = body.stored;
    if ((int64_t)stored > reader->size - reader->at - HEAD_BYTES) {
        *ret = ARCHIVE_TORN;
        return BG_DONE;
    }
    size_t commits = reader->record.commit_count * COMMIT_BYTES, wanted = whole ? stored : commits;
    BG_TRY(make_room(&reader->bytes, wanted + 1));
    if (!read_at(reader->fd, reader->bytes.at, wanted, reader->at + HEAD_BYTES)) {
        return BG_FAIL_AT(BG_STORE_OPEN, "archive");
    }
    const uint8_t *bytes = (const uint8_t *)reader->bytes.at;
    BG_TRY(read_commits(reader, bytes));
    if (whole) {
        hash_record(head, bytes, stored, hash);
        good = memcmp(hash, head + HASHED_BYTES, 32) == 0;
    }
    if (whole && good) {
        BG_TRY(unpack(reader, bytes + commits, stored - commits, &body, &good));
    }
    memcpy(before, head + 128, 32);
    reader->at += HEAD_BYTES + (int64_t)stored;
    *ret = good ? ARCHIVE_READ : ARCHIVE_DAMAGED;
    return BG_DONE;
}

/* --- going on --- */

/* True when another record begins behind the first byte of what is left: then it is not the last one that is bad. */
static bool more_behind(const struct archive_reader *reader, int64_t at)
{
    size_t size = reader->size - at < RECORD_MAX_BYTES ? (size_t)(reader->size - at) : (size_t)RECORD_MAX_BYTES;
    uint8_t *bytes = bg_heap_get(size + 1);
    bool more = bytes == NULL || !read_at(reader->fd, bytes, size, at) || memmem(bytes + 1, size - 1, magic, sizeof magic) != NULL;
    bg_heap_free(bytes);
    return more;
}

/* Reads the last segment to its end. Anything behind a half-written record would be damage, not the mark of a crash. */
static bg_err find_end(struct archive_writer *writer, const struct archive_file *file, bool *ret_good)
{
    struct archive_reader reader;
    enum archive_read got = ARCHIVE_READ;
    uint8_t before[32];
    *ret_good = false;
    BG_TRY(archive_reader_open(writer->folder, file->name, &reader));
    bg_err err = BG_DONE;
    int64_t good = 0;
    while (!bg_failed(err) && got == ARCHIVE_READ) {
        err = archive_read(&reader, true, before, &got);
        if (!bg_failed(err) && got == ARCHIVE_READ) {
            writer->mark = reader.record.mark;
            good = reader.at;
            *ret_good = true;
        }
    }
    /* A crash can leave the room of the last record without its bytes: then the damage reaches to the end of the file. */
    *ret_good = *ret_good && (got != ARCHIVE_DAMAGED || !more_behind(&reader, good));
    writer->bytes = good;
    writer->torn = good < reader.size;
    writer->spoilt = got == ARCHIVE_DAMAGED;
    writer->kept = writer->mark;
    writer->kept_bytes = good;
    archive_reader_close(&reader);
    return err;
}

bg_err archive_resume(struct archive_writer *writer, bool *ret_found)
{
    struct archive_list list;
    *ret_found = false;
    BG_TRY(archive_list(writer->folder, &list));
    bg_err err = BG_DONE;
    size_t last = list.count;
    while (last > 0 && (list.files[last - 1].base || list.files[last - 1].bytes == 0)) {
        last--; /* an empty segment was made by a crash or on a full disk */
    }
    if (last > 0) {
        char path[ARCHIVE_PATH_MAX + ARCHIVE_NAME_MAX];
        err = find_end(writer, &list.files[last - 1], ret_found);
        (void)snprintf(path, sizeof path, "%s/%s", writer->folder, list.files[last - 1].name);
        writer->fd = !bg_failed(err) && *ret_found ? open(path, O_RDWR | O_CLOEXEC) : -1;
        *ret_found = writer->fd >= 0;
    }
    archive_list_done(&list);
    return err;
}
