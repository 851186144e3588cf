/* Opening and closing the parts in their order. */
#include "api/app.h"

#include "api/api.h"
#include "auth/auth.h"

static bg_err open_parts(struct app *app)
{
    const struct app_config *config = &app->config;
    const struct store_opts store = {
        .address = config->db,
        .env = &app->env,
        .log = &app->log,
        .read_only = config->read_only,
    };
    BG_TRY(store_open(&store, &app->store));
    if (config->read_only) {
        return BG_DONE;
    }
    const struct journal_opts journal = { .store = app->store, .env = &app->env, .ids = &app->ids, .log = &app->log };
    BG_TRY(journal_open(&journal, &app->journal));
    const struct auth_opts auth = {
        .journal = app->journal,
        .env = &app->env,
        .ids = &app->ids,
        .log = &app->log,
        .tls = config->tls_cert != NULL || config->trusted_proxy != NULL,
    };
    return auth_open(&auth, &app->auth);
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
        auth_close(app->auth);
        journal_close(app->journal);
        store_close(app->store);
        bg_heap_free(app);
    }
}
