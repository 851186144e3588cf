/* A city with people for tests: store, journal and auth on either engine, a clock that the test moves, and short ways to do things. */
#ifndef BG_AUTH_BED_H
#define BG_AUTH_BED_H

#include "auth/auth.h"
#include "auth/secret.h"
#include "store_bed.h"
#include "tap.h"

#define AUTH_BED_START INT64_C(1641600000000) /* 2022-01-08T00:00:00Z */
#define AUTH_BED_PASSWORD "seven boxes of masks"
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

struct auth_bed {
    struct bed bed;
    struct bg_env_sim sim;
    struct bg_env env;
    struct bg_idgen ids;
    struct store *store;
    struct journal *journal;
    struct auth *auth;
    struct bg_arena *arena;   /* never emptied: a test is short */
    int64_t city, admin;
    struct auth_opened chief; /* the administrator's session, second factor proved */
    uint8_t factor[64];       /* the administrator's TOTP secret in base32 */
    struct bg_buf reply;      /* of the last change */
    bool replayed;
};

static inline void auth_bed_open_again(struct auth_bed *b)
{
    static const uint8_t key[32] = { 7 };
    bg_err err = store_open(&(struct store_opts){ .address = b->bed.address, .env = &b->env }, &b->store);
    if (!bg_failed(err)) {
        err = journal_open(&(struct journal_opts){ .store = b->store, .env = &b->env, .ids = &b->ids }, &b->journal);
    }
    if (!bg_failed(err)) {
        err = auth_open(&(struct auth_opts){ .journal = b->journal, .env = &b->env, .ids = &b->ids, .tls = true, .key = key }, &b->auth);
    }
    if (bg_failed(err)) {
        printf("Bail out! %s at %s:%d\n", bg_errors[err.code].slug, err.file, err.line);
        abort();
    }
}

static inline void auth_bed_close(struct auth_bed *b)
{
    auth_close(b->auth);
    journal_close(b->journal);
    store_close(b->store);
}

static inline void auth_bed_done(struct auth_bed *b)
{
    auth_bed_close(b);
    bg_buf_done(&b->reply);
    bg_arena_close(b->arena);
    bed_done(&b->bed);
    bg_heap_free(b);
}

/* Runs a change as this session; the answer is in b->reply. */
static inline bg_err auth_bed_run_op(struct auth_bed *b, const struct auth_session *session, const struct change_kind *kind, const void *in,
                                     bg_op_id op)
{
    bg_buf_clear(&b->reply);
    return auth_run(b->auth, &(struct auth_run_in){ .kind = kind, .in = in, .session = session, .op = op, .body = bg_str_of(kind->name),
                                                    .reason = BG_STR("") }, b->arena, &b->reply, &b->replayed);
}

static inline bg_err auth_bed_run(struct auth_bed *b, const struct auth_session *session, const struct change_kind *kind, const void *in)
{
    return auth_bed_run_op(b, session, kind, in, bg_op_id_make(&b->env));
}

/* The number behind "key":" in the last answer. */
static inline int64_t auth_bed_id(const struct auth_bed *b, const char *key)
{
    char name[64];
    int64_t id = 0;
    (void)snprintf(name, sizeof name, "\"%s\":\"", key);
    const char *at = b->reply.at == NULL ? NULL : memmem(b->reply.at, b->reply.len, name, strlen(name));
    for (at = at == NULL ? "" : at + strlen(name); *at >= '0' && *at <= '9'; at++) {
        id = id * 10 + (*at - '0');
    }
    return id;
}

static inline bool auth_bed_says(const struct auth_bed *b, const char *text)
{
    return b->reply.at != NULL && memmem(b->reply.at, b->reply.len, text, strlen(text)) != NULL;
}

static inline bg_err auth_bed_login(struct auth_bed *b, const char *login, const char *password, const char *code, const char *origin,
                                    struct auth_opened *ret)
{
    return auth_login(b->auth, &(struct auth_login_in){ .login = bg_str_of(login), .password = bg_str_of(password), .code = bg_str_of(code),
                                                        .device = { "", 0 }, .origin = bg_str_of(origin), .agent = BG_STR("test") },
                      b->arena, ret);
}

/* Shows a failure in the test's output. */
static inline bg_err auth_bed_note(bg_err err, const char *what)
{
    if (bg_failed(err)) {
        printf("# %s: %s %s %s (%s:%d)\n", what, bg_errors[err.code].slug, err.field == NULL ? "" : err.field,
               err.facts == NULL ? "" : err.facts, err.file, err.line);
    }
    return err;
}

static inline bg_err auth_bed_accept(struct auth_bed *b, const char *link, const char *password, struct auth_opened *ret)
{
    return auth_link_accept(b->auth, bg_str_of(link), bg_str_of(password),
                            &(struct auth_login_in){ .origin = BG_STR("10.0.0.1"), .agent = BG_STR("test"), .code = { "", 0 } }, b->arena,
                            ret);
}

/* Checks a token as a request would. */
static inline bg_err auth_bed_check(struct auth_bed *b, const char *token, struct auth_session *ret)
{
    return auth_check(b->auth, &(struct auth_credentials){ .session = bg_str_of(token), .origin = BG_STR("10.0.0.1") }, b->arena, ret);
}

/* An active account with one grant (role < 0: none); its id. The password is AUTH_BED_PASSWORD. */
static inline int64_t auth_bed_person(struct auth_bed *b, const char *login, int role, enum auth_scope scope, int64_t scope_id,
                                      struct auth_opened *ret)
{
    struct auth_secret link;
    struct auth_by by = { b->auth, &b->chief.session };
    auth_link_make(b->auth, b->city, &link);
    struct auth_account_in in = {
        .by = by, .login = bg_str_of(login), .name = bg_str_of(login), .phone = BG_STR("13812345678"), .link = link.hash
    };
    bg_err err = auth_bed_run(b, &b->chief.session, &auth_account_open, &in);
    int64_t id = auth_bed_id(b, "id");
    if (!bg_failed(err)) {
        err = auth_bed_accept(b, link.text, AUTH_BED_PASSWORD, ret);
    }
    if (!bg_failed(err) && role >= 0) {
        struct auth_grant_in grant = { .by = by, .account = id, .role = (enum auth_role)role, .scope = scope, .scope_id = scope_id,
                                       .from = BG_TIME_NONE, .to = BG_TIME_NONE, .reason = BG_STR("test") };
        err = auth_bed_run(b, &b->chief.session, &auth_grant_open, &grant);
        bg_ignore(auth_bed_check(b, ret->token, &ret->session)); /* with its new rights */
    }
    return bg_failed(auth_bed_note(err, login)) ? 0 : id;
}

/* The code an authenticator shows now for a secret in base32. */
static inline void auth_bed_code(const struct auth_bed *b, const char *secret, char ret[7])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t bytes[64];
    size_t len = 0;
    uint32_t bits = 0;
    int have = 0;
    for (; *secret != '\0'; secret++) {
        bits = (bits << 5) | (uint32_t)(strchr(alphabet, *secret) - alphabet);
        have += 5;
        if (have >= 8) {
            bytes[len++] = (uint8_t)(bits >> (have - 8));
            have -= 8;
        }
    }
    (void)snprintf(ret, 7, "%06u", totp_code(bytes, len, b->sim.now / TOTP_STEP_MS, 6));
}

/* A second factor for a session; *opened is replaced by the session that proved it. Returns the secret. */
static inline bg_str auth_bed_factor(struct auth_bed *b, struct auth_opened *opened, bg_str *ret_codes)
{
    bg_str secret = { "", 0 }, address, codes[16];
    size_t count = 0;
    char code[7];
    bg_err err = auth_factor_begin(b->auth, &opened->session, bg_op_id_make(&b->env), b->arena, &secret, &address);
    if (!bg_failed(err)) {
        auth_bed_code(b, secret.at, code);
        err = auth_factor_confirm(b->auth, &opened->session, bg_str_of(code), bg_op_id_make(&b->env), b->arena, opened, codes, &count);
    }
    bg_ignore(auth_bed_note(err, "factor"));
    for (size_t i = 0; i < count && ret_codes != NULL; i++) {
        ret_codes[i] = codes[i];
    }
    return secret;
}

/* Opens everything in a fresh place and lets the administrator in through the first link. */
static inline struct auth_bed *auth_bed_open(enum bed_kind kind)
{
    struct auth_bed *b = bg_heap_get(sizeof *b);
    char token[72];
    b->bed = bed_make(kind);
    b->env = bg_env_seeded(&b->sim, 11, AUTH_BED_START);
    bg_idgen_init(&b->ids, &b->env, 1);
    b->arena = bg_arena_open(64 << 20);
    b->reply = bg_buf_init(4 << 20);
    auth_bed_open_again(b);
    struct auth_first first = { BG_STR("120000"), BG_STR("天津市"), BG_STR("Tianjin"), 480 };
    bg_err err = auth_first_run(b->auth, &first, token);
    if (!bg_failed(err)) {
        err = auth_bed_accept(b, token, "a river runs to the sea", &b->chief);
    }
    if (bg_failed(err)) {
        printf("Bail out! first run: %s at %s:%d\n", bg_errors[err.code].slug, err.file, err.line);
        abort();
    }
    b->city = b->chief.session.city;
    b->admin = b->chief.session.account;
    bg_str secret = auth_bed_factor(b, &b->chief, NULL);
    (void)snprintf((char *)b->factor, sizeof b->factor, "%s", secret.at);
    return b;
}

#endif
