/* The route arrays of the modules, one line each. Private to api. */
#ifndef BG_API_ROUTES_H
#define BG_API_ROUTES_H

#include "api/api.h"

extern const struct api_route api_routes_meta[];
extern const struct api_route api_routes_events[];
extern const struct api_route api_routes_catalogue[];
extern const struct api_route api_routes_stock[];
extern const struct api_route api_routes_ledger[];
extern const struct api_route api_routes_hold[];
extern const struct api_route api_routes_reserve[];
extern const struct api_route api_routes_proposal[];
extern const struct api_route api_routes_uplift[];
extern const struct api_route api_routes_auth[];
extern const struct api_route api_routes_people[];
extern const struct api_route api_routes_rights[];
extern const struct api_route api_routes_invite[];
extern const struct api_route api_routes_record[];
extern const struct api_route api_routes_journal[];
extern const struct api_route api_routes_imports[];
extern const struct api_route api_routes_runs[];
extern const struct api_route api_routes_label[];
extern const struct api_route api_routes_figures[];

#endif
