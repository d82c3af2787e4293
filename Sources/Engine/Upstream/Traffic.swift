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
    /// Servers that were left alone for their failures.
    let ejections = Counter()
    /// Requests that were looked for in a cache, and those that were answered from it.
    let cacheLookups = Counter()
    let cacheHits = Counter()
    /// Answers that were cut or not understood.
    let responseErrors = Counter()
    /// Connections opened, and requests that travelled on an idle one.
    let connects = Counter()
    let reuses = Counter()
    /// From the first byte of the request to the last of the answer.
    let durations = Histogram()

    init() { statusClasses = InlineArray { _ in Counter() } }
}
