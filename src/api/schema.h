/* Names that the documents made from the table have in common. Private to api. */
#ifndef BG_API_SCHEMA_H
#define BG_API_SCHEMA_H

#include "api/inner.h"

/* Slug of the right, "public" or "signed in". */
const char *route_right(const struct api_route *route);
/* The row's query fields and, for a list, cursor and limit. Fills at most `room` rows and an end; the count. */
size_t route_query(const struct api_route *route, struct api_field *out, size_t room);
bool route_body_wanted(const struct api_route *route);

#endif
