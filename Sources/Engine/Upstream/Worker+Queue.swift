import Basics
import Model
import Synchronization
import Wire

/// Requests that wait because every server of their backend is at its limit.
///
/// Each worker queues its own requests, first come first served; the limit itself is the server's counter of requests in flight,
/// common to all workers. Who frees a place serves its own queue first and else tells the other workers, if the backend's
/// count of waiting requests says that somebody waits there. Backends without limits never come here.
extension Worker {
    func enqueue(_ exchange: Ref<Exchange>) {
        guard let place = exchange[].place, let backend = exchange[].backend else { return }
        exchange[].phase = .queued
        exchange[].queueNext = nil
        let ahead = backend._withUnsafeGuaranteedRef {
            $0.waiting.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
        }
        exchange[].queuePosition = ahead
        if let tail = place[].queueTail {
            tail[].queueNext = exchange
        } else {
            place[].queueHead = exchange
            waiting.append(backend)
        }
        place[].queueTail = exchange
        setTimer(exchange[].client, timeouts(of: exchange).queue)
        // A worker that freed a place since ours was looked for may have seen nobody wait: look once more, afterwards.
        if hasFreePlace(place[].servers) { mailbox.post(.placeFreed) }
    }

    /// Gives waiting requests the places that are free now.
    func serveQueue(_ backend: Unmanaged<BackendState>) {
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        guard !place[].isServing else { return }
        place[].isServing = true
        defer { place[].isServing = false }
        // Each request is tried once: one that finds no place goes to the end, which for the last one is its old place.
        while let exchange = place[].queueHead, hasFreePlace(place[].servers) {
            dequeue(exchange)
            timers.set(exchange[].client[].timer, in: 0, now: clock.monotonic)
            exchange[].servers = place[].servers
            let client = exchange[].client
            assignServer(exchange)
            resume(client)
        }
    }

    private func hasFreePlace(_ servers: Unmanaged<ServerSet>) -> Bool {
        servers._withUnsafeGuaranteedRef { set in
            if set.servers.count == 0 { return true }
            for i in 0..<set.servers.count {
                let load = set.servers[i]._withUnsafeGuaranteedRef {
                    $0.inFlight.load(ordering: .sequentiallyConsistent)
                }
                let limit = set.limit(of: i, now: clock.monotonic)
                if limit == 0 || load < limit { return true }
            }
            return false
        }
    }

    /// Takes a request out of its queue, wherever it stands.
    func dequeue(_ exchange: Ref<Exchange>) {
        guard let place = exchange[].place, let backend = exchange[].backend else { return }
        var before: Ref<Exchange>?
        var current = place[].queueHead
        while let candidate = current, candidate != exchange {
            before = candidate
            current = candidate[].queueNext
        }
        guard current != nil else { return }
        if let before {
            before[].queueNext = exchange[].queueNext
        } else {
            place[].queueHead = exchange[].queueNext
        }
        if place[].queueTail == exchange { place[].queueTail = before }
        exchange[].queueNext = nil
        exchange[].phase = .head
        backend._withUnsafeGuaranteedRef { _ = $0.waiting.wrappingSubtract(1, ordering: .relaxed) }
        if place[].queueHead == nil { waiting.removeAll { $0.toOpaque() == backend.toOpaque() } }
    }

    func placeFreed(at backend: Unmanaged<BackendState>) {
        guard backend._withUnsafeGuaranteedRef({ $0.waiting.load(ordering: .sequentiallyConsistent) }) > 0
        else { return }
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        if place[].queueHead != nil { return serveQueue(backend) }
        for other in others { other.post(.placeFreed) }
    }
}
