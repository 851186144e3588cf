/* What the methods declare for the table. Private to solve. */
#ifndef BG_SOLVE_INNER_H
#define BG_SOLVE_INNER_H

#include "solve/solve.h"

#define SOLVE_METHOD(suffix, name, zh, en) bg_err solve_do_##suffix(struct solve_at input, struct solve_report *report);
#include "solve/methods.def"
#undef SOLVE_METHOD

/* solve_reason with figures: the same arguments, in the same order, in both languages. */
#define solve_reason_format(report, zh, en, ...) \
    solve_reason(report, bg_arena_text((report)->arena, zh, __VA_ARGS__), bg_arena_text((report)->arena, en, __VA_ARGS__))

#endif
