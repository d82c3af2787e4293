/// The three lines that a peer begins a connection with.
///
/// ```
///   HAProxyS 2.1
///   name of the one that is called
///   own name, process, 1
/// ```
public struct PeerGreeting: Equatable, Sendable {
    /// The version after the point: 2.1 or 2.0.
    public var minorVersion: Int
    /// Whom it is for.
    public var receiver: String
    /// Who says it.
    public var sender: String

    /// The latest version.
    public static let latest = 1

    /// A greeting from its parts.
    public init(minorVersion: Int, receiver: String, sender: String) {
        (self.minorVersion, self.receiver, self.sender) = (minorVersion, receiver, sender)
    }

    /// As it is sent.
    public func bytes(process: Int32) -> [UInt8] {
        Array("HAProxyS 2.\(minorVersion)\n\(receiver)\n\(sender) \(process) 1\n".utf8)
    }

    /// The version in a first line; what is wrong with it instead.
    public static func version(in line: String) throws(PeerStatus) -> Int {
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, words[0] == "HAProxyS" else { throw .protocolError }
        let numbers = words[1].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 2, numbers[0] == "2", let minor = Int(numbers[1]),
            (0...latest).contains(minor)
        else { throw .badVersion }
        return minor
    }

    /// The name in a third line; nil if there is none.
    public static func sender(in line: String) -> String? {
        guard let end = line.firstIndex(of: " "), end > line.startIndex else { return nil }
        return String(line[..<end])
    }
}

/// The answer to a greeting.
public enum PeerStatus: Int, Error, Sendable {
    case success = 200
    case tryAgain = 300
    case protocolError = 501
    case badVersion = 502
    /// The one that was called has another name.
    case localMismatch = 503
    /// The one that calls is not known.
    case remoteMismatch = 504

    /// As it is sent.
    public var bytes: [UInt8] { Array("\(rawValue)\n".utf8) }

    /// Reads the line; nil if it is none.
    public init?(line: String) {
        guard let number = Int(line.prefix(3)), let status = PeerStatus(rawValue: number) else { return nil }
        self = status
    }
}
