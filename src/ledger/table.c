/* The keyed table of a batch image: open addressing with linear probing, grown at half full, never shrunk. */
#include <stdlib.h>
#include <string.h>

#include "ledger/table.h"

struct table table_init(struct bg_arena *arena, size_t width)
{
    return (struct table){ .arena = arena, .width = width };
}

/* Mixes as splitmix64 does; ids differ in few low bits. */
static uint64_t hash_of(const int64_t *key, size_t width)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < width; i++) {
        h ^= (uint64_t)key[i];
        h *= 0xbf58476d1ce4e5b9u;
        h ^= h >> 29;
    }
    return h * 0x94d049bb133111ebu ^ h >> 31;
}

static size_t slot_of(const struct table *table, const int64_t *key)
{
    size_t slot = hash_of(key, table->width) & (table->room - 1);
    while (table->slots[slot] != NULL && memcmp(table->slots[slot], key, table->width * sizeof *key) != 0) {
        slot = (slot + 1) & (table->room - 1);
    }
    return slot;
}

void *table_find(const struct table *table, const int64_t *key)
{
    return table->room == 0 ? NULL : table->slots[slot_of(table, key)];
}

static bg_err grow(struct table *table)
{
    size_t room = table->room == 0 ? 64 : table->room * 2;
    void **slots = bg_arena_array(table->arena, room, sizeof *slots);
    void **all = bg_arena_array(table->arena, room / 2, sizeof *all);
    if (slots == NULL || all == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    if (table->count > 0) {
        memcpy(all, table->all, table->count * sizeof *all);
    }
    table->slots = slots;
    table->room = room;
    table->all = all;
    for (size_t i = 0; i < table->count; i++) {
        table->slots[slot_of(table, all[i])] = all[i];
    }
    return BG_DONE;
}

bg_err table_need(struct table *table, const int64_t *key, size_t size, void *ret, bool *ret_new)
{
    void *entry = table_find(table, key);
    if (ret_new != NULL) {
        *ret_new = entry == NULL;
    }
    if (entry == NULL) {
        if (table->count * 2 >= table->room) {
            BG_TRY(grow(table));
        }
        entry = bg_arena_get(table->arena, size);
        BG_TRY(bg_need(entry));
        memcpy(entry, key, table->width * sizeof *key);
        table->slots[slot_of(table, key)] = entry;
        table->all[table->count++] = entry;
    }
    *(void **)ret = entry;
    return BG_DONE;
}

static int order(const void *a, const void *b, void *width)
{
    const int64_t *x = *(const int64_t *const *)a, *y = *(const int64_t *const *)b;
    for (size_t i = 0; i < *(const size_t *)width; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

void table_sort(struct table *table)
{
    if (table->count > 1) {
        qsort_r(table->all, table->count, sizeof *table->all, order, &table->width);
    }
}
