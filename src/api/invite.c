/* Routes of invitations: one person, or thousands of firms by a file. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "api/people.h"
#include "api/routes.h"
#include "codec/table.h"

#define TOGETHER 400        /* rows in one change */
#define INVITED_MAX 20000   /* rows of a file */
#define SHOWN_MAX 200       /* errors shown */

/* --- one --- */

static const struct api_field invite_body[] = {
    API_F("kind", API_TEXT, .required = true, .words = auth_organisation_kinds, .zh = "机构种类", .en = "kind of organisation"),
    API_F("role", API_TEXT, .required = true, .min = 1, .max = 40, .zh = "角色", .en = "role"),
    API_F("login", API_TEXT, .required = true, .min = 2, .max = 64, .zh = "登录名", .en = "name typed to sign in"),
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 60, .zh = "姓名", .en = "name"),
    API_F("phone", API_TEXT, .max = 20, .zh = "电话", .en = "telephone"),
    API_F("organisation", API_TEXT, .required = true, .min = 1, .max = 100, .zh = "机构名称", .en = "name of the organisation"),
    API_F("organisation_en", API_TEXT, .max = 150, .zh = "机构英文名", .en = "its name in English"),
    API_F("credit_code", API_TEXT, .max = 40, .zh = "统一社会信用代码", .en = "unified social credit code"),
    API_F("district", API_ID, .null = true, .zh = "区划", .en = "division"),
    API_F("reason", API_TEXT, .max = 500, .zh = "事由", .en = "why"),
    API_F_END,
};
static const struct api_field invited_row[] = {
    API_F("account", API_ID, .zh = "账号", .en = "account"),
    API_F("login", API_TEXT, .zh = "登录名", .en = "name typed to sign in"),
    API_F("organisation", API_ID, .zh = "机构", .en = "organisation"),
    API_F_END,
};
static const struct api_field invited_rows[] = {
    API_F("rows", API_ARRAY, .of = API_OBJECT, .fields = invited_row, .zh = "已邀请", .en = "who was invited"),
    API_F_END,
};
static const struct api_field invite_reply[] = {
    API_F("invited", API_OBJECT, .fields = invited_rows, .zh = "已邀请", .en = "who was invited"),
    API_F("link", API_TEXT, .null = true, .zh = "一次性链接密钥，只显示一次", .en = "secret of the one-time link, shown once"),
    API_F("url", API_TEXT, .null = true, .zh = "一次性链接", .en = "the one-time link"),
    API_F_END,
};

static bg_err role_of(bg_str slug, enum auth_role *ret)
{
    int role = auth_role_of(slug);
    if (role < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "role");
    }
    *ret = (enum auth_role)role;
    return BG_DONE;
}

static bg_err invite_one(struct api_request *rq)
{
    const struct api_object *body = &rq->body;
    struct auth_secret link;
    struct auth_invite_row row = {
        .login = api_text(body, "login"),
        .name = api_text(body, "name"),
        .phone = api_text(body, "phone"),
        .organisation = api_text(body, "organisation"),
        .organisation_en = api_text(body, "organisation_en"),
        .district = api_int(body, "district", 0),
        .link = link.hash,
    };
    struct auth_invite_in in = { .by = people_by(rq), .kind = api_text(body, "kind"), .rows = &row, .count = 1 };
    auth_link_make(rq->app->auth, rq->city, &link);
    BG_TRY(role_of(api_text(body, "role"), &row.role));
    BG_TRY(people_credit_code(rq->arena, api_text(body, "credit_code"), &row.credit_code));
    return people_secret(rq, &auth_invite, &in, "invited", "link", &link);
}

static void invite_pool(struct api_request *rq)
{
    people_answer(rq, invite_one(rq));
}

static bg_err invite_own(struct api_request *rq)
{
    return people_pool(rq, invite_pool);
}

/* --- many --- */

enum { C_LOGIN, C_NAME, C_PHONE, C_ORGANISATION, C_ORGANISATION_EN, C_CREDIT_CODE, C_DISTRICT, C_COUNT };
static const struct table_column columns[] = {
    [C_LOGIN] = { .name = "login", .zh = "登录名", .en = "login", .required = true, .max = 64 },
    [C_NAME] = { .name = "name", .zh = "姓名", .en = "name", .aliases = "联系人|填报人", .required = true, .max = 60 },
    [C_PHONE] = { .name = "phone", .zh = "电话", .en = "phone", .aliases = "手机|联系电话", .max = 20 },
    [C_ORGANISATION] = { .name = "organisation", .zh = "机构名称", .en = "organisation", .aliases = "企业名称|单位名称", .required = true,
                         .max = 100 },
    [C_ORGANISATION_EN] = { .name = "organisation_en", .zh = "机构英文名", .en = "organisation (English)", .max = 150 },
    [C_CREDIT_CODE] = { .name = "credit_code", .zh = "统一社会信用代码", .en = "credit code", .max = 40 },
    [C_DISTRICT] = { .name = "district", .zh = "区划代码", .en = "district", .type = TABLE_INT, .min = 1, .max = 999999 },
};

static const char *const format_words[] = { "json", "csv", NULL };
static const struct api_field file_query[] = {
    API_F("kind", API_TEXT, .required = true, .words = auth_organisation_kinds, .zh = "机构种类", .en = "kind of organisation"),
    API_F("role", API_TEXT, .required = true, .min = 1, .max = 40, .zh = "角色", .en = "role"),
    API_F("dry_run", API_BOOL, .zh = "只检查，不邀请", .en = "only look, invite nobody"),
    API_F("format", API_TEXT, .words = format_words, .zh = "链接的格式", .en = "how the links are given: json, or csv as a file"),
    API_F_END,
};
static const struct api_field fault_row[] = {
    API_F("line", API_INT, .zh = "行号", .en = "line in the file"),
    API_F("column", API_TEXT, .zh = "列", .en = "column"),
    API_F("code", API_TEXT, .zh = "错误代码", .en = "code"),
    API_F("words", API_TEXT, .zh = "错误", .en = "what is wrong"),
    API_F("words_en", API_TEXT, .zh = "错误英文", .en = "what is wrong, in English"),
    API_F_END,
};
static const struct api_field given_row[] = {
    API_F("login", API_TEXT, .zh = "登录名", .en = "name typed to sign in"),
    API_F("name", API_TEXT, .zh = "姓名", .en = "name"),
    API_F("organisation", API_TEXT, .zh = "机构名称", .en = "organisation"),
    API_F("url", API_TEXT, .zh = "一次性链接", .en = "the one-time link"),
    API_F_END,
};
static const struct api_field file_reply[] = {
    API_F("rows", API_INT, .zh = "行数", .en = "rows of the file"),
    API_F("bad", API_INT, .zh = "有误的行数；有误时不邀请任何人", .en = "bad rows; with any, nobody is invited"),
    API_F("invited", API_INT, .zh = "已邀请人数", .en = "people invited"),
    API_F("errors", API_ARRAY, .of = API_OBJECT, .fields = fault_row, .zh = "错误", .en = "what is wrong"),
    API_F("links", API_ARRAY, .of = API_OBJECT, .fields = given_row, .zh = "一次性链接，只显示一次", .en = "one-time links, shown once"),
    API_F_END,
};

/* A file being read; texts live in `arena`, which is larger than a request's. */
struct sheet {
    struct api_request *rq;
    struct bg_arena *arena;
    struct store_tx *tx;
    bg_str kind;
    enum auth_role role;
    struct auth_invite_row *rows;
    int64_t *lines;
    struct auth_secret *links;
    size_t count, bad, shown, invited;
    struct bg_buf errors; /* rows of the JSON array */
};

static void fault(struct sheet *sheet, int64_t line, bg_str column, bg_err err)
{
    if (sheet->shown++ >= SHOWN_MAX) {
        return;
    }
    struct bg_buf *out = &sheet->errors;
    bg_json_object(out);
    bg_json_put_int(out, "line", line);
    bg_json_put_str(out, "column", column);
    bg_json_put_str(out, "code", bg_str_of(bg_errors[err.code].slug));
    bg_json_put_str(out, "words", bg_str_of(bg_errors[err.code].zh));
    bg_json_put_str(out, "words_en", bg_str_of(bg_errors[err.code].en));
    bg_json_object_end(out);
}

static bg_err row_take(struct sheet *sheet, const struct table_binding *binding, const struct csv_row *csv)
{
    struct table_cell cells[C_COUNT];
    struct table_errors errors = { .count = 0 };
    struct auth_invite_row *row = &sheet->rows[sheet->count];
    bg_err err = BG_DONE;
    BG_TRY(table_row_read(binding, csv, sheet->arena, cells, &errors));
    for (size_t i = 0; i < errors.count; i++) {
        fault(sheet, csv->line, errors.at[i].column, errors.at[i].err);
    }
    auth_link_make(sheet->rq->app->auth, sheet->rq->city, &sheet->links[sheet->count]);
    *row = (struct auth_invite_row){ .login = cells[C_LOGIN].s,
                                     .name = cells[C_NAME].s,
                                     .phone = cells[C_PHONE].s,
                                     .organisation = cells[C_ORGANISATION].s,
                                     .organisation_en = cells[C_ORGANISATION_EN].s,
                                     .district = cells[C_DISTRICT].given ? cells[C_DISTRICT].i : 0,
                                     .role = sheet->role,
                                     .link = sheet->links[sheet->count].hash };
    if (errors.count == 0) {
        err = people_credit_code(sheet->arena, cells[C_CREDIT_CODE].s, &row->credit_code);
        err = bg_failed(err) ? err : auth_invite_check(sheet->tx, sheet->rq->session, sheet->kind, row, sheet->arena);
    }
    if (bg_failed(err)) {
        if (bg_errors[err.code].status >= 500) {
            return err;
        }
        int column = err.field == NULL ? -1 : table_column_of(binding, bg_str_of(err.field));
        fault(sheet, csv->line, column < 0 ? bg_str_of(err.field) : table_header_of(binding, (size_t)column), err);
    }
    sheet->bad += errors.count > 0 || bg_failed(err);
    sheet->lines[sheet->count++] = csv->line;
    return BG_DONE;
}

static int order_logins(const void *a, const void *b)
{
    const struct auth_invite_row *const *one = a, *const *other = b;
    return bg_str_order((*one)->login, (*other)->login);
}

/* The same login twice in the file. */
static bg_err find_twice(struct sheet *sheet)
{
    const struct auth_invite_row **sorted = bg_arena_array(sheet->arena, sheet->count + 1, sizeof *sorted);
    BG_TRY(bg_need(sorted));
    for (size_t i = 0; i < sheet->count; i++) {
        sorted[i] = &sheet->rows[i];
    }
    qsort(sorted, sheet->count, sizeof *sorted, order_logins);
    for (size_t i = 1; i < sheet->count; i++) {
        if (sorted[i]->login.len > 0 && bg_str_eq(sorted[i]->login, sorted[i - 1]->login)) {
            sheet->bad++;
            fault(sheet, sheet->lines[sorted[i] - sheet->rows], BG_STR("login"), BG_FAIL(BG_CONFLICT));
        }
    }
    return BG_DONE;
}

static void table_cleanup(struct table **table)
{
    table_close(*table);
}
static void input_cleanup(struct input **input)
{
    input_close(*input);
}

static bg_err sheet_read(struct sheet *sheet)
{
    __attribute__((cleanup(input_cleanup))) struct input *input = NULL;
    __attribute__((cleanup(table_cleanup))) struct table *table = NULL;
    struct table_binding *binding = bg_arena_get(sheet->arena, sizeof *binding);
    struct csv_row row;
    bool more;
    BG_TRY(bg_need(binding));
    BG_TRY(input_open_bytes(sheet->rq->http->body, &input));
    BG_TRY(table_open(input, &(struct table_opts){ .rows_max = INVITED_MAX + 1 }, &table));
    BG_TRY(table_next(table, &row, &more));
    if (!more) {
        return BG_FAIL_AT(BG_BAD_INPUT, "file");
    }
    BG_TRY(table_bind(columns, NULL, BG_CITY_OFFSET_MIN, &row, sheet->arena, binding));
    BG_TRY(table_next(table, &row, &more));
    while (more) {
        if (sheet->count == INVITED_MAX) {
            return BG_FAIL_AT(BG_TOO_LARGE, "file");
        }
        BG_TRY(row_take(sheet, binding, &row));
        BG_TRY(table_next(table, &row, &more));
    }
    return find_twice(sheet);
}

/* The operation id of the n-th change: a repeat of the request finds each of them. */
static bg_op_id part_op(bg_op_id op, size_t n)
{
    uint8_t bytes[24], hash[32];
    memcpy(bytes, op.bytes, sizeof op.bytes);
    memcpy(bytes + 16, &(uint64_t){ n }, 8);
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    bg_op_id part;
    memcpy(part.bytes, hash, sizeof part.bytes);
    return part;
}

static bg_err sheet_invite(struct sheet *sheet)
{
    struct api_request *rq = sheet->rq;
    while (sheet->invited < sheet->count) {
        size_t left = sheet->count - sheet->invited, part = left < TOGETHER ? left : TOGETHER;
        BG_SCOPED_BUF reply = bg_buf_init(1 << 20);
        bool replayed;
        struct auth_invite_in in = { .by = people_by(rq), .kind = sheet->kind, .rows = sheet->rows + sheet->invited, .count = part };
        struct auth_run_in run = { .kind = &auth_invite,
                                   .in = &in,
                                   .session = rq->session,
                                   .op = sheet->invited == 0 ? rq->op : part_op(rq->op, sheet->invited),
                                   .body = rq->http->body,
                                   .reason = { "", 0 } };
        BG_TRY(auth_run(rq->app->auth, &run, sheet->arena, &reply, &replayed));
        if (replayed) {
            return BG_FAIL(BG_AUTH_SHOWN_ONCE); /* invited long ago; their links can not be told again */
        }
        sheet->invited += part;
    }
    return BG_DONE;
}

static void sheet_json(struct sheet *sheet, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_int(out, "rows", (int64_t)sheet->count);
    bg_json_put_int(out, "bad", (int64_t)sheet->bad);
    bg_json_put_int(out, "invited", (int64_t)sheet->invited);
    bg_json_key(out, "errors");
    bg_json_array(out);
    if (sheet->errors.len > 0) {
        bg_json_raw(out, bg_buf_str(&sheet->errors));
    }
    bg_json_array_end(out);
    bg_json_key(out, "links");
    bg_json_array(out);
    for (size_t i = 0; i < sheet->invited; i++) {
        bg_json_object(out);
        bg_json_put_str(out, "login", sheet->rows[i].login);
        bg_json_put_str(out, "name", sheet->rows[i].name);
        bg_json_put_str(out, "organisation", sheet->rows[i].organisation);
        bg_json_put_str(out, "url", bg_str_of(people_link_url(sheet->rq, sheet->links[i].text)));
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
    bg_json_object_end(out);
}

static void sheet_csv(struct sheet *sheet, struct bg_buf *out)
{
    const bg_str header[] = { BG_STR("login"), BG_STR("name"), BG_STR("organisation"), BG_STR("url") };
    csv_write_row(out, header, 4);
    for (size_t i = 0; i < sheet->invited; i++) {
        const bg_str cells[] = { sheet->rows[i].login, sheet->rows[i].name, sheet->rows[i].organisation };
        for (size_t k = 0; k < 3; k++) {
            csv_write_text(out, cells[k]);
            bg_buf_byte(out, ',');
        }
        csv_write_text(out, bg_str_of(people_link_url(sheet->rq, sheet->links[i].text)));
        bg_buf_add(out, BG_STR("\r\n"));
    }
}

static bg_err sheet_run(struct sheet *sheet)
{
    struct api_request *rq = sheet->rq;
    BG_SCOPED_BUF out = bg_buf_init(16u << 20);
    sheet->rows = bg_arena_array(sheet->arena, INVITED_MAX, sizeof *sheet->rows);
    sheet->lines = bg_arena_array(sheet->arena, INVITED_MAX, sizeof *sheet->lines);
    sheet->links = bg_arena_array(sheet->arena, INVITED_MAX, sizeof *sheet->links);
    BG_TRY(bg_need(sheet->rows));
    BG_TRY(bg_need(sheet->lines));
    BG_TRY(bg_need(sheet->links));
    BG_TRY(role_of(api_text(&rq->query, "role"), &sheet->role));
    BG_TRY(store_read_begin(rq->app->store, 10000, &sheet->tx));
    bg_err err = sheet_read(sheet);
    store_read_end(sheet->tx);
    BG_TRY(err);
    if (sheet->bad == 0 && api_int(&rq->query, "dry_run", 0) == 0) {
        err = sheet_invite(sheet);
        if (bg_failed(err) && sheet->invited == 0) {
            return err;
        }
    }
    bool csv = bg_str_is(api_text(&rq->query, "format"), "csv") && sheet->invited > 0;
    if (csv) {
        sheet_csv(sheet, &out);
    } else {
        sheet_json(sheet, &out);
    }
    BG_TRY(bg_buf_check(&out));
    if (csv) {
        api_header(rq, "Content-Disposition", BG_STR("attachment; filename=\"links.csv\""));
    }
    api_answer(rq, 200, csv ? "text/csv; charset=utf-8" : NULL, bg_buf_str(&out));
    return BG_DONE;
}

static void sheet_pool(struct api_request *rq)
{
    BG_SCOPED_ARENA arena = bg_arena_open(96u << 20);
    struct sheet sheet = { .rq = rq, .arena = arena, .kind = api_text(&rq->query, "kind"), .errors = bg_buf_init(1 << 20) };
    bg_err err = bg_need(arena);
    if (!bg_failed(err)) {
        err = sheet_run(&sheet);
    }
    bg_buf_done(&sheet.errors);
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    }
}

static bg_err sheet_own(struct api_request *rq)
{
    return people_pool(rq, sheet_pool);
}

/* clang-format off */
const struct api_route api_routes_invite[] = {
    { .method = "POST", .path = "/api/v1/invitations", .right = AUTH_RIGHT_INVITE, .flags = API_WRITES | API_SMALL, .body = invite_body,
      .reply = invite_reply, .status = 201, .own = invite_own, .module = "auth", .zh = "邀请一人：机构、账号、授权和链接",
      .en = "invite one person: organisation, account, grant and link" },
    { .method = "POST", .path = "/api/v1/invitations/file", .right = AUTH_RIGHT_INVITE, .flags = API_WRITES | API_UPLOAD,
      .query = file_query, .reply = file_reply, .own = sheet_own, .module = "auth", .zh = "按文件（CSV、XLSX）邀请，最多两万行",
      .en = "invite by a file (CSV, XLSX) of at most 20,000 rows" },
    { 0 },
};
