/* Roles, rights and scopes as tables, and the one pure decision on them. */
#include "auth/auth.h"

#include <assert.h>
#include <string.h>

const struct auth_scope_info auth_scope_infos[AUTH_SCOPE_COUNT] = {
    [AUTH_CITY] = { "city", "全市", "the whole city" },
    [AUTH_DISTRICT] = { "district", "区", "district" },
    [AUTH_PLACE] = { "place", "库点", "place" },
    [AUTH_RECEIVER] = { "receiver", "领用单位", "receiver" },
    [AUTH_AGENCY] = { "agency", "部门", "agency" },
    [AUTH_TEAM] = { "team", "工作专班", "team" },
    [AUTH_ENTERPRISE] = { "enterprise", "企业", "enterprise" },
};

const struct auth_role_info auth_role_infos[AUTH_ROLE_COUNT] = {
#define AUTH_ROLE(name, slug, zh, en, scopes, approver) [AUTH_ROLE_##name] = { slug, zh, en, scopes, approver },
#include "auth/roles.def"
#undef AUTH_ROLE
};

const struct auth_right_info auth_right_infos[AUTH_RIGHT_COUNT] = {
#define AUTH_RIGHT(name, slug, reach, zh, en, roles) [AUTH_RIGHT_##name] = { slug, zh, en, AUTH_REACH_##reach, roles },
#include "auth/rights.def"
#undef AUTH_RIGHT
};

int auth_scope_of(bg_str slug)
{
    for (int i = 0; i < AUTH_SCOPE_COUNT; i++) {
        if (bg_str_is(slug, auth_scope_infos[i].slug)) {
            return i;
        }
    }
    return -1;
}

int auth_role_of(bg_str slug)
{
    for (int i = 0; i < AUTH_ROLE_COUNT; i++) {
        if (bg_str_is(slug, auth_role_infos[i].slug)) {
            return i;
        }
    }
    return -1;
}

int auth_right_of(bg_str slug)
{
    for (int i = 0; i < AUTH_RIGHT_COUNT; i++) {
        if (bg_str_is(slug, auth_right_infos[i].slug)) {
            return i;
        }
    }
    return -1;
}

static bool grant_in_force(const struct auth_grant *grant, bg_ms now)
{
    return grant->from <= now && (grant->to == BG_TIME_NONE || now < grant->to);
}

static bool grant_covers(const struct auth_grant *grant, const struct auth_target *target)
{
    switch (grant->scope) {
    case AUTH_CITY:
        return grant->scope_id == target->city;
    case AUTH_DISTRICT:
        return target->district != 0 && grant->scope_id == target->district;
    case AUTH_PLACE:
        return target->place != 0 && grant->scope_id == target->place;
    case AUTH_RECEIVER:
    case AUTH_AGENCY:
    case AUTH_TEAM:
    case AUTH_ENTERPRISE:
        return target->org != 0 && grant->scope_id == target->org;
    case AUTH_SCOPE_COUNT:
        break;
    }
    return false;
}

static bool key_allows(const struct auth_session *session, enum auth_right right)
{
    return (session->allowed[right / 64] >> (right % 64) & 1) != 0;
}

/* `target` NULL: anywhere. */
static bool decide(const struct auth_session *session, enum auth_right right, const struct auth_target *target, struct auth_why *ret)
{
    assert(right < AUTH_RIGHT_COUNT);
    const struct auth_right_info *info = &auth_right_infos[right];
    *ret = (struct auth_why){ .reason = AUTH_NO_ROLE };
    if (!key_allows(session, right)) {
        ret->reason = AUTH_NOT_IN_KEY;
        return false;
    }
    if (info->reach == AUTH_REACH_SELF || (session->kind == AUTH_BY_SYSTEM && (target == NULL || target->city == session->city))) {
        ret->reason = AUTH_MAY;
        return true;
    }
    if (session->must_change) {
        ret->reason = AUTH_MUST_CHANGE;
        return false;
    }
    if (target != NULL && target->city != session->city) {
        ret->reason = AUTH_OTHER_CITY;
        return false;
    }
    for (size_t i = 0; i < session->grant_count; i++) {
        const struct auth_grant *grant = &session->grants[i];
        if ((info->roles >> grant->role & 1) == 0 || !grant_in_force(grant, session->now)) {
            continue;
        }
        if (info->reach == AUTH_REACH_SCOPED && target != NULL && !grant_covers(grant, target)) {
            if (ret->reason == AUTH_NO_ROLE) {
                *ret = (struct auth_why){ .reason = AUTH_OUT_OF_SCOPE, .grant = grant };
            }
            continue;
        }
        if (session->needs_factor && auth_role_infos[grant->role].approver && !session->second_factor) {
            *ret = (struct auth_why){ .reason = AUTH_NO_FACTOR, .grant = grant };
            continue;
        }
        *ret = (struct auth_why){ .reason = AUTH_MAY, .grant = grant };
        return true;
    }
    return false;
}

bool auth_may(const struct auth_session *session, enum auth_right right, const struct auth_target *target, struct auth_why *ret)
{
    struct auth_why why;
    assert(target != NULL);
    bool may = decide(session, right, target, &why);
    if (ret != NULL) {
        *ret = why;
    }
    return may;
}

bool auth_may_somewhere(const struct auth_session *session, enum auth_right right, struct auth_why *ret)
{
    struct auth_why why;
    bool may = decide(session, right, NULL, &why);
    if (ret != NULL) {
        *ret = why;
    }
    return may;
}

static const struct {
    const char *slug, *zh, *en;
} reasons[AUTH_REASON_COUNT] = {
    [AUTH_MAY] = { "may", "可以", "yes" },
    [AUTH_NO_ROLE] = { "no-role", "没有具备此权限的角色", "no role of yours has this right" },
    [AUTH_OUT_OF_SCOPE] = { "out-of-scope", "角色具备此权限，但授权范围不含该对象", "your role has this right, but not for this object" },
    [AUTH_NO_FACTOR] = { "no-second-factor", "须先完成两步验证", "prove a second factor first" },
    [AUTH_NOT_IN_KEY] = { "not-in-key", "接口密钥未包含此权限", "the API key was not given this right" },
    [AUTH_MUST_CHANGE] = { "must-change-password", "须先修改口令", "change the password first" },
    [AUTH_OTHER_CITY] = { "other-city", "该对象属于其他城市", "the object belongs to another city" },
};

static void roles_json(enum auth_right right, struct bg_buf *out)
{
    bg_json_array(out);
    for (int role = 0; role < AUTH_ROLE_COUNT; role++) {
        if ((auth_right_infos[right].roles >> role & 1) != 0) {
            bg_json_object(out);
            bg_json_put_str(out, "role", bg_str_of(auth_role_infos[role].slug));
            bg_json_put_str(out, "name_zh", bg_str_of(auth_role_infos[role].zh));
            bg_json_put_str(out, "name_en", bg_str_of(auth_role_infos[role].en));
            bg_json_object_end(out);
        }
    }
    bg_json_array_end(out);
}

void auth_why_members(enum auth_right right, const struct auth_why *why, struct bg_buf *out)
{
    bg_json_put_str(out, "right", bg_str_of(auth_right_infos[right].slug));
    bg_json_put_str(out, "right_zh", bg_str_of(auth_right_infos[right].zh));
    bg_json_put_str(out, "right_en", bg_str_of(auth_right_infos[right].en));
    bg_json_put_str(out, "reason", bg_str_of(reasons[why->reason].slug));
    bg_json_put_str(out, "words", bg_str_of(reasons[why->reason].zh));
    bg_json_put_str(out, "words_en", bg_str_of(reasons[why->reason].en));
    bg_json_key(out, "grant");
    if (why->grant == NULL) {
        bg_json_null(out);
    } else {
        bg_json_object(out);
        bg_json_put_id(out, "id", why->grant->id);
        bg_json_put_str(out, "role", bg_str_of(auth_role_infos[why->grant->role].slug));
        bg_json_put_str(out, "scope_kind", bg_str_of(auth_scope_infos[why->grant->scope].slug));
        bg_json_put_id(out, "scope_id", why->grant->scope_id);
        bg_json_object_end(out);
    }
    bg_json_key(out, "roles");
    roles_json(right, out);
}

static bg_err denied(enum auth_right right, const struct auth_why *why, struct bg_arena *arena)
{
    BG_SCOPED_BUF facts = bg_buf_init(8192);
    auth_why_members(right, why, &facts);
    bg_str copy = facts.failed ? (bg_str){ 0 } : bg_arena_copy(arena, bg_buf_str(&facts));
    return BG_FAIL_WITH(BG_AUTH_DENIED, NULL, copy.at);
}

bg_err auth_need(const struct auth_session *session, enum auth_right right, const struct auth_target *target, struct bg_arena *arena)
{
    struct auth_why why;
    return auth_may(session, right, target, &why) ? BG_DONE : denied(right, &why, arena);
}

bg_err auth_need_somewhere(const struct auth_session *session, enum auth_right right, struct bg_arena *arena)
{
    struct auth_why why;
    return auth_may_somewhere(session, right, &why) ? BG_DONE : denied(right, &why, arena);
}

/* True when this grant gives the right in its own scope, in this session. */
static bool grant_counts(const struct auth_session *session, enum auth_right right, const struct auth_grant *grant)
{
    const struct auth_right_info *info = &auth_right_infos[right];
    return (info->roles >> grant->role & 1) != 0 && grant_in_force(grant, session->now) &&
           !(session->needs_factor && auth_role_infos[grant->role].approver && !session->second_factor);
}

bg_err auth_filter(const struct auth_session *session, enum auth_right right, struct bg_arena *arena, struct auth_filter *ret)
{
    struct auth_filter filter = { .city = session->city };
    size_t count = session->grant_count;
    int64_t *ids = bg_arena_array(arena, 3 * count + 1, sizeof *ids);
    BG_TRY(bg_need(ids));
    int64_t *districts = ids, *places = ids + count, *orgs = ids + 2 * count;
    if (auth_may_somewhere(session, right, NULL)) {
        filter.everything = auth_right_infos[right].reach != AUTH_REACH_SCOPED || session->kind == AUTH_BY_SYSTEM;
        for (size_t i = 0; i < count; i++) {
            const struct auth_grant *grant = &session->grants[i];
            if (!grant_counts(session, right, grant)) {
                continue;
            }
            if (grant->scope == AUTH_CITY) {
                filter.everything = true;
            } else if (grant->scope == AUTH_DISTRICT) {
                districts[filter.district_count++] = grant->scope_id;
            } else if (grant->scope == AUTH_PLACE) {
                places[filter.place_count++] = grant->scope_id;
            } else {
                orgs[filter.org_count++] = grant->scope_id;
            }
        }
    }
    filter.districts = districts;
    filter.places = places;
    filter.orgs = orgs;
    *ret = filter;
    return BG_DONE;
}

static bool among(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; id != 0 && i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

bool auth_filter_has(const struct auth_filter *filter, const struct auth_target *target)
{
    return filter->city == target->city &&
           (filter->everything || among(filter->districts, filter->district_count, target->district) ||
            among(filter->places, filter->place_count, target->place) || among(filter->orgs, filter->org_count, target->org));
}

struct auth_session auth_system(int64_t city, bg_ms now)
{
    struct auth_session session = { .city = city, .kind = AUTH_BY_SYSTEM, .name = BG_STR("system"), .now = now, .ends_at = BG_TIME_NONE };
    memset(session.allowed, 0xff, sizeof session.allowed);
    return session;
}
