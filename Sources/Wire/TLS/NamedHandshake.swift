import COpenSSL

/// What handshakes under one server name are held to beyond their listener: immutable, shared by all workers.
public final class NamedHandshake: Sendable {
    private let policy: TLSPolicy?
    private let offersHTTP2: Bool
    private let demand: Demand

    /// What is demanded of clients' certificates.
    public enum Demand: Sendable {
        /// What the listener demands.
        case listener
        /// Nothing, whatever the listener demands.
        case nothing
        case own(ClientVerification)
    }

    /// Refuses what OpenSSL does not know; no policy is the listener's.
    public init(
        _ policy: TLSPolicy?, offersHTTP2: Bool = true, demand: Demand = .listener
    ) throws(TLSSettingsError) {
        try policy?.validate()
        self.policy = policy
        self.offersHTTP2 = offersHTTP2
        self.demand = demand
    }

    /// What is demanded at a listener that demands `listener`.
    func verification(at listener: ClientVerification?) -> ClientVerification? {
        switch demand {
        case .listener: listener
        case .nothing: nil
        case .own(let verification): verification
        }
    }

    /// Holds a handshake to it whose ClientHello has come; false without memory.
    func hold(_ ssl: OpaquePointer) -> Bool {
        if !offersHTTP2 { TLSSession.leaveOutHTTP2(ssl) }
        return policy?.apply(toSession: ssl) ?? true
    }
}
