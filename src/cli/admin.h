/* Talking to the server that holds a database, over the socket beside it. Private to cli. */
#ifndef BG_CLI_ADMIN_H
#define BG_CLI_ADMIN_H

#include "base/base.h"

/* Path of the socket of a database file: FILE.sock. False for a PostgreSQL address or a path too long for a socket. */
bool admin_path(const char *db, char out[108]);
/* A text as a query value. */
void admin_put_encoded(struct bg_buf *out, bg_str s);
/* POSTs `target` ("/backup?to=…") and reads the whole answer. *ret_found false: nobody listens there. */
bg_err admin_post(const char *db, const char *target, struct bg_buf *answer, int *ret_status, bool *ret_found);

#endif
