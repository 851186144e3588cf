/* What is shown of people and rights: lists within the caller's scope, who am I, and why. */
#include "auth/inside.h"

#include <string.h>

/* --- accounts --- */

static void account_row_json(const struct auth_session *session, const struct account_row *row, struct bg_buf *out)
{
    struct auth_target target = account_target(session->city, row);
    bool whole = row->id == session->account || auth_may(session, AUTH_RIGHT_ACCOUNT_PRIVATE, &target, NULL);
    account_json(row, whole, out);
}

/* Reads until enough visible rows are written or the table is over; scopes narrower than the city make it read on. */
bg_err auth_account_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(8 << 20);
    struct auth_filter filter;
    int64_t shown = 0, after = page->after, read;
    BG_TRY(bg_need(arena));
    BG_TRY(auth_filter(session, AUTH_RIGHT_ACCOUNT_READ, arena, &filter));
    do {
        STORE_SCOPED_ROWS rows = NULL;
        bool more;
        BG_TRY(store_query(tx, SQL_AUTH_ACCOUNT_LIST, ARGS(V_INT(session->city), V_INT(after), V_INT(page->max)), &rows));
        BG_TRY(store_next(rows, &more));
        for (read = 0; more && shown < page->max; read++) {
            struct account_row row;
            BG_TRY(account_read(rows, arena, &row));
            struct auth_target target = account_target(session->city, &row);
            if (auth_filter_has(&filter, &target)) {
                account_row_json(session, &row, out);
                shown++;
            }
            after = row.id;
            BG_TRY(store_next(rows, &more));
        }
    } while (read == page->max && shown < page->max);
    page->last = shown == page->max ? after : 0;
    return BG_DONE;
}

bg_err auth_account_show(struct store_tx *tx, const struct auth_session *session, int64_t id, struct bg_arena *arena, struct bg_buf *out)
{
    struct account_row row;
    BG_TRY(account_get(tx, session->city, id, arena, &row));
    struct auth_target target = account_target(session->city, &row);
    if (id != session->account && !auth_may(session, AUTH_RIGHT_ACCOUNT_READ, &target, NULL)) {
        return BG_FAIL_AT(BG_NOT_FOUND, "account");
    }
    account_row_json(session, &row, out);
    return BG_DONE;
}

/* --- catalogues --- */

bg_err auth_organisation_list(struct store_tx *tx, const struct auth_session *session, bg_str kind, struct auth_page *page,
                              struct bg_buf *out)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t count = 0, after = page->after;
    BG_TRY(
        store_query(tx, SQL_AUTH_ORGANISATION_LIST, ARGS(V_INT(session->city), V_INT(page->after), V_TEXT(kind), V_INT(page->max)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct auth_organisation_in row = { .kind = store_text(rows, 1), .name_zh = store_text(rows, 2), .name_en = store_text(rows, 3),
                                            .credit_code = store_text(rows, 4), .district = store_int(rows, 5),
                                            .closed = bg_str_is(store_text(rows, 6), "closed") };
        after = store_int(rows, 0);
        organisation_json(after, &row, out);
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}

bg_err auth_district_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t count = 0, after = page->after;
    BG_TRY(store_query(tx, SQL_AUTH_DISTRICT_LIST, ARGS(V_INT(session->city), V_INT(page->after), V_INT(page->max)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        after = store_int(rows, 0);
        bg_json_object(out);
        bg_json_put_id(out, "id", after);
        bg_json_put_str(out, "kind", store_text(rows, 1));
        bg_json_put_str(out, "name_zh", store_text(rows, 2));
        bg_json_put_str(out, "name_en", store_text(rows, 3));
        bg_json_object_end(out);
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}

/* --- grants --- */

static bg_err scope_names(struct auth *auth, struct store_tx *tx, int64_t city, enum auth_scope scope, int64_t id, struct bg_arena *arena,
                          struct scope_found *ret)
{
    bg_err err = scope_find(auth, tx, city, scope, id, arena, ret);
    if (err.code == BG_BAD_INPUT) { /* it is no more: shown without a name */
        *ret = (struct scope_found){ .target = { .city = city }, .name_zh = { "", 0 }, .name_en = { "", 0 } };
        return BG_DONE;
    }
    return err;
}

static bg_err grant_row_json(struct auth *auth, struct store_tx *tx, struct store_rows *rows, int64_t city, struct bg_arena *arena,
                             struct bg_buf *out)
{
    int scope = auth_scope_of(store_text(rows, 3));
    struct scope_found found = { .name_zh = { "", 0 }, .name_en = { "", 0 } };
    if (scope >= 0) {
        BG_TRY(scope_names(auth, tx, city, (enum auth_scope)scope, store_int(rows, 4), arena, &found));
    }
    bg_json_object(out);
    bg_json_put_id(out, "id", store_int(rows, 0));
    bg_json_put_id(out, "account", store_int(rows, 1));
    bg_json_put_str(out, "role", store_text(rows, 2));
    bg_json_put_str(out, "scope_kind", store_text(rows, 3));
    bg_json_put_id(out, "scope_id", store_int(rows, 4));
    bg_json_put_str(out, "scope_name", found.name_zh);
    bg_json_put_str(out, "scope_name_en", found.name_en);
    put_time(out, "from", store_int(rows, 5));
    put_time(out, "to", row_time(rows, 6));
    put_id(out, "granted_by", store_int(rows, 7));
    put_time(out, "granted_at", store_int(rows, 8));
    bg_json_put_str(out, "reason", store_text(rows, 9));
    put_time(out, "ended_at", row_time(rows, 10));
    bg_json_object_end(out);
    return BG_DONE;
}

static bg_err account_visible(struct store_tx *tx, const struct auth_session *session, int64_t account, struct bg_arena *arena, bool *ret)
{
    struct account_row row;
    if (account == session->account) {
        *ret = true;
        return BG_DONE;
    }
    bg_err err = account_get(tx, session->city, account, arena, &row);
    if (err.code == BG_NOT_FOUND) {
        *ret = false;
        return BG_DONE;
    }
    BG_TRY(err);
    struct auth_target target = account_target(session->city, &row);
    *ret = auth_may(session, AUTH_RIGHT_ACCOUNT_READ, &target, NULL);
    return BG_DONE;
}

bg_err auth_grant_list(struct auth *auth, struct store_tx *tx, const struct auth_session *session, int64_t account, struct auth_page *page,
                       struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(8 << 20);
    STORE_SCOPED_ROWS rows = NULL;
    struct auth_target whole = { .city = session->city };
    bool more, visible = true, all = auth_may(session, AUTH_RIGHT_ACCOUNT_READ, &whole, NULL);
    int64_t count = 0, after = page->after;
    BG_TRY(bg_need(arena));
    if (account != 0) {
        BG_TRY(
            store_query(tx, SQL_AUTH_GRANT_OF_ACCOUNT, ARGS(V_INT(session->city), V_INT(account), V_INT(after), V_INT(page->max)), &rows));
    } else {
        BG_TRY(store_query(tx, SQL_AUTH_GRANT_LIST, ARGS(V_INT(session->city), V_INT(after), V_INT(page->max)), &rows));
    }
    BG_TRY(store_next(rows, &more));
    while (more) {
        if (!all) {
            BG_TRY(account_visible(tx, session, store_int(rows, 1), arena, &visible));
        }
        if (visible) {
            BG_TRY(grant_row_json(auth, tx, rows, session->city, arena, out));
        }
        after = store_int(rows, 0);
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}

/* --- sessions, devices, keys --- */

static void session_row_json(const struct auth_session *session, struct store_rows *rows, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", store_int(rows, 0));
    bg_json_put_id(out, "account", store_int(rows, 1));
    put_id(out, "device", store_int(rows, 2));
    bg_json_put_bool(out, "second_factor", store_int(rows, 3) != 0);
    bg_json_put_str(out, "origin", store_text(rows, 4));
    bg_json_put_str(out, "agent", store_text(rows, 5));
    put_time(out, "created_at", store_int(rows, 6));
    put_time(out, "seen_at", store_int(rows, 7));
    put_time(out, "ends_at", store_int(rows, 9));
    bg_json_put_bool(out, "present", store_int(rows, 0) == session->id);
    bg_json_object_end(out);
}

bg_err auth_session_list(struct store_tx *tx, const struct auth_session *session, int64_t account, struct auth_page *page,
                         struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    STORE_SCOPED_ROWS rows = NULL;
    bool more, visible;
    int64_t count = 0, after = page->after, whose = account == 0 ? session->account : account;
    BG_TRY(bg_need(arena));
    BG_TRY(account_visible(tx, session, whose, arena, &visible));
    if (!visible) {
        return BG_FAIL_AT(BG_NOT_FOUND, "account");
    }
    BG_TRY(store_query(tx, SQL_AUTH_SESSION_LIST,
                       ARGS(V_INT(session->city), V_INT(whose), V_INT(after), V_INT(session->now), V_INT(page->max)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        /* Idle ones have ended too; the store is at most a minute behind. */
        if (session->now - store_int(rows, 7) < store_int(rows, 8) + TOUCH_MS) {
            session_row_json(session, rows, out);
        }
        after = store_int(rows, 0);
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}

bg_err auth_device_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    STORE_SCOPED_ROWS rows = NULL;
    struct auth_filter filter;
    bool more;
    int64_t count = 0, after = page->after;
    BG_TRY(bg_need(arena));
    BG_TRY(auth_filter(session, AUTH_RIGHT_DEVICE_WRITE, arena, &filter));
    BG_TRY(store_query(tx, SQL_AUTH_DEVICE_LIST, ARGS(V_INT(session->city), V_INT(after), V_INT(page->max)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct auth_target target = { .city = session->city, .place = store_int(rows, 2) };
        after = store_int(rows, 0);
        if (auth_filter_has(&filter, &target)) {
            bg_json_object(out);
            bg_json_put_id(out, "id", after);
            bg_json_put_str(out, "name", store_text(rows, 1));
            put_id(out, "place", store_int(rows, 2));
            bg_json_put_str(out, "state", store_text(rows, 3));
            put_time(out, "created_at", store_int(rows, 4));
            put_time(out, "seen_at", row_time(rows, 6));
            bg_json_object_end(out);
        }
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}

bg_err auth_key_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4 << 20);
    STORE_SCOPED_ROWS rows = NULL;
    bool more, visible;
    int64_t count = 0, after = page->after;
    BG_TRY(bg_need(arena));
    BG_TRY(store_query(tx, SQL_AUTH_KEY_LIST, ARGS(V_INT(session->city), V_INT(after), V_INT(page->max)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct key_row row;
        key_read(rows, &row);
        BG_TRY(account_visible(tx, session, row.account, arena, &visible));
        if (visible) {
            key_json(&row, out);
        }
        after = row.id;
        count++;
        BG_TRY(store_next(rows, &more));
    }
    page->last = count == page->max ? after : 0;
    return BG_DONE;
}
