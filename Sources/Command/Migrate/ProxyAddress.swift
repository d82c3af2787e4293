/// Where a proxy is reached, as `--compare` names it: `http://192.0.2.10:80`.
struct ProxyAddress: Sendable, Equatable, CustomStringConvertible {
    /// `http` or `https`.
    let scheme: String
    /// `HOST:PORT`, an IPv6 address in brackets.
    let address: String

    /// Reads a URL that has no path; without a port it is the scheme's.
    init?(_ text: String) {
        guard let mark = text.firstRange(of: "://") else { return nil }
        scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        var rest = text[mark.upperBound...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let end =
            rest.hasPrefix("[") ? rest.firstIndex(of: "]").map(rest.index(after:)) : rest.firstIndex(of: ":")
        let host = rest[..<(end ?? rest.endIndex)]
        let known = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]".utf8)
        guard !host.isEmpty, host.utf8.allSatisfy(known.contains), host.hasPrefix("[") == host.hasSuffix("]")
        else {
            return nil
        }
        let tail = rest[host.endIndex...]
        guard !tail.isEmpty else {
            address = "\(host):\(scheme == "http" ? 80 : 443)"
            return
        }
        guard tail.hasPrefix(":"), let port = ValueForm.port(tail.dropFirst()), port > 0 else { return nil }
        address = "\(host):\(port)"
    }

    var description: String { "\(scheme)://\(address)" }
}
