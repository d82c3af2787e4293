/// A request as an echo server of the demo reads it. The engine in front has already refused what is malformed, so
/// this reader is short; it still never traps.
struct DemoRequest: Equatable {
    var method: String
    var target: String
    var version: String
    var headers: [Header]
    var body: [UInt8] = []

    struct Header: Equatable {
        let name: String
        let value: String
    }

    /// How the end of the body is found.
    enum Framing: Equatable {
        case length(Int)
        case chunked
    }

    /// Reads a head of `bytes`; nil until it is complete. The second value is its length.
    static func parse(_ bytes: some Collection<UInt8>) -> (DemoRequest, Int)? {
        let bytes = Array(bytes)
        guard let end = endOfHead(bytes) else { return nil }
        let lines = bytes[..<end].split(separator: 10).map { line in
            String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
        }
        let words = lines.first?.split(separator: " ").map(String.init) ?? []
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> Header? in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            return Header(name: String(parts[0]), value: trimmed(parts[1]))
        }
        return (DemoRequest(method: words[0], target: words[1], version: words[2], headers: headers), end)
    }

    /// The value of the first header of this name.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    /// The target without its query.
    var path: Substring { target.prefix { $0 != "?" } }

    var framing: Framing {
        if header("transfer-encoding")?.lowercased() == "chunked" { return .chunked }
        return .length(header("content-length").flatMap { Int($0) }.map { max(0, $0) } ?? 0)
    }

    /// Whether the connection carries another request after this one.
    var keepsAlive: Bool {
        let connection = header("connection")?.lowercased()
        return version == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (3..<bytes.count).first {
            bytes[$0] == 10 && bytes[$0 - 1] == 13 && bytes[$0 - 2] == 10 && bytes[$0 - 3] == 13
        }.map { $0 + 1 }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
