/* The bytes of an entry. One canonical JSON form, version 1: members in this order, none twice, absent ones left out:
 *   v city kind object id at actor | name session device origin occurred op before after why
 * The part before the bar repeats the columns of journal_entry, so verification makes it again from them and compares bytes. */
#include <string.h>

#include "journal/private.h"

static void put_text(struct bg_buf *out, const char *key, bg_str value)
{
    if (value.len > 0) {
        bg_json_put_str(out, key, value);
    }
}

static void put_id(struct bg_buf *out, const char *key, int64_t value)
{
    if (value != 0) {
        bg_json_put_id(out, key, value);
    }
}

static void put_raw(struct bg_buf *out, const char *key, bg_str json)
{
    if (json.len > 0) {
        bg_json_key(out, key);
        bg_json_raw(out, json);
    }
}

void entry_prefix(struct bg_buf *out, int64_t city, bg_str kind, bg_str object, int64_t id, bg_str at, int64_t actor)
{
    bg_buf_add(out, BG_STR("{\"v\":1,\"city\":\""));
    bg_buf_int(out, city);
    bg_buf_add(out, BG_STR("\""));
    out->comma = true;
    bg_json_put_str(out, "kind", kind);
    bg_json_put_str(out, "object", object);
    bg_buf_add(out, BG_STR(",\"id\":\""));
    bg_buf_int(out, id);
    bg_buf_add(out, BG_STR("\",\"at\":\""));
    bg_buf_add(out, at);
    bg_buf_add(out, BG_STR("\",\"actor\":\""));
    bg_buf_int(out, actor);
    bg_buf_byte(out, '"');
}

void entry_body(struct change_tx *tx, const struct change *change, const struct journal_entry *entry, size_t *ret_prefix)
{
    struct bg_buf *out = &tx->bodies;
    size_t start = out->len;
    entry_prefix(out, entry->city, bg_str_of(entry->kind), bg_str_of(entry->object), entry->id,
                 (bg_str){ tx->now_text, strlen(tx->now_text) }, change->actor.account);
    *ret_prefix = out->len - start;
    put_text(out, "name", change->actor.name);
    put_id(out, "session", change->actor.session);
    put_id(out, "device", change->actor.device);
    put_text(out, "origin", change->actor.origin);
    if (change->occurred_at != BG_TIME_NONE && change->occurred_at != tx->now) {
        char at[25];
        bg_time_text(change->occurred_at, at);
        bg_json_put_str(out, "occurred", bg_str_of(at));
    }
    bg_json_key(out, "op");
    bg_buf_byte(out, '"');
    bg_buf_hex(out, change->op.bytes, sizeof change->op.bytes);
    bg_buf_byte(out, '"');
    out->comma = true;
    put_raw(out, "before", entry->before);
    put_raw(out, "after", entry->after);
    put_text(out, "why", change->reason);
    bg_buf_byte(out, '}');
    out->comma = false;
}

void entry_leaf(struct merkle_hasher *hasher, bg_str salt, bg_str body, uint8_t out[32])
{
    const bg_str parts[] = { { "\x00", 1 }, salt, body };
    merkle_digest(hasher, parts, 3, out);
}

void entry_chain(struct merkle_hasher *hasher, const uint8_t before[32], const uint8_t leaf[32], bg_str prefix, bool persons,
                 uint8_t out[32])
{
    char head[66];
    head[0] = 2;
    memcpy(head + 1, before, 32);
    memcpy(head + 33, leaf, 32);
    head[65] = persons ? 1 : 0;
    const bg_str parts[] = { { head, sizeof head }, prefix };
    merkle_digest(hasher, parts, 2, out);
}
