/* Inside GS1: the table of AIs and the rules of content. Private to the gs1 files. */
#ifndef BG_CODEC_GS1_IN_H
#define BG_CODEC_GS1_IN_H

#include "codec/gs1.h"

/* RULE(name, error code, slug, what it demands in Chinese, in English). The first four are the sets of characters. */
#define GS1_RULES(RULE) \
    RULE(N, BG_GS1_CHARACTER, "numeric", "只能是数字", "digits only") \
    RULE(X, BG_GS1_CHARACTER, "cset82", "只能是 GS1 字符集 82 中的字符", "characters of GS1 set 82 only") \
    RULE(Y, BG_GS1_CHARACTER, "cset39", "只能是数字、大写字母和 #-/", "digits, capital letters and #-/ only") \
    RULE(Z, BG_GS1_CHARACTER, "cset64", "只能是 base64url 字符，补齐正确", "base64url with right padding only") \
    RULE(CSUM, BG_GS1_CHECK, "csum", "校验位", "check digit") \
    RULE(CSUMALPHA, BG_GS1_CHECK, "csumalpha", "两位校验字符", "pair of check characters") \
    RULE(IBAN, BG_GS1_CHECK, "iban", "国际银行账号的国别、长度与校验", "country, length and check of an IBAN") \
    RULE(GCPPOS1, BG_GS1_VALUE, "gcppos1", "以四位以上数字的厂商识别代码开头", "starts with a company prefix of digits") \
    RULE(GCPPOS2, BG_GS1_VALUE, "gcppos2", "第二位起是厂商识别代码", "a company prefix of digits from the second place") \
    RULE(YYMMD0, BG_GS1_DATE, "yymmd0", "年月日，日可为 00", "YYMMDD, the day may be 00") \
    RULE(YYMMDD, BG_GS1_DATE, "yymmdd", "年月日", "YYMMDD") \
    RULE(YYYYMMD0, BG_GS1_DATE, "yyyymmd0", "四位年月日，日可为 00", "YYYYMMDD, the day may be 00") \
    RULE(YYYYMMDD, BG_GS1_DATE, "yyyymmdd", "四位年月日", "YYYYMMDD") \
    RULE(HH, BG_GS1_DATE, "hh", "小时 00–23", "hour 00-23") \
    RULE(MI, BG_GS1_DATE, "mi", "分钟 00–59", "minute 00-59") \
    RULE(SS, BG_GS1_DATE, "ss", "秒 00–59", "second 00-59") \
    RULE(HHMI, BG_GS1_DATE, "hhmi", "时分", "hour and minute") \
    RULE(ISO3166, BG_GS1_VALUE, "iso3166", "ISO 3166 三位国家数字代码", "ISO 3166 number of a country") \
    RULE(ISO3166999, BG_GS1_VALUE, "iso3166999", "ISO 3166 国家数字代码或 999", "ISO 3166 number of a country, or 999") \
    RULE(ISO3166ALPHA2, BG_GS1_VALUE, "iso3166alpha2", "ISO 3166 两位国家字母代码", "ISO 3166 letters of a country") \
    RULE(ISO4217, BG_GS1_VALUE, "iso4217", "ISO 4217 三位货币数字代码", "ISO 4217 number of a currency") \
    RULE(ISO5218, BG_GS1_VALUE, "iso5218", "性别代码 0、1、2 或 9", "sex: 0, 1, 2 or 9") \
    RULE(MEDIATYPE, BG_GS1_VALUE, "mediatype", "数据载体类型代码", "code of an AIDC media type") \
    RULE(PACKAGETYPE, BG_GS1_VALUE, "packagetype", "包装类型代码", "code of a package type") \
    RULE(NONZERO, BG_GS1_VALUE, "nonzero", "不能为零", "must not be zero") \
    RULE(ZERO, BG_GS1_VALUE, "zero", "必须为零", "must be zero") \
    RULE(NOZEROPREFIX, BG_GS1_VALUE, "nozeroprefix", "数字，不能以 0 开头", "digits without a leading zero") \
    RULE(HASNONDIGIT, BG_GS1_VALUE, "hasnondigit", "不能全是数字", "must not be all digits") \
    RULE(YESNO, BG_GS1_VALUE, "yesno", "0 或 1", "0 or 1") \
    RULE(WINDING, BG_GS1_VALUE, "winding", "卷绕方向 0、1 或 9", "winding direction 0, 1 or 9") \
    RULE(HYPHEN, BG_GS1_VALUE, "hyphen", "连字符（负号）", "a hyphen (minus)") \
    RULE(IMPORTERIDX, BG_GS1_VALUE, "importeridx", "进口商索引字符", "one character of an importer index") \
    RULE(LATITUDE, BG_GS1_VALUE, "latitude", "纬度 0000000000–1800000000", "latitude 0000000000-1800000000") \
    RULE(LONGITUDE, BG_GS1_VALUE, "longitude", "经度 0000000000–3600000000", "longitude 0000000000-3600000000") \
    RULE(PCENC, BG_GS1_VALUE, "pcenc", "% 后须有两位十六进制数", "two hex digits behind each %") \
    RULE(PIECEOFTOTAL, BG_GS1_VALUE, "pieceoftotal", "件号不为零且不大于总件数", "piece number from 1 to the total") \
    RULE(POSINSEQSLASH, BG_GS1_VALUE, "posinseqslash", "次序/总数，均不以 0 开头", "position/total without leading zeros") \
    RULE(COUPONCODE, BG_GS1_VALUE, "couponcode", "北美优惠券结构", "structure of a North American coupon") \
    RULE(COUPONPOSOFFER, BG_GS1_VALUE, "couponposoffer", "北美无纸优惠券结构", "structure of a paperless coupon")

enum gs1_rule {
    RULE_NONE, /* ends a list */
#define RULE(name, code, slug, zh, en) RULE_##name,
    GS1_RULES(RULE)
#undef RULE
    RULE_COUNT
};

struct gs1_rule_info {
    enum bg_code code;
    const char *slug, *zh, *en;
};
extern const struct gs1_rule_info gs1_rules[RULE_COUNT];

/* Does the text satisfy the rule? *ret_at: where the first fault is (always set on false). Any bytes and lengths are safe. */
bool gs1_rule_holds(enum gs1_rule rule, bg_str text, size_t *ret_at);
/* Code lists, of the ones above. */
bool gs1_code_listed(enum gs1_rule rule, bg_str text);
bool gs1_coupon_holds(bg_str text, size_t *ret_at);
bool gs1_coupon_offer_holds(bg_str text, size_t *ret_at);
bool gs1_all_digits(bg_str text);

#define GS1_MAX_PARTS 5

struct gs1_part {
    enum gs1_rule set; /* RULE_N, X, Y or Z; RULE_NONE ends the list */
    uint8_t min, max;
    bool optional;
    enum gs1_rule rule[4]; /* RULE_NONE ends */
};

struct gs1_row {
    char first[5], last[5];
    bool separator; /* FNC1 ends it unless it is the last */
    bool attribute;
    const char *key, *need, *never; /* see gs1_ai.def */
    const char *title, *title_zh;
    struct gs1_part part[GS1_MAX_PARTS + 1];
};

/* The row of exactly this AI, or NULL. */
const struct gs1_row *gs1_row_find(bg_str ai);
/* The row whose AI begins `data`, or NULL: all AIs with the same first two digits have the same length. */
const struct gs1_row *gs1_row_at(bg_str data, size_t *ret_ai_len);
void gs1_row_length(const struct gs1_row *row, size_t *ret_min, size_t *ret_max);
bool gs1_row_is_key(const struct gs1_row *row);
/* Every row, for tests: NULL behind the last. */
const struct gs1_row *gs1_row_number(size_t index);

/* Length and content of one value. */
bg_err gs1_value_check(struct bg_arena *arena, const struct gs1_row *row, bg_str ai, bg_str value);
/* What must and must not stand together, repeats, and the serial that a digital signature wants. */
bg_err gs1_pairs_check(struct bg_arena *arena, const struct gs1 *gs1);
/* Puts one element behind the others: BG_GS1_TOO_MANY. `used` counts them with whatever else takes a place. */
bg_err gs1_append(struct bg_arena *arena, struct gs1 *gs1, size_t *used, bg_str ai, bg_str value);
/* The next token of a list parted by `by`, taken off its front; false at the end. Empty tokens are passed over. */
bool gs1_token(bg_str *list, char by, bg_str *ret);
/* BG_GS1_… with the AI in its facts. */
bg_err gs1_fail_ai(struct bg_arena *arena, enum bg_code code, bg_str ai);

#endif
