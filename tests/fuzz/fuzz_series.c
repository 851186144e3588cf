/* Daily series of any numbers: repaired, searched for outbreaks, forecast and scored without fault; what is refused is refused by
 * name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/backtest.h"
#include "engine/incidence.h"

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Two bytes a day: small counts, negatives, gaps, and now and then something wild. */
static double day_of(uint8_t a, uint8_t b)
{
    static const double wild[8] = { 0, -589, 1e8, 1e9, -1e8, 74534, 0.5, 1e-300 };
    return a == 255 ? (double)NAN : a == 254 ? wild[b & 7] : a >= 192 ? b * 256.0 * (a - 191) : a >= 128 ? -(double)b : b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { DAYS = 80 };
    double cases[DAYS], repaired[DAYS];
    struct incidence_repair rows[DAYS];
    int days = (int)(size / 2) < DAYS ? (int)(size / 2) : DAYS, count;
    for (int t = 0; t < days; t++) {
        cases[t] = day_of(data[2 * t], data[2 * t + 1]);
    }
    memcpy(repaired, cases, sizeof cases);
    if (bg_failed(incidence_repair(repaired, days, true, rows, &count))) {
        return 0;
    }
    check(count <= days);
    for (int t = 0; t < days; t++) {
        check(isfinite(repaired[t]) && repaired[t] >= 0 && repaired[t] <= INCIDENCE_DAILY_MAX);
    }
    struct backtest_span spans[4];
    backtest_find(repaired, days, spans, 4, &count);
    for (int i = 0; i < count; i++) {
        check(spans[i].first >= 0 && spans[i].first <= spans[i].last && spans[i].last < days);
    }
    struct backtest_window window = { cases, days, days / 4 };
    struct backtest_settings settings = { .seed = size, .paths = 100 };
    struct backtest_report report;
    check(!bg_failed(backtest_report(&window, NULL, &settings, &report)));
    for (int h = 0; h < BACKTEST_HORIZONS; h++) {
        check(isfinite(report.calibrated[h].log_wis) && isfinite(report.model[BACKTEST_LOGLINEAR][h].log_wis));
    }
    return 0;
}
