/* The load client of tests/flow/kill.sh and tests/soak.sh: what it knows of the city, and what it has sent. */
#ifndef BG_TOOLS_LOAD_H
#define BG_TOOLS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Written once by `load setup`, one NAME=VALUE a line. */
struct load_city {
    char token[128]; /* session of the depot's manager */
    long long place, other, owner, item, lot, crowd_lot;
};

/* An operation: drawn from its number, so that only the number and the answer need to be kept. */
struct load_op {
    char key[37];
    char body[700];
    long long qty;
    bool issue;
};

/* setup.c: makes the city in an empty database, through the program's own modules. */
int load_setup(const char *db, const char *file);

#endif
