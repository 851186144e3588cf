/* Time is UTC in milliseconds; a date is a city's date. Dates count days since 1970-01-01 (proleptic Gregorian calendar). */
#ifndef BG_BASE_TIME_H
#define BG_BASE_TIME_H

#include "base/env.h"
#include "base/error.h"
#include "base/str.h"

typedef int32_t bg_date;

#define BG_CITY_OFFSET_MIN 480 /* Asia/Shanghai: UTC+8 all the year since 1991; the offset of a city is its setting */
#define BG_DATE_NONE INT32_MIN
#define BG_TIME_NONE INT64_MIN

/* Date of year, month 1…12, day 1…31; BG_BAD_TIME when there is no such day (2022-02-30) or the year is outside 1900…2999. */
bg_err bg_date_of(int year, int month, int day, bg_date *ret);
void bg_date_parts(bg_date date, int *year, int *month, int *day);
/* 1 = Monday … 7 = Sunday. */
int bg_date_weekday(bg_date date);
/* Strictly YYYY-MM-DD. */
bg_err bg_date_parse(bg_str s, bg_date *ret);
/* Writes YYYY-MM-DD and NUL. */
void bg_date_text(bg_date date, char out[11]);
/* The city date at a moment, and the first moment of a city date. */
bg_date bg_date_at(bg_ms at, int offset_min);
bg_ms bg_date_start(bg_date date, int offset_min);

/* RFC 3339: date 'T' time, optional fraction (cut to milliseconds), 'Z' or an offset. A date alone means its first moment in the city
 * (offset_min); a time without offset is city time. */
bg_err bg_time_parse(bg_str s, int offset_min, bg_ms *ret);
/* Writes 2022-01-08T01:30:00.000Z and NUL. */
void bg_time_text(bg_ms at, char out[25]);

/* Working days of mainland China: weekends, less the holidays, plus the make-up work days of the State Council's yearly notices (data for
 * 2020…2026). BG_NO_CALENDAR for any other year: holidays cannot be computed. */
bg_err bg_workday_is(bg_date date, bool *ret);
/* The date after `days` working days, not counting `date` itself; negative counts back; 0 gives the date itself. */
bg_err bg_workday_add(bg_date date, int64_t days, bg_date *ret);
/* Working days in (from, to]; negative when to < from. */
bg_err bg_workday_between(bg_date from, bg_date to, int64_t *ret);

#endif
