import Model

/// `global`: what is about the process.
enum GlobalDirectives {
    private static let rights = "the process keeps the rights it was started with"
    private static let ground = "the process stays in the foreground"
    private static let machine = "it is set by the engine itself"
    private static let tls = "OpenSSL's own choice is kept"

    static let table =
        [
            GlobalDirective("nbthread") { line, global throws(Refusal) in
                global.threads = try line.number(in: 1...1_024, "a number of threads from 1 to 1024")
            },
            GlobalDirective("spread-checks") { line, global throws(Refusal) in
                global.spreadChecks = try line.number(in: 0...50, "a percentage from 0 to 50")
            },
            GlobalDirective("maxconn") { line, global throws(Refusal) in
                global.maxConnections = try line.number(in: 0...1_000_000_000, "a number of connections")
            },
            GlobalDirective("ulimit-n") { line, global throws(Refusal) in
                global.descriptors = try line.number(in: 0...Int(Int32.max), "a number of files")
            },
            GlobalDirective("strict-limits") { _, global in global.isStrict = true },
            GlobalDirective("crt-base") { line, global throws(Refusal) in
                global.certificateBase = try line.take("a folder").text
            },
            GlobalDirective("ca-base") { line, global throws(Refusal) in
                global.authorityBase = try line.take("a folder").text
            },
            GlobalDirective("ssl-server-verify") { line, global throws(Refusal) in
                global.verifiesServers = try line.choice(["none": false, "required": true])
            },
            GlobalDirective("hard-stop-after") { line, global throws(Refusal) in
                global.hardStopAfter = try line.time()
            },
            GlobalDirective("daemon") { line, global throws(Refusal) in
                global.isDaemon = true
                ifHAProxy(&line, "daemon")
            },
            GlobalDirective("master-worker") { line, global throws(Refusal) in
                if line.takeIfAny() != nil { line.skipRest() }
                global.isMaster = true
                ifHAProxy(&line, "master-worker")
            },
            GlobalDirective("pidfile") { line, global throws(Refusal) in
                global.processFile = try line.take("a file").text
                ifHAProxy(&line, "pidfile")
            },
        ] + limits + HTTP2Directives.global + TLSDefaultDirectives.global + CompressionDirectives.global
        + LoggingDirectives.global + FieldNameDirectives.global
        + VariableKeywords.global + PeersDirectives.global
        + ServerStateDirectives.global
        + RuntimeDirectives.global + LocalSocketKeywords.global + RightsKeywords.global
        + ignored.flatMap { why, names in
            names.split(whereSeparator: \.isWhitespace).map { name in
                .ignored(name.split(separator: "/").joined(separator: " "), why)
            }
        }

    /// Limits of the whole process beside `maxconn`: 0 says that there is none.
    private static let limits = [
        limit("maxconnrate") { $0.connectionRate = $1 }, limit("maxsessrate") { $0.sessionRate = $1 },
        limit("maxsslrate") { $0.handshakeRate = $1 }, limit("maxsslconn") { $0.tlsConnections = $1 },
    ]

    private static func limit(
        _ name: String, _ set: @escaping @Sendable (inout ProcessLimits, Int) -> Void
    ) -> GlobalDirective {
        GlobalDirective(name) { line, global throws(Refusal) in
            set(&global.limits, try line.number(in: 0...1_000_000_000, "a number"))
        }
    }

    /// How the process is started is the command line's business, unless the program is called haproxy.
    private static func ifHAProxy(_ line: inout LineReader, _ keyword: String) {
        if !line.surroundings.isHAProxy { line.ignore(keyword, ground) }
    }

    /// Words that many files have and that change nothing that is served. `/` is a blank.
    private static let ignored: [(why: String, names: String)] = [
        (
            rights,
            "set-dumpable insecure-setuid-wanted insecure-fork-wanted"
        ),
        (ground, "mworker-max-reloads quiet debug zero-warning nbproc"),
        (
            machine,
            """
            cpu-map cpu-set cpu-policy cpu-affinity numa-cpu-mapping thread-groups thread-group prealloc-fd
            fd-hard-limit busy-polling noepoll nopoll nokqueue noevports nosplice noreuseport nogetaddrinfo noktls
            no-memory-trimming maxpipes grace limited-quic expose-experimental-directives
            expose-deprecated-directives warn-blocked-traffic-after close-spread-time
            """
        ),
        (
            tls,
            """
            ssl-dh-param-file tune.ssl.default-dh-param tune.ssl.cachesize
            tune.ssl.lifetime tune.ssl.maxrecord tune.ssl.force-private-cache ssl-skip-self-issued-ca
            """
        ),
        (
            "the servers of one publish begin within an interval",
            "max-spread-checks tune.max-checks-per-thread"
        ),
        ("nothing shows it", "node description"),
        (
            "the compressors of a worker are counted, and have zlib's default sizes",
            "maxzlibmem tune.zlib.memlevel tune.zlib.windowsize"
        ),
        (
            machine,
            """
            tune.bufsize tune.maxrewrite tune.buffers.limit tune.buffers.reserve tune.http.maxhdr tune.http.cookielen
            tune.http.logurilen tune.idletimer tune.idle-pool.shared tune.maxaccept tune.maxpollevents tune.pipesize
            tune.pool-high-fd-ratio tune.pool-low-fd-ratio tune.rcvbuf.client tune.rcvbuf.server tune.sndbuf.client
            tune.sndbuf.server tune.recv_enough tune.runqueue-depth tune.sched.low-latency tune.fd.edge-triggered
            tune.pattern.cache-size tune.stick-counters tune.listener.multi-queue tune.disable-zero-copy-forwarding
            tune.memory.hot-size tune.h2.max-frame-size tune.h2.header-table-size tune.h2.zero-copy-fwd-send
            tune.h2.fe.rxbuf tune.h2.be.rxbuf tune.h2.fe.max-frames-at-once tune.h2.be.max-frames-at-once
            tune.h1.zero-copy-fwd-recv tune.h1.zero-copy-fwd-send tune.pt.zero-copy-forwarding
            tune.applet.zero-copy-forwarding tune.disable-fast-forward tune.notsent-lowat.client
            tune.notsent-lowat.server tune.rcvbuf.frontend tune.rcvbuf.backend tune.sndbuf.frontend
            tune.sndbuf.backend tune.max-rules-at-once tune.events.max-events-at-once tune.epoll.mask-events
            tune.fd.tables tune.ring.queues tune.renice.runtime tune.renice.startup tune.bufsize.small
            tune.bufsize.large tune.peers.max-updates-at-once tune.takeover-other-tg-connections
            tune.streams-elasticity tune.ssl.ssl-ctx-cache-size tune.defaults.purge
            """
        ),
    ]
}
