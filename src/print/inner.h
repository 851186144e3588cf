/* A document while it is drawn. Private to print. */
#ifndef BG_PRINT_INNER_H
#define BG_PRINT_INNER_H

#include <pango/pangocairo.h>

#include "print/print.h"

#define PRINT_POINTS (72.0 / 25.4) /* points a millimetre */

struct print {
    double width, height; /* points */
    struct bg_arena *arena;
    bg_str title, footer;
    bool has_footer;
    bg_err error; /* the first one */
    cairo_t *cairo; /* of the page that is drawn; NULL after a failure to begin one */
    int pages;
    cairo_surface_t *page[PRINT_PAGES_MAX];
};

void print_fail(struct print *print, bg_err e);
/* The height the text would take. */
double print_height(struct print *print, double width_mm, double size_pt, unsigned style, bg_str text);

#endif
