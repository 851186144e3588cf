/* Figures of the outbreak: recording them and reading them back as of any moment. */
#include "reserve/impl.h"

const char *const reserve_figure_slugs[] = { "cases",     "asymptomatic", "imported",   "sampled",    "positive",
                                             "residents", "sealed",       "controlled", "prevention", "quarantine",
                                             "contacts",  "driver",       NULL };
const char *const reserve_mark_slugs[] = { "reported", "derived", "recalled", NULL };

static void put_moment(struct bg_buf *out, const char *key, bg_ms at)
{
    char text[25];
    bg_time_text(at, text);
    bg_json_put_str(out, key, bg_str_of(text));
}

static void put_day(struct bg_buf *out, const char *key, bg_date day)
{
    char text[11];
    bg_date_text(day, text);
    bg_json_put_str(out, key, bg_str_of(text));
}

static void put_district(struct bg_buf *out, int64_t district)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%06lld", (long long)district);
    bg_json_put_str(out, "district", district == 0 ? BG_STR("") : bg_str_of(text));
}

static void figure_members(const struct reserve_figure *f, struct bg_buf *out)
{
    bg_json_put_id(out, "id", f->id);
    bg_json_put_str(out, "kind", bg_str_of(reserve_figure_slugs[f->kind - 1]));
    put_district(out, f->district);
    put_day(out, "date", f->day);
    bg_json_put_str(out, "name", f->name);
    bg_json_put_int(out, "value", f->value);
    bg_json_put_str(out, "mark", bg_str_of(reserve_mark_slugs[f->mark - 1]));
    bg_json_put_str(out, "note", f->note);
}

void reserve_figure_json(const struct reserve_figure *figure, struct bg_buf *out)
{
    bg_json_object(out);
    figure_members(figure, out);
    put_moment(out, "recorded_at", figure->recorded_at);
    bg_json_key(out, "recorded_by");
    if (figure->recorded_by != 0) {
        bg_json_id(out, figure->recorded_by);
    } else {
        bg_json_null(out);
    }
    bg_json_object_end(out);
}

static bg_err check_figure(struct change_tx *tx, size_t i, const struct reserve_figure *f)
{
    bool kind = f->kind >= 1 && f->kind <= RESERVE_FIGURE_KINDS,
         mark = f->mark >= RESERVE_REPORTED && f->mark <= RESERVE_RECALLED;
    bool named = f->kind != RESERVE_FIGURE_DRIVER || f->name.len > 0;
    bool value = f->value >= 0 && f->value <= BG_QTY_MAX, day = f->day != BG_DATE_NONE;
    bool daily = f->kind > RESERVE_FIGURE_DAILY_LAST || f->name.len == 0;
    if (kind && mark && named && value && day && daily && f->district >= 0 && f->district <= 999999) {
        return BG_DONE;
    }
    const char *field = !kind              ? "kind"
                        : !mark            ? "mark"
                        : !named || !daily ? "name"
                        : !value           ? "value"
                        : !day             ? "date"
                                           : "district";
    return BG_FAIL_WITH(BG_BAD_INPUT, field, bg_arena_text(change_arena(tx), "\"line\":%zu", i + 1));
}

static bg_err insert_figure(struct change_tx *tx, const struct change *change, const struct reserve_figure *f, int64_t id)
{
    return store_run(change_store(tx), SQL_RESERVE_FIGURE_INSERT,
                     ARGS(V_INT(change->city), V_INT(f->kind), V_INT(f->district), V_INT(f->day), V_INT(id), V_TEXT(f->name),
                          V_INT(f->value), V_INT(f->mark), V_TEXT(f->note), V_INT(change_now(tx)), V_INT(change->actor.account)),
                     NULL);
}

bg_err reserve_figure_put_in(struct change_tx *tx, const struct change *change, const struct reserve_figures *in)
{
    if (in->count < 1 || in->count > RESERVE_FIGURES_MAX) {
        return BG_FAIL_AT(BG_BAD_INPUT, "figures");
    }
    BG_SCOPED_BUF after = bg_buf_init(4 << 20);
    int64_t first = 0;
    bg_json_object(&after);
    bg_json_key(&after, "figures");
    bg_json_array(&after);
    for (size_t i = 0; i < in->count; i++) {
        struct reserve_figure line = in->lines[i];
        BG_TRY(check_figure(tx, i, &line));
        line.id = change_id(tx);
        first = first == 0 ? line.id : first;
        BG_TRY(insert_figure(tx, change, &line, line.id));
        bg_json_object(&after);
        figure_members(&line, &after);
        bg_json_object_end(&after);
    }
    bg_json_array_end(&after);
    bg_json_object_end(&after);
    BG_TRY(bg_buf_check(&after));
    return change_record(
        tx, change,
        &(struct journal_entry){
            .kind = "figure.set", .object = "figure", .id = first, .city = change->city, .after = bg_buf_str(&after) });
}

static bg_err decide_figures(struct change_tx *tx, struct change *change)
{
    const struct reserve_figures *in = change->in;
    BG_TRY(reserve_figure_put_in(tx, change, in));
    bg_json_object(&change->reply);
    bg_json_put_int(&change->reply, "figures", (int64_t)in->count);
    bg_json_object_end(&change->reply);
    change->status = 201;
    return BG_DONE;
}
const struct change_kind reserve_figure_putting = { .name = "figure.put", .decide = decide_figures, .recheck = auth_recheck };

static bg_err read_figure(const struct store_rows *rows, struct bg_arena *arena, struct reserve_figure *ret)
{
    *ret = (struct reserve_figure){ .kind = (enum reserve_figure_kind)store_int(rows, 0),
                                    .district = store_int(rows, 1),
                                    .day = (bg_date)store_int(rows, 2),
                                    .id = store_int(rows, 3),
                                    .name = bg_arena_copy(arena, store_text(rows, 4)),
                                    .value = store_int(rows, 5),
                                    .mark = (enum reserve_figure_mark)store_int(rows, 6),
                                    .note = bg_arena_copy(arena, store_text(rows, 7)),
                                    .recorded_at = store_int(rows, 8),
                                    .recorded_by = store_int(rows, 9) };
    BG_TRY(bg_need(ret->name.at));
    return bg_need(ret->note.at);
}

static bool same_figure(const struct reserve_figure *a, const struct reserve_figure *b)
{
    return a->kind == b->kind && a->district == b->district && a->day == b->day && bg_str_eq(a->name, b->name);
}

bg_err reserve_figure_list(struct store_tx *tx, int64_t city, int kind, bg_date from, bg_date to, bg_ms known_at,
                           struct bg_arena *arena, struct reserve_figure **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct reserve_figure *list = NULL;
    size_t count = 0, room = 0;
    BG_TRY(store_query(tx, SQL_RESERVE_FIGURE_KNOWN,
                       ARGS(V_INT(city), V_INT(kind), V_INT(from == BG_DATE_NONE ? INT32_MIN : from),
                            V_INT(to == BG_DATE_NONE ? INT32_MAX : to), V_INT(known_at == BG_TIME_NONE ? INT64_MAX : known_at)),
                       &rows));
    for (bool more = true; more;) {
        struct reserve_figure figure;
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        BG_TRY(read_figure(rows, arena, &figure));
        if (count > 0 && same_figure(&list[count - 1], &figure)) { /* later versions come later: the last one counts */
            list[count - 1] = figure;
        } else {
            BG_TRY(reserve_grow(arena, (void **)&list, count, &room, sizeof *list));
            list[count++] = figure;
        }
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}

bg_err reserve_figure_history(struct store_tx *tx, int64_t city, int kind, int64_t before, size_t max, struct bg_arena *arena,
                              struct reserve_figure **ret, size_t *ret_count)
{
    STORE_SCOPED_ROWS rows = NULL;
    struct reserve_figure *list = bg_arena_array(arena, max + 1, sizeof *list);
    size_t count = 0;
    BG_TRY(bg_need(list));
    BG_TRY(store_query(tx, SQL_RESERVE_FIGURE_RECENT,
                       ARGS(V_INT(city), V_INT(before == 0 ? INT64_MAX : before), V_INT(kind), V_INT((int64_t)max)), &rows));
    for (bool more = true; count < max;) {
        BG_TRY(store_next(rows, &more));
        if (!more) {
            break;
        }
        BG_TRY(read_figure(rows, arena, &list[count++]));
    }
    *ret = list;
    *ret_count = count;
    return BG_DONE;
}
