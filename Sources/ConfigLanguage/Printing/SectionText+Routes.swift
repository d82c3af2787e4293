import Model

/// Routes of hosts and paths as rules in the order in which the best match wins. The language has no table of them.
extension SectionText {
    /// A route with its number, and what its requests are known by.
    private struct Entry {
        let number: Int
        let route: Route
        let terms: [RuleCondition.Term]
    }

    /// The number of a request's route, where routes have rules of their own.
    private static let variable = Variable(.transaction, "sluice_route")

    mutating func addRoutes(of frontend: Frontend) {
        addDemands()
        let entries = entries(of: frontend)
        let fallback = frontend.fallback ?? context.configuration.fallback ?? .answer(status: 404)
        if entries.contains(where: { $0.route.hasRules }) {
            addNumbers(entries)
            for entry in entries { addRules(of: entry) }
            for entry in entries { add(entry.route, when: SectionText.isRoute(entry.number)) }
        } else {
            for entry in entries { add(entry.route, when: entry.terms) }
        }
        guard frontend.fallback == nil else { return }
        add("default_backend", word(fallback))
    }

    /// All routes of all hosts. A host whose paths do not match is no other host's.
    private func entries(of frontend: Frontend) -> [Entry] {
        let configuration = context.configuration
        let origin = Origin(namespace: "", name: "default-backend")
        var nothing = Route(
            path: "/", match: .prefix, target: configuration.fallback ?? .answer(status: 404), origin: origin)
        (nothing.rules, nothing.limits) = (frontend.fallbackRules, frontend.fallbackLimits)
        let hosts = RouteConditions.ordered(configuration.routes.keys)
        var entries: [Entry] = []
        for host in hosts {
            let hostTerms = [RouteConditions.term(host)].compactMap(\.self)
            var routes = RouteConditions.ordered(configuration.routes[host]?.routes ?? [])
            if host != hosts.last, !routes.contains(where: { $0.match == .prefix && $0.path == "/" }) {
                routes.append(nothing)
            }
            for route in routes {
                let terms = hostTerms + [RouteConditions.term(route)].compactMap(\.self)
                entries.append(Entry(number: entries.count + 1, route: route, terms: terms))
            }
        }
        if nothing.hasRules { entries.append(Entry(number: entries.count + 1, route: nothing, terms: [])) }
        return entries
    }

    private mutating func add(_ route: Route, when terms: [RuleCondition.Term]) {
        for rule in route.alternatives {
            guard let name = rule.backend else { continue }
            add(
                ["use_backend", Word(context.name(of: name))],
                when: RouteConditions.all(terms, and: rule.condition))
        }
        add(["use_backend", word(route.target)], when: RouteConditions.all(terms, and: nil))
    }

    private func word(_ target: RouteTarget) -> Word {
        switch target {
        case .backend(let name): Word(context.name(of: name))
        case .answer(let status): Word(context.answering(status))
        }
    }

    /// Hosts that demand certificates of their clients: where nothing asks for them, nobody comes in.
    private mutating func addDemands() {
        let demands = context.configuration.clientAuthentication
        for host in RouteConditions.ordered(demands.keys) {
            guard let demand = demands[host] else { continue }
            guard demand.demand == .required else {
                remark("\(host): clients are not asked for certificates, and servers are told of none")
                continue
            }
            remark(
                "\(host): clients have to show a certificate, which nothing here asks for; nobody comes in")
            let terms = [RouteConditions.term(host)].compactMap(\.self)
            add(HTTPRule(.deny(.page(421)), when: RouteConditions.all(terms, and: nil)), .request, of: "")
        }
        for host in RouteConditions.ordered(context.configuration.hostTLS.keys) {
            remark("\(host): TLS is spoken otherwise than the listener says")
        }
    }

    // MARK: Rules of routes

    /// The first route that matches gives the number.
    private mutating func addNumbers(_ entries: [Entry]) {
        guard let known = try? Expression(.variable(SectionText.variable, else: nil)) else { return }
        let isOpen = RuleCondition.Term([SampleTest(known, .found)], isNegated: true)
        for entry in entries {
            let change = VariableChange.set(
                SectionText.variable, [], Expression(integer: Int64(entry.number)))
            add(
                HTTPRule(.variable(change), when: RouteConditions.all([isOpen] + entry.terms, and: nil)),
                .request, of: "")
        }
    }

    private static func isRoute(_ number: Int) -> [RuleCondition.Term] {
        guard let known = try? Expression(.variable(variable, else: nil)) else { return [] }
        return [.init([SampleTest(known, .number([Int64(number)...Int64(number)]))])]
    }

    private mutating func addRules(of entry: Entry) {
        guard entry.route.hasRules else { return }
        let owner = "\(entry.route.origin.namespace)/\(entry.route.origin.name) \(entry.route.path)"
        if let limits = entry.route.limits { remark("\(owner): \(limits.unsaid)") }
        guard let rules = entry.route.rules else { return }
        let terms = SectionText.isRoute(entry.number)
        if rules.tracing != nil { remark("\(owner): requests are traced; none are here") }
        add(rules.first, .request, terms)
        if let tls = try? Expression(.ofClient(.isTLS)) {
            add(rules.unsecured, .request, terms + [.init([SampleTest(tls, .truth)], isNegated: true)])
        }
        add(rules.access, .request, terms)
        if let question = rules.authorization {
            let whom = question.backend.map { " by '\($0)'" } ?? ""
            remark(
                "\(owner): who may go on is asked elsewhere\(whom) (external authentication); nobody does here"
            )
            add(HTTPRule(.deny(.page(403)), when: RouteConditions.all(terms, and: nil)), .request, of: "")
        }
        if let mirror = rules.mirror {
            remark("\(owner): copies of requests go to '\(mirror.backend)' (mirror); none do here")
        }
        add(rules.request, .request, terms)
        if let errors = rules.errors {
            remark(
                "\(owner): answers of \(errors.statuses.count) statuses are written by '\(errors.backend)'")
        }
        add(rules.response, .response, terms)
        add(rules.after, .afterResponse, terms)
    }

    private mutating func add(_ rules: [HTTPRule], _ place: RulePlace, _ terms: [RuleCondition.Term]) {
        for rule in rules {
            let condition = RouteConditions.all(terms, and: rule.condition)
            if rule.action == .allow { remark("'allow' of the next rule ends more than its own rules") }
            add(HTTPRule(rule.action, when: condition), place, of: "")
        }
    }
}

extension Route {
    fileprivate var hasRules: Bool { limits != nil || rules?.isEmpty == false }
}

extension RequestLimits {
    /// What no word says.
    fileprivate var unsaid: String {
        var parts: [String] = []
        if maxRequests > 0 { parts.append("at most \(maxRequests) requests under way") }
        if maxRequestsPerAddress > 0 { parts.append("at most \(maxRequestsPerAddress) of an address") }
        if maxBodySize > 0 { parts.append("bodies of at most \(maxBodySize) bytes") }
        for rate in [rate, secondRate].compactMap(\.self) {
            parts.append("at most \(rate.requests) requests in \(rate.period) ms")
        }
        return "limits are left out: \(parts.joined(separator: ", "))"
    }
}
