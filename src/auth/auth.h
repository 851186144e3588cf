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
    uint8_t hash[32];        /* of the token: auth's own handle */
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

/* The members "right", "reason", "words", "words_en", "grant" (object or null) and "roles" into an open JSON object. */
void auth_why_members(enum auth_right right, const struct auth_why *why, struct bg_buf *out);

/* --- the service --- */
struct auth;
struct auth_opts {
    struct journal *journal;
    const struct bg_env *env;
    struct bg_idgen *ids;
    const struct bg_log *log;    /* may be NULL */
    bool tls;                    /* the server speaks TLS, or a trusted proxy does: cookies are Secure and __Host- */
    const uint8_t *key;          /* 32 bytes kept outside the database that seal TOTP secrets (auth_key_file); NULL: kept readable */
    int queue_max;               /* waiting password checks before BG_AUTH_SLOW_DOWN; 0: 64 */
};
bg_err auth_open(const struct auth_opts *opts, struct auth **ret);
void auth_close(struct auth *auth); /* accepts NULL */
/* Reads the 32 bytes of a key file, making it (mode 0600) when it is not there. */
bg_err auth_key_file(const struct bg_env *env, const char *path, uint8_t ret[32]);
/* How auth learns where a place lies and what it is called: set once at start by the module that keeps places. Without it any place id
 * may be granted and has no name. */
struct auth_place {
    int64_t district, org;
    bg_str name_zh, name_en;
};
typedef bg_err (*auth_place_fn)(struct store_tx *tx, int64_t city, int64_t place, struct bg_arena *arena, struct auth_place *ret);
void auth_set_places(struct auth *auth, auth_place_fn find);

/* What a request brought along. Empty spans where it brought nothing. */
struct auth_credentials {
    bg_str session; /* the cookie named auth_cookie_session */
    bg_str device;  /* the cookie named auth_cookie_device */
    bg_str bearer;  /* the token behind "Authorization: Bearer " */
    bg_str origin;  /* the caller's network address, as the server believes it */
};
const char *auth_cookie_session(const struct auth *auth); /* "__Host-sid" with TLS, else "sid" */
const char *auth_cookie_device(const struct auth *auth);  /* "__Host-did" with TLS, else "did" */
/* The value of a Set-Cookie header for either cookie; an empty token takes it away. In the arena, NUL-terminated. */
bg_err auth_cookie(const struct auth *auth, const char *name, bg_str token, bg_ms lives_ms, struct bg_arena *arena, bg_str *ret);
/* Who is this? BG_AUTH_NONE (401) without credentials, BG_AUTH_ENDED (401) when they were revoked, ran out or are not ours. Both a cookie
 * and a bearer token: the bearer counts. The session and its grants live in the arena. From memory except the first time. */
bg_err auth_check(struct auth *auth, const struct auth_credentials *credentials, struct bg_arena *arena, struct auth_session *ret);
/* For the change made on behalf of this session. */
struct journal_actor auth_actor(const struct auth_session *session);
/* change_kind.recheck of every change made for people: inside the transaction, the session is alive and the account's rights are those the
 * request was judged on; else BG_AUTH_ENDED or BG_AUTH_CHANGED (the client repeats the request). The system (account 0) passes. */
bg_err auth_recheck(struct change_tx *tx, const struct change *change);
/* True while the session may go on: what a live stream asks at least once a second. A load of memory, seldom a query. */
bool auth_alive(struct auth *auth, struct auth_session *session);
/* Once a day: forgets sessions, links and counters that ended long ago (30 days). */
bg_err auth_sweep(struct auth *auth, int64_t city);

/* --- the slow thread: passwords --- */
/* Argon2id takes 19 MiB and some 20 ms, so everything that checks or sets a password runs on one thread of its own. */
struct auth_job {
    void (*run)(struct auth_job *job); /* on that thread; the job may be freed in it */
    struct auth_job *next;             /* the queue's */
};
/* BG_AUTH_SLOW_DOWN (429) when the queue is full. */
bg_err auth_submit(struct auth *auth, struct auth_job *job);

/* --- signing in and out --- (on the slow thread, or in tests and commands) */
struct auth_login_in {
    int64_t city;                /* 0: the only city of the database */
    bg_str login, password;
    bg_str code;                 /* six digits of the second factor or a recovery code; empty: none */
    bg_str device;               /* device token; may be empty */
    bg_str origin, agent;
};
struct auth_opened {
    char token[72];              /* for the cookie; nowhere else */
    struct auth_session session;
    bg_ms ends_at;
    bg_ms before;                /* sign-in before this one; BG_TIME_NONE: the first */
    int64_t failures;            /* failed attempts since then */
};
/* BG_AUTH_BAD_LOGIN for an unknown name, a wrong password, a disabled account: the same answer in the same time. BG_AUTH_SECOND_FACTOR
 * when only the code is missing, BG_AUTH_BAD_CODE when it is wrong or was used, BG_AUTH_SLOW_DOWN with the seconds to wait. */
bg_err auth_login(struct auth *auth, const struct auth_login_in *in, struct bg_arena *arena, struct auth_opened *ret);
bg_err auth_logout(struct auth *auth, const struct auth_session *session);
/* What a one-time link is for, without using it. BG_AUTH_LINK when it is not ours, used or out of time. */
struct auth_link_info {
    const char *purpose;         /* "first", "invite", "reset", "device" */
    int64_t city;
    bg_str login, name, device_name;
    size_t least;                /* characters a password needs */
    bool dengbao;                /* and kinds of them */
};
bg_err auth_link_look(struct auth *auth, bg_str token, struct bg_arena *arena, struct auth_link_info *ret);
/* Uses a link of a person: sets the password, ends every older session, signs in. BG_AUTH_PASSWORD names the rule. */
bg_err auth_link_accept(struct auth *auth, bg_str token, bg_str password, const struct auth_login_in *from, struct bg_arena *arena,
                        struct auth_opened *ret);
/* Uses a device's one-time code; `ret_token` is for the device cookie. */
bg_err auth_device_accept(struct auth *auth, bg_str code, bg_str origin, struct bg_arena *arena, char ret_token[72], bg_str *ret_name);
/* Own password, with the old one; ends the account's other sessions when asked. */
bg_err auth_password_set(struct auth *auth, const struct auth_session *session, bg_str old, bg_str next, bool end_others, bg_op_id op);
/* Second factor: begin gives the secret (base32) and its otpauth: address once; confirm takes a code, proves the factor for this session
 * by opening a new one in its place, and gives ten recovery codes; end needs the password. */
bg_err auth_factor_begin(struct auth *auth, const struct auth_session *session, bg_op_id op, struct bg_arena *arena, bg_str *ret_secret,
                         bg_str *ret_address);
bg_err auth_factor_confirm(struct auth *auth, const struct auth_session *session, bg_str code, bg_op_id op, struct bg_arena *arena,
                           struct auth_opened *ret, bg_str *ret_codes, size_t *ret_count);
bg_err auth_factor_end(struct auth *auth, const struct auth_session *session, bg_str password, bg_op_id op);

/* --- first run --- */
/* When no active administrator exists: makes the city (code and names as given) if there is none, an invited account "admin", and a
 * one-time link that ends the links printed before. Else *ret_token is empty. There is no default password. */
struct auth_first {
    bg_str city_code, name_zh, name_en;
    int offset_min;
};
bg_err auth_first_run(struct auth *auth, const struct auth_first *first, char ret_token[72]);
/* The city a request without a session means: the only one; BG_NOT_FOUND when there is none, BG_BAD_INPUT at "city" when there are
 * several. */
bg_err auth_city_only(struct store_tx *tx, int64_t *ret);
bg_err auth_cities(struct auth *auth, struct bg_arena *arena, const int64_t **ret, size_t *ret_count);
bg_err auth_city_by_code(struct store_tx *tx, bg_str code, int64_t *ret);

/* --- changes made for people: a kind and its input ---
 * `by` says who asks; the right is judged inside the transaction on the object as it is there. Replies are the object as lists show it.
 * Texts are checked for length and form; errors name the field. */
struct auth_by {
    struct auth *auth;
    const struct auth_session *session;
};

struct auth_city_in {
    struct auth_by by;           /* renames the session's city */
    bg_str code, name_zh, name_en;
    int64_t offset_min;
};
extern const struct change_kind auth_city_put;
/* A new city with the usual policy (nist, second factor for approvers, 30 minutes idle, 8 hours on devices, 12 hours in all), made by the
 * system. BG_CONFLICT at "code" when it is there. */
bg_err auth_city_open(struct auth *auth, const struct auth_first *city, int64_t *ret);

struct auth_policy_in {
    struct auth_by by;
    bool dengbao, factor;        /* rules for passwords; approvers need a second factor */
    int64_t idle_min, device_idle_min, session_min;
};
extern const struct change_kind auth_policy_put;

struct auth_district_in {
    struct auth_by by;
    int64_t id;                  /* division code as a number; a functional area has a number of the city's own, 1…99999 */
    bg_str name_zh, name_en;
};
extern const struct change_kind auth_district_put;

extern const char *const auth_organisation_kinds[]; /* "office", "receiver", "agency", "team", "enterprise", NULL */
struct auth_organisation_in {
    struct auth_by by;
    int64_t id;                  /* 0: a new one */
    bg_str kind, name_zh, name_en;
    bg_str credit_code;          /* normalised by the caller; empty: none */
    int64_t district;            /* 0: unknown */
    bool closed;
};
extern const struct change_kind auth_organisation_put;
/* As it stands, texts in the arena; BG_NOT_FOUND at "organisation". */
bg_err auth_organisation_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct auth_organisation_in *ret);

struct auth_account_in {
    struct auth_by by;
    int64_t id;                  /* open: 0 */
    bg_str login;                /* open only; it never changes */
    bg_str name, phone;
    int64_t organisation, district; /* 0: none */
    const uint8_t *link;         /* open: SHA-256 of the first link; NULL: none yet */
};
extern const struct change_kind auth_account_open; /* in state "invited"; the one-time link sets the first password */
extern const struct change_kind auth_account_put;
struct auth_account_move_in {
    struct auth_by by;
    int64_t id;
    bool disabled;               /* true ends every session and key at once; false takes it back */
};
extern const struct change_kind auth_account_move;

/* One-time links are made by the caller and only their hash goes into the change. */
struct auth_secret {
    char text[72];
    uint8_t hash[32];
};
void auth_link_make(struct auth *auth, int64_t city, struct auth_secret *ret);
void auth_key_make(struct auth *auth, int64_t city, struct auth_secret *ret);
struct auth_link_in {
    struct auth_by by;
    int64_t account;
    const uint8_t *link;
    bool clear_factor;           /* also takes away a lost second factor */
};
extern const struct change_kind auth_account_link; /* reset, or invitation again: ends the older links; lives 7 days */

struct auth_grant_in {
    struct auth_by by;
    int64_t account;
    enum auth_role role;
    enum auth_scope scope;
    int64_t scope_id;
    bg_ms from, to;              /* BG_TIME_NONE: now; without end */
    bg_str reason;
};
/* Nobody grants anything to himself; approver roles are granted by the whole city's administrator only. */
extern const struct change_kind auth_grant_open;
struct auth_id_in {
    struct auth_by by;
    int64_t id;
};
extern const struct change_kind auth_grant_end;   /* BG_AUTH_LAST_ADMIN for the last administrator's grant */
extern const struct change_kind auth_session_end; /* own session, or with the right session.end anybody's */
struct auth_sessions_end_in {
    struct auth_by by;
    int64_t account;             /* all sessions of this account; one's own: apart from the present one */
};
extern const struct change_kind auth_sessions_end;

struct auth_device_in {
    struct auth_by by;
    bg_str name;
    int64_t place;               /* 0: none */
    const uint8_t *link;         /* hash of the one-time code that registers it */
};
extern const struct change_kind auth_device_invite;
extern const struct change_kind auth_device_end;  /* input auth_id_in; ends the sessions on it */

struct auth_key_in {
    struct auth_by by;
    int64_t account;             /* for whom it acts */
    bg_str name;
    const enum auth_right *rights; /* at least one; account.write, grant.write, key.write, approval.decide … are refused */
    size_t right_count;
    bg_ms ends_at;               /* at most a year ahead */
    const uint8_t *key;          /* its hash */
};
extern const struct change_kind auth_key_open;
extern const struct change_kind auth_key_end;     /* input auth_id_in */

/* Thousands of firms at once: at most 500 rows a change, all or nothing; find the faults first with auth_invite_check. */
struct auth_invite_row {
    bg_str login, name, phone;
    bg_str organisation, organisation_en, credit_code; /* found by its credit code, or by nothing: a new enterprise */
    int64_t district;
    enum auth_role role;         /* granted in the organisation's scope */
    const uint8_t *link;
};
struct auth_invite_in {
    struct auth_by by;
    bg_str kind;                 /* of organisations: "enterprise", "receiver" … */
    const struct auth_invite_row *rows;
    size_t count;
};
extern const struct change_kind auth_invite;
/* BG_DONE, or what is wrong with one row (as auth_invite would say). */
bg_err auth_invite_check(struct store_tx *tx, const struct auth_session *session, bg_str kind, const struct auth_invite_row *row,
                         struct bg_arena *arena);

/* Runs a kind on behalf of a session and waits; for what hands out a secret besides the change's reply. `body` is what the operation id
 * stands for, without secrets. A replay has the first reply, and its secret is gone. */
struct auth_run_in {
    const struct change_kind *kind;
    const void *in;
    const struct auth_session *session;
    bg_op_id op;
    bg_str body, reason;
};
bg_err auth_run(struct auth *auth, const struct auth_run_in *run, struct bg_arena *arena, struct bg_buf *reply, bool *ret_replayed);

/* --- two people --- */
/* Separation of duties: BG_AUTH_SELF at `field` when both are the same person: counter and reviewer, lister and issuer, asker and
 * approver. */
bg_err auth_apart(int64_t one, int64_t other, const char *field);

/* Something that needs more than one person. The module that wants it opens an approval inside its change with a digest of exactly what is
 * to be done; people with approval.decide vote (not the one who asked, each once); the module uses it once, with the same digest. */
struct auth_approval {
    int64_t id;
    const char *kind, *object;   /* "level.change", "level" */
    int64_t object_id;
    bg_str summary_zh, summary_en;
    uint8_t digest[32];
    int needed;                  /* approvers besides the one who asks */
    bg_ms ends_at;               /* BG_TIME_NONE: 24 hours */
};
extern const struct bg_machine auth_approval_machine;
bg_err auth_approval_open(struct change_tx *tx, const struct change *change, struct auth_approval *in); /* fills in->id */
/* Inside the change that does it: BG_AUTH_UNAPPROVED unless approved, in time, unused and for this digest; then it is used up. */
bg_err auth_approval_use(struct change_tx *tx, const struct change *change, int64_t id, const uint8_t digest[32]);
struct auth_vote_in {
    struct auth_by by;
    int64_t id;
    bool agrees;
    bg_str note;
};
extern const struct change_kind auth_approval_vote;
/* The same as a part of the change of a module that acts on the vote at once: right, second factor and separation are judged here. One
 * that was agreed to before by others is left as it is; whoever acts on it still needs the right and must not be the one who asked. */
bg_err auth_approval_vote_in(struct change_tx *tx, const struct change *change, const struct auth_vote_in *in);
extern const struct change_kind auth_approval_withdraw; /* input auth_id_in; by the one who asked */

/* --- lists: rows as JSON objects, after `after` (an id; 0: from the first), at most `max`; *ret_last is the cursor, 0 at the end --- */
struct auth_page {
    int64_t after, max;
    int64_t last;                /* out: id of the last row when there may be more; 0: that was all */
};
/* Each obeys the session's scope. */
bg_err auth_account_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out);
bg_err auth_account_show(struct store_tx *tx, const struct auth_session *session, int64_t id, struct bg_arena *arena, struct bg_buf *out);
bg_err auth_organisation_list(struct store_tx *tx, const struct auth_session *session, bg_str kind, struct auth_page *page,
                              struct bg_buf *out);
bg_err auth_district_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out);
/* `account` 0: of everybody the session may see. */
bg_err auth_grant_list(struct auth *auth, struct store_tx *tx, const struct auth_session *session, int64_t account, struct auth_page *page,
                       struct bg_buf *out);
bg_err auth_session_list(struct store_tx *tx, const struct auth_session *session, int64_t account, struct auth_page *page,
                         struct bg_buf *out);
bg_err auth_device_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out);
bg_err auth_key_list(struct store_tx *tx, const struct auth_session *session, struct auth_page *page, struct bg_buf *out);
bg_err auth_approval_list(struct store_tx *tx, const struct auth_session *session, bg_str state, struct auth_page *page,
                          struct bg_buf *out);
bg_err auth_policy_show(struct store_tx *tx, const struct auth_session *session, struct bg_buf *out);
/* The members account, city, grants, rights, needs_factor … of GET /me as one object. */
bg_err auth_me(struct auth *auth, struct store_tx *tx, const struct auth_session *session, struct bg_arena *arena, struct bg_buf *out);
/* May this session (or, with why.others, this account) …, through which grant, and whom to ask for it: one object. */
bg_err auth_why(struct auth *auth, struct store_tx *tx, const struct auth_session *session, enum auth_right right,
                const struct auth_target *target, int64_t account, struct bg_arena *arena, struct bg_buf *out);

#endif
