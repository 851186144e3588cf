/* GS1: every vector of tests/vectors (judged by the reference engine), then what must hold for all of them: what is written is read
 * back the same, facts are JSON, no cut or changed byte does harm, running out of memory is an error and no more. */
#include "codec/gs1.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "codec/gs1_in.h"
#include "tap.h"

static struct bg_arena *arena;

static bool same(const struct gs1 *a, const struct gs1 *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!bg_str_eq(a->element[i].ai, b->element[i].ai) || !bg_str_eq(a->element[i].value, b->element[i].value)) {
            return false;
        }
    }
    return true;
}

/* The same elements in any order. */
static bool same_set(const struct gs1 *a, const struct gs1 *b)
{
    size_t found = 0;
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            if (bg_str_eq(a->element[i].ai, b->element[j].ai) && bg_str_eq(a->element[i].value, b->element[j].value)) {
                found++;
                break;
            }
        }
    }
    return found == a->count && a->count >= b->count;
}

static bg_str text_of(const json_t *value)
{
    return (bg_str){ json_string_value(value), json_string_length(value) };
}

static bg_err read_form(const char *form, bg_str in, struct gs1 *ret)
{
    return strcmp(form, "brackets") == 0 ? gs1_parse_brackets(arena, in, ret) : gs1_parse(arena, in, ret);
}

/* What a vector demands: the verdict, and the AIs, the link or the error. */
static bool vector_holds(const json_t *vector)
{
    struct gs1 gs1;
    bg_str link;
    bg_err err = read_form(json_string_value(json_object_get(vector, "form")), text_of(json_object_get(vector, "in")), &gs1);
    if (!bg_failed(err) && json_object_get(vector, "want") != NULL) {
        err = gs1_write_link(arena, &gs1, BG_STR("https://example.com"), &link);
        if (!bg_failed(err)) {
            return json_is_true(json_object_get(vector, "ok")) && bg_str_eq(link, text_of(json_object_get(vector, "link")));
        }
    }
    if (bg_failed(err)) {
        const char *slug = json_string_value(json_object_get(vector, "error"));
        return json_is_false(json_object_get(vector, "ok")) && slug != NULL && strcmp(slug, bg_errors[err.code].slug) == 0;
    }
    const json_t *list = json_object_get(vector, "ai");
    bool equal = json_is_true(json_object_get(vector, "ok")) && json_array_size(list) == gs1.count;
    for (size_t i = 0; equal && i < gs1.count; i++) {
        const json_t *pair = json_array_get(list, i);
        equal = bg_str_eq(gs1.element[i].ai, text_of(json_array_get(pair, 0))) &&
                bg_str_eq(gs1.element[i].value, text_of(json_array_get(pair, 1)));
    }
    return equal;
}

static void test_vectors(const json_t *vectors)
{
    size_t index, accepted = 0, wrong = 0;
    json_t *vector;
    json_array_foreach(vectors, index, vector) {
        bg_arena_reset(arena);
        accepted += json_is_true(json_object_get(vector, "ok")) ? 1 : 0;
        if (!vector_holds(vector)) {
            wrong++;
            printf("# wrong: %s\n", json_string_value(json_object_get(vector, "in")));
        }
    }
    OK(json_array_size(vectors) > 2000 && wrong == 0,
        "%zu scans, bracketed texts and links are judged as by the reference engine (%zu accepted)",
       json_array_size(vectors), accepted);
}

/* "\x1D" in a line of the rules file. */
static size_t unescape(char *text)
{
    size_t len = 0;
    for (const char *at = text; *at != '\0'; at++) {
        uint8_t byte;
        if (at[0] == '\\' && at[1] == 'x' && bg_str_hex((bg_str){ at + 2, 2 }, &byte, 1)) {
            text[len++] = (char)byte;
            at += 3;
        } else {
            text[len++] = *at;
        }
    }
    return len;
}

static enum gs1_rule rule_named(bg_str slug)
{
    for (int rule = 1; rule < RULE_COUNT; rule++) {
        if (bg_str_is(slug, gs1_rules[rule].slug)) {
            return (enum gs1_rule)rule;
        }
    }
    return RULE_NONE;
}

static void test_rules(void)
{
    FILE *in = fopen("tests/vectors/gs1_rules.txt", "r");
    char line[1024];
    size_t count = 0, wrong = 0;
    bool seen[RULE_COUNT] = { true };
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        bg_str rest = bg_str_of(line);
        size_t tab = bg_str_find(rest, '\t');
        if (line[0] == '#' || tab == rest.len) {
            continue;
        }
        enum gs1_rule rule = rule_named(bg_str_cut(rest, 0, tab));
        bool holds = bg_str_starts(bg_str_cut(rest, tab + 1, rest.len), BG_STR("ok"));
        char *text = strchr(line + tab + 1, '\t') + 1;
        size_t at = 9999, len = unescape(text);
        seen[rule] = true;
        count++;
        if (gs1_rule_holds(rule, (bg_str){ text, len }, &at) != holds || (!holds && at > len)) {
            wrong++;
            printf("# wrong: %s\n", line);
        }
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    OK(count > 2000 && wrong == 0, "%zu texts are judged by the rules of content as by the reference procedures", count);
    size_t missing = 0;
    for (int rule = 0; rule < RULE_COUNT; rule++) {
        missing += !seen[rule];
    }
    OK(missing == 0, "each of the %d rules has such texts", RULE_COUNT - 1);
}

static bool rule_on(enum gs1_rule rule, const char *text)
{
    size_t at;
    return gs1_rule_holds(rule, bg_str_of(text), &at);
}

static void test_lists(void)
{
    int countries = 0, letters = 0, currencies = 0, media = 0;
    char code[16];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(code, sizeof code, "%03d", i);
        countries += rule_on(RULE_ISO3166, code);
        currencies += rule_on(RULE_ISO4217, code);
        media += i < 100 && rule_on(RULE_MEDIATYPE, code + 1);
    }
    for (int i = 0; i < 26 * 26; i++) {
        code[0] = (char)('A' + i / 26);
        code[1] = (char)('A' + i % 26);
        code[2] = '\0';
        letters += rule_on(RULE_ISO3166ALPHA2, code);
    }
    OK(countries >= 249 && letters == 249 && currencies > 150 && media == 30,
        "%d country numbers, %d country letters, %d currencies, %d media types",
       countries, letters, currencies, media);
    OK(rule_on(RULE_ISO3166, "156") && rule_on(RULE_ISO3166ALPHA2, "CN") && rule_on(RULE_ISO4217, "156") &&
        !rule_on(RULE_ISO3166, "001"),
       "China and the yuan are known");
    OK(rule_on(RULE_IBAN, "GB29NWBK60161331926819") && rule_on(RULE_IBAN, "DE89370400440532013000") &&
           !rule_on(RULE_IBAN, "DE89370400440532013001"),
       "published account numbers pass, one digit off fails");
    OK(rule_on(RULE_CSUMALPHA, "1987654Ad4X4bL5ttr2310c2K") && !rule_on(RULE_CSUMALPHA, "1987654Ad4X4bL5ttr2310c2L"),
       "the model number of the General Specifications passes, one character off fails");
}

/* --- what holds for every accepted scan --- */

static bool reads_back(const struct gs1 *gs1)
{
    struct gs1 again;
    bg_str text;
    bool good = !bg_failed(gs1_write_brackets(arena, gs1, &text)) && !bg_failed(gs1_parse_brackets(arena, text, &again)) &&
        same(gs1, &again);
    good = good && !bg_failed(gs1_write_elements(arena, gs1, &text));
    const char *scan = bg_arena_text(arena, "]C1%.*s", BG_STR_FMT(text));
    good = good && !bg_failed(gs1_parse(arena, bg_str_of(scan), &again)) && same(gs1, &again);
    good = good && !bg_failed(gs1_of_elements(arena, gs1->element, gs1->count, &again)) && same(gs1, &again);
    if (good && !bg_failed(gs1_write_link(arena, gs1, BG_STR("https://id.example/x/"), &text))) {
        good = !bg_failed(gs1_parse_link(arena, text, &again)) && same_set(gs1, &again);
        bg_str canonical;
        good = good && !bg_failed(gs1_write_link(arena, &again, BG_STR("https://id.example/x"), &canonical)) &&
            bg_str_eq(text, canonical);
    }
    if (good && !bg_failed(gs1_write_symbol(arena, gs1, GS1_128, &text))) {
        good = text.len <= 48;
        scan = bg_arena_text(arena, "]C1%.*s", BG_STR_FMT(text));
        good = good && !bg_failed(gs1_parse(arena, bg_str_of(scan), &again)) && same_set(gs1, &again);
    }
    return good && !bg_failed(gs1_write_text(arena, gs1, GS1_NAMES_ZH, &text)) && text.len > 0;
}

static bool facts_are_json(bg_err err)
{
    if (err.facts == NULL) {
        return true;
    }
    const char *text = bg_arena_text(arena, "{%s}", err.facts);
    json_t *facts = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bool good = facts != NULL;
    json_decref(facts);
    return good;
}

static void test_properties(const json_t *vectors)
{
    size_t index, back = 0, lost = 0, facts = 0, not_json = 0;
    json_t *vector;
    struct gs1 gs1;
    json_array_foreach(vectors, index, vector) {
        bg_arena_reset(arena);
        bg_err err = read_form(json_string_value(json_object_get(vector, "form")), text_of(json_object_get(vector, "in")), &gs1);
        if (bg_failed(err)) {
            facts += err.facts != NULL;
            not_json += !facts_are_json(err);
        } else if (gs1.count > 0 && gs1.form != GS1_PRIMARY) {
            back++;
            if (!reads_back(&gs1)) {
                lost++;
                printf("# not read back: %s\n", json_string_value(json_object_get(vector, "in")));
            }
        }
    }
    OK(back > 1000 && lost == 0, "%zu accepted scans are read back from brackets, element string, link and symbol", back);
    OK(facts > 1000 && not_json == 0, "the facts of %zu refusals are JSON", facts);
}

/* Cut at every length and with every fifth byte changed: any answer will do, the sanitizers watch. */
static void test_damage(const json_t *vectors)
{
    size_t index, tries = 0;
    json_t *vector;
    struct gs1 gs1;
    char copy[512];
    json_array_foreach(vectors, index, vector) {
        bg_str in = text_of(json_object_get(vector, "in"));
        for (size_t at = index % 5; at < in.len && in.len < sizeof copy; at += 5, tries += 2) {
            bg_arena_reset(arena);
            bg_ignore(gs1_parse(arena, bg_str_cut(in, 0, at), &gs1));
            memcpy(copy, in.at, in.len);
            copy[at] = (char)(index * 7 + at * 31);
            bg_ignore(gs1_parse(arena, (bg_str){ copy, in.len }, &gs1));
        }
    }
    OK(tries > 10000, "%zu damaged scans do no harm", tries);
}

static void test_memory(void)
{
    static const char *const scans[] = { "https://example.com/01/09520123456788/10/A%2FB?17=220100", "(01)09520123456788(10)A\\(B",
                                         "]C1010952012345678810ABC\x1D" "17220230" };
    size_t refused = 0, other = 0;
    for (size_t i = 0; i < sizeof scans / sizeof scans[0]; i++) {
        for (size_t size = 0; size < 600; size++) {
            struct bg_arena *small = bg_arena_open(size + 1);
            struct gs1 gs1;
            bg_str text;
            bg_err err = small == NULL ? BG_FAIL(BG_NO_MEMORY) : gs1_parse(small, bg_str_of(scans[i]), &gs1);
            if (!bg_failed(err)) {
                err = gs1_write_link(small, &gs1, BG_STR("https://a.example"), &text);
            }
            refused += err.code == BG_NO_MEMORY;
            other += err.code != BG_NO_MEMORY && err.code != BG_OK && err.code != BG_GS1_DATE;
            bg_arena_close(small);
        }
    }
    OK(refused > 3 && other == 0, "an arena that is too small gives one error, out of memory (%zu times)", refused);
}

int main(void)
{
    json_error_t error;
    json_t *file = json_load_file("tests/vectors/gs1.json", 0, &error);
    const json_t *vectors = json_object_get(file, "vectors");
    arena = bg_arena_open(4u << 20);
    test_vectors(vectors);
    test_rules();
    test_lists();
    test_properties(vectors);
    test_damage(vectors);
    test_memory();
    json_decref(file);
    bg_arena_close(arena);
    return TAP_DONE();
}
