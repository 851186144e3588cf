/* The PostgreSQL engine, private to the store: postgres.c connects, separates owner from application, begins and ends transactions;
 * postgres_sql.c runs statements; postgres_wire.c turns values into libpq's binary forms and back. */
#ifndef BG_STORE_POSTGRES_H
#define BG_STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/backend.h"

#define PG_PARAMS_MAX 99
#define PG_ROLE "baogong_app" /* who works in the tables; the address's user owns them */
#define PG_AWAY_US 250000     /* no new try to connect so soon after a failed one */

/* Type numbers of PostgreSQL's catalogue (pg_type.dat); they never change. */
enum pg_type {
    PG_BOOL = 16, PG_BYTEA = 17, PG_NAME = 19, PG_INT8 = 20, PG_INT2 = 21, PG_INT4 = 23, PG_TEXT = 25, PG_OID = 26, PG_FLOAT4 = 700,
    PG_FLOAT8 = 701, PG_UNKNOWN = 705, PG_BYTEA_ARRAY = 1001, PG_INT4_ARRAY = 1007, PG_TEXT_ARRAY = 1009, PG_INT8_ARRAY = 1016,
    PG_VARCHAR = 1043, PG_NUMERIC = 1700,
};

enum pg_who { PG_OWNER, PG_WRITER, PG_READER };

struct pg_slot {
    int params;
    Oid types[]; /* of the parameters */
};

struct pg {
    struct store_tx tx; /* first */
    PGconn *link;
    enum pg_who who;
    bool dead;             /* the link broke, whatever libpq still says of it: the next transaction connects anew */
    int64_t away_until_us;
    struct pg_slot **slots; /* by enum; NULL: not prepared */
    /* scratch of the statement being sent */
    struct bg_buf wire, text;
    const char *values[PG_PARAMS_MAX];
    int lengths[PG_PARAMS_MAX], formats[PG_PARAMS_MAX];
    char numbers[PG_PARAMS_MAX][24];
};

static inline struct pg *pg_of(struct store_tx *tx)
{
    return (struct pg *)(void *)tx;
}

/* The error of a result (NULL: of the connection); clears the result; notes on the transaction whether a new try may help. */
bg_err pg_error(struct pg *pg, PGresult *result, const char *what);
/* Closes the connection; the next transaction makes a new one. */
void pg_drop(struct pg *pg);
/* Runs text without parameters, all statements of it. */
bg_err pg_exec(struct pg *pg, const char *sql);

/* postgres_wire.c */
/* Fills values, lengths and formats for one row of parameters. Texts are pointed at, not copied. */
bg_err pg_encode_row(struct pg *pg, const Oid *types, const struct store_val *values, size_t columns);
/* The same with an array a column. */
bg_err pg_encode_arrays(struct pg *pg, const Oid *types, const struct store_args *args);
int64_t pg_decode_int(Oid type, const char *at, int len);
/* Text as it is; numbers as decimal text into `room`. */
bg_str pg_decode_text(Oid type, const char *at, int len, char room[24]);

/* postgres_sql.c */
bg_err pg_run(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, int64_t *ret_changed);
bg_err pg_query(struct store_tx *tx, const struct store_sql *sql, const struct store_args *args, struct store_rows **ret);
bg_err pg_next(struct store_rows *rows, bool *ret_more);
size_t pg_key(const struct store_rows *rows);
int64_t pg_int(const struct store_rows *rows, int column);
bg_str pg_text(const struct store_rows *rows, int column);
bool pg_is_null(const struct store_rows *rows, int column);
void pg_done(struct store_rows *rows);
int pg_prepare(struct store_tx *tx, const struct sql_statement *statement, const char **ret_message);
void pg_forget_statements(struct pg *pg);
void pg_free_rows(struct pg *pg);

#endif
