/* The executor of changes: looks for stored answers, loads, decides, applies, journals and keeps answers, a batch at a time. */
#include <assert.h>
#include <string.h>

#include "journal/private.h"

enum stage { OPEN, ANSWERED, REPLAY, TWIN }; /* own.stage: still to decide; refused or decided; answered before; see own.twin */

static struct change *change_of(struct store_job *job)
{
    return (struct change *)((char *)job - offsetof(struct change, job));
}

/* --- the batch's memory --- */

static struct change_tx *batch_take(struct journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    struct change_tx *tx = journal->spares;
    if (tx != NULL) {
        journal->spares = tx->next;
    }
    pthread_mutex_unlock(&journal->lock);
    if (tx != NULL) {
        return tx;
    }
    tx = bg_heap_get(sizeof *tx);
    if (tx == NULL) {
        return NULL;
    }
    tx->journal = journal;
    tx->arena = bg_arena_open(BATCH_BYTES);
    tx->bodies = bg_buf_init(BODY_BYTES);
    if (tx->arena == NULL) {
        bg_heap_free(tx);
        return NULL;
    }
    return tx;
}

static void batch_give(struct change_tx *tx)
{
    struct journal *journal = tx->journal;
    bg_arena_reset(tx->arena);
    pthread_mutex_lock(&journal->lock);
    tx->next = journal->spares;
    journal->spares = tx;
    pthread_mutex_unlock(&journal->lock);
}

static void batch_begin(struct change_tx *tx, struct store_tx *store)
{
    tx->store = store;
    tx->now = bg_now(tx->journal->env);
    bg_time_text(tx->now, tx->now_text);
    tx->current = NULL;
    tx->family_count = 0;
    memset(tx->memos, 0, sizeof tx->memos);
    tx->entry_count = 0;
    bg_buf_clear(&tx->bodies);
}

/* --- answers --- */

static bool kept_for_good(bg_err err)
{
    int status = bg_errors[err.code].status;
    return status >= 400 && status < 500 && status != 401 && status != 429;
}

static void render_plain(bg_err refusal, struct bg_buf *out)
{
    const struct bg_error_info *info = &bg_errors[refusal.code];
    bg_json_object(out);
    bg_json_put_str(out, "code", bg_str_of(info->slug));
    bg_json_put_int(out, "status", info->status);
    if (refusal.field != NULL) {
        bg_json_put_str(out, "field", bg_str_of(refusal.field));
    }
    if (refusal.facts != NULL) {
        bg_json_key(out, "facts");
        bg_json_object(out);
        bg_buf_add(out, bg_str_of(refusal.facts));
        bg_json_object_end(out);
    }
    bg_json_object_end(out);
}

/* Text that lived with the batch moves to the request. */
static const char *to_request(struct change *change, const char *text)
{
    return text != NULL && change->arena != NULL ? bg_arena_copy(change->arena, bg_str_of(text)).at : NULL;
}

static void refuse(struct change_tx *tx, struct change *change, bg_err err)
{
    const struct journal_opts *opts = &tx->journal->opts;
    change->own.stage = ANSWERED;
    change->err = err;
    change->err.field = to_request(change, err.field);
    change->err.facts = to_request(change, err.facts);
    change->status = bg_errors[err.code].status;
    change->position = 0;
    bg_buf_clear(&change->reply);
    if (kept_for_good(err)) {
        if (opts->render != NULL) {
            opts->render(opts->render_ctx, change->err, &change->reply);
        } else {
            render_plain(change->err, &change->reply);
        }
    }
}

static enum bg_code code_of(bg_str slug)
{
    for (int code = 1; code < BG_CODE_COUNT; code++) {
        if (bg_str_is(slug, bg_errors[code].slug)) {
            return (enum bg_code)code;
        }
    }
    return BG_INTERNAL;
}

/* --- same id, same answer --- */

static void replay(struct change *change, struct store_rows *row)
{
    change->own.stage = REPLAY;
    change->replayed = true;
    change->status = (int)store_int(row, 2);
    bg_str code = store_text(row, 3);
    change->err = code.len == 0 ? BG_DONE : BG_FAIL(code_of(code));
    bg_buf_clear(&change->reply);
    bg_buf_add(&change->reply, store_text(row, 4));
    change->position = store_int(row, 5);
}

static bool same_request(const struct change *change, int64_t account, bg_str body_hash)
{
    return change->actor.account == account && bg_str_eq(body_hash, (bg_str){ (const char *)change->body_hash, 32 });
}

static bg_err find_answers(struct change_tx *tx, struct store_job **jobs, size_t count)
{
    struct store_val *keys = bg_arena_array(tx->arena, count, 2 * sizeof *keys);
    BG_TRY(bg_need(keys));
    for (size_t i = 0; i < count; i++) {
        const struct change *change = change_of(jobs[i]);
        keys[2 * i] = V_INT(change->city);
        keys[2 * i + 1] = V_BYTES(change->op.bytes, sizeof change->op.bytes);
    }
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query_many(tx->store, SQL_OP_FIND, keys, 2, count, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct change *change = change_of(jobs[store_key(rows)]);
        if (same_request(change, store_int(rows, 0), store_text(rows, 1))) {
            replay(change, rows);
        } else {
            refuse(tx, change, BG_FAIL_AT(BG_OP_REUSED, "Idempotency-Key"));
            change->own.stage = REPLAY; /* the first answer stays the one that is kept */
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

#define TWIN_SLOTS 1024

/* The same id twice in one batch: the second waits for the first's answer. */
static void find_twins(struct change_tx *tx, struct store_job **jobs, size_t count)
{
    struct change *slots[TWIN_SLOTS] = { NULL };
    assert(count <= BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        struct change *change = change_of(jobs[i]);
        if (change->own.stage != OPEN) {
            continue;
        }
        uint32_t slot;
        memcpy(&slot, change->op.bytes + 12, sizeof slot);
        for (slot %= TWIN_SLOTS; slots[slot] != NULL; slot = (slot + 1) % TWIN_SLOTS) {
            const struct change *other = slots[slot];
            if (other->city == change->city && memcmp(&other->op, &change->op, sizeof change->op) == 0) {
                break;
            }
        }
        if (slots[slot] == NULL) {
            slots[slot] = change;
        } else if (same_request(change, slots[slot]->actor.account, (bg_str){ (const char *)slots[slot]->body_hash, 32 })) {
            change->own.stage = TWIN;
            change->own.twin = slots[slot];
        } else {
            refuse(tx, change, BG_FAIL_AT(BG_OP_REUSED, "Idempotency-Key"));
            change->own.stage = REPLAY;
        }
    }
}

static void answer_twins(struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct change *change = change_of(jobs[i]);
        if (change->own.stage == TWIN) {
            const struct change *first = change->own.twin;
            change->err = first->err;
            change->err.field = to_request(change, first->err.field);
            change->err.facts = to_request(change, first->err.facts);
            change->status = first->status;
            change->position = first->position;
            change->replayed = true;
            bg_buf_add(&change->reply, bg_buf_str(&first->reply));
        }
    }
}

/* An operation that its device has numbered at or below what was forgotten was answered long ago, or never will be. */
static bg_err check_mark(struct change_tx *tx, struct change *change)
{
    int64_t mark = 0;
    bool found = false;
    if (change->device_seq > 0 && change->actor.device != 0) {
        BG_TRY(store_get_int(tx->store, SQL_OP_MARK_FIND, ARGS(V_INT(change->city), V_INT(change->actor.device)), &mark, &found));
    }
    if (found && change->device_seq <= mark) {
        refuse(tx, change, BG_FAIL_AT(BG_OP_PAST, "Idempotency-Key"));
        change->own.stage = REPLAY;
    }
    return BG_DONE;
}

static bg_err recognise(struct change_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct change *change = change_of(jobs[i]);
        change->own.stage = OPEN;
        change->own.twin = NULL;
        change->replayed = false;
        change->err = BG_DONE;
        change->status = 200;
        change->position = 0;
        bg_buf_clear(&change->reply);
    }
    BG_TRY(find_answers(tx, jobs, count));
    find_twins(tx, jobs, count);
    for (size_t i = 0; i < count; i++) {
        if (change_of(jobs[i])->own.stage == OPEN) {
            BG_TRY(check_mark(tx, change_of(jobs[i])));
        }
    }
    return BG_DONE;
}

#define OP_COLUMNS 11

static void op_row(const struct change_tx *tx, const struct change *change, struct store_val *row)
{
    const char *code = bg_failed(change->err) ? bg_errors[change->err.code].slug : "";
    row[0] = V_INT(change->city);
    row[1] = V_BYTES(change->op.bytes, sizeof change->op.bytes);
    row[2] = V_INT(change->actor.account);
    row[3] = V_BYTES(change->body_hash, sizeof change->body_hash);
    row[4] = V_INT(change->status);
    row[5] = V_TEXT(bg_str_of(code));
    row[6] = V_TEXT(bg_buf_str(&change->reply));
    row[7] = V_INT(tx->now);
    row[8] = V_INT(change->position);
    row[9] = V_INT(change->actor.device);
    row[10] = V_INT(change->device_seq);
}

static bg_err keep_answers(struct change_tx *tx, struct store_job **jobs, size_t count)
{
    struct store_val *rows = bg_arena_array(tx->arena, count, OP_COLUMNS * sizeof *rows);
    BG_TRY(bg_need(rows));
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct change *change = change_of(jobs[i]);
        if (change->own.stage == ANSWERED && (!bg_failed(change->err) || kept_for_good(change->err))) {
            BG_TRY(bg_buf_check(&change->reply));
            op_row(tx, change, rows + kept++ * OP_COLUMNS);
        }
    }
    if (kept == 0) {
        return BG_DONE;
    }
    bg_err err = store_run_many(tx->store, SQL_OP_INSERT, rows, OP_COLUMNS, kept);
    if (err.code == BG_CONFLICT) {
        store_again(tx->store); /* another server answered one of them a moment ago: look again */
    }
    return err;
}

/* --- deciding --- */

static bg_err use_family(struct change_tx *tx, const struct change_family *family)
{
    for (size_t i = 0; i < tx->family_count; i++) {
        if (tx->families[i].family == family) {
            return BG_DONE;
        }
    }
    if (tx->family_count == FAMILIES_MAX) {
        return BG_FAIL(BG_INTERNAL);
    }
    tx->families[tx->family_count++] = (struct family_use){ family, NULL };
    return BG_DONE;
}

/* Rights first, then the keys; a refusal ends the change. Any other failure (5xx) of `keys` spoils the batch. */
static bg_err admit(struct change_tx *tx, struct change *change)
{
    const struct change_kind *kind = change->kind;
    tx->current = change;
    bg_err err = kind->recheck != NULL ? kind->recheck(tx, change) : BG_DONE;
    if (bg_failed(err) && bg_errors[err.code].status < 500) {
        refuse(tx, change, err);
        change->own.stage = REPLAY; /* judged on rights that are no more: the same id may come again and is judged anew */
        return BG_DONE;
    }
    if (!bg_failed(err) && kind->family != NULL) {
        BG_TRY(use_family(tx, kind->family));
        err = kind->family->keys(tx, change);
    }
    if (bg_failed(err)) {
        if (bg_errors[err.code].status >= 500) {
            return err;
        }
        refuse(tx, change, err);
    }
    return BG_DONE;
}

static bg_err decide(struct change_tx *tx, struct change *change)
{
    size_t entries = tx->entry_count, bytes = tx->bodies.len;
    tx->current = change;
    bg_err err = change->kind->decide(tx, change);
    if (!bg_failed(err)) {
        err = bg_buf_check(&change->reply);
    }
    if (!bg_failed(err)) {
        change->own.stage = ANSWERED;
        return BG_DONE;
    }
    tx->entry_count = entries;
    tx->bodies.len = bytes;
    return err;
}

/* The entries of the batch outgrew its memory: not the fault of the change at which it was noticed, unless it stands alone. */
static bool overfull(struct change_tx *tx, const struct change *change)
{
    return tx->bodies.failed && !change->own.alone;
}

/* All changes of the jobs together, each step for all of them. */
static bg_err run_together(struct change_tx *tx, struct store_job **jobs, size_t count)
{
    BG_TRY(recognise(tx, jobs, count));
    for (size_t i = 0; i < count; i++) {
        if (change_of(jobs[i])->own.stage == OPEN) {
            BG_TRY(admit(tx, change_of(jobs[i])));
        }
    }
    for (size_t i = 0; i < tx->family_count; i++) {
        BG_TRY(tx->families[i].family->load(tx));
    }
    for (size_t i = 0; i < count; i++) {
        struct change *change = change_of(jobs[i]);
        if (change->own.stage == OPEN) {
            bg_err err = decide(tx, change);
            if (bg_failed(err) && (overfull(tx, change) || bg_errors[err.code].status >= 500)) {
                return err; /* the images may hold a part of it already: nothing of the batch is applied */
            }
            if (bg_failed(err)) {
                tx->bodies.failed = false;
                refuse(tx, change, err);
            }
        }
    }
    for (size_t i = 0; i < tx->family_count; i++) {
        BG_TRY(tx->families[i].family->apply(tx));
    }
    BG_TRY(append_batch(tx));
    BG_TRY(keep_answers(tx, jobs, count));
    answer_twins(jobs, count);
    return BG_DONE;
}

/* A change by itself, inside a savepoint. */
struct attempt {
    struct change_tx *tx;
    struct store_job **job;
};

static bg_err attempt_hot(struct store_tx *store, void *ctx)
{
    (void)store;
    const struct attempt *attempt = ctx;
    return run_together(attempt->tx, attempt->job, 1);
}

/* One after another: a change that can not be applied harms no other. Its refusal is not kept. */
static bg_err run_apart(struct change_tx *tx, struct store_tx *store, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct change *change = change_of(jobs[i]);
        batch_begin(tx, store);
        bg_err err = store_attempt(store, attempt_hot, &(struct attempt){ tx, &jobs[i] });
        if (bg_failed(err)) {
            if (bg_errors[err.code].status >= 500) {
                return err;
            }
            refuse(tx, change, err);
            bg_buf_clear(&change->reply);
        }
        bg_arena_reset(tx->arena);
    }
    return BG_DONE;
}

static bg_err hot_run(struct store_tx *store, struct store_job **jobs, size_t count)
{
    struct change_tx *tx = batch_take(jobs[0]->ctx);
    BG_TRY(bg_need(tx));
    batch_begin(tx, store);
    bg_err err;
    if (change_of(jobs[0])->own.alone) {
        err = run_apart(tx, store, jobs, count);
    } else {
        err = run_together(tx, jobs, count);
        if (bg_failed(err) && bg_errors[err.code].status < 500) { /* a constraint refused the effects of some change among them */
            for (size_t i = 0; i < count; i++) {
                change_of(jobs[i])->own.alone = true;
            }
            store_again(store);
        }
    }
    batch_give(tx);
    return err;
}

static bg_err attempt_rare(struct store_tx *store, void *ctx)
{
    (void)store;
    const struct attempt *attempt = ctx;
    return decide(attempt->tx, change_of(*attempt->job));
}

/* A refusal undoes what the change did, and only that: the answer is kept in the same transaction. */
static bg_err rare_decide(struct change_tx *tx, struct store_job **job)
{
    bg_err err = store_attempt(tx->store, attempt_rare, &(struct attempt){ tx, job });
    if (bg_failed(err)) {
        if (bg_errors[err.code].status >= 500) {
            return err; /* of the whole transaction, which is rolled back and perhaps run again */
        }
        tx->bodies.failed = false;
        refuse(tx, change_of(*job), err);
    }
    return BG_DONE;
}

static bg_err rare_steps(struct change_tx *tx, struct store_job **job)
{
    struct change *change = change_of(*job);
    BG_TRY(recognise(tx, job, 1));
    if (change->own.stage == OPEN) {
        BG_TRY(admit(tx, change));
    }
    if (change->own.stage == OPEN) {
        BG_TRY(rare_decide(tx, job));
    }
    BG_TRY(append_batch(tx));
    return keep_answers(tx, job, 1);
}

static bg_err rare_run(struct store_tx *store, struct store_job **jobs, size_t count)
{
    struct change_tx *tx = batch_take(jobs[0]->ctx);
    BG_TRY(bg_need(tx));
    bg_err err = BG_DONE;
    for (size_t i = 0; i < count && !bg_failed(err); i++) {
        batch_begin(tx, store);
        err = rare_steps(tx, &jobs[i]);
        bg_arena_reset(tx->arena);
    }
    batch_give(tx);
    return err;
}

/* --- after the commit --- */

static void committed(struct store_job **jobs, size_t count)
{
    struct journal *journal = jobs[0]->ctx;
    if (journal->postgres) {
        pthread_mutex_lock(&journal->lock);
        journal->stirred = true;
        pthread_cond_signal(&journal->wake);
        pthread_mutex_unlock(&journal->lock);
        return;
    }
    int64_t head = 0;
    for (size_t i = 0; i < count; i++) {
        const struct change *change = change_of(jobs[i]);
        if (change->own.stage == ANSWERED && change->position > head) {
            head = change->position;
        }
    }
    head_moved(journal, head);
}

static const struct store_class hot_class = { "change", false, hot_run, committed };
static const struct store_class rare_class = { "change.rare", true, rare_run, committed };

static void finish(struct store_job *job)
{
    struct change *change = change_of(job);
    if (bg_failed(job->err)) { /* the transaction failed: nothing was done or kept */
        change->err = job->err;
        change->status = bg_errors[job->err.code].status;
        change->replayed = false;
        change->position = 0;
        bg_buf_clear(&change->reply);
    }
    change->done(change);
}

bg_err change_submit(struct journal *journal, struct change *change)
{
    assert(change->done != NULL && change->kind != NULL);
    change->own.alone = false;
    change->job = (struct store_job){
        .class = change->kind->family != NULL ? &hot_class : &rare_class,
        .ctx = journal,
        .lane = (uint64_t)change->city,
        .done = finish,
    };
    return store_submit(journal->store, &change->job);
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool done;
};

static void wake_waiter(struct change *change)
{
    struct waiter *waiter = change->user;
    pthread_mutex_lock(&waiter->lock);
    waiter->done = true;
    pthread_cond_signal(&waiter->wake);
    pthread_mutex_unlock(&waiter->lock);
}

bg_err change_run(struct journal *journal, struct change *change)
{
    assert(change->done == NULL);
    struct waiter waiter = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
    void *user = change->user;
    change->user = &waiter;
    change->done = wake_waiter;
    bg_err err = change_submit(journal, change);
    if (!bg_failed(err)) {
        pthread_mutex_lock(&waiter.lock);
        while (!waiter.done) {
            pthread_cond_wait(&waiter.wake, &waiter.lock);
        }
        pthread_mutex_unlock(&waiter.lock);
        err = change->err;
    }
    change->done = NULL;
    change->user = user;
    return err;
}

/* --- inside decide --- */

struct store_tx *change_store(struct change_tx *tx)
{
    return tx->store;
}

bg_ms change_now(const struct change_tx *tx)
{
    return tx->now;
}

int64_t change_id(struct change_tx *tx)
{
    return bg_id_next(tx->journal->ids);
}

void **change_family_state(struct change_tx *tx, const struct change_family *family)
{
    for (size_t i = 0; i < tx->family_count; i++) {
        if (tx->families[i].family == family) {
            return &tx->families[i].state;
        }
    }
    assert(false && "a family is used by its own changes only");
    return NULL;
}

void **change_memo(struct change_tx *tx, const void *owner)
{
    size_t i = 0;
    while (tx->memos[i].owner != NULL && tx->memos[i].owner != owner) {
        i++;
        assert(i < MEMOS_MAX);
    }
    tx->memos[i].owner = owner;
    return &tx->memos[i].at;
}

struct bg_arena *change_arena(struct change_tx *tx)
{
    return tx->arena;
}

bg_err change_flush(struct change_tx *tx)
{
    assert(tx->current->kind->family == NULL); /* a rare change has the batch for itself */
    BG_TRY(append_batch(tx));
    tx->entry_count = 0;
    bg_buf_clear(&tx->bodies);
    bg_arena_reset(tx->arena);
    memset(tx->memos, 0, sizeof tx->memos);
    return BG_DONE;
}

bg_err change_record(struct change_tx *tx, const struct change *change, const struct journal_entry *entry)
{
    assert(change == tx->current);
    if (tx->entry_count == tx->entry_room) {
        size_t room = tx->entry_room == 0 ? 64 : tx->entry_room * 2;
        struct entry *grown = bg_heap_resize(tx->entries, room * sizeof *grown);
        BG_TRY(bg_need(grown));
        tx->entries = grown;
        tx->entry_room = room;
    }
    struct entry *made = &tx->entries[tx->entry_count];
    *made = (struct entry){ .city = entry->city,
                            .id = entry->id,
                            .actor = change->actor.account,
                            .kind = bg_str_of(entry->kind),
                            .object = bg_str_of(entry->object),
                            .persons = entry->persons,
                            .body_at = tx->bodies.len,
                            .change = tx->current };
    entry_body(tx, change, entry, &made->prefix_len);
    made->body_len = tx->bodies.len - made->body_at;
    BG_TRY(bg_buf_check(&tx->bodies));
    tx->entry_count++;
    return BG_DONE;
}
