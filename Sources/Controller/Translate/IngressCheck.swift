import Kubernetes
import Model

/// What is wrong with one Ingress taken by itself and with what it names: one diagnostic per field.
struct IngressCheck {
    let state: ClusterState
    let selection: ClassSelection
    let resolution: ServiceResolution

    func diagnostics(of ingress: Ingress) -> [Diagnostic] {
        guard selection.selects(ingress) else {
            return selection.refuses(ingress)
                ? [IngressCheck.catchAll(of: ingress)] : missingClass(of: ingress)
        }
        var found: [Diagnostic] = []
        for (index, rule) in ingress.rules.enumerated() { check(rule, index, ingress, &found) }
        if let backend = ingress.defaultBackend { check(backend, "spec.defaultBackend", ingress, &found) }
        for (index, entry) in ingress.tls.enumerated() { check(entry, index, ingress, &found) }
        return found
    }

    /// What is wrong with who is asked about requests of an Ingress.
    func diagnostics(of ingress: Ingress, asking url: QuestionURL?) -> [Diagnostic] {
        problems(of: ingress, "auth-url", url, "requests are answered 500 until it does")
    }

    /// What is wrong with who gets copies of its requests.
    func diagnostics(of ingress: Ingress, mirroring url: QuestionURL?) -> [Diagnostic] {
        problems(of: ingress, "mirror-target", url, "there are no copies until it does")
    }

    private func problems(
        of ingress: Ingress, _ name: String, _ url: QuestionURL?, _ consequence: String
    ) -> [Diagnostic] {
        guard let (severity, reason, message) = flaw(of: url, consequence) else { return [] }
        let field = "metadata.annotations[\(state.prefixes.key(of: .nginx(name)))]"
        return [problem(severity, ingress, field, reason, message)]
    }

    /// What is wrong with who writes answers to errors of an Ingress.
    func diagnostics(of ingress: Ingress, _ errors: CustomErrors, by service: ObjectKey?) -> [Diagnostic] {
        guard errors.isOn else { return [] }
        let name = errors.service == nil ? "custom-http-errors" : "default-backend"
        let field = "metadata.annotations[\(state.prefixes.key(of: .nginx(name)))]"
        guard let service else {
            let message = "there is no default backend; answers stay as they are"
            return [problem(.warning, ingress, field, "DefaultBackendMissing", message)]
        }
        // The flags' is told of elsewhere.
        guard errors.service != nil,
            case .failed(let reason, let message) = resolution.resolve(firstOf: service)
        else { return [] }
        let told = message.replacingAnswer(with: "answers stay as they are until it does")
        return [problem(.error, ingress, field, reason, told)]
    }

    /// The same of all requests.
    func diagnostics(ofGlobal external: ExternalAuthentication, in settings: TranslationSettings)
        -> [Diagnostic]
    {
        guard let key = settings.globalSettings,
            let (severity, reason, message) = flaw(
                of: external.question?.url, "requests are answered 500 until it does")
        else { return [] }
        return [
            Diagnostic(
                severity, kind: ConfigMap.resource.kind, object: Origin(key), field: "data.global-auth-url",
                reason: reason, message: message)
        ]
    }

    private func flaw(
        of url: QuestionURL?, _ consequence: String
    ) -> (Diagnostic.Severity, reason: String, message: String)? {
        guard let service = url?.service, let port = url?.port else { return nil }
        switch resolution.resolve(service, .number(port)) {
        case .failed(let reason, let message):
            return (.error, reason, message.replacingAnswer(with: consequence))
        case .backend:
            guard let name = state.service(service)?.resolvableName, state.addresses[name]?.isEmpty == true
            else { return nil }
            return (
                .warning, "ExternalNameUnresolved",
                "\(name) has no address; \(consequence)"
            )
        }
    }

    /// What is wrong with an Ingress that would be everybody's default.
    static func catchAll(of ingress: Ingress) -> Diagnostic {
        Diagnostic(
            .error, kind: "Ingress", object: Origin(ingress.meta.key), field: "spec.defaultBackend",
            reason: "CatchAllRefused",
            message: "Ingresses with a default backend are switched off (--no-catch-all); it is not served")
    }

    private func missingClass(of ingress: Ingress) -> [Diagnostic] {
        guard let name = selection.missingClass(of: ingress) else { return [] }
        return [
            problem(
                .warning, ingress, "spec.ingressClassName", "IngressClassNotFound",
                "there is no IngressClass \"\(name)\"; not served until there is one of ours")
        ]
    }

    private func check(_ rule: IngressRule, _ index: Int, _ ingress: Ingress, _ found: inout [Diagnostic]) {
        // Texts are made when there is something to tell: this runs for every path of every Ingress.
        var field: String { "spec.rules[\(index)]" }
        if HostPattern(rule.host) == nil {
            found.append(
                problem(
                    .error, ingress, "\(field).host", "HostInvalid",
                    "\"\(rule.host)\" is no DNS name and no *.name; the rule is left out"))
            return
        }
        for (number, path) in (rule.paths ?? []).enumerated() {
            var place: String { "\(field).http.paths[\(number)]" }
            switch RoutePlace.read(path) {
            // What it may be is told where it is known whether the host's paths are regular expressions.
            case .refused(_, let issue) where issue.field == "path":
                check(path.backend, "\(place).backend", ingress, &found)
            case .usable: check(path.backend, "\(place).backend", ingress, &found)
            case .refused(_, let issue), .unusable(let issue):
                found.append(
                    problem(.error, ingress, "\(place).\(issue.field)", issue.reason, issue.message))
            }
        }
    }

    private func check(
        _ backend: IngressBackend, _ field: @autoclosure () -> String, _ ingress: Ingress,
        _ found: inout [Diagnostic]
    ) {
        let outcome = resolution.resolve(backend, namespace: ingress.meta.namespace)
        switch outcome {
        case .failed(let reason, let message):
            found.append(problem(.error, ingress, field(), reason, message))
        case .backend(_, let service, _):
            if let name = state.services[service]?.resolvableName, state.addresses[name]?.isEmpty == true {
                found.append(
                    problem(
                        .warning, ingress, field(), "ExternalNameUnresolved",
                        "\(name), the external name of service \(service), has no address; answered 503 until it does"
                    ))
            }
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
        guard secret.isComplete else {
            let outcome =
                state.usableSecret(key) == nil
                ? "its hosts get the default certificate" : "what it held before goes on serving"
            found.append(
                problem(
                    .error, ingress, "\(field).secretName", "SecretUnusable",
                    "secret \(key) lacks tls.crt or tls.key; \(outcome)"))
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
