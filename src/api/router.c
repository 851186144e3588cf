/* The router: a tree of path segments built once from the table. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api/inner.h"

#define METHODS 5

static const char *const method_names[METHODS] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

struct node {
    bg_str segment; /* literal; empty for a parameter */
    struct node *child; /* first literal child */
    struct node *sibling;
    struct node *param; /* the child that takes any segment */
    const struct api_route *by_method[METHODS];
};

struct router {
    struct bg_arena *arena;
    struct node *root;
};

static int method_index(bg_str method)
{
    for (int i = 0; i < METHODS; i++) {
        if (bg_str_is(method, method_names[i])) {
            return i;
        }
    }
    return -1;
}

/* Cuts the next segment off a path that starts with '/'; false at the end. */
static bool next_segment(bg_str *path, bg_str *ret)
{
    if (path->len == 0 || path->at[0] != '/') {
        return false;
    }
    bg_str rest = bg_str_cut(*path, 1, path->len);
    size_t end = bg_str_find(rest, '/');
    *ret = bg_str_cut(rest, 0, end);
    *path = bg_str_cut(rest, end, rest.len);
    return true;
}

static struct node *child_get(struct router *router, struct node *node, bg_str segment)
{
    bool is_param = segment.len > 2 && segment.at[0] == '{';
    if (is_param && node->param != NULL) {
        return node->param;
    }
    for (struct node *child = is_param ? NULL : node->child; child != NULL; child = child->sibling) {
        if (bg_str_eq(child->segment, segment)) {
            return child;
        }
    }
    struct node *made = bg_arena_get(router->arena, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    if (is_param) {
        node->param = made;
    } else {
        made->segment = segment;
        made->sibling = node->child;
        node->child = made;
    }
    return made;
}

static bg_err route_add(struct router *router, const struct api_route *route)
{
    struct node *node = router->root;
    bg_str path = bg_str_of(route->path), segment;
    int params = 0;
    while (next_segment(&path, &segment)) {
        params += segment.len > 0 && segment.at[0] == '{';
        BG_TRY(bg_need(node = child_get(router, node, segment)));
    }
    int method = method_index(bg_str_of(route->method));
    assert(method >= 0 && params <= API_PARAM_MAX);
    assert(node->by_method[method] == NULL); /* two rows for one route */
    assert((route->read != NULL) + (route->write != NULL) + (route->own != NULL) == 1);
    node->by_method[method] = route;
    return BG_DONE;
}

bg_err router_open(const struct api_route *const *arrays, struct router **ret)
{
    struct bg_arena *arena = bg_arena_open((size_t)4 << 20);
    struct router *router = arena != NULL ? bg_arena_get(arena, sizeof *router) : NULL;
    if (router == NULL || (router->root = bg_arena_get(arena, sizeof *router->root)) == NULL) {
        bg_arena_close(arena);
        return BG_FAIL(BG_NO_MEMORY);
    }
    router->arena = arena;
    for (size_t i = 0; arrays[i] != NULL; i++) {
        for (const struct api_route *route = arrays[i]; route->method != NULL; route++) {
            bg_err err = route_add(router, route);
            if (bg_failed(err)) {
                bg_arena_close(arena);
                return err;
            }
        }
    }
    *ret = router;
    return BG_DONE;
}

void router_close(struct router *router)
{
    if (router != NULL) {
        bg_arena_close(router->arena);
    }
}

static bool has_route(const struct node *node)
{
    for (int i = 0; i < METHODS; i++) {
        if (node->by_method[i] != NULL) {
            return true;
        }
    }
    return false;
}

/* A literal goes before a parameter; where it leads nowhere, the parameter is tried. */
static const struct node *walk(const struct node *node, bg_str path, struct route_match *match, int params)
{
    bg_str segment;
    if (path.len == 0) {
        match->param_count = params;
        return has_route(node) ? node : NULL;
    }
    if (!next_segment(&path, &segment) || segment.len == 0) {
        return NULL;
    }
    for (const struct node *child = node->child; child != NULL; child = child->sibling) {
        if (bg_str_eq(child->segment, segment)) {
            const struct node *found = walk(child, path, match, params);
            if (found != NULL) {
                return found;
            }
            break;
        }
    }
    if (node->param == NULL || params == API_PARAM_MAX) {
        return NULL;
    }
    match->param[params] = segment;
    return walk(node->param, path, match, params + 1);
}

struct route_match router_find(const struct router *router, bg_str method, bg_str path)
{
    struct route_match match = { 0 };
    const struct node *node = walk(router->root, path, &match, 0);
    if (node == NULL) {
        return match;
    }
    int index = method_index(method);
    match.route = index >= 0 ? node->by_method[index] : NULL;
    size_t len = 0;
    for (int i = 0; match.route == NULL && i < METHODS; i++) {
        if (node->by_method[i] != NULL) {
            len += (size_t)snprintf(match.allow + len, sizeof match.allow - len, "%s%s", len > 0 ? ", " : "", method_names[i]);
        }
    }
    return match;
}

void router_each(const struct api_route *const *arrays, void (*visit)(void *ctx, const struct api_route *route), void *ctx)
{
    for (size_t i = 0; arrays[i] != NULL; i++) {
        for (const struct api_route *route = arrays[i]; route->method != NULL; route++) {
            visit(ctx, route);
        }
    }
}

int route_params(const struct api_route *route, char out[API_PARAM_MAX][32])
{
    bg_str path = bg_str_of(route->path), segment;
    int count = 0;
    while (next_segment(&path, &segment)) {
        if (segment.len > 2 && segment.at[0] == '{' && count < API_PARAM_MAX) {
            (void)snprintf(out[count], 32, "%.*s", (int)segment.len - 2, segment.at + 1);
            count++;
        }
    }
    return count;
}
