/// One command of the runtime API.
struct RuntimeCommand: Sendable {
    /// The words it begins with.
    let words: [String]
    /// What it looks like, and what it does, as `help` says it.
    let usage: String
    let purpose: String
    /// Who may give it.
    let level: RuntimeLevel
    /// Its answer, from the words behind its own; it ends with a line's end unless it is empty.
    let run: @Sendable (RuntimeCall) -> String

    init(
        _ words: String, _ arguments: String, _ purpose: String, _ level: RuntimeLevel,
        run: @escaping @Sendable (RuntimeCall) -> String
    ) {
        self.words = words.split(separator: " ").map(String.init)
        usage = arguments.isEmpty ? words : "\(words) \(arguments)"
        self.purpose = purpose
        self.level = level
        self.run = run
    }

    /// Its line of `help`.
    var help: String {
        let blanks = String(repeating: " ", count: max(0, 40 - usage.utf8.count))
        return "  \(usage)\(blanks): \(purpose)\n"
    }

    /// Whether a line begins with its words.
    func begins(_ line: [String]) -> Bool { line.starts(with: words) }

    /// How many words of a line are its own from the first on.
    func matches(_ line: [String]) -> Int { zip(words, line).prefix { $0 == $1 }.count }
}

/// The commands there are, and what is answered to anything.
public struct RuntimeAPI: Sendable {
    private let commands: [RuntimeCommand]
    /// Answers what begins with `@`, if another process can be asked.
    var forward: (@Sendable (RuntimeCall) -> String)?
    /// What sessions that wait ask.
    var wait: WaitCommand?

    init(_ commands: [RuntimeCommand]) { self.commands = commands.sorted { $0.usage < $1.usage } }

    /// The answer to a command.
    func answer(_ call: RuntimeCall) -> String {
        if call.words.first == "help" { return help(call) }
        if let forward, call.words.first?.hasPrefix("@") == true { return forward(call) }
        let found = commands.filter { $0.begins(call.words) }.max { $0.words.count < $1.words.count }
        guard let found else { return unknown(call) }
        guard call.level >= found.level else { return "Permission denied\n" }
        return found.run(
            RuntimeCall(
                words: Array(call.words.dropFirst(found.words.count)), payload: call.payload,
                level: call.level))
    }

    private func help(_ call: RuntimeCall) -> String {
        let prefix = Array(call.words.dropFirst())
        let found = commands.filter { $0.level <= call.level && $0.matches(prefix) == prefix.count }
        return "The following commands are valid at this level:\n" + list(found)
    }

    private func unknown(_ call: RuntimeCall) -> String {
        if let sentence = AbsentCommands.sentence(of: call.words) { return sentence }
        let allowed = commands.filter { $0.level <= call.level }
        let best = allowed.map { $0.matches(call.words) }.max() ?? 0
        if best == 0 {
            return "Unknown command. Please enter one of the following commands only:\n" + list(allowed)
        }
        return "Unknown command, but maybe one of the following ones is a better match:\n"
            + list(allowed.filter { $0.matches(call.words) == best })
    }

    private func list(_ commands: [RuntimeCommand]) -> String {
        commands.map(\.help).joined() + RuntimeAPI.always.map(\.help).joined()
    }

    /// What sessions do themselves.
    static let ofSessions = [
        RuntimeCommand("user", "", "lower the level of the current CLI session to user", .user) { _ in "" },
        RuntimeCommand("operator", "", "lower the level of the current CLI session to operator", .user) { _ in
            ""
        },
        RuntimeCommand("set timeout", "[cli] <delay>", "change a timeout setting", .user) { _ in "" },
    ]

    /// The same, in every list.
    private static let always = [
        RuntimeCommand("help", "[<command>]", "list matching or all commands", .user) { _ in "" },
        RuntimeCommand("prompt", "", "toggle interactive mode with prompt", .user) { _ in "" },
        RuntimeCommand("quit", "", "disconnect", .user) { _ in "" },
    ]
}
