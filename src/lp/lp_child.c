/* The child's side: gives up every power it has, then solves what it is sent until the socket closes. The solver's libraries are
 * loaded here and never in the server. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lp/lp.h"
#include "lp/lp_coin.h"
#include "lp/lp_wire.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LP_SHADOW 1 /* sanitizers map terabytes that nobody touches */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LP_SHADOW 1
#endif
#endif

static void limit(__rlimit_resource_t what, rlim_t value)
{
    (void)setrlimit(what, &(struct rlimit){ .rlim_cur = value, .rlim_max = value });
}

/* No more than these: memory, time, no core, no byte into any file, no new descriptor. */
static void give_up_powers(int memory_mb, int seconds)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef LP_SHADOW
    limit(RLIMIT_AS, (rlim_t)memory_mb << 20);
#else
    (void)memory_mb;
#endif
    limit(RLIMIT_CPU, (rlim_t)seconds + 1);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 0);
}

static bool move(void *at, size_t size, bool sending)
{
    char *next = at;
    while (size > 0) {
        ssize_t done = sending ? write(LP_CHILD_FD, next, size) : read(LP_CHILD_FD, next, size);
        if (done <= 0) {
            if (done < 0 && errno == EINTR) {
                continue;
            }
            return false;
        }
        next += done;
        size -= (size_t)done;
    }
    return true;
}

bool lp_receive(void *at, size_t size)
{
    return move(at, size, false);
}

static bool read_doubles(double **at, int64_t count)
{
    bg_heap_free(*at);
    *at = bg_heap_get(((size_t)count + 1) * sizeof **at);
    if (*at == NULL || !lp_receive(*at, (size_t)count * sizeof **at)) {
        return false;
    }
    for (int64_t i = 0; i < count; i++) { /* the solver knows infinity as the largest number */
        (*at)[i] = isinf((*at)[i]) ? copysign(DBL_MAX, (*at)[i]) : (*at)[i];
    }
    return true;
}

/* Reads the rows that follow and checks that they lie within the columns. */
static bool read_rows(const struct lp_request *q, struct lp_job *job)
{
    int64_t rows = q->rows - (q->known_rows > 0 ? q->known_rows : 0);
    int64_t *start = bg_heap_get(((size_t)rows + 1) * sizeof *start);
    job->start = bg_heap_get(((size_t)rows + 1) * sizeof *job->start);
    job->column = bg_heap_get(((size_t)q->entries + 1) * sizeof *job->column);
    bool good = start != NULL && job->start != NULL && job->column != NULL &&
                lp_receive(start, ((size_t)rows + 1) * sizeof *start) &&
                lp_receive(job->column, (size_t)q->entries * sizeof *job->column) && read_doubles(&job->value, q->entries) &&
                start[0] == 0 && start[rows] == q->entries;
    for (int64_t i = 0; good && i <= rows; i++) {
        good = start[i] >= 0 && start[i] <= q->entries && (i == 0 || start[i] >= start[i - 1]);
        job->start[i] = (int)start[i];
    }
    for (int64_t e = 0; good && e < q->entries; e++) {
        good = job->column[e] >= 0 && job->column[e] < q->columns;
    }
    bg_heap_free(start);
    return good;
}

static bool read_job(struct lp_job *job)
{
    struct lp_request *q = &job->request;
    if (!lp_receive(q, sizeof *q)) {
        return false;
    }
    if (q->magic != LP_MAGIC || q->columns < 0 || q->columns > LINEAR_COLUMNS_MAX || q->rows < 0 || q->rows > LINEAR_ROWS_MAX ||
        q->entries < 0 || q->entries > LINEAR_ENTRIES_MAX || q->known_rows < -1 || q->known_rows > q->rows) {
        return false;
    }
    bool good = read_doubles(&job->cost, q->columns) && read_doubles(&job->low, q->columns) &&
                read_doubles(&job->high, q->columns) && read_doubles(&job->row_low, q->rows) &&
                read_doubles(&job->row_high, q->rows) && read_rows(q, job);
    if (good && q->known_rows < 0) {
        bg_heap_free(job->whole);
        job->whole = bg_heap_get((size_t)q->columns + 1);
        good = job->whole != NULL && lp_receive(job->whole, (size_t)q->columns);
    }
    return good;
}

static void job_free_rows(struct lp_job *job)
{
    bg_heap_free(job->start);
    bg_heap_free(job->column);
    bg_heap_free(job->value);
    job->start = job->column = NULL;
    job->value = NULL;
}

bool lp_reply(const struct lp_job *job, struct lp_reply *reply, const double *x, const double *price, const double *ray)
{
    size_t columns = (size_t)job->request.columns, rows = (size_t)job->request.rows;
    reply->magic = LP_MAGIC;
    reply->has_x = x != NULL;
    reply->has_price = price != NULL;
    reply->ray_size = ray == NULL ? 0 : (reply->status == LINEAR_UNBOUNDED ? job->request.columns : job->request.rows);
    return move(reply, sizeof *reply, true) && (x == NULL || move((void *)(uintptr_t)x, columns * sizeof *x, true)) &&
           (price == NULL || move((void *)(uintptr_t)price, rows * sizeof *price, true)) &&
           (ray == NULL || move((void *)(uintptr_t)ray, (size_t)reply->ray_size * sizeof *ray, true));
}

bool lp_child(int argc, char **argv, int *ret_exit)
{
    int64_t memory_mb, seconds;
    if (argc != 4 || strcmp(argv[1], LP_CHILD_ARG) != 0 || !bg_str_int(bg_str_of(argv[2]), &memory_mb) ||
        !bg_str_int(bg_str_of(argv[3]), &seconds)) {
        return false;
    }
    struct lp_coin coin;
    (void)close_range(LP_CHILD_FD + 1, ~0u, 0);
    if (!lp_coin_load(&coin)) {
        *ret_exit = LP_EXIT_ABSENT;
        return true;
    }
    give_up_powers((int)memory_mb, (int)seconds);
    struct lp_job job = { 0 };
    while (read_job(&job)) {
        if (!(job.request.wholes > 0 ? lp_run_cbc(&coin, &job) : lp_run_clp(&coin, &job))) {
            *ret_exit = LP_EXIT_BAD;
            return true;
        }
        job_free_rows(&job);
    }
    *ret_exit = LP_EXIT_DONE; /* the end of the process gives back the rest */
    return true;
}
