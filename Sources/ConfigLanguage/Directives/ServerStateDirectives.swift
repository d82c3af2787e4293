import Model

/// `server-state-base`, `server-state-file`, `load-server-state-from-file` and `server-state-file-name`: where servers' states of before are
/// read.
enum ServerStateDirectives {
    static let global = [
        GlobalDirective("server-state-base") { line, global throws(Refusal) in
            try set(\.serverStateBase, &line, &global, "a folder")
        },
        GlobalDirective("server-state-file") { line, global throws(Refusal) in
            try set(\.serverStateFile, &line, &global, "a file")
        },
    ]

    static let table = [
        Directive("load-server-state-from-file") { line, proxy throws(Refusal) in
            proxy.backend.stateSource = try line.choice([
                "global": .global, "local": .local(""), "none": ServerStateSource.none,
            ])
        },
        Directive("server-state-file-name") { line, proxy throws(Refusal) in
            let word = line.takeIfAny()
            if proxy.kind == .defaults {
                return line.warn(
                    "'server-state-file-name' of 'defaults' does not hold for what follows; every section says its own"
                )
            }
            proxy.stateFile = word?.text == "use-backend-name" ? nil : word?.text
        },
    ]

    private static func set(
        _ part: WritableKeyPath<GlobalSettings, String?>, _ line: inout LineReader,
        _ global: inout GlobalSettings, _ expected: String
    ) throws(Refusal) {
        let word = try line.take(expected)
        if let first = global[keyPath: part] {
            return line.warn("it has been said before: '\(first)' counts")
        }
        global[keyPath: part] = word.text
    }
}
