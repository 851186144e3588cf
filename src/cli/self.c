/* Commands about the program itself: version and help. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "cli/commands.h"

static int version_run(struct cli *cli)
{
    if (cli->argc != 0) {
        return cli_usage("version");
    }
    BG_SCOPED_BUF out = bg_buf_init(1024);
    bg_json_object(&out);
    bg_json_put_str(&out, "name", BG_STR("baogong"));
    bg_json_put_str(&out, "name_zh", BG_STR("保供"));
    bg_json_put_str(&out, "version", bg_str_of(api_version()));
    bg_json_object_end(&out);
    cli_print(&out);
    return CLI_GOOD;
}

/* One command on one line. */
static void help_line(const struct cli_command *command)
{
    (void)printf("  %-10s %s\n  %-10s %s\n", command->name, command->zh, "", command->en);
}

static void help_command(const struct cli_command *command)
{
    (void)printf("baogong %s %s\n\n  %s\n  %s\n", command->name, command->usage != NULL ? command->usage : "", command->zh, command->en);
    for (const struct cli_option *option = command->options; option != NULL && option->name != NULL; option++) {
        char left[64];
        (void)snprintf(left, sizeof left, "%s %s", option->name, option->value != NULL ? option->value : "");
        (void)printf("  %-26s %s / %s\n", left, option->zh, option->en);
    }
}

static int help_run(struct cli *cli)
{
    if (cli->argc > 1) {
        return cli_usage("help");
    }
    if (cli->argc == 0) {
        (void)printf("baogong（保供）%s：城市应急物资保障 / keeps a city supplied through an outbreak\n\n", api_version());
    }
    bool found = false;
    for (size_t i = 0; cli_command_arrays[i] != NULL; i++) {
        for (const struct cli_command *command = cli_command_arrays[i]; command->name != NULL; command++) {
            if (cli->argc == 0) {
                help_line(command);
            } else if (strcmp(command->name, cli->argv[0]) == 0) {
                help_command(command);
                found = true;
            }
        }
    }
    if (cli->argc == 0) {
        (void)printf("\n退出码 exit codes: 0 正常 good, 1 有输入不合格 some input was bad, 2 用法错误 usage, 3 无法运行 could not run\n");
        return CLI_GOOD;
    }
    if (!found) {
        (void)fprintf(stderr, "没有这个命令 no such command: %s\n", cli->argv[0]);
        return CLI_USAGE;
    }
    return CLI_GOOD;
}

const struct cli_command cli_commands_self[] = {
    { .name = "version", .zh = "显示版本", .en = "print the version", .run = version_run },
    { .name = "help", .usage = "[COMMAND]", .zh = "列出命令，或说明一个命令", .en = "list the commands, or explain one", .run = help_run },
    { 0 },
};
