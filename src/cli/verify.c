/* baogong verify: the ledger recomputed, the journal read again; baogong head: a signed head to keep elsewhere. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/commands.h"
#include "cli/plant.h"
#include "ledger/ledger.h"

enum { V_DB, V_HEAD, V_RECENT, V_SELF, V_COUNT };

static const struct cli_option verify_options[] = {
    [V_DB] = { "--db", "FILE|URL", "数据库、备份或只读副本，默认 baogong.db", "a database, backup or replica; baogong.db" },
    [V_HEAD] = { "--head", "FILE", "另存的签名日志头", "a signed head kept elsewhere" },
    [V_RECENT] = { "--recent", NULL, "日志只从上次月封存之后核对", "the journal only behind the last month seal" },
    [V_SELF] = { "--self-test", "FILE", "在五份副本中植入篡改，检查是否都能发现",
                 "plant damage in five copies and see that all is found" },
    [V_COUNT] = { 0 },
};

/* What both verifications found. */
struct findings {
    struct journal_report journal;
    struct ledger_report ledger;
    char malformed[32]; /* the file itself is damaged: where it was noticed */
};

static bool is_whole(const struct findings *f)
{
    return f->journal.intact && f->ledger.differences == 0 && f->malformed[0] == '\0';
}

/* The store's own word for a broken file is a finding, any other failure is none. */
static bg_err or_damage(bg_err err, struct findings *f)
{
    if (err.code == BG_STORE_DAMAGED) {
        (void)snprintf(f->malformed, sizeof f->malformed, "%s", err.field != NULL ? err.field : "database");
        return BG_DONE;
    }
    return err;
}

static bg_err look(struct store *store, const struct journal_head *head, bool recent, struct findings *ret)
{
    *ret = (struct findings){ .journal.intact = true };
    BG_TRY(
        or_damage(recent ? journal_verify_recent(store, head, &ret->journal) : journal_verify(store, head, &ret->journal), ret));
    return ret->malformed[0] != '\0' ? BG_DONE : or_damage(ledger_verify(store, &ret->ledger), ret);
}

/* Pages and keys of the file itself, behind what was read above; what is wrong is told in full on standard error. */
static bg_err look_at_file(struct store *store, struct findings *f)
{
    bool sound = true;
    BG_SCOPED_BUF words = bg_buf_init((size_t)1 << 20);
    BG_TRY(or_damage(store_check(store, false, &words, &sound), f));
    if (!sound) {
        (void)snprintf(f->malformed, sizeof f->malformed, "database");
        (void)fprintf(stderr, "%.*s\n", BG_STR_FMT(bg_buf_str(&words)));
    }
    return BG_DONE;
}

static void put_damage(const struct findings *f, struct bg_buf *out)
{
    const struct journal_report *journal = &f->journal;
    const struct ledger_report *ledger = &f->ledger;
    bool in_journal = !journal->intact;
    const char *table = in_journal ? journal->table : ledger->table, *key = in_journal ? journal->key : ledger->key;
    const char *kind = in_journal ? journal->kind : ledger->kind;
    if (f->malformed[0] != '\0') {
        table = f->malformed;
        key = "";
        kind = "malformed";
    }
    bg_json_put_str(out, "table", bg_str_of(table));
    bg_json_put_str(out, "key", bg_str_of(key));
    bg_json_put_str(out, "kind", bg_str_of(kind));
}

static void print_findings(const struct findings *f)
{
    BG_SCOPED_BUF out = bg_buf_init(4096);
    bg_json_object(&out);
    bg_json_put_int(&out, "movements", f->ledger.movements);
    bg_json_put_int(&out, "differences", f->ledger.differences);
    bg_json_put_str(&out, "journal", f->journal.intact && f->malformed[0] == '\0' ? BG_STR("intact") : BG_STR("damaged"));
    bg_json_put_int(&out, "entries", f->journal.entries);
    if (f->journal.erased > 0) {
        bg_json_put_int(&out, "erased", f->journal.erased);
    }
    if (f->journal.from > 1) {
        bg_json_put_int(&out, "from", f->journal.from);
    }
    if (f->journal.waiting > 0) {
        bg_json_put_int(&out, "waiting", f->journal.waiting);
    }
    if (!is_whole(f)) {
        put_damage(f, &out);
    }
    bg_json_object_end(&out);
    cli_print(&out);
}

static bg_err read_head(const char *path, struct journal_head *ret)
{
    char text[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return BG_FAIL_AT(BG_JOURNAL_HEAD, "--head");
    }
    ssize_t got = read(fd, text, sizeof text);
    (void)close(fd);
    return journal_head_parse(bg_str_trim((bg_str){ text, got > 0 ? (size_t)got : 0 }), ret);
}

static bg_err open_store(const struct cli *cli, const char *address, bool writable, struct store **ret)
{
    const struct store_opts opts = {
        .address = address, .env = cli->env, .log = cli->log, .read_only = !writable, .unguarded = writable, .no_migrate = true
    };
    return store_open(&opts, ret);
}

/* --- self-test --- */

static void remove_copy(const char *path)
{
    static const char *const tails[] = { "", "-wal", "-shm", ".lock", ".partial" };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char name[4200];
        (void)snprintf(name, sizeof name, "%s%s", path, tails[i]);
        (void)unlink(name);
    }
}

static bg_err try_plant(const struct cli *cli, const char *copy, const struct plant *plant, struct findings *ret)
{
    struct store *store = NULL;
    BG_TRY(open_store(cli, copy, true, &store));
    bg_err err = plant_run(store, plant);
    if (!bg_failed(err)) {
        err = look(store, NULL, false, ret);
    }
    store_close(store);
    return err;
}

static void put_plant(const struct plant *plant, const struct findings *f, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_str(out, "plant", bg_str_of(plant->name));
    bg_json_put_bool(out, "found", !is_whole(f));
    if (!is_whole(f)) {
        put_damage(f, out);
    }
    bg_json_object_end(out);
}

static bg_err try_plants(const struct cli *cli, struct store *source, const char *copy, int *ret_found, struct bg_buf *out)
{
    *ret_found = 0;
    for (const struct plant *plant = plants; plant->name != NULL; plant++) {
        struct findings findings;
        bg_err err = store_backup(source, copy, NULL);
        if (!bg_failed(err)) {
            err = try_plant(cli, copy, plant, &findings);
        }
        remove_copy(copy);
        BG_TRY(err);
        *ret_found += !is_whole(&findings);
        put_plant(plant, &findings, out);
    }
    return BG_DONE;
}

static int self_test(const struct cli *cli, const char *file)
{
    char folder[4096], copy[4120];
    struct store *source = NULL;
    struct findings findings;
    int found = 0;
    BG_SCOPED_BUF out = bg_buf_init(65536);
    bg_err err = open_store(cli, file, false, &source);
    if (!bg_failed(err)) {
        err = look(source, NULL, false, &findings);
    }
    if (bg_failed(err) || !is_whole(&findings)) { /* nothing can be shown on what is damaged already */
        store_close(source);
        if (bg_failed(err)) {
            return cli_fail(err);
        }
        print_findings(&findings);
        return CLI_BAD;
    }
    int len = snprintf(folder, sizeof folder, "%s.self-test-XXXXXX", file);
    if (len < 0 || (size_t)len >= sizeof folder || mkdtemp(folder) == NULL) {
        store_close(source);
        return cli_fail(BG_FAIL_AT(BG_STORE_OPEN, folder));
    }
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder);
    bg_json_object(&out);
    bg_json_key(&out, "plants");
    bg_json_array(&out);
    err = try_plants(cli, source, copy, &found, &out);
    store_close(source);
    (void)rmdir(folder);
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    bg_json_array_end(&out);
    bg_json_put_int(&out, "planted", 5);
    bg_json_put_int(&out, "found", found);
    bg_json_object_end(&out);
    cli_print(&out);
    return found == 5 ? CLI_GOOD : CLI_BAD;
}

/* --- verify --- */

static int verify_run(struct cli *cli)
{
    const char *values[V_COUNT];
    struct journal_head head;
    struct findings findings;
    struct store *store = NULL;
    if (!cli_options(cli, verify_options, values) || cli->argc != 0) {
        return cli_usage("verify");
    }
    if (values[V_SELF] != NULL) {
        return values[V_DB] != NULL || values[V_HEAD] != NULL ? cli_usage("verify") : self_test(cli, values[V_SELF]);
    }
    bg_err err = values[V_HEAD] != NULL ? read_head(values[V_HEAD], &head) : BG_DONE;
    if (!bg_failed(err)) {
        err = open_store(cli, values[V_DB] != NULL ? values[V_DB] : "baogong.db", false, &store);
        struct findings broken = { .journal.intact = true };
        if (err.code == BG_STORE_DAMAGED) {
            bg_ignore(or_damage(err, &broken));
            print_findings(&broken);
            return CLI_BAD;
        }
    }
    if (!bg_failed(err)) {
        err = look(store, values[V_HEAD] != NULL ? &head : NULL, values[V_RECENT] != NULL, &findings);
    }
    if (!bg_failed(err) && is_whole(&findings)) {
        err = look_at_file(store, &findings);
    }
    store_close(store);
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    print_findings(&findings);
    return is_whole(&findings) ? CLI_GOOD : CLI_BAD;
}

/* --- head --- */

static const struct cli_option head_options[] = {
    { "--db", "FILE|URL", "数据库，默认 baogong.db", "the database; baogong.db" },
    { "--keys", "DIR", "私钥所在目录，默认与数据库文件同处", "folder of the private keys; beside the database file" },
    { 0 },
};

/* The newest head that was signed, from a database somebody else holds. */
static bg_err kept_head(const struct cli *cli, const char *db, struct journal_head *ret)
{
    struct store *store = NULL;
    struct store_tx *tx = NULL;
    BG_TRY(open_store(cli, db, false, &store));
    bg_err err = store_read_begin(store, 0, &tx);
    if (!bg_failed(err)) {
        err = journal_head_newest(tx, ret);
    }
    store_read_end(tx);
    store_close(store);
    return err;
}

/* A fresh one where this process may have the database and its key, else the newest kept: a server that has it signs each minute.
 */
static bg_err get_head(const struct cli *cli, const char *db, const char *keys, struct journal_head *ret)
{
    struct app *app = NULL;
    bool server = bg_str_starts(bg_str_of(db), BG_STR("postgres"));
    if (server ? keys == NULL : access(db, F_OK) != 0) {
        return kept_head(cli, db, ret);
    }
    bg_err err = app_open(&(struct app_config){ .db = db, .keys = keys, .node = 1023 }, cli->env, cli->log, &app);
    if (err.code == BG_STORE_LOCKED) {
        return kept_head(cli, db, ret);
    }
    if (!bg_failed(err)) {
        err = journal_sign_head(app->journal, ret, NULL);
        app_close(app);
    }
    return err;
}

static int head_run(struct cli *cli)
{
    const char *values[2];
    struct journal_head head;
    if (!cli_options(cli, head_options, values) || cli->argc != 0) {
        return cli_usage("head");
    }
    bg_err err = get_head(cli, values[0] != NULL ? values[0] : "baogong.db", values[1], &head);
    BG_SCOPED_BUF out = bg_buf_init(4096);
    if (!bg_failed(err)) {
        err = journal_head_json(&head, &out);
    }
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    cli_print(&out);
    return CLI_GOOD;
}

const struct cli_command cli_commands_verify[] = {
    { .name = "verify",
      .usage = "[--db FILE|URL] [--head FILE] [--recent] | --self-test FILE",
      .zh = "重算台账并核对日志；有篡改时退出码为 1 并指出首处",
      .en = "recompute the ledger and read the journal again; exit 1 names the first damage",
      .options = verify_options,
      .run = verify_run },
    { .name = "head",
      .usage = "[--db FILE|URL] [--keys DIR]",
      .zh = "输出签名日志头，供另处保存",
      .en = "print a signed head of the journal, to be kept elsewhere",
      .options = head_options,
      .run = head_run },
    { 0 },
};
