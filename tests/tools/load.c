/* A load client that can be trusted with the count: it keeps N connections posting documents under operation ids of its own,
 * writes down what it is about to send and what was acknowledged, sends unknown outcomes again with the same ids, and holds the
 * server to all of it. load setup DB CITY                    makes the city (setup.c) load run CITY OPS PORT CLIENTS MOST   posts
 * until the server goes or MOST operations are answered load resend CITY OPS PORT             sends again what was sent and never
 * answered load replay CITY OPS PORT TIMES       sends acknowledged operations again, in random order: the same answers, no
 * effect load check CITY OPS PORT              sends every acknowledged operation again and compares the balance load crowd CITY
 * OPS PORT CLIENTS      so many clients at once ask 5 each of 50 pieces OPS holds lines "S number" (about to be sent) and "A
 * number status hash" (answered). Each prints one line of JSON; exit 1 when something does not hold. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define OPS_MAX 2000000
#define ANSWER_MAX 65536
#define CLIENTS_MAX 256
#define CROWD_BASE 1000000000LL

struct answer {
    int status; /* 0: the connection broke */
    bool replayed;
    char *body;
    char text[ANSWER_MAX];
};

/* What became of operation n. */
struct outcome {
    bool sent;
    int status; /* 0: unknown */
    uint64_t hash;
};

struct load {
    struct load_city city;
    int port;
    struct outcome *ops;
    long long count; /* numbers given so far */
    FILE *log;
    pthread_mutex_t lock;
    atomic_llong next, answered, most, wrong;
    atomic_bool down;
};

static struct load load = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- operations --- */

static uint64_t hash_of(const void *at, size_t len)
{
    uint64_t hash = 0;
    unsigned char out[32];
    (void)crypto_hash_sha256(out, at, len);
    memcpy(&hash, out, sizeof hash);
    return hash;
}

/* Everything about operation n follows from the city and n. Of the crowd (from CROWD_BASE on) the first brings 50, the others
 * ask 5. */
static void op_make(long long n, struct load_op *op)
{
    const struct load_city *c = &load.city;
    char seed[200];
    unsigned char bits[32];
    (void)snprintf(seed, sizeof seed, "%s %lld", c->token, n);
    (void)crypto_hash_sha256(bits, (const unsigned char *)seed, strlen(seed));
    bool crowd = n >= CROWD_BASE;
    op->issue = crowd ? n > CROWD_BASE : bits[16] % 3 == 0;
    op->qty = crowd ? (op->issue ? 5 : 50) : 1 + bits[17] % (op->issue ? 40 : 20);
    long long lot = crowd ? c->crowd_lot : c->lot;
    (void)snprintf(op->key, sizeof op->key, "%02x%02x%02x%02x-%02x%02x-7%1x%02x-a%1x%02x-%02x%02x%02x%02x%02x%02x", bits[0],
                   bits[1], bits[2], bits[3], bits[4], bits[5], bits[6] & 15, bits[7], bits[8] & 15, bits[9], bits[10], bits[11],
                   bits[12], bits[13], bits[14], bits[15]);
    if (op->issue) {
        (void)snprintf(
            op->body, sizeof op->body,
            "{\"kind\":\"issue\",\"reason\":\"handover\",\"lines\":[{\"from\":{\"place\":\"%lld\",\"owner\":\"%lld\",\"item\":"
            "\"%lld\",\"lot\":\"%lld\",\"status\":\"usable\"},\"to\":{\"place\":\"%lld\",\"status\":\"usable\"},\"qty\":%lld}]}",
            c->place, c->owner, c->item, lot, c->other, op->qty);
    } else {
        (void)snprintf(
            op->body, sizeof op->body,
            "{\"kind\":\"receive\",\"reason\":\"purchase\",\"place\":\"%lld\",\"lines\":[{\"from\":{\"place\":\"%lld\",\"item\":"
            "\"%lld\",\"lot\":\"%lld\",\"status\":\"source\"},\"to\":{\"place\":\"%lld\",\"owner\":\"%lld\",\"status\":"
            "\"usable\"},\"qty\":%lld}]}",
            c->place, c->place, c->item, lot, c->place, c->owner, op->qty);
    }
}

/* --- HTTP --- */

static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)load.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { .tv_sec = 60 };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(fd);
        fd = -1;
    }
    if (fd >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    return fd;
}

static bool send_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t put = send(fd, at, len, MSG_NOSIGNAL);
        if (put <= 0) {
            return false;
        }
        at += put;
        len -= (size_t)put;
    }
    return true;
}

/* Reads one answer whole; status 0 when the connection broke first. */
static void hear(int fd, struct answer *a)
{
    size_t got = 0, need = SIZE_MAX;
    a->status = 0;
    while (got < need && got < ANSWER_MAX - 1) {
        ssize_t part = recv(fd, a->text + got, ANSWER_MAX - 1 - got, 0);
        if (part <= 0) {
            return;
        }
        got += (size_t)part;
        a->text[got] = '\0';
        char *end = strstr(a->text, "\r\n\r\n"), *length = strcasestr(a->text, "\r\nContent-Length:");
        if (need == SIZE_MAX && end != NULL && length != NULL && length < end) {
            need = (size_t)(end + 4 - a->text) + strtoull(length + 17, NULL, 10);
        }
    }
    char *end = strstr(a->text, "\r\n\r\n");
    if (got < need || end == NULL) {
        return;
    }
    a->body = end + 4;
    a->replayed = strcasestr(a->text, "\r\nIdempotency-Replayed: true") != NULL;
    a->status = atoi(a->text + 9);
}

static void post(int fd, const struct load_op *op, struct answer *a)
{
    char head[1600];
    int len =
        snprintf(head, sizeof head,
                 "POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: sid=%s\r\nContent-Type: application/json\r\n"
                 "Idempotency-Key: %s\r\nContent-Length: %zu\r\n\r\n%s",
                 load.port, load.city.token, op->key, strlen(op->body), op->body);
    a->status = 0;
    if (len > 0 && len < (int)sizeof head && send_all(fd, head, (size_t)len)) {
        hear(fd, a);
    }
}

/* --- the record --- */

static void note(long long n, const struct answer *a)
{
    pthread_mutex_lock(&load.lock);
    if (a == NULL) {
        (void)fprintf(load.log, "S %lld\n", n);
    } else {
        (void)fprintf(load.log, "A %lld %d %llx\n", n, a->status, (unsigned long long)hash_of(a->body, strlen(a->body)));
    }
    (void)fflush(load.log); /* this process is not the one that is killed */
    pthread_mutex_unlock(&load.lock);
}

static bool read_record(const char *path)
{
    char line[200];
    FILE *in = fopen(path, "r");
    load.ops = calloc(OPS_MAX, sizeof *load.ops);
    while (in != NULL && load.ops != NULL && fgets(line, sizeof line, in) != NULL) {
        long long n;
        int status;
        unsigned long long hash;
        if (sscanf(line, "S %lld", &n) == 1 && n >= 0 && n < OPS_MAX) {
            load.ops[n].sent = true;
            load.count = n >= load.count ? n + 1 : load.count;
        } else if (sscanf(line, "A %lld %d %llx", &n, &status, &hash) == 3 && n >= 0 && n < OPS_MAX) {
            load.ops[n].status = status;
            load.ops[n].hash = hash;
        }
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    load.log = fopen(path, "a");
    return load.log != NULL && load.ops != NULL;
}

static bool read_city(const char *path)
{
    static const struct {
        const char *name;
        long long *at;
    } fields[] = { { "place", &load.city.place }, { "other", &load.city.other }, { "owner", &load.city.owner },
                   { "item", &load.city.item },   { "lot", &load.city.lot },     { "crowd_lot", &load.city.crowd_lot } };
    char line[300];
    FILE *in = fopen(path, "r");
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        char *value = strchr(line, '=');
        if (value == NULL) {
            continue;
        }
        *value++ = '\0';
        value[strcspn(value, "\n")] = '\0';
        if (strcmp(line, "token") == 0) {
            (void)snprintf(load.city.token, sizeof load.city.token, "%s", value);
        }
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            if (strcmp(line, fields[i].name) == 0) {
                *fields[i].at = atoll(value);
            }
        }
    }
    return in != NULL && fclose(in) == 0 && load.city.token[0] != '\0';
}

/* An answer that stays: done, or refused for good. */
static bool settled(int status)
{
    return status == 200 || status == 201 || status == 409;
}

static void complain(const char *what, long long n, const struct answer *a)
{
    if (atomic_fetch_add(&load.wrong, 1) < 5) {
        (void)fprintf(stderr, "operation %lld: %s: %d %.300s\n", n, what, a->status, a->status != 0 ? a->body : "");
    }
}

/* --- the errands --- */

static void *run_client(void *arg)
{
    (void)arg;
    struct answer *a = calloc(1, sizeof *a);
    struct load_op op;
    int fd = dial();
    while (fd >= 0 && a != NULL && !atomic_load(&load.down) && atomic_load(&load.answered) < atomic_load(&load.most)) {
        long long n = atomic_fetch_add(&load.next, 1);
        op_make(n, &op);
        note(n, NULL);
        post(fd, &op, a);
        if (settled(a->status)) {
            note(n, a);
            atomic_fetch_add(&load.answered, 1);
        } else if (a->status == 0) {
            atomic_store(&load.down, true);
        } else if (a->status < 500) {
            complain("refused", n, a);
            break;
        } else {
            (void)usleep(50000); /* the server cannot now: as Retry-After asks, not at once */
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(a);
    return NULL;
}

static void in_threads(int clients, void *(*run)(void *))
{
    pthread_t threads[CLIENTS_MAX];
    int started = 0;
    while (started < clients && started < CLIENTS_MAX &&
           pthread_create(&threads[started], NULL, run, (void *)(intptr_t)started) == 0) {
        started++;
    }
    for (int i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
}

static int run(int clients, long long most)
{
    atomic_store(&load.next, load.count);
    atomic_store(&load.most, most);
    in_threads(clients, run_client);
    printf("{\"sent\":%lld,\"answered\":%lld,\"wrong\":%lld}\n", atomic_load(&load.next) - load.count,
           atomic_load(&load.answered), atomic_load(&load.wrong));
    return fsync(fileno(load.log)) == 0 && atomic_load(&load.wrong) == 0 ? 0 : 1;
}

static int resend(void)
{
    static struct answer a;
    struct load_op op;
    long long unknown = 0, known = 0;
    int fd = dial();
    for (long long n = 0; n < load.count && fd >= 0; n++) {
        if (!load.ops[n].sent || load.ops[n].status != 0) {
            continue;
        }
        op_make(n, &op);
        post(fd, &op, &a);
        if (!settled(a.status)) {
            complain("not answered", n, &a);
            break;
        }
        note(n, &a);
        unknown++;
        known += a.replayed;
    }
    printf("{\"unknown\":%lld,\"had_been_done\":%lld,\"wrong\":%lld}\n", unknown, known, atomic_load(&load.wrong));
    return fd >= 0 && atomic_load(&load.wrong) == 0 ? 0 : 1;
}

/* Sends one acknowledged operation again: the stored answer, byte for byte. */
static bool send_again(int fd, long long n, struct answer *a)
{
    struct load_op op;
    op_make(n, &op);
    post(fd, &op, a);
    if (a->status != load.ops[n].status || !a->replayed || hash_of(a->body, strlen(a->body)) != load.ops[n].hash) {
        complain(a->replayed ? "another answer than the first time" : "not known any more", n, a);
    }
    return a->status != 0;
}

static void *replay_client(void *arg)
{
    struct answer *a = calloc(1, sizeof *a);
    uint64_t state = hash_of(&arg, sizeof arg);
    int fd = dial();
    while (fd >= 0 && a != NULL && atomic_fetch_add(&load.next, 1) < atomic_load(&load.most)) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        long long n = (long long)((state >> 20) % (uint64_t)load.count);
        while (load.ops[n].status == 0) {
            n = (n + 1) % load.count;
        }
        if (!send_again(fd, n, a)) {
            break;
        }
        atomic_fetch_add(&load.answered, 1);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(a);
    return NULL;
}

static int replay(long long times)
{
    atomic_store(&load.most, times);
    in_threads(16, replay_client);
    printf("{\"replayed\":%lld,\"wrong\":%lld}\n", atomic_load(&load.answered), atomic_load(&load.wrong));
    return atomic_load(&load.answered) == times && atomic_load(&load.wrong) == 0 ? 0 : 1;
}

/* The depot's usable stock of the load's lot as the server tells it; -1 when it does not. */
static long long balance(int fd, struct answer *a)
{
    char head[700];
    int len = snprintf(head, sizeof head,
                       "GET /api/v1/balances?place=%lld&item=%lld&lot=%lld&status=usable HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                       "Cookie: sid=%s\r\n\r\n",
                       load.city.place, load.city.item, load.city.lot, load.port, load.city.token);
    a->status = 0;
    if (send_all(fd, head, (size_t)len)) {
        hear(fd, a);
    }
    const char *qty = a->status == 200 ? strstr(a->body, "\"qty\":") : NULL;
    return a->status != 200 ? -1 : qty == NULL ? 0 : atoll(qty + 6);
}

static int check(void)
{
    static struct answer a;
    struct load_op op;
    long long acknowledged = 0, done = 0, expected = 0, unknown = 0;
    int fd = dial();
    for (long long n = 0; n < load.count && fd >= 0; n++) {
        unknown += load.ops[n].sent && load.ops[n].status == 0;
        if (load.ops[n].status == 0 || !send_again(fd, n, &a)) {
            continue;
        }
        acknowledged++;
        op_make(n, &op);
        if (load.ops[n].status == 201) {
            done++;
            expected += op.issue ? -op.qty : op.qty;
        }
    }
    long long there = fd >= 0 ? balance(fd, &a) : -1;
    if (there != expected) {
        complain("the balance is another", there, &a);
    }
    printf("{\"acknowledged\":%lld,\"done\":%lld,\"unknown\":%lld,\"balance\":%lld,\"expected\":%lld,\"wrong\":%lld}\n",
           acknowledged, done, unknown, there, expected, atomic_load(&load.wrong));
    return fd >= 0 && atomic_load(&load.wrong) == 0 && unknown == 0 ? 0 : 1;
}

/* --- many at once --- */

static pthread_barrier_t start_line;
static atomic_int served, told_short, other_answers;

static void *crowd_client(void *arg)
{
    struct answer *a = calloc(1, sizeof *a);
    struct load_op op;
    int fd = dial();
    op_make(CROWD_BASE + 1 + (intptr_t)arg, &op);
    pthread_barrier_wait(&start_line);
    if (fd >= 0 && a != NULL) {
        post(fd, &op, a);
        bool is_short = a->status == 409 && strstr(a->body, "\"stock.short\"") != NULL;
        atomic_fetch_add(a->status == 201 ? &served : is_short ? &told_short : &other_answers, 1);
        if (a->status != 201 && !is_short) {
            complain("neither served nor told short", (intptr_t)arg, a);
        }
        (void)close(fd);
    }
    free(a);
    return NULL;
}

static int crowd(int clients)
{
    static struct answer a;
    struct load_op op;
    int fd = dial();
    op_make(CROWD_BASE, &op);
    if (fd >= 0) {
        post(fd, &op, &a);
        (void)close(fd);
    }
    (void)pthread_barrier_init(&start_line, NULL, (unsigned)clients);
    in_threads(clients, crowd_client);
    int good = atomic_load(&served), poor = atomic_load(&told_short), other = atomic_load(&other_answers);
    printf("{\"received\":%d,\"served\":%d,\"short\":%d,\"other\":%d}\n", a.status, good, poor, other);
    return a.status == 201 && good == 10 && poor == clients - 10 && other == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "setup") == 0) {
        return load_setup(argv[2], argv[3]);
    }
    if (argc < 5 || !read_city(argv[2]) || !read_record(argv[3])) {
        (void)fprintf(stderr, "usage: load setup DB CITY | load run|resend|replay|check|crowd CITY OPS PORT …\n");
        return 2;
    }
    load.port = atoi(argv[4]);
    const char *errand = argv[1];
    if (strcmp(errand, "run") == 0 && argc == 7) {
        return run(atoi(argv[5]), atoll(argv[6]));
    }
    if (strcmp(errand, "replay") == 0 && argc == 6 && load.count > 0) {
        return replay(atoll(argv[5]));
    }
    if (strcmp(errand, "crowd") == 0 && argc == 6) {
        return crowd(atoi(argv[5]));
    }
    return strcmp(errand, "resend") == 0 ? resend() : strcmp(errand, "check") == 0 ? check() : 2;
}
