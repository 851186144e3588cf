/* The program: a command line over a table of commands. */
#include "cli/cli.h"
#include "lp/lp.h"

int main(int argc, char **argv)
{
    int code;
    if (lp_child(argc, argv, &code)) { /* the solver's own process */
        return code;
    }
    return cli_main(argc, argv);
}
