import Wire

/// An answer of the ops or admin port.
public struct ControlResponse: Sendable, Equatable {
    /// The status code.
    public var status: UInt16
    /// The Content-Type.
    public var type: String
    /// The body.
    public var body: [UInt8]

    /// An answer from its parts.
    public init(_ status: UInt16, type: String, body: String) {
        self.status = status
        self.type = type
        self.body = Array(body.utf8)
    }

    /// A JSON document that is written already.
    public static func json(_ bytes: [UInt8]) -> ControlResponse {
        var response = ControlResponse(200, type: "application/json", body: "")
        response.body = bytes
        return response
    }

    /// Plain text.
    public static func text(_ body: String, status: UInt16 = 200) -> ControlResponse {
        ControlResponse(status, type: "text/plain; charset=utf-8", body: body)
    }

    /// A JSON document.
    public static func json(_ value: JSONValue, status: UInt16 = 200) -> ControlResponse {
        ControlResponse(status, type: "application/json", body: value.rendered() + "\n")
    }

    /// What a status means, as a plain answer.
    public static func failure(_ status: UInt16) -> ControlResponse {
        .text("\(status) \(HTTPStatus.reason(status))\n", status: status)
    }

    /// The bytes to send.
    func message(isHead: Bool, keepsAlive: Bool, allowing methods: String = "GET, HEAD") -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\nServer: sluice\r\n"
        head += "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\nCache-Control: no-store\r\n"
        head += "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
        if type.hasPrefix("text/html") {
            head += "Content-Security-Policy: default-src 'self' 'unsafe-inline'; base-uri 'none'\r\n"
        }
        if status == 405 { head += "Allow: \(methods)\r\n" }
        if !keepsAlive { head += "Connection: close\r\n" }
        return Array((head + "\r\n").utf8) + (isHead ? [] : body)
    }
}
