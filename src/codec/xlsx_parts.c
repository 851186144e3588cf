/* The parts of a workbook that stand beside its sheets: relations, list of sheets, shared strings, styles. */
#include <string.h>

#include "codec/xlsx_in.h"

/* The path that `target` means inside a package when it is named in a part of folder `base`. */
static bg_str target_path(struct bg_arena *arena, bg_str base, const char *target)
{
    if (*target == '/') {
        return bg_arena_copy(arena, bg_str_of(target + 1));
    }
    bool up = strncmp(target, "../", 3) == 0;
    if (up) {
        target += 3;
        while (base.len > 0 && base.at[--base.len] != '/') {
        }
    }
    const char *path = bg_arena_text(arena, "%.*s%s%s", BG_STR_FMT(base), base.len > 0 ? "/" : "", target);
    return (bg_str){ path, path != NULL ? strlen(path) : 0 };
}

static bool ends_in(const char *text, const char *suffix)
{
    return text != NULL && bg_str_ends(bg_str_of(text), bg_str_of(suffix));
}

static void relation_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct xlsx *xlsx = part->xlsx;
    const char *type = xlsx_attribute(attributes, "Type"), *target = xlsx_attribute(attributes, "Target");
    const char *id = xlsx_attribute(attributes, "Id"), *mode = xlsx_attribute(attributes, "TargetMode");
    if (strcmp(name, "Relationship") != 0 || type == NULL || target == NULL || (mode != NULL && strcmp(mode, "External") == 0)) {
        return;
    }
    bg_str path = target_path(xlsx->arena, xlsx->base, target);
    if (path.at == NULL) {
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_LARGE));
        return;
    }
    if (ends_in(type, "/officeDocument")) {
        xlsx->workbook = path;
    } else if (ends_in(type, "/sharedStrings")) {
        xlsx->shared_path = path;
    } else if (ends_in(type, "/styles")) {
        xlsx->styles_path = path;
    } else if (ends_in(type, "/worksheet") && id != NULL) {
        for (size_t i = 0; i < xlsx->sheet_count; i++) {
            if (bg_str_is(xlsx->sheets[i].relation, id)) {
                xlsx->sheets[i].path = path;
            }
        }
    }
}

static void workbook_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct xlsx *xlsx = part->xlsx;
    if (strcmp(name, "workbookPr") == 0) {
        const char *value = xlsx_attribute(attributes, "date1904");
        xlsx->date1904 = value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
    }
    if (strcmp(name, "sheet") != 0) {
        return;
    }
    const char *title = xlsx_attribute(attributes, "name"), *id = xlsx_attribute(attributes, "id");
    const char *state = xlsx_attribute(attributes, "state");
    if (title == NULL || id == NULL || xlsx->sheet_count == XLSX_SHEETS_MAX) {
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_BAD));
        return;
    }
    struct xlsx_sheet *sheet = &xlsx->sheets[xlsx->sheet_count++];
    sheet->name = bg_arena_copy(xlsx->arena, bg_str_of(title));
    sheet->relation = bg_arena_copy(xlsx->arena, bg_str_of(id));
    sheet->hidden = state != NULL && strcmp(state, "visible") != 0;
    if (sheet->name.at == NULL || sheet->relation.at == NULL) {
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_LARGE));
    }
}

/* Room for one more in an array of `size`-byte elements. */
static bool grow(void **at, size_t *room, size_t count, size_t size)
{
    if (count < *room) {
        return true;
    }
    size_t wanted = *room == 0 ? 64 : *room * 2;
    void *more = bg_heap_resize(*at, wanted * size);
    if (more == NULL) {
        return false;
    }
    *at = more;
    *room = wanted;
    return true;
}

size_t xlsx_unescape(char *at, size_t len)
{
    size_t to = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t unit[2];
        bool escape = at[i] == '_' && len - i >= 7 && at[i + 1] == 'x' && at[i + 6] == '_';
        if (escape && bg_str_hex((bg_str){ at + i + 2, 4 }, unit, 2)) {
            char bytes[4];
            int32_t point = unit[0] * 256 + unit[1];
            size_t count = bg_utf8_put(point, bytes);
            if (count > 0 && point != 0) { /* at most 3 bytes for 7 */
                memcpy(at + to, bytes, count);
                to += count;
                i += 6;
                continue;
            }
        }
        at[to++] = at[i];
    }
    return to;
}

static void strings_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    (void)attributes;
    struct xlsx *xlsx = part->xlsx;
    if (xlsx->skip > 0 || strcmp(name, "rPh") == 0) {
        xlsx->skip++;
    }
    xlsx->collecting = xlsx->skip == 0 && strcmp(name, "t") == 0;
}

static void strings_end(struct xlsx_part *part, const char *name)
{
    struct xlsx *xlsx = part->xlsx;
    xlsx->collecting = false;
    if (xlsx->skip > 0) {
        xlsx->skip--;
    }
    if (strcmp(name, "si") != 0) {
        return;
    }
    size_t from = xlsx->string_count > 0 ? xlsx->string_ends[xlsx->string_count - 1] : 0;
    if (xlsx->strings.failed || xlsx->string_count == XLSX_STRINGS_MAX) {
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_LARGE));
        return;
    }
    if (!grow((void **)&xlsx->string_ends, &xlsx->string_room, xlsx->string_count, sizeof *xlsx->string_ends)) {
        xlsx_part_fail(part, BG_FAIL(BG_NO_MEMORY));
        return;
    }
    if (xlsx->strings.len > from) {
        xlsx->strings.len = from + xlsx_unescape(xlsx->strings.at + from, xlsx->strings.len - from);
    }
    xlsx->string_ends[xlsx->string_count++] = (uint32_t)xlsx->strings.len;
}

static void strings_text(struct xlsx_part *part, bg_str text)
{
    if (part->xlsx->collecting) {
        bg_buf_add(&part->xlsx->strings, text);
    }
}

static int64_t number_of(const char *text)
{
    int64_t value = -1;
    return text != NULL && bg_str_int(bg_str_of(text), &value) ? value : -1;
}

static enum xlsx_show show_of(const struct xlsx *xlsx, int64_t id)
{
    for (size_t i = 0; i < xlsx->format_count; i++) {
        if (xlsx->formats[i].id == id) {
            return xlsx->formats[i].show;
        }
    }
    return xlsx_builtin_show(id);
}

static void styles_start(struct xlsx_part *part, const char *name, const char **attributes)
{
    struct xlsx *xlsx = part->xlsx;
    if (strcmp(name, "numFmt") == 0) {
        const char *code = xlsx_attribute(attributes, "formatCode");
        if (!grow((void **)&xlsx->formats, &xlsx->format_room, xlsx->format_count, sizeof *xlsx->formats)) {
            xlsx_part_fail(part, BG_FAIL(BG_NO_MEMORY));
        } else if (code != NULL && xlsx->format_count < 4096) {
            xlsx->formats[xlsx->format_count++] =
                (struct xlsx_format){ number_of(xlsx_attribute(attributes, "numFmtId")), xlsx_format_show(bg_str_of(code)) };
        }
    } else if (strcmp(name, "cellXfs") == 0) {
        xlsx->in_cell_styles = true;
    } else if (strcmp(name, "xf") == 0 && xlsx->in_cell_styles) {
        if (!grow((void **)&xlsx->styles, &xlsx->style_room, xlsx->style_count, 1)) {
            xlsx_part_fail(part, BG_FAIL(BG_NO_MEMORY));
        } else if (xlsx->style_count < 65536) {
            xlsx->styles[xlsx->style_count++] = (uint8_t)show_of(xlsx, number_of(xlsx_attribute(attributes, "numFmtId")));
        }
    }
}

static void styles_end(struct xlsx_part *part, const char *name)
{
    if (strcmp(name, "cellXfs") == 0) {
        part->xlsx->in_cell_styles = false;
    }
}

/* Reads one part to its end with the handlers that `part` holds. */
static bg_err read_part(struct xlsx *xlsx, bg_str path, struct xlsx_part part, bool *ret_found)
{
    BG_TRY(xlsx_part_open(xlsx, path, &part, ret_found));
    if (!*ret_found) {
        return BG_DONE;
    }
    bg_err err = xlsx_part_run(&part);
    xlsx_part_close(&part);
    return err;
}

/* The folder of a path. */
static bg_str folder_of(bg_str path)
{
    while (path.len > 0 && path.at[--path.len] != '/') {
    }
    return path;
}

bg_err xlsx_read_parts(struct xlsx *xlsx)
{
    const struct xlsx_part relations = { .start = relation_start };
    bool found;
    BG_TRY(read_part(xlsx, BG_STR("_rels/.rels"), relations, &found));
    if (!found || xlsx->workbook.len == 0) {
        return BG_FAIL_AT(BG_XLSX_BAD, "file");
    }
    BG_TRY(read_part(xlsx, xlsx->workbook, (struct xlsx_part){ .start = workbook_start }, &found));
    if (!found || xlsx->sheet_count == 0) {
        return BG_FAIL_AT(BG_XLSX_BAD, "file");
    }
    xlsx->base = folder_of(xlsx->workbook);
    size_t name_at = xlsx->base.len > 0 ? xlsx->base.len + 1 : 0;
    const char *path = bg_arena_text(xlsx->arena, "%.*s%s_rels/%.*s.rels", BG_STR_FMT(xlsx->base), xlsx->base.len > 0 ? "/" : "",
                                     BG_STR_FMT(bg_str_cut(xlsx->workbook, name_at, xlsx->workbook.len)));
    BG_TRY(bg_need(path));
    BG_TRY(read_part(xlsx, bg_str_of(path), relations, &found));
    if (xlsx->styles_path.len > 0) {
        BG_TRY(read_part(xlsx, xlsx->styles_path, (struct xlsx_part){ .start = styles_start, .end = styles_end }, &found));
    }
    if (xlsx->shared_path.len > 0) {
        const struct xlsx_part strings = { .start = strings_start, .end = strings_end, .text = strings_text };
        BG_TRY(read_part(xlsx, xlsx->shared_path, strings, &found));
    }
    return BG_DONE;
}
