/* Administrative divisions (GB/T 2260), today's and earlier ones: a sorted table and its look-ups. */
#include "codec/chinese.h"

#include <stdio.h>
#include <string.h>

static const struct chinese_division divisions[] = {
#define NOW(code_, name_, from_) { .code = code_, .name = name_, .in_use = true, .from = from_ },
#define OLD(code_, name_, from_, to_, successor_)                                                                                \
    { .code = code_, .name = name_, .from = from_, .to = to_, .successor = successor_ },
#include "codec/chinese_division.def"
#undef NOW
#undef OLD
};
#define DIVISION_COUNT (sizeof divisions / sizeof *divisions)

const struct chinese_division *chinese_division_list(size_t *ret_count)
{
    *ret_count = DIVISION_COUNT;
    return divisions;
}

const struct chinese_division *chinese_division_find(int code)
{
    size_t low = 0, high = DIVISION_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (divisions[middle].code == code) {
            return &divisions[middle];
        }
        if (divisions[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

bg_err chinese_division_read(bg_str in, struct chinese_division *ret)
{
    char plain[16];
    int64_t code;
    BG_TRY(chinese_plain(in, plain, sizeof plain));
    if (strlen(plain) != 6) {
        return BG_FAIL(BG_CODE_LENGTH);
    }
    if (plain[0] == '-' || !bg_str_int(bg_str_of(plain), &code)) {
        return BG_FAIL(BG_CODE_CHARACTER);
    }
    const struct chinese_division *division = chinese_division_find((int)code);
    if (division == NULL) {
        return BG_FAIL(BG_CODE_DIVISION);
    }
    *ret = *division;
    return BG_DONE;
}

enum chinese_level chinese_division_level(int code)
{
    return code % 10000 == 0 ? CHINESE_PROVINCE : code % 100 == 0 ? CHINESE_PREFECTURE : CHINESE_COUNTY;
}

/* Rows that stand for a level without being a place: 市辖区, 县, 省直辖县级行政区划. */
static bool division_is_filler(int code, const char *name)
{
    return chinese_division_level(code) == CHINESE_PREFECTURE &&
           (strcmp(name, "市辖区") == 0 || strcmp(name, "县") == 0 || strcmp(name, "市") == 0 || strstr(name, "直辖") != NULL);
}

void chinese_division_full_name(int code, char out[96])
{
    int chain[3] = { code / 10000 * 10000, code / 100 * 100, code };
    char name[256] = "";
    size_t len = 0;
    for (int i = 0; i < 3; i++) {
        const struct chinese_division *division = chinese_division_find(chain[i]);
        bool repeated = i > 0 && chain[i] == chain[i - 1];
        if (division == NULL || repeated || (i < 2 && division_is_filler(chain[i], division->name))) {
            continue;
        }
        len += (size_t)snprintf(name + len, sizeof name - len, "%s", division->name);
    }
    (void)snprintf(out, 96, "%.95s", name);
}
