import Controller

/// A Service whose requests go elsewhere, as it is named on the command line.
struct OverrideChoice: Sendable, Equatable {
    let service: NamespacedName
    let target: ServiceOverride

    /// Reads `NAMESPACE/SERVICE=HOST:PORT`, an IPv6 address in brackets.
    init?(_ text: String) {
        guard let sign = text.firstIndex(of: "="), let service = NamespacedName(String(text[..<sign])) else {
            return nil
        }
        let target = String(text[text.index(after: sign)...])
        guard let (host, port) = OverrideChoice.place(target) else { return nil }
        self.service = service
        self.target = ServiceOverride(host: host, port: port)
    }

    /// An address, or a name that could be one in DNS.
    private static func place(_ text: String) -> (host: String, port: UInt16)? {
        if let endpoint = Endpoint(text) {
            return endpoint.port == 0 ? nil : (endpoint.address, endpoint.port)
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = ValueForm.port(text[text.index(after: colon)...]),
            port != 0, let names = ValueForm.addresses(String(text[..<colon])), names.count == 1,
            !names[0].contains(":")
        else { return nil }
        return (names[0], port)
    }
}
