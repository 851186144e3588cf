/* The shipped outbreaks as a library of curves. */
#include "engine/forecast.h"

#define OUTBREAK(number, column, from, to, zh, en, ...) static const int32_t cases_##number[] = { __VA_ARGS__ };
#include "engine/outbreaks.def"
#undef OUTBREAK

static const struct forecast_curve curves[] = {
#define OUTBREAK(number, column, from, to, zh, en, ...)                                                                          \
    { column " " from, cases_##number, (int)(sizeof cases_##number / sizeof *cases_##number) },
#include "engine/outbreaks.def"
#undef OUTBREAK
};

const struct forecast_library *forecast_library_shipped(void)
{
    static const struct forecast_library library = { curves, (int)(sizeof curves / sizeof *curves) };
    return &library;
}
