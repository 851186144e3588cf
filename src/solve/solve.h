/* Decisions as documents: a JSON value in, a JSON value out, the same for `baogong solve NAME FILE.json` and for the runs that the
 * API keeps. A method is one file of this folder and one row of methods.def: it reads its input strictly (unknown fields are refused,
 * every bound is checked before memory is taken), calls a pure engine and writes members of the answer. What is common to all answers
 * is added here: "method", the method's own members, "reasons": [{"zh","en"}…], "solver", "seed" (where chance is used), "gap" (where
 * one is known), "inputs": "sha256:…" of the canonical input (keys sorted, no blanks), "seconds" on the clock.
 * docs/methods/NAME.md documents input and answer of each method with a whole example. */
#ifndef BG_SOLVE_SOLVE_H
#define BG_SOLVE_SOLVE_H

#include "base/base.h"
#include "codec/json.h"

#define SOLVE_TEXT_MAX ((size_t)64 << 20) /* bytes of an input */

/* A value of the input with the path that leads to it ("receivers[3].need"), so that an error names it. */
struct solve_at {
    const json_t *value;
    const char *path; /* arena-owned; "" at the root */
    struct bg_arena *arena;
};

/* What a method fills while it answers. */
struct solve_report {
    struct bg_buf *out;     /* inside the open object of the answer: write members with bg_json_put_… */
    struct bg_arena *arena; /* of the whole call */
    const char *solver;     /* static text, for example "network simplex" */
    bool gap_known, seeded;
    double gap;             /* (value - bound) / value */
    uint64_t seed;
    double seconds_max;     /* wall time the caller grants, > 0 */
    void *inner;            /* of solve.c: reasons and the clock */
};

struct solve_method {
    const char *name;      /* as typed; lower case with hyphens */
    const char *zh, *en;   /* title */
    bg_err (*run)(struct solve_at input, struct solve_report *report);
};
extern const struct solve_method solve_methods[]; /* ends with a NULL name */
/* NULL when there is none of this name. */
const struct solve_method *solve_find(bg_str name);

/* Reads `text`, runs the method, writes one JSON object. Nothing is written on failure. Errors: what json_read and the method give;
 * BG_BAD_INPUT names the path and, in its facts, the value and what was allowed. `arena` bounds the memory of the whole run. */
bg_err solve_run(const struct solve_method *method, bg_str text, double seconds_max, struct bg_arena *arena, struct bg_buf *out);
/* The same, and the granted time is over as soon as *stop is true (NULL: never so). */
bg_err solve_run_until(const struct solve_method *method, bg_str text, double seconds_max, const _Atomic bool *stop,
                       struct bg_arena *arena, struct bg_buf *out);

/* --- for methods: reasons and time --- */
/* Adds a reason in both languages: a sentence each, with its figures, that the method has checked. The texts must live as long as the
 * arena; NULL (out of memory) fails. inner.h has solve_reason_format for figures. */
bg_err solve_reason(struct solve_report *report, const char *zh, const char *en);
/* True when the granted time is over; engines take it as their deadline callback with the report as context. */
bool solve_past(void *report);

/* --- for methods: reading. Each names the field; `ret` is untouched on failure --- */
/* The value must be an object with no field outside `names` (ends with NULL). First call of any reader of objects. */
bg_err solve_fields(struct solve_at at, const char *const *names);
bool solve_has(struct solve_at at, const char *name); /* present and not null */
bg_err solve_number(struct solve_at at, const char *name, double min, double max, double *ret);
bg_err solve_number_or(struct solve_at at, const char *name, double fallback, double min, double max, double *ret);
bg_err solve_int(struct solve_at at, const char *name, int64_t min, int64_t max, int64_t *ret);
bg_err solve_int_or(struct solve_at at, const char *name, int64_t fallback, int64_t min, int64_t max, int64_t *ret);
bg_err solve_flag_or(struct solve_at at, const char *name, bool fallback, bool *ret);
/* UTF-8 text of 1 to `max` bytes, NUL-terminated. */
bg_err solve_text(struct solve_at at, const char *name, size_t max, bg_str *ret);
bg_err solve_text_or(struct solve_at at, const char *name, bg_str fallback, size_t max, bg_str *ret);
/* Index in `names` (ends with NULL). */
bg_err solve_choice(struct solve_at at, const char *name, const char *const *names, int *ret);
bg_err solve_choice_or(struct solve_at at, const char *name, const char *const *names, int fallback, int *ret);
/* "YYYY-MM-DD". */
bg_err solve_date(struct solve_at at, const char *name, bg_date *ret);
bg_err solve_object(struct solve_at at, const char *name, struct solve_at *ret);
/* An array of `min` to `max` values. */
bg_err solve_array(struct solve_at at, const char *name, size_t min, size_t max, struct solve_at *ret, size_t *ret_count);
/* Item i of an array, with its path. */
bg_err solve_item(struct solve_at array, size_t i, struct solve_at *ret);
/* An array of numbers (integers), in the arena. */
bg_err solve_numbers(struct solve_at at, const char *name, size_t min_count, size_t max_count, double min, double max, double **ret,
                     size_t *ret_count);
bg_err solve_ints(struct solve_at at, const char *name, size_t min_count, size_t max_count, int64_t min, int64_t max, int64_t **ret,
                  size_t *ret_count);
/* The value itself, where `at` is an item of an array: a number, an integer. */
bg_err solve_value_number(struct solve_at at, double min, double max, double *ret);
bg_err solve_value_int(struct solve_at at, int64_t min, int64_t max, int64_t *ret);
bg_err solve_value_text(struct solve_at at, size_t max, bg_str *ret);
/* A refusal of the field `name` (NULL: of the value itself): "what" in both languages goes into the facts as reason and reason_en. */
bg_err solve_bad(struct solve_at at, const char *name, const char *zh, const char *en);
/* No plan can keep all conditions; the words say which condition to relax. */
bg_err solve_infeasible(struct solve_at at, const char *zh, const char *en);

/* Names to indexes: ids of things that other parts of the input refer to. */
struct solve_names;
bg_err solve_names_open(struct bg_arena *arena, size_t max, struct solve_names **ret);
/* Adds the text of field `name` and gives its index, counted from 0; refuses a name that is there already. */
bg_err solve_names_add(struct solve_names *names, struct solve_at at, const char *name, int32_t *ret);
/* The index of the text of field `name`; refuses one that was not added. */
bg_err solve_names_find(const struct solve_names *names, struct solve_at at, const char *name, int32_t *ret);
bg_str solve_names_at(const struct solve_names *names, int32_t index);
int32_t solve_names_count(const struct solve_names *names);

/* --- the shipped tables of need (data/demand), for those who make documents --- */
/* Text of a table as CSV: "drivers", "staffing", "kits", "direct", "items"; empty for another name. */
bg_str solve_table(const char *name);
extern const char *const solve_table_names[]; /* NULL-ended */
/* True when the table of items has it: then `demand` and `standard` know it. */
bool solve_item_known(bg_str code);

/* The tables of the demand model, for whoever needs the model without a document. */
#include "solve/tables.h"

#endif
