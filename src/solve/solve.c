/* Runs a method on a document and adds what all answers share. */
#include "solve/inner.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

const struct solve_method solve_methods[] = {
#define SOLVE_METHOD(suffix, name, zh, en) { name, zh, en, solve_do_##suffix },
#include "solve/methods.def"
#undef SOLVE_METHOD
    { 0 },
};

const struct solve_method *solve_find(bg_str name)
{
    for (const struct solve_method *m = solve_methods; m->name != NULL; m++) {
        if (bg_str_is(name, m->name)) {
            return m;
        }
    }
    return NULL;
}

#define REASONS_MAX 4000

struct reason {
    const char *zh, *en;
    struct reason *next;
};

struct inner {
    struct reason *first, **end;
    int reasons;
    const _Atomic bool *stop; /* NULL: nobody stops it */
    struct timespec start;
};

static double seconds_since(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

bool solve_past(void *report)
{
    const struct solve_report *r = report;
    const struct inner *inner = r->inner;
    return (inner->stop != NULL && atomic_load(inner->stop)) || seconds_since(&inner->start) > r->seconds_max;
}

bg_err solve_reason(struct solve_report *report, const char *zh, const char *en)
{
    struct inner *inner = report->inner;
    BG_TRY(bg_need(zh));
    BG_TRY(bg_need(en));
    if (inner->reasons++ >= REASONS_MAX) { /* an answer for people stays readable */
        return BG_DONE;
    }
    struct reason *r = bg_arena_get(report->arena, sizeof *r);
    BG_TRY(bg_need(r));
    *r = (struct reason){ .zh = zh, .en = en };
    *inner->end = r;
    inner->end = &r->next;
    return BG_DONE;
}

static void put_reasons(struct bg_buf *out, const struct inner *inner)
{
    bg_json_key(out, "reasons");
    bg_json_array(out);
    for (const struct reason *r = inner->first; r != NULL; r = r->next) {
        bg_json_object(out);
        bg_json_put_str(out, "zh", bg_str_of(r->zh));
        bg_json_put_str(out, "en", bg_str_of(r->en));
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

/* The hash by which a kept run is found again: of the canonical input. */
static bg_err put_inputs(struct bg_buf *out, const json_t *input)
{
    BG_SCOPED_BUF canonical = bg_buf_init(2 * SOLVE_TEXT_MAX);
    BG_SCOPED_BUF text = bg_buf_init(256);
    uint8_t hash[crypto_hash_sha256_BYTES];
    BG_TRY(json_canonical(input, &canonical));
    (void)crypto_hash_sha256(hash, (const uint8_t *)canonical.at, canonical.len);
    bg_buf_add(&text, BG_STR("sha256:"));
    bg_buf_hex(&text, hash, sizeof hash);
    bg_json_put_str(out, "inputs", bg_buf_str(&text));
    return BG_DONE;
}

static bg_err answer(const struct solve_method *method, json_t *input, struct solve_report *report)
{
    struct inner *inner = report->inner;
    struct bg_buf *out = report->out;
    bg_json_object(out);
    bg_json_put_str(out, "method", bg_str_of(method->name));
    BG_TRY(method->run((struct solve_at){ .value = input, .path = "", .arena = report->arena }, report));
    put_reasons(out, inner);
    if (report->solver != NULL) {
        bg_json_put_str(out, "solver", bg_str_of(report->solver));
    }
    if (report->seeded) {
        bg_json_put_int(out, "seed", (int64_t)report->seed);
    }
    if (report->gap_known) {
        bg_json_put_double(out, "gap", report->gap);
    }
    BG_TRY(put_inputs(out, input));
    bg_json_put_double(out, "seconds", seconds_since(&inner->start));
    bg_json_object_end(out);
    return bg_buf_check(out);
}

bg_err solve_run_until(const struct solve_method *method, bg_str text, double seconds_max, const _Atomic bool *stop,
                       struct bg_arena *arena, struct bg_buf *out)
{
    struct inner inner = { .stop = stop };
    json_t *input;
    inner.end = &inner.first;
    (void)clock_gettime(CLOCK_MONOTONIC, &inner.start);
    if (text.len > SOLVE_TEXT_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "input");
    }
    BG_TRY(json_read(text, arena, &input));
    BG_SCOPED_BUF whole = bg_buf_init(out->max);
    struct solve_report report = { .out = &whole, .arena = arena, .seconds_max = seconds_max, .inner = &inner };
    BG_TRY(answer(method, input, &report));
    bg_json_raw(out, bg_buf_str(&whole));
    return bg_buf_check(out);
}

bg_err solve_run(const struct solve_method *method, bg_str text, double seconds_max, struct bg_arena *arena, struct bg_buf *out)
{
    return solve_run_until(method, text, seconds_max, NULL, arena, out);
}
