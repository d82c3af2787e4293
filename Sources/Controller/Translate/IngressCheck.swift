import Kubernetes
import Model

/// What is wrong with one Ingress taken by itself and with what it names: one diagnostic per field.
struct IngressCheck {
    let state: ClusterState
    let resolution: ServiceResolution

    func diagnostics(of ingress: Ingress) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for (index, rule) in ingress.rules.enumerated() { check(rule, index, ingress, &found) }
        if let backend = ingress.defaultBackend { check(backend, "spec.defaultBackend", ingress, &found) }
        for (index, entry) in ingress.tls.enumerated() { check(entry, index, ingress, &found) }
        return found
    }

    private func check(_ rule: IngressRule, _ index: Int, _ ingress: Ingress, _ found: inout [Diagnostic]) {
        let field = "spec.rules[\(index)]"
        if HostPattern(rule.host) == nil {
            found.append(
                problem(
                    .error, ingress, "\(field).host", "HostInvalid",
                    "\"\(rule.host)\" is no DNS name and no *.name; the rule is left out"))
            return
        }
        for (number, path) in (rule.paths ?? []).enumerated() {
            let place = "\(field).http.paths[\(number)]"
            if let message = pathProblem(path) {
                found.append(problem(.error, ingress, message.field(place), message.reason, message.text))
            } else {
                check(path.backend, "\(place).backend", ingress, &found)
            }
        }
    }

    private struct PathProblem {
        var name: String
        var reason: String
        var text: String
        func field(_ place: String) -> String { "\(place).\(name)" }
    }

    private func pathProblem(_ path: IngressPath) -> PathProblem? {
        guard RouteTranslation.Place(path) == nil else { return nil }
        guard ["Exact", "Prefix", "ImplementationSpecific"].contains(path.pathType) else {
            return PathProblem(
                name: "pathType", reason: "PathTypeInvalid",
                text:
                    "\"\(path.pathType)\" is not Exact, Prefix or ImplementationSpecific; the path is left out"
            )
        }
        return PathProblem(
            name: "path", reason: "PathInvalid",
            text: "\"\(path.path)\" does not begin with /; the path is left out")
    }

    private func check(
        _ backend: IngressBackend, _ field: String, _ ingress: Ingress, _ found: inout [Diagnostic]
    ) {
        let outcome = resolution.resolve(backend, namespace: ingress.meta.namespace)
        if case .failed(let reason, let message) = outcome {
            found.append(problem(.error, ingress, field, reason, message))
        }
    }

    private func check(_ entry: IngressTLS, _ index: Int, _ ingress: Ingress, _ found: inout [Diagnostic]) {
        let field = "spec.tls[\(index)]"
        for (number, host) in entry.hosts.enumerated() where HostPattern(host) == nil || host.isEmpty {
            found.append(
                problem(
                    .error, ingress, "\(field).hosts[\(number)]", "HostInvalid",
                    "\"\(host)\" is no DNS name and no *.name; the entry is left out"))
        }
        guard !entry.secretName.isEmpty else { return }
        let key = ObjectKey(namespace: ingress.meta.namespace, name: entry.secretName)
        guard let secret = state.secrets[key] else {
            found.append(
                problem(
                    .warning, ingress, "\(field).secretName", "SecretNotFound",
                    "secret \(key) does not exist; its hosts get the default certificate until it does"))
            return
        }
        guard CertificateTranslation.isComplete(secret) else {
            found.append(
                problem(
                    .error, ingress, "\(field).secretName", "SecretUnusable",
                    "secret \(key) lacks tls.crt or tls.key; its hosts get the default certificate"))
            return
        }
    }

    private func problem(
        _ severity: Diagnostic.Severity, _ ingress: Ingress, _ field: String, _ reason: String,
        _ message: String
    ) -> Diagnostic {
        Diagnostic(
            severity, kind: "Ingress", object: Origin(ingress.meta.key), field: field, reason: reason,
            message: message)
    }
}
