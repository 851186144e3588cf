/* The first run, running a change with a secret beside it, cookies, and the daily sweep. */
#include "auth/inside.h"

#include <string.h>

struct first_in {
    struct auth *auth;
    int64_t account;             /* 0: none yet */
    uint8_t link[32];
};

static bg_err first_decide(struct change_tx *tx, struct change *change)
{
    const struct first_in *in = change->in;
    struct auth_account_in account = { .name = BG_STR("管理员"), .phone = { "", 0 } };
    int64_t id = in->account, grant_id, epoch;
    if (id == 0) {
        struct auth_grant_in grant = { .role = AUTH_ROLE_ADMIN, .scope = AUTH_CITY, .scope_id = change->city, .to = BG_TIME_NONE,
                                       .reason = BG_STR("first run") };
        BG_TRY(account_insert(tx, change, BG_STR("admin"), &account, &id));
        grant.account = id;
        BG_TRY(grant_insert(tx, change, &grant, change_now(tx), &grant_id));
        BG_TRY(epoch_bump(tx, in->auth, change->city, &epoch));
    }
    BG_TRY(link_insert(tx, change, "first", id, in->link, FIRST_LINK_MS));
    return record_change(tx, change, "account.first-link", "account", id, (bg_str){ 0 }, false);
}

bg_err auth_first_run(struct auth *auth, const struct auth_first *first, char ret_token[72])
{
    static const struct change_kind kind = { .name = "account.first", .decide = first_decide };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 18);
    BG_TRY(bg_need(arena));
    struct first_in in = { .auth = auth };
    struct auth_secret link;
    int64_t city = 0, admins = 0;
    {
        STORE_SCOPED_READ tx = NULL;
        STORE_SCOPED_ROWS rows = NULL;
        bool more = false;
        BG_TRY(store_read_begin(auth->store, 2000, &tx));
        bg_err err = auth_city_only(tx, &city);
        if (err.code == BG_BAD_INPUT) { /* several cities: set up long ago */
            ret_token[0] = '\0';
            return BG_DONE;
        }
        if (!bg_failed(err)) {
            BG_TRY(
                store_get_int(tx, SQL_AUTH_ACCOUNT_ADMINS, ARGS(V_INT(city), V_INT(bg_now(auth->env)), V_INT(0), V_INT(0)), &admins, NULL));
            BG_TRY(store_query(tx, SQL_AUTH_ACCOUNT_BY_LOGIN, ARGS(V_INT(city), V_TEXT(BG_STR("admin"))), &rows));
            BG_TRY(store_next(rows, &more));
            in.account = more ? store_int(rows, 0) : 0;
        }
    }
    ret_token[0] = '\0';
    if (admins > 0) {
        return BG_DONE;
    }
    if (city == 0) {
        BG_TRY(auth_city_open(auth, first, &city));
    }
    auth_link_make(auth, city, &link);
    memcpy(in.link, link.hash, sizeof in.link);
    struct journal_actor actor = { .name = BG_STR("system"), .origin = BG_STR("cli") };
    BG_TRY(own_run(auth, &(struct own_change){ .kind = &kind, .in = &in, .city = city, .actor = actor }, arena, NULL));
    memcpy(ret_token, link.text, sizeof link.text);
    return BG_DONE;
}

bg_err auth_run(struct auth *auth, const struct auth_run_in *run, struct bg_arena *arena, struct bg_buf *reply, bool *ret_replayed)
{
    struct change change = { .kind = run->kind,
                             .in = run->in,
                             .arena = arena,
                             .city = run->session->city,
                             .actor = auth_actor(run->session),
                             .op = run->op,
                             .occurred_at = BG_TIME_NONE,
                             .reason = run->reason };
    secret_hash(run->body, change.body_hash);
    change.reply = *reply;
    bg_err err = change_run(auth->journal, &change);
    *reply = change.reply;
    *ret_replayed = change.replayed;
    return err;
}

/* --- cookies --- */

const char *auth_cookie_session(const struct auth *auth)
{
    return auth->tls ? "__Host-sid" : "sid";
}

const char *auth_cookie_device(const struct auth *auth)
{
    return auth->tls ? "__Host-did" : "did";
}

bg_err auth_cookie(const struct auth *auth, const char *name, bg_str token, bg_ms lives_ms, struct bg_arena *arena, bg_str *ret)
{
    const char *text = bg_arena_text(arena, "%s=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Strict%s", name, BG_STR_FMT(token),
                                     (long long)(token.len == 0 ? 0 : lives_ms / 1000), auth->tls ? "; Secure" : "");
    BG_TRY(bg_need(text));
    *ret = bg_str_of(text);
    return BG_DONE;
}

/* --- forgetting --- */

struct sweep_in {
    int64_t city;
    bg_ms before;
};

static bg_err sweep_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sweep_in *in = jobs[i]->in;
        BG_TRY(store_run(tx, SQL_AUTH_SESSION_SWEEP, ARGS(V_INT(in->city), V_INT(in->before)), NULL));
        BG_TRY(store_run(tx, SQL_AUTH_LINK_SWEEP, ARGS(V_INT(in->city), V_INT(in->before)), NULL));
        BG_TRY(store_run(tx, SQL_AUTH_THROTTLE_SWEEP, ARGS(V_INT(in->city), V_INT(in->before - 60 * DAY_MS)), NULL));
    }
    return BG_DONE;
}

bg_err auth_sweep(struct auth *auth, int64_t city)
{
    static const struct store_class class = { .name = "auth.sweep", .rare = true, .run = sweep_run };
    struct sweep_in in = { city, bg_now(auth->env) - 30 * DAY_MS };
    return store_write(auth->store, &class, &in, NULL, NULL);
}
