/* A naive ledger in memory, against which the real one is held: it keeps every movement and adds them up again for each question,
 * so that it is plainly right. It shares no code with src/ledger but the words and structures of ledger.h. Also makes random
 * operations of all kinds. Used by the simulator and by tests. Not safe for two threads. */
#ifndef BG_CLI_MODEL_H
#define BG_CLI_MODEL_H

#include "ledger/ledger.h"

#define MODEL_LINES 8

struct model_lot {
    int64_t id, item;
    bg_date expiry; /* BG_DATE_NONE: never */
    int state; /* enum ledger_lot_state */
};

/* What the random city consists of. Arrays are the caller's. */
struct model_world {
    const int64_t *depots, *users; /* depots issue; users use */
    size_t depot_count, user_count;
    int64_t supplier, site; /* outside places: a source, a point of consumption */
    int64_t maker; /* 0: nobody makes anything */
    const int64_t *items; /* each with `lots` lots at lot[item index * lots] */
    size_t item_count, lots;
    const struct model_lot *lot;
    const int64_t *owners;
    size_t owner_count;
    const int64_t *bins; /* of depots[0] */
    size_t bin_count;
    int open_days;
    int offset_min;
};

struct model_movement {
    struct ledger_key from, to;
    int64_t qty;
    int64_t id; /* the real ledger's */
    size_t document; /* index */
    bg_ms occurred_at, recorded_at;
    size_t reverses; /* index + 1 of the movement it takes back */
    bool reversed;
};
struct model_document {
    int64_t id; /* the real ledger's */
    int kind;
    size_t first, count; /* movements */
    size_t shipment; /* index + 1 of the shipment it made */
};
struct model_hold {
    int64_t id;
    struct ledger_key key;
    int64_t qty, posted;
    int state;
    bg_ms due_at;
};
struct model_shipped {
    int64_t item, lot, owner, sent, arrived, missing;
};
struct model_shipment {
    int64_t id;
    int64_t origin, target;
    struct model_shipped lines[MODEL_LINES];
    size_t count;
    bool closed;
};
/* The movements of one account, oldest first: index * 2, and 1 more where it receives. */
struct model_account {
    struct ledger_key key;
    uint32_t *moves;
    size_t count, room;
};
struct model {
    struct model_world world;
    struct model_lot *lots; /* as they are now; world.item_count * world.lots */
    struct model_movement *movements;
    struct model_document *documents;
    struct model_hold *holds;
    struct model_shipment *shipments;
    struct model_account *accounts;
    uint32_t *slots; /* hash of keys to accounts, index + 1 */
    size_t slot_count;
    size_t movement_count, movement_room, document_count, document_room, hold_count, hold_room, shipment_count, shipment_room;
    size_t account_count, account_room;
    /* What has an id already: the first so many. The rest was made by operations that wait for their answers. */
    size_t document_known, hold_known, shipment_known;
    int64_t reviews; /* opened so far */
    bg_ms now;
};

bg_err model_open(struct model *model, const struct model_world *world);
void model_close(struct model *model);

/* One operation as sent to the ledger. Which input counts is told by `what`. */
enum model_what { MODEL_POST, MODEL_REVERSE, MODEL_RESERVE, MODEL_RELEASE, MODEL_SNAPSHOT, MODEL_LOT, MODEL_WHAT_COUNT };
struct model_op {
    enum model_what what;
    enum bg_code wrong; /* what is wrong with the input; BG_OK: nothing */
    bg_ms at; /* BG_TIME_NONE: now */
    struct ledger_post post;
    struct ledger_line lines[MODEL_LINES];
    struct ledger_reverse reverse;
    struct ledger_reserve reserve;
    struct ledger_hold_line hold_lines[MODEL_LINES];
    struct ledger_release release;
    int64_t holds[MODEL_LINES];
    struct ledger_put put; /* LOT: a lot gets another last day of use */
};
/* Fills in a random operation; the pointers inside lead into the operation itself. `copy` moves it elsewhere. */
void model_op_random(struct model *model, const struct bg_env *env, struct model_op *ret);
void model_op_copy(const struct model_op *op, struct model_op *ret);

/* What the model expects: the code of a refusal, or the document, movements and holds that the operation makes (indices into the
 * model's arrays, already appended, with ids still 0). */
struct model_answer {
    enum bg_code code;
    size_t document; /* index + 1; 0: none */
    size_t movement_first, movement_count;
    size_t hold_first, hold_count;
    int64_t reviews;
};
bg_err model_apply(struct model *model, const struct model_op *op, struct model_answer *ret);
/* Gives the made document, movements and holds the ids that the real ledger gave them. Answers are learned in the order of
 * operations. */
void model_learn(struct model *model, const struct model_answer *answer, int64_t document, const int64_t *movements,
                 const int64_t *holds);

/* The state to which model_back returns: what came after is as if it had never been. */
struct model_mark {
    size_t movements, documents, holds, shipments, document_known, hold_known, shipment_known;
    int64_t reviews;
    struct model_hold *hold_copy;
    struct model_shipment *shipment_copy;
    struct model_lot *lot_copy;
};
bg_err model_mark(const struct model *model, struct model_mark *ret);
void model_back(struct model *model, const struct model_mark *mark);
void model_mark_done(struct model_mark *mark);

/* Sum of the movements of an account that occurred at or before `at` and were recorded at or before `known_at`. BG_TIME_NONE:
 * all. */
int64_t model_balance(const struct model *model, const struct ledger_key *key, bg_ms at, bg_ms known_at);
int64_t model_held(const struct model *model, const struct ledger_key *key);
/* The same over all bins and lots; owner 0: all. */
int64_t model_total(const struct model *model, int64_t place, int64_t item, int64_t owner, int status, bg_ms at, bg_ms known_at);
const char *model_op_name(const struct model_op *op);

#endif
