/* A segment of the log's archive, read record by record, with its hashes as they come and again with hashes that fit, so that what lies
 * behind them is reached. Nothing but the four outcomes may come of it, and a record that is read must be what it claims to be. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/archive.h"

#define HEAD_BYTES 192
#define HASHED_BYTES 160

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return sodium_init() < 0;
}

static uint64_t little_endian(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) {
        value = value << 8 | at[i];
    }
    return value;
}

/* Gives every record whose length fits the hash that it should have. */
static void mend(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; size - at >= HEAD_BYTES;) {
        uint64_t stored = little_endian(bytes + at + 72);
        if (stored > size - at - HEAD_BYTES) {
            return;
        }
        crypto_generichash_state state;
        (void)crypto_generichash_init(&state, NULL, 0, 32);
        (void)crypto_generichash_update(&state, bytes + at, HASHED_BYTES);
        (void)crypto_generichash_update(&state, bytes + at + HEAD_BYTES, stored);
        (void)crypto_generichash_final(&state, bytes + at + HASHED_BYTES, 32);
        at += HEAD_BYTES + (size_t)stored;
    }
}

static bool page_before(void *ctx, uint32_t number, uint8_t *out, size_t size)
{
    (void)ctx;
    memset(out, (int)(number & 0xff), size);
    return number % 97 != 0;
}

static void read_all(const uint8_t *data, size_t size, bool whole)
{
    char name[32];
    struct archive_reader reader;
    enum archive_read got = ARCHIVE_READ;
    uint8_t before[32];
    int fd = memfd_create("segment", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
        abort();
    }
    (void)snprintf(name, sizeof name, "%d", fd);
    if (bg_failed(archive_reader_open("/proc/self/fd", name, &reader))) {
        abort();
    }
    reader.before = page_before;
    for (int records = 0; got == ARCHIVE_READ && records < 64; records++) {
        int64_t at = reader.at;
        if (bg_failed(archive_read(&reader, whole, before, &got))) {
            break;
        }
        if (got == ARCHIVE_READ && (reader.at <= at || reader.at > reader.size)) {
            abort();
        }
        if (got == ARCHIVE_READ && whole && reader.record.frames > 0) {
            (void)archive_whole(&reader.record);
        }
    }
    archive_reader_close(&reader);
    (void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = size > 0 ? malloc(size) : NULL;
    if (bytes == NULL) {
        return 0;
    }
    read_all(data, size, false);
    read_all(data, size, true);
    memcpy(bytes, data, size);
    mend(bytes, size);
    read_all(bytes, size, true);
    free(bytes);
    return 0;
}
