/* The report pool: a few threads for what may need more than a couple of milliseconds, with a bounded queue. */
#include "api/inner.h"

#define POOL_THREADS_MAX 8

struct task {
    void (*run)(void *arg);
    void *arg;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t signal;
    pthread_t threads[POOL_THREADS_MAX];
    int started;
    bool closing;
    size_t max, first, count;
    struct task queue[];
};

static void *pool_main(void *ctx)
{
    struct pool *pool = ctx;
    pthread_mutex_lock(&pool->lock);
    while (true) {
        while (pool->count == 0 && !pool->closing) {
            (void)pthread_cond_wait(&pool->signal, &pool->lock);
        }
        if (pool->count == 0) {
            break;
        }
        struct task task = pool->queue[pool->first];
        pool->first = (pool->first + 1) % pool->max;
        pool->count--;
        pthread_mutex_unlock(&pool->lock);
        task.run(task.arg);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

bg_err pool_open(int threads, size_t queue_max, struct pool **ret)
{
    struct pool *pool = bg_heap_get(sizeof *pool + queue_max * sizeof pool->queue[0]);
    if (pool == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    pool->max = queue_max;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->signal, NULL);
    for (int i = 0; i < threads && i < POOL_THREADS_MAX; i++) {
        if (pthread_create(&pool->threads[i], NULL, pool_main, pool) != 0) {
            pool_close(pool);
            return BG_FAIL(BG_NO_MEMORY);
        }
        pool->started++;
    }
    *ret = pool;
    return BG_DONE;
}

bg_err pool_add(struct pool *pool, void (*run)(void *arg), void *arg)
{
    pthread_mutex_lock(&pool->lock);
    bool good = pool->count < pool->max && !pool->closing;
    if (good) {
        pool->queue[(pool->first + pool->count) % pool->max] = (struct task){ run, arg };
        pool->count++;
        (void)pthread_cond_signal(&pool->signal);
    }
    pthread_mutex_unlock(&pool->lock);
    return good ? BG_DONE : BG_FAIL(BG_BUSY);
}

void pool_close(struct pool *pool)
{
    if (pool == NULL) {
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    (void)pthread_cond_broadcast(&pool->signal);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->started; i++) {
        (void)pthread_join(pool->threads[i], NULL);
    }
    (void)pthread_cond_destroy(&pool->signal);
    (void)pthread_mutex_destroy(&pool->lock);
    bg_heap_free(pool);
}
