/* The router against a naive matcher, and by hand. */
#include <string.h>

#include "api/inner.h"
#include "tap.h"

static bg_err none(struct api_request *rq)
{
    (void)rq;
    return BG_DONE;
}

#define ROUTE(m, p)                             \
    {                                           \
        .method = (m), .path = (p), .own = none \
    }
static const struct api_route table[] = {
    ROUTE("GET", "/api/v1/items"),
    ROUTE("POST", "/api/v1/items"),
    ROUTE("GET", "/api/v1/items/{id}"),
    ROUTE("PATCH", "/api/v1/items/{id}"),
    ROUTE("GET", "/api/v1/items/search"),
    ROUTE("GET", "/api/v1/items/{id}/lots"),
    ROUTE("GET", "/api/v1/items/search/last"),
    ROUTE("GET", "/api/v1/places/{place_id}/bins/{code}"),
    ROUTE("DELETE", "/api/v1/session"),
    ROUTE("POST", "/api/v1/session"),
    { 0 },
};
static const struct api_route *const arrays[] = { table, NULL };

/* Segment by segment, literal rows before rows with parameters. */
static bool fits(const char *pattern, const char *path)
{
    while (*pattern != '\0' && *path != '\0') {
        if (*pattern == '{') {
            if (*path == '/') {
                return false;
            }
            pattern += strcspn(pattern, "/");
            path += strcspn(path, "/");
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *pattern == '\0' && *path == '\0';
}

static const struct api_route *naive(const char *method, const char *path)
{
    const struct api_route *found = NULL;
    for (const struct api_route *route = table; route->method != NULL; route++) {
        bool better = found == NULL || strchr(route->path, '{') == NULL;
        if (strcmp(route->method, method) == 0 && fits(route->path, path) && better) {
            found = route;
        }
    }
    return found;
}

int main(void)
{
    struct router *router = NULL;
    OK(!bg_failed(router_open(arrays, &router)), "the table is read");
    struct route_match match = router_find(router, BG_STR("GET"), BG_STR("/api/v1/places/12/bins/A%2F1"));
    OK(match.route == &table[7] && match.param_count == 2 && bg_str_is(match.param[0], "12") && bg_str_is(match.param[1], "A%2F1"),
       "two parameters");
    match = router_find(router, BG_STR("GET"), BG_STR("/api/v1/items/search"));
    OK(match.route == &table[4] && match.param_count == 0, "a literal goes before a parameter");
    match = router_find(router, BG_STR("GET"), BG_STR("/api/v1/items/search/lots"));
    OK(match.route == &table[5] && bg_str_is(match.param[0], "search"), "a literal that leads nowhere gives way");
    match = router_find(router, BG_STR("PUT"), BG_STR("/api/v1/items"));
    OK(match.route == NULL && strcmp(match.allow, "GET, POST") == 0, "another method: what is allowed");
    static const char *const nowhere[] = { "",
                                           "/",
                                           "/api/v1",
                                           "/api/v1/",
                                           "/api/v1/items/",
                                           "/api/v1//items",
                                           "/api/v1/items/1/",
                                           "/api/v1/items/1/lots/2",
                                           "api/v1/items" };
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        match = router_find(router, BG_STR("GET"), bg_str_of(nowhere[i]));
        OK(match.route == NULL && match.allow[0] == '\0', "nothing at '%s'", nowhere[i]);
    }
    char names[API_PARAM_MAX][32];
    OK(route_params(&table[7], names) == 2 && strcmp(names[0], "place_id") == 0 && strcmp(names[1], "code") == 0,
       "names of parameters");
    static const char *const words[] = { "api", "v1", "items", "search", "7", "lots", "last", "places", "bins", "session", "x" };
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 1, 0);
    int differ = 0, found = 0;
    for (int round = 0; round < 200000; round++) {
        char path[200] = "";
        size_t len = 0;
        uint64_t segments = 1 + bg_random_below(&env, 6);
        for (uint64_t i = 0; i < segments; i++) {
            const char *word = i < 2 && bg_random_below(&env, 8) != 0 ? words[i] : words[bg_random_below(&env, 11)];
            len += (size_t)snprintf(path + len, sizeof path - len, "/%s", word);
        }
        const char *method = bg_random_below(&env, 2) == 0 ? "GET" : "POST";
        const struct api_route *want = naive(method, path);
        differ += router_find(router, bg_str_of(method), bg_str_of(path)).route != want;
        found += want != NULL;
    }
    OK(differ == 0 && found > 1000, "200,000 random paths match as the naive matcher says (%d found)", found);
    router_close(router);
    return TAP_DONE();
}
