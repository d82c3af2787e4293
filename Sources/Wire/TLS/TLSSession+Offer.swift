public import Basics
import COpenSSL
import Glibc

/// What the client's first message has offered.
extension HelloOffer {
    private static let place = CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil
    ) { _, offer, _, _, _, _ in
        if let offer { Unmanaged<HelloOffer>.fromOpaque(offer).release() }
    }

    /// Keeps the offers of a session that has not begun.
    static func keep(of ssl: OpaquePointer) {
        SSL_set_msg_callback(ssl) { isOurs, _, kind, bytes, count, ssl, _ in
            guard isOurs == 0, kind == SSL3_RT_HANDSHAKE, let bytes, let ssl else { return }
            let start = bytes.assumingMemoryBound(to: UInt8.self)
            HelloOffer.note(ByteView(start: start, count: count), of: ssl)
        }
    }

    /// A message has come. Of a client that was asked for another one the last counts, as with HAProxy.
    private static func note(_ message: ByteView, of ssl: OpaquePointer) {
        let room = HandshakeSettings.of(ssl)?.offerRoom ?? 0
        guard room > 0, let offer = HelloOffer(message, room: room) else { return }
        let own = Unmanaged.passRetained(offer)
        let known = SSL_get_ex_data(ssl, place)
        guard SSL_set_ex_data(ssl, place, own.toOpaque()) == 1 else { return own.release() }
        if let known { Unmanaged<HelloOffer>.fromOpaque(known).release() }
    }

    fileprivate static func of(_ ssl: OpaquePointer) -> HelloOffer? {
        SSL_get_ex_data(ssl, place).map { Unmanaged<HelloOffer>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension TLSSession {
    /// What the client has offered; nil where nobody wants to know.
    public var offer: HelloOffer? { HelloOffer.of(ssl) }

    /// OpenSSL's name of the cipher suite of a number; nil if it knows none.
    public func cipherName(of number: UInt16) -> ByteView? {
        let bytes = [UInt8(number >> 8), UInt8(number & 0xFF)]
        guard let cipher = SSL_CIPHER_find(ssl, bytes), let name = SSL_CIPHER_get_name(cipher) else {
            return nil
        }
        return ByteView(
            start: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self), count: strlen(name))
    }
}
