// libcurl's variadic calls as functions; handles are `void *` because curl.h belongs to another module.
#pragma once
#include <stddef.h>

/// What libcurl calls with the bytes of a head or a body; must answer `size * count`.
typedef size_t (*csystem_curl_sink)(char *bytes, size_t size, size_t count, void *context);

/// curl_easy_setopt with a long; answers a CURLcode.
int csystem_curl_set_number(void *easy, int option, long value);
/// curl_easy_setopt with a string, which libcurl copies.
int csystem_curl_set_text(void *easy, int option, const char *value);
/// curl_easy_setopt with a struct curl_blob, which libcurl copies.
int csystem_curl_set_blob(void *easy, int option, const void *bytes, size_t count);
/// CURLOPT_POSTFIELDSIZE and CURLOPT_COPYPOSTFIELDS.
int csystem_curl_set_body(void *easy, const void *bytes, size_t count);
/// curl_easy_setopt with a struct curl_slist, which must live as long as the transfer.
int csystem_curl_set_list(void *easy, int option, void *list);
/// CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION with one context.
int csystem_curl_set_sinks(void *easy, csystem_curl_sink head, csystem_curl_sink body, void *context);
/// CURLOPT_ERRORBUFFER: CURL_ERROR_SIZE bytes that live as long as the handle.
int csystem_curl_set_error_buffer(void *easy, char *buffer);
/// TCP keepalive after 30 s of silence, every 15 s; the connection is dead when 45 s of data or probes stay
/// unacknowledged (TCP_USER_TIMEOUT). libcurl has no HTTP/2 PING for a stream that is open.
int csystem_curl_set_liveness(void *easy);
/// CURLINFO_RESPONSE_CODE, 0 before there is one.
long csystem_curl_status(void *easy);
/// curl_multi_setopt with a long; answers a CURLMcode.
int csystem_curl_multi_set_number(void *multi, int option, long value);
/// The next transfer that has ended, and how (a CURLcode); NULL when there is none.
void *csystem_curl_multi_next_ended(void *multi, int *result);
