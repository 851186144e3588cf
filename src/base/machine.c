/* State tables: one function moves. */
#include "base/machine.h"

#include <assert.h>

#include "base/arena.h"

bg_err bg_machine_move(const struct bg_machine *machine, int from, int to, struct bg_arena *arena)
{
    assert(from >= 0 && from < machine->count);
    if (to >= 0 && to < machine->count && (machine->states[from].next & BG_BIT(to)) != 0) {
        return BG_DONE;
    }
    BG_SCOPED_BUF facts = bg_buf_init(8192);
    bg_json_put_str(&facts, "machine", bg_str_of(machine->name));
    bg_json_put_str(&facts, "from", bg_str_of(machine->states[from].name));
    if (to >= 0 && to < machine->count) {
        bg_json_put_str(&facts, "to", bg_str_of(machine->states[to].name));
    }
    bg_json_key(&facts, "allowed");
    bg_machine_choices(machine, from, &facts);
    return BG_FAIL_WITH(BG_BAD_MOVE, "state", bg_arena_copy(arena, bg_buf_str(&facts)).at);
}

int bg_machine_state(const struct bg_machine *machine, bg_str name)
{
    for (int i = 0; i < machine->count; i++) {
        if (bg_str_is(name, machine->states[i].name)) {
            return i;
        }
    }
    return -1;
}

void bg_machine_choices(const struct bg_machine *machine, int from, struct bg_buf *out)
{
    bg_json_array(out);
    for (int i = 0; i < machine->count; i++) {
        if ((machine->states[from].next & BG_BIT(i)) != 0) {
            bg_json_object(out);
            bg_json_put_str(out, "name", bg_str_of(machine->states[i].name));
            bg_json_put_str(out, "zh", bg_str_of(machine->states[i].zh));
            bg_json_put_str(out, "en", bg_str_of(machine->states[i].en));
            bg_json_object_end(out);
        }
    }
    bg_json_array_end(out);
}

void bg_machine_diagram(const struct bg_machine *machine, struct bg_buf *out)
{
    bg_buf_print(out, "stateDiagram-v2\n    [*] --> %s\n", machine->states[machine->first].name);
    for (int i = 0; i < machine->count; i++) {
        bg_buf_print(out, "    %s : %s %s\n", machine->states[i].name, machine->states[i].zh, machine->states[i].en);
        for (int j = 0; j < machine->count; j++) {
            if ((machine->states[i].next & BG_BIT(j)) != 0) {
                bg_buf_print(out, "    %s --> %s\n", machine->states[i].name, machine->states[j].name);
            }
        }
    }
}

bool bg_machine_sound(const struct bg_machine *machine)
{
    uint64_t reached = BG_BIT(machine->first), before = 0;
    uint64_t all = machine->count == 64 ? UINT64_MAX : BG_BIT(machine->count) - 1;
    while (reached != before) {
        before = reached;
        for (int i = 0; i < machine->count; i++) {
            if ((reached & BG_BIT(i)) != 0) {
                reached |= machine->states[i].next;
            }
        }
    }
    return reached == all;
}
