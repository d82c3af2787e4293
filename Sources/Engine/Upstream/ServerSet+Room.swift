import Basics
import Synchronization

/// How much more the servers of a backend take.
extension ServerSet {
    /// Places at the servers that take requests, with those in their queues; -1 if one of them has no limit.
    func freePlaces(withQueues: Bool) -> Int64 {
        var sum: Int64 = 0
        for i in 0..<servers.count {
            let limit = limits[i]
            guard limit.most > 0, !withQueues || limit.queue > 0 else { return -1 }
            sum += ServerSet.free(at: servers[i], limit.most)
            guard withQueues else { continue }
            let waiting = servers[i]._withUnsafeGuaranteedRef { $0.waiting.load(ordering: .relaxed) }
            sum += Int64(limit.queue - waiting)
        }
        return sum
    }

    /// Places at one server; -1 if it has no limit.
    func freePlaces(at server: Unmanaged<ServerState>) -> Int64 {
        let most = limit(at: server, now: 0, requests: Int.max)?.places ?? 0
        return most > 0 ? ServerSet.free(at: server, most) : -1
    }

    /// A server's weight at a moment: less while it starts slowly, at least 1; of one that takes no requests what it would be.
    func weight(at server: Unmanaged<ServerState>, now: UInt64) -> Int {
        for i in 0..<servers.count where servers[i].toOpaque() == server.toOpaque() {
            return max(1, weight(of: i, now: now) / SlowStart.full)
        }
        return server._withUnsafeGuaranteedRef { $0.userWeight.load(ordering: .relaxed) }
    }

    private static func free(at server: Unmanaged<ServerState>, _ most: Int) -> Int64 {
        let active = server._withUnsafeGuaranteedRef { Int64(clamping: $0.active) }
        return max(0, Int64(most) - active)
    }
}
