import Model

/// What `controller` and `dev` were asked to do, as values ready for use.
struct Settings: Sendable, Equatable {
    let translation: TranslationChoices
    let listeners: ListenerChoices
    /// nil: as many as this process has CPUs.
    var workers: Int?
    /// The most client connections; 0 is no limit.
    var maxConnections = 0
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
    let log: LogChoices
    let accessLog: AccessLogChoice
    /// `--kubeconfig` and `--context`.
    let kubeconfig: String?
    let context: String?
    /// What is written to the cluster.
    let writing: WritingChoices

    /// Reads arguments that have been parsed.
    init(_ arguments: Arguments) throws(UsageError) {
        translation = TranslationChoices(arguments)
        listeners = try ListenerChoices(arguments)
        workers = arguments.value("workers").flatMap { ValueForm.number($0, in: 1...1024) }
        drainDelay = arguments.milliseconds("drain-delay")
        drainTimeout = arguments.milliseconds("drain-timeout")
        log = LogChoices(arguments)
        accessLog = AccessLogChoice(arguments.value("access-log") ?? "off")
        kubeconfig = arguments.value("kubeconfig")
        context = arguments.value("context")
        writing = try WritingChoices(arguments)
    }
}

/// What is translated and whose Ingresses are ours.
struct TranslationChoices: Sendable, Equatable {
    let ingressClass: String
    let controllerName: String
    let watchesWithoutClass: Bool
    /// Empty: all.
    let namespaces: [String]
    let defaultBackendService: NamespacedName?
    let defaultTLSSecret: NamespacedName?
    let configMap: NamespacedName?
    let tcpServicesConfigMap: NamespacedName?

    init(_ arguments: Arguments) {
        ingressClass = arguments.value("ingress-class") ?? ""
        controllerName = arguments.value("controller-name") ?? ""
        watchesWithoutClass = arguments.isPresent("watch-ingress-without-class")
        namespaces = arguments.values["namespace"] ?? []
        defaultBackendService = arguments.value("default-backend-service").flatMap(NamespacedName.init)
        defaultTLSSecret = arguments.value("default-tls-secret").flatMap(NamespacedName.init)
        configMap = arguments.value("configmap").flatMap(NamespacedName.init)
        tcpServicesConfigMap = arguments.value("tcp-services-configmap").flatMap(NamespacedName.init)
    }
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
    /// Whether something was asked for that is written to the cluster. From a kubeconfig nothing is written otherwise.
    let isAskedFor: Bool
}

extension WritingChoices {
    /// Reads them from a command line.
    init(_ arguments: Arguments) throws(UsageError) {
        electionID =
            arguments.value("election-id") ?? "\(arguments.value("ingress-class") ?? "sluice")-leader"
        holdsElection = !arguments.isPresent("no-leader-election")
        publishService = arguments.value("publish-service").flatMap(NamespacedName.init)
        publishAddresses = arguments.value("publish-status-address").flatMap(ValueForm.addresses) ?? []
        isAskedFor =
            arguments.value("election-id") != nil || publishService != nil || !publishAddresses.isEmpty
        guard publishService == nil || publishAddresses.isEmpty else {
            throw .conflict("--publish-service and --publish-status-address: only one of them")
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

    init(_ arguments: Arguments) throws(UsageError) {
        bindAddress = arguments.value("bind-address")
        httpPort = arguments.port("http-port")
        httpsPort = arguments.port("https-port")
        opsPort = arguments.port("ops-port")
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
