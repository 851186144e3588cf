/* Private to record: the module's state and what its files share. */
#ifndef BG_RECORD_INSIDE_H
#define BG_RECORD_INSIDE_H

#include "record/record.h"

#define KINDS_MAX 32
#define TERM_BYTES 12
#define TERMS_MAX 160

#define NOTED_MAX 256

/* A record to look at again. */
struct noted {
    int64_t city, id;
    const struct record_kind *kind;
};

struct record {
    struct auth *auth;
    struct store *store;
    const struct bg_env *env;
    char *folder; /* NULL: no files */
    const struct record_kind *kinds[KINDS_MAX];
    size_t kind_count;
    char prefixes[KINDS_MAX * 24];
    struct noted noted[NOTED_MAX]; /* of the thread that follows the journal */
    size_t noted_count;
};

/* Folds a text for comparison: NFKC, case folded, everything that is no letter, digit or Chinese character a single blank. */
bg_err fold_text(bg_str s, struct bg_arena *arena, bg_str *ret);
/* The terms of an entry, each at most TERM_BYTES; up to TERMS_MAX. */
bg_err entry_terms(const struct record_entry *entry, struct bg_arena *arena, bg_str **ret, size_t *ret_count);
bg_err entry_read(struct store_rows *rows, int64_t city, struct bg_arena *arena, struct record_entry *ret);
/* Letters of a character: 1, or 2 for one of several readings; 0 when it is no Chinese character we know. */
int pinyin_letters(int32_t point, char ret[2]);

#endif
