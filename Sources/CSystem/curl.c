#include "CSystem-curl.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int csystem_curl_set_number(void *easy, int option, long value) {
    return curl_easy_setopt(easy, (CURLoption)option, value);
}

int csystem_curl_set_text(void *easy, int option, const char *value) {
    return curl_easy_setopt(easy, (CURLoption)option, value);
}

int csystem_curl_set_blob(void *easy, int option, const void *bytes, size_t count) {
    struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
    return curl_easy_setopt(easy, (CURLoption)option, &blob);
}

int csystem_curl_set_body(void *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

int csystem_curl_set_list(void *easy, int option, void *list) {
    return curl_easy_setopt(easy, (CURLoption)option, (struct curl_slist *)list);
}

int csystem_curl_set_sinks(void *easy, csystem_curl_sink head, csystem_curl_sink body, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, head);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    return code;
}

int csystem_curl_set_error_buffer(void *easy, char *buffer) {
    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}

// Where these cannot be set the connection still works; it is only noticed later that the peer is gone.
static int prepare_socket(void *context, curl_socket_t fd, curlsocktype purpose) {
    (void)context;
    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKOPT_OK;
    unsigned int unacknowledged = 45000;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
    int probes = 3;
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    return CURL_SOCKOPT_OK;
}

int csystem_curl_set_liveness(void *easy) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 15L);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, prepare_socket);
    return code;
}

long csystem_curl_status(void *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

int csystem_curl_multi_set_number(void *multi, int option, long value) {
    return curl_multi_setopt(multi, (CURLMoption)option, value);
}

void *csystem_curl_multi_next_ended(void *multi, int *result) {
    int queued = 0;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &queued)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}
