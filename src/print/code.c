/* Bar codes: Zint says where the bars are, cairo draws them. */
#include "print/inner.h"

#include <math.h>
#include <zint.h>

/* Zint's numbers for our codes, with the quiet zone each needs (ISO/IEC 15417, 16022, 18004), in modules. */
static const struct {
    int symbology, mode, quiet;
} codes[] = {
    [PRINT_QR] = { BARCODE_QRCODE, UNICODE_MODE, 4 },
    [PRINT_GS1_128] = { BARCODE_GS1_128, GS1_MODE | GS1PARENS_MODE, 10 },
    [PRINT_GS1_DATAMATRIX] = { BARCODE_DATAMATRIX, GS1_MODE | GS1PARENS_MODE, 2 },
    [PRINT_DATAMATRIX] = { BARCODE_DATAMATRIX, UNICODE_MODE, 2 },
    [PRINT_CODE128] = { BARCODE_CODE128, UNICODE_MODE, 10 },
};

static bool is_linear(enum print_code code)
{
    return code == PRINT_GS1_128 || code == PRINT_CODE128;
}

/* A module of whole dots of the coarsest label printer (203 an inch), so that all bars come out equally wide; below two dots as
 * it is. */
static double whole_dots(double module)
{
    double dots = floor(module * 203 / 72);
    return dots >= 2 ? dots * 72 / 203 : module;
}

/* The modules of row r that are dark, as rectangles a run. Zint packs a row into bits, the lowest first. */
static void draw(struct print *print, const struct zint_symbol *symbol, bool linear, double x, double y, double module,
                 double height)
{
    cairo_t *cairo = print->cairo;
    cairo_set_source_rgb(cairo, 0, 0, 0);
    for (int r = 0; r < symbol->rows; r++) {
        const unsigned char *row = (const unsigned char *)symbol->encoded_data[r];
        for (int c = 0; c < symbol->width;) {
            int from = c;
            while (c < symbol->width && (row[c >> 3] >> (c & 7) & 1) != 0) {
                c++;
            }
            if (c > from) {
                cairo_rectangle(cairo, x + from * module, linear ? y : y + r * module, (c - from) * module,
                                linear ? height : module);
            }
            c += c == from;
        }
    }
    cairo_fill(cairo);
}

void print_code(struct print *print, enum print_code code, bg_str data, double x_mm, double y_mm, double width_mm,
                double height_mm)
{
    if (print->cairo == NULL) {
        return;
    }
    struct zint_symbol *symbol = ZBarcode_Create();
    if (symbol == NULL) {
        print_fail(print, BG_FAIL(BG_NO_MEMORY));
        return;
    }
    symbol->symbology = codes[code].symbology;
    symbol->input_mode = codes[code].mode;
    symbol->option_1 = code == PRINT_QR ? 2 : -1; /* level M */
    symbol->option_3 = code == PRINT_GS1_DATAMATRIX || code == PRINT_DATAMATRIX ? DM_SQUARE : 0;
    int bad = data.len > 0 && data.len < 4000 ? ZBarcode_Encode(symbol, (const unsigned char *)data.at, (int)data.len)
                                              : ZINT_ERROR_TOO_LONG;
    if (bad >= ZINT_ERROR) {
        print_fail(print, BG_FAIL_AT(BG_PRINT_CODE, "code"));
    } else {
        double quiet = codes[code].quiet;
        double across = (symbol->width + 2 * quiet), down = is_linear(code) ? 1 : symbol->rows + 2 * quiet;
        double module = width_mm * PRINT_POINTS / across, height = height_mm * PRINT_POINTS;
        module = !is_linear(code) && module > height / down ? height / down : module;
        module = whole_dots(module);
        double left = (width_mm * PRINT_POINTS - across * module) / 2 + quiet * module;
        draw(print, symbol, is_linear(code), x_mm * PRINT_POINTS + left,
             y_mm * PRINT_POINTS + (is_linear(code) ? 0 : quiet * module), module, height);
    }
    ZBarcode_Delete(symbol);
}
