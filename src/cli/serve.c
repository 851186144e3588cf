/* baogong serve: opens everything, says so in one line of JSON, serves until told to stop, then loses nothing. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api.h"
#include "basis/basis.h"
#include "cli/admin.h"
#include "cli/commands.h"

#define DRAIN_MS 30000

enum serve_option {
    O_DB, O_LISTEN, O_METRICS, O_CERT, O_KEY, O_WEB, O_PUBLIC, O_PROXY, O_NODE, O_KEYS, O_FILES, O_ARCHIVE, O_RATES, O_CITY, O_CITY_EN,
    O_CODE, O_COUNT
};

static const struct cli_option serve_options[] = {
    [O_DB] = { "--db", "FILE|URL", "数据库文件或 postgresql:// 地址，默认 baogong.db",
               "database file or postgresql:// address; baogong.db" },
    [O_LISTEN] = { "--listen", "HOST:PORT", "监听地址，默认 127.0.0.1:8080；端口 0 任取",
                   "where to listen; 127.0.0.1:8080; port 0 takes any" },
    [O_METRICS] = { "--metrics", "HOST:PORT", "健康检查与指标的本机地址", "local address of /healthz, /readyz and /metrics" },
    [O_CERT] = { "--tls-cert", "FILE", "TLS 证书（PEM）", "TLS certificate (PEM)" },
    [O_KEY] = { "--tls-key", "FILE", "TLS 私钥（PEM）", "TLS private key (PEM)" },
    [O_WEB] = { "--web-dir", "DIR", "从该目录提供网页（开发用）", "serve the web application from this folder (development)" },
    [O_PUBLIC] = { "--public-url", "URL", "用户输入的地址（经代理时）", "the address people type, behind a proxy" },
    [O_PROXY] = { "--trusted-proxy", "ADDRESS", "信任其 X-Forwarded-For 的代理地址", "proxy whose X-Forwarded-For is believed" },
    [O_NODE] = { "--node", "N", "进程编号 0…1023，多进程共用 PostgreSQL 时须不同",
                 "0…1023; differs between processes on one PostgreSQL" },
    [O_KEYS] = { "--keys", "DIR", "私钥所在目录，默认与数据库文件同处", "folder of the private keys; beside the database file" },
    [O_FILES] = { "--files", "DIR", "附件目录，默认 DB.files；PostgreSQL 须指定才能存附件",
                  "folder of attached files; DB.files; PostgreSQL has none unless given" },
    [O_ARCHIVE] = { "--archive", "DIR|off", "SQLite 日志的连续归档目录，可恢复到七天内任一时刻；此后一直归档，off 停止",
                    "archive of SQLite's log: any moment of seven days can be restored; kept up until off" },
    [O_RATES] = { "--rates", "ADDRESS,SESSION", "每秒请求上限（每地址、每会话），off 为不限",
                  "requests a second from an address and in a session; off" },
    [O_CITY] = { "--city-name", "NAME", "首次运行时的城市名称", "name of the city on the first run" },
    [O_CITY_EN] = { "--city-name-en", "NAME", "首次运行时的城市英文名", "its English name" },
    [O_CODE] = { "--city-code", "CODE", "首次运行时的城市区划代码", "its division code" },
    [O_COUNT] = { 0 },
};

struct serving {
    struct app *app;
    struct http_server *http, *metrics, *admin;
};

/* systemd (Type=notify) waits for this word. */
static void tell_manager(const char *word)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path) {
        return;
    }
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
        ssize_t sent = sendto(fd, word, strlen(word), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
        (void)sent;
        (void)close(fd);
    }
}

static bg_err listen_all(struct serving *serving)
{
    struct app *app = serving->app;
    const struct app_config *config = &app->config;
    struct http_opts opts = {
        .listen = config->listen,
        .tls_cert = config->tls_cert,
        .tls_key = config->tls_key,
        .trusted_proxy = config->trusted_proxy,
        .threads = config->threads,
        .env = &app->env,
        .handlers = api_handlers(app),
    };
    const struct http_opts local = { .threads = 1, .connections_max = 32, .per_ip_max = 32, .env = &app->env };
    char path[108], address[128];
    if (admin_path(config->db, path)) {
        (void)snprintf(address, sizeof address, "unix:%s", path);
        struct http_opts admin = local;
        admin.listen = address;
        admin.handlers = api_local_handlers(app, true);
        BG_TRY(http_open(&admin, &serving->admin));
    }
    if (config->metrics != NULL) {
        struct http_opts metrics = local;
        metrics.listen = config->metrics;
        metrics.handlers = api_local_handlers(app, false);
        BG_TRY(http_open(&metrics, &serving->metrics));
    }
    BG_TRY(http_open(&opts, &serving->http));
    api_serving(app, serving->http);
    return BG_DONE;
}

/* Requests under way are answered, then sockets close, then the database. */
static void serving_stop(struct serving *serving)
{
    if (serving->app != NULL && serving->app->api != NULL) {
        api_stopping(serving->app);
    }
    bool drained = true;
    struct http_server *const servers[] = { serving->http, serving->metrics, serving->admin };
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        drained = (servers[i] == NULL || http_drain(servers[i], DRAIN_MS)) && drained;
    }
    if (!drained) {
        /* Somebody's request hangs; what was acknowledged is on the disk, and the next start recovers the rest. */
        bg_log_line(&serving->app->log, BG_ALERT, "server.stuck", NULL);
        _exit(CLI_FAILED);
    }
    if (serving->app != NULL) {
        work_close(serving->app->work); /* what it changes is told to the live streams: it ends before them */
        serving->app->work = NULL;
        api_close(serving->app); /* before the sockets: it may still hold streams of clients that have left, which are the server's */
    }
    http_close(serving->http);
    http_close(serving->metrics);
    http_close(serving->admin);
    app_close(serving->app);
}

/* The one line that says the server is ready, with the one-time link of a first run. */
static void say_ready(const struct serving *serving, const char *link)
{
    BG_SCOPED_BUF out = bg_buf_init(4096);
    const struct app_config *config = &serving->app->config;
    const char *url = config->public_url != NULL ? config->public_url : http_url(serving->http);
    bg_json_object(&out);
    bg_json_put_bool(&out, "ready", true);
    bg_json_put_str(&out, "url", bg_str_of(url));
    if (serving->metrics != NULL) {
        bg_json_put_str(&out, "metrics", bg_str_of(http_url(serving->metrics)));
    }
    bg_json_put_str(&out, "engine", bg_str_of(store_engine(serving->app->store)));
    bg_json_put_str(&out, "version", bg_str_of(api_version()));
    if (link[0] != '\0') {
        BG_SCOPED_BUF whole = bg_buf_init(1024);
        bg_buf_print(&whole, "%s/#/invite/%s", url, link);
        bg_json_put_str(&out, "first_run", bg_buf_str(&whole));
    }
    bg_json_object_end(&out);
    cli_print(&out);
    (void)fflush(stdout);
}

static bool read_rates(const char *text, struct app_config *config)
{
    if (text == NULL) {
        return true;
    }
    if (strcmp(text, "off") == 0) {
        config->rate_address = -1;
        config->rate_session = -1;
        return true;
    }
    bg_str s = bg_str_of(text);
    size_t comma = bg_str_find(s, ',');
    int64_t address, session;
    if (!bg_str_int(bg_str_cut(s, 0, comma), &address) || !bg_str_int(bg_str_cut(s, comma + 1, s.len), &session) || address < 1 ||
        session < 1 || address > 1000000 || session > 1000000) {
        return false;
    }
    config->rate_address = (int)address;
    config->rate_session = (int)session;
    return true;
}

static bool read_config(const char **values, struct app_config *config)
{
    *config = (struct app_config){
        .db = values[O_DB] != NULL ? values[O_DB] : "baogong.db",
        .listen = values[O_LISTEN] != NULL ? values[O_LISTEN] : "127.0.0.1:8080",
        .metrics = values[O_METRICS],
        .tls_cert = values[O_CERT],
        .tls_key = values[O_KEY],
        .web_dir = values[O_WEB],
        .public_url = values[O_PUBLIC],
        .trusted_proxy = values[O_PROXY],
        .keys = values[O_KEYS],
        .files = values[O_FILES],
        .archive = values[O_ARCHIVE] != NULL && strcmp(values[O_ARCHIVE], "off") == 0 ? "" : values[O_ARCHIVE],
    };
    int64_t node = 0;
    if (values[O_NODE] != NULL && (!bg_str_int(bg_str_of(values[O_NODE]), &node) || node < 0 || node > 1023)) {
        return false;
    }
    config->node = (int)node;
    return (config->tls_cert == NULL) == (config->tls_key == NULL) && read_rates(values[O_RATES], config);
}

/* Signals come to sigwait only; they are blocked before any thread starts. */
static void block_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static bg_err serving_start(struct serving *serving, const struct app_config *config, const char **values, struct cli *cli)
{
    BG_TRY(app_open(config, cli->env, cli->log, &serving->app));
    BG_TRY(api_open(serving->app));
    const struct auth_first first = {
        .city_code = bg_str_of(values[O_CODE] != NULL ? values[O_CODE] : "000000"),
        .name_zh = bg_str_of(values[O_CITY] != NULL ? values[O_CITY] : "本市"),
        .name_en = bg_str_of(values[O_CITY_EN] != NULL ? values[O_CITY_EN] : "The city"),
        .offset_min = BG_CITY_OFFSET_MIN,
    };
    char link[72] = "";
    BG_TRY(auth_first_run(serving->app->auth, &first, link));
    BG_TRY(work_start(serving->app->work));
    BG_TRY(basis_start(serving->app->basis, 0));
    BG_TRY(listen_all(serving));
    say_ready(serving, link);
    explicit_bzero(link, sizeof link);
    return BG_DONE;
}

static int serve_run(struct cli *cli)
{
    const char *values[O_COUNT];
    struct app_config config;
    if (!cli_options(cli, serve_options, values) || cli->argc != 0 || !read_config(values, &config)) {
        return cli_usage("serve");
    }
    sigset_t signals;
    block_signals(&signals);
    struct serving serving = { 0 };
    bg_err err = serving_start(&serving, &config, values, cli);
    if (bg_failed(err)) {
        serving_stop(&serving);
        return cli_fail(err);
    }
    tell_manager("READY=1");
    int got = 0;
    (void)sigwait(&signals, &got);
    bg_log_line(cli->log, BG_INFO, "server.stopping", "signal", got == SIGTERM ? "TERM" : "INT", NULL);
    tell_manager("STOPPING=1");
    serving_stop(&serving);
    return CLI_GOOD;
}

const struct cli_command cli_commands_serve[] = {
    { .name = "serve",
      .usage = "[--db FILE|postgresql://…] [--listen HOST:PORT] [--tls-cert F --tls-key F] [--metrics HOST:PORT] …",
      .zh = "运行服务；就绪后输出一行 JSON",
      .en = "run the server; prints one line of JSON when it is ready",
      .options = serve_options,
      .run = serve_run },
    { 0 },
};
