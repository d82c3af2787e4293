import Basics
import Controller

/// The command line of ingress-nginx's controller as one of `sluice controller`, so that its Deployment starts Sluice unchanged.
struct NginxCommandLine: Equatable {
    /// The words behind `sluice`.
    private(set) var words = [
        "controller", "--http-port=80", "--https-port=443", "--ingress-class=\(NginxNames.ingressClass)",
        "--controller-name=\(NginxNames.controller)", "--election-id=\(NginxNames.election)",
    ]
    /// What is accepted without doing anything, in one line.
    private(set) var warning: String?

    /// Whether the words, with the program's name before them, are meant so: by the name of a link, or as the first argument
    /// of a container.
    static func isMeant(by words: [String]) -> Bool {
        words.prefix(2).contains(where: NginxArguments.isProgram)
    }

    /// Takes the words that `isMeant` is true of.
    init(_ words: [String]) throws(UsageError) {
        guard let arguments = NginxArguments(ofCommand: words) else { throw .missingSubcommand }
        if let stray = arguments.strays.first { throw .unexpectedOperand(stray, of: .controller) }
        let writesStatus = arguments.value("update-status").flatMap(ValueForm.truth) ?? true
        var idle: [String] = []
        for (name, value) in arguments.words where !value.isEmpty {
            if name == "help" || name == "version" {
                self.words = name == "help" ? ["controller", "--help"] : ["version"]
                return
            }
            guard let flag = NginxFlagTable.flag(name) else {
                let nearest = Nearest.match(name, among: NginxFlagTable.flags.map(\.name))
                throw .unknownFlag("--\(name)", of: .controller, nearest: nearest.map { "--\($0)" })
            }
            if !writesStatus, name.hasPrefix("publish-") { continue }
            switch flag.meaning {
            case .same(let own): self.words.append("--\(own)=\(value)")
            case .seconds(let own): self.words.append("--\(own)=\(value)s")
            case .when(let on, let off):
                guard let isOn = ValueForm.truth(value) else {
                    throw .badValue("--\(name)", value: value, expected: ValueForm.present.expectation)
                }
                if let own = isOn ? on : off { self.words.append("--\(own)") }
            case .needless: idle.append("--\(name)")
            case .pending(let instead): if value != "false" { idle.append("--\(name) (\(instead))") }
            case .refused(let why): throw .conflict("--\(name): \(why)")
            }
        }
        if !idle.isEmpty { warning = "accepted, and without effect here: \(idle.joined(separator: ", "))" }
    }
}
