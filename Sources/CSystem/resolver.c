#include "CSystem.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/// Appends an address; refused silently when there is no more room: nobody needs a hundred servers of one name.
static void append(char *addresses, size_t capacity, int family, const void *address, int *count) {
    char text[INET6_ADDRSTRLEN];
    size_t used = strlen(addresses);
    if (!inet_ntop(family, address, text, sizeof text)) return;
    if (used + 1 + strlen(text) + 1 > capacity) return;
    if (used) addresses[used++] = ' ';
    strcpy(addresses + used, text);
    *count += 1;
}

/// There is one position in the hosts file for the whole process.
static pthread_mutex_t hosts_lock = PTHREAD_MUTEX_INITIALIZER;

/// The hosts file (and whatever else nsswitch lists as enumerable) comes before DNS, as for every other program.
static int from_hosts(const char *name, int family, char *addresses, size_t capacity) {
    struct hostent entry, *found;
    char buffer[8192];
    int error, count = 0;
    pthread_mutex_lock(&hosts_lock);
    sethostent(0);
    while (gethostent_r(&entry, buffer, sizeof buffer, &found, &error) == 0 && found) {
        if (found->h_addrtype != family) continue;
        int matches = found->h_name && strcasecmp(found->h_name, name) == 0;
        for (char **alias = found->h_aliases; !matches && alias && *alias; alias++) {
            matches = strcasecmp(*alias, name) == 0;
        }
        for (char **address = found->h_addr_list; matches && address && *address; address++) {
            append(addresses, capacity, family, *address, &count);
        }
    }
    endhostent();
    pthread_mutex_unlock(&hosts_lock);
    return count;
}

/// The address records of an answer; a resolver puts the aliases on the way there before them.
static int read_answer(
    const unsigned char *answer, int length, int type, char *addresses, size_t capacity, uint32_t *ttl) {
    ns_msg message;
    ns_rr record;
    int count = 0;
    int family = type == ns_t_aaaa ? AF_INET6 : AF_INET;
    uint16_t size = type == ns_t_aaaa ? 16 : 4;
    if (ns_initparse(answer, length, &message) != 0) return -1;
    for (int index = 0; index < ns_msg_count(message, ns_s_an); index++) {
        if (ns_parserr(&message, ns_s_an, index, &record) != 0) return -1;
        if (ns_rr_class(record) != ns_c_in) continue;
        if (ns_rr_ttl(record) < *ttl) *ttl = ns_rr_ttl(record);
        if (ns_rr_type(record) != type || ns_rr_rdlen(record) != size) continue;
        append(addresses, capacity, family, ns_rr_rdata(record), &count);
    }
    return count;
}

int csystem_resolve(
    const char *name, int wants_v6, uint16_t port, char *addresses, size_t capacity, uint32_t *ttl) {
    struct __res_state state;
    unsigned char answer[NS_MAXMSG];
    int type = wants_v6 ? ns_t_aaaa : ns_t_a;
    addresses[0] = 0;
    *ttl = 30;
    if (!port) {
        int count = from_hosts(name, wants_v6 ? AF_INET6 : AF_INET, addresses, capacity);
        if (count > 0) return count;
    }
    *ttl = UINT32_MAX;
    memset(&state, 0, sizeof state);
    // Read anew each time: resolv.conf may change while we run.
    if (res_ninit(&state) != 0) return -1;
    state.retrans = 2;
    state.retry = 2;
    if (port) {
        state.nscount = 1;
        state.nsaddr_list[0].sin_family = AF_INET;
        state.nsaddr_list[0].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        state.nsaddr_list[0].sin_port = htons(port);
    }
    // res_nquery takes the name as absolute; a search list would let another zone answer for it.
    int length = res_nquery(&state, name, ns_c_in, type, answer, sizeof answer);
    int error = state.res_h_errno;
    res_nclose(&state);
    if (length < 0) return error == HOST_NOT_FOUND || error == NO_DATA ? 0 : -1;
    if (length > (int)sizeof answer) length = sizeof answer;
    return read_answer(answer, length, type, addresses, capacity, ttl);
}

int csystem_has_route(int wants_v6) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(53)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
    inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
    inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
    int probe = socket(wants_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return 0;
    // A datagram socket sends nothing when it connects: it asks for a route.
    int result = wants_v6 ? connect(probe, (struct sockaddr *)&v6, sizeof v6)
                          : connect(probe, (struct sockaddr *)&v4, sizeof v4);
    close(probe);
    return result == 0;
}
