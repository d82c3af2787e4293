/// What one worker counts of itself.
struct WorkerCounters: ~Copyable {
    let accepted = Counter()
    let openClients = Counter()
    let openServers = Counter()
    let activeExchanges = Counter()
    let sessions = Counter()
    let loops = Counter()
    let handshakes = Counter()
    let resumedHandshakes = Counter()
    let failedHandshakes = Counter()
    /// The same by `HandshakeFailure`, in the order of its cases.
    let handshakeFailures: InlineArray<27, Counter>
    /// TLS with servers: connections that are open.
    let openServerTLS = Counter()
    /// What became of handshakes with them.
    let serverHandshakes = Counter()
    let resumedServerHandshakes = Counter()
    let failedServerHandshakes: InlineArray<27, Counter>
    let logDropped = Counter()
    /// Refused requests by `HeadError`, in the order of its cases.
    let refused: InlineArray<27, Counter>
    let requestTimeouts = Counter()
    let limitedRequests = Counter()
    /// Requests that somebody was asked about: who may go on, who may not, and those about whom nothing was said.
    let allowedRequests = Counter()
    let forbiddenRequests = Counter()
    let unansweredRequests = Counter()
    /// Copies of requests that were sent, that were not made, and that nobody took.
    let sentCopies = Counter()
    let skippedCopies = Counter()
    let failedCopies = Counter()
    /// Regular expressions given up because they took too long.
    let costlyPatterns = Counter()
    /// PROXY headers of clients that were taken, and the refused ones by `ProxyRefusal`, in the order of its cases.
    let proxyHeaders = Counter()
    let refusedProxyHeaders: InlineArray<10, Counter>
    let http2Connections = Counter()
    let openStreams = Counter()
    /// Faults of HTTP/2 clients by `HTTP2Fault`, in the order of its cases.
    let http2Faults: InlineArray<28, Counter>
    /// The same of servers.
    let serverHTTP2Faults: InlineArray<28, Counter>

    init() {
        refused = InlineArray { _ in Counter() }
        http2Faults = InlineArray { _ in Counter() }
        serverHTTP2Faults = InlineArray { _ in Counter() }
        handshakeFailures = InlineArray { _ in Counter() }
        failedServerHandshakes = InlineArray { _ in Counter() }
        refusedProxyHeaders = InlineArray { _ in Counter() }
    }
}
