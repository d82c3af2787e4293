/// `global`: what is about the process.
enum GlobalDirectives {
    private static let rights = "the process keeps the rights it was started with"
    private static let ground = "the process stays in the foreground"
    private static let machine = "it is set by the engine itself"
    private static let sockets = "there is no runtime API on a socket yet"
    private static let tls = "TLS 1.2 is the least, with OpenSSL's ciphers"

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
            GlobalDirective("ssl-default-bind-options") { line, _ throws(Refusal) in try tlsOptions(&line) },
        ] + CompressionDirectives.global + LoggingDirectives.global
        + ignored.flatMap { why, names in
            names.split(whereSeparator: \.isWhitespace).map { name in
                .ignored(name.split(separator: "/").joined(separator: " "), why)
            }
        }

    /// Words that many files have and that change nothing that is served. `/` is a blank.
    private static let ignored: [(why: String, names: String)] = [
        (
            rights,
            "chroot user group uid gid strict-limits set-dumpable insecure-setuid-wanted insecure-fork-wanted"
        ),
        (ground, "daemon master-worker mworker-max-reloads pidfile quiet debug zero-warning nbproc"),
        (
            machine,
            """
            cpu-map cpu-set cpu-policy cpu-affinity numa-cpu-mapping thread-groups thread-group ulimit-n prealloc-fd
            fd-hard-limit busy-polling noepoll nopoll nokqueue noevports nosplice noreuseport nogetaddrinfo noktls
            no-memory-trimming maxpipes grace limited-quic unix-bind expose-experimental-directives
            expose-deprecated-directives warn-blocked-traffic-after close-spread-time
            """
        ),
        (sockets, "stats/socket stats/timeout stats/maxconn server-state-base server-state-file"),
        (
            tls,
            """
            ssl-default-bind-ciphers ssl-default-bind-ciphersuites ssl-default-bind-curves ssl-default-bind-sigalgs
            ssl-default-bind-client-sigalgs ssl-dh-param-file tune.ssl.default-dh-param tune.ssl.cachesize
            tune.ssl.lifetime tune.ssl.maxrecord tune.ssl.force-private-cache tune.ssl.capture-buffer-size
            tune.ssl.capture-cipherlist-size maxsslconn maxsslrate ssl-default-server-ciphers
            ssl-default-server-ciphersuites ssl-default-server-options ssl-default-server-curves
            ssl-skip-self-issued-ca
            """
        ),
        (
            "the servers of one publish begin within an interval",
            "max-spread-checks tune.max-checks-per-thread"
        ),
        ("nothing shows it", "node description localpeer"),
        ("new connections are not counted over time", "maxconnrate maxsessrate"),
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
            tune.vars.global-max-size tune.vars.proc-max-size tune.vars.reqres-max-size tune.vars.sess-max-size
            tune.vars.txn-max-size tune.memory.hot-size
            """
        ),
    ]

    private static func tlsOptions(_ line: inout LineReader) throws(Refusal) {
        while let word = line.takeIfAny() {
            switch word.text {
            case "no-sslv3", "no-tlsv10", "no-tlsv11", "prefer-client-ciphers": break
            case "no-tls-tickets":
                line.ignore("ssl-default-bind-options no-tls-tickets", "tickets stay on; their keys rotate")
            case "ssl-min-ver":
                let version = try line.take("TLSv1.2")
                guard ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"].contains(version.text) else {
                    throw .unsupported("ssl-min-ver \(version.text)", instead: "'TLSv1.2' is")
                }
            default: throw .unsupported("ssl-default-bind-options \(word.text)", instead: nil)
            }
        }
    }
}
