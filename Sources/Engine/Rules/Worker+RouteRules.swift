import Basics
import Wire

/// What a route says about a request, phase by phase as ingress-nginx has them.
extension Worker {
    /// Whether the request goes on; if not, it has been answered, or waits.
    func enterRoute(_ exchange: Ref<Exchange>, _ route: Unmanaged<CompiledRoute>) -> Bool {
        guard let rules = route._withUnsafeGuaranteedRef({ $0.rules }) else {
            return isWithinBodySize(exchange, route) && isWithinLimits(exchange, route)
        }
        return rules._withUnsafeGuaranteedRef { rules in
            if let traced = rules.traced { beginTrace(exchange, traced) }
            // Also of what is answered here.
            if !rules.after[].isEmpty { exchange[].asksAfterwards = true }
            return isWithinBodySize(exchange, route) && asks(rules, exchange, route)
        }
    }

    private func asks(
        _ rules: CompiledRouteRules, _ exchange: Ref<Exchange>, _ route: Unmanaged<CompiledRoute>
    ) -> Bool {
        guard run(rules.first, exchange) else { return false }
        if !rules.unsecured[].isEmpty, !cameSecurely(exchange), !run(rules.unsecured, exchange) {
            return false
        }
        guard hasServers(exchange, route), isWithinLimits(exchange, route), run(rules.access, exchange)
        else {
            return false
        }
        if let asked = rules.asked, !isAuthorized(exchange, asked, route) { return false }
        return goesOn(exchange, rules)
    }

    /// The last phase: of requests that may come in.
    func goesOn(_ exchange: Ref<Exchange>, _ rules: CompiledRouteRules) -> Bool {
        if rules.hidesSource { exchange[].hidesSource = true }
        if let mirror = rules.mirror { beginCopy(of: exchange, mirror) }
        guard run(rules.request, exchange) else { return false }
        if rules.errors != nil { exchange[].looksAtAnswer = true }
        if !rules.response[].isEmpty || !rules.after[].isEmpty {
            exchange[].asksAnswerRules = true
            if rules.response[].limitsBandwidth { exchange[].isThrottled = true }
            exchange[].looksAtAnswer = true
        }
        return true
    }

    /// Without a server nobody is asked for anything; the request is answered then.
    private func hasServers(_ exchange: Ref<Exchange>, _ route: Unmanaged<CompiledRoute>) -> Bool {
        let isServed =
            route._withUnsafeGuaranteedRef { route in
                guard let backend = route.backend else { return route.status < 500 }
                return backend.perWorker.reference(index)[].servers._withUnsafeGuaranteedRef {
                    $0.servers.count > 0
                }
            } || standIn(of: route) != nil
        if !isServed { answer(exchange, status: 503, as: .noServer) }
        return isServed
    }

    /// Whether TLS was spoken: with us, with who sent a PROXY header, or with a trusted proxy that says so.
    private func cameSecurely(_ exchange: Ref<Exchange>) -> Bool {
        let client = exchange[].client
        if isSecure(client) { return true }
        let trusts = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { frontend in
            frontend.trusts(client[].address)
        }
        guard trusts else { return false }
        let head = head(of: exchange)
        var isSecure = false
        exchange[].request.fields.forEach { field in
            guard !field.isRemoved, field.name == .xForwardedProto else { return }
            isSecure = CommaList.first(field.value(in: head)).equalsIgnoringCase("https")
        }
        return isSecure
    }
}
