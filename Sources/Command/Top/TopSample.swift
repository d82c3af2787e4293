/// What a running instance has counted at one moment, as far as `sluice top` shows it.
struct TopSample: Equatable {
    /// Seconds of a clock that never goes back.
    var time = 0.0
    var version = ""
    var mode = ""
    var isReady = false
    var uptime = 0
    var publishes = 0.0
    var hosts = 0
    var connections = 0.0
    var exchanges = 0.0
    var upstream = 0.0
    /// Of all kinds of changes together.
    var propagation = TopHistogram()
    /// By the backend's name.
    var services: [String: Service] = [:]
    var pods: [Pod] = []
    var routes: [Route] = []

    /// A backend: a port of a Service.
    struct Service: Equatable {
        var requests = 0.0
        var clientErrors = 0.0
        var serverErrors = 0.0
        var queue = 0.0
        var durations = TopHistogram()
    }

    /// A server of a backend.
    struct Pod: Equatable {
        var service: String
        var name: String
        var address: String
        var active = 0.0
        var requests = 0.0
        var failures = 0.0
        /// nil: not checked.
        var isUp: Bool?
    }

    /// A path of a host.
    struct Route: Equatable {
        var host: String
        var ingress: String
        var service: String
    }
}

/// Counts by upper bound, as Prometheus has them: each bucket holds those of the ones before it.
struct TopHistogram: Equatable {
    /// Bounds in seconds and counts, ascending; the last bound is infinite.
    var buckets: [(bound: Double, count: Double)] = []

    static func == (left: TopHistogram, right: TopHistogram) -> Bool {
        left.buckets.elementsEqual(right.buckets) { $0 == $1 }
    }

    /// How many there are in all.
    var count: Double { buckets.last?.count ?? 0 }

    /// What has come since an earlier one; all of it where that has other bounds, or more: it was of another process.
    func since(_ earlier: TopHistogram) -> TopHistogram {
        guard earlier.buckets.count == buckets.count, earlier.count <= count else { return self }
        let pairs = zip(buckets, earlier.buckets)
        return TopHistogram(buckets: pairs.map { ($0.bound, max(0, $0.count - $1.count)) })
    }

    mutating func add(_ other: TopHistogram) {
        guard buckets.count == other.buckets.count else {
            if buckets.isEmpty { self = other }
            return
        }
        for i in buckets.indices { buckets[i].count += other.buckets[i].count }
    }

    /// Counts one bucket of the text of metrics; several kinds of the same bounds are added up.
    mutating func add(_ count: Double, upTo bound: Double) {
        guard let place = buckets.firstIndex(where: { $0.bound >= bound }) else {
            return buckets.append((bound, count))
        }
        if buckets[place].bound == bound {
            buckets[place].count += count
        } else {
            buckets.insert((bound, count), at: place)
        }
    }

    /// The value that so many of 1 stay below, between two bounds in proportion; nil if there is none.
    func quantile(_ part: Double) -> Double? {
        guard count > 0 else { return nil }
        let wanted = part * count
        var (low, before) = (0.0, 0.0)
        for bucket in buckets {
            if bucket.count >= wanted {
                guard bucket.bound.isFinite else { return low }
                let inside = bucket.count - before
                return inside <= 0 ? bucket.bound : low + (bucket.bound - low) * (wanted - before) / inside
            }
            (low, before) = (bucket.bound, bucket.count)
        }
        return low
    }
}
