/* What the handlers of people and rights have in common. Private to api. */
#ifndef BG_API_PEOPLE_H
#define BG_API_PEOPLE_H

#include "api/api.h"

struct auth_by people_by(const struct api_request *rq);
/* A copy of a change's input in the request's arena. */
bg_err people_keep(struct api_request *rq, const void *in, size_t size, const void **ret);
/* The page asked for, with the envelope begun; *ret tells a bad cursor. */
struct auth_page people_page_begin(struct api_request *rq, struct bg_buf *reply, bg_err *ret);
bg_err people_page_end(struct api_request *rq, const struct auth_page *page, struct bg_buf *reply);
/* Own handlers: runs `job` in the pool; an error becomes the answer. */
bg_err people_pool(struct api_request *rq, void (*job)(struct api_request *rq));
void people_answer(struct api_request *rq, bg_err err);
/* What the operation id stands for: method, path and raw body. */
bg_err people_op_body(struct api_request *rq, bg_str *ret);
/* The address at which a one-time link is opened, in the arena. */
const char *people_link_url(struct api_request *rq, const char *token);
/* Runs the change and answers 201 {OBJECT: its reply, NAME: the secret, "url" for a link}. A replay has null for the secret. */
bg_err people_secret(struct api_request *rq, const struct change_kind *kind, const void *in, const char *object, const char *name,
                     const struct auth_secret *secret);
/* The unified social credit code as typed, in its normal form; empty stays empty. */
bg_err people_credit_code(struct bg_arena *arena, bg_str typed, bg_str *ret);

#endif
