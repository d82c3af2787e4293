import Basics
import Model
import Synchronization
import Wire

/// Requests that wait because their server, or every server of their backend, is at its limit.
///
/// The lines belong to the backend and are common to all workers, as the limits are: a place that is freed goes to whoever
/// came first, on whichever worker. Who frees it takes it again in that request's name and tells its worker (`PlaceGrant`).
/// Nobody asks for the lines' lock while `BackendState.waiting` is 0, and backends without limits never come here.
///
/// No wake-up is lost: who joins a line counts itself first and looks for a place afterwards, who frees one gives it back first
/// and looks at the count afterwards.
extension Worker {
    /// Puts a request into the line of `server`, or into the common one. `turn` is the one it had before.
    func enqueue(
        _ exchange: Ref<Exchange>, for server: Unmanaged<ServerState>?, turn: WaitingLines.Turn? = nil
    ) {
        guard let place = exchange[].place, let backend = exchange[].backend else { return }
        exchange[].phase = .queued
        let entry = waitingRequests.insert(WaitingRequest(exchange: exchange, epoch: epoch))
        exchange[].waiting = entry
        entry[].previous = place[].queueTail
        place[].queueTail?[].next = entry
        if place[].queueTail == nil { place[].queueHead = entry }
        place[].queueTail = entry
        join(entry, of: backend, at: server?.takeUnretainedValue(), turn)
        // Who is looked at anew has waited for a part of its time already.
        if turn == nil {
            exchange[].queuePosition = 0
            exchange[].waitedForServer = server != nil
            setTimer(exchange[].client, timeouts(of: exchange).queue)
        }
        if let server { return serveLines(of: backend, at: server) }
        serveCommonLine(of: backend, place[].servers)
    }

    private func join(
        _ entry: Ref<WaitingRequest>, of backend: Unmanaged<BackendState>, at server: ServerState?,
        _ turn: WaitingLines.Turn?
    ) {
        let priority = entry[].exchange[].ruling?[].priority ?? QueuePriority()
        backend._withUnsafeGuaranteedRef { backend in
            backend.lines.withLock { lines in
                let joined = lines.join(
                    worker: index, request: entry.bits, server: server, turn: turn, priority: priority,
                    now: clock.milliseconds)
                entry[].ticket = joined.ticket
                entry[].turn = joined.turn
                backend.countWaiting(lines, at: server)
            }
        }
    }

    /// Takes a request out of its line, wherever it stands; a place that was on its way to it goes to the next one.
    func dequeue(_ exchange: Ref<Exchange>) {
        guard let entry = exchange[].waiting, let backend = exchange[].backend else { return }
        // Its line tells how long it has waited, as HAProxy's does.
        exchange[].assignedAt = clock.monotonic
        let ticket = entry[].ticket
        forget(entry)
        guard let ticket else { return }
        let left = backend._withUnsafeGuaranteedRef { backend in
            backend.lines.withLock { lines in
                let server = lines.server(of: ticket)
                // Who gives up has only come so far.
                exchange[].queuePosition += lines.passed(ticket) + 1
                let left = lines.leave(ticket)
                backend.countWaiting(lines, at: server)
                return left
            }
        }
        guard case .granted(let server) = left else { return }
        server.inFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        serveLines(of: backend, at: Unmanaged.passUnretained(server))
    }

    /// Ends the worker's part of a wait.
    private func forget(_ entry: Ref<WaitingRequest>) {
        let exchange = entry[].exchange
        exchange[].waiting = nil
        exchange[].phase = .head
        if let previous = entry[].previous {
            previous[].next = entry[].next
        } else {
            exchange[].place?[].queueHead = entry[].next
        }
        if let next = entry[].next {
            next[].previous = entry[].previous
        } else {
            exchange[].place?[].queueTail = entry[].previous
        }
        waitingRequests.remove(entry)
    }

    /// A place at a server is free, or a line has become longer: whoever is next takes what there is.
    func serveLines(of backend: Unmanaged<BackendState>, at server: Unmanaged<ServerState>) {
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        let requests = backend._withUnsafeGuaranteedRef { $0.requests.load(ordering: .relaxed) }
        let found = place[].servers._withUnsafeGuaranteedRef {
            $0.limit(at: server, now: clock.monotonic, requests: requests)
        }
        guard let found else { return }
        let isAdmitted = server._withUnsafeGuaranteedRef { $0.isAdmitted(now: clock.monotonic) }
        while let (grant, worker) = nextGrant(
            of: backend, at: server, found.places, found.takesNew && isAdmitted)
        {
            if worker == index { ownGrants.append(grant) } else { post(grant, to: worker) }
        }
    }

    private func post(_ grant: PlaceGrant, to worker: Int) {
        others[worker < index ? worker : worker - 1].post(.placeGranted(grant))
    }

    private func nextGrant(
        of backend: Unmanaged<BackendState>, at server: Unmanaged<ServerState>, _ limit: Int,
        _ takesCommon: Bool
    ) -> (PlaceGrant, worker: Int)? {
        let (backend, server) = (backend.takeUnretainedValue(), server.takeUnretainedValue())
        return backend.lines.withLock { lines in
            guard lines.hasNext(for: server, takesCommon: takesCommon), server.takePlace(limit: limit),
                let grant = lines.next(for: server, takesCommon: takesCommon)
            else { return nil }
            backend.countWaiting(lines, at: server)
            return (PlaceGrant(backend: backend, server: server, ticket: grant.ticket), grant.worker)
        }
    }

    /// Looks at all servers that take requests for somebody who may go to any.
    private func serveCommonLine(of backend: Unmanaged<BackendState>, _ servers: Unmanaged<ServerSet>) {
        servers._withUnsafeGuaranteedRef { set in
            for i in 0..<set.servers.count { serveLines(of: backend, at: set.servers[i]) }
        }
    }

    /// A place that was taken in the name of one of this worker's requests.
    func takeGranted(_ grant: PlaceGrant) {
        let claimed = grant.backend.lines.withLock { $0.claim(grant.ticket) }
        // It has left meanwhile, and gave the place back.
        guard let claimed else { return }
        let entry = Ref<WaitingRequest>(bits: claimed.request)
        let exchange = entry[].exchange
        exchange[].queuePosition += claimed.passed + 1
        let client = exchange[].client
        forget(entry)
        timers.set(client[].timer, in: 0, now: clock.monotonic)
        takeNewestServers(exchange)
        countIn(exchange)
        countPinned(exchange, at: Unmanaged.passUnretained(grant.server))
        assign(exchange, to: Unmanaged.passUnretained(grant.server))
        resume(client)
    }

    /// Takes the places that this worker has freed for requests of its own.
    func takeOwnGrants() {
        guard !ownGrants.isEmpty else { return }
        let grants = ownGrants
        ownGrants = []
        for grant in grants { takeGranted(grant) }
    }

    /// The backend's servers are others now: whoever waits is looked at anew, and keeps its turn.
    func reassignWaiting(of backend: Unmanaged<BackendState>) {
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        while let entry = place[].queueHead, entry[].epoch < epoch {
            let (exchange, turn) = (entry[].exchange, entry[].turn)
            let client = exchange[].client
            dequeue(exchange)
            takeNewestServers(exchange)
            assignServer(exchange, turn: turn)
            if exchange[].phase != .queued { timers.set(client[].timer, in: 0, now: clock.monotonic) }
            resume(client)
        }
    }

    /// A place at a server has been given back.
    func placeFreed(at server: Unmanaged<ServerState>, of backend: Unmanaged<BackendState>) {
        guard backend._withUnsafeGuaranteedRef({ $0.waiting.load(ordering: .sequentiallyConsistent) }) > 0
        else { return }
        serveLines(of: backend, at: server)
    }
}

extension BackendState {
    /// Keeps the numbers that are read without the lock; called under it.
    func countWaiting(_ lines: borrowing WaitingLines, at server: ServerState?) {
        waiting.store(lines.count, ordering: .sequentiallyConsistent)
        waitingForAny.store(lines.count(at: nil), ordering: .sequentiallyConsistent)
        mostWaiting.raise(to: lines.count)
        guard let server else { return }
        server.waiting.store(lines.count(at: server), ordering: .sequentiallyConsistent)
        server.mostWaiting.raise(to: lines.count(at: server))
    }
}

extension ServerState {
    /// Counts a request in; false if the server is at its limit (0: none).
    func takePlace(limit: Int) -> Bool { inFlight.addOne(upTo: limit) }
}
