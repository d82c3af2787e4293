public import Wire

/// TLS on a control port: which certificates it shows now, and what became of handshakes.
public struct ControlSecurity: Sendable {
    let keys: @Sendable () -> [CertifiedKey]
    let ticketKeys: TicketKeys
    let onFailure: @Sendable (HandshakeFailure) -> Void

    /// `keys` is asked at each connection, so that a new certificate counts from the next one on; with none handshakes fail.
    /// Both are called on the server's thread.
    public init(
        keys: @escaping @Sendable () -> [CertifiedKey],
        onFailure: @escaping @Sendable (HandshakeFailure) -> Void = { _ in }
    ) throws(TLSSetupError) {
        self.keys = keys
        self.onFailure = onFailure
        ticketKeys = try TicketKeys(now: Clock.now() / 1_000_000_000)
    }

    /// The context of the server's thread.
    func context() -> TLSContext? {
        try? TLSContext(certificates: CertificateTable(), ticketKeys: ticketKeys)
    }
}
