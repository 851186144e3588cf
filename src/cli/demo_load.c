/* The example city into a database: the city and its people by the ways of auth, items, places and owners by those of the ledger.
 * Everything of one kind is one change, made of the same parts as a person's. */
#include "cli/demo.h"

#include <assert.h>
#include <string.h>

#include "codec/gs1.h"

#define BIN_GROUPS 8

struct load_in {
    struct demo *demo;
    int64_t office, team, partner; /* organisations that no file names */
};

/* --- parts of one change --- */

/* Runs the decision of another kind as a part of this change; *ret_id (may be NULL) is the id its reply begins with. */
static bg_err part(struct change_tx *tx, struct change *change, const struct change_kind *kind, const void *in, int64_t *ret_id)
{
    const void *whole = change->in;
    struct bg_buf reply = change->reply;
    change->in = in;
    change->reply = bg_buf_init(1 << 20);
    bg_err err = kind->decide(tx, change);
    if (!bg_failed(err) && ret_id != NULL) {
        *ret_id = demo_reply_id(bg_buf_str(&change->reply));
        assert(*ret_id != 0);
    }
    bg_buf_done(&change->reply);
    change->in = whole;
    change->reply = reply;
    return err;
}

static void answer(struct change *change)
{
    change->status = 201;
    bg_json_object(&change->reply);
    bg_json_object_end(&change->reply);
}

/* --- districts and organisations --- */

static bg_err put_organisation(struct change_tx *tx, struct change *change, const struct auth_by *by, const char *kind, bg_str zh,
                               bg_str en, bg_str credit_code, int64_t district, int64_t *ret_id)
{
    const struct auth_organisation_in in = {
        .by = *by, .kind = bg_str_of(kind), .name_zh = zh, .name_en = en, .credit_code = credit_code, .district = district
    };
    return part(tx, change, &auth_organisation_put, &in, ret_id);
}

static bg_err organisations_decide(struct change_tx *tx, struct change *change)
{
    struct load_in *in = *(struct load_in *const *)change->in;
    struct demo *demo = in->demo;
    const struct auth_session system = auth_system(change->city, change_now(tx));
    const struct auth_by by = { demo->app->auth, &system };
    const bg_str none = { "", 0 };
    const struct auth_policy_in policy = {
        .by = by, .factor = false, .idle_min = 30, .device_idle_min = 480, .session_min = 720
    };
    BG_TRY(part(tx, change, &auth_policy_put, &policy, NULL));
    for (size_t i = 0; i < demo->district_count; i++) {
        const struct demo_district *d = &demo->districts[i];
        const struct auth_district_in row = { .by = by, .id = d->code, .name_zh = d->name_zh, .name_en = d->name_en };
        BG_TRY(part(tx, change, &auth_district_put, &row, NULL));
    }
    BG_TRY(put_organisation(tx, change, &by, "office", BG_STR("市应急物资保障组（示例）"),
                            BG_STR("City supplies group (example)"), none, 0, &in->office));
    BG_TRY(put_organisation(tx, change, &by, "team", BG_STR("津南区企业服务专班（示例）"), BG_STR("Jinnan firms' team (example)"),
                            none, 120112, &in->team));
    BG_TRY(put_organisation(tx, change, &by, "agency", BG_STR("邻市协作单位（示例）"), BG_STR("Partner city (example)"), none, 0,
                            &in->partner));
    for (size_t i = 0; i < demo->place_count; i++) {
        struct demo_place *place = &demo->places[i];
        if (place->organisation.len > 0) {
            BG_TRY(put_organisation(tx, change, &by, place->organisation.at, place->name_zh, place->name_en, place->credit_code,
                                    place->district, &place->org));
        }
    }
    answer(change);
    return BG_DONE;
}

/* --- catalogue --- */

static bg_err put_codes(struct change_tx *tx, const struct change *change, const struct demo_item *item)
{
    const struct ledger_code unit = {
        .scheme = BG_STR("gtin"), .code = item->gtin, .original = item->gtin, .item = item->id, .units = 1
    };
    BG_TRY(ledger_code_put_in(tx, change, &unit));
    for (int k = 0; k < 2 && item->pack[k] > 0; k++) {
        char gtin[15];
        gtin[0] = k == 0 ? '1' : '5'; /* indicator of the pack level */
        memcpy(gtin + 1, item->gtin.at, 12);
        gtin[13] = gs1_check_digit((bg_str){ gtin, 13 });
        gtin[14] = '\0';
        const struct ledger_pack pack = { .item = item->id, .units = item->pack[k], .unit = item->pack_name[k] };
        const struct ledger_code code = { .scheme = BG_STR("gtin"),
                                          .code = bg_str_of(gtin),
                                          .original = bg_str_of(gtin),
                                          .item = item->id,
                                          .units = item->pack[k] };
        BG_TRY(ledger_pack_put_in(tx, change, &pack));
        BG_TRY(ledger_code_put_in(tx, change, &code));
    }
    return BG_DONE;
}

static bg_err put_items(struct change_tx *tx, const struct change *change, struct demo *demo)
{
    for (size_t i = 0; i < demo->item_count; i++) {
        struct demo_item *item = &demo->items[i];
        const struct ledger_item row = {
            .code = item->code,
            .name_zh = item->name_zh,
            .name_en = item->name_en,
            .spec = item->spec,
            .unit = item->unit,
            .category = item->category,
            .class_code = { "", 0 },
            .storage = item->storage,
            .shelf_life_days = item->shelf_days,
            .order_min = item->order_min,
            .lotted = item->lotted,
            .key_item = item->key,
            .active = true,
        };
        BG_TRY(ledger_item_put_in(tx, change, &row, &item->id));
        BG_TRY(put_codes(tx, change, item));
    }
    return BG_DONE;
}

static bg_err put_owners(struct change_tx *tx, const struct change *change, struct demo *demo)
{
    for (size_t i = 0; i < demo->owner_count; i++) {
        struct demo_owner *owner = &demo->owners[i];
        const struct ledger_owner row = { .code = owner->code,
                                          .name_zh = owner->name_zh,
                                          .name_en = owner->name_en,
                                          .kind = owner->kind,
                                          .district = owner->district,
                                          .active = true };
        BG_TRY(ledger_owner_put_in(tx, change, &row, &owner->id));
    }
    return BG_DONE;
}

static bg_err put_places(struct change_tx *tx, const struct change *change, struct demo *demo)
{
    for (size_t i = 0; i < demo->place_count; i++) {
        struct demo_place *place = &demo->places[i];
        bool outside = ledger_place_status(place->kind) != 0;
        const struct ledger_place row = {
            .code = place->code,
            .name_zh = place->name_zh,
            .name_en = place->name_en,
            .address = { "", 0 },
            .kind = place->kind,
            .flags = i == demo->airport ? ledger_place_flags(place->kind) | LEDGER_BINNED : 0,
            .district = place->district,
            .org = place->org,
            .owner = outside ? 0 : demo->owners[place->owner].id,
            .lat_udeg = place->lat_udeg,
            .lon_udeg = place->lon_udeg,
            .active = true,
        };
        BG_TRY(ledger_place_put_in(tx, change, &row, &place->id));
    }
    return BG_DONE;
}

/* The dedicated depot has a bin for each item: the letter of its category and a number within it. */
static bg_err put_bins(struct change_tx *tx, const struct change *change, struct demo *demo)
{
    bg_str categories[BIN_GROUPS];
    int counts[BIN_GROUPS] = { 0 }, known = 0;
    for (size_t i = 0; i < demo->item_count; i++) {
        struct demo_item *item = &demo->items[i];
        int c = 0;
        while (c < known && !bg_str_eq(categories[c], item->category)) {
            c++;
        }
        assert(c < BIN_GROUPS);
        categories[c] = item->category;
        known = c == known ? known + 1 : known;
        const char *code = bg_arena_text(demo->arena, "%c-%02d", 'A' + c, ++counts[c]);
        BG_TRY(bg_need(code));
        const struct ledger_bin bin = { .place = demo->places[demo->airport].id,
                                        .code = bg_str_of(code),
                                        .name = item->name_zh,
                                        .storage = item->storage,
                                        .active = true };
        BG_TRY(ledger_bin_put_in(tx, change, &bin, &item->bin));
    }
    return BG_DONE;
}

static bg_err catalogue_decide(struct change_tx *tx, struct change *change)
{
    struct load_in *in = *(struct load_in *const *)change->in;
    BG_TRY(put_items(tx, change, in->demo));
    BG_TRY(put_owners(tx, change, in->demo));
    BG_TRY(put_places(tx, change, in->demo));
    BG_TRY(put_bins(tx, change, in->demo));
    answer(change);
    return BG_DONE;
}

/* --- people --- */

struct scope {
    enum auth_scope kind;
    int64_t id;
    int64_t district, org;
    size_t place; /* SIZE_MAX: none */
};

static struct scope scope_of(const struct load_in *in, const struct demo_person *person)
{
    const struct demo *demo = in->demo;
    int kind = auth_scope_of(person->scope);
    assert(kind >= 0);
    struct scope scope = { .kind = (enum auth_scope)kind, .id = demo->city, .place = SIZE_MAX, .org = in->office };
    if (scope.kind == AUTH_DISTRICT) {
        bool read = bg_str_int(person->scope_ref, &scope.id);
        assert(read);
        scope.district = scope.id;
    } else if (bg_str_is(person->scope_ref, "TEAM1")) {
        scope.id = scope.org = in->team;
    } else if (bg_str_is(person->scope_ref, "PARTNER1")) {
        scope.id = scope.org = in->partner;
    } else if (scope.kind != AUTH_CITY) {
        scope.place = demo_place_of(demo, person->scope_ref);
        const struct demo_place *place = &demo->places[scope.place];
        scope.id = scope.kind == AUTH_PLACE ? place->id : place->org;
        scope.org = scope.kind == AUTH_PLACE ? in->office : place->org;
        assert(scope.id != 0 && scope.org != 0);
    }
    return scope;
}

/* The first person who may speak for a place reports there. */
static void take_place(struct demo *demo, const struct demo_person *person, const struct scope *scope)
{
    bool speaks = bg_str_is(person->role, "keeper") || bg_str_is(person->role, "receiver") || bg_str_is(person->role, "agency") ||
                  bg_str_is(person->role, "enterprise") || bg_str_is(person->role, "depot");
    for (size_t i = 0; speaks && i < demo->place_count; i++) {
        struct demo_place *place = &demo->places[i];
        bool same = i == scope->place || (scope->place == SIZE_MAX && scope->district != 0 &&
                                          scope->district == place->district && place->kind == LEDGER_PLACE_DISTRICT);
        if (same && place->actor == 0) {
            place->actor = person->id;
            place->actor_name = person->name;
        }
    }
}

static bg_err people_decide(struct change_tx *tx, struct change *change)
{
    struct load_in *in = *(struct load_in *const *)change->in;
    struct demo *demo = in->demo;
    const struct auth_session system = auth_system(change->city, change_now(tx));
    const struct auth_by by = { demo->app->auth, &system };
    for (size_t i = 0; i < demo->person_count; i++) {
        struct demo_person *person = &demo->people[i];
        const struct scope scope = scope_of(in, person);
        const struct auth_account_in account = { .by = by,
                                                 .login = person->login,
                                                 .name = person->name,
                                                 .phone = { "", 0 },
                                                 .organisation = scope.org,
                                                 .district = scope.district };
        BG_TRY(part(tx, change, &auth_account_open, &account, &person->id));
        int role = auth_role_of(person->role);
        assert(role >= 0);
        const struct auth_grant_in grant = { .by = by,
                                             .account = person->id,
                                             .role = (enum auth_role)role,
                                             .scope = scope.kind,
                                             .scope_id = scope.id,
                                             .from = BG_TIME_NONE,
                                             .to = BG_TIME_NONE,
                                             .reason = BG_STR("示例城市") };
        BG_TRY(part(tx, change, &auth_grant_open, &grant, NULL));
        take_place(demo, person, &scope);
    }
    answer(change);
    return BG_DONE;
}

static bg_err read_rights(struct demo *demo)
{
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(demo->app->store, 0, &tx));
    return store_get_int(tx, SQL_AUTH_EPOCH_GET, ARGS(V_INT(demo->city)), &demo->rights, NULL);
}

bg_err demo_load(struct demo *demo)
{
    static const struct change_kind organisations = { .name = "demo.organisations", .decide = organisations_decide };
    static const struct change_kind catalogue = { .name = "demo.catalogue", .decide = catalogue_decide };
    static const struct change_kind people = { .name = "demo.people", .decide = people_decide };
    struct auth_first city = { .city_code = BG_STR("120000"),
                               .name_zh = BG_STR("示例城市·天津（演示数据）"),
                               .name_en = BG_STR("Example city Tianjin (demo data)"),
                               .offset_min = BG_CITY_OFFSET_MIN };
    if (demo->shift != 0) {
        city.name_zh = BG_STR("示例城市·天津（演示数据，日期已平移）");
        city.name_en = BG_STR("Example city Tianjin (demo data, dates shifted)");
    }
    demo_set_clock(demo, demo->begin - 1, 8 * 60);
    BG_TRY(auth_city_open(demo->app->auth, &city, &demo->city));
    struct load_in in = { .demo = demo }, *const pointer = &in;
    const bg_str no = { "", 0 }, why = BG_STR("装入示例城市 load the example city");
    BG_TRY(demo_change(demo, &organisations, &pointer, 0, no, why, NULL));
    BG_TRY(demo_change(demo, &catalogue, &pointer, 0, no, why, NULL));
    BG_TRY(demo_change(demo, &people, &pointer, 0, no, why, NULL));
    return read_rights(demo);
}

/* --- links --- */

static bg_err link_one(struct app *app, const struct demo *demo, const struct demo_person *person, struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    BG_SCOPED_BUF reply = bg_buf_init(1 << 16);
    BG_TRY(bg_need(arena));
    const struct auth_session system = auth_system(demo->city, bg_now(&app->env));
    struct auth_secret link;
    bool replayed;
    auth_link_make(app->auth, demo->city, &link);
    const struct auth_link_in in = { .by = { app->auth, &system }, .account = person->id, .link = link.hash };
    const struct auth_run_in run = { .kind = &auth_account_link,
                                     .in = &in,
                                     .session = &system,
                                     .op = bg_op_id_make(&app->env),
                                     .body = person->login,
                                     .reason = BG_STR("示例城市") };
    BG_TRY(auth_run(app->auth, &run, arena, &reply, &replayed));
    bg_json_object(out);
    bg_json_put_str(out, "login", person->login);
    bg_json_put_str(out, "name", person->name);
    bg_json_put_str(out, "role", person->role);
    bg_json_put_str(out, "scope", person->scope);
    bg_json_put_str(out, "scope_ref", person->scope_ref);
    bg_json_key(out, "link");
    const char *path = bg_arena_text(arena, "/#/invite/%s", link.text);
    BG_TRY(bg_need(path));
    bg_json_str(out, bg_str_of(path));
    bg_json_object_end(out);
    bg_buf_byte(out, '\n');
    out->comma = false;
    return bg_buf_check(out);
}

bg_err demo_people_links(struct app *app, const struct demo *demo, struct bg_buf *out)
{
    for (size_t i = 0; i < demo->person_count; i++) {
        BG_TRY(link_one(app, demo, &demo->people[i], out));
    }
    return BG_DONE;
}
