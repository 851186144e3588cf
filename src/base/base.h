/* The public header of base: knows nothing of the domain and does no I/O beyond memory, clock, randomness and log lines. */
#ifndef BG_BASE_H
#define BG_BASE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/qty.h"
#include "base/str.h"
#include "base/time.h"

#endif
