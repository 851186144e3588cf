/* Keys for programs, and registered devices. */
#include "auth/inside.h"

#include <string.h>

/* --- keys --- */

static bg_err key_check(const struct auth_key_in *in, bg_ms now, struct bg_arena *arena, bg_str *ret_rights)
{
    BG_SCOPED_BUF rights = bg_buf_init(8192);
    BG_TRY(text_check(arena, "name", in->name, 1, 60));
    if (in->ends_at <= now || in->ends_at > now + 366 * DAY_MS) {
        return bad_input(arena, "ends_at", "\"rule\":\"within-a-year\"");
    }
    if (in->right_count == 0) {
        return bad_input(arena, "rights", "\"least\":1");
    }
    for (size_t i = 0; i < in->right_count; i++) {
        if (!key_right_allowed(in->rights[i])) {
            return bad_input(arena, "rights", "\"right\":\"%s\",\"rule\":\"never-in-keys\"", auth_right_infos[in->rights[i]].slug);
        }
        bg_buf_print(&rights, "%s%s", i == 0 ? "" : " ", auth_right_infos[in->rights[i]].slug);
    }
    return json_kept(&rights, arena, ret_rights);
}

void key_json(const struct key_row *row, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", row->id);
    bg_json_put_id(out, "account", row->account);
    bg_json_put_str(out, "name", row->name);
    bg_json_key(out, "rights");
    bg_json_array(out);
    for (bg_str rest = row->rights; rest.len > 0;) {
        size_t end = bg_str_find(rest, ' ');
        bg_json_str(out, bg_str_cut(rest, 0, end));
        rest = bg_str_cut(rest, end + 1, rest.len);
    }
    bg_json_array_end(out);
    put_time(out, "created_at", row->created_at);
    put_id(out, "created_by", row->created_by);
    put_time(out, "ends_at", row->ends_at);
    put_time(out, "ended_at", row->ended_at);
    bg_json_object_end(out);
}

void key_read(struct store_rows *rows, struct key_row *ret)
{
    *ret = (struct key_row){ .id = store_int(rows, 0),
                             .account = store_int(rows, 1),
                             .name = store_text(rows, 2),
                             .rights = store_text(rows, 3),
                             .created_at = store_int(rows, 4),
                             .created_by = store_int(rows, 5),
                             .ends_at = store_int(rows, 6),
                             .ended_at = row_time(rows, 7) };
}

static bg_err key_open_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_key_in *in = change->in;
    struct bg_arena *arena = change_arena(tx);
    struct account_row account;
    struct key_row row = { .id = change_id(tx), .account = in->account, .name = in->name, .created_at = change_now(tx),
                           .created_by = change->actor.account, .ends_at = in->ends_at, .ended_at = BG_TIME_NONE };
    BG_TRY(account_get(change_store(tx), change->city, in->account, arena, &account));
    struct auth_target target = account_target(change->city, &account);
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_KEY_WRITE, &target, arena));
    BG_TRY(key_check(in, change_now(tx), arena, &row.rights));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_KEY_INSERT,
                     ARGS(V_INT(change->city), V_INT(row.id), V_BYTES(in->key, 32), V_INT(in->account), V_TEXT(in->name),
                          V_TEXT(row.rights), V_INT(row.created_at), V_INT(row.created_by), V_INT(in->ends_at)),
                     NULL));
    key_json(&row, &change->reply);
    return record_change(tx, change, "key.opened", "key", row.id, (bg_str){ 0 }, false);
}

const struct change_kind auth_key_open = { .name = "key.open", .decide = key_open_decide, .recheck = auth_recheck };

static bg_err key_get(struct store_tx *tx, int64_t city, int64_t id, struct store_rows **ret, struct key_row *ret_row)
{
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_KEY_GET, ARGS(V_INT(city), V_INT(id)), ret));
    BG_TRY(store_next(*ret, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "id");
    }
    key_read(*ret, ret_row);
    return BG_DONE;
}

static bg_err key_end_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_id_in *in = change->in;
    STORE_SCOPED_ROWS rows = NULL;
    struct key_row row;
    struct account_row account;
    int64_t changed, epoch;
    BG_TRY(key_get(change_store(tx), change->city, in->id, &rows, &row));
    BG_TRY(account_get(change_store(tx), change->city, row.account, change_arena(tx), &account));
    struct auth_target target = account_target(change->city, &account);
    if (row.account != in->by.session->account) {
        BG_TRY(auth_need(in->by.session, AUTH_RIGHT_KEY_WRITE, &target, change_arena(tx)));
    }
    BG_TRY(store_run(change_store(tx), SQL_AUTH_KEY_END, ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx))), &changed));
    BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
    row.ended_at = changed == 1 ? change_now(tx) : row.ended_at;
    key_json(&row, &change->reply);
    return record_change(tx, change, "key.ended", "key", in->id, (bg_str){ 0 }, false);
}

const struct change_kind auth_key_end = { .name = "key.end", .decide = key_end_decide, .recheck = auth_recheck };

/* --- devices --- */

static bg_err device_target(struct auth *auth, struct store_tx *tx, int64_t city, int64_t place, struct bg_arena *arena,
                            struct auth_target *ret)
{
    struct scope_found scope;
    *ret = (struct auth_target){ .city = city };
    if (place == 0) {
        return BG_DONE;
    }
    bg_err err = scope_find(auth, tx, city, AUTH_PLACE, place, arena, &scope);
    err.field = bg_failed(err) ? "place" : NULL;
    BG_TRY(err);
    *ret = scope.target;
    return BG_DONE;
}

static bg_err device_invite_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_device_in *in = change->in;
    struct bg_arena *arena = change_arena(tx);
    struct auth_target target;
    int64_t id = change_id(tx);
    bg_ms ends_at = change_now(tx) + DAY_MS;
    BG_TRY(device_target(in->by.auth, change_store(tx), change->city, in->place, arena, &target));
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_DEVICE_WRITE, &target, arena));
    BG_TRY(text_check(arena, "name", in->name, 1, 60));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_LINK_INSERT,
                     ARGS(V_INT(change->city), V_INT(id), V_BYTES(in->link, 32), V_TEXT(BG_STR("device")), V_NULL, V_TEXT(in->name),
                          v_id(in->place), V_INT(change_now(tx)), V_INT(change->actor.account), V_INT(ends_at)),
                     NULL));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "id", id);
    bg_json_put_str(&change->reply, "name", in->name);
    put_id(&change->reply, "place", in->place);
    put_time(&change->reply, "ends_at", ends_at);
    bg_json_object_end(&change->reply);
    return record_change(tx, change, "device.invited", "device", id, (bg_str){ 0 }, false);
}

const struct change_kind auth_device_invite = { .name = "device.invite", .decide = device_invite_decide, .recheck = auth_recheck };

static bg_err device_end_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_id_in *in = change->in;
    STORE_SCOPED_ROWS rows = NULL;
    struct auth_target target;
    bool more;
    int64_t changed, epoch;
    BG_TRY(store_query(change_store(tx), SQL_AUTH_DEVICE_GET, ARGS(V_INT(change->city), V_INT(in->id)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more) {
        return BG_FAIL_AT(BG_NOT_FOUND, "id");
    }
    int64_t place = store_int(rows, 2);
    BG_TRY(device_target(in->by.auth, change_store(tx), change->city, place, change_arena(tx), &target));
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_DEVICE_WRITE, &target, change_arena(tx)));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_DEVICE_RETIRE, ARGS(V_INT(change->city), V_INT(in->id)), &changed));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_DEVICE_SESSIONS, ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx))), NULL));
    BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "id", in->id);
    bg_json_put_str(&change->reply, "state", BG_STR("retired"));
    bg_json_object_end(&change->reply);
    return record_change(tx, change, "device.retired", "device", in->id, (bg_str){ 0 }, false);
}

const struct change_kind auth_device_end = { .name = "device.end", .decide = device_end_decide, .recheck = auth_recheck };

/* A device that shows its code becomes a registered one. */
struct device_new {
    struct auth *auth;
    int64_t id;
    uint8_t link[32], hash[32];
};

static bg_err device_accept_decide(struct change_tx *tx, struct change *change)
{
    const struct device_new *in = change->in;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t used;
    bg_ms now = change_now(tx);
    BG_TRY(store_query(change_store(tx), SQL_AUTH_LINK_LOAD, ARGS(V_INT(change->city), V_BYTES(in->link, 32)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || !bg_str_is(store_text(rows, 1), "device") || store_int(rows, 5) <= now || !store_is_null(rows, 6)) {
        return BG_FAIL_AT(BG_AUTH_LINK, "code");
    }
    BG_TRY(store_run(change_store(tx), SQL_AUTH_LINK_USE, ARGS(V_INT(change->city), V_INT(store_int(rows, 0)), V_INT(now)), &used));
    if (used != 1) {
        return BG_FAIL_AT(BG_AUTH_LINK, "code");
    }
    bg_str name = row_text(rows, 3, change_arena(tx));
    BG_TRY(bg_need(name.at));
    BG_TRY(store_run(
        change_store(tx), SQL_AUTH_DEVICE_INSERT,
        ARGS(V_INT(change->city), V_INT(in->id), V_BYTES(in->hash, 32), V_TEXT(name), v_id(store_int(rows, 4)), V_INT(now), V_INT(0)),
        NULL));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "id", in->id);
    bg_json_put_str(&change->reply, "name", name);
    bg_json_object_end(&change->reply);
    return record_change(tx, change, "device.registered", "device", in->id, (bg_str){ 0 }, false);
}

bg_err auth_device_accept(struct auth *auth, bg_str code, bg_str origin, struct bg_arena *arena, char ret_token[72], bg_str *ret_name)
{
    static const struct change_kind kind = { .name = "device.accept", .decide = device_accept_decide };
    struct token link, made;
    struct auth_link_info info;
    char text[TOKEN_TEXT_SIZE];
    if (!token_parse(code, &link) || link.kind != TOKEN_LINK) {
        return BG_FAIL_AT(BG_AUTH_LINK, "code");
    }
    BG_TRY(auth_link_look(auth, code, arena, &info));
    token_make(auth->env, TOKEN_DEVICE, link.city, text, &made);
    struct device_new in = { .auth = auth, .id = bg_id_next(auth->ids) };
    memcpy(in.link, link.hash, sizeof in.link);
    memcpy(in.hash, made.hash, sizeof in.hash);
    struct journal_actor actor = { .name = info.device_name, .origin = origin, .device = in.id };
    BG_TRY(own_run(auth, &(struct own_change){ .kind = &kind, .in = &in, .city = link.city, .actor = actor }, arena, NULL));
    memcpy(ret_token, text, sizeof text);
    *ret_name = info.device_name;
    return BG_DONE;
}
