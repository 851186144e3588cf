/* The PostgreSQL engine. Not built in yet: opening says so. */
#include "store/backend.h"

static bg_err postgres_open(struct store *store)
{
    (void)store;
    return BG_FAIL_AT(BG_STORE_UNSUPPORTED, "db");
}

static void postgres_close(struct store *store)
{
    (void)store;
}

const struct backend store_postgres = { .open = postgres_open, .close = postgres_close };
