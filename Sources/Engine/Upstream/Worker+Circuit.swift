import Basics
import Model
import Synchronization
import Wire

/// Servers that keep failing are left alone, all workers alike.
///
/// Whether a server may take a request is one word, `ejectedUntil`: 0 for yes, a time to come for no. Past that time one
/// request is let through, whoever moves the word on first; it says whether the circuit closes. What led there is behind
/// a lock that only failures ask for, and the first success after them.
extension Worker {
    /// Whether the request may go to the server that was chosen for it; if not, what else becomes of it is under way.
    func enterCircuit(_ exchange: Ref<Exchange>, _ server: Unmanaged<ServerState>, _ set: ServerSet) -> Bool {
        guard let policy = set.circuitPolicy else { return true }
        let now = clock.monotonic
        let isAdmitted = server._withUnsafeGuaranteedRef { server in
            let until = server.ejectedUntil.load(ordering: .relaxed)
            guard until > 0 else { return true }
            guard until <= now else { return false }
            // Nobody else until this one has said something, or has left.
            exchange[].isProbe =
                server.ejectedUntil.compareExchange(
                    expected: until, desired: .max, ordering: .relaxed
                ).exchanged
            return exchange[].isProbe
        }
        guard !isAdmitted else { return true }
        let mayTryAnother = set.servers.count > 1 && !exchange[].wasTurnedAway
        guard mayTryAnother || policy.ejectsLast else { return true }
        exchange[].wasTurnedAway = true
        exchange[].serverPlace?[].load.active.add()
        leaveServer(exchange)
        if mayTryAnother {
            assignServer(exchange, avoiding: server)
        } else {
            answer(exchange, status: 503, as: .noServer)
        }
        return false
    }

    /// What an answer's status says about its server.
    func noteAnswer(_ exchange: Ref<Exchange>, _ set: ServerSet) {
        guard let policy = set.circuitPolicy else { return }
        if policy.countsServerErrors, TrafficJudge.isFault(exchange[].response.status) {
            return noteFailure(exchange)
        }
        noteSuccess(exchange)
    }

    /// What a tunnel says about its server, once: the first byte is a success, and so is the answer that opens one; an end before
    /// that, which the client has not asked for by its own, is a failure.
    func judgeTunnel(_ exchange: Ref<Exchange>, hasFailed: Bool) {
        exchange[].looksAtAnswer = false
        if hasFailed { noteFailure(exchange) } else { noteSuccess(exchange) }
    }

    /// The server has done what it was asked for; where a half open circuit waits for that, it closes.
    func noteSuccess(_ exchange: Ref<Exchange>) {
        let isProbe = exchange[].isProbe
        exchange[].isProbe = false
        exchange[].server?._withUnsafeGuaranteedRef { server in
            guard isProbe || server.hasErrors.load(ordering: .relaxed) else { return }
            server.circuit.withLock { circuit in
                circuit.succeed(now: clock.monotonic, isProbe: isProbe)
                server.hasErrors.store(false, ordering: .relaxed)
                if isProbe { server.ejectedUntil.store(0, ordering: .relaxed) }
            }
        }
    }

    /// The request's server has failed it.
    func noteFailure(_ exchange: Ref<Exchange>) {
        guard let server = exchange[].server, let backend = exchange[].backend,
            let servers = exchange[].servers,
            let policy = servers._withUnsafeGuaranteedRef({ $0.circuitPolicy })
        else { return }
        let (isProbe, now) = (exchange[].isProbe, clock.monotonic)
        exchange[].isProbe = false
        let isEjected = server._withUnsafeGuaranteedRef { server in
            // One decision at a time, or two workers could eject more than they may together.
            backend._withUnsafeGuaranteedRef { backend in
                backend.ejecting.withLock { _ in
                    fail(server, servers, policy, now, isProbe)
                }
            }
        }
        guard isEjected else { return }
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.ejections.add() }
    }

    private func fail(
        _ server: ServerState, _ servers: Unmanaged<ServerSet>, _ policy: Circuit.Policy, _ now: UInt64,
        _ isProbe: Bool
    ) -> Bool {
        server.circuit.withLock { circuit in
            let length = circuit.fail(now: now, isProbe: isProbe, policy: policy) {
                servers._withUnsafeGuaranteedRef { policy.mayEject($0.ejectedServers, of: $0.servers.count) }
            }
            server.hasErrors.store(circuit.errors > 0, ordering: .relaxed)
            guard let length else { return false }
            server.ejectedUntil.store(now &+ length, ordering: .relaxed)
            return true
        }
    }

    /// The one request that a half open circuit let through has ended without saying anything: the next one may.
    func abandonProbe(_ exchange: Ref<Exchange>) {
        guard exchange[].isProbe else { return }
        exchange[].isProbe = false
        exchange[].server?._withUnsafeGuaranteedRef {
            $0.ejectedUntil.store(max(1, clock.monotonic), ordering: .relaxed)
        }
    }
}

extension ServerState {
    /// Whether a request may be sent there, as far as its failures say.
    func isAdmitted(now: UInt64) -> Bool { ejectedUntil.load(ordering: .relaxed) <= now }
}
