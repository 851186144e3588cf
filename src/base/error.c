/* The table of error words, made from errors.def. */
#include "base/error.h"

const struct bg_error_info bg_errors[BG_CODE_COUNT] = {
    [BG_OK] = { "ok", 200, "成功", "ok", "", "" },
#define BG_ERROR(name, slug_, status_, zh_, en_, remedy_zh_, remedy_en_) \
    [BG_##name] = { slug_, status_, zh_, en_, remedy_zh_, remedy_en_ },
#include "base/errors.def"
#undef BG_ERROR
};
