/* THE table of routes: each module's file holds its rows, this file lists the modules in the order of the documentation. */
#include "api/routes.h"

const struct api_route *const api_route_arrays[] = {
    api_routes_meta,
    api_routes_events,
    api_routes_catalogue,
    api_routes_stock,
    api_routes_ledger,
    api_routes_hold,
    api_routes_reserve,
    api_routes_proposal,
    api_routes_uplift,
    api_routes_figures,
    api_routes_auth,
    api_routes_people,
    api_routes_rights,
    api_routes_invite,
    api_routes_record,
    api_routes_journal,
    api_routes_imports,
    api_routes_runs,
    api_routes_label,
    NULL,
};
