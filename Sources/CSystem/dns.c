#include "CSystem.h"

#include <arpa/nameser.h>
#include <limits.h>
#include <resolv.h>
#include <string.h>

/// Takes a name over without its last dot; false if it has no room.
static int take(char *to, const char *name) {
    size_t length = strlen(name);
    if (length && name[length - 1] == '.') length--;
    if (length > 255) return 0;
    memcpy(to, name, length);
    to[length] = 0;
    return 1;
}

static int begin(const uint8_t *bytes, size_t count, ns_msg *message) {
    return count <= INT_MAX && ns_initparse(bytes, (int)count, message) == 0;
}

int csystem_dns_read_head(const uint8_t *bytes, size_t count, struct csystem_dns_head *head) {
    ns_msg message;
    ns_rr question;
    memset(head, 0, sizeof *head);
    if (!begin(bytes, count, &message)) return 0;
    head->id = ns_msg_id(message);
    head->is_answer = (uint8_t)ns_msg_getflag(message, ns_f_qr);
    head->is_truncated = (uint8_t)ns_msg_getflag(message, ns_f_tc);
    head->code = (uint8_t)ns_msg_getflag(message, ns_f_rcode);
    head->questions = ns_msg_count(message, ns_s_qd);
    head->answers = ns_msg_count(message, ns_s_an);
    head->additional = ns_msg_count(message, ns_s_ar);
    if (head->questions && ns_parserr(&message, ns_s_qd, 0, &question) == 0) {
        head->question_type = ns_rr_type(question);
        take(head->question, ns_rr_name(question));
    }
    return 1;
}

/// The name that a record's data end with, from `skipped` on.
static int read_target(ns_msg message, ns_rr record, size_t skipped, char *to) {
    char name[NS_MAXDNAME];
    if (ns_rr_rdlen(record) <= skipped) return 0;
    int length = dn_expand(
        ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record) + skipped, name, sizeof name);
    return length > 0 && take(to, name);
}

static int read_record(ns_msg message, ns_rr record, struct csystem_dns_record *to) {
    memset(to, 0, sizeof *to);
    if (!take(to->owner, ns_rr_name(record))) return 0;
    if (ns_rr_class(record) != ns_c_in) return 1;
    to->type = ns_rr_type(record);
    size_t size = to->type == ns_t_a ? 4 : to->type == ns_t_aaaa ? 16 : 0;
    if (size) {
        if (ns_rr_rdlen(record) != size) return 0;
        memcpy(to->address, ns_rr_rdata(record), size);
    }
    if (to->type == ns_t_cname) return read_target(message, record, 0, to->target);
    if (to->type != ns_t_srv) return 1;
    if (ns_rr_rdlen(record) < 7) return 0;
    to->weight = ns_get16(ns_rr_rdata(record) + 2);
    to->port = ns_get16(ns_rr_rdata(record) + 4);
    return read_target(message, record, 6, to->target);
}

int csystem_dns_read_records(
    const uint8_t *bytes, size_t count, int additional, struct csystem_dns_record *records, int most) {
    ns_msg message;
    ns_rr record;
    ns_sect section = additional ? ns_s_ar : ns_s_an;
    if (!begin(bytes, count, &message)) return -1;
    int total = ns_msg_count(message, section);
    if (total > most) total = most;
    for (int index = 0; index < total; index++) {
        if (ns_parserr(&message, section, index, &record) != 0) return -1;
        if (!read_record(message, record, &records[index])) return -1;
    }
    return total;
}
