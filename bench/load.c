/* HTTP load: N keep-alive connections, each sending the next request when the last was answered; one thread, epoll.
 *   load HOST PORT CONNECTIONS SECONDS post|get HEADERFILE BODYFILE-or-PATH
 * HEADERFILE holds header lines (host, cookie, content type) ended by CR LF. `post` sends BODYFILE's lines in turn to
 * /api/v1/documents with a fresh Idempotency-Key each; `get` asks for the path. Prints
 * {"requests","per_s","p50_us","p99_us","max_us","bad"}. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 100000
#define REQUEST_MAX 65536
#define TIMES_MAX 20000000
#define ANSWER_MAX (8u << 20)

struct connection {
    int fd;
    double sent_at;
    char *answer;
    size_t got;
};

static char *lines[LINES_MAX];
static size_t line_count, next_line;
static char heads[8192], target[1024];
static int posting;
static uint32_t *times;
static size_t time_count;
static size_t bad;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static char *read_whole(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        die(path);
    }
    fseek(in, 0, SEEK_END);
    long size = ftell(in);
    rewind(in);
    char *text = malloc((size_t)size + 1);
    if (text == NULL || fread(text, 1, (size_t)size, in) != (size_t)size) {
        die(path);
    }
    text[size] = '\0';
    fclose(in);
    return text;
}

static void fresh_key(char out[37])
{
    static uint64_t state[2];
    if (state[0] == 0 && getrandom(state, sizeof state, 0) != sizeof state) {
        die("getrandom");
    }
    state[0] += 0x9E3779B97F4A7C15u;
    uint64_t z = (state[0] ^ (state[0] >> 30)) * 0xBF58476D1CE4E5B9u;
    z ^= z >> 27;
    /* Ordered in time, as the clients make them (UUID version 7). */
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    snprintf(out, 37, "%08x-%04x-7%03x-8%03x-%012llx", (unsigned)(ms >> 16), (unsigned)(ms & 0xFFFF), (unsigned)(z & 0xFFF),
             (unsigned)((z >> 12) & 0xFFF), (unsigned long long)((state[1]++ * 2654435761u + (z >> 24)) & 0xFFFFFFFFFFFFull));
}

static void send_next(struct connection *c)
{
    static char request[REQUEST_MAX];
    int size;
    if (posting) {
        char key[37];
        const char *body = lines[next_line++ % line_count];
        fresh_key(key);
        size = snprintf(request, sizeof request,
                        "POST /api/v1/documents HTTP/1.1\r\n%sIdempotency-Key: %s\r\nContent-Length: %zu\r\n\r\n%s", heads, key,
                        strlen(body), body);
    } else {
        size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n%s\r\n", target, heads);
    }
    c->got = 0;
    c->sent_at = now_s();
    if (write(c->fd, request, (size_t)size) != size) {
        die("write");
    }
}

/* True when the whole answer has come. */
static int answered(struct connection *c)
{
    c->answer[c->got] = '\0';
    char *end = strstr(c->answer, "\r\n\r\n");
    if (end == NULL) {
        return 0;
    }
    char *length = strcasestr(c->answer, "\r\ncontent-length:");
    size_t body = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return c->got >= (size_t)(end + 4 - c->answer) + body;
}

static void take(struct connection *c)
{
    ssize_t got = read(c->fd, c->answer + c->got, ANSWER_MAX - 1 - c->got);
    if (got <= 0) {
        die("read");
    }
    c->got += (size_t)got;
    if (!answered(c)) {
        return;
    }
    if (strncmp(c->answer, "HTTP/1.1 20", 11) != 0 && bad++ == 0) {
        fprintf(stderr, "%.600s\n", c->answer);
    }
    if (time_count < TIMES_MAX) {
        times[time_count++] = (uint32_t)((now_s() - c->sent_at) * 1e6);
    }
    send_next(c);
}

static int by_time(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int connect_to(const char *host, int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    inet_pton(AF_INET, host, &to.sin_addr);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        die("connect");
    }
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "load HOST PORT CONNECTIONS SECONDS post|get HEADERFILE BODYFILE|PATH\n");
        return 2;
    }
    int count = atoi(argv[3]);
    double seconds = atof(argv[4]);
    posting = strcmp(argv[5], "post") == 0;
    snprintf(heads, sizeof heads, "%s", read_whole(argv[6]));
    if (posting) {
        for (char *at = read_whole(argv[7]); at != NULL && *at != '\0' && line_count < LINES_MAX;) {
            lines[line_count++] = at;
            at = strchr(at, '\n');
            if (at != NULL) {
                *at++ = '\0';
            }
        }
    } else {
        snprintf(target, sizeof target, "%s", argv[7]);
    }
    times = malloc(TIMES_MAX * sizeof *times);
    struct connection *all = calloc((size_t)count, sizeof *all);
    int poll = epoll_create1(0);
    if (times == NULL || all == NULL || poll < 0) {
        die("start");
    }
    for (int i = 0; i < count; i++) {
        all[i].answer = malloc(ANSWER_MAX);
        if (all[i].answer == NULL) {
            die("memory");
        }
        all[i].fd = connect_to(argv[1], atoi(argv[2]));
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = &all[i] };
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event);
        send_next(&all[i]);
    }
    double start = now_s(), end = start + seconds;
    struct epoll_event events[256];
    while (now_s() < end) {
        int ready = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            take(events[i].data.ptr);
        }
    }
    double took = now_s() - start;
    qsort(times, time_count, sizeof *times, by_time);
    printf("{\"requests\":%zu,\"per_s\":%.1f,\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u,\"bad\":%zu}\n", time_count,
           (double)time_count / took, time_count ? times[time_count / 2] : 0, time_count ? times[time_count * 99 / 100] : 0,
           time_count ? times[time_count - 1] : 0, bad);
    return 0;
}
