/* The gamma distribution: what the R estimate and its quantiles need, to full double precision. */
#ifndef BG_ENGINE_GAMMA_H
#define BG_ENGINE_GAMMA_H

/* Regularised lower incomplete gamma function P(shape, x), shape > 0, x >= 0: the distribution function of Gamma(shape, scale 1).
 * Series for x < shape + 1, continued fraction (modified Lentz) beyond: Numerical methods as in DLMF 8.7.1 and 8.9.2. */
double gamma_cdf(double shape, double x);
/* The x with P(shape, x) = p, 0 < p < 1: Wilson-Hilferty start (Biometrika 1931), then safeguarded Newton steps on gamma_cdf. */
double gamma_quantile(double shape, double p);

#endif
