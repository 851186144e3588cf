/* A backup is whole: FILE is the database alone, as any SQLite program reads it, and beside it lie
 *     FILE.manifest      what it is: size and BLAKE2b of FILE, where it stands in the archive, what else belongs to it
 *     FILE.files/        the attached files, under their hash
 *     FILE.auth.key, FILE.journal.key   the private keys (mode 0600); or FILE.keys: both, sealed with a passphrase (Argon2id and
 *                        XSalsa20-Poly1305); or neither
 * FILE alone is a backup too; what is missing is told. */
#ifndef BG_BACKUP_H
#define BG_BACKUP_H

#include "api/app.h"

struct backup_opts {
    const char *to;         /* the new FILE */
    bool no_keys;           /* leave the private keys out */
    const char *passphrase; /* file whose first line seals the keys; NULL: they lie open, readable by their owner */
};
/* Makes it from a running store; the answer is one JSON object. Nothing stays when it fails. */
bg_err backup_make(struct store *store, const struct app_config *config, const struct backup_opts *opts, struct bg_buf *reply);

enum backup_keys { BACKUP_NO_KEYS, BACKUP_KEYS, BACKUP_SEALED };
struct backup_manifest {
    bool there;
    int64_t bytes, files;
    uint8_t hash[32];
    enum backup_keys keys;
    struct store_position place; /* chain 0: not archived */
};
/* Reads FILE.manifest; `there` is false when there is none. BG_BACKUP_MANIFEST: it is none of ours. */
bg_err backup_read(const char *file, struct backup_manifest *ret);
/* Reads a manifest's text; for the fuzzer. */
bg_err backup_read_text(bg_str text, struct backup_manifest *ret);
/* Copies a file durably under a new name and tells the BLAKE2b of what it copied. */
bg_err backup_copy(const char *from, const char *to, uint8_t ret_hash[32]);

/* Puts files and keys where the database of `config` wants them. A key that is there and differs is kept beside it as KEY.before-NAME.
 * Sealed keys without a passphrase stay where they are. Adds its members to the open JSON object. */
bg_err backup_put(const char *file, const struct backup_manifest *manifest, const struct app_config *config, const char *passphrase,
                  const char *name, struct bg_buf *reply);
/* BG_BACKUP_PASSPHRASE when the sealed keys do not open: to be asked before anything is changed. */
bg_err backup_try_keys(const char *file, const struct backup_manifest *manifest, const char *passphrase);

#endif
