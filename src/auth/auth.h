/* Who may do what. People (accounts) hold grants: a role (roles.def) within a scope (a city, a district, one place, one organisation). A
 * right (rights.def) belongs to roles; it covers a target when a grant of such a role has a scope that covers the target. Every answer can
 * say why (auth_why). Nothing here needs the ledger: the caller fills a target with what it knows of the object.
 *
 * Secrets (session tokens, API keys, device tokens, one-time links) are made here, shown once and stored as SHA-256 only. Passwords are
 * Argon2id, checked on a thread of their own with a bounded queue. Sessions live in the store with a cache in memory; ending one,
 * disabling an account or taking a grant away works at once, is checked again inside every write (auth_recheck) and ends live streams
 * within a second. */
#ifndef BG_AUTH_H
#define BG_AUTH_H

#include "journal/journal.h"

/* --- roles, rights, scopes --- */
enum auth_scope { AUTH_CITY, AUTH_DISTRICT, AUTH_PLACE, AUTH_RECEIVER, AUTH_AGENCY, AUTH_TEAM, AUTH_ENTERPRISE, AUTH_SCOPE_COUNT };
#define AUTH_IN(scope) (1u << AUTH_##scope)

enum auth_role {
#define AUTH_ROLE(name, slug, zh, en, scopes, approver) AUTH_ROLE_##name,
#include "auth/roles.def"
#undef AUTH_ROLE
    AUTH_ROLE_COUNT
};
#define AUTH_R(role) (1u << AUTH_ROLE_##role)
#define AUTH_EVERY_ROLE ((1u << AUTH_ROLE_COUNT) - 1)
/* The city's own people, as against receivers, firms, partners and checkpoints. */
#define AUTH_STAFF                                                                                                              \
    (AUTH_R(COMMANDER) | AUTH_R(PLANNER) | AUTH_R(KEEPER) | AUTH_R(DEPOT) | AUTH_R(INSPECTOR) | AUTH_R(EPIDEMIC) |              \
     AUTH_R(LIAISON) | AUTH_R(CASEWORKER) | AUTH_R(PASSOFFICER) | AUTH_R(AUDITOR) | AUTH_R(ADMIN))

enum auth_right {
#define AUTH_RIGHT(name, slug, reach, zh, en, roles) AUTH_RIGHT_##name,
#include "auth/rights.def"
#undef AUTH_RIGHT
    AUTH_RIGHT_COUNT
};
enum auth_reach { AUTH_REACH_SELF, AUTH_REACH_ANYWHERE, AUTH_REACH_SCOPED };

struct auth_scope_info {
    const char *slug; /* "city", "district", … */
    const char *zh, *en;
};
struct auth_role_info {
    const char *slug, *zh, *en;
    uint32_t scopes; /* AUTH_IN(…) bits: the scopes a grant of this role may have */
    bool approver;   /* needs a second factor before its rights count, where the city's policy asks for one */
};
struct auth_right_info {
    const char *slug, *zh, *en;
    enum auth_reach reach;
    uint32_t roles; /* AUTH_R(…) bits */
};
extern const struct auth_scope_info auth_scope_infos[AUTH_SCOPE_COUNT];
extern const struct auth_role_info auth_role_infos[AUTH_ROLE_COUNT];
extern const struct auth_right_info auth_right_infos[AUTH_RIGHT_COUNT];
/* Index by slug, or -1. */
int auth_scope_of(bg_str slug);
int auth_role_of(bg_str slug);
int auth_right_of(bg_str slug);

/* What a right is asked for. 0 = unknown or not applying: a target with only a city is "the whole city" and only a city's scope covers it.
 * `org` is the organisation the object belongs to (receiver, agency, team or enterprise); `account` the person it belongs to. */
struct auth_target {
    int64_t city;
    int64_t district; /* division code of six digits as a number, or the city's own code of a functional area */
    int64_t place;
    int64_t org;
    int64_t account;
};

struct auth_grant {
    int64_t id;
    enum auth_role role;
    enum auth_scope scope;
    int64_t scope_id;    /* city id, division code, place id or organisation id */
    bg_ms from, to;      /* in force in [from, to); BG_TIME_NONE: no end */
};

enum auth_kind { AUTH_BY_PASSWORD, AUTH_BY_KEY, AUTH_BY_SYSTEM };
#define AUTH_RIGHT_WORDS ((AUTH_RIGHT_COUNT + 63) / 64)

/* One signed-in caller, as of the moment of the check. Lives in the arena it was read into; everything is a copy. */
struct auth_session {
    int64_t id;              /* session id; for an API key its id */
    int64_t account, city, device;
    int64_t version;         /* of the account's rights: grows with every grant, state or password change */
    bg_str login, name, origin;
    enum auth_kind kind;
    bool second_factor;      /* proved in this session */
    bool needs_factor;       /* the city's policy asks approvers for a second factor */
    bool must_change;        /* only the own account may be used until the password is changed */
    bg_ms now;               /* the moment rights are judged at */
    bg_ms ends_at;
    uint64_t allowed[AUTH_RIGHT_WORDS]; /* an API key's rights; all bits set for people */
    const struct auth_grant *grants;
    size_t grant_count;
};

/* --- may I? --- */
enum auth_reason {
    AUTH_MAY,           /* yes, through `grant` (NULL for a right of every account) */
    AUTH_NO_ROLE,       /* no grant in force has a role with this right */
    AUTH_OUT_OF_SCOPE,  /* a grant has the role, none covers the target; `grant` is one of them */
    AUTH_NO_FACTOR,     /* `grant` would cover it after a second factor */
    AUTH_NOT_IN_KEY,    /* the API key was not given this right */
    AUTH_MUST_CHANGE,   /* the password has to be changed first */
    AUTH_OTHER_CITY,    /* the target belongs to another city */
    AUTH_REASON_COUNT
};
struct auth_why {
    enum auth_reason reason;
    const struct auth_grant *grant; /* the session's; may be NULL */
};
/* True when the session may; *ret (may be NULL) says why or why not. Pure; a microsecond. */
bool auth_may(const struct auth_session *session, enum auth_right right, const struct auth_target *target, struct auth_why *ret);
/* True when the session has the right somewhere: what the router asks before a handler knows its object. */
bool auth_may_somewhere(const struct auth_session *session, enum auth_right right, struct auth_why *ret);
/* BG_DONE, or BG_AUTH_DENIED (403) whose facts name right, reason and the roles that have it. An object outside the caller's scope that
 * should not even be known to exist is the caller's business: answer BG_NOT_FOUND. */
bg_err auth_need(const struct auth_session *session, enum auth_right right, const struct auth_target *target, struct bg_arena *arena);
bg_err auth_need_somewhere(const struct auth_session *session, enum auth_right right, struct bg_arena *arena);

/* Where a right holds, for lists: everything, or any of these. Arrays live in the arena. A list with no entry and `everything` false is
 * empty. Organisation ids of all kinds are in `orgs`. */
struct auth_filter {
    bool everything;
    int64_t city;
    const int64_t *districts, *places, *orgs;
    size_t district_count, place_count, org_count;
};
bg_err auth_filter(const struct auth_session *session, enum auth_right right, struct bg_arena *arena, struct auth_filter *ret);
/* True when the filter lets this target through. */
bool auth_filter_has(const struct auth_filter *filter, const struct auth_target *target);

/* The system itself (scheduler, command line): every right in one city. */
struct auth_session auth_system(int64_t city, bg_ms now);

/* Writes {"may":…,"right":…,"reason":…,"words":…,"words_en":…,"grant":{…}|null,"roles":[…]} as one JSON value. */
void auth_why_json(const struct auth_session *session, enum auth_right right, bool may, const struct auth_why *why, struct bg_buf *out);

/* --- the service --- */
struct auth;
struct auth_opts {
    struct journal *journal;
    const struct bg_env *env;
    struct bg_idgen *ids;
    const struct bg_log *log; /* may be NULL */
    bool tls;                 /* the server speaks TLS, or a trusted proxy does: cookies are Secure and __Host- */
    int hash_queue_max;       /* waiting password checks before BG_AUTH_SLOW_DOWN; 0: 64 */
};
bg_err auth_open(const struct auth_opts *opts, struct auth **ret);
void auth_close(struct auth *auth); /* accepts NULL */

/* What a request brought along. Empty spans where it brought nothing. */
struct auth_credentials {
    bg_str session; /* the cookie named auth_cookie_session */
    bg_str device;  /* the cookie named auth_cookie_device */
    bg_str bearer;  /* the token behind "Authorization: Bearer " */
    bg_str origin;  /* the caller's network address, as the server believes it */
};
const char *auth_cookie_session(const struct auth *auth); /* "__Host-sid" with TLS, else "sid" */
const char *auth_cookie_device(const struct auth *auth);  /* "__Host-did" with TLS, else "did" */
/* Who is this? BG_AUTH_NONE (401) without credentials, BG_AUTH_ENDED (401) when they were revoked, ran out or are not ours. Both a cookie
 * and a bearer token: the bearer counts. The session and its grants live in the arena. From memory except the first time. */
bg_err auth_check(struct auth *auth, const struct auth_credentials *credentials, struct bg_arena *arena, struct auth_session *ret);
/* For the change made on behalf of this session. */
struct journal_actor auth_actor(const struct auth_session *session);
/* change_kind.recheck of every change made for people: inside the transaction, the session is alive and the account's rights are those the
 * request was judged on; else BG_AUTH_ENDED or BG_AUTH_CHANGED (the client repeats the request). The system (account 0) passes. */
bg_err auth_recheck(struct change_tx *tx, const struct change *change);
/* True while the session may go on: what a live stream asks at least once a second. A load of memory, seldom a query. */
bool auth_alive(struct auth *auth, const struct auth_session *session);

#endif
