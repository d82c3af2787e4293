import COpenSSL
import CSystem

/// What is demanded of the certificates of clients under a server name: immutable, shared by all workers.
public final class ClientVerification: Sendable {
    /// What the handshake insists on.
    public enum Demand: Sendable, Hashable {
        /// A good certificate, or the handshake fails.
        case required
        /// A good one or none, or the handshake fails.
        case optional
        /// Nothing: what came is looked at afterwards.
        case noted
    }

    /// Which verdicts are let pass, by OpenSSL's numbers of them.
    public struct Tolerance: Sendable, Hashable {
        /// About the client's own certificate.
        public var client: Verdicts
        /// About the authorities above it.
        public var authorities: Verdicts

        /// Which of them.
        public enum Verdicts: Sendable, Hashable {
            case all
            case only(Set<Int32>)
        }

        /// None are.
        public init(client: Verdicts = .only([]), authorities: Verdicts = .only([])) {
            self.client = client
            self.authorities = authorities
        }

        func covers(_ code: Int32, depth: Int32) -> Bool {
            switch depth == 0 ? client : authorities {
            case .all: true
            case .only(let codes): codes.contains(code)
            }
        }
    }

    /// Whoever made it may find what it belongs to again.
    public let tag: (any AnyObject & Sendable)?

    private let demand: Demand
    private let tolerance: Tolerance
    private let trust: TrustSource
    private let depth: Int32?
    // A session is resumed only under the verification it was made with.
    private let digest: [UInt8]

    /// `identity` are bytes that differ where sessions must not be carried over: another authority, another list.
    public convenience init(
        _ demand: Demand, authorities: TrustStore, depth: Int? = nil, identity: [UInt8],
        tolerance: Tolerance = Tolerance(), tag: (any AnyObject & Sendable)? = nil
    ) {
        self.init(
            demand, trust: TrustSource(authorities), depth: depth, identity: identity, tolerance: tolerance,
            tag: tag)
    }

    /// The same with authorities that may be replaced.
    public init(
        _ demand: Demand, trust: TrustSource, depth: Int? = nil, identity: [UInt8],
        tolerance: Tolerance = Tolerance(), tag: (any AnyObject & Sendable)? = nil
    ) {
        self.demand = demand
        self.tolerance = tolerance
        self.trust = trust
        self.depth = depth.map { Int32(clamping: max(0, $0)) }
        self.tag = tag
        digest = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { bytes, count in
            SHA256(identity, identity.count, bytes.baseAddress)
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }

    private static let place = CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil
    ) { _, verification, _, _, _, _ in
        if let verification { Unmanaged<ClientVerification>.fromOpaque(verification).release() }
    }

    /// Demands it of a handshake that has begun under `name`. False without memory: the handshake must fail then.
    func demand(of ssl: OpaquePointer, name: UnsafeRawBufferPointer) -> Bool {
        let trusted = trust.current
        guard csystem_ssl_set_verify_store(ssl, trusted.store.raw), remember(in: ssl),
            let names = OPENSSL_sk_deep_copy(
                trusted.store.subjects, { UnsafeMutableRawPointer(X509_NAME_dup(OpaquePointer($0))) },
                { X509_NAME_free(OpaquePointer($0)) })
        else { return false }
        SSL_set0_CA_list(ssl, names)
        if let depth { SSL_set_verify_depth(ssl, depth) }
        switch demand {
        case .required:
            SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, Self.tolerate)
        case .optional: SSL_set_verify(ssl, SSL_VERIFY_PEER, Self.tolerate)
        // The result stays in the session.
        case .noted: SSL_set_verify(ssl, SSL_VERIFY_PEER) { _, _ in 1 }
        }
        return bindSessions(of: ssl, name, trusted.generation)
    }

    /// Lets a verdict pass that is tolerated; it stays the session's result.
    private static let tolerate: @convention(c) (Int32, OpaquePointer?) -> Int32 = { isGood, store in
        guard isGood == 0, let store,
            let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
            let verification = ClientVerification.of(OpaquePointer(ssl))
        else { return isGood }
        let (code, depth) = (X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_error_depth(store))
        VerificationFaults.note(code, depth: depth, of: OpaquePointer(ssl))
        return verification.tolerance.covers(code, depth: depth) ? 1 : 0
    }

    /// Whether what has become of the peer's certificate was let pass by the handshake, or would be.
    func letsPass(_ result: Int, inHandshake: Bool) -> Bool {
        guard demand != .noted else { return false }
        return inHandshake || tolerance.covers(Int32(truncatingIfNeeded: result), depth: 0)
    }

    /// A client may be asked to begin again, and what it said first is forgotten.
    private func remember(in ssl: OpaquePointer) -> Bool {
        let earlier = SSL_get_ex_data(ssl, Self.place)
        let own = Unmanaged.passRetained(self)
        guard SSL_set_ex_data(ssl, Self.place, own.toOpaque()) == 1 else {
            own.release()
            return false
        }
        if let earlier { Unmanaged<ClientVerification>.fromOpaque(earlier).release() }
        return true
    }

    private func bindSessions(
        of ssl: OpaquePointer, _ name: UnsafeRawBufferPointer, _ generation: UInt64
    ) -> Bool {
        let bytes = digest + withUnsafeBytes(of: generation) { Array($0) } + Array(name)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(SHA256_DIGEST_LENGTH)) { id in
            SHA256(bytes, bytes.count, id.baseAddress)
            return SSL_set_session_id_context(ssl, id.baseAddress, UInt32(id.count)) == 1
        }
    }

    /// What a session was demanded; nil if nothing.
    static func of(_ ssl: OpaquePointer) -> ClientVerification? {
        SSL_get_ex_data(ssl, place).map {
            Unmanaged<ClientVerification>.fromOpaque($0).takeUnretainedValue()
        }
    }
}
