/* Base45 (RFC 9285). */
#include "codec/base45.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

void base45_encode(bg_str bytes, struct bg_buf *out)
{
    size_t i = 0;
    for (; i + 1 < bytes.len; i += 2) {
        unsigned value = (unsigned)(unsigned char)bytes.at[i] * 256 + (unsigned char)bytes.at[i + 1];
        bg_buf_byte(out, alphabet[value % 45]);
        bg_buf_byte(out, alphabet[value / 45 % 45]);
        bg_buf_byte(out, alphabet[value / 2025]);
    }
    if (i < bytes.len) {
        unsigned value = (unsigned char)bytes.at[i];
        bg_buf_byte(out, alphabet[value % 45]);
        bg_buf_byte(out, alphabet[value / 45]);
    }
}

static bg_err base45_refuse(struct bg_arena *arena, size_t at)
{
    const char *facts = arena != NULL ? bg_arena_text(arena, "\"at\":%zu", at) : NULL;
    return BG_FAIL_WITH(BG_BASE45, "text", facts);
}

bg_err base45_decode(struct bg_arena *arena, bg_str text, struct bg_buf *out)
{
    static const unsigned weights[3] = { 1, 45, 2025 };
    for (size_t i = 0; i < text.len; i += 3) {
        size_t count = text.len - i < 3 ? text.len - i : 3;
        unsigned value = 0;
        for (size_t k = 0; k < count; k++) {
            const char *digit = memchr(alphabet, text.at[i + k], 45);
            if (digit == NULL) {
                return base45_refuse(arena, i + k);
            }
            value += (unsigned)(digit - alphabet) * weights[k];
        }
        if (count == 1 || value > (count == 3 ? 0xFFFFu : 0xFFu)) {
            return base45_refuse(arena, i);
        }
        if (count == 3) {
            bg_buf_byte(out, (char)(value >> 8));
        }
        bg_buf_byte(out, (char)(value & 0xFF));
    }
    return bg_buf_check(out);
}
