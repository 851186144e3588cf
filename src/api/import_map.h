/* Text → number, for the length of one import: codes seen before, how often a row was seen. Private to api. */
#ifndef BG_API_IMPORT_MAP_H
#define BG_API_IMPORT_MAP_H

#include "base/base.h"

struct import_map;
bg_err import_map_open(const struct bg_env *env, struct import_map **ret);
void import_map_close(struct import_map *map); /* accepts NULL */
/* The number kept under `key`, made with 0 when it is new; *ret_new (may be NULL). NULL when memory is out. Valid until the next
 * call. */
int64_t *import_map_at(struct import_map *map, bg_str key, bool *ret_new);

#endif
