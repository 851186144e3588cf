/* Answers: bytes, problem documents, static assets. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "http/inner.h"

#define FILE_MAX_BYTES (16 * 1024 * 1024)

struct MHD_Response *response_add(struct MHD_Response *response, const char *media, const struct http_head *heads, size_t count)
{
    if (response == NULL) {
        return NULL;
    }
    if (media != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", media);
    }
    for (size_t i = 0; i < count; i++) {
        (void)MHD_add_response_header(response, heads[i].name, heads[i].value);
    }
    return response;
}

/* Without memory for an answer the connection must still not hang: one byte of static text needs next to none. */
static void answer_bytes(struct conn *conn, int status, const char *media, bg_str body, const struct http_head *heads, size_t count)
{
    union {
        const char *in;
        void *out;
    } at = { .in = body.at };
    struct MHD_Response *response = MHD_create_response_from_buffer(body.len, at.out, MHD_RESPMEM_PERSISTENT);
    conn_answer(conn, status, response_add(response, media, heads, count));
}

void http_reply(struct http_request *rq, int status, const char *media, const struct http_head *heads, size_t count)
{
    struct conn *conn = (struct conn *)rq;
    if (conn->reply.failed) {
        conn_refuse(conn, bg_buf_check(&conn->reply));
        return;
    }
    answer_bytes(conn, status, media, bg_buf_str(&conn->reply), heads, count);
}

void http_reply_static(struct http_request *rq, int status, const char *media, bg_str body, const struct http_head *heads,
                       size_t count)
{
    answer_bytes((struct conn *)rq, status, media, body, heads, count);
}

void http_problem(bg_err err, bg_str id, struct bg_buf *out)
{
    const struct bg_error_info *info = &bg_errors[err.code];
    char text[200];
    bg_json_object(out);
    (void)snprintf(text, sizeof text, "urn:baogong:problem:%s", info->slug);
    bg_json_put_str(out, "type", bg_str_of(text));
    bg_json_put_str(out, "title", bg_str_of(info->zh));
    bg_json_put_str(out, "title_en", bg_str_of(info->en));
    bg_json_put_int(out, "status", info->status);
    bg_json_put_str(out, "code", bg_str_of(info->slug));
    /* A long field name is cut; http_problem must not fail for lack of memory. */
    (void)snprintf(text, sizeof text, "%s%s%.80s", info->zh, err.field != NULL ? "：" : "", err.field != NULL ? err.field : "");
    bg_json_put_str(out, "detail", bg_str_of(text));
    (void)snprintf(text, sizeof text, "%s%s%.80s", info->en, err.field != NULL ? ": " : "", err.field != NULL ? err.field : "");
    bg_json_put_str(out, "detail_en", bg_str_of(text));
    if (err.field != NULL) {
        bg_json_put_str(out, "field", bg_str_of(err.field));
    }
    if (err.facts != NULL) {
        bg_json_key(out, "facts");
        bg_json_object(out);
        bg_buf_add(out, bg_str_of(err.facts));
        bg_json_object_end(out);
    }
    bg_json_put_str(out, "remedy", bg_str_of(info->remedy_zh));
    bg_json_put_str(out, "remedy_en", bg_str_of(info->remedy_en));
    bg_json_put_str(out, "id", id);
    bg_json_object_end(out);
}

void conn_refuse(struct conn *conn, bg_err err)
{
    static const struct http_head heads[] = { { "Cache-Control", "no-store" }, { "X-Content-Type-Options", "nosniff" } };
    (void)atomic_fetch_add_explicit(&conn->server->refused, 1, memory_order_relaxed);
    bg_buf_done(&conn->reply);
    http_problem(err, BG_STR(""), &conn->reply);
    bg_str body = conn->reply.failed ? BG_STR("{}") : bg_buf_str(&conn->reply);
    answer_bytes(conn, bg_errors[err.code].status, "application/problem+json", body, heads, 2);
}

/* --- assets --- */

static const struct http_asset *asset_find(const struct http_assets *assets, bg_str path)
{
    size_t low = 0, high = assets->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bg_str_order(path, bg_str_of(assets->list[middle].path));
        if (order == 0) {
            return &assets->list[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* True when `list` ("gzip, br;q=0.5") has `word` with a quality above zero. */
static bool accepts(bg_str list, const char *word)
{
    while (list.len > 0) {
        size_t end = bg_str_find(list, ',');
        bg_str item = bg_str_cut(list, 0, end);
        list = bg_str_cut(list, end + 1, list.len);
        size_t semicolon = bg_str_find(item, ';');
        if (!bg_str_is(bg_str_trim(bg_str_cut(item, 0, semicolon)), word)) {
            continue;
        }
        bg_str quality = bg_str_trim(bg_str_cut(item, semicolon + 1, item.len));
        return !(bg_str_is(quality, "q=0") || bg_str_starts(quality, BG_STR("q=0.0")));
    }
    return false;
}

/* True when If-None-Match names this tag; weak comparison, as a GET asks for. */
static bool matches(bg_str list, bg_str tag)
{
    while (list.len > 0) {
        size_t end = bg_str_find(list, ',');
        bg_str item = bg_str_trim(bg_str_cut(list, 0, end));
        list = bg_str_cut(list, end + 1, list.len);
        if (bg_str_starts(item, BG_STR("W/"))) {
            item = bg_str_cut(item, 2, item.len);
        }
        if (bg_str_eq(item, tag) || bg_str_is(item, "*")) {
            return true;
        }
    }
    return false;
}

bool http_unchanged(const struct http_request *rq, bg_str tag)
{
    bg_str list = http_header(rq, "If-None-Match");
    return list.len > 0 && matches(list, tag);
}

/* The plain bytes of an asset into the reply buffer, for the few clients that take neither br nor gzip. */
static bool inflate_asset(const struct http_asset *asset, struct bg_buf *out)
{
    z_stream z = { 0 };
    if (inflateInit2(&z, 15 + 16) != Z_OK) {
        return false;
    }
    z.next_in = asset->gz;
    z.avail_in = (uInt)asset->gz_size;
    int result = Z_OK;
    while (result == Z_OK) {
        unsigned char part[16384];
        z.next_out = part;
        z.avail_out = sizeof part;
        result = inflate(&z, Z_NO_FLUSH);
        bg_buf_add(out, (bg_str){ (const char *)part, sizeof part - z.avail_out });
    }
    (void)inflateEnd(&z);
    return result == Z_STREAM_END && !out->failed;
}

struct asset_answer {
    const struct http_head *heads;
    size_t count;
    bool immutable;
    const char *encoding, *tag;
};

static void answer_asset(struct conn *conn, const char *media, bg_str body, const struct asset_answer *how)
{
    const struct http_head own[] = {
        { "Cache-Control", how->immutable ? "public, max-age=31536000, immutable" : "no-cache" },
        { "Vary", "Accept-Encoding" },
        { "ETag", how->tag },
        { "Content-Encoding", how->encoding != NULL ? how->encoding : "identity" },
    };
    bool same = how->tag[0] != '\0' && http_unchanged(&conn->rq, bg_str_of(how->tag));
    size_t own_count = how->encoding != NULL && !same ? 4 : 3;
    union {
        const char *in;
        void *out;
    } at = { .in = body.at };
    struct MHD_Response *response = MHD_create_response_from_buffer(same ? 0 : body.len, at.out, MHD_RESPMEM_PERSISTENT);
    response = response_add(response, same ? NULL : media, own, own_count);
    conn_answer(conn, same ? 304 : 200, response_add(response, NULL, how->heads, how->count));
}

static const char *media_of(bg_str path)
{
    static const struct {
        const char *ending, *media;
    } known[] = {
        { ".html", "text/html; charset=utf-8" },
        { ".js", "text/javascript; charset=utf-8" },
        { ".css", "text/css; charset=utf-8" },
        { ".json", "application/json" },
        { ".svg", "image/svg+xml" },
        { ".wasm", "application/wasm" },
        { ".png", "image/png" },
        { ".webmanifest", "application/manifest+json" },
        { ".ico", "image/x-icon" },
        { ".txt", "text/plain; charset=utf-8" },
        { ".woff2", "font/woff2" },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (bg_str_ends(path, bg_str_of(known[i].ending))) {
            return known[i].media;
        }
    }
    return "application/octet-stream";
}

/* Letters, digits and -_./ only, no empty or dotted component: nothing can climb out of the folder. */
static bool path_plain(bg_str path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                     c == '.' || c == '/';
        if (!plain || (c == '/' && i + 1 < path.len && (path.at[i + 1] == '.' || path.at[i + 1] == '/'))) {
            return false;
        }
    }
    return path.len > 1 && path.at[path.len - 1] != '/';
}

static bool reply_file(struct conn *conn, const struct http_assets *assets, bg_str path, const struct http_head *heads,
                       size_t count)
{
    if (!path_plain(path)) {
        return false;
    }
    const char *name = bg_arena_text(conn->rq.arena, "%s%.*s", assets->dir, BG_STR_FMT(path));
    int fd = name != NULL ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0) {
        return false;
    }
    struct stat stat;
    bool good = fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size <= FILE_MAX_BYTES;
    ssize_t got = 0;
    while (good) {
        char part[16384];
        got = read(fd, part, sizeof part);
        if (got <= 0) {
            break;
        }
        bg_buf_add(&conn->reply, (bg_str){ part, (size_t)got });
    }
    (void)close(fd);
    if (!good || got < 0 || conn->reply.failed) {
        bg_buf_clear(&conn->reply);
        return false;
    }
    answer_asset(conn, media_of(path), bg_buf_str(&conn->reply),
                 &(struct asset_answer){ .heads = heads, .count = count, .tag = "" });
    return true;
}

bool http_reply_asset(struct http_request *rq, const struct http_assets *assets, bg_str path, const struct http_head *heads,
                      size_t count)
{
    struct conn *conn = (struct conn *)rq;
    if (assets->dir != NULL) {
        return reply_file(conn, assets, path, heads, count);
    }
    const struct http_asset *asset = asset_find(assets, path);
    if (asset == NULL) {
        return false;
    }
    bg_str encodings = http_header(rq, "Accept-Encoding");
    bool br = asset->br != NULL && accepts(encodings, "br"), gz = accepts(encodings, "gzip");
    struct asset_answer how = { .heads = heads, .count = count, .immutable = asset->immutable };
    how.encoding = br ? "br" : gz ? "gzip" : NULL;
    how.tag = bg_arena_text(rq->arena, "\"%s%s\"", asset->etag, br ? "-br" : gz ? "-gz" : "");
    bg_str body = br ? (bg_str){ (const char *)asset->br, asset->br_size } : (bg_str){ (const char *)asset->gz, asset->gz_size };
    if (how.tag == NULL) {
        return false;
    }
    if (!br && !gz) {
        if (!inflate_asset(asset, &conn->reply)) {
            return false;
        }
        body = bg_buf_str(&conn->reply);
    }
    answer_asset(conn, asset->media, body, &how);
    return true;
}
