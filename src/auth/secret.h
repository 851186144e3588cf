/* Private to auth: tokens, sealing, Argon2id passwords and TOTP. Everything here is pure but for the randomness it is given. */
#ifndef BG_AUTH_SECRET_H
#define BG_AUTH_SECRET_H

#include "base/base.h"

/* --- tokens: "bgs_CITY_RANDOM", the city in hex, 256 random bits in base64url; only the SHA-256 of the text is stored --- */
enum token_kind { TOKEN_SESSION, TOKEN_KEY, TOKEN_DEVICE, TOKEN_LINK, TOKEN_KIND_COUNT };
#define TOKEN_TEXT_SIZE 72 /* with NUL */
struct token {
    enum token_kind kind;
    int64_t city;
    uint8_t hash[32];
};
void token_make(const struct bg_env *env, enum token_kind kind, int64_t city, char text[TOKEN_TEXT_SIZE], struct token *ret);
/* False for anything that is not the text of a token. */
bool token_parse(bg_str text, struct token *ret);
void secret_hash(bg_str text, uint8_t ret[32]);

/* --- sealing of what must be readable again (TOTP secrets), with a key kept outside the database --- */
#define SEALED_MAX 128
/* One byte of form, nonce, box; returns the length. `key` NULL: kept readable, form 0. At most 64 bytes of `plain`. */
size_t secret_seal(const struct bg_env *env, const uint8_t *key, bg_str plain, uint8_t ret[SEALED_MAX]);
/* False when the key is another one or bytes were changed. */
bool secret_open(const uint8_t *key, bg_str sealed, uint8_t ret[64], size_t *ret_len);

/* --- passwords --- */
#define PASSWORD_HASH_SIZE 128 /* with NUL */
#define PASSWORD_BYTES_MAX 1024
/* Argon2id, t=2, m=19 MiB, p=1, as a PHC string that carries its parameters. BG_NO_MEMORY when the 19 MiB are not to be had. */
bg_err password_hash(const struct bg_env *env, bg_str password, char ret[PASSWORD_HASH_SIZE]);
/* True when the password belongs to the hash. An empty hash is compared with a decoy, so that it takes the same time and is false. */
bool password_holds(bg_str hash, bg_str password);
/* True when the hash was made with weaker parameters than today's. */
bool password_is_dated(bg_str hash);

enum password_rules { PASSWORD_NIST, PASSWORD_DENGBAO };
struct password_context {
    enum password_rules rules;
    bool second_factor;       /* the account has one */
    const bg_str *words;      /* login, name, city, office: nothing an attacker of this account would try first */
    size_t word_count;
};
/* NULL when the password will do, else why not: "too-short", "too-long", "not-text", "too-common", "too-simple", "names-you",
 * "too-few-kinds". */
const char *password_fault(bg_str password, const struct password_context *context);
size_t password_least(const struct password_context *context);

/* --- TOTP, RFC 6238: SHA-1, 30 seconds, 6 digits, as every authenticator app expects --- */
#define TOTP_SECRET_SIZE 20
#define TOTP_STEP_MS 30000
/* The code of one step as a number below 10^digits; RFC 4226 5.3 over the step counter. `digits` 6 … 8. */
uint32_t totp_code(const uint8_t *secret, size_t size, int64_t step, int digits);
/* Checks a typed code (blanks passed over) around `now`, one step either way; only steps after `last_step` count, so each code works once.
 * True and *ret_step, the step to remember. */
bool totp_holds(const uint8_t *secret, size_t size, bg_str code, bg_ms now, int64_t last_step, int64_t *ret_step);
/* RFC 4648 base32 without padding, NUL-terminated; room for (size*8+4)/5 + 1 bytes. */
void base32_text(const uint8_t *bytes, size_t size, char *ret);

/* --- recovery codes: "ABCD-EFGH-JKMN", 60 random bits --- */
#define RECOVERY_CODES 10
#define RECOVERY_TEXT_SIZE 15 /* with NUL */
void recovery_make(const struct bg_env *env, char text[RECOVERY_TEXT_SIZE]);
/* SHA-256 over the account and the code as typed, case and dashes passed over. False when it cannot be a code. */
bool recovery_hash(int64_t account, bg_str typed, uint8_t ret[32]);

#endif
