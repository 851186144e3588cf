/* From JSON and query strings to values, by the schema in the route's row. Every refusal names the field by its path, what was
 * sent, and what would have been right. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/inner.h"
#include "codec/json.h"

#define TEXT_MAX_CHARS 2000
#define ARRAY_MAX_ITEMS 1000
#define JSON_MAX_BYTES (64u << 10)
#define SHOWN_MAX_BYTES 60

/* Where we are: "lines[3].qty" is built only when something is wrong. */
struct spot {
    const struct spot *up;
    const char *name; /* NULL: an item */
    size_t index;
};

static void spot_text(const struct spot *spot, struct bg_buf *out)
{
    if (spot == NULL) {
        return;
    }
    spot_text(spot->up, out);
    if (spot->name == NULL) {
        bg_buf_print(out, "[%zu]", spot->index);
    } else {
        bg_buf_print(out, "%s%s", out->len > 0 ? "." : "", spot->name);
    }
}

static const char *spot_name(const struct spot *spot, struct bg_arena *arena)
{
    BG_SCOPED_BUF out = bg_buf_init(512);
    spot_text(spot, &out);
    return bg_arena_copy(arena, bg_buf_str(&out)).at;
}

static const char *const type_names[] = {
    [API_TEXT] = "text",     [API_INT] = "integer",          [API_ID] = "id as decimal string",
    [API_BOOL] = "boolean",  [API_DATE] = "date YYYY-MM-DD", [API_TIME] = "time RFC 3339",
    [API_REAL] = "number",   [API_ARRAY] = "array",          [API_OBJECT] = "object",
    [API_JSON] = "any JSON",
};

/* What was sent, cut to a showable length, as a JSON member of the facts. */
static void put_sent(struct bg_buf *facts, bg_str sent)
{
    if (sent.len > SHOWN_MAX_BYTES) {
        size_t cut = SHOWN_MAX_BYTES;
        while (cut > 0 && ((unsigned char)sent.at[cut] & 0xC0) == 0x80) {
            cut--;
        }
        sent.len = cut;
    }
    bg_json_put_str(facts, "value", sent);
}

static bg_err refuse(enum bg_code code, const struct spot *spot, struct bg_arena *arena, struct bg_buf *facts)
{
    const char *kept = facts->len > 0 ? bg_arena_copy(arena, bg_buf_str(facts)).at : NULL;
    return BG_FAIL_WITH(code, spot_name(spot, arena), kept);
}

static bg_err refuse_type(const struct api_field *field, enum api_type type, bg_str sent, const struct spot *spot,
                          struct bg_arena *arena)
{
    BG_SCOPED_BUF facts = bg_buf_init(2048);
    put_sent(&facts, sent);
    bg_json_put_str(&facts, "wanted", bg_str_of(type_names[type]));
    (void)field;
    return refuse(BG_API_FIELD_TYPE, spot, arena, &facts);
}

static bg_err refuse_range(int64_t got, int64_t min, int64_t max, const struct spot *spot, struct bg_arena *arena)
{
    BG_SCOPED_BUF facts = bg_buf_init(2048);
    bg_json_put_int(&facts, "value", got);
    bg_json_put_int(&facts, "min", min);
    bg_json_put_int(&facts, "max", max);
    return refuse(BG_API_FIELD_RANGE, spot, arena, &facts);
}

/* min…max of the row, or the type's own when both are 0. */
static void bounds(const struct api_field *field, int64_t usual, int64_t *min, int64_t *max)
{
    bool own = field->min != 0 || field->max != 0;
    *min = own ? field->min : 0;
    *max = own ? field->max : usual;
}

static bg_err check_words(const struct api_field *field, bg_str s, const struct spot *spot, struct bg_arena *arena)
{
    for (size_t i = 0; field->words != NULL && field->words[i] != NULL; i++) {
        if (bg_str_is(s, field->words[i])) {
            return BG_DONE;
        }
    }
    BG_SCOPED_BUF facts = bg_buf_init(4096);
    put_sent(&facts, s);
    bg_json_key(&facts, "allowed");
    bg_json_array(&facts);
    for (size_t i = 0; field->words != NULL && field->words[i] != NULL; i++) {
        bg_json_str(&facts, bg_str_of(field->words[i]));
    }
    bg_json_array_end(&facts);
    return refuse(BG_API_FIELD_WORD, spot, arena, &facts);
}

/* `s` is NUL-terminated and lives in the arena. */
static bg_err read_text(const struct api_field *field, bg_str s, const struct spot *spot, struct bg_arena *arena,
                        struct api_value *value)
{
    int64_t min, max, chars = 0;
    bounds(field, TEXT_MAX_CHARS, &min, &max);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool control = c < 0x20 || c == 0x7F;
        if (control && !(max > 200 && (c == '\n' || c == '\t'))) {
            return refuse_type(field, API_TEXT, s, spot, arena);
        }
        chars += (c & 0xC0) != 0x80;
    }
    if (field->words != NULL) {
        BG_TRY(check_words(field, s, spot, arena));
    } else if (chars < min || chars > max) {
        return refuse_range(chars, min, max, spot, arena);
    }
    value->s = s;
    return BG_DONE;
}

static bg_err read_int(const struct api_field *field, int64_t i, const struct spot *spot, struct bg_arena *arena,
                       struct api_value *value)
{
    int64_t min, max;
    bounds(field, BG_QTY_MAX, &min, &max);
    if (i < min || i > max) {
        return refuse_range(i, min, max, spot, arena);
    }
    value->i = i;
    return BG_DONE;
}

/* The types that are texts in JSON and in a query alike. */
static bg_err read_word(const struct api_field *field, enum api_type type, bg_str s, const struct spot *spot,
                        struct bg_arena *arena, struct api_value *value)
{
    bg_date date;
    bool good = false;
    switch (type) {
    case API_TEXT: return read_text(field, s, spot, arena, value);
    case API_ID: good = bg_str_int(s, &value->i) && value->i > 0 && s.at[0] != '0'; break;
    case API_DATE:
        good = !bg_failed(bg_date_parse(s, &date));
        value->i = good ? date : 0;
        break;
    case API_TIME: good = !bg_failed(bg_time_parse(s, BG_CITY_OFFSET_MIN, &value->i)); break;
    case API_INT:
    case API_BOOL:
    case API_REAL:
    case API_ARRAY:
    case API_OBJECT:
    case API_JSON: break;
    }
    return good ? BG_DONE : refuse_type(field, type, s, spot, arena);
}

static bg_err read_object(const json_t *json, const struct api_field *fields, const struct spot *spot, struct bg_arena *arena,
                          struct api_value **ret);
static bg_err read_value(const json_t *json, const struct api_field *field, enum api_type type, const struct spot *spot,
                         struct bg_arena *arena, struct api_value *value);

static bg_err read_array(const json_t *json, const struct api_field *field, const struct spot *spot, struct bg_arena *arena,
                         struct api_value *value)
{
    int64_t min, max;
    bounds(field, ARRAY_MAX_ITEMS, &min, &max);
    size_t count = json_array_size(json);
    if ((int64_t)count < min || (int64_t)count > max) {
        return refuse_range((int64_t)count, min, max, spot, arena);
    }
    value->count = count;
    BG_TRY(bg_need(value->at = bg_arena_array(arena, count, sizeof *value->at)));
    for (size_t i = 0; i < count; i++) {
        const struct spot here = { .up = spot, .index = i };
        BG_TRY(read_value(json_array_get(json, i), field, field->of, &here, arena, &value->at[i]));
    }
    return BG_DONE;
}

/* What was sent, as text to show. */
static bg_str sent_text(const json_t *json, struct bg_arena *arena)
{
    if (json_is_string(json)) {
        return (bg_str){ json_string_value(json), json_string_length(json) };
    }
    BG_SCOPED_BUF out = bg_buf_init(JSON_MAX_BYTES);
    if (bg_failed(json_canonical(json, &out))) {
        return BG_STR("…");
    }
    return bg_arena_copy(arena, bg_buf_str(&out));
}

static bg_err read_json(const json_t *json, const struct spot *spot, struct bg_arena *arena, struct api_value *value)
{
    BG_SCOPED_BUF out = bg_buf_init(JSON_MAX_BYTES);
    if (bg_failed(json_canonical(json, &out))) {
        return refuse_range((int64_t)out.len, 0, JSON_MAX_BYTES, spot, arena);
    }
    value->s = bg_arena_copy(arena, bg_buf_str(&out));
    return bg_need(value->s.at);
}

static bg_err read_value(const json_t *json, const struct api_field *field, enum api_type type, const struct spot *spot,
                         struct bg_arena *arena, struct api_value *value)
{
    value->given = true;
    switch (type) {
    case API_TEXT:
    case API_ID:
    case API_DATE:
    case API_TIME:
        if (json_is_string(json)) {
            /* Jansson's string ends in NUL and lives in the arena as its tree does. */
            return read_word(field, type, (bg_str){ json_string_value(json), json_string_length(json) }, spot, arena, value);
        }
        break;
    case API_INT:
        if (json_is_integer(json)) {
            return read_int(field, json_integer_value(json), spot, arena, value);
        }
        break;
    case API_BOOL:
        if (json_is_boolean(json)) {
            value->i = json_is_true(json) ? 1 : 0;
            return BG_DONE;
        }
        break;
    case API_REAL:
        if (json_is_number(json)) {
            value->real = json_number_value(json);
            return BG_DONE;
        }
        break;
    case API_ARRAY:
        if (json_is_array(json)) {
            return read_array(json, field, spot, arena, value);
        }
        break;
    case API_OBJECT:
        if (json_is_object(json)) {
            return read_object(json, field->fields, spot, arena, &value->at);
        }
        break;
    case API_JSON: return read_json(json, spot, arena, value);
    }
    return refuse_type(field, type, sent_text(json, arena), spot, arena);
}

size_t input_count(const struct api_field *fields)
{
    size_t count = 0;
    while (fields != NULL && fields[count].name != NULL) {
        count++;
    }
    return count;
}

/* The first key of the object that the schema does not know. */
static bg_err refuse_unknown(const json_t *json, const struct api_field *fields, const struct spot *spot, struct bg_arena *arena)
{
    union {
        const json_t *in;
        json_t *out;
    } object = { .in = json };
    const char *key;
    json_t *value;
    json_object_foreach(object.out, key, value)
    {
        size_t i = 0;
        while (fields != NULL && fields[i].name != NULL && strcmp(fields[i].name, key) != 0) {
            i++;
        }
        if (fields == NULL || fields[i].name == NULL) {
            const struct spot here = { .up = spot, .name = bg_arena_text(arena, "%.60s", key) };
            BG_SCOPED_BUF facts = bg_buf_init(4096);
            bg_json_key(&facts, "known");
            bg_json_array(&facts);
            for (size_t k = 0; fields != NULL && fields[k].name != NULL; k++) {
                bg_json_str(&facts, bg_str_of(fields[k].name));
            }
            bg_json_array_end(&facts);
            return refuse(BG_API_FIELD_UNKNOWN, &here, arena, &facts);
        }
    }
    return BG_DONE;
}

static bg_err read_object(const json_t *json, const struct api_field *fields, const struct spot *spot, struct bg_arena *arena,
                          struct api_value **ret)
{
    size_t count = input_count(fields), known = 0;
    struct api_value *values = bg_arena_array(arena, count, sizeof *values);
    BG_TRY(bg_need(values));
    for (size_t i = 0; i < count; i++) {
        const struct spot here = { .up = spot, .name = fields[i].name };
        const json_t *item = json_object_get(json, fields[i].name);
        known += item != NULL;
        if (item == NULL || json_is_null(item)) {
            bool cleared = item != NULL && fields[i].null;
            values[i].given = cleared;
            values[i].is_null = cleared;
            if (fields[i].required && !cleared) {
                return refuse(BG_API_FIELD_MISSING, &here, arena, &(struct bg_buf){ 0 });
            }
            continue;
        }
        BG_TRY(read_value(item, &fields[i], fields[i].type, &here, arena, &values[i]));
    }
    *ret = values;
    return known == json_object_size(json) ? BG_DONE : refuse_unknown(json, fields, spot, arena);
}

bg_err input_body(bg_str body, const struct api_field *fields, struct bg_arena *arena, const struct api_value **ret)
{
    json_t *json = NULL;
    if (body.len == 0) {
        BG_TRY(json_read(BG_STR("{}"), arena, &json));
    } else {
        BG_TRY(json_read(body, arena, &json));
    }
    if (!json_is_object(json)) {
        return BG_FAIL_WITH(BG_JSON_SYNTAX, NULL, "\"reason\":\"the body must be an object\"");
    }
    struct api_value *values = NULL;
    BG_TRY(read_object(json, fields, NULL, arena, &values));
    *ret = values;
    return BG_DONE;
}

/* A query value: everything is text there. */
static bg_err read_query_value(const struct api_field *field, bg_str s, struct bg_arena *arena, struct api_value *value)
{
    const struct spot spot = { .name = field->name };
    value->given = true;
    if (field->type == API_INT) {
        int64_t i;
        return bg_str_int(s, &i) ? read_int(field, i, &spot, arena, value) : refuse_type(field, API_INT, s, &spot, arena);
    }
    if (field->type == API_BOOL) {
        value->i = bg_str_is(s, "true") || bg_str_is(s, "1");
        bool good = value->i || bg_str_is(s, "false") || bg_str_is(s, "0");
        return good ? BG_DONE : refuse_type(field, API_BOOL, s, &spot, arena);
    }
    if (field->type == API_TEXT) {
        s = bg_arena_copy(arena, s); /* texts end in NUL */
        BG_TRY(bg_need(s.at));
    }
    return read_word(field, field->type, s, &spot, arena, value);
}

/* Most names and values are plain letters and digits, which are taken as they stand. */
static bool decode(bg_str raw, struct bg_arena *arena, bg_str *ret)
{
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.at[i];
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
        if (!plain) {
            return http_decode(raw, true, arena, ret);
        }
    }
    *ret = raw;
    return true;
}

bg_err input_query(bg_str query, const struct api_field *fields, struct bg_arena *arena, const struct api_value **ret)
{
    size_t count = input_count(fields);
    struct api_value *values = bg_arena_array(arena, count, sizeof *values);
    BG_TRY(bg_need(values));
    bg_str raw_name, raw_value, name, text;
    while (http_query_next(&query, &raw_name, &raw_value)) {
        if (!decode(raw_name, arena, &name) || !decode(raw_value, arena, &text)) {
            return BG_FAIL_AT(BG_BAD_UTF8, "query");
        }
        size_t i = 0;
        while (i < count && !bg_str_is(name, fields[i].name)) {
            i++;
        }
        if (i == count || values[i].given) {
            const struct spot here = { .name = bg_arena_text(arena, "%.*s", (int)(name.len < 60 ? name.len : 60), name.at) };
            BG_TRY(bg_need(here.name));
            return i == count ? refuse(BG_API_FIELD_UNKNOWN, &here, arena, &(struct bg_buf){ 0 })
                              : refuse_type(&fields[i], fields[i].type, BG_STR("given twice"), &here, arena);
        }
        if (text.len > 0) { /* "?district=" is the same as leaving it out */
            BG_TRY(read_query_value(&fields[i], text, arena, &values[i]));
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].required && !values[i].given) {
            const struct spot here = { .name = fields[i].name };
            return refuse(BG_API_FIELD_MISSING, &here, arena, &(struct bg_buf){ 0 });
        }
    }
    *ret = values;
    return BG_DONE;
}

static void canonical_value(const struct api_field *field, enum api_type type, const struct api_value *value, struct bg_buf *out)
{
    bg_buf_byte(out, (char)('A' + (char)type));
    switch (type) {
    case API_TEXT:
    case API_JSON:
        bg_buf_int(out, (int64_t)value->s.len);
        bg_buf_byte(out, ':');
        bg_buf_add(out, value->s);
        break;
    case API_INT:
    case API_ID:
    case API_BOOL:
    case API_DATE:
    case API_TIME:
        bg_buf_int(out, value->i);
        bg_buf_byte(out, ';');
        break;
    case API_REAL: bg_buf_print(out, "%a;", value->real); break;
    case API_ARRAY:
        bg_buf_int(out, (int64_t)value->count);
        bg_buf_byte(out, ':');
        for (size_t i = 0; i < value->count; i++) {
            canonical_value(field, field->of, &value->at[i], out);
        }
        break;
    case API_OBJECT: input_canonical(field->fields, value->at, out); break;
    }
}

void input_canonical(const struct api_field *fields, const struct api_value *values, struct bg_buf *out)
{
    for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
        if (!values[i].given) {
            continue;
        }
        bg_buf_add(out, bg_str_of(fields[i].name));
        bg_buf_byte(out, values[i].is_null ? '~' : '=');
        if (!values[i].is_null) {
            canonical_value(&fields[i], fields[i].type, &values[i], out);
        }
    }
    bg_buf_byte(out, '.');
}

const struct api_value *api_get(const struct api_object *object, const char *name)
{
    for (size_t i = 0; object->fields != NULL && object->fields[i].name != NULL; i++) {
        if (object->fields[i].name == name || strcmp(object->fields[i].name, name) == 0) {
            return &object->values[i];
        }
    }
    assert(false && "the schema of this route has no such field");
    return NULL;
}

struct api_object api_inside(const struct api_object *object, const char *name, size_t i)
{
    for (size_t k = 0; object->fields != NULL && object->fields[k].name != NULL; k++) {
        if (strcmp(object->fields[k].name, name) == 0) {
            const struct api_field *field = &object->fields[k];
            const struct api_value *value = &object->values[k];
            if (field->type == API_ARRAY) {
                assert(i < value->count);
                value = &value->at[i];
            }
            return (struct api_object){ field->fields, value->at };
        }
    }
    assert(false && "the schema of this route has no such field");
    return (struct api_object){ 0 };
}
