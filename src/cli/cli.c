/* Finding the command, reading options, reporting. */
#include "cli/cli.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "codec/json.h"

#define LINE_MAX_BYTES (1u << 20)

static const struct cli_command *command_find(const char *name)
{
    for (size_t i = 0; cli_command_arrays[i] != NULL; i++) {
        for (const struct cli_command *command = cli_command_arrays[i]; command->name != NULL; command++) {
            if (strcmp(command->name, name) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

int cli_main(int argc, char **argv)
{
    json_init(); /* before any thread */
    struct bg_log log = { .fd = STDERR_FILENO, .least = BG_INFO, .env = &bg_env_real };
    if (argc < 2) {
        (void)fprintf(stderr, "用法 usage: baogong COMMAND …   （baogong help 列出全部命令 lists the commands）\n");
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    const struct cli_command *command = command_find(name);
    if (command == NULL) {
        (void)fprintf(stderr, "没有这个命令 no such command: %s   （baogong help）\n", name);
        return CLI_USAGE;
    }
    struct cli cli = { .argc = argc - 2, .argv = argv + 2, .env = &bg_env_real, .log = &log };
    if (cli.argc == 1 && (strcmp(cli.argv[0], "--help") == 0 || strcmp(cli.argv[0], "-h") == 0)) {
        cli.argv[0] = argv[1];
        return command_find("help")->run(&cli);
    }
    int code = command->run(&cli);
    if (fflush(stdout) != 0 && code == CLI_GOOD) {
        (void)fprintf(stderr, "标准输出写入失败 cannot write to standard output\n");
        return CLI_FAILED;
    }
    return code;
}

/* The declared option that `arg` names, with the value behind '=' in *ret_value (NULL: none); NULL when it names none. */
static const struct cli_option *option_find(const struct cli_option *options, const char *arg, const char **ret_value)
{
    const char *equals = strchr(arg, '=');
    size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
    for (const struct cli_option *option = options; option != NULL && option->name != NULL; option++) {
        if (strlen(option->name) == len && memcmp(option->name, arg, len) == 0) {
            *ret_value = equals != NULL ? equals + 1 : NULL;
            return option;
        }
    }
    return NULL;
}

static bool option_refuse(const char *arg, const char *zh, const char *en)
{
    (void)fprintf(stderr, "%s: %s / %s\n", arg, zh, en);
    return false;
}

bool cli_options(struct cli *cli, const struct cli_option *options, const char **ret_values)
{
    for (const struct cli_option *option = options; option != NULL && option->name != NULL; option++) {
        ret_values[option - options] = NULL;
    }
    int kept = 0;
    bool only_operands = false;
    for (int i = 0; i < cli->argc; i++) {
        char *arg = cli->argv[i];
        if (only_operands || arg[0] != '-' || arg[1] == '\0') {
            cli->argv[kept++] = arg;
            continue;
        }
        if (strcmp(arg, "--") == 0) {
            only_operands = true;
            continue;
        }
        const char *value = NULL;
        const struct cli_option *option = option_find(options, arg, &value);
        /* "-3" is a number, not an option. */
        if (option == NULL && arg[1] >= '0' && arg[1] <= '9') {
            cli->argv[kept++] = arg;
            continue;
        }
        if (option == NULL) {
            return option_refuse(arg, "没有这个选项", "no such option");
        }
        if (ret_values[option - options] != NULL) {
            return option_refuse(arg, "选项重复", "given twice");
        }
        if (option->value == NULL) {
            if (value != NULL) {
                return option_refuse(arg, "该选项不带值", "takes no value");
            }
            value = "";
        } else if (value == NULL) {
            if (i + 1 == cli->argc) {
                return option_refuse(arg, "缺少值", "needs a value");
            }
            value = cli->argv[++i];
        }
        ret_values[option - options] = value;
    }
    cli->argc = kept;
    return true;
}

int cli_usage(const char *name)
{
    const struct cli_command *command = command_find(name);
    assert(command != NULL);
    (void)fprintf(stderr, "用法 usage: baogong %s %s\n", name, command->usage != NULL ? command->usage : "");
    return CLI_USAGE;
}

int cli_fail(bg_err err)
{
    const struct bg_error_info *info = &bg_errors[err.code];
    (void)fprintf(stderr, "%s（%s）；%s / %s; %s\n", info->zh, info->slug, info->remedy_zh, info->en, info->remedy_en);
    if (err.field != NULL) {
        (void)fprintf(stderr, "  %s\n", err.field);
    }
    if (err.facts != NULL) {
        (void)fprintf(stderr, "  {%s}\n", err.facts);
    }
    return CLI_FAILED;
}

bool cli_line(struct bg_buf *line, bool *ret_cut)
{
    bg_buf_clear(line);
    bool cut = false;
    int c;
    while ((c = getc_unlocked(stdin)) != EOF && c != '\n') {
        if (line->len < LINE_MAX_BYTES && line->len < line->max) {
            bg_buf_byte(line, (char)c);
        } else {
            cut = true;
        }
    }
    if (ret_cut != NULL) {
        *ret_cut = cut;
    }
    if (c == EOF && line->len == 0 && !cut) {
        return false;
    }
    if (line->len > 0 && line->at[line->len - 1] == '\r') {
        line->len--;
    }
    return true;
}

void cli_print(struct bg_buf *out)
{
    bg_err err = bg_buf_check(out);
    if (bg_failed(err)) { /* half an answer is none */
        (void)cli_fail(err);
        exit(CLI_FAILED);
    }
    (void)fwrite(out->at != NULL ? out->at : "", 1, out->len, stdout);
    (void)putc('\n', stdout);
    bg_buf_clear(out);
}
