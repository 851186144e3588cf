/* Server ids and operation ids. */
#include "base/id.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define EPOCH INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */
#define NODE_BITS 10
#define COUNT_BITS 12
#define TIME_SHIFT (NODE_BITS + COUNT_BITS)

void bg_idgen_init(struct bg_idgen *gen, const struct bg_env *env, int node)
{
    assert(node >= 0 && node < (1 << NODE_BITS));
    gen->env = env;
    gen->node = node;
    atomic_init(&gen->last, 0);
}

int64_t bg_id_next(struct bg_idgen *gen)
{
    /* The counter sits above the node in a private running number, so that "one more" carries into the time. */
    bg_ms now = bg_now(gen->env) - EPOCH;
    int64_t floor = (now < 1 ? 1 : now) << COUNT_BITS;
    int64_t last = atomic_load(&gen->last);
    int64_t next;
    do {
        next = last < floor ? floor : last + 1;
    } while (!atomic_compare_exchange_weak(&gen->last, &last, next));
    int64_t count = next & ((1 << COUNT_BITS) - 1);
    return ((next >> COUNT_BITS) << TIME_SHIFT) | (gen->node << COUNT_BITS) | count;
}

int64_t bg_idgen_last(struct bg_idgen *gen)
{
    return atomic_load(&gen->last);
}

int64_t bg_idgen_after(int64_t last, bg_ms ms)
{
    return last + (ms << COUNT_BITS);
}

void bg_idgen_raise(struct bg_idgen *gen, int64_t last)
{
    int64_t now = atomic_load(&gen->last);
    while (now < last && !atomic_compare_exchange_weak(&gen->last, &now, last)) {
        /* an id was given meanwhile: look again */
    }
}

bg_ms bg_id_time(int64_t id)
{
    return (id >> TIME_SHIFT) + EPOCH;
}

bool bg_op_id_parse(bg_str s, bg_op_id *ret)
{
    char digits[32];
    if (s.len == 36) {
        static const size_t part[5][2] = { { 0, 8 }, { 9, 13 }, { 14, 18 }, { 19, 23 }, { 24, 36 } };
        size_t len = 0;
        for (size_t i = 0; i < 5; i++) {
            if (i > 0 && s.at[part[i][0] - 1] != '-') {
                return false;
            }
            memcpy(digits + len, s.at + part[i][0], part[i][1] - part[i][0]);
            len += part[i][1] - part[i][0];
        }
        s = (bg_str){ digits, sizeof digits };
    }
    return bg_str_hex(s, ret->bytes, sizeof ret->bytes);
}

bg_op_id bg_op_id_make(const struct bg_env *env)
{
    bg_op_id id;
    bg_random(env, id.bytes, sizeof id.bytes);
    uint64_t now = (uint64_t)bg_now(env);
    for (int i = 0; i < 6; i++) {
        id.bytes[i] = (uint8_t)(now >> (40 - 8 * i));
    }
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0F) | 0x70);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3F) | 0x80);
    return id;
}

void bg_op_id_text(bg_op_id id, char out[37])
{
    const uint8_t *b = id.bytes;
    (void)snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
                   b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}
