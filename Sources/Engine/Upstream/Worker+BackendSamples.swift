import Basics
import Model
import Synchronization
import Wire

/// What samples say of backends and servers as they are at this moment, as far as this worker knows.
extension Worker {
    /// A fact about a backend, or about its server of a name; nil if there is no such one.
    func state(of number: UInt64, _ fact: BackendFact, server name: ByteView?) -> Sample? {
        guard let backend = snapshot.backends[number] else { return nil }
        return backend._withUnsafeGuaranteedRef { backend in
            let servers = backend.perWorker.reference(index)[].servers
            return servers._withUnsafeGuaranteedRef { set in
                if let name {
                    // One that is switched off is not there at all.
                    guard let server = set.server(named: name) else {
                        return fact == .serverIsUp ? .boolean(false) : .integer(0)
                    }
                    return read(fact, of: server, in: set)
                }
                return .integer(read(fact, of: backend, set))
            }
        }
    }

    private func read(_ fact: BackendFact, of backend: BackendState, _ set: ServerSet) -> Int64 {
        let waiting = backend.waiting.load(ordering: .relaxed)
        let usable = set.servers.count
        switch fact {
        case .usableServers: return Int64(usable)
        case .connections: return Int64(clamping: backend.active)
        case .queue: return Int64(waiting)
        // Without servers those that wait count twice, as in HAProxy.
        case .averageQueue: return Int64(usable > 0 ? (waiting + usable - 1) / usable : 2 * waiting)
        case .freePlaces: return set.freePlaces(withQueues: false)
        case .slots: return set.freePlaces(withQueues: true)
        case .sessionRate:
            return Int64(clamping: backend.meter.rate(sessions: backend.sessions, now: clock.monotonic))
        default: return 0
        }
    }

    private func read(_ fact: BackendFact, of server: Unmanaged<ServerState>, in set: ServerSet) -> Sample? {
        server._withUnsafeGuaranteedRef { state in
            switch fact {
            case .serverIsUp: .boolean(state.isUp.load(ordering: .relaxed))
            case .serverConnections: .integer(Int64(clamping: state.active))
            case .serverQueue: .integer(Int64(state.waiting.load(ordering: .relaxed)))
            case .serverFreePlaces: .integer(set.freePlaces(at: server))
            case .serverSessionRate:
                .integer(Int64(clamping: state.meter.rate(sessions: state.sessions, now: clock.monotonic)))
            case .serverWeight: .integer(Int64(set.weight(at: server, now: clock.monotonic)))
            case .serverUserWeight: .integer(Int64(state.userWeight.load(ordering: .relaxed)))
            case .serverFirstWeight: .integer(Int64(state.firstWeight.load(ordering: .relaxed)))
            default: nil
            }
        }
    }
}
