public import Model

/// What `global` says that is not about one proxy.
public struct GlobalSettings: Sendable, Equatable {
    /// How many worker threads (`nbthread`); nil leaves it to the machine.
    public var threads: Int?
    /// The most client connections of the process (`maxconn`); 0 is no limit.
    public var maxConnections = 0
    /// What may begin in a second, and how much TLS there may be (`maxconnrate`, `maxsessrate`, `maxsslrate`, `maxsslconn`).
    public var limits = ProcessLimits()
    /// Where the process writes its number (`pidfile`), if it was started as haproxy is.
    public var processFile: String?
    /// Whether it goes to the background then (`daemon`).
    public var isDaemon = false
    /// Whether a master watches a worker then (`master-worker`).
    public var isMaster = false
    /// What the process gives up once it listens (`user`, `group`, `chroot`).
    public var rights = ProcessRights()
    /// How many files it must be able to have open (`ulimit-n`); 0 is as many as it may.
    public var descriptors = 0
    /// Whether it does not start where it may not have that (`strict-limits`).
    public var isStrict = true
    /// Where relative paths of certificates begin (`crt-base`).
    public var certificateBase: String?
    /// Where relative paths of keys of `crt-store` sections begin (`key-base`).
    public var keyBase: String?
    /// Certificates of `crt-store` sections so far, by the names that lines have for them.
    var certificates: [String: StoredCertificate] = [:]
    /// Which files beside a certificate's own are looked for (`ssl-load-extra-files`).
    public var extraFiles = ExtraFiles.all
    /// Whether the ending `.crt` is left out where they are looked for (`ssl-load-extra-del-ext`).
    public var leavesOutExtension = false
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

    /// What `bind` lines with paths begin with (`unix-bind`): part of the configuration already.
    public var localSockets = LocalSocketDefaults()

    /// Where the runtime API is offered (`stats socket`).
    public var runtimeSockets: [RuntimeSocket] = []
    /// How long its clients may be silent, in milliseconds (`stats timeout`).
    public var runtimeTimeout = 10_000

    /// `log`, `log-tag` and `log-send-hostname`: what proxies with `log global` do. It is part of the configuration already.
    public var logging = GlobalLogging()

    /// `set-var` and `tune.vars`: part of the configuration too.
    public var variables = VariableSettings()

    /// Who this process is among peers (`localpeer`): part of every section of theirs.
    public var localPeer: String?

    /// Streams of a client's connection (`tune.h2.fe.max-concurrent-streams`): in every frontend already.
    public var maxStreams: Int?

    /// `h1-case-adjust`: in every section that asks for it already.
    public var fieldNames = AdjustedNames()

    /// How many bytes of what TLS clients offer are kept (`tune.ssl.capture-buffer-size`): in every `bind` already.
    public var offerRoom = 0

    /// The same without what a new configuration brings with it.
    public var ofProcess: GlobalSettings {
        var settings = self
        settings.logging = GlobalLogging()
        settings.variables = VariableSettings()
        settings.localSockets = LocalSocketDefaults()
        settings.maxStreams = nil
        settings.offerRoom = 0
        settings.localPeer = nil
        settings.certificates = [:]
        settings.fieldNames = AdjustedNames()
        (settings.serverStateBase, settings.serverStateFile) = (nil, nil)
        let usual = GlobalSettings()
        (settings.certificateBase, settings.keyBase, settings.authorityBase) = (nil, nil, nil)
        (settings.extraFiles, settings.leavesOutExtension) = (usual.extraFiles, usual.leavesOutExtension)
        return settings
    }

    /// Where relative paths of files of servers' states begin (`server-state-base`).
    public var serverStateBase: String?
    /// Which file says how servers were (`server-state-file`).
    public var serverStateFile: String?

    /// Nothing said.
    public init() {}
}

/// What `unix-bind` says.
public struct LocalSocketDefaults: Sendable, Equatable {
    /// Stands before every path; it is part of the addresses already.
    public var prefix = ""
    /// Where a `bind` says nothing else.
    public var rights = LocalSocketRights()

    /// Nothing said.
    public init() {}
}

/// What `global` says of logs.
public struct GlobalLogging: Sendable, Equatable {
    /// `log`.
    public var targets: [LogTarget] = []
    /// `log … profile`: the profiles' names, which are looked up later.
    public var profiled: [Profiled] = []
    /// `log ring@…`: rings stand behind `global`, and are looked up when all of the files has been read.
    var ringed: [Ringed] = []
    /// `log-tag`.
    public var tag: String?
    /// `log-send-hostname`.
    public var hostName: String?

    /// Nothing said.
    public init() {}

    /// A line that names a ring.
    struct Ringed: Sendable, Equatable {
        let ring: Word
        let target: LogTarget
        /// The name of what says how its lines are written.
        let profile: Word?
        let place: SourceLocation
    }

    /// Finds the rings that lines name; these are told where there is none.
    mutating func enter(_ rings: [RingSection]) -> [Ringed] {
        let lines = ringed
        ringed = []
        return lines.filter { line in
            guard let ring = rings.first(where: { $0.ring.name == line.ring.text })?.ring else { return true }
            var target = line.target
            target.address = .ring(ring)
            if let profile = line.profile {
                profiled.append(Profiled(target: target, profile: profile.text, place: line.place))
            } else {
                targets.append(target)
            }
            return false
        }
    }

    /// A target, and the name of what says how its lines are written.
    public struct Profiled: Sendable, Equatable {
        /// Who gets the lines.
        public var target: LogTarget
        /// The profile's name.
        public var profile: String
        let place: SourceLocation

        /// Wherever they stand.
        public static func == (one: Profiled, other: Profiled) -> Bool {
            one.target == other.target && one.profile == other.profile
        }
    }
}
