/* Entries that follow the journal: records that an event speaks of are read again and entered anew. */
#include "record/inside.h"

#define TOGETHER 64 /* entries in one transaction: some five milliseconds of the writer */

const char *record_index_prefixes(const struct record *record)
{
    return record->prefixes;
}

bg_err record_index_event(struct record *record, const struct journal_event *event)
{
    const struct record_kind *kind = record_kind_of(record, event->object);
    if (kind == NULL || kind->load == NULL) {
        return BG_DONE;
    }
    for (size_t i = 0; i < record->noted_count; i++) {
        const struct noted *noted = &record->noted[i];
        if (noted->id == event->id && noted->city == event->city && noted->kind == kind) {
            return BG_DONE;
        }
    }
    if (record->noted_count == NOTED_MAX) {
        BG_TRY(record_index_flush(record));
    }
    record->noted[record->noted_count++] = (struct noted){ event->city, event->id, kind };
    return BG_DONE;
}

struct index_in {
    const struct noted *noted;
    size_t count;
};

static bg_err index_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4 << 20);
    BG_TRY(bg_need(arena));
    for (size_t job = 0; job < count; job++) {
        const struct index_in *in = jobs[job]->in;
        for (size_t i = 0; i < in->count; i++) {
            const struct noted *noted = &in->noted[i];
            struct record_entry entry;
            bg_arena_reset(arena);
            bg_err err = noted->kind->load(tx, noted->city, noted->id, arena, &entry);
            if (err.code == BG_NOT_FOUND) {
                BG_TRY(record_drop(tx, noted->city, noted->kind->name, noted->id, arena));
                continue;
            }
            BG_TRY(err);
            BG_TRY(record_put(tx, noted->city, &entry, arena));
        }
    }
    return BG_DONE;
}

bg_err record_index_flush(struct record *record)
{
    static const struct store_class class = { .name = "record.index", .rare = true, .run = index_run };
    size_t done = 0;
    while (done < record->noted_count) {
        size_t left = record->noted_count - done;
        struct index_in in = { record->noted + done, left < TOGETHER ? left : TOGETHER };
        bg_err err = store_write(record->store, &class, &in, NULL, NULL);
        if (bg_failed(err)) {
            record->noted_count = 0; /* they will be handed over again */
            return err;
        }
        done += in.count;
    }
    record->noted_count = 0;
    return BG_DONE;
}
