/* Routes of what every record has in common: search, kinds, attached files. */
#include "record/record.h"

#include <string.h>

#include "api/people.h"
#include "api/routes.h"

/* --- search --- */

static const struct api_field search_query[] = {
    API_F("q", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "名称、编码、批号或拼音首字母",
          .en = "name, code, lot or pinyin initials"),
    API_F("kind", API_TEXT, .max = 40, .zh = "只查此类记录", .en = "only this kind of record"),
    API_F("limit", API_INT, .min = 1, .max = 100, .zh = "最多条数，默认 20", .en = "most results wanted; 20 when not given"),
    API_F_END,
};
static const struct api_field search_row[] = {
    API_F("kind", API_TEXT, .zh = "记录种类", .en = "kind of record"),
    API_F("kind_zh", API_TEXT, .zh = "种类中文名", .en = "the kind in Chinese"),
    API_F("kind_en", API_TEXT, .zh = "种类英文名", .en = "the kind in English"),
    API_F("id", API_ID, .zh = "记录编号", .en = "id of the record"),
    API_F("title_zh", API_TEXT, .zh = "中文标题", .en = "title in Chinese"),
    API_F("title_en", API_TEXT, .zh = "英文标题", .en = "title in English"),
    API_F("code", API_TEXT, .zh = "编码", .en = "code"),
    API_F("note", API_TEXT, .zh = "补充说明", .en = "one more line"),
    API_F("path", API_TEXT, .null = true, .zh = "接口路径", .en = "path in the API"),
    API_F_END,
};
static const struct api_field search_reply[] = {
    API_F("rows", API_ARRAY, .of = API_OBJECT, .fields = search_row, .zh = "结果，最相符者在前", .en = "results, best first"),
    API_F("more", API_BOOL, .zh = "可能还有更多，请输入更多字符", .en = "there may be more: type more characters"),
    API_F_END,
};

static bg_err search_read(struct api_request *rq, struct bg_buf *reply)
{
    const struct record_query query = { .text = api_text(&rq->query, "q"), .kind = api_text(&rq->query, "kind"),
                                        .max = api_int(&rq->query, "limit", 20) };
    bool more;
    bg_json_object(reply);
    bg_json_key(reply, "rows");
    bg_json_array(reply);
    BG_TRY(record_search(rq->app->record, rq->tx, rq->session, &query, rq->arena, reply, &more));
    bg_json_array_end(reply);
    bg_json_put_bool(reply, "more", more);
    bg_json_object_end(reply);
    return BG_DONE;
}

static const struct api_field kind_row[] = {
    API_F("kind", API_TEXT, .zh = "记录种类", .en = "kind of record"),
    API_F("name_zh", API_TEXT, .zh = "中文名", .en = "name in Chinese"),
    API_F("name_en", API_TEXT, .zh = "英文名", .en = "name in English"),
    API_F("path", API_TEXT, .zh = "接口路径", .en = "path in the API"),
    API_F("files", API_BOOL, .zh = "可以附加文件", .en = "files may hang on it"),
    API_F_END,
};
static const struct api_field kinds_reply[] = {
    API_F("kinds", API_ARRAY, .of = API_OBJECT, .fields = kind_row, .zh = "记录种类", .en = "kinds of record"),
    API_F_END,
};

static bg_err kinds_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_json_object(reply);
    bg_json_key(reply, "kinds");
    record_kinds_json(rq->app->record, reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- files --- */

static const struct api_field file_row[] = {
    API_F("id", API_ID, .zh = "附件编号", .en = "id of the file"),
    API_F("kind", API_TEXT, .zh = "所附记录种类", .en = "kind of record it hangs on"),
    API_F("object", API_ID, .zh = "所附记录", .en = "record it hangs on"),
    API_F("name", API_TEXT, .zh = "文件名", .en = "name for people"),
    API_F("note", API_TEXT, .zh = "说明", .en = "what it shows"),
    API_F("media", API_TEXT, .zh = "类型（按内容识别）", .en = "type, recognised by content"),
    API_F("size", API_INT, .zh = "字节数", .en = "bytes"),
    API_F("hash", API_TEXT, .zh = "SHA-256", .en = "SHA-256"),
    API_F("attached_by", API_ID, .zh = "附加人", .en = "attached by"),
    API_F("attached_at", API_TIME, .zh = "附加时间", .en = "attached at"),
    API_F_END,
};
static const struct api_field files_query[] = {
    API_F("kind", API_TEXT, .required = true, .min = 1, .max = 40, .zh = "记录种类", .en = "kind of record"),
    API_F("object", API_ID, .required = true, .zh = "记录", .en = "record"),
    API_F_END,
};
static const struct api_field file_query[] = {
    API_F("kind", API_TEXT, .required = true, .min = 1, .max = 40, .zh = "记录种类", .en = "kind of record"),
    API_F("object", API_ID, .required = true, .zh = "记录", .en = "record"),
    API_F("name", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "文件名", .en = "name for people"),
    API_F("note", API_TEXT, .max = 500, .zh = "说明", .en = "what it shows"),
    API_F_END,
};

static bg_err files_read(struct api_request *rq, struct bg_buf *reply)
{
    bg_err err;
    struct auth_page page = people_page_begin(rq, reply, &err);
    BG_TRY(err);
    BG_TRY(record_file_list(rq->app->record, rq->tx, rq->session, api_text(&rq->query, "kind"), api_int(&rq->query, "object", 0), &page,
                            rq->arena, reply));
    return people_page_end(rq, &page, reply);
}

/* The rights are looked at before the content is written, and again in the change. */
static bg_err file_store(struct api_request *rq, struct record_attach_in *in)
{
    {
        STORE_SCOPED_READ tx = NULL;
        BG_TRY(store_read_begin(rq->app->store, 2000, &tx));
        BG_TRY(record_need(rq->app->record, tx, rq->session, in->kind, in->object, true, rq->arena));
    }
    return record_file_store(rq->app->record, rq->city, rq->http->body, in->hash, &in->media);
}

static void file_pool(struct api_request *rq)
{
    struct record_attach_in in = { .by = people_by(rq), .record = rq->app->record, .kind = api_text(&rq->query, "kind"),
                                   .object = api_int(&rq->query, "object", 0), .name = api_text(&rq->query, "name"),
                                   .note = api_text(&rq->query, "note"), .size = (int64_t)rq->http->body.len };
    const void *kept;
    bg_err err = file_store(rq, &in);
    if (!bg_failed(err)) {
        err = people_keep(rq, &in, sizeof in, &kept);
    }
    if (bg_failed(err)) {
        api_answer_error(rq, err);
    } else {
        api_change(rq, &record_file_attach, kept);
    }
}

static bg_err file_own(struct api_request *rq)
{
    return people_pool(rq, file_pool);
}

static bg_err file_load(struct api_request *rq, struct record_file *ret, bg_str *ret_content)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(rq->app->store, 2000, &tx));
    BG_TRY(record_file_get(rq->app->record, tx, rq->session, rq->param_id[0], rq->arena, ret));
    store_read_end(tx);
    tx = NULL;
    return record_file_read(rq->app->record, rq->city, ret, rq->arena, ret_content);
}

static bg_err file_send(struct api_request *rq, struct bg_arena *big)
{
    struct record_file file;
    bg_str content, disposition;
    struct bg_arena *small = rq->arena;
    rq->arena = big; /* the content may be larger than a request's memory */
    bg_err err = file_load(rq, &file, &content);
    rq->arena = small;
    BG_TRY(err);
    BG_TRY(record_file_disposition(&file, big, &disposition));
    api_header(rq, "Content-Disposition", disposition);
    api_answer(rq, 200, bg_arena_copy(small, file.media).at, content);
    return BG_DONE;
}

static void file_send_pool(struct api_request *rq)
{
    BG_SCOPED_ARENA big = bg_arena_open(RECORD_FILE_MAX + (1u << 20));
    bg_err err = bg_need(big);
    if (!bg_failed(err)) {
        err = file_send(rq, big);
    }
    if (bg_failed(err)) { /* its facts may live in the arena that closes here */
        err.facts = NULL;
        err.field = NULL;
        api_answer_error(rq, err);
    }
}

static bg_err file_get_own(struct api_request *rq)
{
    return people_pool(rq, file_send_pool);
}

static bg_err file_remove_write(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct record_file_in in = { .by = people_by(rq), .record = rq->app->record, .id = rq->param_id[0] };
    *ret_kind = &record_file_remove;
    return people_keep(rq, &in, sizeof in, ret_in);
}

/* clang-format off */
const struct api_route api_routes_record[] = {
    { .method = "GET", .path = "/api/v1/search", .right = AUTH_RIGHT_SEARCH, .flags = API_SCOPED, .query = search_query,
      .reply = search_reply, .read = search_read, .module = "record", .zh = "按名称、编码、批号、拼音首字母查找",
      .en = "find by name, code, lot or pinyin initials" },
    { .method = "GET", .path = "/api/v1/kinds", .right = API_SIGNED_IN, .reply = kinds_reply, .read = kinds_read, .module = "record",
      .zh = "记录种类", .en = "kinds of record" },
    { .method = "GET", .path = "/api/v1/files", .right = AUTH_RIGHT_FILE_READ, .flags = API_LIST | API_SCOPED, .query = files_query,
      .reply = file_row, .read = files_read, .module = "record", .zh = "记录的附件", .en = "files on a record" },
    { .method = "POST", .path = "/api/v1/files", .right = AUTH_RIGHT_FILE_WRITE, .flags = API_WRITES | API_UPLOAD, .query = file_query,
      .reply = file_row, .own = file_own, .module = "record", .zh = "附加文件（请求体为文件内容）",
      .en = "attach a file; the body is its content" },
    { .method = "GET", .path = "/api/v1/files/{id}", .right = AUTH_RIGHT_FILE_READ, .flags = API_SCOPED,
      .media = "application/octet-stream",
      .own = file_get_own, .module = "record", .zh = "下载附件", .en = "download a file" },
    { .method = "DELETE", .path = "/api/v1/files/{id}", .right = AUTH_RIGHT_FILE_WRITE, .reply = file_row, .write = file_remove_write,
      .module = "record", .zh = "移除附件", .en = "take a file off its record" },
    { 0 },
};
