/* Bodies and queries against schemas: what is accepted, and that a refusal names field, value and what was wanted. */
#include <string.h>

#include "api/inner.h"
#include "codec/json.h"
#include "tap.h"

static const char *const colours[] = { "red", "green", NULL };
static const struct api_field line_fields[] = {
    API_F("item_id", API_ID, .required = true),
    API_F("qty", API_INT, .required = true, .min = 1, .max = 1000),
    { 0 },
};
static const struct api_field fields[] = {
    API_F("name_zh", API_TEXT, .required = true, .min = 1, .max = 10),
    API_F("note", API_TEXT, .null = true),
    API_F("colour", API_TEXT, .words = colours),
    API_F("qty", API_INT),
    API_F("item_id", API_ID),
    API_F("open", API_BOOL),
    API_F("day", API_DATE),
    API_F("occurred_at", API_TIME),
    API_F("lon", API_REAL),
    API_F("lines", API_ARRAY, .of = API_OBJECT, .fields = line_fields, .max = 3),
    API_F("tags", API_ARRAY, .of = API_TEXT),
    API_F("owner", API_OBJECT, .fields = line_fields),
    API_F("extra", API_JSON),
    { 0 },
};

static struct bg_arena *arena;

static bg_err read_body(const char *text, struct api_object *ret)
{
    bg_arena_reset(arena);
    ret->fields = fields;
    ret->values = NULL;
    return input_body(bg_str_of(text), fields, arena, &ret->values);
}

static void refuses(const char *text, enum bg_code code, const char *field, const char *fact)
{
    struct api_object got;
    bg_err err = read_body(text, &got);
    bool named = field == NULL || (err.field != NULL && strcmp(err.field, field) == 0);
    bool proved = fact == NULL || (err.facts != NULL && strstr(err.facts, fact) != NULL);
    OK(err.code == code && named && proved, "%.70s: %s at %s (%s %s %s)", text, bg_errors[code].slug, field != NULL ? field : "-",
       bg_errors[err.code].slug, err.field != NULL ? err.field : "-", err.facts != NULL ? err.facts : "");
}

static void test_accepts(void)
{
    struct api_object got;
    bg_err err = read_body(
        "{\"name_zh\":\"医用防护服\",\"note\":null,\"colour\":\"red\",\"qty\":0,\"item_id\":\"9007199254740993\",\"open\":true,"
        "\"day\":\"2022-01-08\",\"occurred_at\":\"2022-01-08T09:30:00+08:00\",\"lon\":117.2,"
        "\"lines\":[{\"item_id\":\"7\",\"qty\":5},{\"qty\":6,\"item_id\":\"8\"}],\"tags\":[\"a\",\"b\"],\"extra\":{\"b\":1,\"a\":[]"
        "}}",
        &got);
    OK(!bg_failed(err), "a whole body is read (%s %s)", bg_errors[err.code].slug, err.field != NULL ? err.field : "");
    OK(bg_str_is(api_text(&got, "name_zh"), "医用防护服") && api_int(&got, "item_id", 0) == INT64_C(9007199254740993),
       "text and id");
    OK(api_given(&got, "note") && api_get(&got, "note")->is_null && api_int(&got, "note", 5) == 5, "null clears");
    OK(api_int(&got, "occurred_at", 0) == INT64_C(1641605400000) && api_int(&got, "day", 0) == 19000, "time and date");
    struct api_object line = api_inside(&got, "lines", 1);
    OK(api_get(&got, "lines")->count == 2 && api_int(&line, "qty", 0) == 6 && api_int(&line, "item_id", 0) == 8,
       "objects in an array");
    OK(bg_str_is(api_get(&got, "tags")->at[1].s, "b"), "texts in an array");
    OK(bg_str_is(api_text(&got, "extra"), "{\"a\":[],\"b\":1}"), "free JSON in canonical form");
    OK(!api_given(&got, "owner"), "what was left out is absent");
    OK(input_body(BG_STR(""), line_fields + 2, arena, &got.values).code == BG_OK, "no body is an empty object");
}

static void test_refuses(void)
{
    refuses("{", BG_JSON_SYNTAX, NULL, "\"line\":1");
    refuses("[]", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{\"name_zh\":\"a\",\"name_zh\":\"b\"}", BG_JSON_SYNTAX, NULL, "duplicate");
    refuses("{\"name_zh\":\"a\"} x", BG_JSON_SYNTAX, NULL, NULL);
    refuses("\xEF\xBB\xBF{\"name_zh\":\"a\"}", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{\"name_zh\":\"\\ud800\"}", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{\"name_zh\":\"\xC0\xAF\"}", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{\"name_zh\":\"a\\u0000b\"}", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{\"name_zh\":\"a\",\"qty\":9223372036854775808}", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{\"name_zh\":\"a\",\"lon\":1e309}", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{\"name_zh\":\"a\",\"qty\":NaN}", BG_JSON_SYNTAX, NULL, NULL);
    refuses("{}", BG_API_FIELD_MISSING, "name_zh", NULL);
    refuses("{\"name_zh\":null}", BG_API_FIELD_MISSING, "name_zh", NULL);
    refuses("{\"name_zh\":\"a\",\"role\":\"admin\"}", BG_API_FIELD_UNKNOWN, "role", "\"known\"");
    refuses("{\"name_zh\":\"\"}", BG_API_FIELD_RANGE, "name_zh", "\"min\":1");
    refuses("{\"name_zh\":\"一二三四五六七八九十一\"}", BG_API_FIELD_RANGE, "name_zh", "\"value\":11");
    refuses("{\"name_zh\":\"a\\nb\"}", BG_API_FIELD_TYPE, "name_zh", NULL);
    refuses("{\"name_zh\":5}", BG_API_FIELD_TYPE, "name_zh", "\"wanted\":\"text\"");
    refuses("{\"name_zh\":\"a\",\"colour\":\"blue\"}", BG_API_FIELD_WORD, "colour", "\"allowed\":[\"red\",\"green\"]");
    refuses("{\"name_zh\":\"a\",\"qty\":-1}", BG_API_FIELD_RANGE, "qty", "\"value\":-1");
    refuses("{\"name_zh\":\"a\",\"qty\":1000000000000001}", BG_API_FIELD_RANGE, "qty", NULL);
    refuses("{\"name_zh\":\"a\",\"qty\":1.0}", BG_API_FIELD_TYPE, "qty", NULL);
    refuses("{\"name_zh\":\"a\",\"qty\":\"１２\"}", BG_API_FIELD_TYPE, "qty", NULL);
    refuses("{\"name_zh\":\"a\",\"item_id\":7}", BG_API_FIELD_TYPE, "item_id", NULL);
    refuses("{\"name_zh\":\"a\",\"item_id\":\"07\"}", BG_API_FIELD_TYPE, "item_id", NULL);
    refuses("{\"name_zh\":\"a\",\"item_id\":\"0\"}", BG_API_FIELD_TYPE, "item_id", NULL);
    refuses("{\"name_zh\":\"a\",\"item_id\":\"-7\"}", BG_API_FIELD_TYPE, "item_id", NULL);
    refuses("{\"name_zh\":\"a\",\"item_id\":\"9223372036854775808\"}", BG_API_FIELD_TYPE, "item_id", NULL);
    refuses("{\"name_zh\":\"a\",\"open\":1}", BG_API_FIELD_TYPE, "open", NULL);
    refuses("{\"name_zh\":\"a\",\"day\":\"2022-02-30\"}", BG_API_FIELD_TYPE, "day", "2022-02-30");
    refuses("{\"name_zh\":\"a\",\"occurred_at\":\"yesterday\"}", BG_API_FIELD_TYPE, "occurred_at", NULL);
    refuses("{\"name_zh\":\"a\",\"lines\":[{\"item_id\":\"7\",\"qty\":1},{\"item_id\":\"8\",\"qty\":0}]}", BG_API_FIELD_RANGE,
            "lines[1].qty", NULL);
    refuses("{\"name_zh\":\"a\",\"lines\":[{\"item_id\":\"7\",\"qty\":1,\"status\":\"usable\"}]}", BG_API_FIELD_UNKNOWN,
            "lines[0].status", NULL);
    refuses("{\"name_zh\":\"a\",\"lines\":[1]}", BG_API_FIELD_TYPE, "lines[0]", NULL);
    refuses("{\"name_zh\":\"a\",\"lines\":[{},{},{},{}]}", BG_API_FIELD_RANGE, "lines", NULL);
    refuses("{\"name_zh\":\"a\",\"owner\":[]}", BG_API_FIELD_TYPE, "owner", NULL);
    char deep[400] = "{\"name_zh\":\"a\",\"extra\":";
    size_t len = strlen(deep);
    memset(deep + len, '[', 64);
    memset(deep + len + 64, ']', 64);
    memcpy(deep + len + 128, "}", 2);
    refuses(deep, BG_JSON_SYNTAX, NULL, "deep");
}

static void test_query(void)
{
    static const struct api_field query[] = { API_F("q", API_TEXT),
                                              API_F("limit", API_INT, .min = 1, .max = 500),
                                              API_F("open", API_BOOL),
                                              API_F("place_id", API_ID),
                                              { 0 } };
    struct api_object got = { .fields = query };
    bg_arena_reset(arena);
    OK(!bg_failed(input_query(BG_STR("q=%E5%8F%A3%E7%BD%A9+N95&limit=20&open=true&place_id="), query, arena, &got.values)),
       "a query is read");
    OK(bg_str_is(api_text(&got, "q"), "口罩 N95") && api_int(&got, "limit", 50) == 20 && api_int(&got, "open", 0) == 1 &&
           !api_given(&got, "place_id"),
       "its values");
    OK(input_query(BG_STR("x=1"), query, arena, &got.values).code == BG_API_FIELD_UNKNOWN, "unknown");
    OK(input_query(BG_STR("limit=1&limit=2"), query, arena, &got.values).code == BG_API_FIELD_TYPE, "given twice");
    OK(input_query(BG_STR("limit=501"), query, arena, &got.values).code == BG_API_FIELD_RANGE, "out of range");
    OK(input_query(BG_STR("limit=x"), query, arena, &got.values).code == BG_API_FIELD_TYPE, "not a number");
    OK(input_query(BG_STR("q=%ff"), query, arena, &got.values).code == BG_BAD_UTF8, "not UTF-8");
}

static void test_canonical(void)
{
    BG_SCOPED_BUF a = bg_buf_init(10000), b = bg_buf_init(10000);
    struct api_object got;
    bg_ignore(read_body("{\"name_zh\":\"a\",\"lines\":[{\"item_id\":\"7\",\"qty\":1}],\"qty\":5}", &got));
    input_canonical(fields, got.values, &a);
    bg_ignore(read_body(" {\"qty\":5, \"lines\":[{\"qty\":1,\"item_id\":\"7\"}],\"name_zh\":\"\\u0061\"}", &got));
    input_canonical(fields, got.values, &b);
    OK(bg_str_eq(bg_buf_str(&a), bg_buf_str(&b)), "order, blanks and escapes do not change the canonical form");
    bg_buf_clear(&b);
    bg_ignore(read_body("{\"name_zh\":\"a\",\"lines\":[{\"item_id\":\"7\",\"qty\":1}],\"qty\":6}", &got));
    input_canonical(fields, got.values, &b);
    OK(!bg_str_eq(bg_buf_str(&a), bg_buf_str(&b)), "a value does");
    bg_buf_clear(&b);
    bg_ignore(read_body("{\"name_zh\":\"a\",\"note\":null,\"lines\":[{\"item_id\":\"7\",\"qty\":1}],\"qty\":5}", &got));
    input_canonical(fields, got.values, &b);
    OK(!bg_str_eq(bg_buf_str(&a), bg_buf_str(&b)), "null is not absence");
}

static void test_limits(void)
{
    struct limits *limits = limits_open(64);
    int wait = 0, taken = 0;
    for (int i = 0; i < 100; i++) {
        taken += limits_take(limits, 7, 10, 20, 1000000, &wait);
    }
    OK(taken == 20 && wait == 1, "a burst of 20 and then a wait");
    OK(limits_take(limits, 7, 10, 20, 1100000, &wait) && !limits_take(limits, 7, 10, 20, 1100000, &wait),
       "a tenth of a second brings one");
    taken = 0;
    for (int i = 0; i < 100; i++) {
        taken += limits_take(limits, 7, 10, 20, INT64_C(9000000000000000), &wait);
    }
    OK(taken == 20, "a long pause fills it once");
    limits_close(limits);
    limits = limits_open(64);
    int refused = 0;
    for (uint64_t key = 1; key < 100000; key += 2) {
        refused += !limits_take(limits, key << 1, 10, 20, (int64_t)key * 10000, &wait);
    }
    OK(refused == 0, "quiet keys take over slots that have filled up (%d refused)", refused);
    limits_close(limits);
}

int main(void)
{
    json_init();
    arena = bg_arena_open(1 << 20);
    test_accepts();
    test_refuses();
    test_query();
    test_canonical();
    test_limits();
    bg_arena_close(arena);
    return TAP_DONE();
}
