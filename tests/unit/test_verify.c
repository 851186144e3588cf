/* The commands verify and head over a real ledger: exit codes, the named damage, heads kept elsewhere, the self-test. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>

#include "cli/cli.h"
#include "ledger_bed.h"

static char said[65536];

/* Runs the program's command line in this process; what it says goes to `said`. Ended by NULL. */
static int run(struct ledger_bed *lb, const char *command, ...)
{
    char *argv[16] = { (char *)(uintptr_t) "baogong", (char *)(uintptr_t)command };
    int argc = 2;
    va_list args;
    va_start(args, command);
    for (char *arg; argc < 15 && (arg = va_arg(args, char *)) != NULL; argc++) {
        argv[argc] = arg;
    }
    va_end(args);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/said", lb->bed.folder);
    (void)fflush(stdout);
    int kept = dup(STDOUT_FILENO), kept_errors = dup(STDERR_FILENO);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    int code = cli_main(argc, argv);
    (void)fflush(stdout);
    (void)dup2(kept, STDOUT_FILENO);
    (void)dup2(kept_errors, STDERR_FILENO);
    ssize_t len = pread(fd, said, sizeof said - 1, 0);
    len -= len > 0 && said[len - 1] == '\n';
    said[len > 0 ? len : 0] = '\0';
    (void)close(fd);
    (void)close(null);
    (void)close(kept);
    (void)close(kept_errors);
    return code;
}

static bool by_hand(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    bool done = sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    return done;
}

static void keep(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        (void)fputs(text, file);
        (void)fclose(file);
    }
}

static void fill(struct ledger_bed *lb)
{
    int failed = 0;
    for (int i = 0; i < 30; i++) {
        lb->sim.now += BED_DAY / 6;
        failed += bg_failed(bed_receive(lb, lb->airport, lb->mask, lb->mask_lots[i % BED_LOTS], 100, BG_TIME_NONE));
        failed +=
            bg_failed(bed_issue(lb, lb->airport, lb->hospital, lb->mask, lb->mask_lots[i % BED_LOTS], 10, false, BG_TIME_NONE));
    }
    OK(failed == 0, "sixty postings");
    journal_close(lb->journal);
    store_close(lb->store);
    lb->journal = NULL;
    lb->store = NULL;
}

static void whole(struct ledger_bed *lb)
{
    const char *db = lb->bed.address;
    OK(run(lb, "verify", "--db", db, NULL) == CLI_GOOD &&
           strncmp(said, "{\"movements\":60,\"differences\":0,\"journal\":\"intact\"", 50) == 0,
       "verify: %s", said);
    OK(run(lb, "verify", "--db", db, "--recent", NULL) == CLI_GOOD, "verify --recent");
    OK(run(lb, "verify", "--db", db, "what", NULL) == CLI_USAGE, "an operand is a usage error");
    OK(run(lb, "verify", "--db", "/nonexistent/a.db", NULL) == CLI_FAILED, "no database: could not run");
    OK(access("/nonexistent", F_OK) != 0 && run(lb, "head", "--db", "/tmp/bg-no-such.db", NULL) == CLI_FAILED &&
           access("/tmp/bg-no-such.db", F_OK) != 0,
       "head makes no database");
}

static void heads(struct ledger_bed *lb)
{
    const char *db = lb->bed.address;
    char head[512], forged[512];
    (void)snprintf(head, sizeof head, "%s/head.json", lb->bed.folder);
    (void)snprintf(forged, sizeof forged, "%s/forged.json", lb->bed.folder);
    OK(run(lb, "head", "--db", db, NULL) == CLI_GOOD && strstr(said, "\"signature\":\"") != NULL, "a signed head");
    keep(head, said);
    OK(run(lb, "verify", "--db", db, "--head", head, NULL) == CLI_GOOD, "consistent with it");
    (void)run(lb, "head", "--db", db, NULL);
    char *size = strstr(said, "\"size\":");
    if (size != NULL) {
        size[7]++;
    }
    keep(forged, said);
    OK(run(lb, "verify", "--db", db, "--head", forged, NULL) == CLI_FAILED, "a forged head is no damage of the database");
    OK(run(lb, "verify", "--db", db, "--head", "/nonexistent/head", NULL) == CLI_FAILED, "nor is a missing one");
    OK(by_hand(db, "CREATE TABLE kept AS SELECT * FROM journal_state; UPDATE journal_state SET log = zeroblob(16)") &&
           run(lb, "verify", "--db", db, "--head", head, NULL) == CLI_FAILED,
       "nor one of another journal");
    OK(by_hand(db, "UPDATE journal_state SET log = (SELECT log FROM kept); DROP TABLE kept") &&
           run(lb, "verify", "--db", db, "--head", head, NULL) == CLI_GOOD,
       "all well again");
}

static void damage(struct ledger_bed *lb)
{
    const char *db = lb->bed.address;
    OK(by_hand(db, "UPDATE journal_entry SET actor = actor + 1 WHERE position = 20"), "an actor is changed");
    OK(run(lb, "verify", "--db", db, NULL) == CLI_BAD && strstr(said, "\"journal\":\"damaged\"") != NULL &&
           strstr(said, "\"table\":\"journal_entry\",\"key\":\"position=20\",\"kind\":\"altered\"") != NULL,
       "verify: %s", said);
    OK(run(lb, "verify", "--self-test", db, NULL) == CLI_BAD, "the self-test needs a whole database");
    OK(by_hand(db, "UPDATE journal_entry SET actor = actor - 1 WHERE position = 20"), "and changed back");
    OK(by_hand(db,
               "UPDATE stock_account SET qty = qty + 1 WHERE qty > 0 AND id = (SELECT min(id) FROM stock_account WHERE qty > 0)"),
       "a balance is changed");
    OK(run(lb, "verify", "--db", db, NULL) == CLI_BAD && strstr(said, "\"journal\":\"intact\"") != NULL &&
           strstr(said, "\"table\":\"stock_") != NULL,
       "verify: %s", said);
    OK(by_hand(db,
               "UPDATE stock_account SET qty = qty - 1 WHERE qty > 0 AND id = (SELECT min(id) FROM stock_account WHERE qty > 0)"),
       "and changed back");
}

/* A page of rubbish in the middle of a copy. */
static void rubbish(struct ledger_bed *lb)
{
    char copy[512], page[4096];
    struct store *store = NULL;
    (void)snprintf(copy, sizeof copy, "%s/copy.db", lb->bed.folder);
    memset(page, 0x55, sizeof page);
    const struct store_opts opts = { .address = lb->bed.address, .env = &lb->env, .read_only = true };
    bed_must("source", store_open(&opts, &store));
    bed_must("copy", store_backup(store, copy, NULL));
    store_close(store);
    OK(run(lb, "verify", "--db", copy, NULL) == CLI_GOOD, "verify of a backup");
    int found = 0, tried = 0;
    int fd = open(copy, O_RDWR | O_CLOEXEC);
    off_t pages = lseek(fd, 0, SEEK_END) / (off_t)sizeof page;
    for (off_t at = 2; at < pages; at += 17, tried++) {
        char kept[sizeof page];
        bool written = pread(fd, kept, sizeof kept, at * (off_t)sizeof page) == sizeof kept &&
                       pwrite(fd, page, sizeof page, at * (off_t)sizeof page) == sizeof page;
        found += written && run(lb, "verify", "--db", copy, NULL) == CLI_BAD;
        if (pwrite(fd, kept, sizeof kept, at * (off_t)sizeof page) != sizeof kept) {
            break;
        }
    }
    (void)close(fd);
    OK(tried > 3 && found == tried, "a page of rubbish is found wherever it is (%d of %d)", found, tried);
}

int main(void)
{
    struct ledger_bed *lb = bed_ledger(BED_SQLITE, 3);
    fill(lb);
    whole(lb);
    heads(lb);
    damage(lb);
    rubbish(lb);
    OK(run(lb, "verify", "--self-test", lb->bed.address, NULL) == CLI_GOOD && strstr(said, "\"planted\":5,\"found\":5") != NULL,
       "self-test: %s", said);
    OK(run(lb, "verify", "--db", lb->bed.address, NULL) == CLI_GOOD, "which leaves the database as it was");
    bed_ledger_done(lb);
    return TAP_DONE();
}
