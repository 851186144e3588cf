/* Lines recorded late, shaped like a national programme's stock cards: half of them a day late or more, a tenth two months, a few
 * years. The clock moves on while they come in out of order; months are snapshot in between. No account may have closed any past
 * day below zero, and every question about the past is answered as if the lines had come in order. */
#include "ledger_bed.h"

#define CARDS 12
#define LINES 900
#define OPEN_DAYS 2400

struct late_line {
    size_t card;
    int64_t change; /* of the usable stock, as it came about */
    bg_ms occurred_at, recorded_at;
};

struct late {
    struct ledger_bed *lb;
    struct bg_env_sim sim;
    struct bg_env env;
    struct late_line lines[LINES * 2];
    size_t count;
    int64_t refused, unexplained;
};

static int64_t below(struct late *l, int64_t bound)
{
    return (int64_t)bg_random_below(&l->env, (uint64_t)bound);
}

static int64_t days_late(struct late *l)
{
    int64_t draw = below(l, 100);
    return draw < 50   ? 0
           : draw < 80 ? 1 + below(l, 3)
           : draw < 90 ? 4 + below(l, 51)
           : draw < 98 ? 55 + below(l, 200)
                       : 255 + below(l, 2044);
}

static int64_t place_of(const struct late *l, size_t card)
{
    const int64_t places[] = { l->lb->airport, l->lb->jinnan, l->lb->hospital };
    return places[card % 3];
}

static int64_t lot_of(const struct late *l, size_t card)
{
    return l->lb->mask_lots[card / 3];
}

static void keep(struct late *l, size_t card, int64_t change, bg_ms at)
{
    l->lines[l->count++] = (struct late_line){ card, change, at, l->lb->sim.now };
}

/* A receipt, or use at a hospital or district (a fact), or an issue from the reserve (an intent). */
static void one(struct late *l)
{
    struct ledger_bed *lb = l->lb;
    size_t card = (size_t)below(l, CARDS);
    int64_t qty = 1 + below(l, 40), place = place_of(l, card), lot = lot_of(l, card), late = days_late(l);
    bg_ms at = late == 0 ? lb->sim.now : lb->sim.now - late * BED_DAY - below(l, 3600000);
    if (below(l, 2) == 0) {
        bed_must("receive", bed_receive(lb, place, lb->mask, lot, qty, at));
        keep(l, card, qty, at);
        return;
    }
    int64_t before = bed_qty(lb, place, lb->mask, lot, LEDGER_USABLE);
    if (card % 3 == 0) {
        bg_err err = bed_issue(lb, place, lb->site, lb->mask, lot, qty, false, at);
        if (bg_failed(err) && err.code != BG_STOCK_SHORT && err.code != BG_STOCK_PAST) {
            bed_stop("issue", err);
        }
        l->refused += bg_failed(err);
    } else {
        const struct ledger_line use = { .from = bed_key(place, lb->mask, lot, LEDGER_USABLE), .qty = qty };
        bed_must("use", bed_post_lines(lb, LEDGER_KIND_USE, LEDGER_REASON_USE, true, &use, 1, at));
    }
    int64_t taken = before - bed_qty(lb, place, lb->mask, lot, LEDGER_USABLE);
    l->unexplained += card % 3 != 0 ? qty - taken : 0;
    if (taken > 0) {
        keep(l, card, -taken, at);
    }
}

static int64_t balance(const struct late *l, size_t card, bg_ms at, bg_ms known_at)
{
    int64_t sum = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct late_line *line = &l->lines[i];
        sum += line->card == card && line->occurred_at <= at && line->recorded_at <= known_at ? line->change : 0;
    }
    return sum;
}

static bg_ms end_of(bg_date day)
{
    return bg_date_start(day + 1, BG_CITY_OFFSET_MIN) - 1;
}

/* The lowest close of any day that a line touched. */
static int64_t lowest_close(const struct late *l)
{
    int64_t lowest = 0;
    for (size_t i = 0; i < l->count; i++) {
        bg_ms end = end_of(bg_date_at(l->lines[i].occurred_at, BG_CITY_OFFSET_MIN));
        int64_t closing = balance(l, l->lines[i].card, end, INT64_MAX);
        lowest = closing < lowest ? closing : lowest;
    }
    return lowest;
}

/* Usable stock of a place as of random days and knowledge, against adding up the lines. */
static int64_t past_differences(struct late *l, int questions)
{
    int64_t differences = 0;
    for (int q = 0; q < questions; q++) {
        STORE_SCOPED_READ tx = NULL;
        BG_SCOPED_ARENA arena = bg_arena_open((size_t)4 << 20);
        struct ledger_cell *cells;
        size_t count, which = (size_t)below(l, 3);
        bg_ms at = l->lb->sim.now - below(l, 900) * BED_DAY,
              known = below(l, 2) == 0 ? BG_TIME_NONE : at + below(l, 90) * BED_DAY;
        const struct ledger_cells ask = {
            .city = BED_CITY, .item = l->lb->mask, .place = place_of(l, which), .at = at, .known_at = known
        };
        bed_must("read", store_read_begin(l->lb->store, 0, &tx));
        bed_must("cells", ledger_cell_list(tx, &ask, arena, &cells, &count));
        int64_t want = 0;
        for (size_t card = which; card < CARDS; card += 3) {
            want += balance(l, card, at, known == BG_TIME_NONE ? INT64_MAX : known);
        }
        differences += want != (count > 0 ? cells[0].by_status[LEDGER_USABLE] : 0);
    }
    return differences;
}

static void suite(enum bed_kind kind, int lines)
{
    static struct late l;
    struct ledger_report report;
    l = (struct late){ .lb = bed_ledger(kind, 5) };
    l.env = bg_env_seeded(&l.sim, 5, 0);
    struct ledger_put open = {
        .if_version = -1,
        .city = { .offset_min = BG_CITY_OFFSET_MIN, .open_days = OPEN_DAYS, .open_from = BG_DATE_NONE, .review_hours = 24 }
    };
    bed_must("open", bed_change(l.lb, &ledger_city_put, &open, BG_TIME_NONE, NULL));
    for (int i = 0; i < lines; i++) {
        l.lb->sim.now += below(&l, 2 * BED_DAY / 10);
        one(&l);
        if (i % 100 == 99) {
            bed_must("snapshot", bed_change(l.lb, &ledger_snapshotting, NULL, BG_TIME_NONE, NULL));
        }
    }
    OK(bed_int(l.lb, "SELECT COUNT(*) FROM movement WHERE late = 1") > lines / 4, "%s: %d lines, many late, %lld issues refused",
       l.lb->bed.name, lines, (long long)l.refused);
    OK(lowest_close(&l) == 0, "no account closed any day below zero, as known now");
    OK(-bed_int(l.lb, "SELECT SUM(qty) FROM stock_account WHERE status = 13") == l.unexplained && l.unexplained > 0,
       "what use could not be explained stands in discrepancy: %lld", (long long)l.unexplained);
    OK(past_differences(&l, lines / 4) == 0, "and the past is as if they had come in order");
    bed_must("verify", ledger_verify(l.lb->store, &report));
    OK(report.differences == 0, "verify: 0 differences %s %s %s", report.table, report.key, report.kind);
    bed_ledger_done(l.lb);
}

int main(void)
{
    suite(BED_SQLITE, LINES);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES, LINES / 4);
    } else {
        SKIP("no PostgreSQL");
    }
    return TAP_DONE();
}
