/* The register of kinds, and the entries of records. */
#include "record/inside.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bg_err organisation_load(struct store_tx *tx, int64_t city, int64_t id, struct bg_arena *arena, struct record_entry *ret)
{
    struct auth_organisation_in row;
    BG_TRY(auth_organisation_get(tx, city, id, arena, &row));
    *ret = (struct record_entry){ .kind = "organisation",
                                  .id = id,
                                  .title_zh = row.name_zh,
                                  .title_en = row.name_en,
                                  .code = row.credit_code,
                                  .note = row.kind,
                                  .target = { .city = city, .district = row.district, .org = id } };
    return BG_DONE;
}

static const struct record_kind organisation_kind = { .name = "organisation",
                                                      .zh = "机构",
                                                      .en = "organisation",
                                                      .path = "/api/v1/organisations/",
                                                      .read = AUTH_RIGHT_CITY_READ,
                                                      .write = AUTH_RIGHT_CITY_WRITE,
                                                      .files = true,
                                                      .load = organisation_load };

bg_err record_open(const struct record_opts *opts, struct record **ret)
{
    struct record *record = bg_heap_get(sizeof *record);
    BG_TRY(bg_need(record));
    record->auth = opts->auth;
    record->store = opts->store;
    record->env = opts->env;
    if (opts->folder != NULL) {
        size_t size = strlen(opts->folder) + 1;
        record->folder = bg_heap_get(size);
        if (record->folder == NULL) {
            record_close(record);
            return BG_FAIL(BG_NO_MEMORY);
        }
        memcpy(record->folder, opts->folder, size);
    }
    bg_err err = record_register(record, &organisation_kind);
    if (bg_failed(err)) {
        record_close(record);
        return err;
    }
    *ret = record;
    return BG_DONE;
}

void record_close(struct record *record)
{
    if (record != NULL) {
        bg_heap_free(record->folder);
        bg_heap_free(record);
    }
}

bg_err record_register(struct record *record, const struct record_kind *kind)
{
    if (record->kind_count == KINDS_MAX || record_kind_of(record, bg_str_of(kind->name)) != NULL) {
        return BG_FAIL(BG_INTERNAL);
    }
    size_t len = strlen(record->prefixes);
    if (kind->load != NULL) {
        int more = snprintf(record->prefixes + len, sizeof record->prefixes - len, "%s%s.", len == 0 ? "" : "|", kind->name);
        if (more < 0 || (size_t)more >= sizeof record->prefixes - len) {
            return BG_FAIL(BG_INTERNAL);
        }
    }
    record->kinds[record->kind_count++] = kind;
    return BG_DONE;
}

const struct record_kind *record_kind_of(const struct record *record, bg_str name)
{
    for (size_t i = 0; i < record->kind_count; i++) {
        if (bg_str_is(name, record->kinds[i]->name)) {
            return record->kinds[i];
        }
    }
    return NULL;
}

void record_kinds_json(const struct record *record, struct bg_buf *out)
{
    bg_json_array(out);
    for (size_t i = 0; i < record->kind_count; i++) {
        const struct record_kind *kind = record->kinds[i];
        bg_json_object(out);
        bg_json_put_str(out, "kind", bg_str_of(kind->name));
        bg_json_put_str(out, "name_zh", bg_str_of(kind->zh));
        bg_json_put_str(out, "name_en", bg_str_of(kind->en));
        bg_json_put_str(out, "path", bg_str_of(kind->path));
        bg_json_put_bool(out, "files", kind->files);
        bg_json_object_end(out);
    }
    bg_json_array_end(out);
}

/* --- entries --- */

static bg_str copied(struct store_rows *rows, int column, struct bg_arena *arena)
{
    return bg_arena_copy(arena, store_text(rows, column));
}

/* Words stand one a line. */
static bg_err split_words(bg_str text, struct bg_arena *arena, struct record_entry *entry)
{
    bg_str *words = bg_arena_array(arena, 32, sizeof *words);
    BG_TRY(bg_need(words));
    while (text.len > 0 && entry->word_count < 32) {
        size_t end = bg_str_find(text, '\n');
        words[entry->word_count++] = bg_str_cut(text, 0, end);
        text = bg_str_cut(text, end + 1, text.len);
    }
    entry->words = words;
    return BG_DONE;
}

bg_err entry_read(struct store_rows *rows, int64_t city, struct bg_arena *arena, struct record_entry *ret)
{
    *ret = (struct record_entry){ .kind = copied(rows, 0, arena).at, .id = store_int(rows, 1), .title_zh = copied(rows, 2, arena),
                                  .title_en = copied(rows, 3, arena), .code = copied(rows, 4, arena), .note = copied(rows, 5, arena),
                                  .target = { .city = city, .district = store_int(rows, 6), .place = store_int(rows, 7),
                                              .org = store_int(rows, 8) } };
    bg_str words = copied(rows, 9, arena);
    BG_TRY(bg_need(words.at));
    return split_words(words, arena, ret);
}

bg_err record_get(struct store_tx *tx, int64_t city, bg_str kind, int64_t id, struct bg_arena *arena, struct record_entry *ret)
{
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    BG_TRY(store_query(tx, SQL_RECORD_ENTRY_GET, ARGS(V_INT(city), V_TEXT(kind), V_INT(id)), &rows));
    BG_TRY(store_next(rows, &more));
    return more ? entry_read(rows, city, arena, ret) : BG_FAIL(BG_NOT_FOUND);
}

/* All terms of an entry go in, or out. */
static bg_err terms_run(struct store_tx *tx, enum sql_id sql, int64_t city, const struct record_entry *entry, struct bg_arena *arena)
{
    bg_str *terms;
    size_t count;
    BG_TRY(entry_terms(entry, arena, &terms, &count));
    struct store_val *rows = bg_arena_array(arena, count + 1, 4 * sizeof *rows);
    BG_TRY(bg_need(rows));
    for (size_t i = 0; i < count; i++) {
        rows[4 * i] = V_INT(city);
        rows[4 * i + 1] = V_BYTES(terms[i].at, terms[i].len);
        rows[4 * i + 2] = V_TEXT(bg_str_of(entry->kind));
        rows[4 * i + 3] = V_INT(entry->id);
    }
    return count == 0 ? BG_DONE : store_run_many(tx, sql, rows, 4, count);
}

static struct store_val id_or_null(int64_t id)
{
    return id == 0 ? V_NULL : V_INT(id);
}

static bool same_words(const struct record_entry *a, const struct record_entry *b)
{
    bool same = bg_str_eq(a->title_zh, b->title_zh) && bg_str_eq(a->title_en, b->title_en) && bg_str_eq(a->code, b->code) &&
                a->word_count == b->word_count;
    for (size_t i = 0; same && i < a->word_count; i++) {
        same = bg_str_eq(a->words[i], b->words[i]);
    }
    return same;
}

bg_err record_put(struct store_tx *tx, int64_t city, const struct record_entry *entry, struct bg_arena *arena)
{
    struct record_entry old;
    BG_SCOPED_BUF words = bg_buf_init(16384);
    bg_err found = record_get(tx, city, bg_str_of(entry->kind), entry->id, arena, &old);
    if (found.code != BG_NOT_FOUND) {
        BG_TRY(found);
    }
    for (size_t i = 0; i < entry->word_count; i++) {
        bg_buf_add(&words, entry->words[i]);
        bg_buf_byte(&words, '\n');
    }
    BG_TRY(bg_buf_check(&words));
    BG_TRY(store_run(tx, SQL_RECORD_ENTRY_PUT,
                     ARGS(V_INT(city), V_TEXT(bg_str_of(entry->kind)), V_INT(entry->id), V_TEXT(entry->title_zh), V_TEXT(entry->title_en),
                          V_TEXT(entry->code), V_TEXT(entry->note), id_or_null(entry->target.district), id_or_null(entry->target.place),
                          id_or_null(entry->target.org), V_TEXT(bg_buf_str(&words))),
                     NULL));
    if (!bg_failed(found)) {
        if (same_words(&old, entry)) {
            return BG_DONE;
        }
        BG_TRY(terms_run(tx, SQL_RECORD_TERM_DELETE, city, &old, arena));
    }
    return terms_run(tx, SQL_RECORD_TERM_INSERT, city, entry, arena);
}

bg_err record_drop(struct store_tx *tx, int64_t city, const char *kind, int64_t id, struct bg_arena *arena)
{
    struct record_entry old;
    bg_err found = record_get(tx, city, bg_str_of(kind), id, arena, &old);
    if (found.code == BG_NOT_FOUND) {
        return BG_DONE;
    }
    BG_TRY(found);
    BG_TRY(terms_run(tx, SQL_RECORD_TERM_DELETE, city, &old, arena));
    return store_run(tx, SQL_RECORD_ENTRY_DELETE, ARGS(V_INT(city), V_TEXT(bg_str_of(kind)), V_INT(id)), NULL);
}

bg_err record_need(const struct record *record, struct store_tx *tx, const struct auth_session *session, bg_str name, int64_t id,
                   bool write, struct bg_arena *arena)
{
    const struct record_kind *kind = record_kind_of(record, name);
    struct record_entry entry;
    if (kind == NULL) {
        return BG_FAIL_AT(BG_NOT_FOUND, "kind");
    }
    BG_TRY(record_get(tx, session->city, name, id, arena, &entry));
    if (!auth_may(session, kind->read, &entry.target, NULL)) {
        return BG_FAIL(BG_NOT_FOUND);
    }
    if (!write) {
        return BG_DONE;
    }
    return kind->shared ? auth_need_somewhere(session, kind->write, arena) : auth_need(session, kind->write, &entry.target, arena);
}
