/* Networks of firms in documents. */
#include "solve/links.h"

#include <string.h>

#define LINKS_MAX 2000000
#define SECTORS_MAX 2000

static const char *const functions[] = { "linear", "leontief", "mixed", NULL };

bg_err solve_links_open(struct bg_arena *arena, size_t firms, struct solve_links *ret)
{
    *ret = (struct solve_links){ 0 };
    BG_TRY(solve_names_open(arena, firms, &ret->firms));
    BG_TRY(solve_names_open(arena, SECTORS_MAX, &ret->sectors));
    ret->sector = bg_arena_array(arena, firms, sizeof *ret->sector);
    ret->out = bg_arena_array(arena, firms, sizeof *ret->out);
    BG_TRY(bg_need(ret->sector));
    return bg_need(ret->out);
}

bg_err solve_links_firm(struct solve_at row, struct solve_links *links)
{
    int32_t i;
    BG_TRY(solve_names_add(links->firms, row, "id", &i));
    if (bg_failed(solve_names_find(links->sectors, row, "sector", &links->sector[i]))) {
        BG_TRY(solve_names_add(links->sectors, row, "sector", &links->sector[i]));
    }
    BG_TRY(solve_number_or(row, "out", 0, 0, 1e15, &links->out[i]));
    links->network.firms = i + 1;
    return BG_DONE;
}

static bg_err read_links(struct solve_at at, struct solve_links *links)
{
    static const char *const fields[] = { "supplier", "buyer", "amount", NULL };
    struct solve_at list, item;
    size_t count;
    BG_TRY(solve_array(at, "links", 0, LINKS_MAX, &list, &count));
    links->links = bg_arena_array(at.arena, count + 1, sizeof *links->links);
    BG_TRY(bg_need(links->links));
    for (size_t e = 0; e < count; e++) {
        BG_TRY(solve_item(list, e, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_find(links->firms, item, "supplier", &links->links[e].supplier));
        BG_TRY(solve_names_find(links->firms, item, "buyer", &links->links[e].buyer));
        BG_TRY(solve_number_or(item, "amount", 1, 1e-9, 1e15, &links->links[e].amount));
    }
    links->network.count = (int64_t)count;
    return BG_DONE;
}

/* Pairs of sectors; what is not named is substitutable. */
static bg_err read_essential(struct solve_at at, struct solve_links *links, int function)
{
    static const char *const fields[] = { "input", "buyer", "kind", NULL };
    struct solve_at list, item;
    size_t count, sectors = (size_t)solve_names_count(links->sectors);
    if (!solve_has(at, "essential")) {
        return function == CASCADE_MIXED
                   ? solve_bad(at, "essential", "mixed 须给出 essential", "mixed needs the list of essential inputs")
                   : BG_DONE;
    }
    if (function != CASCADE_MIXED) {
        return solve_bad(at, "essential", "仅 mixed 使用 essential", "only mixed uses essential");
    }
    BG_TRY(solve_array(at, "essential", 0, SECTORS_MAX * SECTORS_MAX, &list, &count));
    links->essential = bg_arena_array(at.arena, sectors * sectors + 1, sizeof *links->essential);
    BG_TRY(bg_need(links->essential));
    memset(links->essential, CASCADE_SUBSTITUTABLE, sectors * sectors);
    for (size_t e = 0; e < count; e++) {
        int32_t input, buyer;
        int64_t kind;
        BG_TRY(solve_item(list, e, &item));
        BG_TRY(solve_fields(item, fields));
        BG_TRY(solve_names_find(links->sectors, item, "input", &input));
        BG_TRY(solve_names_find(links->sectors, item, "buyer", &buyer));
        BG_TRY(solve_int(item, "kind", 0, 2, &kind));
        links->essential[(size_t)input * sectors + (size_t)buyer] = (uint8_t)kind;
    }
    return BG_DONE;
}

bg_err solve_links_read(struct solve_at at, struct solve_links *links)
{
    int function;
    BG_TRY(solve_number_or(at, "eps", 1e-3, 1e-9, 0.5, &links->network.eps));
    BG_TRY(solve_flag_or(at, "market", true, &links->network.market));
    BG_TRY(solve_choice_or(at, "function", functions, solve_has(at, "essential") ? CASCADE_MIXED : CASCADE_LINEAR, &function));
    BG_TRY(read_links(at, links));
    BG_TRY(read_essential(at, links, function));
    links->network.function = (enum cascade_function)function;
    links->network.sectors = solve_names_count(links->sectors);
    links->network.sector = links->sector;
    links->network.out = links->out;
    links->network.links = links->links;
    links->network.essential = links->essential;
    return BG_DONE;
}
