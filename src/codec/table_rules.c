/* Mapping files: how the headers and words of somebody else's file become ours. */
#include <string.h>

#include "codec/json.h"
#include "codec/table.h"

static bg_err refuse(struct bg_arena *arena, const char *member, const char *want)
{
    return BG_FAIL_WITH(BG_TABLE_RULES, "map", bg_arena_text(arena, "\"member\":\"%s\",\"want\":\"%s\"", member, want));
}

static bg_err read_string(struct bg_arena *arena, const char *member, const json_t *value, bg_str *ret)
{
    if (!json_is_string(value)) {
        return refuse(arena, member, "text");
    }
    *ret = (bg_str){ json_string_value(value), json_string_length(value) };
    return BG_DONE;
}

/* {"from":"to", …} */
static bg_err read_pairs(struct bg_arena *arena, const char *member, json_t *value, const struct table_pair **ret,
                         size_t *ret_count)
{
    if (!json_is_object(value)) {
        return refuse(arena, member, "object of texts");
    }
    struct table_pair *pairs = bg_arena_array(arena, json_object_size(value), sizeof *pairs);
    BG_TRY(bg_need(pairs));
    const char *key;
    json_t *item;
    size_t count = 0;
    json_object_foreach(value, key, item)
    {
        pairs[count].from = bg_str_of(key);
        BG_TRY(read_string(arena, member, item, &pairs[count++].to));
    }
    *ret = pairs;
    *ret_count = count;
    return BG_DONE;
}

/* {"column":{"from":"to"}} */
static bg_err read_words(struct bg_arena *arena, json_t *value, struct table_rules *rules)
{
    const char *column, *key;
    json_t *inside, *item;
    size_t count = 0;
    if (!json_is_object(value)) {
        return refuse(arena, "words", "object of objects of texts");
    }
    json_object_foreach(value, column, inside)
    {
        count += json_object_size(inside);
    }
    struct table_word_rule *words = bg_arena_array(arena, count, sizeof *words);
    BG_TRY(bg_need(words));
    count = 0;
    json_object_foreach(value, column, inside)
    {
        if (!json_is_object(inside)) {
            return refuse(arena, "words", "object of objects of texts");
        }
        json_object_foreach(inside, key, item)
        {
            words[count].column = bg_str_of(column);
            words[count].from = bg_str_of(key);
            BG_TRY(read_string(arena, "words", item, &words[count++].to));
        }
    }
    rules->words = words;
    rules->word_count = count;
    return BG_DONE;
}

static bg_err read_ignore(struct bg_arena *arena, const json_t *value, struct table_rules *rules)
{
    size_t count = json_array_size(value);
    bg_str *names = bg_arena_array(arena, count, sizeof *names);
    BG_TRY(bg_need(names));
    if (!json_is_array(value)) {
        return refuse(arena, "ignore", "array of texts");
    }
    for (size_t i = 0; i < count; i++) {
        BG_TRY(read_string(arena, "ignore", json_array_get(value, i), &names[i]));
    }
    rules->ignore = names;
    rules->ignore_count = count;
    return BG_DONE;
}

static bg_err read_member(struct bg_arena *arena, const char *key, json_t *value, struct table_rules *rules)
{
    bg_str text;
    if (strcmp(key, "columns") == 0) {
        return read_pairs(arena, key, value, &rules->columns, &rules->column_count);
    }
    if (strcmp(key, "fixed") == 0) {
        return read_pairs(arena, key, value, &rules->fixed, &rules->fixed_count);
    }
    if (strcmp(key, "same") == 0) {
        return read_pairs(arena, key, value, &rules->same, &rules->same_count);
    }
    if (strcmp(key, "words") == 0) {
        return read_words(arena, value, rules);
    }
    if (strcmp(key, "ignore") == 0) {
        return read_ignore(arena, value, rules);
    }
    if (strcmp(key, "ignore_rest") == 0) {
        rules->ignore_rest = json_is_true(value);
        return json_is_boolean(value) ? BG_DONE : refuse(arena, key, "true or false");
    }
    if (strcmp(key, "date") == 0) {
        return read_string(arena, key, value, &rules->date);
    }
    if (strcmp(key, "sheet") == 0) {
        return read_string(arena, key, value, &rules->opts.sheet);
    }
    if (strcmp(key, "skip") == 0) {
        rules->skip = json_integer_value(value);
        return json_is_integer(value) && rules->skip >= 0 && rules->skip <= 1000 ? BG_DONE : refuse(arena, key, "0 to 1000");
    }
    if (strcmp(key, "encoding") == 0) {
        BG_TRY(read_string(arena, key, value, &text));
        bool known = text_encoding_parse(text, &rules->opts.encoding);
        return known ? BG_DONE : refuse(arena, key, "utf-8, gb18030, utf-16le, utf-16be, windows-1252");
    }
    if (strcmp(key, "delimiter") == 0) {
        BG_TRY(read_string(arena, key, value, &text));
        rules->opts.delimiter = text.len == 1 ? text.at[0] : '\0';
        bool good = text.len == 1 && memchr(",;\t|", text.at[0], 4) != NULL;
        return good ? BG_DONE : refuse(arena, key, "a comma, semicolon, tab or bar");
    }
    return refuse(arena, key, "columns, fixed, same, words, ignore, ignore_rest, date, sheet, skip, encoding, delimiter");
}

bg_err table_rules_read(bg_str json, struct bg_arena *arena, struct table_rules *ret)
{
    json_t *value;
    struct table_rules rules = { .skip = 0 };
    BG_TRY(json_read(json, arena, &value));
    if (!json_is_object(value)) {
        return refuse(arena, "", "object");
    }
    const char *key;
    json_t *item;
    json_object_foreach(value, key, item)
    {
        BG_TRY(read_member(arena, bg_str_is(bg_str_of(key), "") ? "?" : key, item, &rules));
    }
    *ret = rules;
    return BG_DONE;
}
