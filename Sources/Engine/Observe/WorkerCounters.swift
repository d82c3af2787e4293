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
