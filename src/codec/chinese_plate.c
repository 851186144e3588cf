/* Vehicle plates (机动车号牌, GA 36): classes and normal form. A plate is read into symbols, one a character, so that the rules
 * below can be written as patterns over them. */
#include "codec/chinese.h"

#include <string.h>

#define SYMBOLS_MAX 12

/* The 31 provinces, and the characters that a plate may begin or end with, each 3 bytes in UTF-8. */
static const char provinces[] = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";

/* In a pattern: P province, L authority letter (A-Z without I and O), S serial (digit or letter without I and O), 9 digit,
 * N the letter of a new-energy plate, W last place of the armed police, M and T first and second letter of the forces;
 * anything else stands for itself. */
static const struct {
    const char *pattern;
    enum chinese_plate_class class;
} forms[] = {
    { "PLSSSSS", CHINESE_PLATE_ORDINARY },          { "PLNS9999", CHINESE_PLATE_NEW_ENERGY_SMALL },
    { "PL99999N", CHINESE_PLATE_NEW_ENERGY_LARGE }, { "PLSSSS挂", CHINESE_PLATE_TRAILER },
    { "PLSSSS警", CHINESE_PLATE_POLICE },           { "PLSSSS学", CHINESE_PLATE_COACH },
    { "PLSSSS使", CHINESE_PLATE_EMBASSY },          { "999999使", CHINESE_PLATE_EMBASSY },
    { "使999999", CHINESE_PLATE_EMBASSY },          { "PLSSSS领", CHINESE_PLATE_CONSULATE },
    { "999999领", CHINESE_PLATE_CONSULATE },        { "领999999", CHINESE_PLATE_CONSULATE },
    { "PLSSSS港", CHINESE_PLATE_HONG_KONG },        { "PLSSSS澳", CHINESE_PLATE_MACAO },
    { "PX9999应急", CHINESE_PLATE_EMERGENCY },      { "PS9999应急", CHINESE_PLATE_EMERGENCY },
    { "WJP9999W", CHINESE_PLATE_ARMED_POLICE },     { "WJ9999W", CHINESE_PLATE_ARMED_POLICE },
    { "MT99999", CHINESE_PLATE_MILITARY },
};

struct symbols {
    int32_t at[SYMBOLS_MAX];
    size_t count;
};

static bool is_in(const char *set, int32_t point)
{
    return point > 0 && point < 128 && strchr(set, point) != NULL;
}

static bool is_province(int32_t point)
{
    bg_str all = bg_str_of(provinces);
    size_t pos = 0;
    while (pos < all.len) {
        if (bg_utf8_next(all, &pos) == point) {
            return true;
        }
    }
    return false;
}

static bool symbol_fits(int32_t rule, int32_t point, bool literal)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    bool digit = point >= '0' && point <= '9';
    if (literal) {
        return rule == point;
    }
    switch (rule) {
    case 'P': return is_province(point);
    case 'L': return is_in(letters, point);
    case 'S': return digit || is_in(letters, point);
    case '9': return digit;
    case 'N': return is_in("ABCDEFGHJK", point);
    case 'W': return digit || is_in("JBXTHSD", point);
    case 'M': return is_in("QVKHBSLJNGCEZ", point);
    case 'T': return is_in("ABCDJKLMNOPRTVY", point);
    default: return rule == point;
    }
}

static bool form_fits(const char *pattern, const struct symbols *symbols)
{
    bg_str rules = bg_str_of(pattern);
    size_t pos = 0, i = 0;
    bool armed = bg_str_starts(rules, BG_STR("WJ"));
    bool emergency = bg_str_ends(rules, BG_STR("应急"));
    for (; pos < rules.len; i++) {
        int32_t rule = bg_utf8_next(rules, &pos);
        bool literal = (armed && i < 2) || (emergency && i == 1);
        if (i >= symbols->count || !symbol_fits(rule, symbols->at[i], literal)) {
            return false;
        }
    }
    return i == symbols->count;
}

/* · • ‧ ∙ ⋅ ・ ･ and what people type instead. */
static bool is_separator(int32_t point)
{
    return point == 0xB7 || point == 0x2022 || point == 0x2027 || point == 0x2219 || point == 0x22C5 || point == 0x30FB ||
           point == 0xFF65 || point == '.' || point == '-';
}

bg_err chinese_plate_read(bg_str in, struct chinese_plate *ret)
{
    char plain[64];
    struct symbols symbols = { .count = 0 };
    struct chinese_plate plate = { .class = CHINESE_PLATE_CLASS_COUNT };
    BG_TRY(chinese_plain(in, plain, sizeof plain));
    bg_str text = bg_str_of(plain);
    size_t pos = 0, len = 0;
    while (pos < text.len) {
        int32_t point = bg_utf8_next(text, &pos);
        char bytes[4];
        size_t size = bg_utf8_put(point, bytes);
        if (is_separator(point)) {
            continue;
        }
        if (symbols.count == SYMBOLS_MAX || len + size >= sizeof plate.normal) {
            return BG_FAIL(BG_CODE_LENGTH);
        }
        symbols.at[symbols.count++] = point;
        memcpy(plate.normal + len, bytes, size);
        len += size;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (form_fits(forms[i].pattern, &symbols)) {
            plate.class = forms[i].class;
            *ret = plate;
            return BG_DONE;
        }
    }
    return BG_FAIL(BG_CODE_PLATE);
}

const char *chinese_plate_class_name(enum chinese_plate_class class)
{
    static const char *const names[CHINESE_PLATE_CLASS_COUNT] = {
        [CHINESE_PLATE_ORDINARY] = "ordinary",
        [CHINESE_PLATE_NEW_ENERGY_SMALL] = "new-energy-small",
        [CHINESE_PLATE_NEW_ENERGY_LARGE] = "new-energy-large",
        [CHINESE_PLATE_TRAILER] = "trailer",
        [CHINESE_PLATE_POLICE] = "police",
        [CHINESE_PLATE_COACH] = "coach",
        [CHINESE_PLATE_EMBASSY] = "embassy",
        [CHINESE_PLATE_CONSULATE] = "consulate",
        [CHINESE_PLATE_HONG_KONG] = "hong-kong",
        [CHINESE_PLATE_MACAO] = "macao",
        [CHINESE_PLATE_EMERGENCY] = "emergency",
        [CHINESE_PLATE_ARMED_POLICE] = "armed-police",
        [CHINESE_PLATE_MILITARY] = "military",
    };
    return class >= 0 && class < CHINESE_PLATE_CLASS_COUNT ? names[class] : "";
}
