/* Numbers of a workbook as people read them: plain decimals, dates and clocks by the cell's number format. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/xlsx_in.h"

/* [h], [mm], [ss]. */
static bool is_elapsed(bg_str inside)
{
    for (size_t i = 0; i < inside.len; i++) {
        if (memchr("hHmMsS", inside.at[i], 6) == NULL) {
            return false;
        }
    }
    return inside.len > 0;
}

/* Letters that a format code uses, outside quotes, escapes, brackets and padding, in its first section. */
enum xlsx_show xlsx_format_show(bg_str code)
{
    bool year_day = false, month = false, clock = false;
    for (size_t i = 0; i < code.len && code.at[i] != ';'; i++) {
        switch (code.at[i]) {
        case '"': i += 1 + bg_str_find(bg_str_cut(code, i + 1, code.len), '"'); break;
        case '\\':
        case '_':
        case '*': i++; break;
        case '[': {
            size_t len = bg_str_find(bg_str_cut(code, i, code.len), ']');
            bg_str inside = bg_str_cut(code, i + 1, i + len);
            if (is_elapsed(inside)) {
                return XLSX_SHOW_NUMBER; /* elapsed time is a quantity, not a clock */
            }
            i += len;
            break;
        }
        case 'y':
        case 'Y':
        case 'd':
        case 'D': year_day = true; break;
        case 'm':
        case 'M': month = true; break;
        case 'h':
        case 'H':
        case 's':
        case 'S': clock = true; break;
        default: break;
        }
    }
    bool date = year_day || (month && !clock);
    return (enum xlsx_show)((date ? XLSX_SHOW_DATE : 0) | (clock ? XLSX_SHOW_CLOCK : 0));
}

/* ECMA-376 part 1, 18.8.30: the formats every program knows, those of Chinese systems included. */
enum xlsx_show xlsx_builtin_show(int64_t id)
{
    if (id == 22) {
        return XLSX_SHOW_BOTH;
    }
    if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47 || id == 55 || id == 56) {
        return XLSX_SHOW_CLOCK;
    }
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) || id == 57 || id == 58) {
        return XLSX_SHOW_DATE;
    }
    return XLSX_SHOW_NUMBER;
}

/* "-1.5e+20" and "1e-7" without their exponents. `text` is what %.15g wrote. */
static void expand(const char *text, char out[64])
{
    const char *e = strchr(text, 'e');
    if (e == NULL) {
        (void)snprintf(out, 64, "%s", text);
        return;
    }
    char digits[24];
    size_t count = 0, len = 0;
    long exponent = strtol(e + 1, NULL, 10), point = 0;
    bool negative = *text == '-', seen = false;
    for (const char *at = text + negative; at < e; at++) {
        if (*at == '.') {
            seen = true;
        } else if (count < sizeof digits) {
            digits[count++] = *at;
            point += !seen;
        }
    }
    point += exponent; /* digits before the decimal point */
    if (negative) {
        out[len++] = '-';
    }
    if (point <= 0) {
        out[len++] = '0';
        out[len++] = '.';
    }
    for (; point < 0; point++) {
        out[len++] = '0';
    }
    for (size_t i = 0; i < count || (point > 0 && (long)i < point); i++) {
        if (point > 0 && (long)i == point) {
            out[len++] = '.';
        }
        out[len++] = i < count ? digits[i] : '0';
    }
    out[len] = '\0';
}

/* Days since 1899-12-31 (so that 1 is 1900-01-01), or since 1904-01-01. Excel believes in 1900-02-29, which is day 60. */
static bool serial_text(double serial, enum xlsx_show show, bool date1904, char out[64])
{
    if (!(serial > -1 && serial < 500000)) { /* no day of any calendar here, and maybe more than an integer holds */
        return false;
    }
    double whole = floor(serial);
    int64_t seconds = (int64_t)floor((serial - whole) * 86400 + 0.5);
    int64_t day = (int64_t)whole + seconds / 86400;
    seconds %= 86400;
    char clock[16] = "", date[11];
    (void)snprintf(clock, sizeof clock, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
    if (show == XLSX_SHOW_CLOCK && day == 0) {
        (void)snprintf(out, 64, "%s", clock);
        return true;
    }
    bg_date epoch = date1904 ? -24107 : day > 60 ? -25569 : -25568; /* 1904-01-01, 1899-12-30, 1899-12-31 */
    if (day < (date1904 ? 0 : 1) || (day == 60 && !date1904) || day > 401768) { /* to 2999-12-31 */
        return false;
    }
    bg_date_text((bg_date)(epoch + day), date);
    (void)snprintf(out, 64, show == XLSX_SHOW_DATE ? "%s" : "%sT%s", date, clock);
    return true;
}

bool xlsx_number_text(bg_str raw, enum xlsx_show show, bool date1904, char out[64])
{
    char text[48], shortest[48];
    raw = bg_str_trim(raw);
    if (raw.len == 0 || raw.len >= sizeof text) {
        return false;
    }
    memcpy(text, raw.at, raw.len);
    text[raw.len] = '\0';
    char *end;
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value) || strspn(text, "+-.0123456789eE") != raw.len || fabs(value) > 1e40 ||
        (value != 0 && fabs(value) < 1e-25)) { /* beyond what plain digits can say */
        return false;
    }
    if (show != XLSX_SHOW_NUMBER && serial_text(value, show, date1904, out)) {
        return true;
    }
    int64_t integer;
    if (raw.len <= 15 && bg_str_int(raw, &integer)) {
        (void)snprintf(out, 64, "%lld", (long long)integer);
        return true;
    }
    (void)snprintf(shortest, sizeof shortest, "%.15g", value);
    expand(shortest, out);
    return true;
}
