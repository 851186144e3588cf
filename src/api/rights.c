/* Routes of rights: grants, sessions, devices, keys, invitations of one, approvals, policy. */
#include <string.h>

#include "api/people.h"
#include "api/routes.h"

/* --- grants --- */

static const char *const scope_words[] = { "city", "district", "place", "receiver", "agency", "team", "enterprise", NULL };
static const struct api_field account_query[] = {
    API_F("account", API_ID, .zh = "账号", .en = "account"),
    API_F_END,
};
static const struct api_field grant_row[] = {
    API_F("id", API_ID, .zh = "授权编号", .en = "id of the grant"),
    API_F("account", API_ID, .zh = "账号", .en = "account"),
    API_F("role", API_TEXT, .zh = "角色", .en = "role"),
    API_F("scope_kind", API_TEXT, .zh = "范围种类", .en = "kind of scope"),
    API_F("scope_id", API_ID, .zh = "范围", .en = "which one"),
    API_F("scope_name", API_TEXT, .zh = "范围名称", .en = "its name in Chinese"),
    API_F("scope_name_en", API_TEXT, .zh = "范围英文名", .en = "its name in English"),
    API_F("from", API_TIME, .zh = "生效时间", .en = "in force from"),
    API_F("to", API_TIME, .null = true, .zh = "有效至", .en = "in force before"),
    API_F("granted_by", API_ID, .null = true, .zh = "授权人", .en = "granted by; null: the system"),
    API_F("granted_at", API_TIME, .zh = "授权时间", .en = "granted at"),
    API_F("reason", API_TEXT, .zh = "事由", .en = "why"),
    API_F("ended_at", API_TIME, .null = true, .zh = "收回时间", .en = "taken away at"),
    API_F_END,
};
static const struct api_field grant_reply[] = {
    API_F("id", API_ID, .zh = "授权编号", .en = "id of the grant"),
    API_F("account", API_ID, .zh = "账号", .en = "account"),
    API_F("role", API_TEXT, .zh = "角色", .en = "role"),
    API_F("scope_kind", API_TEXT, .zh = "范围种类", .en = "kind of scope"),
    API_F("scope_id", API_ID, .zh = "范围", .en = "which one"),
    API_F("scope_name", API_TEXT, .zh = "范围名称", .en = "its name in Chinese"),
    API_F("from", API_TIME, .zh = "生效时间", .en = "in force from"),
    API_F("to", API_TIME, .null = true, .zh = "有效至", .en = "in force before"),
    API_F("reason", API_TEXT, .zh = "事由", .en = "why"),
    API_F_END,
};
static const struct api_field grant_body[] = {
    API_F("account", API_ID, .required = true, .zh = "账号", .en = "account"),
    API_F("role", API_TEXT, .required = true, .min = 1, .max = 40, .zh = "角色", .en = "role"),
    API_F("scope_kind", API_TEXT, .required = true, .words = scope_words, .zh = "范围种类", .en = "kind of scope"),
    API_F("scope_id", API_ID, .required = true, .zh = "范围", .en = "which one"),
    API_F("from", API_TIME, .zh = "生效时间，默认现在", .en = "in force from; now when not given"),
    API_F("to", API_TIME, .null = true, .zh = "有效至，默认长期", .en = "in force before; without end when not given"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};

static bg_err grants_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_grant_list(rq->app->auth, rq->tx, rq->session, api_int(&rq->query, "account", 0), &page, reply));
    return people_page_end(rq, &page, reply);
}

static bg_err grant_open_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    int role = auth_role_of(api_text(&rq->body, "role"));
    if (role < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "role");
    }
    struct auth_grant_in in = { .by = people_by(rq), .account = api_int(&rq->body, "account", 0), .role = (enum auth_role)role,
                                .scope = (enum auth_scope)auth_scope_of(api_text(&rq->body, "scope_kind")),
                                .scope_id = api_int(&rq->body, "scope_id", 0), .from = api_int(&rq->body, "from", BG_TIME_NONE),
                                .to = api_int(&rq->body, "to", BG_TIME_NONE), .reason = rq->reason };
    *ret_kind = &auth_grant_open;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static bg_err id_write(struct api_request *rq, const struct change_kind *kind, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_id_in in = { .by = people_by(rq), .id = rq->param_id[0] };
    *ret_kind = kind;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static bg_err grant_end_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return id_write(rq, &auth_grant_end, ret_kind, ret_in);
}

/* --- sessions --- */

static const struct api_field session_row[] = {
    API_F("id", API_ID, .zh = "会话编号", .en = "id of the session"),
    API_F("account", API_ID, .zh = "账号", .en = "account"),
    API_F("device", API_ID, .null = true, .zh = "登记设备", .en = "registered device"),
    API_F("second_factor", API_BOOL, .zh = "已完成两步验证", .en = "a second factor was proved"),
    API_F("origin", API_TEXT, .zh = "登录地址", .en = "network address at sign-in"),
    API_F("agent", API_TEXT, .zh = "浏览器或程序", .en = "browser or program"),
    API_F("created_at", API_TIME, .zh = "登录时间", .en = "when"),
    API_F("seen_at", API_TIME, .zh = "最近使用（精确到分钟）", .en = "last request, to the minute"),
    API_F("ends_at", API_TIME, .zh = "最迟结束时间", .en = "ends at the latest"),
    API_F("present", API_BOOL, .zh = "即当前会话", .en = "this very session"),
    API_F_END,
};
static const struct api_field ended_reply[] = {
    API_F("account", API_ID, .zh = "账号", .en = "account"),
    API_F("ended", API_INT, .zh = "结束的会话数", .en = "sessions ended"),
    API_F_END,
};
static const struct api_field sessions_end_body[] = {
    API_F("account", API_ID, .required = true, .zh = "账号", .en = "account"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};

static bg_err sessions_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_session_list(rq->tx, rq->session, api_int(&rq->query, "account", 0), &page, reply));
    return people_page_end(rq, &page, reply);
}

static bg_err session_end_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return id_write(rq, &auth_session_end, ret_kind, ret_in);
}

static bg_err sessions_end_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_sessions_end_in in = { .by = people_by(rq), .account = api_int(&rq->body, "account", 0) };
    *ret_kind = &auth_sessions_end;
    return people_keep(rq, &in, sizeof in, ret_in);
}

/* --- devices --- */

static const struct api_field device_row[] = {
    API_F("id", API_ID, .zh = "设备编号", .en = "id of the device"),
    API_F("name", API_TEXT, .zh = "设备名称", .en = "name"),
    API_F("place", API_ID, .null = true, .zh = "所属库点", .en = "place"),
    API_F("state", API_TEXT, .zh = "状态", .en = "active or retired"),
    API_F("created_at", API_TIME, .zh = "登记时间", .en = "registered at"),
    API_F("seen_at", API_TIME, .null = true, .zh = "最近登录", .en = "last sign-in from it"),
    API_F_END,
};
static const struct api_field device_body[] = {
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "设备名称", .en = "name"),
    API_F("place", API_ID, .null = true, .zh = "所属库点", .en = "place"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};
static const struct api_field device_made[] = {
    API_F("id", API_ID, .zh = "登记码编号", .en = "id of the code"),
    API_F("name", API_TEXT, .zh = "设备名称", .en = "name"),
    API_F("place", API_ID, .null = true, .zh = "所属库点", .en = "place"),
    API_F("ends_at", API_TIME, .zh = "登记码有效至", .en = "the code works before"),
    API_F_END,
};
static const struct api_field device_code_reply[] = {
    API_F("device", API_OBJECT, .fields = device_made, .zh = "设备", .en = "the device"),
    API_F("code", API_TEXT, .null = true, .zh = "一次性登记码，只显示一次", .en = "the one-time code, shown once"),
    API_F_END,
};
static const struct api_field state_reply[] = {
    API_F("id", API_ID, .zh = "编号", .en = "id"),
    API_F("state", API_TEXT, .zh = "状态", .en = "state"),
    API_F_END,
};

static bg_err devices_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_device_list(rq->tx, rq->session, &page, reply));
    return people_page_end(rq, &page, reply);
}

static void device_open_pool(struct api_request *rq)
{
    struct auth_secret code;
    auth_link_make(rq->app->auth, rq->city, &code);
    struct auth_device_in in = { .by = people_by(rq), .name = api_text(&rq->body, "name"), .place = api_int(&rq->body, "place", 0),
                                 .link = code.hash };
    people_answer(rq, people_secret(rq, &auth_device_invite, &in, "device", "code", &code));
}

static bg_err device_open_own(struct api_request *rq)
{
    return people_pool(rq, device_open_pool);
}

static bg_err device_end_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return id_write(rq, &auth_device_end, ret_kind, ret_in);
}

/* --- keys --- */

static const struct api_field key_row[] = {
    API_F("id", API_ID, .zh = "密钥编号", .en = "id of the key"),
    API_F("account", API_ID, .zh = "所代表的账号", .en = "account it acts for"),
    API_F("name", API_TEXT, .zh = "用途", .en = "what it is for"),
    API_F("rights", API_ARRAY, .of = API_TEXT, .zh = "权限", .en = "its rights"),
    API_F("created_at", API_TIME, .zh = "签发时间", .en = "made at"),
    API_F("created_by", API_ID, .null = true, .zh = "签发人", .en = "made by"),
    API_F("ends_at", API_TIME, .zh = "有效至", .en = "works before"),
    API_F("ended_at", API_TIME, .null = true, .zh = "吊销时间", .en = "revoked at"),
    API_F_END,
};
static const struct api_field key_body[] = {
    API_F("account", API_ID, .required = true, .zh = "所代表的账号", .en = "account it acts for"),
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "用途", .en = "what it is for"),
    API_F("rights", API_ARRAY, .required = true, .of = API_TEXT, .min = 1, .max = 100, .zh = "权限", .en = "its rights"),
    API_F("ends_at", API_TIME, .required = true, .zh = "有效至，最长一年", .en = "works before; a year at most"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};
static const struct api_field key_reply[] = {
    API_F("key", API_OBJECT, .fields = key_row, .zh = "密钥", .en = "the key"),
    API_F("secret", API_TEXT, .null = true, .zh = "密钥内容，只显示一次", .en = "the key itself, shown once"),
    API_F_END,
};

static bg_err keys_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_key_list(rq->tx, rq->session, &page, reply));
    return people_page_end(rq, &page, reply);
}

static bg_err key_open(struct api_request *rq)
{
    struct auth_secret key;
    const struct api_value *listed = api_get(&rq->body, "rights");
    enum auth_right *rights = bg_arena_array(rq->arena, listed->count, sizeof *rights);
    BG_TRY(bg_need(rights));
    for (size_t i = 0; i < listed->count; i++) {
        int right = auth_right_of(listed->at[i].s);
        if (right < 0) {
            return BG_FAIL_AT(BG_BAD_INPUT, "rights");
        }
        rights[i] = (enum auth_right)right;
    }
    auth_key_make(rq->app->auth, rq->city, &key);
    struct auth_key_in in = { .by = people_by(rq),
                              .account = api_int(&rq->body, "account", 0),
                              .name = api_text(&rq->body, "name"),
                              .rights = rights,
                              .right_count = listed->count,
                              .ends_at = api_int(&rq->body, "ends_at", 0),
                              .key = key.hash };
    return people_secret(rq, &auth_key_open, &in, "key", "secret", &key);
}

static void key_open_pool(struct api_request *rq)
{
    people_answer(rq, key_open(rq));
}

static bg_err key_open_own(struct api_request *rq)
{
    return people_pool(rq, key_open_pool);
}

static bg_err key_end_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return id_write(rq, &auth_key_end, ret_kind, ret_in);
}

/* --- approvals --- */

static const char *const approval_words[] = { "open", "approved", "refused", "withdrawn", "lapsed", NULL };
static const struct api_field approval_query[] = {
    API_F("state", API_TEXT, .words = approval_words, .zh = "状态，默认待审批", .en = "state; open when not given"),
    API_F_END,
};
static const struct api_field vote_row[] = {
    API_F("account", API_ID, .zh = "审批人", .en = "who"),
    API_F("agrees", API_BOOL, .zh = "同意", .en = "agrees"),
    API_F("note", API_TEXT, .zh = "意见", .en = "note"),
    API_F("voted_at", API_TIME, .zh = "时间", .en = "when"),
    API_F_END,
};
static const struct api_field approval_row[] = {
    API_F("id", API_ID, .zh = "审批编号", .en = "id of the approval"),
    API_F("kind", API_TEXT, .zh = "事项", .en = "what is asked"),
    API_F("object", API_TEXT, .zh = "对象种类", .en = "kind of object"),
    API_F("object_id", API_ID, .zh = "对象", .en = "which one"),
    API_F("summary_zh", API_TEXT, .zh = "摘要", .en = "one line in Chinese"),
    API_F("summary_en", API_TEXT, .zh = "英文摘要", .en = "one line in English"),
    API_F("needed", API_INT, .zh = "须同意人数（申请人除外）", .en = "approvers needed besides the one who asks"),
    API_F("state", API_TEXT, .zh = "状态", .en = "state"),
    API_F("requested_by", API_ID, .null = true, .zh = "申请人", .en = "who asks"),
    API_F("requested_at", API_TIME, .zh = "申请时间", .en = "when"),
    API_F("ends_at", API_TIME, .zh = "逾期失效时间", .en = "lapses at"),
    API_F("decided_at", API_TIME, .null = true, .zh = "决定时间", .en = "decided at"),
    API_F("used_at", API_TIME, .null = true, .zh = "执行时间", .en = "done at"),
    API_F("votes", API_ARRAY, .of = API_OBJECT, .fields = vote_row, .zh = "审批意见", .en = "votes"),
    API_F_END,
};
static const struct api_field vote_body[] = {
    API_F("agrees", API_BOOL, .required = true, .zh = "同意", .en = "agrees"),
    API_F("note", API_TEXT, .max = 500, .zh = "意见", .en = "note"),
    API_F_END,
};

static bg_err approvals_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_approval_list(rq->tx, rq->session, api_text(&rq->query, "state"), &page, reply));
    return people_page_end(rq, &page, reply);
}

static bg_err vote_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_vote_in in = { .by = people_by(rq), .id = rq->param_id[0], .agrees = api_int(&rq->body, "agrees", 0) != 0,
                               .note = api_text(&rq->body, "note") };
    *ret_kind = &auth_approval_vote;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static bg_err withdraw_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return id_write(rq, &auth_approval_withdraw, ret_kind, ret_in);
}

/* --- policy --- */

static const char *const password_words[] = { "nist", "dengbao", NULL };
static const struct api_field policy_row[] = {
    API_F("password", API_TEXT, .required = true, .words = password_words, .zh = "口令规则", .en = "rules for passwords"),
    API_F("second_factor", API_BOOL, .required = true, .zh = "审批角色须两步验证", .en = "approvers need a second factor"),
    API_F("idle_min", API_INT, .required = true, .min = 1, .max = 1440, .zh = "闲置分钟数", .en = "minutes idle"),
    API_F("device_idle_min", API_INT, .required = true, .min = 1, .max = 1440, .zh = "登记设备闲置分钟数",
          .en = "minutes idle on a device"),
    API_F("session_min", API_INT, .required = true, .min = 5, .max = 10080, .zh = "会话最长分钟数", .en = "minutes in all"),
    API_F_END,
};

static bg_err policy_read(struct api_request *rq, struct bg_buf *reply)
{
    return auth_policy_show(rq->tx, rq->session, reply);
}

static bg_err policy_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_policy_in in = { .by = people_by(rq), .dengbao = bg_str_is(api_text(&rq->body, "password"), "dengbao"),
                                 .factor = api_int(&rq->body, "second_factor", 1) != 0, .idle_min = api_int(&rq->body, "idle_min", 0),
                                 .device_idle_min = api_int(&rq->body, "device_idle_min", 0),
                                 .session_min = api_int(&rq->body, "session_min", 0) };
    *ret_kind = &auth_policy_put;
    return people_keep(rq, &in, sizeof in, ret_in);
}

/* clang-format off */
const struct api_route api_routes_rights[] = {
    { .method = "GET", .path = "/api/v1/grants", .right = API_SIGNED_IN, .flags = API_LIST | API_SCOPED, .query = account_query,
      .reply = grant_row, .read = grants_read, .module = "auth", .zh = "授权列表（本人，或有权查看的人）",
      .en = "grants: one's own and those of people one may see" },
    { .method = "POST", .path = "/api/v1/grants", .right = AUTH_RIGHT_GRANT_WRITE, .body = grant_body, .reply = grant_reply,
      .write = grant_open_write, .module = "auth", .zh = "授予角色", .en = "grant a role" },
    { .method = "DELETE", .path = "/api/v1/grants/{id}", .right = AUTH_RIGHT_GRANT_WRITE, .reply = grant_reply, .write = grant_end_write,
      .module = "auth", .zh = "收回授权", .en = "take a grant away" },
    { .method = "GET", .path = "/api/v1/sessions", .right = API_SIGNED_IN, .flags = API_LIST | API_SCOPED, .query = account_query,
      .reply = session_row, .read = sessions_read, .module = "auth", .zh = "会话列表（默认本人）",
      .en = "sessions, one's own when no account is given" },
    { .method = "DELETE", .path = "/api/v1/sessions/{id}", .right = API_SIGNED_IN, .reply = ended_reply, .write = session_end_write,
      .module = "auth", .zh = "结束会话", .en = "end a session" },
    { .method = "POST", .path = "/api/v1/sessions/end", .right = API_SIGNED_IN, .body = sessions_end_body, .reply = ended_reply,
      .write = sessions_end_write, .module = "auth", .zh = "结束某账号全部会话（本人则保留当前会话）",
      .en = "end all sessions of an account; of one's own, all but this" },
    { .method = "GET", .path = "/api/v1/devices", .right = AUTH_RIGHT_DEVICE_WRITE, .flags = API_LIST | API_SCOPED, .reply = device_row,
      .read = devices_read, .module = "auth", .zh = "登记设备", .en = "registered devices" },
    { .method = "POST", .path = "/api/v1/devices", .right = AUTH_RIGHT_DEVICE_WRITE, .flags = API_WRITES | API_SMALL, .body = device_body,
      .reply = device_code_reply, .status = 201, .own = device_open_own, .module = "auth", .zh = "签发设备登记码",
      .en = "make a one-time code for a device" },
    { .method = "DELETE", .path = "/api/v1/devices/{id}", .right = AUTH_RIGHT_DEVICE_WRITE, .reply = state_reply, .write = device_end_write,
      .module = "auth", .zh = "停用设备，结束其会话", .en = "retire a device and end its sessions" },
    { .method = "GET", .path = "/api/v1/keys", .right = API_SIGNED_IN, .flags = API_LIST | API_SCOPED, .reply = key_row, .read = keys_read,
      .module = "auth", .zh = "接口密钥", .en = "API keys" },
    { .method = "POST", .path = "/api/v1/keys", .right = AUTH_RIGHT_KEY_WRITE, .flags = API_WRITES | API_SMALL, .body = key_body,
      .reply = key_reply, .status = 201, .own = key_open_own, .module = "auth", .zh = "签发接口密钥", .en = "make an API key" },
    { .method = "DELETE", .path = "/api/v1/keys/{id}", .right = API_SIGNED_IN, .reply = key_row, .write = key_end_write, .module = "auth",
      .zh = "吊销接口密钥（本人的，或有权管理的）", .en = "revoke an API key, one's own or with the right key.write" },
    { .method = "GET", .path = "/api/v1/approvals", .right = API_SIGNED_IN, .flags = API_LIST | API_SCOPED, .query = approval_query,
      .reply = approval_row, .read = approvals_read, .module = "auth", .zh = "审批（本人申请的，或有权查看的）",
      .en = "approvals: those one asked for, or may read" },
    { .method = "POST", .path = "/api/v1/approvals/{id}/vote", .right = AUTH_RIGHT_APPROVAL_DECIDE, .body = vote_body,
      .reply = approval_row, .write = vote_write, .module = "auth", .zh = "审批他人的申请",
      .en = "agree or refuse what somebody else asks" },
    { .method = "DELETE", .path = "/api/v1/approvals/{id}", .right = API_SIGNED_IN, .reply = approval_row, .write = withdraw_write,
      .module = "auth", .zh = "撤回本人申请", .en = "withdraw what one asked for" },
    { .method = "GET", .path = "/api/v1/policy", .right = AUTH_RIGHT_CITY_READ, .reply = policy_row, .read = policy_read, .module = "auth",
      .zh = "口令与会话策略", .en = "policy of passwords and sessions" },
    { .method = "PUT", .path = "/api/v1/policy", .right = AUTH_RIGHT_POLICY_WRITE, .body = policy_row, .reply = policy_row,
      .write = policy_write, .module = "auth", .zh = "设定口令与会话策略", .en = "set the policy of passwords and sessions" },
    { 0 },
};
