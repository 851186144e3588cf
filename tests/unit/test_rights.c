/* Every right × role × scope × target against a plainly written oracle; why-answers; list filters. */
#include "auth/auth.h"
#include "tap.h"

#include <string.h>

enum { CITY = 7, OTHER_CITY = 8, DISTRICT = 120112, OTHER_DISTRICT = 120101, PLACE = 31, OTHER_PLACE = 32, ORG = 41, OTHER_ORG = 42 };
#define NOW 1641600000000

static int64_t own_id(enum auth_scope scope)
{
    return scope == AUTH_CITY ? CITY : scope == AUTH_DISTRICT ? DISTRICT : scope == AUTH_PLACE ? PLACE : ORG;
}

static const struct auth_target targets[] = {
    { .city = CITY },
    { .city = CITY, .district = DISTRICT },
    { .city = CITY, .district = DISTRICT, .place = PLACE },
    { .city = CITY, .district = DISTRICT, .place = OTHER_PLACE },
    { .city = CITY, .district = OTHER_DISTRICT, .place = OTHER_PLACE },
    { .city = CITY, .org = ORG },
    { .city = CITY, .district = DISTRICT, .org = OTHER_ORG },
    { .city = OTHER_CITY, .district = DISTRICT, .place = PLACE, .org = ORG },
};
#define TARGETS (sizeof targets / sizeof targets[0])

static struct auth_session session_with(const struct auth_grant *grant)
{
    struct auth_session session = { .id = 1, .account = 2, .city = CITY, .now = NOW, .grants = grant, .grant_count = 1 };
    memset(session.allowed, 0xff, sizeof session.allowed);
    return session;
}

/* The rule in words: another city never; own account always; catalogue rights with any grant of the role; the rest inside the scope. */
static bool oracle(enum auth_right right, enum auth_role role, enum auth_scope scope, const struct auth_target *target)
{
    const struct auth_right_info *info = &auth_right_infos[right];
    if (info->reach == AUTH_REACH_SELF) {
        return true;
    }
    if (target->city != CITY || (info->roles & (1u << role)) == 0) {
        return false;
    }
    if (info->reach == AUTH_REACH_ANYWHERE || scope == AUTH_CITY) {
        return true;
    }
    return (scope == AUTH_DISTRICT && target->district == DISTRICT) || (scope == AUTH_PLACE && target->place == PLACE) ||
           (scope >= AUTH_RECEIVER && target->org == ORG);
}

static void test_matrix(void)
{
    int wrong = 0, cells = 0;
    for (int right = 0; right < AUTH_RIGHT_COUNT; right++) {
        for (int role = 0; role < AUTH_ROLE_COUNT; role++) {
            for (int scope = 0; scope < AUTH_SCOPE_COUNT; scope++) {
                for (size_t t = 0; t < TARGETS; t++) {
                    struct auth_grant grant = { .id = 9, .role = (enum auth_role)role, .scope = (enum auth_scope)scope,
                                                .scope_id = own_id((enum auth_scope)scope), .from = NOW, .to = BG_TIME_NONE };
                    struct auth_session session = session_with(&grant);
                    struct auth_why why;
                    bool may = auth_may(&session, (enum auth_right)right, &targets[t], &why);
                    cells++;
                    wrong += may != oracle((enum auth_right)right, (enum auth_role)role, (enum auth_scope)scope, &targets[t]);
                    wrong += may != (why.reason == AUTH_MAY);
                }
            }
        }
    }
    OK(wrong == 0, "%d cells of right, role, scope and target as the oracle says", cells);
}

static void test_tables(void)
{
    int bad = 0, audit_writes = 0;
    for (int i = 0; i < AUTH_RIGHT_COUNT; i++) {
        const struct auth_right_info *info = &auth_right_infos[i];
        bad += info->slug == NULL || info->zh == NULL || info->en == NULL || auth_right_of(bg_str_of(info->slug)) != i;
        bad += info->reach != AUTH_REACH_SELF && info->roles == 0;
        bool reads = strstr(info->slug, ".read") != NULL || strstr(info->slug, ".use") != NULL || strstr(info->slug, ".prove") != NULL ||
                     strstr(info->slug, "why.") != NULL || strstr(info->slug, "export.") != NULL;
        audit_writes += !reads && (info->roles & AUTH_R(AUDITOR)) != 0;
    }
    for (int i = 0; i < AUTH_ROLE_COUNT; i++) {
        bad += auth_role_of(bg_str_of(auth_role_infos[i].slug)) != i || auth_role_infos[i].scopes == 0;
    }
    for (int i = 0; i < AUTH_SCOPE_COUNT; i++) {
        bad += auth_scope_of(bg_str_of(auth_scope_infos[i].slug)) != i;
    }
    OK(bad == 0, "every role, right and scope has its words and is found by its slug");
    OK(audit_writes == 0, "the auditor writes nothing");
    OK((auth_right_infos[AUTH_RIGHT_LEDGER_POST].roles & AUTH_R(ADMIN)) == 0, "the administrator posts nothing");
}

static void test_why(void)
{
    struct auth_grant grant = { .id = 9, .role = AUTH_ROLE_KEEPER, .scope = AUTH_PLACE, .scope_id = PLACE,
                                .from = NOW, .to = NOW + 1000 };
    struct auth_session session = session_with(&grant);
    struct auth_target own = { .city = CITY, .place = PLACE }, other = { .city = CITY, .place = OTHER_PLACE };
    struct auth_why why;
    OK(auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, &why) && why.grant == &grant, "a keeper posts at the own place, through the grant");
    OK(!auth_may(&session, AUTH_RIGHT_LEDGER_POST, &other, &why) && why.reason == AUTH_OUT_OF_SCOPE, "not at another place");
    OK(!auth_may(&session, AUTH_RIGHT_GRANT_WRITE, &own, &why) && why.reason == AUTH_NO_ROLE, "and grants nothing");
    session.now = NOW + 1000;
    OK(!auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, &why) && why.reason == AUTH_NO_ROLE, "a grant ends at its end");
    session.now = NOW - 1;
    OK(!auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, NULL), "and does not count before its start");
    session.now = NOW;
    session.must_change = true;
    OK(!auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, &why) && why.reason == AUTH_MUST_CHANGE, "a password to be changed bars the rest");
    OK(auth_may(&session, AUTH_RIGHT_SELF, &own, NULL), "but not the own account");
    session.must_change = false;
    memset(session.allowed, 0, sizeof session.allowed);
    OK(!auth_may(&session, AUTH_RIGHT_LEDGER_POST, &own, &why) && why.reason == AUTH_NOT_IN_KEY, "an API key has only its rights");

    struct auth_grant chief = { .id = 10, .role = AUTH_ROLE_COMMANDER, .scope = AUTH_CITY, .scope_id = CITY,
                                .from = NOW, .to = BG_TIME_NONE };
    struct auth_session head = session_with(&chief);
    head.needs_factor = true;
    OK(!auth_may(&head, AUTH_RIGHT_LEVEL_CHANGE, &own, &why) && why.reason == AUTH_NO_FACTOR, "an approver proves a second factor first");
    head.second_factor = true;
    OK(auth_may(&head, AUTH_RIGHT_LEVEL_CHANGE, &own, &why), "and then may");

    BG_SCOPED_ARENA arena = bg_arena_open(1 << 16);
    bg_err err = auth_need(&head, AUTH_RIGHT_GRANT_WRITE, &own, arena);
    OK(err.code == BG_AUTH_DENIED && strstr(err.facts, "\"reason\":\"no-role\"") != NULL && strstr(err.facts, "\"admin\"") != NULL,
       "a refusal names the reason and the roles that have the right");
}

static void test_filter(void)
{
    struct auth_grant grants[] = {
        { .id = 1, .role = AUTH_ROLE_KEEPER, .scope = AUTH_PLACE, .scope_id = PLACE, .from = 0, .to = BG_TIME_NONE },
        { .id = 2, .role = AUTH_ROLE_DEPOT, .scope = AUTH_DISTRICT, .scope_id = DISTRICT, .from = 0, .to = BG_TIME_NONE },
        { .id = 3, .role = AUTH_ROLE_RECEIVER, .scope = AUTH_RECEIVER, .scope_id = ORG, .from = 0, .to = BG_TIME_NONE },
        { .id = 4, .role = AUTH_ROLE_COMMANDER, .scope = AUTH_CITY, .scope_id = CITY, .from = 0, .to = BG_TIME_NONE },
    };
    struct auth_session session = session_with(grants);
    session.needs_factor = true;
    session.grant_count = 4;
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 16);
    struct auth_filter filter;
    bg_err err = auth_filter(&session, AUTH_RIGHT_STOCK_READ, arena, &filter);
    OK(err.code == BG_OK && !filter.everything && filter.place_count == 1 && filter.district_count == 1 && filter.org_count == 1,
       "a list filter collects the scopes, without the approver's before the second factor");
    int wrong = 0;
    for (size_t t = 0; t < TARGETS; t++) {
        wrong += auth_filter_has(&filter, &targets[t]) != auth_may(&session, AUTH_RIGHT_STOCK_READ, &targets[t], NULL);
    }
    OK(wrong == 0, "a filter lets through exactly what auth_may allows");
    session.second_factor = true;
    bg_ignore(auth_filter(&session, AUTH_RIGHT_STOCK_READ, arena, &filter));
    OK(filter.everything, "the commander sees the whole city after it");
    struct auth_session machine = auth_system(CITY, NOW);
    OK(auth_may(&machine, AUTH_RIGHT_LEDGER_POST, &targets[2], NULL) && !auth_may(&machine, AUTH_RIGHT_LEDGER_POST, &targets[7], NULL),
       "the system may everything in its city and nothing in another");
}

int main(void)
{
    test_matrix();
    test_tables();
    test_why();
    test_filter();
    return TAP_DONE();
}
