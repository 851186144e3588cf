/* DIMACS minimum-cost flow files, as used by the implementation challenges: lines c, p min NODES ARCS, n ID SUPPLY, a FROM TO LOW
 * CAP COST. */
#include "engine/flow.h"

static bg_err bad_line(struct bg_arena *arena, int64_t number, bg_str line)
{
    BG_SCOPED_BUF facts = bg_buf_init(1024);
    bg_json_put_int(&facts, "line", number);
    bg_json_put_str(&facts, "text", bg_str_cut(line, 0, 80));
    return BG_FAIL_WITH(BG_BAD_INPUT, "dimacs", bg_arena_copy(arena, bg_buf_str(&facts)).at);
}

/* The next blank-separated word of *rest; empty at the end. */
static bg_str word(bg_str *rest)
{
    bg_str s = bg_str_trim(*rest);
    size_t end = 0;
    while (end < s.len && s.at[end] != ' ' && s.at[end] != '\t') {
        end++;
    }
    *rest = bg_str_cut(s, end, s.len);
    return bg_str_cut(s, 0, end);
}

/* Exactly `count` integers. */
static bool numbers(bg_str rest, int64_t *out, int count)
{
    for (int i = 0; i < count; i++) {
        if (!bg_str_int(word(&rest), &out[i])) {
            return false;
        }
    }
    return bg_str_trim(rest).len == 0;
}

static bool take_header(bg_str rest, struct flow_problem *problem, struct bg_arena *arena, int64_t *room)
{
    int64_t size[2];
    if (problem->supply != NULL || !bg_str_is(word(&rest), "min") || !numbers(rest, size, 2) || size[0] < 1 ||
        size[0] > FLOW_NODES_MAX || size[1] < 0 || size[1] > FLOW_ARCS_MAX) {
        return false;
    }
    problem->nodes = (int32_t)size[0];
    problem->supply = bg_arena_array(arena, (size_t)size[0], sizeof *problem->supply);
    problem->arcs = bg_arena_array(arena, (size_t)size[1], sizeof *problem->arcs);
    *room = size[1];
    return problem->supply != NULL && problem->arcs != NULL;
}

static bool take_line(bg_str line, struct flow_problem *problem, struct bg_arena *arena, int64_t *room)
{
    bg_str rest = line, kind = word(&rest);
    int64_t v[5];
    if (kind.len == 0 || bg_str_is(kind, "c")) {
        return true;
    }
    if (bg_str_is(kind, "p")) {
        return take_header(rest, problem, arena, room);
    }
    if (problem->supply == NULL) {
        return false;
    }
    if (bg_str_is(kind, "n")) {
        if (!numbers(rest, v, 2) || v[0] < 1 || v[0] > problem->nodes) {
            return false;
        }
        problem->supply[v[0] - 1] = v[1];
        return true;
    }
    if (!bg_str_is(kind, "a") || !numbers(rest, v, 5) || problem->count == *room || v[0] < 1 || v[0] > problem->nodes ||
        v[1] < 1 || v[1] > problem->nodes) {
        return false;
    }
    /* Some generators write -1 for "no bound". */
    int64_t cap = v[3] < 0 && v[2] >= 0 ? FLOW_INFINITE : v[3];
    problem->arcs[problem->count++] =
        (struct flow_arc){ .from = (int32_t)(v[0] - 1), .to = (int32_t)(v[1] - 1), .low = v[2], .cap = cap, .cost = v[4] };
    return true;
}

bg_err flow_parse_dimacs(bg_str text, struct bg_arena *arena, struct flow_problem *ret)
{
    struct flow_problem problem = { 0 };
    int64_t number = 0, room = 0;
    while (text.len > 0) {
        size_t end = bg_str_find(text, '\n');
        bg_str line = bg_str_trim(bg_str_cut(text, 0, end));
        number++;
        if (!take_line(line, &problem, arena, &room)) {
            return bad_line(arena, number, line);
        }
        text = bg_str_cut(text, end + 1, text.len);
    }
    if (problem.supply == NULL || problem.count != room) {
        return bad_line(arena, number, BG_STR("the file ends before all arcs"));
    }
    *ret = problem;
    return BG_DONE;
}
