import Basics
import Model
import Synchronization

/// Chooses a server for a request.
///
/// State that decides is common to all workers: the rotation's position belongs to the backend, the requests in flight to the
/// server; both are plain atomics. What a worker learned itself (a server that just refused) it keeps to itself.
///
/// Tables are made with the set of servers, so that a choice in turn or by hash does not grow with their number; `leastconn`
/// and `first` look at every server.
struct Balancer {
    let worker: Int
    let now: UInt64

    /// The index of a server in `set`, avoiding `avoided`, suspects and full ones while there are others; nil if there is none
    /// that takes requests. `hash` is the request's, if the algorithm has a use for it and the request has the key.
    func pick(
        from set: ServerSet, of backend: Unmanaged<BackendState>, hash: UInt32?,
        avoiding avoided: Unmanaged<ServerState>?,
        random: inout RandomNumbers
    ) -> Int? {
        let count = set.servers.count
        guard count > 1 else { return count == 1 ? 0 : nil }
        let choice = Choice(backend: backend, avoided: avoided, worker: worker, now: now)
        return switch set.settings.algorithm {
        case .roundRobin, .staticRoundRobin: choice.inTurn(set)
        case .leastConnections: choice.leastLoaded(set)
        case .first: choice.first(set)
        case .random(let draws): choice.lighter(set, of: draws, &random)
        case .hash: choice.byHash(set, hash)
        }
    }
}

/// One choice among the servers of a set. The set is an argument and the backend unmanaged: a stored reference would be
/// counted with every request.
struct Choice {
    let backend: Unmanaged<BackendState>
    let avoided: Unmanaged<ServerState>?
    let worker: Int
    let now: UInt64

    /// The next one of the rotation that may be used. Passed-over servers lose their turn, so that the others share it evenly.
    func inTurn(_ set: ServerSet) -> Int {
        let places = set.rotation.count
        var first = -1
        // One turn more than places: should nobody be free, the next request begins one place further.
        for _ in 0...min(places, 256) {
            let (lap, place) = nextTurn().quotientAndRemainder(dividingBy: UInt(places))
            let server = Int(set.rotation[Int(place)])
            if first < 0 { first = server }
            if isOpen(set, server), hasTurn(set, server, lap: lap) { return server }
        }
        return alternative(set, to: first)
    }

    /// The backend's next position, counted by all workers.
    func nextTurn() -> UInt {
        backend._withUnsafeGuaranteedRef {
            UInt(bitPattern: $0.position.wrappingAdd(1, ordering: .relaxed).oldValue)
        }
    }

    private func hasTurn(_ set: ServerSet, _ server: Int, lap: UInt) -> Bool {
        !set.hasSlowStart
            || SlowStart.takesTurn(server, lap: lap, steps: set.steps(of: server, now: now))
    }

    /// The lowest load for its weight; idle servers take turns.
    func leastLoaded(_ set: ServerSet) -> Int {
        let count = set.servers.count
        let start = Int(nextTurn() % UInt(count))
        var (best, lowest) = (-1, Int.max)
        for i in 0..<count {
            let server = start + i < count ? start + i : start + i - count
            guard isOpen(set, server) else { continue }
            let load = load(set, server)
            guard load < lowest else { continue }
            (best, lowest) = (server, load)
            if load == 0 { break }
        }
        return best < 0 ? alternative(set, to: start) : best
    }

    /// HAProxy's key of leastconn: what the load would be with one more request, for the weight; 0 for an idle server.
    private func load(_ set: ServerSet, _ server: Int) -> Int {
        let requests = inFlight(set, server) + (set.hasLimits ? waiting(set, server) : 0)
        return requests <= 0 ? 0 : (requests + 1) * 4096 / max(1, set.weight(of: server, now: now))
    }

    /// The lowest id below its limit.
    func first(_ set: ServerSet) -> Int {
        for place in 0..<set.rotation.count where isOpen(set, Int(set.rotation[place])) {
            return Int(set.rotation[place])
        }
        return alternative(set, to: Int(set.rotation[0]))
    }

    /// The lighter of `draws` servers drawn with the probability of their weights.
    func lighter(_ set: ServerSet, of draws: Int, _ random: inout RandomNumbers) -> Int {
        var best = draw(set, &random)
        for _ in 1..<max(1, draws) {
            let drawn = draw(set, &random)
            if isLighter(set, drawn, than: best) { best = drawn }
        }
        return isOpen(set, best) ? best : alternative(set, to: best)
    }

    private func draw(_ set: ServerSet, _ random: inout RandomNumbers) -> Int {
        var server = 0
        // A server in its slow start is passed over as often as its weight lacks; sixty-four times are enough for all.
        for _ in 0..<64 {
            let number = random.next()
            server = Int(set.rotation[Int((number >> 8) % UInt64(set.rotation.count))])
            if Int(number % UInt64(SlowStart.full)) < set.steps(of: server, now: now) { break }
        }
        return server
    }

    private func isLighter(_ set: ServerSet, _ one: Int, than other: Int) -> Bool {
        inFlight(set, one) * set.weight(of: other, now: now) < inFlight(set, other)
            * set.weight(of: one, now: now)
    }

    private func inFlight(_ set: ServerSet, _ server: Int) -> Int {
        set.servers[server]._withUnsafeGuaranteedRef { $0.inFlight.load(ordering: .relaxed) }
    }

    /// It is preferred, below its limit and within its share.
    func isOpen(_ set: ServerSet, _ server: Int) -> Bool {
        guard isPreferred(set, server) else { return false }
        if set.hasLimits, !hasRoom(set, server) { return false }
        return isWithinBound(set, server)
    }

    /// It is below its limit and nobody waits for it. With `leastconn` and a bound on its line, a place in that will do.
    func hasRoom(_ set: ServerSet, _ server: Int) -> Bool {
        let requests = set.countsRequests ? requestsOfBackend : 0
        let limit = set.limit(of: server, now: now, requests: requests)
        guard limit > 0 else { return true }
        let (load, waiting) = (inFlight(set, server), waiting(set, server))
        guard set.settings.algorithm == .leastConnections else { return waiting == 0 && load < limit }
        return load + waiting < limit + set.limits[server].queue
    }

    private var requestsOfBackend: Int {
        backend._withUnsafeGuaranteedRef { $0.requests.load(ordering: .relaxed) }
    }

    private func waiting(_ set: ServerSet, _ server: Int) -> Int {
        set.servers[server]._withUnsafeGuaranteedRef { $0.waiting.load(ordering: .relaxed) }
    }

    func isWithinBound(_ set: ServerSet, _ server: Int) -> Bool {
        guard set.bound.factor > 0 else { return true }
        let places = set.bound.places(
            inFlight: backend._withUnsafeGuaranteedRef { $0.inFlight.load(ordering: .relaxed) },
            weight: set.weights[server],
            before: set.weightsBefore[server])
        return inFlight(set, server) < places
    }

    /// It is neither avoided nor suspect.
    func isPreferred(_ set: ServerSet, _ server: Int) -> Bool {
        if let avoided, avoided.toOpaque() == set.servers[server].toOpaque() { return false }
        return set.servers[server]._withUnsafeGuaranteedRef {
            $0.perWorker[worker].suspectUntil <= now && (!set.breaksCircuits || $0.isAdmitted(now: now))
        }
    }

    /// The nearest server behind `chosen` that is open, else one that is preferred, else any but the avoided one.
    func alternative(_ set: ServerSet, to chosen: Int) -> Int {
        let count = set.servers.count
        for i in 1...count where isOpen(set, (chosen + i) % count) { return (chosen + i) % count }
        for i in 0..<count where isPreferred(set, (chosen + i) % count) { return (chosen + i) % count }
        guard let avoided, avoided.toOpaque() == set.servers[chosen].toOpaque() else { return chosen }
        return (chosen + 1) % count
    }
}
