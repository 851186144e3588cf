/* Accounts: opening, changing, disabling, and the links that set their passwords. */
#include "auth/inside.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

/* --- rows --- */

bg_err account_read(struct store_rows *rows, struct bg_arena *arena, struct account_row *ret)
{
    *ret = (struct account_row){ .id = store_int(rows, 0), .login = row_text(rows, 1, arena), .name = row_text(rows, 2, arena),
                                 .phone = row_text(rows, 3, arena), .organisation = store_int(rows, 4), .district = store_int(rows, 5),
                                 .state = row_text(rows, 6, arena), .must_change = store_int(rows, 7) != 0,
                                 .factor = !store_is_null(rows, 8), .created_at = store_int(rows, 9), .signed_in_at = row_time(rows, 10),
                                 .epoch = store_int(rows, 11), .password = row_text(rows, 12, arena), .password_at = row_time(rows, 13) };
    return bg_need(ret->password.at);
}

bg_err account_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct account_row *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_AUTH_ACCOUNT_GET, ARGS(V_INT(city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    return more ? account_read(rows, arena, ret) : BG_FAIL_AT(BG_NOT_FOUND, "account");
}

struct auth_target account_target(int64_t city, const struct account_row *row)
{
    return (struct auth_target){ .city = city, .district = row->district, .org = row->organisation, .account = row->id };
}

/* 13812345678 becomes 138****5678; what is shorter than seven characters is hidden whole. */
static void phone_json(bg_str phone, bool whole, struct bg_buf *out)
{
    char masked[40];
    if (whole || phone.len == 0) {
        bg_json_put_str(out, "phone", phone);
        return;
    }
    size_t shown = phone.len >= 11 ? 7 : phone.len >= 7 ? 4 : 0, head = shown > 4 ? 3 : 0;
    int len =
        snprintf(masked, sizeof masked, "%.*s****%.*s", (int)head, phone.at, (int)(shown - head), phone.at + phone.len - (shown - head));
    bg_json_put_str(out, "phone", (bg_str){ masked, (size_t)len });
}

void account_json(const struct account_row *row, bool whole_phone, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", row->id);
    bg_json_put_str(out, "login", row->login);
    bg_json_put_str(out, "name", row->name);
    phone_json(row->phone, whole_phone, out);
    put_id(out, "organisation", row->organisation);
    put_id(out, "district", row->district);
    bg_json_put_str(out, "state", row->state);
    bg_json_put_bool(out, "must_change", row->must_change);
    bg_json_put_bool(out, "second_factor", row->factor);
    put_time(out, "created_at", row->created_at);
    put_time(out, "signed_in_at", row->signed_in_at);
    bg_json_object_end(out);
}

bg_err account_text(const struct account_row *row, struct bg_arena *arena, bg_str *ret)
{
    BG_SCOPED_BUF out = bg_buf_init(8192);
    account_json(row, true, &out);
    return json_kept(&out, arena, ret);
}

/* --- login names --- */

static bool login_point(int32_t point)
{
    return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || point == '.' || point == '_' || point == '-' ||
           point == '@' || (point >= 0x3400 && point <= 0x9fff);
}

bg_err login_fold(bg_str login, struct bg_arena *arena, bg_str *ret)
{
    utf8proc_int32_t points[264];
    utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;
    if (login.len > 192) {
        return bad_input(arena, "login", "\"least\":2,\"most\":64");
    }
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)login.at, (utf8proc_ssize_t)login.len, points, 256, how);
    if (count < 0 || count > 256) {
        return bad_input(arena, "login", "\"rule\":\"plain-text\"");
    }
    utf8proc_ssize_t len = utf8proc_reencode(points, count, how);
    bg_str folded = bg_arena_copy(arena, (bg_str){ (const char *)points, len < 0 ? 0 : (size_t)len });
    BG_TRY(bg_need(folded.at));
    size_t letters = 0, pos = 0;
    while (pos < folded.len) {
        if (!login_point(bg_utf8_next(folded, &pos))) {
            return bad_input(arena, "login", "\"rule\":\"letters, digits, . _ - @, 汉字\"");
        }
        letters++;
    }
    if (letters < 2 || letters > 64) {
        return bad_input(arena, "login", "\"least\":2,\"most\":64,\"length\":%zu", letters);
    }
    *ret = folded;
    return BG_DONE;
}

/* --- opening and changing --- */

static bg_err account_check(struct store_tx *tx, int64_t city, const struct auth_account_in *in, struct bg_arena *arena)
{
    struct auth_organisation_in organisation;
    BG_TRY(text_check(arena, "name", in->name, 1, 60));
    BG_TRY(text_check(arena, "phone", in->phone, 0, 20));
    BG_TRY(district_check(tx, city, in->district, arena));
    return in->organisation == 0 ? BG_DONE : auth_organisation_get(tx, city, in->organisation, arena, &organisation);
}

bg_err link_insert(struct change_tx *tx, const struct change *change, const char *purpose, int64_t account, const uint8_t *hash,
                   bg_ms lives_ms)
{
    bg_ms now = change_now(tx);
    struct store_tx *store = change_store(tx);
    BG_TRY(store_run(store, SQL_AUTH_LINK_END_OLDER, ARGS(V_INT(change->city), V_INT(account), V_INT(now)), NULL));
    return store_run(store, SQL_AUTH_LINK_INSERT,
                     ARGS(V_INT(change->city), V_INT(change_id(tx)), V_BYTES(hash, 32), V_TEXT(bg_str_of(purpose)), V_INT(account), V_NULL,
                          V_NULL, V_INT(now), V_INT(change->actor.account), V_INT(now + lives_ms)),
                     NULL);
}

/* Inserts an invited account; `login` folded. BG_CONFLICT at "login" when the name is taken. */
bg_err account_insert(struct change_tx *tx, const struct change *change, bg_str login, const struct auth_account_in *in, int64_t *ret_id)
{
    int64_t id = change_id(tx);
    bg_err err = store_run(change_store(tx), SQL_AUTH_ACCOUNT_INSERT,
                           ARGS(V_INT(change->city), V_INT(id), V_TEXT(login), V_TEXT(in->name), V_TEXT(in->phone), v_id(in->organisation),
                                v_id(in->district), V_INT(0), V_INT(change_now(tx)), V_INT(change->actor.account)),
                           NULL);
    if (err.code == BG_CONFLICT) {
        return BG_FAIL_AT(BG_CONFLICT, "login");
    }
    *ret_id = id;
    return err;
}

static bg_err account_open_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_account_in *in = change->in;
    struct bg_arena *arena = change_arena(tx);
    struct auth_target target = { .city = change->city, .district = in->district, .org = in->organisation };
    struct account_row row;
    bg_str login;
    int64_t id;
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_ACCOUNT_WRITE, &target, arena));
    BG_TRY(login_fold(in->login, arena, &login));
    BG_TRY(account_check(change_store(tx), change->city, in, arena));
    BG_TRY(account_insert(tx, change, login, in, &id));
    if (in->link != NULL) {
        BG_TRY(link_insert(tx, change, "invite", id, in->link, LINK_DAYS * DAY_MS));
    }
    BG_TRY(account_get(change_store(tx), change->city, id, arena, &row));
    account_json(&row, true, &change->reply);
    return record_change(tx, change, "account.opened", "account", id, (bg_str){ 0 }, true);
}

const struct change_kind auth_account_open = { .name = "account.open", .decide = account_open_decide, .recheck = auth_recheck };

/* The account and what it was, after the right was judged on it. */
static bg_err account_of(struct change_tx *tx, const struct change *change, const struct auth_session *session, int64_t id,
                         struct account_row *ret, bg_str *ret_before)
{
    BG_TRY(account_get(change_store(tx), change->city, id, change_arena(tx), ret));
    struct auth_target target = account_target(change->city, ret);
    BG_TRY(auth_need(session, AUTH_RIGHT_ACCOUNT_WRITE, &target, change_arena(tx)));
    return account_text(ret, change_arena(tx), ret_before);
}

static bg_err account_shown(struct change_tx *tx, struct change *change, int64_t id, const char *kind, bg_str before)
{
    struct account_row row;
    BG_TRY(account_get(change_store(tx), change->city, id, change_arena(tx), &row));
    account_json(&row, true, &change->reply);
    return record_change(tx, change, kind, "account", id, before, true);
}

static bg_err account_put_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_account_in *in = change->in;
    struct bg_arena *arena = change_arena(tx);
    struct account_row row;
    bg_str before;
    int64_t epoch;
    BG_TRY(account_of(tx, change, in->by.session, in->id, &row, &before));
    struct auth_target target = { .city = change->city, .district = in->district, .org = in->organisation };
    BG_TRY(auth_need(in->by.session, AUTH_RIGHT_ACCOUNT_WRITE, &target, arena));
    BG_TRY(account_check(change_store(tx), change->city, in, arena));
    BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
    BG_TRY(store_run(change_store(tx), SQL_AUTH_ACCOUNT_UPDATE,
                     ARGS(V_INT(change->city), V_INT(in->id), V_TEXT(in->name), V_TEXT(in->phone), v_id(in->organisation),
                          v_id(in->district), V_INT(epoch)),
                     NULL));
    return account_shown(tx, change, in->id, "account.changed", before);
}

const struct change_kind auth_account_put = { .name = "account.put", .decide = account_put_decide, .recheck = auth_recheck };

/* BG_AUTH_LAST_ADMIN unless another active administrator of the whole city remains without this grant and this account. */
bg_err other_admin(struct change_tx *tx, int64_t city, int64_t without_grant, int64_t without_account)
{
    int64_t others;
    BG_TRY(store_get_int(change_store(tx), SQL_AUTH_ACCOUNT_ADMINS,
                         ARGS(V_INT(city), V_INT(change_now(tx)), V_INT(without_grant), V_INT(without_account)), &others, NULL));
    return others > 0 ? BG_DONE : BG_FAIL(BG_AUTH_LAST_ADMIN);
}

static bg_err account_move_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_account_move_in *in = change->in;
    struct store_tx *store = change_store(tx);
    struct account_row row;
    bg_str before;
    int64_t epoch;
    BG_TRY(account_of(tx, change, in->by.session, in->id, &row, &before));
    BG_TRY(auth_apart(change->actor.account, in->id, "id"));
    if (in->disabled) {
        BG_TRY(other_admin(tx, change->city, 0, in->id));
        BG_TRY(store_run(store, SQL_AUTH_SESSION_END_ALL,
                         ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx)), V_TEXT(BG_STR("disabled")), V_INT(0)), NULL));
        BG_TRY(store_run(store, SQL_AUTH_LINK_END_OLDER, ARGS(V_INT(change->city), V_INT(in->id), V_INT(change_now(tx))), NULL));
    }
    bg_str state = in->disabled ? BG_STR("disabled") : row.password.len > 0 ? BG_STR("active") : BG_STR("invited");
    BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
    BG_TRY(store_run(store, SQL_AUTH_ACCOUNT_STATE, ARGS(V_INT(change->city), V_INT(in->id), V_TEXT(state), V_INT(epoch)), NULL));
    return account_shown(tx, change, in->id, in->disabled ? "account.disabled" : "account.enabled", before);
}

const struct change_kind auth_account_move = { .name = "account.move", .decide = account_move_decide, .recheck = auth_recheck };

/* --- links --- */

static void secret_make(struct auth *auth, enum token_kind kind, int64_t city, struct auth_secret *ret)
{
    struct token token;
    token_make(auth->env, kind, city, ret->text, &token);
    memcpy(ret->hash, token.hash, sizeof ret->hash);
}

void auth_link_make(struct auth *auth, int64_t city, struct auth_secret *ret)
{
    secret_make(auth, TOKEN_LINK, city, ret);
}

void auth_key_make(struct auth *auth, int64_t city, struct auth_secret *ret)
{
    secret_make(auth, TOKEN_KEY, city, ret);
}

static bg_err account_link_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_link_in *in = change->in;
    struct account_row row;
    bg_str before;
    BG_TRY(account_of(tx, change, in->by.session, in->account, &row, &before));
    BG_TRY(auth_apart(change->actor.account, in->account, "id"));
    if (bg_str_is(row.state, "disabled")) {
        return BG_FAIL_AT(BG_BAD_MOVE, "state");
    }
    bool first = bg_str_is(row.state, "invited");
    if (in->clear_factor) {
        int64_t epoch;
        BG_TRY(epoch_bump(tx, in->by.auth, change->city, &epoch));
        BG_TRY(store_run(change_store(tx), SQL_AUTH_FACTOR_CLEAR, ARGS(V_INT(change->city), V_INT(in->account), V_INT(epoch)), NULL));
        BG_TRY(store_run(change_store(tx), SQL_AUTH_RECOVERY_CLEAR, ARGS(V_INT(change->city), V_INT(in->account)), NULL));
        BG_TRY(record_change(tx, change, "factor.cleared", "account", in->account, (bg_str){ 0 }, false));
    }
    BG_TRY(link_insert(tx, change, first ? "invite" : "reset", in->account, in->link, LINK_DAYS * DAY_MS));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "account", in->account);
    bg_json_put_str(&change->reply, "purpose", first ? BG_STR("invite") : BG_STR("reset"));
    put_time(&change->reply, "ends_at", change_now(tx) + LINK_DAYS * DAY_MS);
    bg_json_object_end(&change->reply);
    return record_change(tx, change, first ? "account.invited" : "account.reset", "account", in->account, (bg_str){ 0 }, false);
}

const struct change_kind auth_account_link = { .name = "account.link", .decide = account_link_decide, .recheck = auth_recheck };
