/* Signing in with a password and, where the account has one, a second factor. The same answer in the same time whether the name is
 * unknown, the password wrong or the account disabled; guessing is slowed down by throttle.h. */
#include "auth/inside.h"

#include <string.h>

/* What one attempt found out, all from one snapshot. */
struct attempt {
    int64_t city;
    bg_str login;
    struct throttle_keys keys;
    struct throttle_row pair, strangers;
    bool known;                   /* origin or device */
    int64_t device;
    struct account_row account;   /* id 0: no such account */
    uint8_t secret[64];
    size_t secret_len;
    int64_t factor_step;          /* accepted before */
    bg_ms now;
};

static bg_err throttle_read(struct store_tx *tx, int64_t city, const uint8_t key[32], struct throttle_row *ret, bool *ret_found)
{
    STORE_SCOPED_ROWS rows = NULL;
    *ret = (struct throttle_row){ 0 };
    BG_TRY(store_query(tx, SQL_AUTH_THROTTLE_GET, ARGS(V_INT(city), V_BYTES(key, 32)), &rows));
    BG_TRY(store_next(rows, ret_found));
    if (*ret_found) {
        *ret = (struct throttle_row){ store_int(rows, 0), store_int(rows, 1), store_int(rows, 2) };
    }
    return BG_DONE;
}

static bg_err device_read(struct store_tx *tx, int64_t city, bg_str text, int64_t *ret)
{
    struct token token;
    bool found;
    *ret = 0;
    if (!token_parse(text, &token) || token.kind != TOKEN_DEVICE || token.city != city) {
        return BG_DONE;
    }
    return store_get_int(tx, SQL_AUTH_DEVICE_BY_HASH, ARGS(V_INT(city), V_BYTES(token.hash, 32)), ret, &found);
}

static bg_err account_find(struct auth *auth, struct store_tx *tx, struct bg_arena *arena, struct attempt *a)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_ACCOUNT_BY_LOGIN, ARGS(V_INT(a->city), V_TEXT(a->login)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_DONE;
    }
    a->account = (struct account_row){ .id = store_int(rows, 0), .state = row_text(rows, 1, arena), .password = row_text(rows, 2, arena),
                                       .factor = !store_is_null(rows, 3), .epoch = store_int(rows, 5), .signed_in_at = row_time(rows, 6),
                                       .login = a->login, .name = row_text(rows, 7, arena) };
    a->factor_step = store_int(rows, 4);
    if (a->account.factor && !secret_open(auth_seal_key(auth), store_text(rows, 3), a->secret, &a->secret_len)) {
        return BG_FAIL_AT(BG_AUTH_KEY_FILE, "key");
    }
    BG_TRY(bg_need(a->account.state.at));
    return bg_need(a->account.password.at);
}

static bg_err attempt_read(struct auth *auth, const struct auth_login_in *in, struct bg_arena *arena, struct attempt *a)
{
    STORE_SCOPED_READ tx = NULL;
    struct throttle_row known;
    bool found, seen_before;
    BG_TRY(store_read_begin(auth->store, 2000, &tx));
    a->now = bg_now(auth->env);
    a->city = in->city;
    if (a->city == 0) {
        BG_TRY(auth_city_only(tx, &a->city));
    }
    BG_TRY(device_read(tx, a->city, in->device, &a->device));
    throttle_keys_of(a->login, in->origin, a->device, &a->keys);
    BG_TRY(throttle_read(tx, a->city, a->keys.pair, &a->pair, &found));
    BG_TRY(throttle_read(tx, a->city, a->keys.strangers, &a->strangers, &found));
    BG_TRY(throttle_read(tx, a->city, a->keys.known, &known, &seen_before));
    a->known = a->device != 0 || (seen_before && a->now - known.last_at < THROTTLE_KNOWN_MS);
    return account_find(auth, tx, arena, a);
}

/* --- failures --- */

struct failure {
    int64_t city;
    bg_ms now;
    bool known;
    struct throttle_keys keys;
};

static bg_err fail_one(struct store_tx *tx, const struct failure *in, const uint8_t key[32], enum throttle_kind kind)
{
    struct throttle_row row;
    bool found;
    BG_TRY(throttle_read(tx, in->city, key, &row, &found));
    throttle_fail(&row, kind, in->now);
    return store_run(tx, SQL_AUTH_THROTTLE_PUT,
                     ARGS(V_INT(in->city), V_BYTES(key, 32), V_INT(row.failures), V_INT(row.last_at), V_INT(row.free_at)), NULL);
}

static bg_err fail_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct failure *in = jobs[i]->in;
        BG_TRY(fail_one(tx, in, in->keys.pair, THROTTLE_PAIR));
        if (!in->known) {
            BG_TRY(fail_one(tx, in, in->keys.strangers, THROTTLE_STRANGERS));
        }
    }
    return BG_DONE;
}

static bg_err failed_login(struct auth *auth, const struct auth_login_in *in, const struct attempt *a, struct bg_arena *arena, bg_err err)
{
    static const struct store_class class = { .name = "auth.failure", .rare = true, .run = fail_run };
    struct failure failure = { a->city, a->now, a->known, a->keys };
    pthread_mutex_lock(&auth->bucket_lock);
    throttle_address_fail(&auth->addresses, in->origin, a->now);
    pthread_mutex_unlock(&auth->bucket_lock);
    BG_TRY(store_write(auth->store, &class, &failure, NULL, NULL));
    if (auth->log != NULL) {
        /* A name that nobody has may be a password typed into the wrong field. */
        bg_log_line(auth->log, BG_WARN, "login.refused", "login", a->account.id != 0 ? a->login.at : "?", "origin",
                    bg_arena_copy(arena, in->origin).at, "why", bg_errors[err.code].slug, NULL);
    }
    return err;
}

static bg_err slow_down(struct auth *auth, const struct auth_login_in *in, int64_t wait_ms, struct bg_arena *arena)
{
    const char *facts = bg_arena_text(arena, "\"retry_after_s\":%lld", (long long)(wait_ms + 999) / 1000);
    if (auth->log != NULL) {
        bg_log_line(auth->log, BG_WARN, "login.slowed", "origin", bg_arena_copy(arena, in->origin).at, NULL);
    }
    return BG_FAIL_WITH(BG_AUTH_SLOW_DOWN, NULL, facts);
}

static int64_t must_wait(struct auth *auth, const struct auth_login_in *in, const struct attempt *a)
{
    pthread_mutex_lock(&auth->bucket_lock);
    int64_t address = throttle_address_wait(&auth->addresses, in->origin, a->now);
    pthread_mutex_unlock(&auth->bucket_lock);
    int64_t name = throttle_wait(&a->pair, &a->strangers, a->known, a->now);
    return address > name ? address : name;
}

/* The password of somebody already signed in, before something that a stolen session must not do. Slowed down like any sign-in. */
bg_err own_password(struct auth *auth, const struct auth_session *session, bg_str password, struct bg_arena *arena, struct account_row *ret)
{
    struct auth_login_in in = { .city = session->city, .origin = BG_STR("own") };
    struct attempt a = { .login = session->login };
    BG_TRY(attempt_read(auth, &in, arena, &a));
    a.known = true; /* strangers' failures are not this person's */
    int64_t wait_ms = throttle_wait(&a.pair, &a.strangers, true, a.now);
    if (wait_ms > 0) {
        return slow_down(auth, &in, wait_ms, arena);
    }
    if (password.len > PASSWORD_BYTES_MAX || !password_holds(a.account.password, password)) {
        in.origin = session->origin;
        return failed_login(auth, &in, &a, arena, BG_FAIL_AT(BG_AUTH_WRONG_PASSWORD, "password"));
    }
    *ret = a.account;
    return BG_DONE;
}

/* --- the second factor --- */

/* Fills what was proved, or says why not. */
static bg_err check_code(struct auth *auth, const struct attempt *a, bg_str code, struct session_new *session, uint8_t recovery[32])
{
    bool found = false;
    int64_t one;
    if (code.len == 0) {
        return BG_FAIL_AT(BG_AUTH_SECOND_FACTOR, "code");
    }
    if (totp_holds(a->secret, a->secret_len, code, a->now, a->factor_step, &session->factor_step)) {
        session->factor = true;
        return BG_DONE;
    }
    session->factor_step = -1;
    if (recovery_hash(a->account.id, code, recovery)) {
        STORE_SCOPED_READ tx = NULL;
        BG_TRY(store_read_begin(auth->store, 2000, &tx));
        BG_TRY(store_get_int(tx, SQL_AUTH_RECOVERY_FIND, ARGS(V_INT(a->city), V_INT(a->account.id), V_BYTES(recovery, 32)), &one, &found));
    }
    session->recovery = recovery;
    session->factor = found;
    return found ? BG_DONE : BG_FAIL_AT(BG_AUTH_BAD_CODE, "code");
}

/* --- the way in --- */

static bg_err open_decide(struct change_tx *tx, struct change *change)
{
    const struct session_new *in = change->in;
    bg_ms ends_at;
    BG_TRY(session_insert(tx, change, in, &ends_at));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "session", in->id);
    put_time(&change->reply, "ends_at", ends_at);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}

/* What a browser calls itself, without bytes that are no plain text. */
static bg_err plain_agent(bg_str agent, struct bg_arena *arena, bg_str *ret)
{
    bg_str cut = bg_str_cut(agent, 0, 200);
    char *copy = bg_arena_get(arena, cut.len + 1);
    BG_TRY(bg_need(copy));
    for (size_t i = 0; i < cut.len; i++) {
        copy[i] = cut.at[i] >= ' ' && cut.at[i] < 0x7f ? cut.at[i] : '?';
    }
    *ret = (bg_str){ copy, cut.len };
    return BG_DONE;
}

bg_err session_open(struct auth *auth, int64_t city, struct session_new *in, bg_str name, struct bg_arena *arena, struct auth_opened *ret)
{
    static const struct change_kind kind = { .name = "session.open", .decide = open_decide };
    struct token token;
    struct auth_opened opened = { .before = BG_TIME_NONE };
    bg_ms seen_at;
    int64_t idle_ms;
    token_make(auth->env, TOKEN_SESSION, city, opened.token, &token);
    in->auth = auth;
    in->id = bg_id_next(auth->ids);
    BG_TRY(plain_agent(in->agent, arena, &in->agent));
    memcpy(in->hash, token.hash, sizeof in->hash);
    struct journal_actor actor = { .account = in->account, .session = in->id, .device = in->device, .name = name, .origin = in->origin };
    BG_TRY(own_run(auth, &(struct own_change){ .kind = &kind, .in = in, .city = city, .actor = actor }, arena, NULL));
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(auth->store, 2000, &tx));
    BG_TRY(session_load(auth, tx, &token, arena, &opened.session, &seen_at, &idle_ms));
    opened.session.origin = in->origin;
    opened.ends_at = opened.session.ends_at;
    *ret = opened;
    return BG_DONE;
}

bg_err auth_login(struct auth *auth, const struct auth_login_in *in, struct bg_arena *arena, struct auth_opened *ret)
{
    struct attempt a = { 0 };
    struct session_new session = { .factor_step = -1, .how = "password", .origin = in->origin, .agent = in->agent, .keys = &a.keys };
    uint8_t recovery[32];
    char rehash[PASSWORD_HASH_SIZE];
    if (in->password.len > PASSWORD_BYTES_MAX || bg_failed(login_fold(in->login, arena, &a.login))) {
        return BG_FAIL(BG_AUTH_BAD_LOGIN);
    }
    BG_TRY(attempt_read(auth, in, arena, &a));
    int64_t wait_ms = must_wait(auth, in, &a);
    if (wait_ms > 0) {
        return slow_down(auth, in, wait_ms, arena);
    }
    bool right = password_holds(a.account.password, in->password) && bg_str_is(a.account.state, "active");
    if (!right) {
        return failed_login(auth, in, &a, arena, BG_FAIL(BG_AUTH_BAD_LOGIN));
    }
    if (a.account.factor) {
        bg_err err = check_code(auth, &a, in->code, &session, recovery);
        if (err.code == BG_AUTH_BAD_CODE) {
            return failed_login(auth, in, &a, arena, err);
        }
        BG_TRY(err);
    }
    if (password_is_dated(a.account.password)) {
        BG_TRY(password_hash(auth->env, in->password, rehash));
        session.rehash = bg_str_of(rehash);
    }
    session.account = a.account.id;
    session.epoch = a.account.epoch;
    session.device = a.device;
    session.known = a.known;
    BG_TRY(session_open(auth, a.city, &session, a.account.name, arena, ret));
    ret->before = a.account.signed_in_at;
    ret->failures = a.pair.failures + (a.known ? 0 : a.strangers.failures);
    return BG_DONE;
}
