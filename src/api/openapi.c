/* OpenAPI 3.1 from the table of routes. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/schema.h"

#define QUERY_MAX 32

const char *route_right(const struct api_route *route)
{
    return route->right == API_PUBLIC ? "public" : route->right == API_SIGNED_IN ? "signed-in" : auth_right_infos[route->right].slug;
}

static const struct api_field page_fields[] = {
    API_F("cursor", API_TEXT, .max = 400, .zh = "上一页返回的游标", .en = "the cursor that the page before gave"),
    API_F("limit", API_INT, .min = 1, .max = 500, .zh = "最多行数，默认 50", .en = "most rows wanted; 50 when not given"),
};

size_t route_query(const struct api_route *route, struct api_field *out, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; route->query != NULL && route->query[i].name != NULL && count + 1 < room; i++) {
        out[count++] = route->query[i];
    }
    for (size_t i = 0; (route->flags & API_LIST) != 0 && i < 2 && count + 1 < room; i++) {
        out[count++] = page_fields[i];
    }
    out[count] = (struct api_field)API_F_END;
    return count;
}

bool route_body_wanted(const struct api_route *route)
{
    return strcmp(route->method, "GET") != 0 && (route->body != NULL || (route->flags & API_UPLOAD) != 0);
}

static void put_object(struct bg_buf *out, const struct api_field *fields, bool reply);

static void put_limits(struct bg_buf *out, const struct api_field *field, enum api_type type)
{
    static const struct {
        const char *least, *most;
        int64_t usual;
    } names[] = {
        [API_TEXT] = { "minLength", "maxLength", 2000 },
        [API_INT] = { "minimum", "maximum", BG_QTY_MAX },
        [API_ARRAY] = { "minItems", "maxItems", 1000 },
        [API_JSON] = { NULL, NULL, 0 },
    };
    if (names[type].least == NULL || (type == API_TEXT && field->words != NULL)) {
        return;
    }
    bool own = field->min != 0 || field->max != 0;
    if (own && field->min != 0) {
        bg_json_put_int(out, names[type].least, field->min);
    }
    bg_json_put_int(out, names[type].most, own ? field->max : names[type].usual);
}

static void put_type(struct bg_buf *out, const char *type, bool null)
{
    bg_json_key(out, "type");
    if (null) {
        bg_json_array(out);
        bg_json_str(out, bg_str_of(type));
        bg_json_str(out, BG_STR("null"));
        bg_json_array_end(out);
    } else {
        bg_json_str(out, bg_str_of(type));
    }
}

static void put_words(struct bg_buf *out, const struct api_field *field)
{
    bg_json_key(out, "enum");
    bg_json_array(out);
    for (size_t i = 0; field->words[i] != NULL; i++) {
        bg_json_str(out, bg_str_of(field->words[i]));
    }
    if (field->null) {
        bg_json_null(out);
    }
    bg_json_array_end(out);
}

/* The schema of a value as one JSON object. */
static void put_schema(struct bg_buf *out, const struct api_field *field, enum api_type type, bool reply)
{
    static const char *const types[] = {
        [API_TEXT] = "string", [API_INT] = "integer", [API_ID] = "string",   [API_BOOL] = "boolean",  [API_DATE] = "string",
        [API_TIME] = "string", [API_REAL] = "number", [API_ARRAY] = "array", [API_OBJECT] = "object", [API_JSON] = NULL,
    };
    bool whole = type == field->type; /* not an array's item */
    bg_json_object(out);
    if (types[type] != NULL) {
        put_type(out, types[type], field->null && whole);
    }
    if (type == API_ID) {
        bg_json_put_str(out, "pattern", BG_STR("^[1-9][0-9]{0,18}$"));
    } else if (type == API_DATE) {
        bg_json_put_str(out, "format", BG_STR("date"));
    } else if (type == API_TIME) {
        bg_json_put_str(out, "format", BG_STR("date-time"));
    } else if (type == API_INT) {
        bg_json_put_str(out, "format", BG_STR("int64"));
    } else if (type == API_TEXT && field->words != NULL) {
        put_words(out, field);
    }
    if (!reply && whole) {
        put_limits(out, field, type);
    }
    if (type == API_ARRAY) {
        bg_json_key(out, "items");
        put_schema(out, field, field->of, reply);
    } else if (type == API_OBJECT) {
        put_object(out, field->fields, reply);
    }
    if (whole && field->en != NULL) {
        bg_json_put_str(out, "description", bg_str_of(field->en));
        bg_json_put_str(out, "x-description-zh", bg_str_of(field->zh != NULL ? field->zh : ""));
    }
    bg_json_object_end(out);
}

/* properties, required, additionalProperties: members of a schema object that is already open. */
static void put_object(struct bg_buf *out, const struct api_field *fields, bool reply)
{
    bg_json_key(out, "properties");
    bg_json_object(out);
    bool any = false;
    for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
        bg_json_key(out, fields[i].name);
        put_schema(out, &fields[i], fields[i].type, reply);
        any = any || reply || fields[i].required;
    }
    bg_json_object_end(out);
    if (any) {
        bg_json_key(out, "required");
        bg_json_array(out);
        for (size_t i = 0; fields[i].name != NULL; i++) {
            if (reply || fields[i].required) {
                bg_json_str(out, bg_str_of(fields[i].name));
            }
        }
        bg_json_array_end(out);
    }
    if (!reply) {
        bg_json_put_bool(out, "additionalProperties", false);
    }
}

static void put_parameter(struct bg_buf *out, const struct api_field *field, const char *in)
{
    bg_json_object(out);
    bg_json_put_str(out, "name", bg_str_of(field->name));
    bg_json_put_str(out, "in", bg_str_of(in));
    if (field->required) {
        bg_json_put_bool(out, "required", true);
    }
    bg_json_key(out, "schema");
    put_schema(out, field, field->type, false);
    bg_json_object_end(out);
}

static void put_parameters(struct bg_buf *out, const struct api_route *route)
{
    char names[API_PARAM_MAX][32];
    struct api_field query[QUERY_MAX];
    int count = route_params(route, names);
    size_t query_count = route_query(route, query, QUERY_MAX);
    bg_json_key(out, "parameters");
    bg_json_array(out);
    for (int i = 0; i < count; i++) {
        bg_str name = bg_str_of(names[i]);
        bool id = bg_str_is(name, "id") || bg_str_ends(name, BG_STR("_id"));
        put_parameter(out, &(struct api_field)API_F(names[i], id ? API_ID : API_TEXT, .required = true, .max = id ? 0 : 200), "path");
    }
    for (size_t i = 0; i < query_count; i++) {
        put_parameter(out, &query[i], "query");
    }
    if (route_writes(route) && (route->flags & API_NO_KEY) == 0) {
        bg_json_object(out);
        bg_json_put_str(out, "$ref", BG_STR("#/components/parameters/IdempotencyKey"));
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

static void put_body(struct bg_buf *out, const struct api_route *route)
{
    bg_json_key(out, "requestBody");
    bg_json_object(out);
    bg_json_put_bool(out, "required", true);
    bg_json_key(out, "content");
    bg_json_object(out);
    bg_json_key(out, (route->flags & API_UPLOAD) != 0 ? "*/*" : "application/json");
    bg_json_object(out);
    bg_json_key(out, "schema");
    bg_json_object(out);
    if ((route->flags & API_UPLOAD) == 0) {
        put_type(out, "object", false);
        put_object(out, route->body, false);
    }
    bg_json_object_end(out);
    bg_json_object_end(out);
    bg_json_object_end(out);
    bg_json_object_end(out);
}

static void put_list_schema(struct bg_buf *out, const struct api_route *route)
{
    static const struct api_field next = API_F("next", API_TEXT, .null = true, .en = "cursor of the next page", .zh = "下一页的游标");
    static const struct api_field at = API_F("at", API_TIME, .en = "data time", .zh = "数据时间");
    put_type(out, "object", false);
    bg_json_key(out, "properties");
    bg_json_object(out);
    bg_json_key(out, "rows");
    bg_json_object(out);
    put_type(out, "array", false);
    bg_json_key(out, "items");
    bg_json_object(out);
    put_type(out, "object", false);
    put_object(out, route->reply, true);
    bg_json_object_end(out);
    bg_json_object_end(out);
    bg_json_key(out, "next");
    put_schema(out, &next, API_TEXT, true);
    bg_json_key(out, "at");
    put_schema(out, &at, API_TIME, true);
    bg_json_object_end(out);
    bg_json_key(out, "required");
    bg_json_raw(out, BG_STR("[\"rows\",\"next\",\"at\"]"));
}

static void put_responses(struct bg_buf *out, const struct api_route *route)
{
    char status[8];
    (void)snprintf(status, sizeof status, "%d", route_status(route));
    bg_json_key(out, "responses");
    bg_json_object(out);
    bg_json_key(out, status);
    bg_json_object(out);
    bg_json_put_str(out, "description", bg_str_of(route->en));
    if (route->media != NULL || route->reply != NULL) {
        bg_json_key(out, "content");
        bg_json_object(out);
        bg_json_key(out, route->media != NULL ? route->media : "application/json");
        bg_json_object(out);
        bg_json_key(out, "schema");
        bg_json_object(out);
        if (route->media != NULL) {
            put_type(out, "string", false);
        } else if (route->flags & API_LIST) {
            put_list_schema(out, route);
        } else {
            put_type(out, "object", false);
            put_object(out, route->reply, true);
        }
        bg_json_object_end(out);
        bg_json_object_end(out);
        bg_json_object_end(out);
    }
    bg_json_object_end(out);
    bg_json_key(out, "default");
    bg_json_raw(out, BG_STR("{\"$ref\":\"#/components/responses/Problem\"}"));
    bg_json_object_end(out);
}

/* "GET /api/v1/items/{id}" becomes "getItemsById". */
static void put_operation_id(struct bg_buf *out, const struct api_route *route)
{
    char text[200];
    size_t len = 0;
    for (const char *c = route->method; *c != '\0' && len < 20; c++) {
        text[len++] = (char)tolower((unsigned char)*c);
    }
    bool up = true;
    for (const char *c = route->path + strlen("/api/v1"); *c != '\0' && len + 4 < sizeof text; c++) {
        if (*c == '{') {
            memcpy(text + len, "By", 2);
            len += 2;
            up = true;
        } else if (isalnum((unsigned char)*c)) {
            text[len++] = up ? (char)toupper((unsigned char)*c) : *c;
            up = false;
        } else {
            up = true;
        }
    }
    bg_json_put_str(out, "operationId", (bg_str){ text, len });
}

static void put_operation(struct bg_buf *out, const struct api_route *route)
{
    char method[8];
    size_t i = 0;
    for (; route->method[i] != '\0' && i + 1 < sizeof method; i++) {
        method[i] = (char)tolower((unsigned char)route->method[i]);
    }
    method[i] = '\0';
    bg_json_key(out, method);
    bg_json_object(out);
    put_operation_id(out, route);
    bg_json_put_str(out, "summary", bg_str_of(route->en));
    bg_json_put_str(out, "x-summary-zh", bg_str_of(route->zh));
    bg_json_key(out, "tags");
    bg_json_array(out);
    bg_json_str(out, bg_str_of(route->module));
    bg_json_array_end(out);
    bg_json_put_str(out, "x-right", bg_str_of(route_right(route)));
    if (route->right == API_PUBLIC) {
        bg_json_key(out, "security");
        bg_json_raw(out, BG_STR("[]"));
    }
    put_parameters(out, route);
    if (route_body_wanted(route)) {
        put_body(out, route);
    }
    put_responses(out, route);
    bg_json_object_end(out);
}

/* Every row of the same path together, under the first of them. */
static void put_path(struct bg_buf *out, const struct api_route *first)
{
    for (size_t i = 0; api_route_arrays[i] != NULL; i++) {
        for (const struct api_route *route = api_route_arrays[i]; route->method != NULL; route++) {
            if (strcmp(route->path, first->path) == 0) {
                put_operation(out, route);
            }
        }
    }
}

static bool is_first(const struct api_route *asked)
{
    for (size_t i = 0; api_route_arrays[i] != NULL; i++) {
        for (const struct api_route *route = api_route_arrays[i]; route->method != NULL; route++) {
            if (strcmp(route->path, asked->path) == 0) {
                return route == asked;
            }
        }
    }
    return false;
}

static void visit_path(void *ctx, const struct api_route *route)
{
    struct bg_buf *out = ctx;
    if (is_first(route)) {
        bg_json_key(out, route->path);
        bg_json_object(out);
        put_path(out, route);
        bg_json_object_end(out);
    }
}

static void put_components(struct bg_buf *out)
{
    static const struct api_field problem[] = {
        API_F("type", API_TEXT, .en = "urn:baogong:problem:CODE", .zh = "问题类型"),
        API_F("title", API_TEXT, .en = "in Chinese", .zh = "中文标题"),
        API_F("title_en", API_TEXT, .en = "in English", .zh = "英文标题"),
        API_F("status", API_INT, .en = "HTTP status", .zh = "HTTP 状态"),
        API_F("code", API_TEXT, .en = "stable, dotted", .zh = "稳定的代码"),
        API_F("detail", API_TEXT, .en = "in Chinese", .zh = "中文说明"),
        API_F("detail_en", API_TEXT, .en = "in English", .zh = "英文说明"),
        API_F("remedy", API_TEXT, .en = "what to do, in Chinese", .zh = "处理办法（中文）"),
        API_F("remedy_en", API_TEXT, .en = "what to do", .zh = "处理办法（英文）"),
        API_F("id", API_TEXT, .en = "of the request, for the administrator", .zh = "请求编号"),
        API_F_END,
    };
    bg_json_key(out, "components");
    bg_json_object(out);
    bg_json_key(out, "schemas");
    bg_json_object(out);
    bg_json_key(out, "Problem");
    bg_json_object(out);
    put_type(out, "object", false);
    put_object(out, problem, true);
    bg_json_object_end(out);
    bg_json_object_end(out);
    bg_json_key(out, "responses");
    bg_json_raw(
        out, BG_STR("{\"Problem\":{\"description\":\"RFC 9457 problem document; it may also hold `field` (the input at fault) and `facts` "
                    "(what proves the refusal)\",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":"
                    "\"#/components/schemas/Problem\"}}}}}"));
    bg_json_key(out, "parameters");
    bg_json_raw(
        out, BG_STR("{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":true,\"schema\":{\"type\":\"string\","
                    "\"format\":\"uuid\"},\"description\":\"made by the client and stored there before sending; the same key gives the "
                    "same answer, and nothing is done twice\"}}"));
    bg_json_key(out, "securitySchemes");
    bg_json_raw(
        out, BG_STR("{\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-sid\"},\"bearer\":{\"type\":\"http\",\"scheme\":"
                    "\"bearer\",\"description\":\"an API key or a device's token\"}}"));
    bg_json_object_end(out);
}

void api_openapi(struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_str(out, "openapi", BG_STR("3.1.0"));
    bg_json_key(out, "info");
    bg_json_object(out);
    bg_json_put_str(out, "title", BG_STR("baogong 保供"));
    bg_json_put_str(out, "version", bg_str_of(api_version()));
    bg_json_put_str(out, "summary", BG_STR("keeps a city's emergency supplies running through an outbreak"));
    bg_json_key(out, "license");
    bg_json_raw(out, BG_STR("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
    bg_json_object_end(out);
    bg_json_key(out, "security");
    bg_json_raw(out, BG_STR("[{\"cookie\":[]},{\"bearer\":[]}]"));
    bg_json_key(out, "paths");
    bg_json_object(out);
    router_each(api_route_arrays, visit_path, out);
    bg_json_object_end(out);
    put_components(out);
    bg_json_object_end(out);
}
