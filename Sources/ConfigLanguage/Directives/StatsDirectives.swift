import Model

/// `stats`: the page of statistics of a section.
enum StatsDirectives {
    static let table = [
        page("stats enable") { _, _ in },
        Directive("stats admin") { line, proxy throws(Refusal) in
            guard let condition = try line.condition(proxy.accessLists) else {
                throw .missing(expected: "if or unless, and a condition,")
            }
            change(&proxy) { $0.admins.append(condition) }
            proxy.statisticsLine = line.place
        },
        Directive("stats http-request") { line, proxy throws(Refusal) in
            let rule = try access(&line, proxy)
            if let last = proxy.statistics?.access.last, last.condition == nil {
                line.warn("the rule before it applies to all requests: this one is never asked")
            }
            change(&proxy) { $0.access.append(rule) }
            proxy.statisticsLine = line.place
        },
        page("stats uri") { line, page throws(Refusal) in
            page.uri = try line.take("an address such as /stats").text
        },
        page("stats realm") { line, page throws(Refusal) in
            let word = try line.take("a text")
            guard word.bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) else {
                throw .invalid(word, expected: "a text of ASCII without quotation marks and backslashes")
            }
            page.realm = word.text
        },
        page("stats auth") { line, page throws(Refusal) in
            let word = try line.takeSecret("name:password")
            let parts = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw .invalid(word, expected: "name:password")
            }
            page.users.append(UserList.User(String(parts[0]), .plain(String(parts[1]))))
        },
        page("stats refresh") { line, page throws(Refusal) in
            page.refresh = try line.time(unit: .seconds) / 1_000
        },
        page("stats scope") { line, page throws(Refusal) in
            page.scope.append(try line.take("the name of a section, or '.'").text)
        },
        page("stats hide-version") { _, page in page.hidesVersion = true },
        page("stats show-version") { _, page in page.hidesVersion = false },
        page("stats show-legends") { _, page in page.showsLegends = true },
        page("stats show-modules") { _, page in page.showsModules = true },
        page("stats show-node") { line, page throws(Refusal) in
            guard let word = line.takeIfAny() else { return page.node = line.surroundings.hostName }
            guard word.isName("-_") else {
                throw .invalid(word, expected: "a name of letters, digits, '-' and '_'")
            }
            page.node = word.text
        },
        page("stats show-desc") { line, page in
            page.description = line.rest.map(\.text).joined(separator: " ")
            line.skipRest()
        },
    ]

    private static func page(
        _ name: String,
        _ read: @escaping @Sendable (inout LineReader, inout StatisticsPage) throws(Refusal) -> Void
    ) -> Directive {
        Directive(name) { line, proxy throws(Refusal) in
            var page = own(proxy)
            try read(&line, &page)
            (proxy.statistics, proxy.inheritsStatistics) = (page, false)
        }
    }

    /// Whatever a section says of it is said of a page of its own: nothing of that of its `defaults` is left.
    private static func own(_ proxy: Proxy) -> StatisticsPage {
        proxy.inheritsStatistics ? StatisticsPage() : proxy.statistics ?? StatisticsPage()
    }

    private static func change(_ proxy: inout Proxy, _ body: (inout StatisticsPage) -> Void) {
        var page = own(proxy)
        body(&page)
        (proxy.statistics, proxy.inheritsStatistics) = (page, false)
    }

    private static func access(_ line: inout LineReader, _ proxy: Proxy) throws(Refusal) -> HTTPRule {
        let word = try line.take("what happens: allow, deny or auth")
        line.subject += " \(word.text)"
        let action: HTTPAction
        switch word.text {
        case "allow": action = .allow
        case "deny": action = .deny(try AnswerKeywords.refusal(&line, status: 403))
        case "auth":
            action = .authenticate(
                realm: line.takes("realm") ? try line.take("a realm's name").text : StatisticsPage().realm)
        default: throw .invalid(word, expected: "allow, deny or auth")
        }
        return HTTPRule(action, when: try line.condition(proxy.accessLists))
    }
}
