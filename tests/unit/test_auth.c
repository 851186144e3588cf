/* Signing in and staying in, on both engines: first run, links, passwords, second factor, throttling, sessions, keys, devices. */
#include "auth_bed.h"

static enum bg_code login_code(struct auth_bed *b, const char *login, const char *password, const char *code, const char *origin)
{
    struct auth_opened opened;
    return auth_bed_login(b, login, password, code, origin, &opened).code;
}

/* --- first run --- */

static void test_first_run(enum bed_kind kind)
{
    struct auth_bed *b = bg_heap_get(sizeof *b);
    char first[72], second[72], third[72];
    struct auth_opened opened;
    struct auth_link_info info;
    b->bed = bed_make(kind);
    b->env = bg_env_seeded(&b->sim, 3, AUTH_BED_START);
    bg_idgen_init(&b->ids, &b->env, 1);
    b->arena = bg_arena_open(16 << 20);
    auth_bed_open_again(b);
    struct auth_first city = { BG_STR("120000"), BG_STR("天津市"), BG_STR("Tianjin"), 480 };
    OK(!bg_failed(auth_first_run(b->auth, &city, first)) && first[0] != '\0', "%s: the first run gives a link", b->bed.name);
    OK(!bg_failed(auth_first_run(b->auth, &city, second)) && strcmp(first, second) != 0, "%s: each start a new one", b->bed.name);
    OK(auth_bed_accept(b, first, "a river runs to the sea", &opened).code == BG_AUTH_LINK, "%s: the older is dead", b->bed.name);
    OK(!bg_failed(auth_link_look(b->auth, bg_str_of(second), b->arena, &info)) && bg_str_is(info.login, "admin") && info.least == 15,
       "%s: a link says whose it is and what a password needs", b->bed.name);
    OK(auth_bed_accept(b, second, "admin admin admin", &opened).code == BG_AUTH_PASSWORD, "%s: a weak password leaves it usable",
       b->bed.name);
    OK(!bg_failed(auth_bed_accept(b, second, "a river runs to the sea", &opened)), "%s: a good one signs in", b->bed.name);
    OK(auth_bed_accept(b, second, "a river runs to the sea", &opened).code == BG_AUTH_LINK, "%s: a link works once", b->bed.name);
    OK(!bg_failed(auth_first_run(b->auth, &city, third)) && third[0] == '\0', "%s: with an administrator there is no more link",
       b->bed.name);
    b->sim.now += 25 * HOUR_MS;
    OK(login_code(b, "admin", "admin", "", "10.0.0.1") == BG_AUTH_BAD_LOGIN, "%s: there is no default password", b->bed.name);
    auth_bed_close(b);
    bg_arena_close(b->arena);
    bed_done(&b->bed);
    bg_heap_free(b);
}

/* --- signing in --- */

static void test_login(struct auth_bed *b)
{
    struct auth_opened keeper, opened;
    struct auth_session session;
    auth_bed_person(b, "zhangmin", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &keeper);
    OK(login_code(b, "nobody", AUTH_BED_PASSWORD, "", "10.0.0.2") == BG_AUTH_BAD_LOGIN, "%s: an unknown name", b->bed.name);
    OK(login_code(b, "zhangmin", "seven boxes of mask", "", "10.0.0.2") == BG_AUTH_BAD_LOGIN, "%s: a wrong password: the same answer",
       b->bed.name);
    OK(login_code(b, "zhangmin", "Seven boxes of masks", "", "10.0.0.2") == BG_AUTH_BAD_LOGIN, "%s: case counts", b->bed.name);
    OK(login_code(b, "zhangmin", AUTH_BED_PASSWORD " ", "", "10.0.0.2") == BG_AUTH_BAD_LOGIN, "%s: nothing is cut", b->bed.name);
    OK(login_code(b, "x", "y", "", "10.0.0.2") == BG_AUTH_BAD_LOGIN, "%s: a name that can not be: the same answer", b->bed.name);
    OK(!bg_failed(auth_bed_login(b, "ZhangMin", AUTH_BED_PASSWORD, "", "10.0.0.2", &opened)), "%s: the name is folded", b->bed.name);
    OK(opened.failures == 3 + 3, "%s: and the failures since are told", b->bed.name);
    OK(strcmp(opened.token, keeper.token) != 0, "%s: every sign-in has a new token", b->bed.name);
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)) && bg_str_is(session.login, "zhangmin") && session.grant_count == 1,
       "%s: the token is the session", b->bed.name);
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)) && bg_str_is(session.origin, "10.0.0.1"), "%s: again, from memory",
       b->bed.name);
    OK(auth_bed_check(b, "", &session).code == BG_AUTH_NONE, "%s: no token", b->bed.name);
    opened.token[20] = opened.token[20] == 'A' ? 'B' : 'A';
    OK(auth_bed_check(b, opened.token, &session).code == BG_AUTH_ENDED, "%s: another token", b->bed.name);
    OK(auth_bed_check(b, "bgs_fffffff_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &session).code == BG_AUTH_ENDED,
       "%s: a token of a city that is not here", b->bed.name);
}

static void test_session_ends(struct auth_bed *b)
{
    struct auth_opened first, second;
    struct auth_session session, live;
    int64_t account = auth_bed_person(b, "liwei", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &first);
    bg_ignore(auth_bed_login(b, "liwei", AUTH_BED_PASSWORD, "", "10.0.0.3", &second));
    OK(!bg_failed(auth_bed_check(b, first.token, &session)) && !bg_failed(auth_bed_check(b, second.token, &live)), "%s: two sessions",
       b->bed.name);
    OK(auth_alive(b->auth, &live), "%s: a live stream goes on", b->bed.name);
    OK(!bg_failed(auth_logout(b->auth, &session)), "%s: signing out of one", b->bed.name);
    OK(auth_bed_check(b, first.token, &session).code == BG_AUTH_ENDED, "%s: ends it here", b->bed.name);
    OK(!bg_failed(auth_bed_check(b, second.token, &session)) && auth_alive(b->auth, &live), "%s: and not the other", b->bed.name);
    OK(!bg_failed(auth_logout(b->auth, &first.session)), "%s: signing out twice is no mistake", b->bed.name);
    struct auth_sessions_end_in end = { .by = { b->auth, &b->chief.session }, .account = account };
    OK(!bg_failed(auth_bed_run(b, &b->chief.session, &auth_sessions_end, &end)) && auth_bed_says(b, "\"ended\":1"),
       "%s: an administrator ends what is left", b->bed.name);
    OK(auth_bed_check(b, second.token, &session).code == BG_AUTH_ENDED && !auth_alive(b->auth, &live),
       "%s: at once, on the live stream too", b->bed.name);

    bg_ignore(auth_bed_login(b, "liwei", AUTH_BED_PASSWORD, "", "10.0.0.3", &first));
    struct auth_account_move_in move = { .by = { b->auth, &b->chief.session }, .id = account, .disabled = true };
    OK(!bg_failed(auth_bed_check(b, first.token, &session)) && !bg_failed(auth_bed_run(b, &b->chief.session, &auth_account_move, &move)) &&
           auth_bed_check(b, first.token, &session).code == BG_AUTH_ENDED, "%s: disabling ends all", b->bed.name);
    OK(login_code(b, "liwei", AUTH_BED_PASSWORD, "", "10.0.0.3") == BG_AUTH_BAD_LOGIN, "%s: and lets nobody in again", b->bed.name);
    move.disabled = false;
    OK(!bg_failed(auth_bed_run(b, &b->chief.session, &auth_account_move, &move)) &&
           auth_bed_check(b, first.token, &session).code == BG_AUTH_ENDED &&
           login_code(b, "liwei", AUTH_BED_PASSWORD, "", "10.0.0.3") == BG_OK,
       "%s: enabling lets sign in, old sessions stay ended", b->bed.name);
}

static void test_time_limits(struct auth_bed *b)
{
    struct auth_opened opened;
    struct auth_session session;
    auth_bed_person(b, "wangfang", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &opened);
    b->sim.now += 29 * MINUTE_MS;
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)), "%s: 29 minutes idle", b->bed.name);
    b->sim.now += 29 * MINUTE_MS;
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)), "%s: and again", b->bed.name);
    b->sim.now += 31 * MINUTE_MS;
    OK(auth_bed_check(b, opened.token, &session).code == BG_AUTH_ENDED, "%s: 31 minutes are too many", b->bed.name);
    bg_ignore(auth_bed_login(b, "wangfang", AUTH_BED_PASSWORD, "", "10.0.0.1", &opened));
    int good = 0;
    for (int i = 0; i < 24 * 13; i++) {
        good += !bg_failed(auth_bed_check(b, opened.token, &session));
        b->sim.now += 150 * 1000;
    }
    OK(good == 24 * 12, "%s: twelve hours in all, however busy (%d)", b->bed.name, good);
}

static void test_restart(struct auth_bed *b)
{
    struct auth_opened opened;
    struct auth_session session;
    auth_bed_person(b, "chenjie", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &opened);
    auth_bed_close(b);
    auth_bed_open_again(b);
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)) && session.grant_count == 1, "%s: sessions outlive a restart", b->bed.name);
}

/* --- passwords --- */

static void test_password(struct auth_bed *b)
{
    struct auth_opened opened, other;
    struct auth_session session;
    int64_t account = auth_bed_person(b, "zhaolei", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &opened);
    bg_ignore(auth_bed_login(b, "zhaolei", AUTH_BED_PASSWORD, "", "10.0.0.9", &other));
    OK(auth_password_set(b->auth, &opened.session, BG_STR("not the old one"), BG_STR("nine pallets of gowns"), false,
                         bg_op_id_make(&b->env))
               .code == BG_AUTH_WRONG_PASSWORD,
       "%s: changing needs the old password", b->bed.name);
    OK(auth_password_set(b->auth, &opened.session, BG_STR(AUTH_BED_PASSWORD), BG_STR("short"), false, bg_op_id_make(&b->env)).code ==
           BG_AUTH_PASSWORD,
       "%s: and keeps the rules", b->bed.name);
    OK(!bg_failed(auth_password_set(b->auth, &opened.session, BG_STR(AUTH_BED_PASSWORD), BG_STR("nine pallets of gowns"), true,
                                    bg_op_id_make(&b->env))), "%s: a good one is taken", b->bed.name);
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)) && auth_bed_check(b, other.token, &session).code == BG_AUTH_ENDED,
       "%s: the other sessions end when asked", b->bed.name);
    OK(login_code(b, "zhaolei", AUTH_BED_PASSWORD, "", "10.0.0.9") == BG_AUTH_BAD_LOGIN &&
           login_code(b, "zhaolei", "nine pallets of gowns", "", "10.0.0.9") == BG_OK,
       "%s: only the new one signs in", b->bed.name);
    struct auth_secret link;
    auth_link_make(b->auth, b->city, &link);
    struct auth_link_in reset = { .by = { b->auth, &b->chief.session }, .account = account, .link = link.hash };
    OK(!bg_failed(auth_bed_run(b, &b->chief.session, &auth_account_link, &reset)) && auth_bed_says(b, "\"purpose\":\"reset\""),
       "%s: an administrator gives a link, never a password", b->bed.name);
    OK(!bg_failed(auth_bed_accept(b, link.text, "twelve ships of gloves", &other)) &&
           auth_bed_check(b, opened.token, &session).code == BG_AUTH_ENDED,
       "%s: it sets a new one and ends what was open", b->bed.name);
    auth_link_make(b->auth, b->city, &link);
    bg_ignore(auth_bed_note(auth_bed_run(b, &b->chief.session, &auth_account_link, &reset), "link"));
    b->sim.now += 8 * 24 * HOUR_MS;
    OK(auth_bed_accept(b, link.text, "twelve trucks of gloves", &other).code == BG_AUTH_LINK, "%s: a link lives seven days", b->bed.name);
}

static void chief_again(struct auth_bed *b)
{
    char code[7];
    b->sim.now += TOTP_STEP_MS * 2;
    auth_bed_code(b, (const char *)b->factor, code);
    bg_err err = auth_bed_login(b, "admin", "a river runs to the sea", code, "10.0.0.1", &b->chief);
    if (bg_failed(err)) {
        printf("# administrator: %s\n", bg_errors[err.code].slug);
    }
}

static void test_dengbao(struct auth_bed *b)
{
    struct auth_opened opened;
    struct auth_session session;
    struct auth_why why;
    struct auth_target own = { .city = b->city, .place = 31 };
    chief_again(b);
    struct auth_policy_in policy = { .by = { b->auth, &b->chief.session }, .dengbao = true, .factor = true, .idle_min = 30,
                                     .device_idle_min = 480, .session_min = 720 };
    bg_err err = auth_bed_run(b, &b->chief.session, &auth_policy_put, &policy);
    OK(!bg_failed(err), "%s: the city takes the rules of dengbao", b->bed.name);
    bg_ignore(auth_bed_check(b, b->chief.token, &b->chief.session));
    struct auth_secret link;
    auth_link_make(b->auth, b->city, &link);
    struct auth_account_in in = {
        .by = { b->auth, &b->chief.session }, .login = BG_STR("sunli"), .name = BG_STR("孙丽"), .phone = BG_STR(""), .link = link.hash
    };
    bg_ignore(auth_bed_run(b, &b->chief.session, &auth_account_open, &in));
    int64_t id = auth_bed_id(b, "id");
    OK(auth_bed_accept(b, link.text, AUTH_BED_PASSWORD, &opened).code == BG_AUTH_PASSWORD, "%s: which asks for kinds of characters",
       b->bed.name);
    OK(!bg_failed(auth_bed_accept(b, link.text, "Rain9 drops fall", &opened)), "%s: and takes them", b->bed.name);
    struct auth_grant_in grant = { .by = { b->auth, &b->chief.session }, .account = id, .role = AUTH_ROLE_KEEPER, .scope = AUTH_PLACE,
                                   .scope_id = 31, .from = BG_TIME_NONE, .to = BG_TIME_NONE, .reason = BG_STR("") };
    bg_ignore(auth_bed_run(b, &b->chief.session, &auth_grant_open, &grant));
    OK(auth_password_set(b->auth, &opened.session, BG_STR("Rain9 drops fall"), BG_STR("Rain9 drops fall"), false, bg_op_id_make(&b->env))
               .code == BG_AUTH_PASSWORD,
       "%s: not the same again", b->bed.name);
    b->sim.now += 91 * 24 * HOUR_MS;
    bg_ignore(auth_bed_login(b, "sunli", "Rain9 drops fall", "", "10.0.0.1", &opened));
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)) && !auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, &why) &&
           why.reason == AUTH_MUST_CHANGE, "%s: after 90 days it must be changed first", b->bed.name);
    OK(!bg_failed(
           auth_password_set(b->auth, &session, BG_STR("Rain9 drops fall"), BG_STR("Snow8 flakes fall"), false, bg_op_id_make(&b->env))) &&
           !bg_failed(auth_bed_check(b, opened.token, &session)) && auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, &why),
       "%s: and then work goes on", b->bed.name);
    OK(auth_password_set(b->auth, &session, BG_STR("Snow8 flakes fall"), BG_STR("Rain9 drops fall"), false, bg_op_id_make(&b->env)).code ==
           BG_AUTH_PASSWORD, "%s: nor one of the last five", b->bed.name);
    chief_again(b);
    policy.dengbao = false;
    policy.by.session = &b->chief.session;
    bg_ignore(auth_bed_run(b, &b->chief.session, &auth_policy_put, &policy));
    bg_ignore(auth_bed_check(b, b->chief.token, &b->chief.session));
}

/* --- second factor --- */

static void test_factor(struct auth_bed *b)
{
    struct auth_opened head, again;
    struct auth_session session;
    struct auth_target whole = { .city = b->city };
    struct auth_why why;
    bg_str codes[16];
    char code[7];
    int64_t account = auth_bed_person(b, "zhoujun", AUTH_ROLE_COMMANDER, AUTH_CITY, b->city, &head);
    OK(!bg_failed(auth_bed_check(b, head.token, &session)) && !auth_may(&session, AUTH_RIGHT_LEVEL_CHANGE, &whole, &why) &&
           why.reason == AUTH_NO_FACTOR, "%s: an approver without second factor approves nothing", b->bed.name);
    OK(auth_factor_confirm(b->auth, &session, BG_STR("123456"), bg_op_id_make(&b->env), b->arena, &again, codes, &(size_t){ 0 }).code ==
           BG_AUTH_WRONG_CODE, "%s: nothing to confirm yet", b->bed.name);
    bg_str secret = auth_bed_factor(b, &head, codes);
    OK(auth_bed_check(b, head.token, &session).code == BG_OK && session.second_factor &&
           auth_may(&session, AUTH_RIGHT_LEVEL_CHANGE, &whole, &why),
       "%s: with it, in a new session, he does", b->bed.name);
    auth_bed_code(b, secret.at, code);
    OK(login_code(b, "zhoujun", AUTH_BED_PASSWORD, "", "10.0.0.1") == BG_AUTH_SECOND_FACTOR, "%s: from now on signing in needs a code",
       b->bed.name);
    OK(login_code(b, "zhoujun", AUTH_BED_PASSWORD, code, "10.0.0.1") == BG_AUTH_BAD_CODE, "%s: not the one that confirmed it", b->bed.name);
    b->sim.now += TOTP_STEP_MS;
    auth_bed_code(b, secret.at, code);
    OK(login_code(b, "zhoujun", AUTH_BED_PASSWORD, code, "10.0.0.1") == BG_OK, "%s: the next one", b->bed.name);
    OK(login_code(b, "zhoujun", AUTH_BED_PASSWORD, code, "10.0.0.1") == BG_AUTH_BAD_CODE, "%s: once", b->bed.name);
    OK(login_code(b, "zhoujun", AUTH_BED_PASSWORD, codes[0].at, "10.0.0.1") == BG_OK, "%s: a recovery code stands in", b->bed.name);
    OK(login_code(b, "zhoujun", AUTH_BED_PASSWORD, codes[0].at, "10.0.0.1") == BG_AUTH_BAD_CODE, "%s: once", b->bed.name);
    OK(auth_factor_end(b->auth, &head.session, BG_STR("wrong"), bg_op_id_make(&b->env)).code == BG_AUTH_WRONG_PASSWORD,
       "%s: taking it away needs the password", b->bed.name);
    struct auth_secret link;
    auth_link_make(b->auth, b->city, &link);
    struct auth_link_in reset = { .by = { b->auth, &b->chief.session }, .account = account, .link = link.hash };
    bg_ignore(auth_bed_note(auth_bed_run(b, &b->chief.session, &auth_account_link, &reset), "link"));
    OK(auth_bed_accept(b, link.text, "forty winters of wool", &again).code == BG_AUTH_SECOND_FACTOR,
       "%s: a reset link is no second factor", b->bed.name);
    OK(login_code(b, "zhoujun", "forty winters of wool", codes[1].at, "10.0.0.1") == BG_OK, "%s: though the password is set", b->bed.name);
    auth_link_make(b->auth, b->city, &link);
    reset.clear_factor = true;
    bg_ignore(auth_bed_note(auth_bed_run(b, &b->chief.session, &auth_account_link, &reset), "link"));
    OK(auth_bed_note(auth_bed_accept(b, link.text, "fifty winters of wool", &again), "accept").code == BG_OK &&
           !again.session.second_factor,
       "%s: an administrator may clear a lost one", b->bed.name);
}

/* --- throttling --- */

static void test_throttle(struct auth_bed *b)
{
    struct auth_opened opened;
    auth_bed_person(b, "wumei", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &opened);
    OK(login_code(b, "wumei", AUTH_BED_PASSWORD, "", "10.1.0.1") == BG_OK, "%s: the owner signs in from the office", b->bed.name);
    int heard = 0;
    for (int i = 0; i < 12; i++) {
        heard += login_code(b, "wumei", "guess", "", "203.0.113.5") == BG_AUTH_BAD_LOGIN;
    }
    OK(heard == 5, "%s: of twelve guesses at once from one place five are heard (%d)", b->bed.name, heard);
    OK(login_code(b, "wumei", AUTH_BED_PASSWORD, "", "203.0.113.5") == BG_AUTH_SLOW_DOWN, "%s: then not even the right one", b->bed.name);
    for (int i = 0; i < 30; i++) {
        char origin[32];
        (void)snprintf(origin, sizeof origin, "198.51.100.%d", i);
        heard += login_code(b, "wumei", "guess", "", origin) == BG_AUTH_BAD_LOGIN;
    }
    OK(heard == 20, "%s: many places together are heard %d times", b->bed.name, heard);
    OK(login_code(b, "wumei", AUTH_BED_PASSWORD, "", "10.1.0.1") == BG_OK, "%s: meanwhile the owner walks in from the office", b->bed.name);
    OK(login_code(b, "wumei", AUTH_BED_PASSWORD, "", "198.51.100.99") == BG_AUTH_SLOW_DOWN, "%s: and waits elsewhere", b->bed.name);
    b->sim.now += HOUR_MS;
    OK(login_code(b, "wumei", AUTH_BED_PASSWORD, "", "198.51.100.99") == BG_OK, "%s: an hour at most", b->bed.name);
}

/* --- keys and devices --- */

static void test_keys(struct auth_bed *b)
{
    struct auth_opened opened;
    struct auth_session session;
    struct auth_secret key;
    struct auth_target own = { .city = b->city, .place = 31 };
    struct auth_why why;
    int64_t account = auth_bed_person(b, "feed", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &opened);
    enum auth_right some[] = { AUTH_RIGHT_STOCK_READ, AUTH_RIGHT_EVENTS }, never[] = { AUTH_RIGHT_GRANT_WRITE };
    auth_key_make(b->auth, b->city, &key);
    struct auth_key_in in = { .by = { b->auth, &b->chief.session }, .account = account, .name = BG_STR("scoreboard"), .rights = never,
                              .right_count = 1, .ends_at = b->sim.now + 30 * 24 * HOUR_MS, .key = key.hash };
    OK(auth_bed_run(b, &b->chief.session, &auth_key_open, &in).code == BG_BAD_INPUT, "%s: a key never grants", b->bed.name);
    in.rights = some;
    in.right_count = 2;
    in.by.session = &opened.session;
    OK(auth_bed_run(b, &opened.session, &auth_key_open, &in).code == BG_AUTH_DENIED, "%s: who may not make keys makes none", b->bed.name);
    in.by.session = &b->chief.session;
    OK(!bg_failed(auth_bed_run(b, &b->chief.session, &auth_key_open, &in)), "%s: the administrator makes one", b->bed.name);
    int64_t id = auth_bed_id(b, "id");
    struct auth_credentials bearer = { .bearer = bg_str_of(key.text), .origin = BG_STR("10.0.0.7") };
    OK(!bg_failed(auth_check(b->auth, &bearer, b->arena, &session)) && session.kind == AUTH_BY_KEY &&
           auth_may(&session, AUTH_RIGHT_STOCK_READ, &own, &why), "%s: it reads what its account reads", b->bed.name);
    OK(!auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, &why) && why.reason == AUTH_NOT_IN_KEY, "%s: and no more", b->bed.name);
    struct auth_id_in end = { .by = { b->auth, &b->chief.session }, .id = id };
    OK(!bg_failed(auth_bed_run(b, &b->chief.session, &auth_key_end, &end)) &&
           auth_check(b->auth, &bearer, b->arena, &session).code == BG_AUTH_ENDED,
       "%s: revoked, it is dead at once", b->bed.name);
}

static void test_devices(struct auth_bed *b)
{
    struct auth_opened opened;
    struct auth_session session;
    struct auth_secret code;
    char token[72];
    bg_str name;
    auth_bed_person(b, "hefeng", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &opened);
    auth_link_make(b->auth, b->city, &code);
    struct auth_device_in in = { .by = { b->auth, &b->chief.session }, .name = BG_STR("手持机 3"), .place = 0, .link = code.hash };
    OK(!bg_failed(auth_bed_run(b, &b->chief.session, &auth_device_invite, &in)), "%s: a code for a device", b->bed.name);
    OK(auth_bed_accept(b, code.text, "forty winters of wool", &opened).code == BG_AUTH_LINK, "%s: sets no password", b->bed.name);
    OK(!bg_failed(auth_device_accept(b->auth, bg_str_of(code.text), BG_STR("10.0.0.8"), b->arena, token, &name)) &&
           bg_str_is(name, "手持机 3"),
       "%s: registers it", b->bed.name);
    OK(auth_device_accept(b->auth, bg_str_of(code.text), BG_STR("10.0.0.8"), b->arena, token, &name).code == BG_AUTH_LINK, "%s: once",
       b->bed.name);
    struct auth_login_in login = { .login = BG_STR("hefeng"),
                                   .password = BG_STR(AUTH_BED_PASSWORD),
                                   .code = { "", 0 },
                                   .device = bg_str_of(token),
                                   .origin = BG_STR("10.0.0.8"),
                                   .agent = BG_STR("scan\xff\x01ner") };
    OK(!bg_failed(auth_login(b->auth, &login, b->arena, &opened)) && opened.session.device != 0, "%s: sign-ins from it know it",
       b->bed.name);
    b->sim.now += 7 * HOUR_MS;
    OK(!bg_failed(auth_bed_check(b, opened.token, &session)), "%s: and may rest for a shift", b->bed.name);
    chief_again(b);
    struct auth_id_in end = { .by = { b->auth, &b->chief.session }, .id = opened.session.device };
    OK(!bg_failed(auth_bed_run(b, &b->chief.session, &auth_device_end, &end)) &&
           auth_bed_check(b, opened.token, &session).code == BG_AUTH_ENDED,
       "%s: retired, its sessions end", b->bed.name);
    OK(!bg_failed(auth_login(b->auth, &login, b->arena, &opened)) && opened.session.device == 0, "%s: and it is unknown again",
       b->bed.name);
    OK(auth_check(b->auth, &(struct auth_credentials){ .session = bg_str_of(token) }, b->arena, &session).code == BG_AUTH_ENDED,
       "%s: a device's token is no session", b->bed.name);
}

static void suite(enum bed_kind kind)
{
    test_first_run(kind);
    struct auth_bed *b = auth_bed_open(kind);
    test_login(b);
    test_session_ends(b);
    test_factor(b);
    test_keys(b);
    test_throttle(b);
    chief_again(b);
    test_time_limits(b);
    chief_again(b);
    test_restart(b);
    test_password(b);
    chief_again(b);
    test_devices(b);
    test_dengbao(b);
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
