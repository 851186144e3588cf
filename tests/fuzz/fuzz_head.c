/* Signed heads as they come from a file: any bytes are refused or read the same again. */
#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct journal_head head, again;
    memset(&head, 0, sizeof head);
    if (bg_failed(journal_head_parse((bg_str){ (const char *)data, size }, &head))) {
        return 0;
    }
    BG_SCOPED_BUF json = bg_buf_init(4096);
    if (bg_failed(journal_head_json(&head, &json)) || bg_failed(journal_head_parse(bg_buf_str(&json), &again)) ||
        head.size != again.size || head.at != again.at || memcmp(head.root, again.root, sizeof head.root) != 0) {
        abort();
    }
    return 0;
}
