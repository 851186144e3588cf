/* Scopes over places. */
#include "api/sight.h"

#define PLACES_MAX 200000

struct auth_target sight_target(int64_t city, const struct ledger_place *place)
{
    return (struct auth_target){ .city = city, .district = place->district, .place = place->id, .org = place->org };
}

bg_err sight_need(struct api_request *rq, int64_t place, enum auth_right see, enum auth_right right, struct ledger_place *ret)
{
    struct ledger_place found;
    STORE_SCOPED_READ snapshot = NULL;
    struct store_tx *tx = rq->tx;
    if (tx == NULL) { /* write handlers have no snapshot of their own */
        BG_TRY(store_read_begin(rq->app->store, 1000, &snapshot));
        tx = snapshot;
    }
    BG_TRY(ledger_place_get(tx, rq->city, place, rq->arena, &found));
    struct auth_target target = sight_target(rq->city, &found);
    if (!auth_may(rq->session, see, &target, NULL) && !auth_may(rq->session, right, &target, NULL)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "place");
    }
    BG_TRY(auth_need(rq->session, right, &target, rq->arena));
    if (ret != NULL) {
        *ret = found;
    }
    return BG_DONE;
}

bg_err sight_of(struct api_request *rq, enum auth_right right, struct sight *ret)
{
    struct auth_filter filter;
    struct ledger_place *places;
    size_t count, kept = 0;
    BG_TRY(auth_filter(rq->session, right, rq->arena, &filter));
    *ret = (struct sight){ .everything = filter.everything };
    if (filter.everything) {
        return BG_DONE;
    }
    BG_TRY(ledger_place_list(rq->tx, rq->city, 0, PLACES_MAX, rq->arena, &places, &count));
    int64_t *list = bg_arena_array(rq->arena, count + 1, sizeof *list);
    BG_TRY(bg_need(list));
    for (size_t i = 0; i < count; i++) {
        struct auth_target target = sight_target(rq->city, &places[i]);
        if (auth_filter_has(&filter, &target)) {
            list[kept++] = places[i].id;
        }
    }
    ret->places = list;
    ret->count = kept;
    return BG_DONE;
}

bool sight_has(const struct sight *sight, int64_t place)
{
    size_t low = 0, high = sight->count;
    while (!sight->everything && low < high) {
        size_t middle = (low + high) / 2;
        if (sight->places[middle] < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return sight->everything || (low < sight->count && sight->places[low] == place);
}

bg_err api_bad_id(struct api_request *rq, const char *field, int64_t value)
{
    return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_text(rq->arena, "\"value\":\"%lld\"", (long long)value));
}
