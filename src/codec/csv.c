/* The strict CSV reader: a state machine over decoded pieces. The fields of a row lie one behind the other in one buffer. */
#include "codec/csv.h"

#include <string.h>

#define PIECE 65536

enum csv_state { FIELD_START, IN_PLAIN, IN_QUOTES, QUOTE_SEEN };

struct csv {
    struct input *input;
    struct text_decoder *decoder;
    struct text_report report;
    struct bg_buf text; /* decoded, not yet read from `pos` on */
    size_t pos;
    bool input_ended;
    char delimiter;
    struct bg_buf row; /* bytes of the fields of the current row */
    size_t ends[CSV_COLUMNS_MAX];
    bg_str fields[CSV_COLUMNS_MAX];
    size_t count;
    size_t field_from;
    enum csv_state state;
    bool after_cr; /* the row before ended in CR: a LF now belongs to it */
    bool quoted; /* the row has a quoted field, so it is no empty line */
    int64_t line, row_line, quote_line;
    int64_t rows, rows_max;
    bg_err failed;
    char piece[PIECE];
};

static bg_err csv_detect(struct csv *csv)
{
    struct text_guess guess;
    text_guess_init(&guess);
    BG_TRY(input_rewind(csv->input));
    for (;;) {
        size_t len;
        BG_TRY(input_read(csv->input, csv->piece, sizeof csv->piece, &len));
        if (len == 0) {
            break;
        }
        text_guess_feed(&guess, (bg_str){ csv->piece, len });
    }
    csv->report = text_guess_end(&guess);
    return BG_DONE;
}

/* Decodes the next piece of the file behind what is still unread. */
static bg_err csv_fill(struct csv *csv)
{
    size_t len;
    memmove(csv->text.at, csv->text.at + csv->pos, csv->text.len - csv->pos);
    csv->text.len -= csv->pos;
    csv->pos = 0;
    BG_TRY(input_read(csv->input, csv->piece, sizeof csv->piece, &len));
    csv->input_ended = len == 0;
    return text_decode(csv->decoder, (bg_str){ csv->piece, len }, csv->input_ended, &csv->text);
}

/* Reads as much as one piece and counts the candidates in the first row, outside quotes. */
static bg_err csv_find_delimiter(struct csv *csv)
{
    static const char candidates[] = { ',', ';', '\t' };
    int counts[3] = { 0, 0, 0 };
    bool quotes = false;
    bg_str text = bg_buf_str(&csv->text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '"') {
            quotes = !quotes;
        } else if (!quotes && (c == '\n' || c == '\r')) {
            break;
        }
        for (int k = 0; k < 3; k++) {
            counts[k] += !quotes && c == candidates[k];
        }
    }
    int best = counts[1] > counts[0] ? 1 : 0;
    csv->delimiter = candidates[counts[2] > counts[best] ? 2 : best];
    return BG_DONE;
}

static bg_err csv_start(struct csv *csv, const struct csv_opts *opts)
{
    if (opts->encoding == TEXT_DETECT) {
        BG_TRY(csv_detect(csv));
    } else {
        csv->report = (struct text_report){ .encoding = opts->encoding, .certain = true };
    }
    BG_TRY(input_rewind(csv->input));
    BG_TRY(text_decoder_open(csv->report.encoding, &csv->decoder));
    bg_buf_byte(&csv->text, ' '); /* so that the buffer has memory from the start */
    BG_TRY(bg_buf_check(&csv->text));
    bg_buf_clear(&csv->text);
    BG_TRY(csv_fill(csv));
    if (csv->delimiter == 0) {
        BG_TRY(csv_find_delimiter(csv));
    }
    return BG_DONE;
}

bg_err csv_open(struct input *input, const struct csv_opts *opts, struct csv **ret)
{
    struct csv *csv = bg_heap_get(sizeof *csv);
    BG_TRY(bg_need(csv));
    csv->input = input;
    csv->text = bg_buf_init(CSV_ROW_MAX + 8 * PIECE);
    csv->row = bg_buf_init(CSV_ROW_MAX);
    csv->delimiter = opts->delimiter;
    csv->rows_max = opts->rows_max > 0 ? opts->rows_max : CSV_ROWS_MAX;
    csv->line = 1;
    bg_err err = csv_start(csv, opts);
    if (bg_failed(err)) {
        csv_close(csv);
        return err;
    }
    *ret = csv;
    return BG_DONE;
}

void csv_close(struct csv *csv)
{
    if (csv == NULL) {
        return;
    }
    text_decoder_close(csv->decoder);
    bg_buf_done(&csv->text);
    bg_buf_done(&csv->row);
    bg_heap_free(csv);
}

static bg_err field_end(struct csv *csv)
{
    if (csv->count == CSV_COLUMNS_MAX) {
        return BG_FAIL(BG_TABLE_COLUMNS);
    }
    if (csv->row.len - csv->field_from > CSV_FIELD_MAX) {
        return BG_FAIL(BG_TABLE_FIELD);
    }
    BG_TRY(bg_buf_check(&csv->row));
    csv->ends[csv->count++] = csv->row.len;
    csv->field_from = csv->row.len;
    csv->state = FIELD_START;
    return BG_DONE;
}

/* Bytes from `at` that the current state takes without looking: up to a delimiter, quote, line end or NUL. */
static size_t plain_run(const struct csv *csv, bg_str text, size_t at)
{
    size_t end = at;
    if (csv->state == IN_QUOTES) {
        while (end < text.len && text.at[end] != '"' && text.at[end] != '\n' && text.at[end] != '\r' && text.at[end] != '\0') {
            end++;
        }
    } else {
        while (end < text.len && text.at[end] != csv->delimiter && text.at[end] != '"' && text.at[end] != '\n' &&
               text.at[end] != '\r' && text.at[end] != '\0') {
            end++;
        }
    }
    return end - at;
}

/* Takes one special byte outside quotes; *ret_row when it ends the row. */
static bg_err csv_special(struct csv *csv, char c, bool *ret_row)
{
    if (c == csv->delimiter) {
        return field_end(csv);
    }
    if (c == '\n' || c == '\r') {
        *ret_row = true;
        csv->after_cr = c == '\r';
        return field_end(csv);
    }
    if (c == '"' && csv->state == FIELD_START) {
        csv->state = IN_QUOTES;
        csv->quoted = true;
        csv->quote_line = csv->line;
        return BG_DONE;
    }
    if (c == '"' && csv->state == QUOTE_SEEN) { /* "" inside quotes */
        bg_buf_byte(&csv->row, '"');
        csv->state = IN_QUOTES;
        return BG_DONE;
    }
    return BG_FAIL(BG_CSV_QUOTE);
}

/* Takes a byte inside quotes that is no plain text. CR LF counts as one line. */
static void csv_quoted_special(struct csv *csv, char c)
{
    if (c == '"') {
        csv->state = QUOTE_SEEN;
        csv->after_cr = false;
        return;
    }
    csv->line += c == '\r' || !csv->after_cr;
    csv->after_cr = c == '\r';
    bg_buf_byte(&csv->row, c);
}

/* Reads within the decoded text until the row or the text ends. */
static bg_err csv_scan(struct csv *csv, bool *ret_row)
{
    bg_str text = bg_buf_str(&csv->text);
    while (csv->pos < text.len && !*ret_row) {
        size_t run = plain_run(csv, text, csv->pos);
        if (run > 0) {
            if (csv->state == QUOTE_SEEN) {
                return BG_FAIL(BG_CSV_QUOTE);
            }
            csv->state = csv->state == IN_QUOTES ? IN_QUOTES : IN_PLAIN;
            csv->after_cr = false;
            bg_buf_add(&csv->row, bg_str_cut(text, csv->pos, csv->pos + run));
            csv->pos += run;
            if (csv->row.len - csv->field_from > CSV_FIELD_MAX) {
                return BG_FAIL(BG_TABLE_FIELD);
            }
            continue;
        }
        char c = text.at[csv->pos++];
        if (c == '\0') {
            return BG_FAIL(BG_CSV_NUL);
        }
        if (csv->state == IN_QUOTES) {
            csv_quoted_special(csv, c);
        } else {
            BG_TRY(csv_special(csv, c, ret_row));
        }
    }
    return BG_DONE;
}

static void row_begin(struct csv *csv)
{
    bg_buf_clear(&csv->row);
    csv->count = 0;
    csv->field_from = 0;
    csv->quoted = false;
    csv->state = FIELD_START;
    csv->row_line = csv->line;
}

/* One physical row; *ret_more false when the file ends before one begins. */
static bg_err csv_read_row(struct csv *csv, bool *ret_more)
{
    bool ended = false;
    row_begin(csv);
    for (;;) {
        if (csv->pos == csv->text.len && !csv->input_ended) {
            BG_TRY(csv_fill(csv));
            continue;
        }
        if (csv->after_cr && csv->state == FIELD_START && csv->count == 0 && csv->row.len == 0) { /* the LF of CR LF */
            csv->after_cr = false;
            csv->pos += csv->pos < csv->text.len && csv->text.at[csv->pos] == '\n';
            continue;
        }
        BG_TRY(csv_scan(csv, &ended));
        if (ended) {
            csv->line++;
            *ret_more = true;
            return BG_DONE;
        }
        if (csv->pos == csv->text.len && csv->input_ended) {
            break;
        }
    }
    if (csv->state == IN_QUOTES) {
        csv->row_line = csv->quote_line;
        return BG_FAIL(BG_CSV_OPEN_QUOTE);
    }
    *ret_more = csv->count > 0 || csv->row.len > 0 || csv->quoted;
    return *ret_more ? field_end(csv) : BG_DONE;
}

static bg_err csv_next_row(struct csv *csv, struct csv_row *ret, bool *ret_more)
{
    bool more;
    do {
        BG_TRY(csv_read_row(csv, &more));
    } while (more && csv->count == 1 && csv->row.len == 0 && !csv->quoted);
    *ret_more = more;
    if (!more) {
        return BG_DONE;
    }
    if (++csv->rows > csv->rows_max) {
        return BG_FAIL(BG_TABLE_ROWS);
    }
    size_t from = 0;
    bg_str row = bg_buf_str(&csv->row);
    for (size_t i = 0; i < csv->count; i++) {
        csv->fields[i] = bg_str_cut(row, from, csv->ends[i]);
        from = csv->ends[i];
    }
    *ret = (struct csv_row){ .fields = csv->fields, .count = csv->count, .line = csv->row_line };
    ret->damaged = row.len > 0 && memmem(row.at, row.len, "\xEF\xBF\xBD", 3) != NULL;
    return BG_DONE;
}

bg_err csv_next(struct csv *csv, struct csv_row *ret, bool *ret_more)
{
    if (!bg_failed(csv->failed)) {
        csv->failed = csv_next_row(csv, ret, ret_more);
    }
    return csv->failed;
}

int64_t csv_line(const struct csv *csv)
{
    return csv->row_line;
}

struct text_report csv_encoding(const struct csv *csv)
{
    return csv->report;
}

char csv_delimiter(const struct csv *csv)
{
    return csv->delimiter;
}
