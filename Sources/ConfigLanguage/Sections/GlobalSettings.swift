public import Model

/// What `global` says that is not about one proxy.
public struct GlobalSettings: Sendable, Equatable {
    /// How many worker threads (`nbthread`); nil leaves it to the machine.
    public var threads: Int?
    /// The most client connections of the process (`maxconn`); 0 is no limit.
    public var maxConnections = 0
    /// Where relative paths of certificates begin (`crt-base`).
    public var certificateBase: String?
    /// Where relative paths of authorities begin (`ca-base`).
    public var authorityBase: String?
    /// Whether servers are verified whose lines do not say (`ssl-server-verify`).
    public var verifiesServers = true
    /// How long connections are waited for when the process stops, in milliseconds (`hard-stop-after`); nil is for ever.
    public var hardStopAfter: Int?
    /// By how many percent intervals of checks vary (`spread-checks`).
    public var spreadChecks = 0
    /// What compression may cost (`maxcomprate`, `maxcompcpuusage`, `tune.comp.maxlevel`).
    public var compression = CompressionLimits()

    /// `log`, `log-tag` and `log-send-hostname`: what proxies with `log global` do. It is part of the configuration already.
    public var logging = GlobalLogging()

    /// The same without what a new configuration brings with it.
    public var ofProcess: GlobalSettings {
        var settings = self
        settings.logging = GlobalLogging()
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
