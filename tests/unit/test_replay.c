/* The replay: the same start and suppliers for every policy, money kept to, stock adds up, and the page says what it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay.h"
#include "tap.h"

static double worth(const struct tables *t, const double *pieces)
{
    double sum = 0;
    for (int i = 0; i < REPLAY_ITEMS; i++) {
        sum += pieces[i] * t->item[tables_find_item(t, bg_str_of(replay_items[i]))].price;
    }
    return sum;
}

int main(void)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)1 << 30);
    BG_SCOPED_BUF page = bg_buf_init(16u << 20);
    BG_SCOPED_BUF picture = bg_buf_init(16u << 20);
    struct tables tables;
    struct replay_run *runs;
    int count = 0;
    OK(!bg_failed(replay_all(arena, &tables, &runs, &count)) && count > 40, "%d outbreaks are replayed", count);
    bool money = true, start = true, stock = true, rising = true;
    int worse = 0;
    for (int c = 0; c < count; c++) {
        const struct replay_run *r = &runs[c];
        money = money && worth(&tables, r->target[REPLAY_MONEY]) <= worth(&tables, r->target[REPLAY_FIXED]) * (1 + 1e-9);
        start = start && memcmp(r->start[REPLAY_FIXED], r->start[REPLAY_MONEY], sizeof r->start[0]) == 0 &&
                memcmp(r->start[REPLAY_FIXED], r->start[REPLAY_FULL], sizeof r->start[0]) == 0;
        for (int use = 0; use < REPLAY_USES; use++) {
            for (int p = 0; p < REPLAY_POLICIES; p++) {
                for (int i = 0; i < REPLAY_ITEMS; i++) {
                    stock = stock && r->hand[use][p][0][i] == r->start[p][i];
                    for (int t = 0; t <= REPLAY_DAYS; t++) {
                        double most = fmax(r->target[p][i], r->start[p][i]);
                        stock = stock && r->hand[use][p][t][i] >= 0 && r->hand[use][p][t][i] <= most * (1 + 1e-9);
                    }
                }
            }
            for (int t = 0; t < REPLAY_DAYS; t++) {
                for (int i = 0; i < REPLAY_ITEMS; i++) {
                    rising = rising && (use == 0 || r->need[use][t][i] >= r->need[use - 1][t][i] - 1e-6);
                }
            }
            worse += r->result[use][REPLAY_MONEY].short_days > r->result[use][REPLAY_FIXED].short_days;
        }
    }
    OK(money, "\"same money\" spends no more than the fixed standard");
    OK(start, "all start from the same stock");
    OK(stock, "nobody holds less than nothing or more than the position");
    OK(rising, "needs rise from low to middle to high");
    printf("# days short: more than the fixed standard in %d of %d runs\n", worse, REPLAY_USES * count);
    replay_page(&tables, runs, count, &page);
    replay_picture(&tables, &runs[0], &picture);
    bg_buf_byte(&page, '\0');
    bg_buf_byte(&picture, '\0');
    OK(!page.failed && strstr(page.at, "Needs are simulated") != NULL && strstr(page.at, "需求是模拟的") != NULL,
       "the page says that needs are simulated");
    OK(!picture.failed && strstr(picture.at, "Needs are simulated") != NULL && strstr(picture.at, "</svg>") != NULL,
       "and so does the picture");
    return TAP_DONE();
}
