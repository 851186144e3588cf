/* Routes of the journal: entries, newest first; one entry; the signed head; proofs that an entry lies in it and that one head continues
 * another. A proof is given with all that is needed to check it elsewhere. */
#include "api/routes.h"

#define MODULE "journal"
#define CHUNK 100
#define CHUNKS_MAX 40 /* a page looks at so many chunks at most; it may then be short and still not be the last */
#define CHUNK_BYTES ((size_t)64 << 20)

static bg_err need_city(struct api_request *rq)
{
    return auth_need(rq->session, AUTH_RIGHT_JOURNAL_READ, &(struct auth_target){ .city = rq->city }, rq->arena);
}

static void entry_members(const struct journal_event *event, struct bg_buf *out)
{
    bg_json_put_id(out, "position", event->position);
    api_put_time(out, "at", event->at);
    bg_json_put_str(out, "kind", event->kind);
    bg_json_put_str(out, "object", event->object);
    api_put_id(out, "id", event->id);
    api_put_id(out, "actor", event->actor);
    bg_json_put_bool(out, "erased", event->body.len == 0);
}

static void put_hex(struct bg_buf *out, const char *key, const uint8_t *bytes, size_t size)
{
    char text[2 * 64 + 1];
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    bg_json_put_str(out, key, (bg_str){ text, 2 * size });
}

static void put_hashes(struct bg_buf *out, const char *key, uint8_t (*hashes)[32], size_t count)
{
    bg_json_key(out, key);
    bg_json_array(out);
    for (size_t i = 0; i < count; i++) {
        char text[64];
        static const char digits[] = "0123456789abcdef";
        for (size_t k = 0; k < 32; k++) {
            text[2 * k] = digits[hashes[i][k] >> 4];
            text[2 * k + 1] = digits[hashes[i][k] & 15];
        }
        bg_json_str(out, (bg_str){ text, sizeof text });
    }
    bg_json_array_end(out);
}

/* --- the list --- */
#define ENTRY_FIELDS                                                                          \
    API_F("position", API_ID, .zh = "序号", .en = "position"),                                \
    API_F("at", API_TIME, .zh = "记录时间", .en = "recorded at"),                             \
    API_F("kind", API_TEXT, .zh = "事项", .en = "what was done"),                             \
    API_F("object", API_TEXT, .zh = "对象种类", .en = "kind of record"),                      \
    API_F("id", API_ID, .null = true, .zh = "对象编号", .en = "which one"),                   \
    API_F("actor", API_ID, .null = true, .zh = "经办账号", .en = "account that did it"),      \
    API_F("erased", API_BOOL, .zh = "内容已依规删除", .en = "its body was erased by rule")

static const struct api_field entry_row[] = { ENTRY_FIELDS, API_F_END };
static const struct api_field list_query[] = {
    API_F("object", API_TEXT, .max = 60, .zh = "对象种类", .en = "kind of record"),
    API_F("id", API_ID, .zh = "对象编号", .en = "which one; with object"),
    API_F_END,
};

struct page {
    int64_t before, left, last; /* positions looked at are all at or above `last` */
    bool more;
};

/* Entries below page->before, backwards chunk by chunk, those of the city and kind of record asked for. */
static bg_err list_back(struct api_request *rq, bg_str object, struct page *page, struct bg_buf *reply)
{
    BG_SCOPED_ARENA arena = bg_arena_open(CHUNK_BYTES);
    BG_TRY(bg_need(arena));
    for (int round = 0; round < CHUNKS_MAX && page->before > 1 && page->left > 0; round++) {
        struct journal_event *events;
        size_t count;
        int64_t from = page->before - 1 > CHUNK ? page->before - 1 - CHUNK : 0;
        bg_arena_reset(arena);
        BG_TRY(journal_after(rq->tx, from, (size_t)(page->before - 1 - from), arena, &events, &count));
        for (size_t i = count; i > 0 && page->left > 0; i--) {
            const struct journal_event *event = &events[i - 1];
            page->before = event->position;
            if (event->city == rq->city && (object.len == 0 || bg_str_eq(event->object, object))) {
                bg_json_object(reply);
                entry_members(event, reply);
                bg_json_object_end(reply);
                page->left--;
            }
        }
        if (page->left > 0) {
            page->before = from + 1;
        }
    }
    page->more = page->before > 1;
    return BG_DONE;
}

static bg_err list_of(struct api_request *rq, bg_str object, int64_t id, struct page *page, struct bg_buf *reply)
{
    BG_SCOPED_ARENA arena = bg_arena_open(CHUNK_BYTES);
    struct journal_event *events;
    size_t count;
    BG_TRY(bg_need(arena));
    BG_TRY(journal_of(rq->tx, rq->city, object, id, page->before, (size_t)page->left, arena, &events, &count));
    for (size_t i = 0; i < count; i++) {
        bg_json_object(reply);
        entry_members(&events[i], reply);
        bg_json_object_end(reply);
        page->before = events[i].position;
    }
    page->more = count == (size_t)page->left;
    return BG_DONE;
}

static bg_err list_read(struct api_request *rq, struct bg_buf *reply)
{
    int64_t cursor[1], id = api_int(&rq->query, "id", 0);
    bool given;
    bg_str object = api_text(&rq->query, "object");
    BG_TRY(need_city(rq));
    BG_TRY(api_cursor(rq, cursor, 1, &given));
    struct page page = { .before = given ? cursor[0] : INT64_MAX, .left = api_limit(rq) };
    if (id != 0 && object.len == 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "object");
    }
    if (!given && id == 0) {
        page.before = journal_head_position(rq->app->journal) + 1;
    }
    api_list_begin(reply);
    BG_TRY(id != 0 ? list_of(rq, object, id, &page, reply) : list_back(rq, object, &page, reply));
    api_list_end(rq, reply, &page.before, page.more ? 1 : 0);
    return BG_DONE;
}

/* --- one entry --- */
static const struct api_field entry_reply[] = {
    ENTRY_FIELDS,
    API_F("body", API_JSON, .null = true, .zh = "记录的内容", .en = "what was recorded"),
    API_F_END,
};

static bg_err position_of(struct api_request *rq, int64_t *ret)
{
    if (!bg_str_int(rq->param[0], ret) || *ret < 1) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    return BG_DONE;
}

static bg_err entry_read(struct api_request *rq, struct bg_buf *reply)
{
    int64_t position;
    struct journal_event event;
    BG_TRY(need_city(rq));
    BG_TRY(position_of(rq, &position));
    BG_TRY(journal_get(rq->tx, position, rq->arena, &event));
    if (event.city != rq->city) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    bg_json_object(reply);
    entry_members(&event, reply);
    bg_json_key(reply, "body");
    if (event.body.len > 0) {
        bg_json_raw(reply, event.body);
    } else {
        bg_json_null(reply);
    }
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- heads and proofs --- */
static const struct api_field head_reply[] = {
    API_F("version", API_INT, .zh = "格式版本", .en = "version of the form"),
    API_F("log", API_TEXT, .zh = "日志标识", .en = "which journal"),
    API_F("hash", API_TEXT, .zh = "散列算法", .en = "hash algorithm"),
    API_F("size", API_INT, .zh = "条数", .en = "entries"),
    API_F("root", API_TEXT, .zh = "树根", .en = "root of the tree"),
    API_F("chain", API_TEXT, .zh = "链尾", .en = "end of the chain"),
    API_F("at", API_TIME, .zh = "签署时间", .en = "signed at"),
    API_F("key", API_TEXT, .zh = "签名公钥", .en = "public key"),
    API_F("signature", API_TEXT, .zh = "签名", .en = "signature"),
    API_F_END,
};

static bg_err head_read(struct api_request *rq, struct bg_buf *reply)
{
    struct journal_head head;
    BG_TRY(journal_sign_head(rq->app->journal, &head, NULL));
    return journal_head_json(&head, reply);
}

static const struct api_field proof_reply[] = {
    API_F("position", API_ID, .zh = "序号", .en = "position"),
    API_F("size", API_INT, .zh = "树的条数", .en = "entries of the tree"),
    API_F("leaf", API_TEXT, .zh = "叶子散列", .en = "hash of the leaf"),
    API_F("salt", API_TEXT, .null = true, .zh = "盐", .en = "salt"),
    API_F("body", API_TEXT, .null = true, .zh = "内容原文", .en = "the body as it was hashed"),
    API_F("proof", API_ARRAY, .of = API_TEXT, .zh = "证明路径", .en = "hashes of the proof (RFC 9162 2.1.3)"),
    API_F("head", API_OBJECT, .fields = head_reply, .zh = "签名的树头", .en = "the signed head"),
    API_F_END,
};

/* Body and salt are for those who may read the journal; without them the proof still shows that the leaf lies in the tree. */
static bg_err put_body(struct api_request *rq, const struct journal_event *event, const uint8_t salt[16], struct bg_buf *reply)
{
    bool reads = auth_may(rq->session, AUTH_RIGHT_JOURNAL_READ, &(struct auth_target){ .city = rq->city }, NULL);
    if (reads && event->body.len > 0) {
        put_hex(reply, "salt", salt, 16);
        bg_json_put_str(reply, "body", event->body);
        return BG_DONE;
    }
    bg_json_key(reply, "salt");
    bg_json_null(reply);
    bg_json_key(reply, "body");
    bg_json_null(reply);
    return BG_DONE;
}

static bg_err proof_read(struct api_request *rq, struct bg_buf *reply)
{
    struct journal_head head;
    struct journal_event event;
    STORE_SCOPED_READ tx = NULL;
    uint8_t leaf[32], salt[16] = { 0 }, (*proof)[32];
    size_t count;
    int64_t position;
    BG_TRY(position_of(rq, &position));
    BG_TRY(journal_sign_head(rq->app->journal, &head, NULL));
    BG_TRY(store_read_begin(rq->app->store, 5000, &tx)); /* after the head: the snapshot holds all that it covers */
    BG_TRY(journal_get(tx, position, rq->arena, &event));
    if (event.city != rq->city || position > head.size) {
        return BG_FAIL_AT(BG_NOT_FOUND, "position");
    }
    bg_err err = journal_leaf(tx, position, leaf, salt);
    if (err.code != BG_NOT_FOUND || event.body.len > 0) { /* an erased body has no salt any more; its leaf is there all the same */
        BG_TRY(err);
    }
    BG_TRY(journal_inclusion(tx, position, head.size, rq->arena, &proof, &count));
    bg_json_object(reply);
    bg_json_put_id(reply, "position", position);
    bg_json_put_int(reply, "size", head.size);
    put_hex(reply, "leaf", leaf, sizeof leaf);
    BG_TRY(put_body(rq, &event, salt, reply));
    put_hashes(reply, "proof", proof, count);
    bg_json_key(reply, "head");
    BG_TRY(journal_head_json(&head, reply));
    bg_json_object_end(reply);
    return BG_DONE;
}

static const struct api_field consistency_query[] = {
    API_F("from", API_INT, .required = true, .min = 1, .max = INT64_MAX, .zh = "先前的条数", .en = "entries of the earlier head"),
    API_F("to", API_INT, .required = true, .min = 1, .max = INT64_MAX, .zh = "后来的条数", .en = "entries of the later head"),
    API_F_END,
};
static const struct api_field consistency_reply[] = {
    API_F("from", API_INT, .zh = "先前的条数", .en = "entries of the earlier head"),
    API_F("to", API_INT, .zh = "后来的条数", .en = "entries of the later head"),
    API_F("from_root", API_TEXT, .zh = "先前的树根", .en = "root of the earlier head"),
    API_F("to_root", API_TEXT, .zh = "后来的树根", .en = "root of the later head"),
    API_F("proof", API_ARRAY, .of = API_TEXT, .zh = "证明路径", .en = "hashes of the proof (RFC 9162 2.1.4)"),
    API_F_END,
};

static bg_err consistency_read(struct api_request *rq, struct bg_buf *reply)
{
    int64_t from = api_int(&rq->query, "from", 0), to = api_int(&rq->query, "to", 0);
    uint8_t first[32], second[32], (*proof)[32];
    size_t count;
    BG_TRY(journal_consistency(rq->tx, from, to, rq->arena, &proof, &count));
    BG_TRY(journal_root(rq->tx, from, first));
    BG_TRY(journal_root(rq->tx, to, second));
    bg_json_object(reply);
    bg_json_put_int(reply, "from", from);
    bg_json_put_int(reply, "to", to);
    put_hex(reply, "from_root", first, sizeof first);
    put_hex(reply, "to_root", second, sizeof second);
    put_hashes(reply, "proof", proof, count);
    bg_json_object_end(reply);
    return BG_DONE;
}

#define ROW(path_, right_, ...) { .method = "GET", .path = "/api/v1" path_, .right = right_, .module = MODULE, __VA_ARGS__ }
const struct api_route api_routes_journal[] = {
    ROW("/journal", AUTH_RIGHT_JOURNAL_READ, .flags = API_LIST | API_SLOW, .query = list_query, .reply = entry_row, .read = list_read,
        .zh = "日志，新的在前", .en = "entries of the journal, newest first"),
    ROW("/journal/head", AUTH_RIGHT_JOURNAL_PROVE, .flags = API_SLOW | API_NO_ETAG, .reply = head_reply, .read = head_read,
        .zh = "签名的树头", .en = "the newest head, signed"),
    ROW("/journal/consistency", AUTH_RIGHT_JOURNAL_PROVE, .flags = API_SLOW, .query = consistency_query, .reply = consistency_reply,
        .read = consistency_read, .zh = "后来的日志延续了先前的", .en = "proof that a later head continues an earlier one"),
    ROW("/journal/{position}", AUTH_RIGHT_JOURNAL_READ, .reply = entry_reply, .read = entry_read, .zh = "一条日志", .en = "one entry"),
    ROW("/journal/{position}/proof", AUTH_RIGHT_JOURNAL_PROVE, .flags = API_SLOW | API_NO_ETAG, .reply = proof_reply, .read = proof_read,
        .zh = "一条日志在树中的证明", .en = "proof that an entry lies in the tree of a signed head"),
    { 0 },
};
