/* Judging GS1 values and what may stand together. */
#include "codec/gs1_in.h"

#include <string.h>

bg_err gs1_fail_ai(struct bg_arena *arena, enum bg_code code, bg_str ai)
{
    /* An unknown AI is input: only letters and digits of it are repeated. */
    char shown[5] = { 0 };
    for (size_t i = 0; i < ai.len && i < 4; i++) {
        char c = ai.at[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        shown[i] = plain ? c : '?';
    }
    return BG_FAIL_WITH(code, "scan", bg_arena_text(arena, "\"ai\":\"%s\"", shown));
}

bool gs1_token(bg_str *list, char by, bg_str *ret)
{
    while (list->len > 0 && list->at[0] == by) {
        *list = bg_str_cut(*list, 1, list->len);
    }
    if (list->len == 0) {
        return false;
    }
    size_t end = bg_str_find(*list, by);
    *ret = bg_str_cut(*list, 0, end);
    *list = bg_str_cut(*list, end, list->len);
    return true;
}

bg_err gs1_append(struct bg_arena *arena, struct gs1 *gs1, size_t *used, bg_str ai, bg_str value)
{
    if (*used >= GS1_MAX_AIS) {
        return BG_FAIL_WITH(BG_GS1_TOO_MANY, "scan", bg_arena_text(arena, "\"most\":%d", GS1_MAX_AIS));
    }
    (*used)++;
    gs1->element[gs1->count++] = (struct gs1_element){ ai, value };
    return BG_DONE;
}

static bg_err fail_length(struct bg_arena *arena, const struct gs1_row *row, bg_str ai, bg_str value)
{
    size_t min, max;
    gs1_row_length(row, &min, &max);
    return BG_FAIL_WITH(BG_GS1_LENGTH, "scan", bg_arena_text(arena, "\"ai\":\"%.*s\",\"length\":%zu,\"least\":%zu,\"most\":%zu",
                                                            BG_STR_FMT(ai), value.len, min, max));
}

static bg_err fail_rule(struct bg_arena *arena, bg_str ai, enum gs1_rule rule, size_t at)
{
    const struct gs1_rule_info *info = &gs1_rules[rule];
    return BG_FAIL_WITH(info->code, "scan",
                        bg_arena_text(arena, "\"ai\":\"%.*s\",\"at\":%zu,\"rule\":\"%s\",\"rule_zh\":\"%s\",\"rule_en\":\"%s\"",
                                      BG_STR_FMT(ai), at, info->slug, info->zh, info->en));
}

bg_err gs1_value_check(struct bg_arena *arena, const struct gs1_row *row, bg_str ai, bg_str value)
{
    size_t min, max, from = 0;
    gs1_row_length(row, &min, &max);
    if (value.len < min || value.len > max || value.len == 0) {
        return fail_length(arena, row, ai, value);
    }
    for (const struct gs1_part *part = row->part; part->set != RULE_NONE; part++) {
        bg_str piece = bg_str_cut(value, from, from + part->max);
        size_t at;
        if (part->optional && piece.len == 0) {
            continue;
        }
        if (piece.len < part->min) {
            return fail_length(arena, row, ai, value);
        }
        if (!gs1_rule_holds(part->set, piece, &at)) {
            return fail_rule(arena, ai, part->set, from + at);
        }
        for (const enum gs1_rule *rule = part->rule; *rule != RULE_NONE; rule++) {
            if (!gs1_rule_holds(*rule, piece, &at)) {
                return fail_rule(arena, ai, *rule, from + at);
            }
        }
        from += piece.len;
    }
    return from == value.len ? BG_DONE : fail_length(arena, row, ai, value);
}

static bool matches(bg_str ai, bg_str pattern)
{
    if (ai.len != pattern.len) {
        return false;
    }
    for (size_t i = 0; i < ai.len; i++) {
        if (pattern.at[i] != 'n' && pattern.at[i] != ai.at[i]) {
            return false;
        }
    }
    return true;
}

/* An element whose AI matches the pattern ("310n") and is not `self`. */
static const struct gs1_element *other(const struct gs1 *gs1, bg_str pattern, bg_str self)
{
    for (size_t i = 0; i < gs1->count; i++) {
        const struct gs1_element *element = &gs1->element[i];
        if (matches(element->ai, pattern) && !bg_str_eq(element->ai, self)) {
            return element;
        }
    }
    return NULL;
}

static bg_err check_never(struct bg_arena *arena, const struct gs1 *gs1, const struct gs1_element *element, const struct gs1_row *row)
{
    bg_str list = bg_str_of(row->never), pattern;
    while (gs1_token(&list, ',', &pattern)) {
        const struct gs1_element *found = other(gs1, pattern, element->ai);
        if (found != NULL) {
            return BG_FAIL_WITH(BG_GS1_EXCLUSIVE, "scan", bg_arena_text(arena, "\"ai\":\"%.*s\",\"with\":\"%.*s\"",
                                                                       BG_STR_FMT(element->ai), BG_STR_FMT(found->ai)));
        }
    }
    return BG_DONE;
}

static bool choice_holds(const struct gs1 *gs1, bg_str choice, bg_str self)
{
    bg_str pattern;
    while (gs1_token(&choice, '+', &pattern)) {
        if (other(gs1, pattern, self) == NULL) {
            return false;
        }
    }
    return true;
}

static bg_err check_need(struct bg_arena *arena, const struct gs1 *gs1, const struct gs1_element *element, const struct gs1_row *row)
{
    bg_str clauses = bg_str_of(row->need), clause, choice;
    while (gs1_token(&clauses, ' ', &clause)) {
        bg_str choices = clause;
        bool holds = false;
        while (!holds && gs1_token(&choices, ',', &choice)) {
            holds = choice_holds(gs1, choice, element->ai);
        }
        if (!holds) {
            return BG_FAIL_WITH(BG_GS1_REQUIRED, "scan", bg_arena_text(arena, "\"ai\":\"%.*s\",\"needs\":\"%.*s\"",
                                                                      BG_STR_FMT(element->ai), BG_STR_FMT(clause)));
        }
    }
    return BG_DONE;
}

static bg_err check_repeats(struct bg_arena *arena, const struct gs1 *gs1)
{
    for (size_t i = 0; i < gs1->count; i++) {
        for (size_t j = i + 1; j < gs1->count; j++) {
            const struct gs1_element *a = &gs1->element[i], *b = &gs1->element[j];
            if (bg_str_eq(a->ai, b->ai) && !bg_str_eq(a->value, b->value)) {
                return gs1_fail_ai(arena, BG_GS1_REPEATED, a->ai);
            }
        }
    }
    return BG_DONE;
}

/* A digital signature (8030) signs one single thing: document, coupon and returnable asset then carry their serial component. */
static bg_err check_signature(struct bg_arena *arena, const struct gs1 *gs1)
{
    static const char *const keys[] = { "253", "255", "8003" };
    if (gs1_find(gs1, "8030").len == 0) {
        return BG_DONE;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t min, max;
        gs1_row_length(gs1_row_find(bg_str_of(keys[i])), &min, &max);
        if (gs1_find(gs1, keys[i]).len == min) {
            return gs1_fail_ai(arena, BG_GS1_NO_SERIAL, bg_str_of(keys[i]));
        }
    }
    return BG_DONE;
}

bg_err gs1_pairs_check(struct bg_arena *arena, const struct gs1 *gs1)
{
    for (size_t i = 0; i < gs1->count; i++) {
        BG_TRY(check_never(arena, gs1, &gs1->element[i], gs1_row_find(gs1->element[i].ai)));
    }
    for (size_t i = 0; i < gs1->count; i++) {
        BG_TRY(check_need(arena, gs1, &gs1->element[i], gs1_row_find(gs1->element[i].ai)));
    }
    BG_TRY(check_repeats(arena, gs1));
    return check_signature(arena, gs1);
}

bg_str gs1_find(const struct gs1 *gs1, const char *ai)
{
    for (size_t i = 0; i < gs1->count; i++) {
        if (bg_str_is(gs1->element[i].ai, ai)) {
            return gs1->element[i].value;
        }
    }
    return (bg_str){ "", 0 };
}

bg_err gs1_of_elements(struct bg_arena *arena, const struct gs1_element *element, size_t count, struct gs1 *ret)
{
    struct gs1 gs1 = { .form = GS1_ELEMENTS };
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct gs1_row *row = gs1_row_find(element[i].ai);
        if (row == NULL) {
            return gs1_fail_ai(arena, BG_GS1_UNKNOWN_AI, element[i].ai);
        }
        BG_TRY(gs1_value_check(arena, row, element[i].ai, element[i].value));
        BG_TRY(gs1_append(arena, &gs1, &used, element[i].ai, element[i].value));
    }
    if (gs1.count == 0) {
        return BG_FAIL_AT(BG_GS1_EMPTY, "scan");
    }
    BG_TRY(gs1_pairs_check(arena, &gs1));
    *ret = gs1;
    return BG_DONE;
}
