/* Pages are kept as recordings until the document is closed, because their number stands on each of them. */
#include "print/inner.h"

#include <cairo-pdf.h>
#include <math.h>
#include <string.h>

#define FONT "WenQuanYi Zen Hei, Noto Sans CJK SC, sans-serif"

void print_fail(struct print *print, bg_err e)
{
    if (!bg_failed(print->error)) {
        print->error = e;
    }
}

static void page_begin(struct print *print)
{
    cairo_rectangle_t extents = { 0, 0, print->width, print->height };
    if (print->pages >= PRINT_PAGES_MAX) {
        print_fail(print, BG_FAIL_AT(BG_TOO_LARGE, "pages"));
        return;
    }
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        print_fail(print, BG_FAIL(BG_NO_MEMORY));
        cairo_surface_destroy(surface);
        return;
    }
    print->page[print->pages++] = surface;
    print->cairo = cairo_create(surface);
}

static void page_end(struct print *print)
{
    if (print->cairo != NULL) {
        if (cairo_status(print->cairo) != CAIRO_STATUS_SUCCESS) {
            print_fail(print, BG_FAIL(BG_NO_MEMORY));
        }
        cairo_destroy(print->cairo);
        print->cairo = NULL;
    }
}

bg_err print_open(double width_mm, double height_mm, bg_str title, struct print **ret)
{
    if (!(width_mm >= 20 && width_mm <= 1000)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "width_mm");
    }
    if (!(height_mm >= 20 && height_mm <= 1000)) {
        return BG_FAIL_AT(BG_BAD_INPUT, "height_mm");
    }
    struct print *print = bg_heap_get(sizeof *print);
    BG_TRY(bg_need(print));
    print->arena = bg_arena_open(8u << 20);
    print->width = width_mm * PRINT_POINTS;
    print->height = height_mm * PRINT_POINTS;
    if (print->arena != NULL) {
        print->title = bg_arena_copy(print->arena, title);
        print->footer = BG_STR("");
        page_begin(print);
    }
    if (print->arena == NULL || print->title.at == NULL || bg_failed(print->error)) {
        print_discard(print);
        return BG_FAIL(BG_NO_MEMORY);
    }
    *ret = print;
    return BG_DONE;
}

void print_discard(struct print *print)
{
    if (print == NULL) {
        return;
    }
    page_end(print);
    for (int i = 0; i < print->pages; i++) {
        cairo_surface_destroy(print->page[i]);
    }
    bg_arena_close(print->arena);
    bg_heap_free(print);
}

void print_page(struct print *print)
{
    page_end(print);
    page_begin(print);
}

void print_footer(struct print *print, bg_str text)
{
    print->footer = bg_arena_copy(print->arena, text);
    if (print->footer.at == NULL) {
        print->footer = BG_STR("");
        print_fail(print, BG_FAIL(BG_NO_MEMORY));
    }
    print->has_footer = true;
}

/* Pango aborts on nothing, but warns about bytes that are no UTF-8: they are replaced before. */
static const char *clean(struct print *print, bg_str text, int *ret_len)
{
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    for (size_t at = 0; at < text.len;) {
        char bytes[4];
        int32_t point = bg_utf8_next(text, &at);
        size_t size = bg_utf8_put(point < 0 || (point < 0x20 && point != '\n') ? 0xFFFD : point, bytes);
        bg_buf_add(&out, (bg_str){ bytes, size });
    }
    bg_str kept = bg_arena_copy(print->arena, bg_buf_str(&out));
    if (kept.at == NULL || out.failed) {
        print_fail(print, BG_FAIL(BG_NO_MEMORY));
        return NULL;
    }
    *ret_len = (int)kept.len;
    return kept.at;
}

static PangoLayout *layout_of(struct print *print, cairo_t *cairo, double width_mm, double size_pt, unsigned style, bg_str text)
{
    int len = 0;
    const char *words = clean(print, text, &len);
    if (words == NULL) {
        return NULL;
    }
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    PangoFontDescription *font = pango_font_description_from_string(FONT);
    pango_font_description_set_absolute_size(font, size_pt * PANGO_SCALE);
    pango_font_description_set_weight(font, (style & PRINT_BOLD) != 0 ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, (int)(width_mm * PRINT_POINTS * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    if ((style & PRINT_ONE_LINE) != 0) {
        pango_layout_set_height(layout, -1);
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    }
    pango_layout_set_alignment(layout, (style & PRINT_CENTRE) != 0  ? PANGO_ALIGN_CENTER
                                       : (style & PRINT_RIGHT) != 0 ? PANGO_ALIGN_RIGHT
                                                                    : PANGO_ALIGN_LEFT);
    pango_layout_set_text(layout, words, len);
    return layout;
}

static double layout_height_mm(PangoLayout *layout)
{
    int width, height;
    pango_layout_get_size(layout, &width, &height);
    return (double)height / PANGO_SCALE / PRINT_POINTS;
}

static double text_on(struct print *print, cairo_t *cairo, double x_mm, double y_mm, double width_mm, double size_pt,
                      unsigned style, bg_str text)
{
    PangoLayout *layout = cairo != NULL ? layout_of(print, cairo, width_mm, size_pt, style, text) : NULL;
    if (layout == NULL) {
        return 0;
    }
    double grey = (style & PRINT_GREY) != 0 ? 0.4 : 0;
    cairo_set_source_rgb(cairo, grey, grey, grey);
    cairo_move_to(cairo, x_mm * PRINT_POINTS, y_mm * PRINT_POINTS);
    pango_cairo_show_layout(cairo, layout);
    double height = layout_height_mm(layout);
    g_object_unref(layout);
    return height;
}

double print_text(struct print *print, double x_mm, double y_mm, double width_mm, double size_pt, unsigned style, bg_str text)
{
    return text_on(print, print->cairo, x_mm, y_mm, width_mm, size_pt, style, text);
}

double print_height(struct print *print, double width_mm, double size_pt, unsigned style, bg_str text)
{
    PangoLayout *layout = print->cairo != NULL ? layout_of(print, print->cairo, width_mm, size_pt, style, text) : NULL;
    double height = 0;
    if (layout != NULL) {
        height = layout_height_mm(layout);
        g_object_unref(layout);
    }
    return height;
}

void print_line(struct print *print, double x1_mm, double y1_mm, double x2_mm, double y2_mm, double width_mm)
{
    if (print->cairo == NULL) {
        return;
    }
    cairo_set_source_rgb(print->cairo, 0, 0, 0);
    cairo_set_line_width(print->cairo, width_mm * PRINT_POINTS);
    cairo_move_to(print->cairo, x1_mm * PRINT_POINTS, y1_mm * PRINT_POINTS);
    cairo_line_to(print->cairo, x2_mm * PRINT_POINTS, y2_mm * PRINT_POINTS);
    cairo_stroke(print->cairo);
}

void print_box(struct print *print, double x_mm, double y_mm, double width_mm, double height_mm, double line_mm)
{
    if (print->cairo == NULL) {
        return;
    }
    cairo_set_source_rgb(print->cairo, 0, 0, 0);
    cairo_set_line_width(print->cairo, line_mm * PRINT_POINTS);
    cairo_rectangle(print->cairo, x_mm * PRINT_POINTS, y_mm * PRINT_POINTS, width_mm * PRINT_POINTS, height_mm * PRINT_POINTS);
    cairo_stroke(print->cairo);
}

/* Page i, its foot included, on any surface. */
static void page_show(struct print *print, cairo_t *cairo, int i)
{
    cairo_set_source_surface(cairo, print->page[i], 0, 0);
    cairo_paint(cairo);
    if (print->has_footer) {
        double width = print->width / PRINT_POINTS, y = print->height / PRINT_POINTS - 11;
        const char *number = bg_arena_text(print->arena, "%d / %d", i + 1, print->pages);
        (void)text_on(print, cairo, 15, y, width - 60, 8, PRINT_GREY | PRINT_ONE_LINE, print->footer);
        (void)text_on(print, cairo, width - 45, y, 30, 8, PRINT_GREY | PRINT_RIGHT, bg_str_of(number));
    }
}

static cairo_status_t add(void *ctx, const unsigned char *bytes, unsigned int size)
{
    struct bg_buf *out = ctx;
    bg_buf_add(out, (bg_str){ (const char *)bytes, size });
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

bg_err print_close(struct print *print, struct bg_buf *out)
{
    page_end(print);
    cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(add, out, print->width, print->height);
    cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_TITLE, print->title.at);
    cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_CREATOR, "baogong 保供");
    cairo_t *cairo = cairo_create(pdf);
    for (int i = 0; i < print->pages && !bg_failed(print->error); i++) {
        page_show(print, cairo, i);
        cairo_show_page(cairo);
    }
    cairo_destroy(cairo);
    cairo_surface_finish(pdf);
    if (cairo_surface_status(pdf) != CAIRO_STATUS_SUCCESS) {
        print_fail(print, out->failed ? BG_FAIL(BG_TOO_LARGE) : BG_FAIL(BG_NO_MEMORY));
    }
    cairo_surface_destroy(pdf);
    bg_err e = print->error;
    print_discard(print);
    return e;
}

/* One page as black and white dots: "^GFA,total,total,bytes a row,hex". */
static void page_zpl(struct print *print, int i, int dpi, struct bg_buf *out)
{
    int columns = (int)ceil(print->width / 72 * dpi), rows = (int)ceil(print->height / 72 * dpi), wide = (columns + 7) / 8;
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, rows);
    cairo_t *cairo = cairo_create(image);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, dpi / 72.0, dpi / 72.0);
    page_show(print, cairo, i);
    cairo_destroy(cairo);
    cairo_surface_flush(image);
    if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS) {
        print_fail(print, BG_FAIL(BG_NO_MEMORY));
        cairo_surface_destroy(image);
        return;
    }
    const unsigned char *bytes = cairo_image_surface_get_data(image);
    int stride = cairo_image_surface_get_stride(image);
    bg_buf_print(out, "^XA^PW%d^LL%d^FO0,0^GFA,%d,%d,%d,", columns, rows, wide * rows, wide * rows, wide);
    for (int y = 0; y < rows; y++) {
        for (int b = 0; b < wide; b++) {
            uint8_t dots = 0;
            for (int x = 8 * b; x < 8 * b + 8; x++) {
                uint32_t pixel = 0xFFFFFF;
                if (x < columns) {
                    memcpy(&pixel, bytes + (size_t)y * (size_t)stride + 4u * (size_t)x, sizeof pixel);
                }
                dots = (uint8_t)(dots << 1 | ((pixel >> 8 & 0xFF) < 0x80));
            }
            bg_buf_hex(out, &dots, 1);
        }
    }
    bg_buf_add(out, BG_STR("^FS^XZ\n"));
    cairo_surface_destroy(image);
}

bg_err print_close_zpl(struct print *print, int dpi, struct bg_buf *out)
{
    page_end(print);
    if (dpi < 100 || dpi > 600) {
        print_fail(print, BG_FAIL_AT(BG_BAD_INPUT, "dpi"));
    }
    for (int i = 0; i < print->pages && !bg_failed(print->error); i++) {
        page_zpl(print, i, dpi, out);
    }
    bg_err e = bg_failed(print->error) ? print->error : bg_buf_check(out);
    print_discard(print);
    return e;
}
