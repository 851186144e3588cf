/* Settings of a city's ledger. */
#include "ledger/ledger.h"

bg_err ledger_city_get(struct store_tx *tx, int64_t city, struct ledger_city *ret)
{
    struct ledger_city found = { .offset_min = BG_CITY_OFFSET_MIN, .open_days = 31, .open_from = BG_DATE_NONE, .review_hours = 24 };
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_LEDGER_CITY_GET, ARGS(V_INT(city)), &rows));
    BG_TRY(store_next(rows, &more));
    if (more) {
        found = (struct ledger_city){ .offset_min = (int)store_int(rows, 0), .open_days = (int)store_int(rows, 1),
                                      .open_from = (bg_date)store_int(rows, 2), .review_hours = (int)store_int(rows, 3),
                                      .late_max_days = (int)store_int(rows, 4), .version = store_int(rows, 5) };
    }
    *ret = found;
    return BG_DONE;
}
