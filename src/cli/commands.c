/* THE table of commands: each group's file holds its rows, this file lists the groups in the order of `baogong help`. */
#include "cli/commands.h"

const struct cli_command *const cli_command_arrays[] = {
    cli_commands_self,
    cli_commands_serve,
    cli_commands_docs,
    cli_commands_data,
    cli_commands_sim,
    cli_commands_import,
    cli_commands_codes,
    cli_commands_gs1,
    cli_commands_base45,
    cli_commands_epidemic,
    cli_commands_solve,
    cli_commands_replay,
    cli_commands_demo,
    cli_commands_verify,
    cli_commands_man,
    NULL,
};
