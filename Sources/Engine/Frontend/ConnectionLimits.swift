import Basics
import Model
import Synchronization

/// How many client connections there are and may be, in the whole process and per frontend: HAProxy's `maxconn`.
///
/// Beyond a limit connections wait in the kernel, which keeps them per worker. A worker that meets one it may not accept stops
/// listening and joins a line; a place that is freed goes to the first of the line that can use it, with a message, so that
/// workers take turns and none that has nobody waiting is woken.
///
/// Two atomic additions per connection. The line's lock is asked for only while somebody stands in it or has to join it; no
/// wake-up is lost, because who joins counts itself first and tries once more, and who leaves looks at the count afterwards.
final class ConnectionLimits: Sendable {
    private let process = Room()
    private let frontends: FixedArray<Room>
    private let line = Mutex<[Turn]>([])
    private let waiting = Atomic<Int>(0)

    /// A worker that has a connection waiting at a frontend.
    struct Turn: Equatable, Sendable {
        let worker: Int
        let frontend: Int
    }

    private struct Room: ~Copyable {
        let open = Atomic<Int>(0)
        /// 0 is none.
        let limit = Atomic<Int>(0)

        func take() -> Bool { open.addOne(upTo: limit.load(ordering: .relaxed)) }

        func giveBack() { open.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    }

    /// Limits for these frontends, and for all of them together (0: none).
    init(_ models: [Frontend], process limit: Int) {
        frontends = FixedArray(count: max(models.count, FrontendPlaces.most)) { _ in Room() }
        process.limit.store(max(0, limit), ordering: .relaxed)
        store(models)
    }

    /// Connections that are open.
    var open: Int { process.open.load(ordering: .relaxed) }

    /// Connections that are open at a frontend.
    func open(at frontend: Int) -> Int { frontends[frontend].open.load(ordering: .relaxed) }

    /// Whether nobody is at a frontend, nor waits to be.
    func isUnused(_ frontend: Int) -> Bool {
        frontends[frontend].open.load(ordering: .sequentiallyConsistent) == 0
            && line.withLock { line in !line.contains { $0.frontend == frontend } }
    }

    /// Counts a connection in; false if there is no room for it, and the caller has to join the line.
    func enter(_ frontend: Int) -> Bool {
        guard frontends[frontend].take() else { return false }
        guard process.take() else {
            frontends[frontend].giveBack()
            return false
        }
        return true
    }

    /// Joins the line for a place. Who is named may accept a connection now, and counts as having done so: the caller too,
    /// if there is room by now, and others who met a place that was taken only for a moment.
    func join(_ turn: Turn) -> [Turn] {
        line.withLock { line in
            waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
            line.append(turn)
            return serve(&line)
        }
    }

    /// Counts a connection out; who is named may accept one, and counts as having done so.
    func leave(_ frontend: Int) -> [Turn] {
        frontends[frontend].giveBack()
        process.giveBack()
        return waiting.load(ordering: .sequentiallyConsistent) > 0 ? line.withLock { serve(&$0) } : []
    }

    /// Takes the frontends' limits over; who is named may accept a connection, and counts as having done so.
    func adopt(_ models: [Frontend]) -> [Turn] {
        store(models)
        return line.withLock { serve(&$0) }
    }

    /// The most connections in all; 0 is none.
    var limit: Int { process.limit.load(ordering: .relaxed) }

    /// Takes the limit of all together over; who is named may accept a connection, and counts as having done so.
    func adopt(process limit: Int) -> [Turn] {
        process.limit.store(max(0, limit), ordering: .sequentiallyConsistent)
        return line.withLock { serve(&$0) }
    }

    private func store(_ models: [Frontend]) {
        for (i, model) in models.prefix(frontends.count).enumerated() {
            frontends[i].limit.store(max(0, model.maxConnections), ordering: .sequentiallyConsistent)
        }
    }

    private func serve(_ line: inout [Turn]) -> [Turn] {
        var served: [Turn] = []
        line.removeAll { turn in
            guard enter(turn.frontend) else { return false }
            served.append(turn)
            return true
        }
        if !served.isEmpty { waiting.wrappingSubtract(served.count, ordering: .sequentiallyConsistent) }
        return served
    }
}
