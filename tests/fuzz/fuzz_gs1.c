/* Any bytes as a scan: no harm, and what is accepted is read back the same from every form it can be written in. */
#include <stdlib.h>
#include <string.h>

#include "codec/gs1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void demand_same(const struct gs1 *a, const struct gs1 *b)
{
    demand(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        demand(bg_str_eq(a->element[i].ai, b->element[i].ai) && bg_str_eq(a->element[i].value, b->element[i].value));
    }
}

static void read_back(struct bg_arena *arena, const struct gs1 *gs1)
{
    struct gs1 again;
    bg_str text;
    if (bg_failed(gs1_of_elements(arena, gs1->element, gs1->count, &again))) {
        return; /* an EAN/UPC beside a composite part that is judged without it */
    }
    demand(!bg_failed(gs1_write_brackets(arena, gs1, &text)) && !bg_failed(gs1_parse_brackets(arena, text, &again)));
    demand_same(gs1, &again);
    demand(!bg_failed(gs1_write_elements(arena, gs1, &text)));
    const char *scan = bg_arena_text(arena, "]d2%.*s", BG_STR_FMT(text));
    demand(scan != NULL && !bg_failed(gs1_parse(arena, (bg_str){ scan, text.len + 3 }, &again)));
    demand_same(gs1, &again);
    bg_ignore(gs1_write_symbol(arena, gs1, GS1_128, &text));
    bg_ignore(gs1_write_symbol(arena, gs1, GS1_DATAMATRIX, &text));
    bg_ignore(gs1_write_text(arena, gs1, GS1_NAMES_EN, &text));
    struct gs1_candidate candidate;
    gs1_candidate_of(gs1, 19000, &candidate);
    demand(!bg_failed(gs1_candidate_merge(arena, &candidate, &candidate)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1u << 20);
    struct gs1 gs1;
    bg_str scan = { (const char *)data, size };
    if (arena == NULL || bg_failed(gs1_restore_separator(arena, scan, BG_STR("\\x1D"), &scan))) {
        return 0;
    }
    if (!bg_failed(gs1_parse(arena, scan, &gs1)) && gs1.count > 0 && gs1.count <= GS1_MAX_AIS) {
        read_back(arena, &gs1);
    }
    return 0;
}
