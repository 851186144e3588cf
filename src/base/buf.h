/* A growable byte buffer with a stated maximum, and a streaming JSON writer on it. Failure is sticky: write freely, ask once at the end. */
#ifndef BG_BASE_BUF_H
#define BG_BASE_BUF_H

#include "base/error.h"
#include "base/str.h"

struct bg_buf {
    char *at;     /* owned; heap */
    size_t len, room, max;
    bool failed;  /* a write went past `max` or memory was out; later writes do nothing */
    bool starved; /* it was memory */
    bool comma;   /* JSON: the next value or key needs a comma before it */
};

/* An empty buffer that refuses to hold more than `max` bytes. */
struct bg_buf bg_buf_init(size_t max);
void bg_buf_done(struct bg_buf *buf); /* frees; the buffer is empty afterwards and may be used again */
void bg_buf_clear(struct bg_buf *buf); /* empties, keeps the memory and the bound */
bg_err bg_buf_check(const struct bg_buf *buf); /* BG_TOO_LARGE or BG_NO_MEMORY when any write failed */
bg_str bg_buf_str(const struct bg_buf *buf);
void bg_buf_add(struct bg_buf *buf, bg_str s);
void bg_buf_byte(struct bg_buf *buf, char byte);
void bg_buf_print(struct bg_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bg_buf_int(struct bg_buf *buf, int64_t value);
void bg_buf_hex(struct bg_buf *buf, const uint8_t *bytes, size_t size);

static inline void bg_buf_cleanup(struct bg_buf *buf)
{
    bg_buf_done(buf);
}
#define BG_SCOPED_BUF __attribute__((cleanup(bg_buf_cleanup))) struct bg_buf

/* JSON. Commas are put by the writer. A text that is not UTF-8 has its bad bytes written as U+FFFD. 64-bit ids are decimal strings. */
void bg_json_object(struct bg_buf *buf);      /* { */
void bg_json_object_end(struct bg_buf *buf);  /* } */
void bg_json_array(struct bg_buf *buf);       /* [ */
void bg_json_array_end(struct bg_buf *buf);   /* ] */
void bg_json_key(struct bg_buf *buf, const char *key); /* our own ASCII key, not escaped */
void bg_json_key_str(struct bg_buf *buf, bg_str key);  /* any key, escaped */
void bg_json_str(struct bg_buf *buf, bg_str s);
void bg_json_int(struct bg_buf *buf, int64_t value);
void bg_json_id(struct bg_buf *buf, int64_t id);       /* "123" */
void bg_json_bool(struct bg_buf *buf, bool value);
void bg_json_null(struct bg_buf *buf);
/* 17 significant digits at most, shortest that reads back the same; NaN and infinities become null. */
void bg_json_double(struct bg_buf *buf, double value);
void bg_json_raw(struct bg_buf *buf, bg_str json);     /* ready JSON, as one value */
/* key and value in one call */
void bg_json_put_str(struct bg_buf *buf, const char *key, bg_str s);
void bg_json_put_int(struct bg_buf *buf, const char *key, int64_t value);
void bg_json_put_id(struct bg_buf *buf, const char *key, int64_t id);
void bg_json_put_bool(struct bg_buf *buf, const char *key, bool value);
void bg_json_put_double(struct bg_buf *buf, const char *key, double value);

#endif
