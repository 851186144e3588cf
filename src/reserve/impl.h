/* What the files of this folder share. */
#ifndef BG_RESERVE_IMPL_H
#define BG_RESERVE_IMPL_H

#include <stdio.h>
#include <stdlib.h>

#include "auth/auth.h"
#include "reserve/reserve.h"

/* Makes room for one more element of `size` bytes in an arena array (doubling; the old block stays in the arena). */
bg_err reserve_grow(struct bg_arena *arena, void **list, size_t count, size_t *room, size_t size);
/* The version in force for each cell, by item, then place. */
bg_err reserve_standards_in_force(struct store_tx *tx, const struct reserve_which *which, int level, bg_date date, bg_ms known_at,
                                  struct bg_arena *arena, struct reserve_standard **ret, size_t *ret_count);
/* Writes what the standards in force require today into the ledger. *ret_count may be NULL. */
bg_err reserve_require_all(struct change_tx *tx, int64_t city, int64_t *ret_count);

/* The level as a part of a change: checks and writes the row, *ret_id (may be NULL) its id. */
bg_err reserve_level_check(struct change_tx *tx, int level, enum reserve_level_state step);
bg_err reserve_level_set_in(struct change_tx *tx, const struct change *change, const struct reserve_level *in, int64_t *ret_id);
/* Uplifts as parts of proposals: checking, keeping and reading the cells, beginning, ending. */
bg_err reserve_uplift_check(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p);
bg_err reserve_uplift_draft(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p);
bg_err reserve_uplift_cells(struct store_tx *tx, int64_t city, int64_t proposal, struct bg_arena *arena, struct reserve_proposal *ret);
bg_err reserve_uplift_begin_in(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p, int64_t *ret_id);
bg_err reserve_uplift_end_in(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p, int64_t *ret_id);
bg_err reserve_uplifts_in_force(struct store_tx *tx, const struct reserve_which *which, bg_date date, bg_ms at, bg_ms known_at,
                                struct bg_arena *arena, struct reserve_uplift_cell **ret, size_t *ret_count);
/* Drafts of standards as parts of proposals. */
bg_err reserve_standard_check(struct change_tx *tx, const struct change *change, const struct reserve_standard *lines, size_t count);
bg_err reserve_standard_draft(struct change_tx *tx, const struct change *change, const struct reserve_proposal *p);
bg_err reserve_standard_drafts(struct store_tx *tx, int64_t city, int64_t proposal, struct bg_arena *arena,
                               struct reserve_proposal *ret);
/* Has missing papers chased (proposal.overdue). */
bg_err reserve_register_chase(struct work *work);
#define RESERVE_WORK_PAPERS "reserve.papers"

#endif
