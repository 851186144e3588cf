/* Gamma distribution function and its inverse. */
#include "engine/gamma.h"

#include <assert.h>
#include <float.h>
#include <math.h>

#define STEPS 10000

/* x^shape e^-x / Gamma(shape + 1), in logs so that large shapes do not overflow. */
static double leading_term(double shape, double x)
{
    int sign;
    return exp(shape * log(x) - x - lgamma_r(shape + 1, &sign));
}

static double by_series(double shape, double x)
{
    double term = 1, sum = 1;
    for (int n = 1; n < STEPS && term > sum * DBL_EPSILON * 0.25; n++) {
        term *= x / (shape + n);
        sum += term;
    }
    return leading_term(shape, x) * sum;
}

/* The upper tail, 1 - P, by the continued fraction. */
static double by_fraction(double shape, double x)
{
    double b = x + 1 - shape, c = 1 / DBL_MIN, d = 1 / b, h = d;
    for (int i = 1; i < STEPS; i++) {
        double a = -i * (i - shape);
        b += 2;
        d = a * d + b;
        d = fabs(d) < DBL_MIN ? DBL_MIN : d;
        c = b + a / c;
        c = fabs(c) < DBL_MIN ? DBL_MIN : c;
        d = 1 / d;
        double factor = d * c;
        h *= factor;
        if (fabs(factor - 1) < DBL_EPSILON) {
            break;
        }
    }
    return leading_term(shape, x) * shape * h;
}

double gamma_cdf(double shape, double x)
{
    assert(shape > 0);
    if (x <= 0) {
        return 0;
    }
    return x < shape + 1 ? by_series(shape, x) : 1 - by_fraction(shape, x);
}

static double start_at(double shape, double p)
{
    /* Normal quantile by Abramowitz and Stegun 26.2.23: three digits are plenty for a start. */
    double tail = p < 0.5 ? p : 1 - p;
    double t = sqrt(-2 * log(tail));
    double z = t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
    z = p < 0.5 ? -z : z;
    double root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape));
    double x = shape * root * root * root;
    if (root <= 0 || x <= 0) {
        int sign;
        x = exp((log(p) + lgamma_r(shape + 1, &sign)) / shape);
    }
    return x;
}

double gamma_quantile(double shape, double p)
{
    assert(shape > 0 && p > 0 && p < 1);
    double low = 0, high = INFINITY, x = start_at(shape, p);
    for (int i = 0; i < 200; i++) {
        double miss = gamma_cdf(shape, x) - p;
        if (miss > 0) {
            high = x;
        } else {
            low = x;
        }
        int sign;
        double density = exp((shape - 1) * log(x) - x - lgamma_r(shape, &sign));
        double next = density > 0 ? x - miss / density : x;
        if (!(next > low && next < high)) {
            next = isinf(high) ? 2 * x : (low + high) / 2;
        }
        if (fabs(next - x) <= 2 * DBL_EPSILON * x) {
            return next;
        }
        x = next;
    }
    return x;
}
