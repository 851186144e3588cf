/* The reference files inside the program as tables, and chance by hashing. */
#include "cli/demo.h"

#include <assert.h>
#include <string.h>

#include "codec/csv.h"

static const struct demo_file *file_find(const char *name)
{
    for (const struct demo_file *file = demo_files; file->name != NULL; file++) {
        if (strcmp(file->name, name) == 0) {
            return file;
        }
    }
    return NULL;
}

static void csv_cleanup(struct csv **csv)
{
    csv_close(*csv);
}

static void input_cleanup(struct input **input)
{
    input_close(*input);
}

/* How many rows a file has at most: its line feeds. */
static size_t line_count(const struct demo_file *file)
{
    size_t lines = 1;
    for (const char *at = file->at; at < file->end; at++) {
        lines += *at == '\n';
    }
    return lines;
}

bg_err demo_table_read(const char *name, struct bg_arena *arena, struct demo_table *ret)
{
    const struct demo_file *file = file_find(name);
    if (file == NULL) {
        return BG_FAIL_AT(BG_NOT_FOUND, "file");
    }
    __attribute__((cleanup(input_cleanup))) struct input *input = NULL;
    __attribute__((cleanup(csv_cleanup))) struct csv *csv = NULL;
    struct csv_row row;
    bool more;
    BG_TRY(input_open_bytes((bg_str){ file->at, (size_t)(file->end - file->at) }, &input));
    BG_TRY(csv_open(input, &(struct csv_opts){ .encoding = TEXT_UTF8, .delimiter = ',' }, &csv));
    BG_TRY(csv_next(csv, &row, &more));
    assert(more);
    size_t columns = row.count, room = line_count(file), rows = 0;
    bg_str *header = bg_arena_array(arena, columns, sizeof *header),
           *cells = bg_arena_array(arena, columns * room, sizeof *cells);
    BG_TRY(bg_need(header));
    BG_TRY(bg_need(cells));
    for (size_t i = 0; i < columns; i++) {
        header[i] = bg_arena_copy(arena, row.fields[i]);
        BG_TRY(bg_need(header[i].at));
    }
    BG_TRY(csv_next(csv, &row, &more));
    for (; more; rows++) {
        assert(row.count == columns && !row.damaged && rows < room);
        for (size_t i = 0; i < columns; i++) {
            cells[rows * columns + i] = bg_arena_copy(arena, row.fields[i]);
            BG_TRY(bg_need(cells[rows * columns + i].at));
        }
        BG_TRY(csv_next(csv, &row, &more));
    }
    *ret = (struct demo_table){ header, cells, rows, columns };
    return BG_DONE;
}

bg_str demo_cell(const struct demo_table *table, size_t row, const char *column)
{
    assert(row < table->rows);
    for (size_t i = 0; i < table->columns; i++) {
        if (bg_str_is(table->header[i], column)) {
            return table->cells[row * table->columns + i];
        }
    }
    assert(false && "a column of the reference files");
    return (bg_str){ 0 };
}

int64_t demo_int(const struct demo_table *table, size_t row, const char *column)
{
    int64_t value = 0;
    bg_str cell = demo_cell(table, row, column);
    bool read = cell.len == 0 || bg_str_int(cell, &value);
    assert(read);
    return value;
}

bg_date demo_date(const struct demo_table *table, size_t row, const char *column)
{
    bg_date date = BG_DATE_NONE;
    bool read = !bg_failed(bg_date_parse(bg_str_cut(demo_cell(table, row, column), 0, 10), &date));
    assert(read);
    return date;
}

int demo_minute(bg_str moment)
{
    int64_t hour = 0, minute = 0;
    bool read = bg_str_int(bg_str_cut(moment, 11, 13), &hour) && bg_str_int(bg_str_cut(moment, 14, 16), &minute);
    assert(read);
    return (int)(60 * hour + minute);
}

bg_str demo_word(bg_str *rest)
{
    *rest = bg_str_trim(*rest);
    size_t len = bg_str_find(*rest, ' ');
    bg_str word = bg_str_cut(*rest, 0, len);
    *rest = bg_str_cut(*rest, len, rest->len);
    return word;
}

/* Finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit moves every output bit. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t demo_hash(uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
    return mix(mix(mix(mix(seed + step) + a + step) + b + step) + c + step);
}

int64_t demo_below(uint64_t hash, int64_t bound)
{
    assert(bound > 0);
    return (int64_t)(mix(hash) % (uint64_t)bound);
}
