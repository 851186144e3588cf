/* Tokens, sealing, one-time codes: how secrets are made, told and remembered. */
#include "auth/secret.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char *const token_prefixes[TOKEN_KIND_COUNT] = {
    [TOKEN_SESSION] = "bgs_", [TOKEN_KEY] = "bgk_", [TOKEN_DEVICE] = "bgd_", [TOKEN_LINK] = "bgl_",
};

void secret_hash(bg_str text, uint8_t ret[32])
{
    crypto_hash_sha256(ret, (const unsigned char *)text.at, text.len);
}

void token_make(const struct bg_env *env, enum token_kind kind, int64_t city, char text[TOKEN_TEXT_SIZE], struct token *ret)
{
    uint8_t bytes[32];
    char random[sodium_base64_ENCODED_LEN(sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    bg_random(env, bytes, sizeof bytes);
    sodium_bin2base64(random, sizeof random, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    int len = snprintf(text, TOKEN_TEXT_SIZE, "%s%llx_%s", token_prefixes[kind], (unsigned long long)city, random);
    assert(len > 0 && len < TOKEN_TEXT_SIZE);
    ret->kind = kind;
    ret->city = city;
    secret_hash((bg_str){ text, (size_t)len }, ret->hash);
    sodium_memzero(bytes, sizeof bytes);
}

static bool hex_city(bg_str hex, int64_t *ret)
{
    int64_t city = 0;
    if (hex.len == 0 || hex.len > 15) {
        return false;
    }
    for (size_t i = 0; i < hex.len; i++) {
        char c = hex.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
        city = city * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = city;
    return true;
}

bool token_parse(bg_str text, struct token *ret)
{
    for (int kind = 0; kind < TOKEN_KIND_COUNT; kind++) {
        bg_str prefix = bg_str_of(token_prefixes[kind]);
        if (!bg_str_starts(text, prefix) || text.len >= TOKEN_TEXT_SIZE) {
            continue;
        }
        bg_str rest = bg_str_cut(text, prefix.len, text.len);
        size_t end = bg_str_find(rest, '_');
        int64_t city;
        if (end + 1 + 43 != rest.len || !hex_city(bg_str_cut(rest, 0, end), &city)) {
            return false;
        }
        ret->kind = (enum token_kind)kind;
        ret->city = city;
        secret_hash(text, ret->hash);
        return true;
    }
    return false;
}

size_t secret_seal(const struct bg_env *env, const uint8_t *key, bg_str plain, uint8_t ret[SEALED_MAX])
{
    assert(plain.len <= 64);
    if (key == NULL) {
        ret[0] = 0;
        memcpy(ret + 1, plain.at, plain.len);
        return 1 + plain.len;
    }
    uint8_t *nonce = ret + 1, *box = nonce + crypto_secretbox_NONCEBYTES;
    ret[0] = 1;
    bg_random(env, nonce, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(box, (const unsigned char *)plain.at, plain.len, nonce, key);
    return 1 + crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.len;
}

bool secret_open(const uint8_t *key, bg_str sealed, uint8_t ret[64], size_t *ret_len)
{
    const size_t frame = 1 + crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    const uint8_t *at = (const uint8_t *)sealed.at;
    if (sealed.len >= 1 && at[0] == 0 && sealed.len <= 65) {
        memcpy(ret, at + 1, sealed.len - 1);
        *ret_len = sealed.len - 1;
        return true;
    }
    if (key == NULL || sealed.len < frame || sealed.len > frame + 64 || at[0] != 1) {
        return false;
    }
    const uint8_t *nonce = at + 1;
    const uint8_t *box = nonce + crypto_secretbox_NONCEBYTES;
    if (crypto_secretbox_open_easy(ret, box, sealed.len - 1 - crypto_secretbox_NONCEBYTES, nonce, key) != 0) {
        return false;
    }
    *ret_len = sealed.len - frame;
    return true;
}

uint32_t totp_code(const uint8_t *secret, size_t size, int64_t step, int digits)
{
    static const uint32_t powers[] = { 1000000, 10000000, 100000000 };
    assert(digits >= 6 && digits <= 8);
    uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned int mac_len = 0;
    for (int i = 0; i < 8; i++) {
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    }
    HMAC(EVP_sha1(), secret, (int)size, counter, sizeof counter, mac, &mac_len);
    assert(mac_len == 20);
    const uint8_t *at = mac + (mac[19] & 15);
    uint32_t cut = ((uint32_t)(at[0] & 0x7f) << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) | at[3];
    return cut % powers[digits - 6];
}

static bool typed_digits(bg_str code, uint32_t *ret)
{
    uint32_t value = 0;
    int digits = 0;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.at[i];
        if (c == ' ') {
            continue;
        }
        if (c < '0' || c > '9' || ++digits > 6) {
            return false;
        }
        value = value * 10 + (uint32_t)(c - '0');
    }
    *ret = value;
    return digits == 6;
}

bool totp_holds(const uint8_t *secret, size_t size, bg_str code, bg_ms now, int64_t last_step, int64_t *ret_step)
{
    uint32_t typed;
    bool held = false;
    int64_t here = now / TOTP_STEP_MS;
    if (!typed_digits(code, &typed)) {
        return false;
    }
    for (int64_t step = here - 1; step <= here + 1; step++) {
        if (totp_code(secret, size, step, 6) == typed && step > last_step && !held) {
            *ret_step = step;
            held = true;
        }
    }
    return held;
}

void base32_text(const uint8_t *bytes, size_t size, char *ret)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8) | bytes[i];
        for (have += 8; have >= 5; have -= 5) {
            *ret++ = alphabet[bits >> (have - 5) & 31];
        }
    }
    if (have > 0) {
        *ret++ = alphabet[bits << (5 - have) & 31];
    }
    *ret = '\0';
}

/* Without I, L, O, U: nobody misreads a code on paper. */
static const char recovery_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void recovery_make(const struct bg_env *env, char text[RECOVERY_TEXT_SIZE])
{
    uint8_t bytes[12];
    bg_random(env, bytes, sizeof bytes);
    for (size_t i = 0, at = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 8) {
            text[at++] = '-';
        }
        text[at++] = recovery_alphabet[bytes[i] & 31];
    }
    text[RECOVERY_TEXT_SIZE - 1] = '\0';
}

bool recovery_hash(int64_t account, bg_str typed, uint8_t ret[32])
{
    char text[48];
    int len = snprintf(text, sizeof text, "%llx:", (unsigned long long)account);
    int letters = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.at[i];
        if (c == '-' || c == ' ') {
            continue;
        }
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if (c == '\0' || strchr(recovery_alphabet, c) == NULL || ++letters > 12) {
            return false;
        }
        text[len++] = c;
    }
    if (letters != 12) {
        return false;
    }
    secret_hash((bg_str){ text, (size_t)len }, ret);
    return true;
}
