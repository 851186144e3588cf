/* Working days of mainland China: weekends, corrected by the State Council's yearly notices (workdays.def). */
#include "base/time.h"

/* A stretch of days that the notices take out of the weekly rule. */
struct day_range {
    int32_t from, to; /* yyyymmdd */
    bool working;
};

static const struct day_range ranges[] = {
#define NOTICE(year, source)
#define HOLIDAY(from, to, name) { from, to, false },
#define MAKE_UP(date) { date, date, true },
#include "base/workdays.def"
#undef NOTICE
#undef HOLIDAY
#undef MAKE_UP
};

static bool year_has_notice(int year)
{
    static const int years[] = {
#define NOTICE(year, source) year,
#define HOLIDAY(from, to, name)
#define MAKE_UP(date)
#include "base/workdays.def"
#undef NOTICE
#undef HOLIDAY
#undef MAKE_UP
    };
    for (size_t i = 0; i < sizeof years / sizeof *years; i++) {
        if (years[i] == year) {
            return true;
        }
    }
    return false;
}

bg_err bg_workday_is(bg_date date, bool *ret)
{
    int year, month, day;
    bg_date_parts(date, &year, &month, &day);
    if (!year_has_notice(year)) {
        return BG_FAIL(BG_NO_CALENDAR);
    }
    int32_t written = year * 10000 + month * 100 + day;
    bool working = bg_date_weekday(date) <= 5;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (written >= ranges[i].from && written <= ranges[i].to) {
            working = ranges[i].working;
            break;
        }
    }
    *ret = working;
    return BG_DONE;
}

/* Walks day by day: the calendar covers a few years, so the walk ends within them or fails at their edge. */
bg_err bg_workday_add(bg_date date, int64_t days, bg_date *ret)
{
    int step = days < 0 ? -1 : 1;
    while (days != 0) {
        bool working;
        date += step;
        BG_TRY(bg_workday_is(date, &working));
        if (working) {
            days -= step;
        }
    }
    *ret = date;
    return BG_DONE;
}

bg_err bg_workday_between(bg_date from, bg_date to, int64_t *ret)
{
    int64_t sign = to < from ? -1 : 1, count = 0;
    bg_date first = to < from ? to : from, last = to < from ? from : to;
    for (bg_date date = first; date < last; date++) {
        bool working;
        BG_TRY(bg_workday_is(date + 1, &working));
        count += working;
    }
    *ret = sign * count;
    return BG_DONE;
}
