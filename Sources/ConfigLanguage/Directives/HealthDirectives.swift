import Model

/// `option httpchk` and its like, `http-check`, `timeout check`: what servers are asked.
enum HealthDirectives {
    static let table =
        [
            Directive("timeout check") { line, proxy throws(Refusal) in
                proxy.check.timeout = try line.time()
            },
            Directive("http-check send") { line, proxy throws(Refusal) in
                try readRequest(&line, &proxy.check.http)
                proxy.check.isAskedAlready = true
            },
            Directive("http-check expect") { line, proxy throws(Refusal) in
                let expectation = try httpExpectation(&line)
                proxy.check.beginRules()
                proxy.check.http.steps.append(.expect(expectation))
                proxy.check.isAskedAlready = true
            },
            Directive("http-check disable-on-404") { _, proxy in proxy.check.http.drainsOn404 = true },
            Directive("http-check send-state") { _, proxy in proxy.check.http.sendsState = true },
            Directive("http-check comment") { line, _ in line.skipRest() },
            Directive("http-check connect") { line, proxy throws(Refusal) in
                try readConnect(&line, &proxy.check)
            },
        ] + TCPCheckDirectives.table + CheckRuleDirectives.table

    /// Probes that need no more than a word.
    static let plain: KeyValuePairs<String, HealthProbe> = [
        "redis-check": .redis, "ldap-check": .ldap, "ssl-hello-chk": .tls,
    ]

    static let options: [ProxyOption] =
        plain.map { name, probe in
            ProxyOption(name) { isOn, _, proxy in proxy.check.kind = isOn ? .other(probe) : .connect }
        } + [
            ProxyOption("httpchk") { isOn, line, proxy throws(Refusal) in
                guard isOn else { return proxy.check.kind = .connect }
                proxy.check.kind = .http
                try readRequestLine(&line, &proxy.check.http)
            },
            ProxyOption("tcp-check") { isOn, _, proxy in proxy.check.kind = isOn ? .tcp : .connect },
            ProxyOption("smtpchk") { isOn, line, proxy throws(Refusal) in
                guard isOn else { return proxy.check.kind = .connect }
                guard line.next != nil else {
                    return proxy.check.kind = .other(.smtp(hello: "HELO localhost"))
                }
                let hello = try line.choice(["HELO": "HELO", "EHLO": "EHLO"])
                let name = try line.take("a domain").text
                proxy.check.kind = .other(.smtp(hello: "\(hello) \(name)"))
            },
            ProxyOption("mysql-check") { isOn, line, proxy throws(Refusal) in
                guard isOn else { return proxy.check.kind = .connect }
                var login: MySQLLogin?
                if line.takes("user") {
                    login = MySQLLogin(user: try line.take("a user").text)
                    if line.next != nil {
                        login?.isBefore41 = try line.choice(["post-41": false, "pre-41": true])
                    }
                }
                proxy.check.kind = .other(.mysql(login))
            },
            ProxyOption("pgsql-check") { isOn, line, proxy throws(Refusal) in
                guard isOn else { return proxy.check.kind = .connect }
                guard line.takes("user") else { throw .missing(expected: "'user NAME'") }
                proxy.check.kind = .other(.postgreSQL(user: try line.take("a user").text))
            },
        ]

    /// `option httpchk [[METHOD] URI [VERSION]]`. Fields smuggled behind the version are taken as HAProxy 2.6 took them.
    private static func readRequestLine(_ line: inout LineReader, _ probe: inout HTTPProbe) throws(Refusal) {
        guard let first = line.takeIfAny() else { return }
        guard let second = line.takeIfAny() else { return probe.uri = first.text }
        (probe.method, probe.uri) = (first.text, second.text)
        guard let third = line.takeIfAny() else { return }
        // Fields may be secrets.
        if third.bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) { line.keepSecret() }
        let parts = third.text.split(separator: "\r\n", omittingEmptySubsequences: true)
        probe.version = try version(third, parts.first.map(String.init) ?? "")
        guard parts.count > 1 else { return }
        line.warn("fields behind the version are better written as 'http-check send hdr NAME VALUE'")
        for part in parts.dropFirst() {
            guard let colon = part.firstIndex(of: ":") else {
                throw .invalid(third, expected: "fields as NAME: VALUE")
            }
            let value = part[part.index(after: colon)...].drop { $0 == " " }
            probe.fields.append(.init(String(part[..<colon]), String(value)))
        }
    }

    private static func version(_ word: Word, _ text: String) throws(Refusal) -> String {
        guard text == "HTTP/1.0" || text == "HTTP/1.1" else {
            throw .invalid(word, expected: "HTTP/1.0 or HTTP/1.1")
        }
        return text
    }

    private static func readRequest(_ line: inout LineReader, _ probe: inout HTTPProbe) throws(Refusal) {
        while let word = line.takeIfAny() {
            switch word.text {
            case "meth": probe.method = try line.take("a method").text
            case "uri": (probe.uri, probe.uriFormat) = (try line.take("a URI").text, nil)
            case "ver":
                let version = try line.take("HTTP/1.0 or HTTP/1.1")
                // What HTTP/2 is asked in says no version, and HTTP/1 has no such one.
                if ["HTTP/2", "HTTP/2.0"].contains(version.text) {
                    probe.version = "HTTP/1.1"
                    continue
                }
                probe.version = try Self.version(version, version.text)
            case "hdr":
                let name = try line.take("the name of a field").text
                if ChangeKeywords.isSecret(name) { line.keepSecret() }
                let field = try field(name, &line)
                // They are the request's own.
                guard !["content-length", "transfer-encoding"].contains(name.lowercased()) else { continue }
                probe.fields.append(field)
            case "body": (probe.body, probe.bodyFormat) = (try line.takeSecret("a body").text, nil)
            case "uri-lf": probe.uriFormat = try CheckRuleDirectives.format(&line, CheckRuleDirectives.http)
            case "body-lf":
                line.keepSecret()
                probe.bodyFormat = try CheckRuleDirectives.format(&line, CheckRuleDirectives.http)
            case "comment": _ = try line.take("a comment")
            default: throw .invalid(word, expected: "meth, uri, uri-lf, ver, hdr, body, body-lf or comment")
            }
        }
    }

    private static func field(_ name: String, _ line: inout LineReader) throws(Refusal) -> HTTPProbe.Field {
        guard line.next?.bytes.isEmpty == false else { throw .missing(expected: "its value") }
        let format = try CheckRuleDirectives.format(&line, CheckRuleDirectives.http)
        guard let text = format.plainText else { return HTTPProbe.Field(name, "", format: format) }
        return HTTPProbe.Field(name, text)
    }

    private static func readConnect(_ line: inout LineReader, _ check: inout CheckDraft) throws(Refusal) {
        check.beginRules()
        guard check.httpConnection == nil else {
            throw .unsupported("a second connection", instead: "one of a check is")
        }
        if check.isAskedAlready { throw .conflict("it stands in front of 'http-check send' and 'expect'") }
        check.httpConnection = try CheckConnectionDraft.read(&line)
    }

    private static func httpExpectation(_ line: inout LineReader) throws(Refusal) -> HTTPExpectation {
        var reader = ExpectationReader(of: CheckRuleDirectives.http)
        let kind = try reader.read(&line, "status, rstatus, string, rstring, string-lf, hdr or fhdr") {
            word, line throws(Refusal) -> HTTPExpectation.Kind? in
            switch word.text {
            case "status": .status(try statuses(line.take("a list of statuses")))
            case "rstatus": .statusPattern(try pattern(&line))
            case "string": .text(try line.take("a text").text)
            case "rstring": .pattern(try pattern(&line))
            case "string-lf": .format(try CheckRuleDirectives.format(&line, CheckRuleDirectives.http))
            case "hdr", "fhdr": .field(try field(&line, isWhole: word.text == "fhdr"))
            default: nil
            }
        }
        var expectation = HTTPExpectation(kind, isNegated: reader.isNegated)
        expectation.wording = reader.wording
        return expectation
    }

    /// `name [-m METHOD] NAME [value [-m METHOD] VALUE]`, with `-lf` behind `name` and `value` for formats.
    private static func field(_ line: inout LineReader, isWhole: Bool) throws(Refusal) -> FieldExpectation {
        let expected = "name or name-lf, and the name of a field"
        let word = try line.take(expected)
        guard ["name", "name-lf"].contains(word.text) else { throw .invalid(word, expected: expected) }
        var field = FieldExpectation(try match(&line, isFormat: word.text == "name-lf"), isWhole: isWhole)
        if let next = line.next, ["value", "value-lf"].contains(next.text) {
            line.skip()
            field.value = try match(&line, isFormat: next.text == "value-lf")
        }
        return field
    }

    private static func match(_ line: inout LineReader, isFormat: Bool) throws(Refusal) -> CheckMatch {
        var method = CheckMatch.Method.whole
        if line.takes("-m") {
            let expected = CheckMatch.Method.allCases.map(\.rawValue).joined(separator: ", ")
            let word = try line.take("one of \(expected)")
            guard let found = CheckMatch.Method(rawValue: word.text) else {
                throw .invalid(word, expected: "one of \(expected)")
            }
            method = found
        }
        guard isFormat else {
            return CheckMatch(method, method == .pattern ? try pattern(&line) : try line.take("a text").text)
        }
        guard method != .pattern else { throw .conflict("'-m reg' takes no format") }
        return CheckMatch(method, "", format: try CheckRuleDirectives.format(&line, CheckRuleDirectives.http))
    }

    /// A regular expression.
    static func pattern(_ line: inout LineReader) throws(Refusal) -> String {
        let word = try line.take("a regular expression")
        guard line.surroundings.isPattern(word.text) else {
            throw .invalid(word, expected: "a regular expression")
        }
        return word.text
    }

    /// `200,201-204`.
    private static func statuses(_ word: Word) throws(Refusal) -> [ClosedRange<UInt16>] {
        var ranges: [ClosedRange<UInt16>] = []
        for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2, let first = UInt16(ends[0]), let last = UInt16(ends[ends.count - 1]),
                first <= last
            else { throw .invalid(word, expected: "statuses such as 200,201-204") }
            ranges.append(first...last)
        }
        return ranges
    }
}
