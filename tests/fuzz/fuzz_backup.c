/* The manifest of a backup: read or refused. */
#include "api/backup.h"
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    json_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct backup_manifest manifest;
    if (!bg_failed(backup_read_text((bg_str){ (const char *)data, size }, &manifest)) && manifest.there && manifest.bytes < 0) {
        __builtin_trap();
    }
    return 0;
}
