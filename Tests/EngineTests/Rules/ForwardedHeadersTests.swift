import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Forwarded headers")
struct ForwardedHeadersTests {
    /// What a server is told, by name.
    private func told(
        _ fields: [String], client: String = "192.0.2.7", isTLS: Bool = false, port: UInt16 = 8080,
        trusting: [String] = [], requestLine: String = "GET /a HTTP/1.1", host: String? = "shop.example:8080",
        isNamed: Bool = true, from field: String? = nil, appending: Bool = false, hidden: Bool = false
    ) throws -> [String: String] {
        var frontend = Frontend(name: "http", binds: [])
        frontend.forwarding.trustedProxies = trusting
        (frontend.forwarding.sourceField, frontend.forwarding.appendsSource) = (field, appending)
        let settings = FrontendSettings(frontend)
        let lines = [requestLine] + (host.map { ["Host: \($0)"] } ?? []) + fields
        let text = lines.map { $0 + "\r\n" }.joined() + "\r\n"
        let address = try #require(SocketAddress(client, port: 4711))
        let forwarded = ForwardedHeaders(
            settings: Unmanaged.passUnretained(settings), client: address, text: AddressText(address),
            isSecure: isTLS, hidesSource: hidden)
        let fixed = ForwardedHeaders.fixed(port: port, isTLS: isTLS)
        var input = Buffer(capacity: 16_384)
        text.withView { _ = input.append($0) }
        var output = Buffer(capacity: 16_384)
        var random = RandomNumbers(seed: 1)
        var head = RequestHead()
        let tables = HeaderTablePool(keep: 1)
        tables.lend(to: &head.fields)
        let isComplete = head.parse(input.view) == .complete(count: text.utf8.count)
        let fits = fixed.withView { fixed in
            output.write {
                forwarded.write(
                    to: &$0, request: head, head: input.view, host: input.view[head.host.indices],
                    fixed: fixed, id: isNamed ? RequestID(&random) : RequestID())
            }
        }
        withExtendedLifetime(settings) {}
        #expect(isComplete)
        #expect(fits)
        let written = output.view.string
        #expect(written.hasSuffix("\r\n"))
        let pairs = written.split(separator: "\r\n").map { line in
            line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        }
        #expect(pairs.allSatisfy { $0.count == 2 && $0[1].count > 1 }, "an empty value: \(written)")
        return Dictionary(
            pairs.map { (String($0[0]).lowercased(), String($0[1].dropFirst())) },
            uniquingKeysWith: { "\($0) and \($1)" })
    }

    @Test("a plain client is described by what we see of it")
    func plain() throws {
        var told = try told([])
        let id = told.removeValue(forKey: "x-request-id") ?? ""
        #expect(id.count == 32 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(
            told == [
                "x-real-ip": "192.0.2.7", "x-forwarded-for": "192.0.2.7",
                "x-forwarded-host": "shop.example:8080", "x-forwarded-port": "8080",
                "x-forwarded-proto": "http", "x-forwarded-scheme": "http", "x-scheme": "http",
            ])
    }

    @Test("without a number of ours only the client's is told", arguments: [[], ["X-Request-ID: theirs"]])
    func unnamed(fields: [String]) throws {
        #expect(try told(fields, isNamed: false)["x-request-id"] == (fields.isEmpty ? nil : "theirs"))
    }

    @Test("another field of a trusted proxy's names the client")
    func otherField() throws {
        let fields = ["CF-Connecting-IP: 203.0.113.9", "X-Forwarded-For: 198.51.100.1"]
        let told = try told(fields, trusting: ["192.0.2.7"], from: "cf-connecting-ip")
        #expect(told["x-forwarded-for"] == "203.0.113.9" && told["x-real-ip"] == "203.0.113.9")
        #expect(told["x-original-forwarded-for"] == "198.51.100.1")
        #expect(
            try self.told([fields[0]], trusting: ["192.0.2.7"], from: "cf-connecting-ip")["x-real-ip"]
                == "203.0.113.9")
        #expect(try self.told(fields, from: "cf-connecting-ip")["x-real-ip"] == "192.0.2.7")
        #expect(
            try self.told([fields[1]], trusting: ["192.0.2.7"], from: "cf-connecting-ip")["x-real-ip"]
                == "192.0.2.7")
    }

    @Test("what a trusted proxy says goes on with its own address behind it, if that is asked for")
    func appending() throws {
        let fields = ["X-Forwarded-For: 203.0.113.9, 10.0.0.1"]
        let told = try told(fields, trusting: ["192.0.2.7"], appending: true)
        #expect(told["x-forwarded-for"] == "203.0.113.9, 10.0.0.1, 192.0.2.7")
        #expect(told["x-real-ip"] == "10.0.0.1")
        #expect(try self.told(fields, appending: true)["x-forwarded-for"] == "192.0.2.7")
        #expect(try self.told([], trusting: ["192.0.2.7"], appending: true)["x-forwarded-for"] == "192.0.2.7")
    }

    @Test(
        "an address that is hidden is not told in any way", arguments: [[], ["X-Forwarded-For: 203.0.113.9"]])
    func hidden(fields: [String]) throws {
        let told = try told(fields, trusting: ["192.0.2.7"], hidden: true)
        #expect(told.values.allSatisfy { !$0.contains("203.0.113.9") && !$0.contains("192.0.2.7") })
        #expect(told["x-forwarded-host"] == "shop.example:8080" && told["x-request-id"]?.count == 32)
    }

    @Test("TLS is https on port 443, wherever we listen")
    func tls() throws {
        let told = try told([], isTLS: true, port: 8443)
        #expect(told["x-forwarded-port"] == "443")
        for name in ["x-forwarded-proto", "x-forwarded-scheme", "x-scheme"] { #expect(told[name] == "https") }
    }

    @Test("IPv6 clients are told in short form without brackets")
    func v6() throws {
        #expect(try told([], client: "2001:db8:0:0:0:0:0:1")["x-real-ip"] == "2001:db8::1")
        #expect(try told([], client: "::ffff:192.0.2.1")["x-forwarded-for"] == "192.0.2.1")
    }

    private let claims = [
        "X-Forwarded-For: 198.51.100.1, 203.0.113.9", "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https", "X-Forwarded-Port: 444", "X-Real-IP: 198.51.100.1",
        "X-Request-ID: from-outside", "X-Scheme: gopher", "X-Forwarded-Scheme: gopher",
        "X-Original-Forwarded-For: 198.51.100.66",
    ]

    @Test("what a client claims of itself is not believed, but passed on as the original")
    func untrusted() throws {
        let told = try told(claims, trusting: ["10.0.0.0/8"])
        #expect(told["x-forwarded-for"] == "192.0.2.7")
        #expect(told["x-real-ip"] == "192.0.2.7")
        #expect(told["x-forwarded-host"] == "shop.example:8080")
        #expect(told["x-forwarded-proto"] == "http")
        #expect(told["x-forwarded-scheme"] == "http")
        #expect(told["x-scheme"] == "http")
        #expect(told["x-forwarded-port"] == "8080")
        #expect(told["x-original-forwarded-for"] == "198.51.100.1, 203.0.113.9")
        #expect(told["x-original-forwarded-host"] == "evil.example")
        #expect(told["x-request-id"] == "from-outside")
    }

    @Test("a trusted proxy is believed", arguments: ["192.0.2.7", "192.0.2.0/24", "0.0.0.0/0"])
    func trusted(network: String) throws {
        let told = try told(claims, trusting: ["10.0.0.0/8", network])
        #expect(told["x-forwarded-for"] == (network == "0.0.0.0/0" ? "198.51.100.1" : "203.0.113.9"))
        #expect(told["x-real-ip"] == told["x-forwarded-for"])
        #expect(told["x-forwarded-host"] == "evil.example")
        #expect(told["x-forwarded-proto"] == "https")
        #expect(told["x-scheme"] == "https")
        #expect(told["x-forwarded-port"] == "444")
    }

    @Test(
        "the client is the first from the right that is no trusted proxy",
        arguments: [
            ("203.0.113.9", "203.0.113.9"), ("203.0.113.9, 10.0.0.1", "203.0.113.9"),
            ("1.1.1.1, 203.0.113.9, 10.0.0.1,10.0.0.2", "203.0.113.9"), ("10.0.0.3, 10.0.0.1", "10.0.0.3"),
            ("203.0.113.9,", "10.0.0.9"), (",203.0.113.9", "203.0.113.9"), ("unknown", "10.0.0.9"),
            ("203.0.113.9, unknown", "10.0.0.9"), ("203.0.113.9, unknown, 10.0.0.1", "10.0.0.1"),
            ("2001:db8::9, 10.0.0.1", "2001:db8::9"), ("fd00::1, 2001:db8::9, fd00::2", "2001:db8::9"),
            (" \t203.0.113.9 \t,\t 10.0.0.1 ", "203.0.113.9"), (",", "10.0.0.9"),
            ("203.0.113.9;10.0.0.1", "10.0.0.9"),
        ])
    func chain(list: String, expected: String) throws {
        let told = try told(
            ["X-Forwarded-For: \(list)"], client: "10.0.0.9", trusting: ["10.0.0.0/8", "fd00::/8"])
        #expect(told["x-forwarded-for"] == expected)
        #expect(told["x-real-ip"] == expected)
    }

    @Test(
        "lines count from the last to the first, as long as all before are trusted proxies",
        arguments: [
            (["203.0.113.5", "10.0.0.1"], "203.0.113.5"),
            (["203.0.113.5, 10.0.0.2", "10.0.0.1"], "203.0.113.5"),
            (["198.51.100.1", "203.0.113.5", "10.0.0.1"], "203.0.113.5"),
            (["10.0.0.2", "10.0.0.1"], "10.0.0.2"),
            (["198.51.100.1", "203.0.113.5, 10.0.0.1"], "203.0.113.5"), (["203.0.113.5", ""], "10.0.0.9"),
            (["203.0.113.5", "unknown"], "10.0.0.9"), (["203.0.113.5", "unknown, 10.0.0.1"], "10.0.0.1"),
            (["203.0.113.5", ",10.0.0.1"], "10.0.0.1"), (["unknown", "10.0.0.1"], "10.0.0.1"),
        ])
    func lines(lists: [String], expected: String) throws {
        for name in ["X-Forwarded-For", "CF-Connecting-IP"] {
            let told = try told(
                lists.map { "\(name): \($0)" }, client: "10.0.0.9", trusting: ["10.0.0.0/8"],
                from: name == "X-Forwarded-For" ? nil : "cf-connecting-ip")
            #expect(told["x-forwarded-for"] == expected)
            #expect(told["x-real-ip"] == expected)
        }
    }

    @Test(
        "a port behind an address means nothing",
        arguments: [
            ("203.0.113.9:5678", "203.0.113.9"), ("203.0.113.9:1, 10.0.0.1:65535", "203.0.113.9"),
            ("[2001:db8::9]:443", "2001:db8::9"), ("[2001:db8::9]", "2001:db8::9"),
            ("[2001:db8::9]:443, 10.0.0.1:80", "2001:db8::9"), ("203.0.113.9:", "10.0.0.9"),
            ("203.0.113.9:x", "10.0.0.9"), ("203.0.113.9:123456", "10.0.0.9"), (":80", "10.0.0.9"),
            ("[2001:db8::9", "10.0.0.9"), ("[2001:db8::9]443", "10.0.0.9"), ("[]:80", "10.0.0.9"),
            ("[2001:db8::9]:", "10.0.0.9"), ("[", "10.0.0.9"), ("]", "10.0.0.9"),
        ])
    func ports(list: String, expected: String) throws {
        let told = try told(["X-Forwarded-For: \(list)"], client: "10.0.0.9", trusting: ["10.0.0.0/8"])
        #expect(told["x-forwarded-for"] == expected)
        #expect(told["x-real-ip"] == expected)
    }

    @Test("of several hosts a trusted proxy names, the first is meant")
    func hosts() throws {
        let told = try told(
            ["X-Forwarded-Host: one.example, two.example"], trusting: ["192.0.2.7"])
        #expect(told["x-forwarded-host"] == "one.example")
        #expect(told["x-original-forwarded-host"] == "one.example, two.example")
    }

    @Test("empty claims are no claims")
    func empty() throws {
        let told = try told(
            [
                "X-Forwarded-For:", "X-Forwarded-Host: ", "X-Forwarded-Proto:", "X-Request-ID:",
                "X-Forwarded-Port:",
            ],
            trusting: ["192.0.2.7"])
        #expect(told["x-forwarded-for"] == "192.0.2.7")
        #expect(told["x-forwarded-host"] == "shop.example:8080")
        #expect(told["x-forwarded-proto"] == "http")
        #expect(told["x-forwarded-port"] == "8080")
        #expect(told["x-request-id"]?.count == 32)
        #expect(told["x-original-forwarded-for"] == nil)
        #expect(told["x-original-forwarded-host"] == nil)
    }

    @Test("a request without a host says nothing of one")
    func noHost() throws {
        let told = try told([], requestLine: "GET / HTTP/1.0", host: nil)
        #expect(told["x-forwarded-host"] == nil)
        #expect(told["x-forwarded-proto"] == "http")
    }

    @Test("networks that are none trust nobody")
    func badNetworks() throws {
        let told = try told(claims, trusting: ["", "192.0.2.7/33", "example.com", "192.0.2.7/-1", "/8"])
        #expect(told["x-forwarded-for"] == "192.0.2.7")
    }
}
