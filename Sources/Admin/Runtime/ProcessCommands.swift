import Engine
import Wire

/// What is about the process: `show info`, `show version`, `show env` and their like.
struct ProcessCommands: Sendable {
    let facts: RuntimeFacts

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand("show version", "", "show version of the current process", .user) { _ in
                "\(facts.version)\n"
            },
            RuntimeCommand(
                "show info", "[desc|json|typed|float]*", "report information about the running process", .user
            ) { info($0) },
            RuntimeCommand(
                "show env", "[var]", "dump environment variables known to the process", .operator
            ) { environment($0) },
            RuntimeCommand(
                "show cli level", "", "display the level of the current CLI session", .user
            ) { "\($0.level.name)\n" },
            RuntimeCommand("show cli sockets", "", "dump list of cli sockets", .operator) { _ in
                "# socket lvl processes\n"
                    + facts.sockets.map { "\($0.name) \($0.level.name) all\n" }.joined()
            },
        ]
    }

    private func environment(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else {
            return facts.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        }
        guard let value = facts.environment[name] else { return "Variable not found\n" }
        return "\(name)=\(value)\n"
    }

    private func info(_ call: RuntimeCall) -> String {
        let fields = InfoFields.of(facts, facts.engine.statistics(), now: Clock.now() / 1_000_000_000)
        if call.words.contains("json") { return InfoFields.json(fields) + "\n" }
        if call.words.contains("typed") { return fields.map(\.typed).joined() }
        let isExplained = call.words.contains("desc")
        return fields.map { field in
            "\(field.name): \(field.value)" + (isExplained ? ":\"\(field.purpose)\"" : "") + "\n"
        }.joined()
    }
}
