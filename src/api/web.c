/* The web application: embedded assets (or a folder while developing), with the strictest policy the screens can live with. */
#include <string.h>

#include "api/assets.h"
#include "api/inner.h"

#define POLICY_BASE                                                                                                                        \
    "default-src 'none'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; "           \
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
#define POLICY POLICY_BASE "script-src 'self'"
/* The scanner decodes with WebAssembly in a worker of its own; a worker obeys the policy it is served with, so no page needs to allow
 * it. */
#define POLICY_SCAN "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
#define SCAN_WORKER "/assets/scan-worker"

bg_err web_open(struct api *api)
{
    api->assets = (struct http_assets){ .list = assets_list, .count = assets_count, .dir = api->app->config.web_dir };
    return BG_DONE;
}

static void heads_page(struct call *call, bool scans)
{
    (void)call_head(call, "X-Content-Type-Options", "nosniff");
    (void)call_head(call, "Content-Security-Policy", scans ? POLICY_SCAN : POLICY);
    (void)call_head(call, "Referrer-Policy", "no-referrer");
    (void)call_head(call, "Permissions-Policy", "camera=(self), microphone=(), geolocation=(self), payment=(), usb=()");
    (void)call_head(call, "Cross-Origin-Opener-Policy", "same-origin");
    (void)call_head(call, "Cross-Origin-Resource-Policy", "same-origin");
    if (call->rq.http->secure) {
        (void)call_head(call, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    }
}

void web_answer(struct call *call)
{
    struct http_request *http = call->rq.http;
    const struct http_assets *assets = &call->rq.app->api->assets;
    /* Screens are told apart behind the '#': there is one document. */
    bool document = bg_str_is(http->path, "/");
    heads_page(call, bg_str_starts(http->path, BG_STR(SCAN_WORKER)));
    if (!http_reply_asset(http, assets, document ? BG_STR("/index.html") : http->path, call->heads, call->head_count)) {
        call->head_count = 0;
        call_error(call, BG_FAIL(BG_NOT_FOUND));
    }
}
