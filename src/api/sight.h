/* What a caller may see and touch of the ledger: places within the scope of a right. Private to api. */
#ifndef BG_API_SIGHT_H
#define BG_API_SIGHT_H

#include "api/api.h"
#include "ledger/ledger.h"

/* The target that stands for a place. */
struct auth_target sight_target(int64_t city, const struct ledger_place *place);
/* BG_NOT_FOUND when the place does not exist or may not be seen under `see`; BG_AUTH_DENIED when it may be seen but not worked on
 * under `right`. */
bg_err sight_need(struct api_request *rq, int64_t place, enum auth_right see, enum auth_right right, struct ledger_place *ret);
/* Which places may be seen under a right; asks the ledger only for places whose district or organisation decides, once each. Lives as long
 * as the request's snapshot. */
struct sight_place {
    int64_t id;
    bool seen;
};
struct sight {
    struct api_request *rq;
    struct auth_filter filter;
    struct sight_place *known; /* asked for already */
    size_t count, room;
};
bg_err sight_of(struct api_request *rq, enum auth_right right, struct sight *ret);
bool sight_has(struct sight *sight, int64_t place);

/* A refusal that names a field and the value sent. */
bg_err api_bad_id(struct api_request *rq, const char *field, int64_t value);

#endif
