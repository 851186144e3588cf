/* The parent's side: starting the child, sending a model, taking an answer within the time left, judging it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lp/lp.h"
#include "lp/lp_wire.h"

struct lp {
    struct lp_limits limits;
    const char *program;
    pid_t child; /* 0: none */
    int fd;
    int64_t spent_ms;
    uint64_t tag; /* of the model that the child holds; 0: none */
    uint64_t tags;
    int32_t held_rows, held_columns;
    double *x, *price, *reduced, *ray;
};

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bg_err lp_open(const struct lp_limits *limits, struct lp **ret)
{
    struct lp *lp = bg_heap_get(sizeof *lp);
    BG_TRY(bg_need(lp));
    lp->limits = limits != NULL ? *limits : (struct lp_limits){ 0 };
    lp->limits.memory_mb = lp->limits.memory_mb > 0 ? lp->limits.memory_mb : 2048;
    lp->limits.seconds = lp->limits.seconds > 0 ? lp->limits.seconds : 60;
    lp->program = lp->limits.program != NULL ? lp->limits.program : "/proc/self/exe";
    lp->fd = -1;
    *ret = lp;
    return BG_DONE;
}

/* Ends the child whatever it does; tells how it ended by itself, if it had. */
static int child_end(struct lp *lp)
{
    int status = 0;
    if (lp->fd >= 0) {
        (void)close(lp->fd);
        lp->fd = -1;
    }
    if (lp->child > 0) {
        (void)kill(lp->child, SIGKILL);
        while (waitpid(lp->child, &status, 0) < 0 && errno == EINTR) {
        }
        lp->child = 0;
    }
    lp->tag = 0;
    return status;
}

static void arrays_free(struct lp *lp)
{
    bg_heap_free(lp->x);
    bg_heap_free(lp->price);
    bg_heap_free(lp->reduced);
    bg_heap_free(lp->ray);
    lp->x = lp->price = lp->reduced = lp->ray = NULL;
}

void lp_close(struct lp *lp)
{
    if (lp == NULL) {
        return;
    }
    (void)child_end(lp);
    arrays_free(lp);
    bg_heap_free(lp);
}

static int spawn(struct lp *lp, int fd)
{
    char memory[16], seconds[16];
    (void)snprintf(memory, sizeof memory, "%d", lp->limits.memory_mb);
    (void)snprintf(seconds, sizeof seconds, "%d", lp->limits.seconds);
    char name[] = "baogong", arg[] = LP_CHILD_ARG, lang[] = "LANG=C", path[] = "PATH=/usr/bin:/bin";
    char *argv[] = { name, arg, memory, seconds, NULL }, *env[] = { lang, path, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return ENOMEM;
    }
    if (posix_spawnattr_init(&attr) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setsigdefault(&attr, &all);
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, 0, 1);
    (void)posix_spawn_file_actions_adddup2(&actions, 0, 2);
    (void)posix_spawn_file_actions_adddup2(&actions, fd, LP_CHILD_FD);
    int failed = posix_spawn(&lp->child, lp->program, &actions, &attr, argv, env);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attr);
    return failed;
}

static bg_err child_start(struct lp *lp)
{
    int pair[2];
    if (lp->child > 0) {
        return BG_DONE;
    }
    const char *wish = getenv("BAOGONG_COIN"); /* off: the operator wants no solver */
    if (wish != NULL && strcmp(wish, "off") == 0) {
        return BG_FAIL(BG_LP_ABSENT);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return BG_FAIL(BG_LP_CRASHED);
    }
    /* dup2 onto itself would keep the close-on-exec flag. */
    int far = pair[1] == LP_CHILD_FD ? fcntl(pair[1], F_DUPFD_CLOEXEC, LP_CHILD_FD + 1) : pair[1];
    int failed = far >= 0 ? spawn(lp, far) : errno;
    if (far != pair[1] && far >= 0) {
        (void)close(far);
    }
    (void)close(pair[1]);
    if (failed != 0) {
        lp->child = 0;
        (void)close(pair[0]);
        return BG_FAIL(BG_LP_CRASHED);
    }
    lp->fd = pair[0];
    (void)fcntl(lp->fd, F_SETFL, O_NONBLOCK);
    return BG_DONE;
}

/* How the child's end reads as an error. */
static bg_err ended(struct lp *lp)
{
    /* Its end of the socket is gone, so it is ending: wait a moment for its own exit code. */
    int status = 0;
    for (int i = 0; i < 200 && lp->child > 0; i++) {
        pid_t got = waitpid(lp->child, &status, WNOHANG);
        if (got == lp->child) {
            lp->child = 0;
            break;
        }
        (void)poll(NULL, 0, 5);
    }
    if (lp->child > 0) {
        status = child_end(lp);
    }
    (void)child_end(lp);
    if (WIFEXITED(status) && WEXITSTATUS(status) == LP_EXIT_ABSENT) {
        return BG_FAIL(BG_LP_ABSENT);
    }
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU ? BG_FAIL(BG_LP_TIME) : BG_FAIL(BG_LP_CRASHED);
}

/* Moves all bytes one way before the deadline. */
static bg_err transfer(struct lp *lp, void *at, size_t size, bool sending, int64_t deadline)
{
    char *next = at;
    while (size > 0) {
        ssize_t done = sending ? send(lp->fd, next, size, MSG_NOSIGNAL) : recv(lp->fd, next, size, 0);
        if (done > 0) {
            next += done;
            size -= (size_t)done;
            continue;
        }
        if (done == 0 || (errno != EAGAIN && errno != EINTR)) {
            return ended(lp);
        }
        int64_t left = deadline - now_ms();
        if (left <= 0) {
            (void)child_end(lp);
            return BG_FAIL(BG_LP_TIME);
        }
        (void)poll(&(struct pollfd){ .fd = lp->fd, .events = sending ? POLLOUT : POLLIN }, 1, left > 1000 ? 1000 : (int)left);
    }
    return BG_DONE;
}

#define SEND(at_, count_) BG_TRY(transfer(lp, (at_), (size_t)(count_) * sizeof *(at_), true, deadline))

static bg_err send_rows(struct lp *lp, struct linear_model *m, int32_t from, int64_t deadline)
{
    int64_t *start = bg_heap_get(((size_t)(m->rows - from) + 1) * sizeof *start);
    BG_TRY(bg_need(start));
    int64_t first = m->row_start[from];
    for (int32_t i = from; i <= m->rows; i++) {
        start[i - from] = m->row_start[i] - first;
    }
    bg_err e = transfer(lp, start, ((size_t)(m->rows - from) + 1) * sizeof *start, true, deadline);
    bg_heap_free(start);
    BG_TRY(e);
    SEND(m->column + first, m->entries - first);
    SEND(m->value + first, m->entries - first);
    return BG_DONE;
}

static bg_err send_model(struct lp *lp, struct linear_model *m, const struct linear_options *o, int64_t deadline)
{
    bool known =
        lp->tag != 0 && m->tag == lp->tag && m->columns == lp->held_columns && m->rows >= lp->held_rows && m->wholes == 0;
    int32_t from = known ? lp->held_rows : 0;
    int64_t nodes = o != NULL && o->nodes_max > 0 ? o->nodes_max : 1000000;
    double left = (double)(deadline - now_ms()) / 1000;
    struct lp_request q = { .magic = LP_MAGIC,
                            .columns = m->columns,
                            .rows = m->rows,
                            .known_rows = known ? from : -1,
                            .wholes = m->wholes,
                            .nodes_max = nodes > INT32_MAX ? INT32_MAX : (int32_t)nodes,
                            .entries = m->entries - m->row_start[from],
                            .gap = o != NULL && o->gap > 0 ? o->gap : 1e-6,
                            .seconds = left > 1 ? left * 0.95 : left / 2 };
    SEND(&q, 1);
    SEND(m->cost, m->columns);
    SEND(m->low, m->columns);
    SEND(m->high, m->columns);
    SEND(m->row_low, m->rows);
    SEND(m->row_high, m->rows);
    BG_TRY(send_rows(lp, m, from, deadline));
    if (!known) {
        SEND(m->whole, m->columns);
        m->tag = lp->tag = ((uint64_t)(uint32_t)lp->child << 32) | ++lp->tags;
    }
    if (m->wholes > 0) { /* the tree is not kept: the next solve of this model sends it whole */
        m->tag = lp->tag = 0;
    }
    lp->held_rows = m->rows;
    lp->held_columns = m->columns;
    return BG_DONE;
}

static bg_err take(struct lp *lp, double **ret, int64_t count, int64_t deadline)
{
    double *list = bg_heap_get(((size_t)count + 1) * sizeof *list);
    BG_TRY(bg_need(list));
    *ret = list;
    return transfer(lp, list, (size_t)count * sizeof *list, false, deadline);
}

static bg_err take_answer(struct lp *lp, const struct linear_model *m, int64_t deadline, struct linear_answer *a)
{
    struct lp_reply r;
    BG_TRY(transfer(lp, &r, sizeof r, false, deadline));
    if (r.magic != LP_MAGIC || r.status < LINEAR_OPTIMAL || r.status > LINEAR_LIMIT ||
        (r.ray_size != 0 && r.ray_size != (r.status == LINEAR_UNBOUNDED ? m->columns : m->rows))) {
        (void)child_end(lp);
        return BG_FAIL(BG_LP_CRASHED);
    }
    arrays_free(lp);
    if (r.has_x) {
        BG_TRY(take(lp, &lp->x, m->columns, deadline));
    }
    if (r.has_price) {
        BG_TRY(take(lp, &lp->price, m->rows, deadline));
        lp->reduced = bg_heap_get(((size_t)m->columns + 1) * sizeof *lp->reduced);
        BG_TRY(bg_need(lp->reduced));
        double bound;
        BG_TRY(linear_bound(m, lp->price, LINEAR_TOLERANCE, lp->reduced, &bound));
    }
    if (r.ray_size > 0) {
        BG_TRY(take(lp, &lp->ray, r.ray_size, deadline));
    }
    *a = (struct linear_answer){ .status = (enum linear_status)r.status,
                                 .x = lp->x,
                                 .price = lp->price,
                                 .reduced = lp->reduced,
                                 .ray = lp->ray,
                                 .iterations = r.iterations,
                                 .nodes = r.nodes };
    return linear_judge(m, r.bound, a);
}

/* A model without columns or rows needs no solver: every column goes to its cheaper end. */
static bg_err solve(void *ctx, struct linear_model *m, const struct linear_options *options, struct linear_answer *ret)
{
    struct lp *lp = ctx;
    BG_TRY(linear_check_model(m));
    int64_t begun = now_ms(), deadline = begun + (int64_t)lp->limits.seconds * 1000 - lp->spent_ms;
    if (deadline <= begun) {
        return BG_FAIL(BG_LP_TIME);
    }
    BG_TRY(child_start(lp));
    bg_err e = send_model(lp, m, options, deadline);
    if (!bg_failed(e)) {
        e = take_answer(lp, m, deadline, ret);
    }
    lp->spent_ms += now_ms() - begun;
    if (bg_failed(e)) {
        (void)child_end(lp);
    }
    return e;
}

struct linear_solver lp_solver(struct lp *lp)
{
    return (struct linear_solver){ .ctx = lp, .name = "COIN-OR CLP 1.17, CBC 2.10", .solve = solve };
}
