import Model

/// What a section says about checks of its servers, while it is read.
struct CheckDraft: Sendable {
    /// The last of `option httpchk`, `option tcp-check` and their like.
    var kind = Kind.connect
    /// What `option httpchk` and `http-check` say.
    var http = HTTPProbe()
    /// What `tcp-check` says.
    var steps: [TCPCheckStep] = []
    /// `tcp-check connect` and `http-check connect`; nil is as servers' lines say.
    var tcpConnection: CheckConnectionDraft?
    var httpConnection: CheckConnectionDraft?
    /// The section has said what servers are asked over HTTP.
    var isAskedAlready = false
    /// `timeout check`.
    var timeout: Int?
    /// The rules so far are those of `defaults`: the section's own replace them.
    var inheritsRules = false

    /// What servers are asked.
    enum Kind: Sendable, Equatable {
        case connect
        case http
        case tcp
        case other(HealthProbe)
    }

    /// What servers of the section are asked.
    var probe: HealthProbe {
        switch kind {
        case .connect: .connect
        case .http: .http(http)
        case .tcp: .tcp(steps)
        case .other(let probe): probe
        }
    }

    /// The same as the beginning of another section.
    var asDefault: CheckDraft {
        var draft = self
        draft.inheritsRules = true
        draft.isAskedAlready = false
        return draft
    }

    /// The section says something of its own.
    mutating func beginRules() {
        guard inheritsRules else { return }
        inheritsRules = false
        (http.steps, http.preparations) = ([], [])
        steps = []
        (tcpConnection, httpConnection) = (nil, nil)
    }

    /// Does something with a variable: before servers are asked, or with their answer.
    mutating func addHTTP(_ change: VariableChange) {
        if isAskedAlready {
            http.steps.append(.change(change))
        } else {
            http.preparations.append(change)
        }
    }

    /// How servers of the section are connected to.
    var connection: CheckConnectionDraft? {
        switch kind {
        case .http: httpConnection
        case .tcp: tcpConnection
        default: nil
        }
    }
}

/// What a `server` line says about its checks.
struct ServerCheckDraft: Sendable {
    /// `check`.
    var isChecked = false
    /// `track`, as it is written.
    var follows: String?
    /// `agent-check`.
    var isAgentChecked = false
    /// Their settings.
    var check = ServerCheck(nil)
    /// `check-ssl`.
    var tlsUse = TLSUse.likeRequests
    /// How TLS would be spoken with the server; nil if its line does not say whom it trusts.
    var ownTLS: ServerTLS?
    /// `agent-port` and its like.
    var agent = AgentCheck(port: 0)
    /// `observe`.
    var observes: ServerObservation.Layer?
    /// `error-limit` and `on-error`.
    var observation = ServerObservation(.answers)

    /// Whether checks speak TLS.
    enum TLSUse: Sendable {
        case likeRequests, always, never
    }

    /// Whom it follows, as a server of `backend`; nil is nobody.
    func followed(from backend: String) -> ServerReference? {
        guard let follows else { return nil }
        let parts = follows.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            return ServerReference(backend: BackendName(backend), server: follows)
        }
        return ServerReference(backend: BackendName(String(parts[0])), server: String(parts[1]))
    }

    /// What the engine is to do; nil is nothing.
    func check(_ section: CheckDraft, in backend: String) -> ServerCheck? {
        guard isChecked || isAgentChecked || follows != nil else { return nil }
        var check = check
        check.follows = followed(from: backend)
        check.probe = isChecked ? section.probe : nil
        if isChecked { section.connection?.apply(to: &check, over: ownTLS) }
        check.timeout = section.timeout
        check.agent = isAgentChecked ? agent : nil
        if let observes, isChecked {
            check.observation = observation
            check.observation?.layer = observes
        }
        return check
    }
}
