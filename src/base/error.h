/* Errors are values that cannot be ignored: bg_err is [[nodiscard]], so an unchecked failure does not compile.
 * The words (Chinese, English), the HTTP status and the stable slug of each code live in errors.def, and nowhere else. */
#ifndef BG_BASE_ERROR_H
#define BG_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum bg_code {
    BG_OK = 0,
#define BG_ERROR(name, slug, status, zh, en, remedy_zh, remedy_en) BG_##name,
#include "base/errors.def"
#undef BG_ERROR
    BG_CODE_COUNT
};

/* One failure. `field` names the input at fault (static text or arena-owned; NULL when none). `facts` are JSON members that prove
 * the refusal, for example "\"available\":3,\"wanted\":5" (arena-owned; NULL when none). Small: passed by value. */
typedef struct [[nodiscard]] bg_err {
    enum bg_code code;
    int line;
    const char *file;
    const char *field;
    const char *facts;
} bg_err;

/* One row of errors.def. */
struct bg_error_info {
    const char *slug; /* stable, dotted: "stock.short" */
    int status;       /* HTTP status */
    const char *zh, *en;
    const char *remedy_zh, *remedy_en;
};
extern const struct bg_error_info bg_errors[BG_CODE_COUNT];

#define BG_DONE ((bg_err){ .code = BG_OK })
#define BG_FAIL(c) ((bg_err){ .code = (c), .line = __LINE__, .file = __FILE__ })
#define BG_FAIL_AT(c, field_) ((bg_err){ .code = (c), .line = __LINE__, .file = __FILE__, .field = (field_) })
#define BG_FAIL_WITH(c, field_, facts_) \
    ((bg_err){ .code = (c), .line = __LINE__, .file = __FILE__, .field = (field_), .facts = (facts_) })

/* The only macro that hides a return. */
#define BG_TRY(call)              \
    do {                          \
        bg_err e_ = (call);       \
        if (e_.code != BG_OK) {   \
            return e_;            \
        }                         \
    } while (0)

static inline bool bg_failed(bg_err e)
{
    return e.code != BG_OK;
}

/* Fails with BG_NO_MEMORY when `pointer` is NULL: BG_TRY(bg_need(x = bg_arena_get(arena, sizeof *x))). */
static inline bg_err bg_need(const void *pointer)
{
    return pointer != NULL ? BG_DONE : BG_FAIL(BG_NO_MEMORY);
}

/* For a failure that the caller has decided to pass over; says so in the code. */
static inline void bg_ignore(bg_err e)
{
    (void)e;
}

#endif
