public import Model

/// What `global` says that is not about one proxy.
public struct GlobalSettings: Sendable, Equatable {
    /// How many worker threads (`nbthread`); nil leaves it to the machine.
    public var threads: Int?
    /// The most client connections of the process (`maxconn`); 0 is no limit.
    public var maxConnections = 0
    /// Where the process writes its number (`pidfile`), if it was started as haproxy is.
    public var processFile: String?
    /// Whether it goes to the background then (`daemon`).
    public var isDaemon = false
    /// Whether a master watches a worker then (`master-worker`).
    public var isMaster = false
    /// Where relative paths of certificates begin (`crt-base`).
    public var certificateBase: String?
    /// Where relative paths of authorities begin (`ca-base`).
    public var authorityBase: String?
    /// What `bind` lines with TLS begin with (`ssl-default-bind-…`); nil where nothing is said.
    public var bindParameters: TLSParameters?
    /// What servers with TLS have where their lines say nothing (`ssl-default-server-…`).
    public var serverParameters = TLSParameters()
    /// Whether servers are verified whose lines do not say (`ssl-server-verify`).
    public var verifiesServers = true
    /// How long connections are waited for when the process stops, in milliseconds (`hard-stop-after`); nil is for ever.
    public var hardStopAfter: Int?
    /// By how many percent intervals of checks vary (`spread-checks`).
    public var spreadChecks = 0
    /// What compression may cost (`maxcomprate`, `maxcompcpuusage`, `tune.comp.maxlevel`).
    public var compression = CompressionLimits()

    /// How much of a body connections of HTTP/2 take at once (`tune.h2.….initial-window-size`).
    public var http2 = HTTP2Choices()

    /// Where the runtime API is offered (`stats socket`).
    public var runtimeSockets: [RuntimeSocket] = []
    /// How long its clients may be silent, in milliseconds (`stats timeout`).
    public var runtimeTimeout = 10_000

    /// `log`, `log-tag` and `log-send-hostname`: what proxies with `log global` do. It is part of the configuration already.
    public var logging = GlobalLogging()

    /// `set-var` and `tune.vars`: part of the configuration too.
    public var variables = VariableSettings()

    /// Streams of a client's connection (`tune.h2.fe.max-concurrent-streams`): in every frontend already.
    public var maxStreams: Int?

    /// The same without what a new configuration brings with it.
    public var ofProcess: GlobalSettings {
        var settings = self
        settings.logging = GlobalLogging()
        settings.variables = VariableSettings()
        settings.maxStreams = nil
        return settings
    }

    /// Nothing said.
    public init() {}
}

/// What `global` says of logs.
public struct GlobalLogging: Sendable, Equatable {
    /// `log`.
    public var targets: [LogTarget] = []
    /// `log-tag`.
    public var tag: String?
    /// `log-send-hostname`.
    public var hostName: String?

    /// Nothing said.
    public init() {}
}
