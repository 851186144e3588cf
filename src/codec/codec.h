/* The public header of codec: formats without state. Each includes base only; the manual of each is its own header. */
#ifndef BG_CODEC_H
#define BG_CODEC_H

#include "codec/gs1.h"

#endif
