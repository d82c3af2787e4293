import Controller
import Kubernetes
import Model

/// What `controller` and `dev` were asked to do, as values ready for use.
struct Settings: Sendable, Equatable {
    let translation: TranslationChoices
    let listeners: ListenerChoices
    /// nil: as many as this process has CPUs.
    var workers: Int?
    /// The most client connections; 0 is no limit.
    var maxConnections = 0
    /// What may begin in a second, and how much TLS there may be.
    var limits = ProcessLimits()
    /// What compression may cost. A file says it itself; without one it is left where nine tenths of a worker's time are in use.
    var compression = {
        var limits = CompressionLimits()
        limits.maxCPUUsage = 90
        return limits
    }()
    /// What connections of HTTP/2 let their peers do at once.
    var http2 = HTTP2Choices()
    /// What signals mean.
    var manners = SignalManners.service
    /// Whether another process may listen on the same addresses.
    var sharesAddresses = false
    /// How long traffic is still accepted after SIGTERM, in milliseconds.
    let drainDelay: Int
    /// How long requests in flight are waited for after that, in milliseconds.
    var drainTimeout: Int
    /// Whether another process watches this one, and starts it again.
    let isSupervised: Bool
    let log: LogChoices
    let accessLog: AccessLogChoice
    /// Whether `/metrics` has the names of ingress-nginx, too.
    let showsNginxNames: Bool
    /// `--kubeconfig` and `--context`.
    let kubeconfig: String?
    let context: String?
    /// How pods are reached.
    let endpointAccess: EndpointAccess
    /// What is written to the cluster.
    let writing: WritingChoices
    /// The admission webhook; nil is none.
    let admission: AdmissionChoices?

    /// Reads arguments that have been parsed.
    init(_ arguments: Arguments) throws(UsageError) {
        translation = TranslationChoices(arguments)
        guard translation.namespaces.isEmpty || translation.namespaceSelector == nil else {
            throw .conflict("--namespace and --namespace-selector: only one of them")
        }
        listeners = try ListenerChoices(arguments)
        workers = arguments.value("workers").flatMap { ValueForm.number($0, in: 1...1024) }
        drainDelay = arguments.milliseconds("drain-delay")
        drainTimeout = arguments.milliseconds("drain-timeout")
        isSupervised = arguments.isPresent("supervise")
        log = LogChoices(arguments)
        accessLog = AccessLogChoice(arguments.value("access-log") ?? "off")
        showsNginxNames = arguments.value("metrics-names") == "nginx"
        kubeconfig = arguments.value("kubeconfig")
        context = arguments.value("context")
        endpointAccess = EndpointAccess(arguments.value("endpoint-access"))
        writing = try WritingChoices(arguments)
        admission = try AdmissionChoices(arguments)
    }
}

/// What is translated and whose Ingresses are ours.
struct TranslationChoices: Sendable, Equatable {
    let ingressClass: String
    let controllerName: String
    let watchesWithoutClass: Bool
    let matchesClassByName: Bool
    let resolvesExternalNames: Bool
    let servesCatchAll: Bool
    /// `auto` is to be found out.
    let zone: String?
    let translatesSnippets: Bool
    /// Whose defaults hold.
    let usual: UsualSettings
    /// Whether lines of the access log are ingress-nginx's.
    let logsAsNginx: Bool
    let relaxed: Set<StrictnessRule>
    /// None: the usual ones.
    let annotationPrefixes: [String]
    /// Empty: all.
    let namespaces: [String]
    /// nil: whatever their labels are.
    let namespaceSelector: LabelSelector?
    let defaultBackendService: NamespacedName?
    let defaultTLSSecret: NamespacedName?
    let configMap: NamespacedName?
    let tcpServicesConfigMap: NamespacedName?
    /// In the order they were given; of several for one Service the last one holds.
    let overrides: [OverrideChoice]

    init(_ arguments: Arguments) {
        ingressClass = arguments.value("ingress-class") ?? ""
        controllerName = arguments.value("controller-name") ?? ""
        watchesWithoutClass = arguments.isPresent("watch-ingress-without-class")
        matchesClassByName = arguments.isPresent("ingress-class-by-name")
        resolvesExternalNames = !arguments.isPresent("no-external-names")
        zone = arguments.value("zone")
        servesCatchAll = !arguments.isPresent("no-catch-all")
        usual = arguments.value("defaults").flatMap(UsualSettings.init) ?? .sluice
        logsAsNginx = arguments.value("log-format") == "nginx"
        translatesSnippets = arguments.isPresent("translate-snippets")
        relaxed = Set((arguments.values["relax"] ?? []).compactMap { StrictnessRule(rawValue: $0) })
        annotationPrefixes = arguments.values["annotations-prefix"] ?? []
        namespaces = arguments.values["namespace"] ?? []
        namespaceSelector = arguments.value("namespace-selector").flatMap(LabelSelector.init)
        defaultBackendService = arguments.value("default-backend-service").flatMap(NamespacedName.init)
        defaultTLSSecret = arguments.value("default-tls-secret").flatMap(NamespacedName.init)
        configMap = arguments.value("configmap").flatMap(NamespacedName.init)
        tcpServicesConfigMap = arguments.value("tcp-services-configmap").flatMap(NamespacedName.init)
        overrides = (arguments.values["override"] ?? []).compactMap(OverrideChoice.init)
    }
}

/// How pods are reached.
enum EndpointAccess: Sendable, Equatable {
    case direct
    /// Through the API server.
    case proxied
    /// As it turns out where this process runs outside of the cluster.
    case automatic

    init(_ word: String?) {
        switch word {
        case "direct": self = .direct
        case "apiserver-proxy": self = .proxied
        default: self = .automatic
        }
    }

    /// The same where pods have their addresses: there is nothing to find out.
    var inCluster: EndpointAccess { self == .automatic ? .direct : self }
}

/// What is written to the cluster, and how replicas agree on who does it.
struct WritingChoices: Sendable, Equatable {
    /// The name of the Lease, `CLASS-leader` unless one is given.
    let electionID: String
    /// Whether replicas elect a leader; otherwise each of them writes.
    let holdsElection: Bool
    /// The Service whose addresses go into status.
    var publishService: NamespacedName?
    /// The addresses and names that go into status instead.
    var publishAddresses: [String] = []
    /// Which addresses of nodes go into status, those of pods like this one where nothing else is named; nil is not asked for.
    var publishNodes: NodeAddresses?
    /// Whether status is emptied when the last replica ends.
    var clearsStatus = false
    /// Whether something was asked for that is written to the cluster. From a kubeconfig nothing is written otherwise.
    let isAskedFor: Bool
}

/// What a node is told by.
enum NodeAddresses: String, Sendable {
    case external, `internal`
}

extension WritingChoices {
    /// Reads them from a command line.
    init(_ arguments: Arguments) throws(UsageError) {
        electionID =
            arguments.value("election-id") ?? "\(arguments.value("ingress-class") ?? "sluice")-leader"
        holdsElection = !arguments.isPresent("no-leader-election")
        publishService = arguments.value("publish-service").flatMap(NamespacedName.init)
        publishAddresses = arguments.value("publish-status-address").flatMap(ValueForm.addresses) ?? []
        publishNodes = arguments.value("publish-nodes").flatMap(NodeAddresses.init)
        clearsStatus = arguments.isPresent("clear-status")
        isAskedFor =
            arguments.value("election-id") != nil || publishService != nil || !publishAddresses.isEmpty
            || publishNodes != nil
            || arguments.value("admission-webhook") != nil
        guard publishService == nil || publishAddresses.isEmpty else {
            throw .conflict("--publish-service and --publish-status-address: only one of them")
        }
        // Beside a Service they choose among the addresses of its nodes.
        guard publishNodes == nil || publishAddresses.isEmpty else {
            throw .conflict("--publish-nodes and --publish-status-address: only one of them")
        }
    }
}

/// Where it listens; a port of 0 is off.
struct ListenerChoices: Sendable, Equatable {
    /// nil: every address of both families.
    let bindAddress: String?
    let httpPort: UInt16
    let httpsPort: UInt16
    let opsPort: UInt16
    let admin: Endpoint
    /// Where the runtime API is; nil: nowhere.
    let adminSocket: String?

    init(_ arguments: Arguments) throws(UsageError) {
        bindAddress = arguments.value("bind-address")
        httpPort = arguments.port("http-port")
        httpsPort = arguments.port("https-port")
        opsPort = arguments.port("ops-port")
        adminSocket = arguments.value("admin-socket")
        admin =
            arguments.value("admin-address").flatMap(Endpoint.init) ?? Endpoint(address: "127.0.0.1", port: 0)
        try ListenerChoices.requireLoopback(admin)
    }

    /// The dashboard shows the whole configuration and asks for no credentials yet.
    private static func requireLoopback(_ endpoint: Endpoint) throws(UsageError) {
        let isLoopback = endpoint.address.hasPrefix("127.") || endpoint.address == "::1"
        guard endpoint.port == 0 || isLoopback else {
            throw .conflict(
                "--admin-address \(endpoint): only a loopback address (127.0.0.1, [::1]) until it can ask for credentials"
            )
        }
    }
}

/// What is written to stderr and how.
struct LogChoices: Sendable, Equatable {
    let level: LogLevel
    let format: LogFormat
}

extension LogChoices {
    /// Reads them from a command line.
    init(_ arguments: Arguments) {
        level = arguments.value("log-level").flatMap(LogLevel.init) ?? .info
        format = arguments.value("log-format").flatMap(LogFormat.init) ?? .text
    }
}

/// Where the access log goes.
enum AccessLogChoice: Sendable, Equatable {
    case off
    case stdout
    case file(String)

    init(_ text: String) {
        switch text {
        case "off": self = .off
        case "stdout": self = .stdout
        default: self = .file(text)
        }
    }
}

extension Arguments {
    fileprivate func port(_ name: String) -> UInt16 { value(name).flatMap { ValueForm.port($0) } ?? 0 }

    fileprivate func milliseconds(_ name: String) -> Int { value(name).flatMap(ValueForm.milliseconds) ?? 0 }
}
