/* The positive list against brute force on the 11-firm example and on random networks; who stops when against the published
 * steps. */
#include <math.h>
#include <string.h>

#include "engine/positive.h"
#include "tap.h"

static uint64_t seed = 12;
static double chance(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

#define MOST 40
static const struct cascade_link example_links[] = { { 1, 0, 1 },  { 1, 2, 1 },  { 2, 6, 1 }, { 5, 6, 1 }, { 6, 3, 1 },
                                                     { 6, 10, 1 }, { 7, 10, 1 }, { 8, 4, 1 }, { 8, 9, 1 }, { 9, 6, 1 } };
static const int32_t example_sector[] = { 0, 1, 0, 2, 3, 1, 3, 0, 1, 2, 4 };
static const double one_each[MOST] = { [0 ... MOST - 1] = 1 };
static const int32_t one_pass[MOST] = { [0 ... MOST - 1] = 1 };

/* Least loss over all lists of candidates within the limit. */
static double brute(const struct positive_problem *p)
{
    struct cascade *c;
    double best = INFINITY, loss;
    bool listed[MOST];
    int n = p->network->firms;
    bg_ignore(cascade_open(p->network, &c));
    for (uint32_t mask = 0; mask < 1u << n; mask++) {
        if (__builtin_popcount(mask) != p->limit) { /* more is never worse */
            continue;
        }
        for (int i = 0; i < n; i++) {
            listed[i] = (mask >> i & 1) != 0;
        }
        if (!bg_failed(positive_loss(p, c, listed, &loss))) {
            best = fmin(best, loss);
        }
    }
    cascade_close(c);
    return best;
}

static void example(enum cascade_function function)
{
    struct cascade_network n = { .firms = 11,
                                 .sectors = 5,
                                 .sector = example_sector,
                                 .links = example_links,
                                 .count = 10,
                                 .function = function,
                                 .market = true,
                                 .eps = 1e-6 };
    uint8_t state[MOST] = { 0 };
    struct positive_problem p = { .network = &n, .flow = 0.2, .weight = one_each, .passes = one_pass, .state = state };
    int equal = 0, exact = 0;
    for (int limit = 1; limit <= 5; limit++) {
        struct positive_result r;
        bool listed[MOST];
        double price[MOST];
        p.limit = limit;
        bg_err e = positive_list(&p, &r, listed, price);
        equal += !bg_failed(e) && fabs(r.loss - brute(&p)) < 1e-9;
        exact += !bg_failed(e) && r.exact && r.passes == limit && r.loss <= r.loss_none && r.loss >= r.loss_all;
    }
    OK(equal == 5 && exact == 5, "11 firms, limits 1 to 5: the best list by brute force in %d of 5", equal);
}

static struct cascade_link links[400];
static int32_t sectors[MOST];
static void random_network(int firms, int count, struct cascade_network *n)
{
    for (int i = 0; i < firms; i++) {
        sectors[i] = (int32_t)(chance() * 5);
    }
    for (int e = 0; e < count; e++) {
        links[e].supplier = (int32_t)(chance() * firms);
        do {
            links[e].buyer = (int32_t)(chance() * firms);
        } while (links[e].buyer == links[e].supplier);
        links[e].amount = 1 + floor(chance() * 20);
    }
    *n = (struct cascade_network){ .firms = firms,
                                   .sectors = 5,
                                   .sector = sectors,
                                   .links = links,
                                   .count = count,
                                   .function = CASCADE_LEONTIEF,
                                   .market = true,
                                   .eps = 1e-6 };
}

/* 18 firms and 9 passes are too many lists to try all: the greedy with bundles and exchanges must still avoid 95 % of what can
 * be. */
static void against_brute(void)
{
    double worst = 1;
    int inexact = 0;
    for (int round = 0; round < 6; round++) {
        struct cascade_network n;
        double weight[MOST];
        uint8_t state[MOST] = { 0 };
        random_network(18, 40, &n);
        for (int i = 0; i < 18; i++) {
            weight[i] = 1 + floor(chance() * 10);
        }
        struct positive_problem p = {
            .network = &n, .flow = 0.1, .weight = weight, .passes = one_pass, .state = state, .limit = 9
        };
        struct positive_result r;
        bool listed[MOST];
        bg_err e = positive_list(&p, &r, listed, NULL);
        double best = brute(&p),
               avoided = bg_failed(e) || r.loss_none <= best ? 0 : (r.loss_none - r.loss) / (r.loss_none - best);
        worst = fmin(worst, r.loss_none - best < 1e-9 ? 1 : avoided);
        inexact += !r.exact;
    }
    OK(worst >= 0.95 && inexact == 6,
       "18 firms, 9 passes, six networks: the list avoids at least %.1f %% of what the best one does", 100 * worst);
}

/* A firm, its sole supplier and theirs: single firms gain nothing, the bundle all. */
static void bundles(void)
{
    static const struct cascade_link chain[] = { { 0, 1, 1 }, { 1, 2, 1 }, { 2, 3, 1 } };
    static const int32_t sector[MOST] = { 0, 1, 2, 3, 4, 4, 4 };
    double weight[MOST] = { 0, 0, 0, 100 };
    uint8_t state[MOST] = { 0 };
    for (int i = 4; i < 40; i++) {
        weight[i] = 1;
    }
    static int32_t many[MOST];
    for (int i = 0; i < 40; i++) {
        many[i] = i < 4 ? sector[i] : 4;
    }
    struct cascade_network n = {
        .firms = 40, .sectors = 5, .sector = many, .links = chain, .count = 3, .function = CASCADE_LEONTIEF, .eps = 1e-6
    };
    struct positive_problem p = { .network = &n, .flow = 0, .weight = weight, .passes = one_pass, .state = state, .limit = 6 };
    struct positive_result r;
    bool listed[MOST];
    double price[MOST];
    bg_err e = positive_list(&p, &r, listed, price);
    OK(!bg_failed(e) && listed[0] && listed[1] && listed[2] && listed[3] && r.passes == 6,
       "a firm is listed with the suppliers it can not do without");
    OK(!bg_failed(e) && price[0] > 0.5 && fabs(price[0] - price[3]) < 1e-9,
       "and the price of leaving one of them out is all of it");
    state[1] = POSITIVE_EXCLUDED;
    e = positive_list(&p, &r, listed, price);
    OK(!bg_failed(e) && !listed[1] && !listed[3], "where a link may not be listed, the firm behind it is not worth a pass");
    state[1] = POSITIVE_EXEMPT;
    state[20] = POSITIVE_MANDATORY;
    e = positive_list(&p, &r, listed, price);
    OK(!bg_failed(e) && !listed[1] && listed[3] && listed[20] && r.passes <= 6,
       "an exempt link needs no pass, a mandatory firm takes one");
    p.limit = 0;
    OK(positive_list(&p, &r, listed, price).code == BG_POSITIVE_LIMIT, "more mandatory firms than passes are refused");
    p.limit = -1;
    OK(positive_list(&p, &r, listed, price).code == BG_BAD_INPUT, "a negative limit is refused");
}

static void days(void)
{
    struct cascade_network n;
    struct cascade *c;
    double shock[MOST] = { 0 }, none[MOST] = { 0 }, level[MOST], down[MOST], up[MOST];
    int32_t day[MOST];
    struct cascade_index index;
    random_network(40, 120, &n);
    n.function = CASCADE_LINEAR;
    n.eps = 1e-12;
    bg_ignore(cascade_open(&n, &c));
    shock[3] = 1;
    shock[9] = 0.5;
    bg_err e = cascade_days(c, shock, none, 0.9, 2000, day, level);
    bg_ignore(cascade_scenario(c, shock, &index, down, up, NULL));
    double apart = 0;
    for (int i = 0; i < 40; i++) {
        apart = fmax(apart, fabs(level[i] - down[i]));
    }
    OK(!bg_failed(e) && apart < 1e-9, "without stocks the days end where the published equations do: %.1e", apart);
    OK(day[3] == 0 && day[9] == 0, "those shocked stop on day 0");
    cascade_close(c);
    /* A chain 0 -> 1 -> 2, each buyer with stock: 1 lives 4 days on its stock and stops on day 5, 2 another 2 and a day on the
     * road. */
    static const struct cascade_link chain[] = { { 0, 1, 1 }, { 1, 2, 1 } };
    static const int32_t sector[] = { 0, 1, 2 };
    double buffer[] = { 0, 4, 2 }, stop[] = { 1, 0, 0 }, half[] = { 0.5, 0, 0 };
    struct cascade_network line = {
        .firms = 3, .sectors = 3, .sector = sector, .links = chain, .count = 2, .function = CASCADE_LEONTIEF, .eps = 1e-6
    };
    bg_ignore(cascade_open(&line, &c));
    e = cascade_days(c, stop, buffer, 0.5, 30, day, level);
    OK(!bg_failed(e) && day[0] == 0 && day[1] == 5 && day[2] == 8, "a chain with stocks: days %d, %d, %d", day[0], day[1],
       day[2]);
    e = cascade_days(c, half, buffer, 0.6, 30, day, level);
    OK(!bg_failed(e) && day[1] == 9 && day[2] == 14 && fabs(level[2] - 0.5) < 1e-12,
       "half the loss empties the stock in twice the time: %d, %d", day[1], day[2]);
    e = cascade_days(c, stop, buffer, 0.5, 5, day, level);
    OK(!bg_failed(e) && day[1] == -1, "a day earlier nobody behind has stopped");
    buffer[1] = -1;
    e = cascade_days(c, stop, buffer, 0.5, 5, day, level);
    OK(e.code == BG_BAD_INPUT && strcmp(e.field, "buffer") == 0, "a negative stock is refused");
    cascade_close(c);
}

int main(void)
{
    example(CASCADE_LINEAR);
    example(CASCADE_LEONTIEF);
    bundles();
    days();
    against_brute();
    return TAP_DONE();
}
