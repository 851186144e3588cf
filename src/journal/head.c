/* Signed heads: the server's key, the head's text, JSON, and what is kept of them; month seals; forgetting.
 *
 * The threat: somebody with full access to the database rewrites it and computes every hash again. What stops them is a head that
 * left the machine before: they can not make a tree consistent with it. The signature says which server a head came from; its
 * private key is in a file beside the database and not in it, so a stolen backup or a login to PostgreSQL can not sign in the
 * server's name. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/private.h"

#define KEEP_OPS_MS (INT64_C(30) * 86400000)
#define KEEP_HEADS_MS (INT64_C(31) * 86400000)
#define FORGET_AT_ONCE 2000
#define HEAD_JSON_MAX 4096

/* --- the key file: 64 hexadecimal digits and a line end --- */

static bool write_all(int fd, bg_str bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.at, bytes.len);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        bytes = bg_str_cut(bytes, put > 0 ? (size_t)put : 0, bytes.len);
    }
    return true;
}

static bool sync_folder(const char *path)
{
    char copy[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof copy) {
        return false;
    }
    memcpy(copy, path, len + 1);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return done;
}

static bool key_make(struct journal *journal, const char *path, uint8_t seed[32])
{
    bg_random(journal->env, seed, 32);
    BG_SCOPED_BUF text = bg_buf_init(128);
    bg_buf_hex(&text, seed, 32);
    bg_buf_byte(&text, '\n');
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool done = !text.failed && write_all(fd, bg_buf_str(&text)) && fsync(fd) == 0;
    done = close(fd) == 0 && done && sync_folder(path);
    sodium_memzero(text.at, text.len);
    return done;
}

/* *ret_missing: there is no such file yet. */
static bool key_read(const char *path, uint8_t seed[32], bool *ret_missing)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *ret_missing = fd < 0 && errno == ENOENT;
    if (fd < 0) {
        return false;
    }
    char text[80];
    struct stat about;
    ssize_t got = read(fd, text, sizeof text);
    bool sound = fstat(fd, &about) == 0 && (about.st_mode & 077) == 0 && got > 0 &&
                 bg_str_hex(bg_str_trim((bg_str){ text, (size_t)got }), seed, 32);
    (void)close(fd);
    sodium_memzero(text, sizeof text);
    return sound;
}

bg_err key_open(struct journal *journal)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    const char *path = journal->opts.key_path;
    if (sodium_init() < 0) {
        return BG_FAIL(BG_JOURNAL_KEY);
    }
    if (path == NULL) {
        bg_random(journal->env, seed, sizeof seed);
    } else {
        bool missing = false;
        if (!key_read(path, seed, &missing) && (!missing || !key_make(journal, path, seed))) {
            return BG_FAIL(BG_JOURNAL_KEY);
        }
    }
    (void)crypto_sign_seed_keypair(journal->public_key, journal->secret_key, seed);
    sodium_memzero(seed, sizeof seed);
    return BG_DONE;
}

static bg_err put_key(struct journal *journal, struct store_tx *tx, void *arg)
{
    (void)arg;
    return store_run(tx, SQL_JOURNAL_KEY_INSERT,
                     ARGS(V_BYTES(journal->public_key, sizeof journal->public_key), V_INT(bg_now(journal->env))), NULL);
}

static bg_err key_known(struct journal *journal, bool *ret)
{
    int64_t since;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(journal->store, 0, &tx));
    return store_get_int(tx, SQL_JOURNAL_KEY_FIND, ARGS(V_BYTES(journal->public_key, sizeof journal->public_key)), &since, ret);
}

bg_err key_register(struct journal *journal)
{
    bool known = false;
    BG_TRY(key_known(journal, &known));
    return known ? BG_DONE : task_run(journal, put_key, NULL);
}

/* --- the head's text and JSON --- */

static bg_str hash_name(enum journal_hash hash)
{
    return hash == JOURNAL_SM3 ? BG_STR("sm3") : BG_STR("sha256");
}

static void hex_line(struct bg_buf *out, const char *key, const uint8_t *bytes, size_t size)
{
    bg_buf_print(out, "%s ", key);
    bg_buf_hex(out, bytes, size);
    bg_buf_byte(out, '\n');
}

void journal_head_signed(const struct journal_head *head, struct bg_buf *out)
{
    char at[25];
    bg_time_text(head->at, at);
    bg_buf_add(out, BG_STR("baogong journal head v1\n"));
    hex_line(out, "log", head->log, sizeof head->log);
    bg_buf_print(out, "hash %.*s\nsize %lld\n", BG_STR_FMT(hash_name(head->hash)), (long long)head->size);
    hex_line(out, "root", head->root, sizeof head->root);
    hex_line(out, "chain", head->chain, sizeof head->chain);
    bg_buf_print(out, "at %s\n", at);
}

void head_sign(const uint8_t secret_key[64], struct journal_head *head)
{
    BG_SCOPED_BUF text = bg_buf_init(1024);
    journal_head_signed(head, &text);
    assert(!text.failed);
    (void)crypto_sign_detached(head->signature, NULL, (const unsigned char *)text.at, text.len, secret_key);
}

bool head_signature_holds(const struct journal_head *head)
{
    BG_SCOPED_BUF text = bg_buf_init(1024);
    journal_head_signed(head, &text);
    return !text.failed && crypto_sign_verify_detached(head->signature, (const unsigned char *)text.at, text.len, head->key) == 0;
}

static void put_hex(struct bg_buf *out, const char *key, const uint8_t *bytes, size_t size)
{
    bg_json_key(out, key);
    bg_buf_byte(out, '"');
    bg_buf_hex(out, bytes, size);
    bg_buf_byte(out, '"');
    out->comma = true;
}

bg_err journal_head_json(const struct journal_head *head, struct bg_buf *out)
{
    char at[25];
    bg_time_text(head->at, at);
    bg_json_object(out);
    bg_json_put_int(out, "version", 1);
    put_hex(out, "log", head->log, sizeof head->log);
    bg_json_put_str(out, "hash", hash_name(head->hash));
    bg_json_put_int(out, "size", head->size);
    put_hex(out, "root", head->root, sizeof head->root);
    put_hex(out, "chain", head->chain, sizeof head->chain);
    bg_json_put_str(out, "at", bg_str_of(at));
    put_hex(out, "key", head->key, sizeof head->key);
    put_hex(out, "signature", head->signature, sizeof head->signature);
    bg_json_object_end(out);
    return bg_buf_check(out);
}

static bg_str text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? (bg_str){ json_string_value(value), json_string_length(value) } : BG_STR("");
}

static bool read_head(const json_t *root, struct journal_head *head)
{
    const json_t *size = json_object_get(root, "size");
    bg_str hash = text_of(root, "hash");
    bool form = json_object_size(root) == 9 && json_integer_value(json_object_get(root, "version")) == 1 &&
                json_is_integer(size) && (bg_str_is(hash, "sha256") || bg_str_is(hash, "sm3")) &&
                bg_str_hex(text_of(root, "log"), head->log, 16) && bg_str_hex(text_of(root, "root"), head->root, 32) &&
                bg_str_hex(text_of(root, "chain"), head->chain, 32) && bg_str_hex(text_of(root, "key"), head->key, 32) &&
                bg_str_hex(text_of(root, "signature"), head->signature, 64) &&
                !bg_failed(bg_time_parse(text_of(root, "at"), 0, &head->at));
    head->size = json_integer_value(size);
    head->hash = bg_str_is(hash, "sm3") ? JOURNAL_SM3 : JOURNAL_SHA256;
    return form && head->size >= 0;
}

bg_err journal_head_parse(bg_str json, struct journal_head *ret)
{
    if (json.len > HEAD_JSON_MAX || sodium_init() < 0) {
        return BG_FAIL(BG_JOURNAL_HEAD);
    }
    struct journal_head head = { 0 };
    json_t *root = json_loadb(json.at, json.len, JSON_REJECT_DUPLICATES, NULL);
    bool sound = root != NULL && read_head(root, &head) && head_signature_holds(&head);
    json_decref(root);
    if (!sound) {
        return BG_FAIL(BG_JOURNAL_HEAD);
    }
    *ret = head;
    return BG_DONE;
}

/* --- heads kept --- */

bg_err head_of_row(const struct edge *edge, struct store_rows *rows, struct journal_head *ret)
{
    struct journal_head head = { .size = store_int(rows, 0), .at = store_int(rows, 4) };
    bg_str key = store_text(rows, 1), root = store_text(rows, 2), chain = store_text(rows, 3), signature = store_text(rows, 5);
    if (key.len != 32 || root.len != 32 || chain.len != 32 || signature.len != 64) {
        return BG_FAIL_AT(BG_STORE_DAMAGED, "journal_head");
    }
    memcpy(head.key, key.at, 32);
    memcpy(head.root, root.at, 32);
    memcpy(head.chain, chain.at, 32);
    memcpy(head.signature, signature.at, 64);
    head.hash = edge->hash;
    memcpy(head.log, edge->log, sizeof head.log);
    *ret = head;
    return BG_DONE;
}

bg_err journal_head_newest(struct store_tx *tx, struct journal_head *ret)
{
    struct edge edge;
    BG_TRY(edge_get(tx, &edge));
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_JOURNAL_HEAD_NEWEST, NO_ARGS, &rows));
    BG_TRY(store_next(rows, &more));
    return more ? head_of_row(&edge, rows, ret) : BG_FAIL(BG_NOT_FOUND);
}

static bg_err put_head(struct journal *journal, struct store_tx *tx, void *arg)
{
    (void)journal;
    const struct journal_head *head = arg;
    return store_run(tx, SQL_JOURNAL_HEAD_INSERT,
                     ARGS(V_INT(head->size), V_BYTES(head->key, 32), V_BYTES(head->root, 32), V_BYTES(head->chain, 32),
                          V_INT(head->at), V_INT(bg_date_at(head->at, BG_CITY_OFFSET_MIN)), V_BYTES(head->signature, 64)),
                     NULL);
}

/* The newest head, unsigned; or the last signed one when nothing was added since. */
static bg_err draft_head(struct journal *journal, struct journal_head *ret, bool *ret_new)
{
    struct edge edge;
    STORE_SCOPED_READ tx = NULL;
    BG_TRY(store_read_begin(journal->store, 0, &tx));
    BG_TRY(edge_get(tx, &edge));
    bg_err last = journal_head_newest(tx, ret);
    if (!bg_failed(last) && ret->size == edge.frontier.size && memcmp(ret->key, journal->public_key, 32) == 0) {
        *ret_new = false;
        return BG_DONE;
    }
    if (bg_failed(last) && last.code != BG_NOT_FOUND) {
        return last;
    }
    struct merkle_hasher *hasher = NULL;
    BG_TRY(merkle_hasher_open(edge.hash, &hasher));
    *ret = (struct journal_head){ .hash = edge.hash, .size = edge.frontier.size, .at = bg_now(journal->env) };
    merkle_root(hasher, &edge.frontier, ret->root);
    merkle_hasher_close(hasher);
    memcpy(ret->log, edge.log, sizeof ret->log);
    memcpy(ret->chain, edge.chain, sizeof ret->chain);
    memcpy(ret->key, journal->public_key, sizeof ret->key);
    *ret_new = true;
    return BG_DONE;
}

bg_err journal_sign_head(struct journal *journal, struct journal_head *ret, bool *ret_new)
{
    struct journal_head head;
    bool new = false;
    BG_TRY(draft_head(journal, &head, &new));
    if (new) {
        head_sign(journal->secret_key, &head);
        BG_TRY(task_run(journal, put_head, &head));
    }
    *ret = head;
    if (ret_new != NULL) {
        *ret_new = new;
    }
    return BG_DONE;
}

/* --- month seals --- */

static int month_at(bg_ms at)
{
    int year, month, day;
    bg_date_parts(bg_date_at(at, BG_CITY_OFFSET_MIN), &year, &month, &day);
    return year * 100 + month;
}

static int month_after(int month)
{
    return month % 100 == 12 ? month + 89 : month + 1;
}

static bg_err month_start(int month, bg_ms *ret)
{
    bg_date first;
    BG_TRY(bg_date_of(month / 100, month % 100, 1, &first));
    *ret = bg_date_start(first, BG_CITY_OFFSET_MIN);
    return BG_DONE;
}

bg_err chain_at(struct store_tx *tx, int64_t position, uint8_t ret_chain[32], bg_ms *ret_at)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_JOURNAL_CHAIN_AT, ARGS(V_INT(position)), &rows));
    BG_TRY(store_next(rows, &more));
    if (!more || store_text(rows, 0).len != 32) {
        return BG_FAIL_AT(BG_STORE_DAMAGED, "journal_entry");
    }
    memcpy(ret_chain, store_text(rows, 0).at, 32);
    *ret_at = store_int(rows, 1);
    return BG_DONE;
}

/* Where sealing goes on: the last sealed month and its size, or the month before the first entry's. */
static bg_err last_seal(struct store_tx *tx, int *ret_month, int64_t *ret_size)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_JOURNAL_SEAL_NEWEST, NO_ARGS, &rows));
    BG_TRY(store_next(rows, &more));
    if (more) {
        *ret_month = month_after((int)store_int(rows, 0));
        *ret_size = store_int(rows, 1);
        return BG_DONE;
    }
    uint8_t chain[32];
    bg_ms at;
    BG_TRY(chain_at(tx, 1, chain, &at));
    *ret_month = month_at(at);
    *ret_size = 0;
    return BG_DONE;
}

static bg_err seal_month(struct journal *journal, struct store_tx *tx, int month, int64_t *size)
{
    bg_ms end, at;
    int64_t newest;
    bool found;
    uint8_t chain[32], root[32];
    BG_TRY(month_start(month_after(month), &end));
    BG_TRY(store_get_int(tx, SQL_JOURNAL_NEWEST_BEFORE, ARGS(V_INT(end)), &newest, &found));
    *size = found && newest > *size ? newest : *size;
    if (*size == 0) {
        return BG_DONE;
    }
    BG_TRY(chain_at(tx, *size, chain, &at));
    BG_TRY(journal_root(tx, *size, root));
    return store_run(tx, SQL_JOURNAL_SEAL_INSERT,
                     ARGS(V_INT(month), V_INT(*size), V_BYTES(root, 32), V_BYTES(chain, 32), V_INT(bg_now(journal->env))), NULL);
}

static bg_err seal_ended(struct journal *journal, struct store_tx *tx, void *arg)
{
    (void)arg;
    struct edge edge;
    int month;
    int64_t size;
    BG_TRY(edge_get(tx, &edge));
    if (edge.frontier.size == 0) {
        return BG_DONE;
    }
    BG_TRY(last_seal(tx, &month, &size));
    for (int now = month_at(bg_now(journal->env)); month < now; month = month_after(month)) {
        BG_TRY(seal_month(journal, tx, month, &size));
    }
    return BG_DONE;
}

bg_err journal_seal_months(struct journal *journal)
{
    return task_run(journal, seal_ended, NULL);
}

/* --- forgetting --- */

static bg_err forget_some(struct journal *journal, struct store_tx *tx, void *arg)
{
    int64_t *ret_forgotten = arg;
    bg_ms before = bg_now(journal->env) - KEEP_OPS_MS;
    BG_TRY(store_run(tx, SQL_OP_MARK_RAISE, ARGS(V_INT(before), V_INT(FORGET_AT_ONCE)), NULL));
    return store_run(tx, SQL_OP_FORGET, ARGS(V_INT(before), V_INT(FORGET_AT_ONCE)), ret_forgotten);
}

static bg_err thin_heads(struct journal *journal, struct store_tx *tx, void *arg)
{
    (void)arg;
    return store_run(tx, SQL_JOURNAL_HEAD_THIN, ARGS(V_INT(bg_now(journal->env) - KEEP_HEADS_MS)), NULL);
}

bg_err journal_forget(struct journal *journal)
{
    int64_t forgotten;
    do {
        BG_TRY(task_run(journal, forget_some, &forgotten));
    } while (forgotten > 0);
    return task_run(journal, thin_heads, NULL);
}
