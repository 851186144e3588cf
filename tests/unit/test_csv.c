/* CSV and encodings: the csv-spectrum vectors, RFC 4180 by hand, every encoding, damage, limits, random tables, the formula
 * guard. */
#include "codec/csv.h"

#include <iconv.h>
#include <string.h>

#include "tap.h"

static struct bg_env_sim sim;
static struct bg_env env;

/* Rows as text: fields parted by '|', rows by '/'; an error ends it as "!slug@line". */
static void read_all(bg_str bytes, const struct csv_opts *opts, struct bg_buf *out, struct text_report *ret_report)
{
    struct input *input = NULL;
    struct csv *csv = NULL;
    bg_buf_clear(out);
    bg_err err = input_open_bytes(bytes, &input);
    if (!bg_failed(err)) {
        err = csv_open(input, opts, &csv);
    }
    bool more = true;
    while (!bg_failed(err) && more) {
        struct csv_row row;
        err = csv_next(csv, &row, &more);
        for (size_t i = 0; !bg_failed(err) && more && i < row.count; i++) {
            bg_buf_add(out, row.fields[i]);
            bg_buf_byte(out, i + 1 < row.count ? '|' : '/');
        }
        if (!bg_failed(err) && more && row.damaged) {
            bg_buf_print(out, "~%d/", (int)row.line);
        }
    }
    if (bg_failed(err)) {
        bg_buf_print(out, "!%s@%d", bg_errors[err.code].slug, csv != NULL ? (int)csv_line(csv) : 0);
    }
    if (csv != NULL && ret_report != NULL) {
        *ret_report = csv_encoding(csv);
    }
    csv_close(csv);
    input_close(input);
}

static bool reads(bg_str bytes, const char *expected)
{
    BG_SCOPED_BUF out = bg_buf_init(64u << 20);
    read_all(bytes, &(struct csv_opts){ .delimiter = 0 }, &out, NULL);
    bool same = bg_str_is(bg_buf_str(&out), expected);
    if (!same) {
        printf("# expected %s\n# got      %.*s\n", expected, BG_STR_FMT(bg_buf_str(&out)));
    }
    return same;
}

/* The twelve files of csv-spectrum 2.0.0 (BSD-2-Clause, github.com/maxogden/csv-spectrum), with what its JSON files say they
 * mean. */
static void test_spectrum(void)
{
    OK(reads(BG_STR("first,last,address,city,zip\nJohn,Doe,120 any st.,\"Anytown, WW\",08123"),
             "first|last|address|city|zip/John|Doe|120 any st.|Anytown, WW|08123/"),
       "comma_in_quotes");
    OK(reads(BG_STR("a,b,c\n1,\"\",\"\"\n2,3,4"), "a|b|c/1||/2|3|4/"), "empty");
    OK(reads(BG_STR("a,b,c\r\n1,\"\",\"\"\r\n2,3,4"), "a|b|c/1||/2|3|4/"), "empty_crlf");
    OK(reads(BG_STR("a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n"), "a|b/1|ha \"ha\" ha/3|4/"), "escaped_quotes");
    OK(reads(BG_STR("key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"coordinates\"\": [102.0, 0.5]}\"\n"),
             "key|val/1|{\"type\": \"Point\", \"coordinates\": [102.0, 0.5]}/"),
       "json");
    OK(reads(BG_STR("a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n7,8,9\n"), "a|b|c/1|2|3/Once upon \na time|5|6/7|8|9/"),
       "newlines");
    OK(reads(BG_STR("a,b,c\r\n1,2,3\r\n\"Once upon \r\na time\",5,6\r\n7,8,9\r\n"),
             "a|b|c/1|2|3/Once upon \r\na time|5|6/7|8|9/"),
       "newlines_crlf");
    OK(reads(BG_STR("a,b\n1,\"ha \n\"\"ha\"\" \nha\"\n3,4\n"), "a|b/1|ha \n\"ha\" \nha/3|4/"), "quotes_and_newlines");
    OK(reads(BG_STR("a,b,c\n1,2,3\n"), "a|b|c/1|2|3/") && reads(BG_STR("a,b,c\r\n1,2,3\r\n"), "a|b|c/1|2|3/"),
       "simple, simple_crlf");
    OK(reads(BG_STR("a,b,c\n1,2,3\n4,5,ʤ"), "a|b|c/1|2|3/4|5|ʤ/"), "utf8");
    /* location_coordinates has two quotes in a field that is not quoted, which RFC 4180 forbids: refused with its line. */
    OK(reads(BG_STR("Phone,Coordinates\n2095257564,37°36'37.8\"N 121°2'17.9\"W\n"), "Phone|Coordinates/!csv.quote@2"),
       "location_coordinates");
}

static void test_strict(void)
{
    OK(reads(BG_STR(""), "") && reads(BG_STR("\n\r\n\n"), "") && reads(BG_STR("\xEF\xBB\xBF"), ""), "nothing in, nothing out");
    OK(reads(BG_STR("a\n\n\"\"\nb"), "a//b/"), "empty lines are skipped, \"\" is a row");
    OK(reads(BG_STR("a,b\rc,d\r"), "a|b/c|d/") && reads(BG_STR("a\r\r\n\nb\n\rc"), "a/b/c/"), "CR alone ends a row");
    OK(reads(BG_STR("\xEF\xBB\xBF"
                    "a,b\n"),
             "a|b/"),
       "the mark is dropped");
    OK(reads(BG_STR("a;b,x;c\n1;2;3\n"), "a|b,x|c/1|2|3/") && reads(BG_STR("a\tb\n1,5\t2\n"), "a|b/1,5|2/") &&
           reads(BG_STR("\"a;;;\",b\n"), "a;;;|b/"),
       "delimiter by the first row, outside quotes");
    OK(reads(BG_STR("a,b\n\"x\"y,2\n"), "a|b/!csv.quote@2") && reads(BG_STR("a\nb\nx\"y\n"), "a/b/!csv.quote@3"),
       "quotes in the wrong place");
    OK(reads(BG_STR("a,b\n1,\"2\n3,4\n"), "a|b/!csv.open-quote@2"), "an open quote names the line where it opened");
    OK(reads(BG_STR("name\nb\0"
                    "c,d,e,f,g,h,i,j,k,l\n"),
             "name/!csv.nul@2"),
       "NUL");
    OK(reads(BG_STR("a,\n,\n"), "a|/|/"), "empty fields");
    OK(reads(BG_STR(" a , b \n"), " a | b /"), "blanks belong to the field");
}

static void test_limits(void)
{
    BG_SCOPED_BUF in = bg_buf_init(64u << 20);
    BG_SCOPED_BUF out = bg_buf_init(64u << 20);
    for (int i = 0; i < 1000; i++) {
        bg_buf_add(&in, BG_STR("x,"));
    }
    OK(reads(bg_buf_str(&in), "!table.columns@1"), "1,001 columns are refused");
    in.len--;
    read_all(bg_buf_str(&in), &(struct csv_opts){ .delimiter = 0 }, &out, NULL);
    OK(out.len == 2000, "1,000 columns are not");
    bg_buf_clear(&in);
    for (int i = 0; i < (1 << 20); i++) {
        bg_buf_byte(&in, 'y');
    }
    read_all(bg_buf_str(&in), &(struct csv_opts){ .delimiter = 0 }, &out, NULL);
    OK(out.len == (1 << 20) + 1, "a field of 1 MiB");
    bg_buf_byte(&in, 'y');
    OK(reads(bg_buf_str(&in), "!table.field@1"), "and one byte more");
    read_all(BG_STR("a\n1\n2\n3\n"), &(struct csv_opts){ .rows_max = 3 }, &out, NULL);
    OK(bg_str_is(bg_buf_str(&out), "a/1/2/!table.rows@4"), "rows");
}

/* `utf8` in another encoding, by iconv: the referee. */
static void encode(bg_str utf8, const char *encoding, struct bg_buf *out)
{
    iconv_t converter = iconv_open(encoding, "UTF-8");
    static char bytes[1 << 20];
    char *from = (char *)(uintptr_t)utf8.at, *to = bytes;
    size_t from_left = utf8.len, to_left = sizeof bytes;
    size_t failed = iconv(converter, &from, &from_left, &to, &to_left);
    iconv_close(converter);
    bg_buf_clear(out);
    bg_buf_add(out, failed == (size_t)-1 ? BG_STR("!") : (bg_str){ bytes, sizeof bytes - to_left });
}

static const char *const stock[] = { "物资编码,名称,规格,数量,存放地点,备注\r\n",
                                     "YF-001,医用防护服,\"XL, 独立包装\",1200,天津空港专库,\"第一行\n第二行\"\r\n",
                                     "KZ-002,医用防护口罩,N95,35000,津南区库,检验合格\r\n",
                                     "MZ-003,隔离面罩,通用,800,西青区库,\r\n" };

static void test_encodings(void)
{
    static const struct {
        const char *name, *mark;
        enum text_encoding encoding;
        bool certain;
    } cases[] = { { "UTF-8", "", TEXT_UTF8, true },
                  { "UTF-8", "\xEF\xBB\xBF", TEXT_UTF8, true },
                  { "GB18030", "", TEXT_GB18030, false },
                  { "GBK", "", TEXT_GB18030, false },
                  { "UTF-16LE", "\xFF\xFE", TEXT_UTF16LE, true },
                  { "UTF-16BE", "\xFE\xFF", TEXT_UTF16BE, true },
                  { "UTF-16LE", "", TEXT_UTF16LE, false },
                  { "UTF-16BE", "", TEXT_UTF16BE, false } };
    BG_SCOPED_BUF utf8 = bg_buf_init(1u << 20);
    BG_SCOPED_BUF expected = bg_buf_init(1u << 20);
    BG_SCOPED_BUF coded = bg_buf_init(1u << 20);
    BG_SCOPED_BUF all = bg_buf_init(1u << 20);
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    for (size_t i = 0; i < sizeof stock / sizeof *stock; i++) {
        bg_buf_add(&utf8, bg_str_of(stock[i]));
    }
    read_all(bg_buf_str(&utf8), &(struct csv_opts){ .encoding = TEXT_UTF8 }, &expected, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_report report = { .encoding = TEXT_DETECT };
        encode(bg_buf_str(&utf8), cases[i].name, &coded);
        bg_buf_clear(&all);
        bg_buf_add(&all, bg_str_of(cases[i].mark));
        bg_buf_add(&all, bg_buf_str(&coded));
        read_all(bg_buf_str(&all), &(struct csv_opts){ .encoding = TEXT_DETECT }, &out, &report);
        OK(bg_str_eq(bg_buf_str(&out), bg_buf_str(&expected)) && report.encoding == cases[i].encoding &&
               report.certain == cases[i].certain && report.bom == (cases[i].mark[0] != '\0'),
           "%s%s is told apart and read", cases[i].name, cases[i].mark[0] != '\0' ? " with mark" : "");
    }
    struct text_report report = { .encoding = TEXT_DETECT };
    read_all(BG_STR("nom,prix\ncaf\xE9 cr\xE8me,2\x80\n"), &(struct csv_opts){ .encoding = TEXT_DETECT }, &out, &report);
    OK(report.encoding == TEXT_WINDOWS1252 && !report.certain && bg_str_is(bg_buf_str(&out), "nom|prix/café crème|2€/"),
       "Windows-1252");
}

/* Every scalar value must come back (the private use area apart, which iconv does not encode whole), in pieces of any length. */
static void test_decoder(void)
{
    static char text[8 << 20], coded[8 << 20];
    size_t len = 0;
    for (int32_t point = 1; point < 0x110000; point += point < 0x3000 ? 1 : 7) {
        if (point < 0xD800 || point > 0xF8FF) {
            len += bg_utf8_put(point, text + len);
        }
    }
    static const char *const encodings[] = { "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE" };
    static const enum text_encoding ours[] = { TEXT_UTF8, TEXT_GB18030, TEXT_UTF16LE, TEXT_UTF16BE };
    for (int e = 0; e < 4; e++) {
        iconv_t converter = iconv_open(encodings[e], "UTF-8");
        char *from = text, *to = coded;
        size_t from_left = len, to_left = sizeof coded;
        bool encoded = iconv(converter, &from, &from_left, &to, &to_left) != (size_t)-1;
        iconv_close(converter);
        size_t size = sizeof coded - to_left, pos = 0;
        BG_SCOPED_BUF out = bg_buf_init(16u << 20);
        struct text_decoder *decoder = NULL;
        bg_ignore(text_decoder_open(ours[e], &decoder));
        bool failed = false;
        while (pos < size) {
            size_t piece = 1 + bg_random_below(&env, 11);
            piece = piece < size - pos ? piece : size - pos;
            failed |= bg_failed(text_decode(decoder, (bg_str){ coded + pos, piece }, pos + piece == size, &out));
            pos += piece;
        }
        text_decoder_close(decoder);
        OK(encoded && !failed && bg_str_eq(bg_buf_str(&out), (bg_str){ text, len }),
           "%s decodes the same in pieces of any length", encodings[e]);
    }
}

static void test_damage(void)
{
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    struct text_report report = { .encoding = TEXT_DETECT };
    read_all(BG_STR("名称,数量\n防护服,1\n口\xE7罩,2\n"), &(struct csv_opts){ .encoding = TEXT_DETECT }, &out, &report);
    OK(report.encoding == TEXT_UTF8 && !report.certain &&
           bg_str_is(bg_buf_str(&out), "名称|数量/防护服|1/口\xEF\xBF\xBD罩|2/~3/"),
       "one bad byte is damage in its row, not another encoding");
    read_all(BG_STR("a\n\xB7\xC0\xFF\xBB\xA4\n"), &(struct csv_opts){ .encoding = TEXT_GB18030 }, &out, NULL);
    OK(bg_str_is(bg_buf_str(&out), "a/防\xEF\xBF\xBD护/~2/"), "the same in GB18030");
    read_all(BG_STR("a\0\x00\xD8,\0\n\0b"), &(struct csv_opts){ .encoding = TEXT_UTF16LE }, &out, NULL);
    OK(bg_str_is(bg_buf_str(&out), "a\xEF\xBF\xBD|/~1/\xEF\xBF\xBD/~2/"), "half a surrogate pair and half a unit in UTF-16");
}

static void random_field(struct bg_buf *out)
{
    static const char *const parts[] = { "a", "\"", ",",  "\n", "\r\n", "'", "=",  " ", "物",
                                         "😀", ";",  "\t", "-1", "+",    "@", "＝", "" };
    int count = (int)bg_random_below(&env, 6);
    for (int i = 0; i < count; i++) {
        bg_buf_add(out, bg_str_of(parts[bg_random_below(&env, sizeof parts / sizeof *parts)]));
    }
}

static void test_round_trip(void)
{
    int wrong = 0;
    for (int n = 0; n < 2000; n++) {
        BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
        BG_SCOPED_BUF out = bg_buf_init(1u << 20);
        bg_str cells[6][4], plain[6][4];
        size_t columns = 1 + bg_random_below(&env, 4);
        bg_str header[4] = { BG_STR("h1"), BG_STR("h2"), BG_STR("h3"), BG_STR("h4") }; /* settles the delimiter */
        csv_write_row(&out, header, columns);
        for (int r = 0; r < 6; r++) {
            for (size_t c = 0; c < columns; c++) {
                BG_SCOPED_BUF field = bg_buf_init(1024);
                random_field(&field);
                plain[r][c] = bg_arena_copy(arena, bg_buf_str(&field));
                wrong += bg_failed(csv_guard(arena, plain[r][c], &cells[r][c]));
                wrong += cells[r][c].len > 0 && strchr("=+-@\t\r\n", cells[r][c].at[0]) != NULL;
            }
            csv_write_row(&out, cells[r], columns);
        }
        struct input *input = NULL;
        struct csv *csv = NULL;
        struct csv_row row;
        bool more = false;
        wrong += bg_failed(input_open_bytes(bg_buf_str(&out), &input)) ||
                 bg_failed(csv_open(input, &(struct csv_opts){ .delimiter = columns == 1 ? ',' : 0 }, &csv));
        wrong += bg_failed(csv_next(csv, &row, &more)) || !more;
        for (int r = 0; r < 6; r++) {
            wrong += bg_failed(csv_next(csv, &row, &more)) || !more || row.count != columns;
            for (size_t c = 0; c < columns && c < row.count; c++) {
                wrong += !bg_str_eq(csv_unguard(row.fields[c]), plain[r][c]);
            }
        }
        wrong += bg_failed(csv_next(csv, &row, &more)) || more;
        csv_close(csv);
        input_close(input);
    }
    OK(wrong == 0, "2,000 random tables: written guarded, read back, unguarded, the same");
    OK(bg_str_is(csv_unguard(BG_STR("'tis")), "'tis") && bg_str_is(csv_unguard(BG_STR("'=1+1")), "=1+1"),
       "an apostrophe that guards nothing stays");
}

/* Rows across the edges of the 64 KiB pieces, and memory that does not grow with the file. */
static void test_long_file(void)
{
    BG_SCOPED_BUF in = bg_buf_init(64u << 20);
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 20);
    int64_t sum = 0, got = 0, rows = 0, wrong = 0;
    bg_buf_add(&in, BG_STR("n,text\r\n"));
    for (int i = 0; i < 200000; i++) {
        bg_buf_print(&in, "%d,\"第 %d 行\r\n续\"\r\n", i, i);
        sum += i;
    }
    struct input *input = NULL;
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    bg_ignore(input_open_bytes(bg_buf_str(&in), &input));
    bg_ignore(csv_open(input, &(struct csv_opts){ .delimiter = 0 }, &csv));
    wrong += bg_failed(csv_next(csv, &row, &more));
    uint64_t before = bg_heap_count();
    while (!bg_failed(csv_next(csv, &row, &more)) && more) {
        int64_t n = -1;
        wrong += row.count != 2 || !bg_str_int(row.fields[0], &n) || row.line != 2 + 2 * rows;
        got += n;
        rows++;
    }
    OK(rows == 200000 && got == sum && wrong == 0, "200,000 rows with their lines");
    OK(bg_heap_count() - before < 32, "in %d allocations", (int)(bg_heap_count() - before));
    csv_close(csv);
    input_close(input);
}

/* Each allocation of a reading failing once: an error or the whole answer, never less. */
static void test_no_memory(void)
{
    static const char *const files[] = { "a,b\n1,\"x\ny\"\n", "\xC3\xFB\xB3\xC6\xA3\xAC,\xCA\xFD\xC1\xBF\n\xBF\xDA\xD5\xD6,1\n" };
    int wrong = 0, failures = 0;
    for (size_t f = 0; f < 2; f++) {
        BG_SCOPED_BUF whole = bg_buf_init(1u << 20);
        read_all(bg_str_of(files[f]), &(struct csv_opts){ .delimiter = 0 }, &whole, NULL);
        bool failed = true;
        for (uint64_t n = 1; failed && n < 1000; n++) {
            BG_SCOPED_BUF out = bg_buf_init(1u << 20);
            bg_buf_add(&out, BG_STR("memory of its own"));
            bg_heap_fail_after(n);
            read_all(bg_str_of(files[f]), &(struct csv_opts){ .delimiter = 0 }, &out, NULL);
            bg_heap_fail_after(0);
            failed = memmem(out.at, out.len, "!base.", 6) != NULL;
            wrong += !failed && !bg_str_eq(bg_buf_str(&out), bg_buf_str(&whole));
            failures += failed;
        }
        wrong += failed;
    }
    OK(wrong == 0 && failures > 4, "each of %d allocations failing is an error", failures);
}

int main(void)
{
    env = bg_env_seeded(&sim, 4180, 0);
    test_spectrum();
    test_strict();
    test_limits();
    test_encodings();
    test_decoder();
    test_damage();
    test_round_trip();
    test_long_file();
    test_no_memory();
    return TAP_DONE();
}
