/* The documents `demand` and `standard`: the examples of their pages run, words agree with figures, errors name their path, and
 * the same document gives the same answer on one thread and two. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/solve.h"
#include "tap.h"

static struct bg_arena *arena;

static json_t *run(const char *method, const char *text, bg_err *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(64u << 20);
    json_t *answer = NULL;
    *ret = solve_run(solve_find(bg_str_of(method)), bg_str_of(text), 60, arena, &out);
    if (!bg_failed(*ret)) {
        bg_str copy = bg_arena_copy(arena, bg_buf_str(&out));
        bg_ignore(json_read(copy, arena, &answer));
    }
    return answer;
}

/* The first block of JSON of a page. */
static char *example(const char *path)
{
    static char text[65536];
    FILE *in = fopen(path, "r");
    size_t len = in != NULL ? fread(text, 1, sizeof text - 1, in) : 0;
    if (in != NULL) {
        (void)fclose(in);
    }
    text[len] = '\0';
    char *from = strstr(text, "```json\n"), *to = from != NULL ? strstr(from + 8, "```") : NULL;
    if (to == NULL) {
        return NULL;
    }
    *to = '\0';
    return from + 8;
}

static json_t *at(json_t *value, const char *key, size_t i)
{
    return json_array_get(json_object_get(value, key), i);
}
static double real(json_t *value, const char *key)
{
    return json_number_value(json_object_get(value, key));
}

static void test_demand(void)
{
    bg_err e;
    char *text = example("docs/methods/demand.md");
    json_t *one = text != NULL ? run("demand", text, &e) : NULL;
    OK(one != NULL, "the example of docs/methods/demand.md runs");
    json_t *item = at(one, "items", 0), *last = at(item, "horizons", 1);
    double sum = 0, shares = 0;
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(item, "contributions"), i, part)
    {
        double rows = 0;
        size_t r;
        json_t *row;
        json_array_foreach(json_object_get(part, "from"), r, row)
        {
            rows += real(row, "pieces");
        }
        sum += real(part, "pieces");
        shares += fabs(rows - real(part, "pieces_a_unit")) > 1e-6 * rows;
    }
    OK(shares == 0, "each coefficient is the sum of the rows it is derived from");
    OK(fabs(sum / real(last, "mean") - 1) < 0.05, "contributions add up to the mean (%.0f of %.0f)", sum, real(last, "mean"));
    json_t *without = json_object_get(item, "without_largest");
    OK(real(without, "mean") < 0.5 * real(last, "mean"), "solved again without the rounds");
    json_t *variance = json_object_get(item, "variance");
    OK(fabs(real(variance, "virus") + real(variance, "measures") + real(variance, "coefficients") - 1) < 1e-9, "doubt is split");
    OK(json_array_size(json_object_get(one, "reasons")) == 2, "a reason for each item");
}

static void test_standard(void)
{
    bg_err e;
    char *text = example("docs/methods/standard.md");
    json_t *one = text != NULL ? run("standard", text, &e) : NULL;
    OK(one != NULL, "the example of docs/methods/standard.md runs");
    json_t *item = at(one, "items", 0);
    double before = 0;
    bool rises = true;
    for (size_t g = 0; g < 4; g++) {
        json_t *level = at(item, "levels", g);
        double total = real(level, "pooled"), parts = 0;
        size_t i;
        json_t *part;
        json_array_foreach(json_object_get(level, "parts"), i, part)
        {
            parts += real(part, "quantity");
        }
        rises = rises && real(level, "standard") >= before && total + parts == real(level, "standard") &&
                fmod(real(level, "standard"), 50) == 0 && real(level, "without_rounds") <= real(level, "standard") &&
                real(level, "without_inflow") >= real(level, "standard");
        before = real(level, "standard");
    }
    OK(rises, "graver levels hold more; parts add up; solved again without rounds and arrivals");
    json_t *outlook = json_object_get(item, "outlook"), *plus = at(item, "uplifts", 1);
    OK(real(plus, "service") >= real(outlook, "service") && real(plus, "unmet") <= real(outlook, "unmet") &&
           real(plus, "money") > 0,
       "what +40 %% buys");
    double spent = 0;
    for (size_t i = 0; i < 2; i++) {
        json_t *order = json_object_get(at(one, "items", i), "order");
        spent += real(order, "money");
        OK(real(order, "unmet_after") <= real(order, "unmet_before"), "an order lowers the shortfall");
    }
    OK(spent <= 500000, "orders stay within the budget (%.0f)", spent);
    json_t *proposal = json_object_get(one, "proposal");
    OK(real(proposal, "from") == 4 && real(proposal, "to") == 3, "the first case proposes level 3");
    json_t *filling = json_object_get(item, "filling");
    OK(real(filling, "by_deadline") >= 0 && real(filling, "by_deadline") <= 1, "a probability of filling");
}

static bool refused(const char *method, const char *text, const char *field)
{
    bg_err e;
    (void)run(method, text, &e);
    bool same = bg_failed(e) && e.field != NULL && strcmp(e.field, field) == 0;
    if (!same) {
        printf("# %s: %s\n", text, bg_failed(e) ? (e.field != NULL ? e.field : "(no field)") : "(accepted)");
    }
    return same;
}

#define PLACE "\"places\":[{\"code\":\"a\",\"residents\":1000,\"cases\":[1]}]"

static void test_refusals(void)
{
    OK(refused("demand", "{}", "places"), "no places");
    OK(refused("demand", "{" PLACE ",\"dayz\":3}", "dayz"), "an unknown field");
    OK(refused("demand", "{" PLACE ",\"days\":181}", "days"), "too many days");
    OK(refused("demand", "{" PLACE ",\"paths\":0}", "paths"), "no path");
    OK(refused("demand", "{\"places\":[{\"code\":\"a\"},{\"code\":\"a\"}]}", "places[1].code"), "a code twice");
    OK(refused("demand", "{\"places\":[{\"code\":\"a\",\"cases\":[1]},{\"code\":\"b\"}]}", "places[1].cases"),
       "series of other lengths");
    OK(refused("demand", "{\"places\":[{\"code\":\"a\",\"amounts\":{\"nothing\":1}}]}", "places[0].amounts"),
       "an unknown driver");
    OK(refused("demand", "{\"places\":[{\"code\":\"a\",\"caps\":{\"nothing\":1}}]}", "places[0].caps.nothing"), "an unknown cap");
    OK(refused("demand", "{" PLACE ",\"items\":[\"ZZ\"]}", "items[0]"), "an unknown item");
    OK(refused("demand", "{" PLACE ",\"scenario\":\"magic\"}", "scenario"), "an unknown scenario");
    OK(refused("demand", "{" PLACE ",\"scenario\":{\"fails\":0.5}}", "scenario"), "shares that do not sum to 1");
    OK(refused("demand", "{" PLACE ",\"rounds\":[{\"rounds\":[{\"day\":1,\"places\":[\"b\"]}]}]}",
               "rounds[0].rounds[0].places[0]"),
       "a round at no place");
    OK(refused("demand", "{" PLACE ",\"cases_to_come\":[[[1,2]]]}", "cases_to_come[0][0]"), "paths of other lengths");
    OK(refused("demand", "{" PLACE ",\"tables\":{\"kits\":\"level,item\\nL1\"}}", "tables.kits"), "a broken table");
    OK(refused("demand", "{" PLACE ",\"tables\":{\"kits\":\"level,item,pieces,source\\nL1,FH05,-1,x\"}}", "tables.kits"),
       "a negative piece");
    OK(refused("demand", "{" PLACE ",\"paths\":20000,\"days\":180,\"seed\":-1}", "seed"), "a negative seed");
    OK(refused("demand", "{" PLACE ",\"esft\":{}}", "places"), "ESFT stands alone");
    OK(refused("standard", "{" PLACE ",\"level\":7}", "level"), "a level that is not there");
    OK(refused("standard", "{" PLACE ",\"levels\":[{\"level\":3,\"horizon\":30,\"service\":0.9}]}", "levels[0].horizon"),
       "a horizon beyond days");
    OK(refused("standard", "{" PLACE ",\"stocks\":[{\"item\":\"FH01\",\"stock\":-1}]}", "stocks[0].stock"), "a negative stock");
    OK(refused("standard", "{" PLACE ",\"proposal\":{\"level\":3,\"days\":[]}}", "proposal.days"), "no day");
    bg_err e;
    (void)run("demand", "{" PLACE ",\"tables\":{\"kits\":\"level,item,pieces,source\\nL1,FH05,-1,x\"}}", &e);
    OK(e.facts != NULL && strstr(e.facts, "\"row\":2") != NULL && strstr(e.facts, "\"column\":\"pieces\"") != NULL,
       "an error in a table names row and column");
}

static void test_same(void)
{
    bg_err e;
    json_t *one = run("standard", "{" PLACE ",\"threads\":1,\"paths\":600,\"items\":[\"FH01\"]}", &e);
    json_t *two = run("standard", "{" PLACE ",\"threads\":2,\"paths\":600,\"items\":[\"FH01\"]}", &e);
    OK(json_equal(json_object_get(one, "items"), json_object_get(two, "items")) == 1, "the same answer on one thread and two");
    json_t *calm = run("standard", "{\"places\":[{\"code\":\"a\",\"residents\":100000}],\"items\":[\"FH01\"],\"paths\":50}", &e);
    json_t *level = at(at(calm, "items", 0), "levels", 0);
    OK(real(level, "standard") == 200, "no outbreak: thirty days of everyday use, in packs (%.0f)", real(level, "standard"));
    json_t *esft =
        run("demand",
            "{\"esft\":{\"weekly_cases\":[700,700,700,700,700,700,700],\"first\":3,\"beds\":50000,\"staff\":100000,\"labs\":10}}",
            &e);
    OK(fabs(real(at(at(esft, "weeks", 0), "items", 4), "total") - 6695.320923371) < 1e-6, "the ESFT profile from a document");
    json_t *learned = run("demand",
                          "{" PLACE ",\"items\":[\"FH07\"],\"paths\":50,\"learned\":[{\"driver\":\"quarantine\",\"item\":"
                                    "\"FH07\",\"issued\":900,\"exposure\":1000,\"dispersion\":1}]}",
                          &e);
    size_t i;
    json_t *part;
    double coefficient = 0;
    json_array_foreach(json_object_get(at(learned, "items", 0), "contributions"), i, part)
    {
        coefficient = strcmp(json_string_value(json_object_get(part, "driver")), "quarantine") == 0 ? real(part, "pieces_a_unit")
                                                                                                    : coefficient;
    }
    OK(coefficient > 0.7 && coefficient <= 0.9, "a coefficient learned from issues (%.3f)", coefficient);
}

int main(void)
{
    json_init();
    arena = bg_arena_open((size_t)1 << 30);
    test_demand();
    test_standard();
    test_refusals();
    test_same();
    bg_arena_close(arena);
    return TAP_DONE();
}
