/* Damage of every sort is planted on both engines, as by somebody with full access to the database; verify must name the first
 * row. */
#include <openssl/evp.h>
#include <sqlite3.h>

#include "journal/private.h"
#include "toy.h"

#define MANY 700

/* SQL as the owner of the database, around the guards of the store. */
static bool by_hand(struct toy_world *w, const char *sql)
{
    bool done;
    if (w->postgres) {
        PGconn *pg = PQconnectdb(w->address);
        PGresult *result = PQexec(pg, sql);
        done = PQresultStatus(result) == PGRES_COMMAND_OK;
        if (!done) {
            printf("# %s", PQerrorMessage(pg));
        }
        PQclear(result);
        PQfinish(pg);
        return done;
    }
    sqlite3 *db = NULL;
    char *message = NULL;
    done = sqlite3_open(w->path, &db) == SQLITE_OK &&
           sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK;
    if (!done) {
        printf("# %s\n", message != NULL ? message : "cannot open");
    }
    sqlite3_free(message);
    sqlite3_close(db);
    return done;
}

static const char *const tables[] = {
    "journal_entry", "journal_body", "journal_node", "journal_state", "journal_seal", "journal_head", "op"
};
#define TABLES (sizeof tables / sizeof tables[0])

static bool keep_all(struct toy_world *w)
{
    bool done = true;
    for (size_t i = 0; i < TABLES; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql, "CREATE TABLE kept_%s AS SELECT * FROM %s", tables[i], tables[i]);
        done = done && by_hand(w, sql);
    }
    return done;
}

static bool restore_all(struct toy_world *w)
{
    bool done = true;
    for (size_t i = 0; i < TABLES; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s; INSERT INTO %s SELECT * FROM kept_%s", tables[i], tables[i], tables[i]);
        done = done && by_hand(w, sql);
    }
    return done;
}

static void expect(struct toy_world *w, const struct journal_head *head, const char *what, const char *table, const char *key,
                   const char *kind)
{
    struct journal_report report = { 0 };
    bg_err err = journal_verify(w->store, head, &report);
    bool found = !bg_failed(err) && !report.intact && strcmp(report.table, table) == 0 && strcmp(report.key, key) == 0 &&
                 strcmp(report.kind, kind) == 0;
    OK(found, "%s: %s %s %s", what, report.table, report.key, report.kind);
    if (!restore_all(w)) {
        OK(false, "restored");
    }
}

struct plant {
    const char *what, *sql, *table, *key, *kind;
};

static const struct plant plants[] = {
    { "a changed actor", "UPDATE journal_entry SET actor = 6 WHERE position = 100", "journal_entry", "position=100", "altered" },
    { "a changed city", "UPDATE journal_entry SET city = 2 WHERE position = 1", "journal_entry", "position=1", "altered" },
    { "a changed body", "UPDATE journal_body SET body = replace(body, '\"5\"', '\"6\"') WHERE position = 101", "journal_body",
      "position=101", "altered" },
    { "a changed salt", "UPDATE journal_body SET salt = (SELECT salt FROM journal_body WHERE position = 1) WHERE position = 99",
      "journal_body", "position=99", "altered" },
    { "a changed chain", "UPDATE journal_entry SET chain = leaf WHERE position = 700", "journal_entry", "position=700",
      "altered" },
    { "a deleted entry", "DELETE FROM journal_entry WHERE position = 300", "journal_entry", "position=300", "missing" },
    { "a deleted entry with its body",
      "DELETE FROM journal_entry WHERE position = 256; DELETE FROM journal_body WHERE position = 256", "journal_entry",
      "position=256", "missing" },
    { "a body nobody erased", "DELETE FROM journal_body WHERE position = 301", "journal_body", "position=301", "missing" },
    { "a body with personal data nobody erased", "DELETE FROM journal_body WHERE position = 43", "journal_body", "position=43",
      "missing" },
    { "a cut tail", "DELETE FROM journal_entry WHERE position > 690; DELETE FROM journal_body WHERE position > 690",
      "journal_entry", "position=691", "tail-cut" },
    { "two swapped neighbours",
      "UPDATE journal_entry SET position = -1 WHERE position = 200; UPDATE journal_entry SET position = 200 WHERE position = 201;"
      "UPDATE journal_entry SET position = 201 WHERE position = -1;"
      "UPDATE journal_body SET position = -1 WHERE position = 200; UPDATE journal_body SET position = 200 WHERE position = 201;"
      "UPDATE journal_body SET position = 201 WHERE position = -1",
      "journal_entry", "position=200", "reordered" },
    { "two swapped far apart",
      "UPDATE journal_entry SET position = -1 WHERE position = 17; UPDATE journal_entry SET position = 17 WHERE position = 650;"
      "UPDATE journal_entry SET position = 650 WHERE position = -1;"
      "UPDATE journal_body SET position = -1 WHERE position = 17; UPDATE journal_body SET position = 17 WHERE position = 650;"
      "UPDATE journal_body SET position = 650 WHERE position = -1",
      "journal_entry", "position=17", "reordered" },
    { "a changed subtree", "UPDATE journal_node SET hash = (SELECT leaf FROM journal_entry WHERE position = 1) WHERE number = 1",
      "journal_node", "level=8,number=1", "altered" },
    { "a deleted subtree", "DELETE FROM journal_node WHERE number = 0", "journal_node", "level=8,number=0", "missing" },
    { "a changed edge", "UPDATE journal_state SET chain = (SELECT chain FROM journal_entry WHERE position = 5)", "journal_state",
      "id=1", "altered" },
    { "no edge at all", "DELETE FROM journal_state", "journal_state", "id=1", "missing" },
    { "a changed seal", "UPDATE journal_seal SET root = chain", "journal_seal", "month=202201", "rewritten" },
    { "a head changed", "UPDATE journal_head SET at = at + 1", "journal_head", "size=700", "altered" },
    { "a head of an unknown key", "UPDATE journal_head SET public_key = (SELECT leaf FROM journal_entry WHERE position = 1)",
      "journal_head", "size=700", "altered" },
};

/* --- somebody who computes everything again --- */

struct forger {
    struct toy_world *w;
    struct merkle_hasher *hasher;
    struct merkle_frontier frontier;
    uint8_t chain[32];
    struct bg_buf sql;
    int64_t end;
};

static void forge_bytes(struct forger *f, const uint8_t *bytes, size_t len)
{
    bg_buf_add(&f->sql, f->w->postgres ? BG_STR("decode('") : BG_STR("x'"));
    bg_buf_hex(&f->sql, bytes, len);
    bg_buf_add(&f->sql, f->w->postgres ? BG_STR("','hex')") : BG_STR("'"));
}

static void forge_node(void *ctx, int level, int64_t index, const uint8_t hash[32])
{
    struct forger *f = ctx;
    if (level == TILE_LEVELS) {
        bg_buf_add(&f->sql, BG_STR("UPDATE journal_node SET hash = "));
        forge_bytes(f, hash, 32);
        bg_buf_print(&f->sql, " WHERE number = %lld;", (long long)index);
    }
}

/* Everything up to `end` gets hashes that fit the bodies as they are now. */
static bg_err forge_rows(struct forger *f)
{
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_SCOPED_BUF prefix = bg_buf_init(4096);
    BG_TRY(store_read_begin(f->w->store, 0, &tx));
    BG_TRY(store_query(tx, SQL_JOURNAL_WALK, ARGS(V_INT(1), V_INT(f->end + 1)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        uint8_t leaf[32];
        char at[25];
        bg_time_text(store_int(rows, 6), at);
        bg_buf_clear(&prefix);
        entry_prefix(&prefix, store_int(rows, 1), store_text(rows, 2), store_text(rows, 3), store_int(rows, 4), bg_str_of(at),
                     store_int(rows, 5));
        entry_leaf(f->hasher, store_text(rows, 10), store_text(rows, 11), leaf);
        entry_chain(f->hasher, f->chain, leaf, bg_buf_str(&prefix), store_int(rows, 7) != 0, f->chain);
        merkle_append(f->hasher, &f->frontier, leaf, forge_node, f);
        bg_buf_add(&f->sql, BG_STR("UPDATE journal_entry SET leaf = "));
        forge_bytes(f, leaf, 32);
        bg_buf_add(&f->sql, BG_STR(", chain = "));
        forge_bytes(f, f->chain, 32);
        bg_buf_print(&f->sql, " WHERE position = %lld;", (long long)store_int(rows, 0));
        BG_TRY(store_next(rows, &more));
    }
    store_rows_done(rows);
    rows = NULL;
    return BG_DONE;
}

static bool forge(struct toy_world *w, int64_t end)
{
    struct forger f = { .w = w, .sql = bg_buf_init(4 << 20), .end = end };
    uint8_t packed[MERKLE_LEVELS * 32];
    bg_ignore(merkle_hasher_open(JOURNAL_SHA256, &f.hasher));
    bool done = !bg_failed(forge_rows(&f));
    size_t len = merkle_frontier_pack(&f.frontier, packed);
    bg_buf_print(&f.sql, "UPDATE journal_state SET size = %lld, chain = ", (long long)end);
    forge_bytes(&f, f.chain, 32);
    bg_buf_add(&f.sql, BG_STR(", frontier = "));
    forge_bytes(&f, packed, len);
    bg_buf_byte(&f.sql, '\0');
    done = done && !f.sql.failed && by_hand(w, f.sql.at);
    bg_buf_done(&f.sql);
    merkle_hasher_close(f.hasher);
    return done;
}

static void forgeries(struct toy_world *w, const struct journal_head *kept)
{
    static const char change[] =
        "UPDATE journal_body SET body = replace(body, '\"actor\":\"5\"', '\"actor\":\"6\"') WHERE position = 120;"
        "UPDATE journal_entry SET actor = 6 WHERE position = 120;";
    OK(by_hand(w, change) && forge(w, MANY), "one entry changed, every hash computed again");
    expect(w, NULL, "a seal tells", "journal_seal", "month=202201", "rewritten");
    OK(by_hand(w, change) && forge(w, MANY) && by_hand(w, "DELETE FROM journal_seal"), "the seals deleted too");
    expect(w, NULL, "a signed head tells", "journal_head", "size=700", "rewritten");
    OK(by_hand(w, change) && forge(w, MANY) && by_hand(w, "DELETE FROM journal_seal; DELETE FROM journal_head"), "the heads too");
    expect(w, kept, "the head kept elsewhere tells", "head", "kept elsewhere", "rewritten");
    static const char cut[] = "DELETE FROM journal_entry WHERE position > 690; DELETE FROM journal_body WHERE position > 690;";
    OK(by_hand(w, cut) && forge(w, 690), "the tail cut, the edge moved back");
    expect(w, NULL, "a signed head tells", "journal_entry", "position=691", "tail-cut");
    if (!w->postgres) {
        OK(by_hand(w, cut) && forge(w, 690) && by_hand(w, "DELETE FROM journal_head"), "the heads deleted too");
        expect(w, NULL, "a kept answer tells", "journal_entry", "position=691", "tail-cut");
    }
    OK(by_hand(w, cut) && forge(w, 690) && by_hand(w, "DELETE FROM journal_head; DELETE FROM op"), "the answers too");
    expect(w, kept, "the head kept elsewhere tells", "journal_entry", "position=691", "tail-cut");
    OK(forge(w, 690), "the edge alone moved back");
    expect(w, NULL, "the entries tell", "journal_state", "id=1", "altered");
}

static void fill(struct toy_world *w, struct journal_head *kept)
{
    int failed = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        if (i == 400) {
            w->sim.now += INT64_C(31) * 86400000;
        }
        w->sim.now += 1000;
        failed +=
            bg_failed(toy_run(w, &toy_hot, (struct toy_in){ .id = (int64_t)(i % 20), .add = 1, .persons = i == 42 }, i, NULL));
    }
    failed += bg_failed(journal_sequence(w->journal)) + bg_failed(journal_seal_months(w->journal));
    failed += bg_failed(journal_sign_head(w->journal, kept, NULL));
    OK(failed == 0 && keep_all(w), "a journal of %d entries with seal and head", MANY);
}

static void on_engine(const char *server)
{
    struct toy_world w;
    struct journal_head kept;
    bool begun = toy_begin(&w, server);
    OK(begun, "%s opens", server == NULL ? "SQLite" : "PostgreSQL");
    if (begun) {
        fill(&w, &kept);
        struct journal_report report = { 0 };
        OK(!bg_failed(journal_verify(w.store, &kept, &report)) && report.intact, "intact before");
        for (size_t i = 0; i < sizeof plants / sizeof plants[0]; i++) {
            if (by_hand(&w, plants[i].sql)) {
                expect(&w, NULL, plants[i].what, plants[i].table, plants[i].key, plants[i].kind);
            } else {
                OK(false, "planted: %s", plants[i].what);
            }
        }
        forgeries(&w, &kept);
        OK(!bg_failed(journal_verify(w.store, &kept, &report)) && report.intact, "intact again at the end (%s %s %s)",
           report.table, report.key, report.kind);
    }
    toy_end(&w);
}

int main(void)
{
    on_engine(NULL);
    if (getenv("BAOGONG_TEST_PG") != NULL) {
        on_engine(getenv("BAOGONG_TEST_PG"));
    } else {
        SKIP("PostgreSQL: BAOGONG_TEST_PG is not set");
    }
    return TAP_DONE();
}
