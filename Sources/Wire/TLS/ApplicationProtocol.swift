import COpenSSL

/// What is spoken inside TLS, as ALPN (RFC 7301) names it.
public enum ApplicationProtocol: String, Sendable, CaseIterable {
    case http11 = "http/1.1"
    case http2 = "h2"

    /// The list as it travels: a length byte before each name.
    static func wireFormat(of list: [ApplicationProtocol]) -> [UInt8] {
        list.flatMap { [UInt8($0.rawValue.utf8.count)] + Array($0.rawValue.utf8) }
    }

    /// Makes it all that a client's side offers; false without memory.
    func offer(alone ssl: OpaquePointer) -> Bool { ApplicationProtocol.offer([self], in: ssl) }

    /// Makes them all that a client's side offers, nothing if there are none; false without memory.
    static func offer(_ protocols: [ApplicationProtocol], in ssl: OpaquePointer) -> Bool {
        let offer = ApplicationProtocol.wireFormat(of: protocols)
        return SSL_set_alpn_protos(ssl, offer, UInt32(clamping: offer.count)) == 0
    }
}
