/* Cities, districts, organisations and accounts. */
#include "auth/inside.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

/* --- recording --- */

bg_err record_change(struct change_tx *tx, const struct change *change, const char *kind, const char *object, int64_t id, bg_str before,
                     bool persons)
{
    return change_record(tx, change, &(struct journal_entry){ .kind = kind, .object = object, .id = id, .city = change->city,
                                                              .before = before, .after = bg_buf_str(&change->reply), .persons = persons });
}

/* --- cities --- */

static bg_err city_check(struct bg_arena *arena, bg_str code, bg_str name_zh, bg_str name_en, int64_t offset_min)
{
    BG_TRY(text_check(arena, "code", code, 1, 20));
    BG_TRY(text_check(arena, "name_zh", name_zh, 1, 60));
    BG_TRY(text_check(arena, "name_en", name_en, 1, 100));
    return offset_min < -720 || offset_min > 840 ? bad_input(arena, "offset_min", "\"least\":-720,\"most\":840") : BG_DONE;
}

static void city_json(int64_t id, bg_str code, bg_str name_zh, bg_str name_en, int64_t offset_min, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", id);
    bg_json_put_str(out, "code", code);
    bg_json_put_str(out, "name_zh", name_zh);
    bg_json_put_str(out, "name_en", name_en);
    bg_json_put_int(out, "offset_min", offset_min);
    bg_json_object_end(out);
}

struct city_new {
    int64_t id;
    const struct auth_first *city;
};

static bg_err city_open_decide(struct change_tx *tx, struct change *change)
{
    const struct city_new *in = change->in;
    const struct auth_first *city = in->city;
    struct store_tx *store = change_store(tx);
    BG_TRY(city_check(change_arena(tx), city->city_code, city->name_zh, city->name_en, city->offset_min));
    bg_err err = store_run(store, SQL_AUTH_CITY_INSERT,
                           ARGS(V_INT(in->id), V_TEXT(city->city_code), V_TEXT(city->name_zh), V_TEXT(city->name_en),
                                V_INT(city->offset_min), V_INT(change_now(tx))),
                           NULL);
    if (err.code == BG_CONFLICT) {
        return BG_FAIL_AT(BG_CONFLICT, "code");
    }
    BG_TRY(err);
    BG_TRY(store_run(store, SQL_AUTH_POLICY_INSERT,
                     ARGS(V_INT(in->id), V_TEXT(BG_STR("nist")), V_INT(1), V_INT(30), V_INT(480), V_INT(720)), NULL));
    city_json(in->id, city->city_code, city->name_zh, city->name_en, city->offset_min, &change->reply);
    return record_change(tx, change, "city.opened", "city", in->id, (bg_str){ 0 }, false);
}

bg_err auth_city_open(struct auth *auth, const struct auth_first *city, int64_t *ret)
{
    static const struct change_kind kind = { .name = "city.open", .decide = city_open_decide };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 18);
    BG_TRY(bg_need(arena));
    struct city_new in = { bg_id_next(auth->ids), city };
    struct journal_actor actor = { .name = BG_STR("system"), .origin = BG_STR("cli") };
    BG_TRY(own_run(auth, &(struct own_change){ .kind = &kind, .in = &in, .city = in.id, .actor = actor }, arena, NULL));
    *ret = in.id;
    return BG_DONE;
}

static bg_err city_put_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_city_in *in = change->in;
    struct auth_target target = { .city = change->city };
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_CITY_WRITE, &target, change_arena(tx)));
    BG_TRY(city_check(change_arena(tx), in->code, in->name_zh, in->name_en, in->offset_min));
    bg_err err =
        store_run(change_store(tx), SQL_AUTH_CITY_UPDATE,
                  ARGS(V_INT(change->city), V_TEXT(in->code), V_TEXT(in->name_zh), V_TEXT(in->name_en), V_INT(in->offset_min)), NULL);
    if (err.code == BG_CONFLICT) {
        return BG_FAIL_AT(BG_CONFLICT, "code");
    }
    BG_TRY(err);
    city_json(change->city, in->code, in->name_zh, in->name_en, in->offset_min, &change->reply);
    return record_change(tx, change, "city.changed", "city", change->city, (bg_str){ 0 }, false);
}

const struct change_kind auth_city_put = { .name = "city.put", .decide = city_put_decide, .recheck = auth_recheck };

bg_err auth_city_only(struct store_tx *tx, int64_t *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more, second;
    BG_TRY(store_query(tx, SQL_AUTH_CITY_ONLY, NO_ARGS, &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "city");
    }
    int64_t city = store_int(rows, 0);
    BG_TRY(store_next(rows, &second));
    if (second) {
        return BG_FAIL_AT(BG_BAD_INPUT, "city");
    }
    *ret = city;
    return BG_DONE;
}

bg_err auth_cities(struct auth *auth, struct bg_arena *arena, const int64_t **ret, size_t *ret_count)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    size_t count = 0, room = 64;
    int64_t *ids = bg_arena_array(arena, room, sizeof *ids);
    bool more;
    BG_TRY(bg_need(ids));
    BG_TRY(store_read_begin(auth->store, 2000, &tx));
    BG_TRY(store_query(tx, SQL_AUTH_CITY_ALL, NO_ARGS, &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        if (count == room) {
            int64_t *grown = bg_arena_array(arena, room * 2, sizeof *grown);
            BG_TRY(bg_need(grown));
            memcpy(grown, ids, room * sizeof *ids);
            ids = grown;
            room *= 2;
        }
        ids[count++] = store_int(rows, 0);
        BG_TRY(store_next(rows, &more));
    }
    *ret = ids;
    *ret_count = count;
    return BG_DONE;
}

bg_err auth_city_by_code(struct store_tx *tx, bg_str code, int64_t *ret)
{
    bool found;
    BG_TRY(store_get_int(tx, SQL_AUTH_CITY_BY_CODE, ARGS(V_TEXT(code)), ret, &found));
    return found ? BG_DONE : BG_FAIL_AT(BG_NOT_FOUND, "city");
}

/* --- policy --- */

static bg_err policy_check(struct bg_arena *arena, const struct auth_policy_in *in)
{
    if (in->idle_min < 1 || in->idle_min > 1440) {
        return bad_input(arena, "idle_min", "\"least\":1,\"most\":1440");
    }
    if (in->device_idle_min < 1 || in->device_idle_min > 1440) {
        return bad_input(arena, "device_idle_min", "\"least\":1,\"most\":1440");
    }
    return in->session_min < 5 || in->session_min > 10080 ? bad_input(arena, "session_min", "\"least\":5,\"most\":10080") : BG_DONE;
}

static bg_err policy_put_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_policy_in *in = change->in;
    struct auth_target target = { .city = change->city };
    struct store_tx *store = change_store(tx);
    struct bg_buf *out = &change->reply;
    bg_str rules = in->dengbao ? BG_STR("dengbao") : BG_STR("nist");
    int64_t epoch;
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_POLICY_WRITE, &target, change_arena(tx)));
    BG_TRY(policy_check(change_arena(tx), in));
    BG_TRY(store_run(store, SQL_AUTH_POLICY_UPDATE,
                     ARGS(V_INT(change->city), V_TEXT(rules), V_INT(in->factor), V_INT(in->idle_min), V_INT(in->device_idle_min),
                          V_INT(in->session_min)),
                     NULL));
    BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
    BG_TRY(store_run(store, SQL_AUTH_ACCOUNT_EPOCH_ALL, ARGS(V_INT(change->city), V_INT(epoch)), NULL));
    bg_json_object(out);
    bg_json_put_str(out, "password", rules);
    bg_json_put_bool(out, "second_factor", in->factor);
    bg_json_put_int(out, "idle_min", in->idle_min);
    bg_json_put_int(out, "device_idle_min", in->device_idle_min);
    bg_json_put_int(out, "session_min", in->session_min);
    bg_json_object_end(out);
    return record_change(tx, change, "policy.changed", "city", change->city, (bg_str){ 0 }, false);
}

const struct change_kind auth_policy_put = { .name = "policy.put", .decide = policy_put_decide, .recheck = auth_recheck };

/* --- districts and organisations --- */

static bg_err district_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_district_in *in = change->in;
    struct auth_target target = { .city = change->city };
    struct bg_arena *arena = change_arena(tx);
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_CITY_WRITE, &target, arena));
    if (in->id < 1 || in->id > 999999) {
        return bad_input(arena, "id", "\"least\":1,\"most\":999999");
    }
    BG_TRY(text_check(arena, "name_zh", in->name_zh, 1, 60));
    BG_TRY(text_check(arena, "name_en", in->name_en, 0, 100));
    bg_str kind = in->id >= 100000 ? BG_STR("district") : BG_STR("area");
    BG_TRY(store_run(change_store(tx), SQL_AUTH_DISTRICT_PUT,
                     ARGS(V_INT(change->city), V_INT(in->id), V_TEXT(kind), V_TEXT(in->name_zh), V_TEXT(in->name_en)), NULL));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "id", in->id);
    bg_json_put_str(&change->reply, "kind", kind);
    bg_json_put_str(&change->reply, "name_zh", in->name_zh);
    bg_json_put_str(&change->reply, "name_en", in->name_en);
    bg_json_object_end(&change->reply);
    return record_change(tx, change, "district.put", "district", in->id, (bg_str){ 0 }, false);
}

const struct change_kind auth_district_put = { .name = "district.put", .decide = district_decide, .recheck = auth_recheck };

bg_err district_check(struct store_tx *tx, int64_t city, int64_t district, struct bg_arena *arena)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more = true;
    if (district != 0) {
        BG_TRY(store_query(tx, SQL_AUTH_DISTRICT_GET, ARGS(V_INT(city), V_INT(district)), &rows));
        BG_TRY(store_next(rows, &more));
    }
    return more ? BG_DONE : bad_input(arena, "district", "\"district\":\"%lld\",\"rule\":\"unknown\"", (long long)district);
}

const char *const auth_organisation_kinds[] = { "office", "receiver", "agency", "team", "enterprise", NULL };

static bool organisation_kind(bg_str kind)
{
    for (size_t i = 0; auth_organisation_kinds[i] != NULL; i++) {
        if (bg_str_is(kind, auth_organisation_kinds[i])) {
            return true;
        }
    }
    return false;
}

bg_err organisation_check(struct store_tx *tx, int64_t city, const struct auth_organisation_in *in, struct bg_arena *arena)
{
    if (!organisation_kind(in->kind)) {
        return bad_input(arena, "kind", "\"rule\":\"unknown\"");
    }
    BG_TRY(text_check(arena, "name_zh", in->name_zh, 1, 100));
    BG_TRY(text_check(arena, "name_en", in->name_en, 0, 150));
    BG_TRY(text_check(arena, "credit_code", in->credit_code, 0, 18));
    return district_check(tx, city, in->district, arena);
}

void organisation_json(int64_t id, const struct auth_organisation_in *in, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", id);
    bg_json_put_str(out, "kind", in->kind);
    bg_json_put_str(out, "name_zh", in->name_zh);
    bg_json_put_str(out, "name_en", in->name_en);
    bg_json_key(out, "credit_code");
    if (in->credit_code.len > 0) {
        bg_json_str(out, in->credit_code);
    } else {
        bg_json_null(out);
    }
    put_id(out, "district", in->district);
    bg_json_put_str(out, "state", in->closed ? BG_STR("closed") : BG_STR("active"));
    bg_json_object_end(out);
}

bg_err auth_organisation_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct auth_organisation_in *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_ORGANISATION_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "organisation");
    }
    *ret = (struct auth_organisation_in){ .id = id, .kind = row_text(rows, 1, arena), .name_zh = row_text(rows, 2, arena),
                                          .name_en = row_text(rows, 3, arena), .credit_code = row_text(rows, 4, arena),
                                          .district = store_int(rows, 5), .closed = bg_str_is(store_text(rows, 6), "closed") };
    return bg_need(ret->name_zh.at);
}

static struct store_val v_text_or_null(bg_str s)
{
    return s.len == 0 ? V_NULL : V_TEXT(s);
}

/* Inserts (id 0) or updates; *ret_id. BG_CONFLICT at "credit_code" when another organisation has it. */
bg_err organisation_write(struct change_tx *tx, int64_t city, const struct auth_organisation_in *in, int64_t *ret_id)
{
    bg_str state = in->closed ? BG_STR("closed") : BG_STR("active");
    int64_t id = in->id != 0 ? in->id : change_id(tx), changed = 1;
    bg_err err;
    if (in->id == 0) {
        err = store_run(change_store(tx), SQL_AUTH_ORGANISATION_INSERT,
                        ARGS(V_INT(city), V_INT(id), V_TEXT(in->kind), V_TEXT(in->name_zh), V_TEXT(in->name_en),
                             v_text_or_null(in->credit_code), v_id(in->district), V_TEXT(state), V_INT(change_now(tx))),
                        NULL);
    } else {
        err = store_run(change_store(tx), SQL_AUTH_ORGANISATION_UPDATE,
                        ARGS(V_INT(city), V_INT(id), V_TEXT(in->kind), V_TEXT(in->name_zh), V_TEXT(in->name_en),
                             v_text_or_null(in->credit_code), v_id(in->district), V_TEXT(state)),
                        &changed);
    }
    if (err.code == BG_CONFLICT) {
        return BG_FAIL_AT(BG_CONFLICT, "credit_code");
    }
    BG_TRY(err);
    *ret_id = id;
    return changed == 1 ? BG_DONE : BG_FAIL_AT(BG_NOT_FOUND, "id");
}

static bg_err organisation_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_organisation_in *in = change->in;
    struct bg_arena *arena = change_arena(tx);
    struct auth_target target = { .city = change->city, .district = in->district };
    BG_SCOPED_BUF before = bg_buf_init(4096);
    int64_t id;
    if (in->id != 0) { /* where it lay before counts as well */
        struct auth_organisation_in was;
        BG_TRY(auth_organisation_get(change_store(tx), change->city, in->id, arena, &was));
        struct auth_target old = { .city = change->city, .district = was.district };
        BG_TRY(auth_need(in->by.session, AUTH_RIGHT_CITY_WRITE, &old, arena));
        organisation_json(in->id, &was, &before);
    }
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_CITY_WRITE, &target, arena));
    BG_TRY(organisation_check(change_store(tx), change->city, in, arena));
    BG_TRY(organisation_write(tx, change->city, in, &id));
    organisation_json(id, in, &change->reply);
    BG_TRY(bg_buf_check(&before));
    return record_change(tx, change, in->id == 0 ? "organisation.opened" : "organisation.changed", "organisation", id, bg_buf_str(&before),
                         false);
}

const struct change_kind auth_organisation_put = { .name = "organisation.put", .decide = organisation_decide, .recheck = auth_recheck };
