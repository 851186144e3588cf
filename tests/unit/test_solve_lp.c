/* The methods of linear programs as documents: the examples of their pages, refusals by name, and an absent solver. */
#include "lp_bed.h"
#include "solve/solve.h"
#include "tap.h"

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

/* The first JSON block of docs/methods/NAME.md. */
static bg_str example(const char *name)
{
    char path[200];
    static char text[1 << 17];
    (void)snprintf(path, sizeof path, "docs/methods/%s.md", name);
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

static bool worded(const json_t *answer)
{
    const json_t *reasons = json_object_get(answer, "reasons");
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *one = json_array_get(reasons, i);
        if (json_string_length(json_object_get(one, "zh")) < 10 || json_string_length(json_object_get(one, "en")) < 10) {
            return false;
        }
    }
    return json_array_size(reasons) >= 2;
}

/* The example with one text replaced. */
static bool refused(const char *method, const char *old, const char *new, const char *field)
{
    bg_str text = example(method);
    const char *at = strstr(text.at, old);
    bg_err e;
    if (at == NULL) {
        return false;
    }
    const char *changed = bg_arena_text(arena, "%.*s%s%s", (int)(at - text.at), text.at, new, at + strlen(old));
    (void)run(method, bg_str_of(changed), &e);
    if (e.field == NULL || strcmp(e.field, field) != 0) {
        printf("# %s %s\n", bg_errors[e.code].slug, e.field != NULL ? e.field : "-");
    }
    return e.code == BG_BAD_INPUT && e.field != NULL && strcmp(e.field, field) == 0;
}

static void strict(void)
{
    OK(refused("portfolio", "\"kind\":\"stock\"", "\"kind\":\"stok\"", "sources[0].kind"), "portfolio: an unknown kind");
    OK(refused("portfolio", "\"fee\":25", "\"fee\":-25", "sources[0].fee"), "a negative fee");
    OK(refused("portfolio", "\"price\":80", "\"price\":800", "sources[3].price"), "a source dearer than being short");
    OK(refused("portfolio", "\"probability\":0.3", "\"probability\":0.4", "scenarios"), "probabilities that do not add up");
    OK(refused("portfolio", "[20,20,20,20,20]", "[20,20,20,20,20,20]", "scenarios[0].needs[0].need"), "more needs than days");
    OK(refused("portfolio", "\"item\":\"防护服\",\"kind\":\"stock\"", "\"item\":\"口罩\",\"kind\":\"stock\"", "sources[0].item"),
       "an item that is none");
    OK(refused("portfolio", "\"days\":5", "\"days\":5000", "days"), "too many days");
    OK(refused("activation", "\"amount\":2", "\"amount\":-2", "bom[0].amount"), "activation: a negative amount");
    OK(refused("prepositioning", "\"to\":\"空港\"", "\"to\":\"津南\"", "links[0].to"),
       "prepositioning: a link from a site to itself");
    OK(refused("prepositioning", "\"shortage\":10", "\"shortag\":10", "items[0].shortag"), "an unknown field of an item");
    OK(refused("activation", "\"kind\":\"crew\",\"firm\":\"企业甲\"", "\"kind\":\"crew\"", "interventions[2].firm"),
       "a step without its firm");
    OK(refused("activation", "\"line_hours\":10", "\"line_hour\":10", "firms[0].line_hour"), "an unknown field");
    OK(refused("activation", "\"days\":5", "\"days\":0", "days"), "no days");
}

static void positive(void)
{
    bg_err e;
    json_t *answer = run("positive-list", example("positive-list"), &e);
    const json_t *listed = json_object_get(answer, "listed");
    bool chain = json_array_size(listed) == 3;
    for (size_t i = 0; i < 3 && chain; i++) {
        const char *id = json_string_value(json_object_get(json_array_get(listed, i), "id"));
        chain = strcmp(id, "口罩厂") == 0 || strcmp(id, "熔喷布厂") == 0 || strcmp(id, "聚丙烯厂") == 0;
    }
    OK(answer != NULL && worded(answer) && chain && json_is_true(json_object_get(answer, "exact")),
       "the positive list of its page holds the whole chain (%s)", bg_errors[e.code].slug);
    OK(number(answer, "value") < number(answer, "loss_without") && number(answer, "value") >= number(answer, "loss_everybody"),
       "and loses less");
    OK(json_array_size(json_object_get(answer, "stops")) > 0 && json_array_size(json_object_get(answer, "not_listed")) == 3,
       "with the days of stopping and the price of each exclusion");
    OK(refused("positive-list", "\"supplier\":\"座椅厂\"", "\"supplier\":\"轮胎厂\"", "links[2].supplier"),
       "a supplier that is none is refused");
    OK(refused("positive-list", "\"limit\":3", "\"limit\":-3", "limit"), "a negative limit");
    OK(refused("positive-list", "\"function\":\"leontief\"", "\"function\":\"mixed\"", "essential"), "mixed without its matrix");
}

static void prepositioning(void)
{
    bg_err e;
    json_t *answer = run("prepositioning", example("prepositioning"), &e);
    OK(answer != NULL && worded(answer) && fabs(number(answer, "value") - 140) < 1e-6, "the depots of its page cost 140 (%s)",
       bg_errors[e.code].slug);
    OK(json_array_size(json_object_get(answer, "depots")) == 1 && json_array_size(json_object_get(answer, "shut")) == 1,
       "one is opened");
}

static void portfolio(void)
{
    bg_err e;
    json_t *answer = run("portfolio", example("portfolio"), &e);
    OK(answer != NULL && worded(answer), "the portfolio of its page is found, with reasons (%s)", bg_errors[e.code].slug);
    const json_t *plan = json_object_get(answer, "plan"), *frontier = json_object_get(answer, "frontier");
    OK(number(plan, "cvar") <= 3 + 1e-5 && number(answer, "gap") <= 1e-4, "within its bound, gap %.1e", number(answer, "gap"));
    OK(json_array_size(frontier) == 5, "with a frontier of %zu points", json_array_size(frontier));
    bool rising = true;
    for (size_t i = 1; i < json_array_size(frontier); i++) {
        const json_t *a = json_array_get(frontier, i - 1), *b = json_array_get(frontier, i);
        rising = rising && number(b, "cvar") <= number(a, "cvar") + 1e-6 && number(b, "total") >= number(a, "total") * (1 - 1e-4);
    }
    OK(rising, "less risk costs more");
    const json_t *second = json_array_get(json_object_get(answer, "sources"), 2);
    OK(json_is_true(json_object_get(second, "never_used")) &&
           strcmp(json_string_value(json_object_get(second, "dominated_by")), "预留产能甲") == 0,
       "the dearer and later contract is named as dominated");
    const char *hopeless =
        "{\"days\":1,\"cvar_max\":0,\"items\":[{\"id\":\"a\",\"shortage_cost\":10}],\"sources\":[{\"id\":\"s\",\"item\":\"a\","
        "\"kind\":\"stock\",\"fee\":1,\"max\":5}],\"scenarios\":[{\"id\":\"x\",\"needs\":[{\"item\":\"a\",\"need\":[9]}]}]}";
    (void)run("portfolio", bg_str_of(hopeless), &e);
    OK(e.code == BG_PORTFOLIO_RISK, "a bound that no plan keeps is refused (%s)", bg_errors[e.code].slug);
}

static void activation(void)
{
    bg_err e;
    json_t *answer = run("activation", example("activation"), &e);
    OK(answer != NULL && worded(answer) && fabs(number(answer, "value") - 29) < 1e-6 && number(answer, "city_full_day") == 4,
       "the start of its page is planned (%s)", bg_errors[e.code].slug);
    const json_t *first = json_array_get(json_object_get(answer, "interventions"), 0);
    OK(json_is_true(json_object_get(first, "chosen")) && fabs(number(first, "gain") - 10) < 1e-6,
       "the best intervention leads and is chosen");
    json_t *again = run("activation", example("activation"), &e);
    OK(json_equal(json_object_get(answer, "firms"), json_object_get(again, "firms")), "the same answer again");
}

int main(int argc, char **argv)
{
    LP_CHILD(argc, argv);
    json_init();
    arena = bg_arena_open(256u << 20);
    strict();
    positive();
    if (lp_bed_absent()) {
        SKIP("no solver here");
        return TAP_DONE();
    }
    portfolio();
    activation();
    prepositioning();
    (void)setenv("BAOGONG_COIN", "off", 1);
    bg_err e;
    (void)run("activation", example("activation"), &e);
    OK(e.code == BG_LP_ABSENT, "without a solver the answer is an error and nothing else");
    bg_arena_close(arena);
    return TAP_DONE();
}
