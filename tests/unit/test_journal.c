/* The journal on both engines: entries, proofs from the tables, heads, seals, erasing, taking over positions, and what verify
 * finds. */
#include "journal/merkle.h"
#include "toy.h"

#define MANY 700 /* beyond two stored subtrees of 256 */

static void fill(struct toy_world *w)
{
    int failed = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        w->sim.now += 1000;
        failed +=
            bg_failed(toy_run(w, i % 50 == 7 ? &toy_rare : &toy_hot,
                              (struct toy_in){ .id = (int64_t)(i % 20), .add = 1, .persons = i == 41 || i == 42 }, i, NULL));
    }
    OK(failed == 0 && !bg_failed(journal_sequence(w->journal)), "%d changes", MANY);
    OK(journal_head_position(w->journal) == MANY, "have their positions");
}

/* --- reading --- */

static void events(struct toy_world *w)
{
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    STORE_SCOPED_READ tx = NULL;
    struct journal_event *list, one;
    size_t count;
    bg_ignore(store_read_begin(w->store, 0, &tx));
    OK(!bg_failed(journal_after(tx, 10, 5, arena, &list, &count)) && count == 5 && list[0].position == 11 &&
           list[4].position == 15,
       "entries after a position");
    OK(!bg_failed(journal_get(tx, 1, arena, &one)) && bg_str_is(one.kind, "toy.moved") && one.actor == 5, "one entry");
    static const char want[] =
        "{\"v\":1,\"city\":\"1\",\"kind\":\"toy.moved\",\"object\":\"toy\",\"id\":\"0\",\"at\":\"2022-01-08T00:00:01.000Z\","
        "\"actor\":\"5\",\"name\":\"张敏\",\"origin\":\"127.0.0.1\",\"op\":\"01000000000000000000000000000000\","
        "\"before\":{\"qty\":0},\"after\":{\"qty\":1}}";
    OK(bg_str_is(one.body, want), "canonical bytes: %.*s", BG_STR_FMT(one.body));
    OK(!bg_failed(journal_of(tx, 1, BG_STR("toy"), 3, 0, 100, arena, &list, &count)) && count == MANY / 20 &&
           list[0].position == 684,
       "history of one object, newest first");
    OK(!bg_failed(journal_of(tx, 1, BG_STR("toy"), 3, 684, 2, arena, &list, &count)) && count == 2 && list[0].position == 664,
       "its next page");
    OK(journal_get(tx, MANY + 1, arena, &one).code == BG_NOT_FOUND, "no entry beyond the last");
}

/* --- proofs --- */

static void proofs(struct toy_world *w)
{
    BG_SCOPED_ARENA arena = bg_arena_open(16 << 20);
    STORE_SCOPED_READ tx = NULL;
    uint8_t root[32], old[32], leaf[32], salt[16], (*proof)[32];
    size_t count;
    int wrong = 0, made = 0;
    static const int64_t sizes[] = { 1, 2, 3, 255, 256, 257, 511, 512, 513, 600, MANY };
    bg_ignore(store_read_begin(w->store, 0, &tx));
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        wrong += bg_failed(journal_root(tx, sizes[s], root));
        for (int64_t position = 1; position <= sizes[s]; position += 13, made++) {
            wrong += bg_failed(journal_leaf(tx, position, leaf, salt));
            wrong += bg_failed(journal_inclusion(tx, position, sizes[s], arena, &proof, &count));
            wrong +=
                !merkle_inclusion_holds(leaf, position - 1, sizes[s], (const uint8_t(*)[32])proof, count, root, JOURNAL_SHA256);
        }
        for (size_t f = 0; f <= s; f++, made++) {
            wrong += bg_failed(journal_root(tx, sizes[f], old));
            wrong += bg_failed(journal_consistency(tx, sizes[f], sizes[s], arena, &proof, &count));
            wrong += !merkle_consistency_holds(sizes[f], sizes[s], old, root, (const uint8_t(*)[32])proof, count, JOURNAL_SHA256);
        }
        bg_arena_reset(arena);
    }
    OK(wrong == 0, "%d proofs from the tables hold", made);
    OK(journal_inclusion(tx, 1, MANY + 1, arena, &proof, &count).code == BG_NOT_FOUND, "none beyond the last entry");
    OK(journal_inclusion(tx, 0, 5, arena, &proof, &count).code == BG_NOT_FOUND, "none of position 0");
    OK(journal_consistency(tx, 0, 5, arena, &proof, &count).code == BG_NOT_FOUND, "none from nothing");
    struct journal_event one;
    bg_ignore(journal_get(tx, 9, arena, &one));
    bg_ignore(journal_leaf(tx, 9, leaf, salt));
    struct merkle_hasher *hasher = NULL;
    uint8_t again[32];
    bg_ignore(merkle_hasher_open(JOURNAL_SHA256, &hasher));
    const bg_str parts[] = { { "\x00", 1 }, { (const char *)salt, 16 }, one.body };
    merkle_digest(hasher, parts, 3, again);
    merkle_hasher_close(hasher);
    OK(memcmp(again, leaf, 32) == 0, "a leaf is H(0, salt, body)");
}

/* --- heads --- */

static void heads(struct toy_world *w, struct journal_head *kept)
{
    struct journal_head head, back;
    bool new = false;
    BG_SCOPED_BUF json = bg_buf_init(4096);
    OK(!bg_failed(journal_sign_head(w->journal, &head, &new)) && new &&head.size == MANY, "a head is signed");
    OK(!bg_failed(journal_sign_head(w->journal, &back, &new)) && !new &&memcmp(&head, &back, sizeof head) == 0,
       "and given again while nothing is added");
    OK(!bg_failed(journal_head_json(&head, &json)) && !bg_failed(journal_head_parse(bg_buf_str(&json), &back)) &&
           memcmp(&head, &back, sizeof head) == 0,
       "read back: %.*s", BG_STR_FMT(bg_buf_str(&json)));
    int accepted = 0;
    for (size_t i = 0; i < json.len; i++) { /* a flipped bit in any byte, but for the white space that JSON allows */
        json.at[i] ^= 1;
        struct journal_head changed;
        bool same = !bg_failed(journal_head_parse(bg_buf_str(&json), &changed));
        accepted += same && memcmp(&changed, &head, sizeof head) != 0;
        json.at[i] ^= 1;
    }
    OK(accepted == 0, "no changed head is accepted");
    *kept = head;
}

/* --- erasing --- */

static bg_err erase_decide(struct change_tx *tx, struct change *change)
{
    const struct toy_in *in = change->in;
    bg_json_object(&change->reply);
    bg_json_object_end(&change->reply);
    return journal_erase(tx, in->id);
}
static const struct change_kind erase_kind = { "toy.erase", NULL, erase_decide, NULL };

static void erasing(struct toy_world *w)
{
    struct journal_report report = { 0 };
    OK(toy_run(w, &erase_kind, (struct toy_in){ .id = 50 }, 9001, NULL).code == BG_BAD_INPUT,
       "what holds no personal data is not erased");
    OK(!bg_failed(toy_run(w, &erase_kind, (struct toy_in){ .id = 42 }, 9002, NULL)), "a body with personal data is");
    OK(toy_run(w, &erase_kind, (struct toy_in){ .id = 42 }, 9003, NULL).code == BG_NOT_FOUND, "once");
    bg_ignore(journal_sequence(w->journal));
    OK(toy_int(w, "SELECT count(*) FROM journal_body WHERE position = 42") == 0, "it is gone");
    OK(!bg_failed(journal_verify(w->store, NULL, &report)) && report.intact && report.erased == 1,
       "and the journal intact (%s %s %s)", report.table, report.key, report.kind);
}

/* --- seals --- */

/* A head of before the seal, given to the short verification: true or altered. */
static void older_head(struct toy_world *w, const struct journal_head *kept)
{
    struct journal_report report = { 0 };
    struct journal_head forged = *kept;
    forged.root[3] ^= 1;
    OK(!bg_failed(journal_verify_recent(w->store, kept, &report)) && report.intact, "the seal continues an older head");
    OK(!bg_failed(journal_verify_recent(w->store, &forged, &report)) && !report.intact && strcmp(report.table, "head") == 0 &&
           strcmp(report.kind, "rewritten") == 0,
       "but not another one");
}

static void seals(struct toy_world *w)
{
    int64_t size = journal_head_position(w->journal);
    OK(!bg_failed(journal_seal_months(w->journal)) && toy_int(w, "SELECT count(*) FROM journal_seal") == 0,
       "a running month is not sealed");
    w->sim.now += INT64_C(62) * 86400000; /* into March */
    for (uint64_t i = 0; i < 30; i++) {
        bg_ignore(toy_run(w, &toy_hot, (struct toy_in){ .id = 1, .add = 1 }, 20000 + i, NULL));
    }
    bg_ignore(journal_sequence(w->journal));
    OK(!bg_failed(journal_seal_months(w->journal)) && !bg_failed(journal_seal_months(w->journal)) &&
           toy_int(w, "SELECT count(*) FROM journal_seal") == 2,
       "January and February are sealed, once");
    OK(toy_int(w, "SELECT size FROM journal_seal WHERE month = 202201") == size, "at what was recorded then");
    struct journal_report report = { 0 };
    OK(!bg_failed(journal_verify_recent(w->store, NULL, &report)) && report.intact && report.from == size + 1 &&
           report.entries == size + 30,
       "verified from the seal on (%s %s %s)", report.table, report.key, report.kind);
    OK(!bg_failed(journal_verify(w->store, NULL, &report)) && report.intact && report.from == 1 && report.entries == size + 30,
       "and from the start");
}

/* How often the text stands in the file. */
static int occurrences(const char *path, const char *text)
{
    int count = 0;
    size_t len = strlen(text);
    FILE *file = fopen(path, "rb");
    static char bytes[32 << 20];
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    for (const char *at = bytes; (at = memmem(at, size - (size_t)(at - bytes), text, len)) != NULL; at++) {
        count++;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return count;
}

static void watched(void *ctx, int64_t head)
{
    *(_Atomic int64_t *)ctx = head;
}

static void on_engine(const char *server)
{
    struct toy_world w;
    struct journal_head kept;
    _Atomic int64_t seen = 0;
    bool begun = toy_begin(&w, server);
    OK(begun, "%s opens", server == NULL ? "SQLite" : "PostgreSQL");
    if (begun) {
        bg_ignore(journal_watch(w.journal, watched, &seen));
        fill(&w);
        OK(atomic_load(&seen) == MANY, "watchers saw the last position");
        events(&w);
        proofs(&w);
        heads(&w, &kept);
        erasing(&w);
        seals(&w);
        older_head(&w, &kept);
        struct journal_report report = { 0 };
        OK(!bg_failed(journal_verify(w.store, &kept, &report)) && report.intact, "consistent with the head kept elsewhere");
        struct journal_head other = kept;
        other.log[0] ^= 1;
        OK(journal_verify(w.store, &other, &report).code == BG_JOURNAL_OTHER, "a head of another journal is no damage");
        journal_close(w.journal);
        w.journal = NULL;
        store_close(w.store);
        w.store = NULL;
        if (!w.postgres) { /* the operation ids of entries 42, which was erased, and 43 */
            OK(occurrences(w.path, "01000000000000002900000000000000") == 0 &&
                   occurrences(w.path, "01000000000000002a00000000000000") == 1,
               "an erased body is gone from the file");
        }
        OK(!bg_failed(toy_open_store(&w)) && !bg_failed(toy_open_journal(&w)), "opened again");
        struct journal_head head;
        OK(!bg_failed(journal_sign_head(w.journal, &head, NULL)) && memcmp(head.key, kept.key, 32) == 0 &&
               memcmp(head.log, kept.log, 16) == 0,
           "with the same key and journal");
        OK(toy_int(&w, "SELECT count(*) FROM journal_key") == 1, "one key is known");
    }
    toy_end(&w);
}

int main(void)
{
    on_engine(NULL);
    if (getenv("BAOGONG_TEST_PG") != NULL) {
        on_engine(getenv("BAOGONG_TEST_PG"));
    } else {
        SKIP("PostgreSQL: BAOGONG_TEST_PG is not set");
    }
    return TAP_DONE();
}
