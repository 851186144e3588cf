/* Helpers that the kinds of the catalogue share. Private to api. */
#ifndef BG_API_IMPORT_CATALOGUE_H
#define BG_API_IMPORT_CATALOGUE_H

#include "api/import_inner.h"

/* Take over the cell of a column that the file gives: its value, or when it is empty the empty text or `absent`. A column that
 * the file does not give leaves *value alone. */
void import_text(const struct importing *run, const struct table_cell *cells, int column, bg_str *value);
void import_int(const struct importing *run, const struct table_cell *cells, int column, int64_t absent, int64_t *value);
void import_bool(const struct importing *run, const struct table_cell *cells, int column, bool absent, bool *value);
/* The same for a code that refers to a record; 0 when the cell is empty. A code that nothing has is refused, and *ret_refused
 * set. */
typedef bg_err (*import_find)(struct store_tx *tx, int64_t city, bg_str code, int64_t *ret_id, bool *ret_found);
bg_err import_refer(struct importing *run, const struct table_cell *cells, int column, import_find find, int64_t *value,
                    bool *ret_refused);
/* Word and number; "" and 0 when unknown. */
const char *import_slug(const struct table_word *words, int64_t number);
int64_t import_number(const struct table_word *words, bg_str slug);
extern const struct table_word import_storage[];

#endif
