import Basics
import Synchronization
import Wire

/// What few backends want done with their requests, before they get a server and when they end.
extension Worker {
    func enterBackend(_ exchange: Ref<Exchange>) {
        guard let servers = exchange[].servers else { return }
        if servers._withUnsafeGuaranteedRef({ $0.compression != nil }) { chooseCoding(exchange) }
        exchange[].looksAtAnswer = servers._withUnsafeGuaranteedRef { $0.looksAtAnswers }
        if servers._withUnsafeGuaranteedRef({ $0.countsRequests }) { countInBackend(exchange) }
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
        leaveRoute(exchange)
        guard exchange[].countsInBackend else { return }
        exchange[].countsInBackend = false
        exchange[].backend?._withUnsafeGuaranteedRef {
            _ = $0.requests.wrappingSubtract(1, ordering: .relaxed)
        }
    }
}
