import Model

/// `acl`, `use_backend`, `use-server`, and what `tcp-request` says of connections.
enum RuleDirectives {
    static let table = [
        Directive("acl") { line, proxy throws(Refusal) in
            try refuseInDefaults(proxy)
            let name = try name(&line)
            var reader = TestReader(line.surroundings)
            let test = try reader.test(line.rest)
            line.skipRest()
            for warning in reader.warnings { line.warn(warning) }
            proxy.accessLists.add(test, to: name)
        },
        Directive("use_backend") { line, proxy throws(Refusal) in
            proxy.rules.backends.append(try choice("backend", &line, proxy))
        },
        Directive("use-server") { line, proxy throws(Refusal) in
            proxy.rules.servers.append(try choice("server", &line, proxy))
        },
        Directive("tcp-request inspect-delay") { line, proxy throws(Refusal) in
            // 0 is what HAProxy has without the line, which means the default here.
            let delay = try line.time()
            if delay > 0 { proxy.frontend.timeouts.hello = delay }
        },
        Directive("tcp-request content") { line, proxy throws(Refusal) in
            try refuseInDefaults(proxy)
            let word = try line.take("what happens: accept or reject")
            guard let action = SessionRule.Action(rawValue: word.text) else {
                throw Suggestion.refusal(
                    of: word, known: contentActions, here: SessionRule.Action.allCases.map(\.rawValue),
                    called: "tcp-request content \(word.text)")
            }
            guard proxy.kind != .backend else {
                throw .unsupported("tcp-request content in a backend", instead: "in a frontend it is")
            }
            let condition = try line.condition(proxy.accessLists)
            proxy.rules.sessions.append((SessionRule(action, when: condition), line.place))
        },
    ]

    private static let contentActions: Set<String> = [
        "accept", "capture", "do-resolve", "reject", "sc-add-gpc", "sc-inc-gpc", "sc-inc-gpc0", "sc-inc-gpc1",
        "sc-set-gpt", "sc-set-gpt0", "send-spoe-group", "set-bandwidth-limit", "set-bc-mark", "set-bc-tos",
        "set-dst", "set-dst-port", "set-fc-mark", "set-fc-tos", "set-log-level", "set-mark", "set-nice",
        "set-priority-class", "set-priority-offset", "set-retries", "set-src", "set-src-port", "set-tos",
        "set-var", "set-var-fmt", "silent-drop", "switch-mode", "track-sc0", "track-sc1", "track-sc2",
        "unset-var", "use-service",
    ]

    private static func choice(
        _ kind: String, _ line: inout LineReader, _ proxy: Proxy
    ) throws(Refusal) -> RuleDrafts.Draft {
        let word = try line.take("the name of a \(kind)")
        if word.text.contains("%") {
            throw .unsupported("\(line.subject) with a format", instead: "a rule for each \(kind) is")
        }
        let condition = try line.condition(proxy.accessLists)
        return .init(name: word, condition: condition, place: line.place)
    }

    static func refuseInDefaults(_ proxy: Proxy) throws(Refusal) {
        guard proxy.kind == .defaults else { return }
        throw .unsupported("\(proxy.kind.word) with rules", instead: "each section has its own")
    }

    private static func name(_ line: inout LineReader) throws(Refusal) -> String {
        let expected = "a name of letters, digits, '-', '_', '.' and ':'"
        let word = try line.take(expected)
        let isName = word.bytes.allSatisfy { byte in
            (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                || "-_.:".utf8.contains(byte)
        }
        guard isName, word.text != "or" else { throw .invalid(word, expected: expected) }
        return word.text
    }
}
