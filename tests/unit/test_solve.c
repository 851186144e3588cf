/* Decisions as documents: strict reading, what every answer carries, and methods that only this form has. */
#include <string.h>

#include "solve/solve.h"
#include "tap.h"

static struct bg_arena *arena;

/* Runs a method on text; the answer as JSON, or NULL with the failure in *ret. */
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

static void common(void)
{
    bg_err e;
    json_t *one = run("outbreak", "{\"incidence\":[3,21,10,33,41,34,39,33,80,18,14],\"window\":7}", &e);
    json_t *two = run("outbreak", "{ \"window\" : 7, \"incidence\":[3,21,10,33,41,34,39,33,80,18,14]}", &e);
    OK(one != NULL && two != NULL, "a document is answered");
    OK(strcmp(json_string_value(json_object_get(one, "inputs")), json_string_value(json_object_get(two, "inputs"))) == 0,
       "order of keys and blanks do not change the hash of the inputs");
    OK(json_equal(json_object_get(one, "windows"), json_object_get(two, "windows")) &&
           json_array_size(json_object_get(one, "windows")) == 4,
       "the same inputs give the same answer");
    OK(json_object_get(json_array_get(json_object_get(one, "reasons"), 0), "zh") != NULL, "with a reason in words");
    two = run("outbreak", "{\"window\":6,\"incidence\":[3,21,10,33,41,34,39,33,80,18,14]}", &e);
    OK(strcmp(json_string_value(json_object_get(one, "inputs")), json_string_value(json_object_get(two, "inputs"))) != 0,
       "another input has another hash");
}

static void strict(void)
{
    OK(refused("outbreak", "{\"incidence\":[1,2,3],\"windo\":7}", BG_BAD_INPUT, "windo"), "an unknown field is refused by name");
    OK(refused("outbreak", "{\"incidence\":[1,-2,3]}", BG_BAD_INPUT, "incidence[1]"), "a value out of bounds by its path");
    OK(refused("outbreak", "{\"incidence\":[1,\"2\",3]}", BG_BAD_INPUT, "incidence[1]"), "a text for a number");
    OK(refused("outbreak", "{\"window\":7}", BG_BAD_INPUT, "incidence"), "a missing field");
    OK(refused("outbreak", "{\"incidence\":[1]}", BG_BAD_INPUT, "incidence"), "an array that is too short");
    OK(refused("outbreak", "[]", BG_BAD_INPUT, "input"), "an array for an object");
    OK(refused("outbreak", "{\"incidence\":[1,2,3]", BG_JSON_SYNTAX, NULL), "half a document");
    OK(solve_find(BG_STR("nothing")) == NULL, "an unknown method is not found");
}

static void names(void)
{
    struct solve_names *table;
    json_t *value;
    int32_t index = -1, found = -1;
    bool all = true;
    OK(!bg_failed(solve_names_open(arena, 1000, &table)), "a table of names opens");
    for (int i = 0; i < 1000 && all; i++) {
        struct solve_at at = { .path = "x", .arena = arena };
        all = !bg_failed(json_read(bg_str_of(bg_arena_text(arena, "{\"id\":\"企业%d\"}", i)), arena, &value));
        at.value = value;
        all = all && !bg_failed(solve_names_add(table, at, "id", &index)) && index == i;
        all = all && bg_failed(solve_names_add(table, at, "id", &index)) && !bg_failed(solve_names_find(table, at, "id", &found)) &&
              found == i && bg_str_eq(solve_names_at(table, i), bg_str_of(bg_arena_text(arena, "企业%d", i)));
    }
    OK(all && solve_names_count(table) == 1000, "a thousand names are found again, and a doubled one is refused");
    struct solve_at at = { .value = json_pack("{s:s}", "id", "x"), .path = "", .arena = arena };
    OK(bg_failed(solve_names_find(table, at, "id", &found)), "an unknown name is refused");
    OK(bg_failed(solve_names_add(table, at, "id", &index)), "one more than the bound is refused");
    json_decref((json_t *)(uintptr_t)at.value);
}

int main(void)
{
    json_init();
    arena = bg_arena_open(64u << 20);
    common();
    strict();
    names();
    bg_arena_close(arena);
    return TAP_DONE();
}
