/* Which level: a proposal each day, up at once, down slowly. */
#include <math.h>

#include "engine/standard.h"

static const struct standard_trigger triggers[] = {
    { 3, STANDARD_CASES_28, 1 },   { 3, STANDARD_P_FIRST, 0.3 },  { 2, STANDARD_DISTRICTS, 2 },
    { 2, STANDARD_CASES_7, 50 },   { 2, STANDARD_SEALED, 50001 }, { 2, STANDARD_ROUNDS, 2 },
    { 1, STANDARD_CASES_7, 1000 }, { 1, STANDARD_R_DAYS, 7 },     { 1, STANDARD_OUTS, 1 },
};

struct standard_rules standard_rules_default(void)
{
    return (struct standard_rules){ .trigger = triggers,
                                    .triggers = sizeof triggers / sizeof *triggers,
                                    .quiet_share = 0.5,
                                    .quiet_days = 14,
                                    .dwell_days = 7,
                                    .forecast_up = 0.3,
                                    .forecast_again = 0.05 };
}

const char *standard_signal_name(enum standard_signal signal)
{
    static const char *const names[STANDARD_SIGNALS] = { "cases_28", "cases_7", "districts", "sealed",
                                                         "rounds",   "r_days",  "outs",      "p_first" };
    return names[signal];
}

static bg_err check(const struct standard_rules *rules, const struct standard_day *day, const struct standard_state *state)
{
    if (state->level < 1 || state->level > 4) {
        return BG_FAIL_AT(BG_BAD_INPUT, "level");
    }
    if (rules->triggers < 0 || rules->triggers > 1000 || !(rules->quiet_share > 0 && rules->quiet_share <= 1) ||
        rules->quiet_days < 1 || rules->dwell_days < 0) {
        return BG_FAIL_AT(BG_BAD_INPUT, "rules");
    }
    for (int i = 0; i < rules->triggers; i++) {
        const struct standard_trigger *t = &rules->trigger[i];
        if (t->level < 1 || t->level > 3 || (int)t->signal < 0 || t->signal >= STANDARD_SIGNALS ||
            !(t->threshold > 0 && isfinite(t->threshold))) {
            return BG_FAIL_AT(BG_BAD_INPUT, "trigger");
        }
    }
    for (int i = 0; i < STANDARD_SIGNALS; i++) {
        if (!(day->value[i] >= 0 && isfinite(day->value[i]))) {
            return BG_FAIL_AT(BG_BAD_INPUT, "signal");
        }
    }
    for (int g = 1; g <= 3; g++) {
        if (!(day->soon[g] >= 0 && day->soon[g] <= 1) || !(day->again[g] >= 0 && day->again[g] <= 1)) {
            return BG_FAIL_AT(BG_BAD_INPUT, "signal");
        }
    }
    return BG_DONE;
}

/* Quiet: the thresholds of the present level and of all graver ones are far away, now and in the forecast. A forecast that would
 * raise the level, or is half-way there, is not quiet either: that is what keeps a constant input from going down and up again.
 */
static bool is_quiet(const struct standard_rules *rules, const struct standard_day *day, int level)
{
    bool quiet = !day->shortage;
    for (int i = 0; i < rules->triggers; i++) {
        const struct standard_trigger *t = &rules->trigger[i];
        quiet = quiet && (t->level > level || day->value[t->signal] < rules->quiet_share * t->threshold);
    }
    for (int g = 1; g <= 3 && g <= level; g++) {
        quiet = quiet && day->again[g] <= rules->forecast_again && day->soon[g] < rules->quiet_share * rules->forecast_up;
    }
    return quiet;
}

bg_err standard_propose(const struct standard_rules *rules, const struct standard_day *day, struct standard_state *state,
                        struct standard_proposal *ret)
{
    BG_TRY(check(rules, day, state));
    struct standard_proposal p = { .level = state->level, .trigger = -1 };
    for (int i = 0; i < rules->triggers; i++) {
        const struct standard_trigger *t = &rules->trigger[i];
        if (t->level < p.level && day->value[t->signal] >= t->threshold) {
            p.level = t->level;
            p.trigger = i;
        }
    }
    for (int g = 1; g <= 3; g++) {
        state->soon[g] = day->soon[g] >= rules->forecast_up ? (state->soon[g] < 2 ? state->soon[g] + 1 : 2) : 0;
        if (state->soon[g] >= 2 && g < p.level) {
            p.level = g;
            p.trigger = -1;
            p.by_forecast = true;
        }
    }
    p.quiet = is_quiet(rules, day, state->level);
    state->dwell = state->dwell < 100000 ? state->dwell + 1 : state->dwell;
    state->quiet = p.quiet && state->level < 4 ? (state->quiet < 100000 ? state->quiet + 1 : state->quiet) : 0;
    int quiet_left = rules->quiet_days - state->quiet, dwell_left = rules->dwell_days - state->dwell;
    int left = quiet_left > dwell_left ? quiet_left : dwell_left;
    p.quiet_left = state->level == 4 || left < 0 ? 0 : left;
    if (p.level == state->level && state->level < 4 && p.quiet && left <= 0) {
        p.level = state->level + 1;
    }
    *ret = p;
    return BG_DONE;
}

void standard_enter(struct standard_state *state, int level)
{
    if (level != state->level) {
        state->level = level;
        state->dwell = 0;
        state->quiet = 0;
    }
}
