/* Doubling delays and address buckets. */
#include "auth/throttle.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

#define ADDRESS_BURST 20.0
#define ADDRESS_PER_MS (1.0 / 3000)

void throttle_fail(struct throttle_row *row, enum throttle_kind kind, bg_ms now)
{
    const int64_t spare = kind == THROTTLE_PAIR ? THROTTLE_PAIR_FREE : THROTTLE_STRANGERS_FREE;
    const int64_t first_ms = kind == THROTTLE_PAIR ? 1000 : 30000;
    const int64_t most_ms = kind == THROTTLE_PAIR ? THROTTLE_PAIR_MAX_MS : THROTTLE_STRANGERS_MAX_MS;
    if (now - row->last_at > THROTTLE_FORGET_MS) {
        row->failures = 0;
    }
    row->failures++;
    row->last_at = now;
    int64_t over = row->failures - spare;
    int64_t delay_ms = over < 0 ? 0 : over > 20 ? most_ms : first_ms << over;
    row->free_at = now + (delay_ms < most_ms ? delay_ms : most_ms);
}

int64_t throttle_wait(const struct throttle_row *pair, const struct throttle_row *strangers, bool known, bg_ms now)
{
    bg_ms free_at = pair->free_at;
    if (!known && strangers->free_at > free_at) {
        free_at = strangers->free_at;
    }
    return free_at > now ? free_at - now : 0;
}

static void key_of(const char *kind, bg_str login, bg_str origin, int64_t device, uint8_t ret[32])
{
    crypto_hash_sha256_state state;
    uint64_t lengths[3] = { login.len, origin.len, (uint64_t)device };
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)kind, 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)lengths, sizeof lengths);
    crypto_hash_sha256_update(&state, (const unsigned char *)login.at, login.len);
    crypto_hash_sha256_update(&state, (const unsigned char *)origin.at, origin.len);
    crypto_hash_sha256_final(&state, ret);
}

void throttle_keys_of(bg_str login, bg_str origin, int64_t device, struct throttle_keys *ret)
{
    bg_str from = device != 0 ? (bg_str){ "", 0 } : origin;
    key_of("p", login, from, device, ret->pair);
    key_of("s", login, (bg_str){ "", 0 }, 0, ret->strangers);
    key_of("k", login, origin, 0, ret->known);
}

/* An IPv6 user has 2^64 addresses: only the network counts. "2001:db8:1:2:…" is cut behind the fourth group. */
static bg_str network_of(bg_str origin)
{
    int groups = 0;
    if (bg_str_find(origin, ':') == origin.len) {
        return origin;
    }
    for (size_t i = 0; i < origin.len; i++) {
        groups += origin.at[i] == ':';
        if (groups == 4 || (i > 0 && origin.at[i] == ':' && origin.at[i - 1] == ':')) {
            return bg_str_cut(origin, 0, i);
        }
    }
    return origin;
}

/* The address's slot. Two addresses that meet in one slot push each other out: then the newer starts afresh, and the rows in the store
 * still count. */
static size_t slot_of(struct throttle_addresses *addresses, bg_str origin, bg_ms now)
{
    static const uint8_t key[crypto_shorthash_KEYBYTES] = { 'a', 'd', 'd', 'r' };
    bg_str network = network_of(origin);
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)network.at, network.len, key);
    size_t at = hash % THROTTLE_ADDRESSES;
    if (addresses->slots[at].key != hash) {
        addresses->slots[at].key = hash;
        addresses->slots[at].at = now;
        addresses->slots[at].left = ADDRESS_BURST;
    }
    double gained = (double)(now - addresses->slots[at].at) * ADDRESS_PER_MS;
    addresses->slots[at].left = fmin(ADDRESS_BURST, addresses->slots[at].left + fmax(0, gained));
    addresses->slots[at].at = now;
    return at;
}

int64_t throttle_address_wait(struct throttle_addresses *addresses, bg_str origin, bg_ms now)
{
    double left = addresses->slots[slot_of(addresses, origin, now)].left;
    return left >= 1 ? 0 : (int64_t)((1 - left) / ADDRESS_PER_MS) + 1;
}

void throttle_address_fail(struct throttle_addresses *addresses, bg_str origin, bg_ms now)
{
    size_t at = slot_of(addresses, origin, now);
    addresses->slots[at].left = fmax(0, addresses->slots[at].left - 1);
}
