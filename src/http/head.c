/* Request smuggling lives on heads that two parsers read differently. libmicrohttpd 0.9.75 is lenient (bare LF, folded lines, blanks
 * before the colon, two lengths), so every head is checked once more here, and anything ambiguous ends the connection. */
#include <string.h>
#include <strings.h>

#include "http/inner.h"

struct look {
    struct conn *conn;
    const char *end;      /* of the value before this header, or of the version */
    int heads, lengths, hosts;
    bool coded, strict, bad;
    bg_str length;
};

/* RFC 9110 5.6.2: characters of a token. */
static bool is_token(unsigned char c)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != 0 && strchr(others, c) != NULL);
}

static bool is_name(const char *key, size_t size, const char *name)
{
    return strlen(name) == size && strncasecmp(key, name, size) == 0;
}

static enum MHD_Result look_at(void *ctx, enum MHD_ValueKind kind, const char *key, size_t key_size, const char *value, size_t value_size)
{
    struct look *look = ctx;
    (void)kind;
    look->heads++;
    /* libmicrohttpd parses in place and writes NUL over CR and LF; so between two lines stand exactly two NULs. One means a bare LF, a
     * greater distance a NUL inside, another place a folded line. */
    if (look->strict && key != look->end + 2) {
        look->bad = true;
    }
    look->end = value + value_size;
    for (size_t i = 0; i < key_size; i++) {
        look->bad = look->bad || !is_token((unsigned char)key[i]);
    }
    for (size_t i = 0; i < value_size; i++) {
        unsigned char c = (unsigned char)value[i];
        look->bad = look->bad || (c < 0x20 && c != '\t') || c == 0x7F;
    }
    if (key_size == 0) {
        look->bad = true;
    } else if (is_name(key, key_size, "Content-Length")) {
        look->lengths++;
        look->length = (bg_str){ value, value_size };
    } else if (is_name(key, key_size, "Transfer-Encoding")) {
        look->coded = true;
    } else if (is_name(key, key_size, "Host")) {
        look->hosts++;
    }
    return look->bad ? MHD_NO : MHD_YES;
}

/* Digits only, no sign, no list, below 2^62. */
static bool length_parse(bg_str s, uint64_t *ret)
{
    if (s.len == 0 || s.len > 18) {
        return false;
    }
    uint64_t length = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') {
            return false;
        }
        length = length * 10 + (uint64_t)(s.at[i] - '0');
    }
    *ret = length;
    return true;
}

static bool method_known(const char *method)
{
    static const char *const known[] = { "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH" };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i], method) == 0) {
            return true;
        }
    }
    return false;
}

bg_err head_check(struct conn *conn, const char *method, const char *version)
{
    struct look look = { .conn = conn, .end = version + strlen(version), .strict = strcmp(MHD_get_version(), "0.9.75") == 0 };
    if (!method_known(method)) {
        return BG_FAIL(BG_HTTP_METHOD);
    }
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) {
        return BG_FAIL(BG_HTTP_MALFORMED);
    }
    if (conn->target == NULL) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    if (conn->target[0] != '/') {
        return BG_FAIL(BG_HTTP_MALFORMED);
    }
    (void)MHD_get_connection_values_n(conn->mhd, MHD_HEADER_KIND, look_at, &look);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    size_t size = info != NULL ? info->header_size : 0;
    if (look.bad || look.hosts > 1 || look.lengths > 1 || (look.hosts == 0 && strcmp(version, "HTTP/1.1") == 0)) {
        return BG_FAIL(BG_HTTP_MALFORMED);
    }
    /* The last line's end and the empty line: four bytes. */
    if (look.strict && look.end + 4 != method + size) {
        return BG_FAIL(BG_HTTP_MALFORMED);
    }
    if (look.coded) {
        return BG_FAIL(look.lengths > 0 ? BG_HTTP_MALFORMED : BG_HTTP_LENGTH);
    }
    if (size > HEAD_MAX_BYTES || look.heads > HEADS_MAX) {
        return BG_FAIL(BG_HTTP_HEAD_SIZE);
    }
    if (strlen(conn->target) > TARGET_MAX_BYTES) {
        return BG_FAIL(BG_HTTP_TARGET_SIZE);
    }
    conn->length = 0;
    if (look.lengths == 1 && !length_parse(look.length, &conn->length)) {
        return BG_FAIL(BG_HTTP_MALFORMED);
    }
    conn->has_body = conn->length > 0;
    return BG_DONE;
}
