/* Rights in the store, on both engines: grants and their limits, the recheck inside changes, invitations, approvals, lists, why. */
#include "auth_bed.h"

static struct auth_by chief(struct auth_bed *b)
{
    return (struct auth_by){ b->auth, &b->chief.session };
}

static bg_err give(struct auth_bed *b, const struct auth_session *by, int64_t account, enum auth_role role, enum auth_scope scope,
                   int64_t scope_id)
{
    struct auth_grant_in in = { .by = { b->auth, by }, .account = account, .role = role, .scope = scope, .scope_id = scope_id,
                                .from = BG_TIME_NONE, .to = BG_TIME_NONE, .reason = BG_STR("test") };
    return auth_bed_run(b, by, &auth_grant_open, &in);
}

static void put_city(struct auth_bed *b, int64_t *ret_firm)
{
    int failed = 0;
    for (int64_t i = 120101; i <= 120116; i++) {
        struct auth_district_in district = { .by = chief(b), .id = i, .name_zh = BG_STR("区"), .name_en = BG_STR("district") };
        failed += bg_failed(auth_bed_run(b, &b->chief.session, &auth_district_put, &district));
    }
    struct auth_organisation_in firm = { .by = chief(b), .kind = BG_STR("enterprise"), .name_zh = BG_STR("天津示例防护用品有限公司"),
                                         .name_en = BG_STR("Example"), .credit_code = BG_STR("91350100M000100Y43"), .district = 120112 };
    failed += bg_failed(auth_bed_run(b, &b->chief.session, &auth_organisation_put, &firm));
    *ret_firm = auth_bed_id(b, "id");
    OK(failed == 0 && *ret_firm != 0, "%s: districts and an organisation", b->bed.name);
    OK(auth_bed_run(b, &b->chief.session, &auth_organisation_put, &firm).code == BG_CONFLICT, "%s: a credit code is one firm's",
       b->bed.name);
}

/* --- grants --- */

static void test_grants(struct auth_bed *b, int64_t firm)
{
    struct auth_opened keeper, second;
    const struct auth_session *admin = &b->chief.session;
    int64_t account = auth_bed_person(b, "keeper", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &keeper);
    OK(give(b, admin, account, AUTH_ROLE_KEEPER, AUTH_PLACE, 31).code == BG_CONFLICT, "%s: the same grant twice", b->bed.name);
    OK(give(b, admin, account, AUTH_ROLE_KEEPER, AUTH_CITY, b->city).code == BG_BAD_INPUT, "%s: a keeper keeps a place, not a city",
       b->bed.name);
    OK(give(b, admin, account, AUTH_ROLE_DEPOT, AUTH_DISTRICT, 120199).code == BG_BAD_INPUT, "%s: no such district", b->bed.name);
    OK(give(b, admin, account, AUTH_ROLE_ENTERPRISE, AUTH_ENTERPRISE, firm + 1).code == BG_BAD_INPUT, "%s: no such firm", b->bed.name);
    OK(give(b, admin, account, AUTH_ROLE_RECEIVER, AUTH_RECEIVER, firm).code == BG_BAD_INPUT, "%s: a firm is no receiver", b->bed.name);
    OK(give(b, admin, b->admin, AUTH_ROLE_KEEPER, AUTH_PLACE, 31).code == BG_AUTH_SELF, "%s: nobody grants to himself", b->bed.name);
    OK(give(b, admin, account, AUTH_ROLE_AUDITOR, AUTH_CITY, b->city).code == BG_AUTH_ROLES_APART, "%s: who works does not audit",
       b->bed.name);
    OK(give(b, &keeper.session, account, AUTH_ROLE_DEPOT, AUTH_PLACE, 31).code == BG_AUTH_DENIED, "%s: a keeper grants nothing",
       b->bed.name);

    struct auth_opened local;
    int64_t local_id = auth_bed_person(b, "district", AUTH_ROLE_ADMIN, AUTH_DISTRICT, 120112, &local);
    (void)auth_bed_factor(b, &local, NULL);
    struct auth_account_in in = {
        .by = { b->auth, &local.session }, .login = BG_STR("jinnan1"), .name = BG_STR("津南一"), .phone = { "", 0 }, .district = 120112
    };
    OK(!bg_failed(auth_bed_note(auth_bed_run(b, &local.session, &auth_account_open, &in), "local")),
       "%s: a district's administrator opens accounts there", b->bed.name);
    int64_t clerk = auth_bed_id(b, "id");
    in.login = BG_STR("heping1");
    in.district = 120101;
    OK(auth_bed_run(b, &local.session, &auth_account_open, &in).code == BG_AUTH_DENIED, "%s: not in another", b->bed.name);
    OK(!bg_failed(give(b, &local.session, clerk, AUTH_ROLE_DEPOT, AUTH_DISTRICT, 120112)), "%s: grants within it", b->bed.name);
    OK(give(b, &local.session, clerk, AUTH_ROLE_DEPOT, AUTH_DISTRICT, 120101).code == BG_AUTH_DENIED, "%s: not beyond it", b->bed.name);
    OK(give(b, &local.session, clerk, AUTH_ROLE_COMMANDER, AUTH_DISTRICT, 120112).code == BG_AUTH_DENIED, "%s: and no approvers",
       b->bed.name);
    OK(give(b, &local.session, account, AUTH_ROLE_DEPOT, AUTH_DISTRICT, 120112).code == BG_AUTH_DENIED, "%s: nor to the city's people",
       b->bed.name);
    (void)local_id;

    struct auth_grant last = b->chief.session.grants[0];
    struct auth_id_in end = { .by = chief(b), .id = last.id };
    OK(auth_bed_run(b, admin, &auth_grant_end, &end).code == BG_AUTH_LAST_ADMIN, "%s: the last administrator stays", b->bed.name);
    auth_bed_person(b, "second", AUTH_ROLE_ADMIN, AUTH_CITY, b->city, &second);
    struct auth_account_move_in move = { .by = chief(b), .id = b->admin, .disabled = true };
    OK(auth_bed_run(b, admin, &auth_account_move, &move).code == BG_AUTH_SELF, "%s: nobody disables himself", b->bed.name);
}

/* --- the recheck inside a change --- */

static bg_err note_decide(struct change_tx *tx, struct change *change)
{
    bg_json_object(&change->reply);
    bg_json_object_end(&change->reply);
    return change_record(tx, change, &(struct journal_entry){ .kind = "note.made", .object = "note", .id = 1, .city = change->city });
}
static bg_err no_work(struct change_tx *tx, const struct change *change)
{
    (void)tx;
    (void)change;
    return BG_DONE;
}
static bg_err no_batch_work(struct change_tx *tx)
{
    (void)tx;
    return BG_DONE;
}

static void test_recheck(struct auth_bed *b)
{
    static const struct change_family family = { "note", no_work, no_batch_work, no_batch_work };
    static const struct change_kind hot = { .name = "note.hot", .family = &family, .decide = note_decide, .recheck = auth_recheck };
    static const struct change_kind rare = { .name = "note.rare", .decide = note_decide, .recheck = auth_recheck };
    struct auth_opened keeper;
    struct auth_session before, other;
    int64_t account = auth_bed_person(b, "recheck", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &keeper);
    before = keeper.session;
    bg_op_id op = bg_op_id_make(&b->env);
    OK(!bg_failed(auth_bed_run(b, &before, &hot, NULL)) && !bg_failed(auth_bed_run(b, &before, &rare, NULL)), "%s: a change goes through",
       b->bed.name);
    bg_ignore(auth_bed_person(b, "bystander", AUTH_ROLE_KEEPER, AUTH_PLACE, 32, &(struct auth_opened){ 0 }) != 0 ? BG_DONE
                                                                                                                 : BG_FAIL(BG_INTERNAL));
    OK(!bg_failed(auth_bed_run(b, &before, &hot, NULL)), "%s: also after somebody else's rights changed", b->bed.name);
    bg_ignore(give(b, &b->chief.session, account, AUTH_ROLE_DEPOT, AUTH_PLACE, 31));
    OK(auth_bed_run_op(b, &before, &hot, NULL, op).code == BG_AUTH_CHANGED, "%s: judged on rights that are no more", b->bed.name);
    bg_ignore(auth_bed_check(b, keeper.token, &other));
    OK(other.grant_count == 2 && !bg_failed(auth_bed_run_op(b, &other, &hot, NULL, op)) && !b->replayed,
       "%s: the same operation again, on the new ones", b->bed.name);
    bg_ignore(auth_logout(b->auth, &other));
    OK(auth_bed_run(b, &other, &hot, NULL).code == BG_AUTH_ENDED && auth_bed_run(b, &other, &rare, NULL).code == BG_AUTH_ENDED,
       "%s: a session that ended changes nothing", b->bed.name);
    OK(auth_bed_run_op(b, &other, &hot, NULL, op).code == BG_OK && b->replayed, "%s: but hears again what was done", b->bed.name);
}

/* --- invitations --- */

#define INVITED 1200

static void test_invitations(struct auth_bed *b)
{
    struct auth_invite_row *rows = bg_arena_array(b->arena, INVITED, sizeof *rows);
    struct auth_secret *links = bg_arena_array(b->arena, INVITED, sizeof *links);
    int good = 0;
    for (int i = 0; i < INVITED; i++) {
        auth_link_make(b->auth, b->city, &links[i]);
        rows[i] = (struct auth_invite_row){ .login = bg_str_of(bg_arena_text(b->arena, "firm%04d", i)),
                                            .name = BG_STR("填报人"),
                                            .phone = BG_STR("13900000000"),
                                            .organisation = bg_str_of(bg_arena_text(b->arena, "示例企业%04d", i)),
                                            .organisation_en = { "", 0 },
                                            .credit_code = bg_str_of(bg_arena_text(b->arena, "91120000X%09d", i / 2)),
                                            .district = 120112,
                                            .role = AUTH_ROLE_ENTERPRISE,
                                            .link = links[i].hash };
    }
    for (int i = 0; i < INVITED; i += 400) {
        struct auth_invite_in in = { .by = chief(b), .kind = BG_STR("enterprise"), .rows = rows + i, .count = 400 };
        good += !bg_failed(auth_bed_note(auth_bed_run(b, &b->chief.session, &auth_invite, &in), "invite"));
    }
    OK(good == 3, "%s: %d firms invited", b->bed.name, INVITED);
    struct auth_opened opened;
    struct auth_session session;
    OK(!bg_failed(auth_bed_note(auth_bed_accept(b, links[777].text, "a firm that sews gowns", &opened), "accept")) &&
           bg_str_is(opened.session.login, "firm0777") && opened.session.grant_count == 1 &&
           opened.session.grants[0].scope == AUTH_ENTERPRISE,
       "%s: each with a link of its own", b->bed.name);
    struct auth_target own = { .city = b->city, .org = opened.session.grants[0].scope_id }, other = { .city = b->city, .org = own.org + 1 };
    bg_ignore(auth_bed_check(b, opened.token, &session));
    OK(auth_may(&session, AUTH_RIGHT_ITEM_READ, &own, NULL) && !auth_may(&session, AUTH_RIGHT_STOCK_READ, &other, NULL),
       "%s: for its own firm", b->bed.name);
    struct auth_invite_in again = { .by = chief(b), .kind = BG_STR("enterprise"), .rows = rows, .count = 1 };
    bg_err err = auth_bed_run(b, &b->chief.session, &auth_invite, &again);
    OK(err.code == BG_CONFLICT && bg_str_is(bg_str_of(err.field), "login"), "%s: a login is invited once", b->bed.name);
    rows[0].role = AUTH_ROLE_ADMIN;
    rows[0].login = BG_STR("climber");
    OK(auth_bed_run(b, &b->chief.session, &auth_invite, &again).code == BG_BAD_INPUT, "%s: and no administrator by invitation",
       b->bed.name);
}

/* --- approvals --- */

struct ask {
    struct auth_approval approval;
    uint8_t digest[32];
    int64_t id;
};
static bg_err ask_decide(struct change_tx *tx, struct change *change)
{
    const struct ask *in = change->in;
    struct auth_approval approval = in->approval;
    BG_TRY(auth_approval_open(tx, change, &approval));
    bg_json_object(&change->reply);
    bg_json_put_id(&change->reply, "approval", approval.id);
    bg_json_object_end(&change->reply);
    return BG_DONE;
}
static bg_err do_decide(struct change_tx *tx, struct change *change)
{
    const struct ask *in = change->in;
    BG_TRY(auth_approval_use(tx, change, in->id, in->digest));
    return note_decide(tx, change);
}

static void test_approvals(struct auth_bed *b)
{
    static const struct change_kind ask = { .name = "level.ask", .decide = ask_decide, .recheck = auth_recheck };
    static const struct change_kind act = { .name = "level.do", .decide = do_decide, .recheck = auth_recheck };
    struct auth_opened one, two, keeper;
    auth_bed_person(b, "head1", AUTH_ROLE_COMMANDER, AUTH_CITY, b->city, &one);
    auth_bed_person(b, "head2", AUTH_ROLE_COMMANDER, AUTH_CITY, b->city, &two);
    auth_bed_person(b, "bystander2", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &keeper);
    (void)auth_bed_factor(b, &one, NULL);
    (void)auth_bed_factor(b, &two, NULL);
    struct ask in = { .approval = { .kind = "level.change", .object = "level", .object_id = 3, .summary_zh = BG_STR("四级转三级"),
                                    .summary_en = BG_STR("level 4 to 3"), .digest = { 1, 2, 3 }, .needed = 1, .ends_at = BG_TIME_NONE },
                      .digest = { 1, 2, 3 } };
    OK(!bg_failed(auth_bed_run(b, &one.session, &ask, &in)), "%s: one asks", b->bed.name);
    in.id = auth_bed_id(b, "approval");
    struct auth_vote_in vote = { .by = { b->auth, &one.session }, .id = in.id, .agrees = true, .note = BG_STR("") };
    OK(auth_bed_run(b, &one.session, &act, &in).code == BG_AUTH_UNAPPROVED, "%s: asking is not doing", b->bed.name);
    OK(auth_bed_run(b, &one.session, &auth_approval_vote, &vote).code == BG_AUTH_SELF, "%s: nor approving", b->bed.name);
    vote.by.session = &keeper.session;
    OK(auth_bed_run(b, &keeper.session, &auth_approval_vote, &vote).code == BG_AUTH_DENIED, "%s: nor may anybody", b->bed.name);
    vote.by.session = &two.session;
    OK(!bg_failed(auth_bed_run(b, &two.session, &auth_approval_vote, &vote)) && auth_bed_says(b, "\"state\":\"approved\""),
       "%s: another agrees", b->bed.name);
    OK(auth_bed_run(b, &two.session, &auth_approval_vote, &vote).code == BG_BAD_MOVE, "%s: what is decided stays", b->bed.name);
    in.digest[0] = 9;
    OK(auth_bed_run(b, &one.session, &act, &in).code == BG_AUTH_UNAPPROVED, "%s: something else was approved", b->bed.name);
    in.digest[0] = 1;
    OK(!bg_failed(auth_bed_run(b, &one.session, &act, &in)), "%s: this was", b->bed.name);
    OK(auth_bed_run(b, &one.session, &act, &in).code == BG_AUTH_UNAPPROVED, "%s: once", b->bed.name);

    in.approval.needed = 2;
    bg_ignore(auth_bed_run(b, &one.session, &ask, &in));
    vote.id = in.id = auth_bed_id(b, "approval");
    OK(!bg_failed(auth_bed_run(b, &two.session, &auth_approval_vote, &vote)) && auth_bed_says(b, "\"state\":\"open\""),
       "%s: two are needed", b->bed.name);
    OK(auth_bed_run(b, &two.session, &auth_approval_vote, &vote).code == BG_AUTH_SELF, "%s: one person is not two", b->bed.name);
    struct auth_id_in withdraw = { .by = { b->auth, &two.session }, .id = in.id };
    OK(auth_bed_run(b, &two.session, &auth_approval_withdraw, &withdraw).code == BG_NOT_FOUND, "%s: only the asker withdraws", b->bed.name);
    OK(!bg_failed(auth_bed_run(b, &one.session, &auth_approval_withdraw, &withdraw)), "%s: and does", b->bed.name);
    bg_ignore(auth_bed_run(b, &one.session, &ask, &in));
    vote.id = auth_bed_id(b, "approval");
    b->sim.now += 25 * HOUR_MS;
    struct auth_session later = one.session;
    later.now = b->sim.now;
    {
        STORE_SCOPED_READ tx = NULL;
        BG_SCOPED_BUF open = bg_buf_init(1 << 16);
        BG_SCOPED_BUF lapsed = bg_buf_init(1 << 16);
        struct auth_page page = { .max = 50 };
        bg_ignore(store_read_begin(b->store, 0, &tx));
        bg_ignore(auth_bed_note(auth_approval_list(tx, &later, BG_STR("open"), &page, &open), "open"));
        bg_ignore(auth_bed_note(auth_approval_list(tx, &later, BG_STR("lapsed"), &page, &lapsed), "lapsed"));
        OK(open.len == 0 && lapsed.at != NULL && memmem(lapsed.at, lapsed.len, "\"state\":\"lapsed\"", 16) != NULL,
           "%s: a day later it has lapsed", b->bed.name);
    }
    b->sim.now -= 25 * HOUR_MS;
    OK(bg_machine_sound(&auth_approval_machine), "the table of states is sound");
}

/* --- lists and why --- */

static void test_lists(struct auth_bed *b)
{
    struct auth_opened keeper;
    auth_bed_person(b, "lists", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &keeper);
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_BUF out = bg_buf_init(4 << 20);
    struct auth_page page = { .max = 100 };
    bg_ignore(store_read_begin(b->store, 0, &tx));
    int pages = 0;
    int64_t accounts = 0, all;
    do {
        bg_buf_clear(&out);
        bg_ignore(auth_account_list(tx, &b->chief.session, &page, &out));
        for (const char *at = out.at; at != NULL && (at = memmem(at, out.len - (size_t)(at - out.at), "\"login\"", 7)) != NULL; at++) {
            accounts++;
        }
        page.after = page.last;
        pages++;
    } while (page.last != 0 && pages < 100);
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    bg_ignore(store_query_text(tx, "SELECT count(*) FROM account", NO_ARGS, &rows));
    bg_ignore(store_next(rows, &more));
    all = store_int(rows, 0);
    OK(accounts == all && all > INVITED, "%s: %lld accounts on %d pages", b->bed.name, (long long)accounts, pages);
    bg_buf_clear(&out);
    page = (struct auth_page){ .max = 100 };
    bg_ignore(auth_account_list(tx, &keeper.session, &page, &out));
    OK(out.len == 0, "%s: a keeper sees nobody", b->bed.name);
    bg_ignore(auth_account_show(tx, &keeper.session, keeper.session.account, b->arena, &out));
    OK(memmem(out.at, out.len, "13812345678", 11) != NULL, "%s: but himself", b->bed.name);
    bg_err err = auth_account_show(tx, &keeper.session, b->admin, b->arena, &out);
    OK(err.code == BG_NOT_FOUND, "%s: others are not there", b->bed.name);
}

static void test_masked(struct auth_bed *b)
{
    struct auth_opened auditor, keeper;
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_BUF out = bg_buf_init(1 << 20);
    int64_t id = auth_bed_person(b, "masked", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &keeper);
    auth_bed_person(b, "auditor", AUTH_ROLE_AUDITOR, AUTH_CITY, b->city, &auditor);
    bg_ignore(store_read_begin(b->store, 0, &tx));
    bg_ignore(auth_bed_note(auth_account_show(tx, &auditor.session, id, b->arena, &out), "show"));
    OK(out.at != NULL && memmem(out.at, out.len, "138****5678", 11) != NULL, "%s: the auditor sees a masked telephone", b->bed.name);
    bg_buf_clear(&out);
    struct auth_target place = { .place = 31 };
    bg_ignore(auth_bed_note(auth_why(b->auth, tx, &auditor.session, AUTH_RIGHT_LEDGER_POST, &place, id, b->arena, &out), "why"));
    OK(out.at != NULL && memmem(out.at, out.len, "\"may\":true", 10) != NULL && memmem(out.at, out.len, "\"keeper\"", 8) != NULL,
       "%s: and asks why somebody may", b->bed.name);
    bg_buf_clear(&out);
    bg_ignore(auth_why(b->auth, tx, &keeper.session, AUTH_RIGHT_LEDGER_POST, &(struct auth_target){ .place = 32 }, 0, b->arena, &out));
    OK(out.at != NULL && memmem(out.at, out.len, "\"reason\":\"out-of-scope\"", 23) != NULL && memmem(out.at, out.len, "管理员", 9) != NULL,
       "%s: one is told why not, and whom to ask", b->bed.name);
    OK(auth_why(b->auth, tx, &keeper.session, AUTH_RIGHT_LEDGER_POST, &place, b->admin, b->arena, &out).code == BG_AUTH_DENIED,
       "%s: but nothing about others", b->bed.name);
    bg_buf_clear(&out);
    bg_ignore(auth_me(b->auth, tx, &keeper.session, b->arena, &out));
    OK(out.at != NULL && memmem(out.at, out.len, "\"ledger.post\"", 13) != NULL && memmem(out.at, out.len, "\"grant.write\"", 13) == NULL &&
           memmem(out.at, out.len, "天津市", 9) != NULL, "%s: /me tells who, where and what", b->bed.name);
}

static void suite(enum bed_kind kind)
{
    int64_t firm;
    struct auth_bed *b = auth_bed_open(kind);
    put_city(b, &firm);
    test_grants(b, firm);
    test_recheck(b);
    test_invitations(b);
    test_approvals(b);
    test_lists(b);
    test_masked(b);
    struct journal_report report;
    bg_ignore(auth_bed_note(journal_verify(b->store, NULL, &report), "verify"));
    OK(report.intact && report.entries > INVITED, "%s: every change is in the journal (%lld entries)", b->bed.name,
       (long long)report.entries);
    auth_bed_done(b);
}

int main(void)
{
    suite(BED_SQLITE);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES);
    } else {
        SKIP("BAOGONG_TEST_PG is not set: PostgreSQL was not tried");
    }
    return TAP_DONE();
}
