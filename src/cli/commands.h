/* The arrays of commands, one line a group. Private to cli. */
#ifndef BG_CLI_COMMANDS_H
#define BG_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cli_commands_self[];
extern const struct cli_command cli_commands_man[];
extern const struct cli_command cli_commands_serve[];
extern const struct cli_command cli_commands_docs[];
extern const struct cli_command cli_commands_data[];
extern const struct cli_command cli_commands_sim[];
extern const struct cli_command cli_commands_import[];
extern const struct cli_command cli_commands_codes[];
extern const struct cli_command cli_commands_demo[];
extern const struct cli_command cli_commands_gs1[];
extern const struct cli_command cli_commands_base45[];
extern const struct cli_command cli_commands_epidemic[];
extern const struct cli_command cli_commands_solve[];
extern const struct cli_command cli_commands_replay[];
extern const struct cli_command cli_commands_verify[];

/* `check gtin|sscc|gln`: judges one value, writes "normal". */
bg_err cli_check_gtin(const struct cli *cli, bg_str value, struct bg_buf *out);
bg_err cli_check_sscc(const struct cli *cli, bg_str value, struct bg_buf *out);
bg_err cli_check_gln(const struct cli *cli, bg_str value, struct bg_buf *out);

#endif
