public import Basics
import COpenSSL
import Glibc

/// What a handshake has left behind, asked of OpenSSL when somebody wants to know.
extension TLSSession {
    /// The group of the key exchange by OpenSSL's short name, which is static; nil without one.
    ///
    /// OpenSSL 3.0 looks for it in the session without asking whether there is one; a handshake that failed has left none.
    public var groupName: ByteView? {
        guard SSL_get_session(ssl) != nil else { return nil }
        let number = Int32(truncatingIfNeeded: SSL_ctrl(ssl, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, nil))
        guard number != NID_undef, let name = OBJ_nid2sn(number) else { return nil }
        return ByteView(
            start: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self), count: strlen(name))
    }

    /// The `Finished` message of the other side, in a resumed session our own: where we are the server, that is the first one
    /// (RFC 5929 3). HAProxy has it so on both sides.
    public var unique: [UInt8] {
        let isOwn = isResumed
        return bytes(upTo: 64) { ssl, buffer in
            isOwn ? SSL_get_finished(ssl, buffer, 64) : SSL_get_peer_finished(ssl, buffer, 64)
        }
    }

    /// What the client has drawn.
    public var clientRandom: [UInt8] { bytes(upTo: 32) { SSL_get_client_random($0, $1, 32) } }
    /// And the server.
    public var serverRandom: [UInt8] { bytes(upTo: 32) { SSL_get_server_random($0, $1, 32) } }

    /// The certificates that the other side has sent, in their order; without its own one where it is the client.
    public var sentChain: [UInt8] {
        guard let chain = SSL_get_peer_cert_chain(ssl) else { return [] }
        return (0..<max(0, OPENSSL_sk_num(chain))).flatMap { place in
            OPENSSL_sk_value(chain, place).map { HeldCertificate(OpaquePointer($0)).der } ?? []
        }
    }

    /// The authority that the other side's certificate is trusted for; nil if it is not known.
    public var verifiedRoot: HeldCertificate? {
        guard let chain = SSL_get0_verified_chain(ssl), OPENSSL_sk_num(chain) > 0,
            let last = OPENSSL_sk_value(chain, OPENSSL_sk_num(chain) - 1)
        else { return nil }
        return HeldCertificate(OpaquePointer(last))
    }

    private func bytes(upTo most: Int, _ copy: (OpaquePointer, UnsafeMutablePointer<UInt8>?) -> Int)
        -> [UInt8]
    {
        [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            count = min(most, max(0, copy(ssl, buffer.baseAddress)))
        }
    }
}
