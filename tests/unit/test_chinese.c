/* Chinese codes: the standards' own examples, then the properties that the standards promise, then what people type. */
#include "codec/chinese.h"

#include <string.h>

#include "tap.h"

static struct bg_env_sim sim;
static struct bg_env env;

static bool credit_is(const char *in, const char *normal)
{
    char got[19] = "";
    return !bg_failed(chinese_credit_code_read(bg_str_of(in), got)) && strcmp(got, normal) == 0;
}

static enum bg_code credit_code(const char *in)
{
    char got[19];
    return chinese_credit_code_read(bg_str_of(in), got).code;
}

/* A random valid code: digits where the standard wants digits. */
static void credit_random(char out[19])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    for (int i = 0; i < 17; i++) {
        out[i] = i >= 2 && i < 8 ? (char)('0' + bg_random_below(&env, 10)) : alphabet[bg_random_below(&env, 31)];
    }
    (void)chinese_credit_code_check(out, out + 17);
    out[18] = '\0';
}

static void test_credit_code(void)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    OK(credit_is("91350100M000100Y43", "91350100M000100Y43"), "the example of GB 32100-2015");
    OK(credit_is(" ９1350100m000100y4３　", "91350100M000100Y43") && credit_is("9135 0100 M000 100Y 43", "91350100M000100Y43"),
       "full width, lower case and blanks");
    OK(credit_code("91350100M000100Y4") == BG_CODE_LENGTH && credit_code("350100400001234") == BG_CODE_LENGTH &&
           credit_code("") == BG_CODE_LENGTH,
       "17 characters and an old 15-digit registration number are no credit codes");
    OK(credit_code("91350100O000100Y43") == BG_CODE_CHARACTER && credit_code("91350100M000100-43") == BG_CODE_CHARACTER &&
           credit_code("9135A100M000100Y43") == BG_CODE_CHARACTER && credit_code("91350100M000100Y44") == BG_CODE_CHECK,
       "a letter O, a hyphen, a letter in the division, a wrong check character");
    int missed = 0, zero = 0, tried = 0;
    for (int n = 0; n < 300; n++) {
        char code[19];
        credit_random(code);
        missed += credit_code(code) != BG_OK;
        zero += code[17] == '0';
        for (int i = 0; i < 18; i++) {
            char good = code[i];
            for (int k = 0; k < 31; k++) {
                code[i] = alphabet[k];
                missed += alphabet[k] != good && credit_code(code) == BG_OK;
                tried++;
            }
            code[i] = good;
            if (i < 17 && code[i] != code[i + 1]) {
                char swapped = code[i + 1];
                code[i + 1] = code[i];
                code[i] = swapped;
                missed += credit_code(code) == BG_OK;
                code[i + 1] = swapped;
                code[i] = good;
                missed += credit_code(code) != BG_OK;
            }
        }
    }
    OK(missed == 0, "300 random codes: each of %d substitutions and every neighbour swap is caught", tried);
    OK(zero > 0, "31 counts as 0: %d of them end in 0", zero);
    char organisation[10] = "";
    OK(!bg_failed(chinese_organisation_code_read(BG_STR("m000100y-4"), organisation)) && strcmp(organisation, "M000100Y4") == 0,
       "the organisation code inside the example");
    OK(chinese_organisation_code_read(BG_STR("M000100Y5"), organisation).code == BG_CODE_CHECK,
       "and a wrong check character of it");
}

static enum bg_code identity_code(const char *in, struct chinese_identity *ret)
{
    bg_date today;
    bg_ignore(bg_date_of(2022, 1, 8, &today));
    return chinese_identity_read(bg_str_of(in), today, ret).code;
}

static void test_identity(void)
{
    struct chinese_identity identity = { .division = 0 };
    OK(identity_code("11010519491231002X", &identity) == BG_OK && identity.female && identity.division == 110105 &&
           !identity.old && identity.birth_written == 19491231,
       "first example of GB 11643-1999");
    OK(identity_code("440524188001010014", &identity) == BG_OK && !identity.female && identity.birth == BG_DATE_NONE &&
           identity.birth_written == 18800101,
       "second example: born in 1880, in a division that no longer exists");
    OK(identity_code("11010519491231002x", &identity) == BG_OK && strcmp(identity.normal, "11010519491231002X") == 0,
       "a small x");
    char masked[19];
    chinese_identity_mask(&identity, masked);
    OK(strcmp(masked, "110************02X") == 0, "masked: %s", masked);
    OK(identity_code("110105491231002", &identity) == BG_OK && identity.old && strcmp(identity.normal, "11010519491231002X") == 0,
       "an old 15-digit number and its 18-digit form");
    OK(identity_code("110105491331002", &identity) == BG_CODE_DATE && identity_code("11010519490231002X", &identity) != BG_OK,
       "no such date");
    OK(identity_code("110105194912310021", &identity) == BG_CODE_CHECK &&
           identity_code("1101051949123100", &identity) == BG_CODE_LENGTH &&
           identity_code("11010519491231A02X", &identity) == BG_CODE_CHARACTER,
       "check character, length, characters");
    int missed = 0;
    for (int n = 0; n < 300; n++) {
        static const int weights[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
        char code[19];
        int sum = 0;
        (void)snprintf(code, sizeof code, "120101%04d%02d%02d%03d", (int)(1900 + bg_random_below(&env, 120)),
                       (int)(1 + bg_random_below(&env, 12)), (int)(1 + bg_random_below(&env, 28)),
                       (int)bg_random_below(&env, 1000));
        for (int i = 0; i < 17; i++) {
            sum += (code[i] - '0') * weights[i];
        }
        for (char c = '0'; c <= '9' + 1; c++) { /* the check is the one that makes the whole sum 1 mod 11 */
            int value = c > '9' ? 10 : c - '0';
            if ((sum + value) % 11 == 1) {
                code[17] = c > '9' ? 'X' : c;
            }
        }
        code[18] = '\0';
        missed += identity_code(code, &identity) != BG_OK;
        for (int i = 0; i < 18; i++) {
            char good = code[i];
            for (char c = '0'; c <= '9'; c++) {
                code[i] = c;
                missed += c != good && identity_code(code, &identity) == BG_OK;
            }
            code[i] = good;
            if (i < 17 && good != code[i + 1]) {
                code[i] = code[i + 1];
                code[i + 1] = good;
                missed += identity_code(code, &identity) == BG_OK;
                code[i + 1] = code[i];
                code[i] = good;
            }
        }
    }
    OK(missed == 0, "300 random numbers are good; every substitution and every neighbour swap is caught");
}

static void test_division(void)
{
    size_t count;
    const struct chinese_division *all = chinese_division_list(&count);
    int wrong = 0, now = 0, counties = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += i > 0 && all[i].code <= all[i - 1].code;
        wrong +=
            chinese_division_find(all[i].code) != &all[i] || all[i].name[0] == '\0' || !bg_utf8_valid(bg_str_of(all[i].name));
        now += all[i].in_use;
        counties += all[i].in_use && chinese_division_level(all[i].code) == CHINESE_COUNTY;
        if (all[i].successor != 0) {
            const struct chinese_division *next = chinese_division_find(all[i].successor);
            wrong += next == NULL || !next->in_use || all[i].in_use;
        }
        wrong += all[i].in_use && chinese_division_level(all[i].code) != CHINESE_PROVINCE &&
                 chinese_division_find(all[i].code / 10000 * 10000) == NULL;
    }
    OK(wrong == 0 && count > 7000, "%zu codes in order, successors in use, each below a province", count);
    OK(now > 3200 && counties > 2840, "%d in use, %d of them at county level", now, counties);
    static const char *const tianjin[16] = { "和平区", "河东区", "河西区", "南开区", "河北区",   "红桥区", "东丽区", "西青区",
                                             "津南区", "北辰区", "武清区", "宝坻区", "滨海新区", "宁河区", "静海区", "蓟州区" };
    int districts = 0;
    for (int code = 120101; code < 120200; code++) {
        const struct chinese_division *division = chinese_division_find(code);
        if (division != NULL && division->in_use) {
            wrong += districts >= 16 || strcmp(division->name, tianjin[districts]) != 0;
            districts++;
        }
    }
    OK(districts == 16 && wrong == 0, "the 16 districts of Tianjin");
    struct chinese_division division = { .code = 0 };
    OK(!bg_failed(chinese_division_read(BG_STR("１２０１０７"), &division)) && !division.in_use && division.to == 2009 &&
           division.successor == 120116,
       "塘沽区 ended in 2009 and became part of 滨海新区");
    OK(!bg_failed(chinese_division_read(BG_STR("120225"), &division)) && division.to == 2016 && division.successor == 120119,
       "蓟县 to 蓟州区");
    OK(chinese_division_read(BG_STR("120130"), &division).code == BG_CODE_DIVISION &&
           chinese_division_read(BG_STR("12011"), &division).code == BG_CODE_LENGTH &&
           chinese_division_read(BG_STR("-12011"), &division).code == BG_CODE_CHARACTER &&
           chinese_division_read(BG_STR("12011a"), &division).code == BG_CODE_CHARACTER,
       "no such code, and no code at all");
    char name[96];
    chinese_division_full_name(130102, name);
    OK(strcmp(name, "河北省石家庄市长安区") == 0, "full name %s", name);
    chinese_division_full_name(120101, name);
    OK(strcmp(name, "天津市和平区") == 0, "full name %s", name);
    chinese_division_full_name(120000, name);
    OK(strcmp(name, "天津市") == 0, "full name %s", name);
}

static void test_plate(void)
{
    static const struct {
        const char *in, *normal, *class;
    } good[] = {
        { "津A12345", "津A12345", "ordinary" },
        { "津AD1234", "津AD1234", "ordinary" },
        { "津AD12345", "津AD12345", "new-energy-small" },
        { "津ADF1234", "津ADF1234", "new-energy-small" },
        { "津A12345D", "津A12345D", "new-energy-large" },
        { "津A12345K", "津A12345K", "new-energy-large" },
        { "津A1234挂", "津A1234挂", "trailer" },
        { "津A1234警", "津A1234警", "police" },
        { "津A1234学", "津A1234学", "coach" },
        { "粤Z1234港", "粤Z1234港", "hong-kong" },
        { "粤ZF123澳", "粤ZF123澳", "macao" },
        { "沪A1234领", "沪A1234领", "consulate" },
        { "224578使", "224578使", "embassy" },
        { "使014578", "使014578", "embassy" },
        { "津X0001应急", "津X0001应急", "emergency" },
        { "WJ津1234X", "WJ津1234X", "armed-police" },
        { "WJ12345", "WJ12345", "armed-police" },
        { "VA12345", "VA12345", "military" },
        { " 津 a·ｄ１2345 ", "津AD12345", "new-energy-small" },
        { "京Ａ•８8Ｂ8c", "京A88B8C", "ordinary" },
    };
    static const char *const bad[] = { "",          "津",          "津A1234",   "津A123456",  "津A1234567",
                                       "津I12345",  "津A1234O",    "津A12I45",  "天A12345",   "A12345",
                                       "津AI12345", "津AL12345",   "津A12345L", "津AD1234A5", "津A1234挂挂",
                                       "津A123挂",  "津Y1234应急", "XX12345",   "WJ天1234X",  "津A12345\xff" };
    int wrong = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct chinese_plate plate = { .normal = "" }, again = { .normal = "" };
        bool right = !bg_failed(chinese_plate_read(bg_str_of(good[i].in), &plate)) && strcmp(plate.normal, good[i].normal) == 0 &&
                     strcmp(chinese_plate_class_name(plate.class), good[i].class) == 0 &&
                     !bg_failed(chinese_plate_read(bg_str_of(plate.normal), &again)) && again.class == plate.class;
        if (!right) {
            printf("# %s gave %s %s\n", good[i].in, plate.normal, chinese_plate_class_name(plate.class));
            wrong++;
        }
    }
    OK(wrong == 0, "plates of every class, and their normal forms are fixed points");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct chinese_plate plate;
        if (!bg_failed(chinese_plate_read(bg_str_of(bad[i]), &plate))) {
            printf("# accepted %s\n", bad[i]);
            wrong++;
        }
    }
    OK(wrong == 0, "what is no plate is refused");
}

static void test_phone(void)
{
    static const struct {
        const char *in, *normal;
    } good[] = { { "13812345678", "13812345678" },
                 { "+86 138-1234-5678", "13812345678" },
                 { "8613812345678", "13812345678" },
                 { "0086 19912345678", "19912345678" },
                 { "１３８１２３４５６７８", "13812345678" },
                 { "022-23456789", "022-23456789" },
                 { "(022) 2345 6789", "022-23456789" },
                 { "03112345678", "0311-2345678" },
                 { "+86 22 23456789", "022-23456789" },
                 { "+86 10 62345678", "010-62345678" },
                 { "010-12345678", "" } };
    int wrong = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char got[16] = "";
        bool right = bg_failed(chinese_phone_read(bg_str_of(good[i].in), got)) ? good[i].normal[0] == '\0'
                                                                               : strcmp(got, good[i].normal) == 0;
        if (!right) {
            printf("# %s gave %s\n", good[i].in, got);
            wrong++;
        }
    }
    char got[12] = "";
    static const char *const bad[] = {
        "", "12812345678", "1381234567", "138123456789", "23812345678", "+1 13812345678", "1381234567a", "022-23456789"
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wrong += !bg_failed(chinese_mobile_read(bg_str_of(bad[i]), got));
    }
    OK(wrong == 0 && got[0] == '\0', "telephone numbers");
}

int main(void)
{
    env = bg_env_seeded(&sim, 20220108, 0);
    test_credit_code();
    test_identity();
    test_division();
    test_plate();
    test_phone();
    return TAP_DONE();
}
