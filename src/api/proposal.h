/* What the routes that propose something have in common: the fields of a telephone order, and the proposal as a row. Private to api. */
#ifndef BG_API_PROPOSAL_H
#define BG_API_PROPOSAL_H

#include "api/api.h"
#include "reserve/reserve.h"

#define API_ORDER_FIELDS                                                                                                            \
    { "leader", API_TEXT, .max = 100, .zh = "电话指令的带班领导（立即生效，限期补手续）",                                           \
      .en = "leader on duty who ordered it by telephone: in effect at once, papers follow" },                                       \
    { "papers_hours", API_INT, .min = 1, .max = 168, .zh = "补手续时限（小时）", .en = "hours within which the papers follow" }

extern const struct api_field proposal_row[];
/* Fills reason, legal basis and leader from the body and makes the change. The caller has checked the right. */
bg_err proposal_write(struct api_request *rq, const struct reserve_proposal *what, const struct change_kind **ret_kind,
                      const void **ret_in);

#endif
