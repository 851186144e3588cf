/* Whole backups: the copy of the database, its manifest, and putting everything back. */
#include "api/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/backup_inner.h"
#include "codec/json.h"

#define MANIFEST_MAX 4096
#define COPY_BYTES (1 << 18)
#define BEHIND_BYTES (8 << 20)

/* --- the manifest --- */

static const char *const keys_words[] = { "none", "open", "sealed" };

static void put_manifest(struct bg_buf *out, const struct backup_manifest *manifest)
{
    char text[25];
    BG_SCOPED_BUF hash = bg_buf_init(128);
    bg_buf_hex(&hash, manifest->hash, 32);
    bg_json_object(out);
    bg_json_put_str(out, "backup", BG_STR("baogong 1"));
    bg_json_put_int(out, "bytes", manifest->bytes);
    bg_json_put_str(out, "blake2b", bg_buf_str(&hash));
    bg_json_put_int(out, "files", manifest->files);
    bg_json_put_str(out, "keys", bg_str_of(keys_words[manifest->keys]));
    if (manifest->place.chain != 0) {
        bg_time_text(manifest->place.at, text);
        bg_json_put_id(out, "chain", (int64_t)manifest->place.chain);
        bg_json_put_id(out, "lsn", manifest->place.lsn);
        bg_json_put_int(out, "at_ms", manifest->place.at);
        bg_json_put_str(out, "at", bg_str_of(text));
    }
    bg_json_object_end(out);
}

static bg_str member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) ? (bg_str){ json_string_value(value), json_string_length(value) } : BG_STR("");
}

/* A whole number that must be there, 0 or more. */
static bool count_of(const json_t *object, const char *name, int64_t *ret)
{
    const json_t *value = json_object_get(object, name);
    *ret = json_integer_value(value);
    return json_is_integer(value) && *ret >= 0;
}

/* Where in the archive the backup stands; a backup made without an archive does not say. */
static bool read_place(const json_t *root, struct store_position *place)
{
    int64_t chain = 0;
    if (json_object_get(root, "chain") == NULL) {
        return true;
    }
    bool good = bg_str_int(member(root, "chain"), &chain) && bg_str_int(member(root, "lsn"), &place->lsn) && place->lsn >= 0 &&
                count_of(root, "at_ms", &place->at);
    place->chain = (uint64_t)chain;
    return good;
}

bg_err backup_read_text(bg_str text, struct backup_manifest *ret)
{
    struct backup_manifest manifest = { .there = true };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    json_t *root;
    int keys = 0;
    BG_TRY(bg_need(arena));
    if (bg_failed(json_read(text, arena, &root)) || !bg_str_is(member(root, "backup"), "baogong 1") ||
        !bg_str_hex(member(root, "blake2b"), manifest.hash, 32) || !count_of(root, "bytes", &manifest.bytes) ||
        !count_of(root, "files", &manifest.files) || !read_place(root, &manifest.place)) {
        return BG_FAIL_AT(BG_BACKUP_MANIFEST, "manifest");
    }
    while (keys < 3 && !bg_str_is(member(root, "keys"), keys_words[keys])) {
        keys++;
    }
    if (keys == 3) { /* a key left out by mistake would be found out too late */
        return BG_FAIL_AT(BG_BACKUP_MANIFEST, "keys");
    }
    manifest.keys = (enum backup_keys)keys;
    *ret = manifest;
    return BG_DONE;
}

bg_err backup_read(const char *file, struct backup_manifest *ret)
{
    char path[BACKUP_PATH], text[MANIFEST_MAX];
    (void)snprintf(path, sizeof path, "%s.manifest", file);
    *ret = (struct backup_manifest){ 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? BG_DONE : BG_FAIL_AT(BG_BACKUP_MANIFEST, "manifest");
    }
    ssize_t got = read(fd, text, sizeof text);
    (void)close(fd);
    return got > 0 ? backup_read_text((bg_str){ text, (size_t)got }, ret) : BG_FAIL_AT(BG_BACKUP_MANIFEST, "manifest");
}

static bg_err write_manifest(const char *file, const struct backup_manifest *manifest)
{
    char path[BACKUP_PATH];
    BG_SCOPED_BUF text = bg_buf_init(MANIFEST_MAX);
    put_manifest(&text, manifest);
    bg_buf_byte(&text, '\n');
    BG_TRY(bg_buf_check(&text));
    (void)snprintf(path, sizeof path, "%s.manifest", file);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "manifest");
}

/* --- copying with a hash --- */

/* Reads `in` to its end, hashing; writes it to `out` unless that is -1. */
static bool pass(int in, int out, uint8_t ret_hash[32])
{
    uint8_t *part = bg_heap_get(COPY_BYTES);
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, 32);
    ssize_t got = part == NULL ? -1 : 0;
    off_t copied = 0;
    while (part != NULL && (got = read(in, part, COPY_BYTES)) > 0) {
        (void)crypto_generichash_update(&state, part, (size_t)got);
        for (ssize_t at = 0; out >= 0 && at < got;) {
            ssize_t put = write(out, part + at, (size_t)(got - at));
            if (put <= 0) {
                bg_heap_free(part);
                return false;
            }
            at += put;
        }
        copied += got;
        if (out >= 0 && copied % BEHIND_BYTES < got) {
            (void)sync_file_range(out, 0, copied, SYNC_FILE_RANGE_WRITE); /* only so that the disk works while we hash; fsync decides */
        }
    }
    bg_heap_free(part);
    (void)crypto_generichash_final(&state, ret_hash, 32);
    return got == 0 && (out < 0 || fsync(out) == 0);
}

bg_err backup_copy(const char *from, const char *to, uint8_t ret_hash[32])
{
    (void)unlink(to); /* what an interrupted try left */
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool good = out >= 0 && pass(in, out, ret_hash);
    good = (out < 0 || close(out) == 0) && good;
    if (in >= 0) {
        (void)close(in);
    }
    if (!good) {
        (void)unlink(to);
        return BG_FAIL_AT(BG_RESTORE_COPY, "file");
    }
    return BG_DONE;
}

static bg_err hash_file(const char *path, struct backup_manifest *manifest)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &info) == 0 && pass(fd, -1, manifest->hash);
    if (fd >= 0) {
        (void)close(fd);
    }
    manifest->bytes = good ? (int64_t)info.st_size : 0;
    return good ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "file");
}

/* --- making --- */

static bg_err make_parts(const struct app_config *config, const struct backup_opts *opts, struct backup_manifest *manifest)
{
    char from[BACKUP_PATH], to[BACKUP_PATH];
    BG_TRY(hash_file(opts->to, manifest));
    if (app_files_path(config, from)) {
        /* Contents are removed a month after nobody needs them, so those of the snapshot are still there. */
        (void)snprintf(to, sizeof to, "%s.files", opts->to);
        BG_TRY(backup_copy_tree(from, to, 0, &manifest->files));
    }
    manifest->keys = BACKUP_NO_KEYS;
    if (!opts->no_keys) {
        BG_TRY(backup_take_keys(config, opts, &manifest->keys));
    }
    BG_TRY(write_manifest(opts->to, manifest));
    return backup_sync(opts->to);
}

bg_err backup_make(struct store *store, const struct app_config *config, const struct backup_opts *opts, struct bg_buf *reply)
{
    struct backup_manifest manifest = { 0 };
    if (strlen(opts->to) > BACKUP_PATH - 64) {
        return BG_FAIL_AT(BG_BAD_INPUT, "to");
    }
    BG_TRY(store_backup(store, opts->to, &manifest.place));
    bg_err err = make_parts(config, opts, &manifest);
    if (bg_failed(err)) {
        (void)unlink(opts->to); /* a name is given to a whole backup only; what else was copied is used by the next try */
        return err;
    }
    bg_json_object(reply);
    bg_json_put_bool(reply, "ok", true);
    bg_json_put_str(reply, "file", bg_str_of(opts->to));
    bg_json_put_int(reply, "bytes", manifest.bytes);
    bg_json_put_int(reply, "files", manifest.files);
    bg_json_put_str(reply, "keys", bg_str_of(keys_words[manifest.keys]));
    bg_json_put_bool(reply, "archived", manifest.place.chain != 0);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- putting back --- */

bg_err backup_put(const char *file, const struct backup_manifest *manifest, const struct app_config *config, const char *passphrase,
                  const char *name, struct bg_buf *reply)
{
    char from[BACKUP_PATH], to[BACKUP_PATH];
    const char *word = "none";
    int64_t files = 0;
    (void)snprintf(from, sizeof from, "%s.files", file);
    if (app_files_path(config, to)) {
        BG_TRY(backup_copy_tree(from, to, 0, &files));
    }
    BG_TRY(backup_give_keys(file, manifest->keys, config, passphrase, name, &word));
    bg_json_put_int(reply, "files", files);
    if (manifest->there && files < manifest->files) {
        bg_json_put_int(reply, "files_missing", manifest->files - files);
    }
    bg_json_put_str(reply, "keys", bg_str_of(word));
    return backup_sync(to);
}
