/// How requests are traced: which are recorded, and who is told of them. Whether a route's requests are traced at all is the route's
/// business (`RouteTracing`).
///
/// ```
///   traceparent of the client ─► sampled? ─► traceparent for the server
///                                   └─► span, when the exchange ends ─► batch ─► collector
/// ```
public struct Tracing: Sendable, Hashable {
    /// Where spans are sent, by OTLP over HTTP: a URL with its path. nil records none; servers are told of traces even so.
    public var collector: String?
    /// What spans say they are from (`service.name`). Default `sluice`.
    public var serviceName: String
    /// Which traces are recorded. Default all.
    public var sampler: TraceSampler
    /// Whether what a believed client says of its own trace counts before the sampler. Default yes.
    public var followsParent: Bool
    /// How spans travel.
    public var batching: SpanBatching

    /// All traces, for nobody yet.
    public init() {
        collector = nil
        serviceName = "sluice"
        sampler = .always
        followsParent = true
        batching = SpanBatching()
    }
}

/// Which traces are recorded, by their id alone, so that all who ask in the same way decide the same.
public enum TraceSampler: Sendable, Hashable {
    case always
    case never
    /// So many of them, from 0 to 1.
    case ratio(Double)
}

/// How many spans wait, and how many go together.
public struct SpanBatching: Sendable, Hashable {
    /// The most that wait for the collector, over all workers; more are dropped. Default 2,048.
    public var queue: Int
    /// The most in one request to it. Default 512.
    public var most: Int
    /// How long the first of a batch waits for others, in milliseconds. Default 5 s.
    public var delay: Int

    /// The most that go together: never more than may wait.
    public var together: Int { min(most, queue) }

    /// The defaults.
    public init() { (queue, most, delay) = (2_048, 512, 5_000) }
}

/// How the requests of a route are traced.
public struct RouteTracing: Sendable, Equatable {
    /// Whether a client's `traceparent` is continued; one that is not believed begins a trace of its own. Default yes.
    public var trustsClient: Bool
    /// What spans are called; nil is the method and `path`.
    public var name: FormatString?
    /// The path of the route, for spans (`http.route`); empty is not said.
    public var path: String

    /// Traced, by the route's own path.
    public init(path: String = "") {
        trustsClient = true
        name = nil
        self.path = path
    }
}
