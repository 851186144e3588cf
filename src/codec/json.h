/* Strict reading of JSON from strangers, by Jansson, into an arena: no doubled keys, integers within int64, UTF-8 without lone
 * surrogates, no NUL, bounded depth, nothing behind the value. The tree is read with Jansson's own functions (json_object_get …) and
 * never freed: it goes with its arena. */
#ifndef BG_CODEC_JSON_H
#define BG_CODEC_JSON_H

#include <jansson.h>

#include "base/base.h"

#define JSON_DEPTH_MAX 64

/* Makes Jansson take its memory from the arena of the text being read, and from bg_heap_* otherwise. Once, at the start of the program,
 * before any other use of Jansson and before any thread (Jansson keeps its allocator in a global). */
void json_init(void);

/* Reads one value of any type. BG_JSON_SYNTAX tells line and column in its facts. */
bg_err json_read(bg_str text, struct bg_arena *arena, json_t **ret);

/* The same value as compact text with sorted keys. */
bg_err json_canonical(const json_t *value, struct bg_buf *out);

#endif
