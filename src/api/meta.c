/* Routes about the API itself. */
#include "api/inner.h"
#include "api/routes.h"

static bg_err openapi_get(struct api_request *rq)
{
    struct bg_buf *reply = rq->http->reply;
    api_openapi(reply);
    BG_TRY(bg_buf_check(reply));
    call_reply(call_of(rq), 200, NULL);
    return BG_DONE;
}

const struct api_route api_routes_meta[] = {
    { .method = "GET",
      .path = "/api/v1/openapi.json",
      .right = API_PUBLIC,
      .own = openapi_get,
      .module = "system",
      .zh = "接口说明（OpenAPI 3.1）",
      .en = "description of the API (OpenAPI 3.1)" },
    { 0 },
};
