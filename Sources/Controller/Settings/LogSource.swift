import Model

/// Where a line of a log has the value of one of nginx's variables from.
enum LogSource: Sendable, Hashable {
    /// Known when the line is written.
    case fact(LineFact)
    case variable(LogVariable)
    case sample(Expression)
    case text(String)
    /// The client's address, as servers are told it.
    case client
    /// A field of the request, and what else its head says: kept until then, as the head is gone by that time.
    case field(String)
    case request(Expression)
    /// A field of the server's answer, and what the client gets in the end.
    case serverField(String)
    case answer(Expression)

    /// The source of a variable; nil if it is not known.
    init?(_ name: String, of subject: NginxLogFormat.Subject) {
        switch subject {
        case .requests:
            guard let source = LogSource.ofRequest(name) else { return nil }
            self = source
        case .sessions:
            guard let source = LogSource.ofSession(name) else { return nil }
            self = source
        }
    }

    /// Whether it is known to be nothing here: no answer comes from a cache.
    static func isNothing(_ name: String) -> Bool { name == "upstream_cache_status" || name == "gzip_ratio" }

    private static func ofRequest(_ name: String) -> LogSource? {
        if let common = common(name) { return common }
        if let fact = LineFact(rawValue: name), !ofSessions.contains(fact) { return .fact(fact) }
        switch name {
        case "proxy_add_x_forwarded_for", "full_x_forwarded_for": return kept(.told(.forwardedFor))
        case "server_name": return expression("host")
        case "document_uri": return expression("uri")
        case "remote_addr", "the_real_ip": return .client
        case "otel_trace_id": return .fact(.trace)
        case "otel_span_id": return .fact(.span)
        default: break
        }
        if let field = rest(of: name, behind: "http_") { return .field(dashed(field)) }
        if let field = rest(of: name, behind: "upstream_http_") { return .serverField(dashed(field)) }
        if let field = rest(of: name, behind: "sent_http_") {
            return (try? Expression(.answerField(FieldPick(dashed(field), isWhole: true)))).map {
                .answer($0)
            }
        }
        if let cookie = rest(of: name, behind: "upstream_cookie_") {
            return (try? Expression(.answerCookie(cookie, as: .string))).map { .answer($0) }
        }
        return expression(name)
    }

    private static func ofSession(_ name: String) -> LogSource? {
        switch name {
        case "status": return .fact(.sessionStatus)
        case "protocol": return .text("TCP")
        case "remote_addr": return sample(.ofClient(.source))
        case "upstream_session_time": return .fact(.serverTime)
        case "time_local", "time_iso8601", "msec", "bytes_sent", "bytes_received", "session_time",
            "upstream_addr", "upstream_connect_time", "upstream_bytes_received", "upstream_bytes_sent",
            "proxy_upstream_name":
            return LineFact(rawValue: name).map { .fact($0) }
        default: return common(name)
        }
    }

    /// What is said of both.
    private static func common(_ name: String) -> LogSource? {
        switch name {
        case "remote_port": sample(.ofClient(.sourcePort))
        case "server_addr": sample(.ofClient(.destination))
        case "server_port", "pass_server_port": sample(.ofClient(.destinationPort))
        case "realip_remote_addr", "proxy_protocol_addr": sample(.ofClient(.source))
        case "realip_remote_port", "proxy_protocol_port": sample(.ofClient(.sourcePort))
        case "pid": .variable(.processID)
        case "hostname": .variable(.hostName)
        case "pipe": .text(".")
        case "https":
            (try? Expression(.ofClient(.isTLS), [.choose(whenTrue: Array("on".utf8), whenFalse: [])]))
                .map { .sample($0) }
        case "ssl_session_reused":
            (try? Expression(
                .ofClient(.isTLSResumed), [.choose(whenTrue: Array("r".utf8), whenFalse: Array(".".utf8))]))
                .map { .sample($0) }
        default: nil
        }
    }

    private static let ofSessions: Set<LineFact> = [.bytesReceived, .sessionTime, .sessionStatus]

    /// What annotations may say of a request.
    private static func expression(_ name: String) -> LogSource? {
        guard let expression = NginxTemplate("${\(name)}")?.onlyExpression else { return nil }
        if case .requestField(let pick) = expression.fetch, expression.converters.isEmpty {
            return .field(pick.name)
        }
        let isOfHead =
            expression.needs.contains(.request) || expression.fetch == .told(.requestID)
        return isOfHead ? .request(expression) : .sample(expression)
    }

    private static func kept(_ fetch: Fetch) -> LogSource? {
        (try? Expression(fetch)).map { .request($0) }
    }

    private static func sample(_ fetch: Fetch) -> LogSource? {
        (try? Expression(fetch)).map { .sample($0) }
    }

    private static func rest(of name: String, behind prefix: String) -> String? {
        name.hasPrefix(prefix) && name.count > prefix.count ? String(name.dropFirst(prefix.count)) : nil
    }

    private static func dashed(_ name: String) -> String {
        String(name.lowercased().map { $0 == "_" ? "-" : $0 })
    }
}
