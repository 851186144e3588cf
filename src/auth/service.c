/* Opening and closing, the thread that checks passwords, and small helps of the other files. */
#include "auth/inside.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bg_err auth_open(const struct auth_opts *opts, struct auth **ret)
{
    if (sodium_init() < 0) {
        return BG_FAIL(BG_INTERNAL);
    }
    struct auth *auth = bg_heap_get(sizeof *auth);
    BG_TRY(bg_need(auth));
    auth->journal = opts->journal;
    auth->store = journal_store(opts->journal);
    auth->env = opts->env;
    auth->ids = opts->ids;
    auth->log = opts->log;
    auth->tls = opts->tls;
    auth->queue_max = opts->queue_max > 0 ? opts->queue_max : 64;
    auth->sealed = opts->key != NULL;
    if (auth->sealed) {
        memcpy(auth->key, opts->key, sizeof auth->key);
    }
    pthread_rwlock_init(&auth->cache_lock, NULL);
    pthread_mutex_init(&auth->queue_lock, NULL);
    pthread_cond_init(&auth->queue_wake, NULL);
    pthread_mutex_init(&auth->bucket_lock, NULL);
    *ret = auth;
    return BG_DONE;
}

void auth_close(struct auth *auth)
{
    if (auth == NULL) {
        return;
    }
    pthread_mutex_lock(&auth->queue_lock);
    auth->stop = true;
    pthread_cond_signal(&auth->queue_wake);
    bool started = auth->started;
    pthread_mutex_unlock(&auth->queue_lock);
    if (started) {
        pthread_join(auth->thread, NULL);
    }
    cache_close(auth);
    pthread_rwlock_destroy(&auth->cache_lock);
    pthread_mutex_destroy(&auth->queue_lock);
    pthread_cond_destroy(&auth->queue_wake);
    pthread_mutex_destroy(&auth->bucket_lock);
    sodium_memzero(auth->key, sizeof auth->key);
    bg_heap_free(auth);
}

void auth_set_places(struct auth *auth, auth_place_fn find)
{
    auth->places = find;
}

static bool whole_read(int fd, uint8_t ret[32])
{
    return read(fd, ret, 32) == 32;
}

bg_err auth_key_file(const struct bg_env *env, const char *path, uint8_t ret[32])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        uint8_t made[32];
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) {
            return BG_FAIL_AT(BG_AUTH_KEY_FILE, "key");
        }
        bg_random(env, made, sizeof made);
        bool kept = write(fd, made, sizeof made) == (ssize_t)sizeof made && fsync(fd) == 0;
        close(fd);
        memcpy(ret, made, sizeof made);
        sodium_memzero(made, sizeof made);
        return kept ? BG_DONE : BG_FAIL_AT(BG_AUTH_KEY_FILE, "key");
    }
    struct stat info;
    bool own = fstat(fd, &info) == 0 && (info.st_mode & 077) == 0 && whole_read(fd, ret);
    close(fd);
    return own ? BG_DONE : BG_FAIL_AT(BG_AUTH_KEY_FILE, "key");
}

/* --- the slow thread --- */

static struct auth_job *next_job(struct auth *auth)
{
    pthread_mutex_lock(&auth->queue_lock);
    while (auth->first == NULL && !auth->stop) {
        pthread_cond_wait(&auth->queue_wake, &auth->queue_lock);
    }
    struct auth_job *job = auth->first;
    if (job != NULL) {
        auth->first = job->next;
        auth->last = auth->first == NULL ? NULL : auth->last;
        auth->queued--;
    }
    pthread_mutex_unlock(&auth->queue_lock);
    return job;
}

/* What was queued before the stop is still answered. */
static void *slow_thread(void *arg)
{
    struct auth *auth = arg;
    struct auth_job *job;
    while ((job = next_job(auth)) != NULL) {
        job->run(job);
    }
    return NULL;
}

bg_err auth_submit(struct auth *auth, struct auth_job *job)
{
    bg_err err = BG_DONE;
    pthread_mutex_lock(&auth->queue_lock);
    if (!auth->started && !auth->stop) {
        auth->started = pthread_create(&auth->thread, NULL, slow_thread, auth) == 0;
    }
    if (!auth->started || auth->stop) {
        err = BG_FAIL(BG_BUSY);
    } else if (auth->queued >= auth->queue_max) {
        err = BG_FAIL_WITH(BG_AUTH_SLOW_DOWN, NULL, "\"retry_after_s\":2");
    } else {
        job->next = NULL;
        *(auth->last == NULL ? &auth->first : &auth->last->next) = job;
        auth->last = job;
        auth->queued++;
        pthread_cond_signal(&auth->queue_wake);
    }
    pthread_mutex_unlock(&auth->queue_lock);
    return err;
}

/* --- small helps --- */

bg_err own_run(struct auth *auth, const struct own_change *own, struct bg_arena *arena, bool *ret_replayed)
{
    static const bg_op_id none;
    BG_SCOPED_BUF reply = bg_buf_init(1 << 20);
    struct change change = { .kind = own->kind, .in = own->in, .arena = arena, .city = own->city, .actor = own->actor,
                             .op = own->op, .occurred_at = BG_TIME_NONE, .reason = { "", 0 } };
    if (memcmp(&own->op, &none, sizeof none) == 0) {
        change.op = bg_op_id_make(auth->env);
    }
    secret_hash(own->body, change.body_hash);
    change.reply = reply;
    bg_err err = change_run(auth->journal, &change);
    reply = change.reply;
    if (ret_replayed != NULL) {
        *ret_replayed = change.replayed;
    }
    return err;
}

bg_err bad_input(struct bg_arena *arena, const char *field, const char *facts_format, ...)
{
    char facts[512];
    va_list args;
    va_start(args, facts_format);
    vsnprintf(facts, sizeof facts, facts_format, args);
    va_end(args);
    return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_copy(arena, bg_str_of(facts)).at);
}

bg_err text_check(struct bg_arena *arena, const char *field, bg_str s, size_t min, size_t max)
{
    size_t points = 0, pos = 0;
    bool plain = bg_utf8_valid(s);
    while (plain && pos < s.len) {
        int32_t point = bg_utf8_next(s, &pos);
        plain = point >= 0x20 && point != 0x7f && !(point >= 0x80 && point < 0xa0);
        points++;
    }
    if (!plain) {
        return bad_input(arena, field, "\"rule\":\"plain-text\"");
    }
    if (points < min || points > max) {
        return bad_input(arena, field, "\"least\":%zu,\"most\":%zu,\"length\":%zu", min, max, points);
    }
    return BG_DONE;
}

bg_err json_kept(struct bg_buf *buf, struct bg_arena *arena, bg_str *ret)
{
    BG_TRY(bg_buf_check(buf));
    *ret = bg_arena_copy(arena, bg_buf_str(buf));
    return bg_need(ret->at);
}

void put_time(struct bg_buf *out, const char *key, bg_ms at)
{
    char text[25];
    bg_json_key(out, key);
    if (at == BG_TIME_NONE) {
        bg_json_null(out);
        return;
    }
    bg_time_text(at, text);
    bg_json_str(out, bg_str_of(text));
}

void put_id(struct bg_buf *out, const char *key, int64_t id)
{
    bg_json_key(out, key);
    if (id == 0) {
        bg_json_null(out);
    } else {
        bg_json_id(out, id);
    }
}

bg_str row_text(struct store_rows *rows, int column, struct bg_arena *arena)
{
    return bg_arena_copy(arena, store_text(rows, column));
}
