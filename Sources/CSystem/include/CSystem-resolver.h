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
