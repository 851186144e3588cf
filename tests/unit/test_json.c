/* The strict JSON reader against JSONTestSuite; what the suite leaves open, and where we are stricter than it, is written down
 * here. */
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static bool accepted(bg_str text)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4u << 20);
    json_t *value;
    return !bg_failed(json_read(text, arena, &value));
}

/* The suite accepts these; we do not: a doubled key hides one of its values from a reader, and NUL ends text in other programs.
 */
static const char *const stricter[] = { "y_object_duplicated_key", "y_object_duplicated_key_and_value",
                                        "y_object_escaped_null_in_key", "y_string_null_escape" };
/* Left open by the suite and accepted: numbers that round to 0 or keep their value, deep but bounded nesting. All other i_ are
 * refused. */
static const char *const open_accepted[] = { "i_number_double_huge_neg_exp", "i_number_real_underflow" };

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void test_suite(void)
{
    FILE *in = fopen("tests/data/json/suite.txt", "r");
    static char line[70000], bytes[35000];
    int counts[3] = { 0, 0, 0 }, wrong = 0;
    OK(in != NULL, "the vectors are there");
    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        bg_str text = bg_str_trim(bg_str_of(line));
        size_t blank = bg_str_find(text, ' ');
        bg_str hex = bg_str_cut(text, blank + 1, text.len);
        if (line[0] == '#' || !bg_str_hex(hex, (uint8_t *)bytes, hex.len / 2)) {
            wrong += line[0] != '#';
            continue;
        }
        line[blank] = '\0';
        bool expected = line[0] == 'y' ? !is_one_of(line, stricter, sizeof stricter / sizeof *stricter)
                                       : is_one_of(line, open_accepted, sizeof open_accepted / sizeof *open_accepted);
        counts[line[0] == 'y' ? 0 : line[0] == 'n' ? 1 : 2]++;
        if (accepted((bg_str){ bytes, hex.len / 2 }) != expected) {
            printf("# %s is %s\n", line, expected ? "refused" : "accepted");
            wrong++;
        }
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    OK(counts[0] == 95 && counts[1] == 174 && counts[2] == 22 && wrong == 0, "%d accepted, %d refused, %d left open: %d differ",
       counts[0], counts[1], counts[2], wrong);
}

/* The vectors of the suite that are no UTF-8, byte for byte. */
static void test_bad_bytes(void)
{
    static const bg_str bad[] = {
        BG_STR("\xFF\xFE[\0\"\0\xE9\0\"\0]\0"),
        BG_STR("[\"\xE6\x97\xA5\xD1\x88\xFA\"]"),
        BG_STR("[\"\xED\xA0\x80\"]"),
        BG_STR("[\"\xFF\"]"),
        BG_STR("[\"\xE9\"]"),
        BG_STR("[\"\x81\"]"),
        BG_STR("[\"\xF4\xBF\xBF\xBF\"]"),
        BG_STR("[\"\xC0\xAF\"]"),
        BG_STR("[\"\xFC\x83\xBF\xBF\xBF\xBF\"]"),
        BG_STR("[\"\xFC\x80\x80\x80\x80\x80\"]"),
        BG_STR("[\"\xE0\xFF\"]"),
        BG_STR("\0[\0\"\0\xE9\0\"\0]"),
        BG_STR("[\0\"\0\xE9\0\"\0]\0"),
        BG_STR("[a\xE5]"),
        BG_STR("[\xFF]"),
        BG_STR("[123\xE5]"),
        BG_STR("[1e1\xE5]"),
        BG_STR("[0\xE5]\n"),
        BG_STR("[1e\xE5]"),
        BG_STR("{\"\xB9\":\"0\",}"),
        BG_STR("[\"\\u\xE5\"]"),
        BG_STR("[\"\\\xE5\"]"),
        BG_STR("\xEF\xBB{}"),
        BG_STR("\xE5"),
        BG_STR("\xC3\xA9"),
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wrong += accepted(bad[i]);
    }
    OK(wrong == 0, "bytes that are no UTF-8, or no JSON in any encoding");
}

static void test_limits(void)
{
    static char deep[250001];
    memset(deep, '[', 100000);
    OK(!accepted((bg_str){ deep, 100000 }), "100,000 opening arrays");
    for (int i = 0; i < 50000; i++) {
        memcpy(deep + (ptrdiff_t)5 * i, "[{\"\":", 5);
    }
    OK(!accepted((bg_str){ deep, 250000 }), "50,000 opening arrays and objects");
    memset(deep, '[', JSON_DEPTH_MAX);
    memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX + 1);
    OK(accepted((bg_str){ deep, 2 * JSON_DEPTH_MAX }), "as deep as allowed");
    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    OK(!accepted((bg_str){ deep, 2 * JSON_DEPTH_MAX + 2 }), "and one more");
    OK(accepted(BG_STR("9223372036854775807")) && accepted(BG_STR("-9223372036854775808")) &&
           !accepted(BG_STR("9223372036854775808")) && !accepted(BG_STR("-9223372036854775809")),
       "integers are 64 bits wide, never rounded");
    OK(!accepted(BG_STR("1e400")) && !accepted(BG_STR("")) && !accepted(BG_STR("{\"a\":1,\"\\u0061\":2}")),
       "no infinity, nothing, keys doubled by an escape");
    BG_SCOPED_ARENA small = bg_arena_open(4096);
    BG_SCOPED_BUF text = bg_buf_init(1u << 20);
    bg_buf_byte(&text, '[');
    for (int i = 0; i < 5000; i++) {
        bg_buf_add(&text, BG_STR("[],"));
    }
    bg_buf_add(&text, BG_STR("1]"));
    json_t *value = NULL;
    OK(json_read(bg_buf_str(&text), small, &value).code == BG_NO_MEMORY && value == NULL, "the arena's bound holds");
}

int main(void)
{
    json_init();
    test_suite();
    test_bad_bytes();
    test_limits();
    return TAP_DONE();
}
