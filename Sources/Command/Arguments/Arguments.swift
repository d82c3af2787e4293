import Basics

/// A command line that has been understood: every flag exists, every value is of its form.
struct Arguments: Sendable, Equatable {
    /// What is to be done.
    let subcommand: Subcommand
    /// The values of each flag by name, in order; a flag that was not given is absent.
    var values: [String: [String]] = [:]
    /// The words that are not flags.
    var operands: [String] = []

    /// What a command line asks for.
    enum Request: Sendable, Equatable {
        /// `sluice --help` and `sluice help`.
        case overview
        /// `sluice SUBCOMMAND --help`.
        case help(Subcommand)
        /// Run it.
        case run(Arguments)
    }

    /// Reads the words after the program's name and the environment: a flag beats its variable, which beats the
    /// default.
    static func parse(_ words: [String], environment: [String: String]) throws(UsageError) -> Request {
        guard let first = words.first else { throw .missingSubcommand }
        let rest = words.dropFirst()
        switch first {
        case "--help", "-h": return .overview
        case "help": return try help(rest)
        case "--version", "-v": return .run(Arguments(subcommand: .version))
        default: break
        }
        guard let subcommand = Subcommand(rawValue: first) else {
            let names = Subcommand.allCases.map(\.rawValue)
            throw .unknownSubcommand(first, nearest: Nearest.match(first, among: names) ?? "--help")
        }
        if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            return .help(subcommand)
        }
        var parser = ArgumentParser(subcommand)
        try parser.read(rest)
        try parser.read(environment)
        return .run(try parser.finish())
    }

    private static func help(_ words: ArraySlice<String>) throws(UsageError) -> Request {
        guard let word = words.first else { return .overview }
        guard let subcommand = Subcommand(rawValue: word) else {
            let names = Subcommand.allCases.map(\.rawValue)
            throw .unknownSubcommand(word, nearest: Nearest.match(word, among: names) ?? "--help")
        }
        return .help(subcommand)
    }

    /// The last value given for a flag, or its default.
    func value(_ name: String) -> String? {
        values[name]?.last ?? FlagTable.flags(of: subcommand).first { $0.name == name }?.fallback
    }

    /// The same with one operand less: `explain` begins with a request.
    var withoutFirstOperand: Arguments {
        var rest = self
        rest.operands = Array(operands.dropFirst())
        return rest
    }

    /// Whether a flag without a value was given.
    func isPresent(_ name: String) -> Bool { value(name).flatMap(ValueForm.truth) ?? false }
}
