/* Names to indexes by an open hash table in the arena. */
#include "solve/solve.h"

struct solve_names {
    size_t slots; /* a power of two, more than twice `max` */
    size_t max;
    int32_t count;
    int32_t *slot; /* index + 1; 0 is free */
    bg_str *name;
};

bg_err solve_names_open(struct bg_arena *arena, size_t max, struct solve_names **ret)
{
    struct solve_names *names = bg_arena_get(arena, sizeof *names);
    BG_TRY(bg_need(names));
    names->max = max;
    names->slots = 16;
    while (names->slots < 2 * max + 2) {
        names->slots *= 2;
    }
    names->slot = bg_arena_array(arena, names->slots, sizeof *names->slot);
    names->name = bg_arena_array(arena, max + 1, sizeof *names->name);
    BG_TRY(bg_need(names->slot));
    BG_TRY(bg_need(names->name));
    *ret = names;
    return BG_DONE;
}

/* FNV-1a with a final mix; an input chosen to collide costs at most max^2 short comparisons of an input that is bounded anyway. */
static size_t slot_of(const struct solve_names *names, bg_str name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.len; i++) {
        h = (h ^ (uint8_t)name.at[i]) * 0x100000001b3u;
    }
    h ^= h >> 32;
    size_t at = (size_t)h & (names->slots - 1);
    while (names->slot[at] != 0 && !bg_str_eq(names->name[names->slot[at] - 1], name)) {
        at = (at + 1) & (names->slots - 1);
    }
    return at;
}

bg_err solve_names_add(struct solve_names *names, struct solve_at at, const char *name, int32_t *ret)
{
    bg_str text;
    BG_TRY(solve_text(at, name, 200, &text));
    size_t slot = slot_of(names, text);
    if (names->slot[slot] != 0) {
        return solve_bad(at, name, "名称重复", "this name is there already");
    }
    if ((size_t)names->count >= names->max) {
        return solve_bad(at, name, "数量超过上限", "too many of them");
    }
    names->name[names->count] = text;
    *ret = names->count++;
    names->slot[slot] = names->count;
    return BG_DONE;
}

bg_err solve_names_find(const struct solve_names *names, struct solve_at at, const char *name, int32_t *ret)
{
    bg_str text;
    BG_TRY(solve_text(at, name, 200, &text));
    size_t slot = slot_of(names, text);
    if (names->slot[slot] == 0) {
        return solve_bad(at, name, "没有这个名称，请先定义", "no such name is defined");
    }
    *ret = names->slot[slot] - 1;
    return BG_DONE;
}

bg_str solve_names_at(const struct solve_names *names, int32_t index)
{
    return names->name[index];
}

int32_t solve_names_count(const struct solve_names *names)
{
    return names->count;
}
