/* Inviting many at once: organisation, account, grant and link for each row, all or nothing. */
#include "auth/inside.h"

#include <string.h>

static bg_err row_error(bg_err err, const char *field)
{
    if (bg_failed(err)) {
        err.field = field;
    }
    return err;
}

static struct auth_target row_target(int64_t city, const struct auth_invite_row *row)
{
    return (struct auth_target){ .city = city, .district = row->district };
}

static struct auth_organisation_in row_organisation(bg_str kind, const struct auth_invite_row *row)
{
    return (struct auth_organisation_in){ .kind = kind, .name_zh = row->organisation, .name_en = row->organisation_en,
                                          .credit_code = row->credit_code, .district = row->district };
}

static bg_err row_check(struct store_tx *tx, const struct auth_session *session, bg_str kind, const struct auth_invite_row *row,
                        struct bg_arena *arena, bg_str *ret_login)
{
    struct auth_target target = row_target(session->city, row);
    struct auth_organisation_in organisation = row_organisation(kind, row);
    int scope = auth_scope_of(kind);
    BG_TRY(auth_need(session, AUTH_RIGHT_INVITE, &target, arena));
    BG_TRY(login_fold(row->login, arena, ret_login));
    BG_TRY(text_check(arena, "name", row->name, 1, 60));
    BG_TRY(text_check(arena, "phone", row->phone, 0, 20));
    BG_TRY(row_error(text_check(arena, "organisation", row->organisation, 1, 100), "organisation"));
    BG_TRY(organisation_check(tx, session->city, &organisation, arena));
    if (auth_role_infos[row->role].approver || row->role == AUTH_ROLE_AUDITOR || scope < 0 ||
        (auth_role_infos[row->role].scopes >> scope & 1) == 0) {
        return bad_input(arena, "role", "\"role\":\"%s\",\"rule\":\"not-by-invitation\"", auth_role_infos[row->role].slug);
    }
    return BG_DONE;
}

bg_err auth_invite_check(struct store_tx *tx, const struct auth_session *session, bg_str kind, const struct auth_invite_row *row,
                         struct bg_arena *arena)
{
    STORE_SCOPED_ROWS rows = NULL;
    bg_str login;
    bool more;
    BG_TRY(row_check(tx, session, kind, row, arena, &login));
    BG_TRY(store_query(tx, SQL_AUTH_ACCOUNT_BY_LOGIN, ARGS(V_INT(session->city), V_TEXT(login)), &rows));
    BG_TRY(store_next(rows, &more));
    return more ? BG_FAIL_AT(BG_CONFLICT, "login") : BG_DONE;
}

/* The organisation with this credit code, or a new one. */
static bg_err organisation_of(struct change_tx *tx, const struct change *change, bg_str kind, const struct auth_invite_row *row,
                              int64_t *ret)
{
    struct auth_organisation_in in = row_organisation(kind, row);
    STORE_SCOPED_ROWS rows = NULL;
    bool more = false;
    if (row->credit_code.len > 0) {
        BG_TRY(store_query(change_store(tx), SQL_AUTH_ORGANISATION_BY_CODE, ARGS(V_INT(change->city), V_TEXT(row->credit_code)), &rows));
        BG_TRY(store_next(rows, &more));
    }
    if (!more) {
        return organisation_write(tx, change->city, &in, ret);
    }
    *ret = store_int(rows, 0);
    return bg_str_eq(store_text(rows, 1), kind) ? BG_DONE : BG_FAIL_AT(BG_CONFLICT, "credit_code");
}

static bg_err invite_one(struct change_tx *tx, struct change *change, const struct auth_invite_in *in, const struct auth_invite_row *row)
{
    struct auth_account_in account = { .name = row->name, .phone = row->phone, .district = row->district };
    struct auth_grant_in grant = { .role = row->role, .scope = (enum auth_scope)auth_scope_of(in->kind), .to = BG_TIME_NONE,
                                   .reason = BG_STR("invitation") };
    bg_str login;
    int64_t id, grant_id;
    BG_TRY(row_check(change_store(tx), in->by.session, in->kind, row, change_arena(tx), &login));
    BG_TRY(organisation_of(tx, change, in->kind, row, &account.organisation));
    BG_TRY(account_insert(tx, change, login, &account, &id));
    grant.account = id;
    grant.scope_id = account.organisation;
    BG_TRY(grant_insert(tx, change, &grant, change_now(tx), &grant_id));
    BG_TRY(link_insert(tx, change, "invite", id, row->link, 30 * DAY_MS));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "account", id);
    bg_json_put_str(&change->reply, "login", login);
    bg_json_put_id(&change->reply, "organisation", account.organisation);
    bg_json_object_end(&change->reply);
    BG_SCOPED_BUF after = bg_buf_init(4096);
    bg_json_object(&after);
    bg_json_put_str(&after, "login", login);
    bg_json_put_str(&after, "name", row->name);
    bg_json_put_id(&after, "organisation", account.organisation);
    bg_json_put_str(&after, "role", bg_str_of(auth_role_infos[row->role].slug));
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    return change_record(
        tx, change,
        &(struct journal_entry){
            .kind = "account.invited", .object = "account", .id = id, .city = change->city, .after = bg_buf_str(&after), .persons = true });
}

static bg_err invite_decide(struct change_tx *tx, struct change *change)
{
    const struct auth_invite_in *in = change->in;
    if (in->count < 1 || in->count > 500) {
        return bad_input(change_arena(tx), "rows", "\"least\":1,\"most\":500");
    }
    bg_json_object(&change->reply);
    bg_json_key(&change->reply, "rows");
    bg_json_array(&change->reply);
    for (size_t i = 0; i < in->count; i++) {
        BG_TRY(invite_one(tx, change, in, &in->rows[i]));
    }
    bg_json_array_end(&change->reply);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}

const struct change_kind auth_invite = { .name = "account.invite", .decide = invite_decide, .recheck = auth_recheck };
