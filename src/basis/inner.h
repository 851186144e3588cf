/* What the files of this folder share. */
#ifndef BG_BASIS_INNER_H
#define BG_BASIS_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/auth.h"
#include "basis/basis.h"
#include "record/record.h"
#include "work/work.h"

#define BASIS_THREADS_MAX 4

/* One run under way in this process. */
struct basis_slot {
    int64_t city, id; /* id 0: free */
    _Atomic bool stop;
};

struct basis {
    struct journal *journal;
    const struct bg_log *log;
    const char *version;
    pthread_mutex_t lock;
    pthread_cond_t signal;
    pthread_t threads[BASIS_THREADS_MAX];
    int started;
    bool closing, watching, poked;
    _Atomic bool asked; /* a run was queued in a change that is being committed */
    struct basis_slot slots[BASIS_THREADS_MAX];
};

/* A worker has answered: what basis_run_ending is given. */
struct basis_end {
    int64_t id;
    enum basis_state state;
    enum basis_part part;
    bg_str content, solver;
    bool seeded, gap_known;
    int64_t seed, gap_nano, used_us;
};
extern const struct change_kind basis_run_ending;

/* Tells the worker of a run in this process to stop. */
void basis_stop(struct basis *basis, int64_t city, int64_t id);
/* SHA-256 of canonical JSON, as solve.c has it. */
void basis_hash(bg_str canonical, uint8_t ret[32]);
/* A refusal as a problem: {"code","title","title_en","field","facts","remedy","remedy_en"}. */
void basis_problem(bg_err err, struct bg_buf *out);
void basis_put_time(struct bg_buf *out, const char *key, bg_ms at);

#endif
