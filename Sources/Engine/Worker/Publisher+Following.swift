import Model
import Synchronization

/// Servers that are as others are, HAProxy's `track`: nobody asks them.
extension Publisher {
    /// Chains are so long at most.
    private static let longestChain = 16

    /// Brings those who follow to the condition of whom they follow, and whoever follows them.
    func settleFollowers(into adoption: inout Adoption, now: UInt64) -> [HealthNotice] {
        var notices: [HealthNotice] = []
        for _ in 0..<Publisher.longestChain {
            let verdicts = followingBackends.flatMap(outdatedFollowers)
            guard !verdicts.isEmpty else { break }
            notices += takeIn(verdicts, into: &adoption, now: now)
        }
        return notices
    }

    private func outdatedFollowers(of name: BackendName) -> [HealthVerdict] {
        (backends[name]?.checks ?? [:]).compactMap { identity, check in
            guard let followed = check.plan.check.follows else { return nil }
            let condition = condition(of: followed)
            guard condition != check.condition else { return nil }
            let server = WatchedServer(
                state: check.server, backend: name, identity: identity, plan: check.plan, tls: nil,
                serial: check.serial, isUp: check.condition.isUp)
            return HealthVerdict(
                server: server, condition: condition, reason: .follows(followed.description))
        }
    }

    /// What is passed on of a server's condition; one that is not there, or not checked, is up.
    private func condition(of reference: ServerReference) -> ServerCondition {
        guard let backend = backends[reference.backend],
            let model = backend.model.servers.first(where: { $0.name == reference.server })
        else { return ServerCondition() }
        guard !model.isWithoutAddress else { return ServerCondition(isUp: false, isInMaintenance: true) }
        guard let check = backend.checks[model.asIdentity]
        else { return ServerCondition() }
        var condition = check.condition
        (condition.weight, condition.maxConnections) = (nil, nil)
        // What operators want of a server holds for who follows it.
        switch check.server.steering.withLock({ $0.state }) {
        case .ready: break
        case .drain: condition.isDrained = true
        case .maintenance: (condition.isUp, condition.isInMaintenance) = (false, true)
        }
        return condition
    }
}
