import Admin

/// What an echo server answers; pure.
enum DemoAnswer: Equatable {
    /// The page that shows who answers.
    case page
    /// The request as it arrived.
    case echo
    /// Server-sent events until the client goes.
    case stream
    /// The same as echo, after so many milliseconds.
    case slow(Int)
    /// An echo of WebSocket messages; the page asks to be told first who answers.
    case webSocket(accept: String, greets: Bool)
    /// `/ws` without a WebSocket handshake.
    case upgradeRequired

    /// Chooses the answer to a request.
    init(to request: DemoRequest) {
        switch request.path {
        case "/" where request.header("accept")?.contains("text/html") == true: self = .page
        case "/stream": self = .stream
        case "/slow": self = .slow(DemoAnswer.delay(request.target))
        case "/ws":
            let key =
                request.header("upgrade")?.lowercased() == "websocket"
                ? request.header("sec-websocket-key") : nil
            let greets = request.target.hasSuffix("?greet")
            self =
                key.map { .webSocket(accept: WebSocket.accept(key: $0), greets: greets) } ?? .upgradeRequired
        default: self = .echo
        }
    }

    /// `/slow?ms=500`; a second if it does not say, a minute at most.
    private static func delay(_ target: String) -> Int {
        let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let parameter = query.split(separator: "&").first { $0.hasPrefix("ms=") }
        return parameter.flatMap { ValueForm.number($0.dropFirst(3), in: 0...60_000) } ?? 1_000
    }

    /// The JSON of `/echo`: the request as it arrived here, headers included.
    static func echo(_ request: DemoRequest, server: String) -> String {
        var members: [JSONValue.Member] = [
            .init("server", .string(server)), .init("method", .string(request.method)),
            .init("target", .string(request.target)), .init("version", .string(request.version)),
            .init(
                "headers",
                .array(request.headers.map { .array([.string($0.name), .string($0.value)]) })),
            .init("bodyBytes", .count(request.body.count)),
        ]
        if !request.body.isEmpty {
            members.append(
                .init("body", .string(String(decoding: request.body.prefix(4_096), as: UTF8.self))))
        }
        return JSONValue.object(members).rendered(isPretty: true) + "\n"
    }

    /// A whole answer with a body.
    static func message(
        _ status: String, server: String, type: String, body: String, keepsAlive: Bool, withBody: Bool = true
    ) -> [UInt8] {
        let bytes = Array(body.utf8)
        var head = "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(bytes.count)\r\n"
        head += "Cache-Control: no-store\r\nX-Served-By: \(server)\r\n"
        if !keepsAlive { head += "Connection: close\r\n" }
        return Array((head + "\r\n").utf8) + (withBody ? bytes : [])
    }
}
