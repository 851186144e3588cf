/* Grants, and ending sessions: what one person does to another's rights. */
#include "auth/inside.h"

#include <string.h>

bg_err auth_apart(int64_t one, int64_t other, const char *field)
{
    return one != 0 && one == other ? BG_FAIL_AT(BG_AUTH_SELF, field) : BG_DONE;
}

/* --- scopes --- */

static bg_err unknown_scope(struct bg_arena *arena, const char *rule)
{
    return bad_input(arena, "scope_id", "\"rule\":\"%s\"", rule);
}

static bg_err organisation_scope(struct store_tx *tx, int64_t city, enum auth_scope scope, int64_t id, struct bg_arena *arena,
                                 struct scope_found *ret)
{
    struct auth_organisation_in organisation;
    bg_err err = auth_organisation_get(tx, city, id, arena, &organisation);
    if (err.code == BG_NOT_FOUND || (!bg_failed(err) && !bg_str_is(organisation.kind, auth_scope_infos[scope].slug))) {
        return unknown_scope(arena, "unknown");
    }
    BG_TRY(err);
    ret->target = (struct auth_target){ .city = city, .district = organisation.district, .org = id };
    ret->name_zh = organisation.name_zh;
    ret->name_en = organisation.name_en;
    return BG_DONE;
}

static bg_err named_scope(struct store_tx *tx, enum sql_id sql, const struct store_val *args, size_t count, int name,
                          struct bg_arena *arena, struct scope_found *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, sql, args, count, &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return unknown_scope(arena, "unknown");
    }
    ret->name_zh = row_text(rows, name, arena);
    ret->name_en = row_text(rows, name + 1, arena);
    return bg_need(ret->name_en.at);
}

bg_err scope_find(struct auth *auth, struct store_tx *tx, int64_t city, enum auth_scope scope, int64_t id, struct bg_arena *arena,
                  struct scope_found *ret)
{
    struct auth_place place = { .name_zh = { "", 0 }, .name_en = { "", 0 } };
    *ret = (struct scope_found){ .target = { .city = city }, .name_zh = { "", 0 }, .name_en = { "", 0 } };
    switch (scope) {
    case AUTH_CITY:
        return id != city ? unknown_scope(arena, "own-city") : named_scope(tx, SQL_AUTH_CITY_GET, ARGS(V_INT(city)), 1, arena, ret);
    case AUTH_DISTRICT:
        ret->target.district = id;
        return named_scope(tx, SQL_AUTH_DISTRICT_GET, ARGS(V_INT(city), V_INT(id)), 1, arena, ret);
    case AUTH_PLACE:
        if (auth->places != NULL) {
            bg_err err = auth->places(tx, city, id, arena, &place);
            if (err.code == BG_NOT_FOUND) {
                return unknown_scope(arena, "unknown");
            }
            BG_TRY(err);
        }
        *ret = (struct scope_found){ .target = { .city = city, .district = place.district, .place = id, .org = place.org },
                                     .name_zh = place.name_zh, .name_en = place.name_en };
        return BG_DONE;
    case AUTH_RECEIVER:
    case AUTH_AGENCY:
    case AUTH_TEAM:
    case AUTH_ENTERPRISE:
        return organisation_scope(tx, city, scope, id, arena, ret);
    case AUTH_SCOPE_COUNT:
        break;
    }
    return BG_FAIL(BG_INTERNAL);
}

/* --- grants --- */

static void grant_reply(const struct auth_grant_in *in, int64_t id, bg_ms from, const struct scope_found *scope, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", id);
    bg_json_put_id(out, "account", in->account);
    bg_json_put_str(out, "role", bg_str_of(auth_role_infos[in->role].slug));
    bg_json_put_str(out, "scope_kind", bg_str_of(auth_scope_infos[in->scope].slug));
    bg_json_put_id(out, "scope_id", in->scope_id);
    bg_json_put_str(out, "scope_name", scope->name_zh);
    put_time(out, "from", from);
    put_time(out, "to", in->to);
    bg_json_put_str(out, "reason", in->reason);
    bg_json_object_end(out);
}

/* Who may give this: an administrator whose own scope holds the granted one; the whole city's for approver roles. */
static bg_err grant_allowed(const struct auth_grant_in *in, const struct account_row *account, const struct scope_found *scope,
                            struct bg_arena *arena)
{
    struct auth_target whole = { .city = scope->target.city }, person = account_target(scope->target.city, account);
    bool approver = auth_role_infos[in->role].approver || in->role == AUTH_ROLE_AUDITOR;
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_GRANT_WRITE, approver ? &whole : &scope->target, arena));
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_GRANT_WRITE, &person, arena));
    return auth_apart(in->by.session->account, in->account, "account");
}

static bg_err grant_check(const struct auth_grant_in *in, bg_ms from, struct bg_arena *arena)
{
    if ((auth_role_infos[in->role].scopes >> in->scope & 1) == 0) {
        return bad_input(arena, "scope_kind", "\"role\":\"%s\",\"rule\":\"not-this-scope\"", auth_role_infos[in->role].slug);
    }
    if (in->to != BG_TIME_NONE && in->to <= from) {
        return bad_input(arena, "to", "\"rule\":\"after-from\"");
    }
    return text_check(arena, "reason", in->reason, 0, 500);
}

/* The three who must not be one: who keeps accounts, who audits, and who works with goods (系统、审计、业务分离). */
static bg_err roles_apart(struct store_tx *tx, int64_t city, const struct auth_grant_in *in, bg_ms now, struct bg_arena *arena)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_GRANT_IN_FORCE, ARGS(V_INT(city), V_INT(in->account), V_INT(now)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        int other = auth_role_of(store_text(rows, 1));
        bool apart = in->role == AUTH_ROLE_ADMIN || in->role == AUTH_ROLE_AUDITOR || other == AUTH_ROLE_ADMIN || other == AUTH_ROLE_AUDITOR;
        if (other >= 0 && other != (int)in->role && apart) {
            const char *facts =
                bg_arena_text(arena, "\"role\":\"%s\",\"held\":\"%s\"", auth_role_infos[in->role].slug, auth_role_infos[other].slug);
            return BG_FAIL_WITH(BG_AUTH_ROLES_APART, "role", facts);
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

bg_err grant_insert(struct change_tx *tx, const struct change *change, const struct auth_grant_in *in, bg_ms from, int64_t *ret_id)
{
    bg_str role = bg_str_of(auth_role_infos[in->role].slug), scope = bg_str_of(auth_scope_infos[in->scope].slug);
    bool same;
    int64_t other, id = change_id(tx);
    BG_TRY(store_get_int(change_store(tx), SQL_AUTH_GRANT_SAME,
                         ARGS(V_INT(change->city), V_INT(in->account), V_TEXT(role), V_TEXT(scope), V_INT(in->scope_id), V_INT(from)),
                         &other, &same));
    if (same) {
        return BG_FAIL_AT(BG_CONFLICT, "role");
    }
    *ret_id = id;
    return store_run(change_store(tx), SQL_AUTH_GRANT_INSERT,
                     ARGS(V_INT(change->city), V_INT(id), V_INT(in->account), V_TEXT(role), V_TEXT(scope), V_INT(in->scope_id), V_INT(from),
                          v_time(in->to), V_INT(change->actor.account), V_INT(change_now(tx)), V_TEXT(in->reason)),
                     NULL);
}

static bg_err grant_open_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_grant_in *in = change->in;
    struct bg_arena *arena = change_arena(tx);
    struct account_row account;
    struct scope_found scope;
    bg_ms now = change_now(tx), from = in->from == BG_TIME_NONE ? now : in->from;
    int64_t id, epoch;
    BG_TRY(account_get(change_store(tx), change->city, in->account, arena, &account));
    BG_TRY(grant_check(in, from, arena));
    BG_TRY(scope_find(in->by.auth, change_store(tx), change->city, in->scope, in->scope_id, arena, &scope));
    BG_TRY(grant_allowed(in, &account, &scope, arena));
    BG_TRY(roles_apart(change_store(tx), change->city, in, now, arena));
    BG_TRY(grant_insert(tx, change, in, from, &id));
    BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_ACCOUNT_EPOCH, ARGS(V_INT(change->city), V_INT(in->account), V_INT(epoch)), NULL));
    grant_reply(in, id, from, &scope, &change->reply);
    return record_change(tx, change, "grant.opened", "account", in->account, (bg_str){ 0 }, false);
}

const struct change_kind auth_grant_open = { .name = "grant.open", .decide = grant_open_decide, .recheck = auth_recheck };

/* The grant as it stands; BG_NOT_FOUND when it is not in force any more. */
static bg_err grant_get(struct store_tx *tx, int64_t city, int64_t id, struct auth_grant_in *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_GRANT_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    int role = more ? auth_role_of(store_text(rows, 2)) : -1, scope = more ? auth_scope_of(store_text(rows, 3)) : -1;
    if (!more || !store_is_null(rows, 10) || role < 0 || scope < 0) {
        return BG_FAIL_AT(BG_NOT_FOUND, "id");
    }
    *ret = (struct auth_grant_in){ .account = store_int(rows, 1), .role = (enum auth_role)role, .scope = (enum auth_scope)scope,
                                   .scope_id = store_int(rows, 4), .from = store_int(rows, 5), .to = row_time(rows, 6),
                                   .reason = { "", 0 } };
    return BG_DONE;
}

static bg_err grant_end_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_id_in *in = change->in;
    struct store_tx *store = change_store(tx);
    struct bg_arena *arena = change_arena(tx);
    struct auth_grant_in grant;
    struct account_row account;
    struct scope_found scope;
    int64_t epoch;
    BG_TRY(grant_get(store, change->city, in->id, &grant));
    BG_TRY(account_get(store, change->city, grant.account, arena, &account));
    bg_err err = scope_find(in->by.auth, store, change->city, grant.scope, grant.scope_id, arena, &scope);
    if (err.code != BG_BAD_INPUT) { /* a scope that is no more leaves the whole city's administrator */
        BG_TRY(err);
    }
    grant.by = in->by;
    struct auth_target whole = { .city = change->city };
    bool approver = auth_role_infos[grant.role].approver || grant.role == AUTH_ROLE_AUDITOR;
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_GRANT_WRITE, approver || bg_failed(err) ? &whole : &scope.target, arena));
    if (grant.role == AUTH_ROLE_ADMIN && grant.scope == AUTH_CITY) {
        BG_TRY(other_admin(tx, change->city, in->id, 0));
    }
    BG_TRY(store_run(store, SQL_AUTH_GRANT_END,
                     ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx)), V_INT(change->actor.account)), NULL));
    BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
    BG_TRY(store_run(store, SQL_AUTH_ACCOUNT_EPOCH, ARGS(V_INT(change->city), V_INT(grant.account), V_INT(epoch)), NULL));
    grant_reply(&grant, in->id, grant.from, &scope, &change->reply);
    return record_change(tx, change, "grant.ended", "account", grant.account, (bg_str){ 0 }, false);
}

const struct change_kind auth_grant_end = { .name = "grant.end", .decide = grant_end_decide, .recheck = auth_recheck };

/* --- ending sessions --- */

static bg_err may_end(struct change_tx *tx, const struct change *change, const struct auth_session *session, int64_t account)
{
    struct account_row row;
    if (account == session->account) {
        return BG_DONE;
    }
    BG_TRY(account_get(change_store(tx), change->city, account, change_arena(tx), &row));
    struct auth_target target = account_target(change->city, &row);
    return auth_need(session, AUTH_RIGHT_SESSION_END, &target, change_arena(tx));
}

static bg_err ended_reply(struct change_tx *tx, struct change *change, struct auth *auth, int64_t account, int64_t ended)
{
    int64_t epoch;
    BG_TRY(epoch_bump(tx, auth, change->city, &epoch));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "account", account);
    bg_json_put_int(&change->reply, "ended", ended);
    bg_json_object_end(&change->reply);
    return record_change(tx, change, "session.ended", "account", account, (bg_str){ 0 }, false);
}

static bg_err session_end_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_id_in *in = change->in;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t ended;
    BG_TRY(store_query(change_store(tx), SQL_AUTH_SESSION_GET, ARGS(V_INT(change->city), V_INT(in->id)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "id");
    }
    int64_t account = store_int(rows, 1);
    BG_TRY(may_end(tx, change, in->by.session, account));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_SESSION_END,
                     ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx)), V_TEXT(BG_STR("revoked"))), &ended));
    return ended_reply(tx, change, in->by.auth, account, ended);
}

const struct change_kind auth_session_end = { .name = "session.end", .decide = session_end_decide, .recheck = auth_recheck };

static bg_err sessions_end_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_sessions_end_in *in = change->in;
    int64_t ended, keep = in->account == change->actor.account ? change->actor.session : 0;
    BG_TRY(may_end(tx, change, in->by.session, in->account));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_SESSION_END_ALL,
                     ARGS(V_INT(change->city), V_INT(in->account), V_INT(change_now(tx)), V_TEXT(BG_STR("revoked")), V_INT(keep)), &ended));
    return ended_reply(tx, change, in->by.auth, in->account, ended);
}

const struct change_kind auth_sessions_end = { .name = "sessions.end", .decide = sessions_end_decide, .recheck = auth_recheck };
