/* The high-water mark of ids: kept by the transaction that keeps the ids, so that a process that starts with its clock set back goes on
 * above whatever was committed before. The mark runs a little ahead, so that most transactions need not touch it. */
#include "store/backend.h"

#define AHEAD_MS 2000

bg_err store_ids_load(struct store *store)
{
    struct bg_idgen *ids = store->opts.ids;
    STORE_SCOPED_READ tx = NULL;
    int64_t last = 0;
    bool found;
    if (ids == NULL || store->opts.catalogue != NULL) {
        return BG_DONE;
    }
    BG_TRY(store_read_begin(store, 0, &tx));
    BG_TRY(store_get_int(tx, SQL_ID_MARK_GET, ARGS(V_INT(ids->node)), &last, &found));
    bg_idgen_raise(ids, last);
    atomic_store(&store->ids_mark, last);
    return BG_DONE;
}

bg_err store_ids_keep(struct store_tx *tx, int64_t *ret_mark)
{
    struct store *store = tx->store;
    struct bg_idgen *ids = store->opts.ids;
    *ret_mark = atomic_load(&store->ids_mark);
    int64_t last = ids != NULL && store->opts.catalogue == NULL ? bg_idgen_last(ids) : 0;
    if (last <= *ret_mark) {
        return BG_DONE;
    }
    *ret_mark = bg_idgen_after(last, AHEAD_MS);
    return store_run(tx, SQL_ID_MARK_PUT, ARGS(V_INT(ids->node), V_INT(*ret_mark)), NULL);
}

void store_ids_kept(struct store *store, int64_t mark)
{
    int64_t now = atomic_load(&store->ids_mark);
    while (now < mark && !atomic_compare_exchange_weak(&store->ids_mark, &now, mark)) {
        /* another lane was faster: look again */
    }
}
