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
    func judge(
        _ client: Ref<ClientConnection>, by gate: SessionGate, _ source: SessionSource
    ) -> SessionVerdict {
        guard gate.names.count > 0 else { return judge(client, by: gate, source, from: 0) }
        let details = detail(client)
        guard details[].question == 0 else { return .undecided }
        let verdict = judge(client, by: gate, source, from: min(details[].nextRule, gate.actions.count))
        // Whoever asks once more does so for the sake of what follows.
        if verdict != .undecided { details[].nextRule = .max }
        return verdict
    }

    private func judge(
        _ client: Ref<ClientConnection>, by gate: SessionGate, _ source: SessionSource, from first: Int
    ) -> SessionVerdict {
        for rule in first..<gate.actions.count {
            samples.reset()
            let verdict = gate.conditions.verdict(rule, for: source, &samples)
            guard samples.overruns == 0 else {
                noteOverruns()
                return .refused
            }
            guard let applies = verdict else { return .undecided }
            guard applies else { continue }
            samples.lack = .nothing
            switch gate.actions[rule] {
            case .accept: return .admitted
            case .reject: return .refused
            case .silentDrop: return .dropped
            case .expectProxy: return .expectsProxy
            case .count(let place): perform(gate.counters.reference(place), client, source)
            case .variable(let place): change(gate.changes.reference(place), for: source)
            case .closeServer: return .leftByServer
            case .adjust(let kind, let place): adjust(kind, gate.expressions.reference(place), client, source)
            case .log(let step): writeRuleLine(client, step)
            case .resolve(let place):
                if asks(client, gate.names.reference(place), source, before: rule + 1) { return .undecided }
            case .setDestination(let place, let isPort):
                setDestination(client, gate.expressions.reference(place), source, isPort: isPort)
            case .setSource(let place, let isPort):
                setSource(client, gate.expressions.reference(place), source, isPort: isPort)
            case .setLogLevel(let level): if let exchange = client[].exchange { setLogLevel(level, exchange) }
            case .capture(let place, let slot):
                capture(gate.expressions.reference(place), at: slot, client, source)
            case .limitBandwidth(let place): limit(gate.limits.reference(place), client, source)
            }
            // What is counted or remembered is not there yet.
            if samples.lack == .missing { return .undecided }
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
