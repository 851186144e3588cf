/* The floor of a read: libmicrohttpd alone, one epoll thread, answering 300 static bytes to everything. Prints {"port":N} and serves until
 * it is killed. */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char body[300];

static enum MHD_Result answer(void *ctx, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
                              const char *upload, size_t *upload_size, void **con_cls)
{
    static int seen;
    (void)ctx;
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    (void)upload_size;
    if (*con_cls == NULL) {
        *con_cls = &seen; /* an answer queued in the first call would close the connection */
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof body, body, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result queued = MHD_queue_response(mhd, 200, response);
    MHD_destroy_response(response);
    return queued;
}

int main(void)
{
    memset(body, 'x', sizeof body);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL, MHD_OPTION_CONNECTION_LIMIT,
                                                 256u, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon != NULL ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (info == NULL) {
        return 3;
    }
    printf("{\"port\":%d}\n", info->port);
    fflush(stdout);
    pause();
    return 0;
}
