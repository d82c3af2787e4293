import Model

/// `monitor-uri` and `monitor fail`: what asks whether we are there is answered here.
enum MonitorDirectives {
    static let table = [
        Directive("monitor-uri") { line, proxy throws(Refusal) in
            proxy.rules.monitor = try line.take("an address such as /alive")
        },
        Directive("monitor fail") { line, proxy throws(Refusal) in
            try RuleDirectives.refuseInDefaults(proxy)
            guard let condition = try line.condition(proxy.accessLists) else {
                throw .missing(expected: "if or unless, and a condition,")
            }
            proxy.rules.monitorFails.append(condition)
        },
    ]
}
