/* A bounded bump arena: one for each request or job. Handlers never free; closing the arena frees everything at once.
 * The bound is the memory limit of the request. Not shared between threads at the same moment. */
#ifndef BG_BASE_ARENA_H
#define BG_BASE_ARENA_H

#include "base/error.h"
#include "base/str.h"

struct bg_arena;

/* An empty arena that never holds more than `max` bytes; NULL when memory is out. */
struct bg_arena *bg_arena_open(size_t max);
/* Frees everything; accepts NULL. */
void bg_arena_close(struct bg_arena *arena);
/* Gives everything back but keeps one block of at most 16 KiB, for the next request. */
void bg_arena_reset(struct bg_arena *arena);
/* `size` zeroed bytes aligned for any type; NULL past the bound or when memory is out (size 0 gives a valid pointer). */
void *bg_arena_get(struct bg_arena *arena, size_t size);
/* count*size zeroed bytes; NULL also when the product overflows. */
void *bg_arena_array(struct bg_arena *arena, size_t count, size_t size);
/* A NUL-terminated copy; at == NULL when memory is out. */
bg_str bg_arena_copy(struct bg_arena *arena, bg_str s);
/* printf into the arena, NUL-terminated; NULL when memory is out. */
const char *bg_arena_text(struct bg_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Bytes taken so far. */
size_t bg_arena_used(const struct bg_arena *arena);

static inline void bg_arena_cleanup(struct bg_arena **arena)
{
    bg_arena_close(*arena);
}
/* BG_SCOPED_ARENA arena = bg_arena_open(1 << 20); closes itself on every exit. */
#define BG_SCOPED_ARENA __attribute__((cleanup(bg_arena_cleanup))) struct bg_arena *

/* The only doors to the heap. `bg_heap_fail_after(n)` makes the n-th next allocation of this thread fail once (0 = off): tests only. */
void *bg_heap_get(size_t size);                /* zeroed, or NULL */
void *bg_heap_resize(void *at, size_t size);   /* like realloc, or NULL with `at` untouched */
void bg_heap_free(void *at);                   /* accepts NULL */
void bg_heap_fail_after(uint64_t n);
uint64_t bg_heap_count(void);                  /* allocations of this thread since its start */

#endif
