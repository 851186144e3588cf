/* Secrets: RFC 6238 and RFC 4648 vectors, tokens, sealing, Argon2id, password rules. */
#include "auth/secret.h"
#include "tap.h"

#include <string.h>

#define START 1641600000000

/* RFC 6238 appendix B, SHA-1: secret "12345678901234567890", eight digits. */
static void test_totp_vectors(void)
{
    static const struct {
        int64_t seconds;
        uint32_t code;
    } vectors[] = { { 59, 94287082 }, { 1111111109, 7081804 }, { 1111111111, 14050471 },
                    { 1234567890, 89005924 }, { 2000000000, 69279037 }, { 20000000000, 65353130 } };
    const uint8_t *secret = (const uint8_t *)"12345678901234567890";
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        OK(totp_code(secret, 20, vectors[i].seconds / 30, 8) == vectors[i].code, "RFC 6238 at %lld s", (long long)vectors[i].seconds);
    }
    /* RFC 4226 appendix D, counters 0 … 9. */
    static const uint32_t hotp[] = { 755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489 };
    int wrong = 0;
    for (int i = 0; i < 10; i++) {
        wrong += totp_code(secret, 20, i, 6) != hotp[i];
    }
    OK(wrong == 0, "RFC 4226, counters 0 to 9");
}

static void test_totp_use(void)
{
    const uint8_t *secret = (const uint8_t *)"12345678901234567890";
    int64_t step = -1;
    OK(totp_holds(secret, 20, BG_STR("287 082"), 59000, -1, &step) && step == 1, "a code holds, blanks passed over");
    OK(!totp_holds(secret, 20, BG_STR("287082"), 59000, 1, &step), "and only once");
    OK(totp_holds(secret, 20, BG_STR("287082"), 89000, -1, &step) && totp_holds(secret, 20, BG_STR("287082"), 29000, -1, &step),
       "one step either way");
    OK(!totp_holds(secret, 20, BG_STR("287082"), 120000, -1, &step), "not two");
    static const char *const bad[] = { "", "28708", "2870822", "28708a", "-87082", "287082 1" };
    int held = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        held += totp_holds(secret, 20, bg_str_of(bad[i]), 59000, -1, &step);
    }
    OK(held == 0, "no other text is a code");
}

static void test_base32(void)
{
    static const char *const vectors[][2] = { { "", "" }, { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
                                              { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
    int wrong = 0;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char text[16];
        base32_text((const uint8_t *)vectors[i][0], strlen(vectors[i][0]), text);
        wrong += strcmp(text, vectors[i][1]) != 0;
    }
    OK(wrong == 0, "RFC 4648 section 10, base32 without padding");
}

static void test_tokens(const struct bg_env *env)
{
    int wrong = 0;
    char text[TOKEN_TEXT_SIZE], other[TOKEN_TEXT_SIZE];
    for (int kind = 0; kind < TOKEN_KIND_COUNT; kind++) {
        struct token made, read, next;
        token_make(env, (enum token_kind)kind, INT64_C(0x7fffffffffffff), text, &made);
        token_make(env, (enum token_kind)kind, INT64_C(0x7fffffffffffff), other, &next);
        wrong += !token_parse(bg_str_of(text), &read) || read.kind != made.kind || read.city != made.city;
        wrong += memcmp(read.hash, made.hash, 32) != 0;
        wrong += strcmp(text, other) == 0;
    }
    OK(wrong == 0, "every kind of token reads back, no two are alike");
#define A42 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    static const char *const bad[] = { "", "bgs_", "bgs_1_", "bgx_1_" A42 "A", "bgs__" A42 "A", "bgs_G_" A42 "A", "bgs_1_" A42,
                                       "bgs_1_" A42 "AA", "BGS_1_" A42 "A", " bgs_1_" A42 "A" };
    struct token token;
    int taken = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        taken += token_parse(bg_str_of(bad[i]), &token);
    }
    OK(taken == 0, "nothing else is a token");
}

static void test_sealing(const struct bg_env *env)
{
    uint8_t key[32] = { 1 }, wrong_key[32] = { 2 }, sealed[SEALED_MAX], plain[64];
    size_t len, size = secret_seal(env, key, BG_STR("twenty bytes of TOTP"), sealed);
    bg_str box = { (const char *)sealed, size };
    OK(secret_open(key, box, plain, &len) && len == 20 && memcmp(plain, "twenty bytes of TOTP", 20) == 0, "what was sealed opens");
    OK(!secret_open(wrong_key, box, plain, &len) && !secret_open(NULL, box, plain, &len), "not with another key");
    int opened = 0;
    for (size_t i = 0; i < size; i++) {
        sealed[i] ^= 1;
        opened += secret_open(key, box, plain, &len) && len == 20 && memcmp(plain, "twenty bytes of TOTP", 20) == 0;
        sealed[i] ^= 1;
    }
    OK(opened == 0, "not when any byte was changed");
    size = secret_seal(env, NULL, BG_STR("plain"), sealed);
    OK(secret_open(key, (bg_str){ (const char *)sealed, size }, plain, &len) && len == 5, "what was kept before a key existed still opens");
}

static void test_recovery(const struct bg_env *env)
{
    char text[RECOVERY_TEXT_SIZE], sloppy[32];
    uint8_t a[32], b[32];
    recovery_make(env, text);
    size_t at = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i];
        if (c != '-') {
            sloppy[at++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
            sloppy[at++] = ' ';
        }
    }
    sloppy[at] = '\0';
    OK(recovery_hash(5, bg_str_of(text), a) && recovery_hash(5, bg_str_of(sloppy), b) && memcmp(a, b, 32) == 0,
       "a recovery code as typed by hand");
    OK(recovery_hash(6, bg_str_of(text), b) && memcmp(a, b, 32) != 0, "belongs to one account");
    OK(!recovery_hash(5, BG_STR("ABCD-EFGH-JKM"), b) && !recovery_hash(5, BG_STR("ABCD-EFGH-JKMN-P"), b) &&
           !recovery_hash(5, BG_STR(""), b),
       "and has twelve letters");
}

static void test_hash(const struct bg_env *env)
{
    char first[PASSWORD_HASH_SIZE], second[PASSWORD_HASH_SIZE];
    bg_str word = BG_STR("防护服 shelf seven 2022");
    OK(!bg_failed(password_hash(env, word, first)) && !bg_failed(password_hash(env, word, second)) && strcmp(first, second) != 0,
       "the same password hashes to two texts");
    OK(strncmp(first, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "with the parameters in them");
    OK(password_holds(bg_str_of(first), word) && password_holds(bg_str_of(second), word), "both hold");
    OK(!password_holds(bg_str_of(first), BG_STR("防护服 shelf seven 2023")), "another password does not");
    OK(!password_holds(BG_STR(""), word) && !password_holds(BG_STR("$argon2id$bad"), word), "an empty or broken hash never holds");
    OK(!password_is_dated(bg_str_of(first)), "today's parameters are not dated");
    OK(password_is_dated(BG_STR("$argon2id$v=19$m=8192,t=2,p=1$dr0gkbXPhzFVJCwqAJcEIw$SS5Lzz6Ok1IC3XSQNzgT1ppaG05xwqqRHOSEd5ro6Qo")),
       "weaker ones are");
    OK(!bg_failed(password_hash(env, BG_STR("e\xcc\x81t\xc3\xa9 ten thousand masks"), first)) &&
           password_holds(bg_str_of(first), BG_STR("\xc3\xa9t\xc3\xa9 ten thousand masks")),
       "composed and decomposed letters are the same password");
}

static const char *fault_of(const char *password, enum password_rules rules, bool factor)
{
    static const bg_str words[] = { { "zhangmin", 8 }, { "张敏", 6 }, { "天津市", 9 }, { "Tianjin", 7 }, { "物资保障处", 15 } };
    struct password_context context = { .rules = rules, .second_factor = factor, .words = words, .word_count = 5 };
    const char *fault = password_fault(bg_str_of(password), &context);
    return fault == NULL ? "" : fault;
}

static void test_rules(void)
{
    static const struct {
        const char *password;
        enum password_rules rules;
        bool factor;
        const char *fault;
    } rows[] = {
        { "short", PASSWORD_NIST, false, "too-short" },
        { "fourteen chars", PASSWORD_NIST, false, "too-short" },
        { "fifteen letters", PASSWORD_NIST, false, "" },
        { "eight ch", PASSWORD_NIST, true, "" },
        { "sevench", PASSWORD_NIST, true, "too-short" },
        { "一二三四五六七", PASSWORD_NIST, true, "too-short" },
        { "青山依旧在几度夕", PASSWORD_NIST, true, "" },
        { "password1", PASSWORD_NIST, true, "too-common" },
        { "PassWord1", PASSWORD_NIST, true, "too-common" },
        { "woaini1314", PASSWORD_NIST, true, "too-common" },
        { "ｐａｓｓｗｏｒｄ１", PASSWORD_NIST, true, "too-common" },
        { "abcdefghijklmnopq", PASSWORD_NIST, false, "too-simple" },
        { "zzzzzzzzzzzzzzzzz", PASSWORD_NIST, false, "too-simple" },
        { "xk9xk9xk9xk9xk9xk9", PASSWORD_NIST, false, "too-simple" },
        { "Zhangmin2022!", PASSWORD_NIST, true, "names-you" },
        { "2022zhangmin01", PASSWORD_NIST, true, "names-you" },
        { "Tianjin#2022", PASSWORD_NIST, true, "names-you" },
        { "!!!!张敏123456", PASSWORD_NIST, true, "names-you" },
        { "Baogong@2022", PASSWORD_NIST, true, "names-you" },
        { "zhangmin walks to the depot", PASSWORD_NIST, false, "" },
        { "alllowercase and long", PASSWORD_DENGBAO, false, "too-few-kinds" },
        { "Rain9drops", PASSWORD_DENGBAO, false, "" },
        { "Rain9drop", PASSWORD_DENGBAO, false, "too-short" },
        { "\xff\xfe not text at all", PASSWORD_NIST, false, "not-text" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *fault = fault_of(rows[i].password, rows[i].rules, rows[i].factor);
        OK(strcmp(fault, rows[i].fault) == 0, "rule row %zu: %s", i + 1, rows[i].fault[0] == '\0' ? "taken" : rows[i].fault);
    }
    char longest[PASSWORD_BYTES_MAX + 2];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof longest; i++) {
        seed = seed * 1103515245 + 12345;
        longest[i] = (char)('a' + (seed >> 16) % 26);
    }
    longest[256] = '\0';
    OK(strcmp(fault_of(longest, PASSWORD_NIST, false), "") == 0, "256 characters are taken whole");
    longest[256] = 'x';
    longest[PASSWORD_BYTES_MAX + 1] = '\0';
    OK(strcmp(fault_of(longest, PASSWORD_NIST, false), "too-long") == 0, "more than 1,024 bytes are not");
}

int main(void)
{
    struct bg_env_sim sim;
    struct bg_env env = bg_env_seeded(&sim, 7, START);
    test_totp_vectors();
    test_totp_use();
    test_base32();
    test_tokens(&env);
    test_sealing(&env);
    test_recovery(&env);
    test_hash(&env);
    test_rules();
    return TAP_DONE();
}
