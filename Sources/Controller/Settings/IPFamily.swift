import Glibc

/// The family of an address in text form.
enum IPFamily: String, Sendable {
    case v4 = "IPv4"
    case v6 = "IPv6"

    /// nil for anything but an address alone: names, zones and ports are none.
    init?(of text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self = .v4
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self = .v6
        } else {
            return nil
        }
    }

    /// Whether an address is this machine's or this link's own affair, or nobody's: loopback, link-local, unspecified, multicast.
    ///
    /// The API server refuses such addresses in EndpointSlices.
    static func isLocal(_ text: String) -> Bool {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return isLocal(withUnsafeBytes(of: v4) { Array($0) }) }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return false }
        let bytes = withUnsafeBytes(of: v6) { Array($0) }
        // `::`, `::1`, and an IPv4 address in the clothes of IPv6.
        if bytes.prefix(10).allSatisfy({ $0 == 0 }) {
            return bytes[10] != 0xFF || bytes[11] != 0xFF || isLocal(Array(bytes.suffix(4)))
        }
        return bytes[0] == 0xFF || bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }

    private static func isLocal(_ v4: [UInt8]) -> Bool {
        v4[0] == 0 || v4[0] == 127 || v4[0] >= 224 || v4[0] == 169 && v4[1] == 254
    }
}
