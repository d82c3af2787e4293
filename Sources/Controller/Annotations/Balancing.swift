import Model

/// Which server a request gets.
struct Balancing: Sendable, Equatable {
    var balance: Balance?
    /// Requests that agree in this go to the same server: it beats `balance`.
    var hashKey: NginxTemplate?
    /// Requests go to the Service's own address: the cluster chooses.
    var usesServiceAddress: Bool?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("load-balance"), .own("load-balance"), .haproxy("load-balance"),
                form: .word([
                    "round_robin": .roundRobin, "roundrobin": .roundRobin, "ewma": .random(draws: 2),
                    "least_conn": .leastConnections, "leastconn": .leastConnections,
                    "static-rr": .staticRoundRobin, "first": .first, "random": .random(draws: 2),
                    "source": .source, "ip_hash": .source, "uri": .hash(.uri(URIPart())),
                ]), fallback: "round_robin", "How a server is chosen."
            ) { $0.balancing.balance = $1 },
            scope: .backend, phase: .proxying, whenInvalid: .fallsBack,
            differs: "`ewma` is the one of two servers drawn at random that has fewer requests in flight"),
        AnnotationRow(
            SettingRow(
                .nginx("upstream-hash-by"), .own("upstream-hash-by"), form: .nginxTemplate, fallback: "",
                "Requests that agree in this text go to the same server; nginx's variables may stand in it."
            ) { $0.balancing.hashKey = $1 },
            scope: .backend, phase: .proxying, risk: .high,
            differs: "another ring than ingress-nginx's: the same key may lead to another server there"),
        AnnotationRow(
            SettingRow(
                .nginx("service-upstream"), .own("service-upstream"), form: .bool, fallback: "false",
                "Sends requests to the Service's address instead of its pods'."
            ) { $0.balancing.usesServiceAddress = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx("upstream-hash-by-subset"), .own("upstream-hash-by-subset"), form: .bool,
                fallback: "false", "Whether a key of `upstream-hash-by` stands for several servers."
            ) { _, _ in },
            scope: .backend, phase: .proxying, differs: "it stands for one with either value"),
        AnnotationRow(
            SettingRow(
                .nginx("upstream-hash-by-subset-size"), .own("upstream-hash-by-subset-size"),
                form: .integer(1...1_000_000), fallback: "3", "For how many."
            ) { _, _ in },
            scope: .backend, phase: .proxying, differs: "it is one"),
    ]

    /// Where the text that is hashed stands between being made and being asked for.
    private static let variable = Variable(.transaction, "annotation.hash")

    /// Makes the text that is hashed, where it is more than one variable.
    func request(_ names: TemplateNames) -> [HTTPRule] {
        guard let hashKey, hashKey.onlyExpression == nil else { return [] }
        return [HTTPRule(.variable(.setText(Balancing.variable, [], hashKey.format(names))))]
    }

    func apply(to backend: inout Backend) {
        if let balance { backend.balance = balance }
        guard let hashKey else { return }
        let expression = hashKey.onlyExpression ?? (try? Expression(.variable(Balancing.variable, else: nil)))
        guard let expression else { return }
        backend.balance = .hash(.expression(expression))
        backend.hashType = .consistent
    }
}
