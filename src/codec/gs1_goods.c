/* What a scan says about goods, how two codes of one pack come together, and the label that says it again. */
#include "codec/gs1_in.h"

#include <string.h>

static int number_at(bg_str text, size_t at)
{
    return (text.at[at] - '0') * 10 + (text.at[at + 1] - '0');
}

bool gs1_date(bg_str yymmdd, bg_date today, bool day_zero, bg_date *ret)
{
    int now, month_now, day_now;
    bg_date date;
    if (yymmdd.len != 6 || !gs1_all_digits(yymmdd)) {
        return false;
    }
    bg_date_parts(today, &now, &month_now, &day_now);
    int year = now - now % 100 + number_at(yymmdd, 0), month = number_at(yymmdd, 2), day = number_at(yymmdd, 4);
    int ahead = number_at(yymmdd, 0) - now % 100;
    if (ahead >= 51) {
        year -= 100;
    } else if (ahead <= -50) {
        year += 100;
    }
    if (day > 0 || !day_zero) {
        if (bg_failed(bg_date_of(year, month, day, &date))) {
            return false;
        }
    } else {
        for (day = 31; bg_failed(bg_date_of(year, month, day, &date)); day--) {
            if (day <= 28) {
                return false; /* no such month */
            }
        }
    }
    *ret = date;
    return true;
}

/* The date of `ai`, else the one that leads the longer value of `longer`. */
static bg_date date_of(const struct gs1 *gs1, const char *ai, const char *longer, bg_date today)
{
    bg_date date = BG_DATE_NONE;
    if (!gs1_date(gs1_find(gs1, ai), today, true, &date) && longer != NULL) {
        gs1_date(bg_str_cut(gs1_find(gs1, longer), 0, 6), today, false, &date);
    }
    return date;
}

static bg_str first_of(const struct gs1 *gs1, const char *ai, const char *else_ai)
{
    bg_str value = gs1_find(gs1, ai);
    return value.len > 0 ? value : gs1_find(gs1, else_ai);
}

bool gs1_own_label(const struct gs1 *gs1)
{
    return gs1_find(gs1, "01").len == 0 && bg_str_starts(gs1_find(gs1, "91"), BG_STR("BG"));
}

void gs1_candidate_of(const struct gs1 *gs1, bg_date today, struct gs1_candidate *ret)
{
    int64_t count = -1;
    bool own = gs1_own_label(gs1);
    bg_str_int(own ? gs1_find(gs1, "94") : first_of(gs1, "37", "30"), &count);
    *ret = (struct gs1_candidate){
        .gtin = first_of(gs1, "01", "02"),
        .item_code = own ? bg_str_cut(gs1_find(gs1, "91"), 2, SIZE_MAX) : BG_STR(""),
        .lot = gs1_find(gs1, own ? "92" : "10"),
        .serial = gs1_find(gs1, "21"),
        .sscc = gs1_find(gs1, "00"),
        .gln = gs1_find(gs1, "414"),
        .made = date_of(gs1, "11", "8008", today),
        .best_before = date_of(gs1, "15", NULL, today),
        .expiry = own ? date_of(gs1, "93", NULL, today) : date_of(gs1, "17", "7003", today),
        .count = count,
    };
}

static bg_err fail_conflict(struct bg_arena *arena, const char *field, bg_str known, bg_str scanned)
{
    /* Values of AIs may hold a quotation mark but nothing else that JSON escapes. */
    BG_SCOPED_BUF facts = bg_buf_init(1024);
    bg_json_put_str(&facts, "known", known);
    bg_json_put_str(&facts, "scanned", scanned);
    bg_str kept = bg_failed(bg_buf_check(&facts)) ? (bg_str){ NULL, 0 } : bg_arena_copy(arena, bg_buf_str(&facts));
    return BG_FAIL_WITH(BG_GS1_CONFLICT, field, kept.at);
}

static bg_err merge_text(struct bg_arena *arena, const char *field, bg_str *into, bg_str from)
{
    if (from.len == 0 || bg_str_eq(*into, from)) {
        return BG_DONE;
    }
    if (into->len > 0) {
        return fail_conflict(arena, field, *into, from);
    }
    *into = from;
    return BG_DONE;
}

static bg_err merge_date(struct bg_arena *arena, const char *field, bg_date *into, bg_date from)
{
    if (from == BG_DATE_NONE || *into == from) {
        return BG_DONE;
    }
    if (*into != BG_DATE_NONE) {
        char known[11], scanned[11];
        bg_date_text(*into, known);
        bg_date_text(from, scanned);
        return fail_conflict(arena, field, bg_str_of(known), bg_str_of(scanned));
    }
    *into = from;
    return BG_DONE;
}

static bg_err merge_count(struct bg_arena *arena, int64_t *into, int64_t from)
{
    if (from < 0 || *into == from) {
        return BG_DONE;
    }
    if (*into >= 0) {
        return BG_FAIL_WITH(BG_GS1_CONFLICT, "count",
                            bg_arena_text(arena, "\"known\":%lld,\"scanned\":%lld", (long long)*into, (long long)from));
    }
    *into = from;
    return BG_DONE;
}

bg_err gs1_candidate_merge(struct bg_arena *arena, struct gs1_candidate *into, const struct gs1_candidate *from)
{
    struct gs1_candidate merged = *into;
    BG_TRY(merge_text(arena, "gtin", &merged.gtin, from->gtin));
    BG_TRY(merge_text(arena, "item_code", &merged.item_code, from->item_code));
    BG_TRY(merge_text(arena, "lot", &merged.lot, from->lot));
    BG_TRY(merge_text(arena, "serial", &merged.serial, from->serial));
    BG_TRY(merge_text(arena, "sscc", &merged.sscc, from->sscc));
    BG_TRY(merge_text(arena, "gln", &merged.gln, from->gln));
    BG_TRY(merge_date(arena, "made", &merged.made, from->made));
    BG_TRY(merge_date(arena, "best_before", &merged.best_before, from->best_before));
    BG_TRY(merge_date(arena, "expiry", &merged.expiry, from->expiry));
    BG_TRY(merge_count(arena, &merged.count, from->count));
    *into = merged;
    return BG_DONE;
}

/* --- the way back --- */

struct list {
    struct bg_arena *arena;
    struct gs1_element element[16];
    size_t count;
    bool no_memory;
};

static void put(struct list *list, const char *ai, bg_str value)
{
    if (value.len > 0) {
        list->element[list->count++] = (struct gs1_element){ bg_str_of(ai), value };
    }
}

static void put_date(struct list *list, const char *ai, bg_date date)
{
    int year, month, day;
    if (date == BG_DATE_NONE) {
        return;
    }
    bg_date_parts(date, &year, &month, &day);
    const char *text = bg_arena_text(list->arena, "%02d%02d%02d", year % 100, month, day);
    list->no_memory = list->no_memory || text == NULL;
    put(list, ai, bg_str_of(text));
}

static void put_count(struct list *list, const char *ai, int64_t count)
{
    if (count < 0) {
        return;
    }
    const char *text = bg_arena_text(list->arena, "%lld", (long long)count);
    list->no_memory = list->no_memory || text == NULL;
    put(list, ai, bg_str_of(text));
}

bg_err gs1_of_candidate(struct bg_arena *arena, const struct gs1_candidate *candidate, struct gs1 *ret)
{
    struct list list = { .arena = arena };
    /* On a logistic unit (托盘, 整箱) the GTIN says what is inside, and then the count must be there. */
    bool inside = candidate->sscc.len > 0 && candidate->count >= 0;
    put(&list, "00", candidate->sscc);
    put(&list, inside ? "02" : "01", candidate->gtin);
    put_date(&list, "11", candidate->made);
    put_date(&list, "15", candidate->best_before);
    put_date(&list, "17", candidate->expiry);
    put(&list, "414", candidate->gln);
    put(&list, "10", candidate->lot);
    put(&list, "21", candidate->serial);
    put_count(&list, inside ? "37" : "30", candidate->count);
    if (list.no_memory) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    return gs1_of_elements(arena, list.element, list.count, ret);
}
