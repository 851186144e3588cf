/* A naive ledger in memory, against which the real one is held: it keeps every movement and adds them up again for each question,
 * so that it is plainly right. It shares no code with src/ledger but the words and structures of ledger.h. Also makes random
 * operations of all kinds. Used by the simulator and by tests. Not safe for two threads. */
#ifndef BG_CLI_MODEL_H
#define BG_CLI_MODEL_H

#include "ledger/ledger.h"

#define MODEL_LINES 8
#define MODEL_SCANS 24 /* of one count sheet */

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
    int64_t item, lot, owner, sent, arrived, missing, settled;
};
struct model_shipment {
    int64_t id;
    int64_t origin, target;
    struct model_shipped lines[MODEL_LINES];
    size_t count;
    bool closed;
};
struct model_review {
    int64_t id;
    int kind;
    struct ledger_key key; /* the account concerned */
    int64_t qty, settled;
    size_t shipment; /* index + 1; MISSING: of which sending */
    bool closed;
};
struct model_scan {
    struct ledger_key key;
    int64_t counted, by;
    bg_ms at;
    int reason, round;
};
struct model_sheet {
    int64_t id, place;
    int state; /* enum ledger_count_state */
    struct model_scan lines[MODEL_SCANS];
    size_t count;
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
    struct model_review *reviews;
    struct model_sheet *sheets;
    struct model_account *accounts;
    uint32_t *slots; /* hash of keys to accounts, index + 1 */
    size_t slot_count;
    size_t movement_count, movement_room, document_count, document_room, hold_count, hold_room, shipment_count, shipment_room;
    size_t review_count, review_room, sheet_count, sheet_room, account_count, account_room;
    /* What has an id already: the first so many. The rest was made by operations that wait for their answers. */
    size_t document_known, hold_known, shipment_known, review_known, sheet_known;
    /* What was changed in place since model_forget, so that it can be changed back. */
    unsigned char *undo;
    size_t undo_len, undo_room;
    bool no_memory;
    bg_ms now;
};

bg_err model_open(struct model *model, const struct model_world *world);
void model_close(struct model *model);

/* One operation as sent to the ledger. Which input counts is told by `what`. */
enum model_what {
    MODEL_POST,
    MODEL_REVERSE,
    MODEL_RESERVE,
    MODEL_RELEASE,
    MODEL_SNAPSHOT,
    MODEL_LOT, /* a lot gets another last day of use */
    MODEL_EXPIRE,
    MODEL_RECALL,
    MODEL_COUNT_OPEN,
    MODEL_COUNT_SCAN,
    MODEL_COUNT_MOVE,
    MODEL_SETTLE,
    MODEL_WHAT_COUNT
};
struct model_op {
    enum model_what what;
    enum bg_code wrong; /* what is wrong with the input; BG_OK: nothing */
    bg_ms at; /* BG_TIME_NONE: now */
    int64_t actor; /* account that does it; 0: the system */
    struct ledger_post post;
    struct ledger_line lines[MODEL_LINES];
    struct ledger_reverse reverse;
    struct ledger_reserve reserve;
    struct ledger_hold_line hold_lines[MODEL_LINES];
    struct ledger_release release;
    int64_t holds[MODEL_LINES];
    struct ledger_put put;
    struct ledger_recall recall;
    struct ledger_count_open count_open;
    struct ledger_count_scans scans;
    struct ledger_count_scan scan_lines[MODEL_LINES];
    struct ledger_count_move count_move;
    struct ledger_settle settle;
};
/* Fills in a random operation; the pointers inside lead into the operation itself. `copy` moves it elsewhere. The first kind
 * draws what is posted all day, the second what is rarer; it leaves LOT to the caller, who knows the lots' texts. */
void model_op_random(struct model *model, const struct bg_env *env, struct model_op *ret);
void model_op_rare(struct model *model, const struct bg_env *env, struct model_op *ret);
void model_op_copy(const struct model_op *op, struct model_op *ret);

/* What the model expects: the code of a refusal, or what the operation makes (indices into the model's arrays, already appended,
 * with ids still 0). */
struct model_answer {
    enum bg_code code;
    size_t document_first, document_count;
    size_t movement_first, movement_count;
    size_t hold_first, hold_count;
    size_t review_first, review_count;
    size_t sheet; /* index + 1 of the sheet it opens */
    int64_t number; /* EXPIRE: accounts that expired */
    int64_t expected[MODEL_LINES]; /* COUNT_SCAN: what the ledger has for the moment of each scan */
};
bg_err model_apply(struct model *model, const struct model_op *op, struct model_answer *ret);
/* The ids that the real ledger gave, in order; movements may be NULL where the answer does not tell them. Answers are learned in
 * the order of operations. */
struct model_ids {
    const int64_t *documents, *movements, *holds, *reviews;
    int64_t sheet;
};
void model_learn(struct model *model, const struct model_answer *answer, const struct model_ids *ids);

/* A state to which model_back can return: what came after is as if it had never been. Valid until model_forget. */
struct model_mark {
    size_t movements, documents, holds, shipments, reviews, sheets, undo;
    size_t document_known, hold_known, shipment_known, review_known, sheet_known;
};
void model_forget(struct model *model);
struct model_mark model_mark(const struct model *model);
void model_back(struct model *model, const struct model_mark *mark);

/* Sum of the movements of an account that occurred at or before `at` and were recorded at or before `known_at`. BG_TIME_NONE:
 * all. */
int64_t model_balance(const struct model *model, const struct ledger_key *key, bg_ms at, bg_ms known_at);
int64_t model_held(const struct model *model, const struct ledger_key *key);
/* The same over all bins and lots; owner 0: all. */
int64_t model_total(const struct model *model, int64_t place, int64_t item, int64_t owner, int status, bg_ms at, bg_ms known_at);
const char *model_op_name(const struct model_op *op);

#endif
