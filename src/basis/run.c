/* Runs as rows: asking, cancelling, ending, reading back. */
#include <sodium.h>
#include <stdio.h>

#include "basis/inner.h"

#define SECONDS_USUAL_MS 60000

const char *const basis_state_slugs[] = { "queued", "running", "done", "refused", "cancelled", NULL };

void basis_hash(bg_str canonical, uint8_t ret[32])
{
    (void)crypto_hash_sha256(ret, (const uint8_t *)canonical.at, canonical.len);
}

void basis_put_time(struct bg_buf *out, const char *key, bg_ms at)
{
    char text[25];
    bg_json_key(out, key);
    if (at == BG_TIME_NONE) {
        bg_json_null(out);
    } else {
        bg_time_text(at, text);
        bg_json_str(out, bg_str_of(text));
    }
}

void basis_problem(bg_err err, struct bg_buf *out)
{
    const struct bg_error_info *info = &bg_errors[err.code];
    bg_json_object(out);
    bg_json_put_str(out, "code", bg_str_of(info->slug));
    bg_json_put_str(out, "title", bg_str_of(info->zh));
    bg_json_put_str(out, "title_en", bg_str_of(info->en));
    if (err.field != NULL) {
        bg_json_put_str(out, "field", bg_str_of(err.field));
    }
    if (err.facts != NULL) {
        bg_json_key(out, "facts");
        bg_json_object(out);
        bg_buf_add(out, bg_str_of(err.facts));
        bg_json_object_end(out);
    }
    bg_json_put_str(out, "remedy", bg_str_of(info->remedy_zh));
    bg_json_put_str(out, "remedy_en", bg_str_of(info->remedy_en));
    bg_json_object_end(out);
}

/* --- reading --- */

static bg_err read_run(const struct store_rows *rows, struct bg_arena *arena, struct basis_run *ret)
{
    bg_str hash = store_text(rows, 3);
    *ret = (struct basis_run){ .id = store_int(rows, 0),
                               .method = bg_arena_copy(arena, store_text(rows, 1)),
                               .title = bg_arena_copy(arena, store_text(rows, 2)),
                               .version = bg_arena_copy(arena, store_text(rows, 4)),
                               .seconds_ms = store_int(rows, 5),
                               .base = store_int(rows, 6),
                               .state = (enum basis_state)store_int(rows, 7),
                               .tries = (int)store_int(rows, 8),
                               .solver = bg_arena_copy(arena, store_text(rows, 9)),
                               .seeded = !store_is_null(rows, 10),
                               .seed = store_int(rows, 10),
                               .gap_known = !store_is_null(rows, 11),
                               .gap_nano = store_int(rows, 11),
                               .used_us = store_is_null(rows, 12) ? -1 : store_int(rows, 12),
                               .asked_by = store_int(rows, 13),
                               .asked_name = bg_arena_copy(arena, store_text(rows, 14)),
                               .asked_at = store_int(rows, 15),
                               .started_at = store_is_null(rows, 16) ? BG_TIME_NONE : store_int(rows, 16),
                               .ended_at = store_is_null(rows, 17) ? BG_TIME_NONE : store_int(rows, 17),
                               .decisions = store_int(rows, 18) };
    for (size_t i = 0; i < sizeof ret->inputs && i < hash.len; i++) {
        ret->inputs[i] = (uint8_t)hash.at[i];
    }
    BG_TRY(bg_need(ret->title.at));
    return bg_need(ret->asked_name.at);
}

bg_err basis_run_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct basis_run *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_BASIS_RUN_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    return more ? read_run(rows, arena, ret) : BG_FAIL_AT(BG_NOT_FOUND, "run");
}

bg_err basis_run_list(struct store_tx *tx, int64_t city, const struct basis_which *which, struct bg_arena *arena,
                      struct basis_run **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(tx, SQL_BASIS_RUN_LIST,
                       ARGS(V_INT(city), V_INT(which->before == 0 ? INT64_MAX : which->before), V_TEXT(which->method),
                            V_INT(which->state), V_INT(which->person), V_INT((int64_t)which->max)),
                       &rows));
    struct basis_run *list = bg_arena_array(arena, which->max + 1, sizeof *list);
    BG_TRY(bg_need(list));
    size_t count = 0;
    for (bool more = true; count < which->max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        BG_TRY(read_run(rows, arena, &list[count++]));
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

bg_err basis_document_get(struct store_tx *tx, int64_t city, int64_t run, enum basis_part part, struct bg_arena *arena,
                          bg_str *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_BASIS_DOCUMENT_GET, ARGS(V_INT(city), V_INT(run), V_INT(part)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, part == BASIS_INPUT ? "input" : "answer");
    }
    *ret = bg_arena_copy(arena, store_text(rows, 0));
    return bg_need(ret->at);
}

static void put_number(struct bg_buf *out, const char *key, bool known, double value)
{
    bg_json_key(out, key);
    if (known) {
        bg_json_double(out, value);
    } else {
        bg_json_null(out);
    }
}

static void put_method(const struct basis_run *run, struct bg_buf *out)
{
    const struct solve_method *method = solve_find(run->method);
    bg_json_put_str(out, "method", run->method);
    bg_json_put_str(out, "method_zh", method != NULL ? bg_str_of(method->zh) : run->method);
    bg_json_put_str(out, "method_en", method != NULL ? bg_str_of(method->en) : run->method);
}

void basis_run_members(const struct basis_run *run, struct bg_buf *out)
{
    BG_SCOPED_BUF hash = bg_buf_init(128);
    bg_buf_add(&hash, BG_STR("sha256:"));
    bg_buf_hex(&hash, run->inputs, sizeof run->inputs);
    bg_json_put_id(out, "id", run->id);
    put_method(run, out);
    bg_json_put_str(out, "title", run->title);
    bg_json_put_str(out, "state", bg_str_of(basis_state_slugs[run->state - 1]));
    bg_json_put_str(out, "inputs", bg_buf_str(&hash));
    bg_json_put_str(out, "version", run->version);
    bg_json_put_str(out, "solver", run->solver);
    bg_json_key(out, "seed");
    if (run->seeded) {
        bg_json_int(out, run->seed);
    } else {
        bg_json_null(out);
    }
    put_number(out, "gap", run->gap_known, (double)run->gap_nano * 1e-9);
    put_number(out, "seconds", run->used_us >= 0, (double)run->used_us * 1e-6);
    bg_json_put_int(out, "seconds_granted", run->seconds_ms / 1000);
    bg_json_key(out, "base");
    if (run->base != 0) {
        bg_json_id(out, run->base);
    } else {
        bg_json_null(out);
    }
    bg_json_put_int(out, "tries", run->tries);
    bg_json_put_int(out, "decisions", run->decisions);
    bg_json_key(out, "asked_by");
    bg_json_object(out);
    bg_json_put_id(out, "id", run->asked_by);
    bg_json_put_str(out, "name", run->asked_name);
    bg_json_object_end(out);
    basis_put_time(out, "asked_at", run->asked_at);
    basis_put_time(out, "started_at", run->started_at);
    basis_put_time(out, "ended_at", run->ended_at);
}

/* --- asking --- */

static bg_err need_room(struct change_tx *tx, const struct change *change)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(change_store(tx), SQL_BASIS_QUEUE_COUNT, ARGS(V_INT(change->city), V_INT(change->actor.account)), &rows));
    BG_TRY(store_next(rows, &more));
    int64_t all = more ? store_int(rows, 0) : 0, own = more ? store_int(rows, 1) : 0;
    if (all < BASIS_QUEUE_MAX && own < BASIS_QUEUE_EACH) {
        return BG_DONE;
    }
    return BG_FAIL_WITH(BG_BASIS_FULL, NULL,
                        bg_arena_text(change_arena(tx), "\"waiting\":%lld,\"own\":%lld,\"most\":%d,\"most_each\":%d",
                                      (long long)all, (long long)own, BASIS_QUEUE_MAX, BASIS_QUEUE_EACH));
}

static bg_err reply_run(struct change_tx *tx, struct change *change, int64_t id, bool kept)
{
    struct basis_run run;
    BG_TRY(basis_run_get(change_store(tx), change->city, id, change_arena(tx), &run));
    bg_json_object(&change->reply);
    basis_run_members(&run, &change->reply);
    bg_json_put_bool(&change->reply, "kept", kept);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}

/* The entry names what was asked by its hash; the document itself is kept beside. */
static bg_err record_run(struct change_tx *tx, const struct change *change, const char *kind, int64_t id)
{
    struct basis_run run;
    BG_SCOPED_BUF after = bg_buf_init(65536);
    BG_TRY(basis_run_get(change_store(tx), change->city, id, change_arena(tx), &run));
    bg_json_object(&after);
    basis_run_members(&run, &after);
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    return change_record(
        tx, change,
        &(struct journal_entry){ .kind = kind, .object = "run", .id = id, .city = change->city, .after = bg_buf_str(&after) });
}

static bg_err insert_run(struct change_tx *tx, struct change *change, const struct basis_ask *ask, const uint8_t hash[32],
                         int64_t id)
{
    struct store_tx *store = change_store(tx);
    int64_t seconds_ms = ask->seconds_ms > 0 ? ask->seconds_ms : SECONDS_USUAL_MS;
    BG_TRY(store_run(store, SQL_BASIS_RUN_INSERT,
                     ARGS(V_INT(change->city), V_INT(id), V_TEXT(ask->method), V_TEXT(ask->title), V_BYTES(hash, 32),
                          V_TEXT(bg_str_of(ask->basis->version)), V_INT(seconds_ms), V_INT(ask->base),
                          V_INT(change->actor.account), V_TEXT(change->actor.name), V_INT(change_now(tx))),
                     NULL));
    BG_TRY(store_run(store, SQL_BASIS_DOCUMENT_INSERT,
                     ARGS(V_INT(change->city), V_INT(id), V_INT(BASIS_INPUT), V_TEXT(ask->input)), NULL));
    return store_run(store, SQL_BASIS_QUEUE_INSERT, ARGS(V_INT(change->city), V_INT(id)), NULL);
}

/* An answer that is kept, or a run on the same question that is under way: 0 when there is none. */
static bg_err same_run(struct change_tx *tx, const struct change *change, const struct basis_ask *ask, const uint8_t hash[32],
                       int64_t *ret)
{
    bool found;
    *ret = 0;
    return ask->again ? BG_DONE
                      : store_get_int(change_store(tx), SQL_BASIS_RUN_SAME,
                                      ARGS(V_INT(change->city), V_BYTES(hash, 32), V_TEXT(ask->method),
                                           V_TEXT(bg_str_of(ask->basis->version))),
                                      ret, &found);
}

static bg_err decide_ask(struct change_tx *tx, struct change *change)
{
    const struct basis_ask *ask = change->in;
    uint8_t hash[32];
    int64_t same;
    struct basis_run base;
    if (solve_find(ask->method) == NULL) {
        return BG_FAIL_AT(BG_BAD_INPUT, "method");
    }
    if (ask->input.len > BASIS_INPUT_MAX) {
        return BG_FAIL_AT(BG_TOO_LARGE, "input");
    }
    if (ask->base != 0 &&
        basis_run_get(change_store(tx), change->city, ask->base, change_arena(tx), &base).code == BG_NOT_FOUND) {
        return BG_FAIL_AT(BG_BAD_INPUT, "base");
    }
    basis_hash(ask->input, hash);
    BG_TRY(same_run(tx, change, ask, hash, &same));
    if (same != 0) {
        change->status = 200;
        return reply_run(tx, change, same, true);
    }
    BG_TRY(need_room(tx, change));
    int64_t id = change_id(tx);
    BG_TRY(insert_run(tx, change, ask, hash, id));
    BG_TRY(record_run(tx, change, "run.asked", id));
    atomic_store(&ask->basis->asked, true);
    change->status = 202;
    return reply_run(tx, change, id, false);
}
const struct change_kind basis_run_asking = { .name = "run.ask", .decide = decide_ask, .recheck = auth_recheck };

/* --- ending --- */

static bg_err end_run(struct change_tx *tx, const struct change *change, const struct basis_end *end, bool *ret_ended)
{
    int64_t changed;
    BG_TRY(store_run(change_store(tx), SQL_BASIS_RUN_END,
                     ARGS(V_INT(change->city), V_INT(end->id), V_INT(end->state), V_TEXT(end->solver),
                          end->seeded ? V_INT(end->seed) : V_NULL, end->gap_known ? V_INT(end->gap_nano) : V_NULL,
                          end->used_us >= 0 ? V_INT(end->used_us) : V_NULL, V_INT(change_now(tx))),
                     &changed));
    *ret_ended = changed > 0;
    return *ret_ended ? store_run(change_store(tx), SQL_BASIS_QUEUE_DELETE, ARGS(V_INT(change->city), V_INT(end->id)), NULL)
                      : BG_DONE;
}

static bg_err decide_end(struct change_tx *tx, struct change *change)
{
    const struct basis_end *end = change->in;
    bool ended;
    BG_TRY(end_run(tx, change, end, &ended));
    change->status = 200;
    if (ended) { /* else it was cancelled meanwhile, and the answer is dropped */
        BG_TRY(store_run(change_store(tx), SQL_BASIS_DOCUMENT_INSERT,
                         ARGS(V_INT(change->city), V_INT(end->id), V_INT(end->part), V_TEXT(end->content)), NULL));
        BG_TRY(record_run(tx, change, end->state == BASIS_ANSWERED ? "run.answered" : "run.refused", end->id));
    }
    bg_json_object(&change->reply);
    bg_json_put_bool(&change->reply, "ended", ended);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}
const struct change_kind basis_run_ending = { .name = "run.end", .decide = decide_end };

static bg_err decide_cancel(struct change_tx *tx, struct change *change)
{
    const struct basis_cancel *in = change->in;
    struct basis_run run;
    bool ended;
    BG_TRY(basis_run_get(change_store(tx), change->city, in->id, change_arena(tx), &run));
    if (!in->any && run.asked_by != change->actor.account) {
        return BG_FAIL(BG_AUTH_DENIED);
    }
    BG_TRY(end_run(tx, change, &(struct basis_end){ .id = in->id, .state = BASIS_CANCELLED, .solver = BG_STR(""), .used_us = -1 },
                   &ended));
    if (!ended) {
        return BG_FAIL_WITH(BG_CONFLICT, "state",
                            bg_arena_text(change_arena(tx), "\"state\":\"%s\"", basis_state_slugs[run.state - 1]));
    }
    BG_TRY(record_run(tx, change, "run.cancelled", in->id));
    basis_stop(in->basis, change->city, in->id);
    change->status = 200;
    return reply_run(tx, change, in->id, false);
}
const struct change_kind basis_run_cancelling = { .name = "run.cancel", .decide = decide_cancel, .recheck = auth_recheck };

/* --- search --- */

static bg_err load_entry(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct record_entry *ret)
{
    struct basis_run run;
    BG_TRY(basis_run_get(tx, city, id, arena, &run));
    const struct solve_method *method = solve_find(run.method);
    bg_str zh = method != NULL ? bg_str_of(method->zh) : run.method, en = method != NULL ? bg_str_of(method->en) : run.method;
    const char *code = bg_arena_text(arena, "%lld", (long long)id);
    BG_TRY(bg_need(code));
    *ret = (struct record_entry){ .kind = "run",
                                  .id = id,
                                  .title_zh = run.title.len > 0 ? run.title : zh,
                                  .title_en = run.title.len > 0 ? run.title : en,
                                  .code = bg_str_of(code),
                                  .note = zh,
                                  .target = { .city = city } };
    return BG_DONE;
}

bg_err basis_records(struct record *record)
{
    static const struct record_kind kind = { .name = "run",
                                             .zh = "测算",
                                             .en = "calculation",
                                             .path = "/api/v1/runs/",
                                             .read = AUTH_RIGHT_RUN_READ,
                                             .write = AUTH_RIGHT_RUN_ASK,
                                             .files = true,
                                             .load = load_entry };
    return record_register(record, &kind);
}
