/* The kinds of work that the journal and the store need themselves. */
#include "work/private.h"

static bg_err run_forget(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)item;
    (void)arena;
    (void)ctx;
    return journal_forget(work->journal);
}

static bg_err run_seal(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)item;
    (void)arena;
    (void)ctx;
    return journal_seal_months(work->journal);
}

static bg_err run_head(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)item;
    (void)arena;
    (void)ctx;
    struct journal_head head;
    return journal_sign_head(work->journal, &head, NULL);
}

static bg_err run_upkeep(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    (void)item;
    (void)arena;
    (void)ctx;
    if (store_stats(work->store).waiting > 0) {
        return BG_DONE; /* busy: another time */
    }
    return store_upkeep(work->store);
}

bg_err builtin_register(struct work *work)
{
    static const struct work_kind kinds[] = {
        { .name = "journal.seal", .run = run_seal, .daily = true, .daily_min = 5 },
        { .name = "journal.forget", .run = run_forget, .daily = true, .daily_min = 190 },
        { .name = "journal.head", .run = run_head, .every_ms = 60000 },
        { .name = "store.upkeep", .run = run_upkeep, .every_ms = 600000 },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        BG_TRY(work_register(work, &kinds[i]));
    }
    return BG_DONE;
}
