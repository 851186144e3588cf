/* OR-Library "cap" files. */
#include <math.h>
#include <stdlib.h>

#include "engine/location.h"

struct words {
    bg_str text;
    int64_t number; /* of the word, for errors */
};

static bg_str next_word(struct words *w)
{
    bg_str s = bg_str_trim(w->text);
    size_t end = 0;
    while (end < s.len && s.at[end] != ' ' && s.at[end] != '\t' && s.at[end] != '\n' && s.at[end] != '\r') {
        end++;
    }
    w->text = bg_str_cut(s, end, s.len);
    w->number++;
    return bg_str_cut(s, 0, end);
}

static bg_err bad_word(struct bg_arena *arena, const struct words *w, bg_str word)
{
    BG_SCOPED_BUF facts = bg_buf_init(1024);
    bg_json_put_int(&facts, "word", w->number);
    bg_json_put_str(&facts, "value", bg_str_cut(word, 0, 40));
    return BG_FAIL_WITH(BG_BAD_INPUT, "cap", bg_arena_copy(arena, bg_buf_str(&facts)).at);
}

static bg_err take_number(struct words *w, struct bg_arena *arena, double *ret)
{
    bg_str word = next_word(w);
    char text[64];
    if (word.len == 0 || word.len >= sizeof text) {
        return bad_word(arena, w, word);
    }
    for (size_t i = 0; i < word.len; i++) {
        text[i] = word.at[i];
    }
    text[word.len] = '\0';
    char *end;
    double value = strtod(text, &end);
    if (end != text + word.len || !isfinite(value)) {
        return bad_word(arena, w, word);
    }
    *ret = value;
    return BG_DONE;
}

static bg_err take_capacity(struct words *w, double capacity, struct bg_arena *arena, double *ret)
{
    struct words before = *w;
    bg_str word = next_word(w);
    if (bg_str_is(word, "capacity")) {
        *ret = capacity;
        return capacity > 0 ? BG_DONE : BG_FAIL_AT(BG_BAD_INPUT, "capacity");
    }
    *w = before;
    return take_number(w, arena, ret);
}

bg_err location_parse(bg_str text, double capacity, struct bg_arena *arena, struct location_problem *ret)
{
    struct words w = { .text = text };
    double size[2];
    BG_TRY(take_number(&w, arena, &size[0]));
    BG_TRY(take_number(&w, arena, &size[1]));
    if (size[0] < 1 || size[0] > LOCATION_SITES_MAX || size[0] != floor(size[0])) {
        return BG_FAIL_AT(BG_BAD_INPUT, "sites");
    }
    if (size[1] < 1 || size[1] > LOCATION_CUSTOMERS_MAX || size[1] != floor(size[1])) {
        return BG_FAIL_AT(BG_BAD_INPUT, "customers");
    }
    size_t m = (size_t)size[0], n = (size_t)size[1];
    double *room = bg_arena_array(arena, m, sizeof *room), *fixed = bg_arena_array(arena, m, sizeof *fixed);
    double *demand = bg_arena_array(arena, n, sizeof *demand), *cost = bg_arena_array(arena, m * n, sizeof *cost);
    if (room == NULL || fixed == NULL || demand == NULL || cost == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < m; i++) {
        BG_TRY(take_capacity(&w, capacity, arena, &room[i]));
        BG_TRY(take_number(&w, arena, &fixed[i]));
    }
    for (size_t j = 0; j < n; j++) {
        BG_TRY(take_number(&w, arena, &demand[j]));
        for (size_t i = 0; i < m; i++) {
            BG_TRY(take_number(&w, arena, &cost[i * n + j]));
        }
    }
    *ret = (struct location_problem){
        .sites = (int32_t)m, .customers = (int32_t)n, .capacity = room, .fixed = fixed, .demand = demand, .cost = cost
    };
    return BG_DONE;
}
