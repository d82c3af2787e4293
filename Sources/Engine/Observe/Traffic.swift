/// What one worker counts of one backend.
struct Traffic: ~Copyable {
    /// Finished exchanges by the first digit of their status; index 0 is for none.
    let statusClasses: InlineArray<6, Counter>
    /// Bytes of request bodies and heads received, and of answers sent.
    let bytesIn = Counter()
    let bytesOut = Counter()
    /// Failed connection attempts.
    let connectErrors = Counter()
    /// Attempts repeated, and those of them that went to another server.
    let retries = Counter()
    let redispatches = Counter()
    /// Answers that were cut or not understood.
    let responseErrors = Counter()
    /// Connections opened, and requests that travelled on an idle one.
    let connects = Counter()
    let reuses = Counter()
    /// From the first byte of the request to the last of the answer.
    let durations = Histogram()

    init() { statusClasses = InlineArray { _ in Counter() } }
}

/// What one worker counts of itself.
struct WorkerCounters: ~Copyable {
    let accepted = Counter()
    let openClients = Counter()
    let openServers = Counter()
    let activeExchanges = Counter()
    let requests = Counter()
    let loops = Counter()
    let handshakes = Counter()
    let resumedHandshakes = Counter()
    let failedHandshakes = Counter()
    let logDropped = Counter()
    /// Refused requests by `HeadError`, in the order of its cases.
    let refused: InlineArray<24, Counter>
    let requestTimeouts = Counter()

    init() { refused = InlineArray { _ in Counter() } }
}
