/* TypeScript types from the table of routes: one interface whose keys are "METHOD /path", for a client that checks itself. */
#include <stdio.h>
#include <string.h>

#include "api/schema.h"

#define QUERY_MAX 32

static void put_type(struct bg_buf *out, const struct api_field *field, enum api_type type, bool reply, int depth);

static void put_fields(struct bg_buf *out, const struct api_field *fields, bool reply, int depth)
{
    bg_buf_add(out, BG_STR("{"));
    for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
        bool always = reply || fields[i].required;
        bg_buf_print(out, "%s%s%s: ", i > 0 ? "; " : " ", fields[i].name, always ? "" : "?");
        put_type(out, &fields[i], fields[i].type, reply, depth);
        bg_buf_add(out, fields[i].null ? BG_STR(" | null") : BG_STR(""));
    }
    bg_buf_add(out, BG_STR(" }"));
}

static void put_type(struct bg_buf *out, const struct api_field *field, enum api_type type, bool reply, int depth)
{
    static const char *const names[] = {
        [API_TEXT] = "string",   [API_INT] = "number",    [API_ID] = "Id",       [API_BOOL] = "boolean",
        [API_DATE] = "DateText", [API_TIME] = "TimeText", [API_REAL] = "number", [API_JSON] = "unknown",
    };
    if (type == API_ARRAY) {
        bg_buf_add(out, BG_STR("Array<"));
        put_type(out, field, field->of, reply, depth);
        bg_buf_add(out, BG_STR(">"));
    } else if (type == API_OBJECT) {
        put_fields(out, field->fields, reply, depth + 1);
    } else if (type == API_TEXT && field->words != NULL) {
        for (size_t i = 0; field->words[i] != NULL; i++) {
            bg_buf_print(out, "%s'%s'", i > 0 ? " | " : "", field->words[i]);
        }
    } else {
        bg_buf_add(out, bg_str_of(names[type]));
    }
}

static void put_route(void *ctx, const struct api_route *route)
{
    struct bg_buf *out = ctx;
    struct api_field query[QUERY_MAX];
    size_t count = route_query(route, query, QUERY_MAX);
    bg_buf_print(out, "    /** %s / %s */\n    '%s %s': {\n", route->zh, route->en, route->method, route->path + strlen("/api/v1"));
    bg_buf_add(out, BG_STR("        query: "));
    if (count > 0) {
        put_fields(out, query, false, 0);
    } else {
        bg_buf_add(out, BG_STR("undefined"));
    }
    bg_buf_add(out, BG_STR(";\n        body: "));
    if (!route_body_wanted(route)) {
        bg_buf_add(out, BG_STR("undefined"));
    } else if (route->flags & API_UPLOAD) {
        bg_buf_add(out, BG_STR("Blob"));
    } else {
        put_fields(out, route->body, false, 0);
    }
    bg_buf_add(out, BG_STR(";\n        reply: "));
    if (route->reply == NULL) {
        bg_buf_add(out, route->media != NULL ? BG_STR("string") : BG_STR("unknown"));
    } else if (route->flags & API_LIST) {
        bg_buf_add(out, BG_STR("Page<"));
        put_fields(out, route->reply, true, 0);
        bg_buf_add(out, BG_STR(">"));
    } else {
        put_fields(out, route->reply, true, 0);
    }
    bg_buf_add(out, BG_STR(";\n    };\n"));
}

void api_typescript(struct bg_buf *out)
{
    bg_buf_add(out, BG_STR("// Made by `baogong openapi --typescript` from the table of routes; `make types` makes it again.\n"
                           "export type Id = string; // 64-bit, decimal\n"
                           "export type DateText = string; // 2022-01-08\n"
                           "export type TimeText = string; // 2022-01-08T01:30:00.000Z\n"
                           "export interface Page<Row> { rows: Row[]; next: string | null; at: TimeText }\n\n"
                           "export interface Routes {\n"));
    router_each(api_route_arrays, put_route, out);
    bg_buf_add(out, BG_STR("}\n"));
}
