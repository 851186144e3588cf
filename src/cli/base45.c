/* `baogong base45 encode|decode -`: lines in, lines out. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "codec/base45.h"

static bool base45_line(bool decode, bg_str line, struct bg_buf *out)
{
    BG_SCOPED_ARENA arena = bg_arena_open(4096);
    if (!decode) {
        base45_encode(line, out);
        cli_print(out);
        return true;
    }
    bg_err err = base45_decode(arena, line, out);
    if (bg_failed(err)) { /* the answer's line stays, empty, so that lines still match */
        bg_buf_clear(out);
        (void)cli_fail(err);
    }
    cli_print(out);
    return !bg_failed(err);
}

static int base45_run(struct cli *cli)
{
    if (cli->argc < 2 || (strcmp(cli->argv[0], "encode") != 0 && strcmp(cli->argv[0], "decode") != 0)) {
        return cli_usage("base45");
    }
    bool decode = strcmp(cli->argv[0], "decode") == 0, good = true;
    BG_SCOPED_BUF out = bg_buf_init(4u << 20);
    BG_SCOPED_BUF line = bg_buf_init(1u << 20);
    for (int i = 1; i < cli->argc; i++) {
        if (strcmp(cli->argv[i], "-") != 0) {
            good &= base45_line(decode, bg_str_of(cli->argv[i]), &out);
            continue;
        }
        while (cli_line(&line, NULL)) {
            good &= base45_line(decode, bg_buf_str(&line), &out);
        }
    }
    return good ? CLI_GOOD : CLI_BAD;
}

const struct cli_command cli_commands_base45[] = {
    { .name = "base45",
      .usage = "encode|decode TEXT…|-",
      .zh = "Base45（RFC 9285）编码与解码，逐行",
      .en = "encode and decode Base45 (RFC 9285), line by line",
      .run = base45_run },
    { 0 },
};
