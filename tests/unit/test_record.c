/* Search by name, part of a name, code, lot and pinyin initials, within rights; files by content; on both engines. */
#include "auth_bed.h"

#include "record/record.h"

#include <fcntl.h>
#include <sys/stat.h>

static const struct record_kind item_kind = { .name = "item",
                                              .zh = "物资",
                                              .en = "item",
                                              .path = "/api/v1/items/",
                                              .read = AUTH_RIGHT_ITEM_READ,
                                              .write = AUTH_RIGHT_ITEM_WRITE,
                                              .files = true };
static const struct record_kind place_kind = { .name = "place",
                                               .zh = "库点",
                                               .en = "place",
                                               .path = "/api/v1/places/",
                                               .read = AUTH_RIGHT_STOCK_READ,
                                               .write = AUTH_RIGHT_LEDGER_POST,
                                               .files = true };

struct world {
    struct auth_bed *b;
    struct record *record;
    struct auth_opened keeper;
    char folder[512];
};

/* --- writing entries by hand --- */

struct put_in {
    int64_t city;
    const struct record_entry *entries;
    size_t count;
    bool drop;
};
static bg_err put_run(struct store_tx *tx, struct store_job **jobs, size_t count)
{
    BG_SCOPED_ARENA arena = bg_arena_open(8 << 20);
    for (size_t j = 0; j < count; j++) {
        const struct put_in *in = jobs[j]->in;
        for (size_t i = 0; i < in->count; i++) {
            const struct record_entry *entry = &in->entries[i];
            bg_arena_reset(arena);
            BG_TRY(in->drop ? record_drop(tx, in->city, entry->kind, entry->id, arena) : record_put(tx, in->city, entry, arena));
        }
    }
    return BG_DONE;
}
static bg_err put(struct world *w, const struct record_entry *entries, size_t count, bool drop)
{
    static const struct store_class class = { .name = "test.put", .rare = true, .run = put_run };
    struct put_in in = { w->b->city, entries, count, drop };
    return store_write(w->b->store, &class, &in, NULL, NULL);
}

/* Ids found, in order, as " 1 2 3". */
static const char *found(struct world *w, const struct auth_session *session, const char *text)
{
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_BUF out = bg_buf_init(1 << 20);
    BG_SCOPED_BUF ids = bg_buf_init(1 << 16);
    bool more;
    bg_ignore(store_read_begin(w->b->store, 0, &tx));
    bg_json_array(&out);
    bg_ignore(
        auth_bed_note(record_search(w->record, tx, session, &(struct record_query){ .text = bg_str_of(text), .kind = { "", 0 }, .max = 20 },
                                    w->b->arena, &out, &more),
                      text));
    bg_json_array_end(&out);
    for (const char *at = out.at; (at = memmem(at, out.len - (size_t)(at - out.at), "\"id\":\"", 6)) != NULL;) {
        at += 6;
        bg_buf_print(&ids, " %.*s", (int)strcspn(at, "\""), at);
    }
    return bg_arena_copy(w->b->arena, bg_buf_str(&ids)).at;
}

static bool finds(struct world *w, const char *text, const char *ids)
{
    const char *got = found(w, &w->b->chief.session, text);
    if (strcmp(got, ids) != 0) {
        printf("# %s:%s\n", text, got);
    }
    return strcmp(got, ids) == 0;
}

static void test_initials(struct world *w)
{
    static const char *const rows[][2] = { { "天津市", "tjs" },      { "医用防护服", "yyfhf" }, { "N95口罩（无菌）", "n95kzwj" },
                                           { "消毒液 84", "xdy84" }, { "隔离眼罩", "glyz" },    { "蓟州区", "jzq" } };
    int wrong = 0;
    bg_str texts[4];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t count = record_initials(bg_str_of(rows[i][0]), w->b->arena, texts);
        wrong += count < 1 || !bg_str_is(texts[0], rows[i][1]);
    }
    OK(wrong == 0, "initials of names");
    size_t count = record_initials(BG_STR("重庆长安"), w->b->arena, texts);
    bool zq = false, cq = false;
    for (size_t i = 0; i < count; i++) {
        zq |= bg_str_is(texts[i], "zqca");
        cq |= bg_str_is(texts[i], "cqca");
    }
    OK(count == 4 && zq && cq, "both readings of a character");
    OK(record_initials(BG_STR(""), w->b->arena, texts) == 1 && texts[0].len == 0, "nothing has none");
}

static void test_search(struct world *w)
{
    bg_str gtin[] = { BG_STR("06901234567892"), BG_STR("6901234567892") }, lot[] = { BG_STR("LOT2022-0107A") };
    const struct record_entry entries[] = {
        { .kind = "item",
          .id = 1,
          .title_zh = BG_STR("医用防护服"),
          .title_en = BG_STR("Medical protective suit"),
          .code = BG_STR("FHF-001"),
          .note = { "", 0 },
          .words = gtin,
          .word_count = 2 },
        { .kind = "item",
          .id = 2,
          .title_zh = BG_STR("医用防护口罩 N95"),
          .title_en = BG_STR("Medical protective mask"),
          .code = BG_STR("KZ-001"),
          .note = { "", 0 } },
        { .kind = "item",
          .id = 3,
          .title_zh = BG_STR("隔离面罩"),
          .title_en = BG_STR("Isolation face shield"),
          .code = BG_STR("MZ-001"),
          .note = { "", 0 } },
        { .kind = "place",
          .id = 31,
          .title_zh = BG_STR("空港专库"),
          .title_en = BG_STR("Airport store"),
          .code = BG_STR("D01"),
          .note = { "", 0 },
          .target = { .place = 31, .district = 120110 },
          .words = lot,
          .word_count = 1 },
        { .kind = "place",
          .id = 32,
          .title_zh = BG_STR("津南分库"),
          .title_en = BG_STR("Jinnan sub-depot"),
          .code = BG_STR("D02"),
          .note = { "", 0 },
          .target = { .place = 32, .district = 120112 } },
    };
    const char *name = w->b->bed.name;
    OK(!bg_failed(auth_bed_note(put(w, entries, 5, false), "put")), "%s: five entries", name);
    OK(finds(w, "医用防护服", " 1"), "%s: a whole name", name);
    OK(finds(w, "防护", " 1 2"), "%s: a part of a name", name);
    OK(finds(w, "罩", " 3 2"), "%s: a single character", name) ;
    OK(finds(w, "fhf", " 1"), "%s: initials, the code's beginning", name);
    OK(finds(w, "YYFH", " 1 2"), "%s: initials of the beginning", name);
    OK(finds(w, "glmz", " 3"), "%s: initials of a whole name", name);
    OK(finds(w, "fhkz", " 2"), "%s: initials of a part", name);
    OK(finds(w, "6901234567892", " 1") && finds(w, "06901234567892", " 1"), "%s: a GTIN with and without its zero", name);
    OK(strcmp(found(w, &w->keeper.session, "lot2022"), " 31") == 0, "%s: a lot", name);
    OK(finds(w, "protective", " 1 2") && finds(w, "mask med", " 2"), "%s: words in any order", name);
    OK(finds(w, "防护 n95", " 2") && finds(w, "ｎ９５", " 2"), "%s: two words, full width", name);
    OK(finds(w, "医用防护口罩N95", ""), "%s: what is written otherwise is another word", name);
    OK(finds(w, "kz-001", " 2") && finds(w, "001", " 3 1 2"), "%s: a code and its part", name);
    OK(finds(w, "", "") && finds(w, "   ", "") && finds(w, "，。", "") && finds(w, "\xff\xfe", ""), "%s: nothing finds nothing", name);
    OK(finds(w, "'; DROP TABLE record_term; --", ""), "%s: nor does mischief", name);
    OK(strcmp(found(w, &w->keeper.session, "分库"), "") == 0 && strcmp(found(w, &w->keeper.session, "空港"), " 31") == 0,
       "%s: a keeper finds the own place only", name);
    struct record_entry changed = entries[2];
    changed.title_zh = BG_STR("防雾面屏");
    OK(!bg_failed(put(w, &changed, 1, false)) && finds(w, "隔离面罩", "") && finds(w, "fwmp", " 3"),
       "%s: a new title, the old one forgotten", name);
    OK(!bg_failed(put(w, &changed, 1, true)) && finds(w, "fwmp", "") && !bg_failed(put(w, &changed, 1, true)), "%s: taken away, twice",
       name);
    STORE_SCOPED_READ tx = NULL;
    STORE_SCOPED_ROWS rows = NULL;
    bool more;
    bg_ignore(store_read_begin(w->b->store, 0, &tx));
    bg_ignore(store_query_text(tx, "SELECT count(*) FROM record_term WHERE kind = 'item' AND id = 3", NO_ARGS, &rows));
    bg_ignore(store_next(rows, &more));
    OK(store_int(rows, 0) == 0, "%s: without a term left", name);
}

static void test_organisation(struct world *w)
{
    struct auth_organisation_in firm = { .by = { w->b->auth, &w->b->chief.session },
                                         .kind = BG_STR("enterprise"),
                                         .name_zh = BG_STR("天津示例口罩厂"),
                                         .name_en = BG_STR("Example masks"),
                                         .credit_code = BG_STR("91350100M000100Y43") };
    bg_ignore(auth_bed_run(w->b, &w->b->chief.session, &auth_organisation_put, &firm));
    int64_t id = auth_bed_id(w->b, "id");
    struct journal_event event = { .city = w->b->city, .id = id, .object = BG_STR("organisation") };
    OK(strcmp(record_index_prefixes(w->record), "organisation.") == 0, "%s: kinds that follow the journal", w->b->bed.name);
    bg_ignore(auth_bed_note(record_index_event(w->record, &event), "event"));
    bg_ignore(auth_bed_note(record_index_event(w->record, &event), "event again"));
    bg_ignore(auth_bed_note(record_index_flush(w->record), "flush"));
    const char *want = bg_arena_text(w->b->arena, " %lld", (long long)id);
    OK(finds(w, "tjslkzc", want) && finds(w, "91350100m", want), "%s: a firm by initials and credit code", w->b->bed.name);
}

/* --- many --- */

#define MANY 3000

static void test_many(struct world *w)
{
    struct record_entry *entries = bg_arena_array(w->b->arena, MANY, sizeof *entries);
    for (int i = 0; i < MANY; i++) {
        entries[i] = (struct record_entry){ .kind = "item",
                                            .id = 1000 + i,
                                            .title_zh = bg_str_of(bg_arena_text(w->b->arena, "批量物资%04d号", i)),
                                            .title_en = BG_STR("bulk"),
                                            .code = bg_str_of(bg_arena_text(w->b->arena, "B%05d", i)),
                                            .note = { "", 0 } };
    }
    OK(!bg_failed(auth_bed_note(put(w, entries, MANY, false), "many")), "%s: %d more entries", w->b->bed.name, MANY);
    OK(finds(w, "b02999", " 3999") && finds(w, "plwz2999", " 3999") && finds(w, "2999号", " 3999"), "%s: one among many", w->b->bed.name);
    STORE_SCOPED_READ tx = NULL;
    BG_SCOPED_BUF out = bg_buf_init(1 << 20);
    bool more;
    bg_ignore(store_read_begin(w->b->store, 0, &tx));
    bg_ignore(record_search(w->record, tx, &w->b->chief.session,
                            &(struct record_query){ .text = BG_STR("批量"), .kind = { "", 0 }, .max = 20 }, w->b->arena, &out,
                            &more));
    OK(more, "%s: too many to show says so", w->b->bed.name);
}

/* --- files --- */

#define ROW(text) text, sizeof text - 1

static void test_media(void)
{
    static const struct {
        const char *content;
        size_t len;
        const char *media;
    } rows[] = {
        { ROW("\x89PNG\r\n\x1a\n...."), "image/png" },
        { ROW("\xff\xd8\xff\xe0"), "image/jpeg" },
        { ROW("RIFF\0\0\0\0WEBP"), "image/webp" },
        { ROW("\0\0\0\x18"
              "ftypheic"),
          "image/heic" },
        { ROW("%PDF-1.7"), "application/pdf" },
        { ROW("a,b\r\n1,2\r\n"), "text/plain; charset=utf-8" },
        { ROW("\xd2\xbd\xd3\xc3"), "text/plain; charset=gb18030" },
        { ROW("<html><script>alert(1)</script>"), "text/plain; charset=utf-8" },
        { ROW("MZ\x90\0\x03"), NULL },
        { ROW("\x7f"
              "ELF\x02"),
          NULL },
        { ROW("PK\x03\x04 no office"), NULL },
        { ROW("PK\x03\x04 [Content_Types].xml xl/workbook.xml"),
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
        { ROW("PK\x03\x04 [Content_Types].xml xl/workbook.xml xl/vbaProject.bin"), NULL },
        { ROW(""), NULL },
        { ROW("\xff\xff\xff"), NULL },
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *media = record_media_of((bg_str){ rows[i].content, rows[i].len });
        bool same = media == NULL ? rows[i].media == NULL : rows[i].media != NULL && strcmp(media, rows[i].media) == 0;
        if (!same) {
            printf("# row %zu: %s\n", i, media == NULL ? "(none)" : media);
        }
        wrong += !same;
    }
    OK(wrong == 0, "what a file is, by its bytes");
    struct record_file file = { .name = BG_STR("防护服 \"检验\";报告\r\n.pdf"), .media = BG_STR("application/pdf") };
    BG_SCOPED_ARENA arena = bg_arena_open(1 << 16);
    bg_str header;
    bg_ignore(record_file_disposition(&file, arena, &header));
    OK(bg_str_starts(header, BG_STR("attachment; filename=\"___ ____")) && memchr(header.at, '\r', header.len) == NULL &&
           memmem(header.at, header.len, "filename*=UTF-8''%E9%98%B2%E6%8A%A4%E6%9C%8D%20%22", 50) != NULL,
       "a name harms no header (%s)", header.at);
}

static bg_err attach(struct world *w, const struct auth_session *session, const char *kind, int64_t object, bg_str content,
                     const char *name, int64_t *ret)
{
    struct record_attach_in in = { .by = { w->b->auth, session }, .record = w->record, .kind = bg_str_of(kind), .object = object,
                                   .name = bg_str_of(name), .note = { "", 0 }, .size = (int64_t)content.len };
    BG_TRY(record_file_store(w->record, w->b->city, content, in.hash, &in.media));
    bg_err err = auth_bed_run(w->b, session, &record_file_attach, &in);
    *ret = auth_bed_id(w->b, "id");
    return err;
}

static void test_files(struct world *w)
{
    const char *name = w->b->bed.name;
    struct record_file file;
    bg_str content = BG_STR("%PDF-1.7 inspection report"), read;
    int64_t first, second, other;
    OK(!bg_failed(auth_bed_note(attach(w, &w->keeper.session, "place", 31, content, "检验报告.pdf", &first), "attach")),
       "%s: a file on a record", name);
    OK(!bg_failed(attach(w, &w->keeper.session, "place", 31, content, "again.pdf", &second)) && first != second,
       "%s: the same content again", name);
    OK(attach(w, &w->keeper.session, "place", 32, content, "x.pdf", &other).code == BG_NOT_FOUND, "%s: not on what one may not see", name);
    OK(attach(w, &w->keeper.session, "item", 1, content, "x.pdf", &other).code == BG_AUTH_DENIED, "%s: nor on what one only reads", name);
    OK(attach(w, &w->keeper.session, "place", 31, BG_STR("MZ\x90\x01"), "x.exe", &other).code == BG_RECORD_MEDIA, "%s: no programs", name);
    OK(attach(w, &w->keeper.session, "place", 31, content, "../../etc/passwd", &other).code == BG_BAD_INPUT, "%s: no paths", name);
    {
        STORE_SCOPED_READ tx = NULL;
        bg_ignore(store_read_begin(w->b->store, 0, &tx));
        OK(!bg_failed(record_file_get(w->record, tx, &w->keeper.session, first, w->b->arena, &file)) &&
               bg_str_is(file.media, "application/pdf") && !bg_failed(record_file_read(w->record, w->b->city, &file, w->b->arena, &read)) &&
               bg_str_eq(read, content),
           "%s: comes back as it was", name);
        struct auth_opened stranger;
        auth_bed_person(w->b, "stranger", AUTH_ROLE_KEEPER, AUTH_PLACE, 32, &stranger);
        OK(record_file_get(w->record, tx, &stranger.session, first, w->b->arena, &file).code == BG_NOT_FOUND,
           "%s: and only to who may see the record", name);
        BG_SCOPED_BUF out = bg_buf_init(1 << 16);
        struct auth_page page = { .max = 50 };
        bg_ignore(record_file_list(w->record, tx, &w->keeper.session, BG_STR("place"), 31, &page, w->b->arena, &out));
        OK(memmem(out.at, out.len, "again.pdf", 9) != NULL && memmem(out.at, out.len, "检验报告.pdf", 16) != NULL, "%s: both are listed",
           name);
    }
    char path[1024], hex[65];
    for (int i = 0; i < 32; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", file.hash[i]);
    }
    (void)snprintf(path, sizeof path, "%s/%llx/%.2s/%s", w->folder, (unsigned long long)w->b->city, hex, hex + 2);
    FILE *out = fopen(path, "r+");
    OK(out != NULL, "%s: the content lies under its hash", name);
    if (out != NULL) {
        fputc('X', out);
        fclose(out);
    }
    OK(record_file_read(w->record, w->b->city, &file, w->b->arena, &read).code == BG_RECORD_DAMAGED, "%s: an altered content is told",
       name);
    struct record_file_in remove = { .by = { w->b->auth, &w->keeper.session }, .record = w->record, .id = first };
    OK(!bg_failed(auth_bed_run(w->b, &w->keeper.session, &record_file_remove, &remove)) &&
           auth_bed_run(w->b, &w->keeper.session, &record_file_remove, &remove).code == BG_NOT_FOUND, "%s: taken off once", name);
    remove.id = second;
    bg_ignore(auth_bed_run(w->b, &w->keeper.session, &record_file_remove, &remove));
    struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    bg_ignore(record_sweep(w->record, w->b->city));
    OK(access(path, F_OK) == 0, "%s: kept for a month", name);
    w->b->sim.now += 31 * 24 * HOUR_MS;
    (void)utimensat(AT_FDCWD, path, old, 0);
    bg_ignore(auth_bed_note(record_sweep(w->record, w->b->city), "sweep"));
    OK(access(path, F_OK) != 0, "%s: then forgotten", name);
}

static void suite(enum bed_kind kind)
{
    struct world w = { .b = auth_bed_open(kind) };
    (void)snprintf(w.folder, sizeof w.folder, "%s/files", w.b->bed.folder);
    bg_err err =
        record_open(&(struct record_opts){ .auth = w.b->auth, .store = w.b->store, .env = &w.b->env, .folder = w.folder }, &w.record);
    bg_ignore(auth_bed_note(err, "open"));
    bg_ignore(record_register(w.record, &item_kind));
    bg_ignore(record_register(w.record, &place_kind));
    auth_bed_person(w.b, "keeper", AUTH_ROLE_KEEPER, AUTH_PLACE, 31, &w.keeper);
    test_initials(&w);
    test_search(&w);
    test_organisation(&w);
    test_many(&w);
    test_files(&w);
    record_close(w.record);
    auth_bed_done(w.b);
}

int main(void)
{
    test_media();
    suite(BED_SQLITE);
    if (bed_has_postgres()) {
        suite(BED_POSTGRES);
    } else {
        SKIP("BAOGONG_TEST_PG is not set: PostgreSQL was not tried");
    }
    return TAP_DONE();
}
