/* One part of the package as a stream of XML events, under every limit. */
#include <string.h>

#include "codec/xlsx_in.h"

#define PIECE 65536

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

const char *xlsx_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(local_name(attributes[i]), name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

void xlsx_part_fail(struct xlsx_part *part, bg_err err)
{
    if (!bg_failed(part->failed)) {
        part->failed = err;
        (void)XML_StopParser(part->parser, XML_FALSE);
    }
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct xlsx_part *part = data;
    if (++part->depth > XLSX_DEPTH_MAX) {
        xlsx_part_fail(part, BG_FAIL(BG_XLSX_BAD));
        return;
    }
    part->start(part, local_name(name), attributes);
}

static void on_end(void *data, const XML_Char *name)
{
    struct xlsx_part *part = data;
    part->depth--;
    if (part->end != NULL && !bg_failed(part->failed)) {
        part->end(part, local_name(name));
    }
}

static void on_text(void *data, const XML_Char *text, int len)
{
    struct xlsx_part *part = data;
    if (part->text != NULL && !bg_failed(part->failed)) {
        part->text(part, (bg_str){ text, (size_t)len });
    }
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    xlsx_part_fail(data, BG_FAIL(BG_XLSX_DOCTYPE));
}

bg_err xlsx_part_open(struct xlsx *xlsx, bg_str path, struct xlsx_part *part, bool *ret_found)
{
    static const XML_Memory_Handling_Suite memory = { bg_heap_get, bg_heap_resize, bg_heap_free };
    zip_stat_t about;
    bg_str name = bg_arena_copy(xlsx->arena, path);
    BG_TRY(bg_need(name.at));
    *ret_found = false;
    zip_int64_t index = zip_name_locate(xlsx->zip, name.at, ZIP_FL_NOCASE);
    if (index < 0) {
        return BG_DONE;
    }
    if (zip_stat_index(xlsx->zip, (zip_uint64_t)index, 0, &about) != 0 || (about.valid & ZIP_STAT_COMP_SIZE) == 0) {
        return BG_FAIL(BG_XLSX_BAD);
    }
    part->xlsx = xlsx;
    part->packed = (int64_t)about.comp_size;
    part->file = zip_fopen_index(xlsx->zip, (zip_uint64_t)index, 0);
    if (part->file == NULL) {
        return BG_FAIL(BG_XLSX_BAD);
    }
    part->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (part->parser == NULL) {
        xlsx_part_close(part);
        return BG_FAIL(BG_NO_MEMORY);
    }
    XML_SetUserData(part->parser, part);
    XML_SetElementHandler(part->parser, on_start, on_end);
    XML_SetCharacterDataHandler(part->parser, on_text);
    XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
    *ret_found = true;
    return BG_DONE;
}

void xlsx_part_close(struct xlsx_part *part)
{
    if (part->parser != NULL) {
        XML_ParserFree(part->parser);
    }
    if (part->file != NULL) {
        (void)zip_fclose(part->file);
    }
    part->parser = NULL;
    part->file = NULL;
}

/* Unpacks one more piece into the parser. */
static bg_err part_feed(struct xlsx_part *part, enum XML_Status *ret_status)
{
    void *piece = XML_GetBuffer(part->parser, PIECE);
    if (piece == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    zip_int64_t len = zip_fread(part->file, piece, PIECE);
    if (len < 0) {
        return BG_FAIL(BG_XLSX_BAD);
    }
    part->unpacked += len;
    part->xlsx->unpacked += len;
    bool bomb = part->unpacked > (1 << 20) && part->unpacked / XLSX_RATIO_MAX > part->packed;
    if (part->xlsx->unpacked > XLSX_UNPACKED_MAX || bomb) {
        return BG_FAIL(BG_XLSX_LARGE);
    }
    part->ended = len == 0;
    *ret_status = XML_ParseBuffer(part->parser, (int)len, part->ended);
    return BG_DONE;
}

bg_err xlsx_part_run(struct xlsx_part *part)
{
    XML_ParsingStatus status;
    XML_GetParsingStatus(part->parser, &status);
    enum XML_Status result = XML_STATUS_OK;
    if (status.parsing == XML_SUSPENDED) {
        result = XML_ResumeParser(part->parser);
    }
    while (result == XML_STATUS_OK && !part->ended) {
        BG_TRY(part_feed(part, &result));
    }
    if (bg_failed(part->failed)) {
        return part->failed;
    }
    if (result == XML_STATUS_ERROR) {
        return BG_FAIL(XML_GetErrorCode(part->parser) == XML_ERROR_NO_MEMORY ? BG_NO_MEMORY : BG_XLSX_BAD);
    }
    return BG_DONE;
}
