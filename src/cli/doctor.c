/* baogong doctor: what could go wrong, before it does. One line of JSON a finding, then a line that sums up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/admin.h"
#include "cli/data.h"

#define ANSWER_MAX_BYTES (1u << 20)
#define DISK_LEAST_BYTES (INT64_C(1) << 30)
#define FILES_LEAST 4096

const struct cli_option doctor_options[] = {
    { "--db", "FILE|URL", "数据库文件或 postgresql:// 地址，默认 baogong.db", "database file or postgresql:// address; baogong.db" },
    { 0 },
};

enum verdict { GOOD, WARN, BAD };

struct visit {
    struct cli *cli;
    const char *db;
    int warnings, faults;
};

static void find(struct visit *visit, const char *what, enum verdict verdict, const char *value, const char *zh, const char *en)
{
    static const char *const words[] = { "good", "warning", "bad" };
    BG_SCOPED_BUF out = bg_buf_init(8192);
    visit->warnings += verdict == WARN;
    visit->faults += verdict == BAD;
    bg_json_object(&out);
    bg_json_put_str(&out, "check", bg_str_of(what));
    bg_json_put_str(&out, "verdict", bg_str_of(words[verdict]));
    bg_json_put_str(&out, "value", bg_str_of(value));
    if (verdict != GOOD) {
        bg_json_put_str(&out, "words", bg_str_of(zh));
        bg_json_put_str(&out, "words_en", bg_str_of(en));
    }
    bg_json_object_end(&out);
    cli_print(&out);
}

/* "SQLite 3.54.1" */
static bool engine_version(const char *engine, long version[3])
{
    const char *at = strchr(engine, ' ');
    char *end = NULL;
    for (int i = 0; at != NULL && i < 3; i++) {
        version[i] = strtol(at + 1, &end, 10);
        at = end > at + 1 ? end : NULL;
    }
    return at != NULL;
}

/* Versions before 3.51.3 can corrupt a WAL database when two connections commit or checkpoint at the same moment; 3.50.7 and 3.44.6 have
 * the repair too. The writer then checkpoints itself, which avoids it at the price of stalls. */
static void look_at_engine(struct visit *visit, const char *engine)
{
    long v[3];
    bool sqlite = strncmp(engine, "SQLite ", 7) == 0 && engine_version(engine, v);
    long number = sqlite ? v[0] * 1000000 + v[1] * 1000 + v[2] : 0;
    bool sound = !sqlite || number >= 3051003 || (v[1] == 50 && v[2] >= 7) || (v[1] == 44 && v[2] >= 6);
    find(visit, "engine", sound ? GOOD : WARN, engine, "该版本有 WAL 重置缺陷，已改由写线程做检查点；建议用默认方式编译",
         "this version has the WAL-reset bug; the writer checkpoints instead. Building the default way brings a sound one");
}

static void look_at_disk(struct visit *visit)
{
    char folder[4096], value[64];
    const char *slash = strrchr(visit->db, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - visit->db) + 1 : 1, slash != NULL ? visit->db : ".");
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0) {
        find(visit, "disk", BAD, folder, "无法读取该目录所在磁盘", "cannot look at the disk of this folder");
        return;
    }
    int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    struct stat db = { 0 };
    (void)stat(visit->db, &db);
    int64_t wanted = db.st_size > DISK_LEAST_BYTES ? db.st_size : DISK_LEAST_BYTES; /* room for a backup beside it */
    (void)snprintf(value, sizeof value, "%lld MiB free", (long long)(free_bytes >> 20));
    find(visit, "disk",
         free_bytes >= wanted       ? GOOD
         : free_bytes >= wanted / 8 ? WARN
                                    : BAD,
         value, "磁盘剩余空间不足以再存一份数据库", "the disk has no room for another copy of the database");
}

static void look_at_clock(struct visit *visit)
{
    char value[25];
    bg_ms now = bg_now(visit->cli->env);
    bg_time_text(now, value);
    struct stat db = { 0 };
    bool behind = stat(visit->db, &db) == 0 && (bg_ms)db.st_mtime * 1000 > now + 60000;
    bool odd = now < INT64_C(1577836800000); /* 2020 */
    find(visit, "clock", behind || odd ? BAD : GOOD, value, "本机时钟落后于数据库的最后写入时间，请校时",
         "the clock is behind the database's last write; set it");
}

static void look_at_limits(struct visit *visit)
{
    struct rlimit files;
    char value[64];
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return;
    }
    (void)snprintf(value, sizeof value, "%llu open files", (unsigned long long)files.rlim_max);
    find(visit, "limits", files.rlim_max >= FILES_LEAST ? GOOD : WARN, value, "可打开文件数过少，连接数会受限",
         "few open files are allowed; connections will be few");
}

static void look_at_mode(struct visit *visit, const char *ending)
{
    char path[4096], value[4200];
    struct stat stat_;
    (void)snprintf(path, sizeof path, "%s%s", visit->db, ending);
    if (stat(path, &stat_) != 0) {
        return;
    }
    (void)snprintf(value, sizeof value, "%s %03o", path, stat_.st_mode & 0777u);
    find(visit, "permissions", (stat_.st_mode & 077u) == 0 ? GOOD : WARN, value, "其他用户可以读取该文件，请执行 chmod 600",
         "other users may read this file; chmod 600");
}

#define ARCHIVE_WORDS "归档失败或已停滞：请检查归档盘空间与权限；业务不受影响，但此后的时刻无法恢复"
#define ARCHIVE_WORDS_EN "the archive fails or stands still: look at its disk; the city goes on, but later moments cannot be restored"

/* Without a server: the folder that this file is archived in is there, can be written and has a base to restore from. */
static void look_at_archive(struct visit *visit)
{
    char folder[4096], base[4200];
    struct store_position place;
    struct store_moment moment;
    if (store_archive_of(visit->db, folder, sizeof folder)) {
        bool good = access(folder, W_OK | X_OK) == 0 &&
                    !bg_failed(store_archive_base(folder, bg_now(visit->cli->env), base, sizeof base, &place, &moment));
        find(visit, "archive", good ? GOOD : BAD, folder, ARCHIVE_WORDS, ARCHIVE_WORDS_EN);
    }
}

/* What a running server says of itself. */
static void look_at_server(struct visit *visit, const struct bg_buf *answer, int status)
{
    char value[2048];
    (void)snprintf(value, sizeof value, "%.*s", (int)answer->len, answer->at != NULL ? answer->at : "");
    bool ok = status == 200 && strstr(value, "\"ok\":true") != NULL;
    find(visit, "server", ok ? GOOD : BAD, value, "正在运行的服务报告数据库有问题", "the running server reports damage");
    const char *archive = strstr(value, "\"archive\":\"");
    if (archive != NULL && strncmp(archive + 11, "off", 3) != 0) {
        char state[16];
        (void)snprintf(state, sizeof state, "%.*s", (int)strcspn(archive + 11, "\""), archive + 11);
        find(visit, "archive", strcmp(state, "good") == 0 ? GOOD : BAD, state, ARCHIVE_WORDS, ARCHIVE_WORDS_EN);
    }
    const char *engine = strstr(value, "\"engine\":\"");
    if (engine != NULL) {
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(engine + 10, "\""), engine + 10);
        look_at_engine(visit, name);
    }
}

/* Without a server: the file itself, read only. */
static bg_err look_at_file(struct visit *visit)
{
    const struct store_opts opts = { .address = visit->db, .env = visit->cli->env, .log = visit->cli->log, .read_only = true };
    struct store *store = NULL;
    bg_err err = store_open(&opts, &store);
    if (bg_failed(err)) {
        find(visit, "database", BAD, bg_errors[err.code].slug, bg_errors[err.code].zh, bg_errors[err.code].en);
        return BG_DONE;
    }
    BG_SCOPED_BUF found = bg_buf_init(ANSWER_MAX_BYTES);
    bool ok = false;
    look_at_engine(visit, store_engine(store));
    err = store_check(store, false, &found, &ok);
    store_close(store);
    BG_TRY(err);
    bg_buf_byte(&found, '\0');
    look_at_archive(visit);
    find(visit, "database", ok ? GOOD : BAD, ok ? "checked" : found.at, "数据库检查发现问题", "the check of the database found damage");
    return BG_DONE;
}

int doctor_run(struct cli *cli)
{
    const char *db;
    if (!cli_options(cli, doctor_options, &db) || cli->argc != 0) {
        return cli_usage("doctor");
    }
    struct visit visit = { .cli = cli, .db = db != NULL ? db : "baogong.db" };
    char path[108];
    bool file = admin_path(visit.db, path);
    BG_SCOPED_BUF answer = bg_buf_init(ANSWER_MAX_BYTES);
    int status = 0;
    bool found = false;
    bg_err err = admin_post(visit.db, "/check", &answer, &status, &found);
    if (!bg_failed(err) && found) {
        look_at_server(&visit, &answer, status);
    } else if (!bg_failed(err)) {
        err = look_at_file(&visit);
    }
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    look_at_clock(&visit);
    look_at_limits(&visit);
    if (file) {
        look_at_disk(&visit);
        look_at_mode(&visit, "");
        look_at_mode(&visit, ".journal.key");
        look_at_mode(&visit, ".auth.key");
    }
    BG_SCOPED_BUF out = bg_buf_init(1024);
    bg_json_object(&out);
    bg_json_put_bool(&out, "ok", visit.faults == 0);
    bg_json_put_int(&out, "warnings", visit.warnings);
    bg_json_put_int(&out, "faults", visit.faults);
    bg_json_object_end(&out);
    cli_print(&out);
    return visit.faults == 0 ? CLI_GOOD : CLI_BAD;
}
