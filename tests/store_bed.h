/* Fresh places for a test's store, on either engine: a SQLite file in a folder of its own, or a schema of its own in the PostgreSQL of
 * BAOGONG_TEST_PG. A suite is one function that takes the bed and is run for BED_SQLITE and, when bed_has_postgres(), BED_POSTGRES. */
#ifndef BG_STORE_BED_H
#define BG_STORE_BED_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"

enum bed_kind { BED_SQLITE, BED_POSTGRES };

struct bed {
    enum bed_kind kind;
    const char *name;     /* "sqlite" or "postgres": for test names */
    char folder[256];
    char address[1024];   /* of the store that bed_open opens */
    int count;
};

static inline bool bed_has_postgres(void)
{
    const char *address = getenv("BAOGONG_TEST_PG");
    return address != NULL && *address != '\0';
}

/* A new address: nothing is stored there yet. */
static inline const char *bed_fresh(struct bed *bed)
{
    bed->count++;
    if (bed->kind == BED_SQLITE) {
        (void)snprintf(bed->address, sizeof bed->address, "%s/%d.db", bed->folder, bed->count);
    } else {
        const char *base = getenv("BAOGONG_TEST_PG");
        const char *last = strrchr(bed->folder, '.') + 1; /* the random letters of mkdtemp */
        (void)snprintf(bed->address, sizeof bed->address, "%s%coptions=-csearch_path%%3Dt_%ld_%s_%d", base,
                       strchr(base, '?') != NULL ? '&' : '?', (long)getpid(), last, bed->count);
    }
    return bed->address;
}

static inline struct bed bed_make(enum bed_kind kind)
{
    struct bed bed = { .kind = kind, .name = kind == BED_SQLITE ? "sqlite" : "postgres" };
    const char *top = getenv("BAOGONG_TEST_TMP");
    (void)snprintf(bed.folder, sizeof bed.folder, "%s/bed.XXXXXX", top != NULL && *top != '\0' ? top : "/tmp");
    if (mkdtemp(bed.folder) == NULL) {
        abort();
    }
    (void)bed_fresh(&bed);
    return bed;
}

static inline int bed_remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

/* Removes the folder; schemas stay in the throw-away cluster. */
static inline void bed_done(struct bed *bed)
{
    (void)nftw(bed->folder, bed_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Opens the bed's current address with the program's own schema and the machine's clock; aborts the test when it cannot. */
static inline struct store *bed_open(struct bed *bed)
{
    struct store *store = NULL;
    static const struct bg_log log = { .fd = 2, .least = BG_WARN, .env = &bg_env_real };
    bg_err err = store_open(&(struct store_opts){ .address = bed->address, .env = &bg_env_real, .log = &log }, &store);
    if (bg_failed(err)) {
        (void)fprintf(stderr, "Bail out! store %s: %s\n", bed->address, bg_errors[err.code].slug);
        abort();
    }
    return store;
}

#endif
