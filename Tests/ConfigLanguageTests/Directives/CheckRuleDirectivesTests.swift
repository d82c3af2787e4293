import Model
import Testing

@testable import ConfigLanguage

@Suite("Directives: rules of checks")
struct CheckRuleDirectivesTests {
    private func section(_ lines: [String]) -> ConfigurationText {
        let text = lines.map { "    \($0)\n" }.joined()
        return read("backend b\n    mode http\n\(text)    server s 127.0.0.1:1 check\n")
    }

    private func steps(_ lines: String...) throws -> [TCPCheckStep] {
        let text = section(["option tcp-check"] + lines)
        #expect(text.isUsable, "\(text.diagnostics.map(\.description))")
        guard
            case .tcp(let steps)? = text.configuration.backends[BackendName("b")]?.servers.first?.check?.probe
        else { return [] }
        return steps
    }

    private func http(_ lines: String...) throws -> HTTPProbe {
        let text = section(["option httpchk"] + lines)
        #expect(text.isUsable, "\(text.diagnostics.map(\.description))")
        guard
            case .http(let probe)? = text.configuration.backends[BackendName("b")]?.servers.first?.check?
                .probe
        else { return HTTPProbe() }
        return probe
    }

    @Test("variables are set where their lines stand: before the request, or with the answer")
    func variables() throws {
        let probe = try http(
            "http-check set-var(check.a,ifnotset) str(x)", "http-check send meth GET uri-lf /%[var(check.a)]",
            "http-check set-var(check.b) res.hdr(x)", "http-check expect status 200",
            "http-check unset-var(check.b)")
        #expect(probe.preparations.map(\.variable) == [Variable(.check, "a")])
        #expect(probe.uriFormat != nil && probe.uri == "/")
        #expect(probe.steps.count == 3)
        guard case .change(let first) = probe.steps[0], case .change(let last) = probe.steps[2] else {
            Issue.record("changes stand around the expectation")
            return
        }
        #expect(first.variable == Variable(.check, "b"))
        #expect(last == .unset(Variable(.check, "b")))
    }

    @Test("values of fields are formats; a text that is none stays a text")
    func fields() throws {
        let probe = try http("http-check send hdr A plain hdr B 100%% hdr C %[srv_name] hdr Content-Length 5")
        #expect(probe.fields.map(\.name) == ["A", "B", "C"])
        #expect(probe.fields.map(\.value) == ["plain", "100%", ""])
        #expect(probe.fields.map { $0.format != nil } == [false, false, true])
    }

    @Test("the last of uri and uri-lf, and of body and body-lf, counts")
    func lastCounts() throws {
        let plain = try http("http-check send uri-lf /%[srv_name] uri /b body-lf x body y")
        #expect(plain.uri == "/b" && plain.uriFormat == nil && plain.body == "y" && plain.bodyFormat == nil)
    }

    @Test("fields of answers: names and values, each by its method")
    func fieldExpectations() throws {
        let probe = try http(
            "http-check expect hdr name X-A", "http-check expect ! fhdr name -m beg x- value -m reg ^a+$",
            "http-check expect hdr name-lf %[srv_name] value-lf -m end %[be_name]")
        let found = probe.expectations
        #expect(found[0].kind == .field(FieldExpectation(CheckMatch(.whole, "X-A"))))
        #expect(found[1].isNegated)
        #expect(
            found[1].kind
                == .field(
                    FieldExpectation(
                        CheckMatch(.beginning, "x-"), value: CheckMatch(.pattern, "^a+$"), isWhole: true)))
        guard case .field(let field) = found[2].kind else {
            Issue.record("a field")
            return
        }
        #expect(field.name.format != nil && field.value?.format != nil && field.value?.method == .end)
    }

    @Test("words about results stand before and behind what is looked for")
    func wording() throws {
        let steps = try steps(
            "tcp-check expect comment c ok-status l7okc string x error-status L6RSP tout-status L4TOUT",
            "tcp-check expect min-recv 3 !! rstring y on-success done on-error %[res.len] status-code res.len"
        )
        guard case .expect(let first) = steps[0], case .expect(let second) = steps[1] else {
            Issue.record("two expectations")
            return
        }
        #expect(first.wording.comment == "c" && first.wording.success == .passedConditionally)
        #expect(first.wording.failure == .handshakeFailed && first.wording.timeout == .connectTimeout)
        #expect(first.atLeast == nil && first.text == "x")
        #expect(second.atLeast == 3 && !second.isNegated)
        #expect(second.wording.successText?.plainText == "done" && second.wording.failureText != nil)
        #expect(second.wording.code != nil)
    }

    @Test("a bang may stand at its word")
    func bangs() throws {
        let steps = try steps(
            "tcp-check expect !string x", "tcp-check expect ! string x", "tcp-check expect !!string x")
        let negated = steps.map { if case .expect(let wanted) = $0 { wanted.isNegated } else { false } }
        #expect(negated == [true, true, false])
    }

    @Test("everything that is sent and expected over TCP")
    func overTCP() throws {
        let steps = try steps(
            "tcp-check comment one", "tcp-check send-lf %[srv_name]", "tcp-check send-binary-lf 0a comment x",
            "tcp-check expect rbinary ^0A", "tcp-check expect string-lf %[be_name]",
            "tcp-check expect binary-lf 0a0b",
            "tcp-check set-var(proc.n) res.len")
        #expect(steps.count == 7)
        #expect(steps[0] == .comment("one"))
        guard case .sendFormat(_, isHexadecimal: false) = steps[1],
            case .sendFormat(let format, isHexadecimal: true) = steps[2],
            case .expect(let pattern) = steps[3],
            case .expect(let text) = steps[4], case .expect(let binary) = steps[5], case .change = steps[6]
        else {
            Issue.record("steps of other kinds: \(steps)")
            return
        }
        #expect(format.plainText == "0a")
        #expect(pattern.kind == .hexadecimalPattern("^0A"))
        if case .format(_, let isHexadecimal) = text.kind { #expect(!isHexadecimal) }
        if case .format(_, let isHexadecimal) = binary.kind { #expect(isHexadecimal) }
    }

    @Test("a comment or a variable may stand in front of connect")
    func quietSteps() throws {
        #expect(
            try steps("tcp-check comment x", "tcp-check set-var(check.a) int(1)", "tcp-check connect").count
                == 3)
    }

    @Test("rules of defaults make way for a section's own, variables included")
    func inherited() throws {
        let text = read(
            """
            defaults
                mode http
                option httpchk
                http-check set-var(check.a) str(x)
                http-check expect hdr name a
            backend b
                server s 127.0.0.1:1 check
            backend c
                http-check expect status 204
                server s 127.0.0.1:1 check
            """)
        func probe(_ name: String) -> HTTPProbe? {
            guard
                case .http(let probe)? = text.configuration.backends[BackendName(name)]?.servers.first?.check?
                    .probe
            else { return nil }
            return probe
        }
        #expect(probe("b")?.preparations.count == 1 && probe("b")?.steps.count == 1)
        #expect(probe("c")?.preparations.isEmpty == true)
        #expect(probe("c")?.expectations.map(\.kind) == [.status([204...204])])
    }

    @Test(
        "what is wrong is told where it is",
        arguments: [
            ("http-check expect", "status, rstatus, string, rstring, string-lf, hdr or fhdr is missing"),
            (
                "http-check expect comment x",
                "status, rstatus, string, rstring, string-lf, hdr or fhdr is missing"
            ),
            ("http-check expect binary ff", "'binary' at column 23: expected status"),
            ("http-check expect status 200 status 201", "only one pattern is expected"),
            ("http-check expect hdr X-A", "expected name or name-lf"),
            ("http-check expect hdr name -m x y", "expected one of str, beg, end, sub, reg"),
            ("http-check expect hdr name-lf -m reg x", "'-m reg' takes no format"),
            ("http-check expect ok-status L7TOUT status 200", "expected one of L7OK, L7OKC, L6OK, L4OK"),
            (
                "http-check expect error-status L7OK status 200",
                "expected one of L7RSP, L7STS, L7OKC, L6RSP, L4CON"
            ),
            ("http-check expect tout-status L7RSP status 200", "expected one of L7TOUT, L6TOUT, L4TOUT"),
            ("http-check expect status-code src status 200", "needs a connection"),
            ("http-check expect on-error %[path] status 200", "needs a request"),
            ("http-check send hdr X %[req.hdr(a)]", "needs a request"),
            ("http-check send hdr X", "its value is missing"),
            ("http-check send uri-lf %[nosuch]", "'nosuch'"),
            ("http-check send hdr X %[nbsrv(b)]", "in checks"),
            ("http-check send hdr X %[date(0,ms)]", "in checks"),
            ("http-check expect on-error %[res.ver] status 200", "in checks"),
            ("http-check set-var(sess.x) str(a)", "expected a variable of the check, check.name"),
            ("http-check set-var(check.x) nbsrv(b)", "in checks"),
            ("http-check set-var(check.x) srv_name,table_gpc0(b)", "in checks"),
            ("http-check set-var(check.x) srv_name,in_table(b)", "in checks"),
            ("http-check send hdr X %[srv_name,table_gpc0(b)]", "in checks"),
            ("tcp-check expect string-lf %[srv_name,in_table(b)]", "in checks"),
            ("http-check set-var", "a variable in parentheses"),
            ("tcp-check set-var(check.x) path", "needs a request"),
            ("http-check set-vra(check.x) str(a)", "unknown keyword"),
            ("tcp-check expect custom", "is for checks that HAProxy makes itself"),
            ("tcp-check expect min-recv 99999 string x", "expected -1, or a number of bytes up to 16384"),
            ("tcp-check expect ! comment x string y", "'comment' at column 24: expected string"),
            ("tcp-check send-lf %[status]", "needs an answer"),
            ("tcp-check send-lf", "a format"),
            ("tcp-check send-lf a b", "unexpected word at column"),
            ("tcp-check comment", "a comment is missing"),
        ])
    func refusals(line: String, expected: String) throws {
        let messages = section([line]).diagnostics.map(\.message)
        #expect(messages.contains { $0.contains(expected) }, "\(messages)")
    }
}
