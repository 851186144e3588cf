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
    (void)printf("baogong %s %s\n\n  %s\n  %s\n", command->name, command->usage != NULL ? command->usage : "", command->zh,
                 command->en);
    for (const struct cli_option *option = command->options; option != NULL && option->name != NULL; option++) {
        char left[64];
        (void)snprintf(left, sizeof left, "%s %s", option->name, option->value != NULL ? option->value : "");
        (void)printf("  %-26s %s / %s\n", left, option->zh, option->en);
    }
}

/* Text in roff: a backslash, and a dot or quote at the start of a line, would be read as requests. */
static void man_text(const char *text)
{
    (void)printf("\\&");
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            (void)printf("\\e");
        } else if (*text == '-') {
            (void)printf("\\-");
        } else {
            (void)putchar(*text);
        }
    }
    (void)putchar('\n');
}

static void man_command(const struct cli_command *command)
{
    (void)printf(".TP\n.B baogong %s\n", command->name);
    if (command->usage != NULL) {
        man_text(command->usage);
        (void)printf(".br\n");
    }
    man_text(command->zh);
    (void)printf(".br\n");
    man_text(command->en);
    for (const struct cli_option *option = command->options; option != NULL && option->name != NULL; option++) {
        char left[80];
        (void)snprintf(left, sizeof left, "%s%s%s", option->name, option->value != NULL ? " " : "",
                       option->value != NULL ? option->value : "");
        (void)printf(".RS\n.TP\n");
        man_text(left);
        man_text(option->zh);
        (void)printf(".br\n");
        man_text(option->en);
        (void)printf(".RE\n");
    }
}

/* The manual page, from the same table as the help. */
static void man_page(void)
{
    (void)printf(".TH BAOGONG 1 \"\" \"baogong %s\"\n.SH NAME\nbaogong \\- 保供: keeps a city supplied through an outbreak\n",
                 api_version());
    (void)printf(".ad l\n.SH SYNOPSIS\n.B baogong\n.I COMMAND\n[options] [operands]\n.SH COMMANDS\n");
    for (size_t i = 0; cli_command_arrays[i] != NULL; i++) {
        for (const struct cli_command *command = cli_command_arrays[i]; command->name != NULL; command++) {
            man_command(command);
        }
    }
    (void)printf(".SH EXIT STATUS\n0 all good, 1 some input was judged bad, 2 usage, 3 could not run.\n");
    (void)printf(
        ".SH OUTPUT\nOne JSON value a line (or CSV where a command says so) on standard output; messages on standard error.\n");
}

static const struct cli_option help_options[] = {
    { "--man", NULL, "输出手册页（roff）", "print the manual page (roff)" },
    { 0 },
};

static int help_run(struct cli *cli)
{
    const char *man;
    if (!cli_options(cli, help_options, &man) || cli->argc > 1) {
        return cli_usage("help");
    }
    if (man != NULL) {
        man_page();
        return CLI_GOOD;
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
        (void)printf(
            "\n退出码 exit codes: 0 正常 good, 1 有输入不合格 some input was bad, 2 用法错误 usage, 3 无法运行 could not run\n");
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
    { .name = "help",
      .usage = "[COMMAND] [--man]",
      .zh = "列出命令，或说明一个命令",
      .en = "list the commands, or explain one",
      .options = help_options,
      .run = help_run },
    { 0 },
};
