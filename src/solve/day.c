/* Days of a plan. */
#include "solve/day.h"

bg_err solve_days_read(struct solve_at input, struct solve_days *ret)
{
    struct solve_days days = { .dated = solve_has(input, "start") };
    if (days.dated) {
        BG_TRY(solve_date(input, "start", &days.start));
    }
    *ret = days;
    return BG_DONE;
}

bg_err solve_day_or(struct solve_at at, const char *name, const struct solve_days *days, int32_t min, int32_t fallback, int32_t *ret)
{
    if (!solve_has(at, name)) {
        *ret = fallback;
        return BG_DONE;
    }
    int64_t day;
    if (json_is_string(json_object_get(at.value, name))) {
        bg_date date;
        BG_TRY(solve_date(at, name, &date));
        if (!days->dated) {
            return solve_bad(at, name, "写日期须先给出 start（第 0 天的日期），或改写为天数",
                             "a date needs \"start\", the date of day 0; or write a number of days");
        }
        day = (int64_t)date - days->start;
        if (day < min || day > SOLVE_DAY_MAX) {
            return solve_bad(at, name, "日期早于允许的最早一天，或晚于 start 之后 36500 天",
                             "the date is before the first day allowed, or more than 36500 days after \"start\"");
        }
    } else {
        BG_TRY(solve_int(at, name, min, SOLVE_DAY_MAX, &day));
    }
    *ret = (int32_t)day;
    return BG_DONE;
}

void solve_put_day(struct bg_buf *out, const char *key, const struct solve_days *days, int32_t day)
{
    char text[11];
    if (!days->dated) {
        bg_json_put_int(out, key, day);
        return;
    }
    bg_date_text(days->start + day, text);
    bg_json_put_str(out, key, bg_str_of(text));
}
