import Model
import Wire

/// A server's check in the units of the engine. Two equal plans are one check that goes on.
struct CheckPlan: Sendable, Equatable {
    let check: ServerCheck
    let address: SocketAddress
    /// Where its connections come from; nil is the system's choice.
    let origin: ServerOrigin?
    /// nil if the connection begins with no PROXY header.
    let proxyHeader: SentProxyHeader?
    /// How TLS is spoken with it; nil is not at all.
    let tls: ServerTLS?
    /// It is asked over HTTP/2.
    let speaksHTTP2: Bool
    /// From the beginning of a check to an established connection, milliseconds.
    let connectTimeout: Int
    /// From then to its end; nil if that is part of `connectTimeout`.
    let answerTimeout: Int?
    /// Where its agent is.
    let agentAddress: SocketAddress
    /// Its weight, and those of the backend's servers together, where servers are told of them; else 0.
    let weight: Int
    let backendWeight: Int

    /// Nil if the server is not checked. An `addr` that is none is as if it were not there; whoever made it reports it.
    init?(
        _ server: Server, at address: SocketAddress, timeouts: ServerTimeouts, backendWeight: Int = 0
    ) {
        guard let check = server.check, check.probe != nil || check.agent != nil || check.follows != nil
        else { return nil }
        var target = CheckPlan.place(check.address, port: address.port) ?? address
        if check.port > 0 { target.port = check.port }
        self.check = check
        self.address = target
        var agent = SocketAddress(check.agent?.address ?? "", port: 0) ?? address
        agent.port = check.agent?.port ?? 0
        agentAddress = agent
        weight = check.sendsState ? server.weight : 0
        self.backendWeight = check.sendsState ? backendWeight : 0
        let interval = CheckSchedule(interval: check.interval).interval
        let isElsewhere = target != address
        origin = ServerOrigin(server.source)
        proxyHeader =
            check.sendsProxyHeader
            ? server.sentProxyHeader ?? .text : isElsewhere ? nil : server.sentProxyHeader
        speaksHTTP2 = CheckPlan.speaksHTTP2(check, server)
        tls = CheckPlan.tls(of: check, server)
        answerTimeout = check.timeout.map { max(1, $0) }
        connectTimeout =
            check.timeout != nil && timeouts.connect > 0 ? min(timeouts.connect, interval) : interval
    }

    /// What `addr` names.
    private static func place(_ text: String, port: UInt16) -> SocketAddress? {
        SocketAddress(text, port: port) ?? SocketAddress(local: text)
    }

    /// HTTP is asked for by the version that `check-proto` names or, without one, `proto`; what a handshake would choose does not
    /// matter, as it does not without a check.
    private static func speaksHTTP2(_ check: ServerCheck, _ server: Server) -> Bool {
        guard case .http = check.probe else { return false }
        return (check.speaks ?? server.speaks) == .http2
    }

    /// HAProxy asks with the server's own TLS unless an address or a port is named.
    private static func tls(of check: ServerCheck, _ server: Server) -> ServerTLS? {
        let isElsewhere = !check.address.isEmpty || check.port > 0
        let base: ServerTLS?
        switch check.tls.use {
        case .likeRequests: base = isElsewhere ? nil : server.tls
        case .never: base = nil
        case .always(let settings): base = settings
        }
        guard var settings = base, let probe = check.probe else { return nil }
        if !check.tls.serverName.isEmpty {
            settings.serverName = .fixed(check.tls.serverName)
        } else if settings.serverName.dependsOnRequest {
            // There is no request.
            settings.serverName = .none
        }
        var isHTTP2 = speaksHTTP2(check, server)
        if case .grpc = probe { isHTTP2 = true }
        if isHTTP2 {
            settings.protocols = [ApplicationProtocol.http2.rawValue]
        } else {
            if !check.tls.protocols.isEmpty { settings.protocols = check.tls.protocols }
            settings.protocols.removeAll { $0 == ApplicationProtocol.http2.rawValue }
        }
        return settings
    }

    /// Whether it is nobody's to ask.
    var isFollower: Bool { check.probe == nil && check.agent == nil }

    var schedule: CheckSchedule {
        CheckSchedule(
            interval: check.interval, fastInterval: check.fastInterval, downInterval: check.downInterval,
            spread: check.spread)
    }
}

extension ServerCheck {
    /// Whether the server is told how it stands.
    fileprivate var sendsState: Bool {
        guard case .http(let probe)? = probe else { return false }
        return probe.sendsState
    }
}
