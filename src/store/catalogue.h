/* The form of the tables that tools/mksql makes from the .sql files (build/…/gen/sql.c). Private to the store, but for tests that bring
 * a catalogue of their own (store_opts.catalogue), so that the product's schema holds nothing made for tests. */
#ifndef BG_STORE_CATALOGUE_H
#define BG_STORE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

struct sql_statement {
    const char *name;
    const char *sqlite, *postgres; /* ?1…?n and $1…$n */
    int params;
    bool many;
    bool arrays; /* the PostgreSQL text takes one array a column */
};

struct sql_migration {
    const char *module;
    int number;
    const char *name;
    const char *sqlite, *postgres;
    const char *source;      /* without comments, one blank between words: what the checksum is of */
    const char *append_only; /* names of tables that may only grow, separated by blanks */
};

struct sql_catalogue {
    const struct sql_statement *statements;
    size_t statement_count;
    const struct sql_migration *migrations; /* in the order they run */
    size_t migration_count;
};

extern const struct sql_catalogue sql_catalogue;

#endif
