import Basics
import Model
import Synchronization

/// How many client connections there are and may be, in the whole process, per frontend and per listener, and how many may begin in a
/// second: HAProxy's `maxconn` and `rate-limit`.
///
/// Beyond a limit connections wait in the kernel, which keeps them per worker and listener. A worker that meets one it may not accept
/// stops listening there and joins a line; a place that is freed goes to the first of the line that can use it, with a message, so that
/// workers take turns and none that has nobody waiting is woken. Where a rate is what keeps them waiting, the answer says when to ask
/// again, and whoever was told so does.
///
/// Two atomic additions per connection; a third where the listener has a limit, and a lock where rates are limited. The line's lock is
/// asked for only while somebody stands in it or has to join it; no wake-up is lost, because who joins counts itself first and tries
/// once more, and who leaves looks at the count afterwards.
final class ConnectionLimits: Sendable {
    private let process = Room()
    private let frontends: FixedArray<Room>
    /// By the listener's place; counted are connections of those that have a limit.
    private let listeners: FixedArray<Room>
    private let line = Mutex<[Turn]>([])
    private let waiting = Atomic<Int>(0)
    private let rates = Mutex(AcceptanceRates())
    /// Connections over TLS, with clients and with servers; counted where they are limited.
    private let encrypted = Room()
    /// Whether they are.
    let limitsTLS: Bool

    /// A worker that has a connection waiting at a listener.
    struct Turn: Equatable, Sendable {
        let worker: Int
        let frontend: Int
        /// Its place.
        let listener: Int
        let isTLS: Bool
        /// Empty until it is served.
        var admission = Admission()

        /// Whether it is of the same worker and listener.
        func isSame(as other: Turn) -> Bool {
            (worker, frontend, listener) == (other.worker, other.frontend, other.listener)
        }
    }

    /// Where a connection is counted in; nowhere if it may not be accepted.
    struct Admission: OptionSet, Sendable {
        let rawValue: UInt8
        /// Among those of its frontend and of the process.
        static let frontend = Admission(rawValue: 1)
        /// Among those of its listener.
        static let listener = Admission(rawValue: 2)
        /// Among those of this second.
        static let rates = Admission(rawValue: 4)
    }

    /// Those of the line who may accept a connection, and count as having done so.
    struct Served: Sendable {
        var turns: [Turn] = []
        /// When somebody who waits for a rate may go on, in milliseconds; nil if nobody does.
        var again: UInt64?
    }

    private struct Room: ~Copyable {
        let open = Atomic<Int>(0)
        /// 0 is none.
        let limit = Atomic<Int>(0)
        /// Of a frontend: whether its listeners have limits of their own, or rates are limited.
        let asksMore = Atomic<Bool>(false)

        func take() -> Bool { open.addOne(upTo: limit.load(ordering: .relaxed)) }

        func giveBack() { open.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    }

    /// Limits for these frontends, for the listeners' places, and for all of them together (0: none).
    init(
        _ models: [Frontend], listeners limits: [Int] = [], process limit: Int,
        rates: ProcessLimits = ProcessLimits()
    ) {
        limitsTLS = rates.tlsConnections > 0
        frontends = FixedArray(count: max(models.count, FrontendPlaces.most)) { _ in Room() }
        listeners = FixedArray(count: max(limits.count, ConnectionLimits.mostListeners)) { _ in Room() }
        process.limit.store(max(0, limit), ordering: .relaxed)
        encrypted.limit.store(max(0, rates.tlsConnections), ordering: .relaxed)
        adopt(models, listeners: limits, rates)
    }

    /// The most places of listeners there can be at a time.
    static let mostListeners = 1_024

    /// Connections that are open.
    var open: Int { process.open.load(ordering: .relaxed) }

    /// Connections that are open at a frontend.
    func open(at frontend: Int) -> Int { frontends[frontend].open.load(ordering: .relaxed) }

    /// Whether nobody is at a frontend, nor waits to be.
    func isUnused(_ frontend: Int) -> Bool {
        frontends[frontend].open.load(ordering: .sequentiallyConsistent) == 0
            && line.withLock { line in !line.contains { $0.frontend == frontend } }
    }

    /// Whether connections wait at a listener.
    func isWaitedFor(listener: Int) -> Bool {
        line.withLock { line in line.contains { $0.listener == listener } }
    }

    /// Counts a connection in; empty if there is no room for it, and the caller has to join the line. Time is nanoseconds.
    func enter(_ turn: Turn, now: UInt64) -> Admission {
        var again: UInt64?
        return enter(turn, now: now, &again)
    }

    private func enter(_ turn: Turn, now: UInt64, _ again: inout UInt64?) -> Admission {
        guard frontends[turn.frontend].take() else { return [] }
        guard process.take() else {
            frontends[turn.frontend].giveBack()
            return []
        }
        guard frontends[turn.frontend].asksMore.load(ordering: .relaxed) else { return .frontend }
        let admission = enterFurther(turn, now: now, &again)
        if admission.isEmpty {
            frontends[turn.frontend].giveBack()
            process.giveBack()
        }
        return admission
    }

    private func enterFurther(_ turn: Turn, now: UInt64, _ again: inout UInt64?) -> Admission {
        let isLimited = listeners[turn.listener].limit.load(ordering: .relaxed) > 0
        guard !isLimited || listeners[turn.listener].take() else { return [] }
        let wait = rates.withLock { $0.take(at: turn.frontend, isTLS: turn.isTLS, now: now / 1_000_000) }
        guard wait > 0 else { return isLimited ? [.frontend, .listener, .rates] : [.frontend, .rates] }
        if isLimited { listeners[turn.listener].giveBack() }
        again = min(again ?? .max, wait)
        return []
    }

    /// Joins the line for a place. Who is named may accept a connection now: the caller too, if there is room by now, and others
    /// who met a place that was taken only for a moment.
    func join(_ turn: Turn, now: UInt64) -> Served {
        line.withLock { line in
            waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
            line.append(turn)
            return serve(&line, now: now)
        }
    }

    /// Counts a connection out; who is named may accept one.
    func leave(_ admission: Admission, _ frontend: Int, _ listener: Int, now: UInt64) -> Served {
        if admission.contains(.listener) { listeners[listener].giveBack() }
        frontends[frontend].giveBack()
        process.giveBack()
        return waiting.load(ordering: .sequentiallyConsistent) > 0 ? serve(now: now) : Served()
    }

    /// There was no connection, or with `session` one that is refused at once: it does not count among those of this second.
    func giveBack(_ admission: Admission, _ frontend: Int, isTLS: Bool, session: Bool = false) {
        guard admission.contains(.rates) else { return }
        rates.withLock { rates in
            if session {
                rates.giveBackSession(at: frontend, isTLS: isTLS)
            } else {
                rates.giveBackConnection(at: frontend, isTLS: isTLS)
            }
        }
    }

    /// Counts one more connection over TLS, if there may be one; to be asked where `limitsTLS`.
    func enterTLS() -> Bool { encrypted.take() }

    /// One has ended.
    func leaveTLS() { encrypted.giveBack() }

    /// Counts a connection that is there already at a listener whose limit is new.
    func countIn(at listener: Int) {
        listeners[listener].open.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// Lets those in who may accept a connection: to be asked for when limits have changed, or time has passed.
    func serve(now: UInt64) -> Served { line.withLock { serve(&$0, now: now) } }

    /// The most connections in all; 0 is none.
    var limit: Int { process.limit.load(ordering: .relaxed) }

    /// Takes the limit of all together over.
    func adopt(process limit: Int) {
        process.limit.store(max(0, limit), ordering: .sequentiallyConsistent)
    }

    /// Takes the frontends' limits over, those of listeners, by their places, and the process's rates.
    func adopt(_ models: [Frontend], listeners limits: [Int], _ process: ProcessLimits) {
        for (i, limit) in limits.prefix(listeners.count).enumerated() {
            listeners[i].limit.store(max(0, limit), ordering: .sequentiallyConsistent)
        }
        let limitsProcess = rates.withLock { rates in
            rates.adopt(process)
            rates.adopt(models)
            return rates.limitsProcess
        }
        for (i, model) in models.prefix(frontends.count).enumerated() {
            frontends[i].limit.store(max(0, model.maxConnections), ordering: .sequentiallyConsistent)
            let asksMore =
                limitsProcess || model.maxSessionRate > 0 || model.binds.contains { $0.maxConnections > 0 }
            frontends[i].asksMore.store(asksMore, ordering: .sequentiallyConsistent)
        }
    }

    private func serve(_ line: inout [Turn], now: UInt64) -> Served {
        var served = Served()
        line.removeAll { turn in
            var turn = turn
            turn.admission = enter(turn, now: now, &served.again)
            guard !turn.admission.isEmpty else { return false }
            served.turns.append(turn)
            return true
        }
        if !served.turns.isEmpty {
            waiting.wrappingSubtract(served.turns.count, ordering: .sequentiallyConsistent)
        }
        return served
    }
}
