import Testing

@testable import ConfigLanguage

@Suite("Diagnostics of the configuration language")
struct DiagnosticsTests {
    /// What one line in a frontend, or elsewhere, is told.
    private func told(_ line: String, in section: String = "frontend f") -> String? {
        findings("\(section)\n \(line)\n").first { $0.hasPrefix("t.cfg:2: ") }
            .map { String($0.dropFirst("t.cfg:2: ".count)) }
    }

    @Test(
        "an unknown word names the nearest one",
        arguments: [
            (
                "frontend f", "tiemout client 4s",
                "unknown keyword 'tiemout' at column 2; did you mean 'timeout'?"
            ),
            ("frontend f", "timeout clinet 4s", "did you mean 'timeout client'?"),
            ("frontend f", "option forwardfro", "did you mean 'forwardfor'?"),
            ("frontend f", "bind :80 sll", "did you mean 'ssl'?"),
            ("backend b", "server a 127.0.0.1:1 wieght 3", "did you mean 'weight'?"),
            ("backend b", "blance leastconn", "did you mean 'balance'?"),
            ("global", "nbthred 3", "did you mean 'nbthread'?"),
        ])
    func nearest(section: String, line: String, expected: String) {
        #expect(
            told(line, in: section)?.contains(expected) == true, "\(told(line, in: section) ?? "nothing")")
    }

    @Test(
        "a word of HAProxy that is not here says so",
        arguments: [
            ("frontend f", "force-be-switch x"),
            ("frontend f", "filter spoe engine x config y"), ("backend b", "use-fcgi-app x"),
            ("backend b", "option external-check"), ("backend b", "server a 127.0.0.1:1 check-via-socks4"),
            ("frontend f", "bind :80 tcp-md5sig x"), ("global", "lua-load x.lua"),
        ])
    func unsupported(section: String, line: String) {
        let text = told(line, in: section)
        #expect(text?.contains("exists in HAProxy but not here yet") == true, "\(text ?? "nothing")")
        #expect(text?.hasPrefix("error: ") == true)
    }

    @Test(
        "wrong words say what was expected and where",
        arguments: [
            ("timeout client", "'timeout client': a time such as 500ms, 10s, 5m, 1h or 1d is missing"),
            ("timeout client 3s 4s", "'timeout client': unexpected '4s' at column 20"),
            ("timeout client 0.5s", "'0.5s' at column 17: expected a time"),
            ("timeout client 100d", "'100d' at column 17: expected at most 24 days"),
            ("mode htpp", "'htpp' at column 7: expected one of http, tcp"),
            ("bind", "'bind': an address and a port, e.g. *:80 is missing"),
            ("bind 1.2.3.4", "expected a port behind the address"),
            ("bind 1.2.3.4:99999", "'1.2.3.4:99999' at column 7: expected an address and a port"),
            ("bind udp@:1", "'udp@' exists in HAProxy but not here yet"),
            ("bind :80 ssl crt none.pem", "crt 'none.pem': no such file"),
            ("server a 127.0.0.1:1", "a frontend has no servers"),
            ("balance roundrobin", "warning: 'balance': ignored, as a frontend has no servers"),
            ("reqadd X", "HAProxy has given it up; today one writes 'http-request add-header'"),
            ("no bind :80", "'no' stands in front of 'option' and 'log' only"),
            ("no option forwardfor", "'no' and 'default' can not stand in front of it"),
            ("\"", "a quote is not closed at column 2"),
        ])
    func wrong(line: String, expected: String) {
        let text = told(line)
        #expect(text?.contains(expected) == true, "\(text ?? "nothing")")
    }

    @Test("a section that is not there is refused once, not line by line")
    func section() {
        let found = findings("mailers m\n mailer a 127.0.0.1:1\n foo\nfcgi-app a\n docroot /srv\n")
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.contains("exists in HAProxy but not here yet") })
    }

    @Test("a name that is taken, an unknown backend and an unknown parent are errors")
    func names() {
        let found = findings(
            """
            frontend f
            frontend f
            listen f
            backend b from nothing
            frontend g
                mode http
                bind :1
                default_backend bb
            backend b
                server a 127.0.0.1:1
                server a 127.0.0.1:2
            """)
        for expected in [
            "t.cfg:2: error: 'frontend': 'f' is the name of the frontend of t.cfg:1 already",
            "t.cfg:3: error:", "no defaults section is called 'nothing'",
            "no backend is called 'bb'; did you mean 'b'?", "has the name of the one of t.cfg:10",
        ] {
            #expect(found.contains { $0.contains(expected) }, "\(expected) in \(found)")
        }
    }

    @Test("a line before the first section is an error, and so is a mode that is not there")
    func places() {
        #expect(findings("mode http\n")[0].contains("it stands before the first section"))
        #expect(
            findings("frontend f\n mode log\n").contains {
                $0.contains("'mode log' exists in HAProxy but not here")
            })
    }
}

@Suite("Known keywords")
struct KnownKeywordsTests {
    @Test("every directive of ours is one of HAProxy's")
    func directives() {
        #expect(DirectiveTable.proxy.keys.filter { KeywordSections.proxy[$0] == nil }.sorted() == [])
        #expect(DirectiveTable.options.keys.filter { KeywordSections.options[$0] == nil }.sorted() == [])
        #expect(DirectiveTable.global.keys.filter { !KnownKeywords.global.contains($0) }.sorted() == [])
        #expect(ServerDirectives.keywords.map(\.name).filter { !KnownKeywords.server.contains($0) } == [])
        #expect(BindDirectives.keywords.map(\.name).filter { !KnownKeywords.bind.contains($0) } == [])
    }

    @Test("no keyword is in a table twice")
    func unique() {
        #expect(Set(ServerDirectives.keywords.map(\.name)).count == ServerDirectives.keywords.count)
        #expect(Set(BindDirectives.keywords.map(\.name)).count == BindDirectives.keywords.count)
    }
}
