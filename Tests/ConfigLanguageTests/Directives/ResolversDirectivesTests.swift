import Model
import Testing

@testable import ConfigLanguage

@Suite("Servers that are found by name")
struct ResolversDirectivesTests {
    private static let systemFile = """
        # written by nobody
        search example
        nameserver 192.0.2.53
        nameserver\t2001:db8::53
        nameserver 192.0.2.53
        nameserver name.example
        options ndots:2
        """

    private func read(
        _ text: String, system: String? = systemFile, toleratesUnknownNames: Bool = false
    ) -> ConfigurationText {
        var surroundings = Surroundings(
            environment: [:],
            read: { path in
                guard let system, path == "/etc/resolv.conf" else { return .unreadable("no such file") }
                return .file(Array(system.utf8))
            },
            resolve: { $0 == "known.example" ? "192.0.2.7" : nil })
        surroundings.toleratesUnknownNames = toleratesUnknownNames
        let file = ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))
        return ConfigurationText.read([file], surroundings)
    }

    private func section(_ lines: String) -> Resolvers? {
        read("resolvers r\n\(lines)\n").configuration.resolvers["r"]
    }

    private func refusals(_ text: String) -> [String] {
        read(text).diagnostics.filter { $0.severity == .error }.map(\.message)
    }

    private func backend(_ line: String) -> String {
        "resolvers r\n nameserver a 127.0.0.1:53\nbackend b\n timeout connect 1s\n timeout server 1s\n \(line)\n"
    }

    private func servers(_ line: String) -> [Server] {
        read(backend(line)).configuration.backends[BackendName("b")]?.servers ?? []
    }

    @Test("with -dr a name without an address is as with 'init-addr none', and others are as without it")
    func toleratedNames() {
        let unknown = "server s unknown.example:80"
        #expect(!read(backend(unknown)).isUsable)
        let found = read(backend(unknown), toleratesUnknownNames: true)
        #expect(found.diagnostics.isEmpty)
        #expect(found.configuration == read(backend(unknown + " init-addr libc,none")).configuration)
        let known = backend("server s known.example:80")
        #expect(read(known, toleratesUnknownNames: true).configuration == read(known).configuration)
    }

    @Test("a section that is not there is missed once by a template")
    func missingSection() {
        let found = refusals(backend("server-template s 3 known.example:80 resolvers q"))
        #expect(found == ["server s1 of backend b: no resolvers section is called 'q'; did you mean 'r'?"])
    }

    // MARK: Sections

    @Test("a section has HAProxy's values where nothing is said")
    func defaults() { #expect(section("") == Resolvers(name: "r")) }

    @Test("name servers are asked by datagrams, or over TCP")
    func nameServers() {
        let found = section(
            " nameserver a 127.0.0.1:53\n nameserver b tcp@[::1]:5353\n nameserver c udp@known.example:1")
        #expect(
            found?.nameServers == [
                Resolvers.NameServer(name: "a", address: "127.0.0.1"),
                Resolvers.NameServer(name: "b", address: "::1", port: 5_353, usesTCP: true),
                Resolvers.NameServer(name: "c", address: "192.0.2.7", port: 1),
            ])
    }

    @Test("this machine's name servers are called by their addresses, each once")
    func machine() {
        #expect(
            section(" parse-resolv-conf")?.nameServers == [
                Resolvers.NameServer(name: "192.0.2.53", address: "192.0.2.53"),
                Resolvers.NameServer(name: "2001:db8::53", address: "2001:db8::53"),
            ])
    }

    @Test("times, tries and sizes")
    func times() {
        let found = section(
            """
             hold valid 1s
             hold obsolete 2s
             hold nx 3s
             hold refused 4s
             hold timeout 5s
             hold other 6s
             resolve_retries 7
             timeout resolve 8s
             timeout retry 9s
             accepted_payload_size 8192
            """)
        var expected = Resolvers(name: "r")
        (expected.hold.valid, expected.hold.obsolete, expected.hold.absent) = (1_000, 2_000, 3_000)
        (expected.hold.refused, expected.hold.timeout, expected.hold.other) = (4_000, 5_000, 6_000)
        (expected.tries, expected.interval, expected.retryTimeout) = (7, 8_000, 9_000)
        expected.answerSize = 8_192
        #expect(found == expected)
    }

    @Test(
        "what can not be is refused",
        arguments: [
            ("nameserver a", "an address"), ("nameserver a 127.0.0.1", "port"),
            ("nameserver a quic@127.0.0.1:53", "udp@"), ("nameserver a unknown.example:53", "no address"),
            ("nameserver a 127.0.0.1:53\n nameserver a 127.0.0.2:53", "already"),
            ("hold never 1s", "valid"), ("hold nx", "time"), ("resolve_retries 0", "1 to 1000"),
            ("timeout resolve 0", "above 0"), ("timeout nothing 1s", "timeout"),
            ("accepted_payload_size 5", "12 to 65535"), ("nameservers a", "nameserver"),
        ])
    func refused(lines: String, words: String) {
        let found = refusals("resolvers r\n \(lines)\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(words) == true)
    }

    @Test("two sections of one name are refused")
    func twice() { #expect(refusals("resolvers r\nresolvers r\n").count == 1) }

    // MARK: Servers

    @Test("a name with resolvers is asked for again; the server begins where this machine says")
    func known() throws {
        let server = try #require(servers("server s known.example:80 resolvers r").first)
        #expect(server.address == "192.0.2.7")
        #expect(server.resolution == ServerResolution(of: "known.example", port: 80, by: "r"))
        #expect(!server.isWithoutAddress)
    }

    @Test("an address is an address, whatever is said of names")
    func address() { #expect(servers("server s 192.0.2.1:80 resolvers r").first?.resolution == nil) }

    @Test("a name without resolvers is resolved once")
    func once() { #expect(servers("server s known.example:80").first?.resolution == nil) }

    @Test(
        "init-addr says where a server begins; the first that gives an address counts",
        arguments: [
            ("none", ""), ("last,none", ""), ("last,libc,none", "192.0.2.7"), ("none,libc", ""),
            ("203.0.113.1", "203.0.113.1"), ("last,203.0.113.1", "203.0.113.1"),
        ])
    func beginnings(word: String, address: String) {
        let server = servers("server s known.example:80 resolvers r init-addr \(word)").first
        #expect(server?.address == address)
        #expect(server?.isWithoutAddress == address.isEmpty)
    }

    @Test("without resolvers, one that begins nowhere waits for an operator")
    func operators() {
        let server = servers("server s unknown.example:80 init-addr last,libc,none").first
        #expect(server?.resolution == ServerResolution(of: "unknown.example", port: 80, by: nil))
    }

    @Test("what is preferred and allowed")
    func wishes() {
        let line =
            "server s known.example:80 resolvers r resolve-prefer ipv4 resolve-net 10.0.0.0/8,2001:db8::/32 "
            + "resolve-opts allow-dup-ip,ignore-weight"
        var expected = ServerResolution(of: "known.example", port: 80, by: "r")
        expected.prefersV4 = true
        expected.networks = ["10.0.0.0/8", "2001:db8::/32"]
        (expected.allowsDuplicates, expected.ignoresWeight) = (true, true)
        #expect(servers(line).first?.resolution == expected)
    }

    @Test("default-server says it for all, and a template makes servers of a service")
    func services() {
        let found = servers(
            "default-server resolvers r init-addr libc check\n server-template web 2-4 _http._tcp.example")
        #expect(found.map(\.name) == ["web2", "web3", "web4"])
        #expect(found.allSatisfy { $0.isWithoutAddress && $0.port == 0 && $0.resolution?.isService == true })
    }

    @Test(
        "what can not be is refused by name",
        arguments: [
            ("server s unknown.example:80 resolvers r", "no address is known"),
            ("server s known.example:80 resolvers other", "no resolvers section is called 'other'"),
            ("server s _http._tcp.example", "'resolvers' has to say"),
            ("server s known.example:80 resolvers r resolve-prefer ipv5", "ipv4"),
            ("server s known.example:80 resolvers r resolve-net 10.0.0.0/33", "networks"),
            ("server s known.example:80 resolvers r resolve-opts dup", "allow-dup-ip"),
            ("server s known.example:80 resolvers r init-addr never", "libc"),
        ])
    func refusedServers(line: String, words: String) {
        let found = refusals(backend(line))
        #expect(found.count == 1)
        #expect(found.first?.contains(words) == true)
    }

    @Test("the section 'default' needs no line where this machine has name servers")
    func implied() {
        let text =
            "backend b\n timeout connect 1s\n timeout server 1s\n server s a.example:80 init-addr none "
        let found = read(text + "resolvers default\n")
        #expect(found.isUsable)
        #expect(found.configuration.resolvers["default"]?.nameServers.count == 2)
        #expect(!read(text + "resolvers default\n", system: nil).isUsable)
        #expect(read(text + "\n").configuration.resolvers.isEmpty)
    }

    // MARK: Rules

    private static func proxy(_ lines: String) -> String {
        "resolvers r\n nameserver a 127.0.0.1:53\nfrontend f\n mode http\n timeout client 1s\n bind :1\n \(lines)\n"
    }

    @Test(
        "a rule asks a section for a name, and says where the address goes",
        arguments: [("", false), (",ipv4", true), (",ipv6", false)])
    func query(family: String, prefersV4: Bool) throws {
        let text = read(Self.proxy("http-request do-resolve(txn.ip,r\(family)) req.hdr(host),lower if TRUE"))
        #expect(text.isUsable)
        let rule = try #require(text.configuration.frontends.first?.rules.request.first)
        guard case .resolve(let query) = rule.action else {
            Issue.record("it is another action")
            return
        }
        #expect(query.variable == Variable(.transaction, "ip"))
        #expect(query.resolvers == "r")
        #expect(query.prefersV4 == prefersV4)
        #expect(rule.condition != nil)
        #expect(RoundTrip.differences(text, read(text.printed.text, system: nil)) == [])
    }

    @Test(
        "a rule that can not be is refused by name",
        arguments: [
            ("do-resolve", "do-resolve"), ("do-resolve(txn.ip) src", "resolvers section"),
            ("do-resolve(txn.ip,r,ipv5) req.hdr(host)", "ipv4 or ipv6"),
            ("do-resolve(txn.ip,other) req.hdr(host)", "no resolvers section is called 'other'"),
            ("do-resolve(ip,r) req.hdr(host)", "ip"), ("do-resolve(txn.ip,r)", "a sample"),
        ])
    func refusedRules(words: String, expected: String) {
        let found = refusals(Self.proxy("http-request \(words)"))
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true)
    }

    @Test("a rule may name the section that needs no line")
    func impliedByRule() {
        let found = read(Self.proxy("http-request do-resolve(txn.ip,default) req.hdr(host)"))
        #expect(found.isUsable)
        #expect(found.configuration.resolvers["default"] != nil)
    }

    @Test("a request may go elsewhere, to a server that is wherever it goes")
    func destinations() throws {
        let lines =
            "http-request set-dst var(txn.ip)\n http-request set-dst-port int(8080)\n default_backend b\n"
            + "backend b\n mode http\n timeout connect 1s\n timeout server 1s\n server s 0.0.0.0:0\n server t [::]\n"
            + " server u 0.0.0.0:80"
        let text = read(Self.proxy(lines))
        #expect(text.isUsable)
        let rules = text.configuration.frontends.first?.rules.request.map(\.action) ?? []
        let address = try Expression(.variable(Variable(.transaction, "ip"), else: nil))
        #expect(rules == [.setDestination(address), .setDestinationPort(Expression(integer: 8_080))])
        let servers = text.configuration.backends[BackendName("b")]?.servers ?? []
        #expect(servers.map(\.port) == [0, 0, 80])
        #expect(servers.allSatisfy { $0.followsDestination })
        #expect(RoundTrip.differences(text, read(text.printed.text, system: nil)) == [])
    }

    @Test("connections wait for names and go elsewhere, too", arguments: ["http", "tcp"])
    func connections(mode: String) throws {
        let lines =
            "tcp-request connection set-dst src\n tcp-request session set-dst-port int(5)\n"
            + " tcp-request content do-resolve(sess.ip,r,ipv4) str(a.test)\n tcp-request content set-dst var(sess.ip)"
        let text = read(Self.proxy(lines).replacing("mode http", with: "mode \(mode)"))
        #expect(text.isUsable)
        let frontend = try #require(text.configuration.frontends.first)
        let address = try Expression(.variable(Variable(.session, "ip"), else: nil))
        let query = NameQuery(
            of: try Expression(.string(Array("a.test".utf8))), into: Variable(.session, "ip"), by: "r",
            prefersV4: true)
        #expect(
            frontend.openingRules.connection.map(\.action)
                == [.setDestination(try Expression(.ofClient(.source)))])
        #expect(frontend.openingRules.session.map(\.action) == [.setDestinationPort(Expression(integer: 5))])
        if mode == "tcp" {
            #expect(frontend.sessionRules.map(\.action) == [.resolve(query), .setDestination(address)])
        } else {
            #expect(frontend.rules.content.map(\.action) == [.resolve(query), .setDestination(address)])
        }
        #expect(RoundTrip.differences(text, read(text.printed.text, system: nil)) == [])
    }

    @Test(
        "only rules about content wait for names, and of a section that is there",
        arguments: [
            ("tcp-request connection do-resolve(sess.a,r) src", "do-resolve"),
            ("tcp-request session do-resolve(sess.a,r) src", "do-resolve"),
            ("tcp-request content do-resolve(sess.a,q) src", "no resolvers section is called 'q'"),
            ("tcp-request content do-resolve(sess.a,r)", "a sample"),
            ("tcp-request content set-dst", "a sample"),
        ])
    func refusedOfConnections(words: String, expected: String) {
        #expect(refusals(Self.proxy(words)).first?.contains(expected) == true)
    }

    @Test(
        "a destination is a sample",
        arguments: [("set-dst", "a sample"), ("set-dst-port", "a sample"), ("set-dst nothing", "nothing")])
    func noDestinations(words: String, expected: String) {
        #expect(refusals(Self.proxy("http-request \(words)")).first?.contains(expected) == true)
    }

    // MARK: Printing

    @Test(
        "what is printed reads as it was",
        arguments: [
            "server s known.example:80 resolvers r resolve-prefer ipv4 check",
            "server s known.example:80 resolvers r init-addr none resolve-net 10.0.0.0/8,fd00::/8",
            "server-template web 3 _http._tcp.example resolvers r resolve-opts allow-dup-ip,ignore-weight",
            "server s unknown.example:80 init-addr none",
            "server s known.example:80 resolvers default",
        ])
    func roundTrip(line: String) {
        let text = read(backend(line))
        #expect(text.isUsable)
        #expect(RoundTrip.differences(text, read(text.printed.text, system: nil)) == [])
    }

    @Test("a section is printed with what is not HAProxy's value")
    func printed() {
        let lines =
            "    nameserver a 127.0.0.1:53\n    nameserver b tcp@[::1]:53\n    hold nx 5s\n    resolve_retries 4\n"
        let text = read("resolvers r\n" + lines)
        #expect(text.printed.text.contains("resolvers r\n" + lines))
    }
}
