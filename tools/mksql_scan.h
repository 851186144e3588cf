/* The ground of mksql: growing texts, failing with file and line, tokens of SQL. */
#ifndef BG_MKSQL_SCAN_H
#define BG_MKSQL_SCAN_H

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct text {
    char *at; /* NUL-terminated once anything was added */
    size_t len, room;
};

enum token_kind { END, WORD, QUOTED, PARAM, COMMENT, SYMBOL };

struct token {
    enum token_kind kind;
    const char *at;
    size_t len;
    int line;
    int newlines; /* in the blanks before it */
    bool space;   /* any blank before it */
    bool type;    /* the type of a column */
};

struct scan {
    const char *file;
    const char *at;
    int line;
};

__attribute__((noreturn, format(printf, 3, 4))) static void fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void *grown(void *at, size_t size)
{
    void *more = realloc(at, size);
    if (more == NULL) {
        fail("mksql", 0, "out of memory");
    }
    return more;
}

static void add(struct text *text, const char *at, size_t len)
{
    if (text->len + len + 1 > text->room) {
        text->room = (text->len + len + 1) * 2;
        text->at = grown(text->at, text->room);
    }
    memcpy(text->at + text->len, at, len);
    text->len += len;
    text->at[text->len] = '\0';
}

static void add_words(struct text *text, const char *words)
{
    add(text, words, strlen(words));
}

static char *copied(const char *at, size_t len)
{
    struct text text = { 0 };
    add(&text, at, len);
    return text.at;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail(path, 0, "cannot be read");
    }
    struct text text = { 0 };
    char part[65536];
    size_t got;
    add(&text, "", 0);
    while ((got = fread(part, 1, sizeof part, file)) > 0) {
        add(&text, part, got);
    }
    fclose(file);
    if (strlen(text.at) != text.len) {
        fail(path, 0, "holds a NUL byte");
    }
    return text.at;
}

/* --- tokens --- */

static bool word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (c & 0x80) != 0;
}

static bool is(const struct token *token, const char *word)
{
    return strlen(word) == token->len && strncasecmp(token->at, word, token->len) == 0;
}

static size_t quoted_length(const struct scan *scan, int *lines)
{
    char quote = scan->at[0];
    size_t len = 1;
    while (scan->at[len] != '\0') {
        *lines += scan->at[len] == '\n';
        if (scan->at[len] == quote) {
            if (scan->at[len + 1] != quote) {
                return len + 1;
            }
            len++;
        }
        len++;
    }
    fail(scan->file, scan->line, "a quote is not closed");
}

static struct token next_token(struct scan *scan)
{
    struct token token = { 0 };
    while (isspace((unsigned char)*scan->at)) {
        token.space = true;
        token.newlines += *scan->at == '\n';
        scan->line += *scan->at == '\n';
        scan->at++;
    }
    const char *at = scan->at;
    int lines = 0;
    token.at = at;
    token.line = scan->line;
    token.len = 1;
    token.kind = SYMBOL;
    if (*at == '\0') {
        token.kind = END;
        token.len = 0;
    } else if (at[0] == '-' && at[1] == '-') {
        token.kind = COMMENT;
        token.len = strcspn(at, "\n");
    } else if (at[0] == '/' && at[1] == '*') {
        fail(scan->file, scan->line, "write comments as --");
    } else if (*at == '\'' || *at == '"') {
        token.kind = QUOTED;
        token.len = quoted_length(scan, &lines);
    } else if (*at == '?') {
        token.kind = PARAM;
        token.len = 1 + strspn(at + 1, "0123456789");
    } else if (word_byte(*at)) {
        token.kind = WORD;
        while (word_byte(at[token.len])) {
            token.len++;
        }
    }
    scan->at += token.len;
    scan->line += lines;
    return token;
}

/* The words of a comment without dashes and outer blanks. */
static char *comment_words(const struct token *token)
{
    const char *at = token->at + strspn(token->at, "-");
    const char *end = token->at + token->len;
    while (at < end && isspace((unsigned char)*at)) {
        at++;
    }
    while (end > at && isspace((unsigned char)end[-1])) {
        end--;
    }
    return copied(at, (size_t)(end - at));
}

#endif
