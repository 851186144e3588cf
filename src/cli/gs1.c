/* `baogong gs1`: what a scan says, one JSON answer a scan; with --link the canonical GS1 Digital Link of text with brackets. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "codec/gs1.h"

#define SCAN_MEMORY (1u << 20)

static const struct cli_option gs1_options[] = {
    { .name = "--link",
      .value = "https://DOMAIN",
      .zh = "改为输出该域名下的数字链接",
      .en = "answer with the Digital Link below that domain" },
    { .name = "--separator",
      .value = "TEXT",
      .zh = "扫描器代替 GS 发送的文字，如 {GS}",
      .en = "what the scanner sends in place of GS, as {GS}" },
    { 0 },
};
enum { OPTION_LINK, OPTION_SEPARATOR, OPTION_COUNT };

static void put_error(struct bg_buf *out, bg_err err)
{
    const struct bg_error_info *info = &bg_errors[err.code];
    bg_json_put_bool(out, "ok", false);
    bg_json_put_str(out, "error", bg_str_of(info->slug));
    bg_json_put_str(out, "title", bg_str_of(info->zh));
    bg_json_put_str(out, "title_en", bg_str_of(info->en));
    bg_json_put_str(out, "remedy", bg_str_of(info->remedy_zh));
    bg_json_put_str(out, "remedy_en", bg_str_of(info->remedy_en));
    if (err.facts != NULL) {
        BG_SCOPED_BUF facts = bg_buf_init(1u << 16);
        bg_buf_print(&facts, "{%s}", err.facts);
        bg_json_key(out, "facts");
        bg_json_raw(out, bg_buf_str(&facts));
    }
}

static void put_elements(struct bg_buf *out, const struct gs1 *gs1)
{
    bg_json_put_bool(out, "ok", true);
    bg_json_key(out, "ai");
    bg_json_array(out);
    for (size_t i = 0; i < gs1->count; i++) {
        bg_json_array(out);
        bg_json_str(out, gs1->element[i].ai);
        bg_json_str(out, gs1->element[i].value);
        bg_json_array_end(out);
    }
    bg_json_array_end(out);
}

static bg_err read_scan(struct bg_arena *arena, bg_str scan, const char *separator, struct gs1 *ret)
{
    BG_TRY(gs1_restore_separator(arena, scan, BG_STR("\\x1D"), &scan));
    BG_TRY(gs1_restore_separator(arena, scan, BG_STR("\\x1d"), &scan));
    if (separator != NULL) {
        BG_TRY(gs1_restore_separator(arena, scan, bg_str_of(separator), &scan));
    }
    return gs1_parse(arena, scan, ret);
}

static bool answer(bg_str scan, const char *const *options, struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(SCAN_MEMORY);
    struct gs1 gs1;
    bg_str link = { 0 };
    bg_err err = scan.len > 4 * GS1_MAX_BYTES ? BG_FAIL(BG_TOO_LARGE) : bg_need(arena);
    if (!bg_failed(err)) {
        err = read_scan(arena, scan, options[OPTION_SEPARATOR], &gs1);
    }
    if (!bg_failed(err) && options[OPTION_LINK] != NULL) {
        err = gs1_write_link(arena, &gs1, bg_str_of(options[OPTION_LINK]), &link);
    }
    bg_json_object(out);
    if (bg_failed(err)) {
        put_error(out, err);
    } else if (link.len > 0) {
        bg_json_put_bool(out, "ok", true);
        bg_json_put_str(out, "link", link);
    } else {
        put_elements(out, &gs1);
    }
    bg_json_object_end(out);
    cli_print(out);
    return !bg_failed(err);
}

static int gs1_run(struct cli *cli)
{
    const char *options[OPTION_COUNT];
    if (!cli_options(cli, gs1_options, options)) {
        return CLI_USAGE;
    }
    if (cli->argc < 1 || (options[OPTION_LINK] != NULL && !gs1_stem_right(bg_str_of(options[OPTION_LINK])))) {
        return cli_usage("gs1");
    }
    BG_SCOPED_BUF out = bg_buf_init(1u << 20);
    BG_SCOPED_BUF line = bg_buf_init(1u << 20);
    bool good = true;
    for (int i = 0; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], "-") != 0) {
            good &= answer(bg_str_of(cli->argv[i]), options, &out);
            continue;
        }
        while (cli_line(&line, NULL)) {
            good &= answer(bg_buf_str(&line), options, &out);
        }
    }
    return good ? CLI_GOOD : CLI_BAD;
}

static bg_err check_key(enum gs1_key key, bg_str value, struct bg_buf *out)
{
    char normal[19];
    BG_TRY(gs1_key_read(key, value, normal));
    bg_json_put_str(out, "normal", bg_str_of(normal));
    return BG_DONE;
}

bg_err cli_check_gtin(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    (void)cli;
    return check_key(GS1_GTIN, value, out);
}

bg_err cli_check_sscc(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    (void)cli;
    return check_key(GS1_SSCC, value, out);
}

bg_err cli_check_gln(const struct cli *cli, bg_str value, struct bg_buf *out)
{
    (void)cli;
    return check_key(GS1_GLN, value, out);
}

const struct cli_command cli_commands_gs1[] = {
    { .name = "gs1",
      .usage = "[--link https://DOMAIN] [--separator TEXT] SCAN…|-",
      .zh = "解析 GS1 条码（GS 写作 \\x1D），每次扫描输出一行 JSON",
      .en = "read GS1 codes (GS written \\x1D), one line of JSON a scan",
      .options = gs1_options,
      .run = gs1_run },
    { 0 },
};
