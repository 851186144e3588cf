/* What a file is, judged by its first bytes. What nobody needs as a paper of a supply (programs, archives, sound) is not taken. */
#include "record/inside.h"

#include <string.h>

static bool at_is(bg_str content, size_t at, const char *bytes, size_t len)
{
    return content.len >= at + len && memcmp(content.at + at, bytes, len) == 0;
}

static bool holds(bg_str part, const char *text)
{
    return part.len > 0 && memmem(part.at, part.len, text, strlen(text)) != NULL;
}

/* Office documents are zip archives that name their parts; the list of names stands at the end. */
static const char *office_of(bg_str content)
{
    bg_str tail = bg_str_cut(content, content.len > 65536 ? content.len - 65536 : 0, content.len);
    if (!holds(tail, "[Content_Types].xml") || holds(tail, "vbaProject.bin")) {
        return NULL;
    }
    if (holds(tail, "xl/workbook.xml")) {
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    }
    if (holds(tail, "word/document.xml")) {
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    }
    return holds(tail, "ppt/presentation.xml") ? "application/vnd.openxmlformats-officedocument.presentationml.presentation" : NULL;
}

static bool is_control(unsigned char byte)
{
    return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f';
}

/* Two bytes of GBK or four of GB18030 for everything beyond ASCII. */
static bool is_gb18030(bg_str content)
{
    const unsigned char *at = (const unsigned char *)content.at;
    for (size_t i = 0; i < content.len;) {
        if (at[i] < 0x80) {
            i++;
        } else if (i + 1 < content.len && at[i] >= 0x81 && at[i] <= 0xfe && at[i + 1] >= 0x40 && at[i + 1] != 0x7f && at[i + 1] != 0xff) {
            i += 2;
        } else if (i + 3 < content.len && at[i] >= 0x81 && at[i] <= 0xfe && at[i + 1] >= '0' && at[i + 1] <= '9') {
            i += 4;
        } else {
            return false;
        }
    }
    return true;
}

static const char *text_of(bg_str content)
{
    for (size_t i = 0; i < content.len; i++) {
        if (is_control((unsigned char)content.at[i])) {
            return NULL;
        }
    }
    if (bg_utf8_valid(content)) {
        return "text/plain; charset=utf-8";
    }
    return is_gb18030(content) ? "text/plain; charset=gb18030" : NULL;
}

const char *record_media_of(bg_str content)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t len;
        const char *media;
    } magics[] = {
        { 0, "\x89PNG\r\n\x1a\n", 8, "image/png" }, { 0, "\xff\xd8\xff", 3, "image/jpeg" },
        { 0, "GIF87a", 6, "image/gif" },            { 0, "GIF89a", 6, "image/gif" },
        { 8, "WEBP", 4, "image/webp" },             { 4, "ftypheic", 8, "image/heic" },
        { 4, "ftypheix", 8, "image/heic" },         { 4, "ftypmif1", 8, "image/heic" },
        { 0, "%PDF-", 5, "application/pdf" },
    };
    if (content.len == 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        bool riff = strcmp(magics[i].media, "image/webp") != 0 || at_is(content, 0, "RIFF", 4);
        if (riff && at_is(content, magics[i].at, magics[i].bytes, magics[i].len)) {
            return magics[i].media;
        }
    }
    return at_is(content, 0, "PK\x03\x04", 4) ? office_of(content) : text_of(content);
}
