import Admin
import ConfigLanguage
import Controller
import Engine
import Model

/// `sluice check`, `sluice translate` and `sluice explain`: folders and files read once, nothing served. What ends in `.cfg` is read as the
/// configuration language, all of it as one configuration.
struct Inspection {
    private let diagnostics: [Diagnostic]
    private let configuration: Configuration
    private let annotations: [Origin: [AnnotationFact]]

    init(_ arguments: Arguments, _ environment: [String: String]) {
        let languageFiles = arguments.operands.filter { $0.hasSuffix(".cfg") }
        let manifests = arguments.operands.filter { !$0.hasSuffix(".cfg") }
        var diagnostics: [Diagnostic] = []
        var configuration = Configuration()
        var annotations: [Origin: [AnnotationFact]] = [:]
        if !manifests.isEmpty {
            let translation = OneTranslation(
                of: manifests, settings: TranslationChoices(arguments).settings.forFolders)
            diagnostics = translation.diagnostics
            configuration = translation.configuration
            annotations = translation.annotations
        }
        if !languageFiles.isEmpty {
            let files = ConfigurationFiles(
                paths: languageFiles, surroundings: Machine.surroundings(environment))
            do {
                let text = try files.read()
                diagnostics += text.diagnostics
                if manifests.isEmpty { configuration = text.configuration }
            } catch {
                diagnostics.append(
                    Diagnostic(
                        .error, kind: "", object: Origin(namespace: "", name: ""), reason: "FileUnreadable",
                        message: "\(error)"))
            }
        }
        (self.diagnostics, self.configuration) = (diagnostics, configuration)
        self.annotations = annotations
    }

    /// Prints what is wrong, `file:line` each; 1 if one is an error.
    func check() -> Int32 {
        for finding in diagnostics { Output.write("\(finding)\n") }
        return hasErrors ? Program.Exit.refused : Program.Exit.stopped
    }

    /// Prints the configuration on stdout and what is wrong on stderr.
    func translate() -> Int32 {
        for finding in diagnostics { Output.write("\(finding)\n", to: 2) }
        Output.write(ConfigurationJSON.document(configuration).rendered(isPretty: true) + "\n")
        return hasErrors ? Program.Exit.refused : Program.Exit.stopped
    }

    /// Prints what would serve the request of the first operand; 1 if nothing would.
    func explain(_ arguments: Arguments) throws(UsageError) -> Int32 {
        let request = arguments.operands.first ?? ""
        guard let explanation = Explanation(of: request, in: configuration) else {
            throw .conflict("explain: no host in \"\(request)\"; expected HOST/PATH")
        }
        let facts = explanation.route.flatMap { annotations[$0.origin] } ?? []
        Output.write(explanation.text(findings: diagnostics, notes: facts.map(Inspection.line)))
        return explanation.target == nil ? Program.Exit.refused : Program.Exit.stopped
    }

    private static func line(_ fact: AnnotationFact) -> String {
        "\(fact.phase): \(fact.key)\(fact.isHonoured ? "" : " is not honoured"): \(fact.sentence)"
    }

    private var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
