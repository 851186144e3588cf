/* What the two halves of verification share. Private to ledger. */
#ifndef BG_LEDGER_VERIFY_H
#define BG_LEDGER_VERIFY_H

#include "ledger/ledger.h"

struct verify {
    struct store_tx *tx;
    struct ledger_report *report;
    struct bg_arena *arena; /* of the whole run: one entry an account */
    struct bg_arena *piece; /* of the page in hand */
    int64_t city;
    struct ledger_city settings; /* of settings_of */
    int64_t settings_of;
};

/* Counts a difference; the first one is named. */
void verify_damage(struct verify *v, const char *table, const char *kind, const char *key, ...) __attribute__((format(printf, 4, 5)));
/* Reads the settings of v->city, unless they are there. */
bg_err verify_settings(struct verify *v);
/* verify_journal.c: holds each document and its movements against the entry that told of them. */
bg_err verify_journal(struct verify *v);

#endif
