/* Holds every document and its movements against the journal. The entry of a document carries its canonical JSON; the same JSON is made
 * again from the tables and the bytes are compared, so that no figure, account, reason, date or person can differ unseen. */
#include <string.h>

#include "ledger/image.h"
#include "ledger/verify.h"

#define ENTRIES 512
#define SEEN_BYTES ((size_t)8 << 30)

struct seen {
    int64_t key[2]; /* city, document */
};

struct vdraw {
    int64_t key[5]; /* city, day, place, item, known day */
    int64_t qty;
};

struct reading {
    struct verify *v;
    struct table seen;
    struct table draws; /* recomputed on the way */
    struct bg_buf expected;
    struct bg_buf one;
};

static struct ledger_key key_at(const struct store_rows *rows, int column)
{
    return (struct ledger_key){ .place = store_int(rows, column), .bin = store_int(rows, column + 1), .owner = store_int(rows, column + 2),
                                .item = store_int(rows, column + 3), .lot = store_int(rows, column + 4),
                                .status = (int)store_int(rows, column + 5) };
}

static bg_err account_like(struct bg_arena *arena, int64_t city, const struct ledger_key *key, struct image_account **ret)
{
    struct image_account *account = bg_arena_get(arena, sizeof *account);
    BG_TRY(bg_need(account));
    const int64_t words[ACCOUNT_WIDTH] = { city, key->place, key->item, key->status, key->lot, key->owner, key->bin };
    memcpy(account->key, words, sizeof words);
    *ret = account;
    return BG_DONE;
}

/* --- a document from its rows --- */

static bg_err read_document(struct verify *v, int64_t id, struct image_document *ret, bool *ret_found)
{
    STORE_SCOPED_ROWS rows = NULL;
    BG_TRY(store_query(v->tx, SQL_DOCUMENT_GET, ARGS(V_INT(v->city), V_INT(id)), &rows));
    BG_TRY(store_next(rows, ret_found));
    if (!*ret_found) {
        return BG_DONE;
    }
    *ret = (struct image_document){
        .city = v->city, .id = id, .kind = (int)store_int(rows, 1), .year = (int)store_int(rows, 2), .number = store_int(rows, 3),
        .reference = bg_arena_copy(v->piece, store_text(rows, 4)), .place = store_int(rows, 5), .other = store_int(rows, 6),
        .shipment = store_int(rows, 7), .lines = store_int(rows, 8), .first = store_int(rows, 9), .last = store_int(rows, 10),
        .occurred_at = store_int(rows, 11), .recorded_at = store_int(rows, 12),
        .stated_at = store_is_null(rows, 13) ? BG_TIME_NONE : store_int(rows, 13), .actor = store_int(rows, 14),
        .note = bg_arena_copy(v->piece, store_text(rows, 15)),
    };
    bg_str op = store_text(rows, 16);
    if (op.len == sizeof ret->op.bytes) {
        memcpy(ret->op.bytes, op.at, op.len);
    }
    return BG_DONE;
}

/* Also checks what the JSON does not repeat for each movement. */
static bg_err read_movements(struct verify *v, struct image_document *document)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct image_movement **end = &document->movements;
    bool more;
    int64_t line = 0;
    BG_TRY(store_query(v->tx, SQL_MOVEMENT_DOCUMENT,
                       ARGS(V_INT(v->city), V_INT(document->id), V_INT(document->first), V_INT(document->last)), &rows));
    BG_TRY(store_next(rows, &more));
    while (more) {
        struct image_movement *m = bg_arena_get(v->piece, sizeof *m);
        BG_TRY(bg_need(m));
        *m = (struct image_movement){ .id = store_int(rows, 0), .qty = store_int(rows, 5), .reason = (int)store_int(rows, 6),
                                      .paid = (int)store_int(rows, 11), .reverses = store_int(rows, 12),
                                      .note = bg_arena_copy(v->piece, store_text(rows, 13)) };
        const struct ledger_key from = key_at(rows, 14), to = key_at(rows, 20);
        BG_TRY(account_like(v->piece, v->city, &from, &m->from));
        BG_TRY(account_like(v->piece, v->city, &to, &m->to));
        if (store_int(rows, 2) != ++line || store_int(rows, 7) != document->occurred_at || store_int(rows, 8) != document->recorded_at ||
            store_int(rows, 10) != document->actor) {
            verify_damage(v, "movement", "altered", "id=%lld", (long long)m->id);
        }
        *end = m;
        end = &m->next;
        BG_TRY(store_next(rows, &more));
    }
    if (line != document->lines) {
        verify_damage(v, "movement", "missing", "document=%lld", (long long)document->id);
    }
    return BG_DONE;
}

/* --- draw, added up on the way --- */

static bg_err reversed_kind(struct verify *v, const struct image_document *document, int *ret)
{
    int64_t kind = 0;
    bool found;
    if (document->kind == LEDGER_KIND_REVERSE && document->movements != NULL) {
        BG_TRY(store_get_int(v->tx, SQL_VERIFY_KIND_OF, ARGS(V_INT(v->city), V_INT(document->movements->reverses)), &kind, &found));
    }
    *ret = (int)kind;
    return BG_DONE;
}

static bg_err add_draws(struct reading *r, struct image_document *document)
{
    struct verify *v = r->v;
    BG_TRY(verify_settings(v));
    BG_TRY(reversed_kind(v, document, &document->reversed_kind));
    bg_date day = bg_date_at(document->occurred_at, v->settings.offset_min);
    bg_date known = bg_date_at(document->recorded_at, v->settings.offset_min);
    for (const struct image_movement *m = document->movements; m != NULL; m = m->next) {
        int sign = draw_sign(document, m);
        const struct image_account *at = sign < 0 ? m->to : m->from;
        const int64_t key[] = { v->city, day, at->key[ACCOUNT_PLACE], at->key[ACCOUNT_ITEM], known };
        struct vdraw *draw;
        if (sign != 0) {
            BG_TRY(table_need(&r->draws, key, sizeof *draw, &draw, NULL));
            draw->qty += sign * m->qty;
        }
    }
    return BG_DONE;
}

static bg_err take_draw(struct reading *r, const struct store_rows *rows, int64_t key[5])
{
    struct vdraw *draw;
    for (int i = 0; i < 5; i++) {
        key[i] = store_int(rows, i);
    }
    BG_TRY(table_need(&r->draws, key, sizeof *draw, &draw, NULL));
    draw->qty -= store_int(rows, 5);
    return BG_DONE;
}

static bg_err check_draws(struct reading *r)
{
    struct verify *v = r->v;
    int64_t key[5] = { INT64_MIN, 0, 0, 0, 0 };
    size_t count = ENTRIES;
    while (count == ENTRIES) {
        STORE_SCOPED_ROWS rows = NULL;
        bool more;
        count = 0;
        BG_TRY(store_query(v->tx, SQL_VERIFY_DRAWS,
                           ARGS(V_INT(key[0]), V_INT(key[1]), V_INT(key[2]), V_INT(key[3]), V_INT(key[4]), V_INT(ENTRIES)), &rows));
        BG_TRY(store_next(rows, &more));
        while (more) {
            BG_TRY(take_draw(r, rows, key));
            count++;
            BG_TRY(store_next(rows, &more));
        }
    }
    for (size_t i = 0; i < r->draws.count; i++) {
        const struct vdraw *draw = r->draws.all[i];
        v->city = draw->key[0];
        if (draw->qty != 0) {
            verify_damage(v, "draw_day", "qty", "day=%lld,place=%lld", (long long)draw->key[1], (long long)draw->key[2]);
        }
    }
    return BG_DONE;
}

/* --- comparing --- */

static size_t find_text(bg_str text, bg_str what)
{
    const char *at = what.len == 0 || text.len < what.len ? NULL : memmem(text.at, text.len, what.at, what.len);
    return at == NULL ? text.len : (size_t)(at - text.at);
}

/* Which movement is it? The first whose own JSON the entry does not have. */
static void name_difference(struct reading *r, const struct image_document *document, bg_str body)
{
    for (const struct image_movement *m = document->movements; m != NULL; m = m->next) {
        bg_buf_clear(&r->one);
        document_movement_json(m, &r->one);
        if (find_text(body, bg_buf_str(&r->one)) == body.len) {
            verify_damage(r->v, "movement", "altered", "id=%lld", (long long)m->id);
            return;
        }
    }
    verify_damage(r->v, "ledger_document", "altered", "id=%lld", (long long)document->id);
}

static bool has_op(const struct image_document *document, bg_str body)
{
    BG_SCOPED_BUF op = bg_buf_init(64);
    bg_buf_add(&op, BG_STR(",\"op\":\""));
    bg_buf_hex(&op, document->op.bytes, sizeof document->op.bytes);
    bg_buf_byte(&op, '"');
    return find_text(body, bg_buf_str(&op)) != body.len;
}

static void compare(struct reading *r, const struct image_document *document, bg_str body, int64_t actor)
{
    bg_buf_clear(&r->expected);
    bg_buf_add(&r->expected, BG_STR(",\"after\":"));
    r->expected.comma = false;
    bg_json_object(&r->expected);
    document_json(document, &r->expected);
    bg_str expected = bg_buf_str(&r->expected), text = body;
    size_t at = find_text(text, expected);
    char next = at + expected.len < text.len ? text.at[at + expected.len] : '\0';
    if (bg_failed(bg_buf_check(&r->expected)) || at == text.len || (next != '}' && next != ',')) {
        name_difference(r, document, body);
    } else if (actor != document->actor || !has_op(document, body)) {
        verify_damage(r->v, "ledger_document", "altered", "id=%lld", (long long)document->id);
    }
}

static bg_err check_document(struct reading *r, int64_t city, int64_t id, bg_str body, int64_t actor)
{
    struct verify *v = r->v;
    struct image_document document;
    struct seen *seen;
    bool found, fresh;
    v->city = city;
    v->report->entries++;
    BG_TRY(table_need(&r->seen, (const int64_t[]){ city, id }, sizeof *seen, &seen, &fresh));
    if (!fresh) {
        verify_damage(v, "journal_entry", "told-twice", "document=%lld", (long long)id);
        return BG_DONE;
    }
    BG_TRY(read_document(v, id, &document, &found));
    if (!found) {
        verify_damage(v, "ledger_document", "missing", "id=%lld", (long long)id);
        return BG_DONE;
    }
    BG_TRY(read_movements(v, &document));
    compare(r, &document, body, actor);
    return add_draws(r, &document);
}

/* --- entries --- */

static bg_err walk_entries(struct reading *r)
{
    struct verify *v = r->v;
    int64_t position = 0;
    size_t count = ENTRIES;
    while (count == ENTRIES) {
        struct journal_event *events;
        bg_arena_reset(v->piece);
        BG_TRY(journal_after(v->tx, position, ENTRIES, v->piece, &events, &count));
        for (size_t i = 0; i < count; i++) {
            position = events[i].position;
            if (bg_str_is(events[i].kind, "document.posted")) {
                BG_TRY(check_document(r, events[i].city, events[i].id, events[i].body, events[i].actor));
            }
        }
    }
    return BG_DONE;
}

/* A document without an entry waits for its position, or its entry is gone. */
static bg_err check_untold(struct reading *r, int64_t city, int64_t id)
{
    struct verify *v = r->v;
    bg_str body = { "", 0 };
    int64_t actor = 0;
    bool more;
    {
        STORE_SCOPED_ROWS rows = NULL;
        BG_TRY(store_query(v->tx, SQL_VERIFY_PENDING, ARGS(V_INT(city), V_INT(id)), &rows));
        BG_TRY(store_next(rows, &more));
        if (more) {
            body = bg_arena_copy(v->piece, store_text(rows, 0));
            actor = store_int(rows, 1);
        }
    }
    if (more) {
        return check_document(r, city, id, body, actor);
    }
    v->city = city;
    verify_damage(v, "ledger_document", "without-entry", "id=%lld", (long long)id);
    return BG_DONE;
}

static bg_err walk_documents(struct reading *r)
{
    struct verify *v = r->v;
    int64_t city = INT64_MIN, id = 0;
    size_t count = ENTRIES;
    while (count == ENTRIES) {
        int64_t keys[ENTRIES][2];
        bool more;
        {
            STORE_SCOPED_ROWS rows = NULL;
            count = 0;
            BG_TRY(store_query(v->tx, SQL_VERIFY_DOCUMENT_LOST, ARGS(V_INT(city), V_INT(id), V_INT(ENTRIES)), &rows));
            BG_TRY(store_next(rows, &more));
            while (more) {
                keys[count][0] = store_int(rows, 0);
                keys[count++][1] = store_int(rows, 1);
                BG_TRY(store_next(rows, &more));
            }
        }
        bg_arena_reset(v->piece);
        for (size_t i = 0; i < count; i++) {
            city = keys[i][0];
            id = keys[i][1];
            v->report->documents++;
            if (table_find(&r->seen, keys[i]) == NULL) {
                BG_TRY(check_untold(r, city, id));
            }
        }
    }
    return BG_DONE;
}

/* Movements that belong to no document were read with no entry. */
static bg_err count_movements(struct reading *r, int64_t told)
{
    int64_t all;
    BG_TRY(store_get_int(r->v->tx, SQL_VERIFY_MOVEMENT_COUNT, NO_ARGS, &all, NULL));
    if (all != told && r->v->report->differences == 0) {
        verify_damage(r->v, "movement", "without-document", "count=%lld", (long long)(all - told));
    }
    return BG_DONE;
}

bg_err verify_journal(struct verify *v)
{
    int64_t told;
    BG_SCOPED_ARENA arena = bg_arena_open(SEEN_BYTES);
    BG_TRY(bg_need(arena));
    struct reading r = { .v = v, .seen = table_init(arena, 2), .draws = table_init(arena, 5),
                         .expected = bg_buf_init((size_t)8 << 20), .one = bg_buf_init(65536) };
    bg_err err = walk_entries(&r);
    if (!bg_failed(err)) {
        err = walk_documents(&r);
    }
    if (!bg_failed(err)) {
        err = check_draws(&r);
    }
    bg_buf_done(&r.expected);
    bg_buf_done(&r.one);
    BG_TRY(err);
    BG_TRY(store_get_int(v->tx, SQL_VERIFY_LINES, NO_ARGS, &told, NULL));
    return count_movements(&r, told);
}
