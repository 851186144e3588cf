/* Movements as a table: facts of the past, posted in documents of rows that
 * belong together. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/import_catalogue.h"
#include "gen/sql.h"

#define KEY_BYTES 32
#define IMPORT_KEY_MOVEMENT 1 /* import_key.kind */

static const struct table_word terms[] = { { LEDGER_PAID, "paid", "有偿", "paid" },
                                           { LEDGER_FREE, "free", "无偿", "free" },
                                           { 0 } };

enum {
    ID,
    REF,
    DOCUMENT,
    KIND,
    OCCURRED,
    ITEM,
    BATCH,
    MAKER,
    QTY,
    PLACE,
    FROM_PLACE,
    FROM_BIN,
    FROM_OWNER,
    FROM_STATUS,
    TO_PLACE,
    TO_BIN,
    TO_OWNER,
    TO_STATUS,
    REASON,
    TERMS,
    REFERENCE,
    NOTE,
    RECORDED,
    REVERSES,
    COLUMNS,
};
static const struct table_column columns[] = {
    { .name = "id", .zh = "流水号", .en = "movement id", .max = 24 },
    { .name = "ref", .zh = "唯一编号", .en = "unique reference", .max = 200 },
    { .name = "document", .zh = "单据号", .en = "document number", .aliases = "单号", .max = 100 },
    { .name = "kind",
      .zh = "单据类型",
      .en = "document kind",
      .aliases = "类型|业务类型",
      .required = true,
      LEDGER_WORDS(ledger_kinds) },
    { .name = "occurred_at",
      .zh = "发生时间",
      .en = "occurred at",
      .aliases = "日期|业务日期|时间|date",
      .type = TABLE_TIME,
      .required = true },
    { .name = "item", .zh = "物资编码", .en = "item code", .aliases = "product code", .required = true, .max = 64 },
    { .name = "batch", .zh = "批号", .en = "batch", .aliases = "lot|lot number", .max = 64 },
    { .name = "maker", .zh = "生产企业", .en = "maker", .aliases = "厂家", .max = 128 },
    { .name = "qty", .zh = "数量", .en = "quantity", .type = TABLE_INT, .required = true, .min = 1, .max = BG_QTY_MAX },
    { .name = "place", .zh = "地点编码", .en = "place", .aliases = "库点|库点编码", .max = 64 },
    { .name = "from_place", .zh = "发出地点", .en = "from place", .max = 64 },
    { .name = "from_bin", .zh = "发出货位", .en = "from bin", .max = 64 },
    { .name = "from_owner", .zh = "发出权属", .en = "from owner", .max = 64 },
    { .name = "from_status", .zh = "发出状态", .en = "from status", LEDGER_WORDS(ledger_statuses) },
    { .name = "to_place", .zh = "接收地点", .en = "to place", .max = 64 },
    { .name = "to_bin", .zh = "接收货位", .en = "to bin", .max = 64 },
    { .name = "to_owner", .zh = "接收权属", .en = "to owner", .max = 64 },
    { .name = "to_status", .zh = "接收状态", .en = "to status", LEDGER_WORDS(ledger_statuses) },
    { .name = "reason", .zh = "原因", .en = "reason", LEDGER_WORDS(ledger_reasons) },
    { .name = "terms", .zh = "有偿无偿", .en = "terms", .type = TABLE_WORD, .words = terms },
    { .name = "reference", .zh = "来源单号", .en = "paper number", .max = 100 },
    { .name = "note", .zh = "备注", .en = "note", .max = 400 },
    { .name = "recorded_at", .zh = "登记时间", .en = "recorded at", .type = TABLE_TIME },
    { .name = "reverses", .zh = "冲正流水号", .en = "reverses", .max = 24 },
    { .name = NULL },
};
_Static_assert(sizeof columns / sizeof *columns == COLUMNS + 1, "one name a column");

/* A row that waits to be posted. */
struct waiting {
    struct csv_row row; /* copied, for the error file */
    uint8_t key[KEY_BYTES];
};

/* Rows gathered into documents: `lines` and `rows` side by side, each document a stretch of them. */
struct movements {
    struct import_map *ids; /* codes → ids */
    struct import_map *seen; /* rows without id and reference → how often */
    size_t line_count, document_count;
    struct ledger_line lines[LEDGER_LINES_MAX];
    struct waiting rows[LEDGER_LINES_MAX];
    struct ledger_post posts[LEDGER_LINES_MAX];
    bg_str numbers[LEDGER_LINES_MAX]; /* document numbers as the file has them */
    bg_ms at[LEDGER_LINES_MAX];
    bg_err errs[LEDGER_LINES_MAX];
    int64_t documents[LEDGER_LINES_MAX];
};

static bg_err state_of(struct importing *run, struct movements **ret)
{
    struct movements *state = run->state;
    if (state == NULL) {
        state = bg_heap_get(sizeof *state);
        BG_TRY(bg_need(state));
        run->state = state;
        BG_TRY(import_map_open(&bg_env_real, &state->ids));
        BG_TRY(import_map_open(&bg_env_real, &state->seen));
    }
    *ret = state;
    return BG_DONE;
}

static void movement_done(struct importing *run)
{
    struct movements *state = run->state;
    if (state != NULL) {
        import_map_close(state->ids);
        import_map_close(state->seen);
        bg_heap_free(state);
    }
    run->state = NULL;
}

/* --- references --- */

static bg_err refuse_code(struct importing *run, int column, bg_str code)
{
    BG_SCOPED_BUF facts = bg_buf_init(16384);
    bg_json_put_str(&facts, "code", code);
    const char *text = bg_arena_copy(run->arena, bg_buf_str(&facts)).at;
    (void)import_refuse(run, column, BG_FAIL_WITH(BG_IMPORT_REFERENCE, columns[column].name, text));
    return BG_DONE;
}

/* The id behind a code, from the cache or the store; 0 for an empty cell. An
 * unknown code is an error of the row. */
static bg_err refer(struct importing *run, const struct table_cell *cells, int column, import_find find, int64_t *ret)
{
    struct movements *state = run->state;
    const struct table_cell *cell = &cells[column];
    bool found = false;
    if (!cell->given) {
        return BG_DONE;
    }
    const char *kind = find == ledger_item_find ? "i" : find == ledger_place_find ? "p" : "o";
    const char *key = bg_arena_text(run->arena, "%s%.*s", kind, BG_STR_FMT(cell->s));
    BG_TRY(bg_need(key));
    int64_t *kept = import_map_at(state->ids, bg_str_of(key), NULL);
    BG_TRY(bg_need(kept));
    if (*kept == 0) {
        BG_TRY(find(run->store, run->city, cell->s, kept, &found));
        if (!found) {
            *kept = 0;
            return refuse_code(run, column, cell->s);
        }
    }
    *ret = *kept;
    return BG_DONE;
}

static bg_err refer_bin(struct importing *run, const struct table_cell *cells, int column, int64_t place, int64_t *ret)
{
    bool found = false;
    if (cells[column].given && place != 0) {
        BG_TRY(ledger_bin_find(run->store, run->city, place, cells[column].s, ret, &found));
    }
    return found || !cells[column].given ? BG_DONE : refuse_code(run, column, cells[column].s);
}

static bg_err refer_lot(struct importing *run, const struct table_cell *cells, int64_t item, int64_t *ret)
{
    struct movements *state = run->state;
    bool found = false;
    bg_str batch = cells[BATCH].s, maker = cells[MAKER].given ? cells[MAKER].s : BG_STR("");
    if (!cells[BATCH].given || item == 0) {
        return BG_DONE;
    }
    const char *key = bg_arena_text(run->arena, "l%lld\x1f%.*s\x1f%.*s", (long long)item, BG_STR_FMT(batch), BG_STR_FMT(maker));
    BG_TRY(bg_need(key));
    int64_t *kept = import_map_at(state->ids, bg_str_of(key), NULL);
    BG_TRY(bg_need(kept));
    if (*kept == 0) {
        BG_TRY(ledger_lot_find(run->store, run->city, item, batch, maker, kept, &found));
        if (!found) {
            *kept = 0;
            return refuse_code(run, BATCH, batch);
        }
    }
    *ret = *kept;
    return BG_DONE;
}

/* Which side a bare `place` means: where goods come in for receipts and
 * production, else where they leave. */
static bool place_takes(int kind)
{
    return kind == LEDGER_KIND_RECEIVE || kind == LEDGER_KIND_MAKE || kind == LEDGER_KIND_ARRIVE;
}

static bg_err read_line(struct importing *run, const struct table_cell *cells, struct ledger_line *ret)
{
    struct ledger_line line = { .qty = cells[QTY].i,
                                .note = cells[NOTE].s,
                                .reason = cells[REASON].given ? (int)cells[REASON].i : 0,
                                .paid = cells[TERMS].given ? (int)cells[TERMS].i : LEDGER_PAID_NONE };
    int64_t place = 0;
    BG_TRY(refer(run, cells, ITEM, ledger_item_find, &line.from.item));
    BG_TRY(refer(run, cells, PLACE, ledger_place_find, &place));
    BG_TRY(refer(run, cells, FROM_PLACE, ledger_place_find, &line.from.place));
    BG_TRY(refer(run, cells, TO_PLACE, ledger_place_find, &line.to.place));
    if (place_takes((int)cells[KIND].i) && line.to.place == 0) {
        line.to.place = place;
    } else if (!place_takes((int)cells[KIND].i) && line.from.place == 0) {
        line.from.place = place;
    }
    import_need_place(run, cells[FROM_PLACE].given ? FROM_PLACE : PLACE, line.from.place);
    if (line.from.place == 0) { /* receipts and production; what is handed over may go anywhere */
        import_need_place(run, cells[TO_PLACE].given ? TO_PLACE : PLACE, line.to.place);
    }
    bool leaves = cells[KIND].i == LEDGER_KIND_ISSUE || cells[KIND].i == LEDGER_KIND_TRANSFER;
    if (leaves && line.to.place == 0 && !cells[TO_PLACE].given) { /* somewhere else has to be named */
        (void)import_refuse(run, TO_PLACE, BG_FAIL_AT(BG_TABLE_EMPTY, "to_place"));
    }
    BG_TRY(refer(run, cells, FROM_OWNER, ledger_owner_find, &line.from.owner));
    BG_TRY(refer(run, cells, TO_OWNER, ledger_owner_find, &line.to.owner));
    BG_TRY(refer_bin(run, cells, FROM_BIN, line.from.place, &line.from.bin));
    BG_TRY(refer_bin(run, cells, TO_BIN, line.to.place, &line.to.bin));
    BG_TRY(refer_lot(run, cells, line.from.item, &line.from.lot));
    line.from.status = cells[FROM_STATUS].given ? (int)cells[FROM_STATUS].i : 0;
    line.to.status = cells[TO_STATUS].given ? (int)cells[TO_STATUS].i : 0;
    *ret = line;
    return BG_DONE;
}

/* --- sameness --- */

/* A row that carries the id of a movement: the same one is unchanged, another
 * one is refused, for movements are never changed. */
static bg_err by_id(struct importing *run, const struct table_cell *cells, const struct ledger_line *line, bool *ret_known)
{
    int64_t id;
    struct ledger_movement was;
    *ret_known = false;
    if (!cells[ID].given) {
        return BG_DONE;
    }
    if (!bg_str_int(cells[ID].s, &id) || id <= 0) {
        (void)import_refuse(run, ID, BG_FAIL_AT(BG_TABLE_NUMBER, "id"));
        return BG_DONE;
    }
    bg_err err = ledger_movement_get(run->store, run->city, id, run->arena, &was);
    if (err.code == BG_NOT_FOUND) {
        return BG_DONE;
    }
    BG_TRY(err);
    *ret_known = true;
    bool same = was.qty == line->qty && was.from.item == line->from.item && was.occurred_at == cells[OCCURRED].i &&
                (line->from.place == 0 || line->from.place == was.from.place) &&
                (line->to.place == 0 || line->to.place == was.to.place) &&
                (line->from.lot == 0 || line->from.lot == was.from.lot || line->from.lot == was.to.lot);
    if (!same) {
        (void)import_refuse(run, ID, BG_FAIL_AT(BG_IMPORT_MOVEMENT, "id"));
    }
    return BG_DONE;
}

/* What the row is, as 32 bytes: its id in the system it comes from, its
 * reference, or its content with the count of same rows above. */
static bg_err row_key(struct importing *run, const struct table_cell *cells, uint8_t ret[KEY_BYTES])
{
    struct movements *state = run->state;
    BG_SCOPED_BUF text = bg_buf_init(1u << 20);
    if (cells[ID].given) {
        bg_buf_print(&text, "id\x1f%.*s", BG_STR_FMT(cells[ID].s));
    } else if (cells[REF].given) {
        bg_buf_print(&text, "ref\x1f%.*s", BG_STR_FMT(cells[REF].s));
    } else {
        for (size_t i = 0; i < COLUMNS; i++) {
            if (columns[i].type == TABLE_TEXT) {
                bg_buf_print(&text, "\x1f%.*s", BG_STR_FMT(cells[i].s));
            } else {
                bg_buf_print(&text, "\x1f%lld", cells[i].given ? (long long)cells[i].i : INT64_C(-1));
            }
        }
        int64_t *count = import_map_at(state->seen, bg_buf_str(&text), NULL);
        BG_TRY(bg_need(count));
        bg_buf_print(&text, "\x1f%lld", (long long)++*count);
    }
    BG_TRY(bg_buf_check(&text));
    (void)crypto_hash_sha256(ret, (const unsigned char *)text.at, text.len);
    return BG_DONE;
}

static bg_err key_known(const struct importing *run, const uint8_t key[KEY_BYTES], bool *ret)
{
    int64_t document;
    return store_get_int(run->store, SQL_IMPORT_KEY_FIND,
                         ARGS(V_INT(run->city), V_INT(IMPORT_KEY_MOVEMENT), V_BYTES(key, KEY_BYTES)), &document, ret);
}

/* --- documents --- */

static bg_err refuse_waiting(struct importing *run, size_t line, bg_err err)
{
    struct movements *state = run->state;
    struct csv_row row = run->row;
    run->errors.count = 0;
    run->row = state->rows[line].row;
    (void)import_refuse(run, -1, err);
    bg_err kept = import_keep_bad_row(run);
    run->row = row;
    run->errors.count = 0;
    return kept;
}

static bg_err keep_keys(struct importing *run, size_t first, size_t count, int64_t document)
{
    struct movements *state = run->state;
    struct store_val *values = bg_arena_array(run->arena, count, 4 * sizeof *values);
    BG_TRY(bg_need(values));
    for (size_t i = 0; i < count; i++) {
        struct store_val *row = values + 4 * i;
        row[0] = V_INT(run->city);
        row[1] = V_INT(IMPORT_KEY_MOVEMENT);
        row[2] = V_BYTES(state->rows[first + i].key, KEY_BYTES);
        row[3] = V_INT(document);
    }
    return store_run_many(run->store, SQL_IMPORT_KEY_INSERT, values, 4, count);
}

/* A document was refused: its lines are tried one by one, to find every bad row. That some of them are posted does not matter,
 * for with a bad row in it the whole pass is undone. */
static bg_err find_bad_lines(struct importing *run, const struct ledger_post *post, bg_ms at, bg_err refusal)
{
    struct movements *state = run->state;
    size_t first = (size_t)(post->lines - state->lines), bad = 0;
    if (post->count == 1) {
        return refuse_waiting(run, first, refusal);
    }
    for (size_t i = 0; i < post->count; i++) {
        struct ledger_post one = *post;
        int64_t document;
        one.lines = &post->lines[i];
        one.count = 1;
        bg_err err = ledger_post_in(run->tx, run->change, &one, at, &document);
        if (bg_failed(err)) {
            if (bg_errors[err.code].status >= 500) {
                return err;
            }
            BG_TRY(refuse_waiting(run, first + i, err));
            bad++;
        }
    }
    return bad > 0 ? BG_DONE : refuse_waiting(run, first, refusal); /* only together are they too much */
}

/* Posts what waits. */
static bg_err post_waiting(struct importing *run)
{
    struct movements *state = run->state;
    if (state == NULL || state->document_count == 0) {
        return BG_DONE;
    }
    BG_TRY(ledger_posts_in(run->tx, run->change, state->posts, state->at, state->document_count, state->errs, state->documents));
    for (size_t i = 0; i < state->document_count; i++) {
        const struct ledger_post *post = &state->posts[i];
        if (bg_failed(state->errs[i])) {
            BG_TRY(find_bad_lines(run, post, state->at[i], state->errs[i]));
        } else {
            BG_TRY(keep_keys(run, (size_t)(post->lines - state->lines), post->count, state->documents[i]));
            run->result.imported += (int64_t)post->count;
        }
    }
    state->line_count = state->document_count = 0;
    return BG_DONE;
}

static bg_err copy_row(struct importing *run, struct csv_row *ret)
{
    bg_str *fields = bg_arena_array(run->arena, run->row.count, sizeof *fields);
    BG_TRY(bg_need(fields));
    for (size_t i = 0; i < run->row.count; i++) {
        fields[i] = bg_arena_copy(run->arena, run->row.fields[i]);
        BG_TRY(bg_need(fields[i].at));
    }
    *ret = run->row;
    ret->fields = fields;
    return BG_DONE;
}

/* Whether the row goes on with the last document. */
static bool belongs(const struct movements *state, const struct table_cell *cells)
{
    if (state->document_count == 0) {
        return false;
    }
    const struct ledger_post *last = &state->posts[state->document_count - 1];
    bg_str reference = cells[REFERENCE].given ? cells[REFERENCE].s : cells[DOCUMENT].s;
    return last->kind == cells[KIND].i && state->at[state->document_count - 1] == cells[OCCURRED].i &&
           bg_str_eq(state->numbers[state->document_count - 1], cells[DOCUMENT].s) && bg_str_eq(last->reference, reference);
}

static void begin_document(struct movements *state, const struct table_cell *cells)
{
    size_t i = state->document_count++;
    state->posts[i] = (struct ledger_post){ .kind = (int)cells[KIND].i,
                                            .fact = true,
                                            .lines = &state->lines[state->line_count],
                                            .reference = cells[REFERENCE].given ? cells[REFERENCE].s : cells[DOCUMENT].s };
    state->at[i] = cells[OCCURRED].i;
    state->numbers[i] = cells[DOCUMENT].s;
}

/* Kinds that only their own flow can make: an arrival answers a sending, a
 * count a sheet, a reversal a movement. */
static bool kind_is_made_elsewhere(int64_t kind)
{
    return kind == LEDGER_KIND_SEND || kind == LEDGER_KIND_ARRIVE || kind == LEDGER_KIND_REVERSE || kind == LEDGER_KIND_COUNT ||
           kind == LEDGER_KIND_RECALL || kind == LEDGER_KIND_EXPIRE || kind == LEDGER_KIND_SETTLE;
}

static bg_err movement_row(struct importing *run, const struct table_cell *cells, enum import_outcome *ret)
{
    struct movements *state;
    struct ledger_line line;
    struct waiting waiting;
    bool known;
    BG_TRY(state_of(run, &state));
    BG_TRY(read_line(run, cells, &line));
    if (run->errors.count > 0) {
        return BG_DONE;
    }
    BG_TRY(by_id(run, cells, &line, &known));
    if (known || run->errors.count > 0) {
        return BG_DONE;
    }
    BG_TRY(row_key(run, cells, waiting.key));
    BG_TRY(key_known(run, waiting.key, &known));
    if (known) {
        return BG_DONE;
    }
    if (kind_is_made_elsewhere(cells[KIND].i)) {
        (void)import_refuse(run, KIND, BG_FAIL_AT(BG_IMPORT_KIND, "kind"));
        return BG_DONE;
    }
    *ret = IMPORT_WAITS;
    if (state->line_count == LEDGER_LINES_MAX) {
        BG_TRY(post_waiting(run));
    }
    if (!belongs(state, cells)) {
        begin_document(state, cells);
    }
    BG_TRY(copy_row(run, &waiting.row));
    state->lines[state->line_count] = line;
    state->rows[state->line_count++] = waiting;
    state->posts[state->document_count - 1].count++;
    return BG_DONE;
}

/* --- export --- */

static bg_str digits(struct exporting *run, int64_t id)
{
    return id != 0 ? export_int(run, id) : BG_STR("");
}

/* Codes of what movements refer to, kept for the length of the export. */
struct codes {
    struct import_map *known; /* "i123" → place of the code in `texts`, from 1 */
    struct bg_arena *texts;
    bg_str *at;
    size_t count, room;
};

static bg_err code_load(struct exporting *run, struct codes *codes, char kind, int64_t id, bg_str *ret)
{
    union {
        struct ledger_item item;
        struct ledger_place place;
        struct ledger_bin bin;
        struct ledger_owner owner;
        struct ledger_lot lot;
    } row;
    switch (kind) {
    case 'i':
        BG_TRY(ledger_item_get(run->store, run->city, id, codes->texts, &row.item));
        *ret = row.item.code;
        return BG_DONE;
    case 'p':
        BG_TRY(ledger_place_get(run->store, run->city, id, codes->texts, &row.place));
        *ret = row.place.code;
        return BG_DONE;
    case 'b':
        BG_TRY(ledger_bin_get(run->store, run->city, id, codes->texts, &row.bin));
        *ret = row.bin.code;
        return BG_DONE;
    case 'o':
        BG_TRY(ledger_owner_get(run->store, run->city, id, codes->texts, &row.owner));
        *ret = row.owner.code;
        return BG_DONE;
    case 'l':
        BG_TRY(ledger_lot_get(run->store, run->city, id, codes->texts, &row.lot));
        *ret = row.lot.batch;
        return BG_DONE;
    default: /* 'm': the maker of a lot */
        BG_TRY(ledger_lot_get(run->store, run->city, id, codes->texts, &row.lot));
        *ret = row.lot.maker;
        return BG_DONE;
    }
}

static bg_err code_of(struct exporting *run, struct codes *codes, char kind, int64_t id, bg_str *ret)
{
    char key[32];
    if (id == 0) {
        *ret = BG_STR("");
        return BG_DONE;
    }
    (void)snprintf(key, sizeof key, "%c%lld", kind, (long long)id);
    int64_t *known = import_map_at(codes->known, bg_str_of(key), NULL);
    BG_TRY(bg_need(known));
    if (*known == 0) {
        if (codes->count == codes->room) {
            size_t room = codes->room == 0 ? 1024 : codes->room * 2;
            bg_str *more = bg_heap_resize(codes->at, room * sizeof *more);
            BG_TRY(bg_need(more));
            codes->at = more;
            codes->room = room;
        }
        BG_TRY(code_load(run, codes, kind, id, &codes->at[codes->count]));
        *known = (int64_t)++codes->count;
    }
    *ret = codes->at[*known - 1];
    return BG_DONE;
}

static bg_err movement_write(struct exporting *run, struct codes *codes, const struct ledger_movement *movement,
                             const struct ledger_document *document)
{
    bg_str fields[COLUMNS] = { 0 };
    char number[32];
    for (size_t i = 0; i < COLUMNS; i++) {
        fields[i] = BG_STR("");
    }
    int64_t lot = movement->from.lot != 0 ? movement->from.lot : movement->to.lot;
    ledger_number_text(document->kind, document->year, document->number, number);
    fields[ID] = digits(run, movement->id);
    fields[DOCUMENT] = bg_arena_copy(run->arena, bg_str_of(number));
    fields[KIND] = bg_str_of(ledger_slug(ledger_kinds, document->kind));
    fields[OCCURRED] = export_time(run, movement->occurred_at);
    BG_TRY(code_of(run, codes, 'i', movement->from.item, &fields[ITEM]));
    BG_TRY(code_of(run, codes, 'l', lot, &fields[BATCH]));
    BG_TRY(code_of(run, codes, 'm', lot, &fields[MAKER]));
    fields[QTY] = export_int(run, movement->qty);
    BG_TRY(code_of(run, codes, 'p', movement->from.place, &fields[FROM_PLACE]));
    BG_TRY(code_of(run, codes, 'b', movement->from.bin, &fields[FROM_BIN]));
    BG_TRY(code_of(run, codes, 'o', movement->from.owner, &fields[FROM_OWNER]));
    fields[FROM_STATUS] = bg_str_of(ledger_slug(ledger_statuses, movement->from.status));
    BG_TRY(code_of(run, codes, 'p', movement->to.place, &fields[TO_PLACE]));
    BG_TRY(code_of(run, codes, 'b', movement->to.bin, &fields[TO_BIN]));
    BG_TRY(code_of(run, codes, 'o', movement->to.owner, &fields[TO_OWNER]));
    fields[TO_STATUS] = bg_str_of(ledger_slug(ledger_statuses, movement->to.status));
    fields[REASON] = bg_str_of(ledger_slug(ledger_reasons, movement->reason));
    fields[TERMS] = movement->paid != LEDGER_PAID_NONE ? bg_str_of(ledger_slug(ledger_paids, movement->paid)) : BG_STR("");
    fields[REFERENCE] = document->reference;
    fields[NOTE] = movement->note.at != NULL ? movement->note : BG_STR("");
    fields[RECORDED] = export_time(run, movement->recorded_at);
    fields[REVERSES] = digits(run, movement->reverses);
    return export_row(run, fields);
}

static bg_err movement_pages(struct exporting *run, struct codes *codes)
{
    struct ledger_movement *movements;
    struct ledger_document document = { .id = 0 };
    size_t count = EXPORT_PAGE;
    for (int64_t after = 0; count == EXPORT_PAGE;) {
        bg_arena_reset(run->arena);
        document.id = 0;
        BG_TRY(ledger_movement_after(run->store, run->city, after, EXPORT_PAGE, run->arena, &movements, &count));
        for (size_t i = 0; i < count; i++) {
            after = movements[i].id;
            if (!import_scope_has(&run->opts->scope, movements[i].from.place) &&
                !import_scope_has(&run->opts->scope, movements[i].to.place)) {
                continue;
            }
            if (document.id != movements[i].document) {
                BG_TRY(ledger_document_get(run->store, run->city, movements[i].document, run->arena, &document));
            }
            BG_TRY(movement_write(run, codes, &movements[i], &document));
        }
    }
    return BG_DONE;
}

static bg_err movement_list(struct exporting *run)
{
    struct codes codes = { .texts = bg_arena_open((size_t)256 << 20) };
    bg_err err = bg_need(codes.texts);
    if (!bg_failed(err)) {
        err = import_map_open(&bg_env_real, &codes.known);
    }
    if (!bg_failed(err)) {
        err = movement_pages(run, &codes);
    }
    import_map_close(codes.known);
    bg_heap_free(codes.at);
    bg_arena_close(codes.texts);
    return err;
}

const struct import_kind import_movements = { .name = "movements",
                                              .placed = true,
                                              .zh = "出入库流水",
                                              .en = "movements",
                                              .columns = columns,
                                              .row = movement_row,
                                              .flush = post_waiting,
                                              .done = movement_done,
                                              .list = movement_list };
