/* Runs a fuzzer's entry over files, without libFuzzer: for measuring what a corpus reaches, and for replaying a find under a debugger. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    if (LLVMFuzzerInitialize != NULL && LLVMFuzzerInitialize(&argc, &argv) != 0) {
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        FILE *in = fopen(argv[i], "rb");
        if (in == NULL) {
            (void)fprintf(stderr, "cannot read %s\n", argv[i]);
            return 2;
        }
        size_t size = fread(bytes, 1, sizeof bytes, in);
        (void)fclose(in);
        uint8_t *copy = malloc(size > 0 ? size : 1); /* of its own size, so that a tool sees what is read behind it */
        if (copy == NULL) {
            return 2;
        }
        for (size_t k = 0; k < size; k++) {
            copy[k] = bytes[k];
        }
        (void)LLVMFuzzerTestOneInput(copy, size);
        free(copy);
    }
    return 0;
}
