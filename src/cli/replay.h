/* The replay: what the engine would have ordered on the first evening of past outbreaks, against a fixed standard. Private to
 * cli. */
#ifndef BG_CLI_REPLAY_H
#define BG_CLI_REPLAY_H

#include "engine/demand.h"
#include "solve/solve.h"

enum { REPLAY_DAYS = 12, REPLAY_ITEMS = 14, REPLAY_USES = 3, REPLAY_LEAD = 3 };
enum replay_policy { REPLAY_FIXED, REPLAY_PLUS40, REPLAY_MONEY, REPLAY_FULL, REPLAY_POLICIES };

struct replay_city {
    double residents;
    int item[REPLAY_ITEMS]; /* index in the tables */
    double start[REPLAY_ITEMS], fixed[REPLAY_ITEMS]; /* fixed standards of levels 4 and 3, pieces */
    double supply[REPLAY_ITEMS]; /* pieces that can arrive on a day */
    double quiet[REPLAY_ITEMS]; /* everyday need */
};
struct replay_result {
    int short_days; /* item-days on which the need was not met */
    double unmet; /* share of the need, by value */
    double stock; /* mean value on hand in the evening, yuan */
    double ordered; /* on the first evening, yuan */
    double left; /* value on hand and on order at the end */
    double waste; /* of it, what everyday use does not consume before it expires */
};
struct replay_run {
    const char *name; /* "Tianjin 2022-01-08" */
    int64_t cases; /* in the days replayed */
    double target[REPLAY_POLICIES][REPLAY_ITEMS];
    double start[REPLAY_POLICIES][REPLAY_ITEMS];
    double need[REPLAY_USES][REPLAY_DAYS][REPLAY_ITEMS];
    double hand[REPLAY_USES][REPLAY_POLICIES][REPLAY_DAYS + 1][REPLAY_ITEMS];
    struct replay_result result[REPLAY_USES][REPLAY_POLICIES];
};

/* All outbreaks, Tianjin of January 2022 first. Everything in the arena. */
bg_err replay_all(struct bg_arena *arena, struct tables *ret_tables, struct replay_run **ret, int *ret_count);
/* The page (Markdown, both languages) and the picture (SVG). */
void replay_page(const struct tables *tables, const struct replay_run *runs, int count, struct bg_buf *out);
void replay_picture(const struct tables *tables, const struct replay_run *run, struct bg_buf *out);
extern const char *const replay_items[REPLAY_ITEMS];

#endif
