/* Location and chains as documents: the examples of their pages, brute force over the open sites and over the spared firms, refusals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/location.h"
#include "solve/solve.h"
#include "tap.h"

#define SITES 6
#define PLACES 8
#define ALL (1 << SITES)

static struct bg_arena *arena;

static json_t *run(const char *method, bg_str text, bg_err *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(4u << 20);
    json_t *answer = NULL;
    *ret = solve_run(solve_find(bg_str_of(method)), text, 60, arena, &out);
    if (!bg_failed(*ret) && bg_failed(json_read(bg_arena_copy(arena, bg_buf_str(&out)), arena, &answer))) {
        return NULL;
    }
    return answer;
}

/* The first JSON block of a page. */
static bg_str example(const char *path)
{
    static char text[1 << 16];
    FILE *in = fopen(path, "r");
    size_t got = in != NULL ? fread(text, 1, sizeof text - 1, in) : 0;
    text[got] = '\0';
    if (in != NULL) {
        (void)fclose(in);
    }
    char *from = strstr(text, "```json\n"), *to = from != NULL ? strstr(from + 8, "```") : NULL;
    return to != NULL ? bg_arena_copy(arena, (bg_str){ from + 8, (size_t)(to - from - 8) }) : BG_STR("");
}

static double number(const json_t *answer, const char *name)
{
    const json_t *value = json_object_get(answer, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const json_t *item(const json_t *answer, const char *list, size_t i)
{
    return json_array_get(json_object_get(answer, list), i);
}

/* The example with one text replaced is refused at this field. */
static bool refused(const char *method, const char *page, const char *old, const char *new, enum bg_code code, const char *field)
{
    bg_str text = example(page);
    const char *at = strstr(text.at, old);
    bg_err e;
    if (at == NULL) {
        return false;
    }
    (void)run(method, bg_str_of(bg_arena_text(arena, "%.*s%s%s", (int)(at - text.at), text.at, new, at + strlen(old))), &e);
    return e.code == code && (field == NULL || (e.field != NULL && strcmp(e.field, field) == 0));
}

#define PLACE "docs/methods/location.md"
#define CHAIN "docs/methods/cascade.md"

/* --- location --- */
struct city {
    double fixed[SITES], capacity[SITES], demand[PLACES], unit[SITES * PLACES], minutes[SITES * PLACES], cost[SITES * PLACES];
    double of[ALL]; /* cost of every set of open sites; INFINITY */
};

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void make_city(struct city *c, uint32_t seed, double cap)
{
    struct location_problem p = { SITES, PLACES, c->capacity, c->fixed, c->demand, c->cost };
    for (int i = 0; i < SITES; i++) {
        c->fixed[i] = 200 + next(&seed) % 800;
        c->capacity[i] = 60 + next(&seed) % 90;
    }
    for (int j = 0; j < PLACES; j++) {
        c->demand[j] = 5 + next(&seed) % 25;
    }
    for (int a = 0; a < SITES * PLACES; a++) {
        c->unit[a] = 1 + next(&seed) % 20;
        c->minutes[a] = 5 + next(&seed) % 60;
        c->cost[a] = c->minutes[a] > cap ? INFINITY : c->unit[a] * c->demand[a % PLACES];
    }
    for (int set = 0; set < ALL; set++) {
        bool open[SITES];
        for (int i = 0; i < SITES; i++) {
            open[i] = (set >> i & 1) != 0;
        }
        if (bg_failed(location_assign(&p, open, &c->of[set], NULL))) {
            c->of[set] = INFINITY;
        }
    }
}

/* The least cost with these sites open and those closed. */
static double least(const struct city *c, int open, int closed)
{
    double best = INFINITY;
    for (int set = 0; set < ALL; set++) {
        best = (set & open) == open && (set & closed) == 0 ? fmin(best, c->of[set]) : best;
    }
    return best;
}

static void put_matrix(struct bg_buf *out, const char *key, const double *value)
{
    bg_buf_print(out, ",\"%s\":[", key);
    for (int a = 0; a < SITES * PLACES; a++) {
        bg_buf_print(out, "%s%.0f%s", a % PLACES == 0 ? (a > 0 ? ",[" : "[") : ",", value[a], a % PLACES == PLACES - 1 ? "]" : "");
    }
    bg_buf_print(out, "]");
}

static bg_str write_city(const struct city *c, double cap, struct bg_buf *out)
{
    bg_buf_print(out, "{\"minutes_max\":%.0f,\"sites\":[", cap);
    for (int i = 0; i < SITES; i++) {
        bg_buf_print(out, "%s{\"name\":\"%d\",\"fixed\":%.0f,\"capacity\":%.0f}", i > 0 ? "," : "", i, c->fixed[i], c->capacity[i]);
    }
    bg_buf_print(out, "],\"places\":[");
    for (int j = 0; j < PLACES; j++) {
        bg_buf_print(out, "%s{\"name\":\"%d\",\"demand\":%.0f}", j > 0 ? "," : "", j, c->demand[j]);
    }
    bg_buf_print(out, "]");
    put_matrix(out, "unit_cost", c->unit);
    put_matrix(out, "minutes", c->minutes);
    bg_buf_print(out, "}");
    return bg_buf_str(out);
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-6 * (1 + fabs(b));
}

static bool decisions_hold(const struct city *c, const json_t *answer, double best)
{
    bool good = true;
    for (size_t k = 0; k < json_array_size(json_object_get(answer, "open")); k++) {
        const json_t *row = item(answer, "open", k);
        int i = json_string_value(json_object_get(row, "site"))[0] - '0';
        double without = least(c, 0, 1 << i);
        bool needed = json_is_true(json_object_get(row, "needed"));
        good = good && (isfinite(without) ? near(number(row, "closing_adds"), without - best) : needed);
    }
    double least_opening = INFINITY, told = INFINITY;
    for (size_t k = 0; k < json_array_size(json_object_get(answer, "closed")); k++) {
        const json_t *row = item(answer, "closed", k);
        int i = json_string_value(json_object_get(row, "site"))[0] - '0';
        least_opening = fmin(least_opening, least(c, 1 << i, 0) - best);
        told = fmin(told, number(row, "opening_adds"));
        good = good && number(row, "opening_adds") >= least(c, 1 << i, 0) - best - 1e-6;
    }
    return good && (isinf(told) || told >= least_opening - 1e-6);
}

static void cities(void)
{
    int solved = 0, equal = 0, hold = 0, proved = 0, impossible = 0;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        static struct city c;
        double cap = seed % 4 == 0 ? 1000 : 45;
        bg_err e;
        make_city(&c, seed, cap);
        double best = least(&c, 0, 0);
        BG_SCOPED_BUF text = bg_buf_init(1u << 16);
        const json_t *answer = run("location-plan", write_city(&c, cap, &text), &e);
        if (!isfinite(best)) {
            impossible += e.code == BG_SOLVE_INFEASIBLE || e.code == BG_LOCATION_SMALL;
            solved += e.code == BG_SOLVE_INFEASIBLE || e.code == BG_LOCATION_SMALL;
            equal++, hold++, proved++;
            continue;
        }
        solved += answer != NULL;
        equal += near(number(answer, "cost"), best);
        hold += decisions_hold(&c, answer, best);
        proved += number(answer, "bound") <= best + 1e-6 && number(answer, "gap") < 1e-3;
    }
    OK(solved == 40, "forty small cities are answered, or refused where no set of sites will do (%d)", impossible);
    OK(equal == 40, "each at the cost of the best of all sets (%d)", equal);
    OK(hold == 40, "with what closing each costs as by all sets (%d)", hold);
    OK(proved == 40, "and a bound that holds (%d)", proved);
}

static void location(void)
{
    bg_err e;
    const json_t *answer = run("location-plan", example(PLACE), &e);
    OK(answer != NULL && json_array_size(json_object_get(answer, "reasons")) >= 4, "the depots of the page, with reasons (%s)",
       bg_errors[e.code].slug);
    OK(number(answer, "bound") <= number(answer, "cost") && number(answer, "gap") < 1e-4, "proved");
    OK(number(json_object_get(answer, "cap"), "would") == 4611, "and the price of the cap on the response");
    OK(refused("location-plan", PLACE, "\"fixed\":3000", "\"fixed\":-1", BG_BAD_INPUT, "sites[0].fixed"), "a negative cost is refused");
    OK(refused("location-plan", PLACE, "\"demand\":80", "\"demnd\":80", BG_BAD_INPUT, "places[1].demnd"), "an unknown field");
    OK(refused("location-plan", PLACE, "\"sites\":[", "\"km\":[[1,2]],\"sites\":[", BG_BAD_INPUT, "km"), "a matrix of another size");
    OK(refused("location-plan", PLACE, "\"minutes_max\":35", "\"minutes_max\":1", BG_SOLVE_INFEASIBLE, NULL),
       "a cap that leaves a place without a site");
    OK(refused("location-plan", PLACE, "\"demand\":300", "\"demand\":30000", BG_LOCATION_SMALL, NULL), "more demand than room");
}

/* --- chains --- */
static void chain(void)
{
    bg_err e;
    const json_t *answer = run("chain", example(CHAIN), &e);
    OK(answer != NULL && fabs(number(answer, "loss") - 0.975) < 1e-9 && fabs(number(answer, "direct") - 0.575) < 1e-9,
       "the chain of the page loses 97.5 %%, 57.5 %% of it directly (%s)", bg_errors[e.code].slug);
    OK(number(item(answer, "stops", 3), "day") == 7 && number(item(answer, "stops", 2), "day") == 3,
       "stocks of two days and three: stops on days 3 and 7");
    OK(fabs(number(item(answer, "spared_districts", 0), "loss_without") - 0.175) < 1e-9, "what sparing a district leaves");
    /* The same by a document without that district. */
    bg_str text = example(CHAIN);
    const char *at = strstr(text.at, "{\"district\":\"津南\"},");
    OK(at != NULL, "the district of the page");
    if (at != NULL) {
        const char *rest = at + strlen("{\"district\":\"津南\"},");
        const json_t *other = run("chain", bg_str_of(bg_arena_text(arena, "%.*s%s", (int)(at - text.at), text.at, rest)), &e);
        OK(fabs(number(other, "loss") - 0.175) < 1e-9, "as by a document without it");
    }
    OK(strcmp(json_string_value(json_object_get(item(answer, "index", 0), "id")), "口罩厂") == 0 &&
           fabs(number(item(answer, "index", 0), "index") - 0.525) < 1e-9,
       "and the index of each firm");
    OK(refused("chain", CHAIN, "\"stopped\":0.5", "\"stopped\":1.5", BG_BAD_INPUT, "sealed[1].stopped"), "more than all of a firm");
    OK(refused("chain", CHAIN, "{\"district\":\"津南\"}", "{\"district\":\"宝坻\"}", BG_BAD_INPUT, "sealed[0].district"),
       "a district without firms");
    OK(refused("chain", CHAIN, "{\"district\":\"津南\"}", "{}", BG_BAD_INPUT, "sealed[0]"), "nothing named");
    OK(refused("chain", CHAIN, "\"leontief\"", "\"mixed\"", BG_BAD_INPUT, "essential"), "mixed without its matrix");
}

int main(void)
{
    json_init();
    arena = bg_arena_open(512u << 20);
    location();
    cities();
    chain();
    bg_arena_close(arena);
    return TAP_DONE();
}
