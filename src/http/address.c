/* Where to listen, and who calls. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/inner.h"

#define BACKLOG 1024

void address_text(const struct sockaddr *address, char out[48])
{
    (void)snprintf(out, 48, "local");
    if (address == NULL) {
        return;
    }
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        (void)inet_ntop(AF_INET, &in.sin_addr, out, 48);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
            (void)inet_ntop(AF_INET, in6.sin6_addr.s6_addr + 12, out, 48);
        } else {
            (void)inet_ntop(AF_INET6, &in6.sin6_addr, out, 48);
        }
    }
}

static bg_err listen_unix(const char *path, int *ret_fd, char unix_path[108])
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        return BG_FAIL_AT(BG_HTTP_LISTEN, "listen");
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return BG_FAIL_AT(BG_HTTP_LISTEN, "listen");
    }
    /* A socket left by a killed process would block the way; the database's lock says that nobody else serves it. */
    (void)unlink(path);
    mode_t before = umask(0177);
    bool bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    (void)umask(before);
    if (!bound || listen(fd, BACKLOG) != 0) {
        (void)close(fd);
        return BG_FAIL_AT(BG_HTTP_LISTEN, "listen");
    }
    memcpy(unix_path, path, strlen(path) + 1);
    *ret_fd = fd;
    return BG_DONE;
}

/* "HOST:PORT" into host and port; an IPv6 host stands in brackets; an empty host means every address. */
static bool split(const char *listen, char host[256], char port[8])
{
    const char *colon = strrchr(listen, ':');
    if (colon == NULL || strlen(colon + 1) == 0 || strlen(colon + 1) > 5 || (size_t)(colon - listen) > 255) {
        return false;
    }
    size_t len = (size_t)(colon - listen);
    const char *from = listen;
    if (len >= 2 && listen[0] == '[' && listen[len - 1] == ']') {
        from++;
        len -= 2;
    }
    memcpy(host, from, len);
    host[len] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    int64_t number;
    return bg_str_int(bg_str_of(port), &number) && number >= 0 && number <= 65535;
}

static int bind_one(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    int on = 1, off = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void url_of(int fd, bool tls, char *url, size_t size)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char host[48] = "127.0.0.1";
    int port = 0;
    if (getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        address_text((const struct sockaddr *)&address, host);
        in_port_t net = 0;
        size_t offset = address.ss_family == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_port) : offsetof(struct sockaddr_in, sin_port);
        memcpy(&net, (const char *)&address + offset, sizeof net);
        port = ntohs(net);
    }
    bool every = strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
    const char *shown = every ? "127.0.0.1" : host;
    bool bracket = strchr(shown, ':') != NULL;
    (void)snprintf(url, size, "%s://%s%s%s:%d", tls ? "https" : "http", bracket ? "[" : "", shown, bracket ? "]" : "", port);
}

bg_err address_listen(const char *listen, bool tls, int *ret_fd, char *url, size_t url_size, char unix_path[108])
{
    if (strncmp(listen, "unix:", 5) == 0) {
        (void)snprintf(url, url_size, "%s", listen);
        return listen_unix(listen + 5, ret_fd, unix_path);
    }
    char host[256], port[8];
    if (!split(listen, host, port)) {
        return BG_FAIL_AT(BG_HTTP_LISTEN, "listen");
    }
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_family = AF_UNSPEC }, *list = NULL;
    /* Every address: one IPv6 socket takes both families; without IPv6 the second try binds IPv4. */
    if (host[0] == '\0') {
        hints.ai_family = AF_INET6;
    }
    int fd = -1;
    for (int attempt = 0; attempt < 2 && fd < 0; attempt++) {
        if (getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &list) == 0) {
            for (const struct addrinfo *at = list; at != NULL && fd < 0; at = at->ai_next) {
                fd = bind_one(at);
            }
            freeaddrinfo(list);
        }
        hints.ai_family = AF_INET;
    }
    if (fd < 0) {
        return BG_FAIL_AT(BG_HTTP_LISTEN, "listen");
    }
    url_of(fd, tls, url, url_size);
    *ret_fd = fd;
    return BG_DONE;
}
