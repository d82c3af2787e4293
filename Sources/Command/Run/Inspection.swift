import Admin
import Controller
import Model

/// `sluice check` and `sluice translate`: folders read once, nothing served.
struct Inspection {
    private let translation: OneTranslation

    init(_ arguments: Arguments) {
        translation = OneTranslation(
            of: arguments.operands, settings: TranslationChoices(arguments).settings.forFolders)
    }

    /// Prints what is wrong, `file:line` each; 1 if one is an error.
    func check() -> Int32 {
        for finding in translation.diagnostics { Output.write("\(finding)\n") }
        return hasErrors ? Program.Exit.refused : Program.Exit.stopped
    }

    /// Prints the configuration on stdout and what is wrong on stderr.
    func translate() -> Int32 {
        for finding in translation.diagnostics { Output.write("\(finding)\n", to: 2) }
        Output.write(ConfigurationJSON.document(translation.configuration).rendered(isPretty: true) + "\n")
        return hasErrors ? Program.Exit.refused : Program.Exit.stopped
    }

    private var hasErrors: Bool { translation.diagnostics.contains { $0.severity == .error } }
}
