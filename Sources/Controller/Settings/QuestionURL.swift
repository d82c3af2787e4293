import Kubernetes
import Model

/// Where somebody is asked about requests: a URL whose host is fixed, or is the request's own. Variables may stand behind the host.
struct QuestionURL: Sendable, Equatable {
    let isSecure: Bool
    let host: Host
    /// Path and query.
    let path: String
    /// Whether anything stands behind the host.
    let saysPath: Bool

    enum Host: Sendable, Equatable {
        /// A name or an address, and the port, which is told with it if the URL says it.
        case named(String, port: UInt16, isToldPort: Bool)
        /// The one that the request is for.
        case own
    }

    private static let ownHosts = ["$host", "$http_host", "$best_http_host"]
    /// What may stand right behind a host, as it begins with a slash.
    private static let ownPaths = ["$request_uri", "${request_uri}", "$uri", "${uri}"]

    /// Reads one; nil if it is none.
    init?(_ text: String) {
        let lower = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }),
            text.utf8.count <= 4_096
        else { return nil }
        isSecure = scheme == "https://"
        let rest = text.dropFirst(scheme.count)
        let whole = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let variable = whole.indices.first { start in
            QuestionURL.ownPaths.contains { whole[start...].hasPrefix($0) }
        }
        let authority = whole[..<(variable ?? whole.endIndex)]
        let behind = rest.dropFirst(authority.count)
        saysPath = !behind.isEmpty
        path =
            behind.isEmpty
            ? "/" : behind.hasPrefix("/") || variable != nil ? String(behind) : "/\(behind)"
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"'\\#<>^`|".utf8.contains($0) }) else {
            return nil
        }
        if QuestionURL.ownHosts.contains(String(authority)) {
            host = .own
            return
        }
        guard let named = QuestionURL.named(authority.lowercased(), usual: isSecure ? 443 : 80) else {
            return nil
        }
        host = named
    }

    private static func named(_ authority: String, usual: UInt16) -> Host? {
        var name = Substring(authority)
        var port: UInt16?
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            name = authority[..<colon]
            guard let number = SettingText.number(String(authority[authority.index(after: colon)...])),
                (1...65_535).contains(number)
            else { return nil }
            port = UInt16(clamping: number)
        }
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        let host = String(name)
        guard IPFamily(of: host) != nil || isName(host) else { return nil }
        return .named(host, port: port ?? usual, isToldPort: port != nil)
    }

    private static func isName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-")
                    && label.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
                            || "-_".utf8.contains(byte)
                    }
            }
    }

    /// The Service that is named by `NAME.NAMESPACE.svc`, or a key without a namespace for any other host; nil for the request's own.
    var service: ObjectKey? {
        guard case .named(let name, _, _) = host else { return nil }
        let labels = name.split(separator: ".").map(String.init)
        guard labels.count >= 3, labels[2] == "svc" else { return ObjectKey(namespace: "", name: name) }
        return ObjectKey(namespace: labels[1], name: labels[0])
    }

    /// The port of the Service; nil as above.
    var port: Int? {
        guard case .named(_, let port, _) = host else { return nil }
        return Int(port)
    }

    /// Who is asked; nil as above.
    var backend: BackendName? {
        guard let service, let port else { return nil }
        return BackendName(asking: service, port: port, isSecure: isSecure)
    }

    /// The host without a port; nginx's variable of the request's own.
    var hostName: String {
        guard case .named(let name, _, _) = host else { return "$host" }
        return name.contains(":") ? "[\(name)]" : name
    }

    /// What stands in the question's Host field, with nginx's variables.
    var hostField: String {
        guard case .named(let name, let port, let isToldPort) = host else { return "$http_host" }
        let text = name.contains(":") ? "[\(name)]" : name
        return isToldPort ? "\(text):\(port)" : text
    }
}

extension BackendName {
    private static let suffix = ":AUTH"
    private static let secureSuffix = ":AUTHS"

    /// A port whose servers are asked about requests: others than those that Ingresses send requests to.
    init(asking service: ObjectKey, port: Int, isSecure: Bool) {
        self.init("\(service):\(port)\(isSecure ? BackendName.secureSuffix : BackendName.suffix)")
    }

    /// Whether its servers are asked about requests, and nothing else.
    var isAsked: Bool { description.hasSuffix(BackendName.suffix) || isAskedSecurely }
    /// The same by HTTPS.
    var isAskedSecurely: Bool { description.hasSuffix(BackendName.secureSuffix) }
}

extension Service {
    /// What a key without a namespace stands for: a host outside of the cluster, by name or address.
    static func outside(_ key: ObjectKey) -> Service? {
        guard key.namespace.isEmpty, !key.name.isEmpty else { return nil }
        var service = Service()
        service.meta.name = key.name
        (service.type, service.externalName) = ("ExternalName", key.name)
        return service
    }
}
