import Model
import Testing

@testable import ConfigLanguage

@Suite("peers")
struct PeersDirectivesTests {
    private func read(_ text: String, localPeer: String? = nil) -> ConfigurationText {
        var surroundings = Surroundings.nothing
        surroundings.localPeer = localPeer
        return ConfigurationText.read(
            [ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))], surroundings)
    }

    private func errors(_ lines: String) -> [String] {
        read("global\n localpeer a\npeers p\n \(lines)\n").diagnostics.filter { $0.severity == .error }
            .map(\.message)
    }

    @Test("who this process is says -L, then localpeer, then the machine's name")
    func localName() {
        let text = "global\n localpeer a\npeers p\n peer a 127.0.0.1:1\n peer b 127.0.0.1:2\n"
        #expect(read(text).configuration.peers.map(\.localName) == ["a"])
        #expect(read(text, localPeer: "b").configuration.peers.map(\.localName) == ["b"])
        let plain = read("peers p\n peer localhost 127.0.0.1:1\n")
        #expect(plain.configuration.peers.map(\.localName) == ["localhost"])
        #expect(plain.diagnostics.isEmpty)
    }

    @Test("'peer' says where this process listens, as 'bind' beside 'server' does")
    func addresses() {
        let one = read("global\n localpeer a\npeers p\n peer a 127.0.0.1:1\n peer b [::1]:2\n")
        let two = read("global\n localpeer a\npeers p\n bind 127.0.0.1:1\n server a\n server b ::1:2\n")
        #expect(one.diagnostics.isEmpty && two.diagnostics.isEmpty)
        #expect(one.configuration.peers == two.configuration.peers)
        let section = one.configuration.peers[0]
        #expect(section.binds == [PeerSection.Listening("127.0.0.1", port: 1)])
        #expect(section.hasLocal)
        #expect(section.remotes == [PeerSection.Peer("b", address: "::1", port: 2)])
    }

    @Test("a limit of its address is taken with a warning")
    func limit() {
        let text = read(
            "global\n localpeer a\npeers p\n bind 127.0.0.1:1 maxconn 5\n server a\n server b [::1]:2\n")
        #expect(text.isUsable && text.diagnostics.count == 1)
        #expect(text.diagnostics.first?.message.contains("each peer has one connection") == true)
    }

    @Test("a section without this process is warned about, and shares nothing")
    func stranger() {
        let text = read("global\n localpeer x\npeers p\n peer a 127.0.0.1:1\n")
        #expect(text.isUsable)
        #expect(text.diagnostics.map(\.severity) == [.warning])
        #expect(text.diagnostics[0].message.contains("none of them is called 'x'"))
        #expect(text.configuration.peers.map(\.hasLocal) == [false])
    }

    @Test("tables are shared by name, and sections have tables of their own")
    func tables() {
        let text = read(
            """
            global
                localpeer a
            peers p
                bind *:1
                server a
                table t type string len 20 size 1k expire 1m store gpc0,conn_rate(3s)
            backend b
                mode http
                timeout connect 1s
                timeout server 1s
                stick-table type ip size 5 peers p
            frontend f
                mode http
                timeout client 1s
                bind :80
                http-request track-sc0 req.hdr(x) table p/t
            """)
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        #expect(text.configuration.tables[TableName("b")]?.peers == "p")
        let own = text.configuration.tables[TableName("p/t")]
        #expect(own?.peers == "p" && own?.type == .string(length: 20) && own?.stored.count == 2)
        #expect(text.configuration.peers[0].binds == [PeerSection.Listening("0.0.0.0", port: 1)])
    }

    @Test("a section that is not there is told with the nearest one")
    func unknownSection() {
        let text = read(
            "peers cluster\n server localhost\nbackend b\n mode http\n stick-table type ip size 5 peers clutser\n"
        )
        let found = text.diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(found.count == 1 && found[0].contains("did you mean 'cluster'"), "\(found)")
    }

    @Test(
        "what is wrong is refused with what was expected",
        arguments: [
            ("peer", "the name of a peer"), ("peer a", "an address and a port"),
            ("server b", "an address and a port"), ("peer b 127.0.0.1", "e.g. 192.0.2.1:10000"),
            ("peer b host:1", "an IPv4 or IPv6 address"), ("peer b 127.0.0.1:0", "a port from 1"),
            ("peer b *:1", "that can be connected to"), ("peer b :1x", "a port"),
            ("peer b 127.0.0.1:1 ssl", "say who signs their certificates by 'ca-file', or 'verify none'"),
            ("server b 127.0.0.1:1 ssl verify some", "one of none, required"),
            (
                "server b 127.0.0.1:1 weight 5",
                "'server … weight in peers' exists in HAProxy but not here yet"
            ),
            ("default-server check", "'default-server … check in peers'"),
            ("default-bind accept-proxy", "'default-bind … accept-proxy in peers'"),
            ("bind :1 ssl crt-list l", "'bind … crt-list in peers'"),
            ("bind :1 ssl", "'ssl' asks for a certificate: say which by 'crt'"),
            ("default-bind ssl\n bind :1", "'ssl' asks for a certificate"),
            ("bind :1 ssl crt none.pem", "crt 'none.pem': there are no files here"),
            ("server b 127.0.0.1:1 ssl verify none sni req.hdr(host)", "write it as str(NAME)"),
            ("bind", "an address and a port"),
            ("bind :1 shaards 3", "unknown keyword"),
            ("bind :1\n bind :2", "only one address"), ("peer a :1\n bind :2", "only one address"),
            ("peer b 127.0.0.1:1\n peer b 127.0.0.1:2", "another peer of this section already"),
            ("table", "the name of a table"), ("table t", "'type' is missing"),
            ("table t/u type ip size 5", "without '/'"),
            ("table t type ip size 5\n table t type ip size 5", "another table of this section"),
            ("shards x", "a number of parts"), ("shards 2\n server b 127.0.0.1:1 shard 3", "at most 2"),
            ("server b 127.0.0.1:1 shard 3\n shards 2", "'shard 3': it is at most 2"),
            ("peeer b 127.0.0.1:1", "did you mean 'peer'"),
        ])
    func refused(lines: String, why: String) {
        let found = errors(lines)
        #expect(found.count == 1 && found[0].contains(why), "\(found)")
    }

    @Test("two sections of one name, and one without a name, are errors")
    func names() {
        #expect(
            read("peers p\n server localhost\npeers p\n").diagnostics.filter { $0.severity == .error }.count
                == 1)
        #expect(read("peers\n").diagnostics.filter { $0.severity == .error }.count == 1)
    }

    // MARK: TLS

    private static let pem = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"

    private func readWithFiles(_ lines: String, global: String = "") -> ConfigurationText {
        var surroundings = Surroundings.nothing
        surroundings.read = { path in
            path.hasSuffix(".pem") ? .file(Array("\(Self.pem)\(path)".utf8)) : .unreadable("no such file")
        }
        let text = "global\n localpeer a\n\(global)peers p\n\(lines)\n"
        return ConfigurationText.read(
            [ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))], surroundings)
    }

    @Test(
        "how this process is reached say 'bind' and 'default-bind' together, in any order",
        arguments: [
            " bind :1 ssl crt one.pem verify required ca-file ca.pem ssl-min-ver TLSv1.3\n server a",
            " default-bind ssl verify required ca-file ca.pem\n bind :1 crt one.pem ssl-min-ver TLSv1.3\n server a",
            " bind :1 crt one.pem\n server a\n default-bind ssl verify required ca-file ca.pem ssl-min-ver TLSv1.3",
            " default-bind ssl crt one.pem verify required ca-file ca.pem ssl-min-ver TLSv1.3\n peer a :1",
        ])
    func listeningTLS(lines: String) throws {
        let text = readWithFiles(lines)
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        let tls = try #require(text.configuration.peers[0].binds.first?.tls)
        #expect(tls.certificates.map(\.chainPEM) == [Array("\(Self.pem)one.pem".utf8)])
        #expect(tls.clientAuthentication?.demand == .required && !tls.isStrict)
        #expect(tls.clientAuthentication?.authorities.certificatesPEM == Array("\(Self.pem)ca.pem".utf8))
        #expect(tls.parameters?.minimum == .tls13)
    }

    @Test("peers are called as their line says, on top of 'default-server' so far")
    func callingTLS() throws {
        let text = readWithFiles(
            """
             bind :1
             server a
             server plain 127.0.0.1:2
             default-server ssl ca-file ca.pem
             server b 127.0.0.1:3
             server c 127.0.0.1:4 sni str(c.example) crt own.pem
             server d 127.0.0.1:5 no-ssl
             peer e 127.0.0.1:6 verify none verifyhost x
            """)
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        let peers = Dictionary(text.configuration.peers[0].remotes.map { ($0.name, $0) }) { first, _ in first
        }
        #expect(peers["plain"]?.tls == nil && peers["d"]?.tls == nil)
        let b = try #require(peers["b"]?.tls)
        #expect(
            b
                == ServerTLS(
                    trusting: AuthorityBundle(
                        certificatesPEM: Array("\(Self.pem)ca.pem".utf8), certificatesFile: "ca.pem")))
        let c = try #require(peers["c"]?.tls)
        #expect(
            c.serverName == .fixed("c.example") && c.clientCertificate != nil
                && c.verification == b.verification)
        let e = try #require(peers["e"]?.tls)
        #expect(e.verification == .none && e.verifiedName == "x")
    }

    @Test("what 'global' says of TLS holds among peers too")
    func defaults() throws {
        let text = readWithFiles(
            " bind :1 ssl crt one.pem\n server a\n server b 127.0.0.1:2 ssl",
            global: " ssl-server-verify none\n ssl-default-bind-options ssl-min-ver TLSv1.3\n"
                + " ssl-default-server-ciphersuites TLS_AES_128_GCM_SHA256\n")
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        let section = text.configuration.peers[0]
        #expect(section.binds[0].tls?.parameters?.minimum == .tls13)
        #expect(section.remotes[0].tls?.verification == ServerTLS.Verification.none)
        #expect(section.remotes[0].tls?.parameters.suites == "TLS_AES_128_GCM_SHA256")
    }

    @Test("'ssl' of the line of this process itself is warned about where it is reached without")
    func ownLine() {
        let found = readWithFiles(" peer a 127.0.0.1:1 ssl verify none").diagnostics
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.message.contains("say 'bind … ssl', or 'default-bind ssl'") == true)
        let secured = readWithFiles(" default-bind ssl crt one.pem\n peer a 127.0.0.1:1 ssl verify none")
        #expect(secured.diagnostics.isEmpty)
    }

    @Test("the text of a section with TLS means the section")
    func printedTLS() {
        let text = readWithFiles(
            """
             bind :1 ssl crt one.pem crt two.pem verify optional ca-file ca.pem crl-file crl.pem crt-ignore-err 10 strict-sni ciphers X
             default-server ssl ca-file ca.pem crt own.pem
             server a
             server b 127.0.0.1:2 sni str(b.example)
             server c 127.0.0.1:3 verify none no-tlsv12
            """)
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        let printed = ConfigurationPrinter.print(text.configuration, global: text.global, files: text.sources)
        #expect(printed.remarks.isEmpty)
        let lines = printed.text.split(separator: "peers p\n", maxSplits: 1).last ?? ""
        let other = readWithFiles(String(lines))
        #expect(RoundTrip.differences(text, other) == [], "\(printed.text)")
        #expect(!printed.text.contains("PRIVATE KEY"))
    }

    @Test("the text of a section means the section")
    func printed() {
        let text = read(
            """
            global
                localpeer a
            peers p
                shards 3
                bind [::]:1
                server a
                server b ::1:2 shard 2
                server c 127.0.0.1:3
                table t type ip size 1k expire 1m nopurge store gpt(3),gpc_rate(2,1m)
                table u type integer size 5 srvkey addr
            peers q
                disabled
                peer a 127.0.0.1:4
            backend b
                mode http
                timeout connect 1s
                timeout server 1s
                stick-table type binary len 4 size 5 peers q
            """)
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        let printed = ConfigurationPrinter.print(
            text.configuration, global: text.global, files: text.sources)
        #expect(printed.remarks.isEmpty)
        #expect(RoundTrip.differences(text, read(printed.text)) == [], "\(printed.text)")
    }
}
