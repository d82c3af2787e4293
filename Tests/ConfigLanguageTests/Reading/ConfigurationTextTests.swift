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
        #expect(servers.map(\.name) == ["one", "two", "t1", "t2", "t3"])
        #expect(servers.map(\.weight) == [10, 20, 10, 10, 10])
        #expect(servers.map(\.isBackup) == [true, false, true, true, true])
        #expect(servers.map(\.id) == [1, 2, 10, 11, 12])
        #expect(servers[1].cookie == "two")
        #expect(Set(servers.map(\.identity)).count == 5)
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
        var appended = AppendedForwardedFor()
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
        #expect(text.configuration.defaultCertificate == CertificateName("/c/one.pem"))
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

    @Test("words that change nothing are warned about once")
    func ignoredOnce() {
        let found = findings(
            "global\n chroot /\n daemon\n" + head
                + "frontend a\n bind :1\n option nolinger\nfrontend b\n bind :2\n option nolinger\n"
        )
        #expect(found.count == 3)
        #expect(found[0].hasPrefix("t.cfg:2: warning: 'chroot' is accepted and has no effect here"))
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
