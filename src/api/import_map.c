/* An open-addressing hash table over keys kept one behind the other. */
#include "api/import_map.h"

#include <sodium.h>
#include <string.h>

#define KEYS_MAX ((size_t)1 << 30)

struct slot {
    uint64_t hash; /* 0: free */
    size_t at, len;
    int64_t value;
};

struct import_map {
    struct slot *slots;
    size_t room, count;
    struct bg_buf keys;
    unsigned char secret[crypto_shorthash_KEYBYTES];
};

bg_err import_map_open(const struct bg_env *env, struct import_map **ret)
{
    struct import_map *map = bg_heap_get(sizeof *map);
    BG_TRY(bg_need(map));
    map->room = 1024;
    map->keys = bg_buf_init(KEYS_MAX);
    bg_random(env, map->secret, sizeof map->secret);
    map->slots = bg_heap_get(map->room * sizeof *map->slots);
    if (map->slots == NULL) {
        import_map_close(map);
        return BG_FAIL(BG_NO_MEMORY);
    }
    *ret = map;
    return BG_DONE;
}

void import_map_close(struct import_map *map)
{
    if (map != NULL) {
        bg_heap_free(map->slots);
        bg_buf_done(&map->keys);
        bg_heap_free(map);
    }
}

/* SipHash under a key of this map's own, so that no file can be made whose keys all fall together. */
static uint64_t hash_of(const struct import_map *map, bg_str key)
{
    uint64_t hash;
    (void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key.at, key.len, map->secret);
    return hash != 0 ? hash : 1;
}

static struct slot *find(const struct import_map *map, bg_str key, uint64_t hash)
{
    size_t i = hash & (map->room - 1);
    for (;; i = (i + 1) & (map->room - 1)) {
        struct slot *slot = &map->slots[i];
        if (slot->hash == 0 ||
            (slot->hash == hash && slot->len == key.len && memcmp(map->keys.at + slot->at, key.at, key.len) == 0)) {
            return slot;
        }
    }
}

static bool grow(struct import_map *map)
{
    struct import_map wider = *map;
    wider.room = map->room * 2;
    wider.slots = bg_heap_get(wider.room * sizeof *wider.slots);
    if (wider.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->room; i++) {
        const struct slot *slot = &map->slots[i];
        if (slot->hash != 0) {
            *find(&wider, (bg_str){ map->keys.at + slot->at, slot->len }, slot->hash) = *slot;
        }
    }
    bg_heap_free(map->slots);
    *map = wider;
    return true;
}

int64_t *import_map_at(struct import_map *map, bg_str key, bool *ret_new)
{
    if (map->count * 4 >= map->room * 3 && !grow(map)) {
        return NULL;
    }
    uint64_t hash = hash_of(map, key);
    struct slot *slot = find(map, key, hash);
    bool is_new = slot->hash == 0;
    if (is_new) {
        size_t at = map->keys.len;
        bg_buf_add(&map->keys, key);
        bg_buf_byte(&map->keys, '\0'); /* so that an empty key has a place too */
        if (map->keys.failed) {
            return NULL;
        }
        *slot = (struct slot){ .hash = hash, .at = at, .len = key.len };
        map->count++;
    }
    if (ret_new != NULL) {
        *ret_new = is_new;
    }
    return &slot->value;
}
