/* Any bytes as a Digital Link URI: no harm, and an accepted link has a canonical form that is accepted and its own canonical form. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1u << 20);
    struct gs1 gs1, again;
    bg_str link, canonical;
    if (arena == NULL || bg_failed(gs1_parse_link(arena, (bg_str){ (const char *)data, size }, &gs1))) {
        return 0;
    }
    demand(gs1.path_count >= 1 && gs1.path_count <= gs1.count && gs1.count <= GS1_MAX_AIS);
    demand(!bg_failed(gs1_write_link(arena, &gs1, BG_STR("https://example.com/stem"), &link)));
    if (link.len > GS1_MAX_BYTES) {
        return 0;
    }
    demand(!bg_failed(gs1_parse_link(arena, link, &again)) && again.count == gs1.count && again.path_count == gs1.path_count);
    demand(!bg_failed(gs1_write_link(arena, &again, BG_STR("https://example.com/stem"), &canonical)) && bg_str_eq(link, canonical));
    return 0;
}
