/* What proves a person: passwords set by link or by their owner, and the rules they must keep. */
#include "auth/inside.h"

#include <string.h>

/* --- rules --- */

bg_err password_words(struct store_tx *tx, int64_t city, const struct account_row *row, struct bg_arena *arena, bg_str **ret,
                      size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct auth_organisation_in organisation;
    bg_str *words = bg_arena_array(arena, 8, sizeof *words);
    size_t count = 0;
    bool more;
    BG_TRY(bg_need(words));
    words[count++] = row->login;
    words[count++] = row->name;
    BG_TRY(store_query(tx, SQL_AUTH_CITY_GET, ARGS(V_INT(city)), &rows));
    BG_TRY(store_next(rows, &more));
    if (more) {
        words[count++] = row_text(rows, 1, arena);
        words[count++] = row_text(rows, 2, arena);
    }
    if (row->organisation != 0 && !bg_failed(auth_organisation_get(tx, city, row->organisation, arena, &organisation))) {
        words[count++] = organisation.name_zh;
        words[count++] = organisation.name_en;
    }
    *ret = words;
    *ret_count = count;
    return BG_DONE;
}

static bg_err weak(const char *rule, size_t least, struct bg_arena *arena)
{
    return BG_FAIL_WITH(BG_AUTH_PASSWORD, "password", bg_arena_text(arena, "\"rule\":\"%s\",\"least\":%zu", rule, least));
}

bg_err password_check(struct store_tx *tx, int64_t city, const struct account_row *row, const struct policy *policy, bg_str password,
                      struct bg_arena *arena)
{
    struct password_context context = { .rules = policy->rules, .second_factor = row->factor };
    STORE_SCOPED_ROWS rows = NULL;
    bg_str *words;
    bool more;
    BG_TRY(password_words(tx, city, row, arena, &words, &context.word_count));
    context.words = words;
    const char *fault = password_fault(password, &context);
    if (fault != NULL) {
        return weak(fault, password_least(&context), arena);
    }
    if (policy->rules != PASSWORD_DENGBAO) {
        return BG_DONE;
    }
    if (password_holds(row->password, password)) {
        return weak("used-before", password_least(&context), arena);
    }
    BG_TRY(store_query(tx, SQL_AUTH_HISTORY_LIST, ARGS(V_INT(city), V_INT(row->id)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        if (password_holds(store_text(rows, 0), password)) {
            return weak("used-before", password_least(&context), arena);
        }
        BG_TRY(store_next(rows, &more));
    }
    return BG_DONE;
}

/* --- setting --- */

struct password_new {
    struct auth *auth;
    int64_t account, epoch;      /* epoch: of the account when it was looked at */
    bg_str hash;
    const uint8_t *link;         /* the link that allows it; NULL: the old password did */
    int64_t keep;                /* session to keep; -1: end none */
};

static bg_err use_link(struct change_tx *tx, const struct change *change, const struct password_new *in)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    int64_t used = 0;
    bg_ms now = change_now(tx);
    BG_TRY(store_query(change_store(tx), SQL_AUTH_LINK_LOAD, ARGS(V_INT(change->city), V_BYTES(in->link, 32)), &rows));
    BG_TRY(store_next(rows, &more));
    if (more && store_int(rows, 2) == in->account && store_int(rows, 5) > now && store_is_null(rows, 6)) {
        BG_TRY(store_run(change_store(tx), SQL_AUTH_LINK_USE, ARGS(V_INT(change->city), V_INT(store_int(rows, 0)), V_INT(now)), &used));
    }
    return used == 1 ? BG_DONE : BG_FAIL_AT(BG_AUTH_LINK, "token");
}

static bg_err password_decide(struct change_tx *tx, struct change *change)
{
    const struct password_new *in = change->in;
    struct store_tx *store = change_store(tx);
    struct account_row row;
    int64_t epoch;
    bg_ms now = change_now(tx);
    if (in->link != NULL) {
        BG_TRY(use_link(tx, change, in));
    }
    BG_TRY(account_get(store, change->city, in->account, change_arena(tx), &row));
    if (row.epoch != in->epoch || bg_str_is(row.state, "disabled")) {
        return BG_FAIL(BG_AUTH_CHANGED);
    }
    if (row.password.len > 0) {
        BG_TRY(store_run(store, SQL_AUTH_HISTORY_INSERT,
                         ARGS(V_INT(change->city), V_INT(in->account), V_INT(row.password_at), V_TEXT(row.password)), NULL));
    }
    if (in->keep >= 0) {
        BG_TRY(store_run(store, SQL_AUTH_SESSION_END_ALL,
                         ARGS(V_INT(change->city), V_INT(in->account), V_INT(now), V_TEXT(BG_STR("password")), V_INT(in->keep)), NULL));
    }
    BG_TRY(epoch_bump(tx, in->auth, change->city, &epoch));
    BG_TRY(store_run(store, SQL_AUTH_ACCOUNT_PASSWORD,
                     ARGS(V_INT(change->city), V_INT(in->account), V_TEXT(in->hash), V_INT(now), V_INT(0), V_INT(epoch)), NULL));
    return record_change(tx, change, "account.password-set", "account", in->account, (bg_str){ 0 }, false);
}

static bg_err password_write(struct auth *auth, struct password_new *in, int64_t city, struct journal_actor actor, bg_op_id op,
                             bg_str password, struct bg_arena *arena)
{
    static const struct change_kind kind = { .name = "account.password", .decide = password_decide };
    char hash[PASSWORD_HASH_SIZE];
    BG_TRY(password_hash(auth->env, password, hash));
    in->auth = auth;
    in->hash = bg_str_of(hash);
    return own_run(auth, &(struct own_change){ .kind = &kind, .in = in, .city = city, .actor = actor, .op = op }, arena, NULL);
}

bg_err auth_password_set(struct auth *auth, const struct auth_session *session, bg_str old, bg_str next, bool end_others, bg_op_id op)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    BG_TRY(bg_need(arena));
    struct account_row row, proved;
    struct policy policy;
    BG_TRY(own_password(auth, session, old, arena, &proved));
    {
        STORE_SCOPED_READ tx = NULL;
        BG_TRY(store_read_begin(auth->store, 2000, &tx));
        BG_TRY(account_get(tx, session->city, session->account, arena, &row));
        BG_TRY(policy_get(tx, session->city, &policy));
        BG_TRY(password_check(tx, session->city, &row, &policy, next, arena));
    }
    struct password_new in = { .account = row.id, .epoch = row.epoch, .keep = end_others ? session->id : -1 };
    return password_write(auth, &in, session->city, auth_actor(session), op, next, arena);
}

/* --- links --- */

struct link_found {
    struct token token;
    int64_t account;
    bg_str purpose;
    struct account_row row;
    struct policy policy;
};

static bg_err link_find(struct auth *auth, struct store_tx *tx, bg_str text, struct bg_arena *arena, struct link_found *ret,
                        struct auth_link_info *info)
{
    static const char *const purposes[] = { "first", "invite", "reset", "device", NULL };
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    *info = (struct auth_link_info){ .login = { "", 0 }, .name = { "", 0 }, .device_name = { "", 0 } };
    if (!token_parse(text, &ret->token) || ret->token.kind != TOKEN_LINK) {
        return BG_FAIL_AT(BG_AUTH_LINK, "token");
    }
    info->city = ret->token.city;
    BG_TRY(store_query(tx, SQL_AUTH_LINK_LOAD, ARGS(V_INT(info->city), V_BYTES(ret->token.hash, 32)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || store_int(rows, 5) <= bg_now(auth->env) || !store_is_null(rows, 6)) {
        return BG_FAIL_AT(BG_AUTH_LINK, "token");
    }
    for (int i = 0; purposes[i] != NULL; i++) {
        info->purpose = bg_str_is(store_text(rows, 1), purposes[i]) ? purposes[i] : info->purpose;
    }
    ret->account = store_int(rows, 2);
    info->device_name = row_text(rows, 3, arena);
    BG_TRY(policy_get(tx, info->city, &ret->policy));
    if (ret->account == 0) {
        return bg_need(info->device_name.at);
    }
    BG_TRY(account_get(tx, info->city, ret->account, arena, &ret->row));
    struct password_context context = { .rules = ret->policy.rules, .second_factor = ret->row.factor };
    info->login = ret->row.login;
    info->name = ret->row.name;
    info->least = password_least(&context);
    info->dengbao = ret->policy.rules == PASSWORD_DENGBAO;
    return BG_DONE;
}

bg_err auth_link_look(struct auth *auth, bg_str token, struct bg_arena *arena, struct auth_link_info *ret)
{
    STORE_SCOPED_READ tx = NULL;
    struct link_found found;
    struct auth_link_info info;
    BG_TRY(store_read_begin(auth->store, 2000, &tx));
    BG_TRY(link_find(auth, tx, token, arena, &found, &info));
    *ret = info;
    return BG_DONE;
}

bg_err auth_link_accept(struct auth *auth, bg_str token, bg_str password, const struct auth_login_in *from, struct bg_arena *arena,
                        struct auth_opened *ret)
{
    struct link_found found = { .account = 0 };
    struct auth_link_info info;
    {
        STORE_SCOPED_READ tx = NULL;
        BG_TRY(store_read_begin(auth->store, 2000, &tx));
        BG_TRY(link_find(auth, tx, token, arena, &found, &info));
        if (found.account == 0) {
            return BG_FAIL_AT(BG_AUTH_LINK, "token"); /* a device's code sets no password */
        }
        BG_TRY(password_check(tx, info.city, &found.row, &found.policy, password, arena));
    }
    struct password_new in = { .account = found.account, .epoch = found.row.epoch, .link = found.token.hash, .keep = 0 };
    struct journal_actor actor = { .account = found.account, .name = found.row.name, .origin = from->origin };
    BG_TRY(password_write(auth, &in, info.city, actor, (bg_op_id){ 0 }, password, arena));
    /* The link stands for the password, not for the second factor: an account that has one signs in with it. */
    if (found.row.factor) {
        struct auth_login_in again = *from;
        again.city = info.city;
        again.login = info.login;
        again.password = password;
        return auth_login(auth, &again, arena, ret);
    }
    struct session_new session = { .account = found.account, .epoch = -1, .factor_step = -1, .how = "link", .origin = from->origin,
                                   .agent = from->agent };
    return session_open(auth, info.city, &session, found.row.name, arena, ret);
}
