/* `baogong check KIND` and `baogong workday`: codes and dates that people and other programs want judged, one JSON answer a
 * value. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "codec/chinese.h"

/* Judges one value; writes further members of a good answer, "normal" first. */
typedef bg_err (*check_fn)(const struct cli *cli, bg_str value, struct bg_buf *out);

static bg_err check_credit_code(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    char normal[19];
    (void)cli;
    BG_TRY(chinese_credit_code_read(value, normal));
    bg_json_put_str(out, "normal", bg_str_of(normal));
    return BG_DONE;
}

static bg_err check_plate(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    struct chinese_plate plate;
    (void)cli;
    BG_TRY(chinese_plate_read(value, &plate));
    bg_json_put_str(out, "normal", bg_str_of(plate.normal));
    bg_json_put_str(out, "class", bg_str_of(chinese_plate_class_name(plate.class)));
    return BG_DONE;
}

static void put_year(struct bg_buf *out, const char *key, int year)
{
    if (year != 0) {
        bg_json_put_int(out, key, year);
    }
}

static bg_err check_division(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    struct chinese_division division;
    char text[16], name[96];
    (void)cli;
    BG_TRY(chinese_division_read(value, &division));
    (void)snprintf(text, sizeof text, "%06d", division.code);
    chinese_division_full_name(division.code, name);
    bg_json_put_str(out, "normal", bg_str_of(text));
    bg_json_put_str(out, "name_zh", bg_str_of(name));
    bg_json_put_bool(out, "in_use", division.in_use);
    put_year(out, "from", division.from);
    put_year(out, "to", division.to);
    if (division.successor != 0) {
        (void)snprintf(text, sizeof text, "%06d", division.successor);
        bg_json_put_str(out, "successor", bg_str_of(text));
    }
    return BG_DONE;
}

static bg_err check_identity(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    struct chinese_identity identity;
    BG_TRY(chinese_identity_read(value, bg_date_at(bg_now(cli->env), BG_CITY_OFFSET_MIN), &identity));
    bg_json_put_str(out, "normal", bg_str_of(identity.normal));
    if (identity.old) {
        bg_json_put_bool(out, "old", true);
    }
    return BG_DONE;
}

static bg_err check_mobile(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    char normal[12];
    (void)cli;
    BG_TRY(chinese_mobile_read(value, normal));
    bg_json_put_str(out, "normal", bg_str_of(normal));
    return BG_DONE;
}

static bg_err check_phone(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    char normal[16];
    (void)cli;
    BG_TRY(chinese_phone_read(value, normal));
    bg_json_put_str(out, "normal", bg_str_of(normal));
    return BG_DONE;
}

static const struct {
    const char *kind;
    check_fn check;
} kinds[] = {
    { "credit-code", check_credit_code }, { "plate", check_plate },   { "division", check_division },
    { "id-card", check_identity },        { "mobile", check_mobile }, { "phone", check_phone },
    { "gtin", cli_check_gtin },           { "sscc", cli_check_sscc }, { "gln", cli_check_gln },
};

static bool check_value(const struct cli *cli, check_fn check, bg_str value, struct bg_buf *out)
{
    bg_json_object(out);
    bg_json_put_str(out, "value", value);
    size_t before = out->len;
    bg_json_put_bool(out, "ok", true);
    bg_err err = check(cli, value, out);
    if (bg_failed(err)) { /* nothing of a half-written good answer stays */
        out->len = before;
        out->comma = true;
        bg_json_put_bool(out, "ok", false);
        bg_json_put_str(out, "error", bg_str_of(bg_errors[err.code].slug));
        bg_json_put_str(out, "title", bg_str_of(bg_errors[err.code].zh));
        bg_json_put_str(out, "title_en", bg_str_of(bg_errors[err.code].en));
    }
    bg_json_object_end(out);
    cli_print(out);
    return !bg_failed(err);
}

static int check_run(struct cli *cli)
{
    if (cli->argc < 2) {
        return cli_usage("check");
    }
    check_fn check = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].kind, cli->argv[0]) == 0) {
            check = kinds[i].check;
        }
    }
    if (check == NULL) {
        return cli_usage("check");
    }
    BG_SCOPED_BUF out = bg_buf_init(8u << 20);
    BG_SCOPED_BUF line = bg_buf_init(1u << 20);
    bool good = true;
    for (int i = 1; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], "-") != 0) {
            good &= check_value(cli, check, bg_str_of(cli->argv[i]), &out);
            continue;
        }
        while (cli_line(&line, NULL)) {
            good &= check_value(cli, check, bg_buf_str(&line), &out);
        }
    }
    return good ? CLI_GOOD : CLI_BAD;
}

static int workday_run(struct cli *cli)
{
    bg_date from, to;
    int64_t days;
    char text[11];
    if (cli->argc != 2 || !bg_str_int(bg_str_of(cli->argv[1]), &days)) {
        return cli_usage("workday");
    }
    bg_err err = bg_date_parse(bg_str_of(cli->argv[0]), &from);
    if (!bg_failed(err)) {
        err = bg_workday_add(from, days, &to);
    }
    if (bg_failed(err)) {
        (void)cli_fail(err);
        return CLI_BAD;
    }
    bg_date_text(to, text);
    (void)puts(text);
    return CLI_GOOD;
}

const struct cli_command cli_commands_codes[] = {
    { .name = "check",
      .usage = "credit-code|plate|division|id-card|mobile|phone|gtin|sscc|gln VALUE…|-",
      .zh = "核对代码，每个值输出一行 JSON",
      .en = "judge codes, one line of JSON a value",
      .run = check_run },
    { .name = "workday",
      .usage = "DATE N",
      .zh = "DATE 之后（N 为负则之前）第 N 个工作日，按国务院办公厅节假日安排",
      .en = "the N-th working day after DATE (before it when N is negative), by the State Council's holiday notices",
      .run = workday_run },
    { 0 },
};
