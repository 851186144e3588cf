/* baogong openapi: the documents made from the table of routes. */
#include <stdio.h>

#include "api/api.h"
#include "cli/commands.h"

#define DOCUMENT_MAX_BYTES (16u << 20)

enum { O_TYPESCRIPT, O_MARKDOWN, O_COUNT };

static const struct cli_option openapi_options[] = {
    [O_TYPESCRIPT] = { "--typescript", NULL, "输出 TypeScript 类型", "TypeScript types instead" },
    [O_MARKDOWN] = { "--markdown", NULL, "输出 Markdown 文档", "a Markdown page instead" },
    [O_COUNT] = { 0 },
};

static int openapi_run(struct cli *cli)
{
    const char *values[O_COUNT];
    if (!cli_options(cli, openapi_options, values) || cli->argc != 0 || (values[O_TYPESCRIPT] != NULL && values[O_MARKDOWN] != NULL)) {
        return cli_usage("openapi");
    }
    BG_SCOPED_BUF out = bg_buf_init(DOCUMENT_MAX_BYTES);
    if (values[O_TYPESCRIPT] != NULL) {
        api_typescript(&out);
    } else if (values[O_MARKDOWN] != NULL) {
        api_markdown(&out);
    } else {
        api_openapi(&out);
        bg_buf_byte(&out, '\n');
    }
    bg_err err = bg_buf_check(&out);
    if (bg_failed(err)) {
        return cli_fail(err);
    }
    (void)fwrite(out.at, 1, out.len, stdout);
    return CLI_GOOD;
}

const struct cli_command cli_commands_docs[] = {
    { .name = "openapi",
      .usage = "[--typescript|--markdown]",
      .zh = "输出接口说明（OpenAPI 3.1），或由同一路由表生成的类型与文档",
      .en = "print the description of the API (OpenAPI 3.1), or types or a page made from the same table",
      .options = openapi_options,
      .run = openapi_run },
    { 0 },
};
