/* Routes of people and rights: accounts, organisations, districts, grants, sessions, devices, keys, approvals, policy. Answers that carry a
 * secret (a link, a key) are made in the pool beside the change: the secret is in no stored answer and is shown once. */
#include <stdio.h>
#include <string.h>

#include "api/people.h"
#include "api/routes.h"
#include "codec/chinese.h"

struct auth_by people_by(const struct api_request *rq)
{
    return (struct auth_by){ rq->app->auth, rq->session };
}

bg_err people_keep(struct api_request *rq, const void *in, size_t size, const void **ret)
{
    void *kept = bg_arena_get(rq->arena, size);
    BG_TRY(bg_need(kept));
    memcpy(kept, in, size);
    *ret = kept;
    return BG_DONE;
}

/* Lists share one shape: auth writes the rows, the frame the envelope. */
struct auth_page people_page_begin(struct api_request *rq, struct bg_buf *reply, bg_err *ret)
{
    struct auth_page page = { .max = api_limit(rq) };
    bool given;
    *ret = api_cursor(rq, &page.after, 1, &given);
    page.after = given ? page.after : 0;
    if (!bg_failed(*ret)) {
        api_list_begin(reply);
    }
    return page;
}

bg_err people_page_end(struct api_request *rq, const struct auth_page *page, struct bg_buf *reply)
{
    api_list_end(rq, reply, &page->last, page->last != 0 ? 1 : 0);
    return BG_DONE;
}

/* --- secrets --- */

/* What stands for the operation: method, path and body; none of these routes has a secret in its body. */
bg_err people_op_body(struct api_request *rq, bg_str *ret)
{
    const char *text = bg_arena_text(rq->arena, "%.*s %.*s\n%.*s", BG_STR_FMT(rq->http->method), BG_STR_FMT(rq->http->path),
                                     BG_STR_FMT(rq->http->body));
    BG_TRY(bg_need(text));
    *ret = bg_str_of(text);
    return BG_DONE;
}

/* Where people open a one-time link; the secret stands behind '#' and reaches no server log. */
const char *people_link_url(struct api_request *rq, const char *token)
{
    const char *base = rq->app->config.public_url;
    bg_str host = http_header(rq->http, "Host");
    if (base == NULL && host.len > 0 && host.len < 200) { /* where the administrator himself reached us */
        base = bg_arena_text(rq->arena, "%s://%.*s", rq->http->secure ? "https" : "http", BG_STR_FMT(host));
    }
    return bg_arena_text(rq->arena, "%s/#/invite/%s", base == NULL ? "" : base, token);
}

/* Runs the change and answers {"object":…,"link":…,"url":…}; a replay has no secret any more. */
bg_err people_secret(struct api_request *rq, const struct change_kind *kind, const void *in, const char *object, const char *name,
                     const struct auth_secret *secret)
{
    BG_SCOPED_BUF reply = bg_buf_init(1 << 16);
    BG_SCOPED_BUF out = bg_buf_init(1 << 17);
    bool replayed;
    struct auth_run_in run = { .kind = kind, .in = in, .session = rq->session, .op = rq->op, .reason = rq->reason };
    BG_TRY(people_op_body(rq, &run.body));
    BG_TRY(auth_run(rq->app->auth, &run, rq->arena, &reply, &replayed));
    bg_json_object(&out);
    bg_json_key(&out, object);
    bg_json_raw(&out, bg_buf_str(&reply));
    bg_json_key(&out, name);
    if (replayed) {
        bg_json_null(&out);
    } else {
        bg_json_str(&out, bg_str_of(secret->text));
    }
    if (strcmp(name, "link") == 0) {
        bg_json_key(&out, "url");
        if (replayed) {
            bg_json_null(&out);
        } else {
            bg_json_str(&out, bg_str_of(people_link_url(rq, secret->text)));
        }
    }
    bg_json_object_end(&out);
    BG_TRY(bg_buf_check(&out));
    api_answer(rq, 201, NULL, bg_buf_str(&out));
    return BG_DONE;
}

bg_err people_pool(struct api_request *rq, void (*job)(struct api_request *rq))
{
    api_later(rq);
    bg_err err = api_pool(rq, job);
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    }
    return BG_DONE;
}

void people_answer(struct api_request *rq, bg_err err)
{
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    }
}

/* --- accounts --- */

static const struct api_field account_row[] = {
    API_F("id", API_ID, .zh = "账号编号", .en = "id of the account"),
    API_F("login", API_TEXT, .zh = "登录名", .en = "name typed to sign in"),
    API_F("name", API_TEXT, .zh = "姓名", .en = "name"),
    API_F("phone", API_TEXT, .zh = "电话，无权时部分隐去", .en = "telephone, masked without the right to see it"),
    API_F("organisation", API_ID, .null = true, .zh = "所在机构", .en = "organisation"),
    API_F("district", API_ID, .null = true, .zh = "管理区划", .en = "division it is kept in"),
    API_F("state", API_TEXT, .zh = "状态", .en = "invited, active or disabled"),
    API_F("must_change", API_BOOL, .zh = "须先修改口令", .en = "the password has to be changed first"),
    API_F("second_factor", API_BOOL, .zh = "已设置两步验证", .en = "a second factor is set up"),
    API_F("created_at", API_TIME, .zh = "建立时间", .en = "when it was opened"),
    API_F("signed_in_at", API_TIME, .null = true, .zh = "最近登录", .en = "last sign-in"),
    API_F_END,
};

static bg_err accounts_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_account_list(rq->tx, rq->session, &page, reply));
    return people_page_end(rq, &page, reply);
}

static bg_err account_read_one(struct api_request *rq, struct bg_buf *reply)
{
    return auth_account_show(rq->tx, rq->session, rq->param_id[0], rq->arena, reply);
}

static const struct api_field account_body[] = {
    API_F("login", API_TEXT, .required = true, .min = 2, .max = 64, .zh = "登录名", .en = "name typed to sign in"),
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "姓名", .en = "name"),
    API_F("phone", API_TEXT, .max = 20, .zh = "电话", .en = "telephone"),
    API_F("organisation", API_ID, .null = true, .zh = "所在机构", .en = "organisation"),
    API_F("district", API_ID, .null = true, .zh = "管理区划", .en = "division it is kept in"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};
static const struct api_field account_link_reply[] = {
    API_F("account", API_OBJECT, .fields = account_row, .zh = "账号", .en = "the account"),
    API_F("link", API_TEXT, .null = true, .zh = "一次性链接密钥，只显示一次", .en = "secret of the one-time link, shown once"),
    API_F("url", API_TEXT, .null = true, .zh = "一次性链接", .en = "the one-time link"),
    API_F_END,
};

static void account_open_pool(struct api_request *rq)
{
    struct auth_secret link;
    auth_link_make(rq->app->auth, rq->city, &link);
    struct auth_account_in in = { .by = people_by(rq), .login = api_text(&rq->body, "login"), .name = api_text(&rq->body, "name"),
                                  .phone = api_text(&rq->body, "phone"), .organisation = api_int(&rq->body, "organisation", 0),
                                  .district = api_int(&rq->body, "district", 0), .link = link.hash };
    people_answer(rq, people_secret(rq, &auth_account_open, &in, "account", "link", &link));
}

static bg_err account_open_own(struct api_request *rq)
{
    return people_pool(rq, account_open_pool);
}

static const struct api_field account_put_body[] = {
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "姓名", .en = "name"),
    API_F("phone", API_TEXT, .required = true, .max = 20, .zh = "电话", .en = "telephone"),
    API_F("organisation", API_ID, .required = true, .null = true, .zh = "所在机构", .en = "organisation"),
    API_F("district", API_ID, .required = true, .null = true, .zh = "管理区划", .en = "division it is kept in"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};

static bg_err account_put_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_account_in in = { .by = people_by(rq),
                                  .id = rq->param_id[0],
                                  .name = api_text(&rq->body, "name"),
                                  .phone = api_text(&rq->body, "phone"),
                                  .organisation = api_int(&rq->body, "organisation", 0),
                                  .district = api_int(&rq->body, "district", 0) };
    *ret_kind = &auth_account_put;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static const struct api_field account_state_body[] = {
    API_F("disabled", API_BOOL, .required = true, .zh = "停用", .en = "disabled"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};

static bg_err account_state_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_account_move_in in = { .by = people_by(rq), .id = rq->param_id[0], .disabled = api_int(&rq->body, "disabled", 0) != 0 };
    *ret_kind = &auth_account_move;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static const struct api_field link_new_body[] = {
    API_F("clear_factor", API_BOOL, .zh = "同时取消遗失的两步验证", .en = "also take away a lost second factor"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};
static const struct api_field link_made[] = {
    API_F("account", API_ID, .zh = "账号", .en = "the account"),
    API_F("purpose", API_TEXT, .zh = "用途", .en = "invite or reset"),
    API_F("ends_at", API_TIME, .zh = "有效至", .en = "works before"),
    API_F_END,
};
static const struct api_field link_new_reply[] = {
    API_F("made", API_OBJECT, .fields = link_made, .zh = "链接", .en = "the link"),
    API_F("link", API_TEXT, .null = true, .zh = "一次性链接密钥，只显示一次", .en = "secret of the one-time link, shown once"),
    API_F("url", API_TEXT, .null = true, .zh = "一次性链接", .en = "the one-time link"),
    API_F_END,
};

static void account_link_pool(struct api_request *rq)
{
    struct auth_secret link;
    auth_link_make(rq->app->auth, rq->city, &link);
    struct auth_link_in in = { .by = people_by(rq), .account = rq->param_id[0], .link = link.hash,
                               .clear_factor = api_int(&rq->body, "clear_factor", 0) != 0 };
    people_answer(rq, people_secret(rq, &auth_account_link, &in, "made", "link", &link));
}

static bg_err account_link_own(struct api_request *rq)
{
    return people_pool(rq, account_link_pool);
}

/* --- organisations and districts --- */

static const struct api_field organisation_query[] = {
    API_F("kind", API_TEXT, .words = auth_organisation_kinds, .zh = "种类", .en = "kind"),
    API_F_END,
};
static const struct api_field organisation_row[] = {
    API_F("id", API_ID, .zh = "机构编号", .en = "id of the organisation"),
    API_F("kind", API_TEXT, .zh = "种类", .en = "office, receiver, agency, team or enterprise"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F("credit_code", API_TEXT, .null = true, .zh = "统一社会信用代码", .en = "unified social credit code"),
    API_F("district", API_ID, .null = true, .zh = "区划", .en = "division"),
    API_F("state", API_TEXT, .zh = "状态", .en = "active or closed"),
    API_F_END,
};
static const struct api_field organisation_body[] = {
    API_F("kind", API_TEXT, .required = true, .words = auth_organisation_kinds, .zh = "种类", .en = "kind"),
    API_F("name_zh", API_TEXT, .required = true, .min = 1, .max = 100, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .max = 150, .zh = "英文名", .en = "name in English"),
    API_F("credit_code", API_TEXT, .null = true, .max = 40, .zh = "统一社会信用代码", .en = "unified social credit code"),
    API_F("district", API_ID, .null = true, .zh = "区划", .en = "division"),
    API_F("closed", API_BOOL, .zh = "已停办", .en = "closed"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};

static bg_err organisations_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_organisation_list(rq->tx, rq->session, api_text(&rq->query, "kind"), &page, reply));
    return people_page_end(rq, &page, reply);
}

/* The code as people type it, in its normal form. */
bg_err people_credit_code(struct bg_arena *arena, bg_str typed, bg_str *ret)
{
    char normal[19];
    if (typed.len == 0) {
        *ret = (bg_str){ "", 0 };
        return BG_DONE;
    }
    bg_err err = chinese_credit_code_read(typed, normal);
    err.field = "credit_code";
    if (bg_failed(err)) {
        return err;
    }
    *ret = bg_arena_copy(arena, bg_str_of(normal));
    return bg_need(ret->at);
}

static bg_err organisation_write_as(struct api_request *rq, int64_t id, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_organisation_in in = { .by = people_by(rq),
                                       .id = id,
                                       .kind = api_text(&rq->body, "kind"),
                                       .name_zh = api_text(&rq->body, "name_zh"),
                                       .name_en = api_text(&rq->body, "name_en"),
                                       .district = api_int(&rq->body, "district", 0),
                                       .closed = api_int(&rq->body, "closed", 0) != 0 };
    BG_TRY(people_credit_code(rq->arena, api_text(&rq->body, "credit_code"), &in.credit_code));
    *ret_kind = &auth_organisation_put;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static bg_err organisation_open_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return organisation_write_as(rq, 0, ret_kind, ret_in);
}

static bg_err organisation_put_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return organisation_write_as(rq, rq->param_id[0], ret_kind, ret_in);
}

static const struct api_field district_row[] = {
    API_F("id", API_ID, .zh = "区划代码", .en = "division code"),
    API_F("kind", API_TEXT, .zh = "种类", .en = "district or area (functional area)"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F_END,
};
static const struct api_field district_body[] = {
    API_F("name_zh", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .max = 100, .zh = "英文名", .en = "name in English"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};

static bg_err districts_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(auth_district_list(rq->tx, rq->session, &page, reply));
    return people_page_end(rq, &page, reply);
}

static bg_err district_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_district_in in = { .by = people_by(rq), .id = rq->param_id[0], .name_zh = api_text(&rq->body, "name_zh"),
                                   .name_en = api_text(&rq->body, "name_en") };
    *ret_kind = &auth_district_put;
    return people_keep(rq, &in, sizeof in, ret_in);
}

static const struct api_field city_row[] = {
    API_F("id", API_ID, .zh = "城市编号", .en = "id of the city"),
    API_F("code", API_TEXT, .zh = "行政区划代码", .en = "division code"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F("offset_min", API_INT, .zh = "与 UTC 相差的分钟数", .en = "minutes east of UTC"),
    API_F_END,
};
static const struct api_field city_body[] = {
    API_F("code", API_TEXT, .required = true, .min = 1, .max = 20, .zh = "行政区划代码", .en = "division code"),
    API_F("name_zh", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .required = true, .min = 1, .max = 100, .zh = "英文名", .en = "name in English"),
    API_F("offset_min", API_INT, .required = true, .min = -720, .max = 840, .zh = "与 UTC 相差的分钟数", .en = "minutes east of UTC"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};

static bg_err city_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct auth_city_in in = { .by = people_by(rq), .code = api_text(&rq->body, "code"), .name_zh = api_text(&rq->body, "name_zh"),
                               .name_en = api_text(&rq->body, "name_en"), .offset_min = api_int(&rq->body, "offset_min", 480) };
    *ret_kind = &auth_city_put;
    return people_keep(rq, &in, sizeof in, ret_in);
}

/* clang-format off */
const struct api_route api_routes_people[] = {
    { .method = "GET", .path = "/api/v1/accounts", .right = AUTH_RIGHT_ACCOUNT_READ, .flags = API_LIST | API_SCOPED, .reply = account_row,
      .read = accounts_read, .module = "auth", .zh = "账号列表", .en = "accounts" },
    { .method = "POST", .path = "/api/v1/accounts", .right = AUTH_RIGHT_ACCOUNT_WRITE, .flags = API_WRITES | API_SMALL,
      .body = account_body, .reply = account_link_reply, .status = 201, .own = account_open_own, .module = "auth",
      .zh = "建立账号，取得一次性链接",
      .en = "open an account and get its one-time link" },
    { .method = "GET", .path = "/api/v1/accounts/{id}", .right = API_SIGNED_IN, .flags = API_SCOPED, .reply = account_row,
      .read = account_read_one, .module = "auth", .zh = "查看账号", .en = "one account" },
    { .method = "PUT", .path = "/api/v1/accounts/{id}", .right = AUTH_RIGHT_ACCOUNT_WRITE, .body = account_put_body, .reply = account_row,
      .write = account_put_write, .module = "auth", .zh = "更正账号资料", .en = "correct an account" },
    { .method = "POST", .path = "/api/v1/accounts/{id}/state", .right = AUTH_RIGHT_ACCOUNT_WRITE, .body = account_state_body,
      .reply = account_row, .write = account_state_write, .module = "auth", .zh = "停用或恢复账号", .en = "disable or enable an account" },
    { .method = "POST", .path = "/api/v1/accounts/{id}/link", .right = AUTH_RIGHT_ACCOUNT_WRITE, .flags = API_WRITES | API_SMALL,
      .body = link_new_body, .reply = link_new_reply, .status = 201, .own = account_link_own, .module = "auth",
      .zh = "签发重置或邀请链接", .en = "make a reset or invitation link" },
    { .method = "GET", .path = "/api/v1/organisations", .right = AUTH_RIGHT_CITY_READ, .flags = API_LIST, .query = organisation_query,
      .reply = organisation_row, .read = organisations_read, .module = "auth", .zh = "机构名录", .en = "organisations" },
    { .method = "POST", .path = "/api/v1/organisations", .right = AUTH_RIGHT_CITY_WRITE, .body = organisation_body,
      .reply = organisation_row, .write = organisation_open_write, .module = "auth", .zh = "登记机构", .en = "register an organisation" },
    { .method = "PUT", .path = "/api/v1/organisations/{id}", .right = AUTH_RIGHT_CITY_WRITE, .body = organisation_body,
      .reply = organisation_row, .write = organisation_put_write, .module = "auth", .zh = "更正机构", .en = "correct an organisation" },
    { .method = "GET", .path = "/api/v1/districts", .right = AUTH_RIGHT_CITY_READ, .flags = API_LIST, .reply = district_row,
      .read = districts_read, .module = "auth", .zh = "区划与功能区", .en = "districts and functional areas" },
    { .method = "PUT", .path = "/api/v1/districts/{id}", .right = AUTH_RIGHT_CITY_WRITE, .body = district_body, .reply = district_row,
      .write = district_write, .module = "auth", .zh = "登记或更正区划", .en = "register or correct a district" },
    { .method = "PUT", .path = "/api/v1/city", .right = AUTH_RIGHT_CITY_WRITE, .body = city_body, .reply = city_row, .write = city_write,
      .module = "auth", .zh = "更正本市资料", .en = "correct the city itself" },
    { 0 },
};
