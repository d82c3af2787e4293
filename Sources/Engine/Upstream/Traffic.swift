/// What one worker counts of one frontend, backend or server. What one of them does not have stays 0.
struct Traffic: ~Copyable {
    /// Finished exchanges by the first digit of their status; index 0 is for none.
    let statusClasses: InlineArray<6, Counter>
    /// Bytes of request bodies and heads received, and of answers sent.
    let bytesIn = Counter()
    let bytesOut = Counter()
    /// Failed connection attempts, and requests that were given up for them.
    let connectErrors = Counter()
    let failedConnections = Counter()
    /// Attempts repeated, and those of them that went to another server.
    let retries = Counter()
    let redispatches = Counter()
    /// Servers that were left alone for their failures.
    let ejections = Counter()
    /// Requests that were looked for in a cache, and those that were answered from it.
    let cacheLookups = Counter()
    let cacheHits = Counter()
    /// Answers that were cut or not understood.
    let responseErrors = Counter()
    /// Requests whose server failed before it had answered, or answered what can not be understood.
    let failedAnswers = Counter()
    /// Connections opened, and requests that travelled on an idle one.
    let connects = Counter()
    let reuses = Counter()
    /// Requests whose server was not chosen by balancing.
    let pinned = Counter()
    /// Requests and answers that rules refused.
    let deniedRequests = Counter()
    let deniedAnswers = Counter()
    /// Exchanges that their client ended, or their server, before they were over.
    let clientAborts = Counter()
    let serverAborts = Counter()
    /// From the first byte of the request to the last of the answer.
    let durations = Histogram()

    init() { statusClasses = InlineArray { _ in Counter() } }

    /// Begins anew, but for what is no part of statistics.
    func reset() {
        for i in 0..<6 { statusClasses[i].reset() }
        bytesIn.reset()
        bytesOut.reset()
        connectErrors.reset()
        failedConnections.reset()
        retries.reset()
        redispatches.reset()
        cacheLookups.reset()
        cacheHits.reset()
        responseErrors.reset()
        failedAnswers.reset()
        connects.reset()
        reuses.reset()
        pinned.reset()
        deniedRequests.reset()
        deniedAnswers.reset()
        clientAborts.reset()
        serverAborts.reset()
    }

    /// Counts a finished exchange.
    func finish(_ statusClass: Int, bytesIn: UInt64, bytesOut: UInt64) {
        statusClasses[statusClass].add()
        self.bytesIn.add(bytesIn)
        self.bytesOut.add(bytesOut)
    }
}

/// What one worker counts of one frontend besides.
struct ArrivingTraffic: ~Copyable {
    /// Connections taken, and those of them that speak HTTP/2.
    let connections = Counter()
    let http2Connections = Counter()
    /// The most connections of all workers at a time.
    let mostConnections = Counter()
    /// Requests understood, those of them that came over HTTP/2, and those that were not understood or not completed.
    let requests = Counter()
    let http2Requests = Counter()
    let requestErrors = Counter()
    /// Requests that were answered without a backend.
    let intercepted = Counter()
    /// Connections that rules refused: at once, and when it was known whose they are.
    let deniedConnections = Counter()
    let deniedSessions = Counter()

    /// Begins anew.
    func reset() {
        connections.reset()
        http2Connections.reset()
        requests.reset()
        http2Requests.reset()
        requestErrors.reset()
        intercepted.reset()
        deniedConnections.reset()
        deniedSessions.reset()
    }
}

/// How long what one server was given took on one worker, in nanoseconds.
struct ServerTimes: ~Copyable {
    /// How many have been counted in.
    let count = Counter()
    let queue = Counter()
    let connect = Counter()
    let response = Counter()
    let total = Counter()
    /// The longest of each.
    let longestQueue = Counter()
    let longestConnect = Counter()
    let longestResponse = Counter()
    let longestTotal = Counter()

    /// Begins anew.
    func reset() {
        count.reset()
        queue.reset()
        connect.reset()
        response.reset()
        total.reset()
    }

    /// Forgets the longest.
    func forgetLongest() {
        longestQueue.reset()
        longestConnect.reset()
        longestResponse.reset()
        longestTotal.reset()
    }
}

/// The counters of a backend behind a reference, so that backends without requests cost nothing.
final class TrafficBox: Sendable {
    let counters = Traffic()
}

/// The same of a frontend.
final class FrontendTraffic: Sendable {
    let counters = Traffic()
    let arriving = ArrivingTraffic()
}

/// The same of a server.
final class ServerTraffic: Sendable {
    let counters = Traffic()
    let times = ServerTimes()
}
