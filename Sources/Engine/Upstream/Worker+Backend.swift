import Basics
import Synchronization
import Wire

/// What few backends want done with their requests, before they get a server and when they end.
extension Worker {
    /// False if the request needs no server any more.
    func enterBackend(_ exchange: Ref<Exchange>) -> Bool {
        guard let servers = exchange[].servers else { return true }
        if servers._withUnsafeGuaranteedRef({ !$0.exceptions.isEmpty }) {
            judgePersistence(exchange, servers)
        }
        // For the log, should the request get no server.
        exchange[].hasCookie = servers._withUnsafeGuaranteedRef { $0.hasCookie }
        if servers._withUnsafeGuaranteedRef({ $0.rules != nil }), !passesBackend(exchange, servers) {
            return false
        }
        return passesBehindRules(exchange, servers)
    }

    /// The same behind the backend's rules.
    func passesBehindRules(_ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>) -> Bool {
        if servers._withUnsafeGuaranteedRef({ $0.compression != nil }) { chooseCoding(exchange) }
        if let policy = servers._withUnsafeGuaranteedRef({ $0.cache }),
            policy._withUnsafeGuaranteedRef({ answerFromCache(exchange, $0) })
        {
            return false
        }
        // What the route wants to see of the answer stays.
        if exchange[].asksAnswerRules || servers._withUnsafeGuaranteedRef({ $0.looksAtAnswers }) {
            exchange[].looksAtAnswer = true
        }
        if servers._withUnsafeGuaranteedRef({ $0.countsRequests }) { countInBackend(exchange) }
        if let told = servers._withUnsafeGuaranteedRef({ $0.told }) { return prepare(exchange, for: told) }
        return true
    }

    func countInBackend(_ exchange: Ref<Exchange>) {
        exchange[].countsInBackend = true
        exchange[].countsSomewhere = true
        exchange[].backend?._withUnsafeGuaranteedRef {
            _ = $0.requests.wrappingAdd(1, ordering: .relaxed)
        }
    }

    func leaveCounts(_ exchange: Ref<Exchange>) {
        exchange[].countsSomewhere = false
        leaveAuthority(exchange)
        endSticking(exchange)
        countBytes(exchange)
        leaveRoute(exchange)
        leaveBackendCounts(exchange)
    }

    /// The request is over, as far as its backend counts it.
    func leaveBackendCounts(_ exchange: Ref<Exchange>) {
        guard exchange[].countsInBackend else { return }
        exchange[].countsInBackend = false
        exchange[].backend?._withUnsafeGuaranteedRef {
            _ = $0.requests.wrappingSubtract(1, ordering: .relaxed)
        }
    }
}
