/* Scopes over places. */
#include "api/sight.h"

#include <string.h>

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
    *ret = (struct sight){ .rq = rq };
    return auth_filter(rq->session, right, rq->arena, &ret->filter);
}

/* Where `place` is, or would be, among the known ones. */
static size_t find_known(const struct sight *sight, int64_t place)
{
    size_t low = 0, high = sight->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sight->known[middle].id < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Keeps an answer; without memory it is asked for again next time. */
static void keep_known(struct sight *sight, size_t at, int64_t place, bool seen)
{
    if (sight->count == sight->room) {
        size_t room = sight->room == 0 ? 32 : sight->room * 2;
        struct sight_place *wider = bg_arena_array(sight->rq->arena, room, sizeof *wider);
        if (wider == NULL) {
            return;
        }
        if (sight->count > 0) {
            memcpy(wider, sight->known, sight->count * sizeof *wider);
        }
        sight->known = wider;
        sight->room = room;
    }
    memmove(sight->known + at + 1, sight->known + at, (sight->count - at) * sizeof *sight->known);
    sight->known[at] = (struct sight_place){ place, seen };
    sight->count++;
}

bool sight_has(struct sight *sight, int64_t place)
{
    const struct auth_filter *f = &sight->filter;
    if (f->everything) {
        return true;
    }
    for (size_t i = 0; i < f->place_count; i++) {
        if (f->places[i] == place) {
            return true;
        }
    }
    if (f->district_count == 0 && f->org_count == 0) {
        return false;
    }
    size_t at = find_known(sight, place);
    if (at < sight->count && sight->known[at].id == place) {
        return sight->known[at].seen;
    }
    struct ledger_place found;
    bool seen = false;
    if (!bg_failed(ledger_place_get(sight->rq->tx, sight->rq->city, place, sight->rq->arena, &found))) {
        struct auth_target target = sight_target(sight->rq->city, &found);
        seen = auth_filter_has(f, &target);
    }
    keep_known(sight, at, place, seen);
    return seen;
}

bg_err api_bad_id(struct api_request *rq, const char *field, int64_t value)
{
    return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_text(rq->arena, "\"value\":\"%lld\"", (long long)value));
}
