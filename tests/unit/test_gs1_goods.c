/* GS1 from the side of the store room: keys and check digits, what scanners really send, limits, the table itself, goods and labels. */
#include "codec/gs1.h"

#include <string.h>

#include "codec/gs1_in.h"
#include "tap.h"

static struct bg_arena *arena;

static enum bg_code code_of(const char *scan)
{
    struct gs1 gs1;
    return gs1_parse(arena, bg_str_of(scan), &gs1).code;
}

/* "(01)…(10)…" of a scan, or the slug of the error. */
static const char *shown(bg_str scan)
{
    struct gs1 gs1;
    bg_str text;
    bg_err err = gs1_parse(arena, scan, &gs1);
    if (bg_failed(err) || bg_failed(gs1_write_brackets(arena, &gs1, &text))) {
        return bg_errors[err.code].slug;
    }
    return bg_arena_text(arena, "%.*s", BG_STR_FMT(text));
}

static bool shows(const char *scan, const char *wanted)
{
    return strcmp(shown(bg_str_of(scan)), wanted) == 0;
}

static void test_check_digits(void)
{
    static const char *const right[] = { "24012345678905", "2112233789657", "416000336108", "02345680", "123456789012345675",
        "1234567890128" };
    int wrong = 0, single = 0, swaps = 0, swaps_seen = 0;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        wrong += !gs1_check_digit_right(bg_str_of(right[i]));
    }
    OK(wrong == 0, "published keys have right check digits");
    /* Against the sum written out: weights from the right 1, 3, 1, 3, … over all digits make a multiple of ten. */
    uint64_t state = 1;
    for (int i = 0; i < 20000; i++) {
        char digits[20];
        size_t len = 2 + (size_t)(state >> 33) % 17;
        unsigned sum = 0;
        for (size_t j = 0; j < len; j++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            digits[j] = (char)('0' + (state >> 40) % 10);
            sum += (unsigned)(digits[j] - '0') * ((len - j) % 2 == 0 ? 3 : 1);
        }
        wrong += gs1_check_digit_right((bg_str){ digits, len }) != (sum % 10 == 0);
    }
    OK(wrong == 0, "20000 random keys agree with the sum written out");
    char gtin[15] = "09521234543213";
    for (int at = 0; at < 14; at++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char kept = gtin[at];
            gtin[at] = digit;
            single += digit != kept && gs1_check_digit_right(bg_str_of(gtin));
            gtin[at] = kept;
        }
        if (at > 0 && gtin[at] != gtin[at - 1]) {
            int apart = gtin[at] - gtin[at - 1];
            char swapped[15];
            memcpy(swapped, gtin, 15);
            swapped[at] = gtin[at - 1];
            swapped[at - 1] = gtin[at];
            swaps_seen++;
            swaps += gs1_check_digit_right(bg_str_of(swapped)) != (apart == 5 || apart == -5);
        }
    }
    OK(single == 0 && swaps == 0 && swaps_seen > 8, "every single wrong digit is seen; swaps are, but for digits five apart");
    OK(gs1_check_digit(bg_str_of("123456789012")) == '8' && gs1_check_digit(bg_str_of("")) == 0 &&
        gs1_check_digit(bg_str_of("12a")) == 0,
       "a body that is empty or not all digits has no check digit");
}

static bool key_is(enum gs1_key key, const char *text, const char *normal)
{
    char got[19] = "untouched";
    return !bg_failed(gs1_key_read(key, bg_str_of(text), got)) && strcmp(got, normal) == 0;
}

static void test_keys(void)
{
    char got[19] = "untouched";
    OK(key_is(GS1_GTIN, "02345680", "00000002345680") && key_is(GS1_GTIN, "416000336108", "00416000336108") &&
           key_is(GS1_GTIN, "2112233789657", "02112233789657") && key_is(GS1_GTIN, "24012345678905", "24012345678905"),
       "GTIN-8, -12, -13 and -14 have one normal form");
    OK(key_is(GS1_SSCC, "123456789012345675", "123456789012345675") && key_is(GS1_GLN, "1234567890128", "1234567890128"),
        "SSCC and GLN");
    OK(gs1_key_read(GS1_GTIN, bg_str_of("02345681"), got).code == BG_GS1_CHECK &&
        gs1_key_read(GS1_GTIN, bg_str_of("023456800"), got).code == BG_GS1_LENGTH &&
        gs1_key_read(GS1_GLN, bg_str_of("12345678901 8"), got).code == BG_GS1_CHARACTER &&
        gs1_key_read(GS1_SSCC, bg_str_of(""), got).code == BG_GS1_LENGTH &&
           strcmp(got, "untouched") == 0,
       "wrong digit, length, character and nothing at all are refused and leave the result alone");
}

static void test_scanners(void)
{
    OK(shows("]C10109521234543213" "10ABC\x1D" "17220630", "(01)09521234543213(10)ABC(17)220630"), "GS1-128 with its identifier");
    OK(shows("0109521234543213" "10ABC\x1D" "17220630", "(01)09521234543213(10)ABC(17)220630"), "the same without an identifier");
    OK(shows("\x1D" "0109521234543213" "10ABC", "(01)09521234543213(10)ABC"), "the leading FNC1 sent as GS");
    OK(shows("]C10109521234543213\x1D" "17220630\x1D", "(01)09521234543213(17)220630"), "a needless separator is passed over");
    OK(code_of("]C1\x1D" "0109521234543213") == BG_GS1_UNKNOWN_AI &&
        code_of("0109521234543213\x1D\x1D" "17220630") == BG_GS1_UNKNOWN_AI,
       "two separators are not");
    OK(shows("4006381333931", "(01)04006381333931") && shows("]E04006381333931", "(01)04006381333931"),
       "a German article number is a GTIN, not order number 400");
    OK(shows("02345680", "(01)00000002345680") && shows("]E402345680", "(01)00000002345680"), "EAN-8");
    OK(code_of("]E04006381333932") == BG_GS1_CHECK && code_of("]E0400638133393") == BG_GS1_LENGTH &&
        code_of("]E0400638133393A") == BG_GS1_CHARACTER,
       "EAN-13 with a wrong digit, too few, a letter");
    OK(shows("]E02112233789657|]e0" "99COMPOSITE\x1D" "98XYZ", "(01)02112233789657(99)COMPOSITE(98)XYZ"),
        "EAN-13 with a composite part");
    OK(shows("https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426", "(01)09520123456788(10)ABC1(21)12345(17)180426"),
       "the example of the Digital Link standard");
    OK(shows("]Q1https://id.gs1.org/01/09520123456788", "(01)09520123456788") &&
        code_of("Https://id.gs1.org/01/09520123456788") == BG_GS1_URI,
       "a link in a QR code; a scheme in mixed case is refused");
    struct gs1 gs1;
    OK(!bg_failed(gs1_parse(arena, BG_STR("]Q1WIFI:T:WPA;S:x;;"), &gs1)) && gs1.form == GS1_PLAIN && gs1.count == 0 &&
           bg_str_is(gs1.plain, "WIFI:T:WPA;S:x;;") && strcmp(gs1.symbology, "Q1") == 0,
       "plain text in a QR code is no error and no goods");
    OK(code_of("") == BG_GS1_EMPTY && code_of("]C1") == BG_GS1_EMPTY && code_of("]C") == BG_GS1_SYMBOLOGY &&
        code_of("]A0123") == BG_GS1_SYMBOLOGY,
       "nothing, half an identifier, a foreign one");
    OK(code_of("010952123454321310ABC^17220630") == BG_GS1_CHARACTER, "^ is never a separator");
    bg_str restored;
    OK(!bg_failed(gs1_restore_separator(arena, BG_STR("010952123454321310ABC{GS}17220630"), BG_STR("{GS}"), &restored)) &&
           strcmp(shown(restored), "(01)09521234543213(10)ABC(17)220630") == 0,
       "a scanner that types {GS}");
    OK(!bg_failed(gs1_restore_separator(arena, BG_STR("{G{GS}"), BG_STR("{GS}"), &restored)) && bg_str_is(restored, "{G\x1D") &&
           !bg_failed(gs1_restore_separator(arena, BG_STR("ab"), BG_STR(""), &restored)) && bg_str_is(restored, "ab"),
       "only the whole text is replaced, an empty one never");
    OK(code_of("0109521234543213" "10ABC17220630") == BG_OK && shows("010952123454321310ABC17220630",
        "(01)09521234543213(10)ABC17220630"),
       "a scanner that drops GS makes one long lot: nothing can tell");
}

static size_t repeat(char *out, size_t size, const char *head, const char *unit, size_t count)
{
    size_t len = (size_t)snprintf(out, size, "%s", head);
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s", unit);
    }
    return len;
}

static void test_limits(void)
{
    static char text[GS1_MAX_BYTES + 64];
    size_t len = repeat(text, sizeof text, "]C1", "99AB\x1D", 64);
    OK(code_of(text) == BG_OK, "64 AIs in an element string");
    repeat(text, sizeof text, "]C1", "99AB\x1D", 65);
    OK(code_of(text) == BG_GS1_TOO_MANY, "65 are refused");
    repeat(text, sizeof text, "", "(99)AB", 64);
    OK(code_of(text) == BG_OK, "64 AIs in brackets");
    repeat(text, sizeof text, "", "(99)AB", 65);
    OK(code_of(text) == BG_GS1_TOO_MANY, "65 are refused");
    repeat(text, sizeof text, "(99)AB|", "(98)AB", 62);
    OK(code_of(text) == BG_OK, "63 AIs and the bar of a composite");
    repeat(text, sizeof text, "(99)AB|", "(98)AB", 63);
    OK(code_of(text) == BG_GS1_TOO_MANY, "64 and the bar are refused");
    repeat(text, sizeof text, "https://a/01/09520123456788?", "x&", 63);
    OK(code_of(text) == BG_GS1_TOO_MANY && (text[strlen(text) - 1] = '\0', code_of(text)) == BG_OK,
       "ignored parameters of a link take places too, the empty one at the end as well");
    repeat(text, sizeof text, "]E04006381333931|]e0", "99AB\x1D", 64);
    OK(code_of(text) == BG_OK, "an EAN-13 and 64 AIs beside it");
    len = repeat(text, sizeof text, "0109520123456788" "99", "A", 90);
    OK(code_of(text) == BG_OK && (text[len] = 'A', text[len + 1] = '\0', code_of(text)) == BG_GS1_LENGTH,
        "90 characters of internal text, not 91");
    struct gs1 gs1;
    memset(text, 'A', sizeof text);
    memcpy(text, "]Q1", 3);
    OK(!bg_failed(gs1_parse(arena, (bg_str){ text, GS1_MAX_BYTES }, &gs1)) &&
           gs1_parse(arena, (bg_str){ text, GS1_MAX_BYTES + 1 }, &gs1).code == BG_TOO_LARGE,
       "%d bytes, not one more", GS1_MAX_BYTES);
    OK(gs1_parse_link(arena, (bg_str){ text, GS1_MAX_BYTES + 1 }, &gs1).code == BG_TOO_LARGE &&
           gs1_parse_brackets(arena, (bg_str){ text, GS1_MAX_BYTES + 1 }, &gs1).code == BG_TOO_LARGE,
       "links and brackets neither");
    OK(gs1_parse(arena, (bg_str){ "01095201234567\0" "8", 16 }, &gs1).code == BG_GS1_CHARACTER,
        "a NUL is a byte like others, and not allowed");
}

/* The table keeps what the readers rely on. */
static void test_table(void)
{
    size_t rows = 0, wrong = 0, ais = 0, len_of[100] = { 0 };
    const struct gs1_row *row, *last = NULL;
    for (; (row = gs1_row_number(rows)) != NULL; rows++, last = row) {
        size_t min, max, len = strlen(row->first), prefix = (size_t)((row->first[0] - '0') * 10 + row->first[1] - '0');
        gs1_row_length(row, &min, &max);
        wrong += last != NULL && strcmp(last->last, row->first) >= 0;
        wrong += strlen(row->last) != len || memcmp(row->first, row->last,
            len - 1) != 0 || row->first[len - 1] > row->last[len - 1];
        wrong += len_of[prefix] != 0 && len_of[prefix] != len;
        len_of[prefix] = len;
        /* General Specifications 7.8.5: the prefixes whose length is fixed for ever. */
        bool fixed = prefix <= 4 || (prefix >= 11 && prefix <= 20) || (prefix >= 31 && prefix <= 36) || prefix == 41;
        wrong += fixed == row->separator || (fixed && min != max) || max > 90;
        wrong += row->title[0] == '\0' || (unsigned char)row->title_zh[0] < 0x80;
        for (char digit = row->first[len - 1]; digit <= row->last[len - 1]; digit++, ais++) {
            char ai[5];
            memcpy(ai, row->first, 5);
            ai[len - 1] = digit;
            wrong += gs1_row_find(bg_str_of(ai)) != row;
        }
    }
    OK(wrong == 0 && rows > 200 && ais == 541, "%zu rows for %zu AIs, in order, of fitting lengths, each found", rows, ais);
    size_t found = 0;
    for (int i = 0; i < 11110; i++) {
        char ai[8];
        (void)snprintf(ai, sizeof ai, i < 10 ? "%01d" : i < 110 ? "%02d" : i < 1110 ? "%03d" : "%04d",
                       i < 10 ? i : i < 110 ? i - 10 : i < 1110 ? i - 110 : i - 1110);
        found += gs1_row_find(bg_str_of(ai)) != NULL;
    }
    OK(found == ais, "no other number of one to four digits is an AI");
    bg_str en, zh;
    OK(gs1_title(BG_STR("10"), &en, &zh) && bg_str_is(en, "BATCH/LOT") && bg_str_is(zh, "批号") &&
        !gs1_title(BG_STR("05"), &en, &zh),
       "names of AIs in both languages");
}

static bg_date day(int year, int month, int day_of)
{
    bg_date date = BG_DATE_NONE;
    bg_ignore(bg_date_of(year, month, day_of, &date));
    return date;
}

static bg_date read_date(const char *text, bg_date today, bool day_zero)
{
    bg_date date = BG_DATE_NONE;
    return gs1_date(bg_str_of(text), today, day_zero, &date) ? date : BG_DATE_NONE;
}

static void test_dates(void)
{
    bg_date today = day(2022, 1, 8);
    OK(read_date("720101", today, true) == day(2072, 1, 1) && read_date("730101", today, true) == day(1973, 1, 1),
        "51 years ahead are the past");
    OK(read_date("110101", day(2060, 6, 1), true) == day(2011, 1, 1) && read_date("100101", day(2060, 6, 1),
        true) == day(2110, 1, 1),
       "50 years back are the future");
    OK(read_date("240200", today, true) == day(2024, 2, 29) && read_date("230200", today, true) == day(2023, 2, 28) &&
           read_date("220400", today, true) == day(2022, 4, 30) && read_date("221200", today, true) == day(2022, 12, 31),
       "day 00 is the last of the month");
    OK(read_date("220400", today, false) == BG_DATE_NONE && read_date("221300", today, true) == BG_DATE_NONE &&
           read_date("220230", today, true) == BG_DATE_NONE && read_date("22013", today, true) == BG_DATE_NONE &&
               read_date("", today, true) == BG_DATE_NONE,
       "what is no date is none");
}

static struct gs1_candidate goods(const char *scan)
{
    struct gs1 gs1 = { 0 };
    struct gs1_candidate candidate;
    bg_ignore(gs1_parse(arena, bg_str_of(scan), &gs1));
    gs1_candidate_of(&gs1, day(2022, 1, 8), &candidate);
    return candidate;
}

static void test_candidates(void)
{
    struct gs1_candidate c = goods("(01)06901234567892(10)L2022-01(11)220105(17)240100(21)S/1(30)20");
    OK(bg_str_is(c.gtin, "06901234567892") && bg_str_is(c.lot, "L2022-01") && bg_str_is(c.serial, "S/1") && c.count == 20 &&
           c.made == day(2022, 1, 5) && c.expiry == day(2024, 1, 31) && c.best_before == BG_DATE_NONE && c.sscc.len == 0 &&
               c.gln.len == 0,
       "a box of masks");
    c = goods("(00)106141412345678908(02)06901234567892(37)48(10)B7");
    OK(bg_str_is(c.sscc, "106141412345678908") && bg_str_is(c.gtin, "06901234567892") && c.count == 48 &&
        bg_str_is(c.lot, "B7"), "a pallet of 48");
    c = goods("(01)06901234567892(7003)2203011230(8008)22010508");
    OK(c.expiry == day(2022, 3, 1) && c.made == day(2022, 1, 5), "expiry and production to the hour give the day");
    c = goods("nonsense");
    OK(c.gtin.len == 0 && c.count == -1 && c.expiry == BG_DATE_NONE && c.made == BG_DATE_NONE, "a refused scan says nothing");
    struct gs1_candidate a = goods("(01)06901234567892"), b = goods("]C1" "10B7\x1D" "0106901234567892" "17240131");
    OK(!bg_failed(gs1_candidate_merge(arena, &a, &b)) && bg_str_is(a.lot, "B7") &&
        a.expiry == day(2024, 1, 31), "two codes of one pack come together");
    struct gs1_candidate before = a, blank = goods("x");
    OK(!bg_failed(gs1_candidate_merge(arena, &a, &blank)) && bg_str_eq(a.lot, before.lot) && a.expiry == before.expiry &&
        bg_str_eq(a.gtin, before.gtin),
       "a blank never overwrites what is known");
    b = goods("(01)06901234567892(10)B8(21)9");
    bg_err err = gs1_candidate_merge(arena, &a, &b);
    OK(err.code == BG_GS1_CONFLICT && strcmp(err.field, "lot") == 0 && strcmp(err.facts,
        "\"known\":\"B7\",\"scanned\":\"B8\"") == 0 &&
           a.serial.len == 0 && bg_str_is(a.lot, "B7"),
       "another lot is refused with both values, and nothing of it stays");
    b = goods("(01)06901234567892(17)240201");
    err = gs1_candidate_merge(arena, &a, &b);
    OK(err.code == BG_GS1_CONFLICT && strcmp(err.field, "expiry") == 0 && strstr(err.facts, "2024-01-31") != NULL,
        "another expiry too");
    a.count = 5;
    b = (struct gs1_candidate){ .made = BG_DATE_NONE, .best_before = BG_DATE_NONE, .expiry = BG_DATE_NONE, .count = 6 };
    OK(gs1_candidate_merge(arena, &a, &b).code == BG_GS1_CONFLICT && a.count == 5, "another count too");
}

static void test_labels(void)
{
    struct gs1 gs1, again;
    struct gs1_candidate c = goods("(01)06901234567892(10)L2022(11)220105(17)240131(21)S1(30)20"), back;
    bg_str text;
    bool built = !bg_failed(gs1_of_candidate(arena, &c, &gs1)) && !bg_failed(gs1_write_brackets(arena, &gs1, &text));
    OK(built && bg_str_is(text, "(01)06901234567892(11)220105(17)240131(10)L2022(21)S1(30)20"),
        "a label from what is known of the goods");
    gs1_candidate_of(&gs1, day(2022, 1, 8), &back);
    OK(!bg_failed(gs1_candidate_merge(arena, &back, &c)) && bg_str_eq(back.lot, c.lot) &&
        back.expiry == c.expiry, "which says the same again");
    c = goods("(00)106141412345678908(02)06901234567892(37)48(10)B7");
    OK(!bg_failed(gs1_of_candidate(arena, &c, &gs1)) && !bg_failed(gs1_write_elements(arena, &gs1, &text)) &&
           bg_str_is(text, "00106141412345678908" "0206901234567892" "10B7\x1D" "3748"),
       "a label of a logistic unit");
    c.sscc = (bg_str){ "", 0 };
    OK(!bg_failed(gs1_of_candidate(arena, &c, &gs1)) && bg_str_is(gs1_find(&gs1, "30"), "48") && gs1_find(&gs1, "37").len == 0,
       "without SSCC the count is that of the trade item");
    c.lot = BG_STR("批号");
    OK(gs1_of_candidate(arena, &c, &gs1).code == BG_GS1_CHARACTER, "Chinese characters do not fit into an AI");
    bg_ignore(gs1_parse(arena, BG_STR("(10)ABC(01)06901234567892(17)240131"), &gs1));
    OK(!bg_failed(gs1_write_symbol(arena, &gs1, GS1_128, &text)) && bg_str_is(text, "0106901234567892" "17240131" "10ABC"),
       "in a symbol fixed lengths come first, so that no separator is needed");
    bg_ignore(gs1_parse(arena, BG_STR("(01)06901234567892(17)240131(10)ABCDEFGHIJKLMNOPQRST(21)1"), &gs1));
    bg_err err = gs1_write_symbol(arena, &gs1, GS1_128, &text);
    OK(err.code == BG_GS1_SYMBOL_FULL && strcmp(err.facts, "\"needed\":50,\"most\":48") == 0,
        "49 characters and more do not fit into GS1-128");
    OK(!bg_failed(gs1_write_symbol(arena, &gs1, GS1_DATAMATRIX, &text)) && text.len == 50, "but into Data Matrix");
    OK(!bg_failed(gs1_write_text(arena, &gs1, GS1_NAMES_ZH, &text)) && bg_str_starts(text,
        BG_STR("全球贸易项目代码 (01) 06901234567892\n有效期 (17) 240131\n")),
       "human readable text with Chinese names");
    OK(gs1_write_link(arena, &gs1, BG_STR("example.com"), &text).code == BG_GS1_STEM &&
           gs1_write_link(arena, &gs1, BG_STR("https://example.com?x"), &text).code == BG_GS1_STEM &&
           gs1_write_link(arena, &gs1, BG_STR("https://a b"), &text).code == BG_GS1_STEM &&
               gs1_stem_right(BG_STR("http://example.com:8080/city/")),
       "a stem is a scheme, a domain and at most a path");
    static const struct gs1_element bad[] = { { { "01", 2 }, { "06901234567893", 14 } } };
    OK(gs1_of_elements(arena, bad, 1, &again).code == BG_GS1_CHECK && gs1_of_elements(arena, bad, 0, &again).code == BG_GS1_EMPTY,
       "elements given by hand are judged like a scan");
}

int main(void)
{
    arena = bg_arena_open(4u << 20);
    test_check_digits();
    test_keys();
    test_scanners();
    test_limits();
    test_table();
    test_dates();
    test_candidates();
    test_labels();
    bg_arena_close(arena);
    return TAP_DONE();
}
