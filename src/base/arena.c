/* Bump arena over blocks that double, and the doors to the heap with fault injection for tests. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 4096u
#define KEEP_BYTES (16u << 10)
#define LARGEST_BLOCK (1u << 20)
#define ALIGN 16u

struct block {
    struct block *next; /* the block made before this one */
    size_t size, used;  /* of data */
    _Alignas(ALIGN) char data[];
};

struct bg_arena {
    struct block *top;
    size_t max, total; /* bytes of data in all blocks, never above max */
    size_t taken;
};

/* Per thread, so that a test can fail one thread's allocations without touching another's. */
static _Thread_local uint64_t heap_count;
static _Thread_local uint64_t heap_fail_at;

static bool heap_refuses(void)
{
    heap_count++;
    if (heap_fail_at != 0 && heap_count == heap_fail_at) {
        heap_fail_at = 0;
        return true;
    }
    return false;
}

void *bg_heap_get(size_t size)
{
    return heap_refuses() ? NULL : calloc(1, size == 0 ? 1 : size);
}

void *bg_heap_resize(void *at, size_t size)
{
    return heap_refuses() ? NULL : realloc(at, size == 0 ? 1 : size);
}

void bg_heap_free(void *at)
{
    free(at);
}

void bg_heap_fail_after(uint64_t n)
{
    heap_fail_at = n == 0 ? 0 : heap_count + n;
}

uint64_t bg_heap_count(void)
{
    return heap_count;
}

struct bg_arena *bg_arena_open(size_t max)
{
    struct bg_arena *arena = bg_heap_get(sizeof *arena);
    if (arena != NULL) {
        arena->max = max;
    }
    return arena;
}

static void free_blocks(struct block *block)
{
    while (block != NULL) {
        struct block *next = block->next;
        bg_heap_free(block);
        block = next;
    }
}

void bg_arena_close(struct bg_arena *arena)
{
    if (arena != NULL) {
        free_blocks(arena->top);
        bg_heap_free(arena);
    }
}

void bg_arena_reset(struct bg_arena *arena)
{
    /* The largest block that may stay, so that the next request of the same kind needs no other. */
    struct block *keep = NULL;
    for (struct block *block = arena->top, *next; block != NULL; block = next) {
        next = block->next;
        if (block->size <= KEEP_BYTES && (keep == NULL || block->size > keep->size)) {
            bg_heap_free(keep);
            keep = block;
        } else {
            bg_heap_free(block);
        }
    }
    arena->top = keep;
    arena->total = keep != NULL ? keep->size : 0;
    arena->taken = 0;
    if (keep != NULL) {
        keep->next = NULL;
        memset(keep->data, 0, keep->used);
        keep->used = 0;
    }
}

/* Adds a block that can hold `size`; false past the bound or when memory is out. */
static bool add_block(struct bg_arena *arena, size_t size)
{
    if (size > arena->max - arena->total) {
        return false;
    }
    size_t want = arena->top == NULL ? FIRST_BLOCK : arena->top->size * 2;
    want = want > LARGEST_BLOCK ? LARGEST_BLOCK : want;
    want = want < size ? size : want;
    want = want > arena->max - arena->total ? arena->max - arena->total : want;
    struct block *block = bg_heap_get(sizeof *block + want);
    if (block == NULL) {
        return false;
    }
    block->size = want;
    block->next = arena->top;
    arena->top = block;
    arena->total += want;
    return true;
}

void *bg_arena_get(struct bg_arena *arena, size_t size)
{
    assert(arena != NULL);
    if (size > arena->max) {
        return NULL;
    }
    size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    need = need == 0 ? ALIGN : need;
    if (arena->top == NULL || arena->top->size - arena->top->used < need) {
        if (!add_block(arena, need)) {
            return NULL;
        }
    }
    char *at = arena->top->data + arena->top->used;
    arena->top->used += need;
    arena->taken += need;
    return at;
}

void *bg_arena_array(struct bg_arena *arena, size_t count, size_t size)
{
    size_t total;
    return __builtin_mul_overflow(count, size, &total) ? NULL : bg_arena_get(arena, total);
}

bg_str bg_arena_copy(struct bg_arena *arena, bg_str s)
{
    char *at = s.len == SIZE_MAX ? NULL : bg_arena_get(arena, s.len + 1);
    if (at == NULL) {
        return (bg_str){ NULL, 0 };
    }
    if (s.len > 0) {
        memcpy(at, s.at, s.len);
    }
    return (bg_str){ at, s.len };
}

const char *bg_arena_text(struct bg_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *at = len < 0 ? NULL : bg_arena_get(arena, (size_t)len + 1);
    if (at != NULL) {
        (void)vsnprintf(at, (size_t)len + 1, format, again);
    }
    va_end(again);
    return at;
}

size_t bg_arena_used(const struct bg_arena *arena)
{
    return arena->taken;
}
