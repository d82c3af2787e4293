// Names to addresses, with the time they hold: what getaddrinfo does not tell.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Asks for the IPv4 or (wants_v6) IPv6 addresses of `name`, which is taken as absolute: the hosts file first, then DNS.
/// Writes them with spaces between them to `addresses` and the shortest time to live on the way to `ttl` (seconds).
/// `port`, if not 0, asks a server on 127.0.0.1 instead of those of resolv.conf, and no hosts file.
/// Returns how many there are, 0 if the name or its addresses do not exist, -1 if nobody could tell.
/// Blocks for up to a few seconds.
int csystem_resolve(
    const char *name, int wants_v6, uint16_t port, char *addresses, size_t capacity, uint32_t *ttl);

/// Whether packets to addresses of this family have somewhere to go.
int csystem_has_route(int wants_v6);

/// What stands at the beginning of an answer of a name server.
struct csystem_dns_head {
    uint16_t id;
    uint8_t is_answer;
    uint8_t is_truncated;
    uint8_t code;
    uint16_t questions;
    uint16_t answers;
    uint16_t additional;
    uint16_t question_type;
    /// Without the last dot.
    char question[256];
};

/// A record of an answer: an address, an alias, or a place of a service. Of other types only the type is there.
struct csystem_dns_record {
    uint16_t type;
    uint16_t weight;
    uint16_t port;
    uint8_t address[16];
    /// Whose record it is, and whom it leads to, without their last dots.
    char owner[256];
    char target[256];
};

/// Reads an answer's head; false if the bytes are none. A question whose name is too long to be shown has none.
int csystem_dns_read_head(const uint8_t *bytes, size_t count, struct csystem_dns_head *head);

/// Reads up to `most` records of the answer section or the (`additional`) additional one. Returns how many there are, -1 if one of them is broken.
int csystem_dns_read_records(
    const uint8_t *bytes, size_t count, int additional, struct csystem_dns_record *records, int most);
