/* Checks of values, and the frame of "create or replace one row" of the catalogue. */
#include <string.h>

#include "ledger/catalogue.h"

const char *const storage_words[] = { "normal", "cool", "cold", "frozen", "flammable", "controlled", NULL };

/* Characters of a text, or -1 when it is not UTF-8 or has control characters. */
static int64_t characters(bg_str text)
{
    int64_t count = 0;
    for (size_t at = 0; at < text.len; count++) {
        int32_t point = bg_utf8_next(text, &at);
        if (point < 32 || point == 127) {
            return -1;
        }
    }
    return count;
}

bg_err check_text(const struct change *change, const char *field, bg_str text, size_t least, size_t most)
{
    int64_t count = characters(text);
    if (count < (int64_t)least || count > (int64_t)most) {
        return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_text(change->arena, "\"characters\":%lld,\"least\":%zu,\"most\":%zu",
                                                               (long long)count, least, most));
    }
    return BG_DONE;
}

bg_err check_word(const struct change *change, const char *field, bg_str word, const char *const *words)
{
    BG_SCOPED_BUF list = bg_buf_init(2048);
    bg_json_array(&list);
    for (; *words != NULL; words++) {
        if (bg_str_is(word, *words)) {
            return BG_DONE;
        }
        bg_json_str(&list, bg_str_of(*words));
    }
    bg_json_array_end(&list);
    return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_text(change->arena, "\"allowed\":%.*s", BG_STR_FMT(bg_buf_str(&list))));
}

bg_err check_range(const struct change *change, const char *field, int64_t value, int64_t least, int64_t most)
{
    if (value < least || value > most) {
        return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_text(change->arena, "\"value\":%lld,\"least\":%lld,\"most\":%lld",
                                                               (long long)value, (long long)least, (long long)most));
    }
    return BG_DONE;
}

bg_err check_reference(const struct change *change, const char *field, bg_err found)
{
    if (found.code == BG_NOT_FOUND) {
        return BG_FAIL_WITH(BG_REFERENCE_UNKNOWN, field, bg_arena_text(change->arena, "\"what\":\"%s\"", field));
    }
    return found;
}

bg_err check_version(const struct change *change, int64_t is, int64_t wanted)
{
    if (wanted >= 0 && wanted != is) {
        return BG_FAIL_WITH(BG_VERSION_CONFLICT, "version", bg_arena_text(change->arena, "\"is\":%lld,\"wanted\":%lld", (long long)is,
                                                                          (long long)wanted));
    }
    return BG_DONE;
}

bg_err put_row(struct change_tx *tx, const struct change *change, const struct put_row *put, struct bg_buf *reply, int64_t *ret_id)
{
    struct store_tx *store = change_store(tx);
    struct bg_arena *arena = change_arena(tx);
    BG_SCOPED_BUF before = bg_buf_init(16384);
    BG_SCOPED_BUF after = bg_buf_init(16384);
    int64_t version = 0, id = put->id;
    if (id != 0) {
        BG_TRY(put->show(store, change->city, id, arena, &before, &version));
        BG_TRY(check_version(change, version, put->if_version));
    } else {
        id = change_id(tx);
    }
    BG_TRY(put->write(store, change->city, id, put->row));
    BG_TRY(put->show(store, change->city, id, arena, &after, &version));
    BG_TRY(bg_buf_check(&before));
    BG_TRY(bg_buf_check(&after));
    const char *kind = bg_arena_text(arena, "%s.%s", put->object, put->id != 0 ? "changed" : "made");
    BG_TRY(bg_need(kind));
    BG_TRY(change_record(tx, change, &(struct journal_entry){ .kind = kind, .object = put->object, .id = id, .city = change->city,
                                                              .before = bg_buf_str(&before), .after = bg_buf_str(&after) }));
    if (reply != NULL) {
        bg_buf_add(reply, bg_buf_str(&after));
    }
    *ret_id = id;
    return BG_DONE;
}

/* --- rows and JSON --- */

bg_str arena_text(struct bg_arena *arena, const struct store_rows *rows, int column)
{
    return bg_arena_copy(arena, store_text(rows, column));
}

void put_date(struct bg_buf *out, const char *key, bg_date date)
{
    bg_json_key(out, key);
    if (date == BG_DATE_NONE) {
        bg_json_null(out);
    } else {
        char text[11];
        bg_date_text(date, text);
        bg_json_str(out, bg_str_of(text));
    }
}

void put_time_at(struct bg_buf *out, const char *key, bg_ms at)
{
    bg_json_key(out, key);
    if (at == BG_TIME_NONE) {
        bg_json_null(out);
    } else {
        char text[25];
        bg_time_text(at, text);
        bg_json_str(out, bg_str_of(text));
    }
}

void put_id_or_null(struct bg_buf *out, const char *key, int64_t id)
{
    if (id == 0) {
        bg_json_key(out, key);
        bg_json_null(out);
    } else {
        bg_json_put_id(out, key, id);
    }
}

static bg_err grow_rows(struct bg_arena *arena, size_t size, char **at, size_t count, size_t *room)
{
    if (count < *room) {
        return BG_DONE;
    }
    *room = *room == 0 ? 32 : *room * 2;
    char *more = bg_arena_array(arena, *room, size);
    BG_TRY(bg_need(more));
    if (count > 0) {
        memcpy(more, *at, count * size);
    }
    *at = more;
    return BG_DONE;
}

bg_err read_rows(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t arg_count, struct bg_arena *arena, size_t size,
                 bg_err (*read)(struct store_rows *rows, struct bg_arena *arena, void *entry), void *ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    char *at = NULL;
    size_t count = 0, room = 0;
    bool more;
    BG_TRY(store_query(tx, sql, args, arg_count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        BG_TRY(grow_rows(arena, size, &at, count, &room));
        BG_TRY(read(rows, arena, at + count * size));
        count++;
        BG_TRY(store_next(rows, &more));
    }
    *(void **)ret = at;
    *ret_count = count;
    return BG_DONE;
}
