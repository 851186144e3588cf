/* Positions: chaining entries and growing the tree, in the batch (SQLite) or by the sequencer (PostgreSQL). */
#include <assert.h>
#include <string.h>

#include "journal/private.h"

#define LEASE_MS 3000

static bool take_bytes(bg_str from, uint8_t *out, size_t size)
{
    if (from.len == size) {
        memcpy(out, from.at, size);
    }
    return from.len == size;
}

bg_err edge_get(struct store_tx *tx, struct edge *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_JOURNAL_STATE_FIND, NO_ARGS, &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL(BG_NOT_FOUND);
    }
    int64_t hash = store_int(rows, 1);
    bool sound = take_bytes(store_text(rows, 0), ret->log, sizeof ret->log) && (hash == JOURNAL_SHA256 || hash == JOURNAL_SM3) &&
                 take_bytes(store_text(rows, 3), ret->chain, sizeof ret->chain) &&
                 merkle_frontier_unpack(store_int(rows, 2), store_text(rows, 4), &ret->frontier);
    if (!sound) {
        return BG_FAIL_AT(BG_STORE_DAMAGED, "journal_state");
    }
    ret->hash = (enum journal_hash)hash;
    return BG_DONE;
}

/* Rows being made for the set-based statements. */
struct rows {
    struct store_val *entries, *bodies, *nodes;
    size_t count, node_count, node_room;
    struct bg_arena *arena;
    bool no_memory;
};

#define ENTRY_COLUMNS 10
#define BODY_COLUMNS 3
#define NODE_COLUMNS 3
#define PENDING_COLUMNS 10

static bg_str kept(struct bg_arena *arena, const uint8_t hash[32])
{
    return bg_arena_copy(arena, (bg_str){ (const char *)hash, 32 });
}

static void keep_node(void *ctx, int level, int64_t index, const uint8_t hash[32])
{
    struct rows *rows = ctx;
    if (level % TILE_LEVELS != 0) {
        return;
    }
    bg_str copy = kept(rows->arena, hash);
    if (copy.at == NULL || rows->node_count == rows->node_room) {
        rows->no_memory = true;
        return;
    }
    struct store_val *row = rows->nodes + rows->node_count++ * NODE_COLUMNS;
    row[0] = V_INT(level);
    row[1] = V_INT(index);
    row[2] = V_BYTES(copy.at, copy.len);
}

static bg_err rows_open(struct rows *rows, struct bg_arena *arena, size_t count)
{
    *rows = (struct rows){ .arena = arena, .node_room = count / 128 + 10 };
    BG_TRY(bg_need(rows->entries = bg_arena_array(arena, count, ENTRY_COLUMNS * sizeof(struct store_val))));
    BG_TRY(bg_need(rows->bodies = bg_arena_array(arena, count, BODY_COLUMNS * sizeof(struct store_val))));
    return bg_need(rows->nodes = bg_arena_array(arena, rows->node_room, NODE_COLUMNS * sizeof(struct store_val)));
}

/* One entry on its way to its position. */
struct draft {
    int64_t city, id, actor;
    bg_str kind, object, salt, body, prefix;
    bg_ms at;
    bool persons;
};

static bg_err chain_one(struct merkle_hasher *hasher, struct edge *edge, struct rows *rows, const struct draft *draft)
{
    uint8_t leaf[32];
    entry_leaf(hasher, draft->salt, draft->body, leaf);
    entry_chain(hasher, edge->chain, leaf, draft->prefix, draft->persons, edge->chain);
    merkle_append(hasher, &edge->frontier, leaf, keep_node, rows);
    bg_str leaf_copy = kept(rows->arena, leaf), chain_copy = kept(rows->arena, edge->chain);
    if (leaf_copy.at == NULL || chain_copy.at == NULL || rows->no_memory) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    int64_t position = edge->frontier.size;
    struct store_val *entry = rows->entries + rows->count * ENTRY_COLUMNS;
    entry[0] = V_INT(position);
    entry[1] = V_INT(draft->city);
    entry[2] = V_TEXT(draft->kind);
    entry[3] = V_TEXT(draft->object);
    entry[4] = V_INT(draft->id);
    entry[5] = V_INT(draft->actor);
    entry[6] = V_INT(draft->at);
    entry[7] = V_INT(draft->persons);
    entry[8] = V_BYTES(leaf_copy.at, leaf_copy.len);
    entry[9] = V_BYTES(chain_copy.at, chain_copy.len);
    struct store_val *body = rows->bodies + rows->count * BODY_COLUMNS;
    body[0] = V_INT(position);
    body[1] = V_BYTES(draft->salt.at, draft->salt.len);
    body[2] = V_TEXT(draft->body);
    rows->count++;
    return BG_DONE;
}

static bg_err rows_store(struct store_tx *tx, const struct rows *rows, const struct edge *edge)
{
    BG_TRY(store_run_many(tx, SQL_JOURNAL_ENTRY_INSERT, rows->entries, ENTRY_COLUMNS, rows->count));
    BG_TRY(store_run_many(tx, SQL_JOURNAL_BODY_INSERT, rows->bodies, BODY_COLUMNS, rows->count));
    if (rows->node_count > 0) {
        BG_TRY(store_run_many(tx, SQL_JOURNAL_NODE_INSERT, rows->nodes, NODE_COLUMNS, rows->node_count));
    }
    uint8_t packed[MERKLE_LEVELS * MERKLE_BYTES];
    size_t len = merkle_frontier_pack(&edge->frontier, packed);
    return store_run(tx, SQL_JOURNAL_STATE_MOVE,
                     ARGS(V_INT(edge->frontier.size), V_BYTES(edge->chain, sizeof edge->chain), V_BYTES(packed, len)), NULL);
}

static bg_str entry_bytes(const struct change_tx *tx, const struct entry *entry)
{
    return (bg_str){ tx->bodies.at + entry->body_at, entry->body_len };
}

static bg_err chain_batch(struct change_tx *tx, const char *salts)
{
    struct edge edge;
    struct rows rows;
    BG_TRY(edge_get(tx->store, &edge));
    BG_TRY(rows_open(&rows, tx->arena, tx->entry_count));
    for (size_t i = 0; i < tx->entry_count; i++) {
        const struct entry *entry = &tx->entries[i];
        bg_str body = entry_bytes(tx, entry);
        const struct draft draft = { entry->city,   entry->id,
                                     entry->actor,  entry->kind,
                                     entry->object, { salts + i * SALT_BYTES, SALT_BYTES },
                                     body,          bg_str_cut(body, 0, entry->prefix_len),
                                     tx->now,       entry->persons };
        BG_TRY(chain_one(tx->journal->hasher, &edge, &rows, &draft));
        entry->change->position = edge.frontier.size;
    }
    return rows_store(tx->store, &rows, &edge);
}

static bg_err line_up_batch(struct change_tx *tx, const char *salts)
{
    struct store_val *values = bg_arena_array(tx->arena, tx->entry_count, PENDING_COLUMNS * sizeof *values);
    BG_TRY(bg_need(values));
    for (size_t i = 0; i < tx->entry_count; i++) {
        const struct entry *entry = &tx->entries[i];
        struct store_val *row = values + i * PENDING_COLUMNS;
        row[0] = V_INT(bg_id_next(tx->journal->ids));
        row[1] = V_INT(entry->city);
        row[2] = V_TEXT(entry->kind);
        row[3] = V_TEXT(entry->object);
        row[4] = V_INT(entry->id);
        row[5] = V_INT(entry->actor);
        row[6] = V_INT(tx->now);
        row[7] = V_INT(entry->persons);
        row[8] = V_BYTES(salts + i * SALT_BYTES, SALT_BYTES);
        row[9] = V_TEXT(entry_bytes(tx, entry));
    }
    return store_run_many(tx->store, SQL_JOURNAL_PENDING_INSERT, values, PENDING_COLUMNS, tx->entry_count);
}

bg_err append_batch(struct change_tx *tx)
{
    if (tx->entry_count == 0) {
        return BG_DONE;
    }
    BG_TRY(bg_buf_check(&tx->bodies));
    char *salts = bg_arena_get(tx->arena, tx->entry_count * SALT_BYTES);
    BG_TRY(bg_need(salts));
    bg_random(tx->journal->env, salts, tx->entry_count * SALT_BYTES);
    return tx->journal->postgres ? line_up_batch(tx, salts) : chain_batch(tx, salts);
}

/* --- the sequencer's transaction --- */

static bg_err draft_read(struct store_rows *rows, struct bg_arena *arena, struct bg_buf *prefix, struct draft *ret)
{
    char at[25];
    *ret = (struct draft){ store_int(rows, 1),
                           store_int(rows, 4),
                           store_int(rows, 5),
                           bg_arena_copy(arena, store_text(rows, 2)),
                           bg_arena_copy(arena, store_text(rows, 3)),
                           bg_arena_copy(arena, store_text(rows, 8)),
                           bg_arena_copy(arena, store_text(rows, 9)),
                           { 0 },
                           store_int(rows, 6),
                           store_int(rows, 7) != 0 };
    if (ret->kind.at == NULL || ret->object.at == NULL || ret->salt.at == NULL || ret->body.at == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    bg_buf_clear(prefix);
    bg_time_text(ret->at, at);
    entry_prefix(prefix, ret->city, ret->kind, ret->object, ret->id, bg_str_of(at), ret->actor);
    BG_TRY(bg_buf_check(prefix));
    ret->prefix = bg_buf_str(prefix);
    return BG_DONE;
}

struct given {
    struct bg_arena *arena;
    size_t count;
    int64_t head;
};

static bg_err chain_waiting(struct journal *journal, struct store_tx *tx, struct edge *edge, struct given *given)
{
    struct rows rows;
    struct store_val *ids;
    BG_SCOPED_BUF prefix = bg_buf_init(4096);
    BG_TRY(rows_open(&rows, given->arena, WAITING_MAX));
    BG_TRY(bg_need(ids = bg_arena_array(given->arena, WAITING_MAX, sizeof *ids)));
    STORE_SCOPED_ROWS waiting = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_JOURNAL_PENDING_LIST, ARGS(V_INT(WAITING_MAX)), &waiting));
    BG_TRY(store_next(waiting, &more));
    while (more) {
        struct draft draft;
        ids[rows.count] = V_INT(store_int(waiting, 0));
        BG_TRY(draft_read(waiting, given->arena, &prefix, &draft));
        BG_TRY(chain_one(journal->hasher, edge, &rows, &draft));
        BG_TRY(store_next(waiting, &more));
    }
    store_rows_done(waiting);
    waiting = NULL;
    if (rows.count > 0) {
        BG_TRY(rows_store(tx, &rows, edge));
        BG_TRY(store_run_many(tx, SQL_JOURNAL_PENDING_DELETE, ids, 1, rows.count));
    }
    given->count = rows.count;
    return BG_DONE;
}

static bg_err give_positions(struct journal *journal, struct store_tx *tx, void *arg)
{
    struct given *given = arg;
    struct edge edge;
    int64_t taken;
    bg_ms now = bg_now(journal->env);
    bg_arena_reset(given->arena);
    given->count = 0;
    given->head = 0;
    BG_TRY(store_run(tx, SQL_JOURNAL_LEASE_TAKE, ARGS(V_INT(journal->lease_owner), V_INT(now + LEASE_MS), V_INT(now)), &taken));
    if (taken == 0) {
        return BG_DONE; /* another process has it */
    }
    BG_TRY(edge_get(tx, &edge));
    pthread_mutex_lock(&journal->pos_lock);
    bg_err failed = chain_waiting(journal, tx, &edge, given);
    pthread_mutex_unlock(&journal->pos_lock);
    given->head = edge.frontier.size;
    return failed;
}

bg_err append_waiting(struct journal *journal, size_t *ret_given)
{
    BG_SCOPED_ARENA arena = bg_arena_open(BATCH_BYTES);
    BG_TRY(bg_need(arena));
    struct given given = { .arena = arena };
    BG_TRY(task_run(journal, give_positions, &given));
    head_moved(journal, given.head); /* also when another thread of this process has just given them */
    *ret_given = given.count;
    return BG_DONE;
}
