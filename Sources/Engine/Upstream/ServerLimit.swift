import Model

/// How many requests a server takes at once and how many may wait for it: HAProxy's `minconn`, `maxconn` and `maxqueue`.
struct ServerLimit: Equatable {
    /// The limit of an idle backend.
    let least: Int
    /// The limit of a busy one; 0 is none.
    let most: Int
    /// The most requests that wait for this server; 0 is no bound.
    let queue: Int

    /// As HAProxy completes them: each of the two limits stands for the other if that lacks, and the greater one is the upper.
    init(_ server: Server) {
        let (wanted, lower) = (max(0, server.maxConnections), max(0, server.minConnections))
        most = max(wanted, lower)
        least = lower > 0 ? lower : wanted
        queue = max(0, server.maxQueue)
    }

    /// Whether it changes with the backend's load.
    var isDynamic: Bool { least < most }

    /// The limit while the backend has `requests` under way, waiting ones included, out of the `full` that make it busy.
    func places(requests: Int, full: Int) -> Int {
        guard isDynamic, requests < full else { return most }
        let scaled = full.dividingFullWidth(most.multipliedFullWidth(by: max(0, requests))).quotient
        return max(least, scaled)
    }
}
