/* A toy module for tests of changes: counters that may not fall below zero, on either engine. */
#ifndef BG_TEST_TOY_H
#define BG_TEST_TOY_H

#include <libpq-fe.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal.h"
#include "tap.h"

#define TOY_START INT64_C(1641600000000) /* 2022-01-08T00:00:00Z */

struct toy_world {
    struct bg_env_sim sim;
    struct bg_env env;
    struct bg_idgen ids;
    char folder[64], path[96], key[96];
    char address[512], schema[64];
    struct store *store;
    struct journal *journal;
    bool postgres;
};

/* The folder of a test's database, taken away at the end. */
static inline bool toy_folder(struct toy_world *w)
{
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/bgtest.XXXXXX");
    if (mkdtemp(w->folder) == NULL) {
        return false;
    }
    (void)snprintf(w->path, sizeof w->path, "%s/toy.db", w->folder);
    (void)snprintf(w->key, sizeof w->key, "%s/toy.db.key", w->folder);
    return true;
}

static inline bg_err toy_open_journal(struct toy_world *w)
{
    return journal_open(&(struct journal_opts){ .store = w->store, .env = &w->env, .ids = &w->ids, .key_path = w->key },
                        &w->journal);
}

static inline bg_err toy_open_store(struct toy_world *w)
{
    return store_open(&(struct store_opts){ .address = w->address, .env = &w->env }, &w->store);
}

/* --- SQL by hand, in a transaction of its own --- */

static inline bg_err toy_sql_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        BG_TRY(store_run_text(tx, jobs[i]->in, NO_ARGS, jobs[i]->ret));
    }
    return BG_DONE;
}
static const struct store_class toy_sql_class = { "toy.sql", true, toy_sql_run, NULL };

static inline bg_err toy_sql(struct toy_world *w, const char *sql)
{
    return store_write(w->store, &toy_sql_class, sql, NULL, NULL);
}

static inline int64_t toy_int(struct toy_world *w, const char *sql)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false;
    if (bg_failed(store_read_begin(w->store, 0, &tx)) || bg_failed(store_query_text(tx, sql, NO_ARGS, &rows)) ||
        bg_failed(store_next(rows, &more)) || !more) {
        return -1;
    }
    int64_t value = store_int(rows, 0);
    store_rows_done(rows);
    rows = NULL;
    return value;
}

#define TOY_COLUMNS "(city BIGINT, id BIGINT, qty BIGINT CHECK (qty < 1000000), PRIMARY KEY (city, id))"

/* On PostgreSQL every world has a schema of its own, so that tests meet nothing of one another. */
static inline bool toy_schema(struct toy_world *w, const char *server, bool create)
{
    char sql[512];
    PGconn *pg = PQconnectdb(server);
    if (create) {
        (void)snprintf(sql, sizeof sql, "CREATE SCHEMA \"%s\"; CREATE TABLE \"%s\".toy " TOY_COLUMNS, w->schema, w->schema);
    } else {
        (void)snprintf(sql, sizeof sql, "SET client_min_messages = warning; DROP SCHEMA \"%s\" CASCADE", w->schema);
    }
    PGresult *result = PQexec(pg, sql);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!done) {
        printf("# %s", PQerrorMessage(pg));
    }
    PQclear(result);
    PQfinish(pg);
    return done;
}

static inline bool toy_address(struct toy_world *w, const char *server)
{
    if (server == NULL) {
        (void)snprintf(w->address, sizeof w->address, "%s", w->path);
        return true;
    }
    (void)snprintf(w->schema, sizeof w->schema, "toy_%ld_%s", (long)getpid(), w->folder + strlen("/tmp/bgtest."));
    (void)snprintf(w->address, sizeof w->address, "%s%coptions=-csearch_path%%3D%%22%s%%22", server,
                   strchr(server, '?') != NULL ? '&' : '?', w->schema);
    return toy_schema(w, server, true);
}

/* A world with an empty journal and an empty table `toy`; `server` NULL: a SQLite file of its own. */
static inline bool toy_begin(struct toy_world *w, const char *server)
{
    *w = (struct toy_world){ .postgres = server != NULL };
    w->env = bg_env_seeded(&w->sim, 7, TOY_START);
    bg_idgen_init(&w->ids, &w->env, 1);
    if (!toy_folder(w) || !toy_address(w, server)) {
        return false;
    }
    bg_err err = toy_open_store(w);
    err = bg_failed(err) ? err : toy_open_journal(w);
    if (bg_failed(err)) {
        printf("# %s, %s:%d\n", bg_errors[err.code].slug, err.file, err.line);
        return false;
    }
    return w->postgres || !bg_failed(toy_sql(w, "CREATE TABLE toy (city INT, id INT, qty INT CHECK (qty < 1000000),"
                                                "PRIMARY KEY (city, id)) STRICT"));
}

static inline void toy_end(struct toy_world *w)
{
    journal_close(w->journal);
    store_close(w->store);
    static const char *const tails[] = { "", "-wal", "-shm", ".lock", ".key" };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", w->path, tails[i]);
        (void)unlink(path);
    }
    (void)rmdir(w->folder);
    if (w->postgres) {
        (void)toy_schema(w, getenv("BAOGONG_TEST_PG"), false);
    }
}

/* --- the family --- */

#define TOY_IDS 64

struct toy_in {
    int64_t id, add;
    enum bg_code fail; /* decide fails with it, once it has recorded an entry: refusals must leave none */
    bool persons;
};

struct toy_state {
    bool wanted[TOY_IDS], found[TOY_IDS], touched[TOY_IDS];
    int64_t city[TOY_IDS], qty[TOY_IDS];
};

extern const struct change_kind toy_hot, toy_rare;

static inline struct toy_state *toy_state_of(struct change_tx *tx)
{
    void **slot = change_family_state(tx, toy_hot.family);
    if (*slot == NULL) {
        *slot = bg_arena_get(change_arena(tx), sizeof(struct toy_state));
    }
    return *slot;
}

static inline bg_err toy_keys(struct change_tx *tx, const struct change *change)
{
    const struct toy_in *in = change->in;
    struct toy_state *state = toy_state_of(tx);
    BG_TRY(bg_need(state));
    state->wanted[in->id] = true;
    state->city[in->id] = change->city;
    return BG_DONE;
}

static inline bg_err toy_read(struct store_tx *tx, int64_t city, int64_t id, int64_t *ret, bool *ret_found)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool lock = store_is_postgres(store_of(tx));
    BG_TRY(store_query_text(tx,
                            lock ? "SELECT qty FROM toy WHERE city = ?1 AND id = ?2 FOR UPDATE"
                                 : "SELECT qty FROM toy WHERE city = ?1 AND id = ?2",
                            ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, ret_found));
    *ret = *ret_found ? store_int(rows, 0) : 0;
    return BG_DONE;
}

static inline bg_err toy_write(struct store_tx *tx, int64_t city, int64_t id, int64_t qty)
{
    return store_run_text(
        tx, "INSERT INTO toy (city, id, qty) VALUES (?1, ?2, ?3) ON CONFLICT (city, id) DO UPDATE SET qty = excluded.qty",
        ARGS(V_INT(city), V_INT(id), V_INT(qty)), NULL);
}

static inline bg_err toy_load(struct change_tx *tx)
{
    struct toy_state *state = toy_state_of(tx);
    for (int64_t id = 0; id < TOY_IDS; id++) {
        if (state->wanted[id]) {
            BG_TRY(toy_read(change_store(tx), state->city[id], id, &state->qty[id], &state->found[id]));
        }
    }
    return BG_DONE;
}

static inline bg_err toy_apply(struct change_tx *tx)
{
    struct toy_state *state = toy_state_of(tx);
    for (int64_t id = 0; id < TOY_IDS; id++) {
        if (state->touched[id]) {
            BG_TRY(toy_write(change_store(tx), state->city[id], id, state->qty[id]));
        }
    }
    return BG_DONE;
}

static inline bg_err toy_tell(struct change_tx *tx, struct change *change, int64_t before, int64_t after)
{
    const struct toy_in *in = change->in;
    char old[64], new[64];
    (void)snprintf(old, sizeof old, "{\"qty\":%lld}", (long long)before);
    (void)snprintf(new, sizeof new, "{\"qty\":%lld}", (long long)after);
    const struct journal_entry entry = { "toy.moved", "toy", in->id, change->city, bg_str_of(old), bg_str_of(new), in->persons };
    BG_TRY(change_record(tx, change, &entry));
    if (in->fail != BG_OK) {
        return BG_FAIL_WITH(in->fail, "add", bg_arena_text(change_arena(tx), "\"before\":%lld", (long long)before));
    }
    if (after < 0) {
        return BG_FAIL_WITH(BG_BAD_MOVE, "add", bg_arena_text(change_arena(tx), "\"available\":%lld", (long long)before));
    }
    change->status = 201;
    bg_json_object(&change->reply);
    bg_json_put_int(&change->reply, "qty", after);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}

static inline bg_err toy_decide(struct change_tx *tx, struct change *change)
{
    const struct toy_in *in = change->in;
    struct toy_state *state = toy_state_of(tx);
    BG_TRY(toy_tell(tx, change, state->qty[in->id], state->qty[in->id] + in->add));
    state->qty[in->id] += in->add;
    state->touched[in->id] = true;
    return BG_DONE;
}

static inline bg_err toy_decide_rare(struct change_tx *tx, struct change *change)
{
    const struct toy_in *in = change->in;
    int64_t before;
    bool found;
    BG_TRY(toy_read(change_store(tx), change->city, in->id, &before, &found));
    BG_TRY(toy_write(change_store(tx), change->city, in->id, before + in->add)); /* written before it is refused, to be undone */
    return toy_tell(tx, change, before, before + in->add);
}

static const struct change_family toy_family = { "toy", toy_keys, toy_load, toy_apply };
const struct change_kind toy_hot = { "toy.move", &toy_family, toy_decide, NULL };
const struct change_kind toy_rare = { "toy.rare", NULL, toy_decide_rare, NULL };

/* --- a change ready to run --- */

static inline bg_op_id toy_op(uint64_t number)
{
    bg_op_id op = { { 0 } };
    memcpy(op.bytes + 8, &number, sizeof number);
    op.bytes[0] = 1;
    return op;
}

static inline void toy_change(struct change *change, const struct change_kind *kind, const struct toy_in *in, uint64_t op)
{
    *change = (struct change){ .kind = kind,
                               .in = in,
                               .op = toy_op(op),
                               .city = 1,
                               .occurred_at = BG_TIME_NONE,
                               .actor = { .account = 5, .name = BG_STR("张敏"), .origin = BG_STR("127.0.0.1") },
                               .reply = bg_buf_init(4096) };
    memcpy(change->body_hash, &in->id, 8);
    memcpy(change->body_hash + 8, &in->add, 8);
}

/* Runs one and gives its error; *ret_text (may be NULL) gets a copy of the reply. */
static inline bg_err toy_run(struct toy_world *w, const struct change_kind *kind, struct toy_in in, uint64_t op, char *ret_text)
{
    BG_SCOPED_ARENA arena = bg_arena_open(65536);
    struct change change;
    toy_change(&change, kind, &in, op);
    change.arena = arena;
    bg_err err = change_run(w->journal, &change);
    if (ret_text != NULL) {
        size_t len = change.reply.len < 255 ? change.reply.len : 255;
        memcpy(ret_text, bg_buf_str(&change.reply).at, len);
        ret_text[len] = '\0';
    }
    bg_buf_done(&change.reply);
    err.facts = NULL;
    return err;
}

#endif
