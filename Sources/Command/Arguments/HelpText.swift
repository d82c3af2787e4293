/// What `--help` prints, derived from the flag table.
enum HelpText {
    /// `sluice --help`.
    static var overview: String {
        var text =
            "Sluice, an ingress controller with its HTTP engine inside.\n\nUsage: sluice SUBCOMMAND [FLAG...]\n\n"
        let width = Subcommand.allCases.map(\.rawValue.count).max() ?? 0
        for subcommand in Subcommand.allCases {
            text += "  " + padded(subcommand.rawValue, to: width) + "  " + subcommand.summary + "\n"
        }
        return text + "\nsluice SUBCOMMAND --help lists its flags.\n"
    }

    /// `sluice SUBCOMMAND --help`.
    static func of(_ subcommand: Subcommand) -> String {
        let flags = FlagTable.flags(of: subcommand)
        var text = subcommand.summary + "\n\nUsage: sluice \(subcommand.rawValue)"
        if !flags.isEmpty { text += " [FLAG...]" }
        if let operands = subcommand.operands { text += " \(operands)" }
        text += "\n"
        for flag in flags { text += "\n" + entry(flag) }
        if !flags.isEmpty {
            text += "\nEvery flag is also read from the environment: --log-level from SLUICE_LOG_LEVEL.\n"
        }
        return text
    }

    private static func entry(_ flag: Flag) -> String {
        var head = "  --\(flag.name)"
        if let letter = flag.letter { head += ", -\(letter)" }
        if let placeholder = flag.value.placeholder { head += " \(placeholder)" }
        let fallback = flag.fallback.map { " Default: \($0)." } ?? ""
        return head + "\n" + wrapped(flag.help + fallback, indent: 8, width: 96) + "\n"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func wrapped(_ text: String, indent: Int, width: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count + word.count + 1 > width, line.count > indent {
                lines.append(line)
                line = margin
            }
            line += line.count > indent ? " \(word)" : word
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
