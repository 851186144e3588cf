/* Every allocation failing once: scripted scenarios, commands and requests, are run again and again, the first time with the first
 * allocation refused, then the second, and so on to the last. Each must end in a clean error that says that memory is out, or as if nothing
 * had happened; never in a crash, a leak (under ASan), another answer, or a change that is there by half. Refused are the allocations of
 * the program and of the SQLite in it, on any thread; those inside shared libraries are not reached.
 * BAOGONG_MEMORY_TRIES: allocations tried in a scenario (10), 0 for all. BAOGONG_MEMORY_ONLY: scenarios whose name holds this. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <limits.h>

#include "api/api.h"
#include "cli/cli.h"
#include "codec/json.h"
#include "store_bed.h"
#include "tap.h"
#include "tools/setup.c"

/* --- between the program and the heap --- */

struct plan {
    _Atomic bool armed, hit;
    _Atomic long seen, target; /* allocations since it was armed; the one that fails */
    /* what a scenario of requests found out, for its parent */
    long tried, refused;
    char wrong[2000];
};
static struct plan *plan; /* shared with the children */

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);

static bool refuse(void)
{
    if (plan == NULL || !atomic_load(&plan->armed) || atomic_fetch_add(&plan->seen, 1) + 1 != atomic_load(&plan->target)) {
        return false;
    }
    atomic_store(&plan->hit, true);
    return true;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    return refuse() ? NULL : __real_realloc(at, size);
}

/* A crash must not look like "some input was bad". */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "exitcode=99";
}

static void arm(long target)
{
    atomic_store(&plan->hit, false);
    atomic_store(&plan->seen, 0);
    atomic_store(&plan->target, target);
    atomic_store(&plan->armed, true);
}

static void disarm(void)
{
    atomic_store(&plan->armed, false);
}

/* --- scenarios of the command line --- */

enum { WRITES = 1, DATABASE = 2, BAD = 4 /* exits 1 */, CHANGES = 8 /* its answer is never twice the same */, WHOLE = 16 };

struct scenario {
    const char *words;
    int flags;
};

static const struct scenario scenarios[] = {
    { "check credit-code 91120118MA06KBAN3X 91350100M000100Y43", BAD },
    { "check plate 津A12345 津AD12345 x", BAD },
    { "check division 120112 1201", BAD },
    { "check id-card 11010519491231002X", 0 },
    { "check gtin 06901234567892 1", BAD },
    { "check sscc 106141412345678908", 0 },
    { "gs1 ]d201069012345678921725123110LOT7", 0 },
    { "gs1 --link https://id.example.org 010690123456789210L1\\x1D21S1", 0 },
    { "gs1 https://id.example.org/01/06901234567892/10/L1?17=251231", 0 },
    { "workday 2022-01-28 5", 0 },
    { "base45 encode hello", 0 },
    { "base45 decode QED8WEX0", 0 },
    { "epidemic rt --incidence inc.csv --si si.csv", 0 },
    { "solve flow toy.min", 0 },
    { "solve location cap.txt", 0 },
    { "solve cascade --firms firms.csv --links links.csv", 0 },
    { "openapi", 0 },
    { "openapi --typescript", 0 },
    { "help", 0 },
    { "man", 0 },
    { "import owners owners.csv --db new.db", WRITES | DATABASE | WHOLE },
    { "import items items.csv --db city.db", WRITES | DATABASE },
    { "import items items16.csv --db city.db", WRITES | DATABASE },
    { "import items items.xlsx --db city.db", WRITES | DATABASE },
    { "import items bad.csv --db city.db", WRITES | DATABASE | BAD },
    { "import places places.csv --db city.db", WRITES | DATABASE },
    { "import lots lots.csv --db city.db", WRITES | DATABASE },
    { "import movements moves.csv --db city.db", WRITES | DATABASE },
    { "import movements moves.csv --db city.db --dry-run", DATABASE | CHANGES },
    { "import standards standards.csv --db city.db", WRITES | DATABASE },
    { "export items --db city.db", DATABASE },
    { "export items --db city.db --format json", DATABASE },
    { "export movements --db city.db", DATABASE },
    { "export places --db city.db --format xlsx --output out.xlsx", DATABASE },
    { "verify --db city.db", DATABASE | WHOLE },
    { "backup copy.db --db city.db", WRITES | DATABASE | CHANGES },
    { "restore kept.db --db city.db", WRITES | DATABASE | CHANGES },
    { "head --db city.db", DATABASE | CHANGES },
};

#define WORDS_MAX 12
#define TRIES 10
static char top[200]; /* folders: made (the city as it is before each run), work */

static void in_folder(const char *name, char path[300])
{
    (void)snprintf(path, 300, "%s/%s", top, name);
}

static void put_file(const char *name, const char *text)
{
    char path[300], whole[120];
    (void)snprintf(whole, sizeof whole, "made/%s", name);
    in_folder(whole, path);
    FILE *out = fopen(path, "w");
    if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0) {
        abort();
    }
}

static void fresh_work(void)
{
    char words[700];
    (void)snprintf(words, sizeof words, "rm -rf '%s/work' && cp -r '%s/made' '%s/work'", top, top, top);
    if (system(words) != 0) {
        abort();
    }
}

static void send_to(const char *path, int fd)
{
    int out = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (out < 0 || dup2(out, fd) < 0) {
        _exit(98);
    }
    (void)close(out);
}

/* Runs a command in `folder` with the target-th allocation failing (0: none); its exit code, or 1000 + the signal. */
static int run(const char *folder, const char *words, long target)
{
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        char path[300], text[400], *argv[WORDS_MAX] = { text, NULL }, *save = NULL;
        int argc = 1;
        (void)alarm(120);
        in_folder(folder, path);
        if (chdir(path) != 0) {
            _exit(98);
        }
        send_to("../out", STDOUT_FILENO);
        send_to("../err", STDERR_FILENO);
        (void)snprintf(text, sizeof text, "baogong %s", words);
        (void)strtok_r(text, " ", &save);
        while (argc < WORDS_MAX - 1 && (argv[argc] = strtok_r(NULL, " ", &save)) != NULL) {
            argc++;
        }
        if (target > 0) {
            arm(target);
        }
        int code = cli_main(argc, argv);
        disarm();
        exit(code);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) != pid) {
    }
    disarm();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static size_t read_all(const char *name, char *text, size_t room)
{
    char path[300];
    in_folder(name, path);
    FILE *in = fopen(path, "r");
    size_t len = in == NULL ? 0 : fread(text, 1, room - 1, in);
    text[len] = '\0';
    if (in != NULL) {
        (void)fclose(in);
    }
    return len;
}

/* How long it took is another answer each time: taken out. */
static void drop_seconds(char *text)
{
    char *at = strstr(text, "\"seconds\":");
    if (at != NULL) {
        char *end = at + 10 + strspn(at + 10, "0123456789.");
        memmove(at, end, strlen(end) + 1);
    }
}

/* Notes the first thing that does not hold: what, about which allocation, exit code, what the command said. */
static void wrong(const char *what, long n, int code)
{
    if (plan->wrong[0] == '\0') {
        char err[800];
        (void)read_all("err", err, sizeof err);
        (void)snprintf(plan->wrong, sizeof plan->wrong, "allocation %ld: %s: exit %d: %s", n, what, code, err);
    }
}

/* What has to be true after the n-th allocation failed (or did not come any more). */
static void judge(const struct scenario *s, long n, int code, int expected, const char *answer)
{
    static char out[1 << 21], err[20000];
    (void)read_all("out", out, sizeof out);
    (void)read_all("err", err, sizeof err);
    drop_seconds(out);
    plan->refused += code != expected;
    if (code == expected) {
        if ((s->flags & CHANGES) == 0 && strcmp(out, answer) != 0 && strstr(err, "base.no-memory") == NULL) {
            wrong("exits as usual, but answers otherwise", n, code);
            size_t len = strlen(plan->wrong);
            (void)snprintf(plan->wrong + len, sizeof plan->wrong - len, "\n# %.600s\n# instead of\n# %.600s", out, answer);
        }
    } else if ((code != CLI_FAILED && code != CLI_BAD) ||
               (strstr(out, "base.no-memory") == NULL && strstr(err, "base.no-memory") == NULL)) {
        wrong("no clean error", n, code);
    }
    if ((s->flags & WRITES) != 0) {
        int again = code == expected && strncmp(s->words, "backup", 6) == 0 ? expected : run("work", s->words, 0);
        if (again != expected) {
            wrong("the same again", n, again);
        }
    }
    if ((s->flags & WRITES) != 0) {
        const char *new_db = strstr(s->words, "new.db");
        int verified = run("work", new_db != NULL ? "verify --db new.db" : "verify --db city.db", 0);
        if (verified != CLI_GOOD) {
            wrong("verify", n, verified);
        }
    }
}

static long tries = TRIES; /* 0: all */
static long opening; /* allocations of opening and closing a database: tried in a few scenarios, passed over in the others */

static long step_for(long all)
{
    return tries == 0 ? 1 : all / tries + 1;
}

static void command(const struct scenario *s)
{
    static char answer[1 << 21];
    int expected = (s->flags & BAD) != 0 ? CLI_BAD : CLI_GOOD;
    plan->wrong[0] = '\0';
    plan->tried = plan->refused = 0;
    fresh_work();
    int code = run("work", s->words, LONG_MAX);
    long all = atomic_load(&plan->seen);
    if (code != expected) {
        wrong("none refused", all, code);
    }
    (void)read_all("out", answer, sizeof answer);
    drop_seconds(answer);
    long first = (s->flags & DATABASE) != 0 && (s->flags & WHOLE) == 0 && opening > 40 ? opening - 40 : 1;
    long step = step_for(all - first);
    first += step > 1 ? all % step : 0;
    for (long n = first; n <= all + 20 && plan->wrong[0] == '\0'; n += step) {
        if ((s->flags & WRITES) != 0) {
            fresh_work();
        }
        code = run("work", s->words, n);
        if (!atomic_load(&plan->hit) && n > all) {
            break;
        }
        plan->tried++;
        judge(s, n, code, expected, answer);
    }
    OK(plan->wrong[0] == '\0', "%s: %ld allocations, %ld of them refused, %ld clean errors", s->words, all, plan->tried, plan->refused);
    if (plan->wrong[0] != '\0') {
        printf("# %s\n", plan->wrong);
    }
}

/* --- scenarios of requests --- */

struct request {
    const char *method, *target; /* $P place, $O other place, $W owner, $I item, $L lot */
    const char *body; /* NULL: none */
    int status;
};

#define RECEIVE 0
static const struct request requests[] = {
    [RECEIVE] = { "POST", "/documents",
      "{\"kind\":\"receive\",\"reason\":\"purchase\",\"place\":\"$P\",\"lines\":[{\"from\":{\"place\":\"$P\",\"item\":\"$I\",\"lot\":"
      "\"$L\",\"status\":\"source\"},\"to\":{\"place\":\"$P\",\"owner\":\"$W\",\"status\":\"usable\"},\"qty\":100000}]}",
      201 },
    { "GET", "/me", NULL, 200 },
    { "GET", "/items", NULL, 200 },
    { "GET", "/items/$I", NULL, 200 },
    { "GET", "/places?limit=1", NULL, 200 },
    { "GET", "/lots?item=$I", NULL, 200 },
    { "GET", "/balances?place=$P&item=$I", NULL, 200 },
    { "GET", "/stock?place=$P", NULL, 200 },
    { "GET", "/movements?item=$I", NULL, 200 },
    { "GET", "/situation", NULL, 200 },
    { "GET", "/scan?code=01069012345678921725123110LOT7", NULL, 200 },
    { "GET", "/search?q=mask", NULL, 200 },
    { "GET", "/openapi.json", NULL, 200 },
    { "GET", "/nowhere", NULL, 404 },
    { "POST", "/pick", "{\"place\":\"$P\",\"wants\":[{\"item\":\"$I\",\"quantity\":5}]}", 200 },
    { "POST", "/documents",
      "{\"kind\":\"issue\",\"reason\":\"handover\",\"lines\":[{\"from\":{\"place\":\"$P\",\"owner\":\"$W\",\"item\":\"$I\",\"lot\":"
      "\"$L\",\"status\":\"usable\"},\"to\":{\"place\":\"$O\",\"status\":\"usable\"},\"qty\":1}]}",
      201 },
    { "POST", "/documents",
      "{\"kind\":\"issue\",\"reason\":\"handover\",\"lines\":[{\"from\":{\"place\":\"$P\",\"owner\":\"$W\",\"item\":\"$I\",\"lot\":"
      "\"$L\",\"status\":\"usable\"},\"to\":{\"place\":\"$O\",\"status\":\"usable\"},\"qty\":999999999}]}",
      409 },
    { "POST", "/documents", "{\"kind\":\"issue\",\"lines\":[{\"colour\":1}]}", 400 },
    { "POST", "/documents", "{\"kind\":", 400 },
};

struct rig {
    struct app *app;
    struct http_server *server;
    int port, status;
    bool no_memory; /* the answer says so */
    struct load_city city;
    char request[4000], body[2000], answer[1 << 20];
};

static void expand(const struct load_city *c, const char *text, char *out, size_t room)
{
    size_t len = 0;
    for (; *text != '\0' && len + 24 < room; text++) {
        if (*text != '$') {
            out[len++] = *text;
            continue;
        }
        text++;
        long long id = *text == 'P' ? c->place : *text == 'O' ? c->other : *text == 'W' ? c->owner : *text == 'I' ? c->item : c->lot;
        len += (size_t)snprintf(out + len, room - len, "%lld", id);
    }
    out[len] = '\0';
}

/* Sends one request on a connection of its own; status 0: the connection ended without an answer. */
static void call(struct rig *rig, const struct request *rq, long key)
{
    char target[300];
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)rig->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 30 };
    expand(&rig->city, rq->target, target, sizeof target);
    rig->body[0] = '\0';
    if (rq->body != NULL) {
        expand(&rig->city, rq->body, rig->body, sizeof rig->body);
    }
    int len = snprintf(rig->request, sizeof rig->request,
                       "%s /api/v1%s HTTP/1.1\r\nHost: city.test\r\nConnection: close\r\nCookie: sid=%s\r\n", rq->method, target,
                       rig->city.token);
    if (rq->body != NULL) {
        len += snprintf(rig->request + len, sizeof rig->request - (size_t)len,
                        "Content-Type: application/json\r\nIdempotency-Key: 00000000-0000-7000-8000-%012lx\r\nContent-Length: %zu\r\n",
                        key, strlen(rig->body));
    }
    len += snprintf(rig->request + len, sizeof rig->request - (size_t)len, "\r\n%s", rig->body);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    rig->status = 0;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 && send(fd, rig->request, (size_t)len, MSG_NOSIGNAL) == len) {
        size_t got = 0;
        for (ssize_t part; got + 1 < sizeof rig->answer && (part = recv(fd, rig->answer + got, sizeof rig->answer - 1 - got, 0)) > 0;) {
            got += (size_t)part;
        }
        rig->answer[got] = '\0';
        rig->status = strncmp(rig->answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(rig->answer + 9, NULL, 10) : 0;
        rig->no_memory = strstr(rig->answer, "\"base.no-memory\"") != NULL || strstr(rig->answer, "\"base.busy\"") != NULL;
    }
    (void)close(fd);
}

static bool read_city(struct load_city *city)
{
    char path[300], name[32], value[128];
    in_folder("city", path);
    FILE *in = fopen(path, "r");
    while (in != NULL && fscanf(in, "%31[^=]=%127s\n", name, value) == 2) {
        const struct {
            const char *name;
            long long *at;
        } ids[] = { { "place", &city->place }, { "other", &city->other }, { "owner", &city->owner },
                    { "item", &city->item },   { "lot", &city->lot } };
        if (strcmp(name, "token") == 0) {
            memcpy(city->token, value, sizeof value);
        }
        for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
            *(strcmp(name, ids[i].name) == 0 ? ids[i].at : &(long long){ 0 }) = strtoll(value, NULL, 10);
        }
    }
    return in != NULL && fclose(in) == 0 && city->token[0] != '\0';
}

/* In a process of its own: the server, and the request with each of its allocations refused in turn. */
static int serve_and_ask(const struct request *rq, struct rig *rig)
{
    static const struct bg_log silent = { .fd = -1, .env = &bg_env_real };
    char db[300];
    in_folder("work/load.db", db);
    const struct app_config config = { .db = db, .rate_address = -1, .rate_session = -1 };
    if (!read_city(&rig->city) || bg_failed(app_open(&config, &bg_env_real, &silent, &rig->app)) || bg_failed(api_open(rig->app))) {
        return 97;
    }
    const struct http_opts opts = { .listen = "127.0.0.1:0", .threads = 1, .env = &bg_env_real, .handlers = api_handlers(rig->app) };
    if (bg_failed(http_open(&opts, &rig->server))) {
        return 97;
    }
    rig->port = (int)strtol(strrchr(http_url(rig->server), ':') + 1, NULL, 10);
    call(rig, &requests[RECEIVE], 999999999); /* goods to ask for */
    arm(LONG_MAX);
    call(rig, rq, 999999998);
    disarm();
    long quiet = 0, step = step_for(atomic_load(&plan->seen));
    for (long n = 1, key = 1; quiet < 3 && plan->wrong[0] == '\0'; n += step, key++) {
        arm(n);
        call(rig, rq, key);
        disarm();
        bool hit = atomic_load(&plan->hit);
        quiet = hit ? 0 : quiet + 1;
        plan->tried += hit;
        plan->refused += rig->status != rq->status;
        if (rig->status != rq->status && !(hit && (rig->status == 0 || rig->no_memory))) {
            (void)snprintf(plan->wrong, sizeof plan->wrong, "allocation %ld: %.1500s", n, rig->status != 0 ? rig->answer : "no answer");
        }
        call(rig, rq, key);
        if (rig->status != rq->status && plan->wrong[0] == '\0') {
            (void)snprintf(plan->wrong, sizeof plan->wrong, "the request after allocation %ld: %.1500s", n, rig->answer);
        }
    }
    (void)http_drain(rig->server, 5000);
    api_close(rig->app);
    http_close(rig->server);
    app_close(rig->app);
    return 0;
}

static void request(const struct request *rq)
{
    plan->wrong[0] = '\0';
    plan->tried = plan->refused = 0;
    fresh_work();
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        char path[300];
        (void)alarm(900);
        in_folder("err", path);
        send_to(path, STDERR_FILENO);
        struct rig *rig = bg_heap_get(sizeof *rig);
        int code = rig == NULL ? 97 : serve_and_ask(rq, rig);
        bg_heap_free(rig);
        exit(code);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) != pid) {
    }
    disarm();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        wrong("the server ended", atomic_load(&plan->target),
              WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status));
    }
    OK(plan->wrong[0] == '\0', "%s %s %s: %ld allocations refused, %ld clean errors", rq->method, rq->target,
       rq->body != NULL ? rq->body : "", plan->tried, plan->refused);
    if (plan->wrong[0] != '\0') {
        printf("# %s\n", plan->wrong);
    }
    int verified = run("work", "verify --db load.db", 0);
    OK(verified == CLI_GOOD, "and verify is clean");
    if (verified != CLI_GOOD) {
        char out[1500];
        (void)read_all("out", out, sizeof out);
        printf("# %s\n", out);
    }
}

/* --- the city before each run --- */

static void must(const char *words)
{
    int code = run("made", words, 0);
    if (code != CLI_GOOD) {
        char err[2000];
        (void)read_all("err", err, sizeof err);
        printf("Bail out! %s: exit %d: %s\n", words, code, err);
        exit(1);
    }
}

static void make_files(void)
{
    put_file("owners.csv", "code,name_zh,kind\nCITY,市级储备,city\n");
    put_file("items.csv", "物资编码,物资名称,规格型号,基本单位,储存条件,保质期天数,管批号,重点物资,商品条码\n"
                          "FHF-001,医用防护服,XL,件,常温,\"1,095\",是,是,06901234567892\nKZ-002,口罩,,个,常温,,否,是,\n");
    put_file("items16.csv", "\xFE\xFF\0c"); /* replaced below: it holds zero bytes */
    put_file("bad.csv", "物资编码,物资名称,基本单位\nA1,,件\nA2,x,件\n");
    put_file("places.csv", "code,name_zh,kind,owner,can\nKG,空港专库,储备库,CITY,存储、收货、发货、盘点\nJN,津南库,forward,CITY,\n");
    put_file("lots.csv", "item,batch,maker,made,expiry\nFHF-001,B1,甲厂,2022/1/8,2030-01-01\n");
    put_file("moves.csv", "单据号,类型,发生时间,物资编码,批号,生产企业,数量,地点编码,接收地点,原因\n"
                          "R1,入库单,2022-01-09 09:00,FHF-001,B1,甲厂,100,KG,,采购\n"
                          "C1,出库单,2022-01-10 10:00,FHF-001,B1,甲厂,30,KG,JN,调拨\n");
    put_file("standards.csv", "item,place,level,from,qty,days\nFHF-001,KG,4,2021-10-16,100000,\nFHF-001,KG,3,2021-10-16,,7.5\n");
    put_file("toy.min", "p min 4 5\nn 1 4\nn 4 -4\na 1 2 0 4 2\na 1 3 0 2 2\na 2 3 0 2 1\na 2 4 0 3 3\na 3 4 0 5 1\n");
    put_file("cap.txt", "2 2\n10 5\n10 6\n4\n1 2\n5\n3 1\n");
    put_file("firms.csv", "firm,sector\n1,1\n2,2\n3,1\n");
    put_file("links.csv", "supplier,buyer,amount\n2,1,1\n2,3,1\n");
    put_file("inc.csv", "t,I\n1,5\n2,6\n3,9\n4,12\n5,10\n6,14\n7,20\n8,18\n9,25\n10,22\n");
    put_file("si.csv", "k,w\n0,0\n1,0.5\n2,0.3\n3,0.2\n");
}

static void make_city(void)
{
    char path[300], words[700];
    make_files();
    (void)snprintf(words, sizeof words, "iconv -f UTF-8 -t UTF-16 '%s/made/items.csv' >'%s/made/items16.csv'", top, top);
    if (system(words) != 0) {
        abort();
    }
    must("import owners owners.csv --db city.db");
    must("import items items.csv --db city.db");
    must("export items --db city.db --format xlsx --output items.xlsx");
    must("import places places.csv --db city.db");
    must("import lots lots.csv --db city.db");
    must("backup kept.db --db city.db");
    (void)snprintf(words, sizeof words, "%s/made/load.db", top);
    in_folder("city", path);
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        exit(load_setup(words, path));
    }
    int status = 0;
    while (waitpid(pid, &status, 0) != pid) {
    }
    if (status != 0) {
        printf("Bail out! no city\n");
        exit(1);
    }
}

int main(void)
{
    const char *number = getenv("BAOGONG_MEMORY_TRIES"), *only = getenv("BAOGONG_MEMORY_ONLY"), *tmp = getenv("BAOGONG_TEST_TMP");
    tries = number != NULL ? strtol(number, NULL, 10) : tries;
    plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    (void)snprintf(top, sizeof top, "%s/memory.XXXXXX", tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
    char made[300];
    json_init();
    if (plan == MAP_FAILED || mkdtemp(top) == NULL) {
        return 1;
    }
    in_folder("made", made);
    (void)mkdir(made, 0700);
    make_city();
    fresh_work();
    (void)run("work", "export owners --db city.db", LONG_MAX);
    opening = atomic_load(&plan->seen);
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (only == NULL || strstr(scenarios[i].words, only) != NULL) {
            command(&scenarios[i]);
        }
    }
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (only == NULL || strstr(requests[i].target, only) != NULL) {
            request(&requests[i]);
        }
    }
    (void)nftw(top, bed_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return TAP_DONE();
}
