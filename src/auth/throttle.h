/* Private to auth: how often somebody may try a password. Pure; time is given.
 *
 * Two counters in the store: of a login name from one origin (or one registered device), and of a login name from strangers: origins from
 * which it never signed in. Doubling delays make guessing hopeless; somebody at a known origin or device is not held up by what strangers
 * do, so nobody can lock an owner out of the office. One counter in memory for each network address slows down a guesser of names. */
#ifndef BG_AUTH_THROTTLE_H
#define BG_AUTH_THROTTLE_H

#include "base/base.h"

struct throttle_row {
    int64_t failures;
    bg_ms last_at, free_at;
};
enum throttle_kind { THROTTLE_PAIR, THROTTLE_STRANGERS };
#define THROTTLE_PAIR_FREE 5                      /* failures before the first delay */
#define THROTTLE_PAIR_MAX_MS (15 * 60 * 1000)
#define THROTTLE_STRANGERS_FREE 20
#define THROTTLE_STRANGERS_MAX_MS (60 * 60 * 1000)
#define THROTTLE_FORGET_MS INT64_C(86400000)      /* a quiet day forgets the count */
#define THROTTLE_KNOWN_MS (90 * INT64_C(86400000)) /* an origin stays known so long after a sign-in */

/* One more failure. */
void throttle_fail(struct throttle_row *row, enum throttle_kind kind, bg_ms now);
/* Milliseconds to wait, 0: may try. `known`: the device is registered, or this name signed in from this origin within 90 days. */
int64_t throttle_wait(const struct throttle_row *pair, const struct throttle_row *strangers, bool known, bg_ms now);

/* Keys of the rows: SHA-256 over kind, name and origin. */
struct throttle_keys {
    uint8_t pair[32], strangers[32], known[32];
};
void throttle_keys_of(bg_str login, bg_str origin, int64_t device, struct throttle_keys *ret);

/* Failures of a network address (IPv6: of its /64), in memory: 20 at once, one more every three seconds. */
#define THROTTLE_ADDRESSES 4096
struct throttle_addresses {
    struct {
        uint64_t key;
        bg_ms at;
        double left;
    } slots[THROTTLE_ADDRESSES];
};
int64_t throttle_address_wait(struct throttle_addresses *addresses, bg_str origin, bg_ms now);
void throttle_address_fail(struct throttle_addresses *addresses, bg_str origin, bg_ms now);

#endif
