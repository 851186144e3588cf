/* The second factor: setting it up, proving it, recovery codes, taking it away. */
#include "auth/inside.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

/* --- begin --- */

struct factor_begin {
    bg_str sealed;
};

static bg_err begin_decide(struct change_tx *tx, struct change *change)
{
    const struct factor_begin *in = change->in;
    BG_TRY(store_run(change_store(tx), SQL_AUTH_FACTOR_PENDING,
                     ARGS(V_INT(change->city), V_INT(change->actor.account), V_BYTES(in->sealed.at, in->sealed.len)), NULL));
    return record_change(tx, change, "factor.begun", "account", change->actor.account, (bg_str){ 0 }, false);
}

bg_err auth_factor_begin(struct auth *auth, const struct auth_session *session, bg_op_id op, struct bg_arena *arena, bg_str *ret_secret,
                         bg_str *ret_address)
{
    static const struct change_kind kind = { .name = "factor.begin", .decide = begin_decide, .recheck = auth_recheck };
    uint8_t secret[TOTP_SECRET_SIZE], sealed[SEALED_MAX];
    char text[TOTP_SECRET_SIZE * 2];
    bool replayed;
    if (session->kind != AUTH_BY_PASSWORD) {
        return BG_FAIL(BG_AUTH_PERSON);
    }
    bg_random(auth->env, secret, sizeof secret);
    base32_text(secret, sizeof secret, text);
    struct factor_begin in = { { (const char *)sealed,
                                 secret_seal(auth->env, auth_seal_key(auth), (bg_str){ (const char *)secret, sizeof secret }, sealed) } };
    BG_TRY(own_run(auth, &(struct own_change){ .kind = &kind, .in = &in, .city = session->city, .actor = auth_actor(session), .op = op },
                   arena, &replayed));
    if (replayed) {
        return BG_FAIL(BG_AUTH_SHOWN_ONCE);
    }
    const char *address = bg_arena_text(arena, "otpauth://totp/baogong:%.*s?secret=%s&issuer=baogong&algorithm=SHA1&digits=6&period=30",
                                        BG_STR_FMT(session->login), text);
    BG_TRY(bg_need(address));
    *ret_secret = bg_arena_copy(arena, bg_str_of(text));
    *ret_address = bg_str_of(address);
    OPENSSL_cleanse(secret, sizeof secret);
    return bg_need(ret_secret->at);
}

/* --- confirm --- */

struct factor_confirm {
    struct session_new session;
    bg_str sealed;
    int64_t step;
    uint8_t codes[RECOVERY_CODES][32];
};

static bg_err confirm_decide(struct change_tx *tx, struct change *change)
{
    const struct factor_confirm *in = change->in;
    struct store_tx *store = change_store(tx);
    int64_t account = change->actor.account;
    bg_ms ends_at;
    BG_TRY(store_run(store, SQL_AUTH_FACTOR_CONFIRM,
                     ARGS(V_INT(change->city), V_INT(account), V_BYTES(in->sealed.at, in->sealed.len), V_INT(in->step)), NULL));
    BG_TRY(store_run(store, SQL_AUTH_RECOVERY_CLEAR, ARGS(V_INT(change->city), V_INT(account)), NULL));
    for (int i = 0; i < RECOVERY_CODES; i++) {
        BG_TRY(store_run(store, SQL_AUTH_RECOVERY_INSERT, ARGS(V_INT(change->city), V_INT(account), V_BYTES(in->codes[i], 32)), NULL));
    }
    BG_TRY(session_insert(tx, change, &in->session, &ends_at));
    return record_change(tx, change, "factor.confirmed", "account", account, (bg_str){ 0 }, false);
}

/* The pending secret proves itself with a code. */
static bg_err pending_check(struct auth *auth, const struct auth_session *session, bg_str code, struct bg_arena *arena,
                            struct factor_confirm *in)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    uint8_t secret[64];
    size_t len;
    bool more;
    BG_TRY(store_read_begin(auth->store, 2000, &tx));
    BG_TRY(store_query(tx, SQL_AUTH_FACTOR_GET, ARGS(V_INT(session->city), V_INT(session->account)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || store_is_null(rows, 1)) {
        return BG_FAIL_AT(BG_AUTH_WRONG_CODE, "code");
    }
    in->sealed = row_text(rows, 1, arena);
    BG_TRY(bg_need(in->sealed.at));
    if (!secret_open(auth_seal_key(auth), in->sealed, secret, &len)) {
        return BG_FAIL_AT(BG_AUTH_KEY_FILE, "key");
    }
    bool held = totp_holds(secret, len, code, bg_now(auth->env), -1, &in->step);
    OPENSSL_cleanse(secret, sizeof secret);
    return held ? BG_DONE : BG_FAIL_AT(BG_AUTH_WRONG_CODE, "code");
}

bg_err auth_factor_confirm(struct auth *auth, const struct auth_session *session, bg_str code, bg_op_id op, struct bg_arena *arena,
                           struct auth_opened *ret, bg_str *ret_codes, size_t *ret_count)
{
    static const struct change_kind kind = { .name = "factor.confirm", .decide = confirm_decide, .recheck = auth_recheck };
    struct auth_opened opened = { .before = BG_TIME_NONE };
    struct token token;
    bg_str codes[RECOVERY_CODES];
    bg_ms seen_at;
    int64_t idle_ms;
    bool replayed;
    if (session->kind != AUTH_BY_PASSWORD) {
        return BG_FAIL(BG_AUTH_PERSON);
    }
    struct factor_confirm *in = bg_arena_get(arena, sizeof *in);
    BG_TRY(bg_need(in));
    BG_TRY(pending_check(auth, session, code, arena, in));
    for (int i = 0; i < RECOVERY_CODES; i++) {
        char text[RECOVERY_TEXT_SIZE];
        recovery_make(auth->env, text);
        codes[i] = bg_arena_copy(arena, bg_str_of(text));
        BG_TRY(bg_need(codes[i].at));
        recovery_hash(session->account, codes[i], in->codes[i]);
    }
    token_make(auth->env, TOKEN_SESSION, session->city, opened.token, &token);
    in->session = (struct session_new){ .auth = auth, .id = bg_id_next(auth->ids), .account = session->account, .device = session->device,
                                        .epoch = -1, .factor = true, .factor_step = -1, .origin = session->origin, .agent = BG_STR(""),
                                        .replaces = session->id, .how = "factor" };
    memcpy(in->session.hash, token.hash, sizeof token.hash);
    BG_TRY(own_run(auth, &(struct own_change){ .kind = &kind, .in = in, .city = session->city, .actor = auth_actor(session), .op = op },
                   arena, &replayed));
    if (replayed) {
        return BG_FAIL(BG_AUTH_SHOWN_ONCE);
    }
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(auth->store, 2000, &tx));
    BG_TRY(session_load(auth, tx, &token, arena, &opened.session, &seen_at, &idle_ms));
    opened.session.origin = session->origin;
    opened.ends_at = opened.session.ends_at;
    memcpy(ret_codes, codes, sizeof codes);
    *ret_count = RECOVERY_CODES;
    *ret = opened;
    return BG_DONE;
}

/* --- end --- */

struct factor_end {
    struct auth *auth;
};

static bg_err end_decide(struct change_tx *tx, struct change *change)
{
    const struct factor_end *in = change->in;
    int64_t epoch, account = change->actor.account;
    BG_TRY(epoch_bump(tx, in->auth, change->city, &epoch));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_FACTOR_CLEAR, ARGS(V_INT(change->city), V_INT(account), V_INT(epoch)), NULL));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_RECOVERY_CLEAR, ARGS(V_INT(change->city), V_INT(account)), NULL));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_SESSION_END_ALL,
                     ARGS(V_INT(change->city), V_INT(account), V_INT(change_now(tx)), V_TEXT(BG_STR("revoked")), V_INT(0)), NULL));
    return record_change(tx, change, "factor.ended", "account", account, (bg_str){ 0 }, false);
}

/* Every session of the account ends: those that had proved the factor, and those that had not needed to. */
bg_err auth_factor_end(struct auth *auth, const struct auth_session *session, bg_str password, bg_op_id op)
{
    static const struct change_kind kind = { .name = "factor.end", .decide = end_decide, .recheck = auth_recheck };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 18);
    BG_TRY(bg_need(arena));
    struct account_row row;
    struct factor_end in = { auth };
    if (session->kind != AUTH_BY_PASSWORD) {
        return BG_FAIL(BG_AUTH_PERSON);
    }
    BG_TRY(own_password(auth, session, password, arena, &row));
    return own_run(auth, &(struct own_change){ .kind = &kind, .in = &in, .city = session->city, .actor = auth_actor(session), .op = op },
                   arena, NULL);
}
