import Model

/// `stats`: the page of statistics of a section.
enum StatsDirectives {
    static let table = [
        Directive("stats enable") { _, proxy in proxy.statistics = proxy.statistics ?? StatisticsPage() },
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
            let word = try line.take("name:password")
            // What it is must not be told: it may be a secret.
            let parts = word.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw .conflict("the word at column \(word.column) is not of the form name:password")
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
        page("stats show-node") { line, page throws(Refusal) in
            guard let word = line.takeIfAny() else { return page.node = line.surroundings.hostName }
            let isName = word.bytes.allSatisfy { byte in
                (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
            guard isName else { throw .invalid(word, expected: "a name of letters, digits, '-' and '_'") }
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
            var page = proxy.statistics ?? StatisticsPage()
            try read(&line, &page)
            proxy.statistics = page
        }
    }
}
