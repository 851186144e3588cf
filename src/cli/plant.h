/* Damage for `verify --self-test`: each plant changes one thing in a copy, as somebody with full access to the file could.
 * Private to cli. */
#ifndef BG_CLI_PLANT_H
#define BG_CLI_PLANT_H

#include "store/store.h"

struct plant {
    const char *name;
    bg_err (*run)(struct store_tx *tx);
};
extern const struct plant plants[]; /* ended by an empty row */

/* Plants it in a store that was opened unguarded. BG_NOT_FOUND: the database is too small to plant it (no movement, under four
 * entries). */
bg_err plant_run(struct store *store, const struct plant *plant);

#endif
