/* Passwords: Argon2id, and the two sets of rules about what may be one. `nist` asks for length and refuses what attackers try first;
 * `dengbao` (等级保护) asks for kinds of characters as its inspectors do. Neither cuts, folds or limits what is checked in the end. */
#include "auth/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define ARGON2_PASSES 2
#define ARGON2_KIB 19456
#define PASSWORD_ROOM (PASSWORD_BYTES_MAX * 4)

bool password_is_dated(bg_str hash)
{
    char text[PASSWORD_HASH_SIZE];
    if (hash.len >= sizeof text) {
        return true;
    }
    memcpy(text, hash.at, hash.len);
    text[hash.len] = '\0';
    return crypto_pwhash_str_needs_rehash(text, ARGON2_PASSES, (size_t)ARGON2_KIB * 1024) != 0;
}

static const char *const blocked[] = {
#define BLOCKED(word) word,
#include "auth/passwords.def"
#undef BLOCKED
};

static int order_blocked(const void *key, const void *row)
{
    return strcmp(key, *(const char *const *)row);
}

/* Writes `s` under these utf8proc options into room; false when it is not text or does not fit. */
static bool mapped(bg_str s, unsigned how, char *room, size_t size, bg_str *ret)
{
    utf8proc_int32_t points[PASSWORD_BYTES_MAX * 4 + 1];
    const utf8proc_ssize_t most = (utf8proc_ssize_t)(sizeof points / sizeof points[0]) - 1;
    utf8proc_option_t options = (utf8proc_option_t)(how | UTF8PROC_STABLE);
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)s.at, (utf8proc_ssize_t)s.len, points, most, options);
    if (count < 0 || count > most) {
        return false;
    }
    utf8proc_ssize_t len = utf8proc_reencode(points, count, options);
    bool fits = len >= 0 && (size_t)len < size;
    if (fits) {
        memcpy(room, points, (size_t)len);
        room[len] = '\0';
        *ret = (bg_str){ room, (size_t)len };
    }
    sodium_memzero(points, sizeof points);
    return fits;
}

/* Folds for comparison only: NFKC without case. */
static bg_str folded(bg_str s, char *room, size_t size)
{
    bg_str ret = { room, 0 };
    room[0] = '\0';
    (void)mapped(s, UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, room, size, &ret);
    return ret;
}

/* What is hashed: the password as typed; beyond ASCII its NFKC form (NIST SP 800-63B), since input methods differ in how they compose. */
static bg_str normal(bg_str password, char *room, size_t size)
{
    bg_str ret = password;
    for (size_t i = 0; i < password.len; i++) {
        if ((password.at[i] & 0x80) != 0) {
            (void)mapped(password, UTF8PROC_COMPOSE | UTF8PROC_COMPAT, room, size, &ret);
            break;
        }
    }
    return ret;
}

bg_err password_hash(const struct bg_env *env, bg_str password, char ret[PASSWORD_HASH_SIZE])
{
    uint8_t salt[crypto_pwhash_SALTBYTES], hash[32];
    char salt_text[sodium_base64_ENCODED_LEN(sizeof salt, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    char hash_text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    char room[PASSWORD_ROOM];
    bg_str text = normal(password, room, sizeof room);
    bg_random(env, salt, sizeof salt);
    if (crypto_pwhash(hash, sizeof hash, text.at, text.len, salt, ARGON2_PASSES, (size_t)ARGON2_KIB * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    sodium_bin2base64(salt_text, sizeof salt_text, salt, sizeof salt, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    sodium_bin2base64(hash_text, sizeof hash_text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    int len = snprintf(ret, PASSWORD_HASH_SIZE, "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", ARGON2_KIB, ARGON2_PASSES, salt_text, hash_text);
    assert(len > 0 && len < PASSWORD_HASH_SIZE);
    return BG_DONE;
}

bool password_holds(bg_str hash, bg_str password)
{
    /* A hash of 32 random bytes nobody kept, with today's parameters. */
    static const char decoy[] = "$argon2id$v=19$m=19456,t=2,p=1$dr0gkbXPhzFVJCwqAJcEIw$SS5Lzz6Ok1IC3XSQNzgT1ppaG05xwqqRHOSEd5ro6Qo";
    char text[PASSWORD_HASH_SIZE], room[PASSWORD_ROOM];
    bool known = hash.len > 0 && hash.len < sizeof text;
    bg_str from = known ? hash : bg_str_of(decoy);
    memcpy(text, from.at, from.len);
    text[from.len] = '\0';
    bg_str typed = normal(password, room, sizeof room);
    return crypto_pwhash_str_verify(text, typed.at, typed.len) == 0 && known;
}

size_t password_least(const struct password_context *context)
{
    if (context->rules == PASSWORD_DENGBAO) {
        return 10;
    }
    return context->second_factor ? 8 : 15;
}

/* Runs such as "abcdefgh", "87654321", "aaaaaaaa", or one short piece again and again: fewer real choices than characters. */
static bool is_simple(bg_str s)
{
    size_t steps = 0;
    for (size_t i = 1; i < s.len; i++) {
        int step = s.at[i] - s.at[i - 1];
        steps += step >= -1 && step <= 1;
    }
    if (s.len > 1 && steps * 4 >= (s.len - 1) * 3) {
        return true;
    }
    for (size_t piece = 1; piece * 2 <= s.len; piece++) {
        if (memcmp(s.at, s.at + piece, s.len - piece) == 0) {
            return true;
        }
    }
    return false;
}

/* Without the digits and marks people hang on either end: "Tianjin2022!" is "tianjin". */
static bg_str stem_of(bg_str s)
{
    while (s.len > 0 && !((s.at[0] >= 'a' && s.at[0] <= 'z') || (s.at[0] & 0x80) != 0)) {
        s = bg_str_cut(s, 1, s.len);
    }
    while (s.len > 0 && !((s.at[s.len - 1] >= 'a' && s.at[s.len - 1] <= 'z') || (s.at[s.len - 1] & 0x80) != 0)) {
        s.len--;
    }
    return s;
}

/* The password is little more than one of the words around the account. */
static bool names_context(bg_str password, const struct password_context *context)
{
    static const bg_str own[] = { { "baogong", 7 }, { "保供", 6 }, { "password", 8 }, { "应急物资", 12 } };
    char room[512];
    bg_str stem = stem_of(password);
    for (size_t i = 0; i < context->word_count + sizeof own / sizeof own[0]; i++) {
        bg_str raw = i < context->word_count ? context->words[i] : own[i - context->word_count];
        bg_str word = folded(raw, room, sizeof room);
        if (word.len >= 3 && (bg_str_eq(stem, word) || bg_str_eq(password, word))) {
            return true;
        }
        for (size_t at = 0; word.len >= 4 && at + word.len <= password.len; at++) {
            if (memcmp(password.at + at, word.at, word.len) == 0 && password.len - word.len < 8) {
                return true;
            }
        }
    }
    return false;
}

static int kinds_of(bg_str s)
{
    bool lower = false, upper = false, digit = false, other = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        lower |= c >= 'a' && c <= 'z';
        upper |= c >= 'A' && c <= 'Z';
        digit |= c >= '0' && c <= '9';
        other |= !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
    }
    return lower + upper + digit + other;
}

const char *password_fault(bg_str password, const struct password_context *context)
{
    char room[PASSWORD_ROOM];
    size_t points = 0, pos = 0;
    if (password.len > PASSWORD_BYTES_MAX) {
        return "too-long";
    }
    if (!bg_utf8_valid(password) || bg_str_find(password, '\0') < password.len) {
        return "not-text";
    }
    while (pos < password.len) {
        (void)bg_utf8_next(password, &pos);
        points++;
    }
    if (points < password_least(context)) {
        return "too-short";
    }
    if (context->rules == PASSWORD_DENGBAO && kinds_of(password) < 3) {
        return "too-few-kinds";
    }
    bg_str fold = folded(password, room, sizeof room);
    if (bsearch(room, blocked, sizeof blocked / sizeof blocked[0], sizeof blocked[0], order_blocked) != NULL) {
        return "too-common";
    }
    if (is_simple(fold)) {
        return "too-simple";
    }
    return names_context(fold, context) ? "names-you" : NULL;
}
