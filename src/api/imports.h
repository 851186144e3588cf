/* How far running imports are: kept by the frame, shown by GET /imports/{id}. Private to api. */
#ifndef BG_API_IMPORTS_H
#define BG_API_IMPORTS_H

#include "base/base.h"

struct import_desk;
bg_err import_desk_open(struct import_desk **ret);
void import_desk_close(struct import_desk *desk); /* accepts NULL */

#endif
