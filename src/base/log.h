/* Structured log: one JSON object a line to a file descriptor. Only programs (cli, http, work) log; libraries return errors. */
#ifndef BG_BASE_LOG_H
#define BG_BASE_LOG_H

#include "base/env.h"
#include "base/error.h"
#include "base/str.h"

enum bg_level { BG_DEBUG, BG_INFO, BG_WARN, BG_ALERT };

struct bg_log {
    int fd;               /* -1: silent */
    enum bg_level least;
    const struct bg_env *env;
};

/* bg_log_line(log, BG_WARN, "login.refused", "account", name, "origin", origin, NULL): pairs of key and NUL-terminated value, ended by
 * NULL. Values are escaped, so CR, LF and control bytes of an attacker cannot forge a line. At most 8 KiB a line, one write(2). */
void bg_log_line(const struct bg_log *log, enum bg_level level, const char *event, ...) __attribute__((sentinel));
/* The same for an error: slug, place, field, facts. */
void bg_log_error(const struct bg_log *log, enum bg_level level, const char *event, bg_err error);

#endif
