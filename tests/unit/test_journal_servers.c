/* Two servers on one PostgreSQL: the same operation sent to both is done once, positions are given by one at a time, and by the
 * other when the first is gone. */
#include "toy.h"

#define OPS 300

/* The second server: a store and journal of its own on the same schema and clock. */
static bool second_begin(const struct toy_world *first, struct toy_world *w)
{
    *w = *first;
    bg_idgen_init(&w->ids, &w->env, 2);
    w->store = NULL;
    w->journal = NULL;
    return !bg_failed(toy_open_store(w)) &&
           !bg_failed(journal_open(&(struct journal_opts){ .store = w->store, .env = &w->env, .ids = &w->ids, .no_thread = true },
                                   &w->journal));
}

struct sender {
    struct toy_world *w;
    char (*replies)[64];
    int failed;
};

static void *send_all(void *ctx)
{
    struct sender *s = ctx;
    for (uint64_t n = 0; n < OPS; n++) {
        char text[256];
        const struct change_kind *kind = n % 5 == 0 ? &toy_rare : &toy_hot;
        bg_err err = toy_run(s->w, kind, (struct toy_in){ .id = (int64_t)(n % 3), .add = 1 }, 1000 + n, text);
        s->failed += bg_failed(err);
        memcpy(s->replies[n], text, 63);
    }
    return NULL;
}

static void same_operations(struct toy_world *a, struct toy_world *b)
{
    static char replies[2][OPS][64];
    struct sender senders[2] = { { a, replies[0], 0 }, { b, replies[1], 0 } };
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, send_all, &senders[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    int same = 0;
    for (int n = 0; n < OPS; n++) {
        same += strcmp(replies[0][n], replies[1][n]) == 0;
    }
    OK(senders[0].failed == 0 && senders[1].failed == 0, "%d operations sent to two servers at the same time (%d, %d failed)",
       OPS, senders[0].failed, senders[1].failed);
    OK(same == OPS, "get the same answer from both (%d)", same);
    OK(toy_int(a, "SELECT sum(qty) FROM toy") == OPS, "and are done once");
}

static void lease(struct toy_world *a, struct toy_world *b)
{
    bg_ignore(journal_sequence(a->journal));
    int64_t size = toy_int(a, "SELECT count(*) FROM journal_entry");
    OK(size == OPS && journal_head_position(a->journal) == OPS, "the first gives the positions");
    OK(!bg_failed(toy_run(b, &toy_hot, (struct toy_in){ .id = 1, .add = 1 }, 5000, NULL)), "another change, at the second");
    bg_ignore(journal_sequence(b->journal));
    OK(toy_int(a, "SELECT count(*) FROM journal_entry") == size, "which has no lease and leaves it waiting");
    OK(journal_head_position(b->journal) == OPS, "but sees the positions of the first");
    b->sim.now += 10000; /* each server has its own clock here; the first is heard of no more */
    bg_ignore(journal_sequence(b->journal));
    OK(toy_int(a, "SELECT count(*) FROM journal_entry") == size + 1, "until the first is gone: then it takes over");
    bg_ignore(journal_sequence(a->journal));
    OK(journal_head_position(a->journal) == OPS + 1, "the first comes back and sees it");
    struct journal_head one, two;
    bool new_one = false, new_two = false;
    OK(!bg_failed(journal_sign_head(a->journal, &one, &new_one)) && !bg_failed(journal_sign_head(b->journal, &two, &new_two)) &&
           new_one && new_two && memcmp(one.root, two.root, 32) == 0 && memcmp(one.key, two.key, 32) != 0,
       "each signs the same head with its own key");
    struct journal_report report = { 0 };
    OK(!bg_failed(journal_verify(a->store, &two, &report)) && report.intact && report.entries == OPS + 1 && report.waiting == 0,
       "intact (%s %s %s)", report.table, report.key, report.kind);
}

int main(void)
{
    const char *server = getenv("BAOGONG_TEST_PG");
    if (server == NULL) {
        SKIP("BAOGONG_TEST_PG is not set");
        return TAP_DONE();
    }
    struct toy_world a, b;
    bool begun = toy_begin(&a, server);
    journal_close(a.journal);
    a.journal = NULL;
    begun = begun &&
            !bg_failed(journal_open(&(struct journal_opts){ .store = a.store, .env = &a.env, .ids = &a.ids, .no_thread = true },
                                    &a.journal));
    begun = begun && second_begin(&a, &b);
    b.env.ctx = &b.sim;
    OK(begun, "two servers open");
    if (begun) {
        same_operations(&a, &b);
        lease(&a, &b);
        journal_close(b.journal);
        store_close(b.store);
    }
    toy_end(&a);
    return TAP_DONE();
}
