/* The doctor has a file of its own. Private to cli. */
#ifndef BG_CLI_DATA_H
#define BG_CLI_DATA_H

#include "cli/cli.h"

extern const struct cli_option doctor_options[], restore_options[];
int restore_run(struct cli *cli);
int doctor_run(struct cli *cli);

#endif
