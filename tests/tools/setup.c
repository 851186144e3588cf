/* Makes a small city in an empty database for the load client: two depots, an item, two lots, and a manager who is signed in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "auth/auth.h"
#include "ledger/ledger.h"
#include "load.h"

struct setup {
    struct app *app;
    struct bg_arena *arena;
    int64_t city;
    struct load_city out;
};

static int64_t id_in(const struct bg_buf *reply, const char *key)
{
    char name[64];
    (void)snprintf(name, sizeof name, "\"%s\":\"", key);
    const char *at = reply->at == NULL ? NULL : memmem(reply->at, reply->len, name, strlen(name));
    return at == NULL ? 0 : strtoll(at + strlen(name), NULL, 10);
}

static bg_err put(struct setup *s, const struct change_kind *kind, struct ledger_put what, long long *ret)
{
    what.if_version = -1;
    struct change change = { .kind = kind,
                             .in = &what,
                             .arena = s->arena,
                             .op = bg_op_id_make(&s->app->env),
                             .city = s->city,
                             .actor = { .name = BG_STR("load"), .origin = BG_STR("cli") },
                             .occurred_at = BG_TIME_NONE,
                             .reply = bg_buf_init(65536) };
    bg_err err = change_run(s->app->journal, &change);
    *ret = id_in(&change.reply, "id");
    bg_buf_done(&change.reply);
    return err;
}

static bg_err as_system(struct setup *s, const struct change_kind *kind, const void *in, const char *key, int64_t *ret)
{
    const struct auth_session system = auth_system(s->city, bg_now(&s->app->env));
    BG_SCOPED_BUF reply = bg_buf_init(65536);
    bool replayed;
    const struct auth_run_in run = { .kind = kind,
                                     .in = in,
                                     .session = &system,
                                     .op = bg_op_id_make(&s->app->env),
                                     .body = bg_str_of(kind->name),
                                     .reason = BG_STR("load") };
    BG_TRY(auth_run(s->app->auth, &run, s->arena, &reply, &replayed));
    if (ret != NULL) {
        *ret = id_in(&reply, key);
    }
    return BG_DONE;
}

static bg_err catalogue(struct setup *s)
{
    const struct ledger_owner owner = {
        .code = BG_STR("city"), .name_zh = BG_STR("市级"), .kind = LEDGER_OWNER_CITY, .active = true
    };
    BG_TRY(put(s, &ledger_owner_put, (struct ledger_put){ .owner = owner }, &s->out.owner));
    struct ledger_place place = { .code = BG_STR("depot"),
                                  .name_zh = BG_STR("储备库"),
                                  .kind = LEDGER_PLACE_RESERVE,
                                  .active = true,
                                  .owner = s->out.owner,
                                  .district = 120112 };
    BG_TRY(put(s, &ledger_place_put, (struct ledger_put){ .place = place }, &s->out.place));
    place.code = BG_STR("hospital");
    place.kind = LEDGER_PLACE_HOSPITAL;
    BG_TRY(put(s, &ledger_place_put, (struct ledger_put){ .place = place }, &s->out.other));
    const struct ledger_item item = {
        .code = BG_STR("mask"), .name_zh = BG_STR("口罩"), .unit = BG_STR("只"), .lotted = true, .active = true
    };
    BG_TRY(put(s, &ledger_item_put, (struct ledger_put){ .item = item }, &s->out.item));
    struct ledger_lot lot = { .item = s->out.item, .batch = BG_STR("L1"), .made = BG_DATE_NONE, .expiry = BG_DATE_NONE };
    BG_TRY(put(s, &ledger_lot_put, (struct ledger_put){ .lot = lot }, &s->out.lot));
    lot.batch = BG_STR("L2");
    return put(s, &ledger_lot_put, (struct ledger_put){ .lot = lot }, &s->out.crowd_lot);
}

static bg_err manager(struct setup *s)
{
    const struct auth_session system = auth_system(s->city, bg_now(&s->app->env));
    const struct auth_by by = { s->app->auth, &system };
    struct auth_secret link;
    struct auth_opened opened;
    int64_t account = 0;
    auth_link_make(s->app->auth, s->city, &link);
    const struct auth_account_in in = { .by = by, .login = BG_STR("manager"), .name = BG_STR("库管"), .link = link.hash };
    BG_TRY(as_system(s, &auth_account_open, &in, "id", &account));
    const struct auth_grant_in grant = { .by = by,
                                         .account = account,
                                         .role = AUTH_ROLE_DEPOT,
                                         .scope = AUTH_PLACE,
                                         .scope_id = s->out.place,
                                         .from = BG_TIME_NONE,
                                         .to = BG_TIME_NONE,
                                         .reason = BG_STR("load") };
    BG_TRY(as_system(s, &auth_grant_open, &grant, "id", NULL));
    const struct auth_login_in from = { .origin = BG_STR("127.0.0.1"), .agent = BG_STR("load") };
    BG_TRY(auth_link_accept(s->app->auth, bg_str_of(link.text), BG_STR("seven boxes of masks"), &from, s->arena, &opened));
    (void)snprintf(s->out.token, sizeof s->out.token, "%s", opened.token);
    return BG_DONE;
}

static bg_err make(struct setup *s, const char *db)
{
    static const struct bg_log log = { .fd = 2, .least = BG_WARN, .env = &bg_env_real };
    const struct app_config config = { .db = db };
    const struct auth_first city = {
        .city_code = BG_STR("120000"), .name_zh = BG_STR("试验市"), .name_en = BG_STR("Trial"), .offset_min = BG_CITY_OFFSET_MIN
    };
    BG_TRY(bg_need(s->arena = bg_arena_open((size_t)8 << 20)));
    BG_TRY(app_open(&config, &bg_env_real, &log, &s->app));
    BG_TRY(auth_city_open(s->app->auth, &city, &s->city));
    BG_TRY(catalogue(s));
    return manager(s);
}

int load_setup(const char *db, const char *file)
{
    struct setup s = { 0 };
    bg_err err = make(&s, db);
    app_close(s.app);
    bg_arena_close(s.arena);
    FILE *out = bg_failed(err) ? NULL : fopen(file, "w");
    if (out == NULL) {
        (void)fprintf(stderr, "setup: %s %s %s:%d\n", bg_errors[err.code].slug, err.field != NULL ? err.field : "",
                      err.file != NULL ? err.file : "", err.line);
        return 1;
    }
    (void)fprintf(out, "token=%s\nplace=%lld\nother=%lld\nowner=%lld\nitem=%lld\nlot=%lld\ncrowd_lot=%lld\n", s.out.token,
                  s.out.place, s.out.other, s.out.owner, s.out.item, s.out.lot, s.out.crowd_lot);
    return fclose(out) == 0 ? 0 : 1;
}
