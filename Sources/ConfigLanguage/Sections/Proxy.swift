import Model

/// A section that carries traffic, while it is read: Model's own values with HAProxy's defaults, and what can only be
/// decided when everything has been read. A `defaults` section is one too; what follows it begins as a copy.
struct Proxy: Sendable {
    /// What kind of section it is.
    let kind: SectionSet
    var name: String
    /// Where it begins.
    let line: SourceLocation
    /// The side towards clients, without its binds.
    var frontend: Frontend
    /// The side towards servers, without its servers.
    var backend: Backend
    /// `mode`.
    var mode = Mode.tcp
    /// Whether it has said so, or the `defaults` it begins with.
    var saysMode = false
    /// `option http-server-close`, `httpclose` and `http-keep-alive`: the last one counts.
    var closing: Closing = .none
    /// Times whose absence means another one.
    var times = UnsetTimes()
    /// `default_backend`.
    var defaultBackend: Word?
    /// `dynamic-cookie-key`.
    var dynamicCookieKey: String?
    /// `compression` towards clients or servers.
    var compression: Compression?
    /// `http-request cache-use` and `http-response cache-store`.
    var caching = CacheDraft()
    /// `filter bwlim-in` and `filter bwlim-out`.
    var bandwidthLimits: [BandwidthLimit] = []
    /// `stick-table`.
    var stickTable: StickTable?
    /// Its `stick-table` could not be read: who names it is not told again.
    var hasRefusedTable = false
    /// `stick …`.
    var stickRules: [StickDraft] = []
    /// `option httpchk` and its like.
    var check = CheckDraft()
    /// `acl`.
    var accessLists = AccessLists()
    /// Rules, in order.
    var rules = RuleDrafts()
    /// `log` and what goes with it.
    var logging = LoggingDraft()
    /// `disabled`.
    var isDisabled = false
    /// `stats`.
    var statistics: StatisticsPage?
    /// Whether that is still what `defaults` say.
    var inheritsStatistics = false
    /// `http-error`, by its status.
    var pageLines: [UInt16: SourceLocation] = [:]
    /// `option forwarded`.
    var forwardedLine: SourceLocation?
    /// `option h1-case-adjust-bogus-client` and `h1-case-adjust-bogus-server`.
    var adjustsNames = (ofClients: false, ofServers: false)
    /// The last `stats admin` or `stats http-request`.
    var statisticsLine: SourceLocation?
    /// `id` and `description`.
    var id = 0
    var description = ""
    /// `server-state-file-name`.
    var stateFile: String?
    /// `source`: where connections to its servers come from.
    var source: ServerSource?
    /// What `default-server` says.
    var serverTemplate = ServerDraft()
    var binds: [BindDraft] = []
    var servers: [ServerDraft] = []

    /// HAProxy's values where nothing is said.
    init(_ kind: SectionSet, name: String, line: SourceLocation) {
        self.kind = kind
        self.name = name
        self.line = line
        frontend = Frontend(name: name, binds: [])
        frontend.timeouts.request = 0
        frontend.timeouts.keepAlive = 0
        frontend.timeouts.client = 0
        frontend.timeouts.clientFin = 0
        frontend.forwarding.isEnabled = false
        backend = Backend(servers: [], origin: Origin(namespace: "", name: name))
        backend.redispatch = false
        backend.timeouts.connect = 0
        backend.timeouts.server = 0
        backend.timeouts.queue = 0
        backend.timeouts.tunnel = 0
    }

    /// A section that begins with what `defaults` says.
    init(_ kind: SectionSet, name: String, line: SourceLocation, from defaults: Proxy) {
        self.init(kind, name: name, line: line)
        let (ownFrontend, ownBackend) = (frontend, backend)
        frontend = defaults.frontend
        frontend.name = ownFrontend.name
        backend = defaults.backend
        backend.origin = ownBackend.origin
        mode = defaults.mode
        saysMode = defaults.saysMode
        closing = defaults.closing
        times = defaults.times
        defaultBackend = defaults.defaultBackend
        dynamicCookieKey = defaults.dynamicCookieKey
        compression = defaults.compression
        check = defaults.check.asDefault
        rules = defaults.rules.inherited(by: name, from: defaults.name)
        statistics = defaults.statistics
        inheritsStatistics = statistics != nil
        logging = defaults.logging
        isDisabled = defaults.isDisabled
        serverTemplate = defaults.serverTemplate
        source = defaults.source
        adjustsNames = defaults.adjustsNames
    }

    /// `frontend web`.
    var title: String { "\(kind.word) \(name)".trimmingTrailingBlank }
}

extension String {
    fileprivate var trimmingTrailingBlank: String { hasSuffix(" ") ? String(dropLast()) : self }
}

/// Which connections end with an exchange.
enum Closing: Sendable, Equatable, Comparable {
    case none, server, both
}

/// Times in milliseconds that mean another one where they are not set.
struct UnsetTimes: Sendable, Equatable {
    /// `timeout http-request`: else `timeout client`.
    var request: Int?
    /// `timeout http-keep-alive`: else `timeout http-request`.
    var keepAlive: Int?
    /// `timeout queue`: else `timeout connect`.
    var queue: Int?
    /// `timeout tarpit`: else `timeout connect` of a section with servers, else none.
    var tarpit: Int?
    /// `timeout tunnel`: else `timeout client` and `timeout server`.
    var tunnel: Int?
}

/// A `stick` line while it is read: whether its table is there is known later.
struct StickDraft: Sendable {
    var rule: StickRule
    var line: SourceLocation
}

/// A `bind` line while it is read: one Model bind for each of its addresses.
struct BindDraft: Sendable {
    /// Its settings, the same for all addresses.
    var bind = Bind(port: 0)
    /// Where it listens.
    var places: [BindPlace] = []
    /// What stands before paths (`unix-bind prefix`).
    var pathPrefix = ""
    /// `alpn`.
    var offersHTTP2 = true
    var proto: VersionName?
    /// `v6only`.
    var isV6Only = false
    /// The certificates, in their order.
    var certificates: [CertificateDraft] = []
    /// `crt`, `default-crt` and `crt-list` as they are written.
    var certificateWords: [Word] = []
    /// `verify` and its like.
    var demand = ClientDemandDraft()
    var line = SourceLocation(file: "", line: 0)

    /// Takes certificates behind those there are. The first of all is a default too: a file in both its kinds of key, of a
    /// folder and of a list the first one.
    mutating func add(_ found: [CertificateDraft], by words: [Word], areDefaults: Bool) {
        let isFirst = certificates.isEmpty
        for (place, certificate) in found.enumerated() {
            certificates.append(certificate)
            guard certificate.isOneOfMany ? isFirst && place == 0 : isFirst || areDefaults else { continue }
            certificates[certificates.count - 1].isDefault = true
        }
        certificateWords += words
    }
}

/// An address and a port, or a socket that is listened on already.
struct BindPlace: Sendable {
    /// nil is every one of both families.
    var address: String?
    var port: UInt16 = 0
    /// Whether it is a socket of this machine.
    var isLocal = false
    /// `fd@`.
    var descriptor: Int32?
}

/// A `server` or `default-server` line while it is read.
struct ServerDraft: Sendable {
    /// Its settings.
    var server = Server(address: "", port: 0)
    /// `check` and its like.
    var health = ServerCheckDraft()
    /// `proxy-v2-options`.
    var proxyFields: SentProxyHeader.Fields = []
    /// `ssl`, and what is said of it whether it is on or not.
    var speaksTLS = false
    var tls = ServerTLSDraft()
    var proto: VersionName?
    /// Whether its line has `source`, which may say no more than that the system chooses.
    var saysSource = false
    /// `resolvers`, `init-addr` and their like.
    var resolution = ServerResolutionDraft()
    var line = SourceLocation(file: "", line: 0)
}
