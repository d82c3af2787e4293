import Model

/// What is wrong with one setting, which is then left out; the others apply.
struct SettingProblem: Error, Equatable, Sendable {
    /// The setting, as it was written.
    let name: String
    /// What is wrong.
    let kind: Kind

    enum Kind: Equatable, Sendable {
        /// Nobody's; the nearest one that there is.
        case unknown(nearest: String?)
        /// Of another form than expected; a guard then lets nobody through.
        case notOfForm(String, expected: String, isGuard: Bool)
        /// The same is said by another name, which counts.
        case shadowed(by: String)
        /// Known elsewhere, and why it does nothing here.
        case withoutMeaning(String)
        /// It asks for these, which nobody knows; the rest of it applies.
        case unknownVariables([String])
    }

    init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }

    /// A value that is not what it should be is an error; what is merely not needed is a warning.
    var severity: Diagnostic.Severity {
        switch kind {
        case .notOfForm: .error
        default: .warning
        }
    }

    /// A short machine-readable word.
    var reason: String {
        switch kind {
        case .unknown: "SettingUnknown"
        case .notOfForm: "SettingInvalid"
        case .shadowed: "SettingTwice"
        case .withoutMeaning: "SettingWithoutMeaning"
        case .unknownVariables: "SettingVariableUnknown"
        }
    }

    /// What is wrong and the way out.
    var message: String {
        switch kind {
        case .unknown(let nearest):
            let hint = nearest.map { "; did you mean \($0)?" } ?? ""
            return "there is no such setting\(hint)"
        case .notOfForm(let value, let expected, let isGuard):
            let end = isGuard ? "nobody is let in until it is" : "it is left out"
            return "\"\(SettingProblem.excerpt(value))\" is not \(expected); \(end)"
        case .shadowed(let other): return "\(other) says the same and counts; it is left out"
        case .withoutMeaning(let why): return "it does nothing here: \(why)"
        case .unknownVariables(let names):
            let list = names.prefix(8).map { "$\($0)" }.joined(separator: ", ")
            let more = names.count > 8 ? " and \(names.count - 8) more" : ""
            return "\(list)\(more): no such variable is known; the rest of the value applies"
        }
    }

    /// As much of a foreign value as a line of a log can bear.
    private static func excerpt(_ value: String) -> String {
        let line = value.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return line.count <= 80 ? String(line) : "\(String(line.prefix(77)))..."
    }
}
