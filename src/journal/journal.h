/* One way to change anything, and the tamper-evident record of it.
 *
 * A change has an operation id made by the client and stored there before sending. The same id gives the same answer (2xx and
 * business refusals are kept for 30 days with a hash of the body; 401, 429 and 5xx never; another body under the same id is
 * BG_OP_REUSED, 422). Each change writes its journal entries (canonical, versioned bytes: who, when, from where, what before,
 * what after, why) in its own transaction. Leaf = H(0x00 ‖ salt ‖ body) with the body kept apart, so that erasing a person keeps
 * the proof; the tree is RFC 9162's; entries are chained too. On SQLite the batch chains them; on PostgreSQL a leased sequencer
 * gives positions and chains within a second. Positions (1, 2, 3 … per database) are the ids of live events. */
#ifndef BG_JOURNAL_H
#define BG_JOURNAL_H

#include "store/store.h"

struct journal;
enum journal_hash { JOURNAL_SHA256 = 1, JOURNAL_SM3 = 2 };

struct journal_opts {
    struct store *store;
    const struct bg_env *env;
    struct bg_idgen *ids;
    const struct bg_log *log; /* may be NULL */
    /* Writes the answer of a refused change (a problem document) into `out`; stored and replayed byte for byte. Called on the
     * writer's thread. NULL: {"code":…,"status":…,"field":…,"facts":{…}}. */
    void (*render)(void *ctx, bg_err refusal, struct bg_buf *out);
    void *render_ctx;
    /* File of this server's private Ed25519 key (32 bytes of seed, mode 0600), made when missing. Kept beside the database and
     * not in it, so that neither a backup nor a login to the database can sign heads. NULL: a key that lives as long as the
     * process. */
    const char *key_path;
    enum journal_hash hash; /* of a journal that does not exist yet; 0: SHA-256 */
    bool no_thread; /* PostgreSQL: no sequencer thread; the owner calls journal_sequence (tests, simulator) */
};
/* Begins the journal when the database has none. Errors: those of the store; BG_JOURNAL_KEY when the key file can not be read or
 * made. */
bg_err journal_open(const struct journal_opts *opts, struct journal **ret);
/* Accepts NULL. When no change is under way any more, and before the store is closed. */
void journal_close(struct journal *journal);
struct store *journal_store(struct journal *journal);
const struct bg_env *journal_env(const struct journal *journal);

/* Who asks. Written into every entry of the change. */
struct journal_actor {
    int64_t account; /* 0: the system itself (scheduler, command line) */
    int64_t session; /* 0: none */
    int64_t device; /* 0: none */
    int64_t rights; /* version of the account's rights the request was judged on, for the recheck; not written into entries */
    bg_str name; /* as shown, for example "张敏" or "system" */
    bg_str origin; /* network address, or "cli" */
};

struct change;
struct change_tx;

/* A kind of change. Hot kinds (ledger, scans, reports) belong to a family, which loads all keys of the batch in one query (locked
 * in key order), decides one after another on the image in memory and applies set-based. Rare kinds have no family and use SQL in
 * `decide`. */
struct change_family {
    const char *name;
    /* Adds what `change` needs to the batch image (kept in change_family_state). */
    bg_err (*keys)(struct change_tx *tx, const struct change *change);
    bg_err (*load)(struct change_tx *tx);
    bg_err (*apply)(struct change_tx *tx);
};
struct change_kind {
    const char *name; /* "ledger.post" */
    const struct change_family *family; /* NULL: rare */
    /* Decides and records the effects; writes the answer (a JSON document) into change->reply and change->status. An error is a
     * refusal and must have had no effects (hot) or is rolled back (rare). Pure for hot kinds: no SQL, no clock but change_now.
     */
    bg_err (*decide)(struct change_tx *tx, struct change *change);
    /* Checked inside the transaction before anything else: session alive, rights unchanged. May be NULL. */
    bg_err (*recheck)(struct change_tx *tx, const struct change *change);
};

struct change {
    const struct change_kind *kind;
    const void *in; /* the kind's own input, alive until done */
    struct bg_arena *arena; /* the request's */
    bg_op_id op;
    uint8_t body_hash[32]; /* SHA-256 of method, path and canonical body */
    int64_t city;
    struct journal_actor actor;
    bg_ms occurred_at; /* BG_TIME_NONE: now */
    bg_str reason; /* why, as given by the person; may be empty */
    /* Running number of the operation on its device (1, 2, 3 …); 0: none. When answers are forgotten after 30 days the device's
     * mark rises to the highest forgotten number, and an unknown operation at or below the mark is refused (BG_OP_PAST) instead
     * of done twice. */
    int64_t device_seq;
    /* answer */
    int status; /* HTTP status */
    struct bg_buf reply; /* JSON; initialised by the caller with its bound, freed by the caller */
    bg_err err;
    bool replayed; /* the stored answer of an earlier change with this id */
    int64_t position; /* of its last entry; 0 when refused or not yet sequenced (PostgreSQL) */
    void (*done)(struct change *change); /* writer's thread; NULL with change_run */
    void *user;
    struct store_job job; /* the journal's, as is `own` */
    struct {
        struct change *twin; /* an earlier change of the same batch with the same id */
        uint8_t stage;
        bool alone; /* its batch failed as a whole: try it by itself */
    } own;
};

/* Queues a change; its `done` is called after the commit is durable, with `err`, `status` and, when done or refused for good,
 * `reply`. A refusal (status 4xx but 401 and 429) is kept like a success: err tells its code, reply holds what opts.render made
 * of it. After 401, 429 and 5xx nothing is kept and reply is empty: the same id may be sent again. BG_BUSY when the queue is
 * full: `done` is not called. */
bg_err change_submit(struct journal *journal, struct change *change);
/* Submits and waits. */
bg_err change_run(struct journal *journal, struct change *change);

/* --- inside decide --- */
struct store_tx *change_store(struct change_tx *tx);
bg_ms change_now(const struct change_tx *tx); /* recorded_at of this batch */
int64_t change_id(struct change_tx *tx); /* a new server id */
void **change_family_state(struct change_tx *tx, const struct change_family *family); /* freed by the family's apply */
/* A place for what one module remembers while this batch runs (memory from change_arena); NULL at first. `owner` is an address of
 * the module's own; at most four of them. */
void **change_memo(struct change_tx *tx, const void *owner);
struct bg_arena *change_arena(struct change_tx *tx); /* lives as long as the batch */
/* For long rare changes (imports): puts the entries recorded so far into the journal, inside the change's transaction, and
 * gives their memory back. Whatever came from change_arena is gone afterwards, memos too. A refusal later on takes everything
 * back all the same. */
bg_err change_flush(struct change_tx *tx);

/* One entry: `kind` is a dotted verb ("movement.posted"), `object` a record kind ("item") and `id` its key. before/after are JSON
 * or empty; `persons` true when the body holds personal data (its body may be erased later, the leaf stays). */
struct journal_entry {
    const char *kind, *object;
    int64_t id;
    int64_t city;
    bg_str before, after;
    bool persons;
};
bg_err change_record(struct change_tx *tx, const struct change *change, const struct journal_entry *entry);

/* --- events: entries as others see them --- */
struct journal_event {
    int64_t position;
    bg_ms at;
    int64_t city, id, actor;
    bg_str kind, object;
    bg_str body; /* canonical bytes as JSON; empty when erased */
};
/* Entries after `position`, oldest first, at most `max`; texts in the arena. */
bg_err journal_after(struct store_tx *tx, int64_t position, size_t max, struct bg_arena *arena, struct journal_event **ret,
                     size_t *ret_count);
bg_err journal_get(struct store_tx *tx, int64_t position, struct bg_arena *arena, struct journal_event *ret);
/* Entries of one object, newest first, before `position` (0: from the newest). */
bg_err journal_of(struct store_tx *tx, int64_t city, bg_str object, int64_t id, int64_t before, size_t max,
                  struct bg_arena *arena, struct journal_event **ret, size_t *ret_count);
int64_t journal_head_position(struct journal *journal); /* newest sequenced position known to this process */
/* Called on the writer's thread after each commit that wrote entries (SQLite) or when the poller saw new ones (PostgreSQL). */
typedef void (*journal_watcher)(void *ctx, int64_t head);
bg_err journal_watch(struct journal *journal, journal_watcher watcher, void *ctx);
/* When this returns the watcher is not being called and will not be again. Not from a watcher. */
void journal_unwatch(struct journal *journal, journal_watcher watcher, void *ctx);
/* PostgreSQL: gives positions to what waits, unless another process has the lease. The thread does this by itself within a
 * second; call it only with opts.no_thread. On SQLite entries have their positions at once and this does nothing. The open
 * window: until an entry has its position it is durable but not yet chained, and entries written by different processes within
 * that second are ordered by the clocks of those processes. */
bg_err journal_sequence(struct journal *journal);

/* --- proof --- */
struct journal_head {
    enum journal_hash hash;
    uint8_t log[16]; /* which journal: drawn when it was begun */
    int64_t size; /* leaves */
    uint8_t root[32], chain[32];
    bg_ms at;
    uint8_t key[32], signature[64]; /* Ed25519 over the text of journal_head_signed */
};
/* Signs the newest head and keeps it in the database too; *ret_new (may be NULL) tells whether anything was added since the last
 * one (when nothing was, that one is given again). */
bg_err journal_sign_head(struct journal *journal, struct journal_head *ret, bool *ret_new);
/* The newest head kept in the database; BG_NOT_FOUND when there is none. */
bg_err journal_head_newest(struct store_tx *tx, struct journal_head *ret);
/* The text that is signed: "baogong journal head v1" and one line each for log, hash, size, root, chain and at. */
void journal_head_signed(const struct journal_head *head, struct bg_buf *out);
/* {"version":1,"log","hash","size","root","chain","at","key","signature"}: hexadecimal, `at` RFC 3339. */
bg_err journal_head_json(const struct journal_head *head, struct bg_buf *out);
/* Strict; checks the signature (BG_JOURNAL_HEAD). Whether `key` is one to be trusted is the caller's question. */
bg_err journal_head_parse(bg_str json, struct journal_head *ret);
/* Seals every month of the city's calendar that has ended and is not sealed yet. */
bg_err journal_seal_months(struct journal *journal);
/* Forgets answers older than 30 days, raising the devices' marks, and thins old heads to one a day. A few thousand a transaction.
 */
bg_err journal_forget(struct journal *journal);
/* RFC 9162 2.1.3, 2.1.4: proofs as arrays of 32-byte hashes in the arena, at most 64. `size`, `from`, `to` count entries: 0 <
 * from <= to
 * <= entries, position <= size, else BG_NOT_FOUND. */
bg_err journal_inclusion(struct store_tx *tx, int64_t position, int64_t size, struct bg_arena *arena, uint8_t (**ret)[32],
                         size_t *ret_count);
bg_err journal_consistency(struct store_tx *tx, int64_t from, int64_t to, struct bg_arena *arena, uint8_t (**ret)[32],
                           size_t *ret_count);
/* Root of the tree of the first `size` entries, and the leaf and salt of one entry (salt of an erased body:
 * BG_NOT_FOUND, with the leaf filled in all the same). */
bg_err journal_root(struct store_tx *tx, int64_t size, uint8_t ret[32]);
bg_err journal_leaf(struct store_tx *tx, int64_t position, uint8_t ret_leaf[32], uint8_t ret_salt[16]);
/* Pure checks of proofs; true when they hold. */
bool merkle_inclusion_holds(const uint8_t leaf[32], int64_t index, int64_t size, const uint8_t (*proof)[32], size_t count,
                            const uint8_t root[32], enum journal_hash hash);
bool merkle_consistency_holds(int64_t from, int64_t to, const uint8_t first[32], const uint8_t second[32],
                              const uint8_t (*proof)[32], size_t count, enum journal_hash hash);
/* Inside decide: erases the body of an entry that was recorded with persons = true and journals that ("journal.erased"); leaf,
 * chain and tree stay. BG_NOT_FOUND when there is no such body, BG_BAD_INPUT when the entry holds no personal data. */
bg_err journal_erase(struct change_tx *tx, int64_t position);

/* --- verify: reads everything again --- */
struct journal_report {
    int64_t entries, erased;
    int64_t from; /* first position that was read again: 1, or the one behind the last month seal */
    int64_t waiting; /* PostgreSQL: entries without a position yet; not covered */
    bool intact;
    /* the first damage. table and key name the row ("journal_entry", "position=42"); kind says what happened to it:
     *   altered     the row does not fit its hashes
     *   missing     the row is gone, or a body is gone that nobody erased
     *   reordered   the entry belongs to another position
     *   tail-cut    entries at the end are gone
     *   rewritten   the entries fit one another, but not what was sealed or signed before */
    char table[32], key[64], kind[48];
};
/* Recomputes leaves, chain, tree, month seals and signed heads from the first entry, in one snapshot; `head` (may be NULL) is one
 * kept elsewhere. BG_DONE with intact=false is damage. BG_JOURNAL_OTHER: the head belongs to another journal. Needs no open
 * journal: works on a backup or a replica opened read-only. */
bg_err journal_verify(struct store *store, const struct journal_head *head, struct journal_report *ret);
/* The same from the last month seal on; what lies before it is covered by the seal's root only. */
bg_err journal_verify_recent(struct store *store, const struct journal_head *head, struct journal_report *ret);

#endif
