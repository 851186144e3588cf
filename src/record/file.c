/* Attached files: contents in a folder under their hash, attachments in the store. */
#include "record/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)

/* --- the folder: FOLDER/CITY/ab/cdef… --- */

struct place {
    char folder[1024], path[1200];
};

static bg_err place_of(const struct record *record, int64_t city, const uint8_t hash[32], struct place *ret)
{
    char hex[65];
    if (record->folder == NULL) {
        return BG_FAIL_AT(BG_RECORD_NO_FOLDER, "files");
    }
    sodium_bin2hex(hex, sizeof hex, hash, 32);
    int len = snprintf(ret->folder, sizeof ret->folder, "%s/%llx/%.2s", record->folder, (unsigned long long)city, hex);
    if (len < 0 || (size_t)len >= sizeof ret->folder) {
        return BG_FAIL(BG_RECORD_FOLDER);
    }
    (void)snprintf(ret->path, sizeof ret->path, "%s/%s", ret->folder, hex + 2);
    return BG_DONE;
}

/* Makes the folder and those above it, from the record's own on. */
static bool make_folders(const struct record *record, char *folder)
{
    size_t from = strlen(record->folder);
    for (size_t i = from; folder[i] != '\0'; i++) {
        if (folder[i] == '/') {
            folder[i] = '\0';
            bool made = mkdir(folder, 0700) == 0 || errno == EEXIST;
            folder[i] = '/';
            if (!made) {
                return false;
            }
        }
    }
    return mkdir(folder, 0700) == 0 || errno == EEXIST;
}

static bool write_whole(int fd, bg_str content)
{
    while (content.len > 0) {
        ssize_t got = write(fd, content.at, content.len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        content = bg_str_cut(content, (size_t)got, content.len);
    }
    return true;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

/* Under another name first, so that a name always holds the whole content. */
static bool put_file(struct record *record, struct place *place, bg_str content)
{
    char temporary[1400];
    uint64_t unique;
    bg_random(record->env, &unique, sizeof unique);
    (void)snprintf(temporary, sizeof temporary, "%s.%016llx", place->path, (unsigned long long)unique);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool good = write_whole(fd, content) && fsync(fd) == 0;
    good = close(fd) == 0 && good && rename(temporary, place->path) == 0 && sync_folder(place->folder);
    if (!good) {
        (void)unlink(temporary);
    }
    return good;
}

bg_err record_file_store(struct record *record, int64_t city, bg_str content, uint8_t ret_hash[32], const char **ret_media)
{
    struct place place;
    struct stat info;
    uint8_t hash[32];
    if (content.len > RECORD_FILE_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "file");
    }
    const char *media = record_media_of(content);
    if (media == NULL) {
        return BG_FAIL_AT(BG_RECORD_MEDIA, "file");
    }
    crypto_hash_sha256(hash, (const unsigned char *)content.at, content.len);
    BG_TRY(place_of(record, city, hash, &place));
    bool there = stat(place.path, &info) == 0 && info.st_size == (off_t)content.len && utimensat(AT_FDCWD, place.path, NULL, 0) == 0;
    if (!there && !(make_folders(record, place.folder) && put_file(record, &place, content))) {
        return BG_FAIL(BG_RECORD_FOLDER);
    }
    memcpy(ret_hash, hash, sizeof hash);
    *ret_media = media;
    return BG_DONE;
}

bg_err record_file_read(const struct record *record, int64_t city, const struct record_file *file, struct bg_arena *arena, bg_str *ret)
{
    struct place place;
    uint8_t hash[32];
    size_t have = 0, size = (size_t)file->size;
    BG_TRY(place_of(record, city, file->hash, &place));
    char *content = bg_arena_get(arena, size + 1);
    BG_TRY(bg_need(content));
    int fd = open(place.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return BG_FAIL(BG_RECORD_DAMAGED);
    }
    while (have < size + 1) { /* one byte more than there should be */
        ssize_t got = read(fd, content + have, size + 1 - have);
        if (got <= 0) {
            break;
        }
        have += (size_t)got;
    }
    close(fd);
    crypto_hash_sha256(hash, (const unsigned char *)content, have);
    if (have != size || sodium_memcmp(hash, file->hash, sizeof hash) != 0) {
        return BG_FAIL(BG_RECORD_DAMAGED);
    }
    *ret = (bg_str){ content, size };
    return BG_DONE;
}

/* --- attachments --- */

void record_file_json(const struct record_file *file, struct bg_buf *out)
{
    char at[25];
    bg_time_text(file->attached_at, at);
    bg_json_object(out);
    bg_json_put_id(out, "id", file->id);
    bg_json_put_str(out, "kind", file->kind);
    bg_json_put_id(out, "object", file->object);
    bg_json_put_str(out, "name", file->name);
    bg_json_put_str(out, "note", file->note);
    bg_json_put_str(out, "media", file->media);
    bg_json_put_int(out, "size", file->size);
    bg_json_key(out, "hash");
    bg_buf_byte(out, '"');
    bg_buf_hex(out, file->hash, sizeof file->hash);
    bg_buf_byte(out, '"');
    out->comma = true;
    bg_json_put_id(out, "attached_by", file->attached_by);
    bg_json_put_str(out, "attached_at", bg_str_of(at));
    bg_json_object_end(out);
}

static bg_err file_row(struct store_rows *rows, struct bg_arena *arena, struct record_file *ret)
{
    bg_str hash = store_text(rows, 3);
    if (hash.len != 32) {
        return BG_FAIL(BG_STORE_DAMAGED);
    }
    *ret = (struct record_file){ .id = store_int(rows, 0), .kind = bg_arena_copy(arena, store_text(rows, 1)), .object = store_int(rows, 2),
                                 .name = bg_arena_copy(arena, store_text(rows, 4)), .note = bg_arena_copy(arena, store_text(rows, 5)),
                                 .attached_by = store_int(rows, 6), .attached_at = store_int(rows, 7), .size = store_int(rows, 8),
                                 .media = bg_arena_copy(arena, store_text(rows, 9)) };
    memcpy(ret->hash, hash.at, sizeof ret->hash);
    return bg_need(ret->media.at);
}

static bg_err file_find(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct record_file *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_RECORD_ATTACHMENT_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    return more ? file_row(rows, arena, ret) : BG_FAIL_AT(BG_NOT_FOUND, "id");
}

bg_err record_file_get(const struct record *record, struct store_tx *tx, const struct auth_session *session, int64_t id,
                       struct bg_arena *arena, struct record_file *ret)
{
    struct record_file file;
    BG_TRY(file_find(tx, session->city, id, arena, &file));
    BG_TRY(record_need(record, tx, session, file.kind, file.object, false, arena));
    *ret = file;
    return BG_DONE;
}

bg_err record_file_list(const struct record *record, struct store_tx *tx, const struct auth_session *session, bg_str kind, int64_t object,
                        struct auth_page *page, struct bg_arena *arena, struct bg_buf *out)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t count = 0, after = page->after;
    BG_TRY(record_need(record, tx, session, kind, object, false, arena));
    BG_TRY(store_query(tx, SQL_RECORD_ATTACHMENT_LIST,
                       ARGS(V_INT(session->city), V_TEXT(kind), V_INT(object), V_INT(after), V_INT(page->max)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct record_file file;
        BG_TRY(file_row(rows, arena, &file));
        record_file_json(&file, out);
        after = file.id;
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}

/* A name for people: no path, no control characters, not longer than 200 characters. */
static bg_err check_name(bg_str name)
{
    size_t points = 0, pos = 0;
    bool good = name.len > 0 && bg_utf8_valid(name);
    while (good && pos < name.len) {
        int32_t point = bg_utf8_next(name, &pos);
        good = point >= 0x20 && point != 0x7f && point != '/' && point != '\\' && !(point >= 0x80 && point < 0xa0) && ++points <= 200;
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "name");
}

static bg_err attach_decide(struct change_tx *tx, struct change *change)
{
    const struct record_attach_in *in = change->in;
    struct store_tx *store = change_store(tx);
    const struct record_kind *kind = record_kind_of(in->record, in->kind);
    int64_t count;
    struct record_file file = { .id = change_id(tx), .kind = in->kind, .object = in->object, .name = in->name, .note = in->note,
                                .media = bg_str_of(in->media), .size = in->size, .attached_by = change->actor.account,
                                .attached_at = change_now(tx) };
    memcpy(file.hash, in->hash, sizeof file.hash);
    BG_TRY(record_need(in->record, store, in->by.session, in->kind, in->object, true, change_arena(tx)));
    if (!kind->files) {
        return BG_FAIL_AT(BG_BAD_INPUT, "kind");
    }
    BG_TRY(check_name(in->name));
    if (in->note.len > 2000 || !bg_utf8_valid(in->note)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "note");
    }
    BG_TRY(store_get_int(store, SQL_RECORD_ATTACHMENT_COUNT, ARGS(V_INT(change->city), V_TEXT(in->kind), V_INT(in->object)), &count, NULL));
    if (count >= RECORD_FILES_MAX) {
        return BG_FAIL_AT(BG_RECORD_FULL, "object");
    }
    BG_TRY(store_run(store, SQL_RECORD_FILE_INSERT,
                     ARGS(V_INT(change->city), V_BYTES(in->hash, 32), V_INT(in->size), V_TEXT(file.media), V_INT(file.attached_at)), NULL));
    BG_TRY(store_run(store, SQL_RECORD_ATTACHMENT_INSERT,
                     ARGS(V_INT(change->city), V_INT(file.id), V_TEXT(in->kind), V_INT(in->object), V_BYTES(in->hash, 32), V_TEXT(in->name),
                          V_TEXT(in->note), V_INT(file.attached_by), V_INT(file.attached_at)),
                     NULL));
    record_file_json(&file, &change->reply);
    return change_record(tx, change, &(struct journal_entry){ .kind = "file.attached", .object = kind->name, .id = in->object,
                                                              .city = change->city, .after = bg_buf_str(&change->reply), .persons = true });
}

const struct change_kind record_file_attach = { .name = "file.attach", .decide = attach_decide, .recheck = auth_recheck };

static bg_err remove_decide(struct change_tx *tx, struct change *change)
{
    const struct record_file_in *in = change->in;
    struct store_tx *store = change_store(tx);
    struct record_file file;
    BG_TRY(file_find(store, change->city, in->id, change_arena(tx), &file));
    BG_TRY(record_need(in->record, store, in->by.session, file.kind, file.object, true, change_arena(tx)));
    BG_TRY(store_run(store, SQL_RECORD_ATTACHMENT_REMOVE,
                     ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx)), V_INT(change->actor.account)), NULL));
    record_file_json(&file, &change->reply);
    return change_record(tx, change, &(struct journal_entry){ .kind = "file.removed", .object = record_kind_of(in->record, file.kind)->name,
                                                              .id = file.object, .city = change->city, .before = bg_buf_str(&change->reply),
                                                              .persons = true });
}

const struct change_kind record_file_remove = { .name = "file.remove", .decide = remove_decide, .recheck = auth_recheck };

/* --- headers --- */

bg_err record_file_disposition(const struct record_file *file, struct bg_arena *arena, bg_str *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(4096);
    bool picture = bg_str_starts(file->media, BG_STR("image/")) && !bg_str_is(file->media, "image/heic");
    bg_buf_print(&out, "%s; filename=\"", picture ? "inline" : "attachment");
    for (size_t i = 0; i < file->name.len; i++) {
        unsigned char c = (unsigned char)file->name.at[i];
        bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%' && c != '/' && c != ';';
        if (plain || (c & 0xc0) != 0x80) { /* one '_' for a character of several bytes */
            bg_buf_byte(&out, plain ? (char)c : '_');
        }
    }
    bg_buf_print(&out, "\"; filename*=UTF-8''");
    for (size_t i = 0; i < file->name.len; i++) {
        unsigned char c = (unsigned char)file->name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        bg_buf_print(&out, plain ? "%c" : "%%%02X", c);
    }
    BG_TRY(bg_buf_check(&out));
    *ret = bg_arena_copy(arena, bg_buf_str(&out));
    return bg_need(ret->at);
}

/* --- forgetting --- */

struct sweep_in {
    const struct record *record;
    int64_t city;
    bg_ms before;
    uint8_t (*hashes)[32];
    size_t *count;
};

static bg_err sweep_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    const struct sweep_in *in = jobs[0]->in;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    *in->count = 0;
    (void)count;
    BG_TRY(store_query(tx, SQL_RECORD_FILE_IDLE, ARGS(V_INT(in->city), V_INT(in->before)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more && *in->count < 200) {
        memcpy(in->hashes[(*in->count)++], store_text(rows, 0).at, 32);
        BG_TRY(store_next(rows, &more));
    }
    for (size_t i = 0; i < *in->count; i++) {
        BG_TRY(store_run(tx, SQL_RECORD_ATTACHMENT_FORGET, ARGS(V_INT(in->city), V_BYTES(in->hashes[i], 32)), NULL));
        BG_TRY(store_run(tx, SQL_RECORD_FILE_DELETE, ARGS(V_INT(in->city), V_BYTES(in->hashes[i], 32)), NULL));
    }
    return BG_DONE;
}

/* The rows go first: a content without row is only wasted space, a row without content would be damage. */
bg_err record_sweep(struct record *record, int64_t city)
{
    static const struct store_class class = { .name = "record.sweep", .rare = true, .run = sweep_run };
    uint8_t hashes[200][32];
    size_t count = 0;
    struct sweep_in in = { record, city, bg_now(record->env) - 30 * DAY_MS, hashes, &count };
    if (record->folder == NULL) {
        return BG_DONE;
    }
    BG_TRY(store_write(record->store, &class, &in, NULL, NULL));
    for (size_t i = 0; i < count; i++) {
        struct place place;
        struct stat info;
        BG_TRY(place_of(record, city, hashes[i], &place));
        /* The same content may just have come again: then its time is new, and it stays. */
        if (stat(place.path, &info) == 0 && (bg_ms)info.st_mtime * 1000 < in.before) {
            (void)unlink(place.path);
        }
    }
    return BG_DONE;
}
