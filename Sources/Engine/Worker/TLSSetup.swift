import Wire

/// What all workers' TLS has in common: the certificate for names nobody configured, and the ticket keys.
struct TLSSetup {
    let selfSigned: CertifiedKey
    let ticketKeys: TicketKeys

    init() throws(EngineError) {
        do {
            selfSigned = try SelfSigned.make(
                commonName: "sluice default", names: ["localhost"],
                now: Int64(clamping: Clock().realtime / 1_000_000_000))
        } catch {
            throw EngineError(message: "cannot make the default certificate: \(error)")
        }
        do {
            // A clock that is never set back: rotation would stop.
            ticketKeys = try TicketKeys(now: Clock.now() / 1_000_000_000)
        } catch {
            throw EngineError(message: "cannot make ticket keys: \(error)")
        }
    }

    /// One worker's context.
    func context(serving certificates: CertificateTable) throws(EngineError) -> TLSContext {
        do {
            return try TLSContext(
                certificates: certificates, ticketKeys: ticketKeys, protocols: [.http2, .http11])
        } catch {
            throw EngineError(message: "cannot set TLS up: \(error)")
        }
    }
}
