/* The common part of `demand` and `standard`: what is known of the outbreak, the places, the rounds to come, tables and mode,
 * made into the input of the demand engine. Private to solve. */
#ifndef BG_SOLVE_NEED_H
#define BG_SOLVE_NEED_H

#include "solve/tables.h"

#define NEED_FIELDS                                                                                                              \
    "date", "days", "paths", "seed", "threads", "coefficients", "doubt", "mode", "tables", "places", "scenario",                 \
        "cases_to_come", "rounds", "items", "learned"

struct need_place {
    bg_str code, zh, en;
    double residents; /* 0: unknown */
};
struct need_scenario { /* of rounds */
    bg_str name;
    double weight;
    int rounds;
    int day[60]; /* of each round */
};
struct need {
    struct tables tables;
    struct demand_model model;
    struct demand_driver *driver; /* the model's, to be changed by what-ifs */
    struct demand_input input;
    struct need_place *place;
    struct need_scenario *scenario;
    int *shown; /* [shown_count] items wanted in the answer */
    int shown_count;
    bool dated, library, forecast;
    bg_date date; /* last day known */
    double residents; /* of all places */
    int32_t *cases;
    int *step;
};

/* Reads the fields of NEED_FIELDS; the caller has checked for unknown ones with its own added. Steps are every day. */
bg_err need_read(struct solve_at input, struct solve_report *report, struct need *ret);
/* The day as a date where one is known ("2022-01-23"), else "D+15"; `day` from 1, in the arena. */
const char *need_day_zh(const struct need *need, struct bg_arena *arena, int day);
const char *need_day_en(const struct need *need, struct bg_arena *arena, int day);
/* "day" and, where dates are known, "date". */
void need_put_day(struct bg_buf *out, const struct need *need, int day);
/* A whole number with thin groups: 1,234,567. */
const char *need_number(struct bg_arena *arena, double value);
/* The work of one run must stay within what the caller grants; refuses with what to reduce. */
bg_err need_afford(struct solve_at input, const struct solve_report *report, const struct demand_input *in, double runs);

#endif
