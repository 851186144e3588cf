/* Time: every day 1900…2999 against a day-by-day walk, every working day 2020…2026 against an independent collection, RFC 3339.
 */
#include "base/base.h"

#include <string.h>

#include "tap.h"

static bg_date day(const char *text)
{
    bg_date date = BG_DATE_NONE;
    bg_ignore(bg_date_parse(bg_str_of(text), &date));
    return date;
}

static void test_every_date(void)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bg_date expected = -25567; /* 1900-01-01 */
    int weekday = 1, wrong = 0; /* a Monday */
    for (int year = 1900; year <= 2999; year++) {
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        for (int month = 1; month <= 12; month++) {
            int last = days[month - 1] + (month == 2 && leap);
            for (int d = 1; d <= last; d++) {
                bg_date got = 0, again = 0;
                int y, m, dd;
                char text[11], want[64];
                wrong += bg_failed(bg_date_of(year, month, d, &got)) || got != expected || bg_date_weekday(got) != weekday;
                bg_date_parts(got, &y, &m, &dd);
                bg_date_text(got, text);
                snprintf(want, sizeof want, "%d-%02d-%02d", year, month, d);
                wrong += y != year || m != month || dd != d || strcmp(text, want) != 0;
                wrong += bg_failed(bg_date_parse(bg_str_of(text), &again)) || again != got;
                wrong +=
                    bg_date_at(bg_date_start(got, 480), 480) != got || bg_date_at(bg_date_start(got, 480) - 1, 480) != got - 1;
                expected++;
                weekday = weekday % 7 + 1;
            }
            bg_date none = 7;
            wrong += !bg_failed(bg_date_of(year, month, last + 1, &none)) || !bg_failed(bg_date_of(year, month, 0, &none)) ||
                     none != 7;
        }
    }
    OK(wrong == 0, "every date 1900-2999: number, parts, weekday, text and back");
}

static void test_bad_dates(void)
{
    static const char *const bad[] = { "",           "2022",       "2022-1-08",  "2022-02-30", "2021-02-29",  "2022-13-01",
                                       "2022-00-10", "1899-12-31", "3000-01-01", "2022/01/08", "2022-01-08 ", " 2022-01-08",
                                       "20220108",   "2022-01-0a", "-022-01-08" };
    bg_date date = 5;
    int accepted = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        accepted += !bg_failed(bg_date_parse(bg_str_of(bad[i]), &date));
    }
    OK(accepted == 0 && date == 5, "bad dates are refused and leave the result alone");
}

static void test_moments(void)
{
    static const struct {
        const char *in, *out;
    } good[] = {
        { "2022-01-08T01:30:00Z", "2022-01-08T01:30:00.000Z" },       { "2022-01-08T09:30:00+08:00", "2022-01-08T01:30:00.000Z" },
        { "2022-01-08T09:30:00", "2022-01-08T01:30:00.000Z" },        { "2022-01-08", "2022-01-07T16:00:00.000Z" },
        { "2022-01-08 09:30:00", "2022-01-08T01:30:00.000Z" },        { "2022-01-08t01:30:00.5z", "2022-01-08T01:30:00.500Z" },
        { "2022-01-08T01:30:00.12399Z", "2022-01-08T01:30:00.123Z" }, { "2022-01-08T01:30:00-03:30", "2022-01-08T05:00:00.000Z" },
        { "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },   { "1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z" },
    };
    static const char *const bad[] = { "",
                                       "2022-01-08T",
                                       "2022-01-08T1:30:00Z",
                                       "2022-01-08T24:00:00Z",
                                       "2022-01-08T01:60:00Z",
                                       "2022-01-08T01:30:60Z",
                                       "2022-01-08T01:30:00.Z",
                                       "2022-01-08T01:30Z",
                                       "2022-01-08T01:30:00+8:00",
                                       "2022-01-08T01:30:00+0800",
                                       "2022-01-08T01:30:00+24:00",
                                       "2022-01-08X01:30:00Z",
                                       "2022-01-08T01:30:00ZZ",
                                       "2022-02-30T01:30:00Z" };
    int wrong = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        bg_ms at = 0, again = 0;
        char text[25];
        wrong += bg_failed(bg_time_parse(bg_str_of(good[i].in), BG_CITY_OFFSET_MIN, &at));
        bg_time_text(at, text);
        wrong += strcmp(text, good[i].out) != 0 || bg_failed(bg_time_parse(bg_str_of(text), 0, &again)) || again != at;
    }
    OK(wrong == 0, "moments are read and written");
    bg_ms at = 9;
    int accepted = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        accepted += !bg_failed(bg_time_parse(bg_str_of(bad[i]), BG_CITY_OFFSET_MIN, &at));
    }
    OK(accepted == 0 && at == 9, "bad moments are refused and leave the result alone");
}

/* tests/data/calendar/workdays.txt: "2020-01 .WW..W…", one letter a day. */
static void test_calendar(void)
{
    FILE *in = fopen("tests/data/calendar/workdays.txt", "r");
    OK(in != NULL, "the referee's calendar is there");
    if (in == NULL) {
        return;
    }
    static bool working[4000];
    char line[256];
    int days = 0, wrong = 0;
    bg_date first = day("2020-01-01");
    while (fgets(line, sizeof line, in) != NULL) {
        if (line[0] == '#') {
            continue;
        }
        for (const char *at = line + 8; *at == 'W' || *at == '.'; at++) {
            bool is = false;
            wrong += bg_failed(bg_workday_is(first + days, &is)) || is != (*at == 'W');
            working[days++] = *at == 'W';
        }
    }
    fclose(in);
    OK(days == 2557 && wrong == 0, "%d days of 2020-2026 equal the referee's, %d differ", days, wrong);
    wrong = 0;
    for (int from = 0; from < days; from += 13) { /* brute force over spans of every length */
        int64_t count = 0, got = 0, back = 0;
        for (int to = from + 1; to < days && to < from + 120; to++) {
            count += working[to];
            wrong += bg_failed(bg_workday_between(first + from, first + to, &got)) || got != count;
            wrong += bg_failed(bg_workday_between(first + to, first + from, &back)) || back != -count;
            bg_date added = 0;
            if (working[to]) {
                wrong += bg_failed(bg_workday_add(first + from, count, &added)) || added != first + to;
            }
        }
    }
    OK(wrong == 0, "adding and counting agree with the walk");
}

static void test_known_days(void)
{
    bg_date date = 0;
    bool is = false;
    OK(!bg_failed(bg_workday_add(day("2022-01-28"), 3, &date)) && date == day("2022-02-07"),
       "3 working days from 2022-01-28: 2022-02-07");
    OK(!bg_failed(bg_workday_add(day("2022-02-07"), -3, &date)) && date == day("2022-01-28"), "and 3 back are 2022-01-28 again");
    OK(!bg_failed(bg_workday_is(day("2022-01-29"), &is)) && is && !bg_failed(bg_workday_is(day("2022-01-30"), &is)) && is,
       "29 and 30 January 2022 were work days");
    OK(!bg_failed(bg_workday_add(day("2022-02-01"), 0, &date)) && date == day("2022-02-01"), "no days added is the day itself");
    bg_err before = bg_workday_is(day("2019-12-31"), &is), after = bg_workday_add(day("2026-12-31"), 1, &date);
    OK(before.code == BG_NO_CALENDAR && after.code == BG_NO_CALENDAR, "a year without notice has no calendar");
}

int main(void)
{
    test_every_date();
    test_bad_dates();
    test_moments();
    test_calendar();
    test_known_days();
    return TAP_DONE();
}
