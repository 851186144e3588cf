/* Text of any accepted encoding into UTF-8, piece by piece; damage becomes U+FFFD where it stands. */
#include "codec/text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"
#define NO_ICONV ((iconv_t)-1)

struct text_decoder {
    enum text_encoding encoding;
    bool started; /* past the place of a byte order mark */
    iconv_t gb;
    char tail[8]; /* the beginning of a sequence that the last piece cut off */
    size_t tail_len;
    int32_t high; /* UTF-16: a high surrogate that waits for its low one; 0: none */
};

bg_err text_decoder_open(enum text_encoding encoding, struct text_decoder **ret)
{
    struct text_decoder *decoder = bg_heap_get(sizeof *decoder);
    BG_TRY(bg_need(decoder));
    decoder->encoding = encoding;
    decoder->gb = NO_ICONV;
    if (encoding == TEXT_GB18030) {
        decoder->gb = iconv_open("UTF-8", "GB18030");
        if (decoder->gb == NO_ICONV) {
            text_decoder_close(decoder);
            return BG_FAIL_AT(BG_TEXT_ENCODING, "encoding");
        }
    }
    *ret = decoder;
    return BG_DONE;
}

void text_decoder_close(struct text_decoder *decoder)
{
    if (decoder != NULL && decoder->gb != NO_ICONV) {
        (void)iconv_close(decoder->gb);
    }
    bg_heap_free(decoder);
}

static void put_point(struct bg_buf *out, int32_t point)
{
    char bytes[4];
    size_t len = bg_utf8_put(point, bytes);
    bg_buf_add(out, len > 0 ? (bg_str){ bytes, len } : BG_STR(REPLACEMENT));
}

/* Length that the lead byte promises; 0 for a byte that begins nothing. */
static size_t utf8_length(unsigned char lead)
{
    return lead < 0x80                    ? 1
           : lead >= 0xC2 && lead <= 0xDF ? 2
           : lead >= 0xE0 && lead <= 0xEF ? 3
           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                          : 0;
}

/* Each decode_… takes whole sequences from `in` and returns how many bytes it took; the rest is a cut-off sequence. */
static size_t decode_utf8(bg_str in, bool last, struct bg_buf *out)
{
    size_t pos = 0;
    while (pos < in.len) {
        size_t plain = pos;
        while (plain < in.len && (unsigned char)in.at[plain] < 0x80) {
            plain++;
        }
        bg_buf_add(out, bg_str_cut(in, pos, plain));
        pos = plain;
        if (pos == in.len) {
            break;
        }
        size_t want = utf8_length((unsigned char)in.at[pos]), have = 1;
        while (have < want && pos + have < in.len && ((unsigned char)in.at[pos + have] & 0xC0) == 0x80) {
            have++;
        }
        if (want > have && pos + have == in.len && !last) {
            break;
        }
        bg_str sequence = bg_str_cut(in, pos, pos + want);
        if (want == have && bg_utf8_valid(sequence)) {
            bg_buf_add(out, sequence);
            pos += want;
        } else {
            bg_buf_add(out, BG_STR(REPLACEMENT));
            pos++;
        }
    }
    return pos;
}

static size_t decode_utf16(struct text_decoder *decoder, bg_str in, bool last, struct bg_buf *out)
{
    bool little = decoder->encoding == TEXT_UTF16LE;
    size_t pos = 0;
    for (; pos + 1 < in.len; pos += 2) {
        unsigned char first = (unsigned char)in.at[pos], second = (unsigned char)in.at[pos + 1];
        int32_t unit = little ? first | second << 8 : first << 8 | second;
        bool low = unit >= 0xDC00 && unit <= 0xDFFF;
        if (decoder->high != 0) {
            put_point(out, low ? 0x10000 + ((decoder->high - 0xD800) << 10) + (unit - 0xDC00) : 0xD800);
            decoder->high = 0;
            if (low) {
                continue;
            }
        }
        if (unit >= 0xD800 && unit <= 0xDBFF) {
            decoder->high = unit;
        } else {
            put_point(out, unit);
        }
    }
    if (last && (decoder->high != 0 || pos < in.len)) {
        bg_buf_add(out, BG_STR(REPLACEMENT));
        decoder->high = 0;
        pos = in.len;
    }
    return pos;
}

static size_t decode_gb(struct text_decoder *decoder, bg_str in, bool last, struct bg_buf *out)
{
    size_t pos = 0;
    while (pos < in.len) {
        char utf8[4096];
        char *from = (char *)(uintptr_t)(in.at + pos), *to = utf8;
        size_t from_left = in.len - pos, to_left = sizeof utf8;
        size_t done = iconv(decoder->gb, &from, &from_left, &to, &to_left);
        int reason = errno;
        bg_buf_add(out, (bg_str){ utf8, sizeof utf8 - to_left });
        pos = in.len - from_left;
        if (done != (size_t)-1 || reason == E2BIG) {
            continue;
        }
        if (reason == EINVAL && !last) {
            break;
        }
        bg_buf_add(out, BG_STR(REPLACEMENT));
        pos++;
        (void)iconv(decoder->gb, NULL, NULL, NULL, NULL);
    }
    return pos;
}

static size_t decode_windows1252(bg_str in, struct bg_buf *out)
{
    static const uint16_t high[32] = { 0x20AC, 0xD800, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                       0x2039, 0x0152, 0xD800, 0x017D, 0xD800, 0xD800, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                       0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xD800, 0x017E, 0x0178 };
    for (size_t i = 0; i < in.len; i++) {
        unsigned char byte = (unsigned char)in.at[i];
        put_point(out, byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : byte); /* 0xD800: unassigned, comes out as U+FFFD */
    }
    return in.len;
}

static size_t decode_piece(struct text_decoder *decoder, bg_str in, bool last, struct bg_buf *out)
{
    switch (decoder->encoding) {
    case TEXT_UTF16LE:
    case TEXT_UTF16BE: return decode_utf16(decoder, in, last, out);
    case TEXT_GB18030: return decode_gb(decoder, in, last, out);
    case TEXT_WINDOWS1252: return decode_windows1252(in, out);
    case TEXT_DETECT:
    case TEXT_UTF8:
    case TEXT_ENCODING_COUNT: break;
    }
    return decode_utf8(in, last, out);
}

/* Drops U+FEFF at the very start of what was decoded. */
static void drop_mark(struct text_decoder *decoder, struct bg_buf *out, size_t from)
{
    if (decoder->started || out->len == from) {
        return;
    }
    decoder->started = true;
    if (bg_str_starts(bg_str_cut(bg_buf_str(out), from, out->len), BG_STR("\xEF\xBB\xBF"))) {
        memmove(out->at + from, out->at + from + 3, out->len - from - 3);
        out->len -= 3;
    }
}

bg_err text_decode(struct text_decoder *decoder, bg_str in, bool last, struct bg_buf *out)
{
    size_t from = out->len;
    /* First the sequence that began in the last piece: completed byte by byte, it is at most 4 long. */
    while (decoder->tail_len > 0 && (in.len > 0 || last)) {
        if (in.len > 0 && decoder->tail_len < sizeof decoder->tail) {
            decoder->tail[decoder->tail_len++] = in.at[0];
            in = bg_str_cut(in, 1, in.len);
        }
        bool end = last && in.len == 0;
        size_t took = decode_piece(decoder, (bg_str){ decoder->tail, decoder->tail_len }, end, out);
        decoder->tail_len -= took;
        memmove(decoder->tail, decoder->tail + took, decoder->tail_len);
    }
    size_t took = decode_piece(decoder, in, last, out);
    decoder->tail_len += in.len - took;
    if (in.len > took) {
        memcpy(decoder->tail, in.at + took, in.len - took);
    }
    BG_TRY(bg_buf_check(out));
    drop_mark(decoder, out, from);
    return BG_DONE;
}
