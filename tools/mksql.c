/* mksql GEN_DIR layers.txt FILE.sql…: compiles SQL files into GEN_DIR/sql.h (enum sql_id) and GEN_DIR/sql.c (the catalogue).
 * A file in a folder `migrate` is a migration, any other holds named statements; the forms of both are told at the top of
 * src/store/store.h. Fails with file:line on what it does not understand. A build tool: it runs, writes and ends, and frees nothing. */
#include "mksql_scan.h"

struct statement {
    char *name;
    bool many;
    struct text sqlite, postgres;
    int params, postgres_params;
    const char *file;
    int line;
};

struct migration {
    char *module, *name;
    int layer, number;
    struct text sqlite, postgres, source, append_only;
    const char *file;
};

struct gen {
    char **modules;
    size_t module_count;
    struct statement *statements;
    size_t statement_count;
    struct migration *migrations;
    size_t migration_count;
};

/* --- named statements --- */

static struct statement *find_statement(struct gen *gen, const char *name)
{
    for (size_t i = 0; i < gen->statement_count; i++) {
        if (strcmp(gen->statements[i].name, name) == 0) {
            return &gen->statements[i];
        }
    }
    return NULL;
}

/* Takes the next blank-separated word off *at. */
static char *take_word(char **at)
{
    *at += strspn(*at, " \t");
    size_t len = strcspn(*at, " \t");
    char *word = copied(*at, len);
    *at += len;
    return word;
}

/* Reads `-- name: words [@postgres] [:many] comment`; tells which text follows. */
static struct statement *begin_statement(struct gen *gen, const char *file, int line, char *rest, bool *postgres)
{
    char *name = take_word(&rest);
    bool many = false;
    *postgres = false;
    if (*name == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name) || isdigit((unsigned char)*name)) {
        fail(file, line, "a statement's name has lower-case letters, digits and _, not '%s'", name);
    }
    for (rest += strspn(rest, " \t"); *rest == ':' || *rest == '@'; rest += strspn(rest, " \t")) {
        char *mark = take_word(&rest);
        if (strcmp(mark, ":many") == 0) {
            many = true;
        } else if (strcmp(mark, "@postgres") == 0) {
            *postgres = true;
        } else {
            fail(file, line, "bad marker '%s' (known: :many, @postgres)", mark);
        }
    }
    struct statement *found = find_statement(gen, name);
    if (found == NULL) {
        gen->statements = grown(gen->statements, (gen->statement_count + 1) * sizeof *gen->statements);
        found = &gen->statements[gen->statement_count++];
        *found = (struct statement){ .name = name, .file = file, .line = line };
    } else if (found->file != file || (*postgres ? found->postgres.at : found->sqlite.at) != NULL) {
        fail(file, line, "duplicate name '%s', first at %s:%d", name, found->file, found->line);
    }
    found->many |= many;
    return found;
}

/* `?1…?n`, each used. */
static void count_param(const struct token *token, const char *file, bool *used, int *params)
{
    int number = token->len > 1 && token->len < 5 ? (int)strtol(copied(token->at + 1, token->len - 1), NULL, 10) : 0;
    if (number < 1 || number > 99) {
        fail(file, token->line, "a parameter is ?1 … ?99, not '%.*s'", (int)token->len, token->at);
    }
    used[number] = true;
    *params = number > *params ? number : *params;
}

/* Copies one statement up to the next `-- name:` or the end; returns that token. */
static struct token read_statement(struct scan *scan, struct text *out, bool postgres, int *params)
{
    bool used[100] = { false };
    bool ended = false;
    struct token token, before = { 0 };
    while ((token = next_token(scan)).kind != END) {
        if (token.kind == COMMENT) {
            if (strncmp(comment_words(&token), "name:", 5) == 0) {
                break;
            }
            continue;
        }
        if (ended) {
            fail(scan->file, token.line, "one statement under one name");
        }
        if (token.kind == SYMBOL && *token.at == ';') {
            ended = true;
            continue;
        }
        if (is(&token, "replace") && (is(&before, "or") || out->len == 0)) {
            fail(scan->file, token.line, "REPLACE deletes rows unseen; write ON CONFLICT DO UPDATE");
        }
        if (out->len > 0 && (token.space || before.kind == COMMENT)) {
            add(out, " ", 1);
        }
        if (token.kind == PARAM) {
            count_param(&token, scan->file, used, params);
            add(out, postgres ? "$" : "?", 1);
            add(out, token.at + 1, token.len - 1);
        } else {
            add(out, token.at, token.len);
        }
        before = token;
    }
    for (int i = 1; i <= *params; i++) {
        if (!used[i]) {
            fail(scan->file, scan->line, "parameter ?%d is not used, ?%d is", i, *params);
        }
    }
    return token;
}

static void read_statements(struct gen *gen, const char *file)
{
    struct scan scan = { file, read_file(file), 1 };
    struct token token = next_token(&scan);
    while (token.kind == COMMENT && strncmp(comment_words(&token), "name:", 5) != 0) {
        token = next_token(&scan);
    }
    while (token.kind != END) {
        if (token.kind != COMMENT) {
            fail(file, token.line, "SQL before the first `-- name:`");
        }
        bool postgres;
        int line = token.line;
        struct statement *statement = begin_statement(gen, file, line, comment_words(&token) + 5, &postgres);
        struct text *out = postgres ? &statement->postgres : &statement->sqlite;
        token = read_statement(&scan, out, postgres, postgres ? &statement->postgres_params : &statement->params);
        if (out->len == 0) {
            fail(file, line, "'%s' has no SQL", statement->name);
        }
    }
}

/* `?n` to `$n` in a text that the tokenizer has already passed. */
static void to_dollars(const char *sqlite, struct text *out)
{
    struct scan scan = { "sql", sqlite, 1 };
    struct token token;
    while ((token = next_token(&scan)).kind != END) {
        if (token.space && out->len > 0) {
            add(out, " ", 1);
        }
        if (token.kind == PARAM) {
            add(out, "$", 1);
            add(out, token.at + 1, token.len - 1);
        } else {
            add(out, token.at, token.len);
        }
    }
}

static void check_statements(struct gen *gen)
{
    for (size_t i = 0; i < gen->statement_count; i++) {
        struct statement *s = &gen->statements[i];
        if (s->sqlite.at == NULL) {
            fail(s->file, s->line, "'%s' has only a @postgres text", s->name);
        }
        if (s->postgres.at != NULL && s->params != s->postgres_params) {
            fail(s->file, s->line, "'%s' has %d parameters, its @postgres text %d", s->name, s->params, s->postgres_params);
        }
        bool reads = strncasecmp(s->sqlite.at, "SELECT", 6) == 0 || strncasecmp(s->sqlite.at, "WITH", 4) == 0;
        if (s->many && reads && s->postgres.at == NULL) {
            fail(s->file, s->line, "'%s' is a :many query and needs a @postgres text with arrays", s->name);
        }
        if (s->many && s->params == 0) {
            fail(s->file, s->line, "'%s' is :many and has no parameters", s->name);
        }
    }
}

/* --- migrations --- */

enum side { BOTH, ONLY_SQLITE, ONLY_POSTGRES };
static const char *const sides[] = { "-- both ", "-- only: sqlite ", "-- only: postgres " };

struct block {
    struct token *tokens;
    size_t count;
    struct text comment; /* above the statement */
    bool append_only;
    enum side side;
};

static void add_token(struct block *block, struct token token)
{
    block->tokens = grown(block->tokens, (block->count + 1) * sizeof token);
    block->tokens[block->count++] = token;
}

static void add_comment(struct text *comment, const struct token *token)
{
    if (comment->len > 0) {
        add(comment, " ", 1);
    }
    add_words(comment, comment_words(token));
}

/* COMMENT ON what IS 'words'; */
static void put_comment(struct text *out, const char *kind, const char *table, const char *column, const char *words)
{
    add_words(out, "COMMENT ON ");
    add_words(out, kind);
    add_words(out, " ");
    add_words(out, table);
    if (column != NULL) {
        add_words(out, ".");
        add_words(out, column);
    }
    add_words(out, " IS '");
    for (; *words != '\0'; words++) {
        add(out, words, 1);
        if (*words == '\'') {
            add(out, words, 1);
        }
    }
    add_words(out, "';\n");
}

static bool is_constraint(const struct token *token)
{
    return is(token, "primary") || is(token, "unique") || is(token, "foreign") || is(token, "check") || is(token, "constraint");
}

/* Notes the type of the column whose name is at `at`, and asks that it be one of the three. */
static void mark_type(struct block *block, size_t at, const char *file)
{
    struct token *type = at + 1 < block->count ? &block->tokens[at + 1] : NULL;
    if (type != NULL && (is(type, "INT") || is(type, "TEXT") || is(type, "BYTES"))) {
        type->type = true;
    } else if (block->side == BOTH) {
        fail(file, block->tokens[at].line, "column %.*s: the types are INT, TEXT and BYTES", (int)block->tokens[at].len,
             block->tokens[at].at);
    }
}

/* One element of a CREATE TABLE body has ended: its comment is complete. */
static void end_element(struct block *block, size_t first, const char *table, struct text *comment, struct text *out, const char *file)
{
    const struct token *name = &block->tokens[first];
    if (is_constraint(name)) {
        return;
    }
    if (comment->len == 0) {
        fail(file, name->line, "column %s.%.*s has no comment behind it", table, (int)name->len, name->at);
    }
    put_comment(out, "COLUMN", table, copied(name->at, name->len), comment->at);
}

/* Walks `( element, … )` from the token `open`; collects column comments into `out`. */
static void read_columns(struct block *block, size_t open, const char *table, struct text *out, const char *file)
{
    int depth = 1;
    size_t first = 0; /* of the current element; 0: none yet */
    bool closed = false; /* its comma was seen; comments still belong to it */
    struct text comment = { 0 };
    for (size_t i = open + 1; i < block->count; i++) {
        const struct token *token = &block->tokens[i];
        if (token->kind == COMMENT) {
            add_comment(&comment, token);
            continue;
        }
        depth += token->kind == SYMBOL && *token->at == '(';
        depth -= token->kind == SYMBOL && *token->at == ')';
        if (depth == 0 || closed) {
            if (first != 0) {
                end_element(block, first, table, &comment, out, file);
            }
            comment = (struct text){ 0 };
            first = 0;
            closed = false;
        }
        if (depth == 0) {
            return;
        }
        if (first == 0) {
            first = i;
            if (!is_constraint(token)) {
                mark_type(block, i, file);
            }
        }
        closed = depth == 1 && token->kind == SYMBOL && *token->at == ',';
    }
    fail(file, block->tokens[open].line, "table %s: the body is not closed", table);
}

/* The SQLite text keeps the comments: SQLite stores a CREATE as written, so that they travel with the file. */
static void emit_sqlite(const struct block *block, bool table, struct text *out)
{
    bool opened = false;
    for (size_t i = 0; i < block->count; i++) {
        const struct token *token = &block->tokens[i];
        if (i > 0 && token->newlines > 0) {
            add_words(out, "\n    ");
        } else if (i > 0 && token->space) {
            add_words(out, " ");
        }
        if (token->kind == WORD && (is(token, "INT") || is(token, "BYTES"))) {
            add_words(out, is(token, "INT") ? "INTEGER" : "BLOB");
        } else {
            add(out, token->at, token->len);
        }
        if (table && !opened && token->kind == SYMBOL && *token->at == '(') {
            opened = true;
            if (block->comment.len > 0) {
                add_words(out, " -- ");
                add_words(out, block->comment.at);
            }
        }
    }
    add_words(out, "\n");
}

static bool sqlite_only(const struct block *block, size_t i, size_t body_end)
{
    const struct token *token = &block->tokens[i];
    return body_end != 0 && i > body_end &&
           (is(token, "STRICT") || is(token, "WITHOUT") || is(token, "ROWID") || (token->kind == SYMBOL && *token->at == ','));
}

static void emit_postgres(const struct block *block, size_t body_end, struct text *out)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct token *token = &block->tokens[i];
        if (token->kind == COMMENT || sqlite_only(block, i, body_end)) {
            continue;
        }
        if (i > 0 && token->space) {
            add_words(out, " ");
        }
        if (token->kind == WORD && is(token, "INT")) {
            add_words(out, "BIGINT");
        } else if (token->kind == WORD && is(token, "BYTES")) {
            add_words(out, "BYTEA");
        } else if (token->type && is(token, "TEXT")) {
            add_words(out, "TEXT COLLATE \"C\""); /* byte order, as in SQLite */
        } else {
            add(out, token->at, token->len);
        }
    }
    add_words(out, "\n");
}

/* The index of the parenthesis that closes a table's body, and whether STRICT stands behind it. */
static size_t body_end_of(const struct block *block, size_t open, bool *strict)
{
    int depth = 0;
    size_t end = 0;
    *strict = false;
    for (size_t i = open; i < block->count; i++) {
        const struct token *token = &block->tokens[i];
        if (token->kind == SYMBOL && (*token->at == '(' || *token->at == ')')) {
            depth += *token->at == '(' ? 1 : -1;
            end = depth == 0 && end == 0 ? i : end;
        }
        *strict |= end != 0 && is(token, "STRICT");
    }
    return end;
}

struct migration_words {
    struct text comments; /* COMMENT ON … */
    size_t body_end;
    bool table;
};

static void create_table(struct migration *migration, struct block *block, size_t name, struct migration_words *words)
{
    const struct token *token = &block->tokens[name];
    char *table = copied(token->at, token->len);
    bool strict;
    if (block->comment.len == 0) {
        fail(migration->file, block->tokens[0].line, "table %s has no comment above it", table);
    }
    if (name + 1 >= block->count || *block->tokens[name + 1].at != '(') {
        fail(migration->file, token->line, "table %s: a list of columns is expected", table);
    }
    put_comment(&words->comments, "TABLE", table, NULL, block->comment.at);
    read_columns(block, name + 1, table, &words->comments, migration->file);
    words->table = true;
    words->body_end = body_end_of(block, name + 1, &strict);
    if (!strict && block->side != ONLY_POSTGRES) {
        fail(migration->file, token->line, "table %s is not STRICT", table);
    }
    if (block->append_only) {
        add_words(&migration->append_only, migration->append_only.len > 0 ? " " : "");
        add_words(&migration->append_only, table);
    }
}

/* ALTER TABLE t ADD COLUMN c …; -- comment */
static void alter_table(struct migration *migration, struct block *block, struct migration_words *words)
{
    if (block->count < 6 || !is(&block->tokens[3], "add")) {
        return;
    }
    size_t name = is(&block->tokens[4], "column") ? 5 : 4;
    const struct token *last = &block->tokens[block->count - 1];
    if (last->kind != COMMENT) {
        fail(migration->file, last->line, "the new column has no comment behind it");
    }
    mark_type(block, name, migration->file);
    put_comment(&words->comments, "COLUMN", copied(block->tokens[2].at, block->tokens[2].len),
                copied(block->tokens[name].at, block->tokens[name].len), comment_words(last));
}

static void end_block(struct migration *migration, struct block *block)
{
    struct migration_words words = { 0 };
    const struct token *first = &block->tokens[0];
    if (is(first, "create") && block->count > 3) {
        size_t at = is(&block->tokens[1], "unique") ? 2 : 1;
        const struct token *kind = &block->tokens[at];
        if (is(kind, "trigger")) {
            fail(migration->file, first->line, "no triggers: the logic is in C, on both engines alike");
        }
        if (is(kind, "table")) {
            create_table(migration, block, at + 1, &words);
        } else if (is(kind, "index")) {
            if (block->comment.len == 0) {
                fail(migration->file, first->line, "the index has no comment above it: say which query it serves");
            }
            put_comment(&words.comments, "INDEX", copied(block->tokens[at + 1].at, block->tokens[at + 1].len), NULL, block->comment.at);
        }
    } else if (is(first, "alter") && block->count > 1 && is(&block->tokens[1], "table")) {
        alter_table(migration, block, &words);
    }
    if (block->append_only && !words.table) {
        fail(migration->file, first->line, "`-- append-only` belongs above a CREATE TABLE");
    }
    if (block->side != ONLY_POSTGRES) {
        emit_sqlite(block, words.table, &migration->sqlite);
    }
    if (block->side != ONLY_SQLITE) {
        emit_postgres(block, words.body_end, &migration->postgres);
        add(&migration->postgres, words.comments.len > 0 ? words.comments.at : "", words.comments.len);
    }
}

/* A comment outside a statement: a mark, or words for the next CREATE. */
static void outer_comment(struct block *block, const struct token *token, const char *file)
{
    char *words = comment_words(token);
    if (token->newlines > 1) {
        block->comment = (struct text){ 0 };
    }
    if (strncmp(words, "only:", 5) == 0) {
        char *rest = words + 5;
        char *engine = take_word(&rest);
        if (strcmp(engine, "sqlite") != 0 && strcmp(engine, "postgres") != 0) {
            fail(file, token->line, "bad marker '%s' (known: only: sqlite, only: postgres)", words);
        }
        block->side = *engine == 's' ? ONLY_SQLITE : ONLY_POSTGRES;
    } else if (strcmp(words, "both") == 0) {
        block->side = BOTH;
    } else if (strcmp(words, "append-only") == 0) {
        block->append_only = true;
    } else {
        add_comment(&block->comment, token);
    }
}

static void read_migration_text(struct migration *migration)
{
    struct scan scan = { migration->file, read_file(migration->file), 1 };
    struct block block = { 0 };
    struct token token = next_token(&scan);
    while (token.kind != END) {
        if (token.kind == COMMENT) {
            enum side before = block.side;
            outer_comment(&block, &token, migration->file);
            add_words(&migration->source, block.side == before ? "" : sides[block.side]);
            token = next_token(&scan);
            continue;
        }
        if (token.newlines > 1) {
            block.comment = (struct text){ 0 };
        }
        int first_line = token.line;
        bool ended = false;
        while (token.kind != END && !ended) {
            ended = token.kind == SYMBOL && *token.at == ';';
            if (token.kind == PARAM) {
                fail(migration->file, token.line, "a migration takes no parameters");
            }
            add_token(&block, token);
            add_words(&migration->source, token.kind == COMMENT ? "" : copied(token.at, token.len));
            add_words(&migration->source, token.kind == COMMENT ? "" : " ");
            token = next_token(&scan);
        }
        if (!ended) {
            fail(migration->file, first_line, "the statement does not end in ;");
        }
        if (token.kind == COMMENT && token.newlines == 0) {
            add_token(&block, token);
            token = next_token(&scan);
        }
        end_block(migration, &block);
        block = (struct block){ .side = block.side };
    }
    if (migration->sqlite.at == NULL && migration->postgres.at == NULL) {
        fail(migration->file, 1, "the migration is empty");
    }
}

static int layer_of(const struct gen *gen, const char *module)
{
    for (size_t i = 0; i < gen->module_count; i++) {
        if (strcmp(gen->modules[i], module) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* src/MODULE/migrate/NNNN_words.sql */
static void read_migration(struct gen *gen, const char *file, char *module, const char *base)
{
    struct migration migration = { .module = module, .file = file, .layer = layer_of(gen, module) };
    size_t len = strlen(base);
    if (strspn(base, "0123456789") != 4 || base[4] != '_' || len < 10 || strcmp(base + len - 4, ".sql") != 0) {
        fail(file, 1, "a migration's file is named NNNN_words.sql");
    }
    if (migration.layer < 0) {
        fail(file, 1, "module '%s' is not in tools/layers.txt", module);
    }
    migration.number = (int)strtol(copied(base, 4), NULL, 10);
    migration.name = copied(base + 5, len - 9);
    for (size_t i = 0; i < gen->migration_count; i++) {
        const struct migration *other = &gen->migrations[i];
        if (strcmp(other->module, module) == 0 && other->number == migration.number) {
            fail(file, 1, "duplicate number, also %s", other->file);
        }
    }
    read_migration_text(&migration);
    gen->migrations = grown(gen->migrations, (gen->migration_count + 1) * sizeof migration);
    gen->migrations[gen->migration_count++] = migration;
}

static void read_sql(struct gen *gen, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash == NULL ? file : slash + 1;
    char *folder = copied(file, slash == NULL ? 0 : (size_t)(slash - file));
    char *last = strrchr(folder, '/');
    if (last != NULL && strcmp(last + 1, "migrate") == 0) {
        *last = '\0';
        char *module = strrchr(folder, '/');
        read_migration(gen, file, module == NULL ? folder : module + 1, base);
    } else {
        read_statements(gen, file);
    }
}

/* --- output --- */

static void put_literal(FILE *out, const struct text *text)
{
    if (text->at == NULL) {
        fputs("\"\"", out);
        return;
    }
    fputc('"', out);
    for (size_t i = 0; i < text->len; i++) {
        char c = text->at[i];
        if (c == '\n') {
            fputs(i + 1 < text->len ? "\\n\"\n        \"" : "\\n", out);
        } else {
            if (c == '"' || c == '\\') {
                fputc('\\', out);
            }
            fputc(c, out);
        }
    }
    fputc('"', out);
}

static FILE *create(const char *folder, const char *name)
{
    struct text path = { 0 };
    add_words(&path, folder);
    add_words(&path, "/");
    add_words(&path, name);
    FILE *out = fopen(path.at, "w");
    if (out == NULL) {
        fail(path.at, 0, "cannot be written");
    }
    return out;
}

static void write_header(const struct gen *gen, const char *folder)
{
    FILE *out = create(folder, "sql.h");
    fputs("/* Made by tools/mksql from the .sql files: the named statements. */\n"
          "#ifndef BG_GEN_SQL_H\n#define BG_GEN_SQL_H\n\nenum sql_id {\n",
          out);
    for (size_t i = 0; i < gen->statement_count; i++) {
        fputs("    SQL_", out);
        for (const char *c = gen->statements[i].name; *c != '\0'; c++) {
            fputc(toupper((unsigned char)*c), out);
        }
        fputs(",\n", out);
    }
    fputs("    SQL_COUNT\n};\n\n#endif\n", out);
    if (fclose(out) != 0) {
        fail("sql.h", 0, "cannot be written");
    }
}

static void write_source(const struct gen *gen, const char *folder, const char *symbol)
{
    FILE *out = create(folder, "sql.c");
    fputs("/* Made by tools/mksql from the .sql files: texts of statements and migrations for both engines. */\n"
          "#include \"store/catalogue.h\"\n\n#include <stddef.h>\n\nstatic const struct sql_statement statements[] = {\n", out);
    for (size_t i = 0; i < gen->statement_count; i++) {
        const struct statement *s = &gen->statements[i];
        struct text postgres = s->postgres;
        if (postgres.at == NULL) {
            to_dollars(s->sqlite.at, &postgres);
        }
        fprintf(out, "    { \"%s\",\n        ", s->name);
        put_literal(out, &s->sqlite);
        fputs(",\n        ", out);
        put_literal(out, &postgres);
        fprintf(out, ",\n        %d, %s, %s },\n", s->params, s->many ? "true" : "false",
                s->many && s->postgres.at != NULL ? "true" : "false");
    }
    fputs("    { NULL, NULL, NULL, 0, false, false },\n};\n\nstatic const struct sql_migration migrations[] = {\n", out);
    for (size_t i = 0; i < gen->migration_count; i++) {
        const struct migration *m = &gen->migrations[i];
        fprintf(out, "    { \"%s\", %d, \"%s\",\n        ", m->module, m->number, m->name);
        put_literal(out, &m->sqlite);
        fputs(",\n        ", out);
        put_literal(out, &m->postgres);
        fputs(",\n        ", out);
        put_literal(out, &m->source);
        fputs(",\n        ", out);
        put_literal(out, &m->append_only);
        fputs(" },\n", out);
    }
    fprintf(out, "    { NULL, 0, NULL, NULL, NULL, NULL, NULL },\n};\n\n"
            "const struct sql_catalogue %s = { statements, %zu, migrations, %zu };\n", symbol,
            gen->statement_count, gen->migration_count);
    if (fclose(out) != 0) {
        fail("sql.c", 0, "cannot be written");
    }
}

static void read_layers(struct gen *gen, const char *file)
{
    for (const char *line = read_file(file); *line != '\0'; line += strcspn(line, "\n"), line += *line != '\0') {
        size_t len = strcspn(line, " \t\n");
        if (*line != '#' && len > 0) {
            gen->modules = grown(gen->modules, (gen->module_count + 1) * sizeof *gen->modules);
            gen->modules[gen->module_count++] = copied(line, len);
        }
    }
}

static int migration_order(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    return x->layer != y->layer ? x->layer - y->layer : x->number - y->number;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: mksql GEN_DIR layers.txt FILE.sql…\n");
        return 2;
    }
    struct gen gen = { 0 };
    read_layers(&gen, argv[2]);
    for (int i = 3; i < argc; i++) {
        read_sql(&gen, argv[i]);
    }
    check_statements(&gen);
    if (gen.migration_count > 0) {
        qsort(gen.migrations, gen.migration_count, sizeof *gen.migrations, migration_order);
    }
    const char *symbol = getenv("MKSQL_SYMBOL");
    write_header(&gen, argv[1]);
    write_source(&gen, argv[1], symbol != NULL ? symbol : "sql_catalogue");
    return 0;
}
