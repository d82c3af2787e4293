import Wire

/// The hash of a client's address for `balance source`: an IPv4 address as one number, the words of an IPv6 address
/// folded together, as HAProxy does before its map lookup.
enum SourceHash {
    static func hash(_ address: SocketAddress) -> UInt32 {
        guard address.isV6 else { return UInt32(truncatingIfNeeded: address.high).byteSwapped }
        let folded = address.high ^ address.low
        return (UInt32(truncatingIfNeeded: folded) ^ UInt32(truncatingIfNeeded: folded >> 32)).byteSwapped
    }
}
