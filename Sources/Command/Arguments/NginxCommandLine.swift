import Basics
import Controller

/// The command line of ingress-nginx's controller as one of `sluice controller`, so that its Deployment starts Sluice unchanged.
struct NginxCommandLine: Equatable {
    /// The words behind `sluice`.
    private(set) var words = [
        "controller", "--http-port=80", "--https-port=443", "--ingress-class=\(NginxNames.ingressClass)",
        "--controller-name=\(NginxNames.controller)", "--election-id=\(NginxNames.election)",
        "--log-format=nginx", "--defaults=nginx",
    ]
    /// What is accepted without doing anything, in one line.
    private(set) var warning: String?

    /// Whether the words, with the program's name before them, are meant so: by the name of a link, or as the first argument
    /// of a container.
    static func isMeant(by words: [String]) -> Bool {
        words.prefix(2).contains(where: NginxArguments.isProgram)
    }

    /// `8443` of `:8443`.
    private static func port(of address: String) -> Substring {
        address[(address.lastIndex(of: ":").map { address.index(after: $0) } ?? address.startIndex)...]
    }

    private static func isAboutStatus(_ name: String) -> Bool {
        name.hasPrefix("publish-") || name == "report-node-internal-ip-address"
            || name == "update-status-on-shutdown"
    }

    /// Takes the words that `isMeant` is true of.
    init(_ words: [String]) throws(UsageError) {
        guard let arguments = NginxArguments(ofCommand: words) else { throw .missingSubcommand }
        if let stray = arguments.strays.first { throw .unexpectedOperand(stray, of: .controller) }
        let writesStatus = arguments.value("update-status").flatMap(ValueForm.truth) ?? true
        let webhook = ["validating-webhook", "validating-webhook-certificate", "validating-webhook-key"]
        let hasWebhook = webhook.allSatisfy { arguments.value($0)?.isEmpty == false }
        let hasAddresses = arguments.value("publish-status-address")?.isEmpty == false
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
            if !hasWebhook, webhook.contains(name) {
                if name == webhook[0] { idle.append("--\(name) (it has no certificate, or no key)") }
                continue
            }
            if !writesStatus, NginxCommandLine.isAboutStatus(name) { continue }
            if name == "report-node-internal-ip-address", hasAddresses {
                if ValueForm.truth(value) == true {
                    idle.append("--\(name) (--publish-status-address says where)")
                }
                continue
            }
            switch flag.meaning {
            case .same(let own): self.words.append("--\(own)=\(value)")
            case .port(let own): self.words.append("--\(own)=\(NginxCommandLine.port(of: value))")
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
        if hasWebhook { self.words.append("--admission-path=\(NginxNames.reviews)") }
        // There it is on by itself.
        let isPublishing =
            arguments.words.contains { $0.name.hasPrefix("publish-") && !$0.value.isEmpty }
            || arguments.value("report-node-internal-ip-address").flatMap(ValueForm.truth) == true
        if writesStatus, isPublishing, arguments.value("update-status-on-shutdown") == nil {
            self.words.append("--clear-status")
        }
        if !idle.isEmpty { warning = "accepted, and without effect here: \(idle.joined(separator: ", "))" }
    }
}
