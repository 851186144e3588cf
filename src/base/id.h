/* 64-bit ids made by the server: 41 bits of milliseconds since 2020, 10 bits of node, 12 bits of counter. Always positive, growing in
 * time, never a sequence of the database. In JSON they are decimal strings. 128-bit ids are made by clients, for operations only. */
#ifndef BG_BASE_ID_H
#define BG_BASE_ID_H

#include <stdatomic.h>

#include "base/env.h"
#include "base/error.h"
#include "base/str.h"

struct bg_idgen {
    const struct bg_env *env;
    _Atomic int64_t last; /* the last id given */
    int64_t node;         /* 0…1023 */
};

void bg_idgen_init(struct bg_idgen *gen, const struct bg_env *env, int node);
/* The next id; safe from any thread. Runs ahead of the clock when more than 4,096 a millisecond are asked for or the clock stepped back. */
int64_t bg_id_next(struct bg_idgen *gen);
/* For a durable mark, so that ids never come twice though the clock was set back and the process started anew: the running number of the
 * last id given, the running number `ms` later, and starting above one. */
int64_t bg_idgen_last(struct bg_idgen *gen);
int64_t bg_idgen_after(int64_t last, bg_ms ms);
void bg_idgen_raise(struct bg_idgen *gen, int64_t last);
/* The moment inside an id. */
bg_ms bg_id_time(int64_t id);

typedef struct bg_op_id {
    uint8_t bytes[16];
} bg_op_id;

/* Reads 32 hex digits or the 8-4-4-4-12 form of a UUID; false on anything else. */
bool bg_op_id_parse(bg_str s, bg_op_id *ret);
/* A time-ordered id (UUID version 7, RFC 9562) for callers inside the server. */
bg_op_id bg_op_id_make(const struct bg_env *env);
/* Writes the 36 characters of the UUID form and NUL. */
void bg_op_id_text(bg_op_id id, char out[37]);

#endif
