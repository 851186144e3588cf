/* Workflows are tables: states, their names in both languages, and the moves allowed. One function moves; the table prints the diagram in
 * the docs and the choices on the screen. */
#ifndef BG_BASE_MACHINE_H
#define BG_BASE_MACHINE_H

#include "base/buf.h"
#include "base/error.h"

struct bg_state {
    const char *name;    /* the code: "picked" */
    const char *zh, *en; /* the words */
    uint64_t next;       /* bit i: may move to state i */
};

struct bg_machine {
    const char *name;    /* "dispatch" */
    const struct bg_state *states;
    int count, first;    /* at most 64 states; where a new one starts */
};

#define BG_BIT(state) (UINT64_C(1) << (state))

/* BG_DONE when `from` may move to `to`; else BG_BAD_MOVE whose facts name both states and the moves allowed (facts live in `arena`). */
struct bg_arena;
bg_err bg_machine_move(const struct bg_machine *machine, int from, int to, struct bg_arena *arena);
/* Index of the state with this name, or -1. */
int bg_machine_state(const struct bg_machine *machine, bg_str name);
/* The allowed next states as a JSON array of {"name","zh","en"}. */
void bg_machine_choices(const struct bg_machine *machine, int from, struct bg_buf *out);
/* A Mermaid state diagram for the docs. */
void bg_machine_diagram(const struct bg_machine *machine, struct bg_buf *out);
/* Every state reachable from the first, every next bit within range: for tests. */
bool bg_machine_sound(const struct bg_machine *machine);

#endif
