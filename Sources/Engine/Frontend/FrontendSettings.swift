import Basics
import Model
import Wire

/// A frontend's settings in the units of the engine.
final class FrontendSettings: Sendable {
    let name: FixedArray<UInt8>
    let id: Int
    let timeouts: ClientTimeouts
    let forwards: Bool
    /// Whether requests without `X-Request-ID` get one.
    let namesRequests: Bool
    /// Fields of requests that are ours to write.
    let replaced: HeaderNames
    /// Those because of which more than the connection's address has to be looked at.
    let telling: HeaderNames
    /// The field in which trusted proxies name addresses; empty is X-Forwarded-For.
    let sourceField: FixedArray<UInt8>
    /// Whether servers get all of it.
    let appendsSource: Bool
    let trusted: [Network]
    let maxHeaderCount: Int
    let maxHeaderSize: Int
    /// Whether requests have a limit here.
    let limitsRequests: Bool
    /// What is answered in place of our own pages.
    let errorPages: ErrorPages?
    /// Whether every answer ends its connection.
    let closes: Bool
    /// Whether a request gets a server only when its body is here.
    let buffersRequests: Bool
    /// What is added about the client where `forwards` is off.
    let appended: AppendedField?
    /// The same about where the client has connected to.
    let appendedDestination: AppendedField?
    /// How names of fields are written for clients of HTTP/1; nil is as they are.
    let fieldNames: FieldNameCases?
    /// What heads need because of the frontend.
    let headNeeds: HeadNeeds
    /// What answers when no route matches.
    let fallback: CompiledRoute?
    /// Whether any bind takes PROXY headers.
    private let takesProxyHeaders: Bool
    /// By bind.
    private let proxies: [ProxySources]
    let speaksHTTP2: Bool
    /// Streams that a client may have open at once.
    let maxStreams: UInt32
    let mode: Mode
    /// What is passed through; nil if nothing is.
    let hello: HelloTable?
    /// Which backends rules lead to; nil without rules.
    let switching: SwitchTable?
    /// What rules say of messages; nil without rules.
    let rules: Unmanaged<MessageRules>?
    /// What is kept of requests and answers; nil if nothing is.
    let captures: CompiledCaptures?
    /// How requests are named; nil if they are not.
    let uniqueID: CompiledUniqueID?
    /// Whether there is either, or heads need something.
    let keeps: Bool
    /// Whether there are rules of any kind, or something is kept, as a question of one byte.
    let hasRules: Bool
    /// Whether the backend of the same name has the same rules.
    let isListen: Bool
    /// What is logged, and to whom; nil leaves it to the process.
    let logging: CompiledLogging?
    /// Which connections go on: as they come, as sessions, and by what is in them; nil without rules.
    let connectionGate: SessionGate?
    let sessionGate: SessionGate?
    let gate: SessionGate?
    /// Whether connections are tracked.
    let tracksConnections: Bool
    /// Whether rules ask what a client says first.
    let inspectsHello: Bool
    /// Whether they look at the bytes that come first, of TLS that ends here too.
    let inspectsPayload: Bool
    /// Which traces are recorded, and where.
    let tracing: CompiledTracing
    private let ownedRules: MessageRules?

    init(
        _ frontend: Frontend, fallback: CompiledRoute? = nil, hello: HelloTable? = nil,
        switching: SwitchTable? = nil, rules: MessageRules? = nil, logPlans: LogPlans = LogPlans()
    ) {
        name = FixedArray(frontend.name)
        id = frontend.place.id
        timeouts = frontend.timeouts
        (forwards, namesRequests) = (frontend.forwarding.isEnabled, frontend.forwarding.namesRequests)
        replaced = forwards ? HeaderNames(from: .xForwardedFor, to: .xScheme) : HeaderNames()
        sourceField = FixedArray(frontend.forwarding.sourceField ?? "")
        telling = sourceField.count > 0 ? replaced.with(.other) : replaced
        appendsSource = frontend.forwarding.appendsSource
        trusted = frontend.forwarding.trustedProxies.compactMap { Network($0) }
        maxHeaderCount = max(0, frontend.maxHeaderCount)
        maxHeaderSize = max(0, frontend.maxHeaderSize)
        limitsRequests = maxHeaderCount > 0 || maxHeaderSize > 0
        errorPages = ErrorPages(frontend.errorPages)
        closes = frontend.closesConnections
        buffersRequests = frontend.buffersRequests
        appended = frontend.forwarding.appended.map { AppendedField($0) }
        appendedDestination = frontend.forwarding.appendedDestination.map { AppendedField($0) }
        fieldNames = FieldNameCases(frontend.fieldNames)
        let addresses: HeadNeeds = appendedDestination == nil ? [] : .addresses
        headNeeds = fieldNames == nil ? addresses : addresses.union(.namesToClient)
        self.fallback = fallback
        takesProxyHeaders = frontend.binds.contains { $0.proxyProtocol != .off }
        proxies = frontend.binds.map { ProxySources($0.proxyProtocol) }
        speaksHTTP2 = frontend.speaksHTTP2 && frontend.mode == .http
        maxStreams = UInt32(max(1, min(65_535, frontend.maxStreams)))
        mode = frontend.mode
        self.hello = hello
        self.switching = switching
        ownedRules = mode == .http ? rules : nil
        self.rules = ownedRules.map { Unmanaged.passUnretained($0) }
        tracing = CompiledTracing(frontend.tracing)
        connectionGate = SessionGate(frontend.openingRules.connection)
        sessionGate = SessionGate(frontend.openingRules.session)
        tracksConnections = connectionGate?.tracks == true || sessionGate?.tracks == true
        captures = CompiledCaptures(frontend.captures)
        uniqueID = CompiledUniqueID(frontend.uniqueID)
        keeps = mode == .http && (captures != nil || uniqueID != nil || !headNeeds.isEmpty)
        hasRules = switching != nil || self.rules != nil || keeps || tracksConnections
        isListen = frontend.isListen
        logging = frontend.logging.map { CompiledLogging($0, plans: logPlans) }
        gate = mode == .tcp ? SessionGate(frontend.sessionRules) : nil
        let needs =
            frontend.sessionRules.map { $0.needs.union($0.condition?.needs ?? []) }
            + frontend.backendRules.map(\.needs)
        inspectsHello = mode == .tcp && needs.contains { !$0.isDisjoint(with: [.hello, .payload]) }
        inspectsPayload = mode == .tcp && needs.contains { $0.contains(.payload) }
    }

    /// Whether a client at `address` is believed about who sent the request.
    func trusts(_ address: SocketAddress) -> Bool {
        for network in trusted where network.contains(address) { return true }
        return false
    }

    /// Whether a connection from `address` to a bind begins with a PROXY header.
    func expectsProxyHeader(at bind: Int, from address: SocketAddress) -> Bool {
        takesProxyHeaders && bind < proxies.count && proxies[bind].contains(address)
    }
}

/// Whose connections begin with a PROXY header.
enum ProxySources {
    case nobody
    case everyone
    case networks([Network])

    /// A network that can not be read is nobody's.
    init(_ acceptance: ProxyAcceptance) {
        self =
            switch acceptance {
            case .off: .nobody
            case .everyone: .everyone
            case .from(let networks): .networks(networks.compactMap { Network($0) })
            }
    }

    func contains(_ address: SocketAddress) -> Bool {
        switch self {
        case .nobody: false
        case .everyone: true
        case .networks(let networks): networks.contains { $0.contains(address) }
        }
    }
}
