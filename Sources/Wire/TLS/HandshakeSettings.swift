import COpenSSL

/// What handshakes at one listener are held to: immutable, shared by all workers.
public final class HandshakeSettings: Sendable {
    private let policy: TLSPolicy
    /// Names without a certificate of their own are refused, and so is their lack (HAProxy's `strict-sni`).
    let isStrict: Bool
    /// What ALPN may choose, as it travels; nil is what the context speaks.
    let protocols: [UInt8]?
    /// What is demanded of clients under names that demand nothing themselves.
    let verification: ClientVerification?
    /// How many bytes of what clients offer are kept; 0 is none.
    let offerRoom: Int

    /// Refuses what OpenSSL does not know.
    public init(
        _ policy: TLSPolicy, isStrict: Bool, protocols: [String]? = nil,
        verification: ClientVerification? = nil, offerRoom: Int = 0
    ) throws(TLSSettingsError) {
        try policy.validate()
        for name in protocols ?? [] where name.isEmpty || name.utf8.count > 255 {
            throw .applicationProtocol(name)
        }
        self.protocols = protocols?.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
        self.policy = policy
        self.isStrict = isStrict
        self.verification = verification
        self.offerRoom = offerRoom
    }

    private static let place = CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil
    ) { _, settings, _, _, _, _ in
        if let settings { Unmanaged<HandshakeSettings>.fromOpaque(settings).release() }
    }

    /// Holds a session to them that has not begun; false if that can not be.
    func hold(_ ssl: OpaquePointer) -> Bool {
        let own = Unmanaged.passRetained(self)
        guard SSL_set_ex_data(ssl, Self.place, own.toOpaque()) == 1 else {
            own.release()
            return false
        }
        if offerRoom > 0 { HelloOffer.keep(of: ssl) }
        return policy.apply(toSession: ssl)
    }

    /// What a session is held to; nil is the context's own.
    static func of(_ ssl: OpaquePointer) -> HandshakeSettings? {
        SSL_get_ex_data(ssl, place).map {
            Unmanaged<HandshakeSettings>.fromOpaque($0).takeUnretainedValue()
        }
    }
}
