/* What the catalogue's files share: checks of values, and the frame of "create or replace one row". Private to ledger. */
#ifndef BG_LEDGER_CATALOGUE_H
#define BG_LEDGER_CATALOGUE_H

#include "ledger/ledger.h"

/* UTF-8 without control characters, `least`…`most` characters; BG_BAD_INPUT naming the field, its length and the bounds. */
bg_err check_text(const struct change *change, const char *field, bg_str text, size_t least, size_t most);
/* One of the words; BG_BAD_INPUT listing them. */
bg_err check_word(const struct change *change, const char *field, bg_str word, const char *const *words);
bg_err check_range(const struct change *change, const char *field, int64_t value, int64_t least, int64_t most);
/* The row referred to exists; 0 passes. */
bg_err check_reference(const struct change *change, const char *field, bg_err found);
bg_err check_version(const struct change *change, int64_t is, int64_t wanted);

extern const char *const storage_words[];
/* lot.c, for recalls: sets a lot's state and why. */
bg_err lot_state_put(struct change_tx *tx, const struct change *change, int64_t id, int state, bg_str note);

/* A row's way into the table: what differs between kinds of rows. */
struct put_row {
    const char *object;      /* "item" */
    int64_t id;              /* 0: new */
    int64_t if_version;
    /* Writes the row as JSON into `out` and gives its version; BG_NOT_FOUND when there is none. */
    bg_err (*show)(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct bg_buf *out, int64_t *ret_version);
    bg_err (*write)(struct store_tx *tx, int64_t city, int64_t id, const void *row);
    const void *row;
};
/* Checks the version, writes, journals before and after ("item.made", "item.changed"), and answers the row into `reply` (may be NULL). */
bg_err put_row(struct change_tx *tx, const struct change *change, const struct put_row *put, struct bg_buf *reply, int64_t *ret_id);

bg_str arena_text(struct bg_arena *arena, const struct store_rows *rows, int column);
static inline bg_date date_at(const struct store_rows *rows, int column)
{
    return store_is_null(rows, column) ? BG_DATE_NONE : (bg_date)store_int(rows, column);
}
void put_date(struct bg_buf *out, const char *key, bg_date date);
void put_time_at(struct bg_buf *out, const char *key, bg_ms at); /* BG_TIME_NONE: null */
/* "id": null when 0 */
void put_id_or_null(struct bg_buf *out, const char *key, int64_t id);

/* Opens a query, reads every row with `read` into a growing array of `size` bytes each, in the arena. */
bg_err read_rows(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t arg_count, struct bg_arena *arena, size_t size,
                 bg_err (*read)(struct store_rows *rows, struct bg_arena *arena, void *entry), void *ret, size_t *ret_count);

#endif
