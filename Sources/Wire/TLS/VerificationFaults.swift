import COpenSSL

/// What a handshake found first that is wrong with the other side's certificate and with the authorities above it, by OpenSSL's
/// numbers, though it may have let it pass; 0 is nothing. A session that is resumed looks at nothing.
public struct VerificationFaults: Sendable, Equatable {
    /// Of the certificate.
    public private(set) var client: UInt16 = 0
    /// Of an authority.
    public private(set) var authority: UInt16 = 0
    /// How far above the certificate that authority is.
    public private(set) var depth: UInt16 = 0

    init() {}

    /// One more is found.
    mutating func note(_ code: Int32, depth: Int32) {
        let code = UInt16(clamping: code)
        if depth == 0 {
            if client == 0 { client = code }
        } else if authority == 0 {
            (authority, self.depth) = (code, UInt16(clamping: depth))
        }
    }
}

extension VerificationFaults {
    // Kept in the pointer's own bits: nothing is allocated.
    private static let place = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil, nil)

    /// What was found of a session.
    static func of(_ ssl: OpaquePointer) -> VerificationFaults {
        let bits = UInt(bitPattern: SSL_get_ex_data(ssl, place))
        var faults = VerificationFaults()
        (faults.client, faults.authority) = (UInt16(bits & 0xFFFF), UInt16(bits >> 16 & 0xFFFF))
        faults.depth = UInt16(bits >> 32 & 0xFFFF)
        return faults
    }

    /// One more is found in a session.
    static func note(_ code: Int32, depth: Int32, of ssl: OpaquePointer) {
        var faults = of(ssl)
        faults.note(code, depth: depth)
        let bits = UInt(faults.client) | UInt(faults.authority) << 16 | UInt(faults.depth) << 32
        SSL_set_ex_data(ssl, place, UnsafeMutableRawPointer(bitPattern: bits))
    }
}

extension TLSSession {
    /// What was found wrong first.
    public var verificationFaults: VerificationFaults { VerificationFaults.of(ssl) }
}
