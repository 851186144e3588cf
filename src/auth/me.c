/* Who am I, what may I, and why. */
#include "auth/inside.h"

#include <string.h>

bg_err auth_policy_show(struct store_tx *tx, const struct auth_session *session, struct bg_buf *out)
{
    struct policy policy;
    BG_TRY(policy_get(tx, session->city, &policy));
    bg_json_object(out);
    bg_json_put_str(out, "password", policy.rules == PASSWORD_DENGBAO ? BG_STR("dengbao") : BG_STR("nist"));
    bg_json_put_bool(out, "second_factor", policy.factor);
    bg_json_put_int(out, "idle_min", policy.idle_min);
    bg_json_put_int(out, "device_idle_min", policy.device_idle_min);
    bg_json_put_int(out, "session_min", policy.session_min);
    bg_json_object_end(out);
    return BG_DONE;
}

/* A grant in force as the person sees it; `waits` when it only counts after a second factor. */
static bg_err my_grant(struct auth *auth, struct store_tx *tx, const struct auth_session *session, const struct auth_grant *grant,
                       struct bg_arena *arena, struct bg_buf *out)
{
    struct scope_found scope;
    bg_err err = scope_find(auth, tx, session->city, grant->scope, grant->scope_id, arena, &scope);
    if (err.code == BG_BAD_INPUT) {
        scope = (struct scope_found){ .name_zh = { "", 0 }, .name_en = { "", 0 } };
        err = BG_DONE;
    }
    BG_TRY(err);
    const struct auth_role_info *role = &auth_role_infos[grant->role];
    bg_json_object(out);
    bg_json_put_id(out, "id", grant->id);
    bg_json_put_str(out, "role", bg_str_of(role->slug));
    bg_json_put_str(out, "role_zh", bg_str_of(role->zh));
    bg_json_put_str(out, "role_en", bg_str_of(role->en));
    bg_json_put_str(out, "scope_kind", bg_str_of(auth_scope_infos[grant->scope].slug));
    bg_json_put_id(out, "scope_id", grant->scope_id);
    bg_json_put_str(out, "scope_name", scope.name_zh);
    bg_json_put_str(out, "scope_name_en", scope.name_en);
    put_time(out, "to", grant->to);
    bg_json_put_bool(out, "waits", session->needs_factor && role->approver && !session->second_factor);
    bg_json_object_end(out);
    return BG_DONE;
}

static bg_err my_city(struct store_tx *tx, const struct auth_session *session, struct bg_buf *out)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_CITY_GET, ARGS(V_INT(session->city)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "city");
    }
    bg_json_key(out, "city");
    bg_json_object(out);
    bg_json_put_id(out, "id", session->city);
    bg_json_put_str(out, "code", store_text(rows, 0));
    bg_json_put_str(out, "name_zh", store_text(rows, 1));
    bg_json_put_str(out, "name_en", store_text(rows, 2));
    bg_json_put_int(out, "offset_min", store_int(rows, 3));
    bg_json_object_end(out);
    return BG_DONE;
}

static void my_session(const struct auth_session *session, struct bg_buf *out)
{
    bg_json_key(out, "session");
    bg_json_object(out);
    bg_json_put_id(out, "id", session->id);
    bg_json_put_str(out, "kind", session->kind == AUTH_BY_KEY ? BG_STR("key") : BG_STR("password"));
    bg_json_put_bool(out, "second_factor", session->second_factor);
    bg_json_put_bool(out, "must_change", session->must_change);
    put_id(out, "device", session->device);
    put_time(out, "ends_at", session->ends_at);
    bg_json_object_end(out);
}

bg_err auth_me(struct auth *auth, struct store_tx *tx, const struct auth_session *session, struct bg_arena *arena, struct bg_buf *out)
{
    bool waits = false;
    bg_json_object(out);
    bg_json_key(out, "account");
    bg_json_object(out);
    bg_json_put_id(out, "id", session->account);
    bg_json_put_str(out, "login", session->login);
    bg_json_put_str(out, "name", session->name);
    bg_json_object_end(out);
    BG_TRY(my_city(tx, session, out));
    bg_json_key(out, "grants");
    bg_json_array(out);
    for (size_t i = 0; i < session->grant_count; i++) {
        const struct auth_grant *grant = &session->grants[i];
        if (grant->from <= session->now) {
            BG_TRY(my_grant(auth, tx, session, grant, arena, out));
            waits |= session->needs_factor && auth_role_infos[grant->role].approver && !session->second_factor;
        }
    }
    bg_json_array_end(out);
    bg_json_key(out, "rights");
    bg_json_array(out);
    for (int right = 0; right < AUTH_RIGHT_COUNT; right++) {
        if (auth_may_somewhere(session, (enum auth_right)right, NULL)) {
            bg_json_str(out, bg_str_of(auth_right_infos[right].slug));
        }
    }
    bg_json_array_end(out);
    bg_json_put_bool(out, "needs_factor", waits);
    my_session(session, out);
    bg_json_object_end(out);
    return BG_DONE;
}

/* --- why --- */

/* Another account's rights as a session of its own would have them after every proof. */
static bg_err other_session(struct store_tx *tx, const struct auth_session *session, int64_t account, struct bg_arena *arena,
                            struct auth_session *ret)
{
    struct account_row row;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    size_t room = 0;
    BG_TRY(account_get(tx, session->city, account, arena, &row));
    struct auth_target target = account_target(session->city, &row);
    BG_TRY(auth_need(session, AUTH_RIGHT_WHY_OTHERS, &target, arena));
    *ret = (struct auth_session){ .account = account, .city = session->city, .now = session->now, .name = row.name, .login = row.login };
    memset(ret->allowed, bg_str_is(row.state, "active") ? 0xff : 0, sizeof ret->allowed);
    struct auth_grant *grants = bg_arena_array(arena, 200, sizeof *grants);
    BG_TRY(bg_need(grants));
    BG_TRY(store_query(tx, SQL_AUTH_GRANT_IN_FORCE, ARGS(V_INT(session->city), V_INT(account), V_INT(session->now)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more && room < 200) {
        int role = auth_role_of(store_text(rows, 1)), scope = auth_scope_of(store_text(rows, 2));
        if (role >= 0 && scope >= 0) {
            grants[room++] = (struct auth_grant){ .id = store_int(rows, 0), .role = (enum auth_role)role, .scope = (enum auth_scope)scope,
                                                  .scope_id = store_int(rows, 3), .from = store_int(rows, 4), .to = row_time(rows, 5) };
        }
        BG_TRY(store_next(rows, &more));
    }
    ret->grants = grants;
    ret->grant_count = room;
    return BG_DONE;
}

/* People who could give the right: they are shown by name, so that one knows whom to ring up. */
static bg_err givers(struct store_tx *tx, const struct auth_session *session, const struct auth_target *target, struct bg_buf *out)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_GRANT_GIVERS, ARGS(V_INT(session->city), V_INT(session->now), V_INT(target->district)), &rows));
    BG_TRY(store_next(rows, &more));
    bg_json_key(out, "granted_by");
    bg_json_array(out);
    while (more) {
        bg_json_object(out);
        bg_json_put_id(out, "account", store_int(rows, 0));
        bg_json_put_str(out, "name", store_text(rows, 1));
        bg_json_object_end(out);
        BG_TRY(store_next(rows, &more));
    }
    bg_json_array_end(out);
    return BG_DONE;
}

bg_err auth_why(struct auth *auth, struct store_tx *tx, const struct auth_session *session, enum auth_right right,
                const struct auth_target *target, int64_t account, struct bg_arena *arena, struct bg_buf *out)
{
    struct auth_session other;
    const struct auth_session *who = session;
    struct auth_target full = *target;
    struct auth_place place;
    struct auth_why why;
    if (account != 0 && account != session->account) {
        BG_TRY(other_session(tx, session, account, arena, &other));
        who = &other;
    }
    full.city = session->city;
    if (full.place != 0 && full.district == 0 && auth->places != NULL) {
        BG_TRY(auth->places(tx, session->city, full.place, arena, &place));
        full.district = place.district;
        full.org = full.org == 0 ? place.org : full.org;
    }
    bool may = auth_may(who, right, &full, &why);
    bg_json_object(out);
    bg_json_put_bool(out, "may", may);
    auth_why_members(right, &why, out);
    bg_json_put_id(out, "account", who->account);
    BG_TRY(givers(tx, session, &full, out));
    bg_json_object_end(out);
    return BG_DONE;
}
