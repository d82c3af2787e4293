import Kubernetes
import Model

/// What of the state decides about one Ingress: a small state of its own, which nobody else changes.
///
/// Beside the reviewed object's Services, ConfigMaps and classes it holds those Ingresses that could want the same: of 10,000 in a
/// cluster mostly one or two. It holds no Secret: whoever can ask a webhook learns nothing about them.
public struct AdmissionSurroundings: Sendable {
    let state: ClusterState
    let settings: TranslationSettings
    let knowsClasses: Bool
}

extension ClusterState {
    /// The part of the state that decides about an Ingress, given what is there and what shall be; without the Ingress itself.
    func surroundings(of versions: [Ingress], settings: [ConfigMap]) -> ClusterState {
        var part = ClusterState()
        part.follow(prefixes)
        for (name, object) in classes { _ = part.set(object, at: ObjectKey(namespace: "", name: name)) }
        _ = part.choose(namespaces)
        for map in settings { _ = part.set(map, at: map.meta.key) }
        for ingress in versions {
            let references = IngressReferences(ingress, prefixes)
            for key in references.services {
                if let service = services[key] { _ = part.set(service, at: key) }
            }
            for key in references.annotated.configMaps {
                if let map = configMaps[key] { _ = part.set(map, at: key) }
            }
            for key in rivals(of: ingress, references) where key != ingress.meta.key {
                if let rival = ingresses[key] { _ = part.set(rival, at: key) }
            }
        }
        return part
    }

    /// Those that could want what an Ingress wants: a path of a host in whatever spelling, or the default backend. Those whose
    /// annotations make expressions of a host's paths change what all of its paths mean.
    private func rivals(of ingress: Ingress, _ references: IngressReferences) -> Set<ObjectKey> {
        var found = references.hasDefaultBackend ? ingressesWithDefault : []
        for host in references.hosts {
            let name = host == .any ? "" : host.description
            let wanted = Set(ingress.paths(of: name))
            for key in ingressesByHost[host] {
                guard let other = ingresses[key] else { continue }
                if other.mayUseExpressions || other.has(anyOf: wanted, of: name) { found.insert(key) }
            }
        }
        return found
    }
}

extension Ingress {
    /// Its paths of a host, whose name is in lower case, without the slash at their ends.
    fileprivate func paths(of host: String) -> [Substring] {
        rules.filter { $0.isOf(host) }.flatMap { ($0.paths ?? []).map(\.withoutSlash) }
    }

    /// Whether one of its paths of a host is one of these. A host may have thousands of Ingresses, who are all asked: nothing is
    /// made for the answer.
    fileprivate func has(anyOf wanted: Set<Substring>, of host: String) -> Bool {
        rules.contains { rule in
            rule.isOf(host) && rule.paths?.contains { wanted.contains($0.withoutSlash) } == true
        }
    }

    fileprivate var mayUseExpressions: Bool {
        meta.annotations.keys.contains { $0.hasSuffix("/use-regex") || $0.hasSuffix("/rewrite-target") }
    }
}

extension IngressRule {
    /// Whether its host is this one, which is in lower case.
    fileprivate func isOf(_ name: String) -> Bool {
        if host == name { return true }
        return host.utf8.count == name.utf8.count
            && zip(host.utf8, name.utf8).allSatisfy { given, lower in
                given == lower || given | 0x20 == lower && lower &- UInt8(ascii: "a") < 26
            }
    }
}

extension IngressPath {
    fileprivate var withoutSlash: Substring {
        var text = path[...]
        while text.utf8.last == UInt8(ascii: "/") { text.removeLast() }
        return text
    }
}
