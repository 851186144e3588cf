/* RFC 9162 Merkle trees: appending, roots, proofs and their checks. Pure. */
#include "journal/merkle.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

struct merkle_hasher {
    EVP_MD_CTX *ctx;
    EVP_MD *md;
};

bg_err merkle_hasher_open(enum journal_hash hash, struct merkle_hasher **ret)
{
    struct merkle_hasher *hasher = bg_heap_get(sizeof *hasher);
    BG_TRY(bg_need(hasher));
    hasher->ctx = EVP_MD_CTX_new();
    hasher->md = EVP_MD_fetch(NULL, hash == JOURNAL_SM3 ? "SM3" : "SHA256", NULL);
    if (hasher->ctx == NULL || hasher->md == NULL || EVP_MD_get_size(hasher->md) != MERKLE_BYTES) {
        bool no_hash = hasher->ctx != NULL;
        merkle_hasher_close(hasher);
        return no_hash ? BG_FAIL_AT(BG_STORE_UNSUPPORTED, "hash") : BG_FAIL(BG_NO_MEMORY);
    }
    *ret = hasher;
    return BG_DONE;
}

void merkle_hasher_close(struct merkle_hasher *hasher)
{
    if (hasher != NULL) {
        EVP_MD_CTX_free(hasher->ctx);
        EVP_MD_free(hasher->md);
        bg_heap_free(hasher);
    }
}

/* A digest over memory with a ready context cannot fail; if it does, the library is broken and nothing may be recorded with it.
 */
void merkle_digest(struct merkle_hasher *hasher, const bg_str *parts, size_t count, uint8_t out[MERKLE_BYTES])
{
    int ok = EVP_DigestInit_ex2(hasher->ctx, hasher->md, NULL);
    for (size_t i = 0; i < count; i++) {
        ok = ok && EVP_DigestUpdate(hasher->ctx, parts[i].at, parts[i].len);
    }
    ok = ok && EVP_DigestFinal_ex(hasher->ctx, out, NULL);
    assert(ok);
}

void merkle_leaf(struct merkle_hasher *hasher, bg_str data, uint8_t out[MERKLE_BYTES])
{
    const bg_str parts[] = { { "\x00", 1 }, data };
    merkle_digest(hasher, parts, 2, out);
}

void merkle_node(struct merkle_hasher *hasher, const uint8_t left[MERKLE_BYTES], const uint8_t right[MERKLE_BYTES],
                 uint8_t out[MERKLE_BYTES])
{
    char joined[1 + 2 * MERKLE_BYTES];
    joined[0] = 1;
    memcpy(joined + 1, left, MERKLE_BYTES);
    memcpy(joined + 1 + MERKLE_BYTES, right, MERKLE_BYTES);
    const bg_str part = { joined, sizeof joined };
    merkle_digest(hasher, &part, 1, out);
}

void merkle_empty(struct merkle_hasher *hasher, uint8_t out[MERKLE_BYTES])
{
    merkle_digest(hasher, NULL, 0, out);
}

static bool bit(int64_t n, int level)
{
    return ((uint64_t)n >> level & 1) != 0;
}

/* Largest power of two below n; n >= 2. */
static int64_t split(int64_t n)
{
    assert(n >= 2);
    return (int64_t)(UINT64_C(1) << (63 - __builtin_clzll((uint64_t)n - 1)));
}

void merkle_append(struct merkle_hasher *hasher, struct merkle_frontier *frontier, const uint8_t leaf[MERKLE_BYTES],
                   merkle_full_fn full, void *ctx)
{
    assert(frontier->size >= 0 && frontier->size < INT64_MAX);
    uint8_t carry[MERKLE_BYTES];
    memcpy(carry, leaf, sizeof carry);
    int level = 0;
    while (bit(frontier->size, level)) {
        merkle_node(hasher, frontier->at[level], carry, carry);
        level++;
        if (full != NULL) {
            full(ctx, level, frontier->size >> level, carry);
        }
    }
    memcpy(frontier->at[level], carry, sizeof carry);
    frontier->size++;
}

void merkle_root(struct merkle_hasher *hasher, const struct merkle_frontier *frontier, uint8_t out[MERKLE_BYTES])
{
    if (frontier->size == 0) {
        merkle_empty(hasher, out);
        return;
    }
    int level = __builtin_ctzll((uint64_t)frontier->size);
    uint8_t root[MERKLE_BYTES];
    memcpy(root, frontier->at[level], sizeof root);
    for (level++; level < MERKLE_LEVELS; level++) {
        if (bit(frontier->size, level)) {
            merkle_node(hasher, frontier->at[level], root, root);
        }
    }
    memcpy(out, root, sizeof root);
}

size_t merkle_frontier_pack(const struct merkle_frontier *frontier, uint8_t out[MERKLE_LEVELS * MERKLE_BYTES])
{
    size_t len = 0;
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if (bit(frontier->size, level)) {
            memcpy(out + len, frontier->at[level], MERKLE_BYTES);
            len += MERKLE_BYTES;
        }
    }
    return len;
}

bool merkle_frontier_unpack(int64_t size, bg_str packed, struct merkle_frontier *ret)
{
    if (size < 0 || packed.len != (size_t)__builtin_popcountll((uint64_t)size) * MERKLE_BYTES) {
        return false;
    }
    const char *at = packed.at;
    ret->size = size;
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if (bit(size, level)) {
            memcpy(ret->at[level], at, MERKLE_BYTES);
            at += MERKLE_BYTES;
        }
    }
    return true;
}

/* The frontier of the leaves [begin, end), where begin is a multiple of a power of two that is at least end - begin: so it is for
 * every subtree that RFC 9162 cuts. */
static bg_err frontier_of(const struct merkle_source *source, int64_t begin, int64_t end, struct merkle_frontier *ret)
{
    ret->size = end - begin;
    int64_t at = begin;
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if (bit(ret->size, level)) {
            assert(at % (INT64_C(1) << level) == 0);
            BG_TRY(source->perfect(source->ctx, level, at >> level, ret->at[level]));
            at += INT64_C(1) << level;
        }
    }
    return BG_DONE;
}

static bg_err range_root(struct merkle_hasher *hasher, const struct merkle_source *source, int64_t begin, int64_t end,
                         uint8_t out[MERKLE_BYTES])
{
    struct merkle_frontier frontier;
    BG_TRY(frontier_of(source, begin, end, &frontier));
    merkle_root(hasher, &frontier, out);
    return BG_DONE;
}

bg_err merkle_root_at(struct merkle_hasher *hasher, const struct merkle_source *source, int64_t size, uint8_t out[MERKLE_BYTES])
{
    return range_root(hasher, source, 0, size, out);
}

bg_err merkle_frontier_at(const struct merkle_source *source, int64_t size, struct merkle_frontier *ret)
{
    struct merkle_frontier frontier;
    BG_TRY(frontier_of(source, 0, size, &frontier));
    *ret = frontier;
    return BG_DONE;
}

static void reverse(uint8_t hashes[][MERKLE_BYTES], size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint8_t swap[MERKLE_BYTES];
        memcpy(swap, hashes[i], sizeof swap);
        memcpy(hashes[i], hashes[count - 1 - i], sizeof swap);
        memcpy(hashes[count - 1 - i], swap, sizeof swap);
    }
}

bg_err merkle_inclusion(struct merkle_hasher *hasher, const struct merkle_source *source, int64_t index, int64_t size,
                        uint8_t out[MERKLE_LEVELS + 1][MERKLE_BYTES], size_t *ret_count)
{
    assert(index >= 0 && index < size);
    int64_t begin = 0, end = size;
    size_t count = 0;
    while (end - begin > 1) { /* from the root down; RFC 9162 lists them from the leaf up */
        int64_t middle = begin + split(end - begin);
        if (index < middle) {
            BG_TRY(range_root(hasher, source, middle, end, out[count++]));
            end = middle;
        } else {
            BG_TRY(range_root(hasher, source, begin, middle, out[count++]));
            begin = middle;
        }
    }
    reverse(out, count);
    *ret_count = count;
    return BG_DONE;
}

bg_err merkle_consistency(struct merkle_hasher *hasher, const struct merkle_source *source, int64_t from, int64_t to,
                          uint8_t out[MERKLE_LEVELS + 1][MERKLE_BYTES], size_t *ret_count)
{
    assert(from > 0 && from <= to);
    int64_t begin = 0, end = to;
    size_t count = 0;
    while (end > from) {
        int64_t middle = begin + split(end - begin);
        if (from <= middle) {
            BG_TRY(range_root(hasher, source, middle, end, out[count++]));
            end = middle;
        } else {
            BG_TRY(range_root(hasher, source, begin, middle, out[count++]));
            begin = middle;
        }
    }
    if (begin > 0) { /* else the old root itself, which the checker has */
        BG_TRY(range_root(hasher, source, begin, end, out[count++]));
    }
    reverse(out, count);
    *ret_count = count;
    return BG_DONE;
}

static bool same(const uint8_t a[MERKLE_BYTES], const uint8_t b[MERKLE_BYTES])
{
    return memcmp(a, b, MERKLE_BYTES) == 0;
}

/* Where a check stands: the number of the node on the path and that of the last node of its level. */
struct climb {
    uint64_t node, last;
};

/* One step up with a proof hash: true when it stands on the left. */
static bool climb_left(struct climb *climb)
{
    bool left = (climb->node & 1) != 0 || climb->node == climb->last;
    if (left) {
        while ((climb->node & 1) == 0 && climb->node != 0) { /* the levels where the right edge has no sibling */
            climb->node >>= 1;
            climb->last >>= 1;
        }
    }
    climb->node >>= 1;
    climb->last >>= 1;
    return left;
}

/* RFC 9162 2.1.3.2. */
static bool inclusion_holds(struct merkle_hasher *hasher, const uint8_t leaf[MERKLE_BYTES], struct climb climb,
                            const uint8_t (*proof)[MERKLE_BYTES], size_t count, const uint8_t root[MERKLE_BYTES])
{
    uint8_t at[MERKLE_BYTES];
    memcpy(at, leaf, sizeof at);
    for (size_t i = 0; i < count; i++) {
        if (climb.last == 0) {
            return false;
        }
        if (climb_left(&climb)) {
            merkle_node(hasher, proof[i], at, at);
        } else {
            merkle_node(hasher, at, proof[i], at);
        }
    }
    return climb.last == 0 && same(at, root);
}

bool merkle_inclusion_holds(const uint8_t leaf[32], int64_t index, int64_t size, const uint8_t (*proof)[32], size_t count,
                            const uint8_t root[32], enum journal_hash hash)
{
    struct merkle_hasher *hasher = NULL;
    if (index < 0 || index >= size || bg_failed(merkle_hasher_open(hash, &hasher))) {
        return false;
    }
    bool holds = inclusion_holds(hasher, leaf, (struct climb){ (uint64_t)index, (uint64_t)size - 1 }, proof, count, root);
    merkle_hasher_close(hasher);
    return holds;
}

/* RFC 9162 2.1.4.2, steps 3 to 7; `start` is the first hash of the path. */
static bool consistency_holds(struct merkle_hasher *hasher, struct climb climb, const uint8_t start[MERKLE_BYTES],
                              const uint8_t (*proof)[MERKLE_BYTES], size_t count, const uint8_t first[MERKLE_BYTES],
                              const uint8_t second[MERKLE_BYTES])
{
    while ((climb.node & 1) != 0) {
        climb.node >>= 1;
        climb.last >>= 1;
    }
    uint8_t old[MERKLE_BYTES], new[MERKLE_BYTES];
    memcpy(old, start, sizeof old);
    memcpy(new, start, sizeof new);
    for (size_t i = 0; i < count; i++) {
        if (climb.last == 0) {
            return false;
        }
        if (climb_left(&climb)) {
            merkle_node(hasher, proof[i], old, old);
            merkle_node(hasher, proof[i], new, new);
        } else {
            merkle_node(hasher, new, proof[i], new);
        }
    }
    return climb.last == 0 && same(old, first) && same(new, second);
}

bool merkle_consistency_holds(int64_t from, int64_t to, const uint8_t first[32], const uint8_t second[32],
                              const uint8_t (*proof)[32], size_t count, enum journal_hash hash)
{
    if (from <= 0 || from > to) {
        return false; /* every tree is consistent with the empty one, so a proof from it says nothing */
    }
    if (from == to) {
        return count == 0 && same(first, second);
    }
    bool power = (from & (from - 1)) == 0; /* then the old root is itself a node, and the proof leaves it out */
    struct merkle_hasher *hasher = NULL;
    if (count == 0 || bg_failed(merkle_hasher_open(hash, &hasher))) {
        return false;
    }
    struct climb climb = { (uint64_t)from - 1, (uint64_t)to - 1 };
    bool holds = power ? consistency_holds(hasher, climb, first, proof, count, first, second)
                       : consistency_holds(hasher, climb, proof[0], proof + 1, count - 1, first, second);
    merkle_hasher_close(hasher);
    return holds;
}
