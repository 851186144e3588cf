/* A client for one request over a unix socket; the server is ours, so its answers are plain. */
#include "cli/admin.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool admin_path(const char *db, char out[108])
{
    bg_str s = bg_str_of(db);
    if (bg_str_starts(s, BG_STR("postgres:")) || bg_str_starts(s, BG_STR("postgresql:")) || bg_str_is(s, ":memory:")) {
        return false;
    }
    if (bg_str_starts(s, BG_STR("file:"))) {
        s = bg_str_cut(s, 5, s.len);
        s = bg_str_cut(s, 0, bg_str_find(s, '?'));
    }
    if (s.len == 0 || s.len + 6 > 108) {
        return false;
    }
    memcpy(out, s.at, s.len);
    memcpy(out + s.len, ".sock", 6);
    return true;
}

void admin_put_encoded(struct bg_buf *out, bg_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != 0 && strchr("/._-", c) != NULL);
        if (plain) {
            bg_buf_byte(out, (char)c);
        } else {
            bg_buf_print(out, "%%%02X", c);
        }
    }
}

static bool send_all(int fd, bg_str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes = bg_str_cut(bytes, (size_t)sent, bytes.len);
    }
    return true;
}

/* "HTTP/1.1 200 OK\r\n…\r\n\r\nbody" */
static bg_err split_answer(bg_str all, struct bg_buf *answer, int *ret_status)
{
    int64_t status;
    if (!bg_str_starts(all, BG_STR("HTTP/1.1 ")) || !bg_str_int(bg_str_cut(all, 9, 12), &status)) {
        return BG_FAIL(BG_BUSY);
    }
    for (size_t i = 0; i + 4 <= all.len; i++) {
        if (memcmp(all.at + i, "\r\n\r\n", 4) == 0) {
            bg_buf_add(answer, bg_str_cut(all, i + 4, all.len));
            *ret_status = (int)status;
            return bg_buf_check(answer);
        }
    }
    return BG_FAIL(BG_BUSY);
}

bg_err admin_post(const char *db, const char *target, struct bg_buf *answer, int *ret_status, bool *ret_found)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    *ret_found = false;
    if (!admin_path(db, address.sun_path)) {
        return BG_DONE;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return BG_FAIL(BG_NO_MEMORY);
    }
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return BG_DONE;
    }
    *ret_found = true;
    BG_SCOPED_BUF request = bg_buf_init(16384);
    BG_SCOPED_BUF all = bg_buf_init(16u << 20);
    bg_buf_print(&request, "POST %s HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n", target);
    bool good = !request.failed && send_all(fd, bg_buf_str(&request));
    char part[16384];
    ssize_t got = 0;
    while (good && (got = recv(fd, part, sizeof part, 0)) > 0) {
        bg_buf_add(&all, (bg_str){ part, (size_t)got });
    }
    (void)close(fd);
    if (!good || got < 0) {
        return BG_FAIL(BG_BUSY);
    }
    return split_answer(bg_buf_str(&all), answer, ret_status);
}
