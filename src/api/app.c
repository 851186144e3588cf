/* Opening and closing the parts in their order. */
#include "api/app.h"

#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "auth/auth.h"
#include "basis/basis.h"
#include "ledger/ledger.h"
#include "record/record.h"
#include "reserve/reserve.h"

/* The database's file; empty for a server database. */
static bg_str db_file(const struct app_config *config)
{
    bg_str db = bg_str_of(config->db);
    if (bg_str_starts(db, BG_STR("postgres:")) || bg_str_starts(db, BG_STR("postgresql:"))) {
        return (bg_str){ "", 0 };
    }
    bg_str file = bg_str_starts(db, BG_STR("file:")) ? bg_str_cut(db, 5, db.len) : db;
    return bg_str_cut(file, 0, bg_str_find(file, '?'));
}

bool app_key_path(const struct app_config *config, const char *name, char out[APP_PATH_MAX])
{
    bg_str file = db_file(config);
    int len = 0;
    if (config->keys != NULL) {
        len = snprintf(out, APP_PATH_MAX, "%s/%s.key", config->keys, name);
    } else if (file.len > 0) {
        len = snprintf(out, APP_PATH_MAX, "%.*s.%s.key", BG_STR_FMT(file), name);
    }
    return len > 0 && len < APP_PATH_MAX;
}

bool app_files_path(const struct app_config *config, char out[APP_PATH_MAX])
{
    bg_str file = db_file(config);
    int len = 0;
    if (config->files != NULL) {
        len = snprintf(out, APP_PATH_MAX, "%s", config->files);
    } else if (file.len > 0) {
        len = snprintf(out, APP_PATH_MAX, "%.*s.files", BG_STR_FMT(file));
    }
    return len > 0 && len < APP_PATH_MAX;
}

static bg_err open_record(struct app *app)
{
    char path[APP_PATH_MAX];
    const char *folder = app_files_path(&app->config, path) ? path : NULL;
    BG_TRY(record_open(&(struct record_opts){ .auth = app->auth, .store = app->store, .env = &app->env, .folder = folder }, &app->record));
    auth_set_places(app->auth, ledger_auth_place);
    BG_TRY(ledger_records(app->record));
    return basis_records(app->record);
}

static bg_err index_event(struct work *work, const struct journal_event *event, struct bg_arena *arena, void *ctx)
{
    struct app *app = ctx;
    (void)work;
    (void)arena;
    return record_index_event(app->record, event);
}

static bg_err index_flush(struct work *work, struct bg_arena *arena, void *ctx)
{
    struct app *app = ctx;
    (void)work;
    (void)arena;
    return record_index_flush(app->record);
}

/* What people and records need done each night, and the search entries that follow the journal. */
static bg_err sweep(struct work *work, const struct work_item *item, struct bg_arena *arena, void *ctx)
{
    struct app *app = ctx;
    const int64_t *cities;
    size_t count;
    (void)work;
    (void)item;
    BG_TRY(auth_cities(app->auth, arena, &cities, &count));
    for (size_t i = 0; i < count; i++) {
        BG_TRY(auth_sweep(app->auth, cities[i]));
        BG_TRY(record_sweep(app->record, cities[i]));
    }
    return BG_DONE;
}

static bg_err open_work(struct app *app)
{
    BG_TRY(work_open(&(struct work_opts){ .journal = app->journal, .log = &app->log }, &app->work));
    BG_TRY(work_register(
        app->work, &(struct work_kind){ .name = "people.sweep", .run = sweep, .ctx = app, .daily = true, .daily_min = 200 }));
    BG_TRY(ledger_register(app->work));
    BG_TRY(reserve_register(app->work));
    return work_subscribe(app->work, &(struct work_subscription){ .name = "record.index", .prefix = record_index_prefixes(app->record),
                                                                  .run = index_event, .flush = index_flush, .ctx = app,
                                                                  .from_start = true });
}

/* The answer of a refusal, kept with it and replayed byte for byte: it bears no request's id. */
static void render_refusal(void *ctx, bg_err refusal, struct bg_buf *out)
{
    (void)ctx;
    http_problem(refusal, BG_STR(""), out);
}

static bg_err open_auth(struct app *app)
{
    uint8_t seal[32];
    char path[APP_PATH_MAX];
    const char *key = app_key_path(&app->config, "auth", path) ? path : NULL;
    if (key != NULL) {
        BG_TRY(auth_key_file(&app->env, key, seal));
    }
    const struct auth_opts auth = {
        .journal = app->journal,
        .env = &app->env,
        .ids = &app->ids,
        .log = &app->log,
        .tls = app->config.tls_cert != NULL || app->config.trusted_proxy != NULL,
        .key = key != NULL ? seal : NULL,
    };
    bg_err err = auth_open(&auth, &app->auth);
    explicit_bzero(seal, sizeof seal);
    return err;
}

static bg_err open_parts(struct app *app)
{
    const struct app_config *config = &app->config;
    char path[APP_PATH_MAX];
    const struct store_opts store = {
        .address = config->db,
        .env = &app->env,
        .log = &app->log,
        .ids = config->read_only ? NULL : &app->ids,
        .archive = config->archive,
        .read_only = config->read_only,
    };
    BG_TRY(store_open(&store, &app->store));
    if (config->read_only) {
        return BG_DONE;
    }
    const struct journal_opts journal = {
        .store = app->store,
        .env = &app->env,
        .ids = &app->ids,
        .log = &app->log,
        .render = render_refusal,
        .key_path = app_key_path(config, "journal", path) ? path : NULL,
    };
    BG_TRY(journal_open(&journal, &app->journal));
    BG_TRY(open_auth(app));
    BG_TRY(open_record(app));
    BG_TRY(reserve_cache_open(app->journal, &app->reserve));
    BG_TRY(basis_open(&(struct basis_opts){ .journal = app->journal, .log = &app->log, .version = api_version() }, &app->basis));
    return open_work(app);
}

bg_err app_open(const struct app_config *config, const struct bg_env *env, const struct bg_log *log, struct app **ret)
{
    struct app *app = bg_heap_get(sizeof *app);
    BG_TRY(bg_need(app));
    app->config = *config;
    app->config.db = config->db != NULL ? config->db : "baogong.db";
    app->env = *env;
    app->log = *log;
    app->log.env = &app->env;
    bg_idgen_init(&app->ids, &app->env, config->node);
    bg_err err = open_parts(app);
    if (bg_failed(err)) {
        app_close(app);
        return err;
    }
    *ret = app;
    return BG_DONE;
}

void app_close(struct app *app)
{
    if (app != NULL) {
        work_close(app->work);
        basis_close(app->basis);
        reserve_cache_close(app->reserve);
        record_close(app->record);
        auth_close(app->auth);
        journal_close(app->journal);
        store_close(app->store);
        bg_heap_free(app);
    }
}
