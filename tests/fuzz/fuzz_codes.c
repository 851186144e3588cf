/* Chinese codes and Base45: nothing crashes, normal forms are fixed points, what is encoded comes back. */
#include <stdlib.h>
#include <string.h>

#include "codec/base45.h"
#include "codec/chinese.h"

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void try_codes(bg_str in)
{
    char normal[19], again[19];
    if (!bg_failed(chinese_credit_code_read(in, normal))) {
        check(!bg_failed(chinese_credit_code_read(bg_str_of(normal), again)) && strcmp(normal, again) == 0);
    }
    if (!bg_failed(chinese_organisation_code_read(in, normal))) {
        check(!bg_failed(chinese_organisation_code_read(bg_str_of(normal), again)) && strcmp(normal, again) == 0);
    }
    if (!bg_failed(chinese_mobile_read(in, normal))) {
        check(!bg_failed(chinese_mobile_read(bg_str_of(normal), again)) && strcmp(normal, again) == 0);
    }
    if (!bg_failed(chinese_phone_read(in, normal))) {
        check(!bg_failed(chinese_phone_read(bg_str_of(normal), again)) && strcmp(normal, again) == 0);
    }
    struct chinese_identity identity, identity_again;
    if (!bg_failed(chinese_identity_read(in, BG_DATE_NONE, &identity))) {
        check(!bg_failed(chinese_identity_read(bg_str_of(identity.normal), BG_DATE_NONE, &identity_again)) &&
              strcmp(identity.normal, identity_again.normal) == 0 && !identity_again.old);
        chinese_identity_mask(&identity, normal);
    }
    struct chinese_division division;
    if (!bg_failed(chinese_division_read(in, &division))) {
        char name[96];
        chinese_division_full_name(division.code, name);
        check(bg_utf8_valid(bg_str_of(name)) && name[0] != '\0');
    }
    struct chinese_plate plate, plate_again;
    if (!bg_failed(chinese_plate_read(in, &plate))) {
        check(!bg_failed(chinese_plate_read(bg_str_of(plate.normal), &plate_again)) && plate.class == plate_again.class &&
              strcmp(plate.normal, plate_again.normal) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bg_str in = { (const char *)data, size };
    BG_SCOPED_BUF coded = bg_buf_init(1u << 20);
    BG_SCOPED_BUF back = bg_buf_init(1u << 20);
    try_codes(in);
    base45_encode(in, &coded);
    check(coded.failed || (!bg_failed(base45_decode(NULL, bg_buf_str(&coded), &back)) && bg_str_eq(bg_buf_str(&back), in)));
    bg_buf_clear(&coded);
    bg_buf_clear(&back);
    if (!bg_failed(base45_decode(NULL, in, &back))) {
        base45_encode(bg_buf_str(&back), &coded);
        check(bg_str_eq(bg_buf_str(&coded), in));
    }
    bg_ms at;
    if (!bg_failed(bg_time_parse(in, BG_CITY_OFFSET_MIN, &at))) {
        char text[25];
        bg_ms again;
        bg_time_text(at, text);
        check(!bg_failed(bg_time_parse(bg_str_of(text), 0, &again)) ? again == at : true);
    }
    return 0;
}
