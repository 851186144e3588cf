/* Basis of calculation (测算依据): decisions that were computed, kept with what they were computed from and what people decided
 * on them.
 *
 * A RUN (测算) is one method of solve.h on one input document: canonical input and its hash, the answer with reasons, solver,
 * seed, gap and seconds, who asked when, version of the program. Runs wait in a bounded queue and execute on threads of their
 * own, one a core, at low priority, each with limits of time and memory; a run that was under way when the process stopped is
 * begun once more. The same method on the same input by the same version gives the answer that is kept, unless it is asked for
 * again on purpose.
 *
 * A DECISION adopts a part of an answer (as an order proposal, a draft standard or a standard) or rejects it, with a reason; it
 * is journaled, and a standard made from it is made in the same change. Whatever a run says, `baogong solve METHOD` says on its
 * input. */
#ifndef BG_BASIS_H
#define BG_BASIS_H

#include "record/record.h"
#include "reserve/reserve.h"
#include "solve/solve.h"

#define BASIS_INPUT_MAX ((size_t)900 << 10) /* bytes of an input document */
#define BASIS_ANSWER_MAX ((size_t)8 << 20) /* bytes of an answer */
#define BASIS_MEMORY_MAX ((size_t)1 << 30) /* bytes a run may take */
#define BASIS_SECONDS_MAX 300 /* wall time a run may be granted */
#define BASIS_QUEUE_MAX 64 /* runs of a city that wait or are under way */
#define BASIS_QUEUE_EACH 8 /* those of one person */
#define BASIS_TRIES_MAX 2
#define BASIS_WHAT_IF_PATHS 2000
#define BASIS_WHAT_IF_SECONDS 5

enum basis_state { BASIS_QUEUED = 1, BASIS_RUNNING, BASIS_ANSWERED, BASIS_REFUSED, BASIS_CANCELLED };
extern const char
    *const basis_state_slugs[]; /* by enum basis_state - 1: "queued", "running", "done", "refused", "cancelled", NULL */
enum basis_part { BASIS_INPUT = 1, BASIS_ANSWER, BASIS_REFUSAL };
enum basis_verdict { BASIS_ADOPTED = 1, BASIS_REJECTED };
extern const char *const basis_verdict_slugs[]; /* "adopted", "rejected", NULL */
enum basis_use { BASIS_NO_USE, BASIS_ORDER, BASIS_DRAFT, BASIS_STANDARD };
extern const char *const basis_use_slugs[]; /* by enum basis_use: "none", "order", "draft", "standard", NULL */

struct basis_run {
    int64_t id, base, decisions;
    bg_str method, title, version, solver, asked_name;
    uint8_t inputs[32];
    enum basis_state state;
    int tries;
    int64_t seconds_ms; /* granted */
    bool seeded, gap_known;
    int64_t seed, gap_nano, used_us;
    int64_t asked_by;
    bg_ms asked_at, started_at, ended_at; /* BG_TIME_NONE: not yet */
};

/* --- the workers --- */
struct basis;
struct basis_opts {
    struct journal *journal;
    const struct bg_log *log; /* may be NULL */
    const char *version; /* of the program */
};
/* Opens without starting; nothing runs before basis_start. */
bg_err basis_open(const struct basis_opts *opts, struct basis **ret);
/* Starts the threads (0: one a core, at most 4). On SQLite runs that the process before left under way are begun again at once,
 * on PostgreSQL when their lease has passed. */
bg_err basis_start(struct basis *basis, int threads);
/* Ends what is under way (it is begun again at the next start) and waits. Before journal_close; accepts NULL. */
void basis_close(struct basis *basis);
/* Runs what waits on this thread, until nothing does; for tests. *ret_done may be NULL. */
bg_err basis_step(struct basis *basis, size_t *ret_done);

/* --- asking --- */
struct basis_ask {
    struct basis *basis;
    bg_str method, title;
    bg_str input; /* canonical JSON */
    int64_t seconds_ms; /* 0: 60 s */
    int64_t base; /* the run it varies; 0: none */
    bool again; /* compute even if an answer is kept */
};
/* Input: struct basis_ask. Answer 202 with the run, or 200 with the one that is kept ("kept": true). BG_BASIS_FULL when too many
 * wait; BG_BAD_INPUT for an unknown method or a base that is not there. */
extern const struct change_kind basis_run_asking;
struct basis_cancel {
    struct basis *basis;
    int64_t id;
    bool any; /* may cancel what somebody else asked for */
};
/* Input: struct basis_cancel. Another person's run: BG_AUTH_DENIED unless `any`. A run that has ended stays as it is
 * (BG_CONFLICT). Answer 200 with the run. */
extern const struct change_kind basis_run_cancelling;

bg_err basis_run_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct basis_run *ret);
struct basis_which {
    bg_str method; /* empty: all */
    int state; /* 0: all */
    int64_t person; /* 0: all */
    int64_t before; /* 0: from the newest */
    size_t max;
};
bg_err basis_run_list(struct store_tx *tx, int64_t city, const struct basis_which *which, struct bg_arena *arena,
                      struct basis_run **ret, size_t *ret_count);
/* Members of the row into an open object. */
void basis_run_members(const struct basis_run *run, struct bg_buf *out);
/* A document of a run; BG_NOT_FOUND when there is none. */
bg_err basis_document_get(struct store_tx *tx, int64_t city, int64_t run, enum basis_part part, struct bg_arena *arena,
                          bg_str *ret);

/* One small run at once, kept nowhere: at most BASIS_WHAT_IF_PATHS paths (member "paths" of the input, which must be there when
 * the method draws paths) and BASIS_WHAT_IF_SECONDS. */
bg_err basis_what_if(bg_str method, bg_str input, struct bg_arena *arena, struct bg_buf *out);

/* --- the live plan --- */
#define BASIS_DAYS 14
struct basis_live {
    int64_t city;
    bg_ms now;
    int days, paths; /* of the documents */
};
/* Members "standard" (a document), "demand" (a document), "stocks" and more into an open object: inputs of both methods from what
 * the city has recorded, one stock row a key item, and what they rest on (last day with cases, whether it is stale, rounds to
 * come). A reply of GET /basis. Depots count whose stock the city decides on (reserve, forward, district, area): usable now,
 * under receipt or in transit tomorrow, under inspection on day 3, producing after the lead time. Measures: what is ordered and
 * planned (weight 2), one and two more rounds, three days apart (1 each). */
bg_err basis_live_get(struct store_tx *tx, const struct basis_live *which, struct bg_arena *arena, struct bg_buf *out);

/* --- tables of coefficients --- */
#define BASIS_TABLE_MAX 200000 /* bytes of one */
struct basis_table {
    int64_t id;
    bg_str name, content, why; /* content: CSV */
    int64_t recorded_by;
    bg_str recorded_name;
    bg_ms recorded_at;
};
/* Input: struct basis_table (name, content; why: change->reason). Read by the engine before it is taken: BG_BAD_INPUT names
 * table, row and column. Answer 201 the version. BG_NOT_FOUND for a name that is not of solve_table_names. */
extern const struct change_kind basis_table_putting;
/* The city's versions of a table, newest first. */
bg_err basis_table_list(struct store_tx *tx, int64_t city, bg_str name, size_t max, struct bg_arena *arena,
                        struct basis_table **ret, size_t *ret_count);
/* What counts: the city's newest version, else the shipped one. */
bg_err basis_table_get(struct store_tx *tx, int64_t city, const char *name, struct bg_arena *arena, bg_str *ret, bool *ret_own);
void basis_table_json(const struct basis_table *table, struct bg_buf *out);

/* --- deciding --- */
struct basis_decision {
    int64_t id, run;
    bg_str part;
    enum basis_verdict verdict;
    enum basis_use use;
    int64_t item, place, qty;
    int level;
    bg_date day; /* BG_DATE_NONE: none */
    bg_str why;
    int64_t decided_by;
    bg_str decided_name;
    bg_ms decided_at;
};
/* Input: struct basis_decision (id and decided_… are set by the change; why: change->reason). An order or draft names item, place
 * and quantity, a standard level and date too; a standard is put in the same change, with the run in its note. Answer 201 the
 * decision. BG_CONFLICT when the run has no answer. */
extern const struct change_kind basis_deciding;
/* Decisions on a run, oldest first; run 0: all of the city, newest first, before an id (0: newest), for a use (-1: any). */
bg_err basis_decision_list(struct store_tx *tx, int64_t city, int64_t run, int use, int64_t before, size_t max,
                           struct bg_arena *arena, struct basis_decision **ret, size_t *ret_count);
void basis_decision_json(const struct basis_decision *decision, struct bg_buf *out);

/* Registers the kind "run" for search and files. */
bg_err basis_records(struct record *record);

#endif
