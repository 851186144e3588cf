/* Files and spans as one rewindable source of bytes. */
#include "codec/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct input {
    int fd; /* -1: bytes */
    char *path;
    bg_str bytes;
    size_t pos;
    int64_t size;
};

static bg_err input_new(struct input **ret)
{
    struct input *input = bg_heap_get(sizeof *input);
    BG_TRY(bg_need(input));
    input->fd = -1;
    *ret = input;
    return BG_DONE;
}

bg_err input_open_file(const char *path, struct input **ret)
{
    struct input *input;
    struct stat about;
    BG_TRY(input_new(&input));
    input->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0 || fstat(input->fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        input_close(input);
        return BG_FAIL_AT(BG_INPUT_OPEN, "file");
    }
    size_t len = strlen(path);
    input->path = bg_heap_get(len + 1);
    if (input->path == NULL) {
        input_close(input);
        return BG_FAIL(BG_NO_MEMORY);
    }
    memcpy(input->path, path, len + 1);
    input->size = about.st_size;
    *ret = input;
    return BG_DONE;
}

bg_err input_open_bytes(bg_str bytes, struct input **ret)
{
    struct input *input;
    BG_TRY(input_new(&input));
    input->bytes = bytes;
    input->size = (int64_t)bytes.len;
    *ret = input;
    return BG_DONE;
}

void input_close(struct input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->fd >= 0) {
        (void)close(input->fd);
    }
    bg_heap_free(input->path);
    bg_heap_free(input);
}

bg_err input_read(struct input *input, char *out, size_t size, size_t *ret_len)
{
    if (input->fd < 0) {
        size_t len = input->bytes.len - input->pos < size ? input->bytes.len - input->pos : size;
        if (len > 0) {
            memcpy(out, input->bytes.at + input->pos, len);
        }
        input->pos += len;
        *ret_len = len;
        return BG_DONE;
    }
    for (;;) {
        ssize_t got = read(input->fd, out, size);
        if (got >= 0) {
            *ret_len = (size_t)got;
            return BG_DONE;
        }
        if (errno != EINTR) {
            return BG_FAIL_AT(BG_INPUT_READ, "file");
        }
    }
}

bg_err input_rewind(struct input *input)
{
    input->pos = 0;
    if (input->fd >= 0 && lseek(input->fd, 0, SEEK_SET) != 0) {
        return BG_FAIL_AT(BG_INPUT_READ, "file");
    }
    return BG_DONE;
}

int64_t input_size(const struct input *input)
{
    return input->size;
}

const char *input_path(const struct input *input)
{
    return input->path;
}

bg_str input_bytes(const struct input *input)
{
    return input->bytes;
}

bg_err input_kind(struct input *input, enum input_kind *ret)
{
    char head[8];
    size_t len = 0;
    BG_TRY(input_rewind(input));
    while (len < sizeof head) {
        size_t got;
        BG_TRY(input_read(input, head + len, sizeof head - len, &got));
        if (got == 0) {
            break;
        }
        len += got;
    }
    BG_TRY(input_rewind(input));
    bg_str start = { head, len };
    *ret = bg_str_starts(start, BG_STR("PK\x03\x04")) || bg_str_starts(start, BG_STR("PK\x05\x06")) ? INPUT_ZIP
           : bg_str_starts(start, BG_STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))                       ? INPUT_OLE
           : bg_str_starts(start, BG_STR("%PDF-"))                                                  ? INPUT_PDF
                                                                                                    : INPUT_TEXT;
    return BG_DONE;
}
