/* `baogong man`: the manual page baogong(1) in roff, made from the table of commands, so that it cannot lag behind it. */
#include <stdio.h>

#include "api/api.h"
#include "cli/commands.h"

/* Text for roff: a backslash and a leading dot or apostrophe would be read as commands. */
static void put_text(struct bg_buf *out, const char *text)
{
    for (size_t i = 0; text != NULL && text[i] != '\0'; i++) {
        if (text[i] == '\\') {
            bg_buf_add(out, BG_STR("\\e"));
        } else if (text[i] == '-') {
            bg_buf_add(out, BG_STR("\\-"));
        } else {
            if (i == 0 && (text[i] == '.' || text[i] == '\'')) {
                bg_buf_add(out, BG_STR("\\&"));
            }
            bg_buf_byte(out, text[i]);
        }
    }
}

static void put_command(struct bg_buf *out, const struct cli_command *command)
{
    bg_buf_print(out, ".TP\n.B baogong %s", command->name);
    bg_buf_byte(out, '\n');
    if (command->usage != NULL && command->usage[0] != '\0') {
        bg_buf_add(out, BG_STR(".I "));
        put_text(out, command->usage);
        bg_buf_add(out, BG_STR("\n.br\n"));
    }
    put_text(out, command->en);
    bg_buf_add(out, BG_STR("\n.br\n"));
    put_text(out, command->zh);
    bg_buf_byte(out, '\n');
    for (const struct cli_option *option = command->options; option != NULL && option->name != NULL; option++) {
        bg_buf_add(out, BG_STR(".RS\n.TP\n.B "));
        put_text(out, option->name);
        if (option->value != NULL) {
            bg_buf_byte(out, ' ');
            put_text(out, option->value);
        }
        bg_buf_byte(out, '\n');
        put_text(out, option->en);
        bg_buf_add(out, BG_STR("\n.br\n"));
        put_text(out, option->zh);
        bg_buf_add(out, BG_STR("\n.RE\n"));
    }
}

static int man_run(struct cli *cli)
{
    if (cli->argc != 0) {
        return cli_usage("man");
    }
    BG_SCOPED_BUF out = bg_buf_init(1 << 20);
    bg_buf_print(&out, ".TH BAOGONG 1 \"\" \"baogong %s\"\n", api_version());
    bg_buf_add(&out, BG_STR(".SH NAME\nbaogong \\- keeps a city supplied through an outbreak (保供：城市应急物资保障)\n"
                            ".SH SYNOPSIS\n.B baogong\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n"
                            ".SH DESCRIPTION\nOne program: server with the web application, command line and background work. "
                            "State lies in one SQLite file, or in PostgreSQL.\n.SH COMMANDS\n"));
    for (size_t i = 0; cli_command_arrays[i] != NULL; i++) {
        for (const struct cli_command *command = cli_command_arrays[i]; command->name != NULL; command++) {
            put_command(&out, command);
        }
    }
    bg_buf_add(&out, BG_STR(".SH EXIT STATUS\n0 all good; 1 some input was judged bad; 2 usage; 3 could not run.\n"));
    if (bg_failed(bg_buf_check(&out))) {
        return cli_fail(bg_buf_check(&out));
    }
    (void)fwrite(out.at, 1, out.len, stdout);
    return CLI_GOOD;
}

const struct cli_command cli_commands_man[] = {
    { .name = "man", .zh = "输出手册页 baogong(1)", .en = "print the manual page baogong(1)", .run = man_run },
    { 0 },
};
