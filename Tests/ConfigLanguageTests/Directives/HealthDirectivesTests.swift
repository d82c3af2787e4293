import Model
import Testing

@testable import ConfigLanguage

@Suite("Directives: health checks")
struct HealthDirectivesTests {
    /// The first server's check in a backend of these lines.
    private func check(_ lines: String..., server: String = "check", defaults: String = "") throws
        -> ServerCheck
    {
        let text = read(
            """
            defaults
                mode http
                timeout connect 1s
                timeout server 1s
            \(defaults)
            backend b
                \(lines.joined(separator: "\n    "))
                server s 127.0.0.1:1 \(server)
            """)
        #expect(text.isUsable, "\(text.diagnostics.map(\.description))")
        let backend = try #require(text.configuration.backends[BackendName("b")])
        return try #require(backend.servers.first?.check)
    }

    private func told(_ line: String) -> [String] {
        findings("backend b\n    mode http\n    \(line)\n")
    }

    @Test("check alone connects, with HAProxy's times")
    func plain() throws {
        #expect(try check() == ServerCheck(.connect))
    }

    @Test("a server without check is not checked, whatever the section says")
    func unchecked() {
        let text = read("backend b\n mode http\n option httpchk\n server s 127.0.0.1:1 inter 5s\n")
        #expect(text.configuration.backends[BackendName("b")]?.servers.first?.check == nil)
    }

    @Test("a server's words are its settings, and default-server's those of all")
    func serverWords() throws {
        let found = try check(
            "default-server inter 5s rise 4 on-marked-up shutdown-backup-sessions", "timeout check 300",
            server: "check fall 7 fastinter 1s downinter 20s port 81 addr 127.0.0.9 check-send-proxy "
                + "on-marked-down shutdown-sessions")
        var expected = ServerCheck(.connect)
        (expected.interval, expected.fastInterval, expected.downInterval) = (5_000, 1_000, 20_000)
        (expected.rise, expected.fall, expected.timeout) = (4, 7, 300)
        (expected.port, expected.address, expected.sendsProxyHeader) = (81, "127.0.0.9", true)
        (expected.endsSessionsWhenDown, expected.endsBackupSessionsWhenUp) = (true, true)
        #expect(found == expected)
    }

    @Test("no-check takes back what default-server says")
    func noCheck() {
        let text = read(
            "backend b\n mode http\n default-server check\n server s 127.0.0.1:1 no-check\n server t 127.0.0.1:2\n"
        )
        let servers = text.configuration.backends[BackendName("b")]?.servers ?? []
        #expect(servers.map { $0.check != nil } == [false, true])
    }

    @Test(
        "option httpchk with none, one, two and three words",
        arguments: [
            ("option httpchk", "OPTIONS", "/", "HTTP/1.0"),
            ("option httpchk /x", "OPTIONS", "/x", "HTTP/1.0"),
            ("option httpchk GET /x", "GET", "/x", "HTTP/1.0"),
            ("option httpchk GET /x HTTP/1.1", "GET", "/x", "HTTP/1.1"),
        ])
    func httpchk(line: String, method: String, uri: String, version: String) throws {
        #expect(try check(line).probe == .http(HTTPProbe(method: method, uri: uri, version: version)))
    }

    @Test("fields smuggled behind the version are taken")
    func smuggled() throws {
        var expected = HTTPProbe(method: "GET", uri: "/", version: "HTTP/1.1")
        expected.fields = [.init("Host", "a.b"), .init("X", "1")]
        #expect(try check("option httpchk GET / HTTP/1.1\\r\\nHost:\\ a.b\\r\\nX:1").probe == .http(expected))
    }

    @Test("http-check send and expect")
    func httpCheck() throws {
        var expected = HTTPProbe(method: "GET", uri: "/health", version: "HTTP/1.1")
        expected.fields = [.init("Host", "a.b")]
        expected.body = "hello"
        var named = HTTPExpectation(.status([200...200, 204...299]))
        named.wording.comment = "x"
        expected.steps = [
            named, HTTPExpectation(.text("fine"), isNegated: true),
            HTTPExpectation(.statusPattern("^2")), HTTPExpectation(.pattern("a+")),
        ].map { .expect($0) }
        expected.drainsOn404 = true
        let found = try check(
            "option httpchk", "http-check connect",
            "http-check send meth GET uri /health ver HTTP/1.1 hdr Host a.b body hello",
            "http-check expect comment x status 200,204-299", "http-check expect ! string fine",
            "http-check expect rstatus ^2",
            "http-check expect rstring a+", "http-check disable-on-404")
        #expect(found.probe == .http(expected))
    }

    @Test("a connection is what its line says, and like the server's where it says default")
    func connection() throws {
        let bare = try check(
            "option tcp-check", "tcp-check connect", server: "check port 7 check-sni a check-ssl verify none")
        #expect(bare.port == 7 && bare.tls.use == .never && bare.tls.serverName.isEmpty)
        let other = try check(
            "option tcp-check", "tcp-check connect port 6379 addr 127.0.0.9 send-proxy comment x",
            server: "check port 7")
        #expect(other.port == 6379 && other.address == "127.0.0.9" && other.sendsProxyHeader)
        let like = try check(
            "option httpchk", "http-check connect default addr 127.0.0.9:81",
            server: "check check-send-proxy check-sni a")
        #expect(like.port == 81 && like.address == "127.0.0.9" && like.sendsProxyHeader)
        #expect(like.tls.use == .likeRequests && like.tls.serverName == "a")
        let secure = try check(
            "option httpchk", "http-check connect ssl sni a.b alpn h2,http/1.1 proto h2",
            server: "check verify none")
        #expect(secure.tls.use == .always(ServerTLS()) && secure.speaks == .http2)
        #expect(secure.tls.serverName == "a.b" && secure.tls.protocols == ["h2", "http/1.1"])
        // It is about checks of its kind alone.
        #expect(try check("tcp-check connect port 5", "option httpchk").port == 0)
    }

    @Test("rules of defaults count until a section has its own")
    func inherited() throws {
        let defaults = "    option httpchk\n    http-check expect status 200"
        let inherited = try check(defaults: defaults)
        #expect(inherited.probe == .http(probe([HTTPExpectation(.status([200...200]))])))
        let own = try check(
            "http-check expect status 204", "http-check expect ! string x", defaults: defaults)
        #expect(
            own.probe
                == .http(
                    probe([
                        HTTPExpectation(.status([204...204])), HTTPExpectation(.text("x"), isNegated: true),
                    ])))
    }

    private func probe(_ expectations: [HTTPExpectation]) -> HTTPProbe {
        var probe = HTTPProbe()
        probe.steps = expectations.map { .expect($0) }
        return probe
    }

    @Test(
        "checks of other protocols",
        arguments: [
            ("option redis-check", HealthProbe.redis), ("option ldap-check", .ldap),
            ("option ssl-hello-chk", .tls),
            ("option mysql-check", .mysql(nil)),
            ("option mysql-check user u", .mysql(MySQLLogin(user: "u"))),
            ("option mysql-check user u pre-41", .mysql(MySQLLogin(user: "u", isBefore41: true))),
            ("option pgsql-check user u", .postgreSQL(user: "u")),
            ("option smtpchk", .smtp(hello: "HELO localhost")),
            ("option smtpchk EHLO a.b", .smtp(hello: "EHLO a.b")), ("option tcp-check", .tcp([])),
            ("no option httpchk", .connect),
        ])
    func protocols(line: String, probe: HealthProbe) throws {
        #expect(try check(line).probe == probe)
    }

    @Test("tcp-check's steps")
    func tcpCheck() throws {
        let found = try check(
            "option tcp-check", "tcp-check connect", "tcp-check send PING\\r\\n",
            "tcp-check expect string +PONG",
            "tcp-check send-binary 0a0B comment x", "tcp-check expect min-recv 5 ! binary ff",
            "tcp-check expect rstring ^2")
        var hexadecimal = TCPExpectation(.bytes([255]), text: "ff", isNegated: true, atLeast: 5)
        hexadecimal.isHexadecimal = true
        #expect(
            found.probe
                == .tcp([
                    .connect, .send(Array("PING\r\n".utf8)),
                    .expect(TCPExpectation(.bytes(Array("+PONG".utf8)), text: "+PONG")), .send([10, 11]),
                    .expect(hexadecimal),
                    .expect(TCPExpectation(.pattern("^2"), text: "^2")),
                ]))
    }

    @Test("agents and observed traffic")
    func agents() throws {
        let found = try check(
            server:
                "check observe layer7 error-limit 3 on-error mark-down agent-check agent-port 99 agent-addr 127.0.0.8 "
                + "agent-inter 5s agent-send hello")
        var agent = AgentCheck(port: 99)
        (agent.address, agent.interval, agent.greeting) = ("127.0.0.8", 5_000, "hello")
        var observation = ServerObservation(.answers)
        (observation.errorLimit, observation.consequence) = (3, .down)
        #expect(found.agent == agent)
        #expect(found.observation == observation)
        #expect(try check(server: "agent-check agent-port 99").probe == nil)
        #expect(try check(server: "check observe layer4").observation == ServerObservation(.connections))
        #expect(try check(server: "check error-limit 3").observation == nil)
    }

    @Test("spread-checks counts for servers behind it")
    func spread() {
        let text = read("global\n spread-checks 5\nbackend b\n mode http\n server s 127.0.0.1:1 check\n")
        #expect(text.configuration.backends[BackendName("b")]?.servers.first?.check?.spread == 5)
    }

    @Test(
        "wrong words say what was expected",
        arguments: [
            ("option httpchk GET / HTTP/2", "expected HTTP/1.0 or HTTP/1.1"),
            ("http-check expect", "is missing"),
            ("http-check expect status 99x", "expected statuses such as"),
            ("http-check expect status 300-200", "expected statuses"),
            ("http-check expect status ,", "expected statuses"),
            ("http-check expect body x", "expected status, rstatus"),
            ("http-check send foo", "expected meth, uri"),
            ("http-check send hdr a %[x]", "unknown keyword 'x'"),
            ("http-check connect port x", "expected a port"),
            ("http-check connect port src_port,add(1)", "port with an expression"),
            ("http-check connect via-socks4", "not here yet"),
            ("tcp-check connect foo", "expected default, port"),
            ("tcp-check connect addr localhost", "expected an address"),
            ("tcp-check send-binary abc", "expected bytes in hexadecimal"),
            ("tcp-check send-binary zz", "expected bytes in"),
            ("tcp-check expect min-recv x string a", "a number of bytes up to 16384"),
            ("option smtpchk FOO x", "expected one of HELO"),
            ("option pgsql-check", "'user NAME' is missing"),
            ("server s 127.0.0.1:1 check rise 0", "expected a number above 0"),
            ("server s 127.0.0.1:1 check port 0", "expected a port"),
            ("server s 127.0.0.1:1 check inter x", "expected a time"),
            ("server s 127.0.0.1:1 agent-check", "'agent-check' needs an 'agent-port'"),
            ("server s 127.0.0.1:1 check observe layer5", "expected one of none"),
            ("server s 127.0.0.1:1 check-ssl", "say who signs their certificates"),
            ("server s 127.0.0.1:1 check check-proto fcgi", "expected one of h1, h2"),
            ("server s 127.0.0.1:1 check check-via-socks4", "not here yet"),
            ("server s 127.0.0.1:1 check addr nowhere", "no address is known"),
        ])
    func wrong(line: String, expected: String) {
        let found = told(line)
        #expect(found.contains { $0.contains(expected) && $0.contains("error") }, "\(found)")
    }

    @Test(
        "whether checks speak TLS is said by check-ssl, whoever the server is spoken to with",
        arguments: [
            ("check", CheckTLS.Use.likeRequests), ("ssl verify none check", .likeRequests),
            ("ssl verify none check no-check-ssl", .never),
            ("check check-ssl verify none", .always(ServerTLS())),
            ("ssl verify none check check-ssl no-check-ssl", .never),
            ("check check-ssl verify none ssl-min-ver TLSv1.3", .always(modern)),
        ])
    func overTLS(server: String, use: CheckTLS.Use) throws {
        #expect(try check("option httpchk", server: server).tls.use == use)
    }

    private static var modern: ServerTLS {
        var settings = ServerTLS()
        settings.parameters.minimum = .tls13
        return settings
    }

    @Test("a check's own name and protocols, which it inherits from default-server")
    func overTLSWithNames() throws {
        let found = try check(
            "default-server check-sni a.example check-alpn http/1.1,http/1.0",
            server: "check ssl verify none check-proto h1")
        #expect(found.tls.serverName == "a.example")
        #expect(found.tls.protocols == ["http/1.1", "http/1.0"])
    }

    @Test(
        "whom a server tracks must be there, be checked, and not track it",
        arguments: [
            ("server s 127.0.0.1:1 track t", nil), ("server s 127.0.0.1:1 track b/t", nil),
            ("server s 127.0.0.1:1 track u", nil),
            ("server s 127.0.0.1:1 track c/t", "no backend is called 'c'"),
            ("server s 127.0.0.1:1 track x", "there is no server b/x"),
            ("server s 127.0.0.1:1 track v", "b/v has no check"),
            ("server s 127.0.0.1:1 track s", "track each other"),
            ("server s 127.0.0.1:1 track w", "track each other"),
            ("server s 127.0.0.1:1 check track t", "do not go together"),
        ])
    func tracks(line: String, problem: String?) {
        let others = """
            server t 127.0.0.1:2 check
                server u 127.0.0.1:3 track b/t
                server v 127.0.0.1:4
                server w 127.0.0.1:5 track s
            """
        let found = told("\(line)\n    \(others)").filter { $0.contains("server s of") }
        #expect(problem.map { text in found.contains { $0.contains(text) } } ?? found.isEmpty, "\(found)")
    }

    @Test("a pattern that is none is refused where patterns can be read")
    func pattern() {
        var surroundings = Surroundings.nothing
        surroundings.isPattern = { $0 != "(" }
        let file = ConfigurationFile(
            name: "t.cfg", bytes: Array("backend b\n mode http\n http-check expect rstring (\n".utf8))
        let text = ConfigurationText.read([file], surroundings)
        #expect(text.diagnostics.contains { $0.description.contains("expected a regular expression") })
    }
}
