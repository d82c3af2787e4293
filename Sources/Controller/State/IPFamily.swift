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
}
