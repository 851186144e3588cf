/* Tables of coefficients that a city has changed, version by version; each is read by the engine before it is taken. */
#include "basis/inner.h"

bg_err basis_table_list(struct store_tx *tx, int64_t city, bg_str name, size_t max, struct bg_arena *arena,
                        struct basis_table **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct basis_table *list = bg_arena_array(arena, max + 1, sizeof *list);
    size_t count = 0;
    BG_TRY(bg_need(list));
    BG_TRY(store_query(tx, SQL_BASIS_TABLE_NEWEST, ARGS(V_INT(city), V_TEXT(name), V_INT((int64_t)max)), &rows));
    for (bool more = true; count < max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        struct basis_table *t = &list[count++];
        *t = (struct basis_table){ .id = store_int(rows, 0),
                                   .name = name,
                                   .content = bg_arena_copy(arena, store_text(rows, 1)),
                                   .why = bg_arena_copy(arena, store_text(rows, 2)),
                                   .recorded_by = store_int(rows, 3),
                                   .recorded_name = bg_arena_copy(arena, store_text(rows, 4)),
                                   .recorded_at = store_int(rows, 5) };
        BG_TRY(bg_need(t->content.at));
        BG_TRY(bg_need(t->recorded_name.at));
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

bg_err basis_table_get(struct store_tx *tx, int64_t city, const char *name, struct bg_arena *arena, bg_str *ret, bool *ret_own)
{
    struct basis_table *list;
    size_t count;
    BG_TRY(basis_table_list(tx, city, bg_str_of(name), 1, arena, &list, &count));
    *ret_own = count > 0;
    *ret = count > 0 ? list[0].content : solve_table(name);
    return BG_DONE;
}

/* The table among the others that count, in the smallest document that uses them all: what is wrong is named with row and column.
 */
static bg_err check(struct change_tx *tx, const struct change *change, const struct basis_table *in)
{
    BG_SCOPED_ARENA arena = bg_arena_open((size_t)128 << 20);
    BG_SCOPED_BUF document = bg_buf_init((size_t)4 << 20);
    BG_SCOPED_BUF answer = bg_buf_init((size_t)4 << 20);
    BG_TRY(bg_need(arena));
    bg_json_object(&document);
    bg_json_put_int(&document, "days", 1);
    bg_json_put_int(&document, "paths", 1);
    bg_json_key(&document, "places");
    bg_json_raw(&document, BG_STR("[{\"code\":\"x\",\"residents\":1000}]"));
    bg_json_key(&document, "tables");
    bg_json_object(&document);
    for (const char *const *name = solve_table_names; *name != NULL; name++) {
        bg_str content = in->content;
        bool own;
        if (!bg_str_is(in->name, *name)) {
            BG_TRY(basis_table_get(change_store(tx), change->city, *name, arena, &content, &own));
        }
        bg_json_put_str(&document, *name, content);
    }
    bg_json_object_end(&document);
    bg_json_object_end(&document);
    BG_TRY(bg_buf_check(&document));
    bg_err err = solve_run(solve_find(BG_STR("demand")), bg_buf_str(&document), 10, arena, &answer);
    err.facts = err.facts != NULL ? bg_arena_copy(change_arena(tx), bg_str_of(err.facts)).at : NULL;
    err.field = err.field != NULL ? bg_arena_copy(change_arena(tx), bg_str_of(err.field)).at : NULL;
    return err;
}

void basis_table_json(const struct basis_table *table, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_id(out, "id", table->id);
    bg_json_put_str(out, "name", table->name);
    bg_json_put_str(out, "content", table->content);
    bg_json_put_str(out, "reason", table->why);
    bg_json_key(out, "by");
    bg_json_object(out);
    bg_json_put_id(out, "id", table->recorded_by);
    bg_json_put_str(out, "name", table->recorded_name);
    bg_json_object_end(out);
    basis_put_time(out, "at", table->recorded_at);
    bg_json_object_end(out);
}

static bg_err decide(struct change_tx *tx, struct change *change)
{
    const struct basis_table *in = change->in;
    struct basis_table made = *in;
    bool known = false;
    for (const char *const *name = solve_table_names; *name != NULL; name++) {
        known = known || bg_str_is(in->name, *name);
    }
    if (!known) {
        return BG_FAIL_AT(BG_NOT_FOUND, "table");
    }
    if (bg_str_trim(change->reason).len == 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "reason");
    }
    BG_TRY(check(tx, change, in));
    made.id = change_id(tx);
    made.why = change->reason;
    made.recorded_by = change->actor.account;
    made.recorded_name = change->actor.name;
    made.recorded_at = change_now(tx);
    BG_TRY(store_run(change_store(tx), SQL_BASIS_TABLE_INSERT,
                     ARGS(V_INT(change->city), V_TEXT(made.name), V_INT(made.id), V_TEXT(made.content), V_TEXT(made.why),
                          V_INT(made.recorded_by), V_TEXT(made.recorded_name), V_INT(made.recorded_at)),
                     NULL));
    BG_SCOPED_BUF after = bg_buf_init((size_t)1 << 20);
    basis_table_json(&made, &after);
    basis_table_json(&made, &change->reply);
    BG_TRY(bg_buf_check(&after));
    change->status = 201;
    return change_record(
        tx, change,
        &(struct journal_entry){
            .kind = "table.set", .object = "table", .id = made.id, .city = change->city, .after = bg_buf_str(&after) });
}
const struct change_kind basis_table_putting = { .name = "table.put", .decide = decide, .recheck = auth_recheck };
