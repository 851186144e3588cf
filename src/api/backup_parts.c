/* The parts of a backup beside the database: the folder of files, the private keys, open or sealed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/backup_inner.h"

#define DEPTH_MAX 4
#define SEALED_PLAIN (2 * (BACKUP_KEY_BYTES + 2))
#define SEALED_BYTES (8 + crypto_pwhash_SALTBYTES + crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + SEALED_PLAIN)

const char *const backup_key_names[2] = { "auth", "journal" };
static const char seal_magic[8] = "BGKEYS1\n";

/* --- files --- */

static bg_err copy_one(const char *from, const char *to)
{
    struct stat source, target;
    char partial[BACKUP_PATH + 16];
    uint8_t hash[32];
    if (stat(from, &source) != 0) {
        return errno == ENOENT ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "files"); /* swept meanwhile */
    }
    if (stat(to, &target) == 0 && target.st_size == source.st_size) {
        return BG_DONE;
    }
    (void)snprintf(partial, sizeof partial, "%s.partial", to);
    BG_TRY(backup_copy(from, partial, hash));
    return rename(partial, to) == 0 ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "files");
}

bg_err backup_copy_tree(const char *from, const char *to, int depth, int64_t *count)
{
    DIR *dir = opendir(from);
    if (dir == NULL) {
        return errno == ENOENT ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "files");
    }
    bg_err err = mkdir(to, 0700) == 0 || errno == EEXIST ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "files");
    for (const struct dirent *entry; !bg_failed(err) && (entry = readdir(dir)) != NULL;) {
        char source[BACKUP_PATH], target[BACKUP_PATH];
        struct stat info;
        int a = snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        int b = snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        if (entry->d_name[0] == '.' || a >= (int)sizeof source || b >= (int)sizeof target - 16 || lstat(source, &info) != 0) {
            continue;
        }
        if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX) {
            err = backup_copy_tree(source, target, depth + 1, count);
        } else if (S_ISREG(info.st_mode) && strchr(entry->d_name, '.') == NULL) { /* with a dot: being written */
            err = copy_one(source, target);
            *count += 1;
        }
    }
    (void)closedir(dir);
    return err;
}

bg_err backup_sync(const char *path)
{
    char folder[BACKUP_PATH];
    const char *slash = strrchr(path, '/');
    int len = slash != NULL ? (int)(slash - path) : 0;
    (void)snprintf(folder, sizeof folder, "%.*s", len > 0 ? len : 1, slash == NULL ? "." : len == 0 ? "/" : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "folder");
}

/* --- keys --- */

static ssize_t read_small(const char *path, uint8_t *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, out, size) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    return got;
}

static bg_err write_small(const char *path, const uint8_t *bytes, size_t size)
{
    char partial[BACKUP_PATH + 16];
    (void)snprintf(partial, sizeof partial, "%s.partial", path);
    (void)unlink(partial);
    int fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, bytes, size) == (ssize_t)size && fsync(fd) == 0 && rename(partial, path) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "keys");
}

/* The key that seals: Argon2id of the passphrase file's first line. */
static bg_err seal_key(const char *passphrase, const uint8_t salt[crypto_pwhash_SALTBYTES], uint8_t ret[crypto_secretbox_KEYBYTES])
{
    char line[1024];
    ssize_t got = read_small(passphrase, (uint8_t *)line, sizeof line - 1);
    size_t len = 0;
    while (got > 0 && len < (size_t)got && line[len] != '\n' && line[len] != '\r') {
        len++;
    }
    if (len < 8) {
        sodium_memzero(line, sizeof line);
        return BG_FAIL_AT(BG_BACKUP_PASSPHRASE, "passphrase");
    }
    int failed = crypto_pwhash(ret, crypto_secretbox_KEYBYTES, line, len, salt, crypto_pwhash_OPSLIMIT_MODERATE,
                               crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13);
    sodium_memzero(line, sizeof line);
    return failed == 0 ? BG_DONE : BG_FAIL(BG_NO_MEMORY);
}

static bg_err seal(const char *path, const char *passphrase, const uint8_t plain[SEALED_PLAIN])
{
    uint8_t out[SEALED_BYTES], key[crypto_secretbox_KEYBYTES];
    uint8_t *salt = out + 8, *nonce = salt + crypto_pwhash_SALTBYTES, *box = nonce + crypto_secretbox_NONCEBYTES;
    memcpy(out, seal_magic, 8);
    randombytes_buf(salt, crypto_pwhash_SALTBYTES + crypto_secretbox_NONCEBYTES);
    BG_TRY(seal_key(passphrase, salt, key));
    (void)crypto_secretbox_easy(box, plain, SEALED_PLAIN, nonce, key);
    sodium_memzero(key, sizeof key);
    return write_small(path, out, sizeof out);
}

static bg_err unseal(const char *file, const char *passphrase, uint8_t plain[SEALED_PLAIN])
{
    char path[BACKUP_PATH];
    uint8_t in[SEALED_BYTES], key[crypto_secretbox_KEYBYTES];
    const uint8_t *salt = in + 8, *nonce = salt + crypto_pwhash_SALTBYTES, *box = nonce + crypto_secretbox_NONCEBYTES;
    (void)snprintf(path, sizeof path, "%s.keys", file);
    if (read_small(path, in, sizeof in) != (ssize_t)sizeof in || memcmp(in, seal_magic, 8) != 0) {
        return BG_FAIL_AT(BG_BACKUP_PARTS, "keys");
    }
    BG_TRY(seal_key(passphrase, salt, key));
    int failed = crypto_secretbox_open_easy(plain, box, sizeof in - (size_t)(box - in), nonce, key);
    sodium_memzero(key, sizeof key);
    return failed == 0 ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PASSPHRASE, "passphrase");
}

bg_err backup_take_keys(const struct app_config *config, const struct backup_opts *opts, enum backup_keys *ret)
{
    uint8_t plain[SEALED_PLAIN] = { 0 };
    bool any = false;
    bg_err err = BG_DONE;
    for (size_t i = 0; i < 2 && !bg_failed(err); i++) {
        char from[BACKUP_PATH], to[BACKUP_PATH];
        uint8_t *slot = plain + i * (BACKUP_KEY_BYTES + 2);
        if (!app_key_path(config, backup_key_names[i], from)) {
            continue;
        }
        ssize_t got = read_small(from, slot + 2, BACKUP_KEY_BYTES);
        if (got <= 0) {
            err = got < 0 && errno == ENOENT ? BG_DONE : BG_FAIL_AT(BG_BACKUP_PARTS, "keys");
            continue;
        }
        slot[0] = (uint8_t)(got & 0xff);
        slot[1] = (uint8_t)(got >> 8);
        any = true;
        if (opts->passphrase == NULL) {
            (void)snprintf(to, sizeof to, "%s.%s.key", opts->to, backup_key_names[i]);
            err = write_small(to, slot + 2, (size_t)got);
        }
    }
    if (!bg_failed(err) && any && opts->passphrase != NULL) {
        char to[BACKUP_PATH];
        (void)snprintf(to, sizeof to, "%s.keys", opts->to);
        err = seal(to, opts->passphrase, plain);
    }
    sodium_memzero(plain, sizeof plain);
    *ret = !any ? BACKUP_NO_KEYS : opts->passphrase != NULL ? BACKUP_SEALED : BACKUP_KEYS;
    return err;
}

bg_err backup_try_keys(const char *file, const struct backup_manifest *manifest, const char *passphrase)
{
    uint8_t plain[SEALED_PLAIN];
    if (manifest->keys != BACKUP_SEALED || passphrase == NULL) {
        return BG_DONE;
    }
    bg_err err = unseal(file, passphrase, plain);
    sodium_memzero(plain, sizeof plain);
    return err;
}

/* One key where the server looks for it; another one that is there is kept beside it. */
static bg_err give_key(const struct app_config *config, size_t i, const uint8_t *bytes, size_t size, const char *name, bool *ret_given)
{
    char to[BACKUP_PATH], aside[BACKUP_PATH + 64];
    uint8_t there[BACKUP_KEY_BYTES];
    *ret_given = false;
    if (!app_key_path(config, backup_key_names[i], to)) {
        return BG_DONE;
    }
    ssize_t got = read_small(to, there, sizeof there);
    *ret_given = true;
    if (got == (ssize_t)size && memcmp(there, bytes, size) == 0) {
        return BG_DONE;
    }
    (void)snprintf(aside, sizeof aside, "%s.before-%s", to, name);
    if (got >= 0 && rename(to, aside) != 0) {
        return BG_FAIL_AT(BG_BACKUP_PARTS, "keys");
    }
    return write_small(to, bytes, size);
}

bg_err backup_give_keys(const char *file, enum backup_keys keys, const struct app_config *config, const char *passphrase, const char *name,
                        const char **ret_word)
{
    uint8_t plain[SEALED_PLAIN] = { 0 };
    bool any = false, given;
    bg_err err = BG_DONE;
    *ret_word = "none";
    if (keys == BACKUP_SEALED && passphrase == NULL) {
        *ret_word = "sealed";
        return BG_DONE;
    }
    if (keys == BACKUP_SEALED) {
        err = unseal(file, passphrase, plain);
    }
    for (size_t i = 0; i < 2 && !bg_failed(err); i++) {
        char from[BACKUP_PATH];
        uint8_t *slot = plain + i * (BACKUP_KEY_BYTES + 2);
        size_t size = slot[0] | (size_t)slot[1] << 8;
        if (keys != BACKUP_SEALED) {
            (void)snprintf(from, sizeof from, "%s.%s.key", file, backup_key_names[i]);
            ssize_t got = read_small(from, slot + 2, BACKUP_KEY_BYTES);
            size = got > 0 ? (size_t)got : 0;
        }
        if (size > 0 && size <= BACKUP_KEY_BYTES) {
            err = give_key(config, i, slot + 2, size, name, &given);
            any |= given;
        }
    }
    sodium_memzero(plain, sizeof plain);
    *ret_word = any ? "restored" : "none";
    return err;
}
