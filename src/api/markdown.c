/* docs/api.md from the table of routes. */
#include <stdio.h>
#include <string.h>

#include "api/schema.h"

#define QUERY_MAX 32

static const char *const type_words[] = {
    [API_TEXT] = "text", [API_INT] = "integer", [API_ID] = "id",       [API_BOOL] = "boolean",  [API_DATE] = "date",
    [API_TIME] = "time", [API_REAL] = "number", [API_ARRAY] = "array", [API_OBJECT] = "object", [API_JSON] = "any JSON",
};

static void put_bounds(struct bg_buf *out, const struct api_field *field)
{
    if (field->min != 0 || field->max != 0) {
        bg_buf_print(out, ", %lld…%lld", (long long)field->min, (long long)field->max);
    }
    for (size_t i = 0; field->words != NULL && field->words[i] != NULL; i++) {
        bg_buf_print(out, "%s`%s`", i > 0 ? " " : ": ", field->words[i]);
    }
}

static void put_rows(struct bg_buf *out, const struct api_field *fields, const char *prefix, bool reply)
{
    for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
        const struct api_field *field = &fields[i];
        bg_buf_print(out, "| `%s%s` | %s%s%s", prefix, field->name, type_words[field->type], field->type == API_ARRAY ? " of " : "",
                     field->type == API_ARRAY ? type_words[field->of] : "");
        if (!reply) {
            put_bounds(out, field);
        }
        bg_buf_print(out, "%s | %s | %s / %s |\n", field->null ? ", or null" : "", !reply && field->required ? "yes" : "",
                     field->zh != NULL ? field->zh : "", field->en != NULL ? field->en : "");
        if (field->fields != NULL) {
            char inner[120];
            (void)snprintf(inner, sizeof inner, "%s%s%s.", prefix, field->name, field->type == API_ARRAY ? "[]" : "");
            put_rows(out, field->fields, inner, reply);
        }
    }
}

static void put_table(struct bg_buf *out, const char *title, const struct api_field *fields, bool reply)
{
    if (fields == NULL || fields[0].name == NULL) {
        return;
    }
    bg_buf_print(out, "%s\n\n| name | type | required | |\n| --- | --- | --- | --- |\n", title);
    put_rows(out, fields, "", reply);
    bg_buf_byte(out, '\n');
}

static void put_route(struct bg_buf *out, const struct api_route *route)
{
    struct api_field query[QUERY_MAX];
    (void)route_query(route, query, QUERY_MAX);
    bg_buf_print(out, "### %s %s\n\n%s / %s. Right `%s`", route->method, route->path, route->zh, route->en, route_right(route));
    if (route_writes(route) && (route->flags & API_NO_KEY) == 0) {
        bg_buf_add(out, BG_STR(", `Idempotency-Key`"));
    }
    if (route->flags & API_SCOPED) {
        bg_buf_add(out, BG_STR(", rows within the caller's scope"));
    }
    if (route->flags & API_UPLOAD) {
        bg_buf_add(out, BG_STR(", the body is the file, at most 32 MiB"));
    }
    bg_buf_print(out, ". Answers %d%s%s%s.\n\n", route_status(route), route->media != NULL ? " `" : "",
                 route->media != NULL ? route->media : "", route->media != NULL ? "`" : "");
    put_table(out, "Query:", query, false);
    put_table(out, "Body:", route->body, false);
    put_table(out, (route->flags & API_LIST) != 0 ? "Each row:" : "Reply:", route->reply, true);
}

static bool module_first(size_t array, const struct api_route *asked)
{
    for (size_t i = 0; api_route_arrays[i] != NULL; i++) {
        for (const struct api_route *route = api_route_arrays[i]; route->method != NULL; route++) {
            if (strcmp(route->module, asked->module) == 0) {
                return route == asked && i == array;
            }
        }
    }
    return false;
}

/* The rows of one module, as a summary table or in full. */
static void put_module(struct bg_buf *out, const char *module, bool full)
{
    for (size_t i = 0; api_route_arrays[i] != NULL; i++) {
        for (const struct api_route *route = api_route_arrays[i]; route->method != NULL; route++) {
            if (strcmp(route->module, module) != 0) {
                continue;
            }
            if (full) {
                put_route(out, route);
            } else {
                bg_buf_print(out, "| %s | `%s` | `%s` | %s / %s |\n", route->method, route->path, route_right(route), route->zh, route->en);
            }
        }
    }
}

void api_markdown(struct bg_buf *out)
{
    bg_buf_add(
        out,
        BG_STR("# The HTTP API\n\nMade by `baogong openapi --markdown` from the table of routes. Everything is under `/api/v1`; ids are "
               "decimal "
               "strings, quantities integers in base\nunits, moments RFC 3339 in UTC. Errors are RFC 9457 problem documents with a "
               "stable `code` and Chinese and English words. Lists answer\n`{\"rows\":[…],\"next\":cursor or null,\"at\":data time}` and "
               "take `cursor` and `limit`.\n\n| | route | right | |\n| --- | --- | --- | --- |\n"));
    for (int full = 0; full < 2; full++) {
        for (size_t i = 0; api_route_arrays[i] != NULL; i++) {
            for (const struct api_route *route = api_route_arrays[i]; route->method != NULL; route++) {
                if (module_first(i, route)) {
                    if (full) {
                        bg_buf_print(out, "\n## %s\n\n", route->module);
                    }
                    put_module(out, route->module, full);
                }
            }
        }
    }
}
