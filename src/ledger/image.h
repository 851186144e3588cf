/* The image of a batch: everything its changes touch, loaded once, decided on in memory, applied set-based. Private to ledger.
 *
 * Life: image_open; image_want_… for every change (names what it needs); image_load (references first, then the lines are resolved, then
 * accounts in key order); decide_… for one change after another, each all or nothing through the undo log; image_apply; image_close.
 * Everything lives in the batch's arena. Fields that a decision changes are 64-bit integers set through image_set, so that a refusal can
 * be undone exactly. */
#ifndef BG_LEDGER_IMAGE_H
#define BG_LEDGER_IMAGE_H

#include "ledger/ledger.h"
#include "ledger/table.h"

#define LEDGER_WORK_LAPSE "ledger.lapse"   /* id: the hold */
#define LEDGER_WORK_REVIEW "ledger.review" /* id: the review */

/* --- references: key {city, id} --- */
struct image_item {
    int64_t key[2];
    bool found, active, lotted;
};
struct image_place {
    int64_t key[2];
    bool found, active;
    int kind;
    unsigned flags;
    int64_t owner;
};
struct image_bin {
    int64_t key[2];
    bool found, active;
    int64_t place;
};
struct image_owner {
    int64_t key[2];
    bool found, active;
};
struct image_lot {
    int64_t key[2];
    bool found;
    int64_t item;
    bg_date expiry;
    int state;
};

/* --- what a batch changes --- */
enum { ACCOUNT_CITY, ACCOUNT_PLACE, ACCOUNT_ITEM, ACCOUNT_STATUS, ACCOUNT_LOT, ACCOUNT_OWNER, ACCOUNT_BIN, ACCOUNT_WIDTH };
struct image_account {
    int64_t key[ACCOUNT_WIDTH];
    int64_t id;              /* 0: does not exist yet */
    int64_t qty, held, version;
    int64_t qty_was, held_was; /* as loaded */
    int64_t changes;         /* decided so far */
    int64_t *closings;       /* of the days days_from … today; NULL unless a late line touches the account */
    bg_date days_from;
    bool want_days, fresh;   /* fresh: made in this batch */
};
struct image_hold {
    int64_t key[2];          /* city, id */
    bool found, fresh;
    struct image_account *account;
    struct ledger_key account_key;
    int64_t qty, posted, state, closed_at;
    int64_t changes;
    int64_t due_at;
    const struct ledger_reserve *made; /* fresh: with the purpose */
    int64_t actor;
};
struct image_shipment_line {
    struct image_shipment_line *next;
    int64_t item, lot, owner;
    int64_t sent, arrived, missing, settled;
};
struct image_shipment {
    int64_t key[2];          /* city, id */
    bool found, fresh;
    int64_t origin, target, state, sent_at, closed_at;
    int64_t changes;
    struct image_shipment_line *lines;
};
struct image_reversed {
    int64_t key[2];          /* city, movement */
    int64_t by;              /* the movement of this batch that takes it back; 0: none */
};
struct image_counter {
    int64_t key[3];          /* city, kind, year */
    int64_t last, changes;
};
struct image_city {
    int64_t key[1];
    struct ledger_city city;
    bg_date today;
    int year;
    int64_t late_max;
    bg_ms open_since;        /* the first moment that a movement may be dated */
};

/* --- what a batch writes --- */
struct image_movement {
    struct image_movement *next;
    struct image_account *from, *to;
    int64_t id, qty, reverses;
    int reason, paid;
    bg_str note;
};
struct image_review {
    struct image_review *next;
    int64_t city, id, document, movement, qty;
    struct image_account *account;
    int kind;
    bg_ms opened_at, due_at;
};
struct image_document {
    struct image_document *next;
    int64_t city, id, number, place, other, shipment, lines, first, last, actor;
    int kind, year;
    int reversed_kind;       /* REVERSE: the kind of what it takes back */
    bg_str reference, note;
    bg_ms occurred_at, recorded_at, stated_at;
    bg_op_id op;
    struct image_movement *movements, **movements_end;
    struct image_review *reviews, **reviews_end;
    size_t review_count;
};

/* --- what a change asks for --- */
struct image_line {
    struct ledger_key from_key, to_key;
    struct image_account *from, *to;
    struct image_account *gap;   /* facts: the discrepancy account that gives what `from` does not have */
    struct image_hold *hold;
    struct image_shipment_line *shipped;
    int64_t qty, reverses;
    int reason, paid;
    bg_str note;
    int remark;                  /* review kind to open for the line; 0 none */
};
struct image_ask {
    int64_t key[1];              /* the change's address */
    const struct change *change;
    int64_t city;
    const struct ledger_post *post;          /* one of these … */
    const struct ledger_reverse *reverse;
    const struct ledger_reserve *reserve;
    const struct ledger_release *release;
    const struct ledger_use *use;            /* with a `post` made for it */
    bg_ms at;                    /* occurred_at as asked; BG_TIME_NONE: now */
    /* resolved by image_load: */
    bg_err err;                  /* a refusal found while resolving */
    bg_ms occurred_at, stated_at;
    bg_date day;
    bool late;
    int reversed_kind;
    struct image_city *city_row;
    struct image_counter *counter;
    struct image_shipment *shipment;
    struct image_line *lines;
    size_t count;
    struct use_line *used;       /* use.c */
};

struct image_undo {
    struct image_undo *next;
    int64_t *where, was;
};

struct image {
    struct change_tx *tx;
    struct bg_arena *arena;
    bg_ms now;
    struct table cities, counters, items, places, bins, owners, lots, holds, shipments, accounts, asks, reversed;
    size_t line_count;
    struct image_document *documents, **documents_end;
    struct image_undo *undo;
};

bg_err image_open(struct change_tx *tx, struct image **ret);
/* Names what a change needs. Inputs must live until image_apply. */
bg_err image_want(struct image *image, const struct image_ask *ask);
bg_err image_want_key(struct image *image, int64_t city, const struct ledger_key *key); /* the references of a key */
bg_err image_load(struct image *image);
struct image_ask *image_ask_of(const struct image *image, const struct change *change);
bg_err image_apply(struct image *image);

/* *where = value, remembered in the undo log. */
bg_err image_set(struct image *image, int64_t *where, int64_t value);
void image_keep(struct image *image);   /* forgets the log: the change is accepted */
void image_undo(struct image *image);   /* takes back what was set since the last keep */

/* The refusal of a reversal that came too late. */
bg_err image_reversed_by(const struct image_ask *ask, int64_t movement, int64_t by);

/* Entries for keys; made when absent. */
bg_err image_account(struct image *image, int64_t city, const struct ledger_key *key, struct image_account **ret);
static inline struct ledger_key image_key(const struct image_account *account)
{
    return (struct ledger_key){ .place = account->key[ACCOUNT_PLACE], .bin = account->key[ACCOUNT_BIN],
                                .owner = account->key[ACCOUNT_OWNER], .item = account->key[ACCOUNT_ITEM],
                                .lot = account->key[ACCOUNT_LOT], .status = (int)account->key[ACCOUNT_STATUS] };
}
bg_err image_hold_new(struct image *image, int64_t city, int64_t id, struct image_hold **ret);
bg_err image_shipment_new(struct image *image, int64_t city, int64_t id, struct image_shipment **ret);

/* resolve.c, for use.c: when the document happened and whether that day is open; an account that the ask touches; a refusal. */
bg_err resolve_time(struct image *image, struct image_ask *ask, bg_ms at, bool fact);
bg_err resolve_account(struct image *image, const struct image_ask *ask, const struct ledger_key *key, struct image_account **ret);
bg_err resolve_refuse(const struct image_ask *ask, size_t line, enum bg_code code, const char *field, const char *words);
/* use.c: reports of use. The accounts that may give come into the image before references are read; lines are made when deciding. */
bg_err use_candidates(struct image *image, struct image_ask *ask);
bg_err use_resolve(struct image *image, struct image_ask *ask);
bg_err use_lines(struct image *image, struct image_ask *ask);

/* resolve.c: turns the lines of an ask into accounts; a refusal goes to ask->err. Called by image_load between references and accounts. */
bg_err image_resolve(struct image *image, struct image_ask *ask);

/* decide.c: pure. */
bg_err decide_document(struct image *image, struct image_ask *ask, struct image_document **ret);
bg_err decide_holding(struct image *image, struct image_ask *ask, struct image_hold ***ret); /* NULL-ended */

/* The canonical JSON of a document and its movements: the answer to the client, the journal's `after`, and what verify makes again. */
void document_json(const struct image_document *document, struct bg_buf *out);
void document_movement_json(const struct image_movement *movement, struct bg_buf *out);
void hold_json(const struct image_hold *hold, struct bg_buf *out);

/* The city date of a moment of a document. */
bg_date image_day(const struct image *image, const struct image_document *document, bg_ms at);
/* Adds the batch's draw to draw_day. */
bg_err draw_apply(struct image *image);
/* +1: the movement draws on the stock of its origin; -1: it takes a draw on the stock of its target back; 0: neither. */
int draw_sign(const struct image_document *document, const struct image_movement *m);

#endif
