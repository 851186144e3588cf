/* Documents on paper: what is printed reads back. The PDF is rendered by Poppler and its codes are read by zbar, both independent
 * of us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec/gs1.h"
#include "print/print.h"
#include "tap.h"

static struct bg_arena *arena;

static bg_str run(const char *command)
{
    static char text[65536];
    FILE *in = popen(command, "r");
    size_t len = in != NULL ? fread(text, 1, sizeof text - 1, in) : 0;
    if (in != NULL) {
        (void)pclose(in);
    }
    text[len] = '\0';
    return (bg_str){ text, len };
}

static bool keep(const char *path, const struct bg_buf *bytes)
{
    FILE *out = fopen(path, "wb");
    bool good = out != NULL && fwrite(bytes->at, 1, bytes->len, out) == bytes->len;
    return out != NULL && fclose(out) == 0 && good;
}

static void page(void)
{
    char folder[] = "/tmp/baogong-print-XXXXXX";
    struct print *print;
    BG_SCOPED_BUF out = bg_buf_init(4u << 20);
    static const struct print_column columns[] = { { { "物资", 6 }, 60, 0 },
                                                   { { "Item", 4 }, 60, 0 },
                                                   { { "数量", 6 }, 30, PRINT_RIGHT } };
    bg_str cells[3 * 90];
    for (int i = 0; i < 90; i++) {
        cells[3 * i] = BG_STR("医用防护口罩（折叠式，GB 19083）");
        cells[3 * i + 1] = BG_STR("Medical protective mask, folded");
        cells[3 * i + 2] = bg_str_of(bg_arena_text(arena, "%d", 1000 + i));
    }
    OK(!bg_failed(print_open(PRINT_A4_WIDTH_MM, PRINT_A4_HEIGHT_MM, BG_STR("交接单"), &print)), "a document opens");
    print_footer(print, BG_STR("保供 · 交接单"));
    (void)print_text(print, 15, 15, 180, 16, PRINT_BOLD | PRINT_CENTRE, BG_STR("应急物资交接单"));
    print_code(print, PRINT_QR, BG_STR("https://example.com/交接/42"), 15, 30, 40, 40);
    print_code(print, PRINT_GS1_128, BG_STR("(00)095201234567891235"), 70, 30, 110, 25);
    print_code(print, PRINT_CODE128, BG_STR("BIN-A-01-02"), 70, 65, 80, 15);
    double y = print_table(print, 15, 90, 20, 275, 9, columns, 3, cells, 90);
    OK(y > 20 && y < 276, "a table of 90 rows ends on a page");
    OK(!bg_failed(print_close(print, &out)), "the document closes");
    OK(out.len > 1000 && memcmp(out.at, "%PDF", 4) == 0, "as a PDF");
    OK(out.len < 200000, "with only the letters it uses");
    if (system("command -v pdftotext >/dev/null && command -v zbarimg >/dev/null") != 0 || mkdtemp(folder) == NULL) {
        SKIP("no Poppler or zbar here");
        return;
    }
    OK(keep(bg_arena_text(arena, "%s/a.pdf", folder), &out), "kept");
    bg_str text = run(bg_arena_text(arena, "pdftotext -layout %s/a.pdf -", folder));
    OK(strstr(text.at, "应急物资交接单") != NULL && strstr(text.at, "1089") != NULL,
       "its Chinese text can be searched and copied");
    OK(strstr(text.at, "1/3") != NULL && strstr(text.at, "3/3") != NULL, "pages are numbered");
    text = run(bg_arena_text(arena, "pdftoppm -r 200 -l 1 -png %s/a.pdf %s/a && zbarimg -q --raw %s/a-*1.png 2>/dev/null", folder,
                             folder, folder));
    OK(strstr(text.at, "https://example.com/交接/42") != NULL, "the QR code reads back");
    OK(strstr(text.at, "00095201234567891235") != NULL, "the GS1-128 reads back");
    OK(strstr(text.at, "BIN-A-01-02") != NULL, "the code of a bin reads back");
    bg_str cleaned = run(bg_arena_text(arena, "rm -r %s", folder));
    (void)cleaned;
}

static void labels(void)
{
    struct print_label label = { .name_zh = BG_STR("医用防护服"),
                                 .name_en = BG_STR("Coverall"),
                                 .item_code = BG_STR("FH01"),
                                 .unit = BG_STR("件"),
                                 .gtin = BG_STR("09522022000017"),
                                 .lot = BG_STR("20220108A"),
                                 .qty = 50,
                                 .made = BG_DATE_NONE };
    struct gs1 gs1;
    struct gs1_candidate said;
    bg_str elements;
    OK(!bg_failed(bg_date_of(2024, 12, 31, &label.expiry)) && !bg_failed(bg_date_of(2022, 1, 8, &label.printed_on)), "dates");
    OK(!bg_failed(print_label_elements(&label, arena, &elements)), "a label with a GTIN");
    OK(!bg_failed(gs1_parse(arena, elements, &gs1)), "is read by our own reader");
    gs1_candidate_of(&gs1, label.printed_on, &said);
    OK(bg_str_eq(said.gtin, label.gtin) && bg_str_eq(said.lot, label.lot) && said.expiry == label.expiry && said.count == 50,
       "and says the same goods, lot, expiry and quantity");
    label.gtin = BG_STR("");
    OK(!bg_failed(print_label_elements(&label, arena, &elements)), "a label without a GTIN");
    OK(!bg_failed(gs1_parse(arena, elements, &gs1)), "is read too");
    gs1_candidate_of(&gs1, label.printed_on, &said);
    OK(said.gtin.len == 0 && bg_str_is(said.item_code, "FH01") && bg_str_eq(said.lot, label.lot) && said.expiry == label.expiry &&
           said.count == 50,
       "and says item, lot, expiry and quantity");
    label.lot = BG_STR("批号甲");
    OK(bg_failed(print_label_elements(&label, arena, &elements)), "a lot that GS1 can not write is refused");
}

static void limits(void)
{
    struct print *print;
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    OK(bg_failed(print_open(5, 100, BG_STR("x"), &print)), "a page too small is refused");
    OK(!bg_failed(print_open(50, 30, BG_STR("x"), &print)), "a small label opens");
    print_code(print, PRINT_GS1_128, BG_STR("(01)123"), 0, 0, 50, 30);
    OK(print_close(print, &out).code == BG_PRINT_CODE, "a wrong code fails the document");
    OK(!bg_failed(print_open(50, 30, BG_STR("x"), &print)), "another one opens");
    (void)print_text(print, 2, 2, 40, 10, 0, (bg_str){ "a\xff\x80z", 4 });
    OK(!bg_failed(print_close(print, &out)), "bytes that are no UTF-8 are replaced");
    bg_buf_clear(&out);
    OK(!bg_failed(print_open(50, 30, BG_STR("x"), &print)), "and one for a label printer");
    (void)print_text(print, 2, 2, 40, 14, PRINT_BOLD, BG_STR("保供"));
    OK(!bg_failed(print_close_zpl(print, 203, &out)) &&
           bg_str_starts(bg_buf_str(&out), BG_STR("^XA^PW400^LL240^FO0,0^GFA,12000,12000,50,")) &&
           strstr(bg_arena_copy(arena, bg_buf_str(&out)).at, "ff") != NULL,
       "becomes black dots for it");
}

int main(void)
{
    arena = bg_arena_open(64u << 20);
    page();
    labels();
    limits();
    bg_arena_close(arena);
    return TAP_DONE();
}
