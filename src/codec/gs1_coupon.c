/* The structure of North American coupons, AI 8110 and 8112: fields one behind another, many led by a digit that tells their length
 * (GS1 North American Coupon Application Guideline). Only digits; the cursor walks from field to field and stops at the first fault. */
#include "codec/gs1_in.h"

#include <string.h>

struct cursor {
    bg_str text;
    size_t at;
    bool bad;
};

/* The next `len` digits; sets bad when they are not there. */
static bg_str take(struct cursor *c, size_t len)
{
    if (c->bad || c->text.len - c->at < len) {
        c->bad = true;
        return (bg_str){ "", 0 };
    }
    bg_str field = bg_str_cut(c->text, c->at, c->at + len);
    c->at += len;
    return field;
}

/* One digit out of `choices`. */
static char take_one(struct cursor *c, const char *choices)
{
    bg_str field = take(c, 1);
    if (c->bad || strchr(choices, field.at[0]) == NULL) {
        c->at -= c->bad ? 0 : 1;
        c->bad = true;
        return '0';
    }
    return field.at[0];
}

/* A digit of length out of `choices`, then so many digits and `more`. */
static void take_long(struct cursor *c, const char *choices, size_t more)
{
    char len = take_one(c, choices);
    take(c, (size_t)(len - '0') + more);
}

/* A length of 9 says that there is no company prefix. */
static void take_prefix_or_none(struct cursor *c)
{
    char len = take_one(c, "01234569");
    take(c, len == '9' ? 0 : (size_t)(len - '0') + 6);
}

static bool option(struct cursor *c, char digit)
{
    if (c->bad || c->at >= c->text.len || c->text.at[c->at] != digit) {
        return false;
    }
    c->at++;
    return true;
}

static bg_str take_date(struct cursor *c)
{
    size_t at, from = c->at;
    bg_str date = take(c, 6);
    if (!c->bad && !gs1_rule_holds(RULE_YYMMDD, date, &at)) {
        c->bad = true;
        c->at = from;
    }
    return date;
}

/* What must be bought: a length and amount, a code, a family of products. */
static void take_purchase(struct cursor *c)
{
    take_long(c, "12345", 0);
    take_one(c, "012349");
    take(c, 3);
}

static void take_options(struct cursor *c)
{
    bg_str expiry = { "", 0 };
    if (option(c, '1')) { /* a second purchase */
        take_one(c, "0123");
        take_purchase(c);
        take_prefix_or_none(c);
    }
    if (option(c, '2')) { /* a third purchase */
        take_purchase(c);
        take_prefix_or_none(c);
    }
    if (option(c, '3')) {
        expiry = take_date(c);
    }
    if (option(c, '4')) {
        bg_str start = take_date(c);
        if (!c->bad && expiry.len == 6 && memcmp(start.at, expiry.at, 6) > 0) {
            c->bad = true;
        }
    }
    if (option(c, '5')) { /* serial number */
        take_long(c, "0123456789", 6);
    }
    if (option(c, '6')) { /* retailer */
        take_long(c, "1234567", 6);
    }
    if (option(c, '9')) { /* save value code, applies to, store coupon, do not multiply */
        take_one(c, "01256");
        take_one(c, "012");
        take(c, 1);
        take_one(c, "01");
    }
}

static bool ends(const struct cursor *c, size_t *ret_at)
{
    *ret_at = c->at;
    return !c->bad && c->at == c->text.len;
}

bool gs1_coupon_holds(bg_str text, size_t *ret_at)
{
    struct cursor c = { .text = text };
    if (!gs1_rule_holds(RULE_N, text, ret_at)) {
        return false;
    }
    take_long(&c, "0123456", 6); /* company prefix */
    take(&c, 6);                 /* offer */
    take_long(&c, "12345", 0);   /* save value */
    take_purchase(&c);
    take_options(&c);
    return ends(&c, ret_at);
}

bool gs1_coupon_offer_holds(bg_str text, size_t *ret_at)
{
    struct cursor c = { .text = text };
    if (!gs1_rule_holds(RULE_N, text, ret_at)) {
        return false;
    }
    take_one(&c, "01");             /* format */
    take_long(&c, "0123456", 6);    /* funder */
    take(&c, 6);                    /* offer */
    take_long(&c, "0123456789", 6); /* serial number */
    return ends(&c, ret_at);
}
