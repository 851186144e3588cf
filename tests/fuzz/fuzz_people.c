/* What strangers send to sign in and to find: tokens, recovery codes, names, passwords, search texts, files of any kind, names of files. */
#include "auth/inside.h"
#include "record/inside.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void try_sign_in(bg_str text, struct bg_arena *arena)
{
    struct token token;
    uint8_t hash[32];
    bg_str folded, again;
    int64_t step;
    const bg_str words[] = { BG_STR("zhangmin"), BG_STR("天津市") };
    struct password_context context = { .rules = text.len % 2 == 0 ? PASSWORD_NIST : PASSWORD_DENGBAO, .words = words, .word_count = 2 };
    (void)token_parse(text, &token);
    (void)recovery_hash(7, text, hash);
    (void)totp_holds((const uint8_t *)"12345678901234567890", 20, text, 59000, -1, &step);
    (void)password_fault(text, &context);
    (void)secret_open((const uint8_t *)"0123456789abcdef0123456789abcdef", text, (uint8_t[64]){ 0 }, &(size_t){ 0 });
    if (!bg_failed(login_fold(text, arena, &folded))) {
        must(!bg_failed(login_fold(folded, arena, &again)) && bg_str_eq(folded, again));
    }
}

static void try_record(bg_str text, struct bg_arena *arena)
{
    bg_str folded, again, texts[4], *terms, header;
    size_t count;
    struct record_entry entry = { .kind = "item", .id = 1, .title_zh = text, .title_en = text, .code = text, .note = { "", 0 } };
    struct record_file file = { .name = text, .media = BG_STR("application/pdf") };
    (void)record_media_of(text);
    (void)record_initials(text, arena, texts);
    must(!bg_failed(fold_text(text, arena, &folded)) && !bg_failed(fold_text(folded, arena, &again)) && bg_str_eq(folded, again));
    if (!bg_failed(entry_terms(&entry, arena, &terms, &count))) {
        for (size_t i = 0; i < count; i++) {
            must(terms[i].len > 0 && terms[i].len <= TERM_BYTES && bg_utf8_valid(terms[i]));
        }
    }
    if (text.len < 500 && !bg_failed(record_file_disposition(&file, arena, &header))) {
        for (size_t i = 0; i < header.len; i++) {
            must(header.at[i] >= ' ' && header.at[i] < 0x7f);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4 << 20);
    bg_str text = { (const char *)data, size };
    if (arena != NULL && size < 4096) {
        try_sign_in(text, arena);
        try_record(text, arena);
    }
    return 0;
}
