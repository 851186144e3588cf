/* Structured log lines. */
#include "base/log.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"

#define LINE_MAX_BYTES 8192

static void open_line(const struct bg_log *log, enum bg_level level, const char *event, struct bg_buf *line)
{
    static const char *const words[] = { "debug", "info", "warn", "alert" };
    bg_json_object(line);
    bg_json_put_int(line, "ms", bg_now(log->env));
    bg_json_put_str(line, "level", bg_str_of(words[level]));
    bg_json_put_str(line, "event", bg_str_of(event));
}

static void send_line(const struct bg_log *log, struct bg_buf *line)
{
    bg_json_object_end(line);
    bg_buf_byte(line, '\n');
    if (!line->failed) {
        /* A full disk must not stop the server; the journal, not the log, is the record. */
        ssize_t written = write(log->fd, line->at, line->len);
        (void)written;
    }
}

void bg_log_line(const struct bg_log *log, enum bg_level level, const char *event, ...)
{
    if (log->fd < 0 || level < log->least) {
        return;
    }
    BG_SCOPED_BUF line = bg_buf_init(LINE_MAX_BYTES);
    open_line(log, level, event, &line);
    va_list args;
    va_start(args, event);
    const char *key;
    while ((key = va_arg(args, const char *)) != NULL) {
        const char *value = va_arg(args, const char *);
        if (value == NULL) {
            break;
        }
        bg_json_put_str(&line, key, bg_str_of(value));
    }
    va_end(args);
    send_line(log, &line);
}

void bg_log_error(const struct bg_log *log, enum bg_level level, const char *event, bg_err error)
{
    if (log->fd < 0 || level < log->least) {
        return;
    }
    BG_SCOPED_BUF line = bg_buf_init(LINE_MAX_BYTES);
    open_line(log, level, event, &line);
    bg_json_put_str(&line, "code", bg_str_of(bg_errors[error.code].slug));
    if (error.file != NULL) {
        bg_json_put_str(&line, "file", bg_str_of(error.file));
        bg_json_put_int(&line, "line", error.line);
    }
    if (error.field != NULL) {
        bg_json_put_str(&line, "field", bg_str_of(error.field));
    }
    if (error.facts != NULL) {
        bg_json_put_str(&line, "facts", bg_str_of(error.facts));
    }
    send_line(log, &line);
}
