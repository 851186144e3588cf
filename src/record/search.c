/* Terms of entries, and finding by them. */
#include "record/inside.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define WORDS_MAX 5
#define LOOKED_MAX 2000 /* terms looked at for one search */

static bool is_han(int32_t point)
{
    return point >= 0x2e80 && point <= 0x9fff;
}

static bool is_plain(int32_t point)
{
    return is_han(point) || (point >= 0xac00 && point <= 0xd7a3) || (point >= 0x20000 && point <= 0x3ffff) ||
           utf8proc_category(point) <= UTF8PROC_CATEGORY_NO;
}

bg_err fold_text(bg_str s, struct bg_arena *arena, bg_str *ret)
{
    const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;
    bg_str cut = bg_str_cut(s, 0, 2000);
    utf8proc_ssize_t room = (utf8proc_ssize_t)cut.len * 4 + 16;
    utf8proc_int32_t *points = bg_arena_array(arena, (size_t)room + 1, sizeof *points);
    BG_TRY(bg_need(points));
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)cut.at, (utf8proc_ssize_t)cut.len, points, room, how);
    if (count < 0 || count > room) { /* not text: found by nothing */
        *ret = (bg_str){ "", 0 };
        return BG_DONE;
    }
    utf8proc_ssize_t kept = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        bool plain = points[i] >= 0 && is_plain(points[i]);
        if (plain || (kept > 0 && points[kept - 1] != ' ')) {
            points[kept++] = plain ? points[i] : ' ';
        }
    }
    while (kept > 0 && points[kept - 1] == ' ') {
        kept--;
    }
    utf8proc_ssize_t len = utf8proc_reencode(points, kept, how);
    *ret = (bg_str){ (const char *)points, len < 0 ? 0 : (size_t)len };
    return BG_DONE;
}

/* --- terms --- */

struct terms {
    bg_str *list;
    size_t count;
};

/* At most TERM_BYTES of whole characters; a blank inside is kept, one at the end is not. */
static bg_str term_of(bg_str s)
{
    size_t pos = 0, end = 0;
    while (pos < s.len) {
        size_t before = pos;
        (void)bg_utf8_next(s, &pos);
        if (pos > TERM_BYTES) {
            return bg_str_trim(bg_str_cut(s, 0, before));
        }
        end = pos;
    }
    return bg_str_trim(bg_str_cut(s, 0, end));
}

static void terms_add(struct terms *terms, bg_str s)
{
    bg_str term = term_of(s);
    for (size_t i = 0; i < terms->count; i++) {
        if (bg_str_eq(terms->list[i], term)) {
            return;
        }
    }
    if (term.len > 0 && terms->count < TERMS_MAX) {
        terms->list[terms->count++] = term;
    }
}

/* Every place where somebody may begin to type: each Chinese character, and the start of every other word. */
static void add_text(struct terms *terms, bg_str folded)
{
    int32_t before = ' ';
    size_t pos = 0;
    while (pos < folded.len) {
        size_t here = pos;
        int32_t point = bg_utf8_next(folded, &pos);
        bool starts = before == ' ' || is_han(before) != is_han(point);
        if (point != ' ' && (starts || is_han(point))) {
            terms_add(terms, bg_str_cut(folded, here, folded.len));
        }
        before = point;
    }
}

static void add_initials(struct terms *terms, bg_str title, struct bg_arena *arena)
{
    bg_str texts[4];
    size_t count = record_initials(title, arena, texts);
    for (size_t i = 0; i < count; i++) {
        for (size_t from = 0; from + 2 <= texts[i].len && from < 24; from++) {
            terms_add(terms, bg_str_cut(texts[i], from, texts[i].len));
        }
    }
}

bg_err entry_terms(const struct record_entry *entry, struct bg_arena *arena, bg_str **ret, size_t *ret_count)
{
    struct terms terms = { .list = bg_arena_array(arena, TERMS_MAX, sizeof(bg_str)) };
    bg_str folded;
    BG_TRY(bg_need(terms.list));
    BG_TRY(fold_text(entry->code, arena, &folded));
    add_text(&terms, folded);
    BG_TRY(fold_text(entry->title_zh, arena, &folded));
    add_text(&terms, folded);
    add_initials(&terms, folded, arena);
    BG_TRY(fold_text(entry->title_en, arena, &folded));
    add_text(&terms, folded);
    for (size_t i = 0; i < entry->word_count; i++) {
        BG_TRY(fold_text(entry->words[i], arena, &folded));
        add_text(&terms, folded);
    }
    *ret = terms.list;
    *ret_count = terms.count;
    return BG_DONE;
}

/* --- matching --- */

enum { EXACT, CODE_START, TITLE_START, INITIALS_START, INSIDE, NOT_AT_ALL };

static bool contains(bg_str text, bg_str word)
{
    return word.len <= text.len && (word.len == 0 || memmem(text.at, text.len, word.at, word.len) != NULL);
}

static int best(int a, int b)
{
    return a < b ? a : b;
}

static int match_code(bg_str code, bg_str word, struct bg_arena *arena)
{
    bg_str folded;
    if (code.len == 0 || bg_failed(fold_text(code, arena, &folded))) {
        return NOT_AT_ALL;
    }
    return bg_str_eq(folded, word) ? EXACT : bg_str_starts(folded, word) ? CODE_START : contains(folded, word) ? INSIDE : NOT_AT_ALL;
}

static int match_title(bg_str title, bg_str word, struct bg_arena *arena)
{
    bg_str folded, texts[4];
    if (bg_failed(fold_text(title, arena, &folded))) {
        return NOT_AT_ALL;
    }
    int match = bg_str_starts(folded, word) ? TITLE_START : contains(folded, word) ? INSIDE : NOT_AT_ALL;
    size_t count = match == NOT_AT_ALL ? record_initials(folded, arena, texts) : 0;
    for (size_t i = 0; i < count; i++) {
        match = best(match, bg_str_starts(texts[i], word) ? INITIALS_START : contains(texts[i], word) ? INSIDE : NOT_AT_ALL);
    }
    return match;
}

/* Sum over the words, lower is better; -1: a word does not match. */
static int match_entry(const struct record_entry *entry, const bg_str *words, size_t count, struct bg_arena *arena)
{
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        int match = best(match_code(entry->code, words[i], arena), match_title(entry->title_zh, words[i], arena));
        match = best(match, match_title(entry->title_en, words[i], arena));
        for (size_t k = 0; k < entry->word_count; k++) {
            match = best(match, match_code(entry->words[k], words[i], arena));
        }
        if (match == NOT_AT_ALL) {
            return -1;
        }
        sum += match;
    }
    return sum;
}

/* --- search --- */

struct hit {
    struct record_entry entry;
    const struct record_kind *kind;
    int score;
};

static int order_hits(const void *a, const void *b)
{
    const struct hit *one = a, *other = b;
    if (one->score != other->score) {
        return one->score - other->score;
    }
    size_t l1 = one->entry.title_zh.len, l2 = other->entry.title_zh.len;
    if (l1 != l2) {
        return l1 < l2 ? -1 : 1;
    }
    return one->entry.id < other->entry.id ? -1 : one->entry.id > other->entry.id;
}

static bool seen(const struct hit *hits, size_t count, const char *kind, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (hits[i].entry.id == id && strcmp(hits[i].entry.kind, kind) == 0) {
            return true;
        }
    }
    return false;
}

static size_t split(bg_str folded, bg_str words[WORDS_MAX])
{
    size_t count = 0;
    while (folded.len > 0 && count < WORDS_MAX) {
        size_t end = bg_str_find(folded, ' ');
        words[count++] = bg_str_cut(folded, 0, end);
        folded = bg_str_cut(folded, end + 1, folded.len);
    }
    return count;
}

/* [low, high): every term that begins with the word's first bytes. UTF-8 never ends in 0xff, so the last byte can grow. */
static bg_err range_of(bg_str word, struct bg_arena *arena, bg_str *ret_low, bg_str *ret_high)
{
    bg_str low = term_of(word);
    char *high = bg_arena_get(arena, low.len + 1);
    BG_TRY(bg_need(high));
    memcpy(high, low.at, low.len);
    high[low.len - 1] = (char)(high[low.len - 1] + 1);
    *ret_low = low;
    *ret_high = (bg_str){ high, low.len };
    return BG_DONE;
}

struct range {
    bg_str low, high;
};

/* The range of the word that fewest terms begin with, of the longest where all are common. */
static bg_err narrowest(struct store_tx *tx, int64_t city, const bg_str *words, size_t count, struct bg_arena *arena, struct range *ret)
{
    int64_t fewest = INT64_MAX;
    size_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        struct range range;
        int64_t terms = 0;
        BG_TRY(range_of(words[i], arena, &range.low, &range.high));
        if (count > 1) {
            BG_TRY(store_get_int(tx, SQL_RECORD_TERM_COUNT,
                                 ARGS(V_INT(city), V_BYTES(range.low.at, range.low.len), V_BYTES(range.high.at, range.high.len),
                                      V_INT(LOOKED_MAX)),
                                 &terms, NULL));
        }
        if (terms < fewest || (terms == fewest && words[i].len > longest)) {
            fewest = terms;
            longest = words[i].len;
            *ret = range;
        }
    }
    return BG_DONE;
}

static void hit_json(const struct hit *hit, struct bg_buf *out)
{
    const struct record_entry *entry = &hit->entry;
    bg_json_object(out);
    bg_json_put_str(out, "kind", bg_str_of(entry->kind));
    bg_json_put_str(out, "kind_zh", bg_str_of(hit->kind->zh));
    bg_json_put_str(out, "kind_en", bg_str_of(hit->kind->en));
    bg_json_put_id(out, "id", entry->id);
    bg_json_put_str(out, "title_zh", entry->title_zh);
    bg_json_put_str(out, "title_en", entry->title_en);
    bg_json_put_str(out, "code", entry->code);
    bg_json_put_str(out, "note", entry->note);
    bg_json_key(out, "path");
    if (hit->kind->path == NULL) {
        bg_json_null(out);
    } else {
        BG_SCOPED_BUF path = bg_buf_init(200);
        bg_buf_print(&path, "%s%lld", hit->kind->path, (long long)entry->id);
        bg_json_str(out, bg_buf_str(&path));
    }
    bg_json_object_end(out);
}

struct finding {
    const struct record *record;
    const struct auth_session *session;
    bg_str kind;
    bg_str words[WORDS_MAX];
    size_t word_count;
    struct hit *hits;
    size_t count, room;
};

/* One row of the range: taken when its kind is wanted, the caller may read it and every word matches. */
static bg_err take_row(struct finding *finding, struct store_rows *rows, struct bg_arena *scratch, struct bg_arena *arena)
{
    struct hit hit = { .kind = record_kind_of(finding->record, store_text(rows, 0)) };
    if (hit.kind == NULL || (finding->kind.len > 0 && !bg_str_is(finding->kind, hit.kind->name)) ||
        seen(finding->hits, finding->count, hit.kind->name, store_int(rows, 1))) {
        return BG_DONE;
    }
    struct auth_target target = { .city = finding->session->city, .district = store_int(rows, 6), .place = store_int(rows, 7),
                                  .org = store_int(rows, 8) };
    if (!auth_may(finding->session, hit.kind->read, &target, NULL)) {
        return BG_DONE;
    }
    bg_arena_reset(scratch);
    BG_TRY(entry_read(rows, finding->session->city, scratch, &hit.entry));
    hit.score = match_entry(&hit.entry, finding->words, finding->word_count, scratch);
    if (hit.score >= 0) {
        BG_TRY(entry_read(rows, finding->session->city, arena, &hit.entry));
        finding->hits[finding->count++] = hit;
    }
    return BG_DONE;
}

bg_err record_search(const struct record *record, struct store_tx *tx, const struct auth_session *session, const struct record_query *query,
                     struct bg_arena *arena, struct bg_buf *out, bool *ret_more)
{
    BG_SCOPED_ARENA scratch = bg_arena_open(1 << 20);
    STORE_SCOPED_ROWS rows = NULL;
    struct finding finding = { .record = record, .session = session, .kind = query->kind };
    struct range range = { .low = { "", 0 } };
    bg_str folded;
    bool more;
    int64_t looked = 0, max = query->max < 1 ? 20 : query->max > 100 ? 100 : query->max;
    *ret_more = false;
    BG_TRY(bg_need(scratch));
    BG_TRY(fold_text(query->text, arena, &folded));
    finding.word_count = split(folded, finding.words);
    if (finding.word_count == 0) {
        return BG_DONE;
    }
    finding.room = (size_t)max * 4;
    finding.hits = bg_arena_array(arena, finding.room, sizeof *finding.hits);
    BG_TRY(bg_need(finding.hits));
    BG_TRY(narrowest(tx, session->city, finding.words, finding.word_count, arena, &range));
    BG_TRY(store_query(tx, SQL_RECORD_TERM_FIND,
                       ARGS(V_INT(session->city), V_BYTES(range.low.at, range.low.len), V_BYTES(range.high.at, range.high.len),
                            V_INT(LOOKED_MAX)),
                       &rows));
    BG_TRY(store_next(rows, &more));
    while (more && finding.count < finding.room) {
        BG_TRY(take_row(&finding, rows, scratch, arena));
        looked++;
        BG_TRY(store_next(rows, &more));
    }
    qsort(finding.hits, finding.count, sizeof *finding.hits, order_hits);
    for (size_t i = 0; i < finding.count && i < (size_t)max; i++) {
        hit_json(&finding.hits[i], out);
    }
    *ret_more = finding.count > (size_t)max || more || looked == LOOKED_MAX;
    return BG_DONE;
}
