/* The clock of the example city, and posting under it: documents of one moment go to the writer together, in batches whose
 * borders depend on nothing but their order, so that the same seed gives the same ids. */
#include "cli/demo.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define MOMENT_BYTES ((size_t)1 << 30) /* of the documents of one moment */
#define FLUSH_MAX 1024 /* changes submitted at a time: well below the queue's bound */
#define REPLY_BYTES ((size_t)1 << 20)
#define MINUTE_MS INT64_C(60000)

/* --- the clock --- */

struct demo_clock {
    _Atomic int64_t now;
};

static bg_ms clock_now(void *ctx)
{
    struct demo_clock *clock = ctx;
    return atomic_load(&clock->now);
}

static int64_t clock_monotonic(void *ctx)
{
    (void)ctx;
    return bg_env_real.monotonic_us(bg_env_real.ctx);
}

static void clock_random(void *ctx, void *out, size_t size)
{
    (void)ctx;
    bg_env_real.random(bg_env_real.ctx, out, size);
}

bg_err demo_clock_open(struct demo_clock **ret)
{
    return bg_need(*ret = bg_heap_get(sizeof **ret));
}

void demo_clock_close(struct demo_clock *clock)
{
    bg_heap_free(clock);
}

struct bg_env demo_clock_env(struct demo_clock *clock)
{
    return (struct bg_env){ .now = clock_now, .monotonic_us = clock_monotonic, .random = clock_random, .ctx = clock };
}

bg_date demo_shifted(const struct demo *demo, bg_date day)
{
    return day == BG_DATE_NONE ? day : day + (bg_date)demo->shift;
}

bg_ms demo_at(const struct demo *demo, bg_date day, int minute)
{
    return bg_date_start(demo_shifted(demo, day), BG_CITY_OFFSET_MIN) + minute * MINUTE_MS;
}

void demo_set_clock(struct demo *demo, bg_date day, int minute)
{
    bg_ms at = demo_at(demo, day, minute);
    assert(at >= atomic_load(&demo->clock->now));
    atomic_store(&demo->clock->now, at);
    demo->today = day;
}

/* --- documents --- */

struct demo_doc {
    struct change change;
    struct ledger_post post;
    struct ledger_line *lines;
    size_t room;
    int64_t *ret_id;
    struct demo_doc *next;
    struct demo_post *owner;
};

struct demo_post {
    struct bg_arena *arena, *kept_arena; /* of the documents begun; of those that wait for a later moment */
    struct demo_doc *first, **last, *kept;
    uint64_t operations;
    pthread_mutex_t lock; /* of all below but the condition */
    pthread_cond_t wake;
    size_t waiting;
    bool gate_reached, gate_open;
    bg_err failure;
    const struct demo_doc *failed;
};

bg_err demo_post_open(struct demo *demo)
{
    struct demo_post *post = bg_heap_get(sizeof *post);
    BG_TRY(bg_need(post));
    demo->post = post;
    post->last = &post->first;
    pthread_mutex_init(&post->lock, NULL);
    pthread_cond_init(&post->wake, NULL);
    post->arena = bg_arena_open(MOMENT_BYTES);
    post->kept_arena = bg_arena_open(MOMENT_BYTES);
    BG_TRY(bg_need(post->arena));
    return bg_need(post->kept_arena);
}

void demo_post_close(struct demo *demo)
{
    struct demo_post *post = demo->post;
    if (post != NULL) {
        bg_arena_close(post->arena);
        bg_arena_close(post->kept_arena);
        pthread_cond_destroy(&post->wake);
        pthread_mutex_destroy(&post->lock);
        bg_heap_free(post);
        demo->post = NULL;
    }
}

/* Operation ids are chance too: of seed and running number. */
static bg_op_id next_operation(struct demo *demo)
{
    bg_op_id op;
    uint64_t high = demo_hash(demo->opts.seed, 0x6f70, ++demo->post->operations, 1);
    uint64_t low = demo_hash(demo->opts.seed, 0x6f70, demo->post->operations, 2);
    memcpy(op.bytes, &high, sizeof high);
    memcpy(op.bytes + sizeof high, &low, sizeof low);
    return op;
}

static struct change change_of(struct demo *demo, const struct change_kind *kind, const void *in, int64_t actor, bg_str name)
{
    return (struct change){
        .kind = kind,
        .in = in,
        .op = next_operation(demo),
        .city = demo->city,
        .occurred_at = BG_TIME_NONE,
        .actor = { .account = actor,
                   .rights = actor != 0 ? demo->rights : 0,
                   .name = actor != 0 ? name : BG_STR("演示数据"),
                   .origin = BG_STR("demo") },
        .reply = bg_buf_init(REPLY_BYTES),
    };
}

static struct demo_doc *doc_new(struct demo *demo, struct bg_arena *arena, int kind, int reason, size_t place)
{
    struct demo_doc *doc = bg_arena_get(arena, sizeof *doc);
    if (doc != NULL) {
        const struct demo_place *who = &demo->places[place];
        doc->change = change_of(demo, &ledger_posting, &doc->post, who->actor, who->actor_name);
        doc->change.arena = arena;
        doc->post = (struct ledger_post){ .kind = kind, .reason = reason };
        doc->owner = demo->post;
    }
    return doc;
}

bg_err demo_doc(struct demo *demo, int kind, int reason, size_t place, int64_t *ret_id, struct demo_doc **ret)
{
    struct demo_doc *doc = doc_new(demo, demo->post->arena, kind, reason, place);
    BG_TRY(bg_need(doc));
    doc->ret_id = ret_id;
    *demo->post->last = doc;
    demo->post->last = &doc->next;
    *ret = doc;
    return BG_DONE;
}

bg_err demo_doc_kept(struct demo *demo, int kind, int reason, size_t place, struct demo_doc **ret)
{
    struct demo_doc *doc = doc_new(demo, demo->post->kept_arena, kind, reason, place), **at = &demo->post->kept;
    BG_TRY(bg_need(doc));
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = doc;
    *ret = doc;
    return BG_DONE;
}

bg_err demo_doc_line(struct demo *demo, struct demo_doc *doc, const struct ledger_line *line)
{
    (void)demo;
    assert(line->qty > 0);
    if (doc->post.count == doc->room) {
        size_t room = doc->room == 0 ? 16 : 2 * doc->room;
        struct ledger_line *lines = bg_arena_array(doc->change.arena, room, sizeof *lines);
        BG_TRY(bg_need(lines));
        if (doc->post.count > 0) {
            memcpy(lines, doc->lines, doc->post.count * sizeof *lines);
        }
        doc->lines = lines;
        doc->room = room;
    }
    doc->lines[doc->post.count++] = *line;
    doc->post.lines = doc->lines;
    assert(doc->post.count <= LEDGER_LINES_MAX);
    return BG_DONE;
}

void demo_doc_at(struct demo_doc *doc, bg_ms at)
{
    doc->change.occurred_at = at;
}

bg_err demo_doc_words(struct demo *demo, struct demo_doc *doc, bg_str reference, bg_str note)
{
    (void)demo;
    doc->post.reference = bg_arena_copy(doc->change.arena, reference);
    doc->post.note = bg_arena_copy(doc->change.arena, note);
    BG_TRY(bg_need(doc->post.reference.at));
    return bg_need(doc->post.note.at);
}

void demo_doc_answers(struct demo_doc *doc, int64_t shipment, bool final)
{
    doc->post.shipment = shipment;
    doc->post.final = final;
}

int64_t demo_reply_id(bg_str reply)
{
    bg_str mark = BG_STR("\"id\":\"");
    for (size_t i = 0; i + mark.len < reply.len; i++) {
        if (memcmp(reply.at + i, mark.at, mark.len) == 0) {
            bg_str rest = bg_str_cut(reply, i + mark.len, reply.len);
            int64_t id;
            return bg_str_int(bg_str_cut(rest, 0, bg_str_find(rest, '"')), &id) ? id : 0;
        }
    }
    return 0;
}

/* --- to the writer and back --- */

/* Holds the writer until all documents of a moment are queued, so that it takes them in full batches. */
static bg_err gate_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    struct demo_post *post = jobs[0]->ctx;
    (void)tx;
    (void)count;
    pthread_mutex_lock(&post->lock);
    post->gate_reached = true;
    pthread_cond_broadcast(&post->wake);
    while (!post->gate_open) {
        pthread_cond_wait(&post->wake, &post->lock);
    }
    pthread_mutex_unlock(&post->lock);
    return BG_DONE;
}

static void one_less(struct demo_post *post)
{
    pthread_mutex_lock(&post->lock);
    post->waiting--;
    pthread_cond_broadcast(&post->wake);
    pthread_mutex_unlock(&post->lock);
}

/* Also when its transaction could not even begin: nobody waits for ever. */
static void gate_done(struct store_job *job)
{
    struct demo_post *post = job->ctx;
    pthread_mutex_lock(&post->lock);
    post->gate_reached = true;
    pthread_mutex_unlock(&post->lock);
    one_less(post);
}

static void doc_done(struct change *change)
{
    struct demo_doc *doc = change->user;
    struct demo_post *post = doc->owner;
    if (!bg_failed(change->err) && doc->ret_id != NULL) {
        *doc->ret_id = demo_reply_id(bg_buf_str(&change->reply));
    }
    if (bg_failed(change->err)) {
        pthread_mutex_lock(&post->lock);
        if (!bg_failed(post->failure)) {
            post->failure = change->err;
            post->failed = doc;
        }
        pthread_mutex_unlock(&post->lock);
    }
    one_less(post);
}

static void open_gate(struct demo_post *post)
{
    pthread_mutex_lock(&post->lock);
    post->gate_open = true;
    pthread_cond_broadcast(&post->wake);
    while (post->waiting > 0) {
        pthread_cond_wait(&post->wake, &post->lock);
    }
    pthread_mutex_unlock(&post->lock);
}

/* The writer stands at the gate, alone: what is submitted now is taken after it. */
static bg_err close_gate(struct demo *demo, struct store_job *job)
{
    struct demo_post *post = demo->post;
    post->gate_open = post->gate_reached = false;
    post->waiting = 1;
    BG_TRY(store_submit(demo->app->store, job));
    pthread_mutex_lock(&post->lock);
    while (!post->gate_reached) {
        pthread_cond_wait(&post->wake, &post->lock);
    }
    pthread_mutex_unlock(&post->lock);
    return BG_DONE;
}

static void count_up(struct demo_post *post)
{
    pthread_mutex_lock(&post->lock);
    post->waiting++;
    pthread_mutex_unlock(&post->lock);
}

/* Lines name lots by their place in the model (demo_key), because lots are entered only now. */
static void name_lots(const struct demo *demo, struct demo_doc *doc)
{
    for (size_t i = 0; i < doc->post.count; i++) {
        struct ledger_key *keys[] = { &doc->lines[i].from, &doc->lines[i].to };
        for (size_t k = 0; k < 2; k++) {
            if (keys[k]->lot < 0) {
                keys[k]->lot = demo->lots[-keys[k]->lot - 1].id;
                assert(keys[k]->lot > 0);
            }
        }
    }
}

/* Submits up to FLUSH_MAX documents from *at and waits for all of them. */
static bg_err flush_some(struct demo *demo, struct demo_doc **at)
{
    static const struct store_class gate = { .name = "demo.gate", .run = gate_run };
    struct demo_post *post = demo->post;
    struct store_job job = { .class = &gate, .ctx = post, .lane = (uint64_t)demo->city, .done = gate_done };
    BG_TRY(close_gate(demo, &job));
    bg_err err = BG_DONE;
    struct demo_doc *doc = *at;
    for (size_t n = 0; n < FLUSH_MAX && doc != NULL && !bg_failed(err); doc = doc->next) {
        if (doc->post.count == 0 && !doc->post.final) {
            continue;
        }
        n++;
        demo->documents++;
        demo->lines += (int64_t)doc->post.count;
        name_lots(demo, doc);
        doc->change.user = doc;
        doc->change.done = doc_done;
        count_up(post);
        err = change_submit(demo->app->journal, &doc->change);
        if (bg_failed(err)) {
            one_less(post);
        }
    }
    *at = doc;
    open_gate(post);
    return err;
}

/* The failure with words on the document, its facts kept where the program's end can still read them. */
static bg_err explain(struct demo *demo, bg_err failure, const struct demo_doc *doc)
{
    char at[25];
    bg_time_text(bg_now(&demo->app->env), at);
    const char *kind = ledger_slug(ledger_kinds, doc->post.kind);
    const char *facts = bg_arena_text(demo->arena, "\"at\":\"%s\",\"kind\":\"%s\",\"lines\":%zu%s%s", at, kind, doc->post.count,
                                      failure.facts != NULL ? "," : "", failure.facts != NULL ? failure.facts : "");
    failure.facts = facts;
    failure.field = failure.field != NULL ? bg_arena_copy(demo->arena, bg_str_of(failure.field)).at : NULL;
    return failure;
}

static void free_replies(struct demo_doc *doc)
{
    for (; doc != NULL; doc = doc->next) {
        bg_buf_done(&doc->change.reply);
    }
}

static bg_err flush_list(struct demo *demo, struct demo_doc *first)
{
    struct demo_post *post = demo->post;
    bg_err err = BG_DONE;
    post->failure = BG_DONE;
    for (struct demo_doc *at = first; at != NULL && !bg_failed(err) && !bg_failed(post->failure);) {
        err = flush_some(demo, &at);
    }
    free_replies(first);
    if (!bg_failed(err) && bg_failed(post->failure)) {
        err = explain(demo, post->failure, post->failed);
    }
    return err;
}

bg_err demo_flush(struct demo *demo)
{
    struct demo_post *post = demo->post;
    struct demo_doc *first = post->first;
    post->first = NULL;
    post->last = &post->first;
    BG_TRY(demo_lots_load(demo));
    bg_err err = flush_list(demo, first);
    bg_arena_reset(post->arena);
    return err;
}

bg_err demo_release(struct demo *demo)
{
    struct demo_doc *first = demo->post->kept;
    demo->post->kept = NULL;
    bg_err err = flush_list(demo, first);
    bg_arena_reset(demo->post->kept_arena);
    return err;
}

bg_err demo_change(struct demo *demo, const struct change_kind *kind, const void *in, int64_t actor, bg_str name, bg_str reason,
                   struct bg_buf *reply)
{
    struct change change = change_of(demo, kind, in, actor, name);
    change.arena = demo->post->arena;
    change.reason = reason;
    bg_err err = change_run(demo->app->journal, &change);
    if (bg_failed(err)) {
        err.facts = err.facts != NULL ? bg_arena_copy(demo->arena, bg_str_of(err.facts)).at : NULL;
    } else if (reply != NULL) {
        bg_buf_add(reply, bg_buf_str(&change.reply));
    }
    bg_buf_done(&change.reply);
    return err;
}
