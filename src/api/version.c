/* The version, from the file VERSION by way of the Makefile. */
#include "api/api.h"

const char *api_version(void)
{
    return BG_VERSION;
}
