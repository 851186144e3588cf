/* The words of the ledger: numbers in the database, slugs in the API, names on the screen, all from words.def. */
#include <stdio.h>

#include "ledger/ledger.h"

const struct ledger_word ledger_statuses[] = {
#define LEDGER_STATUS(name, number_, slug_, zh_, en_, outside, present) { .number = (number_), .slug = (slug_), .zh = (zh_), .en = (en_) },
#include "ledger/words.def"
#undef LEDGER_STATUS
    { .slug = "" },
};
const struct ledger_word ledger_place_kinds[] = {
#define LEDGER_PLACE(name, number_, slug_, zh_, en_, status, flags) { .number = (number_), .slug = (slug_), .zh = (zh_), .en = (en_) },
#include "ledger/words.def"
#undef LEDGER_PLACE
    { .slug = "" },
};
const struct ledger_word ledger_owner_kinds[] = {
#define LEDGER_OWNER(name, number_, slug_, zh_, en_) { .number = (number_), .slug = (slug_), .zh = (zh_), .en = (en_) },
#include "ledger/words.def"
#undef LEDGER_OWNER
    { .slug = "" },
};
const struct ledger_word ledger_kinds[] = {
#define LEDGER_KIND(name, number_, slug_, prefix, zh_, en_) \
    { .number = (number_), .slug = (slug_), .zh = (zh_), .en = (en_), .extra = (prefix) },
#include "ledger/words.def"
#undef LEDGER_KIND
    { .slug = "" },
};
const struct ledger_word ledger_reasons[] = {
#define LEDGER_REASON(name, number_, slug_, zh_, en_) { .number = (number_), .slug = (slug_), .zh = (zh_), .en = (en_) },
#include "ledger/words.def"
#undef LEDGER_REASON
    { .slug = "" },
};
const struct ledger_word ledger_lot_states[] = {
    { LEDGER_LOT_OPEN, "open", "正常", "open", NULL },
    { LEDGER_LOT_BLOCKED, "blocked", "冻结", "blocked", NULL },
    { LEDGER_LOT_RECALLED, "recalled", "召回", "recalled", NULL },
    { .slug = "" },
};
const struct ledger_word ledger_hold_states[] = {
    { LEDGER_HOLD_OPEN, "open", "预占中", "open", NULL },
    { LEDGER_HOLD_POSTED, "posted", "已出库", "posted", NULL },
    { LEDGER_HOLD_VOIDED, "voided", "已解除", "voided", NULL },
    { LEDGER_HOLD_LAPSED, "lapsed", "已失效", "lapsed", NULL },
    { .slug = "" },
};
const struct ledger_word ledger_shipment_states[] = {
    { LEDGER_SHIPMENT_SENT, "sent", "在途", "on the way", NULL },
    { LEDGER_SHIPMENT_DISPUTED, "disputed", "有争议", "disputed", NULL },
    { LEDGER_SHIPMENT_CLOSED, "closed", "已了结", "closed", NULL },
    { .slug = "" },
};
const struct ledger_word ledger_review_kinds[] = {
    { LEDGER_REVIEW_SHORT, "short", "账面不足", "more went out than was booked", NULL },
    { LEDGER_REVIEW_MISSING, "missing", "少到", "less arrived than was sent", NULL },
    { LEDGER_REVIEW_EXTRA, "extra", "多到", "more arrived than was sent", NULL },
    { LEDGER_REVIEW_PERIOD, "period", "已结账期间的事实", "a fact of a closed period", NULL },
    { LEDGER_REVIEW_EXPIRED, "expired", "发出了过期或冻结的物资", "expired or blocked goods went out", NULL },
    { .slug = "" },
};
const struct ledger_word ledger_count_states[] = {
    { LEDGER_COUNT_OPEN, "counting", "盘点中", "counting", NULL },
    { LEDGER_COUNT_REVIEW, "review", "待复核", "to be reviewed", NULL },
    { LEDGER_COUNT_POSTED, "posted", "已入账", "posted", NULL },
    { LEDGER_COUNT_DROPPED, "dropped", "已作废", "dropped", NULL },
    { .slug = "" },
};
const struct ledger_word ledger_paids[] = {
    { LEDGER_PAID, "paid", "有偿", "paid", NULL },
    { LEDGER_FREE, "free", "无偿", "free", NULL },
    { .slug = "" },
};

/* Each list takes only its own section of words.def, because only its macro is defined when the file is read. */
#define LEDGER_STATUS(name, number, slug, zh, en, outside, present) slug,
const char *const ledger_status_slugs[] = {
#include "ledger/words.def"
    NULL,
};
#undef LEDGER_STATUS
#define LEDGER_PLACE(name, number, slug, zh, en, status, flags) slug,
const char *const ledger_place_slugs[] = {
#include "ledger/words.def"
    NULL,
};
#undef LEDGER_PLACE
#define LEDGER_OWNER(name, number, slug, zh, en) slug,
const char *const ledger_owner_slugs[] = {
#include "ledger/words.def"
    NULL,
};
#undef LEDGER_OWNER
#define LEDGER_KIND(name, number, slug, prefix, zh, en) slug,
const char *const ledger_kind_slugs[] = {
#include "ledger/words.def"
    NULL,
};
#undef LEDGER_KIND
#define LEDGER_REASON(name, number, slug, zh, en) slug,
const char *const ledger_reason_slugs[] = {
#include "ledger/words.def"
    NULL,
};
#undef LEDGER_REASON

int ledger_word_of(const struct ledger_word *words, bg_str slug)
{
    for (; words->slug[0] != '\0'; words++) {
        if (bg_str_is(slug, words->slug)) {
            return words->number;
        }
    }
    return 0;
}

const char *ledger_slug(const struct ledger_word *words, int number)
{
    for (; words->slug[0] != '\0'; words++) {
        if (words->number == number) {
            return words->slug;
        }
    }
    return "";
}

bool ledger_status_outside(int status)
{
    switch (status) {
#define LEDGER_STATUS(name, number, slug, zh, en, outside, present) case number: return outside;
#include "ledger/words.def"
#undef LEDGER_STATUS
    default: return false;
    }
}

bool ledger_status_present(int status)
{
    switch (status) {
#define LEDGER_STATUS(name, number, slug, zh, en, outside, present) case number: return present;
#include "ledger/words.def"
#undef LEDGER_STATUS
    default: return false;
    }
}

int ledger_place_status(int place_kind)
{
    switch (place_kind) {
#define LEDGER_PLACE(name, number, slug, zh, en, status, flags) case number: return status;
#include "ledger/words.def"
#undef LEDGER_PLACE
    default: return 0;
    }
}

unsigned ledger_place_flags(int place_kind)
{
    switch (place_kind) {
#define LEDGER_PLACE(name, number, slug, zh, en, status, flags) \
    case number: return (status) != 0 ? (unsigned)LEDGER_OUTSIDE : (unsigned)(flags);
#include "ledger/words.def"
#undef LEDGER_PLACE
    default: return 0;
    }
}

void ledger_number_text(int kind, int year, int64_t number, char out[32])
{
    const char *prefix = "";
    for (const struct ledger_word *word = ledger_kinds; word->slug[0] != '\0'; word++) {
        if (word->number == kind) {
            prefix = word->extra;
        }
    }
    snprintf(out, 32, "%s%04d-%06lld", prefix, year, (long long)number);
}
