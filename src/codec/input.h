/* Bytes to read from: a file or a span, with rewinding, so that an encoding can be judged on the whole before anything is
 * decoded. */
#ifndef BG_CODEC_INPUT_H
#define BG_CODEC_INPUT_H

#include "base/base.h"

struct input;

/* A regular file: BG_INPUT_OPEN when it cannot be read or is none. */
bg_err input_open_file(const char *path, struct input **ret);
/* `bytes` must outlive the input. */
bg_err input_open_bytes(bg_str bytes, struct input **ret);
void input_close(struct input *input); /* accepts NULL */
/* Up to `size` bytes; *ret_len 0 at the end. BG_INPUT_READ when the disk fails. */
bg_err input_read(struct input *input, char *out, size_t size, size_t *ret_len);
bg_err input_rewind(struct input *input);
int64_t input_size(const struct input *input);
/* The path (NULL for bytes) and the bytes (empty for a file), for libraries that read by themselves. */
const char *input_path(const struct input *input);
bg_str input_bytes(const struct input *input);

/* What the first bytes say a file is, whatever its name. */
enum input_kind {
    INPUT_TEXT,
    INPUT_ZIP, /* XLSX among others */
    INPUT_OLE, /* .xls of Excel 97-2003, or an encrypted XLSX */
    INPUT_PDF
};
bg_err input_kind(struct input *input, enum input_kind *ret);

#endif
