/* Strict reading of a document: every refusal names the path, the value and what is allowed. */
#include "solve/solve.h"

#include <math.h>
#include <string.h>

static const char *path_of(struct solve_at at, const char *name)
{
    if (name == NULL) {
        return at.path[0] != '\0' ? at.path : "input";
    }
    return at.path[0] != '\0' ? bg_arena_text(at.arena, "%s.%s", at.path, name) : name;
}

static bg_err refuse(struct solve_at at, const char *name, const json_t *value, const char *zh, const char *en)
{
    BG_SCOPED_BUF shown = bg_buf_init(200);
    BG_SCOPED_BUF facts = bg_buf_init(4096);
    if (value != NULL && !json_is_object(value) && !json_is_array(value) && !bg_failed(json_canonical(value, &shown))) {
        bg_json_key(&facts, "value");
        bg_json_raw(&facts, bg_buf_str(&shown));
    }
    bg_json_put_str(&facts, "reason", bg_str_of(zh));
    bg_json_put_str(&facts, "reason_en", bg_str_of(en));
    const char *path = path_of(at, name);
    bg_str kept = bg_arena_copy(at.arena, bg_buf_str(&facts));
    return BG_FAIL_WITH(BG_BAD_INPUT, path != NULL ? path : "input", kept.at);
}

bg_err solve_bad(struct solve_at at, const char *name, const char *zh, const char *en)
{
    return refuse(at, name, name != NULL ? json_object_get(at.value, name) : at.value, zh, en);
}

bg_err solve_infeasible(struct solve_at at, const char *zh, const char *en)
{
    BG_SCOPED_BUF facts = bg_buf_init(4096);
    bg_json_put_str(&facts, "reason", bg_str_of(zh));
    bg_json_put_str(&facts, "reason_en", bg_str_of(en));
    bg_str kept = bg_arena_copy(at.arena, bg_buf_str(&facts));
    return BG_FAIL_WITH(BG_SOLVE_INFEASIBLE, NULL, kept.at);
}

bg_err solve_fields(struct solve_at at, const char *const *names)
{
    const char *key;
    json_t *value;
    if (!json_is_object(at.value)) {
        return refuse(at, NULL, at.value, "应为对象", "an object is wanted");
    }
    json_object_foreach((json_t *)(uintptr_t)at.value, key, value)
    {
        bool known = false;
        for (const char *const *n = names; *n != NULL && !known; n++) {
            known = strcmp(*n, key) == 0;
        }
        if (!known) {
            const char *copy = bg_arena_copy(at.arena, bg_str_of(key)).at;
            return refuse(at, copy, value, "没有这个字段，请核对拼写", "no such field, check its spelling");
        }
    }
    return BG_DONE;
}

bool solve_has(struct solve_at at, const char *name)
{
    const json_t *value = json_object_get(at.value, name);
    return value != NULL && !json_is_null(value);
}

static bg_err must_have(struct solve_at at, const char *name, struct solve_at *ret)
{
    const json_t *value = json_object_get(at.value, name);
    if (value == NULL || json_is_null(value)) {
        return refuse(at, name, NULL, "缺少该字段", "the field is missing");
    }
    const char *path = path_of(at, name);
    BG_TRY(bg_need(path));
    *ret = (struct solve_at){ .value = value, .path = path, .arena = at.arena };
    return BG_DONE;
}

bg_err solve_value_number(struct solve_at at, double min, double max, double *ret)
{
    double value = json_number_value(at.value);
    if (!json_is_number(at.value) || !isfinite(value) || value < min || value > max) {
        return refuse(at, NULL, at.value, bg_arena_text(at.arena, "应为 %.15g 至 %.15g 的数", min, max),
                      bg_arena_text(at.arena, "a number from %.15g to %.15g is wanted", min, max));
    }
    *ret = value;
    return BG_DONE;
}

bg_err solve_value_int(struct solve_at at, int64_t min, int64_t max, int64_t *ret)
{
    int64_t value = json_integer_value(at.value);
    if (!json_is_integer(at.value) || value < min || value > max) {
        return refuse(at, NULL, at.value, bg_arena_text(at.arena, "应为 %lld 至 %lld 的整数", (long long)min, (long long)max),
                      bg_arena_text(at.arena, "an integer from %lld to %lld is wanted", (long long)min, (long long)max));
    }
    *ret = value;
    return BG_DONE;
}

bg_err solve_value_text(struct solve_at at, size_t max, bg_str *ret)
{
    bg_str value = { json_string_value(at.value), json_string_length(at.value) };
    if (!json_is_string(at.value) || value.len == 0 || value.len > max) {
        return refuse(at, NULL, at.value, bg_arena_text(at.arena, "应为 1 至 %zu 字节的文字", max),
                      bg_arena_text(at.arena, "text of 1 to %zu bytes is wanted", max));
    }
    *ret = value;
    return BG_DONE;
}

bg_err solve_number(struct solve_at at, const char *name, double min, double max, double *ret)
{
    struct solve_at value;
    BG_TRY(must_have(at, name, &value));
    return solve_value_number(value, min, max, ret);
}

bg_err solve_number_or(struct solve_at at, const char *name, double fallback, double min, double max, double *ret)
{
    if (!solve_has(at, name)) {
        *ret = fallback;
        return BG_DONE;
    }
    return solve_number(at, name, min, max, ret);
}

bg_err solve_int(struct solve_at at, const char *name, int64_t min, int64_t max, int64_t *ret)
{
    struct solve_at value;
    BG_TRY(must_have(at, name, &value));
    return solve_value_int(value, min, max, ret);
}

bg_err solve_int_or(struct solve_at at, const char *name, int64_t fallback, int64_t min, int64_t max, int64_t *ret)
{
    if (!solve_has(at, name)) {
        *ret = fallback;
        return BG_DONE;
    }
    return solve_int(at, name, min, max, ret);
}

bg_err solve_flag_or(struct solve_at at, const char *name, bool fallback, bool *ret)
{
    const json_t *value = json_object_get(at.value, name);
    if (!solve_has(at, name)) {
        *ret = fallback;
        return BG_DONE;
    }
    if (!json_is_boolean(value)) {
        return refuse(at, name, value, "应为 true 或 false", "true or false is wanted");
    }
    *ret = json_is_true(value);
    return BG_DONE;
}

bg_err solve_text(struct solve_at at, const char *name, size_t max, bg_str *ret)
{
    struct solve_at value;
    BG_TRY(must_have(at, name, &value));
    return solve_value_text(value, max, ret);
}

bg_err solve_text_or(struct solve_at at, const char *name, bg_str fallback, size_t max, bg_str *ret)
{
    if (!solve_has(at, name)) {
        *ret = fallback;
        return BG_DONE;
    }
    return solve_text(at, name, max, ret);
}

bg_err solve_choice(struct solve_at at, const char *name, const char *const *names, int *ret)
{
    struct solve_at value;
    BG_SCOPED_BUF all = bg_buf_init(1024);
    BG_TRY(must_have(at, name, &value));
    const char *text = json_string_value(value.value);
    for (int i = 0; names[i] != NULL; i++) {
        if (text != NULL && strcmp(text, names[i]) == 0) {
            *ret = i;
            return BG_DONE;
        }
        bg_buf_print(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    bg_str list = bg_buf_str(&all);
    return refuse(at, name, value.value, bg_arena_text(at.arena, "应为其中之一：%.*s", BG_STR_FMT(list)),
                  bg_arena_text(at.arena, "one of these is wanted: %.*s", BG_STR_FMT(list)));
}

bg_err solve_choice_or(struct solve_at at, const char *name, const char *const *names, int fallback, int *ret)
{
    if (!solve_has(at, name)) {
        *ret = fallback;
        return BG_DONE;
    }
    return solve_choice(at, name, names, ret);
}

bg_err solve_date(struct solve_at at, const char *name, bg_date *ret)
{
    bg_str text;
    BG_TRY(solve_text(at, name, 10, &text));
    if (bg_failed(bg_date_parse(text, ret))) {
        return solve_bad(at, name, "应为 2022-01-08 形式的日期", "a date such as 2022-01-08 is wanted");
    }
    return BG_DONE;
}

bg_err solve_object(struct solve_at at, const char *name, struct solve_at *ret)
{
    struct solve_at value;
    BG_TRY(must_have(at, name, &value));
    if (!json_is_object(value.value)) {
        return refuse(value, NULL, value.value, "应为对象", "an object is wanted");
    }
    *ret = value;
    return BG_DONE;
}

bg_err solve_array(struct solve_at at, const char *name, size_t min, size_t max, struct solve_at *ret, size_t *ret_count)
{
    struct solve_at value;
    BG_TRY(must_have(at, name, &value));
    size_t count = json_array_size(value.value);
    if (!json_is_array(value.value) || count < min || count > max) {
        return refuse(value, NULL, value.value, bg_arena_text(at.arena, "应为 %zu 至 %zu 项的数组", min, max),
                      bg_arena_text(at.arena, "an array of %zu to %zu items is wanted", min, max));
    }
    *ret = value;
    *ret_count = count;
    return BG_DONE;
}

bg_err solve_item(struct solve_at array, size_t i, struct solve_at *ret)
{
    const char *path = bg_arena_text(array.arena, "%s[%zu]", array.path, i);
    BG_TRY(bg_need(path));
    *ret = (struct solve_at){ .value = json_array_get(array.value, i), .path = path, .arena = array.arena };
    return bg_need(ret->value);
}

bg_err solve_numbers(struct solve_at at, const char *name, size_t min_count, size_t max_count, double min, double max, double **ret,
                     size_t *ret_count)
{
    struct solve_at array, item;
    size_t count;
    BG_TRY(solve_array(at, name, min_count, max_count, &array, &count));
    double *values = bg_arena_array(at.arena, count + 1, sizeof *values);
    BG_TRY(bg_need(values));
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array.value, i);
        values[i] = json_number_value(value);
        if (!json_is_number(value) || !(values[i] >= min && values[i] <= max)) { /* the path costs memory only on refusal */
            BG_TRY(solve_item(array, i, &item));
            BG_TRY(solve_value_number(item, min, max, &values[i]));
        }
    }
    *ret = values;
    *ret_count = count;
    return BG_DONE;
}

bg_err solve_ints(struct solve_at at, const char *name, size_t min_count, size_t max_count, int64_t min, int64_t max, int64_t **ret,
                  size_t *ret_count)
{
    struct solve_at array, item;
    size_t count;
    BG_TRY(solve_array(at, name, min_count, max_count, &array, &count));
    int64_t *values = bg_arena_array(at.arena, count + 1, sizeof *values);
    BG_TRY(bg_need(values));
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array.value, i);
        values[i] = json_integer_value(value);
        if (!json_is_integer(value) || values[i] < min || values[i] > max) {
            BG_TRY(solve_item(array, i, &item));
            BG_TRY(solve_value_int(item, min, max, &values[i]));
        }
    }
    *ret = values;
    *ret_count = count;
    return BG_DONE;
}
