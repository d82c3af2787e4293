/// What the command line of a master tells and does (haproxy's `-S`).
public struct MasterFacts: Sendable {
    /// The program's version.
    public var version: String
    /// The master: the process's number, and since when it runs, in seconds of CLOCK_MONOTONIC.
    public var master: (process: Int32, since: UInt64)
    /// Its worker, the same of it.
    public var worker: (process: Int32, since: UInt64)
    /// How often files were read again.
    public var reloads: @Sendable () -> Int
    /// Has them read again; whether what they say is served now.
    public var reload: @Sendable () -> Bool
    /// The worker's answer to a line of its runtime API; nil if there is none.
    public var ask: @Sendable (String) -> String?

    /// Facts from their parts.
    public init(
        version: String, master: (process: Int32, since: UInt64), worker: (process: Int32, since: UInt64),
        reloads: @escaping @Sendable () -> Int, reload: @escaping @Sendable () -> Bool,
        ask: @escaping @Sendable (String) -> String?
    ) {
        self.version = version
        self.master = master
        self.worker = worker
        self.reloads = reloads
        self.reload = reload
        self.ask = ask
    }
}

extension RuntimeAPI {
    /// The commands of a master. Behind `@1` or `@!PROCESS` stands what its worker is asked.
    public init(_ facts: MasterFacts, now: @escaping @Sendable () -> UInt64) {
        let commands = MasterCommands(facts: facts, now: now)
        self.init(commands.commands)
        forward = commands.forward
    }
}

/// The commands of a master.
struct MasterCommands: Sendable {
    let facts: MasterFacts
    /// Seconds of CLOCK_MONOTONIC.
    let now: @Sendable () -> UInt64

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "@<relative pid>", "<command>", "send a command to the <relative pid> process", .user
            ) {
                _ in "Can't find the target PID matching the prefix '@<relative pid>'.\n"
            },
            RuntimeCommand("@!<pid>", "<command>", "send a command to the <pid> process", .user) { _ in
                "Can't find the target PID matching the prefix '@!<pid>'.\n"
            },
            RuntimeCommand("show proc", "", "show processes status", .user) { _ in processes() },
            RuntimeCommand("show version", "", "show version of the current process", .user) { _ in
                "\(facts.version)\n"
            },
            RuntimeCommand("reload", "", "read the files again and tell whether they are served", .operator) {
                _ in
                facts.reload() ? "Success=1\n--\n" : "Success=0\n--\nthe process says why on stderr\n"
            },
        ]
    }

    /// Asks the process that the first word names.
    func forward(_ call: RuntimeCall) -> String {
        let target = (call.words.first ?? "").dropFirst()
        let rest = Array(call.words.dropFirst())
        if target == "master" || target == "0" {
            return RuntimeAPI(commands).answer(
                RuntimeCall(words: rest, payload: call.payload, level: call.level))
        }
        guard target == "1" || target == "!\(facts.worker.process)" else {
            return "Can't find the target PID matching the prefix '@\(target)'.\n"
        }
        var line = rest.map(MasterCommands.escaped).joined(separator: " ")
        if let payload = call.payload {
            line += " <<\n\(String(decoding: payload, as: UTF8.self))\n"
        } else {
            line += "\n"
        }
        // What asks for more than the client may have said is kept from the worker, who takes us for an administrator.
        if call.level < .admin { line = "\(call.level.name); \(line)" }
        guard let answer = facts.ask(line) else { return "The worker does not answer.\n" }
        // The session ends each answer with an empty line of its own, and asking to be less is answered with one too.
        let text = call.level < .admin && answer.hasPrefix("\n") ? answer.dropFirst() : answer[...]
        return text.hasSuffix("\n") ? String(text.dropLast()) : String(text)
    }

    private func processes() -> String {
        let lines = [
            MasterCommands.row(["#<PID>", "<type>", "<reloads>", "<uptime>", "<version>"]),
            row(facts.master, "master"), "# workers\n", row(facts.worker, "worker"),
        ]
        return lines.joined() + "# programs\n\n"
    }

    private func row(_ process: (process: Int32, since: UInt64), _ type: String) -> String {
        let age = now() &- process.since
        func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let uptime = "\(age / 86_400)d\(two(age / 3_600 % 24))h\(two(age / 60 % 60))m\(two(age % 60))s"
        return MasterCommands.row(["\(process.process)", type, "\(facts.reloads())", uptime, facts.version])
    }

    private static func row(_ cells: [String]) -> String {
        cells.map { $0 + String(repeating: " ", count: max(0, 15 - $0.utf8.count)) }.joined(separator: " ")
            + "\n"
    }

    /// A word as it is written so that it is read as one.
    static func escaped(_ word: String) -> String {
        var text = ""
        for character in word.unicodeScalars {
            if " \t;\\".unicodeScalars.contains(character) { text += "\\" }
            text.unicodeScalars.append(character)
        }
        return text
    }
}
