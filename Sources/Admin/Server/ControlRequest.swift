/// A request to the ops or admin port: only what they need of it. They read; so only GET and HEAD exist.
public struct ControlRequest: Sendable, Equatable {
    /// Whether only the head of the answer is wanted.
    public var isHead: Bool
    /// The path, still percent-encoded.
    public var path: String
    /// The parameters of the query, decoded; of several with one name the last.
    public var query: [String: String]
    /// The Host header without its port, lower case; empty if there is none.
    public var host: String
    /// Whether the client wants to use the connection again.
    public var keepsAlive: Bool

    /// A request for a path and query, as tests make it.
    public init(target: String, host: String = "localhost", isHead: Bool = false, keepsAlive: Bool = true) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? ""
        query = ControlRequest.parameters(parts.count == 2 ? parts[1] : "")
        self.host = host
        self.isHead = isHead
        self.keepsAlive = keepsAlive
    }

    /// Whether a parameter is there, with or without a value.
    public func has(_ parameter: String) -> Bool { query[parameter] != nil }

    /// A whole number given as a parameter, if it lies in `range`.
    public func number(_ parameter: String, in range: ClosedRange<Int>) -> Int? {
        query[parameter].flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
    }

    private static func parameters(_ query: Substring) -> [String: String] {
        var result: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            result[decoded(parts[0])] = parts.count == 2 ? decoded(parts[1]) : ""
        }
        return result
    }

    /// Percent-decoding; what is no escape stays as it is.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let value = hex(rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, let text = String(digits), !text.hasPrefix("+"), !text.hasPrefix("-") else {
            return nil
        }
        return UInt8(text, radix: 16)
    }
}
