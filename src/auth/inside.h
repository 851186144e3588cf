/* Private to auth: the service's own state, and what its files share. */
#ifndef BG_AUTH_INSIDE_H
#define BG_AUTH_INSIDE_H

#include <pthread.h>

#include "auth/auth.h"
#include "auth/secret.h"
#include "auth/throttle.h"

#define CACHE_BUCKETS 8192
#define CACHE_MAX 32768
#define EPOCH_FRESH_US 500000 /* how long another server's revocation may stay unseen by reads; writes always look */
#define EPOCH_COMING_US 5000000 /* after so long a change that announced an epoch came to nothing */
#define TOUCH_MS 60000        /* how exact "last seen" is */
#define DAY_MS INT64_C(86400000)
#define PASSWORD_DAYS 90      /* dengbao: a password is changed so often */
#define LINK_DAYS 7
#define FIRST_LINK_MS DAY_MS

struct cached;
struct city_epoch {
    int64_t city;
    int64_t epoch, checked_us; /* as last read, and when */
    int64_t coming, coming_us; /* what a change of this process is about to make of it, and since when */
};

struct auth {
    struct journal *journal;
    struct store *store;
    const struct bg_env *env;
    struct bg_idgen *ids;
    const struct bg_log *log;
    bool tls, sealed;
    uint8_t key[32];
    auth_place_fn places;

    pthread_rwlock_t cache_lock; /* of the four below */
    struct cached *buckets[CACHE_BUCKETS];
    size_t cached_count;
    struct city_epoch *cities;
    size_t city_count;

    pthread_mutex_t queue_lock; /* of the six below */
    pthread_cond_t queue_wake;
    struct auth_job *first, *last;
    int queued, queue_max;
    bool stop, started;
    pthread_t thread;

    pthread_mutex_t bucket_lock; /* of `addresses` */
    struct throttle_addresses addresses;
};

static inline const uint8_t *auth_seal_key(const struct auth *auth)
{
    return auth->sealed ? auth->key : NULL;
}

/* --- policy --- */
struct policy {
    enum password_rules rules;
    bool factor;
    int64_t idle_min, device_idle_min, session_min, epoch;
};
bg_err policy_get(struct store_tx *tx, int64_t city, struct policy *ret);

/* --- cache (cache.c) --- */
void cache_close(struct auth *auth);
/* Inside a change: the city's new epoch, and the cache is looked through once it is committed. */
bg_err epoch_bump(struct change_tx *tx, struct auth *auth, int64_t city, int64_t *ret);

/* --- people (people.c) --- */
struct account_row {
    int64_t id, organisation, district, epoch;
    bg_str login, name, phone, state, password;
    bool must_change, factor;
    bg_ms created_at, signed_in_at, password_at;
};
bg_err account_get(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct account_row *ret);
bg_err account_read(struct store_rows *rows, struct bg_arena *arena, struct account_row *ret);
void account_json(const struct account_row *row, bool whole_phone, struct bg_buf *out);
/* The row as JSON in the arena, for the journal. */
bg_err account_text(const struct account_row *row, struct bg_arena *arena, bg_str *ret);
struct auth_target account_target(int64_t city, const struct account_row *row);
/* NFKC, case folded; BG_BAD_INPUT at "login" unless 2 to 64 letters, digits, '.', '_', '-', '@' or Chinese characters remain. */
bg_err login_fold(bg_str login, struct bg_arena *arena, bg_str *ret);
/* Texts of an account that its password must not be made of. */
bg_err password_words(struct store_tx *tx, int64_t city, const struct account_row *row, struct bg_arena *arena, bg_str **ret,
                      size_t *ret_count);
/* BG_AUTH_PASSWORD with the rule broken, or done. Also looks into the history where the rules ask for it. */
bg_err password_check(struct store_tx *tx, int64_t city, const struct account_row *row, const struct policy *policy, bg_str password,
                      struct bg_arena *arena);

bg_err link_insert(struct change_tx *tx, const struct change *change, const char *purpose, int64_t account, const uint8_t *hash,
                   bg_ms lives_ms);
bg_err account_insert(struct change_tx *tx, const struct change *change, bg_str login, const struct auth_account_in *in, int64_t *ret_id);
bg_err other_admin(struct change_tx *tx, int64_t city, int64_t without_grant, int64_t without_account);
bg_err district_check(struct store_tx *tx, int64_t city, int64_t district, struct bg_arena *arena);
bg_err organisation_check(struct store_tx *tx, int64_t city, const struct auth_organisation_in *in, struct bg_arena *arena);
bg_err organisation_write(struct change_tx *tx, int64_t city, const struct auth_organisation_in *in, int64_t *ret_id);
void organisation_json(int64_t id, const struct auth_organisation_in *in, struct bg_buf *out);
/* One entry with the reply as what is there afterwards. */
bg_err record_change(struct change_tx *tx, const struct change *change, const char *kind, const char *object, int64_t id, bg_str before,
                     bool persons);

/* --- grants (grant.c), keys (key.c) --- */
struct scope_found {
    struct auth_target target;
    bg_str name_zh, name_en;
};
/* What a scope means; BG_BAD_INPUT at "scope_id" when there is no such thing. */
bg_err scope_find(struct auth *auth, struct store_tx *tx, int64_t city, enum auth_scope scope, int64_t id, struct bg_arena *arena,
                  struct scope_found *ret);
bg_err grant_insert(struct change_tx *tx, const struct change *change, const struct auth_grant_in *in, bg_ms from, int64_t *ret_id);
struct key_row {
    int64_t id, account, created_by;
    bg_str name, rights;
    bg_ms created_at, ends_at, ended_at;
};
void key_read(struct store_rows *rows, struct key_row *ret); /* texts until the next row */
void key_json(const struct key_row *row, struct bg_buf *out);

/* --- sessions (session.c) --- */
struct session_new {
    struct auth *auth;
    int64_t id, account, device, epoch; /* epoch: of the account when the password was checked; -1: whatever it is */
    uint8_t hash[32];
    bool factor;
    bg_str origin, agent;
    bg_str rehash;                  /* a stronger hash of the same password; empty: none */
    int64_t factor_step;            /* TOTP step that was used; -1: none */
    const uint8_t *recovery;        /* recovery code that was used; NULL: none */
    const struct throttle_keys *keys; /* counters to clear; NULL: none */
    bool known;                     /* the origin or device was known before */
    int64_t replaces;               /* session it takes the place of; 0: none */
    const char *how;                /* "password", "link", "factor" */
};
/* Inside a change: opens the session and records it. */
bg_err session_insert(struct change_tx *tx, const struct change *change, const struct session_new *in, bg_ms *ret_ends_at);
/* The password of somebody signed in; BG_AUTH_WRONG_PASSWORD, BG_AUTH_SLOW_DOWN. */
bg_err own_password(struct auth *auth, const struct auth_session *session, bg_str password, struct bg_arena *arena,
                    struct account_row *ret);
/* Makes a token, opens the session in a change of its own and reads it back. */
bg_err session_open(struct auth *auth, int64_t city, struct session_new *in, bg_str name, struct bg_arena *arena, struct auth_opened *ret);
/* Whether an API key may carry this right at all. */
bool key_right_allowed(enum auth_right right);
/* The session as auth_check would see it, straight from the store. */
bg_err session_load(struct auth *auth, struct store_tx *tx, const struct token *token, struct bg_arena *arena, struct auth_session *ret,
                    bg_ms *ret_seen_at, int64_t *ret_idle_ms);

/* --- small helps (service.c) --- */
/* BG_BAD_INPUT at `field` unless `s` is text of min to max characters without control characters. */
bg_err text_check(struct bg_arena *arena, const char *field, bg_str s, size_t min, size_t max);
/* Runs a change made by the service itself on behalf of an actor; `in` of the kind; nothing of the reply is kept by the caller. */
struct own_change {
    const struct change_kind *kind;
    const void *in;
    int64_t city;
    struct journal_actor actor;
    bg_op_id op;               /* all zero: one is made */
    bg_str body;               /* what the operation id stands for, without secrets */
};
bg_err own_run(struct auth *auth, const struct own_change *own, struct bg_arena *arena, bool *ret_replayed);
bg_err bad_input(struct bg_arena *arena, const char *field, const char *facts_format, ...) __attribute__((format(printf, 3, 4)));
/* "key":"value" pairs of a JSON text in the arena: what the buffer holds. */
bg_err json_kept(struct bg_buf *buf, struct bg_arena *arena, bg_str *ret);
void put_time(struct bg_buf *out, const char *key, bg_ms at);  /* BG_TIME_NONE: null */
void put_id(struct bg_buf *out, const char *key, int64_t id);  /* 0: null */
bg_str row_text(struct store_rows *rows, int column, struct bg_arena *arena); /* a copy; at == NULL when memory is out */
static inline bg_ms row_time(const struct store_rows *rows, int column)
{
    return store_is_null(rows, column) ? BG_TIME_NONE : store_int(rows, column);
}
static inline struct store_val v_time(bg_ms at)
{
    return at == BG_TIME_NONE ? V_NULL : V_INT(at);
}
static inline struct store_val v_id(int64_t id)
{
    return id == 0 ? V_NULL : V_INT(id);
}

#endif
