/* The program's parts, opened in one order and closed in the reverse one. Everything hangs on struct app; there are no mutable globals.
 * The server (cli serve), every command that opens a database and the tests use the same app_open. */
#ifndef BG_APP_H
#define BG_APP_H

#include "base/base.h"
#include "http/http.h"
#include "journal/journal.h"
#include "store/store.h"
#include "work/work.h"

struct api;  /* the frame's own state: rate limits, live streams, report pool */
struct reserve_cache; /* the situation shared by many screens: reserve/reserve.h */
struct basis; /* calculations: basis/basis.h */
struct auth; /* people, rights, sessions: auth/auth.h */
struct record; /* kinds of record, search, files: record/record.h */

struct app_config {
    const char *db;           /* a file path or postgresql://…; NULL: baogong.db */
    const char *listen;       /* HOST:PORT; port 0 takes a free one; NULL: 127.0.0.1:8080 */
    const char *metrics;      /* HOST:PORT of the local listener for /healthz, /readyz and /metrics; NULL: none */
    const char *tls_cert, *tls_key; /* PEM files; both or none */
    const char *web_dir;      /* serve the web application from this folder instead of the embedded one; NULL: embedded */
    const char *public_url;   /* as people type it, for links and the Origin check behind a proxy; NULL: what is listened on */
    const char *trusted_proxy; /* address whose X-Forwarded-For and -Proto are believed; NULL: nobody's */
    const char *keys;         /* folder of the private keys, kept apart from the database; NULL: beside the database file */
    const char *files;        /* folder of attached files; NULL: DB.files beside the database file, none for a server database */
    const char *archive;      /* folder of the archive of SQLite's log; NULL: where the file was archived before; "": stop archiving */
    int threads;              /* HTTP threads; 0: one a core, at most 4 */
    int node;                 /* 0…1023: part of every id; differs between processes on one PostgreSQL */
    int rate_address, rate_session; /* requests a second from one address, in one session; 0: 2000 and 200; -1: no limit */
    bool read_only;           /* verify and export of a replica: no lock, no migration */
};

struct app {
    struct app_config config;
    struct bg_env env;
    struct bg_log log;
    struct bg_idgen ids;
    struct store *store;
    struct journal *journal;  /* NULL when read_only */
    struct auth *auth;
    struct record *record;    /* NULL when read_only */
    struct reserve_cache *reserve; /* NULL when read_only */
    struct basis *basis;      /* NULL when read_only; the server starts it */
    struct work *work;        /* NULL when read_only; the server starts it, other commands leave what falls due to the server */
    struct api *api;          /* NULL until api_open */
};

/* Opens store, journal and the modules, in that order. `env` and `log` are copied; the strings of `config` must outlive the app. */
bg_err app_open(const struct app_config *config, const struct bg_env *env, const struct bg_log *log, struct app **ret);
void app_close(struct app *app); /* accepts NULL and a half-opened app */

/* Where a private key ("auth", "journal") and the attached files lie, for a configuration whose `db` is set; false when nowhere. */
#define APP_PATH_MAX 4096
bool app_key_path(const struct app_config *config, const char *name, char out[APP_PATH_MAX]);
bool app_files_path(const struct app_config *config, char out[APP_PATH_MAX]);

#endif
