/* Entries as others see them, proofs from the tables, erasing. */
#include <assert.h>
#include <string.h>

#include "journal/private.h"

/* --- events --- */

static bg_err event_of_row(struct store_rows *rows, struct bg_arena *arena, struct journal_event *ret)
{
    struct journal_event event = {
        .position = store_int(rows, 0),
        .at = store_int(rows, 1),
        .city = store_int(rows, 2),
        .id = store_int(rows, 3),
        .actor = store_int(rows, 4),
        .kind = bg_arena_copy(arena, store_text(rows, 5)),
        .object = bg_arena_copy(arena, store_text(rows, 6)),
        .body = bg_arena_copy(arena, store_text(rows, 7)),
    };
    if (event.kind.at == NULL || event.object.at == NULL || event.body.at == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    *ret = event;
    return BG_DONE;
}

static bg_err list(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t arg_count, size_t max,
                   struct bg_arena *arena, struct journal_event **ret, size_t *ret_count)
{
    struct journal_event *events = bg_arena_array(arena, max, sizeof *events);
    BG_TRY(bg_need(events));
    STORE_SCOPED_ROWS rows = NULL;
    size_t count = 0;
    bool more;
    BG_TRY(store_query(tx, sql, args, arg_count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more && count < max) {
        BG_TRY(event_of_row(rows, arena, &events[count]));
        count++;
        BG_TRY(store_next(rows, &more));
    }
    *ret = events;
    *ret_count = count;
    return BG_DONE;
}

bg_err journal_after(struct store_tx *tx, int64_t position, size_t max, struct bg_arena *arena, struct journal_event **ret,
                     size_t *ret_count)
{
    return list(tx, SQL_JOURNAL_AFTER, ARGS(V_INT(position), V_INT((int64_t)max)), max, arena, ret, ret_count);
}

bg_err journal_get(struct store_tx *tx, int64_t position, struct bg_arena *arena, struct journal_event *ret)
{
    struct journal_event *events;
    size_t count;
    BG_TRY(journal_after(tx, position - 1, 1, arena, &events, &count));
    if (count == 0 || events[0].position != position) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    *ret = events[0];
    return BG_DONE;
}

bg_err journal_of(struct store_tx *tx, int64_t city, bg_str object, int64_t id, int64_t before, size_t max,
                  struct bg_arena *arena, struct journal_event **ret, size_t *ret_count)
{
    int64_t end = before > 0 ? before : INT64_MAX;
    return list(tx, SQL_JOURNAL_OF, ARGS(V_INT(city), V_TEXT(object), V_INT(id), V_INT(end), V_INT((int64_t)max)), max, arena,
                ret, ret_count);
}

/* --- proofs --- */

#define TILE (1 << TILE_LEVELS)

/* Hashes of one stored level, numbers [from, from + count), all of them or BG_NOT_FOUND. */
static bg_err stored_hashes(struct store_tx *tx, int level, int64_t from, size_t count, uint8_t out[TILE][32])
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t to = from + (int64_t)count;
    int column = level == 0 ? 0 : 1;
    if (level == 0) {
        BG_TRY(store_query(tx, SQL_JOURNAL_LEAVES, ARGS(V_INT(from + 1), V_INT(to + 1)), &rows));
    } else {
        BG_TRY(store_query(tx, SQL_JOURNAL_NODES, ARGS(V_INT(level), V_INT(from), V_INT(to)), &rows));
    }
    for (size_t i = 0; i < count; i++) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            return BG_FAIL_AT(BG_NOT_FOUND, "size");
        }
        bg_str hash = store_text(rows, column);
        if (hash.len != 32) {
            return BG_FAIL_AT(BG_STORE_DAMAGED, level == 0 ? "journal_entry" : "journal_node");
        }
        memcpy(out[i], hash.at, 32);
    }
    return BG_DONE;
}

bg_err table_perfect(void *ctx, int level, int64_t index, uint8_t out[32])
{
    const struct table_source *source = ctx;
    int base = level / TILE_LEVELS * TILE_LEVELS;
    size_t count = (size_t)1 << (level - base);
    uint8_t hashes[TILE][32];
    BG_TRY(stored_hashes(source->tx, base, index << (level - base), count, hashes));
    for (; count > 1; count /= 2) {
        for (size_t i = 0; i < count / 2; i++) {
            merkle_node(source->hasher, hashes[2 * i], hashes[2 * i + 1], hashes[i]);
        }
    }
    memcpy(out, hashes[0], 32);
    return BG_DONE;
}

struct proof_call {
    int64_t a, b;
    uint8_t (*out)[32];
    size_t count;
    bg_err (*make)(struct merkle_hasher *hasher, const struct merkle_source *source, struct proof_call *call);
};

/* Checks the bounds against the journal's size, then makes the proof with a hasher of its own. */
static bg_err with_tables(struct store_tx *tx, int64_t size, struct proof_call *call)
{
    struct edge edge;
    struct table_source table = { .tx = tx };
    BG_TRY(edge_get(tx, &edge));
    if (size < 0 || size > edge.frontier.size) {
        return BG_FAIL_AT(BG_NOT_FOUND, "size");
    }
    BG_TRY(merkle_hasher_open(edge.hash, &table.hasher));
    const struct merkle_source source = { table_perfect, &table };
    bg_err err = call->make(table.hasher, &source, call);
    merkle_hasher_close(table.hasher);
    return err;
}

static bg_err make_inclusion(struct merkle_hasher *hasher, const struct merkle_source *source, struct proof_call *call)
{
    return merkle_inclusion(hasher, source, call->a, call->b, call->out, &call->count);
}

static bg_err make_consistency(struct merkle_hasher *hasher, const struct merkle_source *source, struct proof_call *call)
{
    return merkle_consistency(hasher, source, call->a, call->b, call->out, &call->count);
}

static bg_err make_root(struct merkle_hasher *hasher, const struct merkle_source *source, struct proof_call *call)
{
    return merkle_root_at(hasher, source, call->a, call->out[0]);
}

bg_err journal_inclusion(struct store_tx *tx, int64_t position, int64_t size, struct bg_arena *arena, uint8_t (**ret)[32],
                         size_t *ret_count)
{
    struct proof_call call = { position - 1, size, bg_arena_array(arena, MERKLE_LEVELS + 1, 32), 0, make_inclusion };
    BG_TRY(bg_need(call.out));
    if (position < 1 || position > size) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    BG_TRY(with_tables(tx, size, &call));
    *ret = call.out;
    *ret_count = call.count;
    return BG_DONE;
}

bg_err journal_consistency(struct store_tx *tx, int64_t from, int64_t to, struct bg_arena *arena, uint8_t (**ret)[32],
                           size_t *ret_count)
{
    struct proof_call call = { from, to, bg_arena_array(arena, MERKLE_LEVELS + 1, 32), 0, make_consistency };
    BG_TRY(bg_need(call.out));
    if (from < 1 || from > to) {
        return BG_FAIL_AT(BG_NOT_FOUND, "from");
    }
    BG_TRY(with_tables(tx, to, &call));
    *ret = call.out;
    *ret_count = call.count;
    return BG_DONE;
}

bg_err journal_root(struct store_tx *tx, int64_t size, uint8_t ret[32])
{
    uint8_t root[1][32];
    struct proof_call call = { size, size, root, 0, make_root };
    BG_TRY(with_tables(tx, size, &call));
    memcpy(ret, root[0], 32);
    return BG_DONE;
}

bg_err journal_leaf(struct store_tx *tx, int64_t position, uint8_t ret_leaf[32], uint8_t ret_salt[16])
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_JOURNAL_WALK, ARGS(V_INT(position), V_INT(position + 1)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    memcpy(ret_leaf, store_text(rows, 8).at, 32);
    if (store_text(rows, 10).len != SALT_BYTES) {
        return BG_FAIL_AT(BG_NOT_FOUND, "salt");
    }
    memcpy(ret_salt, store_text(rows, 10).at, SALT_BYTES);
    return BG_DONE;
}

/* --- erasing --- */

bg_err journal_erase(struct change_tx *tx, int64_t position)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t deleted;
    assert(tx->current != NULL);
    BG_TRY(store_query(tx->store, SQL_JOURNAL_PERSONS, ARGS(V_INT(position)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    bool persons = store_int(rows, 0) != 0;
    int64_t city = store_int(rows, 1);
    store_rows_done(rows);
    rows = NULL;
    if (!persons) {
        return BG_FAIL_AT(BG_BAD_INPUT, "position");
    }
    BG_TRY(store_run(tx->store, SQL_JOURNAL_BODY_DELETE, ARGS(V_INT(position)), &deleted));
    if (deleted == 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    return change_record(
        tx, tx->current,
        &(struct journal_entry){ .kind = "journal.erased", .object = "journal_entry", .id = position, .city = city });
}
