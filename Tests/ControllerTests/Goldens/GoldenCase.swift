import Basics
import Kubernetes
import Model

@testable import Controller

/// A file of manifests in `Tests/Goldens` and what it must become.
///
/// Its first lines may hold settings, one `# flag: NAME VALUE…` each:
/// `cluster` (translate as in a cluster, not as a folder), `watch-ingress-without-class`, `no-external-names`,
/// `default-backend-service NS/NAME`, `default-tls-secret NS/NAME`, `resolves NAME ADDRESS…`.
struct GoldenCase: Sendable {
    let path: String
    private var settings = TranslationSettings().forFolders
    private var addresses: [(name: String, addresses: [String])] = []

    init(path: String, text: String) {
        self.path = path
        for line in text.split(separator: "\n") where line.hasPrefix("# flag: ") {
            take(line.dropFirst(8).split(separator: " ").map(String.init))
        }
    }

    private mutating func take(_ words: [String]) {
        switch words[0] {
        case "cluster": settings = TranslationSettings()
        case "watch-ingress-without-class": settings.watchesClassless = true
        case "no-external-names": settings.allowsExternalName = false
        case "default-backend-service": settings.defaultBackend = GoldenCase.key(words[1])
        case "default-tls-secret": settings.defaultTLSSecret = GoldenCase.key(words[1])
        case "resolves": addresses.append((words[1], Array(words.dropFirst(2))))
        default: preconditionFailure("unknown flag \(words[0]) in \(path)")
        }
    }

    private static func key(_ text: String) -> ObjectKey {
        let parts = text.split(separator: "/").map(String.init)
        return ObjectKey(namespace: parts[0], name: parts[1])
    }

    /// The configuration and the findings, as JSON that can be read and compared line by line.
    func translated() -> String {
        var reader = FolderReader([path])
        var core = PipelineCore(settings: settings, awaiting: [])
        for update in reader.read(at: 0) { core.apply(update) }
        for (name, found) in addresses { core.apply(.addresses(of: name, found)) }
        _ = core.due(now: 0)
        let findings = (reader.diagnostics + core.diagnostics).map(GoldenCase.line)
        return GoldenText(core.translator.configuration, findings: findings).json
    }

    /// The file's name without its folder, which differs from machine to machine.
    private static func line(_ finding: Diagnostic) -> String {
        var finding = finding
        if let place = finding.location {
            finding.location?.file = String(place.file.split(separator: "/").last ?? "")
        }
        if finding.reason == "Duplicate" { finding.message = "already given, the first one is used" }
        return finding.description
    }
}

/// A configuration as sorted, indented JSON. Keys of certificates are never part of it.
struct GoldenText {
    let json: String

    init(_ configuration: Configuration, findings: [String]) {
        func target(_ target: RouteTarget) -> String {
            switch target {
            case .backend(let name): name.description
            case .answer(let status): "\(status)"
            }
        }
        let routes = configuration.routes.map { host, routes in
            let lines = routes.routes.map { route in
                "\(route.path) \(route.match) -> \(target(route.target)) (\(route.origin.namespace)/\(route.origin.name))"
            }
            return (host.description, GoldenText.list(lines))
        }
        let backends = configuration.backends.map { name, backend in
            (
                name.description,
                GoldenText.list(backend.servers.map { "\($0.address) \($0.port) \($0.name) \($0.identity)" })
            )
        }
        let certificates = configuration.certificates.map { name, certificate in
            let chain = String(decoding: certificate.chainPEM, as: UTF8.self)
            return (
                name.description,
                GoldenText.list([chain] + (certificate.servesSubjectNames ? ["subject names"] : []))
            )
        }
        let names = configuration.serverNames.map { host, names in
            (host.description, GoldenText.list(names.map(\.description)))
        }
        let members = [
            ("routes", GoldenText.members(routes)),
            ("fallback", GoldenText.quoted(configuration.fallback.map(target) ?? "404")),
            ("backends", GoldenText.members(backends)),
            ("certificates", GoldenText.members(certificates)),
            ("serverNames", GoldenText.members(names)),
            (
                "defaultCertificate",
                configuration.defaultCertificates.first.map { GoldenText.quoted($0.description) } ?? "null"
            ),
            ("findings", GoldenText.list(findings)),
        ]
        json = "{\n" + members.map { "  \(GoldenText.quoted($0)): \($1)" }.joined(separator: ",\n") + "\n}\n"
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    private static func members(_ entries: [(String, String)]) -> String {
        guard !entries.isEmpty else { return "{}" }
        let lines = entries.sorted { $0.0 < $1.0 }.map { "    \(quoted($0)): \(indented($1))" }
        return "{\n" + lines.joined(separator: ",\n") + "\n  }"
    }

    private static func list(_ texts: [String]) -> String {
        guard !texts.isEmpty else { return "[]" }
        return "[\n" + texts.map { "    \(quoted($0))" }.joined(separator: ",\n") + "\n  ]"
    }

    /// A list within members stands one step further right.
    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
    }
}
