/* The naive ledger: every question is answered by adding up all movements. */
#include <assert.h>
#include <string.h>

#include "cli/model_inner.h"

bg_err model_open(struct model *model, const struct model_world *world)
{
    size_t lots = world->item_count * world->lots;
    *model = (struct model){ .world = *world };
    BG_TRY(bg_need(model->lots = bg_heap_get((lots + 1) * sizeof *model->lots)));
    for (size_t i = 0; i < lots; i++) {
        model->lots[i] = world->lot[i];
    }
    return BG_DONE;
}

void model_close(struct model *model)
{
    for (size_t i = 0; i < model->account_count; i++) {
        bg_heap_free(model->accounts[i].moves);
    }
    bg_heap_free(model->lots);
    bg_heap_free(model->accounts);
    bg_heap_free(model->slots);
    bg_heap_free(model->movements);
    bg_heap_free(model->documents);
    bg_heap_free(model->holds);
    bg_heap_free(model->shipments);
    bg_heap_free(model->reviews);
    bg_heap_free(model->sheets);
    bg_heap_free(model->undo);
    *model = (struct model){ 0 };
}

bg_err model_room(void *at, size_t *room, size_t count, size_t size)
{
    if (count < *room) {
        return BG_DONE;
    }
    size_t more = *room == 0 ? 16 : *room * 2;
    void *grown = bg_heap_resize(*(void **)at, more * size);
    BG_TRY(bg_need(grown));
    *(void **)at = grown;
    *room = more;
    return BG_DONE;
}

/* --- accounts: which movements touch them --- */

bool model_same(const struct ledger_key *a, const struct ledger_key *b)
{
    return a->place == b->place && a->bin == b->bin && a->owner == b->owner && a->item == b->item && a->lot == b->lot &&
           a->status == b->status;
}

static size_t slot_of(const struct model *model, const struct ledger_key *key)
{
    const int64_t parts[] = { key->place, key->bin, key->owner, key->item, key->lot, key->status };
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        hash = (hash ^ (uint64_t)parts[i]) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    size_t slot = (size_t)hash & (model->slot_count - 1);
    while (model->slots[slot] != 0 && !model_same(&model->accounts[model->slots[slot] - 1].key, key)) {
        slot = (slot + 1) & (model->slot_count - 1);
    }
    return slot;
}

static bg_err more_slots(struct model *model)
{
    size_t count = model->slot_count == 0 ? 256 : model->slot_count * 2;
    uint32_t *slots = bg_heap_get(count * sizeof *slots);
    BG_TRY(bg_need(slots));
    bg_heap_free(model->slots);
    model->slots = slots;
    model->slot_count = count;
    for (size_t i = 0; i < model->account_count; i++) {
        model->slots[slot_of(model, &model->accounts[i].key)] = (uint32_t)i + 1;
    }
    return BG_DONE;
}

/* NULL when nothing ever touched it. */
static const struct model_account *account_find(const struct model *model, const struct ledger_key *key)
{
    uint32_t found = model->slot_count == 0 ? 0 : model->slots[slot_of(model, key)];
    return found == 0 ? NULL : &model->accounts[found - 1];
}

static bg_err account_need(struct model *model, const struct ledger_key *key, struct model_account **ret)
{
    if (model->account_count * 2 >= model->slot_count) {
        BG_TRY(more_slots(model));
    }
    size_t slot = slot_of(model, key);
    if (model->slots[slot] == 0) {
        BG_TRY(model_room(&model->accounts, &model->account_room, model->account_count, sizeof *model->accounts));
        model->accounts[model->account_count++] = (struct model_account){ .key = *key };
        model->slots[slot] = (uint32_t)model->account_count;
    }
    *ret = &model->accounts[model->slots[slot] - 1];
    return BG_DONE;
}

static bg_err account_touch(struct model *model, const struct ledger_key *key, uint32_t move)
{
    struct model_account *account;
    BG_TRY(account_need(model, key, &account));
    BG_TRY(model_room(&account->moves, &account->room, account->count, sizeof *account->moves));
    account->moves[account->count++] = move;
    return BG_DONE;
}

/* --- adding up --- */

static bool within(const struct model_movement *m, bg_ms at, bg_ms known_at)
{
    return (at == BG_TIME_NONE || m->occurred_at <= at) && (known_at == BG_TIME_NONE || m->recorded_at <= known_at);
}

static int64_t account_sum(const struct model *model, const struct model_account *account, bg_ms at, bg_ms known_at)
{
    int64_t sum = 0;
    for (size_t i = 0; i < account->count; i++) {
        const struct model_movement *m = &model->movements[account->moves[i] / 2];
        if (within(m, at, known_at)) {
            sum += (account->moves[i] & 1) != 0 ? m->qty : -m->qty;
        }
    }
    return sum;
}

int64_t model_balance(const struct model *model, const struct ledger_key *key, bg_ms at, bg_ms known_at)
{
    const struct model_account *account = account_find(model, key);
    return account == NULL ? 0 : account_sum(model, account, at, known_at);
}

int64_t model_total(const struct model *model, int64_t place, int64_t item, int64_t owner, int status, bg_ms at, bg_ms known_at)
{
    int64_t sum = 0;
    for (size_t i = 0; i < model->account_count; i++) {
        const struct ledger_key *key = &model->accounts[i].key;
        if (key->place == place && key->item == item && key->status == status && (owner == 0 || key->owner == owner)) {
            sum += account_sum(model, &model->accounts[i], at, known_at);
        }
    }
    return sum;
}

int64_t model_held(const struct model *model, const struct ledger_key *key)
{
    int64_t sum = 0;
    for (size_t i = 0; i < model->hold_count; i++) {
        const struct model_hold *hold = &model->holds[i];
        if (hold->state == LEDGER_HOLD_OPEN && model_same(&hold->key, key)) {
            sum += hold->qty - hold->posted;
        }
    }
    return sum;
}

bg_date model_date(const struct model *model, bg_ms at)
{
    return bg_date_at(at, model->world.offset_min);
}

#define PAST_MAX 512

/* The lowest balance at the end of the days from the day of `at` up to yesterday; INT64_MAX when that day is today. */
int64_t model_lowest(const struct model *model, const struct ledger_key *key, bg_ms at)
{
    const struct model_account *account = account_find(model, key);
    bg_date first = model_date(model, at), today = model_date(model, model->now);
    int64_t delta[PAST_MAX] = { 0 }, closing = 0, lowest = INT64_MAX;
    assert(today - first < PAST_MAX);
    for (size_t i = 0; account != NULL && i < account->count; i++) {
        const struct model_movement *m = &model->movements[account->moves[i] / 2];
        bg_date day = model_date(model, m->occurred_at);
        if (day < today) {
            delta[day > first ? day - first : 0] += (account->moves[i] & 1) != 0 ? m->qty : -m->qty;
        }
    }
    for (bg_date day = first; day < today; day++) {
        closing += delta[day - first];
        lowest = closing < lowest ? closing : lowest;
    }
    return lowest;
}

/* --- making --- */

bg_err model_move(struct model *model, const struct ledger_key *from, const struct ledger_key *to, int64_t qty, bg_ms at,
                  size_t reverses)
{
    BG_TRY(model_room(&model->movements, &model->movement_room, model->movement_count, sizeof *model->movements));
    uint32_t index = (uint32_t)model->movement_count++;
    model->movements[index] = (struct model_movement){ .from = *from,
                                                       .to = *to,
                                                       .qty = qty,
                                                       .occurred_at = at,
                                                       .recorded_at = model->now,
                                                       .document = model->document_count,
                                                       .reverses = reverses };
    BG_TRY(account_touch(model, from, index * 2));
    return account_touch(model, to, index * 2 + 1);
}

struct model_lot *model_lot(const struct model *model, int64_t id)
{
    for (size_t i = 0; i < model->world.item_count * model->world.lots && id != 0; i++) {
        if (model->lots[i].id == id) {
            return &model->lots[i];
        }
    }
    return NULL;
}

/* --- going back --- */

/* Behind the bytes that were there: where, so that the newest entry is found from the end. */
struct undo {
    void **array; /* which may move */
    size_t offset, size;
};

void model_keep(struct model *model, void *array, const void *at, size_t size)
{
    void **base = array;
    const struct undo head = { base, (size_t)((const char *)at - (const char *)*base), size };
    size_t need = model->undo_len + size + sizeof head;
    if (need > model->undo_room) {
        size_t room = need * 2;
        unsigned char *grown = bg_heap_resize(model->undo, room);
        if (grown == NULL) {
            model->no_memory = true;
            return;
        }
        model->undo = grown;
        model->undo_room = room;
    }
    memcpy(model->undo + model->undo_len, at, size);
    memcpy(model->undo + model->undo_len + size, &head, sizeof head);
    model->undo_len = need;
}

void model_forget(struct model *model)
{
    model->undo_len = 0;
}

struct model_mark model_mark(const struct model *model)
{
    return (struct model_mark){ .movements = model->movement_count,
                                .documents = model->document_count,
                                .holds = model->hold_count,
                                .shipments = model->shipment_count,
                                .reviews = model->review_count,
                                .sheets = model->sheet_count,
                                .undo = model->undo_len,
                                .document_known = model->document_known,
                                .hold_known = model->hold_known,
                                .shipment_known = model->shipment_known,
                                .review_known = model->review_known,
                                .sheet_known = model->sheet_known };
}

/* The newest movement of an account is the last of its list. */
static void account_pop(struct model *model, const struct ledger_key *key)
{
    model->accounts[model->slots[slot_of(model, key)] - 1].count--;
}

void model_back(struct model *model, const struct model_mark *mark)
{
    while (model->undo_len > mark->undo) {
        struct undo head;
        memcpy(&head, model->undo + model->undo_len - sizeof head, sizeof head);
        model->undo_len -= sizeof head + head.size;
        memcpy((char *)*head.array + head.offset, model->undo + model->undo_len, head.size);
    }
    while (model->movement_count > mark->movements) {
        const struct model_movement *m = &model->movements[--model->movement_count];
        account_pop(model, &m->to);
        account_pop(model, &m->from);
    }
    model->document_count = mark->documents;
    model->hold_count = mark->holds;
    model->shipment_count = mark->shipments;
    model->review_count = mark->reviews;
    model->sheet_count = mark->sheets;
    model->document_known = mark->document_known;
    model->hold_known = mark->hold_known;
    model->shipment_known = mark->shipment_known;
    model->review_known = mark->review_known;
    model->sheet_known = mark->sheet_known;
}

/* --- learning --- */

void model_learn(struct model *model, const struct model_answer *answer, const struct model_ids *ids)
{
    for (size_t i = 0; i < answer->movement_count && ids->movements != NULL; i++) {
        model->movements[answer->movement_first + i].id = ids->movements[i];
    }
    for (size_t i = 0; i < answer->hold_count; i++) {
        model->holds[answer->hold_first + i].id = ids->holds[i];
        model->hold_known = answer->hold_first + i + 1;
    }
    for (size_t i = 0; i < answer->review_count; i++) {
        model->reviews[answer->review_first + i].id = ids->reviews[i];
        model->review_known = answer->review_first + i + 1;
    }
    for (size_t i = 0; i < answer->document_count; i++) {
        struct model_document *made = &model->documents[answer->document_first + i];
        made->id = ids->documents[i];
        model->document_known = answer->document_first + i + 1;
        if (made->shipment != 0) {
            model->shipments[made->shipment - 1].id = made->id;
            model->shipment_known = made->shipment;
        }
    }
    if (answer->sheet != 0) {
        model->sheets[answer->sheet - 1].id = ids->sheet;
        model->sheet_known = answer->sheet;
    }
}
