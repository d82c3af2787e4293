import Model
import Testing

@testable import ConfigLanguage

/// Reads text as one file `t.cfg`, with the files it may ask for.
func read(_ text: String, files: [String: FileContent] = [:], environment: [String: String] = [:])
    -> ConfigurationText
{
    let surroundings = Surroundings(
        environment: environment, read: { files[$0] ?? .unreadable("no such file") },
        resolve: { $0 == "web.test" ? "192.0.2.7" : nil })
    return ConfigurationText.read([ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))], surroundings)
}

/// The findings as they are printed.
func findings(_ text: String) -> [String] { read(text).diagnostics.map(\.description) }

@Suite("Files of the configuration language")
struct ConfigurationTextTests {
    private let head = """
        defaults
            mode http
            timeout client 10s
            timeout connect 1s
            timeout server 20s

        """

    @Test("a frontend leads to its own default backend")
    func defaultBackends() throws {
        let text = read(
            head + """
                frontend a
                    bind 127.0.0.1:8001
                    default_backend x
                frontend b
                    bind 127.0.0.1:8002,127.0.0.2:8003-8004
                    default_backend y
                frontend c
                    bind :8005
                listen d
                    bind [::1]:8006
                    server s 127.0.0.1:1
                backend x
                    server s 127.0.0.1:1
                backend y
                    server s 127.0.0.1:2
                """)
        #expect(text.diagnostics == [])
        let frontends = text.configuration.frontends
        #expect(frontends.map(\.name) == ["a", "b", "c", "d"])
        #expect(
            frontends.map(\.fallback) == [
                .backend(BackendName("x")), .backend(BackendName("y")), .answer(status: 503),
                .backend(BackendName("d")),
            ])
        #expect(frontends[1].binds.map(\.port) == [8002, 8003, 8004])
        #expect(frontends[1].binds.map(\.address) == ["127.0.0.1", "127.0.0.2", "127.0.0.2"])
        #expect(text.configuration.routes.isEmpty)
        #expect(Set(text.configuration.backends.keys.map(\.description)) == ["x", "y", "d"])
    }

    @Test("where nothing is said HAProxy's values count, not the controller's")
    func silence() throws {
        let text = read("listen a\n mode http\n bind :80\n server s 127.0.0.1:1\n")
        let frontend = try #require(text.configuration.frontends.first)
        let backend = try #require(text.configuration.backends[BackendName("a")])
        #expect(frontend.timeouts == ClientTimeouts(request: 0, keepAlive: 0, client: 0, clientFin: 0))
        #expect(!frontend.forwarding.isEnabled && frontend.forwarding.appended == nil)
        #expect([backend.timeouts.connect, backend.timeouts.server, backend.timeouts.tunnel] == [0, 0, 0])
        #expect(backend.retries == 3 && !backend.redispatch)
        #expect(backend.balance == .roundRobin && backend.reuse == .safe)
        #expect(text.diagnostics.map(\.reason) == ["NoTimeout"])
    }

    @Test("mode tcp is the default; its frontends lead to backends of their mode alone")
    func tcp() {
        let text = read(
            """
            defaults
                timeout client 10s
                timeout connect 1s
                timeout server 20s
            frontend a
                bind :1
                default_backend b
                timeout client-fin 3s
            frontend c
                bind :2
            frontend d
                mode http
                bind :3
                default_backend b
            backend b
                timeout server-fin 4s
                server s 127.0.0.1:1
            """)
        let frontends = text.configuration.frontends
        #expect(frontends.map(\.mode) == [.tcp, .tcp, .http])
        #expect(frontends.map(\.fallback) == [.backend(BackendName("b")), nil, .backend(BackendName("b"))])
        #expect(frontends[0].timeouts.halfClosed == 3_000)
        #expect(text.configuration.backends[BackendName("b")]?.timeouts.halfClosed == 4_000)
        #expect(
            text.diagnostics.map(\.description) == [
                "t.cfg:11: error: frontend d of mode http can not lead to backend b of mode tcp (Conflict)"
            ])
    }

    @Test("times that are not set are others")
    func unsetTimes() throws {
        let text = read(head + "listen a\n bind :80\n server s 127.0.0.1:1\n")
        let frontend = try #require(text.configuration.frontends.first)
        let backend = try #require(text.configuration.backends[BackendName("a")])
        var expected = ClientTimeouts(request: 10_000, keepAlive: 10_000, client: 10_000, clientFin: 0)
        expected.tarpit = 1_000
        #expect(frontend.timeouts == expected)
        #expect(backend.timeouts.queue == 1_000 && backend.timeouts.tunnel == 0)
    }

    @Test("the latest defaults count, or the named one; they replace those before unless they say from")
    func defaults() {
        let text = read(
            """
            defaults one
                mode http
                retries 7
                timeout client 1s
                timeout connect 1s
                timeout server 1s
            defaults two from one
                retries 8
            backend a
                server s 127.0.0.1:1
            backend b from one
                retries 9
                server s 127.0.0.1:1
            backend c from one
                server s 127.0.0.1:1
            defaults
                mode http
            backend d
                server s 127.0.0.1:1
            """)
        func retries(_ name: String) -> Int? { text.configuration.backends[BackendName(name)]?.retries }
        #expect(["a", "b", "c", "d"].map(retries) == [8, 9, 7, 3])
    }

    @Test("servers take what default-server says up to their line, and their own word against it")
    func defaultServer() throws {
        let text = read(
            head + """
                backend a
                    default-server weight 10 maxconn 5 backup
                    server one 127.0.0.1:1
                    server two 127.0.0.1:2 weight 20 no-backup cookie two
                    server-template t 3 127.0.0.1:9 id 10
                    server host web.test:80 disabled
                """)
        let servers = try #require(text.configuration.backends[BackendName("a")]?.servers)
        #expect(servers.map(\.name) == ["one", "two", "t1", "t2", "t3", "host"])
        #expect(servers.map(\.weight) == [10, 20, 10, 10, 10, 10])
        #expect(servers.map(\.isBackup) == [true, false, true, true, true, true])
        #expect(servers.map(\.isDisabled) == [false, false, false, false, false, true])
        #expect(servers.map(\.id) == [0, 0, 10, 11, 12, 0])
        #expect(servers[1].cookie == "two")
        #expect(Set(servers.map(\.identity)).count == 6)
    }

    @Test("host names are asked for, and one without address is an error")
    func names() throws {
        let text = read(head + "backend a\n server a web.test:80\n server b nowhere.test:80\n")
        #expect(text.configuration.backends[BackendName("a")]?.servers.map(\.address) == ["192.0.2.7"])
        #expect(text.diagnostics.map(\.reason) == ["Conflict"])
    }

    @Test("what is read of a backend ends in Model's values")
    func backend() throws {
        let text = read(
            head + """
                backend a
                    balance uri len 20 depth 3
                    hash-type consistent djb2 avalanche
                    hash-balance-factor 150
                    option allbackups
                    option redispatch
                    option http-server-close
                    cookie SRV insert indirect nocache httponly domain a.test attr SameSite=Lax maxidle 30m
                    compression algo gzip br
                    compression type text/html text/css
                    http-reuse always
                    server s 127.0.0.1:1 cookie a slowstart 1500 send-proxy-v2 proxy-v2-options ssl,crc32c
                """)
        #expect(text.diagnostics == [])
        let backend = try #require(text.configuration.backends[BackendName("a")])
        var part = URIPart()
        (part.length, part.depth) = (20, 3)
        #expect(backend.balance == .hash(.uri(part)))
        #expect(backend.hashType == HashType(isConsistent: true, function: .djb2, hasAvalanche: true))
        #expect(backend.hashBalanceFactor == 150 && backend.usesAllBackups && backend.redispatch)
        #expect(backend.maxIdlePerServer == 0 && backend.reuse == .always)
        let cookie = try #require(backend.persistence.cookie)
        #expect(cookie.name == "SRV" && cookie.mode == .insert && cookie.isIndirect && cookie.marksPrivate)
        #expect(
            cookie.domains == ["a.test"] && cookie.attributes == ["SameSite=Lax"] && cookie.maxIdle == 1_800)
        #expect(backend.compression?.algorithms == [.gzip, .brotli])
        #expect(backend.compression?.types == ["text/html", "text/css"])
        #expect(backend.servers.first?.slowStart == 2_000)
        #expect(backend.servers.first?.sentProxyHeader == .binary([.tls, .checksum]))
    }

    @Test("option forwardfor adds one field; no option is off again")
    func options() throws {
        let text = read(
            head + """
                frontend a
                    bind :1 accept-proxy
                    option forwardfor except 127.0.0.0/8 header X-Client if-none
                    option httpclose
                    option allbackups
                frontend b
                    bind :2
                    option httpclose
                    no option httpclose
                """)
        let frontends = text.configuration.frontends
        var appended = AppendedAddress(.source)
        (appended.header, appended.exceptions, appended.onlyIfAbsent) = ("X-Client", ["127.0.0.0/8"], true)
        #expect(frontends[0].forwarding.appended == appended)
        #expect(frontends.map(\.closesConnections) == [true, false])
        #expect(frontends[0].binds[0].proxyProtocol == .everyone)
        #expect(
            text.diagnostics.map(\.description) == [
                "t.cfg:10: warning: 'option allbackups': ignored, as a frontend has no servers (Adjusted)"
            ])
    }

    @Test("certificates come from files and folders, with their keys")
    func certificates() throws {
        let certificate = "-----BEGIN CERTIFICATE-----\n"
        let key = "-----BEGIN PRIVATE KEY-----\n"
        let text = read(
            "global\n crt-base /c\n" + head + "frontend a\n bind :443 ssl crt one.pem crt all\n",
            files: [
                "/c/one.pem": .file(Array((certificate + key).utf8)),
                "/c/all": .folder(["b.pem", "a.pem", "a.pem.key", ".x"]),
                "/c/all/a.pem": .file(Array(certificate.utf8)), "/c/all/a.pem.key": .file(Array(key.utf8)),
                "/c/all/b.pem": .file(Array((key + certificate).utf8)),
            ])
        #expect(text.diagnostics == [])
        #expect(text.configuration.frontends[0].binds[0].isTLS)
        #expect(text.configuration.defaultCertificates == [CertificateName("/c/one.pem")])
        let names = Set(text.configuration.certificates.keys.map(\.description))
        #expect(names == ["/c/one.pem", "/c/all/a.pem", "/c/all/b.pem"])
    }

    @Test("variables of global count from their line on, pseudo variables where they stand")
    func environment() {
        let text = read(
            """
            global
                setenv PORT 81
                presetenv PORT 82
            frontend f
                mode http
                timeout client 1s
                bind 127.0.0.1:"$PORT"
                bind "127.0.0.1:${OTHER-83}"
                bind "$.FILE:$.LINE:$.SECTION"
            """, environment: ["OTHER": "84"])
        #expect(text.configuration.frontends.first?.binds.map(\.port) == [81, 84])
        #expect(text.diagnostics.map(\.message).contains { $0.contains("t.cfg:9:frontend f") })
    }

    @Test("what global says of TLS is where bind lines begin, and what servers have that say nothing")
    func tlsDefaults() {
        let text = read(
            """
            global
                ssl-default-bind-ciphers ECDHE-RSA-AES128-GCM-SHA256
                ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
                ssl-default-bind-curves X25519:P-256
                ssl-default-bind-options ssl-min-ver TLSv1.3 no-sslv3 prefer-client-ciphers
                ssl-default-server-ciphers ECDHE-RSA-AES256-GCM-SHA384
                ssl-default-server-options ssl-max-ver TLSv1.2
            defaults
                mode http
                timeout connect 1s
                timeout client 1s
                timeout server 1s
            frontend f
                bind 127.0.0.1:1 ssl ssl-min-ver TLSv1.2 curves P-384
                bind 127.0.0.1:2 ssl
                default_backend b
            backend b
                server a 127.0.0.1:3 ssl verify none
                server b 127.0.0.1:4 ssl verify none ciphers ECDHE-RSA-CHACHA20-POLY1305 ssl-min-ver TLSv1.3
                server c 127.0.0.1:5
            """)
        let binds = text.configuration.frontends.first?.binds.compactMap(\.tlsParameters) ?? []
        #expect(binds.map(\.minimum) == [.tls12, .tls13])
        #expect(binds.map(\.curves) == ["P-384", "X25519:P-256"])
        #expect(binds.map(\.ciphers) == Array(repeating: "ECDHE-RSA-AES128-GCM-SHA256", count: 2))
        #expect(binds.map(\.suites) == Array(repeating: "TLS_AES_128_GCM_SHA256", count: 2))
        let servers = text.configuration.backends.values.first?.servers.map { $0.tls?.parameters } ?? []
        #expect(
            servers.map { $0?.ciphers } == [
                "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305", nil,
            ])
        #expect(servers.map { $0?.maximum } == [.tls12, .tls13, nil])
        #expect(servers.map { $0?.minimum } == [.tls12, .tls13, nil])
    }

    @Test("what global says of TLS that holds anyway changes nothing")
    func idleTLSDefaults() {
        let text = read(
            "global\n ssl-default-bind-options ssl-min-ver TLSv1.2 no-tlsv11\n" + head
                + "frontend f\n bind :1 ssl\n")
        #expect(text.configuration.frontends.first?.binds.map(\.tlsParameters) == [nil])
        #expect(!read("global\n ssl-default-bind-options allow-0rtt\n").isUsable)
    }

    @Test("sockets that were inherited are named by their number")
    func inherited() {
        let text = read(
            "global\n stats socket fd@4 level admin\n" + head
                + "frontend f\n bind \"fd@${N}\",127.0.0.1:81 ssl\n",
            environment: ["N": "3"])
        #expect(text.configuration.frontends.first?.binds.map(\.descriptor) == [3, nil])
        #expect(text.configuration.frontends.first?.binds.map(\.port) == [0, 81])
        #expect(text.global.runtimeSockets.map(\.place) == [.descriptor(4)])
        for word in ["fd@", "fd@x", "fd@2", "fd@99999999999", "fd@-1"] {
            #expect(!read(head + "frontend f\n bind \(word)\n").isUsable, "\(word)")
        }
    }

    @Test("what a master's command line stands on is read as -S has it")
    func master() {
        let socket = RuntimeSocket(master: "/run/m.sock,user,a,mode,600,level,operator")
        #expect(socket?.place == .path("/run/m.sock"))
        #expect((socket?.mode, socket?.level) == (0o600, "operator"))
        #expect(RuntimeSocket(master: "127.0.0.1:99")?.place == .address("127.0.0.1", port: 99))
        #expect(RuntimeSocket(master: "fd@5")?.place == .descriptor(5))
        for text in ["", ",", "nonsense", "localhost:x", "fd@", "127.0.0.1"] {
            #expect(RuntimeSocket(master: text) == nil, "\(text)")
        }
    }

    @Test("what global says of the process counts for haproxy alone")
    func process() {
        let file = ConfigurationFile(
            name: "t.cfg",
            bytes: Array("global\n daemon\n pidfile /p\n master-worker no-exit-on-failure\n".utf8))
        var surroundings = Surroundings.nothing
        #expect(ConfigurationText.read([file], surroundings).diagnostics.count == 3)
        surroundings.isHAProxy = true
        let text = ConfigurationText.read([file], surroundings)
        #expect(text.diagnostics.isEmpty)
        #expect(text.global.isDaemon && text.global.isMaster && text.global.processFile == "/p")
    }

    @Test("conditions of the command line are those of files")
    func conditions() throws {
        #expect(try SpokenVersion.holds("defined(A) && streq($A,1)", environment: ["A": "1"]) == false)
        #expect(try SpokenVersion.holds("defined(A) && version_atleast(2.8)", environment: ["A": "1"]))
        #expect(throws: SpokenVersion.Flaw.self) { try SpokenVersion.holds("what(", environment: [:]) }
    }

    @Test("what a process gives up is said once")
    func rights() {
        let text = read("global\n user a\n gid 5\n chroot /var/empty\n")
        #expect(text.diagnostics == [])
        #expect(text.global.rights.user == .name("a") && text.global.rights.group == .number(5))
        #expect(text.global.rights.folder == "/var/empty")
        #expect(findings("global\n user a\n uid 5\n")[0].contains("'user' or 'uid' has been said before"))
        #expect(findings("global\n gid 5\n group a\n")[0].contains("'group' or 'gid' has been said before"))
        #expect(findings("global\n chroot a\n")[0].contains("from / on"))
        #expect(findings("global\n uid x\n")[0].contains("a number"))
    }

    @Test("words that change nothing are warned about once")
    func ignoredOnce() {
        let found = findings(
            "global\n quiet\n daemon\n" + head
                + "frontend a\n bind :1\n option nolinger\nfrontend b\n bind :2\n option nolinger\n"
        )
        #expect(found.count == 3)
        #expect(found[0].hasPrefix("t.cfg:2: warning: 'quiet' is accepted and has no effect here"))
    }

    @Test("random pieces of configurations are read without a trap", arguments: 0..<20)
    func random(seed: UInt64) {
        var numbers = Numbers(state: seed &* 104_729 &+ 3)
        let words =
            [
                "global", "defaults", "frontend", "backend", "listen", "from", "a", "b", "\n", "\n", "\n  ",
                "no", "option",
            ]
            + DirectiveTable.proxy.keys.sorted() + DirectiveTable.options.keys.sorted()
            + ServerDirectives.keywords.map(\.name) + BindDirectives.keywords.map(\.name)
            + [
                "127.0.0.1:80", ":0-65535x", "99999999999999999999", "-1", "10s", "hdr(", "\"\"", "uri",
                "gzip", "[", "1-",
            ]
        for _ in 0..<200 {
            let text = (0..<numbers.next(120)).map { _ in words[numbers.next(words.count)] }.joined(
                separator: " ")
            let result = read(text)
            #expect(result.diagnostics.allSatisfy { $0.location != nil && !$0.message.isEmpty })
        }
    }
}

extension ClientTimeouts {
    fileprivate init(request: Int, keepAlive: Int, client: Int, clientFin: Int) {
        self.init()
        (self.request, self.keepAlive, self.client, self.clientFin) = (request, keepAlive, client, clientFin)
    }
}
