/* The delays against guessing, simulated: what guessers get in a month, and what the owner feels of it. */
#include "auth/throttle.h"
#include "tap.h"

#include <string.h>

#define START INT64_C(1641600000000)
#define DAY INT64_C(86400000)

/* One guesser at one place, trying as often as it is heard, for a month. */
static void test_one_place(void)
{
    struct throttle_row pair = { 0 }, strangers = { 0 };
    int heard = 0;
    bg_ms at = START;
    while (at < START + 30 * DAY) {
        int64_t wait = throttle_wait(&pair, &strangers, false, at);
        if (wait > 0) {
            at += wait;
            continue;
        }
        heard++;
        throttle_fail(&pair, THROTTLE_PAIR, at);
        throttle_fail(&strangers, THROTTLE_STRANGERS, at);
    }
    OK(heard > 30 && heard <= 20 + 12 + 30 * 24, "one place: %d guesses in a month", heard);
}

/* Ten thousand places, each tried in turn: only the strangers' count holds them back. */
static void test_many_places(void)
{
    struct throttle_row fresh = { 0 }, strangers = { 0 }, owner = { 0 };
    int heard = 0, owner_waits = 0, owner_tries = 0;
    for (bg_ms at = START; at < START + 30 * DAY; at += 500) {
        if (throttle_wait(&fresh, &strangers, false, at) == 0) {
            heard++;
            throttle_fail(&strangers, THROTTLE_STRANGERS, at);
        }
        if ((at - START) % (DAY / 4) == 0) { /* the owner, four times a day, from a place that is known; mistypes once each time */
            owner_tries++;
            owner_waits += throttle_wait(&owner, &strangers, true, at) > 0;
            throttle_fail(&owner, THROTTLE_PAIR, at);
            owner_waits += throttle_wait(&owner, &strangers, true, at) > 0;
            owner = (struct throttle_row){ 0 };
        }
    }
    OK(heard <= 20 + 12 + 30 * 24, "any number of places together: %d guesses in a month", heard);
    OK(owner_tries == 120 && owner_waits == 0, "the owner at a known place never waits");
}

static void test_delays(void)
{
    struct throttle_row pair = { 0 };
    int64_t waits[16];
    bg_ms at = START;
    for (int i = 0; i < 16; i++) {
        throttle_fail(&pair, THROTTLE_PAIR, at);
        waits[i] = pair.free_at - at;
        at = pair.free_at;
    }
    OK(waits[3] == 0 && waits[4] == 1000 && waits[5] == 2000 && waits[8] == 16000, "from the fifth failure on the delay doubles");
    OK(waits[15] == THROTTLE_PAIR_MAX_MS, "up to a quarter of an hour");
    throttle_fail(&pair, THROTTLE_PAIR, pair.last_at + DAY + 1);
    OK(pair.failures == 1, "a quiet day forgets");
    struct throttle_row old = { .failures = 5000, .last_at = START, .free_at = START };
    throttle_fail(&old, THROTTLE_STRANGERS, START);
    OK(old.free_at == START + THROTTLE_STRANGERS_MAX_MS, "no count is too high");
}

static void test_keys(void)
{
    struct throttle_keys a, b, c, d;
    throttle_keys_of(BG_STR("zhang"), BG_STR("10.0.0.1"), 0, &a);
    throttle_keys_of(BG_STR("zhang"), BG_STR("10.0.0.2"), 0, &b);
    throttle_keys_of(BG_STR("zhang"), BG_STR("10.0.0.1"), 77, &c);
    throttle_keys_of(BG_STR("zhang1"), BG_STR("0.0.0.1"), 0, &d);
    OK(memcmp(a.pair, b.pair, 32) != 0 && memcmp(a.strangers, b.strangers, 32) == 0, "pairs differ by origin, strangers do not");
    OK(memcmp(a.pair, c.pair, 32) != 0, "a registered device is an origin of its own");
    OK(memcmp(a.pair, d.pair, 32) != 0 && memcmp(a.pair, a.known, 32) != 0, "and no two texts run together");
}

static void test_addresses(void)
{
    struct throttle_addresses *addresses = bg_heap_get(sizeof *addresses);
    bg_str v4 = BG_STR("203.0.113.9"), v6 = BG_STR("2001:db8:1:2:aaaa::1"), v6_other = BG_STR("2001:db8:1:2:bbbb::2");
    int heard = 0;
    for (int i = 0; i < 100; i++) {
        if (throttle_address_wait(addresses, v4, START) == 0) {
            heard++;
            throttle_address_fail(addresses, v4, START);
        }
    }
    OK(heard == 20, "twenty failures at once");
    OK(throttle_address_wait(addresses, BG_STR("203.0.113.10"), START) == 0, "another address is free");
    OK(throttle_address_wait(addresses, v4, START + 3000) <= 3 && throttle_address_wait(addresses, v4, START + 3010) == 0,
       "one more after three seconds");
    for (int i = 0; i < 20; i++) {
        throttle_address_fail(addresses, v6, START);
    }
    OK(throttle_address_wait(addresses, v6_other, START) > 0, "an IPv6 network is one caller");
    OK(throttle_address_wait(addresses, BG_STR("2001:db8:1:3::1"), START) == 0, "the next network is another");
    OK(throttle_address_wait(addresses, v4, START - DAY) >= 0, "a clock that steps back does no harm");
    bg_heap_free(addresses);
}

int main(void)
{
    test_delays();
    test_one_place();
    test_many_places();
    test_keys();
    test_addresses();
    return TAP_DONE();
}
