/// Why a command line is refused: always one line, which names the word at fault and the way out. Exit code 2.
enum UsageError: Error, Equatable {
    case missingSubcommand
    case unknownSubcommand(String, nearest: String)
    case unknownFlag(String, of: Subcommand, nearest: String?)
    case foreignFlag(String, of: Subcommand, takenBy: [Subcommand])
    case missingValue(String, expected: String)
    case badValue(String, value: String, expected: String)
    case unexpectedOperand(String, of: Subcommand)
    case missingOperand(Subcommand)
    case conflict(String)
}

extension UsageError: CustomStringConvertible {
    /// One line without control characters, whatever the user typed.
    var description: String { UsageError.printable(text) }

    private var text: String {
        switch self {
        case .missingSubcommand:
            "a subcommand is missing; one of \(Subcommand.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unknownSubcommand(let word, let nearest):
            "unknown subcommand \(word); did you mean \(nearest)?"
        case .unknownFlag(let flag, let subcommand, let nearest):
            "\(subcommand.rawValue): unknown flag \(flag)" + (nearest.map { "; did you mean \($0)?" } ?? "")
        case .foreignFlag(let flag, let subcommand, let owners):
            "\(subcommand.rawValue): \(flag) is a flag of \(owners.map(\.rawValue).joined(separator: ", ")) only"
        case .missingValue(let flag, let expected):
            "\(flag): a value is missing; expected \(expected)"
        case .badValue(let flag, let value, let expected):
            "\(flag): cannot read \"\(value)\"; expected \(expected)"
        case .unexpectedOperand(let word, let subcommand):
            "\(subcommand.rawValue): unexpected word \(word)"
        case .missingOperand(let subcommand):
            "\(subcommand.rawValue): \(subcommand.operands ?? "an operand") is missing"
        case .conflict(let sentence):
            sentence
        }
    }

    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }
}
