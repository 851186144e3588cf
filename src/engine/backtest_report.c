/* All models on one outbreak, calibrated on others: what the command, the generated page and the screen show. */
#include <string.h>

#include "engine/backtest.h"

static void drop(struct backtest_table *tables, int count)
{
    for (int i = 0; i < count; i++) {
        backtest_table_done(&tables[i]);
    }
}

bg_err backtest_report(const struct backtest_window *window, const struct backtest_shift *shift,
                       const struct backtest_settings *settings, struct backtest_report *ret)
{
    struct backtest_table tables[BACKTEST_MODELS] = { 0 };
    struct backtest_report report = { 0 };
    for (int m = 0; m < BACKTEST_MODELS; m++) {
        bg_err e = backtest_forecast((enum backtest_model)m, window, settings, &tables[m]);
        if (bg_failed(e)) {
            drop(tables, m);
            return e;
        }
        backtest_score(&tables[m], report.model[m]);
    }
    if (shift != NULL) {
        backtest_move(shift, &tables[BACKTEST_RENEWAL]);
    }
    backtest_score(&tables[BACKTEST_RENEWAL], report.calibrated);
    drop(tables, BACKTEST_MODELS);
    *ret = report;
    return BG_DONE;
}

bg_err backtest_report_shipped(const struct backtest_settings *settings, struct backtest_report *ret)
{
    int count;
    const struct backtest_outbreak *outbreaks = backtest_outbreaks(&count);
    struct backtest_table *tables = bg_heap_get((size_t)count * sizeof *tables);
    const struct backtest_table **others = bg_heap_get((size_t)count * sizeof *others);
    double *cases = bg_heap_get(BACKTEST_DAYS_MAX * sizeof *cases);
    bg_err e = tables != NULL && others != NULL && cases != NULL ? BG_DONE : BG_FAIL(BG_NO_MEMORY);
    for (int i = 0; i < count && !bg_failed(e); i++) {
        struct backtest_window window = backtest_outbreak_window(&outbreaks[i], cases);
        e = backtest_forecast(BACKTEST_RENEWAL, &window, settings, &tables[i]);
    }
    for (int i = 0; i < count && !bg_failed(e); i++) {
        int n = 0;
        for (int j = 0; j < count; j++) {
            if (strcmp(outbreaks[j].column, outbreaks[i].column) != 0) {
                others[n++] = &tables[j];
            }
        }
        struct backtest_shift shift;
        struct backtest_window window = backtest_outbreak_window(&outbreaks[i], cases);
        e = backtest_calibrate(others, n, &shift);
        if (!bg_failed(e)) {
            e = backtest_report(&window, &shift, settings, &ret[i]);
        }
    }
    if (tables != NULL) {
        drop(tables, count);
    }
    bg_heap_free(tables);
    bg_heap_free(others);
    bg_heap_free(cases);
    return e;
}
