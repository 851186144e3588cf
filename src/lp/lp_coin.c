/* CLP and CBC by their C interfaces, loaded at run time so that the program starts and serves without them. NO_COIN=1 builds
 * without. */
#include <dlfcn.h>
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "lp/lp.h"
#include "lp/lp_coin.h"

#ifdef BG_NO_COIN
bool lp_coin_load(struct lp_coin *ret)
{
    (void)ret;
    return false;
}
bool lp_run_clp(struct lp_coin *coin, struct lp_job *job)
{
    (void)coin;
    (void)job;
    return false;
}
bool lp_run_cbc(struct lp_coin *coin, struct lp_job *job)
{
    (void)coin;
    (void)job;
    return false;
}
#else
#include <coin/Cbc_C_Interface.h>
#include <coin/Clp_C_Interface.h>

/* name: the library's function, held under the same name */
#define CLP_FUNCTIONS(F)                                                                                                         \
    F(Clp_newModel)                                                                                                              \
    F(Clp_deleteModel) F(Clp_addRows) F(Clp_resize) F(Clp_chgRowLower) F(Clp_chgRowUpper) F(Clp_chgColumnLower)                  \
        F(Clp_chgColumnUpper) F(Clp_chgObjCoefficients) F(Clp_setMaximumSeconds) F(Clp_status) F(Clp_infeasibilityRay)           \
            F(Clp_unboundedRay) F(Clp_setLogLevel) F(Clp_initialSolve) F(Clp_dual) F(Clp_primal) F(Clp_getIterationCount)        \
                F(Clp_getColSolution) F(Clp_getRowPrice) F(Clp_getObjValue) F(Clp_secondaryStatus)
#define CBC_FUNCTIONS(F)                                                                                                         \
    F(Cbc_newModel)                                                                                                              \
    F(Cbc_deleteModel) F(Cbc_loadProblem) F(Cbc_setInteger) F(Cbc_setParameter) F(Cbc_setLogLevel)                               \
        F(Cbc_setAllowableFractionGap) F(Cbc_setMaximumSeconds) F(Cbc_setMaximumNodes) F(Cbc_solve) F(Cbc_isProvenOptimal)       \
            F(Cbc_isProvenInfeasible) F(Cbc_isContinuousUnbounded) F(Cbc_bestSolution) F(Cbc_getBestPossibleObjValue)            \
                F(Cbc_getIterationCount) F(Cbc_getNodeCount) F(Cbc_isInitialSolveProvenPrimalInfeasible)                         \
                    F(Cbc_numberSavedSolutions)

#define HOLD(name) __typeof__(&name) name;
struct lp_clp {
    CLP_FUNCTIONS(HOLD)
};
struct lp_cbc {
    CBC_FUNCTIONS(HOLD)
};

static bool find(void *library, const char *name, void *ret)
{
    void *found = dlsym(library, name);
    memcpy(ret, &found, sizeof found);
    return found != NULL;
}

bool lp_coin_load(struct lp_coin *ret)
{
    void *clp = dlopen("libClp.so.1", RTLD_NOW | RTLD_LOCAL), *cbc = dlopen("libCbcSolver.so.3", RTLD_NOW | RTLD_LOCAL);
    ret->clp = bg_heap_get(sizeof *ret->clp);
    ret->cbc = bg_heap_get(sizeof *ret->cbc);
    bool good = clp != NULL && cbc != NULL && ret->clp != NULL && ret->cbc != NULL;
#define FIND_CLP(name) good = good && find(clp, #name, &ret->clp->name);
#define FIND_CBC(name) good = good && find(cbc, #name, &ret->cbc->name);
    CLP_FUNCTIONS(FIND_CLP)
    CBC_FUNCTIONS(FIND_CBC)
    return good;
}

static void load_rows(const struct lp_clp *f, struct lp_job *job)
{
    const struct lp_request *q = &job->request;
    int from = q->known_rows > 0 ? q->known_rows : 0;
    if (q->known_rows < 0) {
        if (job->model != NULL) {
            f->Clp_deleteModel(job->model);
        }
        job->model = f->Clp_newModel();
        f->Clp_setLogLevel(job->model, 0);
        f->Clp_resize(job->model, 0, q->columns);
    }
    if (q->rows > from) {
        f->Clp_addRows(job->model, q->rows - from, job->row_low + from, job->row_high + from, job->start, job->column,
                       job->value);
    }
    f->Clp_chgObjCoefficients(job->model, job->cost);
    f->Clp_chgColumnLower(job->model, job->low);
    f->Clp_chgColumnUpper(job->model, job->high);
    f->Clp_chgRowLower(job->model, job->row_low);
    f->Clp_chgRowUpper(job->model, job->row_high);
}

bool lp_run_clp(struct lp_coin *coin, struct lp_job *job)
{
    const struct lp_clp *f = coin->clp;
    load_rows(f, job);
    f->Clp_setMaximumSeconds(job->model, job->request.seconds);
    if (job->request.known_rows < 0) {
        f->Clp_initialSolve(job->model);
    } else {
        f->Clp_dual(job->model, 0);
    }
    if (f->Clp_status(job->model) == 1 && job->request.known_rows < 0) { /* without the presolve, so that a ray is left */
        f->Clp_dual(job->model, 0);
    } else if (f->Clp_status(job->model) == 2 || f->Clp_status(job->model) == 4) {
        f->Clp_primal(job->model, 0);
    }
    int status = f->Clp_status(job->model);
    struct lp_reply reply = { .iterations = f->Clp_getIterationCount(job->model), .bound = -DBL_MAX };
    double *ray = NULL;
    reply.status =
        status == 0 ? LINEAR_OPTIMAL : (status == 1 ? LINEAR_INFEASIBLE : (status == 2 ? LINEAR_UNBOUNDED : LINEAR_LIMIT));
    if (status == 1) {
        ray = f->Clp_infeasibilityRay(job->model);
    } else if (status == 2) {
        ray = f->Clp_unboundedRay(job->model);
    }
    bool point = status == 0 || status == 3;
    return lp_reply(job, &reply, point ? f->Clp_getColSolution(job->model) : NULL,
                    status == 0 ? f->Clp_getRowPrice(job->model) : NULL, ray);
}

/* Rows to columns: what CBC wants. */
struct by_column {
    int *start, *row;
    double *value;
};

static bool turn(const struct lp_job *job, struct by_column *ret)
{
    const struct lp_request *q = &job->request;
    ret->start = bg_heap_get(((size_t)q->columns + 2) * sizeof *ret->start);
    ret->row = bg_heap_get(((size_t)q->entries + 1) * sizeof *ret->row);
    ret->value = bg_heap_get(((size_t)q->entries + 1) * sizeof *ret->value);
    if (ret->start == NULL || ret->row == NULL || ret->value == NULL) {
        return false;
    }
    for (int64_t e = 0; e < q->entries; e++) {
        ret->start[job->column[e] + 2]++;
    }
    for (int32_t j = 1; j <= q->columns + 1; j++) {
        ret->start[j] += ret->start[j - 1];
    }
    int *next = ret->start + 1; /* where column j begins; filling moves it to where j + 1 begins */
    for (int32_t i = 0; i < q->rows; i++) {
        for (int e = job->start[i]; e < job->start[i + 1]; e++) {
            int at = next[job->column[e]]++;
            ret->row[at] = i;
            ret->value[at] = job->value[e];
        }
    }
    return true;
}

static void set_whole(const struct lp_cbc *f, Cbc_Model *model, const struct lp_job *job)
{
    char text[32];
    for (int32_t j = 0; j < job->request.columns; j++) {
        if (job->whole[j]) {
            f->Cbc_setInteger(model, j);
        }
    }
    f->Cbc_setLogLevel(model, 0);
    (void)snprintf(text, sizeof text, "%.17g", job->request.gap);
    f->Cbc_setParameter(model, "ratioGap", text);
    f->Cbc_setParameter(model, "allowableGap", "0");
    (void)snprintf(text, sizeof text, "%.3f", job->request.seconds);
    f->Cbc_setParameter(model, "seconds", text);
    (void)snprintf(text, sizeof text, "%d", job->request.nodes_max);
    f->Cbc_setParameter(model, "maxNodes", text);
}

bool lp_run_cbc(struct lp_coin *coin, struct lp_job *job)
{
    const struct lp_cbc *f = coin->cbc;
    struct by_column c = { 0 };
    if (!turn(job, &c)) {
        return false;
    }
    Cbc_Model *model = f->Cbc_newModel();
    f->Cbc_loadProblem(model, job->request.columns, job->request.rows, c.start, c.row, c.value, job->low, job->high, job->cost,
                       job->row_low, job->row_high);
    set_whole(f, model, job);
    f->Cbc_solve(model);
    struct lp_reply reply = { .iterations = f->Cbc_getIterationCount(model),
                              .nodes = f->Cbc_getNodeCount(model),
                              .bound = f->Cbc_getBestPossibleObjValue(model) };
    const double *x = f->Cbc_bestSolution(model);
    if (f->Cbc_isProvenInfeasible(model) || f->Cbc_isInitialSolveProvenPrimalInfeasible(model)) {
        reply.status = LINEAR_INFEASIBLE;
        x = NULL;
    } else if (f->Cbc_isContinuousUnbounded(model)) {
        reply.status = LINEAR_UNBOUNDED;
        x = NULL;
    } else {
        reply.status = f->Cbc_isProvenOptimal(model) && x != NULL ? LINEAR_OPTIMAL : LINEAR_LIMIT;
    }
    bool good = lp_reply(job, &reply, x, NULL, NULL);
    f->Cbc_deleteModel(model);
    bg_heap_free(c.start);
    bg_heap_free(c.row);
    bg_heap_free(c.value);
    return good;
}
#endif
