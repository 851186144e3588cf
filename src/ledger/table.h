/* A hash table in an arena whose entries begin with their key, an array of 64-bit integers. Private to ledger. */
#ifndef BG_LEDGER_TABLE_H
#define BG_LEDGER_TABLE_H

#include "base/base.h"

#define TABLE_WIDTH_MAX 8

struct table {
    struct bg_arena *arena;
    size_t width;       /* integers in a key */
    void **slots;       /* open addressing; a power of two */
    size_t room;
    void **all;         /* entries in the order they came */
    size_t count;
};

struct table table_init(struct bg_arena *arena, size_t width);
/* The entry with this key, or NULL. */
void *table_find(const struct table *table, const int64_t *key);
/* The entry with this key, made when there is none: `size` zeroed bytes with the key at the start. *ret_new may be NULL. */
bg_err table_need(struct table *table, const int64_t *key, size_t size, void *ret, bool *ret_new);
/* `all` in ascending order of keys. */
void table_sort(struct table *table);

#endif
