/* Which encoding a text file has, judged on all of it. */
#include "codec/text.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum text_encoding encoding;
} names[] = {
    { "utf-8", TEXT_UTF8 },
    { "utf8", TEXT_UTF8 },
    { "gb18030", TEXT_GB18030 },
    { "gbk", TEXT_GB18030 },
    { "gb2312", TEXT_GB18030 },
    { "cp936", TEXT_GB18030 },
    { "utf-16le", TEXT_UTF16LE },
    { "utf-16", TEXT_UTF16LE },
    { "utf16", TEXT_UTF16LE },
    { "utf-16be", TEXT_UTF16BE },
    { "windows-1252", TEXT_WINDOWS1252 },
    { "cp1252", TEXT_WINDOWS1252 },
    { "latin1", TEXT_WINDOWS1252 },
    { "iso-8859-1", TEXT_WINDOWS1252 },
    { "auto", TEXT_DETECT },
};

const char *text_encoding_name(enum text_encoding encoding)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].encoding == encoding) {
            return names[i].name; /* the first name of each is its own */
        }
    }
    return "";
}

bool text_encoding_parse(bg_str name, enum text_encoding *ret)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == name.len && strncasecmp(names[i].name, name.at, name.len) == 0) {
            *ret = names[i].encoding;
            return true;
        }
    }
    return false;
}

void text_guess_init(struct text_guess *guess)
{
    *guess = (struct text_guess){ .bytes = 0 };
}

/* Expected length of the UTF-8 sequence that `lead` begins; 0: it begins none. */
static unsigned utf8_length(unsigned char lead)
{
    return lead < 0x80                    ? 1
           : lead >= 0xC2 && lead <= 0xDF ? 2
           : lead >= 0xE0 && lead <= 0xEF ? 3
           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                          : 0;
}

static void utf8_feed(struct text_guess *guess, unsigned char byte)
{
    if (guess->utf8_len == 0) {
        unsigned length = utf8_length(byte);
        if (length == 0) {
            guess->utf8_bad++;
        } else if (length > 1) {
            guess->utf8_tail[guess->utf8_len++] = byte;
        }
        return;
    }
    if ((byte & 0xC0) != 0x80) { /* cut off: the sequence is bad, this byte starts anew */
        guess->utf8_bad += guess->utf8_len;
        guess->utf8_len = 0;
        utf8_feed(guess, byte);
        return;
    }
    guess->utf8_tail[guess->utf8_len++] = byte;
    if (guess->utf8_len == utf8_length(guess->utf8_tail[0])) {
        bool valid = bg_utf8_valid((bg_str){ (const char *)guess->utf8_tail, guess->utf8_len });
        guess->utf8_good += valid;
        guess->utf8_bad += valid ? 0 : guess->utf8_len;
        guess->utf8_len = 0;
    }
}

/* Punctuation and first-level characters of GB 2312: what ordinary Chinese text is made of. */
static bool gb_is_common(unsigned char lead, unsigned char trail)
{
    return trail >= 0xA1 && trail != 0xFF && ((lead >= 0xA1 && lead <= 0xA3) || (lead >= 0xB0 && lead <= 0xD7));
}

static void gb_feed(struct text_guess *guess, unsigned char byte)
{
    unsigned char *tail = guess->gb_tail;
    if (guess->gb_len == 0) {
        if (byte >= 0x81 && byte <= 0xFE) {
            tail[guess->gb_len++] = byte;
        } else if (byte >= 0x80) {
            guess->gb_bad++;
        }
        return;
    }
    bool digit = byte >= '0' && byte <= '9', lead = byte >= 0x81 && byte <= 0xFE;
    if (guess->gb_len == 1 && byte >= 0x40 && byte != 0x7F && byte != 0xFF) {
        guess->gb_good++;
        guess->gb_common += gb_is_common(tail[0], byte);
        guess->gb_len = 0;
    } else if ((guess->gb_len == 2 && lead) || (guess->gb_len != 2 && digit)) {
        tail[guess->gb_len++] = byte;
        if (guess->gb_len == 4) {
            guess->gb_good++;
            guess->gb_len = 0;
        }
    } else {
        guess->gb_bad++;
        guess->gb_len = 0;
        gb_feed(guess, byte);
    }
}

void text_guess_feed(struct text_guess *guess, bg_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];
        if (guess->bytes < sizeof guess->head) {
            guess->head[guess->bytes] = byte;
        }
        if (byte == 0) {
            *(guess->bytes % 2 == 0 ? &guess->nul_even : &guess->nul_odd) += 1;
        }
        if (byte >= 0x80 || guess->utf8_len > 0) {
            utf8_feed(guess, byte);
        }
        if (byte >= 0x80 || guess->gb_len > 0) {
            gb_feed(guess, byte);
        }
        guess->bytes++;
    }
}

struct text_report text_guess_end(struct text_guess *guess)
{
    const unsigned char *head = guess->head;
    guess->utf8_bad += guess->utf8_len;
    guess->gb_bad += guess->gb_len > 0;
    if (guess->bytes >= 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF) {
        return (struct text_report){ TEXT_UTF8, true, guess->utf8_bad == 0 };
    }
    if (guess->bytes >= 2 && guess->bytes % 2 == 0 && head[0] == 0xFF && head[1] == 0xFE) {
        return (struct text_report){ TEXT_UTF16LE, true, true };
    }
    if (guess->bytes >= 2 && guess->bytes % 2 == 0 && head[0] == 0xFE && head[1] == 0xFF) {
        return (struct text_report){ TEXT_UTF16BE, true, true };
    }
    if (guess->bytes >= 4 && guess->bytes % 2 == 0 &&
        guess->nul_even + guess->nul_odd > 0) { /* digits and commas have a zero half */
        bool little = guess->nul_odd > guess->nul_even;
        uint64_t most = little ? guess->nul_odd : guess->nul_even, least = little ? guess->nul_even : guess->nul_odd;
        if (most >= 2 && most * 20 >= guess->bytes && least * 10 <= most) {
            return (struct text_report){ little ? TEXT_UTF16LE : TEXT_UTF16BE, false, false };
        }
    }
    if (guess->utf8_bad == 0) {
        return (struct text_report){ TEXT_UTF8, false, true };
    }
    if (guess->utf8_good >= 4 * guess->utf8_bad) {
        return (struct text_report){ TEXT_UTF8, false, false };
    }
    if (guess->gb_good >= 20 * guess->gb_bad && guess->gb_common * 4 >= guess->gb_good * 3) {
        return (struct text_report){ TEXT_GB18030, false, false };
    }
    return (struct text_report){ TEXT_WINDOWS1252, false, false };
}
