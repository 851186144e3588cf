/* The command line: one table of commands. Exit codes: 0 all good, 1 some input was judged bad, 2 usage, 3 could not run. Answers go to
 * standard output as one JSON value a line (or CSV where the contract says so), messages to standard error. */
#ifndef BG_CLI_H
#define BG_CLI_H

#include "base/base.h"

enum cli_exit { CLI_GOOD = 0, CLI_BAD = 1, CLI_USAGE = 2, CLI_FAILED = 3 };

struct cli {
    int argc;                  /* arguments behind the command's name */
    char **argv;
    const struct bg_env *env;
    const struct bg_log *log;  /* to standard error */
};

/* An option of a command: "--db FILE". */
struct cli_option {
    const char *name;          /* "--db" */
    const char *value;         /* "FILE"; NULL: a switch */
    const char *zh, *en;
};

/* One command. Each file of src/cli holds the rows of its group in an array ended by an empty row; commands.c lists the arrays. */
struct cli_command {
    const char *name;
    const char *usage;         /* behind the name: "FILE [--at TIME]" */
    const char *zh, *en;       /* what it does, one sentence */
    const struct cli_option *options; /* ended by an empty row; may be NULL */
    int (*run)(struct cli *cli);
};
extern const struct cli_command *const cli_command_arrays[];

/* The whole program behind main. */
int cli_main(int argc, char **argv);

/* Reads the declared options, `--name value` or `--name=value`, from cli->argv, anywhere before "--"; what is left (operands, "-" among
 * them) moves to the front of argv and argc is set. `ret_values` has one place an option in declared order: its value, "" for a switch
 * given, NULL when absent. False for an unknown option, a missing value or the same option twice: already reported, answer CLI_USAGE. */
bool cli_options(struct cli *cli, const struct cli_option *options, const char **ret_values);
/* Reports the command's usage to standard error; returns CLI_USAGE. */
int cli_usage(const char *command);
/* Reports an error to standard error in both languages with its facts and remedy; returns CLI_FAILED. */
int cli_fail(bg_err err);
/* Next line of standard input without its line end, in `line` (kept until the next call); false at the end. A line above 1 MiB is cut
 * there and *ret_cut (may be NULL) set. */
bool cli_line(struct bg_buf *line, bool *ret_cut);
/* Writes a buffer and a line feed to standard output and empties it; ends the program (CLI_FAILED) when the buffer is not whole. */
void cli_print(struct bg_buf *out);

#endif
