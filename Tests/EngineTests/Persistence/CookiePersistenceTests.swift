import Basics
import Model
import Testing

@testable import Engine

/// What stands here about cookies and answers was seen on Debian's haproxy 2.6.12, unless it says otherwise.
@Suite("CookiePersistence")
struct CookiePersistenceTests {
    private static func hidden(_ cookie: inout PersistenceCookie) { cookie.isIndirect = true }

    @Test(
        "a cookie names a server",
        arguments: [
            ("SRV=s2", "s2", .valid), ("a=1; SRV=s2; b=2", "s2", .valid), ("a=1;SRV=s2", "s2", .valid),
            ("a=1, SRV=s2, b=2", "s2", .valid), (" SRV = s2 ;c=d", "s2", .valid),
            ("\tSRV\t=\ts2\t", "s2", .valid),
            ("a=\"x;y\"; SRV=s2", "s2", .valid), ("a=\"x\\\";SRV=s1\"; SRV=s2", "s2", .valid),
            ("$Version=1; SRV=s2; $Path=/", "s2", .valid), ("SRV=s1; SRV=s2", "s1", .valid),
            ("SRV=; SRV=s2", "s2", .valid), ("SRV=bad; SRV=s2", "s2", .valid), ("SRV=bad", nil, .invalid),
            ("SRV=", nil, .invalid), ("SRV=\"s2\"", nil, .invalid), ("SRV=s2 s1", nil, .invalid),
            ("SRV", nil, .none), ("srv=s1", nil, .none), ("XSRV=s1", nil, .none), ("SRVX=s1", nil, .none),
            ("$SRV=s1", nil, .none), ("a=SRV=s1", nil, .none), ("", nil, .none), (";", nil, .none),
            ("=", nil, .none),
            ("=;=,;\"", nil, .none), ("a=\"SRV=s1", nil, .none), ("SRV=s1|", "s1", .valid),
            ("SRV=|", nil, .invalid),
        ] as [(String, String?, CookieRequestVerdict)])
    func requests(line: String, server: String?, verdict: CookieRequestVerdict) {
        var reading = CookieReading(.insert, Self.hidden)
        reading.read(line)
        #expect(reading.chosen == server)
        #expect(reading.state.request == verdict)
        #expect(reading.state.isDirect == (server != nil))
    }

    @Test("all Cookie lines count, the first that leads to a server most")
    func severalLines() {
        var reading = CookieReading(.insert)
        reading.read("a=1", "SRV=bad", "SRV=s2", "SRV=s1")
        #expect(reading.chosen == "s2")
        #expect(reading.state.request == .valid)
    }

    @Test("a server that is down is passed over, unless clients are to be kept on it")
    func down() {
        var reading = CookieReading(.insert)
        reading.down = ["s1"]
        reading.read("SRV=s1")
        #expect(reading.chosen == nil)
        #expect(reading.state == CookieState(request: .down))
        reading.read("SRV=bad")
        #expect(reading.state.request == .down)
        reading.read("SRV=s2")
        #expect(reading.state.request == .valid)
        var kept = CookieReading(.insert)
        (kept.down, kept.keepsDown) = (["s1"], true)
        kept.read("SRV=s1")
        #expect(kept.chosen == "s1")
        #expect(kept.state == CookieState(request: .down, isDirect: true))
    }

    @Test("a cookie is not looked at when rules chose the server or forbid it")
    func overruled() {
        for isIgnored in [false, true] {
            var reading = CookieReading(.insert)
            (reading.state.isOverruled, reading.state.isIgnored) = (!isIgnored, isIgnored)
            reading.read("SRV=s1")
            #expect(reading.chosen == nil)
            #expect(reading.state.request == .unused)
            #expect(reading.added().isEmpty == isIgnored)
        }
    }

    @Test(
        "hides the cookie from the server",
        arguments: [
            ("SRV=s2", nil), ("SRV=bad; a=1", "a=1"), ("a=1; SRV=s2; b=2", "a=1; b=2"),
            ("a=1;SRV=s2;b=2", "a=1; b=2"), ("a=1 ; SRV=s2", "a=1 "), ("a=1, SRV=s2, b=2", "a=1, b=2"),
            ("$Version=1; SRV=s2; $Path=/; b=2", "$Version=1; b=2"), ("$Version=1; SRV=s2; $Path=/", nil),
            ("a=\"x;y\"; SRV=s2", "a=\"x;y\""), ("SRV=\"s2\"", nil), ("a; SRV=s2 ; b", "a; b"),
            (" SRV = s2 ;c=d", "c=d"), ("SRV=s1; q=1", "q=1"), ("SRV=s1; SRV=s2", nil), ("SRV", "SRV"),
            ("srv=s1", "srv=s1"), ("SRV=s2; ", nil), ("SRV=s2;x=1;SRV=s1;", "x=1; "), ("a=1;b=2", "a=1;b=2"),
            ("", ""), (";;SRV=s1;;", ";; ;"), ("SRV=s1|awFOD|awFOB; a=1", "a=1"),
        ] as [(String, String?)])
    func hiding(line: String, forwarded: String?) {
        #expect(CookieReading(.insert, Self.hidden).forwarded(line) == forwarded)
    }

    @Test(
        "shows the cookie to the server unless told to hide it",
        arguments: [CookieMode.insert, .rewrite, nil])
    func showing(mode: CookieMode?) {
        #expect(CookieReading(mode).forwarded("a=1; SRV=s1") == "a=1; SRV=s1")
    }

    @Test(
        "takes its part of the server's own cookie out",
        arguments: [
            ("SRV=s1~sess; a=1", "SRV=sess; a=1"), ("SRV=sess", "SRV=sess"), ("SRV=~x", "SRV=x"),
            ("SRV=bad~y~z", "SRV=y~z"), ("SRV=s1", "SRV=s1"), ("a=b~c; SRV=s1~", "a=b~c; SRV="),
            ("SRV=s1~a; SRV=s2~b", "SRV=a; SRV=b"),
        ])
    func prefix(line: String, forwarded: String) {
        #expect(CookieReading(.prefix).forwarded(line) == forwarded)
        #expect(CookieReading(.prefix, Self.hidden).forwarded(line) == forwarded)
    }

    @Test(
        "reads the server from a prefix",
        arguments: [
            ("SRV=s1~sess; a=1", "s1"), ("SRV=s1", "s1"), ("SRV=sess", nil), ("SRV=~s1", nil),
            ("SRV=s1|x", nil),
        ] as [(String, String?)])
    func prefixRead(line: String, server: String?) {
        var reading = CookieReading(.prefix)
        reading.read(line)
        #expect(reading.chosen == server)
    }

    @Test("goes over any line once and never writes more than stood in it", .timeLimit(.minutes(5)))
    func anyLine() {
        let letters = Array(";;,,==\"\"\\  \t$~|a1sSRV".utf8)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &random)
            let line = String(
                decoding: (0..<count).map { _ in letters.randomElement(using: &random) ?? 0 }, as: UTF8.self)
            let ends = line.withView { line in
                var pairs = CookiePairs(line)
                var ends = [0]
                while let pair = pairs.next(), ends.count <= line.count + 1 { ends.append(pair.end) }
                return ends
            }
            #expect(ends.last == line.utf8.count, "\(line)")
            for reading in [CookieReading(.insert, Self.hidden), CookieReading(.prefix)] {
                let forwarded = reading.forwarded(line) ?? ""
                #expect(forwarded.utf8.count <= line.utf8.count, "\(line)")
            }
            var reading = CookieReading(.rewrite)
            reading.read(line)
            _ = reading.answered(line)
        }
    }

    @Test("writes nothing of a line if there is no room for it")
    func room() {
        let cookie = CookieReading(.insert, Self.hidden).cookie
        var output = Buffer(capacity: 10)
        #expect("a=1; SRV=s1".withView { cookie.forward($0, to: &output) } == .full)
        var state = CookieState()
        let rewriting = CookieReading(.rewrite).cookie
        let result = "SRV=x; path=/".withView { line in
            "server-1".withView {
                rewriting.forward(setCookie: line, serverValue: $0, state: &state, to: &output)
            }
        }
        #expect(result == .full)
        let written = output.count
        #expect(written == 0)
    }

    @Test("sets a cookie for a client that has none or a bad one, and none for one that has it")
    func insertion() {
        var reading = CookieReading(.insert, Self.hidden)
        #expect(reading.added() == "Set-Cookie: SRV=s1; path=/\r\n")
        #expect(reading.state.response == .inserted)
        reading = CookieReading(.insert)
        reading.read("SRV=bad")
        #expect(reading.added(serverValue: "s2") == "Set-Cookie: SRV=s2; path=/\r\n")
        reading = CookieReading(.insert)
        reading.read("SRV=s1")
        #expect(reading.added() == "")
        #expect(reading.state.response == .none)
    }

    @Test("only insert inserts", arguments: [CookieMode.rewrite, .prefix, nil])
    func otherModes(mode: CookieMode?) {
        var reading = CookieReading(mode)
        #expect(reading.added() == "")
    }

    @Test("writes all attributes in HAProxy's order")
    func attributes() {
        var reading = CookieReading(.insert) {
            ($0.isHTTPOnly, $0.isSecure) = (true, true)
            $0.domains = ["a.example", ".b.example"]
            $0.attributes = ["SameSite=Lax", "Partitioned"]
        }
        #expect(
            reading.added()
                == "Set-Cookie: SRV=s1; path=/; domain=a.example; domain=.b.example; HttpOnly; Secure; "
                + "SameSite=Lax; Partitioned\r\n")
    }

    @Test("inserts on POST only if told so")
    func postOnly() {
        var reading = CookieReading(.insert) { $0.insertsOnPostOnly = true }
        #expect(reading.added() == "")
        #expect(reading.added(isPost: true) == "Set-Cookie: SRV=s1; path=/\r\n")
    }

    @Test("is Secure over TLS alone, if told so, or everywhere")
    func secure() {
        func added(_ isSecure: Bool, _ isSecureOverTLS: Bool, overTLS: Bool) -> String {
            var reading = CookieReading(.insert) {
                ($0.isSecure, $0.isSecureOverTLS) = (isSecure, isSecureOverTLS)
            }
            return reading.added(overTLS: overTLS)
        }
        for overTLS in [false, true] {
            #expect(added(true, true, overTLS: overTLS) == "Set-Cookie: SRV=s1; path=/; Secure\r\n")
            #expect(added(false, false, overTLS: overTLS) == "Set-Cookie: SRV=s1; path=/\r\n")
        }
        #expect(added(false, true, overTLS: true) == "Set-Cookie: SRV=s1; path=/; Secure\r\n")
        #expect(added(false, true, overTLS: false) == "Set-Cookie: SRV=s1; path=/\r\n")
    }

    @Test("tells caches that an answer they could keep is private, if told so and only with a cookie")
    func nocache() {
        var reading = CookieReading(.insert) { $0.marksPrivate = true }
        #expect(
            reading.added(isCacheable: true) == "Set-Cookie: SRV=s1; path=/\r\nCache-Control: private\r\n")
        #expect(reading.added(isCacheable: false) == "Set-Cookie: SRV=s1; path=/\r\n")
        reading.read("SRV=s1")
        #expect(reading.added(isCacheable: true) == "")
    }

    /// From the source: such servers (backups) end what an earlier server began.
    @Test("a server without a value ends the cookie")
    func removal() {
        var reading = CookieReading(.insert) { $0.domains = ["a.example"] }
        #expect(
            reading.added(serverValue: "")
                == "Set-Cookie: SRV=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/; domain=a.example\r\n")
        #expect(reading.state.response == .inserted)
    }

    @Test(
        "what the server sets under the name gives way to ours",
        arguments: ["SRV=x; path=/", "SRV=", "SRV = x", "SRV=a,b"])
    func deletion(line: String) {
        var reading = CookieReading(.insert)
        #expect(reading.answered(line) == nil)
        #expect(reading.state.response == .deleted)
        #expect(reading.added() == "Set-Cookie: SRV=s1; path=/\r\n")
        reading.read("SRV=s1")
        #expect(reading.answered(line) == nil)
        #expect(reading.added() == "")
        #expect(reading.state.response == .deleted)
    }

    @Test("other cookies of the server pass", arguments: ["b=1", "SRV", "srv=1", "b=1; SRV=2", "SRV2=x", ""])
    func otherCookies(line: String) {
        for mode in CookieMode.allCases {
            var reading = CookieReading(mode)
            #expect(reading.answered(line) == line)
            #expect(reading.state.response == .none)
        }
    }

    @Test("what the server sets is preserved if told so, and ours is not set then")
    func preserve() {
        var reading = CookieReading(.insert) { $0.preservesServers = true }
        #expect(reading.answered("SRV=; path=/") == "SRV=; path=/")
        #expect(reading.state.response == .passed)
        #expect(reading.added() == "")
        reading = CookieReading(.insert) { $0.preservesServers = true }
        #expect(reading.added() == "Set-Cookie: SRV=s1; path=/\r\n")
    }

    @Test("a cookie that is only read is left alone in answers")
    func passive() {
        var reading = CookieReading(nil)
        #expect(reading.answered("SRV=s1") == "SRV=s1")
        #expect(reading.state.response == .passed)
    }

    @Test(
        "rewrites the server's cookie",
        arguments: [
            ("SRV=old; path=/", "SRV=s1; path=/"), ("SRV=a,b ; HttpOnly", "SRV=s1,b ; HttpOnly"),
            ("SRV=", "SRV=s1"),
            ("SRV=\"a;b\"; x", "SRV=s1; x"),
        ])
    func rewriting(line: String, answered: String) {
        var reading = CookieReading(.rewrite)
        #expect(reading.answered(line) == answered)
        #expect(reading.state.response == .rewritten)
        #expect(reading.answered(line, serverValue: "") == line)
    }

    @Test(
        "puts the server before its own value",
        arguments: [("SRV=sess; path=/", "SRV=s1~sess; path=/"), ("SRV=", "SRV=s1~")])
    func prefixing(line: String, answered: String) {
        var reading = CookieReading(.prefix)
        #expect(reading.answered(line) == answered)
        #expect(reading.state.response == .rewritten)
    }

    @Test("an answer of an exchange without persistence is left alone")
    func ignoredAnswer() {
        var reading = CookieReading(.insert)
        reading.state.isIgnored = true
        #expect(reading.answered("SRV=x") == "SRV=x")
        #expect(reading.added() == "")
    }
}
