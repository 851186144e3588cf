/* Routes of signing in and of one's own account: session, me, password, second factor, links, why. Whatever checks or sets a password runs
 * on auth's slow thread; the connection waits meanwhile. */
#include <string.h>

#include "api/routes.h"

/* --- the slow thread --- */

struct slow {
    struct auth_job job; /* first */
    struct api_request *rq;
    bg_err (*run)(struct api_request *rq);
};

static void slow_run(struct auth_job *job)
{
    struct slow *slow = (struct slow *)job;
    struct api_request *rq = slow->rq;
    bg_err err = slow->run(rq);
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    }
}

/* `run` answers, or fails and its error is the answer. */
static bg_err slowly(struct api_request *rq, bg_err (*run)(struct api_request *rq))
{
    struct slow *slow = bg_arena_get(rq->arena, sizeof *slow);
    BG_TRY(bg_need(slow));
    *slow = (struct slow){ .job = { .run = slow_run }, .rq = rq, .run = run };
    api_later(rq);
    bg_err err = auth_submit(rq->app->auth, &slow->job);
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    }
    return BG_DONE;
}

static void answer_buf(struct api_request *rq, int status, struct bg_buf *out)
{
    bg_err err = bg_buf_check(out);
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    } else {
        api_answer(rq, status, NULL, bg_buf_str(out));
    }
}

static bg_err give_cookie(struct api_request *rq, const char *name, const char *token, bg_ms lives_ms)
{
    bg_str cookie;
    BG_TRY(auth_cookie(rq->app->auth, name, bg_str_of(token), lives_ms, rq->arena, &cookie));
    api_header(rq, "Set-Cookie", cookie);
    return BG_DONE;
}

static const struct api_field account_fields[] = {
    API_F("id", API_ID, .zh = "账号编号", .en = "id of the account"),
    API_F("login", API_TEXT, .zh = "登录名", .en = "name typed to sign in"),
    API_F("name", API_TEXT, .zh = "姓名", .en = "name"),
    API_F_END,
};
static const struct api_field opened_fields[] = {
    API_F("account", API_OBJECT, .fields = account_fields, .zh = "本人", .en = "who signed in"),
    API_F("session", API_ID, .zh = "会话编号", .en = "id of the session"),
    API_F("ends_at", API_TIME, .zh = "会话最迟结束时间", .en = "when the session ends at the latest"),
    API_F("before", API_TIME, .null = true, .zh = "上次登录时间", .en = "the sign-in before this one"),
    API_F("failures", API_INT, .zh = "此后失败次数", .en = "failed attempts since then"),
    API_F("needs_factor", API_BOOL, .zh = "须设置两步验证后方可审批", .en = "approver rights wait for a second factor"),
    API_F_END,
};

/* Members of an open object: who signed in, until when, and what happened since last time. */
static void opened_members(const struct auth_opened *opened, struct bg_buf *out)
{
    bool waits = false;
    for (size_t i = 0; i < opened->session.grant_count; i++) {
        waits |= auth_role_infos[opened->session.grants[i].role].approver;
    }
    bg_json_key(out, "account");
    bg_json_object(out);
    bg_json_put_id(out, "id", opened->session.account);
    bg_json_put_str(out, "login", opened->session.login);
    bg_json_put_str(out, "name", opened->session.name);
    bg_json_object_end(out);
    bg_json_put_id(out, "session", opened->session.id);
    api_put_time(out, "ends_at", opened->ends_at);
    api_put_time(out, "before", opened->before);
    bg_json_put_int(out, "failures", opened->failures);
    bg_json_put_bool(out, "needs_factor", waits && opened->session.needs_factor && !opened->session.second_factor);
}

/* The cookie and the answer of everything that signs somebody in. */
static bg_err answer_opened(struct api_request *rq, const struct auth_opened *opened)
{
    BG_SCOPED_BUF out = bg_buf_init(1 << 16);
    BG_TRY(give_cookie(rq, auth_cookie_session(rq->app->auth), opened->token, opened->ends_at - opened->session.now));
    bg_json_object(&out);
    opened_members(opened, &out);
    bg_json_object_end(&out);
    answer_buf(rq, 200, &out);
    return BG_DONE;
}

static struct auth_login_in from_request(struct api_request *rq)
{
    return (struct auth_login_in){ .device = http_cookie(rq->http, auth_cookie_device(rq->app->auth)),
                                   .origin = rq->http->peer,
                                   .agent = http_header(rq->http, "User-Agent"),
                                   .login = { "", 0 },
                                   .password = { "", 0 },
                                   .code = { "", 0 } };
}

/* --- session --- */

static const struct api_field login_body[] = {
    API_F("login", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "登录名", .en = "name typed to sign in"),
    API_F("password", API_TEXT, .required = true, .min = 1, .max = 1024, .zh = "口令", .en = "password"),
    API_F("code", API_TEXT, .max = 32, .zh = "两步验证码或恢复码", .en = "six digits of the second factor, or a recovery code"),
    API_F("city", API_TEXT, .max = 20, .zh = "城市代码，仅当库中有多个城市", .en = "code of the city, where a database holds several"),
    API_F_END,
};

static bg_err city_of(struct api_request *rq, bg_str code, int64_t *ret)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(rq->app->store, 2000, &tx));
    return code.len > 0 ? auth_city_by_code(tx, code, ret) : auth_city_only(tx, ret);
}

static bg_err session_open_slow(struct api_request *rq)
{
    struct auth_login_in in = from_request(rq);
    struct auth_opened opened;
    in.login = api_text(&rq->body, "login");
    in.password = api_text(&rq->body, "password");
    in.code = api_text(&rq->body, "code");
    BG_TRY(city_of(rq, api_text(&rq->body, "city"), &in.city));
    BG_TRY(auth_login(rq->app->auth, &in, rq->arena, &opened));
    return answer_opened(rq, &opened);
}

static bg_err session_open_own(struct api_request *rq)
{
    return slowly(rq, session_open_slow);
}

static void session_close_pool(struct api_request *rq)
{
    bg_err err = auth_logout(rq->app->auth, rq->session);
    if (!bg_failed(err)) {
        err = give_cookie(rq, auth_cookie_session(rq->app->auth), "", 0);
    }
    if (bg_failed(err)) {
        api_answer_error(rq, err);
        return;
    }
    api_header(rq, "Clear-Site-Data", BG_STR("\"cache\""));
    api_answer(rq, 200, NULL, BG_STR("{}"));
}

static bg_err session_close_own(struct api_request *rq)
{
    api_later(rq);
    bg_err err = api_pool(rq, session_close_pool);
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    }
    return BG_DONE;
}

/* --- me --- */

static const struct api_field me_city[] = {
    API_F("id", API_ID, .zh = "编号", .en = "id"),
    API_F("code", API_TEXT, .zh = "行政区划代码", .en = "division code"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F("offset_min", API_INT, .zh = "与 UTC 相差的分钟数", .en = "minutes east of UTC"),
    API_F_END,
};
static const struct api_field me_grant[] = {
    API_F("id", API_ID, .zh = "授权编号", .en = "id of the grant"),
    API_F("role", API_TEXT, .zh = "角色", .en = "role"),
    API_F("role_zh", API_TEXT, .zh = "角色中文名", .en = "role in Chinese"),
    API_F("role_en", API_TEXT, .zh = "角色英文名", .en = "role in English"),
    API_F("scope_kind", API_TEXT, .zh = "范围种类", .en = "kind of scope"),
    API_F("scope_id", API_ID, .zh = "范围", .en = "which one"),
    API_F("scope_name", API_TEXT, .zh = "范围名称", .en = "its name in Chinese"),
    API_F("scope_name_en", API_TEXT, .zh = "范围英文名", .en = "its name in English"),
    API_F("to", API_TIME, .null = true, .zh = "有效至", .en = "in force before"),
    API_F("waits", API_BOOL, .zh = "须先完成两步验证", .en = "counts only after a second factor"),
    API_F_END,
};
static const struct api_field me_session[] = {
    API_F("id", API_ID, .zh = "会话编号", .en = "id of the session"),
    API_F("kind", API_TEXT, .zh = "登录方式", .en = "password or key"),
    API_F("second_factor", API_BOOL, .zh = "已完成两步验证", .en = "a second factor was proved"),
    API_F("must_change", API_BOOL, .zh = "须先修改口令", .en = "the password has to be changed first"),
    API_F("device", API_ID, .null = true, .zh = "登记设备", .en = "registered device"),
    API_F("ends_at", API_TIME, .zh = "最迟结束时间", .en = "ends at the latest"),
    API_F_END,
};
static const struct api_field me_reply[] = {
    API_F("account", API_OBJECT, .fields = account_fields, .zh = "本人", .en = "the account"),
    API_F("city", API_OBJECT, .fields = me_city, .zh = "所属城市", .en = "the city"),
    API_F("grants", API_ARRAY, .of = API_OBJECT, .fields = me_grant, .zh = "有效授权", .en = "grants in force"),
    API_F("rights", API_ARRAY, .of = API_TEXT, .zh = "拥有的权限", .en = "rights held somewhere"),
    API_F("needs_factor", API_BOOL, .zh = "须设置两步验证", .en = "a second factor is wanted"),
    API_F("session", API_OBJECT, .fields = me_session, .zh = "当前会话", .en = "this session"),
    API_F_END,
};

static bg_err me_read(struct api_request *rq, struct bg_buf *reply)
{
    return auth_me(rq->app->auth, rq->tx, rq->session, rq->arena, reply);
}

/* --- password --- */

static const struct api_field password_body[] = {
    API_F("old", API_TEXT, .required = true, .min = 1, .max = 1024, .zh = "原口令", .en = "present password"),
    API_F("new", API_TEXT, .required = true, .min = 1, .max = 1024, .zh = "新口令", .en = "new password"),
    API_F("end_others", API_BOOL, .zh = "同时结束其他会话", .en = "also end the other sessions"),
    API_F_END,
};
static const struct api_field done_reply[] = {
    API_F("done", API_BOOL, .zh = "已完成", .en = "done"),
    API_F_END,
};

static bg_err password_slow(struct api_request *rq)
{
    BG_TRY(auth_password_set(rq->app->auth, rq->session, api_text(&rq->body, "old"), api_text(&rq->body, "new"),
                             api_int(&rq->body, "end_others", 1) != 0, rq->op));
    api_answer(rq, 200, NULL, BG_STR("{\"done\":true}"));
    return BG_DONE;
}

static bg_err password_own(struct api_request *rq)
{
    return slowly(rq, password_slow);
}

/* --- second factor --- */

static const struct api_field totp_reply[] = {
    API_F("secret", API_TEXT, .zh = "密钥（base32），只显示一次", .en = "the secret in base32, shown once"),
    API_F("address", API_TEXT, .zh = "otpauth 地址，用于二维码", .en = "otpauth address for a QR code"),
    API_F_END,
};

static bg_err totp_begin_slow(struct api_request *rq)
{
    BG_SCOPED_BUF out = bg_buf_init(8192);
    bg_str secret, address;
    BG_TRY(auth_factor_begin(rq->app->auth, rq->session, rq->op, rq->arena, &secret, &address));
    bg_json_object(&out);
    bg_json_put_str(&out, "secret", secret);
    bg_json_put_str(&out, "address", address);
    bg_json_object_end(&out);
    answer_buf(rq, 200, &out);
    return BG_DONE;
}

static bg_err totp_begin_own(struct api_request *rq)
{
    return slowly(rq, totp_begin_slow);
}

static const struct api_field totp_confirm_body[] = {
    API_F("code", API_TEXT, .required = true, .min = 6, .max = 16, .zh = "验证器上的六位数字", .en = "the six digits of the authenticator"),
    API_F_END,
};
static const struct api_field totp_confirm_reply[] = {
    API_F("codes", API_ARRAY, .of = API_TEXT, .zh = "恢复码，只显示一次", .en = "recovery codes, shown once"),
    API_F("ends_at", API_TIME, .zh = "新会话最迟结束时间", .en = "when the new session ends at the latest"),
    API_F_END,
};

static bg_err totp_confirm_slow(struct api_request *rq)
{
    BG_SCOPED_BUF out = bg_buf_init(8192);
    struct auth_opened opened;
    bg_str codes[16];
    size_t count;
    BG_TRY(auth_factor_confirm(rq->app->auth, rq->session, api_text(&rq->body, "code"), rq->op, rq->arena, &opened, codes, &count));
    BG_TRY(give_cookie(rq, auth_cookie_session(rq->app->auth), opened.token, opened.ends_at - opened.session.now));
    bg_json_object(&out);
    bg_json_key(&out, "codes");
    bg_json_array(&out);
    for (size_t i = 0; i < count; i++) {
        bg_json_str(&out, codes[i]);
    }
    bg_json_array_end(&out);
    api_put_time(&out, "ends_at", opened.ends_at);
    bg_json_object_end(&out);
    answer_buf(rq, 200, &out);
    return BG_DONE;
}

static bg_err totp_confirm_own(struct api_request *rq)
{
    return slowly(rq, totp_confirm_slow);
}

static const struct api_field totp_end_body[] = {
    API_F("password", API_TEXT, .required = true, .min = 1, .max = 1024, .zh = "口令", .en = "password"),
    API_F_END,
};

static bg_err totp_end_slow(struct api_request *rq)
{
    BG_TRY(auth_factor_end(rq->app->auth, rq->session, api_text(&rq->body, "password"), rq->op));
    api_answer(rq, 200, NULL, BG_STR("{\"done\":true}"));
    return BG_DONE;
}

static bg_err totp_end_own(struct api_request *rq)
{
    return slowly(rq, totp_end_slow);
}

/* --- links --- */

static const struct api_field link_body[] = {
    API_F("token", API_TEXT, .required = true, .min = 1, .max = 100, .zh = "链接中的密钥", .en = "the secret of the link"),
    API_F_END,
};
static const struct api_field link_reply[] = {
    API_F("purpose", API_TEXT, .zh = "用途", .en = "first, invite, reset or device"),
    API_F("login", API_TEXT, .zh = "登录名", .en = "name typed to sign in"),
    API_F("name", API_TEXT, .zh = "姓名", .en = "name"),
    API_F("device", API_TEXT, .zh = "设备名称", .en = "name of the device"),
    API_F("least", API_INT, .zh = "口令最少字符数", .en = "characters a password needs"),
    API_F("rules", API_TEXT, .zh = "口令规则", .en = "nist or dengbao"),
    API_F_END,
};

static bg_err link_look_slow(struct api_request *rq)
{
    BG_SCOPED_BUF out = bg_buf_init(8192);
    struct auth_link_info info;
    BG_TRY(auth_link_look(rq->app->auth, api_text(&rq->body, "token"), rq->arena, &info));
    bg_json_object(&out);
    bg_json_put_str(&out, "purpose", bg_str_of(info.purpose));
    bg_json_put_str(&out, "login", info.login);
    bg_json_put_str(&out, "name", info.name);
    bg_json_put_str(&out, "device", info.device_name);
    bg_json_put_int(&out, "least", (int64_t)info.least);
    bg_json_put_str(&out, "rules", info.dengbao ? BG_STR("dengbao") : BG_STR("nist"));
    bg_json_object_end(&out);
    answer_buf(rq, 200, &out);
    return BG_DONE;
}

static bg_err link_look_own(struct api_request *rq)
{
    return slowly(rq, link_look_slow);
}

static const struct api_field accept_body[] = {
    API_F("token", API_TEXT, .required = true, .min = 1, .max = 100, .zh = "链接中的密钥", .en = "the secret of the link"),
    API_F("password", API_TEXT, .required = true, .min = 1, .max = 1024, .zh = "新口令", .en = "the new password"),
    API_F("code", API_TEXT, .max = 32, .zh = "两步验证码，账号已设置时", .en = "code of the second factor, where the account has one"),
    API_F_END,
};
static const struct api_field accept_reply[] = {
    API_F("login", API_TEXT, .zh = "登录名", .en = "name typed to sign in"),
    API_F("account", API_OBJECT, .fields = account_fields, .zh = "本人", .en = "who signed in"),
    API_F("session", API_ID, .zh = "会话编号", .en = "id of the session"),
    API_F("ends_at", API_TIME, .zh = "会话最迟结束时间", .en = "when the session ends at the latest"),
    API_F("before", API_TIME, .null = true, .zh = "上次登录时间", .en = "the sign-in before this one"),
    API_F("failures", API_INT, .zh = "此后失败次数", .en = "failed attempts since then"),
    API_F("needs_factor", API_BOOL, .zh = "须设置两步验证后方可审批", .en = "approver rights wait for a second factor"),
    API_F_END,
};

static bg_err link_accept_slow(struct api_request *rq)
{
    BG_SCOPED_BUF out = bg_buf_init(1 << 16);
    struct auth_login_in in = from_request(rq);
    struct auth_opened opened;
    in.code = api_text(&rq->body, "code");
    BG_TRY(auth_link_accept(rq->app->auth, api_text(&rq->body, "token"), api_text(&rq->body, "password"), &in, rq->arena, &opened));
    BG_TRY(give_cookie(rq, auth_cookie_session(rq->app->auth), opened.token, opened.ends_at - opened.session.now));
    bg_json_object(&out);
    bg_json_put_str(&out, "login", opened.session.login);
    opened_members(&opened, &out);
    bg_json_object_end(&out);
    answer_buf(rq, 200, &out);
    return BG_DONE;
}

static bg_err link_accept_own(struct api_request *rq)
{
    return slowly(rq, link_accept_slow);
}

static const struct api_field device_body[] = {
    API_F("code", API_TEXT, .required = true, .min = 1, .max = 100, .zh = "一次性登记码", .en = "the one-time code"),
    API_F_END,
};
static const struct api_field device_reply[] = {
    API_F("name", API_TEXT, .zh = "设备名称", .en = "name of the device"),
    API_F_END,
};

static bg_err device_accept_slow(struct api_request *rq)
{
    BG_SCOPED_BUF out = bg_buf_init(4096);
    char token[72];
    bg_str name;
    BG_TRY(auth_device_accept(rq->app->auth, api_text(&rq->body, "code"), rq->http->peer, rq->arena, token, &name));
    BG_TRY(give_cookie(rq, auth_cookie_device(rq->app->auth), token, INT64_C(400) * 86400000));
    bg_json_object(&out);
    bg_json_put_str(&out, "name", name);
    bg_json_object_end(&out);
    answer_buf(rq, 200, &out);
    return BG_DONE;
}

static bg_err device_accept_own(struct api_request *rq)
{
    return slowly(rq, device_accept_slow);
}

/* --- why --- */

static const struct api_field why_query[] = {
    API_F("right", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "权限代码", .en = "code of the right"),
    API_F("place", API_ID, .zh = "库点", .en = "place"),
    API_F("district", API_ID, .zh = "区划", .en = "district"),
    API_F("org", API_ID, .zh = "机构", .en = "organisation"),
    API_F("account", API_ID, .zh = "他人账号", .en = "somebody else's account"),
    API_F_END,
};
static const struct api_field why_grant[] = {
    API_F("id", API_ID, .zh = "授权编号", .en = "id of the grant"),
    API_F("role", API_TEXT, .zh = "角色", .en = "role"),
    API_F("scope_kind", API_TEXT, .zh = "范围种类", .en = "kind of scope"),
    API_F("scope_id", API_ID, .zh = "范围", .en = "which one"),
    API_F_END,
};
static const struct api_field why_role[] = {
    API_F("role", API_TEXT, .zh = "角色", .en = "role"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F_END,
};
static const struct api_field why_giver[] = {
    API_F("account", API_ID, .zh = "账号", .en = "account"),
    API_F("name", API_TEXT, .zh = "姓名", .en = "name"),
    API_F_END,
};
static const struct api_field why_reply[] = {
    API_F("may", API_BOOL, .zh = "是否可以", .en = "yes or no"),
    API_F("right", API_TEXT, .zh = "权限代码", .en = "code of the right"),
    API_F("right_zh", API_TEXT, .zh = "权限中文名", .en = "the right in Chinese"),
    API_F("right_en", API_TEXT, .zh = "权限英文名", .en = "the right in English"),
    API_F("reason", API_TEXT, .zh = "原因代码", .en = "code of the reason"),
    API_F("words", API_TEXT, .zh = "原因", .en = "the reason in Chinese"),
    API_F("words_en", API_TEXT, .zh = "原因英文", .en = "the reason in English"),
    API_F("grant", API_OBJECT, .null = true, .fields = why_grant, .zh = "所依据的授权", .en = "the grant it comes from, or nearly does"),
    API_F("roles", API_ARRAY, .of = API_OBJECT, .fields = why_role, .zh = "具备此权限的角色", .en = "roles that have the right"),
    API_F("account", API_ID, .zh = "账号", .en = "of whom"),
    API_F("granted_by", API_ARRAY, .of = API_OBJECT, .fields = why_giver, .zh = "可以授予的管理员", .en = "people who could grant it"),
    API_F_END,
};

static bg_err why_read(struct api_request *rq, struct bg_buf *reply)
{
    int right = auth_right_of(api_text(&rq->query, "right"));
    if (right < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "right");
    }
    struct auth_target target = { .city = rq->city,
                                  .place = api_int(&rq->query, "place", 0),
                                  .district = api_int(&rq->query, "district", 0),
                                  .org = api_int(&rq->query, "org", 0) };
    return auth_why(rq->app->auth, rq->tx, rq->session, (enum auth_right)right, &target, api_int(&rq->query, "account", 0), rq->arena,
                    reply);
}

/* --- the tables of roles and rights --- */

static const struct api_field roles_row[] = {
    API_F("role", API_TEXT, .zh = "角色代码", .en = "code of the role"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F("scopes", API_ARRAY, .of = API_TEXT, .zh = "可用范围种类", .en = "kinds of scope it may have"),
    API_F("approver", API_BOOL, .zh = "审批角色，须两步验证", .en = "approves, so needs a second factor"),
    API_F("rights", API_ARRAY, .of = API_TEXT, .zh = "权限", .en = "its rights"),
    API_F_END,
};
static const struct api_field roles_reply[] = {
    API_F("roles", API_ARRAY, .of = API_OBJECT, .fields = roles_row, .zh = "角色", .en = "roles"),
    API_F_END,
};

static void role_json(int role, struct bg_buf *out)
{
    const struct auth_role_info *info = &auth_role_infos[role];
    bg_json_object(out);
    bg_json_put_str(out, "role", bg_str_of(info->slug));
    bg_json_put_str(out, "name_zh", bg_str_of(info->zh));
    bg_json_put_str(out, "name_en", bg_str_of(info->en));
    bg_json_key(out, "scopes");
    bg_json_array(out);
    for (int scope = 0; scope < AUTH_SCOPE_COUNT; scope++) {
        if ((info->scopes >> scope & 1) != 0) {
            bg_json_str(out, bg_str_of(auth_scope_infos[scope].slug));
        }
    }
    bg_json_array_end(out);
    bg_json_put_bool(out, "approver", info->approver);
    bg_json_key(out, "rights");
    bg_json_array(out);
    for (int right = 0; right < AUTH_RIGHT_COUNT; right++) {
        if ((auth_right_infos[right].roles >> role & 1) != 0) {
            bg_json_str(out, bg_str_of(auth_right_infos[right].slug));
        }
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

static bg_err roles_read(struct api_request *rq, struct bg_buf *reply)
{
    (void)rq;
    bg_json_object(reply);
    bg_json_key(reply, "roles");
    bg_json_array(reply);
    for (int role = 0; role < AUTH_ROLE_COUNT; role++) {
        role_json(role, reply);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

static const struct api_field rights_row[] = {
    API_F("right", API_TEXT, .zh = "权限代码", .en = "code of the right"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "what it allows, in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "what it allows, in English"),
    API_F("reach", API_TEXT, .zh = "作用范围", .en = "self, anywhere or scoped"),
    API_F_END,
};
static const struct api_field rights_reply[] = {
    API_F("rights", API_ARRAY, .of = API_OBJECT, .fields = rights_row, .zh = "权限", .en = "rights"),
    API_F_END,
};

static bg_err rights_read(struct api_request *rq, struct bg_buf *reply)
{
    static const char *const reaches[] = { [AUTH_REACH_SELF] = "self", [AUTH_REACH_ANYWHERE] = "anywhere", [AUTH_REACH_SCOPED] = "scoped" };
    (void)rq;
    bg_json_object(reply);
    bg_json_key(reply, "rights");
    bg_json_array(reply);
    for (int right = 0; right < AUTH_RIGHT_COUNT; right++) {
        const struct auth_right_info *info = &auth_right_infos[right];
        bg_json_object(reply);
        bg_json_put_str(reply, "right", bg_str_of(info->slug));
        bg_json_put_str(reply, "name_zh", bg_str_of(info->zh));
        bg_json_put_str(reply, "name_en", bg_str_of(info->en));
        bg_json_put_str(reply, "reach", bg_str_of(reaches[info->reach]));
        bg_json_object_end(reply);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* clang-format off */
const struct api_route api_routes_auth[] = {
    { .method = "POST", .path = "/api/v1/session", .right = API_PUBLIC, .flags = API_WRITES | API_NO_KEY, .body = login_body,
      .reply = opened_fields, .own = session_open_own, .module = "auth", .zh = "登录", .en = "sign in" },
    { .method = "DELETE", .path = "/api/v1/session", .right = API_SIGNED_IN, .flags = API_WRITES | API_NO_KEY, .own = session_close_own,
      .module = "auth", .zh = "退出登录", .en = "sign out" },
    { .method = "GET", .path = "/api/v1/me", .right = API_SIGNED_IN, .reply = me_reply, .read = me_read, .module = "auth",
      .zh = "我是谁、有哪些授权和权限", .en = "who am I, with which grants and rights" },
    { .method = "POST", .path = "/api/v1/password", .right = API_SIGNED_IN, .flags = API_WRITES | API_SMALL, .body = password_body,
      .reply = done_reply, .own = password_own, .module = "auth", .zh = "修改本人口令", .en = "change one's own password" },
    { .method = "POST", .path = "/api/v1/totp", .right = API_SIGNED_IN, .flags = API_WRITES | API_SMALL, .reply = totp_reply,
      .own = totp_begin_own, .module = "auth", .zh = "开始设置两步验证", .en = "begin to set up a second factor" },
    { .method = "POST", .path = "/api/v1/totp/confirm", .right = API_SIGNED_IN, .flags = API_WRITES | API_SMALL, .body = totp_confirm_body,
      .reply = totp_confirm_reply, .own = totp_confirm_own, .module = "auth", .zh = "确认两步验证，取得恢复码",
      .en = "confirm the second factor and get recovery codes" },
    { .method = "POST", .path = "/api/v1/totp/remove", .right = API_SIGNED_IN, .flags = API_WRITES | API_SMALL, .body = totp_end_body,
      .reply = done_reply, .own = totp_end_own, .module = "auth", .zh = "取消两步验证，结束本人全部会话",
      .en = "take the second factor away; ends all one's sessions" },
    { .method = "POST", .path = "/api/v1/invitations/look", .right = API_PUBLIC, .flags = API_NO_KEY, .body = link_body,
      .reply = link_reply, .own = link_look_own, .module = "auth", .zh = "查看一次性链接的用途", .en = "what a one-time link is for" },
    { .method = "POST", .path = "/api/v1/invitations/accept", .right = API_PUBLIC, .flags = API_WRITES | API_NO_KEY, .body = accept_body,
      .reply = accept_reply, .own = link_accept_own, .module = "auth", .zh = "用一次性链接设置口令并登录",
      .en = "set a password by a one-time link and sign in" },
    { .method = "POST", .path = "/api/v1/devices/accept", .right = API_PUBLIC, .flags = API_WRITES | API_NO_KEY, .body = device_body,
      .reply = device_reply, .own = device_accept_own, .module = "auth", .zh = "用一次性登记码登记本设备",
      .en = "register this device by a one-time code" },
    { .method = "GET", .path = "/api/v1/why", .right = API_SIGNED_IN, .query = why_query, .reply = why_reply, .read = why_read,
      .module = "auth", .zh = "为何可以或不可以，依据哪项授权，找谁授权",
      .en = "why may I or may I not, through which grant, and whom to ask" },
    { .method = "GET", .path = "/api/v1/roles", .right = API_SIGNED_IN, .reply = roles_reply, .read = roles_read, .module = "auth",
      .zh = "角色及其权限", .en = "roles and their rights" },
    { .method = "GET", .path = "/api/v1/rights", .right = API_SIGNED_IN, .reply = rights_reply, .read = rights_read, .module = "auth",
      .zh = "权限一览", .en = "all rights" },
    { 0 },
};
