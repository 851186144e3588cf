/* Routes that change the ledger: documents, reversals, holds, counts, recall, settlement of reviews. */
#include "api/routes.h"
#include "api/sight.h"

#define MODULE "ledger"

static const char *const paid_words[] = { "paid", "free", NULL };
static const char *const kind_words[] = { "receive", "issue", "transfer", "send",  "arrive", "status",
                                          "adjust",  "use",   "make",     "owner", NULL };

/* --- documents --- */
#define KEY_FIELDS(required_)                                                                                                    \
    { "place", API_ID, .required = (required_), .zh = "库点", .en = "place" }, { "bin", API_ID, .zh = "货位", .en = "bin" },     \
        { "owner", API_ID, .zh = "权属，缺省为库点的默认权属", .en = "owner; the place's default when absent" },                 \
        { "item", API_ID, .zh = "品种", .en = "item" }, { "lot", API_ID, .zh = "批号", .en = "lot" },                            \
    {                                                                                                                            \
        "status", API_TEXT, .words = ledger_status_slugs, .zh = "状态", .en = "status"                                           \
    }
static const struct api_field key_fields[] = { KEY_FIELDS(true), { 0 } };
static const struct api_field line_fields[] = {
    { "from", API_OBJECT, .fields = key_fields, .zh = "转出账户；用预占时可省",
      .en = "account it leaves; may be left out with a hold" },
    { "to", API_OBJECT, .required = true, .fields = key_fields, .zh = "转入账户", .en = "account it goes to" },
    { "qty", API_INT, .required = true, .min = 1, .max = BG_QTY_MAX, .zh = "数量（基本单位）", .en = "quantity in base units" },
    { "hold", API_ID, .zh = "使用的预占", .en = "hold it uses up" },
    { "reason", API_TEXT, .words = ledger_reason_slugs, .zh = "原因，缺省同单据", .en = "reason; the document's when absent" },
    { "paid", API_TEXT, .words = paid_words, .zh = "权属变更：有偿或无偿", .en = "change of owner: paid or free" },
    { "note", API_TEXT, .max = 500, .zh = "备注", .en = "remark" },
    { 0 },
};
static const struct api_field document_body[] = {
    { "kind", API_TEXT, .required = true, .words = kind_words, .zh = "单据类型", .en = "kind of document" },
    { "reason", API_TEXT, .words = ledger_reason_slugs, .zh = "原因", .en = "reason" },
    { "place", API_ID, .zh = "办理库点", .en = "place that posts it" },
    { "other", API_ID, .zh = "对方库点", .en = "the other place" },
    { "reference", API_TEXT, .max = 60, .zh = "纸质单号", .en = "the paper's own number" },
    { "note", API_TEXT, .max = 500, .zh = "备注", .en = "remark" },
    { "fact", API_BOOL, .zh = "已发生的事实：总要记下，不符的开差异单",
      .en = "already happened: always recorded, what does not fit opens a review" },
    { "override", API_BOOL, .zh = "过期或冻结的仍发出（须说明）", .en = "let expired or blocked goods leave, with a remark" },
    { "occurred_at", API_TIME, .zh = "发生时间，缺省为现在", .en = "when it happened; now when absent" },
    { "shipment", API_ID, .zh = "签收的发运单", .en = "the sending document that arrives" },
    { "final", API_BOOL, .zh = "再无后续到货", .en = "nothing more will come" },
    { "lines", API_ARRAY, .required = true, .max = LEDGER_LINES_MAX, .of = API_OBJECT, .fields = line_fields,
      .zh = "明细；仅“再无后续到货”可为空", .en = "lines; none only when nothing of a sending arrived" },
    { 0 },
};
static const struct api_field document_reply[] = {
    { "document", API_JSON, .zh = "单据", .en = "the document" },
    { "movements", API_JSON, .zh = "流水", .en = "its movements" },
    { "reviews", API_JSON, .zh = "差异单", .en = "reviews it opened" },
    { 0 },
};

static struct ledger_key key_of(const struct api_object *k)
{
    return (struct ledger_key){ .place = api_int(k, "place", 0),
                                .bin = api_int(k, "bin", 0),
                                .owner = api_int(k, "owner", 0),
                                .item = api_int(k, "item", 0),
                                .lot = api_int(k, "lot", 0),
                                .status = ledger_word_of(ledger_statuses, api_text(k, "status")) };
}

static struct ledger_line line_of(const struct api_object *line)
{
    struct ledger_line out = { .qty = api_int(line, "qty", 0),
                               .hold = api_int(line, "hold", 0),
                               .reason = ledger_word_of(ledger_reasons, api_text(line, "reason")),
                               .paid = ledger_word_of(ledger_paids, api_text(line, "paid")),
                               .note = api_text(line, "note") };
    struct api_object to = api_inside(line, "to", 0);
    out.to = key_of(&to);
    if (api_given(line, "from")) {
        struct api_object from = api_inside(line, "from", 0);
        out.from = key_of(&from);
    }
    return out;
}

static bg_err lines_of(struct api_request *rq, const struct ledger_line **ret, size_t *ret_count)
{
    const struct api_value *value = api_get(&rq->body, "lines");
    struct ledger_line *lines = bg_arena_array(rq->arena, value->count + 1, sizeof *lines);
    BG_TRY(bg_need(lines));
    for (size_t i = 0; i < value->count; i++) {
        struct api_object line = api_inside(&rq->body, "lines", i);
        lines[i] = line_of(&line);
    }
    *ret = lines;
    *ret_count = value->count;
    return BG_DONE;
}

/* The place that posts the document: named, or that of the first line. The ledger holds every other line to it. */
static int64_t acting_place(const struct ledger_post *post)
{
    if (post->place != 0 || post->count == 0) {
        return post->place;
    }
    bool incoming = post->kind == LEDGER_KIND_RECEIVE || post->kind == LEDGER_KIND_ARRIVE || post->kind == LEDGER_KIND_MAKE;
    return incoming || post->lines[0].from.place == 0 ? post->lines[0].to.place : post->lines[0].from.place;
}

static bg_err document_post(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    const struct api_object *b = &rq->body;
    struct ledger_post *post = bg_arena_get(rq->arena, sizeof *post);
    BG_TRY(bg_need(post));
    *post = (struct ledger_post){ .kind = ledger_word_of(ledger_kinds, api_text(b, "kind")),
                                  .fact = api_int(b, "fact", 0) != 0,
                                  .override = api_int(b, "override", 0) != 0,
                                  .reason = ledger_word_of(ledger_reasons, api_text(b, "reason")),
                                  .reference = api_text(b, "reference"),
                                  .note = api_text(b, "note"),
                                  .place = api_int(b, "place", 0),
                                  .other = api_int(b, "other", 0),
                                  .shipment = api_int(b, "shipment", 0),
                                  .final = api_int(b, "final", 0) != 0 };
    BG_TRY(lines_of(rq, &post->lines, &post->count));
    enum auth_right right = post->kind == LEDGER_KIND_USE ? AUTH_RIGHT_USE_REPORT : AUTH_RIGHT_LEDGER_POST;
    int64_t acting = acting_place(post);
    BG_TRY(sight_need(rq, acting, AUTH_RIGHT_PLACE_READ, right, NULL));
    post->place = acting; /* so the ledger refuses a line that would act at any other place, also through a hold */
    if (post->override) { /* expired or blocked goods may leave: somebody with that right says so, and why */
        BG_TRY(sight_need(rq, acting, AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_LEDGER_OVERRIDE, NULL));
        if (post->note.len == 0) {
            return BG_FAIL_AT(BG_BAD_INPUT, "note");
        }
        rq->reason = post->note;
    }
    *ret_kind = &ledger_posting;
    *ret_in = post;
    return BG_DONE;
}

static const struct api_field reverse_body[] = {
    { "note", API_TEXT, .max = 500, .zh = "备注", .en = "remark" },
    { "reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why" },
    { "occurred_at", API_TIME, .zh = "冲正日期，缺省同原单", .en = "dated; like the original when absent" },
    { 0 },
};

/* The place that a document or a movement belongs to decides who may take it back. */
static bg_err reverse_of(struct api_request *rq, int64_t place, int64_t document, int64_t movement,
                         const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_reverse *in = bg_arena_get(rq->arena, sizeof *in);
    BG_TRY(bg_need(in));
    BG_TRY(sight_need(rq, place, AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_LEDGER_REVERSE, NULL));
    *in = (struct ledger_reverse){ .document = document, .movement = movement, .note = api_text(&rq->body, "note") };
    *ret_kind = &ledger_reversing;
    *ret_in = in;
    return BG_DONE;
}

static bg_err document_reverse(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_document document;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(rq->app->store, 1000, &tx));
    BG_TRY(ledger_document_get(tx, rq->city, rq->param_id[0], rq->arena, &document));
    return reverse_of(rq, document.place, document.id, 0, ret_kind, ret_in);
}

static bg_err movement_reverse(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_movement movement;
    struct ledger_document document;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(rq->app->store, 1000, &tx));
    BG_TRY(ledger_movement_get(tx, rq->city, rq->param_id[0], rq->arena, &movement));
    BG_TRY(ledger_document_get(tx, rq->city, movement.document, rq->arena, &document));
    return reverse_of(rq, document.place, 0, movement.id, ret_kind, ret_in);
}

/* --- holds --- */
static const struct api_field hold_line_fields[] = {
    KEY_FIELDS(true),
    { "qty", API_INT, .required = true, .min = 1, .max = BG_QTY_MAX, .zh = "数量", .en = "quantity" },
    { 0 },
};
static const struct api_field hold_body[] = {
    { "lines", API_ARRAY, .required = true, .min = 1, .max = LEDGER_LINES_MAX, .of = API_OBJECT, .fields = hold_line_fields,
      .zh = "明细", .en = "lines" },
    { "purpose", API_TEXT, .max = 60, .zh = "用途", .en = "for what" },
    { "target", API_ID, .zh = "将送往的库点", .en = "place it will go to" },
    { "due_at", API_TIME, .zh = "到期自动释放", .en = "lapses at" },
    { "reason", API_TEXT, .max = 2000, .zh = "理由", .en = "why" },
    { 0 },
};
static const struct api_field holds_reply[] = { { "holds", API_JSON, .zh = "预占", .en = "holds" }, { 0 } };

static bg_err holds_post(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    const struct api_value *value = api_get(&rq->body, "lines");
    struct ledger_hold_line *lines = bg_arena_array(rq->arena, value->count, sizeof *lines);
    struct ledger_reserve *in = bg_arena_get(rq->arena, sizeof *in);
    BG_TRY(bg_need(lines));
    BG_TRY(bg_need(in));
    int64_t checked = 0;
    for (size_t i = 0; i < value->count; i++) {
        struct api_object line = api_inside(&rq->body, "lines", i);
        lines[i] = (struct ledger_hold_line){ .account = key_of(&line), .qty = api_int(&line, "qty", 0) };
        lines[i].account.status = lines[i].account.status == 0 ? LEDGER_USABLE : lines[i].account.status;
        if (lines[i].account.place != checked) {
            BG_TRY(sight_need(rq, lines[i].account.place, AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_HOLD_WRITE, NULL));
            checked = lines[i].account.place;
        }
    }
    *in = (struct ledger_reserve){ .lines = lines,
                                   .count = value->count,
                                   .purpose = api_text(&rq->body, "purpose"),
                                   .target = api_int(&rq->body, "target", 0),
                                   .due_at = api_int(&rq->body, "due_at", BG_TIME_NONE) };
    *ret_kind = &ledger_reserving;
    *ret_in = in;
    return BG_DONE;
}

static const struct api_field void_body[] = { { "reason", API_TEXT, .max = 2000, .zh = "理由", .en = "why" }, { 0 } };

static bg_err hold_void(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_hold hold;
    struct ledger_release *in = bg_arena_get(rq->arena, sizeof *in);
    int64_t *id = bg_arena_get(rq->arena, sizeof *id);
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(bg_need(in));
    BG_TRY(bg_need(id));
    BG_TRY(store_read_begin(rq->app->store, 1000, &tx));
    BG_TRY(ledger_hold_get(tx, rq->city, rq->param_id[0], rq->arena, &hold));
    BG_TRY(sight_need(rq, hold.key.place, AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_HOLD_WRITE, NULL));
    *id = hold.id;
    *in = (struct ledger_release){ .holds = id, .count = 1 };
    *ret_kind = &ledger_releasing;
    *ret_in = in;
    return BG_DONE;
}

/* --- counts --- */
static const struct api_field count_body[] = {
    { "place", API_ID, .required = true, .zh = "库点", .en = "place" },
    { "title", API_TEXT, .required = true, .min = 1, .max = 200, .zh = "事由", .en = "occasion" },
    { "blind", API_BOOL, .zh = "盲盘：不显示账面数", .en = "blind: the counter is not shown what the ledger says" },
    { 0 },
};
static const struct api_field count_reply[] = {
    { "id", API_ID, .zh = "盘点单", .en = "count sheet" },
    { "place", API_ID, .zh = "库点", .en = "place" },
    { "state", API_TEXT, .zh = "状态", .en = "state" },
    { 0 },
};

static bg_err count_open(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_count_open *in = bg_arena_get(rq->arena, sizeof *in);
    BG_TRY(bg_need(in));
    BG_TRY(sight_need(rq, api_int(&rq->body, "place", 0), AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_COUNT_WRITE, NULL));
    *in = (struct ledger_count_open){ .place = api_int(&rq->body, "place", 0),
                                      .blind = api_int(&rq->body, "blind", 0) != 0,
                                      .title = api_text(&rq->body, "title") };
    *ret_kind = &ledger_count_opening;
    *ret_in = in;
    return BG_DONE;
}

static bg_err sheet_of(struct api_request *rq, struct store_tx *tx, enum auth_right right, struct ledger_count *ret)
{
    BG_TRY(ledger_count_get(tx, rq->city, rq->param_id[0], rq->arena, ret));
    return sight_need(rq, ret->place, AUTH_RIGHT_PLACE_READ, right, NULL);
}

static const struct api_field count_line_fields[] = {
    { "item", API_ID, .required = true, .zh = "品种", .en = "item" },
    { "lot", API_ID, .zh = "批号", .en = "lot" },
    { "owner", API_ID, .zh = "权属", .en = "owner" },
    { "bin", API_ID, .zh = "货位", .en = "bin" },
    { "status", API_TEXT, .words = ledger_status_slugs, .zh = "状态", .en = "status" },
    { "counted", API_INT, .required = true, .zh = "实盘数", .en = "counted" },
    { "counted_at", API_TIME, .zh = "清点时间", .en = "when it was counted" },
    { "reason", API_TEXT, .words = ledger_reason_slugs, .zh = "差异原因", .en = "reason of a difference" },
    { "recount", API_BOOL, .zh = "复盘", .en = "a recount" },
    { "note", API_TEXT, .max = 500, .zh = "备注", .en = "remark" },
    { 0 },
};
static const struct api_field count_lines_body[] = {
    { "lines", API_ARRAY, .required = true, .min = 1, .max = 500, .of = API_OBJECT, .fields = count_line_fields, .zh = "明细",
      .en = "lines" },
    { 0 },
};
static const struct api_field lines_reply[] = { { "lines", API_JSON, .zh = "明细", .en = "lines" }, { 0 } };

static bg_err count_scan(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_count sheet;
    const struct api_value *value = api_get(&rq->body, "lines");
    struct ledger_count_scan *lines = bg_arena_array(rq->arena, value->count, sizeof *lines);
    struct ledger_count_scans *in = bg_arena_get(rq->arena, sizeof *in);
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(bg_need(lines));
    BG_TRY(bg_need(in));
    BG_TRY(store_read_begin(rq->app->store, 1000, &tx));
    BG_TRY(sheet_of(rq, tx, AUTH_RIGHT_COUNT_WRITE, &sheet));
    for (size_t i = 0; i < value->count; i++) {
        struct api_object l = api_inside(&rq->body, "lines", i);
        int status = ledger_word_of(ledger_statuses, api_text(&l, "status"));
        lines[i] = (struct ledger_count_scan){ .key = { .place = sheet.place,
                                                        .bin = api_int(&l, "bin", 0),
                                                        .owner = api_int(&l, "owner", 0),
                                                        .item = api_int(&l, "item", 0),
                                                        .lot = api_int(&l, "lot", 0),
                                                        .status = status == 0 ? LEDGER_USABLE : status },
                                               .counted = api_int(&l, "counted", 0),
                                               .counted_at = api_int(&l, "counted_at", BG_TIME_NONE),
                                               .reason = ledger_word_of(ledger_reasons, api_text(&l, "reason")),
                                               .recount = api_int(&l, "recount", 0) != 0,
                                               .note = api_text(&l, "note") };
    }
    *in = (struct ledger_count_scans){ .sheet = sheet.id, .lines = lines, .count = value->count };
    *ret_kind = &ledger_count_scanning;
    *ret_in = in;
    return BG_DONE;
}

static const char *const move_words[] = { "review", "dropped", NULL };
static const char *const judge_words[] = { "posted", "counting", NULL };
static const struct api_field count_move_body[] = {
    { "to", API_TEXT, .required = true, .words = move_words, .zh = "送审或作废", .en = "send to review, or drop" },
    { "note", API_TEXT, .max = 500, .zh = "备注", .en = "remark" },
    { 0 },
};
static const struct api_field count_judge_body[] = {
    { "to", API_TEXT, .required = true, .words = judge_words, .zh = "过账，或退回复盘",
      .en = "post, or send back for a recount" },
    { "note", API_TEXT, .max = 500, .zh = "备注", .en = "remark" },
    { 0 },
};

static bg_err count_to(struct api_request *rq, enum auth_right right, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_count sheet;
    struct ledger_count_move *in = bg_arena_get(rq->arena, sizeof *in);
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(bg_need(in));
    BG_TRY(store_read_begin(rq->app->store, 1000, &tx));
    BG_TRY(sheet_of(rq, tx, right, &sheet));
    *in = (struct ledger_count_move){ .sheet = sheet.id,
                                      .to = ledger_word_of(ledger_count_states, api_text(&rq->body, "to")),
                                      .note = api_text(&rq->body, "note") };
    *ret_kind = &ledger_count_moving;
    *ret_in = in;
    return BG_DONE;
}

static bg_err count_move(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return count_to(rq, AUTH_RIGHT_COUNT_WRITE, ret_kind, ret_in);
}

static bg_err count_judge(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    return count_to(rq, AUTH_RIGHT_COUNT_REVIEW, ret_kind, ret_in);
}

static const struct api_field counts_query[] = { { "place", API_ID, .zh = "库点", .en = "place" }, { 0 } };

static bg_err counts_get(struct api_request *rq, struct bg_buf *reply)
{
    int64_t before[1], limit = api_limit(rq), last = 0;
    bool given;
    struct sight sight;
    struct ledger_count *list;
    size_t count;
    BG_TRY(sight_of(rq, AUTH_RIGHT_STOCK_READ, &sight));
    BG_TRY(api_cursor(rq, before, 1, &given));
    BG_TRY(ledger_count_list(rq->tx, rq->city, api_int(&rq->query, "place", 0), given ? before[0] : 0, (size_t)limit, rq->arena,
                             &list, &count));
    api_list_begin(reply);
    for (size_t i = 0; i < count; i++) {
        last = list[i].id;
        if (sight_has(&sight, list[i].place)) {
            ledger_count_json(&list[i], reply);
        }
    }
    api_list_end(rq, reply, &last, count == (size_t)limit ? 1 : 0);
    return BG_DONE;
}

/* Blind while counting: the counter does not see what the ledger says. */
static void count_line_json(struct bg_buf *reply, const struct ledger_count_line *line, bool blind)
{
    bg_json_object(reply);
    api_put_id(reply, "item", line->key.item);
    api_put_id(reply, "lot", line->key.lot);
    api_put_id(reply, "owner", line->key.owner);
    api_put_id(reply, "bin", line->key.bin);
    bg_json_put_str(reply, "status", bg_str_of(ledger_slug(ledger_statuses, line->key.status)));
    bg_json_put_int(reply, "round", line->round);
    bg_json_put_bool(reply, "last", line->last);
    bg_json_put_int(reply, "counted", line->counted);
    api_put_time(reply, "counted_at", line->counted_at);
    api_put_id(reply, "counted_by", line->counted_by);
    bg_json_key(reply, "expected");
    if (blind) {
        bg_json_null(reply);
    } else {
        bg_json_int(reply, line->expected_now);
    }
    bg_json_key(reply, "difference");
    if (blind) {
        bg_json_null(reply);
    } else {
        bg_json_int(reply, line->counted - line->expected_now);
    }
    bg_json_put_str(reply, "note", line->note);
    bg_json_object_end(reply);
}

static bg_err count_get(struct api_request *rq, struct bg_buf *reply)
{
    struct ledger_count sheet;
    struct ledger_count_line *lines;
    size_t count;
    BG_TRY(sheet_of(rq, rq->tx, AUTH_RIGHT_STOCK_READ, &sheet));
    BG_TRY(ledger_count_lines(rq->tx, rq->city, sheet.id, rq->arena, &lines, &count));
    bg_json_object(reply);
    bg_json_key(reply, "sheet");
    ledger_count_json(&sheet, reply);
    bg_json_key(reply, "lines");
    bg_json_array(reply);
    for (size_t i = 0; i < count; i++) {
        count_line_json(reply, &lines[i], sheet.blind && sheet.state == LEDGER_COUNT_OPEN);
    }
    bg_json_array_end(reply);
    bg_json_object_end(reply);
    return BG_DONE;
}

/* --- recall --- */
static const struct api_field recall_body[] = {
    { "recall", API_BOOL, .zh = "召回；否则仅冻结", .en = "recall; else only block" },
    { "open", API_BOOL, .zh = "解除冻结（召回不可解除）", .en = "open a blocked lot again (a recall stays)" },
    { "reason", API_TEXT, .required = true, .min = 1, .max = 2000, .zh = "理由", .en = "why" },
    { 0 },
};

static bg_err recall_post(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_recall *in = bg_arena_get(rq->arena, sizeof *in);
    BG_TRY(bg_need(in));
    BG_TRY(auth_need(rq->session, AUTH_RIGHT_RECALL, &(struct auth_target){ .city = rq->city }, rq->arena));
    int shut = api_int(&rq->body, "recall", 1) != 0 ? LEDGER_LOT_RECALLED : LEDGER_LOT_BLOCKED;
    *in = (struct ledger_recall){ .lot = rq->param_id[0], .why = rq->reason,
                                  .state = api_int(&rq->body, "open", 0) != 0 ? LEDGER_LOT_OPEN : shut };
    *ret_kind = &ledger_recalling;
    *ret_in = in;
    return BG_DONE;
}

/* --- reviews --- */
static const struct api_field settle_body[] = {
    { "lines", API_ARRAY, .max = 50, .of = API_OBJECT, .fields = line_fields, .zh = "处理分录；没有则为已说明",
      .en = "lines that settle it; none: explained" },
    { "note", API_TEXT, .required = true, .min = 1, .max = 500, .zh = "说明", .en = "explanation" },
    { "reason", API_TEXT, .max = 2000, .zh = "理由", .en = "why" },
    { 0 },
};

static bg_err review_settle(struct api_request *rq, const struct change_kind **ret_kind, const void **ret_in)
{
    struct ledger_review review;
    struct ledger_settle *in = bg_arena_get(rq->arena, sizeof *in);
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(bg_need(in));
    BG_TRY(store_read_begin(rq->app->store, 1000, &tx));
    BG_TRY(ledger_review_get(tx, rq->city, rq->param_id[0], rq->arena, &review));
    BG_TRY(sight_need(rq, review.place, AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_COUNT_REVIEW, NULL));
    *in = (struct ledger_settle){ .review = review.id, .note = api_text(&rq->body, "note") };
    BG_TRY(lines_of(rq, &in->lines, &in->count));
    for (size_t i = 0; i < in->count; i++) { /* goods of another place may explain it: with the right there, too */
        const int64_t sides[] = { in->lines[i].from.place, in->lines[i].to.place };
        for (size_t s = 0; s < 2; s++) {
            if (sides[s] != 0 && sides[s] != review.place) {
                BG_TRY(sight_need(rq, sides[s], AUTH_RIGHT_PLACE_READ, AUTH_RIGHT_COUNT_REVIEW, NULL));
            }
        }
    }
    *ret_kind = &ledger_settling;
    *ret_in = in;
    return BG_DONE;
}

#define ROW(method_, path_, right_, ...)                                                                                         \
    {                                                                                                                            \
        .method = method_, .path = "/api/v1" path_, .right = right_, .module = MODULE, __VA_ARGS__                               \
    }
const struct api_route api_routes_ledger[] = {
    ROW("POST", "/documents", AUTH_RIGHT_USE_REPORT, .body = document_body, .reply = document_reply, .status = 201,
        .write = document_post, .zh = "记一张单据：入库、出库、发运、签收、使用……",
        .en = "post a document: receipt, issue, sending, arrival, use, …"),
    ROW("POST", "/documents/{id}/reverse", AUTH_RIGHT_LEDGER_REVERSE, .body = reverse_body, .reply = document_reply,
        .status = 201, .write = document_reverse, .zh = "冲正整张单据", .en = "reverse a document"),
    ROW("POST", "/movements/{id}/reverse", AUTH_RIGHT_LEDGER_REVERSE, .body = reverse_body, .reply = document_reply,
        .status = 201, .write = movement_reverse, .zh = "冲正一笔流水", .en = "reverse a movement"),
    ROW("POST", "/holds", AUTH_RIGHT_HOLD_WRITE, .body = hold_body, .reply = holds_reply, .status = 201, .write = holds_post,
        .zh = "预占", .en = "reserve stock"),
    ROW("POST", "/holds/{id}/void", AUTH_RIGHT_HOLD_WRITE, .body = void_body, .reply = holds_reply, .write = hold_void,
        .zh = "解除预占", .en = "release a hold"),
    ROW("GET", "/counts", AUTH_RIGHT_STOCK_READ, .flags = API_LIST | API_SCOPED, .query = counts_query, .reply = count_reply,
        .read = counts_get, .zh = "盘点单", .en = "count sheets"),
    ROW("POST", "/counts", AUTH_RIGHT_COUNT_WRITE, .body = count_body, .reply = count_reply, .status = 201, .write = count_open,
        .zh = "开盘点单", .en = "open a count"),
    ROW("GET", "/counts/{id}", AUTH_RIGHT_STOCK_READ, .flags = API_SCOPED, .read = count_get, .zh = "一张盘点单",
        .en = "one count sheet"),
    ROW("POST", "/counts/{id}/lines", AUTH_RIGHT_COUNT_WRITE, .body = count_lines_body, .reply = lines_reply, .write = count_scan,
        .zh = "录入实盘", .en = "record what was counted"),
    ROW("POST", "/counts/{id}/move", AUTH_RIGHT_COUNT_WRITE, .body = count_move_body, .reply = count_reply, .write = count_move,
        .zh = "盘点送审或作废", .en = "send a count to review, or drop it"),
    ROW("POST", "/counts/{id}/judge", AUTH_RIGHT_COUNT_REVIEW, .body = count_judge_body, .reply = count_reply,
        .write = count_judge, .zh = "复核盘点：过账或退回（非盘点人）",
        .en = "review a count: post it or send it back (not the counter)"),
    ROW("POST", "/lots/{id}/recall", AUTH_RIGHT_RECALL, .body = recall_body, .write = recall_post, .zh = "召回或冻结批号",
        .en = "recall or block a lot"),
    ROW("POST", "/reviews/{id}/settle", AUTH_RIGHT_COUNT_REVIEW, .body = settle_body, .write = review_settle, .zh = "处理差异单",
        .en = "settle a review"),
    { 0 },
};
