/* The label of a carton or pack. */
#include "codec/gs1.h"
#include "print/inner.h"

bg_err print_label_elements(const struct print_label *label, struct bg_arena *arena, bg_str *ret)
{
    struct gs1_element element[5];
    struct gs1 gs1;
    size_t count = 0;
    int year, month, day;
    bool own = label->gtin.len == 0;
    element[count++] =
        own ? (struct gs1_element){ BG_STR("91"), bg_str_of(bg_arena_text(arena, "BG%.*s", BG_STR_FMT(label->item_code))) }
            : (struct gs1_element){ BG_STR("01"), label->gtin };
    if (label->expiry != BG_DATE_NONE) {
        bg_date_parts(label->expiry, &year, &month, &day);
        element[count++] = (struct gs1_element){ own ? BG_STR("93") : BG_STR("17"),
                                                 bg_str_of(bg_arena_text(arena, "%02d%02d%02d", year % 100, month, day)) };
    }
    if (label->lot.len > 0) {
        element[count++] = (struct gs1_element){ own ? BG_STR("92") : BG_STR("10"), label->lot };
    }
    if (label->qty > 0 && label->qty <= 99999999) {
        element[count++] = (struct gs1_element){ own ? BG_STR("94") : BG_STR("30"),
                                                 bg_str_of(bg_arena_text(arena, "%lld", (long long)label->qty)) };
    }
    BG_TRY(gs1_of_elements(arena, element, count, &gs1));
    return gs1_write_brackets(arena, &gs1, ret);
}

static void put_pair(struct print *print, double y, const char *zh, bg_str value)
{
    (void)print_text(print, 4, y + 0.6, 20, 7.5, PRINT_GREY, bg_str_of(zh));
    (void)print_text(print, 24, y, 38, 10.5, PRINT_BOLD | PRINT_ONE_LINE, value);
}

static bg_str date_text(struct bg_arena *arena, bg_date date)
{
    char text[11] = "—";
    if (date != BG_DATE_NONE) {
        bg_date_text(date, text);
    }
    return bg_arena_copy(arena, bg_str_of(text));
}

bg_err print_label(struct print *print, const struct print_label *label, struct bg_arena *arena)
{
    bg_str elements;
    BG_TRY(print_label_elements(label, arena, &elements));
    (void)print_text(print, 4, 2.5, 92, 15, PRINT_BOLD | PRINT_ONE_LINE, label->name_zh);
    (void)print_text(print, 4, 9.6, 92, 8.5, PRINT_ONE_LINE, label->name_en);
    (void)print_text(print, 4, 13.6, 92, 8.5, PRINT_GREY | PRINT_ONE_LINE, label->spec);
    print_line(print, 4, 18, 96, 18, 0.3);
    put_pair(print, 19.5, "编码 Code", label->item_code);
    put_pair(print, 25, "批号 Lot", label->lot.len > 0 ? label->lot : BG_STR("—"));
    put_pair(print, 30.5, "有效期 Expiry", date_text(arena, label->expiry));
    put_pair(print, 36, "生产 Made", date_text(arena, label->made));
    const char *qty = label->qty > 0 ? bg_arena_text(arena, "%lld %.*s", (long long)label->qty, BG_STR_FMT(label->unit)) : "—";
    BG_TRY(bg_need(qty));
    put_pair(print, 41.5, "数量 Quantity", bg_str_of(qty));
    print_code(print, PRINT_GS1_DATAMATRIX, elements, 64, 19.5, 32, 28);
    (void)print_text(print, 4, 49, 92, 7, PRINT_NORMAL, elements);
    char day[11];
    bg_date_text(label->printed_on, day);
    (void)print_text(print, 4, 55, 60, 6.5, PRINT_GREY | PRINT_ONE_LINE, label->place);
    (void)print_text(print, 66, 55, 30, 6.5, PRINT_GREY | PRINT_RIGHT, bg_str_of(bg_arena_text(arena, "保供 %s", day)));
    return BG_DONE;
}
