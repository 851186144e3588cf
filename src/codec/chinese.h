/* Chinese codes: unified social credit code (统一社会信用代码, GB 32100-2015), organisation code (组织机构代码, GB 11714),
 * citizen's identity number (公民身份号码, GB 11643-1999), administrative divisions (行政区划代码, GB/T 2260 with history),
 * vehicle plates (机动车 号牌, GA 36), telephone numbers.
 *
 * Every reader takes what people type: blanks, full-width characters of an input method (９１Ａ) and lower case are accepted, and
 * the normal form is written into the caller's array with a closing NUL. Results are untouched on failure. Errors name no field:
 * the caller knows it. BG_CODE_LENGTH, BG_CODE_CHARACTER, BG_CODE_CHECK, BG_CODE_DIVISION, BG_CODE_DATE, BG_CODE_PLATE,
 * BG_CODE_PHONE. No function allocates. */
#ifndef BG_CODEC_CHINESE_H
#define BG_CODEC_CHINESE_H

#include "base/base.h"

/* 18 characters of 0-9 and A-Z without I O S V Z: registering authority, kind, 6-digit division, organisation code 9, check
 * character. check = (31 - Σ value·3^(i-1) mod 31) mod 31, that is 31 counts as 0. The division is only checked to be digits:
 * codes carry divisions that no longer exist, and numbers of development zones that never were divisions. Any single wrong
 * character and any swap of two neighbours is refused. 15-digit registration numbers (before 2015) are no credit codes:
 * BG_CODE_LENGTH. */
bg_err chinese_credit_code_read(bg_str in, char ret_normal[19]);
/* The check character of the first 17 (normal form). False when one of them is not in the alphabet. */
bool chinese_credit_code_check(const char body[17], char *ret);
/* 8 characters, an optional '-', check character (GB 11714: 11 - Σ mod 11; 10 is X, 11 is 0). Normal form: 9 characters. */
bg_err chinese_organisation_code_read(bg_str in, char ret_normal[10]);

/* An identity number. Personal data: store encrypted, show with chinese_identity_mask, find by keyed hash. */
struct chinese_identity {
    char normal[19]; /* 18 characters, X upper case; an old 15-digit number in its 18-digit form */
    bg_date birth; /* BG_DATE_NONE before 1900 (the calendar of base), which is valid all the same */
    int birth_written; /* yyyymmdd */
    bool female;
    bool old; /* 15 digits were given */
    bool foreign; /* a foreigner's permanent residence card (2023 form, begins with 9) */
    int division; /* the six digits; 0 for a foreigner */
};
/* Checks the check character (18 digits), division (in use or historical) and date; a birth after `today` is refused
 * (BG_DATE_NONE: not looked at). Sequence 996…999 of a 15-digit number means a birth in the 1800s, as the rule of 1984 had it. */
bg_err chinese_identity_read(bg_str in, bg_date today, struct chinese_identity *ret);
/* 110************02X */
void chinese_identity_mask(const struct chinese_identity *identity, char out[19]);

enum chinese_level { CHINESE_PROVINCE, CHINESE_PREFECTURE, CHINESE_COUNTY };
struct chinese_division {
    int code; /* six digits */
    const char *name; /* static */
    bool in_use;
    int from, to; /* years, `to` is the year it ended; 0: not recorded */
    int successor; /* 0: none recorded, or several took it over */
};
/* BG_CODE_LENGTH, BG_CODE_CHARACTER, BG_CODE_DIVISION (no such code, now or ever). */
bg_err chinese_division_read(bg_str in, struct chinese_division *ret);
/* NULL when there is none. */
const struct chinese_division *chinese_division_find(int code);
enum chinese_level chinese_division_level(int code);
/* "河北省石家庄市长安区", "天津市和平区" (without the filler 市辖区 and 县); at most 96 bytes with NUL. */
void chinese_division_full_name(int code, char out[96]);
/* The whole table in order of code. */
const struct chinese_division *chinese_division_list(size_t *ret_count);

enum chinese_plate_class {
    CHINESE_PLATE_ORDINARY, /* 津A12345 */
    CHINESE_PLATE_NEW_ENERGY_SMALL, /* 津AD12345: letter A B C D E F G H J K, letter or digit, four digits */
    CHINESE_PLATE_NEW_ENERGY_LARGE, /* 津A12345D */
    CHINESE_PLATE_TRAILER, /* 津A1234挂 */
    CHINESE_PLATE_POLICE, /* 津A1234警 */
    CHINESE_PLATE_COACH, /* 津A1234学: driving school 教练车 */
    CHINESE_PLATE_EMBASSY, /* 224578使, 使224578 */
    CHINESE_PLATE_CONSULATE, /* 沪A1234领, 领224578 */
    CHINESE_PLATE_HONG_KONG, /* 粤Z1234港 */
    CHINESE_PLATE_MACAO, /* 粤Z1234澳 */
    CHINESE_PLATE_EMERGENCY, /* 津X0001应急: fire and rescue */
    CHINESE_PLATE_ARMED_POLICE, /* WJ津1234X, WJ12345 */
    CHINESE_PLATE_MILITARY, /* VA12345 */
    CHINESE_PLATE_CLASS_COUNT
};
#define CHINESE_PLATE_MAX 24
struct chinese_plate {
    char normal[CHINESE_PLATE_MAX]; /* UTF-8, no middle dot, upper case, with NUL */
    enum chinese_plate_class class;
};
/* Middle dots and hyphens between the parts are dropped. O and I are never guessed to be 0 and 1: they are refused. */
bg_err chinese_plate_read(bg_str in, struct chinese_plate *ret);
/* "new-energy-small" */
const char *chinese_plate_class_name(enum chinese_plate_class class);

/* 11 digits from 13 to 19, with or without +86, 0086, 86, blanks and hyphens. Normal form: 13812345678. */
bg_err chinese_mobile_read(bg_str in, char ret_normal[12]);
/* A mobile or a landline: area code 010, 02x (3 digits) or 0xxx (4), 7 or 8 digits. Normal form of a landline: 022-23456789. */
bg_err chinese_phone_read(bg_str in, char ret_normal[16]);

/* What people type, made plain: blanks of any kind dropped, full width made half, upper case; other characters stay. At most size
 * - 1 bytes and NUL; BG_CODE_LENGTH when it does not fit, BG_BAD_UTF8 when it is no text. */
bg_err chinese_plain(bg_str in, char *out, size_t size);

#endif
