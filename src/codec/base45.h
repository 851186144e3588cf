/* Base45 (RFC 9285): bytes as characters of a QR Code's alphanumeric mode, two bytes in three characters. */
#ifndef BG_CODEC_BASE45_H
#define BG_CODEC_BASE45_H

#include "base/base.h"

void base45_encode(bg_str bytes, struct bg_buf *out);
/* Strict: only the 45 characters (no lower case), whole groups, no group above 65535 or 255. BG_BASE45 with {"at"} in the arena
 * (NULL: no facts); `out` then holds what came before. */
bg_err base45_decode(struct bg_arena *arena, bg_str text, struct bg_buf *out);

#endif
