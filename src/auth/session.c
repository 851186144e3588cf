/* Sessions in the store: reading one, opening one, ending one; signing in and out. */
#include "auth/inside.h"

#include <stdio.h>
#include <string.h>

/* --- policy --- */

bg_err policy_get(struct store_tx *tx, int64_t city, struct policy *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_POLICY_GET, ARGS(V_INT(city)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "city");
    }
    ret->rules = bg_str_is(store_text(rows, 0), "dengbao") ? PASSWORD_DENGBAO : PASSWORD_NIST;
    ret->factor = store_int(rows, 1) != 0;
    ret->idle_min = store_int(rows, 2);
    ret->device_idle_min = store_int(rows, 3);
    ret->session_min = store_int(rows, 4);
    ret->epoch = store_int(rows, 5);
    return BG_DONE;
}

/* --- reading --- */

static bg_err load_grants(struct store_tx *tx, bg_ms now, struct bg_arena *arena, struct auth_session *session)
{
    STORE_SCOPED_ROWS rows = NULL;
    size_t room = 8;
    struct auth_grant *grants = bg_arena_array(arena, room, sizeof *grants);
    bool more;
    BG_TRY(bg_need(grants));
    BG_TRY(store_query(tx, SQL_AUTH_GRANT_IN_FORCE, ARGS(V_INT(session->city), V_INT(session->account), V_INT(now)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        int role = auth_role_of(store_text(rows, 1)), scope = auth_scope_of(store_text(rows, 2));
        if (role >= 0 && scope >= 0) { /* a role of a newer version gives nothing here */
            if (session->grant_count == room) {
                struct auth_grant *grown = bg_arena_array(arena, room * 2, sizeof *grown);
                BG_TRY(bg_need(grown));
                memcpy(grown, grants, room * sizeof *grown);
                grants = grown;
                room *= 2;
            }
            grants[session->grant_count++] = (struct auth_grant){
                .id = store_int(rows, 0), .role = (enum auth_role)role, .scope = (enum auth_scope)scope, .scope_id = store_int(rows, 3),
                .from = store_int(rows, 4), .to = row_time(rows, 5),
            };
        }
        BG_TRY(store_next(rows, &more));
    }
    session->grants = grants;
    return BG_DONE;
}

/* Rights no key may have: whoever holds a key could make others or decide in a person's place. */
static const enum auth_right never_in_keys[] = { AUTH_RIGHT_ACCOUNT_WRITE, AUTH_RIGHT_GRANT_WRITE,    AUTH_RIGHT_KEY_WRITE,
                                                 AUTH_RIGHT_POLICY_WRITE,  AUTH_RIGHT_APPROVAL_DECIDE, AUTH_RIGHT_INVITE,
                                                 AUTH_RIGHT_DEVICE_WRITE,  AUTH_RIGHT_ACCOUNT_PRIVATE };

bool key_right_allowed(enum auth_right right)
{
    for (size_t i = 0; i < sizeof never_in_keys / sizeof never_in_keys[0]; i++) {
        if (never_in_keys[i] == right) {
            return false;
        }
    }
    return true;
}

static void allow(struct auth_session *session, bg_str rights)
{
    while (rights.len > 0) {
        size_t end = bg_str_find(rights, ' ');
        int right = auth_right_of(bg_str_cut(rights, 0, end));
        if (right >= 0 && key_right_allowed((enum auth_right)right)) {
            session->allowed[right / 64] |= UINT64_C(1) << (right % 64);
        }
        rights = bg_str_cut(rights, end + 1, rights.len);
    }
}

static bg_err load_key(struct store_tx *tx, const struct token *token, bg_ms now, struct bg_arena *arena, struct auth_session *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_KEY_LOAD, ARGS(V_INT(token->city), V_BYTES(token->hash, 32)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || !store_is_null(rows, 4) || store_int(rows, 3) <= now || !bg_str_is(store_text(rows, 7), "active")) {
        return BG_FAIL(BG_AUTH_ENDED);
    }
    *ret = (struct auth_session){ .id = store_int(rows, 0), .account = store_int(rows, 1), .city = token->city, .kind = AUTH_BY_KEY,
                                  .login = row_text(rows, 5, arena), .name = row_text(rows, 6, arena), .version = store_int(rows, 9),
                                  .second_factor = true, .ends_at = store_int(rows, 3) };
    allow(ret, store_text(rows, 2));
    return BG_DONE;
}

static bg_err load_person(struct store_tx *tx, const struct token *token, bg_ms now, struct bg_arena *arena, struct auth_session *ret,
                          bg_ms *ret_seen_at, int64_t *ret_idle_ms)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_SESSION_LOAD, ARGS(V_INT(token->city), V_BYTES(token->hash, 32)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || !store_is_null(rows, 8) || store_int(rows, 7) <= now || !bg_str_is(store_text(rows, 11), "active")) {
        return BG_FAIL(BG_AUTH_ENDED);
    }
    bool aged = bg_str_is(store_text(rows, 17), "dengbao") && now - store_int(rows, 13) > PASSWORD_DAYS * DAY_MS;
    *ret = (struct auth_session){ .id = store_int(rows, 0), .account = store_int(rows, 1), .city = token->city, .kind = AUTH_BY_PASSWORD,
                                  .device = store_int(rows, 2), .second_factor = store_int(rows, 3) != 0,
                                  .login = row_text(rows, 9, arena), .name = row_text(rows, 10, arena), .version = store_int(rows, 15),
                                  .needs_factor = store_int(rows, 16) != 0, .must_change = store_int(rows, 12) != 0 || aged,
                                  .ends_at = store_int(rows, 7) };
    memset(ret->allowed, 0xff, sizeof ret->allowed);
    *ret_seen_at = store_int(rows, 5);
    *ret_idle_ms = store_int(rows, 6);
    return BG_DONE;
}

bg_err session_load(struct auth *auth, struct store_tx *tx, const struct token *token, struct bg_arena *arena, struct auth_session *ret,
                    bg_ms *ret_seen_at, int64_t *ret_idle_ms)
{
    struct auth_session session = { 0 };
    bg_ms now = bg_now(auth->env);
    *ret_seen_at = now;
    *ret_idle_ms = 0;
    if (token->kind == TOKEN_KEY) {
        BG_TRY(load_key(tx, token, now, arena, &session));
    } else {
        BG_TRY(load_person(tx, token, now, arena, &session, ret_seen_at, ret_idle_ms));
    }
    BG_TRY(bg_need(session.login.at));
    BG_TRY(bg_need(session.name.at));
    memcpy(session.hash, token->hash, sizeof session.hash);
    session.now = now;
    BG_TRY(load_grants(tx, now, arena, &session));
    *ret = session;
    return BG_DONE;
}

/* --- opening --- */

static bg_err session_record(struct change_tx *tx, const struct change *change, const struct session_new *in, int64_t city)
{
    BG_SCOPED_BUF after = bg_buf_init(4096);
    bg_str text;
    bg_json_object(&after);
    bg_json_put_id(&after, "account", in->account);
    bg_json_put_str(&after, "how", bg_str_of(in->how));
    bg_json_put_bool(&after, "second_factor", in->factor);
    put_id(&after, "device", in->device);
    bg_json_put_str(&after, "origin", in->origin);
    bg_json_put_str(&after, "agent", in->agent);
    bg_json_object_end(&after);
    BG_TRY(json_kept(&after, change_arena(tx), &text));
    return change_record(tx, change, &(struct journal_entry){ .kind = "session.opened", .object = "session", .id = in->id, .city = city,
                                                              .after = text, .persons = true });
}

/* The strangers' count falls only when one of them turned out to be the owner: else a guesser would be set free each morning. */
static bg_err clear_throttle(struct store_tx *tx, int64_t city, const struct throttle_keys *keys, bool known, bg_ms now)
{
    BG_TRY(store_run(tx, SQL_AUTH_THROTTLE_PUT, ARGS(V_INT(city), V_BYTES(keys->pair, 32), V_INT(0), V_INT(now), V_INT(0)), NULL));
    if (!known) {
        BG_TRY(store_run(tx, SQL_AUTH_THROTTLE_PUT, ARGS(V_INT(city), V_BYTES(keys->strangers, 32), V_INT(0), V_INT(now), V_INT(0)), NULL));
    }
    return store_run(tx, SQL_AUTH_THROTTLE_PUT, ARGS(V_INT(city), V_BYTES(keys->known, 32), V_INT(0), V_INT(now), V_INT(0)), NULL);
}

static bg_err use_proofs(struct store_tx *tx, const struct session_new *in, int64_t city, bg_ms now)
{
    int64_t changed = 1;
    if (in->factor_step >= 0) {
        BG_TRY(store_run(tx, SQL_AUTH_FACTOR_STEP, ARGS(V_INT(city), V_INT(in->account), V_INT(in->factor_step)), &changed));
    }
    if (changed == 1 && in->recovery != NULL) {
        BG_TRY(
            store_run(tx, SQL_AUTH_RECOVERY_USE, ARGS(V_INT(city), V_INT(in->account), V_BYTES(in->recovery, 32), V_INT(now)), &changed));
    }
    return changed == 1 ? BG_DONE : BG_FAIL_AT(BG_AUTH_BAD_CODE, "code");
}

bg_err session_insert(struct change_tx *tx, const struct change *change, const struct session_new *in, bg_ms *ret_ends_at)
{
    struct store_tx *store = change_store(tx);
    struct account_row account;
    struct policy policy;
    int64_t city = change->city;
    bg_ms now = change_now(tx);
    BG_TRY(account_get(store, city, in->account, change_arena(tx), &account));
    BG_TRY(policy_get(store, city, &policy));
    if (!bg_str_is(account.state, "active") || (in->epoch >= 0 && in->epoch != account.epoch)) {
        return BG_FAIL(BG_AUTH_BAD_LOGIN);
    }
    BG_TRY(use_proofs(store, in, city, now));
    int64_t idle_ms = (in->device != 0 ? policy.device_idle_min : policy.idle_min) * 60000;
    bg_ms ends_at = now + policy.session_min * 60000;
    BG_TRY(store_run(store, SQL_AUTH_SESSION_INSERT,
                     ARGS(V_INT(city), V_INT(in->id), V_BYTES(in->hash, 32), V_INT(in->account), v_id(in->device), V_INT(in->factor),
                          V_TEXT(in->origin), V_TEXT(in->agent), V_INT(now), V_INT(idle_ms), V_INT(ends_at)),
                     NULL));
    BG_TRY(store_run(store, SQL_AUTH_ACCOUNT_SIGNED_IN, ARGS(V_INT(city), V_INT(in->account), V_INT(now)), NULL));
    if (in->device != 0) {
        BG_TRY(store_run(store, SQL_AUTH_DEVICE_SEEN, ARGS(V_INT(city), V_INT(in->device), V_INT(now)), NULL));
    }
    if (in->rehash.len > 0) {
        BG_TRY(store_run(store, SQL_AUTH_ACCOUNT_REHASH, ARGS(V_INT(city), V_INT(in->account), V_TEXT(in->rehash)), NULL));
    }
    if (in->keys != NULL) {
        BG_TRY(clear_throttle(store, city, in->keys, in->known, now));
    }
    if (in->replaces != 0) {
        int64_t epoch;
        BG_TRY(store_run(store, SQL_AUTH_SESSION_END, ARGS(V_INT(city), V_INT(in->replaces), V_INT(now), V_TEXT(BG_STR("renewed"))), NULL));
        BG_TRY(epoch_bump(tx, in->auth, city, &epoch));
    }
    *ret_ends_at = ends_at;
    return session_record(tx, change, in, city);
}

/* --- ending --- */

struct session_over {
    struct auth *auth;
    int64_t id;
};

static bg_err over_decide(struct change_tx *tx, struct change *change)
{
    const struct session_over *in = change->in;
    int64_t changed, epoch;
    BG_TRY(store_run(change_store(tx), SQL_AUTH_SESSION_END,
                     ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx)), V_TEXT(BG_STR("signed-out"))), &changed));
    if (changed == 0) {
        return BG_DONE; /* already over: signing out twice is no mistake */
    }
    BG_TRY(epoch_bump(tx, in->auth, change->city, &epoch));
    return change_record(tx, change, &(struct journal_entry){ .kind = "session.closed", .object = "session", .id = in->id,
                                                              .city = change->city });
}

bg_err auth_logout(struct auth *auth, const struct auth_session *session)
{
    static const struct change_kind kind = { .name = "session.close", .decide = over_decide };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 16);
    BG_TRY(bg_need(arena));
    struct session_over in = { auth, session->id };
    return own_run(auth, &(struct own_change){ .kind = &kind, .in = &in, .city = session->city, .actor = auth_actor(session) }, arena,
                   NULL);
}
