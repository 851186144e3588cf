/* Filling claims by exact levels: maximum flows (Dinic, 1970) at trial levels, cuts that bound the level, and single units in the
 * order of the rule at the end of each level. */
#include <stdlib.h>
#include <string.h>

#include "engine/allocate_impl.h"

typedef __int128 wide;

bg_err fill_net_open(struct bg_arena *arena, int32_t nodes, int64_t arcs, struct fill_net *ret)
{
    size_t n = (size_t)nodes, m = 2 * (size_t)arcs;
    struct fill_net net = { .nodes = nodes, .room = (int64_t)m };
    net.to = bg_arena_array(arena, m + 1, sizeof *net.to);
    net.left = bg_arena_array(arena, m + 1, sizeof *net.left);
    net.kept = bg_arena_array(arena, m + 1, sizeof *net.kept);
    net.next = bg_arena_array(arena, m + 1, sizeof *net.next);
    net.head = bg_arena_array(arena, n, sizeof *net.head);
    net.cursor = bg_arena_array(arena, n, sizeof *net.cursor);
    net.path = bg_arena_array(arena, n, sizeof *net.path);
    net.level = bg_arena_array(arena, n, sizeof *net.level);
    net.queue = bg_arena_array(arena, n, sizeof *net.queue);
    if (net.to == NULL || net.left == NULL || net.kept == NULL || net.next == NULL || net.head == NULL || net.cursor == NULL ||
        net.path == NULL || net.level == NULL || net.queue == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    for (size_t i = 0; i < n; i++) {
        net.head[i] = -1;
    }
    *ret = net;
    return BG_DONE;
}

int64_t fill_net_arc(struct fill_net *net, int32_t from, int32_t to, int64_t cap)
{
    int64_t e = net->arcs;
    net->arcs += 2;
    net->to[e] = to;
    net->left[e] = cap;
    net->next[e] = net->head[from];
    net->head[from] = e;
    net->to[e + 1] = from;
    net->left[e + 1] = 0;
    net->next[e + 1] = net->head[to];
    net->head[to] = e + 1;
    return e;
}

/* Distances from the base; -1 where no goods can come. The end is never passed through: no claim gives anything back. */
static bool find_levels(struct fill_net *net)
{
    for (int32_t i = 0; i < net->nodes; i++) {
        net->level[i] = -1;
    }
    int32_t first = 0, last = 0;
    net->level[FILL_BASE] = 0;
    net->queue[last++] = FILL_BASE;
    while (first < last) {
        int32_t u = net->queue[first++];
        for (int64_t e = net->head[u]; e >= 0 && u != FILL_END; e = net->next[e]) {
            if (net->left[e] > 0 && net->level[net->to[e]] < 0) {
                net->level[net->to[e]] = net->level[u] + 1;
                net->queue[last++] = net->to[e];
            }
        }
    }
    return net->level[FILL_END] >= 0;
}

/* Pushes what the path of `depth` arcs can take; returns how far the path stays open. */
static int32_t push_path(struct fill_net *net, int32_t depth)
{
    int64_t least = INT64_MAX;
    int32_t open = depth;
    for (int32_t i = 0; i < depth; i++) {
        least = net->left[net->path[i]] < least ? net->left[net->path[i]] : least;
    }
    for (int32_t i = depth - 1; i >= 0; i--) {
        int64_t e = net->path[i];
        net->left[e] -= least;
        net->left[e ^ 1] += least;
        open = net->left[e] == 0 ? i : open;
    }
    return open;
}

static void block_levels(struct fill_net *net)
{
    memcpy(net->cursor, net->head, (size_t)net->nodes * sizeof *net->cursor);
    int32_t u = FILL_BASE, depth = 0;
    for (;;) {
        if (u == FILL_END) {
            depth = push_path(net, depth);
            u = net->to[net->path[depth] ^ 1];
            continue;
        }
        int64_t e = net->cursor[u];
        while (e >= 0 && !(net->left[e] > 0 && net->level[net->to[e]] == net->level[u] + 1)) {
            e = net->next[e];
        }
        net->cursor[u] = e;
        if (e >= 0) {
            net->path[depth++] = e;
            u = net->to[e];
        } else if (depth == 0) {
            return;
        } else {
            net->level[u] = -1;
            u = net->to[net->path[--depth] ^ 1];
        }
    }
}

struct filling {
    struct fill_net *net;
    struct fill_claim *claims;
    int32_t count;
    bool lowest;
    int bits; /* levels are k / 2^bits; 2^bits >= every limit */
};

static int64_t target(const struct filling *f, const struct fill_claim *c, int64_t k)
{
    wide product = (wide)k * c->limit;
    wide part = f->lowest ? (product + ((wide)1 << f->bits) - 1) >> f->bits : product >> f->bits;
    return part > c->amount ? (int64_t)part : c->amount;
}

static void read_amounts(struct filling *f)
{
    for (int32_t i = 0; i < f->count; i++) {
        f->claims[i].amount = f->net->left[f->claims[i].arc ^ 1];
    }
}

/* The highest level below k at which the claims that the last cut shut off ask no more than they can get. */
static int64_t bound_by_cut(const struct filling *f, int64_t low, int64_t k)
{
    wide can = 0;
    for (int32_t i = 0; i < f->count; i++) {
        const struct fill_claim *c = &f->claims[i];
        can += !c->stuck && f->net->level[c->node] < 0 ? f->net->left[c->arc ^ 1] : 0;
    }
    while (low < k - 1) { /* holds at low, not at k */
        int64_t middle = low + (k - low) / 2;
        wide sum = 0;
        for (int32_t i = 0; i < f->count; i++) {
            const struct fill_claim *c = &f->claims[i];
            sum += !c->stuck && f->net->level[c->node] < 0 ? target(f, c, middle) : 0;
        }
        if (sum <= can) {
            low = middle;
        } else {
            k = middle;
        }
    }
    return low;
}

/* Tries to bring every claim to level k; when that fails, nothing is changed and *k becomes a lower level worth trying. */
static bool try_level(struct filling *f, int64_t low, int64_t *k)
{
    struct fill_net *net = f->net;
    memcpy(net->kept, net->left, (size_t)net->arcs * sizeof *net->left);
    for (int32_t i = 0; i < f->count; i++) {
        const struct fill_claim *c = &f->claims[i];
        net->left[c->arc] = c->stuck ? 0 : target(f, c, *k) - c->amount;
    }
    while (find_levels(net)) {
        block_levels(net);
    }
    bool full = true;
    for (int32_t i = 0; i < f->count; i++) {
        full = full && net->left[f->claims[i].arc] == 0;
    }
    if (!full) {
        *k = bound_by_cut(f, low, *k);
        memcpy(net->left, net->kept, (size_t)net->arcs * sizeof *net->left);
    } else {
        read_amounts(f);
    }
    return full;
}

/* --- single units --- */
struct unit {
    const struct fill_claim *claim;
    int64_t from; /* the amount before it */
    int32_t index;
    bool lowest;
};

static int compare_rates(int64_t a, int64_t of_a, int64_t b, int64_t of_b)
{
    wide left = (wide)a * of_b, right = (wide)b * of_a;
    return left < right ? -1 : left > right;
}

static int by_rule(const void *left, const void *right)
{
    const struct unit *a = left, *b = right;
    int64_t la = a->claim->limit, lb = b->claim->limit;
    int before = compare_rates(a->from, la, b->from, lb), after = compare_rates(a->from + 1, la, b->from + 1, lb);
    int order = a->lowest ? before : after;
    order = order != 0 ? order : (a->lowest ? -after : -before);
    if (order == 0 && a->claim->second > 0 && b->claim->second > 0) {
        order = compare_rates(a->from, a->claim->second, b->from, b->claim->second);
        order = order != 0 ? order : -compare_rates(a->from + 1, a->claim->second, b->from + 1, b->claim->second);
    }
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static void begin_phase(struct fill_net *net)
{
    (void)find_levels(net);
    memcpy(net->cursor, net->head, (size_t)net->nodes * sizeof *net->cursor);
}

/* One more unit for a claim, by a path found backwards from it along falling levels. As in a blocking flow, what led nowhere is not tried
 * again before the levels are found anew. */
static bool add_unit(struct fill_net *net, struct fill_claim *c)
{
    int32_t v = c->node, depth = 0;
    while (v != FILL_BASE) {
        int64_t e = net->cursor[v];
        while (e >= 0 && (net->left[e ^ 1] <= 0 || net->level[net->to[e]] < 0 || net->level[net->to[e]] != net->level[v] - 1)) {
            e = net->next[e];
        }
        net->cursor[v] = e;
        if (e >= 0) {
            net->path[depth++] = e;
            v = net->to[e];
        } else if (depth == 0) {
            return false;
        } else {
            v = net->to[net->path[--depth] ^ 1];
            net->cursor[v] = net->next[net->cursor[v]];
        }
    }
    for (int32_t i = 0; i < depth; i++) {
        net->left[net->path[i] ^ 1]--;
        net->left[net->path[i]]++;
    }
    net->left[c->arc ^ 1]++;
    c->amount++;
    return true;
}

static bg_err add_units(struct filling *f, int64_t k)
{
    size_t count = 0;
    for (int32_t i = 0; i < f->count; i++) {
        const struct fill_claim *c = &f->claims[i];
        count += c->stuck ? 0 : (size_t)(target(f, c, k) - c->amount);
    }
    struct unit *units = bg_heap_get((count + 1) * sizeof *units);
    BG_TRY(bg_need(units));
    count = 0;
    for (int32_t i = 0; i < f->count; i++) {
        struct fill_claim *c = &f->claims[i];
        int64_t until = c->stuck ? c->amount : target(f, c, k);
        for (int64_t x = c->amount; x < until; x++) {
            units[count++] = (struct unit){ c, x, i, f->lowest };
        }
    }
    qsort(units, count, sizeof *units, by_rule);
    begin_phase(f->net);
    for (size_t i = 0; i < count; i++) {
        struct fill_claim *c = &f->claims[units[i].index];
        c->stuck = c->stuck || f->net->level[c->node] < 0;
        if (c->stuck || add_unit(f->net, c)) {
            continue;
        }
        begin_phase(f->net);
        c->stuck = f->net->level[c->node] < 0 || !add_unit(f->net, c);
    }
    bg_heap_free(units);
    return BG_DONE;
}

bg_err fill_claims(struct fill_net *net, struct fill_claim *claims, int32_t count, bool lowest)
{
    struct filling f = { .net = net, .claims = claims, .count = count, .lowest = lowest };
    int64_t most = 1;
    for (int32_t i = 0; i < count; i++) {
        most = claims[i].limit > most ? claims[i].limit : most;
    }
    while (INT64_C(1) << f.bits < most) {
        f.bits++;
    }
    read_amounts(&f);
    int64_t whole = INT64_C(1) << f.bits;
    for (int64_t low = 0;;) {
        bool active = false;
        for (int32_t i = 0; i < count; i++) {
            struct fill_claim *c = &claims[i];
            c->stuck = c->stuck || c->amount >= c->limit;
            active = active || !c->stuck;
        }
        if (!active) {
            return BG_DONE;
        }
        int64_t k = whole;
        while (!try_level(&f, low, &k)) {
            if (net->p->stop != NULL && net->p->stop(net->p->ctx)) {
                return BG_FAIL(BG_ENGINE_TIME);
            }
        }
        if (k == whole) {
            return BG_DONE;
        }
        BG_TRY(add_units(&f, k + 1));
        low = k + 1;
        (void)find_levels(net);
        for (int32_t i = 0; i < count; i++) {
            claims[i].stuck = claims[i].stuck || net->level[claims[i].node] < 0;
        }
    }
}
