/* The backstop portfolio: the closed form of a single period, duals that prove their cuts, the whole program of small cases by
 * the solver and by GLPK, the frontier, dominated contracts, what one more yuan buys; the city's size in the time of a comment
 * line. */
#include <time.h>

#include "engine/portfolio.h"
#include "engine/portfolio_impl.h"
#include "lp_bed.h"
#include "tap.h"

static struct bg_arena *arena;

static uint64_t seed = 27;
static double chance(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Demand 1…1000 equally likely; options with fee v and price e, shortage 100. Contracts sorted by fee falling and price rising
 * are used up to where P(D > y) = difference of fees / difference of prices. */
static void closed_form(void)
{
    enum { S = 1000 };
    static double need[S], probability[S], spot[S], none[S];
    double day[] = { 1 };
    int32_t from[] = { 0 };
    for (int s = 0; s < S; s++) {
        need[s] = s + 1;
        probability[s] = 1.0 / S;
        spot[s] = 100;
    }
    struct portfolio_source sources[] = { { 0, 12, 10, 0, 0, 5000, day },
                                          { 0, 8, 20, 0, 0, 5000, day },
                                          { 0, 3, 45, 0, 0, 5000, day },
                                          { 0, 9, 22, 0, 0, 5000, day } };
    struct portfolio_item item = { 100, 1 };
    struct portfolio_problem p = { 1, 4, S, 1, &item, sources, probability, need, spot, none, from, 0.95, INFINITY };
    struct lp *lp;
    bg_ignore(lp_open(NULL, &lp));
    struct linear_solver solver = lp_solver(lp);
    struct portfolio *pf;
    struct portfolio_point point;
    struct portfolio_source_view view[4];
    bg_err e = portfolio_open(&p, &solver, arena, &pf);
    OK(!bg_failed(e), "a single period opens");
    e = portfolio_plan(pf, INFINITY, 1e-9, false, &point);
    /* P(D > y1) = (12 - 8) / (20 - 10) = 0.4, P(D > y2) = (8 - 3) / (45 - 20) = 0.2, P(D > y3) = 3 / (100 - 45) */
    double first = point.commit[0], second = first + point.commit[1], third = second + point.commit[2];
    OK(!bg_failed(e) && fabs(first - 600) <= 1 && fabs(second - 800) <= 1 && fabs(third - 1000 * (1 - 3.0 / 55)) <= 1,
       "cumulative capacities %.1f, %.1f, %.1f as by the closed form", first, second, third);
    OK(point.gap < 1e-7, "and proved, gap %.1e", point.gap);
    OK(point.commit[3] == 0, "the contract above the line of the others is not signed");
    e = portfolio_view(pf, &point, view);
    OK(!bg_failed(e) && view[3].dominated_by == 1 && view[1].dominated_by == -1, "nor is it worth it next to the second");
    sources[3].fee = view[3].enter - 0.05;
    sources[3].price = 22;
    struct portfolio *again;
    struct portfolio_point other;
    e = portfolio_open(&p, &solver, arena, &again);
    bool in = !bg_failed(e) && !bg_failed(portfolio_plan(again, INFINITY, 1e-9, false, &other)) && other.commit[3] > 1;
    OK(in, "below its entering fee of %.2f it is", view[3].enter);
    portfolio_close(again);
    portfolio_close(pf);
    lp_close(lp);
}

struct small {
    struct portfolio_problem p;
    struct portfolio_item item[4];
    struct portfolio_source source[32];
    double profile[32][64], probability[128], need[4 * 128 * 64], spot_price[4 * 128], spot_cap[4 * 128];
    int32_t from[4];
};

static void make_small(struct small *c, int items, int each, int scenarios, int days)
{
    memset(c, 0, sizeof *c);
    c->p = (struct portfolio_problem){ items,   items * each,  scenarios,   days,    c->item, c->source, c->probability,
                                       c->need, c->spot_price, c->spot_cap, c->from, 0.8,     INFINITY };
    for (int k = 0; k < items; k++) {
        c->item[k] = (struct portfolio_item){ 200, 0.01 + 0.01 * k };
        c->from[k] = k % 2;
        for (int j = 0; j < each; j++) {
            struct portfolio_source *s = &c->source[k * each + j];
            double *profile = c->profile[k * each + j];
            bool stock = j == 0;
            for (int t = 0; t < days; t++) {
                profile[t] = stock ? t == 0 : (t >= j ? 1 : 0);
            }
            *s = (struct portfolio_source){
                k, stock ? 20 : 10 + 20 * chance(), 5 + 30 * chance(), stock ? 6 : 0, 0, stock ? 400 : 60, profile
            };
        }
    }
    for (int s = 0; s < scenarios; s++) {
        c->probability[s] = 1.0 / scenarios;
        double size = 5 + 60 * chance() * chance();
        for (int k = 0; k < items; k++) {
            c->spot_price[k * scenarios + s] = 40 + 100 * chance();
            c->spot_cap[k * scenarios + s] = floor(10 * chance());
            for (int t = 0; t < days; t++) {
                c->need[(k * scenarios + s) * days + t] =
                    chance() < 0.1 ? 0 : floor(size * (0.5 + chance()) * (t < days / 2 ? 1 + t : days - t) / 3);
            }
        }
    }
}

/* The whole program: uses of each source by day, spot, shortage, CVaR. */
static void whole(const struct portfolio_problem *p, double bound, struct linear_model *m)
{
    linear_open(m);
    for (int j = 0; j < p->sources; j++) {
        const struct portfolio_source *s = &p->source[j];
        double total = 0;
        for (int t = 0; t < p->days; t++) {
            total += s->profile[t];
        }
        (void)linear_column(m, s->fee + s->unused * total, s->min, s->max);
    }
    int eta = linear_column(m, 0, 0, INFINITY), z = m->columns;
    for (int s = 0; s < p->scenarios; s++) {
        (void)linear_column(m, 0, 0, INFINITY);
    }
    int y = m->columns, per = (p->sources + 2 * p->items) * p->days;
    for (int s = 0; s < p->scenarios; s++) {
        for (int j = 0; j < p->sources; j++) {
            for (int t = 0; t < p->days; t++) {
                (void)linear_column(m, p->probability[s] * (p->source[j].price - p->source[j].unused), 0, INFINITY);
            }
        }
        for (int k = 0; k < p->items; k++) {
            for (int t = 0; t < 2 * p->days; t++) {
                (void)linear_column(m,
                                    p->probability[s] * (t < p->days ? p->spot_price[k * p->scenarios + s] : p->item[k].shortage),
                                    0, INFINITY);
            }
        }
    }
    for (int s = 0; s < p->scenarios; s++) {
        int base = y + s * per, spot = base + p->sources * p->days;
        for (int j = 0; j < p->sources; j++) {
            for (int t = 0; t < p->days; t++) {
                double released = 0;
                linear_row(m, -INFINITY, 0);
                for (int d = 0; d <= t; d++) {
                    linear_add(m, base + j * p->days + d, 1);
                    released += p->source[j].profile[d];
                }
                linear_add(m, j, -released);
            }
        }
        for (int k = 0; k < p->items; k++) {
            for (int t = 0; t < p->days; t++) {
                int64_t at = (int64_t)k * p->scenarios + s;
                linear_row(m, p->need[at * p->days + t], p->need[at * p->days + t]);
                for (int j = 0; j < p->sources; j++) {
                    if (p->source[j].item == k) {
                        linear_add(m, base + j * p->days + t, 1);
                    }
                }
                linear_add(m, spot + k * 2 * p->days + t, 1);
                linear_add(m, spot + k * 2 * p->days + p->days + t, 1);
                linear_row(m, -INFINITY, t >= p->spot_from[k] ? p->spot_cap[at] * (t + 1 - p->spot_from[k]) : 0);
                for (int d = 0; d <= t; d++) {
                    linear_add(m, spot + k * 2 * p->days + d, 1);
                }
            }
        }
        linear_row(m, 0, INFINITY);
        linear_add(m, z + s, 1);
        linear_add(m, eta, 1);
        for (int k = 0; k < p->items; k++) {
            for (int t = 0; t < p->days; t++) {
                linear_add(m, spot + k * 2 * p->days + p->days + t, -p->item[k].weight);
            }
        }
    }
    linear_row(m, -INFINITY, bound);
    linear_add(m, eta, 1);
    for (int s = 0; s < p->scenarios; s++) {
        linear_add(m, z + s, p->probability[s] / (1 - p->level));
    }
    linear_row(m, -INFINITY, p->budget);
    for (int j = 0; j < p->sources; j++) {
        linear_add(m, j, p->source[j].fee);
    }
}

static void against_whole(int number, double budget)
{
    static struct small c;
    make_small(&c, 1 + number % 3, 3 + number % 2, 10 + number, 6 + number);
    c.p.budget = budget;
    struct lp *lp;
    bg_ignore(lp_open(NULL, &lp));
    struct linear_solver solver = lp_solver(lp);
    struct portfolio *pf;
    struct portfolio_point open, point;
    double least = -1;
    bg_err e = portfolio_open(&c.p, &solver, arena, &pf);
    e = bg_failed(e) ? e : portfolio_least_cvar(pf, &least);
    e = bg_failed(e) ? e : portfolio_plan(pf, INFINITY, 1e-8, false, &open);
    OK(!bg_failed(e) && open.cost.cvar >= least - 1e-6, "case %d: least CVaR %.3f, without a bound %.3f", number, least,
       open.cost.cvar);
    for (int i = 0; i < 3; i++) {
        double bound = i == 0 ? INFINITY : (i == 1 ? least + 0.4 * (open.cost.cvar - least) : least + 1e-5);
        struct linear_model m;
        struct linear_answer a;
        e = portfolio_plan(pf, bound, 1e-8, i == 1, &point);
        whole(&c.p, bound, &m);
        struct lp *other;
        bg_ignore(lp_open(NULL, &other));
        struct linear_solver second = lp_solver(other);
        bg_err e2 = second.solve(second.ctx, &m, NULL, &a);
        OK(!bg_failed(e) && !bg_failed(e2) && a.proved && fabs(point.cost.total - a.objective) <= 1e-5 * fmax(1, a.objective) &&
               point.gap < 1e-6,
           "case %d, bound %d: cutting planes %.4f, the whole program %.4f", number, i, point.cost.total, a.objective);
        if (i == 1 && lp_bed_has_glpsol()) {
            double third = lp_bed_glpsol(&m, 0);
            OK(fabs(third - a.objective) <= 1e-5 * fmax(1, fabs(third)), "case %d: GLPK finds the same", number);
        }
        if (i == 1 && open.cost.cvar > least + 0.01) {
            OK(point.price_checked >= point.price * (1 - 0.02) - 1e-3,
               "case %d: a unit of risk less costs %.2f by the dual, %.2f by solving again", number, point.price,
               point.price_checked);
        }
        lp_close(other);
        linear_close(&m);
    }
    OK(portfolio_plan(pf, least * 0.9 - 0.01, 1e-6, false, &point).code == BG_PORTFOLIO_RISK,
       "case %d: less than the least is refused", number);
    portfolio_close(pf);
    lp_close(lp);
}

/* At the commitments themselves the cut is the cost; elsewhere it is never above. */
static void cuts(void)
{
    static struct small c;
    int tight = 0, below = 0, tried = 0;
    for (int round = 0; round < 30; round++) {
        make_small(&c, 1, 5, 4, 20);
        struct portfolio_recourse r;
        bg_ignore(portfolio_recourse_make(&c.p, 0, arena, &r));
        double at[5], other[5];
        for (int j = 0; j < 5; j++) {
            at[j] = c.source[j].max * chance();
            other[j] = c.source[j].max * chance();
        }
        for (int s = 0; s < 4; s++) {
            struct portfolio_value v, w;
            double slope[5] = { 0 }, constant = 0, here = 0, there = 0;
            portfolio_serve(&r, s, at, &v, slope, &constant);
            portfolio_serve(&r, s, other, &w, NULL, NULL);
            for (int j = 0; j < 5; j++) {
                here += slope[j] * at[j];
                there += slope[j] * other[j];
            }
            double cost = 0.25 * (v.use + v.waste + v.shortage), elsewhere = 0.25 * (w.use + w.waste + w.shortage);
            tried++;
            tight += fabs(constant + here - cost) <= 1e-9 * fmax(1, cost);
            below += constant + there <= elsewhere + 1e-9 * fmax(1, elsewhere);
        }
    }
    OK(tight == tried && below == tried, "the duals of serving equal its cost in %d of %d cases and bound it elsewhere in %d",
       tight, tried, below);
}

static void city(void)
{
    enum { K = 10, J = 7, S = 100, D = 60 };
    static double need[K * S * D], probability[S], price[K * S], cap[K * S], profile[K * J][D];
    static struct portfolio_source source[K * J];
    static struct portfolio_item item[K];
    static int32_t from[K];
    for (int s = 0; s < S; s++) {
        probability[s] = 1.0 / S;
        double size = exp(1.2 * (chance() + chance() + chance() - 1.5) * 2), peak = 15 + 30 * chance();
        for (int k = 0; k < K; k++) {
            price[k * S + s] = 8 + 10 * chance();
            cap[k * S + s] = 200 + 800 * chance();
            for (int t = 0; t < D; t++) {
                need[(k * S + s) * D + t] =
                    floor(1000 * (1 + k) * size * exp(-(t - peak) * (t - peak) / 200) * (0.8 + 0.4 * chance()));
            }
        }
    }
    for (int k = 0; k < K; k++) {
        item[k] = (struct portfolio_item){ 60, 1.0 / (400 * (1 + k)) };
        from[k] = 3;
        for (int j = 0; j < J; j++) {
            int lead = j == 0 ? 0 : 2 * j;
            for (int t = 0; t < D; t++) {
                double ramp = (t - lead + 1) / 7.0;
                profile[k * J + j][t] = j == 0 ? t == 0 : (t < lead ? 0 : fmin(1, ramp));
            }
            source[k * J + j] = (struct portfolio_source){ k,
                                                           j == 0 ? 1.2 : 8 + 6 * chance() - 0.5 * j,
                                                           j == 0 ? 4 : 5 + 3 * chance(),
                                                           j == 0 ? 1 : 0,
                                                           0,
                                                           j == 0 ? 1e5 * (1 + k) : 1500.0 * (1 + k),
                                                           profile[k * J + j] };
        }
    }
    struct portfolio_problem p = { K, K * J, S, D, item, source, probability, need, price, cap, from, 0.95, INFINITY };
    struct lp *lp;
    bg_ignore(lp_open(&(struct lp_limits){ .seconds = 300 }, &lp));
    struct linear_solver solver = lp_solver(lp);
    struct portfolio *pf;
    struct portfolio_point point;
    struct timespec a, b;
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    double least = 0, open = 0;
    bg_err e = portfolio_open(&p, &solver, arena, &pf);
    e = bg_failed(e) ? e : portfolio_plan(pf, INFINITY, 1e-4, false, &point);
    open = point.cost.cvar;
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    printf("# 10 items, 8 sources, 60 days, 100 scenarios: %.2f s, %d rounds, gap %.1e\n",
           (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec), point.rounds, point.gap);
    OK(!bg_failed(e) && point.gap <= 1e-4, "the city's size is solved and proved");
    e = portfolio_least_cvar(pf, &least);
    double before = 0;
    bool rising = !bg_failed(e);
    for (int i = 6; i >= 0 && rising; i--) {
        e = portfolio_plan(pf, least + (open - least) * i / 6, 1e-4, i == 3, &point);
        rising = !bg_failed(e) && point.cost.total >= before * (1 - 2e-4) && point.gap <= 1e-4;
        before = point.cost.total;
        printf("# CVaR %.3f cost %.0f rounds %d price %.0f checked %.0f\n", point.cost.cvar, point.cost.total, point.rounds,
               point.price, point.price_checked);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    printf("# frontier: %.2f s in all\n", (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec));
    OK(rising, "the frontier: less risk never costs less");
    portfolio_close(pf);
    lp_close(lp);
}

static void refusals(void)
{
    static struct small c;
    make_small(&c, 1, 3, 4, 5);
    struct linear_solver none = { 0 };
    struct portfolio *pf;
    c.item[0].shortage = 1;
    bg_err e = portfolio_open(&c.p, &none, arena, &pf);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "shortage") == 0, "a shortage cheaper than a source is refused");
    c.item[0].shortage = 200;
    c.probability[0] = 0.9;
    e = portfolio_open(&c.p, &none, arena, &pf);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "probability") == 0, "probabilities that are no whole");
    c.probability[0] = 0.25;
    c.need[3] = -1;
    e = portfolio_open(&c.p, &none, arena, &pf);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "need") == 0, "a negative need");
    c.need[3] = 1;
    c.p.days = 100000;
    OK(portfolio_open(&c.p, &none, arena, &pf).code == BG_BAD_INPUT, "too many days");
}

int main(int argc, char **argv)
{
    LP_CHILD(argc, argv);
    arena = bg_arena_open(1024u << 20);
    refusals();
    cuts();
    if (lp_bed_absent()) {
        SKIP("no solver here");
        return TAP_DONE();
    }
    closed_form();
    for (int i = 0; i < 4; i++) {
        against_whole(i, i == 2 ? 1500 : INFINITY);
    }
    city();
    bg_arena_close(arena);
    return TAP_DONE();
}
