/* Labels of lots: PDF for any printer, ZPL for label printers. */
#include "api/api.h"
#include "api/people.h"
#include "api/routes.h"
#include "codec/gs1.h"
#include "ledger/ledger.h"
#include "print/print.h"

#define MODULE "print"
#define LABEL_MAX_BYTES ((size_t)32 << 20)
#define COPIES_MAX 200

static const char *const label_formats[] = { "pdf", "zpl", NULL };
static const struct api_field label_query[] = {
    { "quantity", API_INT, .min = 1, .max = 99999999, .zh = "每张标签上的数量（基本单位）",
      .en = "quantity on each label, base units" },
    { "copies", API_INT, .min = 1, .max = COPIES_MAX, .zh = "张数，默认 1", .en = "labels, 1 by default" },
    { "place", API_ID, .zh = "在哪个库点打印", .en = "the place that prints" },
    { "format", API_TEXT, .words = label_formats, .zh = "格式：pdf（默认）或 zpl", .en = "pdf (default) or zpl" },
    { "dpi", API_INT, .min = 203, .max = 600, .zh = "标签打印机分辨率，默认 203",
      .en = "dots an inch of the label printer, 203 by default" },
    { 0 },
};

/* The GTIN of one base unit; the code of a carton says more than a label with its own quantity may. */
static bg_err base_gtin(struct store_tx *tx, struct api_request *rq, int64_t item, bg_str *ret)
{
    struct ledger_code *codes;
    size_t count;
    BG_TRY(ledger_code_list(tx, rq->city, item, rq->arena, &codes, &count));
    *ret = BG_STR("");
    for (size_t i = 0; i < count && ret->len == 0; i++) {
        if (bg_str_is(codes[i].scheme, "gtin") && codes[i].units == 1) {
            *ret = codes[i].code;
        }
    }
    return BG_DONE;
}

static bg_err label_read(struct api_request *rq, struct store_tx *tx, struct print_label *ret)
{
    struct ledger_lot lot;
    struct ledger_item item;
    struct ledger_place place = { 0 };
    int64_t at = api_int(&rq->query, "place", 0);
    BG_TRY(ledger_lot_get(tx, rq->city, rq->param_id[0], rq->arena, &lot));
    BG_TRY(ledger_item_get(tx, rq->city, lot.item, rq->arena, &item));
    if (at != 0) {
        BG_TRY(ledger_place_get(tx, rq->city, at, rq->arena, &place));
    }
    *ret = (struct print_label){ .name_zh = item.name_zh,
                                 .name_en = item.name_en,
                                 .item_code = item.code,
                                 .spec = item.spec,
                                 .unit = item.unit,
                                 .lot = lot.batch,
                                 .made = lot.made,
                                 .expiry = lot.expiry,
                                 .place = place.name_zh,
                                 .qty = api_int(&rq->query, "quantity", 0),
                                 .printed_on = bg_date_at(rq->now, BG_CITY_OFFSET_MIN) };
    return base_gtin(tx, rq, item.id, &ret->gtin);
}

static bg_err label_draw(struct api_request *rq, const struct print_label *label, struct bg_buf *out)
{
    struct print *print;
    int64_t copies = api_int(&rq->query, "copies", 1);
    BG_TRY(print_open(PRINT_LABEL_WIDTH_MM, PRINT_LABEL_HEIGHT_MM, label->name_zh, &print));
    for (int64_t i = 0; i < copies; i++) {
        if (i > 0) {
            print_page(print);
        }
        bg_err e = print_label(print, label, rq->arena);
        if (bg_failed(e)) {
            print_discard(print);
            return e;
        }
    }
    return bg_str_is(api_text(&rq->query, "format"), "zpl") ? print_close_zpl(print, (int)api_int(&rq->query, "dpi", 203), out)
                                                            : print_close(print, out);
}

static void label_pool(struct api_request *rq)
{
    STORE_SCOPED_READ tx = NULL;
    struct print_label label;
    BG_SCOPED_BUF out = bg_buf_init(LABEL_MAX_BYTES);
    bg_err e = store_read_begin(rq->app->store, 2000, &tx);
    if (!bg_failed(e)) {
        e = label_read(rq, tx, &label);
    }
    if (!bg_failed(e)) {
        e = label_draw(rq, &label, &out);
    }
    if (bg_failed(e)) {
        api_answer_error(rq, e);
        return;
    }
    bool zpl = bg_str_is(api_text(&rq->query, "format"), "zpl");
    api_header(rq, "Content-Disposition",
               zpl ? BG_STR("attachment; filename=\"label.zpl\"") : BG_STR("inline; filename=\"label.pdf\""));
    api_answer(rq, 200, zpl ? "application/octet-stream" : "application/pdf", bg_buf_str(&out));
}

static bg_err label_own(struct api_request *rq)
{
    return people_pool(rq, label_pool);
}

const struct api_route api_routes_label[] = {
    { .method = "GET",
      .path = "/api/v1/lots/{id}/label",
      .right = AUTH_RIGHT_ITEM_READ,
      .query = label_query,
      .media = "application/pdf",
      .own = label_own,
      .module = MODULE,
      .zh = "批号标签（PDF 或 ZPL），可扫描",
      .en = "label of a lot (PDF or ZPL), to be scanned" },
    { 0 },
};
