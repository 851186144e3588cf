/* netshape SHAPE NODES ARCS SEED > FILE: a random minimum-cost flow problem in DIMACS form. The shapes follow the descriptions of two
 * known generators, not their code or their random numbers: "net" as NETGEN-8 (chains from sources to sinks that make it feasible, then
 * random arcs; sources and sinks are each the square root of the nodes, 1,000 units a source, costs 1 to 10,000, capacities 1 to 1,000),
 * "grid" as GRIDGEN-8 (a grid with arcs to the right and down, and random ones). */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(void)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static long between(long low, long high)
{
    return low + (long)(next() % (uint64_t)(high - low + 1));
}

static long written;

static void arc(long from, long to, long cap, long cost)
{
    printf("a %ld %ld 0 %ld %ld\n", from, to, cap, cost);
    written++;
}

/* Each source gets a chain through its share of the nodes between; every node of a chain may end at a sink. */
static void net(long nodes, long arcs, long ends)
{
    long each = 1000;
    printf("p min %ld %ld\n", nodes, arcs);
    for (long i = 1; i <= ends; i++) {
        printf("n %ld %ld\nn %ld %ld\n", i, each, nodes - ends + i, -each);
    }
    for (long s = 1; s <= ends; s++) { /* source s, then every ends-th node between, then sinks s and s + 1 */
        long at = s;
        for (long v = ends + s; v <= nodes - ends; v += ends) {
            arc(at, v, 2 * each, between(1, 10000));
            at = v;
        }
        arc(at, nodes - ends + s, each, between(1, 10000));
        arc(at, nodes - ends + s % ends + 1, each, between(1, 10000));
    }
    while (written < arcs) {
        long from = between(1, nodes - ends), to = between(ends + 1, nodes);
        if (from != to) {
            arc(from, to, between(1, 1000), between(1, 10000));
        }
    }
}

static void grid(long nodes, long arcs)
{
    long width = (long)sqrt((double)nodes), height = nodes / width, ends = width;
    printf("p min %ld %ld\n", width * height, arcs);
    for (long i = 0; i < ends; i++) {
        printf("n %ld %ld\nn %ld %ld\n", i * width % (width * height) + 1, 1000L, (i * width + width - 1) % (width * height) + 1, -1000L);
    }
    for (long y = 0; y < height; y++) {
        for (long x = 0; x < width; x++) {
            if (x + 1 < width) {
                arc(y * width + x + 1, y * width + x + 2, 1000, between(1, 10000));
            }
            arc(y * width + x + 1, (y + 1) % height * width + x + 1, between(1, 1000), between(1, 10000));
        }
    }
    while (written < arcs) {
        long from = between(1, width * height), to = between(1, width * height);
        if (from != to) {
            arc(from, to, between(1, 1000), between(1, 10000));
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "netshape net|grid NODES ARCS SEED\n");
        return 2;
    }
    long nodes = strtol(argv[2], NULL, 10), arcs = strtol(argv[3], NULL, 10);
    state = strtoull(argv[4], NULL, 10);
    if (strcmp(argv[1], "net") == 0) {
        net(nodes, arcs, (long)sqrt((double)nodes));
    } else {
        grid(nodes, arcs);
    }
    return 0;
}
