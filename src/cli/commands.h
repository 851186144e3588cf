/* The arrays of commands, one line a group. Private to cli. */
#ifndef BG_CLI_COMMANDS_H
#define BG_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cli_commands_self[];
extern const struct cli_command cli_commands_codes[];

#endif
