/* Private to the journal: what its files share. */
#ifndef BG_JOURNAL_PRIVATE_H
#define BG_JOURNAL_PRIVATE_H

#include <pthread.h>

#include "journal/merkle.h"

#define SALT_BYTES 16
#define TILE_LEVELS 8 /* subtrees of 2^8, 2^16, … leaves are kept in journal_node */
#define WAITING_MAX 1000 /* entries given their positions in one transaction */
#define WATCHERS_MAX 16
#define FAMILIES_MAX 16
#define MEMOS_MAX 4
#define BATCH_MAX 256
#define BATCH_BYTES ((size_t)64 << 20)
#define BODY_BYTES ((size_t)32 << 20) /* all bodies of one batch */

/* An entry of the running batch. Texts live as long as the batch; the body is a place in change_tx.bodies, which may move. */
struct entry {
    int64_t city, id, actor;
    bg_str kind, object;
    bool persons;
    size_t body_at, body_len, prefix_len;
    struct change *change;
};

struct family_use {
    const struct change_family *family;
    void *state;
};

/* One batch. Taken from the journal's spares, so that its memory is used again. */
struct change_tx {
    struct journal *journal;
    struct store_tx *store;
    struct bg_arena *arena;
    bg_ms now;
    char now_text[25];
    struct change *current; /* being decided */
    struct family_use families[FAMILIES_MAX];
    size_t family_count;
    struct {
        const void *owner;
        void *at;
    } memos[MEMOS_MAX];
    struct entry *entries;
    size_t entry_count, entry_room;
    struct bg_buf bodies;
    struct change_tx *next; /* spare */
};

struct watcher {
    journal_watcher call;
    void *ctx;
};

struct journal {
    struct journal_opts opts;
    struct store *store;
    const struct bg_env *env;
    struct bg_idgen *ids;
    bool postgres, thread_started;
    enum journal_hash hash;
    uint8_t log[16];
    uint8_t public_key[32], secret_key[64];
    _Atomic int64_t head; /* newest position known */
    pthread_mutex_t watching; /* of the two below; held while watchers are called */
    struct watcher watchers[WATCHERS_MAX];
    size_t watcher_count;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    bool stop, stirred; /* stirred: a local commit left entries to be sequenced */
    struct change_tx *spares;
    struct merkle_hasher *hasher; /* of the one that gives positions; pos_lock */
    pthread_mutex_t pos_lock;
    int64_t lease_owner;
    pthread_t thread;
};

/* --- entries (entry.c) --- */
/* What the columns of an entry commit to, and how every body begins: {"v":1,"city":…,"actor":"…" */
void entry_prefix(struct bg_buf *out, int64_t city, bg_str kind, bg_str object, int64_t id, bg_str at, int64_t actor);
void entry_body(struct change_tx *tx, const struct change *change, const struct journal_entry *entry, size_t *ret_prefix);
void entry_leaf(struct merkle_hasher *hasher, bg_str salt, bg_str body, uint8_t out[32]);
void entry_chain(struct merkle_hasher *hasher, const uint8_t before[32], const uint8_t leaf[32], bg_str prefix, bool persons,
                 uint8_t out[32]);

/* --- positions (append.c) --- */
struct edge {
    uint8_t log[16];
    enum journal_hash hash;
    uint8_t chain[32];
    struct merkle_frontier frontier;
};
/* BG_STORE_DAMAGED when the row is not of its form; BG_NOT_FOUND when there is no journal yet. */
bg_err edge_get(struct store_tx *tx, struct edge *ret);
/* Gives the batch's entries their positions (SQLite) or puts them in line (PostgreSQL). */
bg_err append_batch(struct change_tx *tx);
/* Gives positions to what waits, at most 1,000 entries, in a transaction of its own. PostgreSQL. */
bg_err append_waiting(struct journal *journal, size_t *ret_given);

/* --- small writes of the journal's own (journal.c) --- */
typedef bg_err (*task_fn)(struct journal *journal, struct store_tx *tx, void *arg);
bg_err task_run(struct journal *journal, task_fn run, void *arg);
/* A new head: remembered, watchers called. */
void head_moved(struct journal *journal, int64_t head);

/* --- proof (proof.c) --- */
/* Perfect subtrees from the tables; ctx is the store_tx. Uses a hasher of its own. */
struct table_source {
    struct store_tx *tx;
    struct merkle_hasher *hasher;
};
bg_err table_perfect(void *ctx, int level, int64_t index, uint8_t out[32]);

/* The head in a row of size, public_key, root, chain, at, signature. */
bg_err head_of_row(const struct edge *edge, struct store_rows *rows, struct journal_head *ret);
/* Chain hash and moment of the entry at `position`. */
bg_err chain_at(struct store_tx *tx, int64_t position, uint8_t ret_chain[32], bg_ms *ret_at);

/* --- heads (head.c) --- */
bg_err key_open(struct journal *journal);
bg_err key_register(struct journal *journal);
void head_sign(const uint8_t secret_key[64], struct journal_head *head);
bool head_signature_holds(const struct journal_head *head);

#endif
