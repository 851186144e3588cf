/* Encodings of text files: which one a file has, and turning it into UTF-8 without ever losing a place. */
#ifndef BG_CODEC_TEXT_H
#define BG_CODEC_TEXT_H

#include "base/base.h"

enum text_encoding {
    TEXT_DETECT,
    TEXT_UTF8,
    TEXT_GB18030, /* GBK and GB 2312 are parts of it */
    TEXT_UTF16LE,
    TEXT_UTF16BE,
    TEXT_WINDOWS1252, /* Western European; the last resort */
    TEXT_ENCODING_COUNT
};
/* "utf-8", "gb18030", … */
const char *text_encoding_name(enum text_encoding encoding);
/* Also gbk, gb2312, cp936, utf8, utf-16 (little endian), latin1, in any case; "auto" is TEXT_DETECT. */
bool text_encoding_parse(bg_str name, enum text_encoding *ret);

struct text_report {
    enum text_encoding encoding;
    bool bom; /* a byte order mark says so */
    bool certain; /* false: a guess that a person should look at */
};

/* Judges an encoding on all bytes of a file, fed in pieces. In this order: a byte order mark; NUL bytes at every other place
 * (UTF-16); valid UTF-8; damaged UTF-8 (four good sequences for each bad byte: row errors will name the damage); GB18030, when it
 * decodes and what it says is mostly common characters; else Windows-1252. Anything but the first and the third is a guess. */
struct text_guess {
    uint64_t bytes;
    unsigned char head[4];
    uint64_t nul_even, nul_odd;
    uint64_t utf8_good, utf8_bad;
    uint64_t gb_good, gb_common, gb_bad;
    unsigned char utf8_tail[4], gb_tail[4];
    unsigned utf8_len, gb_len;
};
void text_guess_init(struct text_guess *guess);
void text_guess_feed(struct text_guess *guess, bg_str bytes);
struct text_report text_guess_end(struct text_guess *guess);

/* Decodes piece by piece. What cannot be decoded becomes U+FFFD, one for each bad byte or unit, so that the row it stands in can
 * be named. A byte order mark at the start is dropped. */
struct text_decoder;
/* Not TEXT_DETECT. BG_TEXT_ENCODING: this machine's iconv lacks it. */
bg_err text_decoder_open(enum text_encoding encoding, struct text_decoder **ret);
void text_decoder_close(struct text_decoder *decoder); /* accepts NULL */
/* Appends the UTF-8 of `in` to `out`. `last`: the text ends here, a cut-off sequence is damage. */
bg_err text_decode(struct text_decoder *decoder, bg_str in, bool last, struct bg_buf *out);

#endif
