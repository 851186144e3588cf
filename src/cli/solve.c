/* `baogong solve flow|location|cascade`: the pure engines on files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/series.h"
#include "codec/input.h"
#include "engine/cascade.h"
#include "engine/flow.h"
#include "engine/location.h"
#include "solve/solve.h"

static const struct cli_option solve_options[] = {
    { "--firms", "FILE", "企业：firm,sector[,out]", "firms: firm,sector[,out]" },
    { "--links", "FILE", "供货：supplier,buyer,amount", "links: supplier,buyer,amount" },
    { "--essential", "FILE", "行业投入是否不可缺：矩阵 0、1、2", "which inputs are essential: a matrix of 0, 1, 2" },
    { "--firm", "ID|all", "哪家企业停产，默认 all", "the firm that stops, all by default" },
    { "--function", "linear|leontief|mixed", "生产函数；给出矩阵时默认 mixed，否则 linear",
      "production function; mixed with a matrix, else linear" },
    { "--market", "on|off", "是否计入市场份额，默认 on", "weigh by market share, on by default" },
    { "--eps", "NUMBER", "停止阈值，默认 0.01", "when to stop, 0.01 by default" },
    { "--screen", "NUMBER", "筛查阈值，0 为精确", "screening threshold, 0 is exact" },
    { "--capacity", "C", "选址：文件未给容量时每个库点的容量", "location: capacity of each site where the file gives none" },
    { "--seconds", "S", "时限：选址默认 8（CPU），其他方法默认 60", "limit: location 8 of processor time, other methods 60 by default" },
    { 0 },
};
enum {
    OPTION_FIRMS,
    OPTION_LINKS,
    OPTION_ESSENTIAL,
    OPTION_FIRM,
    OPTION_FUNCTION,
    OPTION_MARKET,
    OPTION_EPS,
    OPTION_SCREEN,
    OPTION_CAPACITY,
    OPTION_SECONDS,
    OPTION_COUNT
};
#define EXACT_FIRMS 2000 /* after screening, this many of the highest are computed again exactly */

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static bg_err read_file(const char *path, struct bg_arena *arena, bg_str *ret)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (in == NULL) {
        return BG_FAIL_AT(BG_INPUT_READ, "file");
    }
    BG_SCOPED_BUF text = bg_buf_init(2000u << 20);
    char part[65536];
    size_t got;
    while ((got = fread(part, 1, sizeof part, in)) > 0) {
        bg_buf_add(&text, (bg_str){ part, got });
    }
    bool broken = ferror(in) != 0;
    if (in != stdin) {
        (void)fclose(in);
    }
    if (broken) {
        return BG_FAIL_AT(BG_INPUT_READ, "file");
    }
    BG_TRY(bg_buf_check(&text));
    *ret = bg_arena_copy(arena, bg_buf_str(&text));
    return bg_need(ret->at);
}

static bg_err run_flow(const char *path, struct bg_arena *arena)
{
    BG_TRY(bg_need(arena));
    bg_str text;
    struct flow_problem p;
    struct flow_result result;
    BG_TRY(read_file(path, arena, &text));
    BG_TRY(flow_parse_dimacs(text, arena, &p));
    double start = cpu_seconds();
    BG_TRY(flow_solve(p.nodes, p.supply, p.arcs, p.count, NULL, &result));
    BG_SCOPED_BUF out = bg_buf_init(4096);
    bg_json_object(&out);
    bg_json_put_int(&out, "optimum", result.cost);
    bg_json_put_double(&out, "seconds", cpu_seconds() - start);
    bg_json_put_int(&out, "pivots", result.pivots);
    bg_json_object_end(&out);
    cli_print(&out);
    return BG_DONE;
}

/* --- location --- */
static bool past_deadline(void *ctx)
{
    return cpu_seconds() > *(const double *)ctx;
}

static void print_location(const struct location_result *result, const bool *open, int32_t sites, double seconds)
{
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    bg_json_object(&out);
    bg_json_put_double(&out, "cost", result->cost);
    bg_json_put_double(&out, "bound", result->bound);
    bg_json_put_double(&out, "gap", result->cost > 0 ? (result->cost - result->bound) / result->cost : 0);
    bg_json_key(&out, "open");
    bg_json_array(&out);
    for (int32_t i = 0; i < sites; i++) {
        if (open[i]) {
            bg_json_int(&out, i + 1); /* numbered from 1, as in the files */
        }
    }
    bg_json_array_end(&out);
    bg_json_put_int(&out, "nodes", result->nodes);
    bg_json_put_double(&out, "seconds", seconds);
    bg_json_object_end(&out);
    cli_print(&out);
}

static bg_err run_location(const char *path, double capacity, double seconds, struct bg_arena *arena)
{
    BG_TRY(bg_need(arena));
    bg_str text;
    struct location_problem problem;
    struct location_result result;
    BG_TRY(read_file(path, arena, &text));
    BG_TRY(location_parse(text, capacity, arena, &problem));
    bool *open = bg_arena_array(arena, (size_t)problem.sites, sizeof *open);
    BG_TRY(bg_need(open));
    double start = cpu_seconds(), deadline = start + seconds;
    BG_TRY(location_solve(&problem, &(struct location_limits){ .stop = past_deadline, .ctx = &deadline }, &result, open, NULL));
    print_location(&result, open, problem.sites, cpu_seconds() - start);
    return BG_DONE;
}

/* A positive number, `absent` when the option was not given, -1 when it is no number. */
static double positive(const char *text, double absent)
{
    char *end;
    double value = text != NULL ? strtod(text, &end) : absent;
    return text == NULL || (*end == '\0' && value > 0) ? value : -1;
}

/* --- cascade --- */
struct name {
    bg_str text;
    int32_t index;
};
struct names {
    struct name *list;
    size_t count;
};

static int by_text(const void *left, const void *right)
{
    return bg_str_order(((const struct name *)left)->text, ((const struct name *)right)->text);
}

static int32_t name_find(const struct names *names, bg_str text)
{
    struct name *hit = bsearch(&(struct name){ .text = text }, names->list, names->count, sizeof *names->list, by_text);
    return hit != NULL ? hit->index : -1;
}

static bg_err unknown(struct bg_arena *arena, const char *field, size_t row, bg_str value)
{
    BG_SCOPED_BUF facts = bg_buf_init(1024);
    bg_json_put_int(&facts, "row", (int64_t)row + 2);
    bg_json_put_str(&facts, "value", bg_str_cut(value, 0, 60));
    return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_copy(arena, bg_buf_str(&facts)).at);
}

/* Distinct texts of one column with indexes in sorted order; `unique`: a repeat is an error. */
static bg_err name_column(const struct series_table *t, size_t column, bool unique, struct bg_arena *arena, struct names *ret)
{
    ret->list = bg_arena_array(arena, t->rows + 1, sizeof *ret->list);
    BG_TRY(bg_need(ret->list));
    for (size_t i = 0; i < t->rows; i++) {
        ret->list[i] = (struct name){ t->cells[i * t->columns + column], (int32_t)i };
    }
    qsort(ret->list, t->rows, sizeof *ret->list, by_text);
    ret->count = 0;
    for (size_t i = 0; i < t->rows; i++) {
        if (ret->count > 0 && bg_str_eq(ret->list[ret->count - 1].text, ret->list[i].text)) {
            if (unique) {
                return unknown(arena, "firm", (size_t)ret->list[i].index, ret->list[i].text);
            }
            continue;
        }
        ret->list[ret->count++] = ret->list[i];
    }
    for (size_t i = 0; !unique && i < ret->count; i++) {
        ret->list[i].index = (int32_t)i;
    }
    return BG_DONE;
}

struct cascade_files {
    struct cascade_network network;
    struct names firms, sectors;
    bg_str *firm_name; /* in the order of the file */
};

static bg_err read_firms(const char *path, struct bg_arena *arena, struct cascade_files *f)
{
    struct series_table t;
    BG_TRY(series_read(path, CASCADE_FIRMS_MAX, arena, &t));
    int firm = series_column(&t, (const char *const[]){ "firm", "id", NULL }),
        sector = series_column(&t, (const char *const[]){ "sector", NULL });
    int out = series_column(&t, (const char *const[]){ "out", "revenue", NULL });
    if (firm < 0 || sector < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, firm < 0 ? "firm" : "sector");
    }
    BG_TRY(name_column(&t, (size_t)firm, true, arena, &f->firms));
    BG_TRY(name_column(&t, (size_t)sector, false, arena, &f->sectors));
    int32_t *sectors = bg_arena_array(arena, t.rows + 1, sizeof *sectors);
    double *outs = out >= 0 ? bg_arena_array(arena, t.rows + 1, sizeof *outs) : NULL;
    f->firm_name = bg_arena_array(arena, t.rows + 1, sizeof *f->firm_name);
    BG_TRY(bg_need(sectors));
    BG_TRY(bg_need(f->firm_name));
    for (size_t i = 0; i < t.rows; i++) {
        f->firm_name[i] = t.cells[i * t.columns + (size_t)firm];
        sectors[i] = name_find(&f->sectors, t.cells[i * t.columns + (size_t)sector]);
        if (outs != NULL && t.cells[i * t.columns + (size_t)out].len > 0) {
            BG_TRY(series_number(&t, i, (size_t)out, arena, &outs[i]));
        }
    }
    f->network.firms = (int32_t)t.rows;
    f->network.sectors = (int32_t)f->sectors.count;
    f->network.sector = sectors;
    f->network.out = outs;
    return BG_DONE;
}

static bg_err read_links(const char *path, struct bg_arena *arena, struct cascade_files *f)
{
    struct series_table t;
    BG_TRY(series_read(path, CASCADE_LINKS_MAX, arena, &t));
    int supplier = series_column(&t, (const char *const[]){ "supplier", NULL }),
        buyer = series_column(&t, (const char *const[]){ "buyer", NULL });
    int amount = series_column(&t, (const char *const[]){ "amount", "weight", NULL });
    if (supplier < 0 || buyer < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, supplier < 0 ? "supplier" : "buyer");
    }
    struct cascade_link *links = bg_arena_array(arena, t.rows + 1, sizeof *links);
    BG_TRY(bg_need(links));
    for (size_t i = 0; i < t.rows; i++) {
        bg_str from = t.cells[i * t.columns + (size_t)supplier], to = t.cells[i * t.columns + (size_t)buyer];
        links[i] = (struct cascade_link){ name_find(&f->firms, from), name_find(&f->firms, to), 1 };
        if (links[i].supplier < 0 || links[i].buyer < 0) {
            return unknown(arena, links[i].supplier < 0 ? "supplier" : "buyer", i, links[i].supplier < 0 ? from : to);
        }
        if (amount >= 0) {
            BG_TRY(series_number(&t, i, (size_t)amount, arena, &links[i].amount));
            if (!(links[i].amount > 0)) {
                return unknown(arena, "amount", i, t.cells[i * t.columns + (size_t)amount]);
            }
        }
    }
    f->network.links = links;
    f->network.count = (int64_t)t.rows;
    return BG_DONE;
}

/* Rows are input sectors, columns buyer sectors; sectors that no firm has are passed over, pairs not named are negligible. */
static bg_err read_essential(const char *path, struct bg_arena *arena, struct cascade_files *f)
{
    struct series_table t;
    BG_TRY(series_read(path, 100000, arena, &t));
    size_t sectors = f->sectors.count;
    uint8_t *matrix = bg_arena_array(arena, sectors * sectors + 1, sizeof *matrix);
    BG_TRY(bg_need(matrix));
    for (size_t i = 0; i < t.rows; i++) {
        int32_t input = name_find(&f->sectors, t.cells[i * t.columns]);
        for (size_t j = 1; input >= 0 && j < t.columns; j++) {
            double value;
            int32_t buyer = name_find(&f->sectors, t.header[j]);
            BG_TRY(series_number(&t, i, j, arena, &value));
            if (value != 0 && value != 1 && value != 2) {
                return unknown(arena, "essential", i, t.cells[i * t.columns + j]);
            }
            if (buyer >= 0) {
                matrix[(size_t)input * sectors + (size_t)buyer] = (uint8_t)value;
            }
        }
    }
    f->network.essential = matrix;
    return BG_DONE;
}

static bool read_settings(const char *const *value, struct cascade_network *n, double *tau)
{
    const char *function =
        value[OPTION_FUNCTION] != NULL ? value[OPTION_FUNCTION] : (value[OPTION_ESSENTIAL] != NULL ? "mixed" : "linear");
    const char *market = value[OPTION_MARKET] != NULL ? value[OPTION_MARKET] : "on";
    n->function =
        strcmp(function, "leontief") == 0 ? CASCADE_LEONTIEF : (strcmp(function, "mixed") == 0 ? CASCADE_MIXED : CASCADE_LINEAR);
    n->market = strcmp(market, "on") == 0;
    char *end;
    n->eps = value[OPTION_EPS] != NULL ? strtod(value[OPTION_EPS], &end) : 1e-2;
    bool good = value[OPTION_EPS] == NULL || (*end == '\0' && n->eps > 0);
    *tau = value[OPTION_SCREEN] != NULL ? strtod(value[OPTION_SCREEN], &end) : 0;
    good = good && (value[OPTION_SCREEN] == NULL || (*end == '\0' && *tau >= 0 && *tau < 1));
    return good && (n->function != CASCADE_LINEAR || strcmp(function, "linear") == 0) &&
           (n->market || strcmp(market, "off") == 0) && (n->function != CASCADE_MIXED || value[OPTION_ESSENTIAL] != NULL);
}

static bg_err print_indexes(struct cascade_files *f, const char *firm, double tau, struct bg_arena *arena)
{
    struct cascade *cascade;
    int32_t count = f->network.firms, one = -1;
    bool all = firm == NULL || strcmp(firm, "all") == 0;
    if (!all && (one = name_find(&f->firms, bg_str_of(firm))) < 0) {
        return unknown(arena, "firm", 0, bg_str_of(firm));
    }
    int32_t *list = bg_arena_array(arena, (size_t)count + 1, sizeof *list);
    struct cascade_index *index = bg_arena_array(arena, (size_t)count + 1, sizeof *index);
    BG_TRY(bg_need(list));
    BG_TRY(bg_need(index));
    for (int32_t i = 0; i < count; i++) {
        list[i] = all ? i : one;
    }
    BG_TRY(cascade_open(&f->network, &cascade));
    bg_err e =
        all && tau > 0 ? cascade_screen(cascade, tau, EXACT_FIRMS, index) : cascade_firms(cascade, list, all ? count : 1, index);
    cascade_close(cascade);
    BG_TRY(e);
    (void)printf("firm,index,down,up\n");
    for (int32_t i = 0; i < (all ? count : 1); i++) {
        (void)printf("%.*s,%.15g,%.15g,%.15g\n", BG_STR_FMT(f->firm_name[list[i]]), index[i].index, index[i].down, index[i].up);
    }
    return BG_DONE;
}

static bg_err run_cascade(const char *const *value, bool *ret_usage, struct bg_arena *arena)
{
    struct cascade_files f = { 0 };
    double tau;
    BG_TRY(bg_need(arena));
    *ret_usage = value[OPTION_FIRMS] == NULL || value[OPTION_LINKS] == NULL || !read_settings(value, &f.network, &tau);
    if (*ret_usage) {
        return BG_DONE;
    }
    BG_TRY(read_firms(value[OPTION_FIRMS], arena, &f));
    BG_TRY(read_links(value[OPTION_LINKS], arena, &f));
    if (value[OPTION_ESSENTIAL] != NULL) {
        BG_TRY(read_essential(value[OPTION_ESSENTIAL], arena, &f));
    }
    return print_indexes(&f, value[OPTION_FIRM], tau, arena);
}

/* --- a method on a document --- */
static bg_err run_method(const struct solve_method *method, const char *path, double seconds, struct bg_arena *arena)
{
    BG_SCOPED_BUF out = bg_buf_init((size_t)1 << 30);
    bg_str text;
    BG_TRY(bg_need(arena));
    BG_TRY(read_file(path, arena, &text));
    BG_TRY(solve_run(method, text, seconds, arena, &out));
    cli_print(&out);
    return BG_DONE;
}

static int solve_main(struct cli *cli)
{
    const char *value[OPTION_COUNT];
    if (!cli_options(cli, solve_options, value)) {
        return CLI_USAGE;
    }
    bool usage = false;
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)8000 << 20); /* outlives the error, whose field and facts are in it */
    bg_err e = BG_DONE;
    if (cli->argc == 2 && strcmp(cli->argv[0], "flow") == 0) {
        e = run_flow(cli->argv[1], arena);
    } else if (cli->argc == 2 && strcmp(cli->argv[0], "location") == 0) {
        double capacity = positive(value[OPTION_CAPACITY], 0), seconds = positive(value[OPTION_SECONDS], 8);
        usage = capacity < 0 || seconds < 0;
        e = usage ? BG_DONE : run_location(cli->argv[1], capacity, seconds, arena);
    } else if (cli->argc == 1 && strcmp(cli->argv[0], "cascade") == 0) {
        e = run_cascade(value, &usage, arena);
    } else if (cli->argc == 2 && solve_find(bg_str_of(cli->argv[0])) != NULL) {
        double seconds = positive(value[OPTION_SECONDS], 60);
        usage = seconds < 0;
        e = usage ? BG_DONE : run_method(solve_find(bg_str_of(cli->argv[0])), cli->argv[1], seconds, arena);
    } else {
        usage = true;
    }
    if (usage) {
        return cli_usage("solve");
    }
    if (!bg_failed(e)) {
        return CLI_GOOD;
    }
    (void)cli_fail(e);
    return bg_errors[e.code].status >= 400 && bg_errors[e.code].status < 500 ? CLI_BAD : CLI_FAILED;
}

const struct cli_command cli_commands_solve[] = {
    { "solve",
      "flow FILE | location FILE [--capacity C] [--seconds S] | cascade --firms FILE --links FILE [--essential FILE] [--firm "
      "ID|all] [--function linear|leontief|mixed] "
      "[--market on|off] [--eps 1e-2] [--screen 0] | METHOD FILE.json [--seconds S]",
      "求解：最小费用流（DIMACS）、选址（OR-Library cap）、断链传导指数；METHOD 见 docs/methods.md",
      "solve: minimum-cost flow (DIMACS), location (OR-Library cap), index of a firm's stop; METHOD: see docs/methods.md",
      solve_options, solve_main },
    { 0 },
};
