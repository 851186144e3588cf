/* The embedded web application: a table made by tools/mkassets, ordered by path. */
#ifndef BG_API_ASSETS_H
#define BG_API_ASSETS_H

#include "http/http.h"

extern const struct http_asset assets_list[];
extern const size_t assets_count;

#endif
