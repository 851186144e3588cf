/* What the files of the naive ledger share. Private to the model. */
#ifndef BG_CLI_MODEL_INNER_H
#define BG_CLI_MODEL_INNER_H

#include "cli/model.h"

/* Room for one more of `size` bytes in the array at *(void **)at. */
bg_err model_room(void *at, size_t *room, size_t count, size_t size);
bool model_same(const struct ledger_key *a, const struct ledger_key *b);
bg_date model_date(const struct model *model, bg_ms at);
/* The lowest balance at the end of the days from the day of `at` up to yesterday; INT64_MAX when that day is today. */
int64_t model_lowest(const struct model *model, const struct ledger_key *key, bg_ms at);
/* Appends a movement of the document that is being made. `reverses`: index + 1 of what it takes back. */
bg_err model_move(struct model *model, const struct ledger_key *from, const struct ledger_key *to, int64_t qty, bg_ms at,
                  size_t reverses);
/* Remembers `size` bytes at `at` inside the array whose pointer is at `array`, before they are changed. */
void model_keep(struct model *model, void *array, const void *at, size_t size);
#define MODEL_KEEP(array_, field_) model_keep(model, &model->array_, &(field_), sizeof(field_))
/* Posts lines (at most MODEL_LINES) as one document, as the ledger does: facts always, intents all or nothing. */
enum bg_code model_post(struct model *model, const struct ledger_post *post, bg_ms at, bg_err *ret_err);
bg_err model_end_document(struct model *model, int kind, size_t first, size_t shipment);
bg_err model_add_review(struct model *model, int kind, const struct ledger_key *key, int64_t qty, size_t shipment);
bool model_shipment_closed(const struct model_shipment *shipment);
/* model_rare.c */
bg_err model_apply_rare(struct model *model, const struct model_op *op, struct model_answer *ret);
struct model_lot *model_lot(const struct model *model, int64_t id); /* NULL: no such lot */

#endif
