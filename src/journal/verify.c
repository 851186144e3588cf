/* Reads the journal again and names the first row that does not fit. Everything is read in one snapshot, some thousand rows at a
 * time, so memory does not grow with the journal. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "journal/private.h"

#define PIECE 4096 /* a multiple of 2^TILE_LEVELS */
#define TILES_MAX (PIECE / 256 + MERKLE_LEVELS)

/* Something that states root and chain of a size: a seal, a signed head, a head kept elsewhere. */
struct checkpoint {
    int64_t size;
    uint8_t root[32], chain[32];
    const char *table;
    char key[64];
};

struct tile {
    int level;
    int64_t number;
    uint8_t hash[32];
};

struct verifier {
    struct store_tx *tx;
    struct merkle_hasher *hasher;
    struct journal_report *report;
    struct bg_arena *arena; /* of the piece */
    struct edge edge; /* as stored */
    struct merkle_frontier frontier; /* as recomputed */
    uint8_t chain[32];
    struct bg_buf prefix;
    bg_ms at; /* of at_text */
    char at_text[25];
    struct checkpoint *points;
    size_t point_count, point_room;
    struct tile tiles[TILES_MAX];
    size_t tile_count;
    int64_t *erased; /* position and city of the piece's erased bodies, in pairs */
    size_t erased_count;
};

/* Notes damage; the first stays. */
static void damage(struct verifier *v, const char *table, const char *key, const char *kind)
{
    struct journal_report *report = v->report;
    if (report->intact) {
        report->intact = false;
        (void)snprintf(report->table, sizeof report->table, "%s", table);
        (void)snprintf(report->key, sizeof report->key, "%s", key);
        (void)snprintf(report->kind, sizeof report->kind, "%s", kind);
    }
}

static void damage_at(struct verifier *v, const char *table, int64_t position, const char *kind)
{
    char key[64];
    (void)snprintf(key, sizeof key, "position=%lld", (long long)position);
    damage(v, table, key, kind);
}

/* --- one entry --- */

struct row {
    int64_t position;
    bool persons, erased;
    bg_str leaf, chain;
    bg_str salt, body;
};

/* Makes the entry's prefix from its columns into v->prefix. */
static bg_err read_row(struct verifier *v, struct store_rows *rows, struct row *ret)
{
    *ret = (struct row){
        .position = store_int(rows, 0),
        .persons = store_int(rows, 7) != 0,
        .erased = store_is_null(rows, 11),
        .leaf = store_text(rows, 8),
        .chain = store_text(rows, 9),
        .salt = store_text(rows, 10),
        .body = store_text(rows, 11),
    };
    bg_ms at = store_int(rows, 6);
    if (at != v->at) {
        bg_time_text(at, v->at_text);
        v->at = at;
    }
    bg_buf_clear(&v->prefix);
    entry_prefix(&v->prefix, store_int(rows, 1), store_text(rows, 2), store_text(rows, 3), store_int(rows, 4),
                 bg_str_of(v->at_text), store_int(rows, 5));
    return bg_buf_check(&v->prefix);
}

static bool fits_chain(struct verifier *v, const struct row *row, const uint8_t before[32], uint8_t out[32])
{
    if (row->leaf.len != 32 || row->chain.len != 32) {
        return false;
    }
    entry_chain(v->hasher, before, (const uint8_t *)row->leaf.at, bg_buf_str(&v->prefix), row->persons, out);
    return memcmp(out, row->chain.at, 32) == 0;
}

/* Whether the row, its columns and its body fit one another. */
static const char *misfit(struct verifier *v, const struct row *row)
{
    if (row->leaf.len != 32 || row->chain.len != 32) {
        return "journal_entry";
    }
    if (row->erased) {
        return row->persons ? NULL : "journal_body";
    }
    uint8_t leaf[32];
    entry_leaf(v->hasher, row->salt, row->body, leaf);
    if (memcmp(leaf, row->leaf.at, 32) != 0) {
        return "journal_body";
    }
    return bg_str_starts(row->body, bg_buf_str(&v->prefix)) ? NULL : "journal_entry";
}

static void keep_tile(void *ctx, int level, int64_t index, const uint8_t hash[32])
{
    struct verifier *v = ctx;
    if (level % TILE_LEVELS == 0 && v->tile_count < TILES_MAX) {
        struct tile *tile = &v->tiles[v->tile_count++];
        tile->level = level;
        tile->number = index;
        memcpy(tile->hash, hash, 32);
    }
}

static void check_point(struct verifier *v, const struct checkpoint *point)
{
    uint8_t root[32];
    merkle_root(v->hasher, &v->frontier, root);
    if (memcmp(root, point->root, 32) != 0 || (point->size > 0 && memcmp(v->chain, point->chain, 32) != 0)) {
        damage(v, point->table, point->key, "rewritten");
    }
}

static void check_points(struct verifier *v)
{
    for (size_t i = 0; i < v->point_count && v->report->intact; i++) {
        if (v->points[i].size == v->frontier.size) {
            check_point(v, &v->points[i]);
        }
    }
}

/* False when the piece is to be left: damage was found or the chain does not fit (*ret_misplaced: to be looked into). */
static bool take_row(struct verifier *v, const struct row *row, bool *ret_misplaced)
{
    int64_t expected = v->frontier.size + 1;
    if (row->position != expected) {
        damage_at(v, "journal_entry", expected, "missing");
        return false;
    }
    const char *table = misfit(v, row);
    if (table != NULL) {
        damage_at(v, table, expected, row->erased ? "missing" : "altered");
        return false;
    }
    uint8_t chain[32];
    if (!fits_chain(v, row, v->chain, chain)) {
        *ret_misplaced = true;
        return false;
    }
    memcpy(v->chain, chain, 32);
    merkle_append(v->hasher, &v->frontier, (const uint8_t *)row->leaf.at, keep_tile, v);
    v->report->entries++;
    if (row->erased) {
        v->report->erased++;
        v->erased[2 * v->erased_count] = row->position;
        v->erased_count++;
    }
    check_points(v);
    return v->report->intact;
}

/* --- what is wrong with an entry whose chain does not fit: does a later one belong here? --- */

static bg_err look_later(struct verifier *v, int64_t from, int64_t to, bg_str chain_here, bool *ret_found, bool *ret_end)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, SQL_JOURNAL_WALK, ARGS(V_INT(from), V_INT(to)), &rows));
    BG_TRY(store_next(rows, &more));
    *ret_end = !more;
    while (more && !*ret_found) {
        struct row row;
        uint8_t chain[32];
        BG_TRY(read_row(v, rows, &row));
        bool fits = fits_chain(v, &row, v->chain, chain);
        *ret_found = fits || (row.leaf.len == 32 && chain_here.len == 32 && memcmp(chain, chain_here.at, 32) == 0);
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err judge_misplaced(struct verifier *v)
{
    int64_t position = v->frontier.size + 1;
    uint8_t here[32];
    bg_ms at;
    bool found = false, end = false;
    BG_TRY(chain_at(v->tx, position, here, &at));
    for (int64_t from = position + 1; !found && !end; from += PIECE) {
        BG_TRY(look_later(v, from, from + PIECE, (bg_str){ (const char *)here, 32 }, &found, &end));
    }
    damage_at(v, "journal_entry", position, found ? "reordered" : "altered");
    return BG_DONE;
}

/* --- one piece --- */

static bg_err walk_piece(struct verifier *v, int64_t to, bool *ret_misplaced)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, SQL_JOURNAL_WALK, ARGS(V_INT(v->frontier.size + 1), V_INT(to)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct row row;
        BG_TRY(read_row(v, rows, &row));
        size_t erased = v->erased_count;
        if (!take_row(v, &row, ret_misplaced)) {
            return BG_DONE;
        }
        if (v->erased_count > erased) {
            v->erased[2 * erased + 1] = store_int(rows, 1);
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err check_tiles(struct verifier *v)
{
    for (size_t i = 0; i < v->tile_count && v->report->intact; i++) {
        const struct tile *tile = &v->tiles[i];
        char key[64];
        bool more;
        STORE_SCOPED_ROWS rows = NULL;
        BG_TRY(
            store_query(v->tx, SQL_JOURNAL_NODES, ARGS(V_INT(tile->level), V_INT(tile->number), V_INT(tile->number + 1)), &rows));
        BG_TRY(store_next(rows, &more));
        (void)snprintf(key, sizeof key, "level=%d,number=%lld", tile->level, (long long)tile->number);
        if (!more) {
            damage(v, "journal_node", key, "missing");
        } else if (!bg_str_eq(store_text(rows, 1), (bg_str){ (const char *)tile->hash, 32 })) {
            damage(v, "journal_node", key, "altered");
        }
    }
    v->tile_count = 0;
    return BG_DONE;
}

/* A body may be gone only where the journal tells of its erasure. */
static bg_err check_erased(struct verifier *v)
{
    for (size_t i = 0; i < v->erased_count && v->report->intact; i++) {
        int64_t entry;
        bool found;
        BG_TRY(store_get_int(v->tx, SQL_JOURNAL_ERASURE_FIND, ARGS(V_INT(v->erased[2 * i + 1]), V_INT(v->erased[2 * i])), &entry,
                             &found));
        if (!found) {
            damage_at(v, "journal_body", v->erased[2 * i], "missing");
        }
    }
    v->erased_count = 0;
    return BG_DONE;
}

/* --- checkpoints --- */

static bg_err add_point(struct verifier *v, const struct checkpoint *point)
{
    if (v->point_count == v->point_room) {
        size_t room = v->point_room == 0 ? 64 : v->point_room * 2;
        struct checkpoint *points = bg_arena_array(v->arena, room, sizeof *points);
        BG_TRY(bg_need(points));
        if (v->point_count > 0) {
            memcpy(points, v->points, v->point_count * sizeof *points);
        }
        v->points = points;
        v->point_room = room;
    }
    v->points[v->point_count++] = *point;
    return BG_DONE;
}

static bg_err load_seals(struct verifier *v, int64_t from, int64_t to)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, SQL_JOURNAL_SEAL_LIST, ARGS(V_INT(from), V_INT(to)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct checkpoint point = { .size = store_int(rows, 1), .table = "journal_seal" };
        (void)snprintf(point.key, sizeof point.key, "month=%lld", (long long)store_int(rows, 0));
        if (store_text(rows, 2).len != 32 || store_text(rows, 3).len != 32) {
            damage(v, point.table, point.key, "altered");
            return BG_DONE;
        }
        memcpy(point.root, store_text(rows, 2).at, 32);
        memcpy(point.chain, store_text(rows, 3).at, 32);
        BG_TRY(add_point(v, &point));
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

static bg_err add_head(struct verifier *v, const struct journal_head *head, const char *table, const char *key)
{
    struct checkpoint point = { .size = head->size, .table = table };
    (void)snprintf(point.key, sizeof point.key, "%s", key);
    memcpy(point.root, head->root, 32);
    memcpy(point.chain, head->chain, 32);
    return add_point(v, &point);
}

static bg_err load_heads(struct verifier *v, int64_t from, int64_t to)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, SQL_JOURNAL_HEAD_LIST, ARGS(V_INT(from), V_INT(to)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct journal_head head;
        char key[64];
        (void)snprintf(key, sizeof key, "size=%lld", (long long)store_int(rows, 0));
        bool known = !store_is_null(rows, 6);
        if (bg_failed(head_of_row(&v->edge, rows, &head)) || !known || !head_signature_holds(&head)) {
            damage(v, "journal_head", key, "altered");
            return BG_DONE;
        }
        BG_TRY(add_head(v, &head, "journal_head", key));
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

/* What states something about sizes [from, to). */
static bg_err load_points(struct verifier *v, int64_t from, int64_t to, const struct journal_head *head)
{
    bg_arena_reset(v->arena);
    v->points = NULL;
    v->point_count = v->point_room = 0;
    BG_TRY(bg_need(v->erased = bg_arena_array(v->arena, PIECE, 2 * sizeof *v->erased)));
    BG_TRY(load_seals(v, from, to));
    BG_TRY(load_heads(v, from, to));
    if (head != NULL && head->size >= from && head->size < to) {
        BG_TRY(add_head(v, head, "head", "kept elsewhere"));
    }
    return BG_DONE;
}

/* --- the end --- */

static bg_err any_after(struct verifier *v, enum sql_id sql, int64_t position, bool *ret)
{
    int64_t found;
    return store_get_int(v->tx, sql, ARGS(V_INT(position)), &found, ret);
}

static bg_err any_entry_after(struct verifier *v, int64_t position, bool *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(v->tx, SQL_JOURNAL_LEAVES, ARGS(V_INT(position + 1), V_INT(INT64_MAX)), &rows));
    return store_next(rows, ret);
}

/* The entries ended before the stored size: a hole, or the tail is gone. */
static bg_err judge_short(struct verifier *v)
{
    bool more;
    BG_TRY(any_entry_after(v, v->frontier.size, &more));
    damage_at(v, "journal_entry", v->frontier.size + 1, more ? "missing" : "tail-cut");
    return BG_DONE;
}

static bg_err check_edge(struct verifier *v)
{
    uint8_t stored[MERKLE_LEVELS * 32], made[MERKLE_LEVELS * 32];
    size_t len = merkle_frontier_pack(&v->edge.frontier, stored);
    bool same = len == merkle_frontier_pack(&v->frontier, made) && memcmp(stored, made, len) == 0 &&
                (v->frontier.size == 0 || memcmp(v->chain, v->edge.chain, 32) == 0);
    bool more = false;
    BG_TRY(any_entry_after(v, v->frontier.size, &more));
    if (!same || more) {
        damage(v, "journal_state", "id=1", "altered");
    }
    return BG_DONE;
}

/* Traces of entries beyond the last one: a head of a greater size, an answer with a higher position, a body. */
static bg_err check_tail(struct verifier *v, const struct journal_head *head)
{
    int64_t size = v->frontier.size, newest = 0;
    bool beyond = head != NULL && head->size > size, found = false;
    STORE_SCOPED_ROWS rows = NULL;
    if (!beyond) {
        BG_TRY(store_query(v->tx, SQL_JOURNAL_HEAD_LIST, ARGS(V_INT(size + 1), V_INT(INT64_MAX)), &rows));
        BG_TRY(store_next(rows, &beyond));
        store_rows_done(rows);
        rows = NULL;
    }
    if (!beyond) {
        BG_TRY(store_get_int(v->tx, SQL_JOURNAL_NEWEST_OP, NO_ARGS, &newest, &found));
        beyond = found && newest > size;
    }
    if (!beyond) {
        BG_TRY(any_after(v, SQL_JOURNAL_STRAY_BODY, size, &beyond));
    }
    if (beyond) {
        damage_at(v, "journal_entry", size + 1, "tail-cut");
    }
    return BG_DONE;
}

static bg_err walk(struct verifier *v, const struct journal_head *head)
{
    int64_t end = v->edge.frontier.size;
    BG_TRY(load_points(v, v->frontier.size, v->frontier.size + 1, head));
    check_points(v);
    while (v->report->intact && v->frontier.size < end) {
        int64_t from = v->frontier.size, to = from + PIECE - from % PIECE;
        bool misplaced = false;
        to = to > end ? end : to;
        BG_TRY(load_points(v, from + 1, to + 1, head));
        if (!v->report->intact) {
            return BG_DONE;
        }
        BG_TRY(walk_piece(v, to + 1, &misplaced));
        if (misplaced) {
            return judge_misplaced(v);
        }
        if (v->report->intact && v->frontier.size < to) {
            return judge_short(v);
        }
        BG_TRY(check_tiles(v));
        BG_TRY(check_erased(v));
    }
    if (v->report->intact) {
        BG_TRY(check_edge(v));
    }
    return v->report->intact ? check_tail(v, head) : BG_DONE;
}

/* --- starting --- */

/* A head of before the seal: the sealed tree must continue it. */
static bg_err check_older_head(struct verifier *v, const struct merkle_source *source, const struct journal_head *head,
                               const uint8_t sealed_root[32])
{
    uint8_t proof[MERKLE_LEVELS + 1][MERKLE_BYTES];
    size_t count;
    BG_TRY(merkle_consistency(v->hasher, source, head->size, v->frontier.size, proof, &count));
    if (!merkle_consistency_holds(head->size, v->frontier.size, head->root, sealed_root, (const uint8_t(*)[32])proof, count,
                                  head->hash)) {
        damage(v, "head", "kept elsewhere", "rewritten");
    }
    return BG_DONE;
}

/* Takes up behind the last seal, when the subtrees in the tables give its root. */
static bg_err start_at_seal(struct verifier *v, const struct journal_head *head)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(v->tx, SQL_JOURNAL_SEAL_NEWEST, NO_ARGS, &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || store_int(rows, 1) > v->edge.frontier.size || store_text(rows, 2).len != 32 || store_text(rows, 3).len != 32) {
        return BG_DONE; /* from the first entry on; what is wrong with the seal is found there */
    }
    uint8_t sealed_root[32], sealed_chain[32], root[32];
    int64_t size = store_int(rows, 1);
    char key[64];
    (void)snprintf(key, sizeof key, "month=%lld", (long long)store_int(rows, 0));
    memcpy(sealed_root, store_text(rows, 2).at, 32);
    memcpy(sealed_chain, store_text(rows, 3).at, 32);
    store_rows_done(rows);
    rows = NULL;
    struct table_source table = { v->tx, v->hasher };
    const struct merkle_source source = { table_perfect, &table };
    struct merkle_frontier frontier;
    BG_TRY(merkle_frontier_at(&source, size, &frontier));
    merkle_root(v->hasher, &frontier, root);
    if (memcmp(root, sealed_root, 32) != 0) {
        damage(v, "journal_seal", key, "rewritten");
    }
    v->frontier = frontier;
    memcpy(v->chain, sealed_chain, 32);
    return head != NULL && head->size > 0 && head->size < size ? check_older_head(v, &source, head, root) : BG_DONE;
}

/* A row that the seal stands on and that is gone or not of its form is damage. */
static bg_err start_recent(struct verifier *v, const struct journal_head *head)
{
    bg_err err = start_at_seal(v, head);
    if (err.code == BG_NOT_FOUND || err.code == BG_STORE_DAMAGED) {
        damage(v, "journal_seal", "newest", "missing");
        return BG_DONE;
    }
    return err;
}

static bg_err run(struct verifier *v, const struct journal_head *head, bool recent)
{
    bg_err err = edge_get(v->tx, &v->edge);
    if (err.code == BG_STORE_DAMAGED || err.code == BG_NOT_FOUND) {
        bool entries = true;
        if (err.code == BG_NOT_FOUND) {
            BG_TRY(any_after(v, SQL_JOURNAL_PERSONS, 1, &entries));
        }
        if (entries || head != NULL) {
            damage(v, "journal_state", "id=1", err.code == BG_NOT_FOUND ? "missing" : "altered");
        }
        return BG_DONE;
    }
    BG_TRY(err);
    if (head != NULL && (memcmp(head->log, v->edge.log, sizeof head->log) != 0 || head->hash != v->edge.hash)) {
        return BG_FAIL_AT(BG_JOURNAL_OTHER, "head");
    }
    BG_TRY(merkle_hasher_open(v->edge.hash, &v->hasher));
    BG_TRY(store_get_int(v->tx, SQL_JOURNAL_PENDING_COUNT, NO_ARGS, &v->report->waiting, NULL));
    if (recent) {
        BG_TRY(start_recent(v, head));
        v->report->entries = v->frontier.size;
    }
    v->report->from = v->frontier.size + 1;
    return v->report->intact ? walk(v, head) : BG_DONE;
}

static bg_err verify(struct store *store, const struct journal_head *head, bool recent, struct journal_report *ret)
{
    struct journal_report report = { .intact = true };
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)64 << 20);
    struct verifier *v = bg_arena_get(arena, 0) != NULL ? bg_heap_get(sizeof *v) : NULL;
    BG_TRY(bg_need(v));
    v->report = &report;
    v->arena = arena;
    v->at = BG_TIME_NONE;
    v->prefix = bg_buf_init(65536);
    bg_err err = store_read_begin(store, 0, &v->tx);
    if (!bg_failed(err)) {
        err = run(v, head, recent);
    }
    store_read_end(v->tx);
    merkle_hasher_close(v->hasher);
    bg_buf_done(&v->prefix);
    bg_heap_free(v);
    if (!bg_failed(err)) {
        *ret = report;
    }
    return err;
}

bg_err journal_verify(struct store *store, const struct journal_head *head, struct journal_report *ret)
{
    return verify(store, head, false, ret);
}

bg_err journal_verify_recent(struct store *store, const struct journal_head *head, struct journal_report *ret)
{
    return verify(store, head, true, ret);
}
