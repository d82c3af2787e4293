/// What lines of a log can say under nginx's names beside what expressions and `LogVariable` give. Their values are written as nginx
/// writes them: times in seconds with three digits behind the point, what is not there as `FormatFlags` say.
public enum LineFact: String, Sendable, CaseIterable {
    // When the line is written.
    /// `21/Nov/2026:04:05:06 +0000`.
    case localTime = "time_local"
    /// `2026-11-21T04:05:06+00:00`.
    case isoTime = "time_iso8601"
    /// Seconds since 1970, with milliseconds.
    case seconds = "msec"

    // The request, as the client sent it.
    /// `GET /a?b HTTP/1.1`.
    case requestLine = "request"
    case method = "request_method"
    case target = "request_uri"
    case version = "server_protocol"
    /// Bytes of head and body.
    case requestLength = "request_length"
    /// From its first byte to the last one of the answer.
    case requestTime = "request_time"
    /// Requests of the connection so far, this one too.
    case connectionRequests = "connection_requests"
    /// `OK` if it ended in order.
    case completion = "request_completion"

    // The answer.
    /// Three digits; 499 if the client left before there was one.
    case status
    case bytesSent = "bytes_sent"
    /// Without the head.
    case bodyBytesSent = "body_bytes_sent"

    // Servers: one value for each attempt, `, ` between two, and ` : ` where an error page begins.
    case serverAddress = "upstream_addr"
    case serverStatus = "upstream_status"
    case serverTime = "upstream_response_time"
    case connectTime = "upstream_connect_time"
    case headTime = "upstream_header_time"
    case serverLength = "upstream_response_length"
    case serverBytesIn = "upstream_bytes_received"
    case serverBytesOut = "upstream_bytes_sent"

    // Where it belongs.
    case namespace
    case ingress = "ingress_name"
    case service = "service_name"
    case servicePort = "service_port"
    /// `namespace-service-port`.
    case backend = "proxy_upstream_name"
    /// The same of the canary that it went to instead.
    case alternative = "proxy_alternative_upstream_name"
    case trace = "opentelemetry_trace_id"
    case span = "opentelemetry_span_id"

    // TCP sessions.
    case bytesReceived = "bytes_received"
    case sessionTime = "session_time"
    /// `200` for a session that a server had, `502` for one that none had.
    case sessionStatus = "session_status"

    /// Whether attempts have to be kept in mind for it.
    public var isOfAttempts: Bool {
        switch self {
        case .serverAddress, .serverStatus, .serverTime, .connectTime, .headTime, .serverLength,
            .serverBytesIn, .serverBytesOut:
            true
        default: false
        }
    }
}
