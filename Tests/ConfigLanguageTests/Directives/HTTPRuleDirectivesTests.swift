import Model
import Testing

@testable import ConfigLanguage

@Suite("Rules about messages in the configuration language")
struct HTTPRuleDirectivesTests {
    private static let page = "HTTP/1.1 403 Nope\r\nContent-Length: 2\r\n\r\nno"

    private func rules(_ lines: String) throws -> HTTPRules {
        let text = read(
            "frontend f\n mode http\n bind :80\n\(lines)\n", files: ["page": .file(Array(Self.page.utf8))])
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return try #require(text.configuration.frontends.first).rules
    }

    private func action(_ words: String) throws -> HTTPAction? {
        try rules(" http-request \(words)").request.first?.action
    }

    private func told(_ line: String, section: String = "frontend f", mode: String = "http") -> String? {
        read("\(section)\n mode \(mode)\n \(line)\n").diagnostics.first { $0.location?.line == 3 }?.message
    }

    private func own(_ status: UInt16, _ body: String, fields: [ErrorPage.Field] = []) -> RuleAnswer {
        var page = ErrorPage(
            status: status, contentType: body.isEmpty ? "" : "text/plain", body: Array(body.utf8))
        page.fields += fields
        return .own(page, loggedAs: status)
    }

    @Test("time-outs towards servers are set in backends, those of clients in frontends")
    func timeouts() throws {
        let told = { self.told($0, section: "backend b") }
        #expect(told("http-request set-timeout server 5s") == nil)
        #expect(told("http-request set-timeout tunnel int(7)") == nil)
        #expect(self.told("http-request set-timeout client 5s") == nil)
        #expect(self.told("http-request set-timeout client int(7)", section: "listen l") == nil)
        #expect(told("http-request set-timeout client 5s")?.contains("stands in a frontend") == true)
        #expect(told("http-request set-timeout queue 5s")?.contains("client, server or tunnel") == true)
        #expect(told("http-request set-timeout server 0")?.contains("above 0") == true)
        #expect(told("http-request set-timeout server") != nil)
        #expect(self.told("http-request set-timeout server 5s")?.contains("stands in a backend") == true)
    }

    @Test("a body is waited for as long as the rule says")
    func bodies() throws {
        #expect(try action("wait-for-body time 5s") == .waitForBody(BodyWait(time: 5_000)))
        #expect(
            try action("wait-for-body at-least 1k time 300 if METH_POST")
                == .waitForBody(BodyWait(time: 300, least: 1_024)))
        #expect(told("http-request wait-for-body")?.contains("'time' and how long is missing") == true)
        #expect(told("http-request wait-for-body time") != nil)
        #expect(told("http-response set-header a %[req.body]")?.contains("a request's body") == true)
        #expect(
            told("tcp-request content reject if { req.body_len 1 }")?.contains("a request's body") == true)
    }

    @Test("an answer's body is waited for, and seen where answers are")
    func bodiesOfAnswers() throws {
        let rules = try rules(
            " http-response wait-for-body time 1s at-least 1k if { status 200 }\n"
                + " http-response deny if { res.body -m sub x } or { res.body_len gt 5 } or { res.body_size 7 }"
        )
        #expect(rules.response.first?.action == .waitForBody(BodyWait(time: 1_000, least: 1_024)))
        #expect(told("http-response wait-for-body at-least 5")?.contains("'time' and how long") == true)
        #expect(told("http-after-response set-header a %[res.body_len]") == nil)
        #expect(told("http-request set-header a %[res.body]")?.contains("an answer's body") == true)
        #expect(told("http-after-response wait-for-body time 1s") != nil)
        #expect(told("log-format %[res.body_len]")?.contains("an answer") == true)
    }

    @Test("targets are brought into forms", arguments: TargetNormalizer.allCases)
    func normalizers(normalizer: TargetNormalizer) throws {
        #expect(try action("normalize-uri \(normalizer.rawValue) if METH_GET") == .normalize(normalizer))
        #expect(told("http-request normalize-uri path-strip-dots")?.contains("'path-strip-dot'") == true)
        #expect(told("http-request normalize-uri path-strip-dot full") != nil)
        #expect(told("http-request normalize-uri") != nil)
        #expect(told("http-response normalize-uri path-strip-dot") != nil)
    }

    @Test("requests and connections are set apart")
    func settings() throws {
        let one = { ConnectionSetting($0, Expression(integer: $1)) }
        #expect(try action("set-tos 0x2e") == .adjust(one(.clientTOS, 46)))
        #expect(try action("set-mark 4294967295 if METH_GET") == .adjust(one(.clientMark, 4_294_967_295)))
        #expect(try action("set-bc-tos 8") == .adjust(one(.serverTOS, 8)))
        #expect(try action("set-priority-class int(-5)") == .adjust(one(.priorityClass, -5)))
        let offset = ConnectionSetting(
            .priorityOffset, try Expression(.requestField(FieldPick("x", as: .integer))))
        #expect(try action("set-priority-offset req.hdr_val(x)") == .adjust(offset))
        #expect(told("http-request set-tos 256")?.contains("0 to 255") == true)
        #expect(told("http-request set-mark 0xg")?.contains("0x in hexadecimal") == true)
        #expect(told("http-request set-priority-class src")?.contains("no number") == nil)
        #expect(told("http-response set-priority-class int(1)") != nil)
        #expect(told("tcp-request connection set-tos 8") == nil)
        #expect(told("tcp-request session set-bc-tos 8") != nil)
        #expect(told("http-request set-nice 5 if METH_GET")?.contains("same share") == true)
        #expect(told("http-request set-nice x") != nil)
        #expect(try action("strict-mode on if METH_GET") == .setStrictness(true))
        #expect(try action("strict-mode off") == .setStrictness(false))
        for place in ["http-response", "http-after-response"] {
            #expect(told("\(place) strict-mode off") == nil)
        }
        #expect(told("http-request strict-mode maybe") != nil)
    }

    @Test("refusals are pages of the section unless they say what they answer")
    func refusals() throws {
        #expect(try action("deny") == .deny(.page(403)))
        #expect(try action("deny deny_status 429") == .deny(.page(429)))
        #expect(try action("deny status 404") == .deny(own(404, "")))
        #expect(
            try action("deny deny_status 404 content-type text/plain string a\\ b") == .deny(own(404, "a b")))
        #expect(try action("deny status 429 default-errorfiles") == .deny(.page(429)))
        #expect(try action("tarpit") == .tarpit(.page(500)))
        let page = try ErrorPage(file: Array(Self.page.utf8))
        #expect(try action("deny deny_status 401 errorfile page") == .deny(.own(page, loggedAs: 401)))
    }

    @Test("answers have 200, a body and fields of their own")
    func answers() throws {
        #expect(try action("return") == .answer(own(200, "")))
        #expect(try action("return status 503 default-errorfiles") == .answer(.page(503)))
        #expect(
            try action("deny deny_status 429 errorfile /dev/null") == .deny(.own(.silence, loggedAs: 429)))
        #expect(
            try action("return status 201 content-type text/plain string hi hdr X-A 50%%")
                == .answer(own(201, "hi", fields: [.init("X-A", "50%")])))
    }

    @Test("redirections, by either keyword")
    func redirections() throws {
        var expected = Redirect(.prefix, to: "http://o")
        (expected.status, expected.dropsQuery, expected.appendsSlash) = (301, true, true)
        expected.cookie = "A=b; path=/;"
        let words = "prefix http://o code 301 drop-query append-slash set-cookie A=b"
        #expect(try action("redirect \(words)") == .redirect(expected))
        #expect(try rules(" redirect \(words) if TRUE").redirects.first?.action == .redirect(expected))
        #expect(
            try rules(" redirect location /%%").redirects.first?.action
                == .redirect(Redirect(.location, to: "/%%")))
        #expect(try action("redirect location /%%") == .redirect(Redirect(.location, to: "/%")))
    }

    private func format(_ text: String) -> FormatString { FormatString([.text(Array(text.utf8))]) }

    @Test("changes of requests")
    func changes() throws {
        let path = FormatString([.sample(try Expression(.ofRequest(.path)), .encoded)])
        #expect(try action("set-header X-A \"%[path]\"") == .change(.setField("X-A", path)))
        #expect(try action("add-header X-A 50%%") == .change(.addField("X-A", format("50%"))))
        #expect(try action("del-header X-A") == .change(.removeFields(.text(.exact, "X-A"))))
        #expect(try action("del-header x- -m beg") == .change(.removeFields(.text(.prefix, "x-"))))
        #expect(try action("del-header ^x -m reg if TRUE") == .change(.removeFields(.regex("^x"))))
        #expect(
            try action("replace-value X-A a b")
                == .change(.replaceField("X-A", pattern: "a", format("b"), isEachValue: true)))
        #expect(try action("set-uri /x") == .change(.setTarget(.url, format("/x"))))
        #expect(try action("set-query x") == .change(.setTarget(.query, format("x"))))
        #expect(
            try action("replace-pathq a b")
                == .change(.replaceTarget(.pathAndQuery, pattern: "a", format("b"))))
        #expect(try action("set-method PUT") == .change(.setMethod(format("PUT"))))
        var redirect = Redirect(.location, to: path)
        redirect.ignoresEmpty = true
        #expect(try action("redirect location %[path] ignore-empty") == .redirect(redirect))
    }

    @Test("rules about answers, and what they can be asked of")
    func answersOfServers() throws {
        let rules = try rules(
            " http-response deny if { status 500:599 } { res.hdr(x-a) -m found }\n http-response set-header X-A %[res.hdr(x-b,1)]\n"
                + " http-response allow\n http-response return status 404 content-type text/plain string hi"
        ).response
        #expect(rules.count == 4)
        #expect(rules[0].action == .deny(.page(502)))
        #expect(rules[0].condition?.needs == .response)
        #expect(rules[1].action.needs == .response)
        #expect(rules[2].action == .allow)
        #expect(rules[3].action == .answer(own(404, "hi")))
    }

    @Test("a monitor is the first rule of a frontend, and of defaults too")
    func monitor() throws {
        let text = read(
            "defaults\n mode http\n monitor-uri /up\nlisten f\n bind :80\n http-request reject\n monitor fail if TRUE\n"
        )
        let frontend = try #require(text.configuration.frontends.first)
        guard case .monitor(let failing) = frontend.rules.request.first?.action else {
            Issue.record("no monitor")
            return
        }
        #expect(failing.count == 1)
        #expect(frontend.rules.request.map(\.action).last == .reject)
        #expect(frontend.isListen)
        #expect(text.configuration.backends[BackendName("f")]?.rules.request.count == 1)
    }

    @Test("a tarpit lasts as long as a connection may take where there are servers, else not at all")
    func tarpit() throws {
        let text = read(
            "defaults\n mode http\n timeout connect 3s\nfrontend f\n bind :80\nbackend b\nbackend c\n timeout tarpit 1s\n"
        )
        #expect(text.configuration.frontends.first?.timeouts.tarpit == 0)
        #expect(text.configuration.backends[BackendName("b")]?.timeouts.tarpit == 3_000)
        #expect(text.configuration.backends[BackendName("c")]?.timeouts.tarpit == 1_000)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("http-request", "what happens"), ("http-request dney", "did you mean 'deny'?"),
            ("http-request pause 3s", "exists in HAProxy but not here yet"),
            ("http-request deny deny_status 418", "there is no page for status 418"),
            ("http-request deny deny_status 42", "a status from 200 to 599"),
            ("http-request deny foo", "unexpected 'foo'"),
            ("http-request deny if", "a condition behind 'if'"),
            ("http-request return string x", "content-type is missing"),
            ("http-request return status 204 content-type a/b string x", "has no body"),
            ("http-request return content-type a/b string x file y", "'y'"),
            ("http-request return content-type a/b string x string y", "there is one body"),
            ("http-request return errorfile nothere", "no such file"),
            ("http-request return hdr X:A 1", "is no header field"),
            ("http-request redirect", "location, prefix or scheme"),
            ("http-request redirect location", "where to"),
            ("http-request redirect locaton /", "did you mean 'location'?"),
            ("http-request redirect location / code 304", "one of 301, 302, 303, 307 and 308"),
            ("http-request redirect location \"/a\\nb\"", "no control characters"),
            ("http-request deny if { be_name b }", "needs a backend"),
            ("http-request set-header X-A %[be_name]", "needs a backend"),
            ("http-request set-header X-A", "a format such as"),
            ("http-request set-header X:A 1", "the name of a header field"),
            ("http-request set-header X-A %[nope]", "nope"),
            ("http-request replace-header X-A", "a regular expression"),
            ("http-request del-header a -m len", "str, beg, end, sub or reg"),
            ("http-request set-header Connection close", "sent to nobody"),
            ("http-request set-method", "a format such as"),
            ("http-response set-path /", "unknown keyword 'set-path'"),
            ("http-response pause 3", "not here yet"), ("http-response dney", "did you mean 'deny'?"),
            ("http-response deny if { path / }", "needs a request"),
            ("http-request deny if { status 200 }", "needs an answer"),
            ("http-response set-header X %[req.hdr(x)]", "needs a request"), ("monitor-uri", "is missing"),
            ("monitor fail", "is missing"), ("http-request silent-drop rst-ttl 3", "not here yet"),
        ])
    func mistakes(line: String, expected: String) {
        #expect(told(line)?.contains(expected) == true, "\(told(line) ?? "nothing")")
    }

    @Test("mode tcp and defaults have no rules about messages")
    func elsewhere() {
        #expect(told("http-request deny", mode: "tcp")?.contains("needs mode http") == true)
        #expect(told("http-request deny", section: "defaults")?.contains("only if that has a name") == true)
        #expect(
            told("redirect location /", section: "backend b", mode: "tcp")?.contains("needs mode http")
                == true)
    }

    @Test("a rule behind a redirect is told that it comes before")
    func misleadingOrder() {
        let text = findings("frontend f\n mode http\n redirect location /\n http-request deny\n")
        #expect(text.contains { $0.contains("asked before it all the same") })
    }
}
