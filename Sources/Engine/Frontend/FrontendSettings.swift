import Basics
import Model
import Wire

/// A frontend's settings in the units of the engine.
final class FrontendSettings: Sendable {
    let name: FixedArray<UInt8>
    let timeouts: ClientTimeouts
    let forwards: Bool
    /// Fields of requests that are ours to write.
    let replaced: HeaderNames
    let trusted: [Network]
    let maxBodySize: Int64
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
    /// Whether there is either.
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
    private let ownedRules: MessageRules?

    init(
        _ frontend: Frontend, fallback: CompiledRoute? = nil, hello: HelloTable? = nil,
        switching: SwitchTable? = nil, rules: MessageRules? = nil, logPlans: LogPlans = LogPlans()
    ) {
        name = FixedArray(frontend.name)
        timeouts = frontend.timeouts
        forwards = frontend.forwarding.isEnabled
        replaced = forwards ? HeaderNames(from: .xForwardedFor, to: .xScheme) : HeaderNames()
        trusted = frontend.forwarding.trustedProxies.compactMap { Network($0) }
        maxBodySize = frontend.maxBodySize
        maxHeaderCount = max(0, frontend.maxHeaderCount)
        maxHeaderSize = max(0, frontend.maxHeaderSize)
        limitsRequests = maxBodySize > 0 || maxHeaderCount > 0 || maxHeaderSize > 0
        errorPages = ErrorPages(frontend.errorPages)
        closes = frontend.closesConnections
        buffersRequests = frontend.buffersRequests
        appended = frontend.forwarding.appended.map { AppendedField($0) }
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
        connectionGate = SessionGate(frontend.openingRules.connection)
        sessionGate = SessionGate(frontend.openingRules.session)
        tracksConnections = connectionGate?.tracks == true || sessionGate?.tracks == true
        captures = mode == .http ? CompiledCaptures(frontend.captures) : nil
        uniqueID = CompiledUniqueID(frontend.uniqueID)
        keeps = mode == .http && (captures != nil || uniqueID != nil)
        hasRules = switching != nil || self.rules != nil || keeps || tracksConnections
        isListen = frontend.isListen
        logging = frontend.logging.map { CompiledLogging($0, plans: logPlans) }
        gate = mode == .tcp ? SessionGate(frontend.sessionRules) : nil
        let needs =
            frontend.sessionRules.map { $0.needs.union($0.condition?.needs ?? []) }
            + frontend.backendRules.map(\.needs)
        inspectsHello = mode == .tcp && needs.contains { $0.contains(.hello) }
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
