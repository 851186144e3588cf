/* Encodings of text files: the first byte chooses one and how the bytes are cut into pieces. Piece by piece or at once, the decoder writes
 * and the guess judges the same; what is written is UTF-8. */
#include <stdlib.h>
#include <string.h>

#include "codec/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Decodes in pieces of `piece` bytes; false when the decoder refuses. */
static bool decode(enum text_encoding encoding, bg_str in, size_t piece, struct bg_buf *out)
{
    struct text_decoder *decoder;
    if (bg_failed(text_decoder_open(encoding, &decoder))) {
        return false;
    }
    bool good = true;
    size_t at = 0;
    do {
        bg_str part = bg_str_cut(in, at, at + piece);
        at += part.len;
        good = !bg_failed(text_decode(decoder, part, at == in.len, out));
    } while (good && at < in.len);
    text_decoder_close(decoder);
    return good;
}

static struct text_report judge(bg_str in, size_t piece)
{
    struct text_guess guess;
    text_guess_init(&guess);
    for (size_t at = 0; at < in.len; at += piece) {
        text_guess_feed(&guess, bg_str_cut(in, at, at + piece));
    }
    return text_guess_end(&guess);
}

static void try_encoding(enum text_encoding encoding, bg_str in, size_t piece)
{
    BG_SCOPED_BUF whole = bg_buf_init(1u << 20);
    BG_SCOPED_BUF parts = bg_buf_init(1u << 20);
    bool good = decode(encoding, in, in.len + 1, &whole);
    check(decode(encoding, in, piece, &parts) == good);
    if (good) {
        check(bg_str_eq(bg_buf_str(&whole), bg_buf_str(&parts)) && bg_utf8_valid(bg_buf_str(&whole)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4096) {
        return 0;
    }
    size_t piece = 1 + data[0] / TEXT_ENCODING_COUNT % 7;
    bg_str in = { (const char *)data + 1, size - 1 };
    struct text_report report = judge(in, in.len), again = judge(in, piece);
    check(report.encoding == again.encoding && report.bom == again.bom && report.certain == again.certain);
    check(report.encoding != TEXT_DETECT);
    enum text_encoding chosen = (enum text_encoding)(data[0] % TEXT_ENCODING_COUNT);
    try_encoding(chosen == TEXT_DETECT ? report.encoding : chosen, in, piece);
    enum text_encoding named;
    if (text_encoding_parse(in, &named) && named != TEXT_DETECT) {
        check(text_encoding_parse(bg_str_of(text_encoding_name(named)), &chosen) && chosen == named);
    }
    return 0;
}
