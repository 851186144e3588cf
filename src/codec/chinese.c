/* Social credit codes, organisation codes, identity numbers and telephone numbers. Plates and divisions have files of their own.
 */
#include "codec/chinese.h"

#include <string.h>

/* Blanks that people and input methods produce, BOM and zero-width ones included. */
static bool point_is_blank(int32_t point)
{
    return point == ' ' || point == '\t' || point == '\r' || point == '\n' || point == 0xA0 || point == 0x3000 ||
           point == 0xFEFF || (point >= 0x2000 && point <= 0x200D) || point == 0x202F || point == 0x205F;
}

bg_err chinese_plain(bg_str in, char *out, size_t size)
{
    size_t pos = 0, len = 0;
    while (pos < in.len) {
        int32_t point = bg_utf8_next(in, &pos);
        if (point < 0) {
            return BG_FAIL(BG_BAD_UTF8);
        }
        if (point_is_blank(point)) {
            continue;
        }
        if (point >= 0xFF01 && point <= 0xFF5E) {
            point -= 0xFF01 - 0x21;
        }
        if (point >= 'a' && point <= 'z') {
            point -= 'a' - 'A';
        }
        char bytes[4];
        size_t count = bg_utf8_put(point, bytes);
        if (len + count >= size) {
            return BG_FAIL(BG_CODE_LENGTH);
        }
        memcpy(out + len, bytes, count);
        len += count;
    }
    out[len] = '\0';
    return BG_DONE;
}

static bool all_digits(const char *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return false;
        }
    }
    return true;
}

static int number_at(const char *at, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

/* --- credit codes --- */

static const char credit_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int credit_value(char c)
{
    const char *at = c != '\0' ? strchr(credit_alphabet, c) : NULL;
    return at != NULL ? (int)(at - credit_alphabet) : -1;
}

bool chinese_credit_code_check(const char body[17], char *ret)
{
    int sum = 0, weight = 1;
    for (int i = 0; i < 17; i++) {
        int value = credit_value(body[i]);
        if (value < 0) {
            return false;
        }
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    *ret = credit_alphabet[(31 - sum % 31) % 31];
    return true;
}

bg_err chinese_credit_code_read(bg_str in, char ret_normal[19])
{
    char plain[32], check;
    BG_TRY(chinese_plain(in, plain, sizeof plain));
    if (strlen(plain) != 18) {
        return BG_FAIL(BG_CODE_LENGTH);
    }
    if (!chinese_credit_code_check(plain, &check) || credit_value(plain[17]) < 0 || !all_digits(plain + 2, 6)) {
        return BG_FAIL(BG_CODE_CHARACTER);
    }
    if (plain[17] != check) {
        return BG_FAIL(BG_CODE_CHECK);
    }
    memcpy(ret_normal, plain, 19);
    return BG_DONE;
}

bg_err chinese_organisation_code_read(bg_str in, char ret_normal[10])
{
    static const int weights[8] = { 3, 7, 9, 10, 5, 8, 4, 2 };
    char plain[16];
    BG_TRY(chinese_plain(in, plain, sizeof plain));
    size_t len = strlen(plain);
    if (len == 10 && plain[8] == '-') {
        plain[8] = plain[9];
        plain[9] = '\0';
        len = 9;
    }
    if (len != 9) {
        return BG_FAIL(BG_CODE_LENGTH);
    }
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        bool digit = plain[i] >= '0' && plain[i] <= '9', letter = plain[i] >= 'A' && plain[i] <= 'Z';
        if (!digit && !letter) {
            return BG_FAIL(BG_CODE_CHARACTER);
        }
        sum += weights[i] * (digit ? plain[i] - '0' : plain[i] - 'A' + 10); /* GB 11714 has all 26 letters */
    }
    if (plain[8] != "0X987654321"[sum % 11]) {
        return BG_FAIL(BG_CODE_CHECK);
    }
    memcpy(ret_normal, plain, 10);
    return BG_DONE;
}

/* --- identity numbers --- */

static char identity_check(const char body[17])
{
    static const int weights[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        sum += weights[i] * (body[i] - '0');
    }
    return "10X98765432"[sum % 11];
}

/* Years before 1900 are outside the calendar of base, but not outside the standard: checked with the same day 400 years later. */
static bg_err identity_birth(const char digits[8], bg_date today, struct chinese_identity *identity)
{
    int year = number_at(digits, 4), month = number_at(digits + 4, 2), day = number_at(digits + 6, 2);
    bg_date birth;
    if (year < 1800 || bg_failed(bg_date_of(year < 1900 ? year + 400 : year, month, day, &birth))) {
        return BG_FAIL(BG_CODE_DATE);
    }
    identity->birth = year < 1900 ? BG_DATE_NONE : birth;
    identity->birth_written = (year * 100 + month) * 100 + day;
    if (today != BG_DATE_NONE && identity->birth != BG_DATE_NONE && identity->birth > today) {
        return BG_FAIL(BG_CODE_DATE);
    }
    return BG_DONE;
}

/* 15 digits (before 1999): division 6, birth yymmdd, sequence 3. Makes the 18 characters. */
static void identity_widen(const char plain[15], char out[19])
{
    memcpy(out, plain, 6);
    memcpy(out + 6, number_at(plain + 12, 3) >= 996 ? "18" : "19", 2);
    memcpy(out + 8, plain + 6, 9);
    out[17] = identity_check(out);
    out[18] = '\0';
}

bg_err chinese_identity_read(bg_str in, bg_date today, struct chinese_identity *ret)
{
    char plain[32];
    struct chinese_identity identity = { .old = false };
    BG_TRY(chinese_plain(in, plain, sizeof plain));
    size_t len = strlen(plain);
    if (len != 15 && len != 18) {
        return BG_FAIL(BG_CODE_LENGTH);
    }
    if (!all_digits(plain, len == 15 ? 15 : 17) || (len == 18 && plain[17] != 'X' && !all_digits(plain + 17, 1))) {
        return BG_FAIL(BG_CODE_CHARACTER);
    }
    if (len == 15) {
        identity.old = true;
        identity_widen(plain, identity.normal);
    } else {
        memcpy(identity.normal, plain, 19);
    }
    if (identity.normal[17] != identity_check(identity.normal)) {
        return BG_FAIL(BG_CODE_CHECK);
    }
    identity.foreign = identity.normal[0] == '9' && !identity.old;
    if (identity.foreign) { /* 9, province of issue, three digits of nationality */
        if (chinese_division_find(number_at(identity.normal + 1, 2) * 10000) == NULL) {
            return BG_FAIL(BG_CODE_DIVISION);
        }
    } else {
        identity.division = number_at(identity.normal, 6);
        if (chinese_division_find(identity.division) == NULL) {
            return BG_FAIL(BG_CODE_DIVISION);
        }
    }
    BG_TRY(identity_birth(identity.normal + 6, today, &identity));
    identity.female = (identity.normal[16] - '0') % 2 == 0;
    *ret = identity;
    return BG_DONE;
}

void chinese_identity_mask(const struct chinese_identity *identity, char out[19])
{
    memcpy(out, identity->normal, 19);
    memset(out + 3, '*', 12);
    if (strlen(identity->normal) != 18) {
        out[0] = '\0';
    }
}

/* --- telephone numbers --- */

/* Digits only; hyphens, brackets and dots dropped. The country code is removed, and with it the rule that a landline drops the 0
 * of its area code is undone. */
static bg_err phone_digits(bg_str in, char *out, size_t size)
{
    char plain[48];
    BG_TRY(chinese_plain(in, plain, sizeof plain));
    const char *at = plain;
    bool country = *at == '+';
    at += country;
    size_t len = 0;
    for (; *at != '\0'; at++) {
        if (*at == '-' || *at == '(' || *at == ')' || *at == '.') {
            continue;
        }
        if (*at < '0' || *at > '9') {
            return BG_FAIL(BG_CODE_CHARACTER);
        }
        if (len + 1 >= size) {
            return BG_FAIL(BG_CODE_LENGTH);
        }
        out[len++] = *at;
    }
    out[len] = '\0';
    size_t drop = 0;
    if (len > 4 && memcmp(out, "0086", 4) == 0) {
        drop = 4;
    } else if (memcmp(out, "86", 2) == 0 && (country || len == 13)) {
        drop = 2;
    } else if (country) {
        return BG_FAIL(BG_CODE_PHONE); /* another country's */
    }
    len -= drop;
    bool mobile = len == 11 && out[drop] == '1' && out[drop + 1] >= '3';
    bool zero = drop > 0 && !mobile && out[drop] != '0' && len > 0;
    memmove(out + zero, out + drop, len + 1); /* dropping at least two makes room for the zero */
    if (zero) {
        out[0] = '0';
    }
    return BG_DONE;
}

bg_err chinese_mobile_read(bg_str in, char ret_normal[12])
{
    char digits[24];
    BG_TRY(phone_digits(in, digits, sizeof digits));
    if (strlen(digits) != 11) {
        return BG_FAIL(BG_CODE_LENGTH);
    }
    if (digits[0] != '1' || digits[1] < '3') {
        return BG_FAIL(BG_CODE_PHONE);
    }
    memcpy(ret_normal, digits, 12);
    return BG_DONE;
}

bg_err chinese_phone_read(bg_str in, char ret_normal[16])
{
    char digits[24];
    BG_TRY(phone_digits(in, digits, sizeof digits));
    size_t len = strlen(digits);
    if (digits[0] == '1') {
        return chinese_mobile_read(in, ret_normal);
    }
    if (digits[0] != '0' || len < 10 || len > 12) {
        return BG_FAIL(BG_CODE_PHONE);
    }
    size_t area = digits[1] == '1' || digits[1] == '2' ? 3 : 4;
    size_t local = len - area;
    if ((local != 7 && local != 8) || digits[area] < '2' || digits[1] == '0') {
        return BG_FAIL(BG_CODE_PHONE);
    }
    memcpy(ret_normal, digits, area);
    ret_normal[area] = '-';
    memcpy(ret_normal + area + 1, digits + area, local + 1);
    return BG_DONE;
}
