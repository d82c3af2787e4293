import Kubernetes

/// A host and path of an Ingress: one sample of it is asked, and samples of logs are gathered by it.
struct SamplePlace: Sendable, Hashable {
    /// Empty: of every host.
    var host: String
    /// As the Ingress has it.
    var path: String
    /// How ingress-nginx names the Service behind it in its log.
    var upstream: String

    /// All of an Ingress, in order.
    static func places(of ingress: Ingress) -> [SamplePlace] {
        var places: [SamplePlace] = []
        for rule in ingress.rules {
            for path in rule.paths ?? [] {
                places.append(
                    SamplePlace(
                        host: rule.host.lowercased(), path: path.path.isEmpty ? "/" : path.path,
                        upstream: upstream(of: path.backend, in: ingress.meta.namespace)))
            }
        }
        if places.isEmpty, let backend = ingress.defaultBackend {
            let upstream = upstream(of: backend, in: ingress.meta.namespace)
            places.append(SamplePlace(host: "", path: "/", upstream: upstream))
        }
        return places
    }

    private static func upstream(of backend: IngressBackend, in namespace: String) -> String {
        guard case .service(let name, let port) = backend else { return "" }
        return switch port {
        case .number(let number): "\(namespace)-\(name)-\(number)"
        case .name(let word): "\(namespace)-\(name)-\(word)"
        case .missing: "\(namespace)-\(name)-"
        }
    }

    /// A request that leads there: of a wildcard's hosts one that nobody has, of an expression the part that is plain text.
    var request: SampleRequest? {
        let name =
            if host.isEmpty {
                "any.invalid"
            } else if host.hasPrefix("*.") {
                "sluice-sample" + host.dropFirst()
            } else {
                host
            }
        return SampleRequest(method: "GET", host: name, target: plainPath)
    }

    private var plainPath: String {
        let special = Set("\\^$|?*+()[]{}")
        guard let first = path.firstIndex(where: { special.contains($0) }) else { return path }
        // What an asterisk or a question mark repeats may be missing; nothing is left of it.
        let plain = "*?{".contains(path[first]) ? path[..<first].dropLast() : path[..<first]
        return plain.isEmpty ? "/" : String(plain)
    }

    /// Whether a request's host is one of its own.
    func hasHost(_ name: Substring) -> Bool {
        if host.isEmpty { return true }
        guard host.hasPrefix("*.") else { return host == name }
        guard let dot = name.firstIndex(of: ".") else { return false }
        return host.dropFirst() == name[dot...]
    }

    /// Whether a path lies below its own, as far as that is plain text.
    func covers(_ other: String) -> Bool {
        let own = plainPath
        guard other.hasPrefix(own) else { return false }
        return own.hasSuffix("/") || other.count == own.count || other.dropFirst(own.count).hasPrefix("/")
            || own != path
    }
}
