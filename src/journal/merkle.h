/* Private to the journal: RFC 9162 Merkle trees over SHA-256 or SM3, without storage.
 *
 * MTH({d}) = H(0x00 ‖ d), MTH(D[n]) = H(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])) with k the largest power of two below n (RFC
 * 9162 2.1.1). "Perfect" means a subtree of 2^level leaves that starts at a multiple of 2^level; it never changes once full. */
#ifndef BG_JOURNAL_MERKLE_H
#define BG_JOURNAL_MERKLE_H

#include "journal/journal.h"

#define MERKLE_BYTES 32
#define MERKLE_LEVELS 63 /* sizes are positive int64 */

/* One reused digest context; not shared between threads. */
struct merkle_hasher;
/* BG_STORE_UNSUPPORTED when the library has no such hash (SM3 in a restricted build). */
bg_err merkle_hasher_open(enum journal_hash hash, struct merkle_hasher **ret);
void merkle_hasher_close(struct merkle_hasher *hasher); /* accepts NULL */
/* H of the parts one after another. */
void merkle_digest(struct merkle_hasher *hasher, const bg_str *parts, size_t count, uint8_t out[MERKLE_BYTES]);
void merkle_leaf(struct merkle_hasher *hasher, bg_str data, uint8_t out[MERKLE_BYTES]);
void merkle_node(struct merkle_hasher *hasher, const uint8_t left[MERKLE_BYTES], const uint8_t right[MERKLE_BYTES],
                 uint8_t out[MERKLE_BYTES]);
/* Root of no leaves: H of nothing. */
void merkle_empty(struct merkle_hasher *hasher, uint8_t out[MERKLE_BYTES]);

/* The right edge of a tree: at[level] is the perfect subtree of that level when bit `level` of size is set. All that appending
 * needs. */
struct merkle_frontier {
    int64_t size;
    uint8_t at[MERKLE_LEVELS][MERKLE_BYTES];
};
/* Adds a leaf hash. `full` (may be NULL) is called for each perfect subtree of level >= 1 that this leaf completes, lowest first.
 */
typedef void (*merkle_full_fn)(void *ctx, int level, int64_t index, const uint8_t hash[MERKLE_BYTES]);
void merkle_append(struct merkle_hasher *hasher, struct merkle_frontier *frontier, const uint8_t leaf[MERKLE_BYTES],
                   merkle_full_fn full, void *ctx);
void merkle_root(struct merkle_hasher *hasher, const struct merkle_frontier *frontier, uint8_t out[MERKLE_BYTES]);
/* The hashes present, highest level first, as they are stored: popcount(size) * 32 bytes. */
size_t merkle_frontier_pack(const struct merkle_frontier *frontier, uint8_t out[MERKLE_LEVELS * MERKLE_BYTES]);
bool merkle_frontier_unpack(int64_t size, bg_str packed, struct merkle_frontier *ret);

/* Where perfect subtrees come from: memory in tests, tables in the product. */
struct merkle_source {
    bg_err (*perfect)(void *ctx, int level, int64_t index, uint8_t out[MERKLE_BYTES]);
    void *ctx;
};
/* MTH of the leaves [0, size). */
bg_err merkle_root_at(struct merkle_hasher *hasher, const struct merkle_source *source, int64_t size, uint8_t out[MERKLE_BYTES]);
/* The frontier of the first `size` leaves. */
bg_err merkle_frontier_at(const struct merkle_source *source, int64_t size, struct merkle_frontier *ret);
/* RFC 9162 2.1.3.1 and 2.1.4.1; at most MERKLE_LEVELS + 1 hashes. 0 <= index < size; 0 < from <= to. */
bg_err merkle_inclusion(struct merkle_hasher *hasher, const struct merkle_source *source, int64_t index, int64_t size,
                        uint8_t out[MERKLE_LEVELS + 1][MERKLE_BYTES], size_t *ret_count);
bg_err merkle_consistency(struct merkle_hasher *hasher, const struct merkle_source *source, int64_t from, int64_t to,
                          uint8_t out[MERKLE_LEVELS + 1][MERKLE_BYTES], size_t *ret_count);

#endif
