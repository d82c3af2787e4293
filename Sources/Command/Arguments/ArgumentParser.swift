import Basics

/// Reads words and variables against the flag table.
struct ArgumentParser {
    private let subcommand: Subcommand
    private let flags: [Flag]
    private var result: Arguments

    init(_ subcommand: Subcommand) {
        self.subcommand = subcommand
        flags = FlagTable.flags(of: subcommand)
        result = Arguments(subcommand: subcommand)
    }

    /// Reads the words after the subcommand: `--name value`, `--name=value`, `-n value`, operands; after `--` only
    /// operands.
    mutating func read(_ words: ArraySlice<String>) throws(UsageError) {
        var rest = words
        while let word = rest.popFirst() {
            if word == "--" {
                result.operands += rest
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                result.operands.append(word)
                continue
            }
            try readFlag(word, &rest)
        }
    }

    /// Reads `SLUICE_<FLAG>` for the flags that were not given. Variables that name no flag are not ours to judge.
    mutating func read(_ environment: [String: String]) throws(UsageError) {
        for flag in flags where result.values[flag.name] == nil {
            guard let text = environment[flag.variable], !text.isEmpty else { continue }
            // Kubernetes sets SLUICE_HTTP_PORT=tcp://10.0.0.1:80 beside a Service named sluice-http.
            if flag.value == .port, text.contains("://") { continue }
            let values = flag.isRepeatable ? text.split(separator: ",").map(String.init) : [text]
            for value in values { try take(flag, value, spelled: flag.variable) }
        }
    }

    /// The result, once the operands are as the subcommand wants them.
    func finish() throws(UsageError) -> Arguments {
        if subcommand.operands == nil, let word = result.operands.first {
            throw .unexpectedOperand(word, of: subcommand)
        }
        switch subcommand {
        case .check, .translate, .admin:
            if result.operands.isEmpty { throw .missingOperand(subcommand) }
        case .explain:
            if result.operands.count < 2 { throw .missingOperand(subcommand) }
        case .completion:
            guard result.operands.count == 1, CompletionScript.shells.contains(result.operands[0]) else {
                throw .missingOperand(subcommand)
            }
        case .dev:
            if result.operands.isEmpty, !result.isPresent("demo") {
                throw .conflict("dev: give a folder of manifests, or --demo")
            }
        case .proxy:
            if result.values["file"] == nil { throw .conflict("proxy: -f FILE is missing") }
        case .controller, .migrate, .top, .version: break
        }
        return result
    }

    private mutating func readFlag(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let spelling = parts[0]
        let flag = try find(spelling)
        if parts.count == 1, flag.value == .present { return try take(flag, "true", spelled: spelling) }
        if parts.count == 2 { try take(flag, parts[1], spelled: spelling) }
        for _ in parts.count - 1..<flag.value.words {
            guard let value = rest.popFirst() else {
                throw .missingValue(spelling, expected: flag.value.expectation)
            }
            try take(flag, value, spelled: spelling)
        }
    }

    private mutating func take(_ flag: Flag, _ value: String, spelled spelling: String) throws(UsageError) {
        guard flag.value.accepts(value) else {
            throw .badValue(spelling, value: value, expected: flag.value.expectation)
        }
        result.values[flag.name, default: []].append(value)
    }

    private func find(_ spelling: String) throws(UsageError) -> Flag {
        if let flag = flags.first(where: { matches($0, spelling) }) { return flag }
        if let foreign = FlagTable.flags.first(where: { matches($0, spelling) }) {
            throw .foreignFlag(spelling, of: subcommand, takenBy: foreign.subcommands)
        }
        let names = flags.map { "--\($0.name)" }
        throw .unknownFlag(
            spelling, of: subcommand, nearest: Nearest.match(spelling, among: names + ["--help"]))
    }

    private func matches(_ flag: Flag, _ spelling: String) -> Bool {
        spelling == "--\(flag.name)" || flag.letter.map { spelling == "-\($0)" } ?? false
    }
}
