/* Plans as documents: allocation and rotation from JSON, what they answer, and what they refuse by name. */
#include <string.h>

#include "solve/solve.h"
#include "tap.h"

static struct bg_arena *arena;

static json_t *run(const char *method, const char *text, bg_err *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    json_t *answer = NULL;
    *ret = solve_run(solve_find(bg_str_of(method)), bg_str_of(text), 10, arena, &out);
    if (!bg_failed(*ret) && bg_failed(json_read(bg_arena_copy(arena, bg_buf_str(&out)), arena, &answer))) {
        return NULL;
    }
    return answer;
}

static bool refused(const char *method, const char *text, enum bg_code code, const char *field)
{
    bg_err e;
    (void)run(method, text, &e);
    return e.code == code && (field == NULL || (e.field != NULL && strcmp(e.field, field) == 0));
}

static int64_t number(const json_t *answer, const char *list, size_t i, const char *key)
{
    return json_integer_value(json_object_get(json_array_get(json_object_get(answer, list), i), key));
}

#define DEPOT "\"depots\":[{\"name\":\"k\"}]"
#define LOT "\"lots\":[{\"name\":\"l\",\"depot\":\"k\",\"quantity\":10}]"

static void allocate(void)
{
    bg_err e;
    const json_t *a = run("allocate",
                          "{" DEPOT "," LOT
                          ",\"receivers\":[{\"name\":\"b\",\"asked\":10},{\"name\":\"a\",\"asked\":10},{\"name\":\"c\",\"asked\":10}]}",
                          &e);
    OK(a != NULL && number(a, "needs", 0, "got") == 4 && number(a, "needs", 1, "got") == 3 && number(a, "needs", 2, "got") == 3,
       "10 among three equals: 4 to the first by name");
    const json_t *why = json_object_get(json_array_get(json_object_get(a, "needs"), 2), "why");
    OK(strcmp(json_string_value(json_object_get(json_array_get(why, 0), "bound")), "equal") == 0 &&
           json_integer_value(json_object_get(json_array_get(why, 0), "would")) == 10,
       "with the reason and what would be without it");
    const json_t *b = run("allocate",
                          "{" DEPOT "," LOT
                          ",\"receivers\":[{\"name\":\"c\",\"asked\":10},{\"name\":\"b\",\"asked\":10},{\"name\":\"a\",\"asked\":10}]}",
                          &e);
    OK(b != NULL && json_equal(json_object_get(a, "needs"), json_object_get(b, "needs")), "the order of rows changes nothing");
    OK(refused("allocate", "{" DEPOT "," LOT ",\"receivers\":[{\"name\":\"a\",\"asked\":3,\"floor\":4}]}", BG_BAD_INPUT,
               "receivers[0].floor"),
       "a floor above what is asked is refused by its path");
    OK(refused("allocate", "{" DEPOT "," LOT ",\"receivers\":[{\"name\":\"a\",\"asked\":3,\"day\":\"2022-01-08\"}]}", BG_BAD_INPUT,
               "receivers[0].day"),
       "a date without a start is refused");
    OK(refused("allocate", "{" DEPOT "," LOT ",\"receivers\":[{\"name\":\"a\"}],\"rule\":[\"cost\"]}", BG_BAD_INPUT, "rule[0]"),
       "a rule that shares nothing out is refused");
    OK(refused("allocate", "{" DEPOT "," LOT ",\"receivers\":[{\"name\":\"a\"}],\"rules\":[]}", BG_BAD_INPUT, "rules"),
       "an unknown field is refused");
    OK(refused("allocate",
               "{" DEPOT ",\"lots\":[{\"name\":\"l\",\"depot\":\"x\",\"quantity\":10}],\"receivers\":[{\"name\":\"a\"}]}", BG_BAD_INPUT,
               "lots[0].depot"),
       "a lot in no depot is refused");
    a = run("allocate", "{" DEPOT ",\"lots\":[],\"receivers\":[{\"name\":\"a\",\"asked\":5}]}", &e);
    OK(a != NULL && number(a, "needs", 0, "got") == 0 && number(a, "needs", 0, "short") == 5, "no goods: nothing for anybody, said so");
}

static void batches(void)
{
    bg_err e;
    const json_t *a = run("allocate",
                          "{" DEPOT "," LOT ",\"receivers\":[{\"name\":\"a\",\"asked\":6,\"x\":5000},{\"name\":\"b\",\"asked\":4,"
                          "\"x\":2000,\"close\":1}],\"vehicles\":[{\"name\":\"v\",\"depot\":\"k\",\"capacity\":5}]}",
                          &e);
    const json_t *batch = json_array_get(json_object_get(a, "batches"), 0);
    OK(a != NULL && number(batch, "stops", 0, "load") == 5 && number(batch, "stops", 0, "minute") == 13 &&
           json_array_size(json_object_get(a, "left")) == 2,
       "a batch of 5 for a vehicle of 5 arrives after 13 minutes; the rest and what is too far for its window are left");
    OK(refused("allocate", "{" DEPOT "," LOT ",\"receivers\":[{\"name\":\"a\",\"asked\":6,\"open\":5,\"close\":4}]}", BG_BAD_INPUT,
               "receivers[0].close"),
       "a window that closes before it opens is refused");
}

static void rotation(void)
{
    bg_err e;
    const char *plan = "{\"start\":\"2022-01-01\",\"days\":30,\"life_min\":5,\"value_fen\":100," DEPOT
                       ",\"lots\":[{\"name\":\"l\",\"depot\":\"k\",\"quantity\":10,\"expiry\":\"2022-01-10\"}],"
                       "\"receivers\":[{\"name\":\"h\",\"use\":1}]}";
    const json_t *a = run("rotation", plan, &e);
    OK(a != NULL && json_integer_value(json_object_get(a, "lost_before")) == 10 && json_integer_value(json_object_get(a, "lost")) == 5 &&
           json_integer_value(json_object_get(a, "avoided_fen")) == 500,
       "a piece a day from the 1st to the 5th, the last day of issue: 5 of 10 are saved");
    OK(strcmp(json_string_value(json_object_get(json_array_get(json_object_get(a, "why"), 0), "bound")), "use") == 0,
       "and the reason is routine use");
    OK(refused("rotation", "{\"days\":0,\"value_fen\":1," DEPOT "," LOT ",\"receivers\":[]}", BG_BAD_INPUT, "days"),
       "a plan without days is refused");
    OK(refused("rotation",
               "{\"days\":3,\"value_fen\":1," DEPOT "," LOT ",\"receivers\":[{\"name\":\"h\",\"use\":[1,2]}]}", BG_BAD_INPUT,
               "receivers[0].use"),
       "use for two of three days is refused");
    OK(refused("rotation",
               "{\"days\":3,\"value_fen\":1," DEPOT "," LOT ",\"receivers\":[{\"name\":\"h\",\"use\":1,\"ahead\":1}]}",
               BG_BAD_INPUT, "receivers[0].ahead"),
       "a store ahead of the least life is refused");
}

int main(void)
{
    json_init();
    arena = bg_arena_open(256u << 20);
    allocate();
    batches();
    rotation();
    bg_arena_close(arena);
    return TAP_DONE();
}
