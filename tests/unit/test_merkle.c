/* Merkle trees: known roots, public proof vectors, and brute force by the definition of RFC 9162 2.1 for all sizes up to 64. */
#include "journal/merkle.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

#define SIZES 64

static struct merkle_hasher *sha, *sm3;

static bool is_hex(const uint8_t hash[32], const char *hex)
{
    uint8_t want[32];
    return bg_str_hex(bg_str_of(hex), want, sizeof want) && memcmp(want, hash, sizeof want) == 0;
}

/* --- the eight leaves every implementation of RFC 6962 is tried on --- */

static const char *const leaves8[8] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
};
static const char *const roots8[8] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void leaf_of_hex(struct merkle_hasher *hasher, const char *hex, uint8_t out[32])
{
    uint8_t bytes[16];
    size_t len = strlen(hex) / 2;
    if (bg_str_hex(bg_str_of(hex), bytes, len)) {
        merkle_leaf(hasher, (bg_str){ (const char *)bytes, len }, out);
    }
}

static void known_roots(void)
{
    struct merkle_frontier frontier = { 0 };
    uint8_t root[32];
    merkle_root(sha, &frontier, root);
    OK(is_hex(root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), "no leaves: the hash of nothing");
    for (int i = 0; i < 8; i++) {
        uint8_t leaf[32];
        leaf_of_hex(sha, leaves8[i], leaf);
        merkle_append(sha, &frontier, leaf, NULL, NULL);
        merkle_root(sha, &frontier, root);
        OK(is_hex(root, roots8[i]), "known root of %d leaves", i + 1);
    }
    /* GB/T 32905-2016, appendix A, example 1: "abc". */
    const bg_str abc = BG_STR("abc");
    merkle_digest(sm3, &abc, 1, root);
    OK(is_hex(root, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"), "SM3 of the standard's first example");
}

/* --- public proofs --- */

static char words_memory[8][8192];

static size_t words_of(const char *line)
{
    size_t count = 0, len = 0;
    for (const char *at = line; *at != '\0' && *at != '\n' && count < 8; at++) {
        if (*at == ' ') {
            words_memory[count++][len] = '\0';
            len = 0;
        } else {
            words_memory[count][len++] = *at;
        }
    }
    words_memory[count][len] = '\0';
    return count + 1;
}

/* False for anything but hashes of 32 bytes, as any reader of proofs must say. */
static bool proof_of(const char *text, uint8_t proof[64][32], size_t *count)
{
    *count = 0;
    if (strcmp(text, ".") == 0) {
        return true;
    }
    bg_str rest = bg_str_of(text);
    for (;;) {
        size_t comma = bg_str_find(rest, ',');
        if (*count == 64 || !bg_str_hex(bg_str_cut(rest, 0, comma), proof[*count], 32)) {
            return false;
        }
        (*count)++;
        if (comma == rest.len) {
            return true;
        }
        rest = bg_str_cut(rest, comma + 1, rest.len);
    }
}

static bool vector_holds(void)
{
    int64_t a, b;
    uint8_t first[32], second[32], proof[64][32];
    size_t count;
    if (!bg_str_int(bg_str_of(words_memory[3]), &a) || !bg_str_int(bg_str_of(words_memory[4]), &b) ||
        !bg_str_hex(bg_str_of(words_memory[5]), first, 32) || !bg_str_hex(bg_str_of(words_memory[6]), second, 32) ||
        !proof_of(words_memory[7], proof, &count)) {
        return false;
    }
    const uint8_t(*hashes)[32] = (const uint8_t(*)[32])proof;
    return strcmp(words_memory[0], "inclusion") == 0
               ? merkle_inclusion_holds(first, a, b, hashes, count, second, JOURNAL_SHA256)
               : merkle_consistency_holds(a, b, first, second, hashes, count, JOURNAL_SHA256);
}

static void public_proofs(void)
{
    FILE *file = fopen("tests/data/merkle_proofs.txt", "r");
    OK(file != NULL, "the vectors are there");
    if (file == NULL) {
        return;
    }
    static char line[16384];
    int seen = 0, agreed = 0, good = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || words_of(line) != 8) {
            continue;
        }
        seen++;
        bool want = strcmp(words_memory[1], "good") == 0;
        /* The one vector whose roots are not 32 bytes: equal sizes and equal "roots" of 12 bytes; a root of ours is 32 bytes or
         * none. */
        want = want && strcmp(words_memory[2], "additional/sizes-are-equal-one-and-proof-is-empty") != 0;
        bool holds = vector_holds();
        good += holds;
        agreed += holds == want;
        if (holds != want) {
            printf("# %s %s\n", words_memory[0], words_memory[2]);
        }
    }
    (void)fclose(file);
    OK(seen == 196 && agreed == 196, "%d of %d public proofs judged as published", agreed, seen);
    OK(good == 11, "%d of them hold", good);
}

/* --- brute force: the definitions of RFC 9162 written down once more over plain arrays --- */

static uint8_t leaf_hashes[SIZES][32];

static void brute_root(struct merkle_hasher *hasher, size_t begin, size_t end, uint8_t out[32])
{
    if (end - begin == 1) {
        memcpy(out, leaf_hashes[begin], 32);
        return;
    }
    size_t k = 1;
    while (k * 2 < end - begin) {
        k *= 2;
    }
    uint8_t left[32], right[32];
    brute_root(hasher, begin, begin + k, left);
    brute_root(hasher, begin + k, end, right);
    merkle_node(hasher, left, right, out);
}

static bg_err from_memory(void *ctx, int level, int64_t index, uint8_t out[32])
{
    size_t begin = (size_t)(index << level);
    brute_root(ctx, begin, begin + ((size_t)1 << level), out);
    return BG_DONE;
}

struct seen_full {
    struct merkle_hasher *hasher;
    int count, wrong;
};

static void check_full(void *ctx, int level, int64_t index, const uint8_t hash[32])
{
    struct seen_full *seen = ctx;
    uint8_t want[32];
    bg_ignore(from_memory(seen->hasher, level, index, want));
    seen->count++;
    seen->wrong += memcmp(want, hash, 32) != 0;
}

static int flip_wrong(int64_t index, int64_t size, const uint8_t root[32], const uint8_t (*proof)[32], size_t count,
                      enum journal_hash hash)
{
    int wrong = 0;
    uint8_t changed[65][32];
    for (size_t bit = 0; bit < count * 256; bit += 37) {
        memcpy(changed, proof, count * 32);
        changed[bit / 256][bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
        wrong += merkle_inclusion_holds(leaf_hashes[index], index, size, (const uint8_t(*)[32])changed, count, root, hash);
    }
    if (count > 0) {
        wrong += merkle_inclusion_holds(leaf_hashes[index], index, size, proof, count - 1, root, hash);
        wrong += merkle_inclusion_holds(leaf_hashes[index], index + 1, size, proof, count, root, hash);
    }
    return wrong;
}

static void brute_force(enum journal_hash hash, struct merkle_hasher *hasher, const char *name)
{
    const struct merkle_source source = { from_memory, hasher };
    struct merkle_frontier frontier = { 0 }, again;
    struct seen_full seen = { hasher, 0, 0 };
    uint8_t roots[SIZES + 1][32], root[32], proof[65][32], packed[MERKLE_LEVELS * 32];
    size_t count;
    int wrong = 0, flipped = 0, made = 0;
    for (int64_t size = 1; size <= SIZES; size++) {
        merkle_append(hasher, &frontier, leaf_hashes[size - 1], check_full, &seen);
        brute_root(hasher, 0, (size_t)size, roots[size]);
        merkle_root(hasher, &frontier, root);
        wrong += memcmp(root, roots[size], 32) != 0;
        size_t len = merkle_frontier_pack(&frontier, packed);
        wrong += !merkle_frontier_unpack(size, (bg_str){ (const char *)packed, len }, &again);
        wrong += merkle_frontier_unpack(size, (bg_str){ (const char *)packed, len - 1 }, &again);
        bg_ignore(merkle_frontier_at(&source, size, &again));
        merkle_root(hasher, &again, root);
        wrong += memcmp(root, roots[size], 32) != 0;
        for (int64_t index = 0; index < size; index++, made++) {
            wrong += bg_failed(merkle_inclusion(hasher, &source, index, size, proof, &count));
            const uint8_t(*hashes)[32] = (const uint8_t(*)[32])proof;
            wrong += !merkle_inclusion_holds(leaf_hashes[index], index, size, hashes, count, roots[size], hash);
            flipped += flip_wrong(index, size, roots[size], hashes, count, hash);
        }
        for (int64_t from = 1; from <= size; from++, made++) {
            wrong += bg_failed(merkle_consistency(hasher, &source, from, size, proof, &count));
            const uint8_t(*hashes)[32] = (const uint8_t(*)[32])proof;
            wrong += !merkle_consistency_holds(from, size, roots[from], roots[size], hashes, count, hash);
            for (size_t bit = 0; bit < count * 256; bit += 41) {
                proof[bit / 256][bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
                flipped += merkle_consistency_holds(from, size, roots[from], roots[size], hashes, count, hash);
                proof[bit / 256][bit / 8 % 32] ^= (uint8_t)(1u << bit % 8);
            }
            wrong += from < size && merkle_consistency_holds(from, size, roots[size], roots[from], hashes, count, hash);
        }
    }
    OK(wrong == 0, "%s: %d proofs and %d roots up to %d leaves equal the definition", name, made, SIZES, SIZES);
    OK(flipped == 0, "%s: a changed bit, a cut proof or another index never holds", name);
    OK(seen.wrong == 0 && seen.count == SIZES - 1, "%s: %d full subtrees reported", name, seen.count);
}

int main(void)
{
    if (bg_failed(merkle_hasher_open(JOURNAL_SHA256, &sha)) || bg_failed(merkle_hasher_open(JOURNAL_SM3, &sm3))) {
        return 1;
    }
    for (int i = 0; i < SIZES; i++) {
        const char byte = (char)i;
        merkle_leaf(sha, (bg_str){ &byte, 1 }, leaf_hashes[i]);
    }
    known_roots();
    public_proofs();
    brute_force(JOURNAL_SHA256, sha, "SHA-256");
    brute_force(JOURNAL_SM3, sm3, "SM3");
    uint8_t zero[32] = { 0 };
    OK(!merkle_consistency_holds(0, 1, zero, zero, NULL, 0, JOURNAL_SHA256), "consistency with nothing is no proof");
    OK(!merkle_inclusion_holds(zero, -1, 1, NULL, 0, zero, JOURNAL_SHA256), "a negative index is no place");
    merkle_hasher_close(sha);
    merkle_hasher_close(sm3);
    return TAP_DONE();
}
