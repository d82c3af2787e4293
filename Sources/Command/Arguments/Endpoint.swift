import Wire

/// An address and a port named on the command line.
struct Endpoint: Sendable, Equatable, CustomStringConvertible {
    let address: String
    let port: UInt16

    /// An endpoint from its parts.
    init(address: String, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads `127.0.0.1:80` or `[::1]:80`.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = ValueForm.port(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard SocketAddress(String(host), port: port) != nil else { return nil }
        self.init(address: String(host), port: port)
    }

    var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
