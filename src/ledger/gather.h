/* Many accounts moved to another status in one change. Private to ledger. */
#ifndef BG_LEDGER_GATHER_H
#define BG_LEDGER_GATHER_H

#include "ledger/image.h"

struct gathered {
    int64_t id, qty, held;
    struct ledger_key key;
};
/* Reads id, place, bin, owner, item, lot, status, qty, held; for read_rows. */
bg_err gather_account(struct store_rows *rows, struct bg_arena *arena, void *entry);
/* Voids the holds on the accounts and moves all they have to `status`, in documents of 500 lines. */
bg_err gathered_move(struct change_tx *tx, const struct change *change, const struct gathered *accounts, size_t count, int kind, int reason,
                     int status);

#endif
