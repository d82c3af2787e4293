import Model
import Testing

@testable import ConfigLanguage

@Suite("ACLs and rules of the configuration language")
struct RuleDirectivesTests {
    private func rules(_ lines: String, mode: String = "http", files: [String: FileContent] = [:]) throws
        -> Frontend
    {
        let text = read(
            "frontend f\n mode \(mode)\n bind :80\n\(lines)\nbackend b\n mode \(mode)\nbackend c\n mode \(mode)\n",
            files: files)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return try #require(text.configuration.frontends.first)
    }

    private func condition(_ words: String, acls: String = "", files: [String: FileContent] = [:]) throws
        -> RuleCondition?
    {
        try #require(try rules("\(acls)\n use_backend b \(words)", files: files).backendRules.first).condition
    }

    private func matching(_ words: String, files: [String: FileContent] = [:]) throws -> Matching {
        try #require(try condition("if { \(words) }", files: files)?.alternatives.first?.first?.tests.first)
            .matching
    }

    private func told(_ line: String, mode: String = "http") -> String? {
        read("frontend f\n mode \(mode)\n bind :80\n acl a path /\n \(line)\nbackend b\n mode \(mode)\n")
            .diagnostics.first { $0.location?.line == 5 }?.message
    }

    private func text(_ match: TextMatch, _ patterns: String..., folded: Bool = false) -> Matching {
        .text(match, patterns.map { Array($0.utf8) }, ignoresCase: folded)
    }

    @Test("rules lead to backends in their order")
    func order() throws {
        let frontend = try rules(" use_backend c if { path /c }\n use_backend b\n default_backend c")
        #expect(frontend.backendRules.map(\.backend?.description) == ["c", "b"])
        #expect(frontend.backendRules[1].condition == nil)
        #expect(frontend.fallback == .backend(BackendName("c")))
    }

    @Test("formats name backends of the same mode, and servers; what has nothing to find out is a name")
    func writtenNames() throws {
        let frontend = try rules(" use_backend b-%[path] if { path /x }\n use_backend c")
        #expect(frontend.backendRules.map(\.backend?.description) == [nil, "c"])
        #expect(frontend.backendRules[0].target.format?.parts.first == .text(Array("b-".utf8)))
        #expect(frontend.backendRules[0].needs == .request)
        #expect(frontend.namedBackends.map(\.description) == ["b", "c"])
        #expect(try rules(" use_backend b").namedBackends.isEmpty)
        let tcp = "\nfrontend t\n mode tcp\n bind :81\n use_backend %[src]\nbackend other\n mode tcp\n"
        let both = read(
            "frontend f\n mode http\n bind :80\n use_backend %[path]\nbackend b\n mode http\n" + tcp)
        #expect(
            both.configuration.frontends.map { $0.namedBackends.map(\.description) } == [["b"], ["other"]])
        let text = read("backend b\n mode http\n use-server %[src]\n server s 127.0.0.1:1\n")
        let rule = text.configuration.backends[BackendName("b")]?.serverRules.first
        #expect(rule?.target.known == nil && rule?.target.needs == .connection)
    }

    @Test("terms in a row must all hold, alternatives stand between or and ||, and ! negates")
    func logic() throws {
        let acls = " acl a path /a\n acl b path /b\n acl c path /c"
        let shape = { (words: String) in
            try condition(words, acls: acls)?.alternatives.map {
                $0.map { ($0.isNegated ? "!" : "") + "\($0.tests.count)" }
            }
        }
        #expect(try shape("if a b") == [["1", "1"]])
        #expect(try shape("if a or b c") == [["1"], ["1", "1"]])
        #expect(try shape("if a !b || ! c") == [["1", "!1"], ["!1"]])
        #expect(try shape("if !!a !{ path /x }") == [["1", "!1"]])
        #expect(try condition("unless a", acls: acls)?.isNegated == true)
    }

    @Test("an ACL of several lines is one of them; what is defined hides what is always there")
    func lists() throws {
        let several = try condition("if a", acls: " acl a path /a\n acl b path /b\n acl a path /c")
        #expect(several?.alternatives.first?.first?.tests.count == 2)
        let own = try condition("if METH_GET", acls: " acl METH_GET path /x")
        #expect(own?.alternatives.first?.first?.tests.first?.expression.fetch == .ofRequest(.path))
    }

    @Test(
        "ACLs that are always there",
        arguments: [
            "TRUE", "FALSE", "LOCALHOST", "HTTP", "HTTP_1.0", "HTTP_1.1", "HTTP_2.0", "HTTP_CONTENT",
            "HTTP_URL_ABS",
            "HTTP_URL_SLASH", "HTTP_URL_STAR", "METH_CONNECT", "METH_DELETE", "METH_GET", "METH_HEAD",
            "METH_OPTIONS",
            "METH_POST", "METH_PUT", "METH_TRACE", "WAIT_END",
        ])
    func predefined(name: String) throws { #expect(try condition("if \(name)") != nil) }

    @Test("what samples are compared with, by the name of the fetch, by -m, or by their type")
    func methods() throws {
        #expect(try matching("path /a /b") == text(.exact, "/a", "/b"))
        #expect(try matching("path_beg -i /a") == text(.prefix, "/a", folded: true))
        #expect(try matching("path_end .a -i") == text(.suffix, ".a", "-i"))
        #expect(try matching("hdr_sub(host) a") == text(.substring, "a"))
        #expect(try matching("hdr_dom(host) a") == text(.domain, "a"))
        #expect(try matching("path_dir a") == text(.directory, "a"))
        #expect(try matching("path,lower -m beg /a") == text(.prefix, "/a"))
        #expect(try matching("path_beg,lower /a") == text(.prefix, "/a"))
        #expect(try matching("path_reg ^/a") == .regex(["^/a"], ignoresCase: false))
        #expect(try matching("path_len 3") == .length([3...3]))
        #expect(try matching("hdr(x) -m found") == .found)
        #expect(try matching("hdr(x) -m bool") == .truth)
        #expect(try matching("ssl_fc") == .truth)
        #expect(try matching("path -m bin 4a") == .binary([[0x4A]]))
        #expect(try matching("path -- -i") == text(.exact, "-i"))
        #expect(try matching("method GET POST") == text(.exact, "GET", "POST"))
        #expect(try matching("path -n -u 7 /a") == text(.exact, "/a"))
    }

    @Test(
        "numbers and their ranges",
        arguments: [
            ("3", [3...3]), ("1:3 7", [1...3, 7...7]), (":3", [.min...3]), ("8:", [8 ... .max]),
            ("-5", [-5 ... -5]),
            ("gt 3", [4 ... .max]), ("ge 3", [3 ... .max]), ("lt 3", [.min...2]), ("le 3", [.min...3]),
            ("eq 1 2", [1...1, 2...2]), ("ge 5 le 3", [5 ... .max, .min...3]), ("gt 9223372036854775807", []),
        ] as [(String, [ClosedRange<Int64>])])
    func numbers(words: String, expected: [ClosedRange<Int64>]) throws {
        #expect(try matching("hdr_cnt(x) \(words)") == .number(expected))
    }

    @Test("networks, as prefix or as mask")
    func networks() throws {
        #expect(
            try matching("src 10.0.0.0/8 ::1 1.2.3.4 10.0.0.0/255.255.0.0 fe80::/10 0.0.0.0/0")
                == .address(["10.0.0.0/8", "::1", "1.2.3.4", "10.0.0.0/16", "fe80::/10", "0.0.0.0/0"]))
        #expect(try matching("hdr_ip(x) 10.0.0.1") == .address(["10.0.0.1"]))
    }

    @Test("the patterns of a file are a list of their own")
    func files() throws {
        let files = ["/list": FileContent.file(Array("# c\n/a\n\n /b c  \r\n".utf8))]
        #expect(
            try matching("path -i -f /list /d", files: files)
                == .list(PatternListName("/list"), PatternUse(.text(.exact), ignoresCase: true)))
    }

    @Test(
        "what connections of mode tcp can not be asked is told",
        arguments: [
            ("tcp-request content reject if { res.len 1 }", "the first bytes of a server of mode tcp"),
            ("tcp-response content reject if { req.len 1 }", "the first bytes of a connection of mode tcp"),
            ("tcp-response content track-sc0 src", "'tcp-response content track-sc0'"),
            ("tcp-request content close", "'tcp-request content close'"),
            ("tcp-request content capture src len 5", "in a backend"),
            ("tcp-response content capture src len 5", "'tcp-response content capture'"),
            ("tcp-response content reject if { path / }", "a request"),
        ])
    func contents(line: String, message: String) {
        let text = read("backend b\n mode tcp\n stick-table type ip size 5\n \(line)\n")
        let told = text.diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(told.count == 1 && told[0].contains(message), "\(told)")
    }

    private func answers(_ kind: String, _ lines: String) -> ConfigurationText {
        read("\(kind) b\n mode http\n timeout server 1s\n timeout connect 1s\n\(lines)")
    }

    @Test(
        "in mode http what is asked about servers is asked about answers", arguments: ["backend", "listen"])
    func answerContent(kind: String) throws {
        let front = kind == "listen" ? " bind :1\n timeout client 1s\n" : ""
        let text = answers(
            kind,
            front + """
                 tcp-response inspect-delay 5s
                 tcp-response content accept if { status 200 }
                 tcp-response content set-var(txn.a) res.hdr(x)
                 tcp-response content silent-drop if { src 10.0.0.1 }
                 tcp-response content reject

                """)
        #expect(text.isUsable && text.diagnostics.isEmpty, "\(text.diagnostics)")
        let rules = try #require(text.configuration.backends[BackendName("b")]?.rules)
        #expect(rules.answerDelay == 5_000)
        #expect(rules.answerContent.count == 4)
        #expect(rules.answerContent.map(\.looksAtAnswers) == [true, true, false, false])
        #expect(
            rules.answerContent.map(\.action).first == .allow
                && rules.answerContent.map(\.action).last == .reject)
        if kind == "listen" {
            #expect(text.configuration.frontends.first?.rules.answerContent == rules.answerContent)
        }
        #expect(RoundTrip.differences(text, read(text.printed.text)) == [], "\(text.printed.text)")
    }

    @Test("without a delay nothing of an answer is waited for: what looks at it is left out, with a warning")
    func answersWithoutDelay() throws {
        let text = answers(
            "backend",
            " tcp-response content reject if { status 500 }\n tcp-response content reject if { src 10.0.0.1 }\n"
        )
        #expect(text.isUsable)
        #expect(text.diagnostics.map(\.location?.line) == [5])
        let rules = try #require(text.configuration.backends[BackendName("b")]?.rules)
        #expect(rules.answerContent.map(\.action) == [.reject] && rules.answerDelay == 0)
    }

    @Test(
        "what answers of mode http can not be asked is told",
        arguments: [
            ("reject if { res.len 1 }", "the first bytes of a server of mode tcp"),
            ("close if { path / }", "a request"), ("reject if { path / }", "a request"),
            ("reject if { res.body_len 1 }", "an answer's body"),
        ])
    func answerMistakes(rule: String, message: String) {
        let text = answers("backend", " tcp-response inspect-delay 1s\n tcp-response content \(rule)\n")
        let told = text.diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(told.count == 1 && told[0].contains(message), "\(told)")
    }

    @Test(
        "versions of TLS have a point",
        arguments: [
            ("3.1", 0x3_0001...0x3_0001), ("3", 0x3_0000...0x3_0000), ("3.1:3.3", 0x3_0001...0x3_0003),
            ("gt 3", 0x3_0001...Int64.max), ("3.2:", 0x3_0002...Int64.max), ("le 3.3", Int64.min...0x3_0003),
        ] as [(String, ClosedRange<Int64>)])
    func versions(pattern: String, range: ClosedRange<Int64>) throws {
        let text = read(
            "frontend f\n mode tcp\n bind :443\n tcp-request content accept if { req.ssl_ver \(pattern) }\n")
        let rule = try #require(text.configuration.frontends.first?.sessionRules.first)
        let test = try #require(rule.condition?.alternatives.first?.first?.tests.first)
        #expect(test.matching == .number([range]))
        #expect(told("tcp-request content accept if { req.ssl_ver 3.x }") != nil)
    }

    @Test("tables are asked by what clients of mode tcp say first", arguments: ["tcp", "http"])
    func firstBytes(mode: String) {
        let text = read(
            """
            backend b
             mode \(mode)
             stick-table type string size 5
             stick on req.payload(0,0),mqtt_field_value(connect,client_identifier)
            """)
        let told = text.diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(
            mode == "tcp" ? told == [] : told.count == 1 && told[0].contains("not known there in mode http"))
        let rules = text.configuration.backends[BackendName("b")]?.persistence.stickRules
        #expect(rules?.first?.key.needs == .payload)
    }

    @Test("servers by rules, and rules about connections")
    func others() throws {
        let text = read(
            """
            frontend f
             mode tcp
             bind :443
             tcp-request inspect-delay 3s
             tcp-request content accept if { req.ssl_hello_type 1 }
             tcp-request content reject
             use_backend b if { req.ssl_sni -i a.test }
            backend b
             mode tcp
             server s 127.0.0.1:1
             use-server s if { src 10.0.0.0/8 }
            """)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        let frontend = try #require(text.configuration.frontends.first)
        #expect(frontend.timeouts.hello == 3_000)
        #expect(frontend.sessionRules.map(\.action) == [.accept, .reject])
        #expect(frontend.backendRules.first?.condition?.needs == .hello)
        #expect(text.configuration.backends[BackendName("b")]?.serverRules.map(\.target.known) == ["s"])
    }

    @Test(
        "what is wrong is told",
        arguments: [

            ("tcp-request connection set-var(req.a) src", "variables of the session (sess.)"),
            ("use_backend b if RDP_COOKIE", "needs the first bytes of a connection of mode tcp"),
            ("http-request lua.greet", "there is no Lua here"),
            ("http-request use-service lua.greet", "there is no Lua here"),
            ("http-request set-header X %[lua.x]", "there is no Lua here"),
            ("option external-check", "no programs are started here; 'agent-check' asks one"),
            ("use_backend b if nosuch", "no ACL is called 'nosuch' at column 19"),
            ("use_backend b if METHGET", "did you mean 'METH_GET'?"),
            ("use_backend b if { path /q", "'}' with a blank"),
            ("use_backend b if {path /q}", "expected a blank behind '{'"),
            ("use_backend b if a or", "on either side of 'or'"),
            ("use_backend b if or a", "on either side of 'or'"),
            ("use_backend b if !", "a condition behind '!' is missing"),
            ("use_backend b if", "a condition behind 'if' is missing"),
            ("use_backend b when a", "expected if, unless"),
            ("use_backend nob if a", "no backend is called 'nob'"),
            ("use_backend %[req.ssl_sni] if a", "needs a ClientHello that is passed through"),
            ("use_backend %[srcc] if a", "unknown keyword 'srcc'"),
            ("use_backend b if { req.ssl_sni a }", "needs a ClientHello that is passed through"),
            ("use_backend b if { path -x /a }", "expected -i, -f, -m"),
            ("use_backend b if { path -m foo /a }", "expected one of found"),
            ("use_backend b if { src 300.1.1.1 }", "expected an IPv4 or IPv6 address"),
            ("use_backend b if { src 10.0.0.0/33 }", "expected an IPv4 or IPv6 address"),
            ("use_backend b if { src 10.0.0.0/255.0.255.0 }", "expected an IPv4 or IPv6 address"),
            ("use_backend b if { hdr_cnt(x) abc }", "expected a number, a range"),
            ("use_backend b if { hdr_cnt(x) 3:1 }", "expected a number, a range"),
            ("use_backend b if { hdr_cnt(x) gt }", "a number behind 'gt' is missing"),
            ("use_backend b if { hdr_cnt(x) gt 1:2 }", "expected a number, a range"),
            ("use_backend b if { ssl_fc 1 }", "'1' and what follows it have no effect"),
            ("use_backend b if { ssl_fc -m ip 1.2.3.4 }", "can not be compared as ip"),
            ("use_backend b if { path -f /none }", "'/none'"),
            ("use_backend b if { pth_beg /a }", "unknown keyword 'pth_beg'"),
            ("use_backend b if { base32+src 5 }", "'-m' and how bytes are compared"),
            ("acl bad! path /", "expected a name of letters"),
            ("acl x", "a sample such as path"), ("acl or path /", "expected a name of letters"),
            ("acl x path_beg", "without a pattern it never matches"),
            ("tcp-request content rejcet", "did you mean 'reject'?"),
            (
                "tcp-request content switch-mode http",
                "'tcp-request content switch-mode' exists in HAProxy but not here yet"
            ),
        ])
    func refusals(line: String, expected: String) {
        let told = told(line)
        #expect(told?.contains(expected) == true, "\(told ?? "nothing")")
    }

    @Test(
        "where connections come from is said at each moment", arguments: ["connection", "session", "content"])
    func sources(moment: String) throws {
        for mode in ["http", "tcp"] {
            let text = read(
                "frontend f\n mode \(mode)\n timeout client 1s\n bind :1\n tcp-request \(moment) set-src src,ipmask(24)\n"
                    + " tcp-request \(moment) set-src-port int(5) if { src 10.0.0.1 }\n")
            #expect(text.isUsable && text.diagnostics.isEmpty, "\(text.diagnostics)")
            let front = try #require(text.configuration.frontends.first)
            let rules = front.openingRules.connection + front.openingRules.session + front.sessionRules
            #expect(rules.count + front.rules.content.count == 2)
            #expect(RoundTrip.differences(text, read(text.printed.text)) == [], "\(text.printed.text)")
        }
    }

    @Test("how important a line is, backends say of connections too")
    func levels() {
        let lines = " tcp-request content set-log-level silent\n tcp-response content set-log-level err\n"
        let back = "backend b\n mode tcp\n timeout server 1s\n timeout connect 1s\n"
        let text = read(back + lines)
        #expect(text.isUsable, "\(text.diagnostics)")
        #expect(RoundTrip.differences(text, read(text.printed.text)) == [], "\(text.printed.text)")
        #expect(
            told("tcp-request content set-log-level silent", mode: "tcp")?.contains("in their backends it is")
                == true)
        #expect(told("tcp-request content set-log-level silent", mode: "http") == nil)
        #expect(told("tcp-request session set-log-level silent", mode: "http") != nil)
    }

    @Test("what requests have is not asked of connections")
    func modes() {
        #expect(told("use_backend b if { path /a }", mode: "tcp")?.contains("needs a request") == true)
        let balanced = read("backend b\n mode tcp\n balance hash path\n").diagnostics.map(\.message)
        #expect(balanced.contains { $0.contains("needs a request, which mode tcp does not have") })
        let served = read("backend b\n mode http\n server s 127.0.0.1:1\n use-server t if TRUE\n").diagnostics
            .map(\.message)
        #expect(served.contains { $0.contains("no server is called 't'; did you mean 's'?") })
    }
}
