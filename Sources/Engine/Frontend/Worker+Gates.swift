import Basics
import Model
import Wire

/// Asking rules about connections as a whole.
///
/// ```
///   accept ─► connection rules ─► (PROXY header) ─► (TLS) ─► session rules ─► requests, or content rules ─► server
/// ```
extension Worker {
    /// What the rules say: the first one that ends the matter, else that it goes on; refused if that could not be decided.
    func judge<Source: FormatSource & ~Copyable>(
        _ client: Ref<ClientConnection>, by gate: SessionGate, _ source: borrowing Source
    ) -> SessionVerdict {
        for rule in 0..<gate.actions.count {
            samples.reset()
            let applies = gate.conditions.holds(rule, for: source, &samples)
            guard samples.overruns == 0 else {
                noteOverruns()
                return .refused
            }
            guard applies else { continue }
            switch gate.actions[rule] {
            case .accept: return .admitted
            case .reject: return .refused
            case .silentDrop: return .dropped
            case .expectProxy: return .expectsProxy
            case .count(let place): perform(gate.counters.reference(place), client, source)
            case .variable(let place): change(gate.changes.reference(place), for: source)
            case .limitBandwidth(let place): limit(gate.limits.reference(place), client, source)
            }
        }
        return .admitted
    }

    /// Asks the rules about a connection that has just come; false if it is to be closed.
    func passesConnectionRules(_ client: Ref<ClientConnection>) -> Bool {
        let gate = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.connectionGate }
        guard let gate else { return true }
        let source = SessionSource(worker: self, client: client, hello: nil, message: .empty)
        let verdict = judge(client, by: gate, source)
        if verdict == .expectsProxy { client[].phase = .proxyHeader }
        guard !goesOn(client, verdict) else { return true }
        traffic(of: client)._withUnsafeGuaranteedRef { $0.arriving.deniedConnections.add() }
        return false
    }

    /// Asks the rules about a connection once it is known whose it is, and counts it where it is tracked; false if it is to be
    /// closed.
    func passesSessionRules(_ client: Ref<ClientConnection>) -> Bool {
        let gate = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.sessionGate }
        if let gate {
            let source = SessionSource(worker: self, client: client, hello: nil, message: .empty)
            guard goesOn(client, judge(client, by: gate, source)) else {
                traffic(of: client)._withUnsafeGuaranteedRef { $0.arriving.deniedSessions.add() }
                return false
            }
        }
        countSession(client)
        return true
    }

    private func goesOn(_ client: Ref<ClientConnection>, _ verdict: SessionVerdict) -> Bool {
        if verdict == .dropped { client[].transport.silence() }
        return verdict == .admitted || verdict == .expectsProxy
    }
}
