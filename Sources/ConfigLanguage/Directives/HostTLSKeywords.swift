import Model

/// What a `crt-list` says of TLS under a certificate's names.
struct HostTLSDraft {
    /// The bind's, and what the list says on top.
    var parameters: TLSParameters
    var hasParameters = false
    var demand: ClientDemandDraft
    var hasDemand = false
    var speaksHTTP2 = true

    /// As the bind has it.
    init(_ bind: BindDraft) {
        parameters = bind.bind.tlsParameters ?? TLSParameters()
        demand = bind.demand
    }

    /// The settings.
    func finished() throws(Refusal) -> HostTLS {
        var settings = HostTLS()
        settings.parameters = hasParameters ? parameters : nil
        settings.speaksHTTP2 = speaksHTTP2
        if hasDemand { settings.demand = try demand.finished().map { .own($0) } ?? .nothing }
        return settings
    }
}

/// An option of a `crt-list`.
typealias HostTLSKeyword = Keyword<HostTLSDraft>

/// All of them.
enum HostTLSKeywords {
    static let table = protocols + parameters + demands

    private static let protocols = [
        HostTLSKeyword("alpn") { line, draft throws(Refusal) in
            draft.speaksHTTP2 = try VersionKeywords.protocols(&line).contains("h2")
        },
        HostTLSKeyword("no-alpn") { _, draft in draft.speaksHTTP2 = false },
    ]

    private static let parameters = TLSParameterKeywords.table.map { keyword in
        HostTLSKeyword(keyword.name) { line, draft throws(Refusal) in
            try keyword.apply(&line, &draft.parameters)
            draft.hasParameters = true
        }
    }

    private static let demands = ClientDemandKeywords.table.map { keyword in
        HostTLSKeyword(keyword.name) { line, draft throws(Refusal) in
            try keyword.apply(&line, &draft.demand)
            draft.hasDemand = true
        }
    }
}
