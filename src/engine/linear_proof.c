/* The proof of an answer to a linear program: feasibility, the bound by weak duality, rays. Knows nothing of any solver. */
#include <math.h>
#include <string.h>

#include "engine/linear.h"

static double beyond(double value, double low, double high)
{
    double over = 0;
    if (value < low) {
        over = (low - value) / fmax(1, fabs(low));
    } else if (value > high) {
        over = (value - high) / fmax(1, fabs(high));
    }
    return isnan(value) ? INFINITY : over;
}

double linear_violation(const struct linear_model *m, const double *x)
{
    double worst = 0;
    for (int32_t j = 0; j < m->columns; j++) {
        worst = fmax(worst, beyond(x[j], m->low[j], m->high[j]));
        worst = m->whole[j] ? fmax(worst, fabs(x[j] - round(x[j]))) : worst;
    }
    for (int32_t i = 0; i < m->rows; i++) {
        double sum = 0, size = 1;
        for (int64_t e = m->row_start[i]; e < m->row_start[i + 1]; e++) {
            double part = m->value[e] * x[m->column[e]];
            sum += part;
            size = fmax(size, fabs(part));
        }
        /* Terms that cancel leave a rest of their own size times the precision: measured against the largest. */
        double over = beyond(sum, m->row_low[i], m->row_high[i]);
        double bound = sum < m->row_low[i] ? m->row_low[i] : m->row_high[i];
        worst = over > 0 ? fmax(worst, over * fmax(1, fabs(bound)) / fmax(size, fmax(1, fabs(bound)))) : worst;
    }
    return worst;
}

double linear_objective(const struct linear_model *m, const double *x)
{
    double sum = 0;
    for (int32_t j = 0; j < m->columns; j++) {
        sum += m->cost[j] * x[j];
    }
    return sum;
}

/* ret[columns] = start - A' y */
static void less_transposed(const struct linear_model *m, const double *y, double *ret)
{
    for (int32_t i = 0; i < m->rows; i++) {
        for (int64_t e = m->row_start[i]; y[i] != 0 && e < m->row_start[i + 1]; e++) {
            ret[m->column[e]] -= y[i] * m->value[e];
        }
    }
}

/* The least of d x over [low, high]; small d against an infinite bound is the rounding of a zero. */
static double least(double d, double low, double high, double tolerance)
{
    double bound = d > 0 ? low : high;
    if (d == 0 || (isinf(bound) && fabs(d) <= tolerance)) {
        return 0;
    }
    return d * bound;
}

bg_err linear_bound(const struct linear_model *m, const double *y, double tolerance, double *ret_reduced, double *ret_bound)
{
    double *block = bg_heap_get(((size_t)m->columns + (size_t)m->rows + 1) * sizeof *block);
    BG_TRY(bg_need(block));
    double *d = block, *used = block + m->columns, sum = 0;
    for (int32_t i = 0; i < m->rows; i++) {
        double side = y[i] > 0 ? m->row_low[i] : m->row_high[i];
        used[i] = isfinite(side) && isfinite(y[i]) ? y[i] : 0;
        sum += used[i] != 0 ? used[i] * side : 0;
    }
    memcpy(d, m->cost, (size_t)m->columns * sizeof *d);
    less_transposed(m, used, d);
    for (int32_t j = 0; j < m->columns; j++) {
        sum += least(d[j], m->low[j], m->high[j], tolerance);
    }
    if (ret_reduced != NULL) {
        memcpy(ret_reduced, d, (size_t)m->columns * sizeof *d);
    }
    *ret_bound = isnan(sum) ? -INFINITY : sum;
    bg_heap_free(block);
    return BG_DONE;
}

/* With weights y the rows ask for a sum of at least `asked`; the columns allow at most `allowed`. */
static bg_err ray_gap(const struct linear_model *m, const double *ray, double sign, double *ret)
{
    double *d = bg_heap_get(((size_t)m->columns + 1) * sizeof *d);
    double *y = bg_heap_get(((size_t)m->rows + 1) * sizeof *y);
    double size = 0, asked = 0, allowed = 0;
    if (d == NULL || y == NULL) {
        bg_heap_free(d);
        bg_heap_free(y);
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (int32_t i = 0; i < m->rows; i++) {
        size = fmax(size, fabs(ray[i]));
    }
    for (int32_t i = 0; i < m->rows && size > 0; i++) {
        y[i] = sign * ray[i] / size;
        double side = y[i] > 0 ? m->row_low[i] : m->row_high[i];
        y[i] = isfinite(side) && fabs(y[i]) > 1e-12 ? y[i] : 0;
        asked += y[i] != 0 ? y[i] * side : 0;
    }
    less_transposed(m, y, d);
    for (int32_t j = 0; j < m->columns; j++) {
        allowed -= least(d[j], m->low[j], m->high[j], 1e-7); /* most of (A'y) x = -(least of -(A'y) x) */
    }
    *ret = isfinite(allowed) ? (asked - allowed) / fmax(1, fmax(fabs(asked), fabs(allowed))) : -1;
    bg_heap_free(d);
    bg_heap_free(y);
    return BG_DONE;
}

bg_err linear_proves_infeasible(const struct linear_model *m, const double *ray, bool *ret)
{
    double one, other; /* solvers differ in the sign of their ray */
    BG_TRY(ray_gap(m, ray, 1, &one));
    BG_TRY(ray_gap(m, ray, -1, &other));
    *ret = one > LINEAR_TOLERANCE || other > LINEAR_TOLERANCE;
    return BG_DONE;
}

bg_err linear_proves_unbounded(const struct linear_model *m, const double *ray, bool *ret)
{
    double size = 0, pay = 0;
    for (int32_t j = 0; j < m->columns; j++) {
        size = fmax(size, fabs(ray[j]));
        pay += m->cost[j] * ray[j];
    }
    bool good = size > 0 && isfinite(size) && pay < -LINEAR_TOLERANCE * size;
    for (int32_t j = 0; j < m->columns && good; j++) {
        double r = ray[j] / size;
        good = (r <= LINEAR_TOLERANCE || isinf(m->high[j])) && (r >= -LINEAR_TOLERANCE || isinf(m->low[j]));
    }
    for (int32_t i = 0; i < m->rows && good; i++) {
        double sum = 0;
        for (int64_t e = m->row_start[i]; e < m->row_start[i + 1]; e++) {
            sum += m->value[e] * ray[m->column[e]] / size;
        }
        good = (sum <= LINEAR_TOLERANCE || isinf(m->row_high[i])) && (sum >= -LINEAR_TOLERANCE || isinf(m->row_low[i]));
    }
    *ret = good;
    return BG_DONE;
}

static bg_err judge_ray(const struct linear_model *m, struct linear_answer *a)
{
    a->objective = a->bound = a->status == LINEAR_INFEASIBLE ? INFINITY : -INFINITY;
    a->gap = 0;
    if (a->ray == NULL) {
        return BG_DONE;
    }
    return a->status == LINEAR_INFEASIBLE ? linear_proves_infeasible(m, a->ray, &a->proved)
                                          : linear_proves_unbounded(m, a->ray, &a->proved);
}

bg_err linear_judge(const struct linear_model *m, double claimed_bound, struct linear_answer *a)
{
    a->proved = a->point = false;
    if (a->status == LINEAR_INFEASIBLE || a->status == LINEAR_UNBOUNDED) {
        return judge_ray(m, a);
    }
    a->point = a->x != NULL && linear_violation(m, a->x) <= LINEAR_TOLERANCE;
    a->objective = a->x != NULL ? linear_objective(m, a->x) : INFINITY;
    double bound = claimed_bound;
    if (a->price != NULL) {
        double scale = 0;
        for (int32_t j = 0; j < m->columns; j++) {
            scale = fmax(scale, fabs(m->cost[j]));
        }
        BG_TRY(linear_bound(m, a->price, 1e-7 * fmax(1, scale), NULL, &bound));
    }
    a->bound = fmin(bound, a->objective);
    a->gap = a->point ? (a->objective - a->bound) / fmax(1, fabs(a->objective)) : INFINITY;
    a->proved = a->point && m->wholes == 0 && a->gap <= LINEAR_TOLERANCE;
    if (a->status == LINEAR_OPTIMAL && (!a->point || (m->wholes == 0 && !a->proved))) {
        return BG_FAIL(BG_LP_WRONG);
    }
    return BG_DONE;
}
