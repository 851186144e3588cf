/* Reasons in words, checked by solving again. */
#include "solve/why.h"

#include <inttypes.h>

#include "solve/inner.h"

void solve_put_why(struct bg_buf *out, const struct solve_why *why)
{
    BG_SCOPED_BUF text = bg_buf_init(4096);
    bg_json_object(out);
    bg_json_put_str(out, "bound", bg_str_of(why->code));
    bg_json_put_int(out, "would", why->then);
    bg_buf_print(&text, "%s；若无此限制为 %" PRId64 "（已重新计算）。", why->zh, why->then);
    bg_json_put_str(out, "zh", bg_buf_str(&text));
    bg_buf_clear(&text);
    bg_buf_print(&text, "%s; without this it would be %" PRId64 " (solved again).", why->en, why->then);
    bg_json_put_str(out, "en", bg_buf_str(&text));
    bg_json_object_end(out);
}

bg_err solve_reason_why(struct solve_report *report, const char *who_zh, const char *who_en, const struct solve_why *why)
{
    return solve_reason(report,
                        bg_arena_text(report->arena, "%s %" PRId64 "：%s；若无此限制为 %" PRId64 "（已重新计算）。", who_zh, why->now,
                                      why->zh, why->then),
                        bg_arena_text(report->arena, "%s %" PRId64 ": %s; without this it would be %" PRId64 " (solved again).", who_en,
                                      why->now, why->en, why->then));
}
