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
    /// What files of the configuration language say, if there are no manifests.
    private let text: ConfigurationText?
    private let surroundings: Surroundings

    init(_ arguments: Arguments, _ environment: [String: String]) {
        let languageFiles = arguments.operands.filter { $0.hasSuffix(".cfg") }
        let manifests = arguments.operands.filter { !$0.hasSuffix(".cfg") }
        var diagnostics: [Diagnostic] = []
        var configuration = Configuration()
        var annotations: [Origin: [AnnotationFact]] = [:]
        var own: ConfigurationText?
        surroundings = Machine.surroundings(environment)
        if !manifests.isEmpty {
            var settings = TranslationChoices(arguments).settings.forFolders
            if Inspection.isText(arguments), let listeners = try? ListenerChoices(arguments) {
                (settings.frontends, settings.bindAddress) = (listeners.frontends, listeners.bindAddress)
            }
            let trial: OneTranslation.Trial? =
                arguments.subcommand == .check ? { Inspection.tried(of: $0) } : nil
            let translation = OneTranslation(of: manifests, settings: settings, trial: trial)
            diagnostics = translation.diagnostics
            configuration = translation.configuration
            // Those that manifests say nothing about are the process's own.
            if configuration.frontends.isEmpty { configuration.frontends = settings.frontends }
            annotations = translation.annotations
        }
        if !languageFiles.isEmpty {
            let files = ConfigurationFiles(paths: languageFiles, surroundings: surroundings)
            do {
                let text = try files.read()
                diagnostics += text.diagnostics
                if manifests.isEmpty { (configuration, own) = (text.configuration, text) }
            } catch {
                diagnostics.append(
                    Diagnostic(
                        .error, kind: "", object: Origin(namespace: "", name: ""), reason: "FileUnreadable",
                        message: "\(error)"))
            }
        }
        (self.diagnostics, self.configuration) = (diagnostics, configuration)
        (self.annotations, text) = (annotations, own)
    }

    /// What the engine would say of certificates and other TLS.
    private static func tried(
        of configuration: Configuration
    ) -> (findings: [Diagnostic], ends: [CertificateName: Int64]) {
        let trial = TLSTrial(of: configuration)
        return (trial.findings, trial.ends)
    }

    private static func isText(_ arguments: Arguments) -> Bool {
        arguments.subcommand == .translate && arguments.value("output") == "cfg"
    }

    /// Prints what is wrong, `file:line` each; 1 if one is an error.
    func check() -> Int32 {
        for finding in diagnostics { Output.write("\(finding)\n") }
        return hasErrors ? Program.Exit.refused : Program.Exit.stopped
    }

    /// Prints the configuration on stdout and what is wrong on stderr.
    func translate(_ arguments: Arguments) -> Int32 {
        for finding in diagnostics { Output.write("\(finding)\n", to: 2) }
        if Inspection.isText(arguments) { return printText() }
        Output.write(ConfigurationJSON.document(configuration).rendered(isPretty: true) + "\n")
        return hasErrors ? Program.Exit.refused : Program.Exit.stopped
    }

    /// The same as the language has it. What came from text is read again and compared, so that nothing is left out silently.
    private func printText() -> Int32 {
        let printed = text?.printed ?? ConfigurationPrinter.print(configuration)
        for remark in printed.remarks { Output.write("warning: \(remark) (NoWord)\n", to: 2) }
        Output.write(printed.text)
        guard let text, !hasErrors else { return hasErrors ? Program.Exit.refused : Program.Exit.stopped }
        let file = ConfigurationFile(name: "printed text", bytes: Array(printed.text.utf8))
        let again = ConfigurationText.read([file], surroundings)
        let differences = RoundTrip.differences(text, again)
        for part in differences {
            Output.write("error: \(part) is not all in the text (NotPrinted)\n", to: 2)
        }
        return differences.isEmpty ? Program.Exit.stopped : Program.Exit.refused
    }

    /// Prints what would serve the request of the first operand; 1 if nothing would.
    func explain(_ arguments: Arguments) throws(UsageError) -> Int32 {
        let text = arguments.operands.first ?? ""
        guard var request = AskedRequest(text) else {
            throw .conflict("explain: no host in \"\(text)\"; expected HOST/PATH")
        }
        request.method = arguments.value("method") ?? "GET"
        request.client = arguments.value("client")
        let fields = (arguments.values["header"] ?? []).compactMap(ValueForm.field)
        request.fields = fields.map { AskedRequest.Field($0.name, $0.value) }
        let cookies = arguments.values["cookie"] ?? []
        if !cookies.isEmpty { request.fields.append(.init("Cookie", cookies.joined(separator: "; "))) }
        let explanation = Explanation(of: request, in: configuration)
        let facts = explanation.route.flatMap { annotations[$0.origin] } ?? []
        Output.write(explanation.text(findings: diagnostics, notes: facts.map(Inspection.note)))
        return explanation.target == nil ? Program.Exit.refused : Program.Exit.stopped
    }

    private static func note(_ fact: AnnotationFact) -> Explanation.Note {
        Explanation.Note(
            name: fact.isHonoured ? fact.key : nil,
            text: "\(fact.phase): \(fact.key)\(fact.isHonoured ? "" : " is not honoured"): \(fact.sentence)")
    }

    private var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
