/* Values in PostgreSQL's binary forms: integers big-endian, text and bytes as they are, arrays with their header, numeric in digits of
 * base 10,000. A parameter takes the type that the server inferred; where that is not ours, it travels as text. */
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres.h"

static void put32(struct bg_buf *out, uint32_t value)
{
    uint32_t big = htobe32(value);
    bg_buf_add(out, (bg_str){ (const char *)&big, sizeof big });
}

/* Bytes of an integer type, 0 for any other. */
static int width_of(Oid type)
{
    return type == PG_INT8 ? 8 : type == PG_INT4 || type == PG_OID ? 4 : type == PG_INT2 ? 2 : type == PG_BOOL ? 1 : 0;
}

/* The low `width` bytes, big end first; false when the value does not fit. */
static bool put_int(int64_t value, int width, char *out)
{
    int64_t top = width == 8 ? INT64_MAX : (INT64_C(1) << (width * 8 - 1)) - 1;
    if (value > top || value < -top - 1) {
        return false;
    }
    uint64_t big = htobe64((uint64_t)value << (64 - width * 8));
    memcpy(out, &big, (size_t)width);
    return true;
}

static bool is_text(Oid type)
{
    return type == PG_TEXT || type == PG_VARCHAR || type == PG_BYTEA || type == PG_UNKNOWN || type == PG_NAME;
}

static bg_err encode_int(struct pg *pg, size_t i, Oid type, int64_t value)
{
    int width = width_of(type);
    pg->values[i] = pg->numbers[i];
    pg->formats[i] = width > 0;
    if (width > 0) {
        pg->lengths[i] = width;
        return put_int(value, width, pg->numbers[i]) ? BG_DONE : BG_FAIL(BG_QTY_RANGE);
    }
    pg->lengths[i] = snprintf(pg->numbers[i], sizeof pg->numbers[i], "%lld", (long long)value);
    return BG_DONE;
}

bg_err pg_encode_row(struct pg *pg, const Oid *types, const struct store_val *values, size_t columns)
{
    assert(columns <= PG_PARAMS_MAX);
    bg_buf_clear(&pg->wire);
    for (size_t i = 0; i < columns; i++) {
        const struct store_val *value = &values[i];
        switch (value->type) {
        case STORE_INT:
            BG_TRY(encode_int(pg, i, types[i], value->i));
            break;
        case STORE_TEXT:
        case STORE_BYTES:
            if (value->s.len > INT32_MAX || !is_text(types[i])) {
                return BG_FAIL(BG_STORE_FAILED); /* a text for a number: the statement and its caller disagree */
            }
            pg->values[i] = value->s.at != NULL ? value->s.at : "";
            pg->lengths[i] = (int)value->s.len;
            pg->formats[i] = 1;
            break;
        case STORE_NULL:
        default:
            pg->values[i] = NULL;
            pg->lengths[i] = 0;
            pg->formats[i] = 1;
        }
    }
    return BG_DONE;
}

static Oid element_of(Oid array)
{
    switch (array) {
    case PG_INT8_ARRAY:
        return PG_INT8;
    case PG_INT4_ARRAY:
        return PG_INT4;
    case PG_TEXT_ARRAY:
        return PG_TEXT;
    case PG_BYTEA_ARRAY:
        return PG_BYTEA;
    default:
        return 0;
    }
}

static bg_err put_element(struct bg_buf *out, Oid type, const struct store_val *value)
{
    char number[8];
    int width = width_of(type);
    switch (value->type) {
    case STORE_INT:
        if (width == 0 || !put_int(value->i, width, number)) {
            return BG_FAIL(width == 0 ? BG_STORE_FAILED : BG_QTY_RANGE);
        }
        put32(out, (uint32_t)width);
        bg_buf_add(out, (bg_str){ number, (size_t)width });
        return BG_DONE;
    case STORE_TEXT:
    case STORE_BYTES:
        if (width != 0 || value->s.len > INT32_MAX) {
            return BG_FAIL(BG_STORE_FAILED);
        }
        put32(out, (uint32_t)value->s.len);
        bg_buf_add(out, value->s);
        return BG_DONE;
    case STORE_NULL:
    default:
        put32(out, UINT32_MAX); /* length -1 */
        return BG_DONE;
    }
}

static bool has_null(const struct store_args *args, size_t column)
{
    for (size_t row = 0; row < args->rows; row++) {
        if (args->values[row * args->columns + column].type == STORE_NULL) {
            return true;
        }
    }
    return false;
}

/* dimensions, whether there are NULLs, element type, length, first index; then each element with its length. */
bg_err pg_encode_arrays(struct pg *pg, const Oid *types, const struct store_args *args)
{
    assert(args->columns <= PG_PARAMS_MAX && args->rows <= INT32_MAX);
    size_t start[PG_PARAMS_MAX + 1];
    bg_buf_clear(&pg->wire);
    for (size_t column = 0; column < args->columns; column++) {
        Oid element = element_of(types[column]);
        if (element == 0) {
            return BG_FAIL(BG_STORE_FAILED); /* the @postgres text of a :many statement takes arrays */
        }
        start[column] = pg->wire.len;
        put32(&pg->wire, 1);
        put32(&pg->wire, has_null(args, column));
        put32(&pg->wire, element);
        put32(&pg->wire, (uint32_t)args->rows);
        put32(&pg->wire, 1);
        for (size_t row = 0; row < args->rows; row++) {
            BG_TRY(put_element(&pg->wire, element, &args->values[row * args->columns + column]));
        }
    }
    start[args->columns] = pg->wire.len;
    BG_TRY(bg_buf_check(&pg->wire));
    for (size_t column = 0; column < args->columns; column++) {
        pg->values[column] = pg->wire.at + start[column];
        pg->lengths[column] = (int)(start[column + 1] - start[column]);
        pg->formats[column] = 1;
    }
    return BG_DONE;
}

/* --- back --- */

static int64_t get_int(const char *at, int width)
{
    uint64_t big = 0;
    memcpy(&big, at, (size_t)width);
    return (int64_t)be64toh(big) >> (64 - width * 8); /* the sign comes along */
}

static int get16(const char *at)
{
    return (int)get_int(at, 2);
}

/* The whole part; past int64 the nearest end of it (sums of quantities stay far below). */
static int64_t numeric_to_int(const char *at, int len)
{
    int digits = get16(at), weight = get16(at + 2), sign = get16(at + 4);
    int64_t value = 0;
    assert(len >= 8 + 2 * digits);
    (void)len;
    for (int i = 0; i <= weight; i++) {
        int digit = i < digits ? get16(at + 8 + 2 * i) : 0;
        if (__builtin_mul_overflow(value, INT64_C(10000), &value) || __builtin_sub_overflow(value, (int64_t)digit, &value)) {
            return sign == 0 ? INT64_MAX : INT64_MIN;
        }
    }
    return sign != 0 ? value : value == INT64_MIN ? INT64_MAX : -value; /* summed below zero, where there is one more */
}

static int64_t float_to_int(double value)
{
    return value >= 9.2e18 ? INT64_MAX : value <= -9.2e18 ? INT64_MIN : (int64_t)value;
}

int64_t pg_decode_int(Oid type, const char *at, int len)
{
    int64_t value = 0;
    double wide;
    float narrow;
    uint32_t half;
    uint64_t whole;
    int width = width_of(type);
    if (width == len && width > 0) {
        return type == PG_OID ? get_int(at, 4) & 0xffffffff : get_int(at, width);
    }
    switch (type) {
    case PG_NUMERIC:
        return numeric_to_int(at, len);
    case PG_FLOAT8:
        whole = (uint64_t)get_int(at, 8);
        memcpy(&wide, &whole, sizeof wide);
        return float_to_int(wide);
    case PG_FLOAT4:
        half = (uint32_t)get_int(at, 4);
        memcpy(&narrow, &half, sizeof narrow);
        return float_to_int((double)narrow);
    default:
        return bg_str_int((bg_str){ at, (size_t)len }, &value) ? value : 0;
    }
}

bg_str pg_decode_text(Oid type, const char *at, int len, char room[24])
{
    if (width_of(type) > 0 || type == PG_NUMERIC || type == PG_FLOAT8 || type == PG_FLOAT4) {
        int size = snprintf(room, 24, "%lld", (long long)pg_decode_int(type, at, len));
        return (bg_str){ room, (size_t)size };
    }
    return (bg_str){ at, (size_t)len };
}
