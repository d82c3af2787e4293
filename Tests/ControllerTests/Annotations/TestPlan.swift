import Kubernetes
import Model
import Testing

@testable import Controller

/// An Ingress `shop/web` of `shop.example` with annotations, each given with its prefix or, without a slash, under ingress-nginx's.
func annotated(
    _ annotations: [String: String], host: String = "shop.example", tls entries: [IngressTLS] = [],
    paths: IngressPath...
) -> Ingress {
    var object = ingress(
        "web", [ruleOf(host, paths.isEmpty ? [path("/")] : paths)], tls: entries)
    for (key, value) in annotations {
        object.meta.annotations[key.contains("/") ? key : "nginx.ingress.kubernetes.io/\(key)"] = value
    }
    return object
}

private func ruleOf(_ host: String, _ paths: [IngressPath]) -> IngressRule {
    var rule = IngressRule()
    rule.host = host
    rule.paths = paths
    return rule
}

extension TestCluster {
    /// The routes of a host as they are.
    func allRoutes(_ host: String = "shop.example") -> [Route] {
        HostPattern(host).flatMap { configuration.routes[$0]?.routes } ?? []
    }

    /// Where a rule of a list sends clients: status and the fixed texts of the location.
    static func redirects(_ rules: [HTTPRule]?) -> [String] {
        (rules ?? []).compactMap { rule in
            guard case .redirect(let redirect) = rule.action else { return nil }
            let texts = redirect.target.parts.compactMap { part -> String? in
                if case .text(let bytes) = part { return String(decoding: bytes, as: UTF8.self) }
                return nil
            }
            return "\(redirect.status) \(texts.joined())"
        }
    }
}
