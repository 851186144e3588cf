/* City dates and UTC moments: the proleptic Gregorian calendar in days, RFC 3339 in and out. Working days are in workday.c. */
#include "base/time.h"

#define YEAR_MIN 1900
#define YEAR_MAX 2999
#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)

static bool year_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && year_is_leap(year) ? 29 : days[month - 1];
}

/* Days of the years before `year` since year 1, and the same for 1970, so that their difference counts from the epoch. */
static int64_t years_days(int64_t year)
{
    int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

bg_err bg_date_of(int year, int month, int day, bg_date *ret)
{
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > month_days(year, month)) {
        return BG_FAIL(BG_BAD_TIME);
    }
    int64_t days = years_days(year) - years_days(1970);
    for (int m = 1; m < month; m++) {
        days += month_days(year, m);
    }
    *ret = (bg_date)(days + day - 1);
    return BG_DONE;
}

/* A calendar of 400-year eras that begin on 1 March, so that the leap day is the last day of its year; any int32 works. */
void bg_date_parts(bg_date date, int *year, int *month, int *day)
{
    int64_t days = (int64_t)date + 719468; /* since 0000-03-01 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * of_year + 2) / 153; /* 0 = March */
    *day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

int bg_date_weekday(bg_date date)
{
    int64_t since_monday = ((int64_t)date + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

/* Exactly `count` decimal digits at s.at[from]; -1 when there are not. */
static int digits_at(bg_str s, size_t from, size_t count)
{
    int value = 0;
    if (from + count > s.len) {
        return -1;
    }
    for (size_t i = from; i < from + count; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') {
            return -1;
        }
        value = value * 10 + (s.at[i] - '0');
    }
    return value;
}

bg_err bg_date_parse(bg_str s, bg_date *ret)
{
    if (s.len != 10 || s.at[4] != '-' || s.at[7] != '-') {
        return BG_FAIL(BG_BAD_TIME);
    }
    return bg_date_of(digits_at(s, 0, 4), digits_at(s, 5, 2), digits_at(s, 8, 2), ret);
}

/* Decimal digits of a number that has at most `width`, zeros before it. Lists write thousands of moments, so no printf. */
static char *put_digits(char *at, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

void bg_date_text(bg_date date, char out[11])
{
    int year, month, day;
    bg_date_parts(date, &year, &month, &day);
    char *at = put_digits(out, year < 0 ? 0 : year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    *put_digits(at, day, 2) = '\0';
}

bg_date bg_date_at(bg_ms at, int offset_min)
{
    int64_t local = at + offset_min * MINUTE_MS;
    int64_t days = local / DAY_MS;
    return (bg_date)(local % DAY_MS < 0 ? days - 1 : days);
}

bg_ms bg_date_start(bg_date date, int offset_min)
{
    return date * DAY_MS - offset_min * MINUTE_MS;
}

/* HH:MM:SS at `*pos`, then an optional fraction; moves *pos behind it. */
static bg_err clock_parse(bg_str s, size_t *pos, int64_t *ret_ms)
{
    size_t at = *pos;
    int hour = digits_at(s, at, 2), minute = digits_at(s, at + 3, 2), second = digits_at(s, at + 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || s.at[at + 2] != ':' ||
        s.at[at + 5] != ':') {
        return BG_FAIL(BG_BAD_TIME);
    }
    at += 8;
    int64_t fraction_ms = 0;
    if (at < s.len && s.at[at] == '.') {
        size_t first = ++at;
        int64_t unit = 100;
        while (at < s.len && s.at[at] >= '0' && s.at[at] <= '9') {
            fraction_ms += (s.at[at++] - '0') * unit;
            unit /= 10;
        }
        if (at == first) {
            return BG_FAIL(BG_BAD_TIME);
        }
    }
    *pos = at;
    *ret_ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction_ms;
    return BG_DONE;
}

/* What follows the clock: nothing (city time), Z, or ±HH:MM. */
static bg_err offset_parse(bg_str rest, int city_offset_min, int *ret_min)
{
    if (rest.len == 0) {
        *ret_min = city_offset_min;
        return BG_DONE;
    }
    if (rest.len == 1 && (rest.at[0] == 'Z' || rest.at[0] == 'z')) {
        *ret_min = 0;
        return BG_DONE;
    }
    if (rest.len != 6 || (rest.at[0] != '+' && rest.at[0] != '-') || rest.at[3] != ':') {
        return BG_FAIL(BG_BAD_TIME);
    }
    int hour = digits_at(rest, 1, 2), minute = digits_at(rest, 4, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
        return BG_FAIL(BG_BAD_TIME);
    }
    *ret_min = (hour * 60 + minute) * (rest.at[0] == '-' ? -1 : 1);
    return BG_DONE;
}

bg_err bg_time_parse(bg_str s, int offset_min, bg_ms *ret)
{
    bg_date date;
    BG_TRY(bg_date_parse(bg_str_cut(s, 0, 10), &date));
    if (s.len == 10) {
        *ret = bg_date_start(date, offset_min);
        return BG_DONE;
    }
    if (s.at[10] != 'T' && s.at[10] != 't' && s.at[10] != ' ') {
        return BG_FAIL(BG_BAD_TIME);
    }
    size_t pos = 11;
    int64_t clock_ms;
    int written_min;
    BG_TRY(clock_parse(s, &pos, &clock_ms));
    BG_TRY(offset_parse(bg_str_cut(s, pos, s.len), offset_min, &written_min));
    *ret = bg_date_start(date, written_min) + clock_ms;
    return BG_DONE;
}

void bg_time_text(bg_ms at, char out[25])
{
    bg_date date = bg_date_at(at, 0);
    int64_t ms = at - bg_date_start(date, 0);
    bg_date_text(date, out);
    out[10] = 'T';
    char *to = put_digits(out + 11, ms / 3600000, 2);
    *to++ = ':';
    to = put_digits(to, ms / 60000 % 60, 2);
    *to++ = ':';
    to = put_digits(to, ms / 1000 % 60, 2);
    *to++ = '.';
    to = put_digits(to, ms % 1000, 3);
    *to++ = 'Z';
    *to = '\0';
}
