/* Linear and mixed-integer programs as plain arrays, and the proof of an answer. The engines build models and judge answers here;
 * who solves them is handed in (struct linear_solver), so the engines themselves start no process and touch no file. min  sum_j
 * cost_j x_j    s.t.  row_low_i <= sum_j a_ij x_j <= row_high_i,  low_j <= x_j <= high_j,  x_j whole where marked */
#ifndef BG_ENGINE_LINEAR_H
#define BG_ENGINE_LINEAR_H

#include "base/base.h"

#define LINEAR_COLUMNS_MAX 2000000
#define LINEAR_ROWS_MAX 2000000
#define LINEAR_ENTRIES_MAX 20000000

/* Sparse by rows: the entries of row i are [row_start[i], row_start[i + 1]). Bounds may be infinite. Bounds and costs may be set
 * directly between solves; the entries of a row that stands may not. */
struct linear_model {
    int32_t columns, rows;
    int64_t entries;
    double *cost, *low, *high; /* [columns] */
    uint8_t *whole; /* [columns] 1: integer */
    double *row_low, *row_high; /* [rows] */
    int64_t *row_start; /* [rows + 1] */
    int32_t *column; /* [entries] */
    double *value; /* [entries] */
    int32_t columns_room, rows_room, wholes;
    int64_t entries_room;
    uint64_t tag; /* the solver's note of what it holds already; 0: nothing */
    bool failed; /* memory ran out or a bound was passed: asked by linear_check_model */
};

void linear_open(struct linear_model *ret); /* an empty model */
void linear_close(struct linear_model *model);
/* Adds a column; returns its number. Failure is sticky and told by linear_check_model. */
int32_t linear_column(struct linear_model *model, double cost, double low, double high);
int32_t linear_whole(struct linear_model *model, double cost, double low, double high);
/* Opens a row; its entries follow by linear_add; returns its number. A column named twice in a row adds up at the solver's door,
 * so don't. */
int32_t linear_row(struct linear_model *model, double low, double high);
void linear_add(struct linear_model *model, int32_t column, double value);
/* Whether a model can be solved at all: BG_NO_MEMORY, BG_TOO_LARGE, or BG_BAD_INPUT naming "model" for a value that is no number,
 * a low bound above the high one, or a column that does not exist. */
bg_err linear_check_model(const struct linear_model *model);

enum linear_status { LINEAR_OPTIMAL, LINEAR_INFEASIBLE, LINEAR_UNBOUNDED, LINEAR_LIMIT };

struct linear_options {
    double gap; /* whole numbers: stop when proven within this share; 0: 1e-6 */
    int64_t
        nodes_max; /* whole numbers: limit of the tree; 0: 1,000,000. Counts, unlike seconds, give the same answer everywhere */
};

/* Arrays belong to the solver and hold until its next call. */
struct linear_answer {
    enum linear_status status;
    bool point; /* x is a feasible point, checked */
    bool proved; /* the status follows from our own arithmetic: the bound for optimal, the ray for infeasible and unbounded; a
                  * bound on whole numbers is the solver's word beyond the one of the relaxation */
    double objective, bound, gap; /* gap = (objective - bound) / max(1, |objective|) */
    const double *x; /* [columns] */
    const double *price; /* [rows] what the objective gains by one more unit of the row's bound; NULL with whole numbers */
    const double *reduced; /* [columns] cost less the prices of what the column uses; NULL with whole numbers */
    const double *ray; /* infeasible: [rows] weights that prove it; unbounded: [columns] direction; else NULL */
    int64_t iterations, nodes;
};

struct linear_solver {
    void *ctx;
    const char *name; /* "CLP 1.17.6" */
    /* Solves the model; a model solved before starts from its last basis. Errors only for what is no answer: no solver, a crash,
     * a time limit without any point, an answer that fails our check. */
    bg_err (*solve)(void *ctx, struct linear_model *model, const struct linear_options *options, struct linear_answer *ret);
};

/* --- proofs, independent of the solver --- */
#define LINEAR_TOLERANCE 1e-6

/* Largest violation of bounds, rows and wholeness by x, each relative to max(1, |bound|). */
double linear_violation(const struct linear_model *model, const double *x);
double linear_objective(const struct linear_model *model, const double *x);
/* The lower bound on the objective that prices y (one a row) prove by themselves: weak duality, whatever made them. Prices with
 * the wrong sign for a one-sided row count as zero; a reduced cost below `tolerance` against an infinite bound counts as zero,
 * above it the bound is -INFINITY. ret_reduced (may be NULL) gets the reduced costs. BG_NO_MEMORY. */
bg_err linear_bound(const struct linear_model *model, const double *y, double tolerance, double *ret_reduced, double *ret_bound);
/* Whether the weighted sum of rows shows that no x exists: the range the columns allow misses the range the rows ask. */
bg_err linear_proves_infeasible(const struct linear_model *model, const double *ray, bool *ret);
/* Whether going along `ray` from a feasible point never leaves and always pays. */
bg_err linear_proves_unbounded(const struct linear_model *model, const double *ray, bool *ret);
/* Fills point, proved, objective, bound, gap of an answer from its arrays; BG_LP_WRONG when a status that claims a point has
 * none. */
bg_err linear_judge(const struct linear_model *model, double claimed_bound, struct linear_answer *answer);

/* The model in the text format of CPLEX LP files, to hold against another solver. */
void linear_write(const struct linear_model *model, struct bg_buf *out);

#endif
