/* Calibrating on past outbreaks: shipped ones or those found in a file. */
#include "cli/epidemic_train.h"

#include <math.h>
#include <string.h>

#include "engine/incidence.h"

#define TRAIN_PATHS 1000
#define TRAIN_SEED 20220108
#define HISTORY 40
#define OUTBREAKS_MAX 200
#define SAME_DAYS 10

struct trainer {
    const struct case_series *scored;
    struct backtest_table tables[OUTBREAKS_MAX];
    int count, left_out;
};

/* The same outbreak under another name: on four in five of at least ten days with cases the figures are equal. */
static bool same_figures(const struct case_series *scored, bg_date first, const double *cases, int days)
{
    int same = 0, positive = 0;
    for (int t = 0; t < days; t++) {
        bg_date at = first + t;
        if (at >= scored->first && at < scored->first + scored->days && cases[t] > 0.5) {
            positive++;
            same += fabs(scored->cases[at - scored->first] - cases[t]) < 0.5;
        }
    }
    return positive >= SAME_DAYS && same * 5 >= positive * 4;
}

static bg_err train_on(struct trainer *trainer, bg_str column, bg_date first, const struct backtest_window *window)
{
    if (trainer->count == OUTBREAKS_MAX) {
        return BG_DONE;
    }
    const struct case_series *scored = trainer->scored;
    if (scored != NULL && (bg_str_eq(scored->column, column) || same_figures(scored, first, window->cases, window->days))) {
        trainer->left_out++;
        return BG_DONE;
    }
    struct backtest_settings settings = { .seed = TRAIN_SEED, .paths = TRAIN_PATHS };
    BG_TRY(backtest_forecast(BACKTEST_RENEWAL, window, &settings, &trainer->tables[trainer->count]));
    trainer->count++;
    return BG_DONE;
}

static bg_err train_shipped(struct trainer *trainer, struct bg_arena *arena)
{
    int count;
    const struct backtest_outbreak *outbreaks = backtest_outbreaks(&count);
    double *cases = bg_arena_array(arena, BACKTEST_DAYS_MAX, sizeof *cases);
    BG_TRY(bg_need(cases));
    for (int i = 0; i < count; i++) {
        bg_date from;
        BG_TRY(bg_date_parse(bg_str_of(outbreaks[i].from), &from));
        struct backtest_window window = backtest_outbreak_window(&outbreaks[i], cases);
        BG_TRY(train_on(trainer, bg_str_of(outbreaks[i].column), from - outbreaks[i].history, &window));
    }
    return BG_DONE;
}

static bg_err train_series(struct trainer *trainer, const struct case_series *series, struct bg_arena *arena)
{
    double *cases = bg_arena_array(arena, (size_t)series->days, sizeof *cases);
    struct incidence_repair *repairs = bg_arena_array(arena, (size_t)series->days, sizeof *repairs);
    BG_TRY(bg_need(cases));
    BG_TRY(bg_need(repairs));
    memcpy(cases, series->cases, (size_t)series->days * sizeof *cases);
    int count;
    BG_TRY(incidence_repair(cases, series->days, false, repairs, &count));
    struct backtest_span spans[32];
    backtest_find(cases, series->days, spans, 32, &count);
    for (int i = 0; i < count; i++) {
        int start = spans[i].first > HISTORY ? spans[i].first - HISTORY : 0;
        struct backtest_window window = { cases + start, spans[i].last - start + 1, spans[i].first - start };
        BG_TRY(train_on(trainer, series->column, series->first + start, &window));
    }
    return BG_DONE;
}

static bg_err train_file(struct trainer *trainer, const char *path, struct bg_arena *arena)
{
    struct case_file file;
    BG_TRY(case_file_read(path, arena, &file));
    for (int i = 0; i < file.count; i++) {
        if (file.series[i].cases != NULL) {
            BG_TRY(train_series(trainer, &file.series[i], arena));
        }
    }
    return BG_DONE;
}

bg_err epidemic_train(const char *path, const struct case_series *scored, struct bg_arena *arena, struct epidemic_training *ret)
{
    struct trainer *trainer = bg_arena_get(arena, sizeof *trainer);
    const struct backtest_table **tables = bg_arena_array(arena, OUTBREAKS_MAX, sizeof *tables);
    BG_TRY(bg_need(trainer));
    BG_TRY(bg_need(tables));
    trainer->scored = scored;
    bg_err e = path != NULL ? train_file(trainer, path, arena) : train_shipped(trainer, arena);
    for (int i = 0; i < trainer->count; i++) {
        tables[i] = &trainer->tables[i];
    }
    struct epidemic_training training = { .outbreaks = trainer->count, .left_out = trainer->left_out };
    if (!bg_failed(e)) {
        e = backtest_calibrate(tables, trainer->count, &training.shift);
    }
    for (int i = 0; i < trainer->count; i++) {
        backtest_table_done(&trainer->tables[i]);
    }
    BG_TRY(e);
    *ret = training;
    return BG_DONE;
}
