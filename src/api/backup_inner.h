/* Files and keys beside a database, private to backup*.c. */
#ifndef BG_BACKUP_INNER_H
#define BG_BACKUP_INNER_H

#include "api/backup.h"

#define BACKUP_PATH 4096
#define BACKUP_KEY_BYTES 256 /* a key file is 64 digits and a line end */

extern const char *const backup_key_names[2];

/* Copies what is in a folder and the folders in it, leaving alone what is there with the same size; *count grows by the files seen. A
 * folder that is not there is empty. */
bg_err backup_copy_tree(const char *from, const char *to, int depth, int64_t *count);
/* Everything written below this path is on the disk. */
bg_err backup_sync(const char *path);
/* Copies the keys, or seals them. */
bg_err backup_take_keys(const struct app_config *config, const struct backup_opts *opts, enum backup_keys *ret);
bg_err backup_give_keys(const char *file, enum backup_keys keys, const struct app_config *config, const char *passphrase, const char *name,
                        const char **ret_word);

#endif
